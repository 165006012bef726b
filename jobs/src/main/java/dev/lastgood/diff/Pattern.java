package dev.lastgood.diff;

import java.util.regex.Matcher;

/**
 * One description of what became of a value, which the changes of other records may share: {@code × 100}, {@code nulled},
 * {@code 'EUR' → 'USD'}. It is its text: two are the same if and only if their texts are, and the text alone says of which
 * kind it is.
 */
public record Pattern(Kind kind, String text) {

    /** What stands for a value that may be anything: text in quotes, everything else without. */
    private static final String ANY = ".*";

    /** The sort of change, by the words that only its texts are made of. The first whose words fit is the one. */
    public enum Kind {
        CONSTANT("= " + ANY, Tells.VALUE),
        PREFIX("prefix '" + ANY + "' (added|removed)", Tells.VALUE),
        SUFFIX("suffix '" + ANY + "' (added|removed)", Tells.VALUE),
        NULLED("nulled", Tells.LITTLE),
        FILLED("filled", Tells.LITTLE),
        REMOVED("removed", Tells.LITTLE),
        ADDED("added", Tells.LITTLE),
        SIGN("× -1", Tells.BUG),
        POWER_OF_TEN("[×÷] -?10+", Tells.BUG),
        RATIO("[×÷] " + ANY, Tells.LITTLE),
        ROUNDED("(rounded|decimals cut) to [0-9]+", Tells.LITTLE),
        /** What a wrong time zone makes of a time. */
        ZONE("[+-] ([1-9]|1[0-4]) h|some hours", Tells.BUG),
        SHIFTED("[+-] [0-9]+ (d|h|min|s|ms|µs)", Tells.LITTLE),
        OFFSET("[+-] [0-9.]+(E[+-]?[0-9]+)?", Tells.LITTLE),
        /** Moved by the value of another field, once or twice. */
        OFFSET_BY("[+-] " + ANY, Tells.LITTLE),
        DAY_FOR_MONTH("day and month swapped", Tells.BUG),
        SWAPPED("swapped with " + ANY, Tells.BUG),
        COPIED("copied from " + ANY, Tells.BUG),
        /** Now what another field has become at the same time. */
        SAME("same as " + ANY, Tells.LITTLE),
        CUT("cut to .+", Tells.BUG),
        ENCODING("mojibake|characters lost", Tells.BUG),
        REPAIRED("mojibake undone|accents removed|characters composed anew", Tells.LITTLE),
        UNIT("(unit|without unit) '" + ANY + "'", Tells.BUG),
        CASE("upper case|lower case|case", Tells.LITTLE),
        BLANKS("trimmed|blanks", Tells.LITTLE),
        DATE_FORMAT("date format", Tells.LITTLE),
        NOTATION("same number|made text|made number", Tells.LITTLE),
        // Last: what begins with a value begins with none of the words above.
        MAPPED(ANY + " → " + ANY, Tells.VALUE);

        private final java.util.regex.Pattern words;
        private final Tells tells;

        Kind(String words, Tells tells) {
            this.words = java.util.regex.Pattern.compile(words, java.util.regex.Pattern.DOTALL);
            this.tells = tells;
        }

        Pattern pattern(String text) {
            return new Pattern(this, text);
        }
    }

    /** What a change of a kind is worth as a trace. */
    private enum Tells {
        /** Legitimate work makes such changes as well. */
        LITTLE,
        /** It does as well, and the text shows a value. */
        VALUE,
        /** It hardly does. */
        BUG
    }

    /**
     * The pattern that has this text.
     *
     * @throws IllegalArgumentException if none has
     */
    public static Pattern of(String text) {
        for (Kind kind : Kind.values()) {
            Matcher words = kind.words.matcher(text);
            if (words.matches()) {
                return new Pattern(kind, text);
            }
        }
        throw new IllegalArgumentException("no pattern of change: " + text);
    }

    /** Whether legitimate work hardly ever changes a value like this. */
    public boolean isTelling() {
        return kind.tells == Tells.BUG;
    }

    /** Whether the text shows a part of a value, so that it must not be shown where the field is masked. */
    public boolean showsValue() {
        return kind.tells == Tells.VALUE || kind == Kind.UNIT;
    }

    @Override
    public String toString() {
        return text;
    }
}
