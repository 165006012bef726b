package dev.lastgood.diff;

import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What kind of change a value underwent. The first that fits. */
public enum ChangeKind {
    ADDED,
    REMOVED,
    NULLED,
    FILLED,
    /** It changed places with another field of the record. */
    SWAPPED,
    /** The same number times a power of ten. */
    SCALED,
    /** The same number with the other sign. */
    SIGN,
    /** The same text but for upper and lower case. */
    CASE,
    /** The same text but for blanks. */
    BLANKS,
    /** The same number written in another way. */
    REPRESENTATION,
    /** A number got a unit, a per cent sign or the like, or lost it. */
    UNIT,
    /** The same day or time in another notation. */
    DATE_FORMAT,
    /** The same text in another encoding: read in a wrong one, or back; with characters lost, composed anew. */
    ENCODING,
    VALUE;

    /** As it stands in results. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The kind of a change between two different values; null means absent.
     *
     * @param patterns what {@link Patterns} says became of it, which has seen the record as well
     */
    public static ChangeKind of(@Nullable Value before, @Nullable Value after, List<Pattern> patterns) {
        Set<Pattern.Kind> kinds = patterns.stream().map(Pattern::kind).collect(Collectors.toSet());
        if (kinds.contains(Pattern.Kind.SWAPPED)) {
            return SWAPPED;
        }
        ChangeKind alone = of(before, after);
        if (alone != VALUE) {
            return alone;
        }
        if (kinds.contains(Pattern.Kind.DATE_FORMAT)) {
            return DATE_FORMAT;
        }
        if (kinds.contains(Pattern.Kind.ENCODING) || kinds.contains(Pattern.Kind.REPAIRED)) {
            return ENCODING;
        }
        if (kinds.contains(Pattern.Kind.UNIT)) {
            return UNIT;
        }
        return kinds.contains(Pattern.Kind.NOTATION) ? REPRESENTATION : VALUE;
    }

    /** The same as far as the two values alone tell. */
    public static ChangeKind of(@Nullable Value before, @Nullable Value after) {
        if (before == null || after == null) {
            return before == null ? ADDED : REMOVED;
        }
        if (before.isNull() || after.isNull()) {
            return after.isNull() ? NULLED : FILLED;
        }
        if (before instanceof Value.Num a && after instanceof Value.Num b) {
            return ofNumbers(a.value(), b.value());
        }
        if (before instanceof Value.Text a && after instanceof Value.Text b) {
            return ofTexts(a.value(), b.value());
        }
        return VALUE;
    }

    private static ChangeKind ofNumbers(BigDecimal before, BigDecimal after) {
        if (before.signum() == 0 || after.signum() == 0) {
            return VALUE;
        }
        if (before.negate().compareTo(after) == 0) {
            return SIGN;
        }
        return before.stripTrailingZeros()
                        .unscaledValue()
                        .equals(after.stripTrailingZeros().unscaledValue())
                ? SCALED
                : VALUE;
    }

    private static ChangeKind ofTexts(String before, String after) {
        if (before.equalsIgnoreCase(after)) {
            return CASE;
        }
        if (before.replaceAll("\\s", "").equals(after.replaceAll("\\s", ""))) {
            return BLANKS;
        }
        BigDecimal a = number(before);
        BigDecimal b = number(after);
        if (a != null && b != null) {
            return a.compareTo(b) == 0 ? REPRESENTATION : ofNumbers(a, b);
        }
        String shorter = before.length() < after.length() ? before : after;
        String longer = before.length() < after.length() ? after : before;
        BigDecimal amount = number(shorter);
        BigDecimal withUnit = number(longer.replaceAll("[^0-9.eE+-]+\\.?$", "").trim());
        return amount != null && withUnit != null && amount.compareTo(withUnit) == 0 ? UNIT : VALUE;
    }

    private static @Nullable BigDecimal number(String text) {
        if (text.length() > 100 || !text.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?")) {
            return null;
        }
        return new BigDecimal(text);
    }
}
