package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lastgood.audit.Examiner;
import dev.lastgood.audit.Retrospect;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Finds fields that hold again what they held before the baseline: somebody has written back a stale copy of the record. Work
 * does so too, so what counts is where it happens more often than elsewhere. Asked are some thousand records of each
 * kind, of a few captures.
 */
final class Returned {
    /** What the change of such a field is called. */
    static final String PATTERN = "back to the value of an older snapshot";

    /** The column: paths of fields that hold again what they once held; null if it was not looked up. */
    static final String RETURNED = "returned";

    /** Captures older than the baseline that are asked, the newest. */
    static final int CAPTURES = 8;

    /** Records that are looked up of the corrupt ones, of those that match in who wrote them and when, and of others. */
    static final int MOST = 10_000;

    /** A longer value is not compared. */
    private static final int MOST_CHARACTERS = 200;

    /** More of a record's fields are not. */
    private static final int MOST_FIELDS = 40;

    private static final int MOST_COUNTED = 10_000;

    /** So many records must have one for it to be no chance. */
    private static final long FEWEST = 3;

    /** So large a part of the changes of a field must be such. */
    private static final double LEAST_SHARE = 0.1;

    /** So much more often than elsewhere it must happen. */
    private static final double LEAST_RATIO = 3;

    private static final String FIELDS = "_fields";

    private final Dataset<Row> known;
    private final Map<Integer, SortedMap<String, Long>> counts;

    private Returned(Dataset<Row> known, Map<Integer, SortedMap<String, Long>> counts) {
        this.known = known;
        this.counts = Map.copyOf(counts);
    }

    /**
     * Looks records up.
     *
     * @param assigned changed records, those of a cause with its number
     * @param records those of the audit
     * @param asked by number of the cause, whether a record was written as its records were
     * @param older captures before the baseline; asked for only if they are needed
     * @param written puts a table to rest
     */
    static Returned among(
            SparkSession session,
            DatasetSpec dataset,
            Dataset<Row> assigned,
            Dataset<Row> records,
            Map<Integer, Column> asked,
            Supplier<List<Frame>> older,
            BiFunction<String, Dataset<Row>, Dataset<Row>> written) {
        List<Frame> captures = asked.isEmpty() ? List.of() : older.get();
        if (captures.isEmpty()) {
            return new Returned(assigned.withColumn(RETURNED, lit(null).cast("array<string>")), Map.of());
        }
        Dataset<Row> wanted = written.apply("changed", wanted(assigned, records, asked));
        Dataset<Row> returned = written.apply("returned", returned(session, dataset, captures, wanted));
        Dataset<Row> known = assigned.join(broadcast(returned), col("keyTagged").equalTo(col("_tag")), "left")
                .drop("_tag");
        return new Returned(known, counted(known, asked));
    }

    /** All changed records, with {@link #RETURNED}. */
    Dataset<Row> records() {
        return known;
    }

    /** By path of a field that came back more often than elsewhere, in how many corrupt records of the cause it did. */
    SortedMap<String, Long> of(int number) {
        return counts.getOrDefault(number, new TreeMap<>());
    }

    // ---- looking up

    /** The records to look up, and what changed in them. */
    private static Dataset<Row> wanted(Dataset<Row> assigned, Dataset<Row> records, Map<Integer, Column> asked) {
        Dataset<Row> changed =
                assigned.where(col("keyTagged").isNotNull().and(col("change").equalTo(Examiner.Change.CHANGED.text())));
        Column group = group(asked);
        Dataset<Row> members = null;
        for (Column part : List.of(
                Labelling.isCorrupt().and(group.geq(0)),
                not(Labelling.isCorrupt()).and(group.geq(0)),
                group.equalTo(-1))) {
            // By their hash they are a sample, and the same one each time.
            Dataset<Row> some = changed.where(part)
                    .select(col(Members.RECORD).alias("_member"))
                    .orderBy(xxhash64(col("_member")), col("_member"))
                    .limit(MOST);
            members = members == null ? some : members.unionAll(some);
        }
        // Of an element nobody knows which it was.
        Column comparable = filter(
                col("fields"),
                field -> field.getField("after")
                        .isNotNull()
                        .and(field.getField("after").notEqual("null"))
                        .and(length(field.getField("after")).leq(MOST_CHARACTERS))
                        .and(Facts.path(field).equalTo(field.getField("path"))));
        Column fields = transform(
                slice(comparable, 1, MOST_FIELDS),
                field -> struct(
                        field.getField("path").alias("path"),
                        field.getField("after").alias("after")));
        return records.join(
                        broadcast(Objects.requireNonNull(members)),
                        Members.record().equalTo(col("_member")))
                .select(col("keyTagged"), fields.alias(FIELDS));
    }

    /**
     * The cause of a corrupt record, or the first that a record without fault could be of; -1: a record without fault that
     * could be of none; -2: a corrupt one of another cause.
     */
    private static Column group(Map<Integer, Column> asked) {
        Column group = when(lit(false), -1);
        for (Map.Entry<Integer, Column> one : new TreeMap<>(asked).entrySet()) {
            group = group.when(one.getValue(), one.getKey());
        }
        group = group.otherwise(-1);
        Column own = when(col(Incidents.NUMBER).isin(asked.keySet().toArray()), col(Incidents.NUMBER))
                .otherwise(-2);
        return when(Labelling.isCorrupt(), own).otherwise(group);
    }

    /** By {@code keyTagged} the {@link #RETURNED} paths, of all that were looked up. */
    private static Dataset<Row> returned(
            SparkSession session, DatasetSpec dataset, List<Frame> older, Dataset<Row> wanted) {
        List<String> tags = wanted.select("keyTagged").as(Encoders.STRING()).collectAsList();
        Map<Shape, List<Frame>> alike = new LinkedHashMap<>();
        older.forEach(frame ->
                alike.computeIfAbsent(frame.shape(), any -> new ArrayList<>()).add(frame));
        Dataset<Row> found = session.createDataFrame(List.of(), Found.SCHEMA);
        for (Map.Entry<Shape, List<Frame>> one : alike.entrySet()) {
            found = found.unionAll(found(session, dataset, one.getKey(), one.getValue(), tags, wanted));
        }
        Dataset<Row> byTag =
                found.groupBy(col("tag").alias("_tag")).agg(collect_set("path").alias("_paths"));
        return wanted.join(byTag, col("keyTagged").equalTo(col("_tag")), "left")
                .select(
                        col("keyTagged").alias("_tag"),
                        coalesce(col("_paths"), array().cast("array<string>")).alias(RETURNED));
    }

    private static Dataset<Row> found(
            SparkSession session,
            DatasetSpec dataset,
            Shape shape,
            List<Frame> frames,
            List<String> tags,
            Dataset<Row> wanted) {
        StructType type = Keys.type(dataset, shape);
        List<Row> keys = new ArrayList<>();
        for (String tag : tags) {
            Keys.as(OlderCaptures.key(tag), type)
                    .ifPresent(key -> keys.add(RowFactory.create(
                            tag, RowFactory.create(Keys.cells(key, type).toArray()))));
        }
        StructType columns =
                new StructType().add("_tag", DataTypes.StringType, false).add("_wanted", type, true);
        Dataset<Row> now = session.createDataFrame(keys, columns)
                .join(wanted, col("_tag").equalTo(col("keyTagged")))
                .select(col("_tag"), col("_wanted"), col(FIELDS));
        Map<Integer, Frame> numbered = new LinkedHashMap<>();
        frames.forEach(frame -> numbered.put(numbered.size(), frame));
        Column[] stored = Arrays.stream(shape.stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        return Retrospect.records(numbered)
                .select(
                        Keys.column(dataset, shape).alias("_key"),
                        struct(stored).alias("_then"))
                .join(now, Keys.same(col("_key"), col("_wanted"), type))
                .select(col("_tag"), col(FIELDS), col("_then"))
                .flatMap(new Found(shape), Encoders.row(Found.SCHEMA));
    }

    /** The fields that a record held as it does now. */
    private record Found(Shape shape) implements FlatMapFunction<Row, Row>, Serializable {
        static final StructType SCHEMA =
                new StructType().add("tag", DataTypes.StringType).add("path", DataTypes.StringType);

        @Override
        public java.util.Iterator<Row> call(Row row) {
            Image then = shape.image(row.getStruct(2));
            List<Row> fields = row.getList(1);
            Stream<Row> same = fields.stream()
                    .filter(field -> held(then, field.getString(0), field.getString(1)))
                    .map(field -> RowFactory.create(row.getString(0), field.getString(0)));
            return same.iterator();
        }

        private static boolean held(Image then, String path, String text) {
            Value value = Patch.at(then, FieldPath.valueOf(path)).value();
            return value != null && JsonValues.text(value).equals(text);
        }
    }

    // ---- counting

    private static Map<Integer, SortedMap<String, Long>> counted(Dataset<Row> known, Map<Integer, Column> asked) {
        Map<String, Counts> elsewhere = new HashMap<>();
        Map<Integer, Map<String, Counts>> inside = new HashMap<>();
        Map<Integer, Map<String, Counts>> corrupt = new HashMap<>();
        Column changed = col("change").equalTo(Examiner.Change.CHANGED.text());
        known.where(changed.and(col(RETURNED).isNotNull()).and(group(asked).geq(-1)))
                .select(
                        group(asked).alias("group"),
                        Labelling.isCorrupt().alias("corrupt"),
                        explode(col(Facts.PATHS)).alias("path"),
                        col(RETURNED))
                .groupBy("group", "corrupt", "path")
                .agg(
                        count(lit(1)).alias("changed"),
                        count_if(array_contains(col(RETURNED), col("path"))).alias("returned"))
                .orderBy(col("changed").desc(), col("path"), col("group"), col("corrupt"))
                .limit(MOST_COUNTED)
                .collectAsList()
                .forEach(row -> {
                    Counts counts = new Counts(row.getLong(3), row.getLong(4));
                    int number = row.getInt(0);
                    if (number < 0) {
                        elsewhere.merge(row.getString(2), counts, Counts::plus);
                        return;
                    }
                    inside.computeIfAbsent(number, any -> new TreeMap<>())
                            .merge(row.getString(2), counts, Counts::plus);
                    if (row.getBoolean(1)) {
                        corrupt.computeIfAbsent(number, any -> new TreeMap<>()).put(row.getString(2), counts);
                    }
                });
        Map<Integer, SortedMap<String, Long>> counted = new HashMap<>();
        inside.forEach((number, paths) ->
                counted.put(number, returning(paths, corrupt.getOrDefault(number, Map.of()), elsewhere)));
        return counted;
    }

    /** Pure. A field that corrupt records have nothing of is of interest only together with one they have. */
    static SortedMap<String, Long> returning(
            Map<String, Counts> inside, Map<String, Counts> corrupt, Map<String, Counts> elsewhere) {
        SortedMap<String, Long> paths = new TreeMap<>();
        inside.forEach((path, counts) -> {
            if (counts.isMoreOftenThan(elsewhere.getOrDefault(path, Counts.NONE))) {
                paths.put(path, corrupt.getOrDefault(path, Counts.NONE).returned());
            }
        });
        boolean isOfCorrupt = paths.keySet().stream()
                .anyMatch(path -> corrupt.getOrDefault(path, Counts.NONE).isEnough());
        return isOfCorrupt ? paths : new TreeMap<>();
    }

    /** How often a field changed, and how often to what it was once. */
    record Counts(long changed, long returned) {
        static final Counts NONE = new Counts(0, 0);

        Counts plus(Counts more) {
            return new Counts(changed + more.changed, returned + more.returned);
        }

        boolean isEnough() {
            return returned >= FEWEST && returned >= LEAST_SHARE * changed;
        }

        /** Of what hardly ever changes elsewhere nobody knows how often it would. */
        boolean isMoreOftenThan(Counts others) {
            double usual = (others.returned + 1.0) / (others.changed + 2.0);
            return isEnough() && returned >= LEAST_RATIO * usual * changed;
        }
    }
}
