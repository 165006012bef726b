package dev.lastgood.diff;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;

import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.yaml.YamlText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * A field that is gone and one that came, which hold the same under equal keys. Proposed to people, and never acted on.
 *
 * @param same in how many records both hold the same
 * @param of in how many one of them holds anything
 */
public record ProposedRename(String from, String to, long same, long of) {
    /** Somebody may have written to some of them in between. */
    private static final double MOST = 0.9;

    private static final int FEWEST = 3;

    /** All are compared with all, in one pass; of more fields nobody makes a rename by looking at them. */
    private static final int MOST_PAIRS = 1_000;

    /**
     * What may have been renamed, if no other field would do as well; of several that hold the same the one whose name is
     * the same but for case and punctuation.
     *
     * @param changes of the two sides, as {@link SchemaChange#align} has them
     */
    public static List<ProposedRename> of(DatasetSpec dataset, Frame before, Frame after, List<SchemaChange> changes) {
        List<String> gone = fields(changes, SchemaChange.Kind.DROPPED);
        List<String> came = fields(changes, SchemaChange.Kind.ADDED);
        List<ProposedRename> pairs = new ArrayList<>();
        for (String from : gone) {
            for (String to : came) {
                if (areComparable(type(before, from), type(after, to))) {
                    pairs.add(new ProposedRename(from, to, 0, 0));
                }
            }
        }
        if (!dataset.hasKey() || pairs.isEmpty() || pairs.size() > MOST_PAIRS) {
            return List.of();
        }
        return chosen(counted(dataset, before, after, pairs));
    }

    private static List<String> fields(List<SchemaChange> changes, SchemaChange.Kind kind) {
        return changes.stream()
                .filter(change -> change.kind() == kind)
                .map(SchemaChange::field)
                .toList();
    }

    private static DataType type(Frame frame, String field) {
        return frame.shape().stored().apply(field).dataType();
    }

    private static boolean areComparable(DataType one, DataType other) {
        DataType common = SchemaChange.common(one, other);
        boolean nested = common instanceof StructType || common instanceof ArrayType || common instanceof MapType;
        return !nested && (!(common instanceof StringType) || one.equals(other));
    }

    private static List<ProposedRename> counted(
            DatasetSpec dataset, Frame before, Frame after, List<ProposedRename> pairs) {
        Map<String, String> then =
                numbered("_b", pairs.stream().map(ProposedRename::from).toList());
        Map<String, String> now =
                numbered("_a", pairs.stream().map(ProposedRename::to).toList());
        Dataset<Row> olds = side(dataset, before, "_hb", "_kb", then);
        Dataset<Row> news = side(dataset, after, "_ha", "_ka", now);
        List<Column> counts = new ArrayList<>();
        for (ProposedRename pair : pairs) {
            Column one = col(name(then, pair.from()));
            Column other = col(name(now, pair.to()));
            counts.add(count_if(one.equalTo(other)));
            counts.add(count_if(one.isNotNull().or(other.isNotNull())));
        }
        Row row = olds.join(news, col("_hb").equalTo(col("_ha")).and(col("_kb").eqNullSafe(col("_ka"))))
                .agg(counts.get(0), counts.subList(1, counts.size()).toArray(Column[]::new))
                .head();
        List<ProposedRename> counted = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            ProposedRename pair = pairs.get(i);
            counted.add(new ProposedRename(pair.from(), pair.to(), row.getLong(2 * i), row.getLong(2 * i + 1)));
        }
        return counted;
    }

    private static Map<String, String> numbered(String prefix, List<String> fields) {
        Map<String, String> numbered = new LinkedHashMap<>();
        fields.forEach(field -> numbered.putIfAbsent(field, prefix + numbered.size()));
        return numbered;
    }

    private static String name(Map<String, String> names, String field) {
        return names.getOrDefault(field, field);
    }

    private static Dataset<Row> side(
            DatasetSpec dataset, Frame frame, String hash, String key, Map<String, String> fields) {
        List<Column> columns = new ArrayList<>(List.of(
                col(Fingerprint.KEY_HASH).alias(hash), col(Fingerprint.KEY).alias(key)));
        fields.forEach((field, name) -> columns.add(col(Shape.quoted(field)).alias(name)));
        return Fingerprint.hashed(dataset, frame).select(columns.toArray(Column[]::new));
    }

    private static List<ProposedRename> chosen(List<ProposedRename> counted) {
        List<ProposedRename> alike = counted.stream()
                .filter(pair -> pair.same() >= FEWEST && pair.same() >= MOST * pair.of())
                .toList();
        List<ProposedRename> named =
                alike.stream().filter(ProposedRename::isNamedAlike).toList();
        Set<String> taken = named.stream().map(ProposedRename::from).collect(Collectors.toSet());
        Set<String> given = named.stream().map(ProposedRename::to).collect(Collectors.toSet());
        List<ProposedRename> open = new ArrayList<>(named);
        alike.stream()
                .filter(pair -> !taken.contains(pair.from()) && !given.contains(pair.to()))
                .forEach(open::add);
        return open.stream()
                .filter(pair -> open.stream()
                        .noneMatch(other -> !other.equals(pair)
                                && (other.from().equals(pair.from())
                                        || other.to().equals(pair.to()))))
                .toList();
    }

    private boolean isNamedAlike() {
        return bare(from).equals(bare(to));
    }

    private static String bare(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
    }

    /** What to write below a dataset in lastgood.yaml, line by line, if they are renames. */
    public static List<String> yaml(List<ProposedRename> renames, Instant until) {
        List<String> lines = new ArrayList<>(List.of("map:", "  - until: " + until, "    rename:"));
        renames.forEach(rename ->
                lines.add("      %s: %s".formatted(YamlText.text(rename.from()), YamlText.text(rename.to()))));
        return lines;
    }
}
