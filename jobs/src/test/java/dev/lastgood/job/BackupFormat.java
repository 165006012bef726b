package dev.lastgood.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The formats in which others write backups, and backups in each: three folders of a day each, two files in each. */
public enum BackupFormat {
    PARQUET("parquet", Map.of("compression", "none")),
    PARQUET_SNAPPY("parquet", Map.of("compression", "snappy")),
    PARQUET_ZSTD("parquet", Map.of("compression", "zstd")),
    ORC("orc", Map.of()),
    JSON("json", Map.of()),
    JSON_GZIP("json", Map.of("compression", "gzip")),
    CSV("csv", Map.of("header", "true")),
    AVRO("avro", Map.of());

    /** The columns that are in the files. */
    public static final String COLUMNS = "id BIGINT, name STRING, amount DECIMAL(12,2), at TIMESTAMP";

    static final int FOLDERS = 3;
    static final int FILES = 2 * FOLDERS;

    private final String format;

    @SuppressWarnings("ImmutableEnumChecker") // A copy that nobody can change.
    private final Map<String, String> options;

    BackupFormat(String format, Map<String, String> options) {
        this.format = format;
        this.options = Map.copyOf(options);
    }

    /** As Spark and a workspace call it. */
    public String format() {
        return format;
    }

    public String dataset() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** How Spark is to read it if it does not matter what becomes of damage. */
    public Map<String, String> options() {
        return format.equals("csv") ? Map.of("header", "true") : Map.of();
    }

    /** The records: every fifth has no name, every seventh an empty one. */
    public static Dataset<Row> records(SparkSession session, int version, long records) {
        return session.range(records)
                .selectExpr(
                        "id",
                        "case when id %% 5 = 0 then null when id %% 7 = 0 then '' else concat('thing ', id, ', of version %d, é') end as name"
                                .formatted(version),
                        "cast(id * 1.25 + %d as decimal(12,2)) as amount".formatted(version),
                        "timestamp_micros(1764000000000000 + id * 1000003) as at",
                        "concat('2026-11-', lpad(cast(id %% %d + 1 as string), 2, '0')) as day".formatted(FOLDERS));
    }

    /** Writes a backup as Spark does, without what it leaves beside the files. */
    public void write(SparkSession session, Path folder, int version, long records) throws IOException {
        records(session, version, records)
                .repartitionByRange(2, org.apache.spark.sql.functions.col("id"))
                .write()
                .format(format)
                .options(options)
                .partitionBy("day")
                .mode("overwrite")
                .save(folder.toString());
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile)
                    .filter(one -> one.getFileName().toString().matches("[._].*"))
                    .toList()) {
                Files.delete(file);
            }
        }
    }

    /** The files in and below a folder that hold records, by their path from there on. */
    public static List<String> files(Path folder) throws IOException {
        List<String> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted(Comparator.naturalOrder())
                    .forEach(files::add);
        }
        return files;
    }
}
