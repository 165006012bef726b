package dev.lastgood.demo;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A record as it was read. Values are those of JDBC; cells are their texts, as the log keeps them. */
record Row(Table table, long key, Map<String, @Nullable Object> values) {
    String text(String field) {
        return Objects.requireNonNull(values.get(field), field).toString();
    }

    boolean isNull(String field) {
        return values.get(field) == null;
    }

    BigDecimal decimal(String field) {
        return new BigDecimal(text(field));
    }

    long number(String field) {
        return Long.parseLong(text(field));
    }

    Lines lines() {
        return Lines.parse(text(Table.LINES));
    }

    /** What the shop's sum rule says an order's total is. */
    BigDecimal due() {
        return lines().sum().add(decimal("shipping"));
    }

    /** Binds key, fields and stamps in the order of {@link Table#insertSql}; a stamp not given is null. */
    void bind(PreparedStatement insert, Map<String, Object> stamps) throws SQLException {
        int at = 1;
        for (String column : table.columns()) {
            Object value = stamps.getOrDefault(column, values.get(column));
            insert.setObject(at++, column.equals(table.key()) ? Long.valueOf(key) : value);
        }
    }

    Map<String, @Nullable String> cells() {
        var cells = new LinkedHashMap<String, @Nullable String>();
        for (String field : table.fields()) {
            cells.putAll(cells(field, values.get(field)));
        }
        return cells;
    }

    /** Equal to H2's CAST AS VARCHAR for every type of column the shop has: the truth compares one with the other. */
    static Map<String, @Nullable String> cells(String field, @Nullable Object value) {
        var cells = new LinkedHashMap<String, @Nullable String>();
        if (field.equals(Table.LINES) && value != null) {
            cells.putAll(Lines.parse(value.toString()).cells());
        } else if (value instanceof BigDecimal decimal) {
            cells.put(field, decimal.setScale(2).toPlainString());
        } else {
            cells.put(field, value == null ? null : value.toString());
        }
        return cells;
    }
}
