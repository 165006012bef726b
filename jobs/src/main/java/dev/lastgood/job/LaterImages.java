package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.incident.Chronicle;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.History;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What records were between their good image and the damage, by what is no proof of more and yet shows that the good image is
 * not the last legitimate one: earlier audits that found a record changed, and captures that were not verified, in both of which
 * the rules have nothing against it. What cannot be read tells nothing, and is named.
 */
final class LaterImages {
    /** So many audits and captures are looked at, the latest first. */
    private static final int MOST = 24;

    private final Workplace workplace;
    private final Audits audits;
    private final CatalogState state;
    private final Judge judge;
    private final Set<String> unread = new TreeSet<>();

    LaterImages(Workplace workplace, CatalogState state, Judge judge) {
        this.workplace = workplace;
        this.audits = new Audits(workplace);
        this.state = state;
        this.judge = judge;
    }

    /**
     * A record whose past is known so far.
     *
     * @param good as it was last proven good
     * @param after when that was
     * @param before when the damage was first seen
     * @param rules those that accuse it
     */
    record Span(Image good, Instant after, Instant before, Set<String> rules) {
        private boolean holds(Instant at) {
            return at.isAfter(after) && at.isBefore(before);
        }
    }

    /** What could not be read so far. */
    Set<String> unread() {
        return Set.copyOf(unread);
    }

    /** What is known, the latest first; nothing of most records. */
    Map<Key, List<History.Later>> of(DatasetSpec dataset, Frame live, Map<Key, Span> spans) {
        List<Found> found = new ArrayList<>();
        if (!spans.isEmpty()) {
            audited(dataset, spans, found);
            captured(dataset, live, spans, found);
        }
        Map<Key, List<History.Later>> later = new HashMap<>();
        fine(dataset, live.shape(), spans, found)
                .forEach(one -> later.computeIfAbsent(one.key(), any -> new ArrayList<>())
                        .add(new History.Later(one.image(), one.source(), one.at())));
        later.values()
                .forEach(known ->
                        known.sort(Comparator.comparing(History.Later::at).reversed()));
        return later;
    }

    /** A record as something has seen it, of which nobody has asked the rules yet. */
    private record Found(Key key, Image image, String source, Instant at) {}

    /**
     * Those that rules about single records have nothing against that they have nothing against in the good image, and that
     * are written as that is. What no single record decides cannot be asked, and then nothing is told.
     */
    private List<Found> fine(DatasetSpec dataset, Shape today, Map<Key, Span> spans, List<Found> found) {
        List<Found> fitting = new ArrayList<>();
        List<Judge.Pair> pairs = new ArrayList<>();
        for (Found one : found) {
            Image good = span(spans, one.key()).good();
            if (PlanJob.fits(one.image(), today) && PlanJob.fits(good, today) && isAlike(one.image(), good)) {
                fitting.add(one);
                pairs.add(new Judge.Pair(good, one.image()));
                pairs.add(new Judge.Pair(good, good));
            }
        }
        List<Map<String, Ruling>> rulings = pairs.isEmpty() ? List.of() : judge.judge(dataset.name(), pairs);
        List<Found> fine = new ArrayList<>();
        for (int i = 0; i < fitting.size(); i++) {
            Map<String, Ruling> said = rulings.get(2 * i);
            Map<String, Ruling> ofGood = rulings.get(2 * i + 1);
            boolean asked = span(spans, fitting.get(i).key()).rules().stream().allMatch(rule -> isFine(said.get(rule)));
            if (asked
                    && ofGood.keySet().stream().allMatch(rule -> !isFine(ofGood.get(rule)) || isFine(said.get(rule)))) {
                fine.add(fitting.get(i));
            }
        }
        return fine;
    }

    /** Whether no field is of another kind: the same value, written otherwise since, is no other value. */
    private static boolean isAlike(Image one, Image good) {
        return good.fields().entrySet().stream().allMatch(field -> {
            Value value = one.field(field.getKey());
            return value == null
                    || value.isNull()
                    || field.getValue().isNull()
                    || value.getClass().equals(field.getValue().getClass());
        });
    }

    private static boolean isFine(@Nullable Ruling ruling) {
        return ruling != null && ruling.isFine();
    }

    private static Span span(Map<Key, Span> spans, Key key) {
        return Objects.requireNonNull(spans.get(key));
    }

    private static boolean concerns(Instant at, Map<Key, Span> spans) {
        return spans.values().stream().anyMatch(span -> span.holds(at));
    }

    /** What is optional and cannot be read tells nothing. */
    private static boolean cannotBeRead(Exception failure) {
        return failure instanceof InvalidInput
                || failure instanceof Refusal
                || failure instanceof StoreUnavailable
                || failure instanceof UnusableEntry
                || failure instanceof SparkThrowable
                || SourceUnreadable.isBehind(failure);
    }

    // ---- audits

    /** What it saw of a record, it saw no earlier. */
    private static Instant start(CatalogState.Audit audit) {
        return new SnapshotId(audit.id()).at();
    }

    private void audited(DatasetSpec dataset, Map<Key, Span> spans, List<Found> found) {
        List<CatalogState.Audit> earlier = new ArrayList<>(state.audits());
        Collections.reverse(earlier);
        earlier.stream()
                .filter(audit -> concerns(start(audit), spans))
                .limit(MOST)
                .forEach(audit -> audited(dataset, audit, spans, found));
    }

    private void audited(DatasetSpec dataset, CatalogState.Audit audit, Map<Key, Span> spans, List<Found> found) {
        Instant at = start(audit);
        List<Row> keys = spans.keySet().stream()
                .filter(key -> span(spans, key).holds(at))
                .map(key -> RowFactory.create(JsonValues.write(JsonValues.tagged(key))))
                .toList();
        List<Row> rows;
        // Scala declares no exception, and throws checked ones.
        try {
            if (!audits.isPart(dataset, audit)) {
                return;
            }
            Dataset<Row> wanted = workplace
                    .session()
                    .createDataFrame(keys, new StructType().add("_wanted", DataTypes.StringType, false));
            rows = audits.records(audit.id(), dataset.name())
                    .where(col("afterImage").isNotNull().and(col("copiesAfter").equalTo(1)))
                    .join(wanted, col("keyTagged").equalTo(col("_wanted")), "left_semi")
                    .select("keyTagged", "afterImage")
                    .collectAsList();
        } catch (Exception e) {
            if (!cannotBeRead(e)) {
                throw e;
            }
            unread.add("audit " + audit.id());
            return;
        }
        for (Row row : rows) {
            Key key = JsonValues.untaggedKey(Choosing.read(row.getString(0)));
            found.add(new Found(key, image(row.getString(1)), "audit " + audit.id(), at));
        }
    }

    private static Image image(String tagged) {
        return new Image((Value.Obj) JsonValues.untagged(Choosing.read(tagged)));
    }

    // ---- captures

    private void captured(DatasetSpec dataset, Frame live, Map<Key, Span> spans, List<Found> found) {
        List<Snapshot> captures = new ArrayList<>(state.snapshots(dataset.name()));
        Collections.reverse(captures);
        captures.stream()
                .filter(one -> !state.isVerified(dataset.name(), one.id(), Level.L2)
                        && state.damaged(dataset.name(), one.id()).isEmpty()
                        && concerns(one.to(), spans))
                .limit(MOST)
                .forEach(one -> captured(dataset, live, one, spans, found));
    }

    private void captured(DatasetSpec dataset, Frame live, Snapshot snapshot, Map<Key, Span> spans, List<Found> found) {
        List<Key> keys = spans.keySet().stream()
                .filter(key -> span(spans, key).holds(snapshot.to()))
                .toList();
        Map<Key, List<Chronicle.State>> states;
        try {
            states = new Chronicle(workplace.session(), workplace.store(), workplace.sources())
                    .states(dataset, live, List.of(snapshot), keys);
        } catch (Exception e) {
            if (!cannotBeRead(e)) {
                throw e;
            }
            unread.add("snapshot %s of %s".formatted(snapshot.id(), dataset.name()));
            return;
        }
        for (Key key : keys) {
            Chronicle.State then = Objects.requireNonNull(states.get(key)).get(0);
            if (then.image() != null && !then.shared()) {
                found.add(new Found(
                        key,
                        then.image(),
                        "snapshot %s, which is not verified".formatted(snapshot.id()),
                        snapshot.to()));
            }
        }
    }
}
