package dev.lastgood.rule;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * When two numbers count as close: if one of the bounds given holds.
 *
 * @param abs their difference is at most this; null for no such bound
 * @param rel their difference is at most this share of the larger magnitude; null for no such bound
 */
public record Tolerance(@Nullable BigDecimal abs, @Nullable BigDecimal rel) {

    /** Equal numbers only. */
    public static final Tolerance NONE = new Tolerance(null, null);

    public boolean isNone() {
        return abs == null && rel == null;
    }
}
