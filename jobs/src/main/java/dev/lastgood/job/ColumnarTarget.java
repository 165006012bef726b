package dev.lastgood.job;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.target.TargetUnavailable;
import dev.lastgood.target.WholeFile;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A folder of Parquet or ORC files on a local file system. A file is the unit, as {@link WholeFile} has it. Spark reads the
 * records asked for, and prepares a new file aside from the very bytes whose digest is the guard: every column that no
 * change names is copied as it is stored. A file that would come out with another schema of its format, or another number
 * of records, is not written.
 *
 * <p>Files keep no tombstones, so absent records have no token. A new record goes to the last file of its partition.
 */
final class ColumnarTarget implements Target {
    private static final String FILE = "_file";
    private static final String KEY = "_key";
    private static final String RECORD = "_record";
    private static final String CHANGE = "_change";
    private static final String DELETED = "_deleted";
    private static final String FIELDS = "_fields";

    private final SparkSession session;
    private final Sources sources;
    private final DatasetSpec dataset;
    private final Location.Folder location;
    private final Path path;
    private final WholeFile.Originals originals;
    private final Set<String> ours = new HashSet<>();
    private @Nullable Shape shape;

    ColumnarTarget(
            SparkSession session, Sources sources, DatasetSpec dataset, Path path, WholeFile.Originals originals) {
        this.session = session;
        this.sources = sources;
        this.dataset = dataset;
        this.location = (Location.Folder) dataset.location();
        this.path = path.toAbsolutePath().normalize();
        this.originals = originals;
    }

    @Override
    public String identity() {
        return "file " + path;
    }

    @Override
    public String schema() {
        return dev.lastgood.snapshot.Sha256.of(
                        shape().stored().toDDL().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .hex();
    }

    private Shape shape() {
        if (shape == null) {
            shape = sources.live(dataset).shape();
        }
        return shape;
    }

    /** What JSON columns hold is asked once; no batch reads the dataset for it again. */
    private Frame frame(String uri) {
        Shape known = shape();
        Map<String, DataType> learned = new HashMap<>();
        known.json().forEach(name -> learned.put(name, known.view().apply(name).dataType()));
        return sources.folder(dataset, uri, location, learned);
    }

    private record Found(Path file, Image image) {}

    @Override
    public Batch open(List<Key> keys) {
        Map<Path, String> tokens = new LinkedHashMap<>();
        WholeFile.in(path)
                .forEach(file -> tokens.put(file, WholeFile.read(path, file).token()));
        Map<Key, List<Found>> found = new HashMap<>();
        if (!tokens.isEmpty() && !keys.isEmpty()) {
            try {
                find(keys)
                        .forEach(row -> found.computeIfAbsent(Keys.key(row.getStruct(1)), any -> new ArrayList<>(1))
                                .add(new Found(
                                        Path.of(URI.create(row.getString(0))), shape().image(row.getStruct(2)))));
            } catch (RuntimeException e) {
                // What Spark says may quote values.
                throw new TargetUnavailable(
                        "%s: could not read the records (%s); nothing was written"
                                .formatted(path, e.getClass().getSimpleName()),
                        e);
            }
        }
        return new FilesBatch(tokens, keys, found);
    }

    private List<Row> find(List<Key> keys) {
        Frame frame = frame(path.toString());
        StructType type = Keys.type(dataset, frame.shape());
        List<Row> rows = new ArrayList<>();
        keys.forEach(key -> rows.add(
                RowFactory.create(RowFactory.create(Keys.cells(key, type).toArray()))));
        Dataset<Row> wanted = session.createDataFrame(rows, new StructType().add("_wanted", type, true));
        Dataset<Row> records = frame.records()
                .select(
                        input_file_name().alias(FILE),
                        Keys.column(dataset, frame.shape()).alias(KEY),
                        struct(stored(frame.shape())).alias(RECORD));
        return records.join(broadcast(wanted), Keys.same(col(KEY), col("_wanted"), type), "left_semi")
                .collectAsList();
    }

    private static Column[] stored(Shape shape) {
        return Arrays.stream(shape.stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private final class FilesBatch implements Batch {
        private final Map<Path, String> tokens;
        private final Map<Key, List<Found>> found;
        private final Map<Key, Seen> seen = new LinkedHashMap<>();

        FilesBatch(Map<Path, String> tokens, List<Key> keys, Map<Key, List<Found>> found) {
            this.tokens = tokens;
            this.found = found;
            for (Key key : keys) {
                Found one =
                        found.getOrDefault(key, List.of()).stream().findFirst().orElse(null);
                // A file that came after the folder was listed has no token, and so nothing in it can be written.
                seen.put(
                        key,
                        one == null ? Seen.ABSENT : new Seen(one.image(), tokens.getOrDefault(one.file(), "unknown")));
            }
        }

        @Override
        public Map<Key, Seen> seen() {
            return seen;
        }

        @Override
        public void close() {
            // Nothing is held: the hash is the guard.
        }

        @Override
        public Map<Key, Written> write(List<Change> changes) {
            Map<Key, Written> answers = new LinkedHashMap<>();
            Map<Path, List<Change>> byFile = new TreeMap<>();
            for (Change change : changes) {
                List<Found> copies = found.getOrDefault(change.key(), List.of());
                if (copies.size() > 1) {
                    answers.put(change.key(), new Written.Refused(copies.size() + " records have this key"));
                    continue;
                }
                Optional<Path> file = copies.isEmpty()
                        ? fileFor(Objects.requireNonNull(change.desired()))
                        : Optional.of(copies.get(0).file());
                Optional<String> wrong = file.isEmpty() ? Optional.of("there is no file to write to") : wrong(change);
                if (wrong.isPresent()) {
                    answers.put(change.key(), new Written.Refused(wrong.get()));
                } else {
                    byFile.computeIfAbsent(file.get(), any -> new ArrayList<>()).add(change);
                }
            }
            byFile.forEach((file, ofFile) -> {
                Written written = rewrite(file, ofFile);
                ofFile.forEach(change -> answers.put(
                        change.key(),
                        change.desired() == null && written instanceof Written.Done ? new Written.Done("") : written));
            });
            return answers;
        }

        /** The last file of the partition the record belongs to. */
        private Optional<Path> fileFor(Image image) {
            return tokens.keySet().stream().filter(file -> isHome(file, image)).reduce((first, second) -> second);
        }

        /** Other files of the batch may be written already, so whatever goes wrong is an answer, never thrown. */
        private Written rewrite(Path file, List<Change> changes) {
            WholeFile old;
            byte[] fresh;
            try (Workbench bench = new Workbench()) {
                old = WholeFile.read(path, file);
                if (!old.token().equals(tokens.get(file))) {
                    return new Written.Refused("the file has been written since");
                }
                fresh = new Rewrite(bench, old, changes).bytes();
            } catch (Unwritable e) {
                return new Written.Refused(String.valueOf(e.getMessage()));
            } catch (IOException | RuntimeException e) {
                return new Written.Refused(
                        "the new file could not be prepared: " + e.getClass().getSimpleName());
            }
            Written written = old.replace(fresh, ours.contains(old.token()) ? WholeFile.Originals.NONE : originals);
            if (written instanceof Written.Done done) {
                ours.add(done.token());
            }
            return written;
        }
    }

    /** Why the files cannot hold what the change wants, if they cannot. */
    private Optional<String> wrong(Change change) {
        Image desired = change.desired();
        Image now = change.seen().image();
        if (desired == null) {
            return Optional.empty();
        }
        Set<String> names = shape().isDocument()
                ? desired.fields().keySet()
                : Set.of(shape().stored().fieldNames());
        Set<String> fields = now == null ? desired.fields().keySet() : change.fields();
        for (String field : fields) {
            if (!names.contains(field)) {
                return Optional.of("the files have no field '%s'".formatted(field));
            }
        }
        if (now != null) {
            for (String partition : location.partitions().keySet()) {
                if (fields.contains(partition) && !Objects.equals(now.field(partition), desired.field(partition))) {
                    return Optional.of("field '%s' is the name of a folder".formatted(partition));
                }
            }
        }
        try {
            shape().row(Objects.requireNonNull(change.result()));
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private boolean isHome(Path file, Image image) {
        Path partitions = path.relativize(file).getParent();
        if (partitions == null) {
            return true;
        }
        for (Path folder : partitions) {
            String[] parts = folder.toString().split("=", 2);
            Value value = Patch.at(image, FieldPath.of(parts[0])).value();
            if (value == null || !value.toString().equals(parts[1])) {
                return false;
            }
        }
        return true;
    }

    /** A folder of its own, beside nothing of the dataset, and gone at the end. */
    private static final class Workbench implements AutoCloseable {
        private final Path folder;

        Workbench() throws IOException {
            folder = Files.createTempDirectory("lastgood-");
        }

        Path at(String name) {
            return folder.resolve(name);
        }

        @Override
        public void close() throws IOException {
            try (Stream<Path> inside = Files.walk(folder)) {
                for (Path one : inside.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(one);
                }
            }
        }
    }

    private static final class Unwritable extends Exception {
        private static final long serialVersionUID = 1;

        Unwritable(String what) {
            super(what);
        }
    }

    /** One file made anew. */
    private final class Rewrite {
        private final Workbench bench;
        private final WholeFile old;
        private final List<Change> changes;

        Rewrite(Workbench bench, WholeFile old, List<Change> changes) {
            this.bench = bench;
            this.old = old;
            this.changes = changes;
        }

        byte[] bytes() throws IOException, Unwritable {
            Path before = laid("old", old.bytes());
            ColumnarFile was = ColumnarFile.of(location.format(), before);
            Path fresh = written(was);
            ColumnarFile is = ColumnarFile.of(location.format(), fresh);
            if (!is.schema().equals(was.schema())) {
                throw new Unwritable("written here, the file would have another schema:\n%s\ninstead of\n%s"
                        .formatted(is.schema(), was.schema()));
            }
            if (is.records() != expected(was)) {
                throw new IllegalStateException("%d records in the new file of %s, and not %d"
                        .formatted(is.records(), old.name(), expected(was)));
            }
            return asOriginal(Files.readAllBytes(fresh));
        }

        private long expected(ColumnarFile was) {
            long inserted =
                    changes.stream().filter(change -> change.seen().absent()).count();
            long deleted =
                    changes.stream().filter(change -> change.desired() == null).count();
            return was.records() + inserted - deleted;
        }

        /** The bytes as a file of their own, in the folders of its partition. */
        private Path laid(String name, byte[] bytes) throws IOException {
            Path file = bench.at(name).resolve(old.name());
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            return Files.write(file, bytes);
        }

        private Path written(ColumnarFile was) throws IOException {
            Frame frame = frame(bench.at("old").toString());
            List<String> inFile = was.fields();
            Dataset<Row> records = changed(frame, inFile).unionByName(inserted(frame.shape(), inFile));
            String target = bench.at("new").toString();
            records.coalesce(1)
                    .write()
                    .option("compression", was.compression())
                    .format(location.format().name().toLowerCase(java.util.Locale.ROOT))
                    .save(target);
            try (Stream<Path> files = Files.list(bench.at("new"))) {
                return files.filter(one -> {
                            String name = String.valueOf(one.getFileName());
                            return !name.startsWith(".") && !name.startsWith("_");
                        })
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("Spark has written no file to " + target));
            }
        }

        private Dataset<Row> changed(Frame frame, List<String> inFile) {
            StructType key = Keys.type(dataset, frame.shape());
            StructType stored = frame.shape().stored();
            StructType schema = new StructType()
                    .add(KEY, key, true)
                    .add(DELETED, DataTypes.BooleanType, true)
                    .add(FIELDS, DataTypes.createArrayType(DataTypes.StringType), true)
                    .add(RECORD, nullable(stored), true);
            List<Row> rows = new ArrayList<>();
            for (Change change : changes) {
                if (!change.seen().absent()) {
                    Image result = change.result();
                    rows.add(RowFactory.create(
                            RowFactory.create(Keys.cells(change.key(), key).toArray()),
                            result == null,
                            frame.shape().isDocument() ? List.of(Shape.DOCUMENT) : List.copyOf(change.fields()),
                            result == null ? null : frame.shape().row(result)));
                }
            }
            Dataset<Row> updates = session.createDataFrame(rows, schema)
                    .select(struct(col("*")).alias(CHANGE));
            Dataset<Row> keyed = frame.records()
                    .select(
                            Keys.column(dataset, frame.shape()).alias(KEY),
                            struct(stored(frame.shape())).alias(RECORD));
            Dataset<Row> joined = keyed.join(
                    broadcast(updates), Keys.same(col(KEY), col(CHANGE).getField(KEY), key), "left_outer");
            Column deleted = coalesce(col(CHANGE).getField(DELETED), lit(false));
            return joined.where(not(deleted))
                    .select(inFile.stream()
                            .map(name -> when(
                                            array_contains(col(CHANGE).getField(FIELDS), name),
                                            col(CHANGE).getField(RECORD).getField(name))
                                    .otherwise(col(RECORD).getField(name))
                                    .as(name, stored.apply(name).metadata()))
                            .toArray(Column[]::new));
        }

        private Dataset<Row> inserted(Shape shape, List<String> inFile) {
            List<Row> rows = changes.stream()
                    .filter(change -> change.seen().absent())
                    .map(change -> shape.row(Objects.requireNonNull(change.desired())))
                    .toList();
            return session.createDataFrame(rows, nullable(shape.stored()))
                    .select(inFile.stream().map(name -> col(Shape.quoted(name))).toArray(Column[]::new));
        }

        /** An undo gives back the file as it was, not only its content. */
        private byte[] asOriginal(byte[] fresh) throws IOException {
            List<byte[]> known = originals.of(old.name());
            if (known.isEmpty()) {
                return fresh;
            }
            laid("fresh", fresh);
            Row digest = digest("fresh");
            for (int i = 0; i < known.size(); i++) {
                laid("original-" + i, known.get(i));
                if (digest("original-" + i).equals(digest)) {
                    return known.get(i);
                }
            }
            return fresh;
        }

        /** Equal for files of the same records, in whatever order. */
        private Row digest(String name) {
            Column[] sums = Stream.of(Fingerprint.CONTENT_1, Fingerprint.CONTENT_2)
                    .map(lane -> sum(col(lane).cast("decimal(38,0)")))
                    .toArray(Column[]::new);
            return Fingerprint.thin(dataset, frame(bench.at(name).toString()))
                    .agg(count(lit(1)), sums)
                    .head();
        }
    }

    private static StructType nullable(StructType type) {
        StructType nullable = new StructType();
        for (StructField field : type.fields()) {
            nullable = nullable.add(field.name(), field.dataType(), true, field.metadata());
        }
        return nullable;
    }
}
