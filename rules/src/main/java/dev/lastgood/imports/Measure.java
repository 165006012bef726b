package dev.lastgood.imports;

import org.jspecify.annotations.Nullable;

/**
 * A number about a dataset.
 *
 * @param sql with aggregate functions
 * @param whole whether it is never a fraction
 */
record Measure(String sql, boolean whole) {

    /** How many records there are of which the condition is true; of all, if it is null. */
    static Measure rows(@Nullable String where) {
        return whole(where == null ? "count(*)" : "count_if(%s)".formatted(where));
    }

    /** One that may be a fraction. */
    static Measure of(String sql) {
        return new Measure(sql, false);
    }

    static Measure whole(String sql) {
        return new Measure(sql, true);
    }
}
