package dev.lastgood.incident;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.judge.SparkJudge;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * When corrupt records were last good, over any number of snapshots. Captures are read in portions, the newest first, until
 * each record has a clean one and a few older ones have told whether its damage came more than once; a portion takes as many
 * jobs as one capture. Read are captures that are verified to L2 and not damaged.
 *
 * <p>A capture is clean for a record if none of the rules that accuse it now has anything against it there: rules about
 * single records are asked about it, relations about all records of that capture and of what was captured of the other
 * datasets with it, or last before. Rules about changes compare with how the record was when it was last good, and say
 * nothing against what the audit's baseline holds. What cannot be asked of a capture is no proof: it is then not clean.
 */
public final class Pasts {
    /** Captures in the first portion: most damage is found soon. */
    private static final int FIRST = 8;

    /** More plans than that in one job only make it slower to plan. */
    private static final int MOST = 32;

    /** So many captures before the last good one tell whether the damage was there before. */
    private static final int LOOK_BACK = 3;

    private final SparkSession session;
    private final Workspace workspace;
    private final Store store;
    private final Sources sources;
    private final CatalogState state;
    private final Instant now;

    /** @param now what {@code now()} in a rule means */
    public Pasts(
            SparkSession session, Workspace workspace, Store store, Sources sources, CatalogState state, Instant now) {
        this.session = session;
        this.workspace = workspace;
        this.store = store;
        this.sources = sources;
        this.state = state;
        this.now = now;
    }

    /**
     * A record that an audit found corrupt.
     *
     * @param rules ids of those that accuse it
     * @param missing whether it is not there, and that is what it is accused of
     */
    public record Accused(Set<String> rules, boolean missing) {
        public Accused {
            rules = Set.copyOf(rules);
        }
    }

    /**
     * The pasts of records, without images.
     *
     * @param live the datasets as they are now, by name: that of the records, and others the rules reach as far as at hand
     * @param baseline that of the audit; null if it had none
     */
    public Map<Key, Past> of(
            DatasetSpec dataset, Map<String, Frame> live, @Nullable SnapshotId baseline, Map<Key, Accused> records) {
        return new Search(dataset, live, baseline, records, false).pasts();
    }

    /** The same of records by {@code keyTagged}, as the table of examined records names them. */
    public Map<String, Past> ofTagged(
            DatasetSpec dataset, Map<String, Frame> live, @Nullable SnapshotId baseline, Map<String, Accused> records) {
        Map<Key, Accused> byKey = new LinkedHashMap<>();
        Map<Key, String> tags = new HashMap<>();
        records.forEach((tagged, accused) -> {
            Key key = key(tagged);
            byKey.put(key, accused);
            tags.put(key, tagged);
        });
        Map<String, Past> pasts = new LinkedHashMap<>();
        of(dataset, live, baseline, byKey).forEach((key, past) -> pasts.put(tags.getOrDefault(key, ""), past));
        return pasts;
    }

    private static Key key(String tagged) {
        try {
            return JsonValues.untaggedKey(JsonValues.MAPPER.readTree(tagged));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an audit wrote this", e);
        }
    }

    /** The same with the images before and after the damage. All are held in memory. */
    public Map<Key, Past> withImages(
            DatasetSpec dataset, Map<String, Frame> live, @Nullable SnapshotId baseline, Map<Key, Accused> records) {
        return new Search(dataset, live, baseline, records, true).pasts();
    }

    /** The search for the pasts of some records of one dataset. */
    private final class Search {
        private final DatasetSpec dataset;
        private final boolean images;
        private final Map<String, Frame> live;
        private final Captures captures;
        private final List<Snapshot> snapshots;
        private final int baseline;
        private final Questions questions;
        private final List<Key> keys;
        private final List<Accused> accused = new ArrayList<>();
        private final List<Questions.Asked> asked = new ArrayList<>();
        private final Reading reading;
        private final @Nullable Judge judge;

        Search(
                DatasetSpec dataset,
                Map<String, Frame> live,
                @Nullable SnapshotId baseline,
                Map<Key, Accused> records,
                boolean images) {
            this.dataset = dataset;
            this.images = images;
            this.live = live;
            this.captures = new Captures(session, workspace, store, sources, state, live);
            this.snapshots = captures.verified(dataset.name());
            this.baseline = baseline == null ? -1 : number(baseline);
            this.keys = List.copyOf(records.keySet());
            keys.forEach(key -> accused.add(Objects.requireNonNull(records.get(key))));
            this.questions = Questions.of(
                    dataset.name(),
                    workspace.rules(),
                    accused.stream().map(Accused::rules).distinct().toList());
            Map<Accused, Questions.Asked> alike = new HashMap<>();
            for (Accused one : accused) {
                asked.add(alike.computeIfAbsent(one, any -> questions.asked(one.rules(), one.missing())));
            }
            List<Boolean> withImage = asked.stream()
                    .map(one -> images || !one.ofPairs().isEmpty())
                    .toList();
            this.reading = new Reading(session, workspace.datasets(), dataset, questions, keys, withImage, now);
            this.judge = questions.ofPairs().isEmpty() ? null : judge();
        }

        /** Of the capture; negative if it is not there any more, or proves nothing. */
        private int number(SnapshotId id) {
            for (int i = 0; i < snapshots.size(); i++) {
                if (snapshots.get(i).id().equals(id)) {
                    return i;
                }
            }
            return -1;
        }

        /** Of a rule that cannot be bound to live, or that there is no live for, it says nothing. */
        private Judge judge() {
            Frame frame = live.get(dataset.name());
            Map<String, Shape> shapes = frame == null ? Map.of() : Map.of(dataset.name(), frame.shape());
            List<CompiledRule> rules =
                    new RuleCompiler(workspace.datasets(), shapes, now, new Problems()).compile(questions.ofPairs());
            return new SparkJudge(session, shapes, rules);
        }

        Map<Key, Past> pasts() {
            if (keys.isEmpty() || !dataset.hasKey()) {
                return Map.of();
            }
            int from = snapshots.size();
            int portion = FIRST;
            List<Fold> folds = folds(from);
            while (from > 0 && !isSettled(folds, from)) {
                int to = from;
                from = Math.max(0, to - portion);
                portion = MOST;
                read(from, to);
                folds = folds(from);
            }
            List<Past.At> at = snapshots.stream()
                    .map(one -> new Past.At(one.id().text(), one.to()))
                    .toList();
            Map<Key, Past> pasts = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                pasts.put(keys.get(i), folds.get(i).past(at));
            }
            return pasts;
        }

        private void read(int from, int to) {
            // What no single record decides takes all of them; and whoever puts an image back wants it of a sound
            // capture.
            boolean isLocal = !images && questions.byDatasets().isEmpty();
            Map<Integer, Frame> own = new LinkedHashMap<>();
            for (int i = from; i < to; i++) {
                Snapshot snapshot = snapshots.get(i);
                own.put(i, isLocal ? captures.frame(dataset, snapshot, keys) : captures.frame(dataset, snapshot));
            }
            reading.records(own);
            questions.byDatasets().forEach((datasets, rules) -> {
                Map<Integer, Map<String, Frame>> moments = new LinkedHashMap<>();
                own.forEach(
                        (moment, frame) -> moment(moment, frame, datasets).ifPresent(all -> moments.put(moment, all)));
                reading.relations(moments, rules);
            });
        }

        /** The records of all those datasets at the moment of a capture; empty if one of them was not captured until then. */
        private Optional<Map<String, Frame>> moment(int moment, Frame own, Collection<String> datasets) {
            Map<String, Frame> frames = new LinkedHashMap<>();
            for (String name : datasets) {
                Optional<Frame> frame =
                        name.equals(dataset.name()) ? Optional.of(own) : captures.with(snapshots.get(moment), name);
                if (frame.isEmpty()) {
                    return Optional.empty();
                }
                frames.put(name, frame.get());
            }
            return Optional.of(frames);
        }

        /** Whether nothing that older captures than those from that one on could tell is missing. */
        private boolean isSettled(List<Fold> folds, int from) {
            for (int i = 0; i < folds.size(); i++) {
                Questions.Asked one = asked.get(i);
                int well = folds.get(i).wellAt();
                boolean compared = !one.ofPairs().isEmpty() || one.sinceBaseline();
                if (well < from + LOOK_BACK || (compared && from > Math.max(0, baseline))) {
                    return false;
                }
            }
            return true;
        }

        // ---- good and bad

        /** All records through all captures read, from the oldest of them on. */
        private List<Fold> folds(int from) {
            List<Fold> folds = new ArrayList<>();
            List<@Nullable Ruled> ruled = new ArrayList<>();
            for (Accused one : accused) {
                folds.add(new Fold(one.missing()));
                ruled.add(null);
            }
            for (int capture = from; capture < snapshots.size(); capture++) {
                if (judge != null && capture > baseline) {
                    compare(judge, capture, folds, ruled);
                }
                for (int i = 0; i < keys.size(); i++) {
                    Optional<Course.Run> run = reading.course(i).at(capture);
                    Ruled pair = capture > baseline ? ruled.get(i) : null;
                    if (run.isEmpty()) {
                        folds.get(i).absent(capture);
                    } else {
                        folds.get(i).present(capture, run.get(), isFine(i, capture, run.get(), pair));
                    }
                }
            }
            return folds;
        }

        private boolean isFine(int record, int capture, Course.Run run, @Nullable Ruled pair) {
            Questions.Asked one = asked.get(record);
            if (one.unanswerable()
                    || run.broken().intersects(one.ofRecord())
                    || (one.sinceBaseline() && capture > baseline)
                    || (pair != null && !pair.fine())) {
                return false;
            }
            return one.relations().stream()
                    .noneMatch(rule -> reading.isUnanswered(rule, capture)
                            || reading.course(record).isAccused(rule, capture));
        }

        /** What rules about changes said of a record last, which they say again while both images stay. */
        private record Ruled(@Nullable Image good, Course.Run run, boolean fine) {}

        private void compare(Judge judge, int capture, List<Fold> folds, List<@Nullable Ruled> ruled) {
            List<Integer> numbers = new ArrayList<>();
            List<Judge.Pair> pairs = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                Course.Run run = reading.course(i).at(capture).orElse(null);
                if (asked.get(i).ofPairs().isEmpty() || run == null || run.image() == null) {
                    continue;
                }
                Ruled last = ruled.get(i);
                Image good = folds.get(i).goodImage();
                if (last == null || !last.run().equals(run) || !Objects.equals(last.good(), good)) {
                    numbers.add(i);
                    pairs.add(new Judge.Pair(good, run.image()));
                }
            }
            List<Map<String, Ruling>> rulings = judge.judge(dataset.name(), pairs);
            for (int k = 0; k < numbers.size(); k++) {
                int i = numbers.get(k);
                Map<String, Ruling> said = rulings.get(k);
                // What has nothing to compare with was not asked.
                boolean fine = pairs.get(k).before() != null
                        && asked.get(i).ofPairs().stream()
                                .allMatch(rule ->
                                        said.getOrDefault(rule, Ruling.ERROR).isFine());
                ruled.set(
                        i,
                        new Ruled(
                                folds.get(i).goodImage(),
                                reading.course(i).at(capture).orElseThrow(),
                                fine));
            }
        }
    }
}
