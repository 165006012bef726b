package dev.lastgood.imports;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All numbers from one bound to another; either may be missing. */
record Range(@Nullable Bound low, @Nullable Bound high) implements Demand {

    /** An end of a range. */
    record Bound(BigDecimal value, boolean included) {}

    static Range exactly(BigDecimal number) {
        return new Range(new Bound(number, true), new Bound(number, true));
    }

    static Range atLeast(BigDecimal number) {
        return new Range(new Bound(number, true), null);
    }

    static Range above(BigDecimal number) {
        return new Range(new Bound(number, false), null);
    }

    static Range atMost(BigDecimal number) {
        return new Range(null, new Bound(number, true));
    }

    static Range below(BigDecimal number) {
        return new Range(null, new Bound(number, false));
    }

    Optional<Bound> least() {
        return Optional.ofNullable(low);
    }

    Optional<Bound> most() {
        return Optional.ofNullable(high);
    }

    @Override
    public Optional<Range> range() {
        return Optional.of(this);
    }

    /** Whether its bounds belong to it. */
    boolean isClosed() {
        return least().map(Bound::included).orElse(true)
                && most().map(Bound::included).orElse(true);
    }

    /** Whether any number is in it. */
    boolean isPossible() {
        if (low == null || high == null) {
            return true;
        }
        int order = low.value().compareTo(high.value());
        return order < 0 || (order == 0 && isClosed());
    }

    private boolean isOneNumber() {
        return low != null && high != null && low.value().compareTo(high.value()) == 0 && isClosed();
    }

    /** The same range among whole numbers, with bounds that belong to it. */
    Range ofWholeNumbers() {
        return new Range(
                least().map(bound -> whole(bound, RoundingMode.CEILING, 1)).orElse(null),
                most().map(bound -> whole(bound, RoundingMode.FLOOR, -1)).orElse(null));
    }

    private static Bound whole(Bound bound, RoundingMode inwards, int step) {
        BigDecimal rounded = bound.value().setScale(0, inwards);
        boolean excluded = !bound.included() && rounded.compareTo(bound.value()) == 0;
        return new Bound(excluded ? rounded.add(BigDecimal.valueOf(step)) : rounded, true);
    }

    /** The numbers that are in both. */
    Range both(Range other) {
        return new Range(inner(low, other.low, 1), inner(high, other.high, -1));
    }

    private static @Nullable Bound inner(@Nullable Bound one, @Nullable Bound other, int direction) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        int order = one.value().compareTo(other.value()) * direction;
        if (order != 0) {
            return order > 0 ? one : other;
        }
        return one.included() ? other : one;
    }

    @Override
    public Demand negated() {
        if (low != null && high == null) {
            return new Range(null, new Bound(low.value(), !low.included()));
        }
        if (low == null && high != null) {
            return new Range(new Bound(high.value(), !high.included()), null);
        }
        return new Not(this);
    }

    @Override
    public boolean holds(BigDecimal number) {
        boolean above = least().map(bound -> bound.value().compareTo(number) < (bound.included() ? 1 : 0))
                .orElse(true);
        return above
                && most().map(bound -> bound.value().compareTo(number) > (bound.included() ? -1 : 0))
                        .orElse(true);
    }

    @Override
    public String sql(String number) {
        if (isOneNumber()) {
            return number + " = " + Numbers.text(least().orElseThrow().value());
        }
        List<String> parts = new ArrayList<>();
        least().ifPresent(bound -> parts.add(part(number, ">", bound)));
        most().ifPresent(bound -> parts.add(part(number, "<", bound)));
        return parts.isEmpty() ? "true" : String.join(" and ", parts);
    }

    private static String part(String number, String sign, Bound bound) {
        return "%s %s%s %s".formatted(number, sign, bound.included() ? "=" : "", Numbers.text(bound.value()));
    }
}
