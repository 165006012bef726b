package dev.lastgood.incident;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.source.Sources;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** What is asked of older captures to explain an audit: since when records are damaged. Reads the affected keys only. */
public final class OlderCaptures {
    private final SparkSession session;
    private final Store store;
    private final Sources sources;
    private final CatalogState state;
    private final Map<String, Frame> live;
    private final Map<String, SnapshotId> baselines;
    private final Captures captures;
    private final Pasts pasts;

    /**
     * @param now what {@code now()} in a rule means
     * @param live the datasets of the audit, with all their fields
     * @param baselines by dataset, as far as there are any
     */
    public OlderCaptures(
            SparkSession session,
            Workspace workspace,
            Store store,
            Sources sources,
            CatalogState state,
            Instant now,
            Map<String, Frame> live,
            Map<String, SnapshotId> baselines) {
        this.session = session;
        this.store = store;
        this.sources = sources;
        this.state = state;
        this.live = Map.copyOf(live);
        this.baselines = Map.copyOf(baselines);
        this.captures = new Captures(session, workspace, store, sources, state, live);
        this.pasts = new Pasts(session, workspace, store, sources, state, now);
    }

    /**
     * What a record holds where it is suspected.
     *
     * @param path the field; null if the record is suspected as such
     * @param value JSON, as the table of examined records has it; null: absent
     */
    record Held(@Nullable String path, @Nullable String value) {}

    /** The newest captures before the baseline that can be read, not more than that. */
    List<Frame> beforeBaseline(DatasetSpec dataset, int most) {
        SnapshotId baseline = baselines.get(dataset.name());
        if (baseline == null || !live.containsKey(dataset.name()) || !dataset.hasKey()) {
            return List.of();
        }
        List<Snapshot> before = state.snapshots(dataset.name()).stream()
                .takeWhile(one -> !one.id().equals(baseline))
                .filter(one -> state.isVerified(dataset.name(), one.id(), Level.L2))
                .toList();
        List<Frame> frames = new ArrayList<>();
        for (Snapshot one : before.subList(Math.max(0, before.size() - most), before.size())) {
            try {
                frames.add(captures.frame(dataset, one));
            } catch (InvalidInput | SourceUnreadable | UnusableEntry ignored) {
                // It is gone or damaged since, or of a time when records had another key: there are others.
            }
        }
        return frames;
    }

    /** Of records that break rules, by {@code keyTagged}. */
    Map<String, Past> corrupt(DatasetSpec dataset, Map<String, Pasts.Accused> records) {
        if (!live.containsKey(dataset.name())) {
            return Map.of();
        }
        return pasts.ofTagged(dataset, live, baselines.get(dataset.name()), records);
    }

    /**
     * Of records that break none. Rules say nothing of them, so a capture is bad that holds in that field what live holds now.
     * The baseline does not: the field has changed since.
     */
    Map<String, Past> suspects(DatasetSpec dataset, Map<String, Held> held) {
        Map<String, Past> found = new LinkedHashMap<>();
        SnapshotId baseline = baselines.get(dataset.name());
        Frame frame = live.get(dataset.name());
        if (baseline == null || frame == null || held.isEmpty()) {
            return found;
        }
        List<Snapshot> captures = state.snapshots(dataset.name()).stream()
                .filter(one -> one.id().equals(baseline) || state.isVerified(dataset.name(), one.id(), Level.L2))
                .dropWhile(one -> !one.id().equals(baseline))
                .toList();
        Map<Key, String> tags = new LinkedHashMap<>();
        held.keySet().forEach(tag -> tags.put(key(tag), tag));
        new Chronicle(session, store, sources)
                .states(dataset, frame, captures, tags.keySet())
                .forEach((key, states) -> {
                    String tag = tags.get(key);
                    Held of = tag == null ? null : held.get(tag);
                    if (tag != null && of != null) {
                        found.put(tag, past(states, of));
                    }
                });
        return found;
    }

    private static Past past(List<Chronicle.State> states, Held held) {
        Past.At good = null;
        Past.At bad = null;
        for (Chronicle.State state : states) {
            Past.At at = new Past.At(state.snapshot(), state.at());
            Image image = state.image();
            if (image == null) {
                continue;
            }
            if (isBad(image, held)) {
                bad = bad == null ? at : bad;
            } else {
                good = at;
                bad = null;
            }
        }
        return new Past(good, null, null, bad, null, good == null ? Set.of(Past.Mark.UNRECOVERABLE) : Set.of());
    }

    /** A record that is suspected because it is new is bad wherever it is. */
    private static boolean isBad(Image image, Held held) {
        if (held.path() == null) {
            return true;
        }
        Value value = Patch.at(image, FieldPath.valueOf(held.path())).value();
        String text = value == null ? null : JsonValues.text(value);
        return java.util.Objects.equals(text, held.value());
    }

    /** The key of that name. */
    static Key key(String tagged) {
        try {
            return JsonValues.untaggedKey(JsonValues.MAPPER.readTree(tagged));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an audit wrote this", e);
        }
    }
}
