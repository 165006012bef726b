package dev.lastgood.audit;

import static org.apache.spark.sql.functions.bool_or;
import static org.apache.spark.sql.functions.col;

import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.spark.Reason;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The numbers of the metrics of one dataset, by rule, in one aggregation; one by one if that fails. */
final class Metrics {
    private Metrics() {}

    /**
     * A number, or why there is none.
     *
     * @param value null if it is NULL or no number
     * @param failure null if it could be computed
     */
    record Value(@Nullable BigDecimal value, @Nullable String failure) {}

    static Map<String, Value> of(List<CompiledRule> rules, Shares shares) {
        Map<String, Value> numbers = new HashMap<>();
        try {
            Row row = row(rules, shares);
            for (int i = 0; i < rules.size(); i++) {
                numbers.put(rules.get(i).id(), new Value(number(row.get(i)), null));
            }
        } catch (Exception e) {
            String failure = Reason.of(e);
            if (rules.size() == 1) {
                return Map.of(rules.get(0).id(), new Value(null, failure));
            }
            rules.forEach(rule -> numbers.putAll(of(List.of(rule), shares)));
        }
        return numbers;
    }

    /** The number of one metric; null if it is NULL or no number. Throws if it cannot be computed. */
    static @Nullable BigDecimal number(CompiledRule rule, Shares shares) {
        return number(row(List.of(rule), shares).get(0));
    }

    /** Metrics of which nobody can tell about which records they are, for their {@code where} throws on one. In one job. */
    static Set<String> doubtful(List<CompiledRule> rules, Shares shares) {
        List<CompiledRule> conditional =
                rules.stream().filter(rule -> rule.rule().where() != null).toList();
        if (conditional.isEmpty()) {
            return Set.of();
        }
        List<Column> any = IntStream.range(0, conditional.size())
                .mapToObj(i -> bool_or(col(Shares.said(i))))
                .toList();
        Row row = shares.said(conditional, Code.ERROR)
                .agg(any.get(0), any.subList(1, any.size()).toArray(Column[]::new))
                .head();
        return IntStream.range(0, conditional.size())
                .filter(i -> !row.isNullAt(i) && row.getBoolean(i))
                .mapToObj(i -> conditional.get(i).id())
                .collect(Collectors.toSet());
    }

    private static Row row(List<CompiledRule> rules, Shares shares) {
        Dataset<Row> rows =
                shares.rows(rules.stream().map(rule -> new Shares.Of(rule, 0)).toList());
        List<Column> numbers = IntStream.range(0, rules.size())
                .mapToObj(i -> Optional.ofNullable(rules.get(i).related().question())
                        .orElseThrow()
                        .alias("_" + i))
                .toList();
        List<Column> named = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            named.add(
                    col(Shares.value(i)).alias(CompiledRule.record(rules.get(i).rule())));
        }
        return rows.select(named.toArray(Column[]::new))
                .agg(numbers.get(0), numbers.subList(1, numbers.size()).toArray(Column[]::new))
                .head();
    }

    private static @Nullable BigDecimal number(@Nullable Object value) {
        if (value instanceof BigDecimal decimal) {
            return decimal;
        }
        boolean finite = !(value instanceof Double number && !Double.isFinite(number))
                && !(value instanceof Float single && !Float.isFinite(single));
        return value == null || !finite ? null : new BigDecimal(value.toString());
    }
}
