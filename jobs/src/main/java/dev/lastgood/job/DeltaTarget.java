package dev.lastgood.job;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.source.TableFormat;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.target.TargetUnavailable;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;
import org.jspecify.annotations.Nullable;

/**
 * A Delta table. A batch is one {@code MERGE}: it writes a record only if every field of it still is as it was read, and Delta
 * commits it only if nobody has committed meanwhile what it has read. The commit carries a mark of its own in its {@code userMetadata},
 * by which it is found if its answer was lost; what came of each change is then read at that very version of the table.
 *
 * <p>A token is a digest of the record. The table keeps no tombstones. A new record is written only if the table's isolation level
 * is {@code Serializable}: at any other, one that somebody else appends at the same time is not seen.
 */
final class DeltaTarget implements Target {
    private static final String METADATA = "spark.databricks.delta.commitInfo.userMetadata";
    private static final String KEY = "_key";
    private static final String RECORD = "_record";
    private static final String WAS = "_was";
    private static final String IS = "_is";
    private static final String FIELDS = "_fields";
    private static final String VIEW = "lastgood_changes";

    private final SparkSession session;
    private final Sources sources;
    private final DatasetSpec dataset;
    private final String address;
    private final String path;
    private @Nullable Shape shape;
    private @Nullable Boolean serializable;

    /** @param address where it lies */
    DeltaTarget(SparkSession session, Sources sources, DatasetSpec dataset, String address) {
        this.session = session;
        this.sources = sources;
        this.dataset = dataset;
        this.address = address;
        this.path = new org.apache.hadoop.fs.Path(address).toString();
    }

    private String table() {
        return "delta." + Shape.quoted(path);
    }

    private Row detail() {
        return answer(
                "describe the table",
                () -> session.sql("DESCRIBE DETAIL " + table()).head());
    }

    @Override
    public String identity() {
        return "delta table %s %s".formatted(path, detail().<String>getAs("id"));
    }

    @Override
    public String schema() {
        return Sha256.of(shape().stored().toDDL().getBytes(StandardCharsets.UTF_8))
                .hex();
    }

    private Shape shape() {
        Shape known = shape;
        if (known == null) {
            known = sources.live(dataset).shape();
            shape = known;
        }
        return known;
    }

    /** Throws {@link Refusal} where what was read could not be guarded: what cannot be told apart by an equality. */
    void requireWritable() {
        Shape of = shape();
        for (StructField field : of.stored().fields()) {
            if (hasNoEquality(field.dataType())) {
                throw refusal("has field '%s' of type %s, of which two values cannot be compared"
                        .formatted(field.name(), field.dataType().simpleString()));
            }
        }
        for (FieldPath key : dataset.key()) {
            boolean plain = key.steps().size() == 1
                    && Stream.of(of.stored().fields())
                            .anyMatch(field -> field.name().equals(key.root())
                                    && field.dataType()
                                            .equals(of.view().apply(key.root()).dataType()));
            if (!plain) {
                throw refusal("has key field '%s', which is no column as it is stored".formatted(key));
            }
        }
    }

    private Refusal refusal(String why) {
        return new Refusal(
                "dataset '%s' %s; nothing was written".formatted(dataset.name(), why),
                "Write down what is to be done, with 'lastgood restore export'.");
    }

    private static boolean hasNoEquality(DataType type) {
        return type instanceof MapType
                || type instanceof VariantType
                || (type instanceof ArrayType array && hasNoEquality(array.elementType()))
                || (type instanceof StructType struct
                        && Stream.of(struct.fields()).anyMatch(field -> hasNoEquality(field.dataType())));
    }

    /** Also of what could not be written. */
    @Override
    public Map<Key, Seen> read(List<Key> keys) {
        return answer("read %d records".formatted(keys.size()), () -> read(keys, version(), new LinkedHashMap<>()));
    }

    @Override
    public Batch open(List<Key> keys) {
        requireWritable();
        return answer("read %d records".formatted(keys.size()), () -> {
            long version = version();
            Map<Key, Row> records = new LinkedHashMap<>();
            return new MergeBatch(version, read(keys, version, records), records);
        });
    }

    private long version() {
        return session.sql("DESCRIBE HISTORY " + table() + " LIMIT 1").head().<Long>getAs("version");
    }

    private interface Question<R> {
        R ask();
    }

    /** What Spark says may quote values. */
    private <R> R answer(String what, Question<R> question) {
        try {
            return question.ask();
        } catch (Refusal | TargetUnavailable e) {
            throw e;
        } catch (Exception e) { // Scala checks none of them
            throw new TargetUnavailable(
                    "table %s: could not %s (%s); nothing was written"
                            .formatted(path, what, e.getClass().getSimpleName()),
                    e);
        }
    }

    private Frame at(long version) {
        Dataset<Row> records = TableFormat.DELTA
                .reader(session, address, Thread.currentThread().getContextClassLoader())
                .option("versionAsOf", version)
                .load(path);
        Map<String, DataType> learned = shape().json().stream()
                .collect(Collectors.toMap(
                        name -> name, name -> shape().view().apply(name).dataType()));
        return sources.frame(dataset, records, learned);
    }

    /** @param stored takes the records as they are stored */
    private Map<Key, Seen> read(List<Key> keys, long version, Map<Key, Row> stored) {
        Map<Key, Seen> seen = new LinkedHashMap<>();
        keys.forEach(key -> seen.put(key, Seen.ABSENT));
        if (keys.isEmpty()) {
            return seen;
        }
        Frame frame = at(version);
        StructType type = Keys.type(dataset, frame.shape());
        List<Row> rows = new ArrayList<>();
        keys.forEach(key -> rows.add(
                RowFactory.create(RowFactory.create(Keys.cells(key, type).toArray()))));
        Dataset<Row> wanted = session.createDataFrame(rows, new StructType().add("_wanted", type, true));
        frame.records()
                .select(
                        Keys.column(dataset, frame.shape()).alias(KEY),
                        struct(stored(frame.shape())).alias(RECORD))
                .join(broadcast(wanted), Keys.same(col(KEY), col("_wanted"), type), "left_semi")
                .collectAsList()
                .forEach(row -> {
                    Image image = frame.shape().image(row.getStruct(1));
                    Key key = Keys.key(row.getStruct(0));
                    stored.put(key, row.getStruct(1));
                    seen.merge(
                            key,
                            new Seen(image, token(image)),
                            (before, now) -> before.absent() ? now : Seen.several(image));
                });
        return seen;
    }

    private static String token(@Nullable Image image) {
        return image == null ? "" : Canonical.hex(image.object()).substring(0, 32);
    }

    private static Column[] stored(Shape of) {
        return Arrays.stream(of.stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
    }

    private boolean isSerializable() {
        Boolean known = serializable;
        if (known == null) {
            Map<String, String> properties = detail().getJavaMap(detail().fieldIndex("properties"));
            known = "Serializable".equals(properties.get("delta.isolationLevel"));
            serializable = known;
        }
        return known;
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    /** One version of the table, and what is to be written over it. */
    private final class MergeBatch implements Batch {
        private final long version;
        private final Map<Key, Seen> seen;
        private final Map<Key, Row> records;

        MergeBatch(long version, Map<Key, Seen> seen, Map<Key, Row> records) {
            this.version = version;
            this.seen = seen;
            this.records = records;
        }

        @Override
        public Map<Key, Seen> seen() {
            return seen;
        }

        @Override
        public void close() {
            // Nothing is held: what was read is the guard.
        }

        @Override
        public Map<Key, Written> write(List<Change> changes) {
            Map<Key, Written> answers = new LinkedHashMap<>();
            Map<Change, @Nullable Image> wanted = new LinkedHashMap<>();
            for (Change change : changes) {
                Optional<String> wrong = wrong(change);
                if (wrong.isPresent()) {
                    answers.put(change.key(), new Written.Refused(wrong.get()));
                } else {
                    wanted.put(change, change.result());
                }
            }
            if (wanted.isEmpty()) {
                return answers;
            }
            String mark = "lastgood " + UUID.randomUUID();
            @Nullable Exception failure = null;
            try {
                merge(wanted, mark);
            } catch (Exception e) { // Scala checks none of them
                failure = e;
            }
            try {
                OptionalLong committed = committed(mark);
                if (committed.isPresent()) {
                    answers.putAll(outcomes(wanted.keySet(), committed.getAsLong()));
                } else {
                    Written missing = missing(failure);
                    wanted.keySet().forEach(change -> answers.put(change.key(), missing));
                }
            } catch (Exception e) { // Scala checks none of them
                Written unknown = new Written.Unknown(e.getClass().getSimpleName());
                wanted.keySet().forEach(change -> answers.put(change.key(), unknown));
            }
            return answers;
        }

        /** What came of a merge that has left no commit with its mark. */
        private Written missing(@Nullable Exception failure) {
            if (failure == null) {
                // Where nothing was as it had been read, there is no commit; and where Delta is told not to, no mark.
                return session.sql("DESCRIBE HISTORY " + table())
                                .where(col("version")
                                        .gt(version)
                                        .and(col("operation").isNull()))
                                .isEmpty()
                        ? new Written.Refused("the table was written meanwhile")
                        : new Written.Unknown("commits of this table do not say whose they are");
            }
            return isStorage(failure)
                    ? new Written.Unknown(failure.getClass().getSimpleName())
                    : new Written.Refused(
                            isConflict(failure)
                                    ? "the table was written meanwhile"
                                    : "Delta does not take it: "
                                            + failure.getClass().getSimpleName());
        }

        /**
         * What came of a merge, by the version it has made and the one before: it has written what was there as it had been
         * read, and nothing else.
         */
        private Map<Key, Written> outcomes(Set<Change> changes, long committed) {
            List<Key> keys = changes.stream().map(Change::key).toList();
            Map<Key, Seen> before = read(keys, committed - 1, new LinkedHashMap<>());
            Map<Key, Seen> after = read(keys, committed, new LinkedHashMap<>());
            Map<Key, Written> outcomes = new LinkedHashMap<>();
            for (Change change : changes) {
                Seen then = Objects.requireNonNull(before.get(change.key()));
                Seen now = Objects.requireNonNull(after.get(change.key()));
                outcomes.put(change.key(), outcome(change, then, now));
            }
            return outcomes;
        }

        private Written outcome(Change change, Seen then, Seen now) {
            if (then.isSeveral() || now.isSeveral()) {
                return new Written.Unknown("several records have this key");
            }
            if (!then.token().equals(change.seen().token())) {
                return new Written.Refused("the record is not as it was read any more");
            }
            if (isAsWanted(change, now)) {
                return new Written.Done(now.token());
            }
            return now.token().equals(then.token())
                    ? new Written.Refused("the record was not written")
                    : new Written.Unknown("the record is not what was written");
        }

        /** A column that is not named is NULL; and one that the table computes is its own. */
        private boolean isAsWanted(Change change, Seen now) {
            Image desired = change.desired();
            Image image = now.image();
            if (desired == null || image == null) {
                return desired == null && image == null;
            }
            Set<String> fields = change.seen().absent() ? desired.fields().keySet() : change.fields();
            return fields.stream().allMatch(field -> token(field, desired).equals(token(field, image)));
        }

        private static String token(String field, Image image) {
            return DeltaTarget.token(
                    Image.of(Map.of(field, Objects.requireNonNullElse(image.field(field), Value.NULL))));
        }

        private Optional<String> wrong(Change change) {
            if (change.seen().isSeveral()) {
                return Optional.of("several records have this key");
            }
            Image desired = change.desired();
            if (desired == null) {
                return Optional.empty();
            }
            if (change.seen().absent() && !isSerializable()) {
                return Optional.of("the table's isolation level does not show what others append meanwhile:"
                        + " set delta.isolationLevel to Serializable");
            }
            Set<String> fields =
                    new TreeSet<>(change.seen().absent() ? desired.fields().keySet() : change.fields());
            fields.removeAll(Set.of(shape().stored().fieldNames()));
            if (!fields.isEmpty()) {
                return Optional.of("the table has no field '%s'"
                        .formatted(fields.iterator().next()));
            }
            try {
                shape().row(Objects.requireNonNull(change.result()));
                return Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }

        private void merge(Map<Change, @Nullable Image> wanted, String mark) {
            Set<String> written = new TreeSet<>();
            wanted.keySet().forEach(change -> written.addAll(change.fields()));
            changes(wanted).createOrReplaceTempView(VIEW);
            String before = session.conf().get(METADATA, "");
            session.conf().set(METADATA, mark);
            try {
                session.sql(statement(written)).collectAsList();
            } finally {
                if (before.isEmpty()) {
                    session.conf().unset(METADATA);
                } else {
                    session.conf().set(METADATA, before);
                }
                session.catalog().dropTempView(VIEW);
            }
        }

        private Dataset<Row> changes(Map<Change, @Nullable Image> wanted) {
            StructType key = Keys.type(dataset, shape());
            StructType schema = new StructType()
                    .add(KEY, key, true)
                    .add(WAS, nullable(shape().stored()), true)
                    .add(IS, nullable(shape().stored()), true)
                    .add(FIELDS, DataTypes.createArrayType(DataTypes.StringType), true);
            List<Row> rows = new ArrayList<>();
            wanted.forEach((change, image) -> rows.add(RowFactory.create(
                    RowFactory.create(Keys.cells(change.key(), key).toArray()),
                    records.get(change.key()),
                    image == null ? null : shape().row(image),
                    List.copyOf(change.fields()))));
            return session.createDataFrame(rows, schema);
        }

        /** Each field is told by its name whether it is written: one statement serves all changes. */
        private String statement(Set<String> written) {
            List<String> names = List.of(shape().stored().fieldNames());
            String key = dataset.key().stream()
                    .map(path ->
                            "t.%s <=> c.%s.%s".formatted(Shape.quoted(path.root()), KEY, Shape.quoted(path.toString())))
                    .collect(Collectors.joining(" AND "));
            String asRead = "c.%s IS NOT NULL AND ".formatted(WAS)
                    + names.stream()
                            .map(name -> "t.%1$s <=> c.%2$s.%1$s".formatted(Shape.quoted(name), WAS))
                            .collect(Collectors.joining(" AND "));
            String set = names.stream()
                    .filter(written::contains)
                    .map(name -> "t.%1$s = CASE WHEN array_contains(c.%2$s, '%4$s') THEN c.%3$s.%1$s ELSE t.%1$s END"
                            .formatted(
                                    Shape.quoted(name),
                                    FIELDS,
                                    IS,
                                    name.replace("\\", "\\\\").replace("'", "\\'")))
                    .collect(Collectors.joining(", "));
            String columns = names.stream().map(Shape::quoted).collect(Collectors.joining(", "));
            String values = names.stream()
                    .map(name -> "c.%s.%s".formatted(IS, Shape.quoted(name)))
                    .collect(Collectors.joining(", "));
            return """
                    MERGE INTO %s t USING %s c ON %s
                    WHEN MATCHED AND c.%s IS NULL AND %s THEN DELETE
                    %s
                    WHEN NOT MATCHED AND c.%s IS NULL THEN INSERT (%s) VALUES (%s)
                    """.formatted(
                            table(),
                            VIEW,
                            key,
                            IS,
                            asRead,
                            set.isEmpty() ? "" : "WHEN MATCHED AND %s THEN UPDATE SET %s".formatted(asRead, set),
                            WAS,
                            columns,
                            values);
        }

        /** The version that carries the mark. */
        private OptionalLong committed(String mark) {
            return session
                    .sql("DESCRIBE HISTORY " + table())
                    .where(col("version").gt(version).and(col("userMetadata").equalTo(mark)))
                    .select("version")
                    .collectAsList()
                    .stream()
                    .mapToLong(row -> row.getLong(0))
                    .findFirst();
        }

        /** An answer of the storage may be lost, and what it was asked for be done all the same. */
        private static boolean isStorage(Throwable failure) {
            return !isConflict(failure)
                    && Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                            .anyMatch(java.io.IOException.class::isInstance);
        }

        /** A commit that Delta has refused because of another has not happened. */
        private static boolean isConflict(Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause.getClass().getSimpleName().startsWith("Concurrent")
                        || cause instanceof java.util.ConcurrentModificationException) {
                    return true;
                }
            }
            return false;
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
