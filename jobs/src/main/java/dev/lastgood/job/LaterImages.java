package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

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
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What records were between their good image and the damage, by what is no proof of more and yet shows that the good image is
 * not the last legitimate one: earlier audits that found a record changed and nothing wrong with it, and captures that were
 * not verified in which the rules have nothing against it. What cannot be read tells nothing.
 */
final class LaterImages {
    /** So many audits and captures are looked at, the latest first. */
    private static final int MOST = 24;

    private final Workplace workplace;
    private final Audits audits;
    private final CatalogState state;
    private final Judge judge;

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

    /** What is known, the latest first; nothing of most records. */
    Map<Key, List<History.Later>> of(DatasetSpec dataset, Frame live, Map<Key, Span> spans) {
        Map<Key, List<History.Later>> later = new HashMap<>();
        if (!spans.isEmpty()) {
            audited(dataset, spans, later);
            captured(dataset, live, spans, later);
            later.values()
                    .forEach(known ->
                            known.sort(Comparator.comparing(History.Later::at).reversed()));
        }
        return later;
    }

    private static boolean concerns(Instant at, Map<Key, Span> spans) {
        return spans.values().stream().anyMatch(span -> span.holds(at));
    }

    private static void add(Key key, Image image, String source, Instant at, Map<Key, List<History.Later>> later) {
        later.computeIfAbsent(key, any -> new ArrayList<>()).add(new History.Later(image, source, at));
    }

    // ---- audits

    /** What it saw of a record, it saw no earlier. */
    private static Instant start(CatalogState.Audit audit) {
        return new SnapshotId(audit.id()).at();
    }

    private void audited(DatasetSpec dataset, Map<Key, Span> spans, Map<Key, List<History.Later>> later) {
        List<CatalogState.Audit> earlier = new ArrayList<>(state.audits());
        Collections.reverse(earlier);
        Map<String, CatalogState.Audit> asked = new HashMap<>();
        Dataset<Row> all = null;
        for (CatalogState.Audit audit : earlier) {
            if (asked.size() < MOST && concerns(start(audit), spans)) {
                try {
                    if (audits.isPart(dataset, audit)) {
                        Dataset<Row> records = audits.records(audit.id(), dataset.name())
                                .where(col("afterImage")
                                        .isNotNull()
                                        .and(col("copiesAfter").equalTo(1)))
                                .select(
                                        lit(audit.id()).alias("audit"),
                                        col("keyTagged"),
                                        col("findings"),
                                        col("afterImage"));
                        all = all == null ? records : all.unionAll(records);
                        asked.put(audit.id(), audit);
                    }
                } catch (UnusableEntry e) {
                    // It is gone, or not what it was.
                }
            }
        }
        if (all != null) {
            audited(all, asked, spans, later);
        }
    }

    private void audited(
            Dataset<Row> all,
            Map<String, CatalogState.Audit> asked,
            Map<Key, Span> spans,
            Map<Key, List<History.Later>> later) {
        List<Row> keys = spans.keySet().stream()
                .map(key -> RowFactory.create(JsonValues.write(JsonValues.tagged(key))))
                .toList();
        Dataset<Row> wanted =
                workplace.session().createDataFrame(keys, new StructType().add("_wanted", DataTypes.StringType, false));
        List<Row> found;
        try {
            found = all.join(wanted, col("keyTagged").equalTo(col("_wanted")), "left_semi")
                    .collectAsList();
        } catch (RuntimeException e) {
            if (!SourceUnreadable.isBehind(e)) {
                throw e;
            }
            return;
        }
        for (Row row : found) {
            Key key = JsonValues.untaggedKey(Choosing.read(row.getString(1)));
            Span span = Objects.requireNonNull(spans.get(key));
            Instant at = start(Objects.requireNonNull(asked.get(row.getString(0))));
            Set<String> accusing = new HashSet<>();
            row.<Row>getList(2).forEach(finding -> accusing.add(finding.getAs("rule")));
            if (span.holds(at) && Collections.disjoint(accusing, span.rules())) {
                add(key, image(row.getString(3)), "audit " + row.getString(0), at, later);
            }
        }
    }

    private static Image image(String tagged) {
        return new Image((Value.Obj) JsonValues.untagged(Choosing.read(tagged)));
    }

    // ---- captures

    private void captured(DatasetSpec dataset, Frame live, Map<Key, Span> spans, Map<Key, List<History.Later>> later) {
        List<Snapshot> captures = new ArrayList<>(state.snapshots(dataset.name()));
        Collections.reverse(captures);
        captures.stream()
                .filter(one -> !state.isVerified(dataset.name(), one.id(), Level.L2)
                        && state.damaged(dataset.name(), one.id()).isEmpty()
                        && concerns(one.to(), spans))
                .limit(MOST)
                .forEach(one -> captured(dataset, live, one, spans, later));
    }

    private void captured(
            DatasetSpec dataset,
            Frame live,
            Snapshot snapshot,
            Map<Key, Span> spans,
            Map<Key, List<History.Later>> later) {
        List<Key> keys = spans.keySet().stream()
                .filter(key -> Objects.requireNonNull(spans.get(key)).holds(snapshot.to()))
                .toList();
        Map<Key, List<Chronicle.State>> states;
        try {
            states = new Chronicle(workplace.session(), workplace.store(), workplace.sources())
                    .states(dataset, live, List.of(snapshot), keys);
        } catch (InvalidInput | Refusal | StoreUnavailable | UnusableEntry | SourceUnreadable e) {
            return;
        } catch (RuntimeException e) {
            if (!SourceUnreadable.isBehind(e)) {
                throw e;
            }
            return;
        }
        List<Key> there = new ArrayList<>();
        List<Judge.Pair> pairs = new ArrayList<>();
        for (Key key : keys) {
            Chronicle.State then = Objects.requireNonNull(states.get(key)).get(0);
            if (then.image() != null && !then.shared()) {
                there.add(key);
                pairs.add(new Judge.Pair(Objects.requireNonNull(spans.get(key)).good(), then.image()));
            }
        }
        List<Map<String, Ruling>> rulings = pairs.isEmpty() ? List.of() : judge.judge(dataset.name(), pairs);
        for (int i = 0; i < there.size(); i++) {
            Map<String, Ruling> said = rulings.get(i);
            // What no single record decides cannot be asked of it.
            boolean fine = Objects.requireNonNull(spans.get(there.get(i))).rules().stream()
                    .allMatch(rule -> isFine(said.get(rule)));
            if (fine) {
                add(
                        there.get(i),
                        Objects.requireNonNull(pairs.get(i).record()),
                        "snapshot %s, which is not verified".formatted(snapshot.id()),
                        snapshot.to(),
                        later);
            }
        }
    }

    private static boolean isFine(@Nullable Ruling ruling) {
        return ruling != null && ruling.isFine();
    }
}
