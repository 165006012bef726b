package dev.lastgood.source;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.Key;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Deletes;
import dev.lastgood.workspace.Incremental;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Opens the datasets of a workspace. Opening connects and learns the schema; records are read when the frame is used. */
public final class Sources {
    private final SparkSession session;
    private final Workspace workspace;
    private final Map<String, ExportedSnapshot> moments;

    public Sources(SparkSession session, Workspace workspace) {
        this(session, workspace, Map.of());
    }

    private Sources(SparkSession session, Workspace workspace, Map<String, ExportedSnapshot> moments) {
        this.session = session;
        this.workspace = workspace;
        this.moments = Map.copyOf(moments);
        workspace
                .hadoop()
                .forEach((name, value) ->
                        session.sparkContext().hadoopConfiguration().set(name, value.reveal()));
    }

    /** The same, where live is as it was at the moment of its source, as long as that is open. Others are as they are. */
    public Sources at(Map<String, ExportedSnapshot> bySource) {
        return new Sources(session, workspace, bySource);
    }

    /**
     * The dataset as it is now.
     *
     * @throws SourceUnreadable if the source cannot be reached, or has a type that cannot be read exactly
     * @throws InvalidInput if the workspace names fields or types that are not there
     */
    public Frame live(DatasetSpec dataset) {
        return live(dataset, Map.of());
    }

    /**
     * The same without a scan that finds out what JSON columns and documents hold, as far as that is known.
     *
     * @param learned as of {@link #frame}
     */
    public Frame live(DatasetSpec dataset, Map<String, DataType> learned) {
        return live(dataset, learned, null, null);
    }

    /**
     * At least the records that have one of these keys. More of them where a source cannot be asked for less.
     *
     * @param learned as of {@link #frame}
     */
    public Frame some(DatasetSpec dataset, Map<String, DataType> learned, Collection<Key> keys) {
        return live(dataset, learned, null, keys);
    }

    /**
     * The records, of which a source that can be asked for less gives no more than the key.
     *
     * @param learned as of {@link #frame}
     */
    public Frame keys(DatasetSpec dataset, Map<String, DataType> learned) {
        return workspace.source(dataset) instanceof Source.Cosmos cosmos
                ? frame(dataset, new CosmosReader(session, cosmos).keys(dataset), learned)
                : live(dataset, learned);
    }

    /**
     * At least those records of which the field names no time before that one, or none at all. More of them where a source
     * cannot be asked for less. Local times and dates are taken for those of UTC.
     */
    public Frame since(DatasetSpec dataset, Map<String, DataType> learned, FieldPath field, Instant time) {
        return live(dataset, learned, new JdbcReader.Since(field, time), null);
    }

    /**
     * The keys of records that were deleted since, by the table that lists deletes; empty if there is none that can be asked.
     * Columns are named as the key fields. Of a table that does not say when, all it has.
     */
    public Optional<Dataset<Row>> deleted(DatasetSpec dataset, Instant since) {
        if (!(dataset.deletes() instanceof Deletes.Table deletes)
                || !(workspace.source(dataset) instanceof Source.Jdbc jdbc)) {
            return Optional.empty();
        }
        String at = deletes.at();
        JdbcReader.Since when = at == null ? null : new JdbcReader.Since(FieldPath.of(at), since);
        Dataset<Row> rows =
                new JdbcReader(session, jdbc, moments.get(jdbc.name())).read(dataset.columnsOf(deletes.table()), when);
        List<Column> keys = new ArrayList<>();
        deletes.key().forEach((path, column) -> {
            if (!List.of(rows.columns()).contains(column)) {
                throw new SourceUnreadable("dataset '%s': table '%s', which lists its deletes, has no column '%s'"
                        .formatted(dataset.name(), deletes.table(), column));
            }
            keys.add(functions.col(Shape.quoted(column)).alias(path.toString()));
        });
        return Optional.of(rows.select(keys.toArray(Column[]::new)));
    }

    /**
     * Whether records captured before, if there are any, are of the very container that is there now, and not of one of its
     * name that was deleted since, and perhaps restored. Of what is no container, true.
     */
    public boolean isOfContainer(DatasetSpec dataset, Dataset<Row> captured) {
        if (!(workspace.source(dataset) instanceof Source.Cosmos cosmos)) {
            return true;
        }
        List<Row> one = captured.select(functions.get_json_object(functions.col(Shape.DOCUMENT), "$._self"))
                .takeAsList(1);
        return one.isEmpty()
                || new CosmosReader(session, cosmos)
                        .described(dataset)
                        .holds(one.get(0).getString(0));
    }

    /**
     * By how much our clock is ahead of that by which the source says when a record was written, at most: nothing if it is
     * behind, or if the source does not tell.
     */
    public Duration clockAhead(DatasetSpec dataset, Clock ours) {
        if (!(workspace.source(dataset) instanceof Source.Cosmos cosmos)) {
            return Duration.ZERO;
        }
        Instant asked = new CosmosReader(session, cosmos).described(dataset).asked();
        long seconds =
                asked == null ? 0 : Duration.between(asked, ours.instant()).toSeconds();
        // A date of HTTP is a whole second, which may be nearly over.
        return seconds > 0 ? Duration.ofSeconds(seconds + 1) : Duration.ZERO;
    }

    private Frame live(
            DatasetSpec dataset,
            Map<String, DataType> learned,
            JdbcReader.@Nullable Since since,
            @Nullable Collection<Key> keys) {
        Source source = workspace.source(dataset);
        Dataset<Row> records = source.accept(new Source.Visitor<>() {
            @Override
            public Dataset<Row> jdbc(Source.Jdbc jdbc) {
                JdbcReader reader = new JdbcReader(session, jdbc, moments.get(jdbc.name()));
                return keys == null ? reader.read(dataset, since) : reader.read(dataset, keys);
            }

            @Override
            public Dataset<Row> cosmos(Source.Cosmos cosmos) {
                Instant written =
                        since != null && since.field().equals(Location.Container.WRITTEN) ? since.time() : null;
                CosmosReader reader = new CosmosReader(session, cosmos);
                return written != null && dataset.incremental().by() == Incremental.By.CHANGE_FEED
                        ? reader.written(dataset, written)
                        : reader.read(dataset, written);
            }

            @Override
            public Dataset<Row> files(Source.Files files) {
                Location.Folder folder = (Location.Folder) dataset.location();
                Dataset<Row> read = new FileReader(session, dataset.name()).read(path(files, folder), folder);
                Long limit = files.limit().recordsPerSecond();
                int atOnce = session.sparkContext().defaultParallelism();
                return limit == null ? read : Pace.of(read, limit, atOnce);
            }
        });
        return frame(dataset, records, learned);
    }

    /** The files of a folder, read as the dataset's own files are, wherever they lie. */
    public Frame folder(DatasetSpec dataset, String uri, Location.Folder like) {
        return folder(dataset, uri, like, Map.of());
    }

    /**
     * The same, where it is known what JSON columns and documents hold.
     *
     * @param learned as of {@link #frame}
     */
    public Frame folder(DatasetSpec dataset, String uri, Location.Folder like, Map<String, DataType> learned) {
        return frame(dataset, new FileReader(session, dataset.name()).read(uri, like), learned);
    }

    /** Where the files of a dataset lie. */
    public static String path(Source.Files source, Location.Folder folder) {
        String path = folder.path();
        boolean absolute = path.startsWith("/") || path.matches("[A-Za-z][A-Za-z0-9+.-]*:.*");
        return absolute ? path : source.root().replaceAll("/+$", "") + "/" + path;
    }

    /**
     * Records with the shape the workspace gives them.
     *
     * @param learned view types already known of JSON columns, documents, and text that holds exact numbers; what is
     *     missing of the former two is learned from all records
     */
    public Frame frame(DatasetSpec dataset, Dataset<Row> records, Map<String, DataType> learned) {
        return new Frame(records, shaping(dataset, records, learned).shape());
    }

    /** The same of records of another day: of the fields the workspace names today only the key must be there. */
    public Frame ofThen(DatasetSpec dataset, Dataset<Row> records, Map<String, DataType> learned) {
        return new Frame(records, shaping(dataset, records, learned).ofThen());
    }

    private Shaping shaping(DatasetSpec dataset, Dataset<Row> records, Map<String, DataType> learned) {
        return shaping(dataset, records.schema(), () -> records, learned);
    }

    /**
     * The shape of records of another day that have these columns; empty if it takes the records to find it. Needs no
     * session.
     */
    public static Optional<Shape> shapeOfThen(DatasetSpec dataset, StructType stored, Map<String, DataType> learned) {
        try {
            Supplier<Dataset<Row>> none = () -> {
                throw new NoSuchElementException();
            };
            return Optional.of(shaping(dataset, stored, none, learned).ofThen());
        } catch (NoSuchElementException e) {
            return Optional.empty();
        }
    }

    private static Shaping shaping(
            DatasetSpec dataset, StructType stored, Supplier<Dataset<Row>> records, Map<String, DataType> learned) {
        for (StructField field : stored.fields()) {
            if (!Rows.supports(field.dataType())) {
                throw new SourceUnreadable("dataset '%s': field '%s' is of type %s, which cannot be compared exactly"
                        .formatted(
                                dataset.name(), field.name(), field.dataType().simpleString()));
            }
        }
        return new Shaping(dataset, stored, records, learned);
    }

    /** The columns of the key in the order declared, as one struct. */
    public static Column key(DatasetSpec dataset, Shape shape, String prefix) {
        return functions.struct(dataset.key().stream()
                .map(path -> shape.field(prefix, path).alias(path.toString()))
                .toArray(Column[]::new));
    }

    /** The value at a plain path of names. */
    public static Column field(Shape shape, String prefix, FieldPath path) {
        return shape.field(prefix, path);
    }
}
