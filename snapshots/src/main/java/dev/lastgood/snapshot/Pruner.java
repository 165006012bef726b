package dev.lastgood.snapshot;

import dev.lastgood.problem.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Removes what a policy keeps for no reason: first the event that takes it from readers, then its files, then the event
 * that says it is done. What a crash left between the two is finished by the next prune, whatever its policy.
 */
public final class Pruner {
    private final Store store;
    private final Catalog catalog;
    private final Clock clock;

    /** How long a file of {@code tmp/} is left alone. */
    private static final Duration TEMPORARY = Duration.ofDays(7);

    public Pruner(Store store, Catalog catalog, Clock clock) {
        this.store = store;
        this.catalog = catalog;
        this.clock = clock;
    }

    /**
     * What a prune would do now.
     *
     * @param kept why each snapshot stays that does
     * @param going snapshots that nothing keeps
     * @param unfinished snapshots whose removal had begun
     * @param abandoned takes that began a week ago or more and never ended
     */
    public record Outlook(
            SortedMap<SnapshotId, SortedSet<String>> kept,
            List<SnapshotId> going,
            List<SnapshotId> unfinished,
            List<SnapshotId> abandoned) {
        public Outlook {
            going = List.copyOf(going);
            unfinished = List.copyOf(unfinished);
            abandoned = List.copyOf(abandoned);
        }

        public boolean isEmpty() {
            return going.isEmpty() && unfinished.isEmpty() && abandoned.isEmpty();
        }
    }

    /** A pure function of what the catalog says; without a policy only what was begun is finished. */
    public static Outlook outlook(CatalogState state, @Nullable Retention retention, Instant now) {
        SortedMap<SnapshotId, SortedSet<String>> kept = new TreeMap<>();
        List<SnapshotId> going = new ArrayList<>();
        if (retention != null) {
            retention.reasons(state, now).forEach((id, why) -> {
                if (why.isEmpty()) {
                    going.add(id);
                } else {
                    kept.put(id, why);
                }
            });
        }
        List<SnapshotId> abandoned = state.takes().stream()
                .filter(take -> !now.isBefore(take.at().plus(CatalogState.TAKE_ABANDONED)))
                .map(CatalogState.Take::snapshot)
                .filter(id -> !state.isGoing(id))
                .toList();
        return new Outlook(kept, going, List.copyOf(state.pruning()), abandoned);
    }

    public Outlook outlook(@Nullable Retention retention) {
        return outlook(catalog.state(), retention, clock.instant());
    }

    /**
     * Removes what was shown, as far as nothing keeps it by now: a hold or a policy that came in between wins. Returns what
     * was removed. Throws {@link Refusal} if it would leave a dataset without any snapshot.
     *
     * @param shown the outlook somebody has agreed to; nothing outside it goes
     */
    public List<SnapshotId> prune(Outlook shown, @Nullable Retention retention) {
        Set<SnapshotId> agreed = new TreeSet<>(shown.going());
        agreed.addAll(shown.abandoned());
        appendUnlessNone(state -> goingOf(state, retention, agreed), Event.Pruning::new);
        CatalogState state = catalog.state();
        List<SnapshotId> unfinished = List.copyOf(state.pruning());
        for (SnapshotId id : unfinished) {
            for (String dataset : state.foldersOf(id)) {
                store.delete(Manifest.folder(dataset, id));
                store.delete(ScrubLedger.folder(dataset, id));
            }
        }
        // Of two prunes at once, which remove the same files, the second to end has nothing to say.
        appendUnlessNone(
                now -> unfinished.stream()
                        .filter(id -> now.pruning().contains(id))
                        .toList(),
                Event.Pruned::new);
        removeTemporary();
        return unfinished;
    }

    private void appendUnlessNone(
            Function<CatalogState, List<SnapshotId>> which, Function<List<SnapshotId>, Event> event) {
        try {
            catalog.append(state -> {
                List<SnapshotId> some = which.apply(state);
                if (some.isEmpty()) {
                    throw new NothingToSay();
                }
                return event.apply(some);
            });
        } catch (NothingToSay e) {
            return;
        }
    }

    /** Ends a decision that came to nothing. */
    private static final class NothingToSay extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private List<SnapshotId> goingOf(CatalogState state, @Nullable Retention retention, Collection<SnapshotId> agreed) {
        Outlook now = outlook(state, retention, clock.instant());
        List<SnapshotId> going = new ArrayList<>(now.going());
        going.addAll(now.abandoned());
        going.retainAll(agreed);
        return going;
    }

    /** What a crash left behind and nobody works on any more. */
    private void removeTemporary() {
        Instant before = clock.instant().minus(TEMPORARY);
        for (Store.Stored file : store.files("tmp")) {
            if (file.modified().isBefore(before)) {
                store.delete(file.name());
            }
        }
    }
}
