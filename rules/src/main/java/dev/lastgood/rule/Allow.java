package dev.lastgood.rule;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * How many findings a rule may have and still pass. If both bounds are given, both hold.
 *
 * @param count at most so many findings; null for no such bound
 * @param ratio at most this share of the records examined, from 0 to 1; null for no such bound
 */
public record Allow(@Nullable Long count, @Nullable BigDecimal ratio) {

    /** Not a single one. */
    public static final Allow NONE = new Allow(0L, null);

    /** Whether so many findings are allowed. */
    public boolean covers(long findings, long examined) {
        boolean within = count == null || findings <= count;
        // findings / examined <= ratio, without dividing
        return within
                && (ratio == null
                        || BigDecimal.valueOf(findings).compareTo(ratio.multiply(BigDecimal.valueOf(examined))) <= 0);
    }
}
