package dev.lastgood.capture;

import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lastgood.snapshot.Manifest;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Fields that only have another name now: one is gone, one of its type has come, and in the records of both captures the one
 * holds what the other held.
 */
final class Renames {
    /** What share of the records must agree; the others were written in between. */
    private static final double SHARE = 0.95;

    /** More pairs than this are not looked at. */
    private static final int MOST_PAIRS = 64;

    private Renames() {}

    private record Pair(SchemaDrift gone, SchemaDrift come) {}

    /**
     * The drift with renames in the place of what is gone and has come. Records are joined by key, once, and only if there
     * is anything to find out.
     *
     * @param before the stored columns of the capture before
     * @param after the same of this one
     */
    static List<SchemaDrift> named(
            List<SchemaDrift> drift, Manifest.Schema schema, Dataset<Row> before, Dataset<Row> after) {
        List<Pair> pairs = pairs(drift, before, after);
        Set<String> both = new HashSet<>(List.of(before.columns()));
        both.retainAll(List.of(after.columns()));
        if (pairs.isEmpty() || schema.key().isEmpty() || !both.containsAll(schema.key())) {
            return drift;
        }
        Column sameKey = schema.key().stream()
                .map(key -> col("b." + Shape.quoted(key)).eqNullSafe(col("a." + Shape.quoted(key))))
                .reduce(Column::and)
                .orElseThrow();
        List<Column> counts = new ArrayList<>();
        for (Pair pair : pairs) {
            Column was = col("b." + Shape.quoted(pair.gone().field()));
            Column is = col("a." + Shape.quoted(pair.come().field()));
            counts.add(count_if(was.equalTo(is)));
            counts.add(count_if(was.isNotNull().or(is.isNotNull())));
            counts.add(approx_count_distinct(xxhash64(was)));
        }
        Row found = before.alias("b")
                .join(after.alias("a"), sameKey)
                .agg(counts.get(0), counts.subList(1, counts.size()).toArray(Column[]::new))
                .head();
        Map<SchemaDrift, SchemaDrift> renamed = new HashMap<>();
        Set<SchemaDrift> used = new HashSet<>();
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            long equal = found.getLong(3 * i);
            long held = found.getLong(3 * i + 1);
            // One value everywhere says nothing: many fields are of one value everywhere.
            boolean evident = found.getLong(3 * i + 2) > 1 && equal >= SHARE * held;
            if (evident && !used.contains(pair.gone()) && !used.contains(pair.come())) {
                used.add(pair.gone());
                used.add(pair.come());
                renamed.put(
                        pair.come(),
                        new SchemaDrift(
                                SchemaDrift.Kind.RENAMED,
                                pair.come().field(),
                                pair.gone().field(),
                                pair.come().field(),
                                "%d of %d records hold in it what they held".formatted(equal, held)));
            }
        }
        return drift.stream()
                .filter(change -> !used.contains(change) || renamed.containsKey(change))
                .map(change -> renamed.getOrDefault(change, change))
                .toList();
    }

    private static List<Pair> pairs(List<SchemaDrift> drift, Dataset<Row> before, Dataset<Row> after) {
        Map<SchemaDrift.Kind, List<SchemaDrift>> byKind =
                drift.stream().collect(Collectors.groupingBy(SchemaDrift::kind));
        List<Pair> pairs = new ArrayList<>();
        for (SchemaDrift gone : byKind.getOrDefault(SchemaDrift.Kind.DROPPED, List.of())) {
            for (SchemaDrift come : byKind.getOrDefault(SchemaDrift.Kind.ADDED, List.of())) {
                boolean columns = List.of(before.columns()).contains(gone.field())
                        && List.of(after.columns()).contains(come.field());
                if (columns && gone.before().equals(come.after()) && pairs.size() < MOST_PAIRS) {
                    pairs.add(new Pair(gone, come));
                }
            }
        }
        return pairs;
    }
}
