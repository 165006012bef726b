package dev.lastgood.source;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Files of one format in a folder, or one file. CSV cells and partition values are text unless declared; a line of JSON is
 * one document; nothing malformed is skipped or read as null.
 */
final class FileReader {
    private final SparkSession session;
    private final String dataset;

    FileReader(SparkSession session, String dataset) {
        this.session = session;
        this.dataset = dataset;
    }

    Dataset<Row> read(String uri, Location.Folder folder) {
        String path = ReadPaths.literal(uri);
        try {
            return switch (folder.format()) {
                case CSV -> csv(path, uri, folder.csv());
                case JSON -> documents(path, uri);
                case PARQUET -> columnar(session.read().parquet(path), folder);
                case ORC -> columnar(session.read().orc(path), folder);
                case AVRO -> columnar(session.read().format("avro").load(path), folder);
                // As it is at this moment: what is committed later is not in it.
                case DELTA, ICEBERG ->
                    TableFormat.valueOf(folder.format().name())
                            .now(session, uri, Thread.currentThread().getContextClassLoader());
            };
        } catch (SourceUnreadable | InvalidInput e) {
            throw e;
        } catch (Exception e) {
            if (String.valueOf(e.getMessage()).contains("PATH_NOT_FOUND")) {
                throw new SourceUnreadable(
                        "dataset '%s': there is nothing at %s".formatted(dataset, uri), hint(folder.format()), e);
            }
            if (String.valueOf(e.getMessage()).contains("UNABLE_TO_INFER_SCHEMA")) {
                throw noFile(folder.format(), uri, e);
            }
            throw new SourceUnreadable(
                    "dataset '%s': %s cannot be read: %s"
                            .formatted(dataset, uri, Misread.reason(e).orElseGet(() -> first(e))),
                    hint(folder.format()),
                    e);
        }
    }

    private static String hint(Location.FileFormat format) {
        return "Check that this is the right place, and that there are %s files at it.".formatted(name(format));
    }

    private SourceUnreadable noFile(Location.FileFormat format, String uri, @Nullable Exception e) {
        return new SourceUnreadable(
                "dataset '%s': there is no %s file at %s".formatted(dataset, name(format), uri), hint(format), e);
    }

    private static String name(Location.FileFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }

    private static String first(Exception e) {
        return String.valueOf(e.getMessage())
                .lines()
                .findFirst()
                .orElse(e.getClass().getSimpleName());
    }

    private Dataset<Row> csv(String path, String uri, Location.Csv csv) {
        DataFrameReader reader =
                session.read().options(CsvDialect.options(csv.header(), csv.delimiter(), csv.nullText()));
        Dataset<Row> cells = reader.csv(path);
        if (cells.inputFiles().length == 0) {
            throw noFile(Location.FileFormat.CSV, uri, null);
        }
        StructType header = cells.schema();
        if (header.isEmpty()) {
            throw new SourceUnreadable(
                    "dataset '%s': the file at %s is empty, and has not even a header".formatted(dataset, uri),
                    "Have it written again; a dataset without records is a file with a header only.",
                    null);
        }
        return reader.option("enforceSchema", "false").schema(header).csv(path);
    }

    private Dataset<Row> documents(String path, String uri) {
        Dataset<Row> lines =
                session.read().text(path).select(functions.col("value").alias(Shape.DOCUMENT));
        if (lines.inputFiles().length == 0) {
            throw noFile(Location.FileFormat.JSON, uri, null);
        }
        return lines.where(functions.trim(functions.col(Shape.DOCUMENT)).notEqual(""));
    }

    private Dataset<Row> columnar(Dataset<Row> records, Location.Folder folder) {
        Footers.requireAlike(
                dataset,
                folder.format(),
                records.inputFiles(),
                session.sparkContext().hadoopConfiguration());
        return partitioned(records, folder.partitions());
    }

    private static Dataset<Row> partitioned(Dataset<Row> records, Map<String, DatasetSpec.TypeText> partitions) {
        List<Column> columns = new ArrayList<>();
        for (String name : Arrays.asList(records.columns())) {
            Column column = functions.col(Shape.quoted(name));
            DatasetSpec.TypeText type = partitions.get(name);
            columns.add(
                    type == null
                            ? column
                            : column.cast(DataType.fromDDL(type.text())).alias(name));
        }
        return records.select(columns.toArray(Column[]::new));
    }
}
