package dev.lastgood.job;

import static org.apache.spark.sql.functions.base64;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_format;
import static org.apache.spark.sql.functions.to_json;

import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.Totals;
import dev.lastgood.judge.FitsType;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.AtomicType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** Writes the records of a snapshot to a folder, for other programs: with their real values, under today's names. */
public final class ExportJob {
    /** A field that is null is there, and null; of times all digits are. */
    private static final Map<String, String> JSON = Map.of(
            "ignoreNullFields", "false",
            "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'",
            "timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS");

    private final Workplace workplace;

    public ExportJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /** What files an export is made of. */
    public enum Format {
        PARQUET,
        ORC,
        JSON,
        CSV
    }

    /** What was written: read again and found to be what was captured. */
    public record Exported(Snapshot snapshot, String folder, long records) {}

    /**
     * Writes to a folder that is not there yet. It appears whole, after what was written has been read again: Parquet and ORC
     * record by record, JSON Lines and CSV by their number.
     *
     * @param to a path on this machine, or any address of Hadoop
     */
    public Exported export(DatasetSpec dataset, String address, String to, Format format) {
        Snapshot snapshot = workplace.catalog().state().resolve(dataset.name(), address);
        Manifest manifest = snapshot.manifest(workplace.store());
        Frame frame = new SnapshotReader(workplace.session(), workplace.store())
                .frame(dataset, manifest, workplace.sources());
        Path folder = new Path(to);
        Path beside = new Path(folder.getParent(), ".lastgood-export-" + UUID.randomUUID());
        try {
            FileSystem files =
                    folder.getFileSystem(workplace.session().sparkContext().hadoopConfiguration());
            if (files.exists(folder)) {
                throw InvalidInput.of(
                        "there is something at %s already".formatted(to),
                        "Name a folder that is not there; an export never writes over anything.");
            }
            requireFits(frame, format);
            boolean done = false;
            try {
                write(frame, beside.toString(), format);
                check(dataset, frame, manifest, beside.toString(), format);
                if (!files.rename(beside, folder)) {
                    throw new IOException("it could not be given its name, " + to);
                }
                done = true;
            } finally {
                if (!done) {
                    remove(files, beside);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not export to %s: %s".formatted(to, e.getMessage()), e);
        }
        return new Exported(snapshot, to, manifest.counts().records());
    }

    /** What does not fit the type of its field is seen as null, and would be written as that. */
    private static void requireFits(Frame frame, Format format) {
        Shape shape = frame.shape();
        if (format != Format.JSON || shape.isDocument() || !shape.mayMisfit()) {
            return;
        }
        long misfits = count(frame.records().where(FitsType.misfits(shape, "").isNotNull()));
        if (misfits > 0) {
            throw new Refusal(
                    "%d records hold a value that does not fit the type of its field; nothing was exported"
                            .formatted(misfits),
                    "Parquet holds what is stored as it is: --format parquet.");
        }
    }

    private static void remove(FileSystem files, Path beside) throws IOException {
        try {
            files.delete(beside, true);
        } catch (FileNotFoundException e) {
            return;
        }
    }

    private static void write(Frame frame, String to, Format format) {
        Dataset<Row> records = frame.records();
        Shape shape = frame.shape();
        switch (format) {
            case PARQUET -> records.write().parquet(to);
            case ORC -> records.write().orc(to);
            case JSON -> {
                Column document = shape.isDocument() ? col(Shape.DOCUMENT) : to_json(shape.view(""), JSON);
                records.select(document.alias("value")).write().text(to);
            }
            case CSV -> {
                List<Column> cells = new ArrayList<>();
                for (StructField field : shape.stored().fields()) {
                    Column value = col(Shape.quoted(field.name()));
                    cells.add(cell(value, field.dataType()).alias(field.name()));
                }
                records.select(cells.toArray(Column[]::new))
                        .write()
                        .option("header", "true")
                        .option("escape", "\"")
                        .option("ignoreLeadingWhiteSpace", "false")
                        .option("ignoreTrailingWhiteSpace", "false")
                        .csv(to);
            }
        }
    }

    /** Bytes as base64, what is nested as JSON, times as ISO 8601 writes them. */
    private static Column cell(Column value, DataType type) {
        if (type instanceof BinaryType) {
            return base64(value);
        }
        if (type instanceof TimestampType || type instanceof TimestampNTZType) {
            // A session's times are UTC's.
            String zone = type instanceof TimestampType ? "'Z'" : "";
            return date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS" + zone);
        }
        return type instanceof AtomicType ? value.cast("string") : to_json(value, JSON);
    }

    private void check(DatasetSpec dataset, Frame frame, Manifest manifest, String at, Format format) {
        String path = ReadPaths.literal(at);
        boolean same = switch (format) {
            case PARQUET, ORC -> {
                Dataset<Row> written = format == Format.PARQUET
                        ? workplace.session().read().parquet(path)
                        : workplace.session().read().orc(path);
                yield Totals.of(dataset, new Frame(written, frame.shape())).equals(Totals.of(dataset, frame));
            }
            case JSON ->
                count(workplace.session().read().text(path))
                        == manifest.counts().records();
            case CSV ->
                count(workplace
                                .session()
                                .read()
                                .option("header", "true")
                                .option("multiLine", "true")
                                .option("escape", "\"")
                                .csv(path))
                        == manifest.counts().records();
        };
        if (!same) {
            throw new Refusal(
                    "what was written of snapshot %s of dataset '%s' is not what was captured; nothing was exported"
                            .formatted(manifest.snapshot(), manifest.dataset()),
                    "Try another format: Parquet holds every type.");
        }
    }

    private static long count(Dataset<Row> rows) {
        return rows.agg(org.apache.spark.sql.functions.count(org.apache.spark.sql.functions.lit(1)))
                .head()
                .getLong(0);
    }
}
