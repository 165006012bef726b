package dev.lastgood.capture;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.source.CsvDialect;
import dev.lastgood.source.Footers;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import dev.lastgood.store.BackupFolder;
import dev.lastgood.workspace.Location;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Reads files that others wrote, as their manifest says: these files and no others, with the columns that are known, and
 * nothing malformed is skipped or read as null.
 */
final class FormatReader {
    private final SparkSession session;
    private final Reading reading;

    FormatReader(SparkSession session, Reading reading) {
        this.session = session;
        this.reading = reading;
    }

    /** The columns a file says it has, without those that stand in the names of folders. */
    StructType columns(String uri) {
        return switch (reading.format()) {
            case JSON -> Shape.document();
            case CSV -> files(reader(), List.of(uri)).schema();
            case PARQUET, ORC, AVRO -> files(session.read(), List.of(uri)).schema();
        };
    }

    /** Throws {@link SourceUnreadable} if two files have different columns. */
    void requireAlike(String dataset, Collection<String> uris) {
        switch (reading.format()) {
            case PARQUET, ORC, AVRO ->
                Footers.requireAlike(
                        dataset,
                        Location.FileFormat.valueOf(reading.format().name()),
                        uris.toArray(String[]::new),
                        session.sparkContext().hadoopConfiguration());
            case CSV, JSON -> {} // Of CSV, every header is compared when it is read; documents are free.
        }
    }

    /**
     * The records of the files.
     *
     * @param stored all columns, those of partitions last
     * @throws SourceUnreadable if Spark would read other files than these
     */
    Dataset<Row> records(StructType stored, List<String> uris) {
        if (reading.format() == Reading.Format.JSON) {
            return documents(uris);
        }
        StructType read = new StructType();
        for (StructField field : stored.fields()) {
            boolean inPath = reading.partitions().contains(field.name());
            read = read.add(field.name(), inPath ? DataTypes.StringType : field.dataType(), true);
        }
        DataFrameReader reader = reader().schema(read);
        if (!reading.partitions().isEmpty()) {
            reader.option("basePath", path(reading.root()));
        }
        Dataset<Row> records = files(reader, uris);
        requireAll(records, uris);
        return records.select(Arrays.stream(stored.fields()).map(this::typed).toArray(Column[]::new));
    }

    /** What stands in the name of a folder is text, and of the type that was declared. */
    private Column typed(StructField field) {
        Column column = col(Shape.quoted(field.name()));
        return reading.partitions().contains(field.name())
                ? column.cast(field.dataType()).alias(field.name())
                : column;
    }

    /** The same; each document is parsed, and one that is none fails the reading. */
    Dataset<Row> parsed(StructType stored, List<String> uris) {
        Dataset<Row> records = records(stored, uris);
        if (reading.format() != Reading.Format.JSON) {
            return records;
        }
        Column text = col(Shape.DOCUMENT);
        Column document = when(udf(new IsJson(), DataTypes.BooleanType).apply(text), text)
                .otherwise(raise_error(lit(NO_DOCUMENT)));
        return records.select(document.alias(Shape.DOCUMENT));
    }

    /** What a failure says of a line that is no JSON. */
    static final String NO_DOCUMENT = "a line in it is no JSON document: one object a line is read";

    private Dataset<Row> documents(List<String> uris) {
        Dataset<Row> lines =
                session.read().text(paths(uris)).select(col("value").alias(Shape.DOCUMENT));
        requireAll(lines, uris);
        return lines.where(
                org.apache.spark.sql.functions.trim(col(Shape.DOCUMENT)).notEqual(""));
    }

    /** How many records a file holds; text is read and parsed to its end for that. */
    long size(StructType stored, String uri) throws IOException {
        return switch (reading.format()) {
            case PARQUET, ORC, AVRO ->
                Footers.read(
                                Location.FileFormat.valueOf(reading.format().name()),
                                uri,
                                session.sparkContext().hadoopConfiguration())
                        .records();
            // Columns that nobody asks for are not parsed.
            case CSV, JSON -> everything(parsed(stored, List.of(uri))).getLong(0);
        };
    }

    /** Reads every value of the records. */
    static Row everything(Dataset<Row> records) {
        Column[] all = Arrays.stream(records.columns())
                .map(name -> col(Shape.quoted(name)).cast("string"))
                .toArray(Column[]::new);
        return records.agg(count(lit(1)), bit_xor(xxhash64(all))).head();
    }

    private DataFrameReader reader() {
        Reading.Csv csv = reading.csv();
        return csv == null
                ? session.read()
                : session.read()
                        .options(CsvDialect.options(csv.header(), csv.delimiter(), csv.nullText()))
                        .option("enforceSchema", "false");
    }

    private Dataset<Row> files(DataFrameReader reader, List<String> uris) {
        return switch (reading.format()) {
            case PARQUET -> reader.parquet(paths(uris));
            case ORC -> reader.orc(paths(uris));
            case AVRO -> reader.format("avro").load(paths(uris));
            case CSV -> reader.csv(paths(uris));
            case JSON -> throw new IllegalStateException("documents are read as lines");
        };
    }

    private static String[] paths(List<String> uris) {
        return uris.stream().map(uri -> ReadPaths.literal(path(uri))).toArray(String[]::new);
    }

    /** As Spark takes it: nothing in it is percent-encoded. */
    private static String path(String uri) {
        return new Path(URI.create(uri)).toString();
    }

    private void requireAll(Dataset<Row> records, List<String> uris) {
        TreeSet<String> expected = new TreeSet<>();
        uris.forEach(uri -> expected.add(BackupFolder.plain(uri)));
        TreeSet<String> found = new TreeSet<>();
        for (String uri : records.inputFiles()) {
            found.add(BackupFolder.plain(uri));
        }
        if (!found.equals(expected)) {
            TreeSet<String> missing = new TreeSet<>(expected);
            missing.removeAll(found);
            throw new SourceUnreadable(
                    "of %d files below %s Spark would read %d; not %s"
                            .formatted(expected.size(), reading.root(), found.size(), missing),
                    "Rename the files.",
                    null);
        }
    }

    /** Whether a text is one JSON document: an object, and neither an array of them nor a value. */
    private static final class IsJson implements UDF1<String, Boolean> {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean call(String text) {
            try {
                return JsonValues.parse(text) instanceof Value.Obj;
            } catch (JsonValues.NotJson e) {
                return false;
            }
        }
    }
}
