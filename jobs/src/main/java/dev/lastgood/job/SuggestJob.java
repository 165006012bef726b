package dev.lastgood.job;

import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.source.Frame;
import dev.lastgood.suggest.Suggester;
import dev.lastgood.suggest.Suggestions;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.List;

/** Learns rules from the snapshots of a workspace. Reads snapshots only, and each file of them is as it was captured. */
public final class SuggestJob {
    /** Snapshots before the one to learn from that are compared with it. */
    private static final int EARLIER = 3;

    private final Workplace workplace;

    public SuggestJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /**
     * What was learned.
     *
     * @param remarks on the choice of snapshots
     */
    public record Suggested(Suggestions suggestions, List<String> remarks) {
        public Suggested {
            remarks = List.copyOf(remarks);
        }
    }

    /**
     * Learns from a snapshot of each dataset, and from those before it.
     *
     * @param address {@code latest} or an id; empty for that which an audit would take as its baseline
     */
    public Suggested suggest(List<DatasetSpec> datasets, String address) {
        List<String> remarks = new ArrayList<>();
        CatalogState state = workplace.catalog().state();
        List<Suggester.Trusted> trusted = new ArrayList<>();
        for (DatasetSpec dataset : datasets) {
            Snapshot snapshot = workplace.auditJob().baseline(dataset, address, state, remarks);
            trusted.add(new Suggester.Trusted(
                    dataset,
                    snapshot.id(),
                    snapshot.records(),
                    frame(dataset, snapshot),
                    earlier(dataset, snapshot, state)));
        }
        Suggester suggester = new Suggester(
                workplace.session(),
                workplace.store(),
                workplace.workspace().datasets(),
                workplace.workspace().rules(),
                new RulesJob(workplace).shapes(datasets),
                workplace.clock().instant());
        return new Suggested(suggester.learn(trusted), remarks);
    }

    /** The newest first. */
    private List<Frame> earlier(DatasetSpec dataset, Snapshot snapshot, CatalogState state) {
        List<Frame> earlier = new ArrayList<>();
        List<Snapshot> all = state.snapshots(dataset.name());
        for (int i = all.indexOf(snapshot) - 1; i >= 0 && earlier.size() < EARLIER; i--) {
            Snapshot one = all.get(i);
            boolean damaged = state.damaged(dataset.name(), one.id()).isPresent();
            if (!damaged && state.isVerified(dataset.name(), one.id(), Level.L2)) {
                earlier.add(frame(dataset, one));
            }
        }
        return earlier;
    }

    private Frame frame(DatasetSpec dataset, Snapshot snapshot) {
        return new SnapshotReader(workplace.session(), workplace.store())
                .frame(dataset, snapshot.manifest(workplace.store()), workplace.sources());
    }
}
