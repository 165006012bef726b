package dev.lastgood.incident.scenario;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * A dataset of a business, kept in Parquet files.
 *
 * @param columns the fields of the business, as DDL; the key is {@code id}
 * @param isStamped whether records say who wrote them last and when
 * @param explain the dimensions that its workspace declares
 */
record Table(String name, String columns, boolean isStamped, List<String> explain) {
    private static final String STAMPS =
            ", row_version bigint, changed_at timestamp, app_version string, region string, channel string, writer string";

    Table {
        explain = List.copyOf(explain);
    }

    /** One whose workspace says what incidents are explained by. */
    static Table explained(String name, String columns) {
        return new Table(name, columns, true, List.of("app_version", "region", "channel"));
    }

    /** One whose workspace does not. */
    static Table unexplained(String name, String columns) {
        return new Table(name, columns, true, List.of());
    }

    /** One that others refer to, of which nothing is damaged. */
    static Table plain(String name, String columns) {
        return new Table(name, columns, false, List.of());
    }

    /** The fields of the business. */
    List<String> names() {
        return Arrays.asList(StructType.fromDDL(columns).fieldNames());
    }

    /** All fields. */
    StructType type() {
        return StructType.fromDDL("id bigint, " + columns + (isStamped ? STAMPS : ""));
    }

    Row row(long id, Fields record) {
        return RowFactory.create(Arrays.stream(type().fieldNames())
                .map(name -> name.equals("id") ? Long.valueOf(id) : record.get(name))
                .toArray());
    }

    /** As it stands below {@code datasets:}. */
    String yaml() {
        return "%s: {source: here, path: %1$s, format: parquet, key: [id]%s%s}\n"
                .formatted(
                        name,
                        isStamped ? ", version: row_version, changed_at: changed_at" : "",
                        explain.isEmpty() ? "" : ", explain: " + explain);
    }
}
