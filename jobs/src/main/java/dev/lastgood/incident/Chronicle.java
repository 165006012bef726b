package dev.lastgood.incident;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.History;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What records were in every snapshot, and from that what they were when they were last good. Reads the affected keys only.
 */
public final class Chronicle {
    private final SparkSession session;
    private final Store store;
    private final Sources sources;

    public Chronicle(SparkSession session, Store store, Sources sources) {
        this.session = session;
        this.store = store;
        this.sources = sources;
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
            Frame then = SchemaChange.align(
                            dataset, new SnapshotReader(session, store).frame(dataset, manifest, sources), live)
                    .before();
            StructType type = Keys.type(dataset, then.shape());
            Map<Key, Key> known = new HashMap<>();
            keys.forEach(key -> as(key, type).ifPresent(same -> known.put(key, same)));
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

    /** The key as it is seen there; empty if it can be none of there. */
    private static Optional<Key> as(Key key, StructType type) {
        Map<String, Value> parts = new LinkedHashMap<>();
        for (Map.Entry<String, Value> part : key.parts().entrySet()) {
            Value value = part.getValue();
            Optional<Value> same = value.isNull()
                    ? Optional.of(value)
                    : Keys.value(value, type.apply(part.getKey()).dataType());
            if (same.isEmpty()) {
                return Optional.empty();
            }
            parts.put(part.getKey(), same.get());
        }
        return Optional.of(new Key(parts));
    }

    private Dataset<Row> wanted(StructType type, Collection<Key> keys) {
        List<Row> rows = new ArrayList<>();
        keys.forEach(key -> rows.add(
                RowFactory.create(RowFactory.create(Keys.cells(key, type).toArray()))));
        return session.createDataFrame(rows, new StructType().add("_wanted", type, true));
    }

    /**
     * The history of each record under accusation. Good is the last capture before the damage in which none of its rules is
     * broken, bad the first capture in which one is; where no capture holds the damage, what the audit observed.
     *
     * @param states oldest first
     * @param observed the record as the audit saw it; a key without an entry was absent
     * @param accused by key the rules it breaks
     * @param absences keys whose absence is at fault
     */
    public static Map<Key, History> histories(
            String dataset,
            Map<Key, List<State>> states,
            Map<Key, Image> observed,
            Map<Key, Set<String>> accused,
            Set<Key> absences,
            Judge judge) {
        Map<Key, Fold> folds = new LinkedHashMap<>();
        states.keySet().forEach(key -> folds.put(key, new Fold()));
        int captures = states.values().stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < captures; i++) {
            List<Key> present = new ArrayList<>();
            List<Judge.Pair> pairs = new ArrayList<>();
            for (Map.Entry<Key, Fold> entry : folds.entrySet()) {
                State state = of(states, entry.getKey()).get(i);
                if (state.image() == null) {
                    entry.getValue().absent(state, absences.contains(entry.getKey()));
                } else {
                    present.add(entry.getKey());
                    pairs.add(new Judge.Pair(entry.getValue().goodImage(), state.image()));
                }
            }
            List<Map<String, Ruling>> rulings = judge.judge(dataset, pairs);
            for (int k = 0; k < present.size(); k++) {
                Key key = present.get(k);
                boolean fine = fine(rulings.get(k), accused.getOrDefault(key, Set.of()));
                of(folds, key).present(of(states, key).get(i), fine);
            }
        }
        Map<Key, History> histories = new LinkedHashMap<>();
        folds.forEach((key, fold) -> histories.put(key, fold.history(observed.get(key))));
        return histories;
    }

    private static <V> V of(Map<Key, V> map, Key key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("nothing is known of " + key);
        }
        return value;
    }

    private static boolean fine(Map<String, Ruling> rulings, Set<String> rules) {
        return rules.stream()
                .allMatch(rule -> rulings.getOrDefault(rule, Ruling.OUTSIDE).isFine());
    }

    /** Good and bad of one record so far. */
    private static final class Fold {
        private History.@Nullable Good good;
        private @Nullable State bad;
        private boolean badNow;
        private boolean wasBad;
        private boolean flapping;
        private boolean shared;

        @Nullable
        Image goodImage() {
            return good == null ? null : good.image();
        }

        void absent(State state, boolean absenceAtFault) {
            if (absenceAtFault && good != null && good.image() != null) {
                present(state, false);
            } else if (!badNow) {
                good = new History.Good(null, state.snapshot(), state.at());
            }
        }

        void present(State state, boolean fine) {
            shared |= state.shared();
            if (!fine) {
                flapping |= wasBad && !badNow;
                if (!badNow) {
                    bad = state;
                }
                badNow = true;
                wasBad = true;
                return;
            }
            badNow = false;
            good = new History.Good(state.image(), state.snapshot(), state.at());
        }

        /** What the audit observed is bad: it is why the record is here. */
        History history(@Nullable Image observed) {
            Set<History.Mark> marks = EnumSet.noneOf(History.Mark.class);
            if (flapping || (wasBad && !badNow)) {
                marks.add(History.Mark.FLAPPING);
            }
            if (shared) {
                marks.add(History.Mark.DUPLICATE_KEY);
            }
            boolean captured = badNow && bad != null;
            Image image = captured && bad != null ? bad.image() : observed;
            return new History(
                    good, image, captured ? History.Origin.SNAPSHOT : History.Origin.OBSERVED, Map.of(), "", marks);
        }
    }
}
