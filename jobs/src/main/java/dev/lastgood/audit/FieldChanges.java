package dev.lastgood.audit;

import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * In how many records a field changed in one way.
 *
 * @param path with {@code []} for every element
 * @param kind the {@link dev.lastgood.diff.ChangeKind}, as it stands in results
 */
public record FieldChanges(String path, String kind, long records) {

    /** There may be as many as there are fields, times the kinds there are. */
    static final int MOST = 1_000;

    /** Of changed records, the commonest first, at most {@value #MOST}. */
    public static List<FieldChanges> of(Dataset<Row> records) {
        return records
                .select(explode(array_distinct(transform(
                                col("fields"),
                                field -> struct(
                                        field.getField("schemaPath").alias("path"),
                                        field.getField("kind").alias("kind")))))
                        .alias("one"))
                .groupBy(col("one.path"), col("one.kind"))
                .agg(count(lit(1)).alias("records"))
                .orderBy(col("records").desc(), col("path"), col("kind"))
                .limit(MOST)
                .collectAsList()
                .stream()
                .map(row -> new FieldChanges(row.getString(0), row.getString(1), row.getLong(2)))
                .toList();
    }
}
