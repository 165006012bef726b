package dev.lastgood.incident;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.Store;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** What records were in given snapshots. Reads those keys only. */
public final class Chronicle {
    private final SparkSession session;
    private final Store store;
    private final Sources sources;
    private final boolean sound;

    public Chronicle(SparkSession session, Store store, Sources sources) {
        this(session, store, sources, false);
    }

    private Chronicle(SparkSession session, Store store, Sources sources, boolean sound) {
        this.session = session;
        this.store = store;
        this.sources = sources;
        this.sound = sound;
    }

    /** The same for who takes what it reads at its word, or puts it back: a snapshot of which any file is damaged is of no use to them. */
    public Chronicle ofSoundCaptures() {
        return new Chronicle(session, store, sources, true);
    }

    /**
     * A record in one capture.
     *
     * @param image null if it was not there; any of them if several records had the key
     * @param shared whether several records had the key
     */
    public record State(
            String snapshot, Instant at, @Nullable Image image, boolean shared) {}

    /** The states of the keys in the snapshots given, in their order; a key that no snapshot holds has only absent states. */
    public Map<Key, List<State>> states(
            DatasetSpec dataset, Frame live, List<Snapshot> snapshots, Collection<Key> keys) {
        Map<Key, List<State>> states = new TreeMap<>();
        keys.forEach(key -> states.put(key, new ArrayList<>()));
        if (keys.isEmpty()) {
            return states;
        }
        for (Snapshot snapshot : snapshots) {
            Manifest manifest = snapshot.manifest(store);
            SnapshotReader reader = new SnapshotReader(session, store);
            Frame captured =
                    sound ? reader.frame(dataset, manifest, sources) : reader.frame(dataset, manifest, sources, keys);
            Frame then = SchemaChange.align(dataset, captured, live).before();
            StructType type = Keys.type(dataset, then.shape());
            Map<Key, Key> known = new HashMap<>();
            keys.forEach(key -> Keys.as(key, type).ifPresent(same -> known.put(key, same)));
            Map<Key, List<Image>> found = images(dataset, then, wanted(type, Set.copyOf(known.values())));
            states.forEach((key, list) -> {
                List<Image> images = found.getOrDefault(known.getOrDefault(key, key), List.of());
                Image image = images.isEmpty() ? null : images.get(0);
                list.add(new State(snapshot.id().text(), snapshot.to(), image, images.size() > 1));
            });
        }
        return states;
    }

    /** The records of those keys in a frame. */
    private static Map<Key, List<Image>> images(DatasetSpec dataset, Frame frame, Dataset<Row> wanted) {
        Column[] stored = Arrays.stream(frame.shape().stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        Dataset<Row> keyed = frame.records()
                .select(
                        Keys.column(dataset, frame.shape()).alias("_key"),
                        struct(stored).alias("_record"));
        Column same = Keys.same(col("_key"), col("_wanted"), Keys.type(dataset, frame.shape()));
        Map<Key, List<Image>> images = new HashMap<>();
        for (Row row : keyed.join(wanted, same, "left_semi").collectAsList()) {
            images.computeIfAbsent(Keys.key(row.getStruct(0)), any -> new ArrayList<>(1))
                    .add(frame.shape().image(row.getStruct(1)));
        }
        return images;
    }

    private Dataset<Row> wanted(StructType type, Collection<Key> keys) {
        List<Row> rows = new ArrayList<>();
        keys.forEach(key -> rows.add(
                RowFactory.create(RowFactory.create(Keys.cells(key, type).toArray()))));
        return session.createDataFrame(rows, new StructType().add("_wanted", type, true));
    }
}
