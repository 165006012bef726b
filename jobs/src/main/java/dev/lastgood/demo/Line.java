package dev.lastgood.demo;

import java.math.BigDecimal;

/** One line of an order. The amount is that of the whole line, quantity included. */
record Line(int lineNo, String sku, int qty, BigDecimal amount) {
    Line withAmount(BigDecimal other) {
        return new Line(lineNo, sku, qty, other);
    }

    String json() {
        return "{\"line_no\":" + lineNo + ",\"sku\":\"" + sku + "\",\"qty\":" + qty + ",\"amount\":"
                + amount.toPlainString() + "}";
    }
}
