package dev.lastgood.suggest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.path.FieldPath;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * What became of the records that two snapshots share, or several by twos.
 *
 * @param snapshots how many were compared
 * @param changed records that were not the same, each as often as it was
 * @param fields by field what happened to it in them
 */
record Changes(int snapshots, long changed, Map<Field, Moves> fields) {

    /**
     * @param changed how often the value became another
     * @param backward how often it became one that is not greater
     * @param still how often it did not grow where something else changed
     */
    record Moves(long changed, long backward, long still) {
        Moves plus(Moves other) {
            return new Moves(changed + other.changed, backward + other.backward, still + other.still);
        }
    }

    /** Of two snapshots; one join, and one aggregation over what it gives. The sides have the same fields. */
    static Changes between(DatasetSpec dataset, Frame before, Frame after) {
        List<Field> fields = Field.of(dataset.name(), after.shape().view()).stream()
                .filter(field -> field.of().isRecords() && !dataset.key().contains(field.path()))
                .filter(field ->
                        dataset.ignore().stream().noneMatch(path -> field.path().startsWith(path)))
                .toList();
        Dataset<Row> then = keyed(dataset, before, after.shape(), "_b");
        Dataset<Row> now = keyed(dataset, after, after.shape(), "_a");
        Column same = col("_h_b").equalTo(col("_h_a")).and(col("_k_b").eqNullSafe(col("_k_a")));
        Column other = not(col("_c1_b").equalTo(col("_c1_a")).and(col("_c2_b").equalTo(col("_c2_a"))));
        List<Column> sums = new ArrayList<>(List.of(count(lit(1))));
        for (Field field : fields) {
            Column old = Profiler.at(col("_b"), field.path());
            Column value = Profiler.at(col("_a"), field.path());
            Column moved = not(old.eqNullSafe(value));
            Column grown = coalesce(value.gt(old), lit(false));
            sums.add(count_if(moved));
            sums.add(count_if(moved.and(not(grown))));
            sums.add(count_if(not(grown)));
        }
        Row row = then.join(now, same)
                .where(other)
                .agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new))
                .head();
        Map<Field, Moves> moves = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            moves.put(fields.get(i), new Moves(row.getLong(3 * i + 1), row.getLong(3 * i + 2), row.getLong(3 * i + 3)));
        }
        return new Changes(2, row.getLong(0), moves);
    }

    /** Records as that shape sees them, of keys that no other has. */
    private static Dataset<Row> keyed(DatasetSpec dataset, Frame frame, Shape shape, String side) {
        Column copies = count(lit(1)).over(Window.partitionBy(Fingerprint.KEY_HASH, Fingerprint.KEY));
        return Fingerprint.hashed(dataset, frame)
                .withColumn("_copies", copies)
                .where(col("_copies").equalTo(1))
                .select(
                        col(Fingerprint.KEY_HASH).alias("_h" + side),
                        col(Fingerprint.KEY).alias("_k" + side),
                        col(Fingerprint.COMPARE_1).alias("_c1" + side),
                        col(Fingerprint.COMPARE_2).alias("_c2" + side),
                        shape.view("").alias(side));
    }

    /** With what one snapshot earlier happened to the fields that there were then. */
    Changes plus(Changes earlier) {
        Map<FieldPath, Moves> then = new HashMap<>();
        earlier.fields.forEach((field, moves) -> then.put(field.path(), moves));
        Map<Field, Moves> sums = new LinkedHashMap<>();
        fields.forEach((field, moves) -> {
            Moves old = then.get(field.path());
            if (old != null) {
                sums.put(field, moves.plus(old));
            }
        });
        return new Changes(snapshots + 1, changed + earlier.changed, sums);
    }

    /** That fields stay as they are, or only ever grow. */
    List<Suggestion> suggestions(Profile profile) {
        Map<FieldPath, Long> distinct = new HashMap<>();
        profile.fields().stream()
                .filter(values -> values.field().of().isRecords())
                .forEach(values -> distinct.put(values.field().path(), values.distinct()));
        List<Suggestion> suggestions = new ArrayList<>();
        fields.forEach((field, moves) -> {
            boolean says = distinct.getOrDefault(field.path(), 0L) > 1;
            boolean orders = field.kind() == Field.Kind.WHOLE || field.kind() == Field.Kind.TIME;
            if (says && moves.changed() == 0 && !profile.isStamp(field) && changed >= Evidence.ENOUGH) {
                suggestions.add(across(
                        field,
                        "unchanged",
                        Map.of("unchanged", Suggestion.list(List.of(field.path()))),
                        "In %d snapshots it stayed as it was where other fields changed".formatted(snapshots),
                        changed));
            } else if (orders && moves.backward() == 0 && moves.changed() >= Evidence.ENOUGH) {
                boolean strict = moves.still() == 0;
                Map<String, String> keys = new LinkedHashMap<>();
                keys.put("increasing", YamlText.text(field.path().toString()));
                if (strict) {
                    keys.put("strict", "when_changed");
                }
                suggestions.add(across(
                        field,
                        "increasing",
                        keys,
                        "In %d snapshots it %s"
                                .formatted(
                                        snapshots, strict ? "grew with every change of its record" : "never went back"),
                        moves.changed()));
            }
        });
        return suggestions;
    }

    private static Suggestion across(
            Field field, String family, Map<String, String> keys, String seen, long witnesses) {
        return Suggestion.of(field, family, keys, new Evidence(seen, witnesses, "changes"));
    }
}
