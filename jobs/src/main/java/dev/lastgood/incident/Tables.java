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

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final int MOST_COUNTED = 20_000;

    /** Cells that are held in memory; of more, the dimension with most values is left out. */
    private static final int MOST_CELLS = 100_000;

    private Tables() {}

    /** @param labelled records with {@link Labelling#LABEL} and dimensions */
    static Contingency of(Dataset<Row> labelled) {
        Map<String, List<String>> values = values(labelled);
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

    /** By dimension, the values that enough corrupt records of some group have. */
    private static Map<String, List<String>> values(Dataset<Row> labelled) {
        Dataset<Row> corrupt = labelled.where(col(Labelling.LABEL).notEqual(""));
        // Every record has the empty dimension: it counts the records of a label.
        Column dimensions =
                concat(array(struct(lit("").alias("key"), lit("").alias("value"))), map_entries(col("dimensions")));
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
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Row row : counted) {
            long size = sizes.getOrDefault(row.getString(0), Long.MAX_VALUE);
            if (!row.getString(1).isEmpty() && row.getLong(3) >= Math.max(FEWEST, LEAST_SHARE * size)) {
                List<String> of = values.computeIfAbsent(row.getString(1), name -> new ArrayList<>());
                if (of.size() < MOST_VALUES && !of.contains(row.getString(2))) {
                    of.add(row.getString(2));
                }
            }
        }
        return values;
    }

    private static Dataset<Row> cells(Dataset<Row> labelled, Map<String, List<String>> values) {
        List<Column> codes = new ArrayList<>();
        values.forEach((dimension, of) -> codes.add(coalesce(
                        array_position(lit(of.toArray(String[]::new)), element_at(col("dimensions"), dimension)),
                        lit(0L))
                .cast("int")));
        Column all = codes.isEmpty() ? lit(new int[0]) : array(codes.toArray(Column[]::new));
        return labelled.groupBy(
                        all.alias("codes"),
                        col(Labelling.LABEL),
                        Labelling.change().alias("how"))
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
