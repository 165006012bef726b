package dev.lastgood.source;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.spark.Shape;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Tables that are more than their files, and whose readers whoever has such tables brings along. */
public enum TableFormat {
    DELTA("org.apache.spark.sql.delta.sources.DeltaDataSource", "io.delta:delta-spark_4.1_2.13:4.1.0"),
    ICEBERG(
            "org.apache.iceberg.spark.source.IcebergSource",
            "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0");

    private static final String DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension";

    private final String reader;
    private final String coordinates;

    TableFormat(String reader, String coordinates) {
        this.reader = reader;
        this.coordinates = coordinates;
    }

    /** As Spark names it. */
    public String format() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As people write it. */
    public String title() {
        return name().charAt(0) + format().substring(1);
    }

    /**
     * What reads a table that is named by its place.
     *
     * @param loader of the classes that read such tables
     * @throws InvalidInput if these are not there, or the session was not told of them
     */
    public DataFrameReader reader(SparkSession session, String uri, @Nullable ClassLoader loader) {
        requireReader(loader);
        if (this == DELTA) {
            requireExtension(session);
        } else {
            withoutHive(session, uri);
        }
        return session.read().format(format());
    }

    /** The records of a table as it is at this moment, whatever is committed to it until they are read. */
    public Dataset<Row> now(SparkSession session, String uri, @Nullable ClassLoader loader) {
        DataFrameReader reader = reader(session, uri, loader);
        String path = path(uri);
        Dataset<Row> versions = this == DELTA
                ? session.sql("DESCRIBE HISTORY delta.%s LIMIT 1".formatted(Shape.quoted(path)))
                        .select("version")
                : reader(session, uri, loader)
                        .load(path + "#refs")
                        .where(col("name").equalTo("main"))
                        .select("snapshot_id");
        List<Row> version = versions.collectAsList();
        if (!version.isEmpty()) {
            reader.option("versionAsOf", Long.toString(version.get(0).getLong(0)));
        }
        return reader.load(path);
    }

    /** Throws {@link InvalidInput} if the classes that read such tables are not there. */
    public void requireReader(@Nullable ClassLoader loader) {
        try {
            Class.forName(reader, false, loader);
        } catch (ClassNotFoundException e) {
            throw InvalidInput.of(
                    "tables of %s cannot be read: %s is not on the class path".formatted(title(), coordinates),
                    "Put it with all that it needs into the folder jars of the distribution, or run"
                            + " spark-submit with '--packages %s'.".formatted(coordinates));
        }
    }

    /** Where a table lies, as its reader wants it. */
    public static String path(String uri) {
        return uri.matches("[A-Za-z][A-Za-z0-9+.-]*:.*") ? new Path(URI.create(uri)).toString() : uri;
    }

    /** Rows that were deleted in place are left out by a part of the reader that is only there if the session was told. */
    private static void requireExtension(SparkSession session) {
        if (!session.conf().get("spark.sql.extensions", "").contains(DELTA_EXTENSION)) {
            throw InvalidInput.of(
                    "tables of Delta cannot be read: this session of Spark was not told of them",
                    "Add --conf spark.sql.extensions=%s --conf spark.sql.catalog.spark_catalog=%s."
                            .formatted(DELTA_EXTENSION, "org.apache.spark.sql.delta.catalog.DeltaCatalog"));
        }
    }

    /** A table that is named by its place needs no catalog; unless it is told so, the reader looks for Hive's. */
    private static void withoutHive(SparkSession session, String uri) {
        String catalog = "spark.sql.catalog.default_iceberg";
        if (!session.conf().contains(catalog)) {
            session.conf().set(catalog, "org.apache.iceberg.spark.SparkCatalog");
            session.conf().set(catalog + ".type", "hadoop");
            session.conf().set(catalog + ".warehouse", path(uri));
            session.conf().set(catalog + ".cache-enabled", "false");
        }
    }
}
