package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_position;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Counts labelled records into a {@link Contingency}. A value that few corrupt records have can be no part of an explanation,
 * so it is {@link Contingency#OTHER} before anything is counted: what is left of a dimension without common values, say an
 * id, is nothing, and all combinations of all dimensions come from one aggregation of a few cells.
 */
final class Tables {
    /** Of a group's records so many must have a value for it to count. */
    private static final double LEAST_SHARE = 0.02;

    private static final long FEWEST = 2;
    private static final int MOST_VALUES = 40;

    /** So many nats a value must tell by itself to be combined with others. */
    private static final double LEAST_GAIN = 1;

    /** What is written together with the damage so often is its effect, not its cause, where nobody has declared it. */
    private static final double WRITTEN_TOGETHER = 0.4;

    /** Names of fields that tell of a writer, which every write sets. */
    private static final Pattern ORIGIN = Pattern.compile(
            "version|release|build|app|client|service|host|node|server|instance|job|batch|writer|user|author|agent"
                    + "|source|origin|channel|device|platform|region|zone|country|site|store|shop|tenant|locale|language"
                    + "|schema|_by$|By$",
            Pattern.CASE_INSENSITIVE);

    /** Before the path of a field that changed, among names of dimensions. */
    private static final String CHANGED = "\u001f";

    private static final int MOST_COUNTED = 20_000;

    /** Cells that are held in memory; of more, the dimension with most values is left out. */
    private static final int MOST_CELLS = 100_000;

    private Tables() {}

    /**
     * @param labelled records with {@link Labelling#LABEL} and dimensions
     * @param discovered whether nobody has declared the dimensions
     */
    static Contingency of(Dataset<Row> labelled, boolean discovered) {
        Map<String, List<String>> values = values(labelled, discovered);
        while (true) {
            List<Row> cells = cells(labelled, values).limit(MOST_CELLS + 1).collectAsList();
            if (cells.size() <= MOST_CELLS || values.size() <= 1) {
                return table(values, cells);
            }
            values.remove(widest(values));
        }
    }

    private static String widest(Map<String, List<String>> values) {
        return values.entrySet().stream()
                .max(Map.Entry.<String, List<String>>comparingByValue(java.util.Comparator.comparingInt(List::size))
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElseThrow();
    }

    /**
     * The same of another label, by the values that are known.
     *
     * @param like whose dimensions and values count
     */
    static Contingency like(Contingency like, Dataset<Row> labelled) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int d = 0; d < like.dimensions().size(); d++) {
            values.put(like.dimensions().get(d), like.values().get(d));
        }
        return table(values, cells(labelled, values).collectAsList());
    }

    /** By dimension, the values that enough corrupt records of some group have. */
    private static Map<String, List<String>> values(Dataset<Row> labelled, boolean discovered) {
        Dataset<Row> corrupt = labelled.where(col(Labelling.LABEL).notEqual(""));
        // Every record has the empty dimension: it counts the records of a label.
        Column dimensions = concat(
                array(struct(lit("").alias("key"), lit("").alias("value"))),
                map_entries(col("dimensions")),
                transform(
                        col(Facts.PATHS),
                        path -> struct(concat(lit(CHANGED), path).alias("key"), lit("").alias("value"))));
        List<Row> counted = corrupt.select(
                        col(Labelling.LABEL), explode(dimensions).alias("d"))
                .groupBy(
                        col(Labelling.LABEL),
                        col("d.key").alias("dimension"),
                        col("d.value").alias("value"))
                .agg(count(lit(1)).alias("records"))
                .orderBy(col("records").desc(), col("dimension"), col("value"), col(Labelling.LABEL))
                .limit(MOST_COUNTED)
                .collectAsList();
        Map<String, Long> sizes = new HashMap<>();
        counted.stream()
                .filter(row -> row.getString(1).isEmpty())
                .forEach(row -> sizes.put(row.getString(0), row.getLong(3)));
        Set<String> effects = new HashSet<>();
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Row row : counted) {
            if (row.getString(1).startsWith(CHANGED)) {
                String path = row.getString(1).substring(CHANGED.length());
                double often = WRITTEN_TOGETHER * sizes.getOrDefault(row.getString(0), Long.MAX_VALUE);
                if (discovered
                        && row.getLong(3) >= often
                        && !ORIGIN.matcher(path).find()) {
                    effects.add(path);
                }
                continue;
            }
            long size = sizes.getOrDefault(row.getString(0), Long.MAX_VALUE);
            if (!row.getString(1).isEmpty() && row.getLong(3) >= Math.max(FEWEST, LEAST_SHARE * size)) {
                List<String> of = values.computeIfAbsent(row.getString(1), name -> new ArrayList<>());
                if (of.size() < MOST_VALUES && !of.contains(row.getString(2))) {
                    of.add(row.getString(2));
                }
            }
        }
        values.keySet().removeAll(effects);
        return values.isEmpty() ? values : telling(values, counted, sizes, labelled);
    }

    /**
     * Of the values, those that corrupt records of some group have more often than others do. What alone tells nothing is no
     * part of an explanation, and most values are such; without them there are few combinations left to count.
     */
    private static Map<String, List<String>> telling(
            Map<String, List<String>> values, List<Row> counted, Map<String, Long> sizes, Dataset<Row> labelled) {
        Map<String, Map<String, Long>> others = others(values, labelled);
        Map<String, Set<String>> telling = new HashMap<>();
        for (Row row : counted) {
            String dimension = row.getString(1);
            Map<String, Long> like =
                    others.getOrDefault(Label.of(row.getString(0)).change(), Map.of());
            long corrupt = sizes.getOrDefault(row.getString(0), 0L);
            long changed = corrupt + like.getOrDefault("", 0L);
            long having = row.getLong(3) + like.getOrDefault(dimension + Label.SEPARATOR + row.getString(2), 0L);
            if (values.containsKey(dimension)
                    && (changed == corrupt || Explainer.gain(row.getLong(3), having, corrupt, changed) >= LEAST_GAIN)) {
                telling.computeIfAbsent(dimension, name -> new HashSet<>()).add(row.getString(2));
            }
        }
        Map<String, List<String>> kept = new LinkedHashMap<>();
        values.forEach((dimension, of) -> {
            List<String> some = of.stream()
                    .filter(telling.getOrDefault(dimension, Set.of())::contains)
                    .toList();
            if (!some.isEmpty()) {
                kept.put(dimension, some);
            }
        });
        return kept;
    }

    /** By change, how many records without fault have each of the values; the empty one counts them all. */
    private static Map<String, Map<String, Long>> others(Map<String, List<String>> values, Dataset<Row> labelled) {
        List<String> wanted = new ArrayList<>(List.of(""));
        values.forEach((dimension, of) -> of.forEach(value -> wanted.add(dimension + Label.SEPARATOR + value)));
        Column all = concat(
                array(lit("")),
                transform(
                        map_entries(col("dimensions")),
                        one -> concat(one.getField("key"), lit(Label.SEPARATOR), one.getField("value"))));
        Map<String, Map<String, Long>> others = new HashMap<>();
        labelled.where(col(Labelling.LABEL).equalTo(""))
                .select(col(Facts.CHANGE), explode(all).alias("value"))
                .where(col("value").isin(wanted.toArray()))
                .groupBy(Facts.CHANGE, "value")
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> others.computeIfAbsent(row.getString(0), change -> new HashMap<>())
                        .put(row.getString(1), row.getLong(2)));
        return others;
    }

    private static Dataset<Row> cells(Dataset<Row> labelled, Map<String, List<String>> values) {
        List<Column> codes = new ArrayList<>();
        values.forEach((dimension, of) -> codes.add(coalesce(
                        array_position(lit(of.toArray(String[]::new)), element_at(col("dimensions"), dimension)),
                        lit(0L))
                .cast("int")));
        Column all = codes.isEmpty() ? lit(new int[0]) : array(codes.toArray(Column[]::new));
        return labelled.groupBy(all.alias("codes"), col(Labelling.LABEL), col(Facts.CHANGE))
                .agg(count(lit(1)));
    }

    private static Contingency table(Map<String, List<String>> values, List<Row> rows) {
        List<Contingency.Cell> cells = new ArrayList<>();
        for (Row row : rows) {
            cells.add(new Contingency.Cell(row.getList(0), row.getString(1), row.getString(2), row.getLong(3)));
        }
        return new Contingency(List.copyOf(values.keySet()), List.copyOf(values.values()), cells);
    }
}
