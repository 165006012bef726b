package dev.lastgood.imports;

import dev.lastgood.rule.Allow;
import java.math.BigDecimal;
import java.util.Optional;

/** Demands on how many records are at fault, as what a rule allows. */
final class Allowed {

    /** Datasets are smaller than 10 to this many records. */
    private static final int DIGITS_OF_SIZE = 12;

    private Allowed() {}

    /** How many findings are fine, if the demand says nothing else than that they may not be too many. */
    static Optional<Allow> findings(Demand demand) {
        return demand.range()
                .filter(Allowed::takesNone)
                .map(Range::ofWholeNumbers)
                .flatMap(Range::most)
                .filter(most -> most.value().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0)
                .map(most -> new Allow(most.value().longValueExact(), null));
    }

    /** Which share of the records may be at fault, if the demand says nothing else than that it may not be too great. */
    static Optional<Allow> share(Demand demand) {
        return demand.range().filter(Allowed::takesNone).flatMap(Range::most).map(most -> {
            BigDecimal ratio = ratio(most).min(BigDecimal.ONE);
            return ratio.signum() == 0 ? Allow.NONE : new Allow(null, ratio);
        });
    }

    /** The bound that a ratio stops just short of, if it does. */
    static Optional<BigDecimal> excluded(BigDecimal ratio) {
        BigDecimal above = ratio.add(ratio.ulp()).stripTrailingZeros();
        return ratio.scale() >= DIGITS_OF_SIZE && above.scale() <= ratio.scale() - DIGITS_OF_SIZE
                ? Optional.of(above)
                : Optional.empty();
    }

    private static boolean takesNone(Range range) {
        return range.holds(BigDecimal.ZERO);
    }

    /**
     * The greatest ratio below a bound that does not belong to the range: two different shares of fewer than 10^12
     * records with at most n decimals in one of them differ by more than 10^-(n + 12).
     */
    private static BigDecimal ratio(Range.Bound most) {
        BigDecimal value = most.value().stripTrailingZeros();
        int decimals = Math.max(value.scale(), 0);
        return most.included() ? value : value.subtract(BigDecimal.ONE.movePointLeft(decimals + DIGITS_OF_SIZE));
    }
}
