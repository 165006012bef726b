package dev.lastgood.incident;

import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.record.Key;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.Store;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** The captures that may prove something, each opened once, in the shape that live has as far as they have its fields. */
final class Captures {
    private final SparkSession session;
    private final Workspace workspace;
    private final Store store;
    private final Sources sources;
    private final CatalogState state;
    private final Map<String, Frame> live;
    private final Map<String, Frame> opened = new HashMap<>();

    /** @param live the datasets as they are now, by name, as far as they are at hand */
    Captures(
            SparkSession session,
            Workspace workspace,
            Store store,
            Sources sources,
            CatalogState state,
            Map<String, Frame> live) {
        this.session = session;
        this.workspace = workspace;
        this.store = store;
        this.sources = sources;
        this.state = state;
        this.live = live;
    }

    /** Those of a dataset that are verified to L2 and not damaged, oldest first. */
    List<Snapshot> verified(String dataset) {
        return state.snapshots(dataset).stream()
                .filter(one -> state.isVerified(dataset, one.id(), Level.L2))
                .toList();
    }

    Frame frame(DatasetSpec dataset, Snapshot snapshot) {
        return opened.computeIfAbsent(dataset.name() + "/" + snapshot.id(), any -> opened(dataset, snapshot));
    }

    /** The same, for who only wants the records of those keys. */
    Frame frame(DatasetSpec dataset, Snapshot snapshot, Collection<Key> keys) {
        Frame whole = opened.get(dataset.name() + "/" + snapshot.id());
        return whole != null
                ? whole
                : aligned(
                        dataset,
                        new SnapshotReader(session, store).frame(dataset, snapshot.manifest(store), sources, keys));
    }

    private Frame opened(DatasetSpec dataset, Snapshot snapshot) {
        return aligned(dataset, new SnapshotReader(session, store).frame(dataset, snapshot.manifest(store), sources));
    }

    private Frame aligned(DatasetSpec dataset, Frame then) {
        Frame today = live.get(dataset.name());
        if (today == null) {
            return then;
        }
        SchemaChange.Aligned aligned = SchemaChange.align(dataset, then, today);
        // Of documents only the text is stored: what there is to see in it is the same for all captures.
        return then.shape().isDocument()
                ? new Frame(aligned.before().records(), aligned.after().shape())
                : aligned.before();
    }

    /**
     * What was captured of another dataset together with a capture, or else last before it. Empty if there is nothing, or if
     * what was captured with it proves nothing: what is older may not have had what it lost.
     */
    Optional<Frame> with(Snapshot snapshot, String dataset) {
        List<Snapshot> candidates = verified(dataset);
        Optional<Snapshot> together = candidates.stream()
                .filter(one -> one.id().equals(snapshot.id()))
                .findFirst();
        boolean isDoubtful = together.isEmpty()
                && state.snapshots(dataset).stream().anyMatch(one -> one.id().equals(snapshot.id()));
        if (isDoubtful) {
            return Optional.empty();
        }
        Optional<Snapshot> before = candidates.stream()
                .filter(one -> !one.to().isAfter(snapshot.to()))
                .reduce((older, newer) -> newer);
        return together.or(() -> before)
                .flatMap(found -> workspace.dataset(dataset).map(spec -> frame(spec, found)));
    }
}
