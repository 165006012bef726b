package dev.lastgood.job;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.RuleSet;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.Approval;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Due;
import dev.lastgood.workspace.Incremental;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.RestorePolicy;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * A folder in which snapshots are restored for trial: a workspace of its own, with its own store, in which the datasets are
 * files that may be written. Nothing of the real workspace is written, and nothing of this is left.
 */
class Sandbox implements AutoCloseable {
    /** How large a file becomes, about: a restore reads those with damage into memory. */
    private static final long FILE = 64L << 20;

    private static final String KEY = "_drill_key";
    private static final String NUMBER = "_drill_number";

    private final Workplace real;
    private final Path folder;
    private final Map<String, DatasetSpec> datasets = new LinkedHashMap<>();

    Sandbox(Workplace real, Path folder) {
        this.real = real;
        this.folder = folder;
    }

    /** A new one in the folder for temporary files of this machine. */
    static Sandbox open(Workplace real) {
        try {
            return new Sandbox(real, Files.createTempDirectory("lastgood-drill").toAbsolutePath());
        } catch (IOException e) {
            throw new UncheckedIOException("could not make a folder for the sandbox", e);
        }
    }

    /** The datasets as they are in here. */
    List<DatasetSpec> datasets() {
        return List.copyOf(datasets.values());
    }

    /** The workspace in here, with these rules. All of them share its store. */
    Workplace workplace(RuleSet rules) {
        Workspace outer = real.workspace();
        Source source = new Source.Files(
                "sandbox",
                folder.resolve("data").toString(),
                Source.Limit.NONE,
                Map.of(),
                outer.sources().values().iterator().next().place());
        return real.beside(new Workspace(
                outer.name() + "-drill",
                folder,
                folder.resolve("store").toString(),
                outer.hadoop(),
                Map.of("sandbox", source),
                datasets,
                rules,
                null,
                Due.NEVER,
                null,
                Approval.DEFAULT,
                outer.file()));
    }

    /**
     * Writes the records of a dataset: documents as JSON Lines, all else as Parquet, which has every type.
     *
     * @param bytes of the snapshot, by which the number of files is chosen
     */
    void restore(DatasetSpec dataset, Frame records, long count, long bytes) {
        datasets.put(dataset.name(), inside(dataset, records.shape()));
        long perFile = count == 0 ? 1 : Math.max(1, FILE / Math.max(1, bytes / count));
        write(columns(records), records.shape().isDocument(), data(dataset), perFile);
    }

    private static Dataset<Row> columns(Frame frame) {
        Shape shape = frame.shape();
        List<Column> columns = new ArrayList<>();
        for (StructField field : shape.stored().fields()) {
            Column column = col(Shape.quoted(field.name()));
            // That text is a number is said beside it, and lost by what reads columns by name and type.
            columns.add(
                    shape.numbers().contains(field.name())
                            ? column.as(field.name(), Shape.number())
                            : column.alias(field.name()));
        }
        return frame.records().select(columns.toArray(Column[]::new));
    }

    private static void write(Dataset<Row> records, boolean documents, Path to, long perFile) {
        var writer = records.write().option("maxRecordsPerFile", perFile);
        if (documents) {
            writer.text(to.toString());
        } else {
            writer.parquet(to.toString());
        }
    }

    private Path data(DatasetSpec dataset) {
        return folder.resolve("data").resolve(dataset.name());
    }

    /** The dataset in here: all of it is compared, and it may be written. */
    @SuppressWarnings("NullAway") // of a nested type it does not see what may be null
    private static DatasetSpec inside(DatasetSpec dataset, Shape shape) {
        DatasetSpec plain = dataset.plain(dataset.key());
        RestorePolicy policy = new RestorePolicy(
                RestorePolicy.Write.IN_PLACE,
                List.of(),
                List.of(),
                null,
                List.of(),
                RestorePolicy.Limits.NONE,
                RestorePolicy.Timeouts.DEFAULT,
                List.of(),
                RestorePolicy.Throttle.NONE);
        return new DatasetSpec(
                plain.name(),
                "sandbox",
                new Location.Folder(
                        plain.name(),
                        shape.isDocument() ? Location.FileFormat.JSON : Location.FileFormat.PARQUET,
                        Location.Csv.DEFAULT,
                        Map.of()),
                plain.schema(),
                view(plain),
                null,
                plain.key(),
                null,
                null,
                null,
                plain.json(),
                List.of(),
                Map.of(),
                plain.mask(),
                List.of(),
                Map.of(),
                null,
                null,
                Incremental.DEFAULT,
                List.of(),
                policy,
                plain.places());
    }

    /** In a container seconds since 1970 are a time; in a file they are the number they are. */
    private static Map<FieldPath, DatasetSpec.TypeText> view(DatasetSpec dataset) {
        Map<FieldPath, DatasetSpec.TypeText> view = new LinkedHashMap<>(dataset.view());
        if (dataset.location() instanceof Location.Container) {
            view.remove(Location.Container.WRITTEN);
        }
        return view;
    }

    /**
     * Damage that was planted.
     *
     * @param changed records in which a field is another
     * @param removed records that are gone
     */
    record Planted(int changed, int removed) {
        int all() {
            return changed + removed;
        }
    }

    /**
     * Damages some records of a dataset in here, the same ones each time: in most a field is another, the others are gone.
     *
     * @param most how many records
     */
    Planted damage(DatasetSpec dataset, Frame live, int most) {
        Column key = Sources.key(dataset, live.shape(), "");
        List<Row> keys = live.records()
                .select(key.alias(KEY))
                .orderBy(xxhash64(col(KEY)), col(KEY))
                .limit(most)
                .collectAsList();
        if (keys.isEmpty()) {
            return new Planted(0, 0);
        }
        List<StructField> fields = damageable(dataset, live.shape());
        boolean changes = live.shape().isDocument() || !fields.isEmpty();
        int removed = changes ? (keys.size() + 9) / 10 : keys.size();
        List<Row> numbered = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            numbered.add(RowFactory.create(keys.get(i).get(0), i));
        }
        StructType schema = new StructType()
                .add(KEY, keys.get(0).schema().fields()[0].dataType())
                .add(NUMBER, DataTypes.IntegerType);
        Dataset<Row> chosen = live.records().sparkSession().createDataFrame(numbered, schema);
        Dataset<Row> all = live.records().withColumn(KEY, key);
        Dataset<Row> joined = all.join(broadcast(chosen), all.col(KEY).eqNullSafe(chosen.col(KEY)), "left")
                .where(col(NUMBER).isNull().or(col(NUMBER).geq(removed)));
        List<Column> columns = new ArrayList<>();
        for (StructField field : live.shape().stored().fields()) {
            Column kept = col(Shape.quoted(field.name()));
            int turn = fields.indexOf(field);
            Column another = live.shape().isDocument()
                    ? when(col(NUMBER).isNotNull(), regexp_replace(kept, lit("\\A\\s*\\{"), lit("{\"drilled\":true,")))
                            .otherwise(kept)
                    : turn < 0
                            ? kept
                            : when(
                                            col(NUMBER)
                                                    .isNotNull()
                                                    .and(pmod(col(NUMBER), lit(fields.size()))
                                                            .equalTo(turn)),
                                            another(kept, field, live.shape()))
                                    .otherwise(kept);
            columns.add(
                    live.shape().numbers().contains(field.name())
                            ? another.as(field.name(), Shape.number())
                            : another.alias(field.name()));
        }
        Path beside = folder.resolve("data").resolve(dataset.name() + "-damaged");
        write(joined.select(columns.toArray(Column[]::new)), live.shape().isDocument(), beside, Long.MAX_VALUE);
        try {
            delete(data(dataset));
            Files.move(beside, data(dataset));
        } catch (IOException e) {
            throw new UncheckedIOException("could not damage the sandbox", e);
        }
        return new Planted(keys.size() - removed, removed);
    }

    private static List<StructField> damageable(DatasetSpec dataset, Shape shape) {
        Set<String> key = dataset.key().stream().map(FieldPath::root).collect(Collectors.toSet());
        return Stream.of(shape.stored().fields())
                .filter(field -> !key.contains(field.name()) && !shape.json().contains(field.name()))
                .filter(field -> isPlain(field.dataType()))
                .toList();
    }

    private static boolean isPlain(DataType type) {
        return type instanceof StringType
                || type instanceof NumericType
                || type instanceof BooleanType
                || type instanceof DateType
                || type instanceof TimestampType
                || type instanceof TimestampNTZType;
    }

    /** Another value than the one that is there, whichever that is. */
    private static Column another(Column value, StructField field, Shape shape) {
        if (field.dataType() instanceof StringType && !shape.numbers().contains(field.name())) {
            return when(value.isNull(), lit("drilled")).otherwise(concat(value, lit("~")));
        }
        Column something = field.dataType() instanceof DateType
                        || field.dataType() instanceof TimestampType
                        || field.dataType() instanceof TimestampNTZType
                ? lit("2000-01-01").cast(field.dataType())
                : field.dataType() instanceof BooleanType ? lit(true) : lit("0").cast(field.dataType());
        return when(value.isNull(), something).otherwise(lit(null).cast(field.dataType()));
    }

    @Override
    public void close() {
        try {
            delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("could not remove the sandbox " + folder, e);
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
    }
}
