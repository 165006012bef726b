package dev.lastgood.diff;

import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What became of a number, or of a text that is one. */
final class NumberPatterns {
    private NumberPatterns() {}

    /** Digits a number has at most to be looked at; the same bounds its exponent. */
    private static final int MOST_DIGITS = 60;

    private static final int DIGITS_OF_EXACT_RATIO = 4;
    private static final int DIGITS_OF_ROUNDED_RATIO = 3;
    private static final int DIGITS_OF_OFFSET = 12;
    private static final int MOST_DECIMALS = 6;
    private static final int MOST_FIELDS = 20;
    private static final int MOST_MOVES = 4;
    private static final MathContext EXACT_ENOUGH = new MathContext(40);
    private static final MathContext OF_REALS = new MathContext(12);
    private static final BigDecimal TWO = BigDecimal.valueOf(2);
    private static final BigDecimal TWENTY = BigDecimal.valueOf(20);

    /** Words of time shifts, which a field of that name must not be taken for. */
    private static final Set<String> UNITS = Set.of("d", "h", "min", "s", "ms", "µs");

    private static final java.util.regex.Pattern DIGITS =
            java.util.regex.Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,2})?");

    /**
     * A number of either kind.
     *
     * @param exact whether every digit counts; of a binary floating point number the last do not
     */
    private record Amount(BigDecimal value, boolean exact) {
        /** Half of what the last digit of such numbers is worth, which rounding may have taken or given. */
        BigDecimal half(Amount other) {
            return exact
                    ? BigDecimal.valueOf(5, Math.max(Math.max(value.scale(), other.value.scale()), 0) + 1)
                    : value.abs().movePointLeft(12);
        }
    }

    static @Nullable BigDecimal number(String text) {
        return text.length() > MOST_DIGITS || !DIGITS.matcher(text).matches() ? null : new BigDecimal(text);
    }

    private static Optional<Amount> amount(@Nullable Value value) {
        if (value instanceof Value.Num number) {
            return Optional.of(new Amount(number.value(), true)).filter(NumberPatterns::isHandy);
        }
        if (value instanceof Value.Real real && Double.isFinite(real.value())) {
            return Optional.of(new Amount(new BigDecimal(Double.toString(real.value())), false))
                    .filter(NumberPatterns::isHandy);
        }
        return value instanceof Value.Text text
                ? Optional.ofNullable(number(text.value()))
                        .map(number -> new Amount(number, true))
                        .filter(NumberPatterns::isHandy)
                : Optional.empty();
    }

    /** Nobody wants to add one to a number with a billion zeros. */
    private static boolean isHandy(Amount amount) {
        return amount.value().precision() <= MOST_DIGITS
                && Math.abs(amount.value().scale()) <= MOST_DIGITS;
    }

    /** The sign, and a factor. */
    static void scaled(Value before, Value after, Consumer<Pattern> add) {
        Amount from = amount(before).orElse(null);
        Amount to = amount(after).orElse(null);
        if (from == null || to == null) {
            return;
        }
        BigDecimal a = from.value();
        BigDecimal b = to.value();
        if (a.compareTo(b) == 0) {
            add.accept(Pattern.Kind.NOTATION.pattern(ofSame(before, after)));
        } else if (a.signum() != 0 && a.negate().compareTo(b) == 0) {
            add.accept(Pattern.Kind.SIGN.pattern("× -1"));
        } else if (a.signum() != 0 && b.signum() != 0) {
            String sign = a.signum() == b.signum() ? "" : "-";
            BigDecimal half = to.half(from);
            Optional<BigDecimal> times = factor(a.abs(), b.abs(), half, false);
            Optional<BigDecimal> by = factor(b.abs(), a.abs(), half, true);
            shorter(times, by)
                    .filter(factor -> factor.compareTo(BigDecimal.ONE) != 0)
                    .ifPresent(factor -> {
                        boolean multiplied =
                                times.filter(one -> one.compareTo(factor) == 0).isPresent();
                        String digits = sign + factor.toPlainString();
                        boolean isPowerOfTen = factor.unscaledValue().equals(BigInteger.ONE) && factor.scale() < 0;
                        add.accept((isPowerOfTen ? Pattern.Kind.POWER_OF_TEN : Pattern.Kind.RATIO)
                                .pattern((multiplied ? "× " : "÷ ") + digits));
                    });
        }
    }

    private static String ofSame(Value before, Value after) {
        boolean wasText = before instanceof Value.Text;
        boolean isText = after instanceof Value.Text;
        return wasText == isText ? "same number" : isText ? "made text" : "made number";
    }

    /** The one with fewer digits, so that the way back has the same; of two the greater. */
    private static Optional<BigDecimal> shorter(Optional<BigDecimal> one, Optional<BigDecimal> other) {
        return Stream.of(one, other)
                .flatMap(Optional::stream)
                .reduce((x, y) -> x.precision() != y.precision()
                        ? (x.precision() < y.precision() ? x : y)
                        : x.compareTo(y) >= 0 ? x : y);
    }

    /**
     * The shortest factor by which the one number is the other, exactly or but for the rounding of the one after. One of so
     * few digits that it would hardly fit by chance; none if there is none.
     *
     * @param half what rounding may have done to the number after
     */
    private static Optional<BigDecimal> factor(
            BigDecimal one, BigDecimal other, BigDecimal half, boolean isOneRounded) {
        BigDecimal quotient = other.divide(one, EXACT_ENOUGH);
        BigDecimal slack = isOneRounded ? half.multiply(quotient) : half;
        for (int digits = 1; digits <= DIGITS_OF_EXACT_RATIO; digits++) {
            BigDecimal factor = quotient.round(new MathContext(digits, RoundingMode.HALF_EVEN))
                    .stripTrailingZeros();
            if (Math.abs(factor.scale()) > DIGITS_OF_OFFSET) {
                return Optional.empty();
            }
            BigDecimal off = factor.multiply(one).subtract(other).abs();
            // Of all factors with so many digits, rounding lets less than one in ten fit.
            BigDecimal step = BigDecimal.ONE.movePointRight(factor.precision() - factor.scale() - digits);
            boolean isSharp = slack.multiply(TWENTY).compareTo(step.multiply(one)) < 0;
            if (off.signum() == 0 || (isSharp && digits <= DIGITS_OF_ROUNDED_RATIO && off.compareTo(slack) <= 0)) {
                return Optional.of(factor);
            }
        }
        return Optional.empty();
    }

    /** By the value of another field of the record. */
    static void moved(Value before, Value after, Patterns.Neighbours neighbours, Consumer<Pattern> add) {
        BigDecimal difference = difference(before, after);
        if (difference == null || !isNumber(before) || !isNumber(after)) {
            return;
        }
        neighbours.all().stream()
                .filter(field -> isNumber(field.before()) || isNumber(field.after()))
                .limit(MOST_FIELDS)
                .flatMap(field -> Stream.of(field.before(), field.after())
                        .filter(NumberPatterns::isNumber)
                        .flatMap(value -> amount(value).stream())
                        .flatMap(value -> move(difference, value, field.name()).stream())
                        .distinct())
                .limit(MOST_MOVES)
                .forEach(text -> add.accept(Pattern.Kind.OFFSET_BY.pattern(text)));
    }

    private static boolean isNumber(@Nullable Value value) {
        return value instanceof Value.Num || value instanceof Value.Real;
    }

    private static Optional<String> move(BigDecimal difference, Amount by, String field) {
        if (by.value().signum() == 0) {
            return Optional.empty();
        }
        String sign = by.value().signum() == difference.signum() ? "+ " : "- ";
        BigDecimal size = difference.abs();
        BigDecimal once = by.value().abs();
        String name = isAmbiguous(field) ? "`" + field + "`" : field;
        if (isSame(size, once, by.exact())) {
            return Optional.of(sign + name);
        }
        return isSame(size, once.multiply(TWO), by.exact()) ? Optional.of(sign + "2 " + name) : Optional.empty();
    }

    private static boolean isSame(BigDecimal one, BigDecimal other, boolean exact) {
        return exact ? one.compareTo(other) == 0 : one.round(OF_REALS).compareTo(other.round(OF_REALS)) == 0;
    }

    private static boolean isAmbiguous(String field) {
        return UNITS.contains(field) || Character.isDigit(field.codePointAt(0));
    }

    /** By so much. */
    static void offset(Value before, Value after, Consumer<Pattern> add) {
        BigDecimal difference = difference(before, after);
        if (difference != null && difference.precision() <= DIGITS_OF_OFFSET) {
            String digits = new Value.Num(difference.abs()).toString();
            add.accept(Pattern.Kind.OFFSET.pattern((difference.signum() > 0 ? "+ " : "- ") + digits));
        }
    }

    /** Null if they are no numbers, or the same. */
    private static @Nullable BigDecimal difference(Value before, Value after) {
        Amount from = amount(before).orElse(null);
        Amount to = amount(after).orElse(null);
        if (from == null || to == null) {
            return null;
        }
        BigDecimal difference = to.value().subtract(from.value());
        if (!from.exact() || !to.exact()) {
            BigDecimal last =
                    from.value().abs().max(to.value().abs()).round(OF_REALS).ulp();
            difference = difference.setScale(
                    Math.max(Math.min(difference.scale(), last.scale()), -MOST_DIGITS), RoundingMode.HALF_EVEN);
        }
        return difference.signum() == 0 ? null : difference.stripTrailingZeros();
    }

    /** To fewer decimals. */
    static void rounded(Value before, Value after, Consumer<Pattern> add) {
        Amount from = amount(before).orElse(null);
        Amount to = amount(after).orElse(null);
        if (from == null || to == null || from.value().compareTo(to.value()) == 0) {
            return;
        }
        int decimals = Math.min(from.value().stripTrailingZeros().scale(), MOST_DECIMALS);
        for (int n = 0; n < decimals; n++) {
            if (from.value().setScale(n, RoundingMode.HALF_UP).compareTo(to.value()) == 0) {
                add.accept(Pattern.Kind.ROUNDED.pattern("rounded to " + n));
            }
            if (from.value().setScale(n, RoundingMode.DOWN).compareTo(to.value()) == 0) {
                add.accept(Pattern.Kind.ROUNDED.pattern("decimals cut to " + n));
            }
        }
    }
}
