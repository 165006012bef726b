package dev.lastgood.record;

import java.math.BigDecimal;

/** How exact numbers are written: plain digits while that is readable, else with an exponent; never rounded. */
final class Numbers {
    private Numbers() {}

    private static final int MOST_PADDING = 40;

    static String text(BigDecimal number) {
        boolean plain = number.scale() >= -MOST_PADDING && number.scale() - number.precision() <= MOST_PADDING;
        return plain ? number.toPlainString() : number.toString();
    }
}
