package dev.lastgood.snapshot;

import dev.lastgood.rule.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The state after one more event: only what it touches is copied. Knows no rules: what is published has happened. */
final class CatalogFold implements Event.Visitor<CatalogFold> {
    final long number;
    final Sha256 digest;
    private final @Nullable Entry entry;
    Map<SnapshotId, CatalogState.Take> takes;
    Map<CatalogState.Place, Snapshot> snapshots;
    Set<SnapshotId> pruning;
    Set<SnapshotId> pruned;
    Map<CatalogState.Place, Map<Level, CatalogState.Verification>> verifications;
    Map<String, CatalogState.Hold> holds;
    Map<String, CatalogState.Audit> audits;
    Map<String, CatalogState.Plan> plans;
    Map<String, CatalogState.Run> runs;

    /** Before the entry that has the next number. */
    CatalogFold(long number, Sha256 format) {
        this.number = number;
        digest = format;
        entry = null;
        takes = Map.of();
        snapshots = Map.of();
        pruning = Set.of();
        pruned = Set.of();
        verifications = Map.of();
        holds = Map.of();
        audits = Map.of();
        plans = Map.of();
        runs = Map.of();
    }

    CatalogFold(CatalogState before, Entry entry, Sha256 digest) {
        this.number = entry.number();
        this.digest = digest;
        this.entry = entry;
        takes = before.takes;
        snapshots = before.snapshots;
        pruning = before.pruning;
        pruned = before.pruned;
        verifications = before.verifications;
        holds = before.holds;
        audits = before.audits;
        plans = before.plans;
        runs = before.runs;
    }

    private Entry entry() {
        if (entry == null) {
            throw new IllegalStateException("there is no event before the first");
        }
        return entry;
    }

    private static <K, V> Map<K, V> with(Map<K, V> map, Consumer<Map<K, V>> change) {
        Map<K, V> copy = new HashMap<>(map);
        change.accept(copy);
        return copy;
    }

    private static <E> Set<E> with(Set<E> set, Collection<E> more) {
        Set<E> copy = new HashSet<>(set);
        copy.addAll(more);
        return copy;
    }

    @Override
    public CatalogFold taking(Event.Taking event) {
        boolean ended =
                snapshots.keySet().stream().anyMatch(place -> place.snapshot().equals(event.snapshot()));
        if (ended) {
            // A catalog that was made anew may tell the end before the beginning.
            return this;
        }
        CatalogState.Take take = new CatalogState.Take(event.snapshot(), event.datasets(), entry().at(), entry().by());
        takes = with(takes, map -> map.put(event.snapshot(), take));
        return this;
    }

    @Override
    public CatalogFold taken(Event.Taken event) {
        return complete(event.snapshot(), Manifest.Origin.TAKEN, event.datasets());
    }

    @Override
    public CatalogFold adopted(Event.Adopted event) {
        return complete(event.snapshot(), Manifest.Origin.ADOPTED, event.datasets());
    }

    private CatalogFold complete(SnapshotId id, Manifest.Origin origin, Map<String, Event.Captured> datasets) {
        takes = with(takes, map -> map.remove(id));
        snapshots = with(
                snapshots,
                map -> datasets.forEach((dataset, captured) ->
                        map.put(new CatalogState.Place(id, dataset), Snapshot.of(id, dataset, origin, captured))));
        return this;
    }

    @Override
    public CatalogFold verified(Event.Verified event) {
        CatalogState.Place place = new CatalogState.Place(event.snapshot(), event.dataset());
        Map<Level, CatalogState.Verification> levels = new EnumMap<>(Level.class);
        levels.putAll(verifications.getOrDefault(place, Map.of()));
        Instant since = event.since();
        CatalogState.Verification before = levels.get(event.report().level());
        boolean damaged = before != null && before.report().verdict() == Verdict.FAIL;
        if (damaged && event.report().verdict() == Verdict.INCONCLUSIVE) {
            // What proves nothing does not prove that damage is gone.
            return this;
        }
        levels.put(
                event.report().level(),
                new CatalogState.Verification(since == null ? entry().at() : since, entry().by(), event.report()));
        verifications = with(verifications, map -> map.put(place, levels));
        return this;
    }

    @Override
    public CatalogFold held(Event.Held event) {
        CatalogState.Hold hold = new CatalogState.Hold(
                entry().id(),
                event.snapshots(),
                event.reason(),
                event.until(),
                event.note(),
                entry().at(),
                entry().by());
        holds = with(holds, map -> map.put(hold.id(), hold));
        return this;
    }

    @Override
    public CatalogFold released(Event.Released event) {
        holds = with(holds, map -> map.remove(event.hold()));
        return this;
    }

    @Override
    public CatalogFold pruning(Event.Pruning event) {
        pruning = with(pruning, event.snapshots());
        return this;
    }

    @Override
    public CatalogFold pruned(Event.Pruned event) {
        pruned = with(pruned, event.snapshots());
        Set<SnapshotId> rest = new HashSet<>(pruning);
        rest.removeAll(pruned);
        pruning = rest;
        takes = with(takes, map -> map.keySet().removeAll(pruned));
        return this;
    }

    @Override
    public CatalogFold audited(Event.Audited event) {
        CatalogState.Audit audit = new CatalogState.Audit(
                event.audit(), entry().at(), entry().by(), event.verdict(), event.baseline(), event.document());
        audits = with(audits, map -> map.put(audit.id(), audit));
        return this;
    }

    @Override
    public CatalogFold planned(Event.Planned event) {
        // The same plan made again has the same bytes, so what was approved is still approved.
        CatalogState.Plan known = plans.get(event.plan());
        CatalogState.Plan plan = new CatalogState.Plan(
                event.plan(),
                entry().at(),
                entry().by(),
                event.digest(),
                event.audit(),
                event.steps(),
                event.conflicts(),
                event.expires(),
                known == null ? null : known.approval());
        plans = with(plans, map -> map.put(plan.id(), plan));
        return this;
    }

    @Override
    public CatalogFold approved(Event.Approved event) {
        CatalogState.Approval approval =
                new CatalogState.Approval(entry().at(), entry().by(), event.expires(), event.signature());
        plans = with(
                plans,
                map -> map.computeIfPresent(
                        event.plan(),
                        (id, plan) -> new CatalogState.Plan(
                                id,
                                plan.at(),
                                plan.by(),
                                plan.digest(),
                                plan.audit(),
                                plan.steps(),
                                plan.conflicts(),
                                plan.expires(),
                                approval)));
        return this;
    }

    @Override
    public CatalogFold started(Event.Started event) {
        CatalogState.Run known = runs.get(event.run());
        CatalogState.Run run = known == null
                ? new CatalogState.Run(
                        event.run(),
                        event.plan(),
                        event.undoes(),
                        entry().at(),
                        entry().by(),
                        CatalogState.RunStage.APPLYING,
                        new TreeMap<>(),
                        null,
                        List.of())
                : at(known, CatalogState.RunStage.APPLYING);
        runs = with(runs, map -> map.put(run.id(), run));
        return this;
    }

    @Override
    public CatalogFold paused(Event.Paused event) {
        runs = with(runs, map -> map.computeIfPresent(event.run(), (id, run) -> at(run, CatalogState.RunStage.PAUSED)));
        return this;
    }

    private static CatalogState.Run at(CatalogState.Run run, CatalogState.RunStage stage) {
        return new CatalogState.Run(
                run.id(),
                run.plan(),
                run.undoes(),
                run.at(),
                run.by(),
                stage,
                run.counts(),
                run.receipt(),
                run.resolved());
    }

    @Override
    public CatalogFold ended(Event.Ended event) {
        CatalogState.RunStage stage = switch (event.end()) {
            case APPLIED -> CatalogState.RunStage.APPLIED;
            case VERIFIED -> CatalogState.RunStage.VERIFIED;
            case ABORTED -> CatalogState.RunStage.ABORTED;
        };
        runs = with(
                runs,
                map -> map.computeIfPresent(
                        event.run(),
                        (id, run) -> new CatalogState.Run(
                                id,
                                run.plan(),
                                run.undoes(),
                                run.at(),
                                run.by(),
                                stage,
                                event.counts(),
                                event.receipt(),
                                run.resolved())));
        return this;
    }

    @Override
    public CatalogFold resolved(Event.Resolved event) {
        runs = with(
                runs,
                map -> map.computeIfPresent(event.run(), (id, run) -> {
                    List<Event.Resolved> all = new ArrayList<>(run.resolved());
                    all.add(event);
                    return new CatalogState.Run(
                            id,
                            run.plan(),
                            run.undoes(),
                            run.at(),
                            run.by(),
                            run.stage(),
                            run.counts(),
                            run.receipt(),
                            List.copyOf(all));
                }));
        return this;
    }

    @Override
    public CatalogFold rebuilt(Event.Rebuilt event) {
        CatalogState state = new CatalogState(this);
        for (Event.Kept kept : event.kept()) {
            Entry one = new Entry(number, kept.id(), kept.at(), kept.by(), digest, kept.event());
            state = new CatalogState(kept.event().accept(new CatalogFold(state, one, digest)));
        }
        return new CatalogFold(state, entry(), digest);
    }
}
