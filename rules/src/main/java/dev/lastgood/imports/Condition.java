package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.yaml.YamlText;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of a record, written both as SQL and, where the rule language has them, as checks of one field.
 *
 * @param sql true of a record that is fine
 * @param nulls what it means that the SQL is NULL
 * @param checked the field, if there are checks that say the same
 * @param checks keys of a rule and their values as YAML writes them
 */
record Condition(String sql, Nulls nulls, @Nullable FieldPath checked, Map<String, String> checks) {

    /** What it means when a condition is NULL. */
    enum Nulls {
        /** The record, or the number, is fine. */
        PASS,
        /** It is not. */
        FAIL,
        /** It never is NULL. */
        NEVER;

        /** The condition as one that is true exactly where all is fine; elsewhere it may be NULL. */
        String good(String sql) {
            return this == PASS ? "coalesce(%s, true)".formatted(sql) : sql;
        }

        /** The condition as one that is true exactly where something is wrong; elsewhere it may be NULL. */
        String bad(String sql) {
            return this == FAIL ? "not coalesce(%s, false)".formatted(sql) : "not (%s)".formatted(sql);
        }

        /** The condition as one that is true or false. */
        String decided(String sql) {
            return this == NEVER ? sql : "coalesce(%s, %s)".formatted(sql, this == PASS);
        }
    }

    Condition {
        checks = new LinkedHashMap<>(checks);
    }

    static Condition of(String sql, Nulls nulls) {
        return new Condition(sql, nulls, null, Map.of());
    }

    private static Condition of(FieldPath field, String sql, Nulls nulls, Map<String, String> checks) {
        return new Condition(sql, nulls, field, checks);
    }

    static Condition required(FieldPath field) {
        return of(field, SqlText.path(field) + " is not null", Nulls.NEVER, Map.of("required", "true"));
    }

    static Condition isNull(FieldPath field) {
        return of(SqlText.path(field) + " is null", Nulls.NEVER);
    }

    static Condition in(FieldPath field, List<Literal> values, Nulls nulls) {
        String sql = SqlText.path(field) + " in " + SqlText.list(values);
        return of(field, sql, nulls, Map.of("in", YamlText.literals(values)));
    }

    static Condition notIn(FieldPath field, List<Literal> values, Nulls nulls) {
        String sql = SqlText.path(field) + " not in " + SqlText.list(values);
        return of(field, sql, nulls, Map.of("not_in", YamlText.literals(values)));
    }

    /** Neither null nor one of these. */
    static Condition requiredAndNotIn(FieldPath field, List<Literal> values) {
        Condition notIn = notIn(field, values, Nulls.FAIL);
        Map<String, String> checks = new LinkedHashMap<>(notIn.checks());
        checks.put("required", "true");
        return of(field, notIn.sql(), Nulls.FAIL, checks);
    }

    /** The value is a number as demanded. */
    static Condition number(FieldPath field, Demand demand, Nulls nulls) {
        String sql = demand.sql(SqlText.path(field));
        Optional<Range> range = demand.range().filter(Range::isClosed).filter(Range::isPossible);
        return range.map(known -> of(field, sql, nulls, bounds(known, "min", "max")))
                .orElseGet(() -> of(sql, nulls));
    }

    /** The text has so many characters. */
    static Condition length(FieldPath field, Demand demand, Nulls nulls) {
        String sql = demand.sql("length(%s)".formatted(SqlText.path(field)));
        Optional<Range> range = demand.range()
                .map(Range::ofWholeNumbers)
                .filter(Range::isPossible)
                .filter(Condition::isLength);
        return range.map(known -> of(field, sql, nulls, bounds(known, "min_length", "max_length")))
                .orElseGet(() -> of(sql, nulls));
    }

    private static boolean isLength(Range range) {
        return range.least().map(Condition::isLength).orElse(true)
                && range.most().map(Condition::isLength).orElse(true)
                && (range.least().isPresent() || range.most().isPresent());
    }

    /** What is longer than any text can only be said in SQL. */
    private static boolean isLength(Range.Bound bound) {
        return bound.value().signum() >= 0 && bound.value().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
    }

    private static Map<String, String> bounds(Range range, String least, String most) {
        boolean exact = range.least().isPresent() && range.least().equals(range.most());
        if (exact && least.equals("min")) {
            BigDecimal value = range.least().orElseThrow().value();
            return Map.of("in", "[" + Numbers.text(value) + "]");
        }
        Map<String, String> bounds = new LinkedHashMap<>();
        range.least().ifPresent(bound -> bounds.put(least, Numbers.text(bound.value())));
        range.most().ifPresent(bound -> bounds.put(most, Numbers.text(bound.value())));
        return bounds;
    }

    /** The whole text matches. */
    static Condition matches(FieldPath field, String pattern, Nulls nulls) {
        String sql = "%s rlike %s".formatted(SqlText.path(field), SqlText.text("\\A(?:" + pattern + ")\\z"));
        return of(field, sql, nulls, Map.of("matches", YamlText.text(pattern)));
    }

    /** The pattern is found somewhere in the text. */
    static Condition finds(FieldPath field, String pattern, Nulls nulls) {
        return of("%s rlike %s".formatted(SqlText.path(field), SqlText.text(pattern)), nulls);
    }

    Optional<FieldPath> field() {
        return Optional.ofNullable(checked);
    }

    /** The number of records that are not fine, among those that another condition is true of. */
    Measure faults(@Nullable String where) {
        return Measure.rows(where == null ? nulls.bad(sql) : "(%s) and %s".formatted(where, nulls.bad(sql)));
    }

    /** The number of different values of a field in records that are not fine. */
    Measure differentFaults(FieldPath field) {
        return Measure.whole("count(distinct if(%s, %s, null))".formatted(nulls.bad(sql), SqlText.path(field)));
    }

    /** The share of records that are fine, from 0 to 1. */
    Measure shareOfGood() {
        return Measure.of("avg(if(%s, 1, 0))".formatted(nulls.good(sql)));
    }

    /** The share of records that are not fine, from 0 to 1. */
    Measure shareOfFaults() {
        return Measure.of("avg(if(%s, 1, 0))".formatted(nulls.bad(sql)));
    }

    /** Whether all records are fine that another condition is true of. */
    String all(@Nullable String where) {
        String decided = nulls.decided(sql);
        return where == null
                ? "bool_and(%s)".formatted(decided)
                : "bool_and(%s or not coalesce(%s, false))".formatted(decided, where);
    }
}
