package dev.lastgood.diff;

import dev.lastgood.record.Value;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.function.Consumer;

/** What became of a text. */
final class TextPatterns {
    private TextPatterns() {}

    /** Characters of a text at most to be looked at for its encoding. */
    private static final int LONGEST = 20_000;

    private static final int LONGEST_PART = 20;
    private static final Charset WINDOWS = Charset.forName("windows-1252");

    private static final java.util.regex.Pattern BLANKS = java.util.regex.Pattern.compile("[\\s\\p{Z}]+");
    private static final java.util.regex.Pattern MARKS = java.util.regex.Pattern.compile("\\p{M}+");
    private static final java.util.regex.Pattern LOSS = java.util.regex.Pattern.compile("[^\\x00-\\x3e\\x40-\\x7f]+");
    private static final java.util.regex.Pattern BEHIND =
            java.util.regex.Pattern.compile("([+-]?[0-9][0-9.,]*)\\s*([^0-9\\s.,+-][^0-9]{0,15})");
    private static final java.util.regex.Pattern IN_FRONT =
            java.util.regex.Pattern.compile("([^0-9\\s.,+-][^0-9+-]{0,15}?)\\s*([+-]?[0-9][0-9.,]*)");

    static void add(Value before, Value after, Consumer<Pattern> add) {
        unit(plain(before), after, "unit ", add);
        unit(plain(after), before, "without unit ", add);
        if (before instanceof Value.Text from && after instanceof Value.Text to) {
            String a = from.value();
            String b = to.value();
            if (a.length() <= LONGEST && b.length() <= LONGEST) {
                encoding(a, b, add);
                letters(a, b, add);
            }
            parts(a, b, add);
        }
    }

    private static String plain(Value value) {
        return value instanceof Value.Num || value instanceof Value.Real || value instanceof Value.Text
                ? value.toString()
                : "";
    }

    /** A number got a unit, a per cent sign or the like. */
    private static void unit(String amount, Value with, String words, Consumer<Pattern> add) {
        var number = NumberPatterns.number(amount.strip());
        if (number == null || !(with instanceof Value.Text text) || text.value().length() > LONGEST_PART * 4) {
            return;
        }
        var behind = BEHIND.matcher(text.value().strip());
        var inFront = IN_FRONT.matcher(text.value().strip());
        boolean isBehind = behind.matches();
        if (!isBehind && !inFront.matches()) {
            return;
        }
        String digits = isBehind ? behind.group(1) : inFront.group(2);
        String unit = (isBehind ? behind.group(2) : inFront.group(1)).strip();
        var same = NumberPatterns.number(digits);
        var withComma = NumberPatterns.number(digits.replace(".", "").replace(',', '.'));
        if ((same != null && same.compareTo(number) == 0) || (withComma != null && withComma.compareTo(number) == 0)) {
            add.accept(Pattern.Kind.UNIT.pattern(words + Patterns.quoted(unit, LONGEST_PART)));
        }
    }

    private static void encoding(String before, String after, Consumer<Pattern> add) {
        if (isAscii(before)) {
            return;
        }
        if (isLost(before, after)) {
            add.accept(Pattern.Kind.ENCODING.pattern("characters lost"));
        } else if (isMisread(before, after)) {
            add.accept(Pattern.Kind.ENCODING.pattern("mojibake"));
        } else if (isMisread(after, before)) {
            add.accept(Pattern.Kind.REPAIRED.pattern("mojibake undone"));
        }
        if (MARKS.matcher(Normalizer.normalize(before, Normalizer.Form.NFD))
                .replaceAll("")
                .equals(after)) {
            add.accept(Pattern.Kind.REPAIRED.pattern("accents removed"));
        } else if (Normalizer.normalize(before, Normalizer.Form.NFC)
                .equals(Normalizer.normalize(after, Normalizer.Form.NFC))) {
            add.accept(Pattern.Kind.REPAIRED.pattern("characters composed anew"));
        }
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 128);
    }

    /** Whether the second is what the bytes of the first say in the wrong encoding, once or twice. */
    private static boolean isMisread(String text, String other) {
        return isReadAsLatin(text, other)
                || isReadAsLatin(asLatin(text, StandardCharsets.ISO_8859_1), other)
                || isReadAsLatin(asLatin(text, WINDOWS), other);
    }

    private static boolean isReadAsLatin(String text, String other) {
        return asLatin(text, StandardCharsets.ISO_8859_1).equals(other)
                || asLatin(text, WINDOWS).equals(other)
                || new String(text.getBytes(StandardCharsets.UTF_8), WINDOWS).equals(other);
    }

    /** The UTF-8 bytes read as a one-byte encoding; a byte that means nothing in it is the character of that number. */
    private static String asLatin(String text, Charset charset) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        String read = new String(bytes, charset);
        StringBuilder all = new StringBuilder(read.length());
        for (int i = 0; i < read.length(); i++) {
            all.append(read.charAt(i) == '\uFFFD' ? (char) (bytes[i] & 0xff) : read.charAt(i));
        }
        return all.toString();
    }

    /** Whether characters beyond ASCII, and only they, have become question marks or the replacement character. */
    private static boolean isLost(String before, String after) {
        return LOSS.matcher(before).replaceAll("?").equals(LOSS.matcher(after).replaceAll("?"))
                && after.chars().filter(TextPatterns::isMark).count()
                        > before.chars().filter(TextPatterns::isMark).count()
                && after.chars().filter(c -> c > 127 && !isMark(c)).count()
                        < before.chars().filter(c -> c > 127 && !isMark(c)).count();
    }

    private static boolean isMark(int c) {
        return c == '?' || c == '\uFFFD';
    }

    private static void letters(String before, String after, Consumer<Pattern> add) {
        if (before.equalsIgnoreCase(after)
                || before.toLowerCase(Locale.ROOT).equals(after.toLowerCase(Locale.ROOT))
                || before.toUpperCase(Locale.ROOT).equals(after)) {
            if (after.equals(before.toUpperCase(Locale.ROOT))) {
                add.accept(Pattern.Kind.CASE.pattern("upper case"));
            } else if (after.equals(before.toLowerCase(Locale.ROOT))) {
                add.accept(Pattern.Kind.CASE.pattern("lower case"));
            }
            add.accept(Pattern.Kind.CASE.pattern("case"));
        } else if (BLANKS.matcher(before)
                .replaceAll("")
                .equals(BLANKS.matcher(after).replaceAll(""))) {
            if (before.strip().equals(after)) {
                add.accept(Pattern.Kind.BLANKS.pattern("trimmed"));
            }
            add.accept(Pattern.Kind.BLANKS.pattern("blanks"));
        }
    }

    private static void parts(String before, String after, Consumer<Pattern> add) {
        if (after.isEmpty() || before.isEmpty()) {
            return;
        }
        if (before.startsWith(after)) {
            add.accept(Pattern.Kind.CUT.pattern("cut to " + after.codePointCount(0, after.length())));
            part(Pattern.Kind.SUFFIX, "suffix ", before.substring(after.length()), " removed", add);
        } else if (before.endsWith(after)) {
            part(
                    Pattern.Kind.PREFIX,
                    "prefix ",
                    before.substring(0, before.length() - after.length()),
                    " removed",
                    add);
        } else if (after.startsWith(before)) {
            part(Pattern.Kind.SUFFIX, "suffix ", after.substring(before.length()), " added", add);
        } else if (after.endsWith(before)) {
            part(Pattern.Kind.PREFIX, "prefix ", after.substring(0, after.length() - before.length()), " added", add);
        }
    }

    private static void part(Pattern.Kind kind, String words, String part, String done, Consumer<Pattern> add) {
        if (part.codePointCount(0, part.length()) <= LONGEST_PART) {
            add.accept(kind.pattern(words + Patterns.quoted(part, LONGEST_PART) + done));
        }
    }
}
