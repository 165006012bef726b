package dev.lastgood.capture;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.storage.StorageLevel;

/**
 * What has become of the records of a snapshot since: of live only the keys are read, and the records that were written
 * lately. Both are kept aside as they were read, so that all that is made of them is made of the same.
 *
 * @param inserted images that are new or differ from the parent's, with the hashes of {@link Fingerprint#hashed}
 * @param removed images of the parent that differ now, or whose key is gone, as in a file of side REMOVED
 */
record Changes(Dataset<Row> inserted, Dataset<Row> removed) {
    /** No local time is further from UTC. */
    private static final int ZONE_HOURS = 14;

    private static final long MICROS_A_DAY = 86_400_000_000L;

    private static final String MICROS = "_lastgood_micros";
    private static final String PARENT = "_lastgood_parent";
    private static final String NOW = "_lastgood_now";

    /** The live records of a dataset, some of them by when they were last written. */
    interface Live {
        /** All that are there. */
        Frame all();

        /** The same, of which no more than the key need be there. */
        Frame keys();

        /** At least those that were written since then, or of which it is not known. */
        Frame since(Instant time);

        /** The keys that were deleted since, if that is written down; they may be there again. */
        Optional<Dataset<Row>> deleted(Instant time);
    }

    /**
     * @param parentFrom when the parent began to be read, at the latest, by the clock that says when records were written
     * @throws dev.lastgood.problem.InvalidInput if live cannot be read so, or several of its records share a key
     * @throws Refusal if documents have keys of another type, so that they cannot be told apart as the parent's
     */
    static Changes of(DatasetSpec dataset, Frame parent, Instant parentFrom, Live live) {
        Frame all = live.all();
        Shape shape = all.shape();
        DataType time = type(dataset, shape);
        // Read once: all that is asked of the parent is asked of this.
        Dataset<Row> before = aside(hashed(dataset, parent)
                .select(
                        struct(
                                        col(Fingerprint.KEY_HASH),
                                        col(Fingerprint.KEY),
                                        col(Fingerprint.CONTENT_1),
                                        col(Fingerprint.CONTENT_2),
                                        col(Fingerprint.COMPARE_1),
                                        col(Fingerprint.COMPARE_2),
                                        storedKey(dataset, shape))
                                .alias(PARENT),
                        micros(parent.shape().field("", changedAt(dataset)), time)
                                .alias(MICROS)));
        Instant since = since(dataset, before, parentFrom);
        StructType key = Keys.type(dataset, shape);
        // Keys first: what comes in between is among the records, and what goes in between was there.
        Dataset<Row> keys = live.deleted(since.minus(ZONE_HOURS, ChronoUnit.HOURS))
                .flatMap(deleted -> Deleted.of(deleted, before, PARENT, key).keysLeft(all))
                .orElseGet(() ->
                        aside(hashed(dataset, live.keys()).select(col(Fingerprint.KEY_HASH), col(Fingerprint.KEY))));
        refuseDuplicates(dataset, shape, keys);
        Frame lately = live.since(asUtc(time, since));
        Column written = written(lately.shape().field("", changedAt(dataset)), time, since);
        Dataset<Row> recent = aside(hashed(dataset, new Frame(lately.records().where(written), lately.shape())));
        Dataset<Row> unknown = keys.join(before, same(Function.identity(), PARENT, key), "left_anti")
                .join(named(recent, NOW), same(Function.identity(), NOW, key), "left_anti");
        if (!unknown.isEmpty()) {
            // They came with a time of long ago: then it is their key that shows them.
            Dataset<Row> late =
                    hashed(dataset, all).join(named(unknown, NOW), same(Function.identity(), NOW, key), "left_semi");
            recent = recent.union(aside(late));
        }
        refuseDuplicates(dataset, shape, recent);
        return compared(recent, before, keys, key);
    }

    private static Changes compared(Dataset<Row> recent, Dataset<Row> before, Dataset<Row> keys, StructType key) {
        Column[] record = Arrays.stream(recent.columns())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        Column differs = not(
                array(col(Fingerprint.CONTENT_1), col(Fingerprint.CONTENT_2)).equalTo(contentOf(PARENT)));
        Dataset<Row> inserted = recent.join(before, same(Function.identity(), PARENT, key), "left_outer")
                .where(col(PARENT).isNull().or(differs))
                .select(record);
        String there = "_lastgood_there";
        Column replaced = col(NOW).isNotNull().and(not(contentOf(NOW).equalTo(contentOf(PARENT))));
        Column gone = col(NOW).isNull().and(col(there).isNull());
        Dataset<Row> removed = before.join(hashesOf(recent), same(name -> PARENT + "." + name, NOW, key), "left_outer")
                .join(named(keys, there), same(name -> PARENT + "." + name, there, key), "left_outer")
                .where(replaced.or(gone))
                .select(
                        col(PARENT + "." + Fingerprint.KEY_HASH).alias(Fingerprint.KEY_HASH),
                        col(PARENT + "." + Fingerprint.CONTENT_1).alias(Fingerprint.CONTENT_1),
                        col(PARENT + "." + Fingerprint.CONTENT_2).alias(Fingerprint.CONTENT_2),
                        col(PARENT + "." + Fingerprint.COMPARE_1).alias(Fingerprint.COMPARE_1),
                        col(PARENT + "." + Fingerprint.COMPARE_2).alias(Fingerprint.COMPARE_2),
                        gone.alias(ChainReader.TOMBSTONE),
                        col(PARENT + "." + STORED_KEY).alias(ChainReader.KEY));
        return new Changes(inserted, removed);
    }

    private static final String STORED_KEY = "_stored";

    private static Column storedKey(DatasetSpec dataset, Shape shape) {
        List<String> names = dataset.key().stream().map(FieldPath::root).toList();
        List<Column> parts = ChainReader.storedKey(names, shape.isDocument());
        List<Column> named = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            named.add(parts.get(i).alias(names.get(i)));
        }
        return struct(named.toArray(Column[]::new)).alias(STORED_KEY);
    }

    private static Dataset<Row> hashed(DatasetSpec dataset, Frame frame) {
        return Fingerprint.hashed(dataset, frame);
    }

    /** What was read, once, whatever becomes of the source. */
    private static Dataset<Row> aside(Dataset<Row> rows) {
        return rows.localCheckpoint(true, StorageLevel.DISK_ONLY());
    }

    private static Dataset<Row> named(Dataset<Row> rows, String name) {
        return rows.select(
                struct(col(Fingerprint.KEY_HASH), col(Fingerprint.KEY)).alias(name));
    }

    private static Dataset<Row> hashesOf(Dataset<Row> rows) {
        return rows.select(struct(
                        col(Fingerprint.KEY_HASH),
                        col(Fingerprint.KEY),
                        col(Fingerprint.CONTENT_1),
                        col(Fingerprint.CONTENT_2))
                .alias(NOW));
    }

    /** Whether a row, whose columns bear those names, has the key in the struct. */
    private static Column same(Function<String, String> ofRow, String struct, StructType key) {
        return col(ofRow.apply(Fingerprint.KEY_HASH))
                .equalTo(col(struct + "." + Fingerprint.KEY_HASH))
                .and(Keys.same(col(ofRow.apply(Fingerprint.KEY)), col(struct + "." + Fingerprint.KEY), key));
    }

    private static Column contentOf(String struct) {
        return array(col(struct + "." + Fingerprint.CONTENT_1), col(struct + "." + Fingerprint.CONTENT_2));
    }

    private static void refuseDuplicates(DatasetSpec dataset, Shape shape, Dataset<Row> keyed) {
        List<Row> shared = keyed.groupBy(col(Fingerprint.KEY_HASH), col(Fingerprint.KEY))
                .agg(count(lit(1)).alias("n"))
                .where("n > 1")
                .select(Fingerprint.KEY)
                .takeAsList(1);
        if (!shared.isEmpty()
                && shape.isDocument()
                && shared.get(0).getStruct(0).anyNull()) {
            throw new Refusal(
                    "several keys of dataset '%s' are one, seen as in the snapshot on which it would build: they are of another"
                                    .formatted(dataset.name())
                            + " type now, or are shared; nothing was taken",
                    "Take a full one: 'lastgood snapshot take --dataset %s'.".formatted(dataset.name()));
        }
        if (!shared.isEmpty()) {
            throw Basis.impossible(
                    dataset,
                    "several of its records share a key",
                    "Take full snapshots of it as long as that is so; 'lastgood audit' finds them by a 'unique' rule.");
        }
    }

    // ---- times

    /**
     * From when on writes may be unknown to the parent: an overlap before its window, or before the last write it knows if
     * the clock of those who write is behind ours.
     */
    private static Instant since(DatasetSpec dataset, Dataset<Row> before, Instant parentFrom) {
        Row latest = before.agg(functions.max(col(MICROS))).head();
        Instant last = latest.isNullAt(0) ? parentFrom : Instant.EPOCH.plus(latest.getLong(0), ChronoUnit.MICROS);
        Instant since = (last.isBefore(parentFrom) ? last : parentFrom)
                .minus(dataset.incremental().overlap());
        // The service writes whole seconds: what it writes later in this one has a time before.
        return dataset.location() instanceof Location.Container ? since.truncatedTo(ChronoUnit.SECONDS) : since;
    }

    private static Column micros(Column time, DataType type) {
        return type instanceof DateType
                ? functions.unix_date(time).cast("bigint").multiply(MICROS_A_DAY)
                : functions.unix_micros(time.cast("timestamp"));
    }

    /** A time before which no local time was written since then, taken for one of UTC. */
    private static Instant asUtc(DataType type, Instant since) {
        return type instanceof TimestampType ? since : since.minus(ZONE_HOURS, ChronoUnit.HOURS);
    }

    /** Whether a record was written since then, as far as it says so. */
    private static Column written(Column time, DataType type, Instant since) {
        Instant utc = asUtc(type, since);
        Column from;
        if (type instanceof TimestampType) {
            from = lit(utc);
        } else if (type instanceof TimestampNTZType) {
            from = lit(utc.atOffset(ZoneOffset.UTC).toLocalDateTime());
        } else {
            from = lit(utc.atOffset(ZoneOffset.UTC).toLocalDate());
        }
        return time.isNull().or(time.geq(from));
    }

    private static FieldPath changedAt(DatasetSpec dataset) {
        return Objects.requireNonNull(dataset.changedAt(), "asked for before");
    }

    private static DataType type(DatasetSpec dataset, Shape shape) {
        FieldPath path = changedAt(dataset);
        DataType type = shape.view().apply(path.root()).dataType();
        boolean isTime = type instanceof TimestampType || type instanceof TimestampNTZType || type instanceof DateType;
        if (path.steps().size() > 1 || !isTime) {
            throw Basis.impossible(
                    dataset,
                    "'changed_at' names '%s', which is no time but %s".formatted(path, type.simpleString()),
                    "Name a field that holds a time; of a CSV file, declare it under 'schema'.");
        }
        return type;
    }
}
