package dev.lastgood.snapshot;

import dev.lastgood.problem.Refusal;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which events may be the next one. Each method returns the event, or throws {@link Refusal}. */
final class CatalogGuard implements Event.Visitor<Event> {
    private final CatalogState state;
    private final Instant now;

    CatalogGuard(CatalogState state, Instant now) {
        this.state = state;
        this.now = now;
    }

    private static void refuseIf(boolean reason, String message, @Nullable String hint) {
        if (reason) {
            throw new Refusal(message, hint);
        }
    }

    @Override
    public Event taking(Event.Taking event) {
        boolean used = state.takes.containsKey(event.snapshot()) || isThere(event.snapshot());
        refuseIf(used, "there is a snapshot %s already".formatted(event.snapshot()), "Take it again.");
        return event;
    }

    @Override
    public Event taken(Event.Taken event) {
        complete(event.snapshot(), event.datasets());
        return event;
    }

    @Override
    public Event adopted(Event.Adopted event) {
        complete(event.snapshot(), event.datasets());
        return event;
    }

    private void complete(SnapshotId snapshot, Map<String, Event.Captured> datasets) {
        refuseIf(
                state.isGoing(snapshot),
                "snapshot %s was pruned while it was being taken".formatted(snapshot),
                "Take it again.");
        refuseIf(isThere(snapshot), "there is a snapshot %s already".formatted(snapshot), null);
        refuseIf(!state.takes.containsKey(snapshot), "snapshot %s ends without having begun".formatted(snapshot), null);
        refuseIf(datasets.isEmpty(), "snapshot %s holds no dataset".formatted(snapshot), null);
        datasets.forEach((dataset, captured) -> {
            SnapshotId parent = captured.parent();
            refuseIf(
                    parent != null && state.snapshot(dataset, parent).isEmpty(),
                    "snapshot %s of dataset '%s' builds on %s, which is not there any more"
                            .formatted(snapshot, dataset, parent),
                    "Take a full snapshot.");
        });
    }

    private boolean isThere(SnapshotId snapshot) {
        return state.isGoing(snapshot)
                || state.snapshots.keySet().stream()
                        .anyMatch(place -> place.snapshot().equals(snapshot));
    }

    @Override
    public Event verified(Event.Verified event) {
        refuseIf(
                state.snapshot(event.dataset(), event.snapshot()).isEmpty(),
                "dataset '%s' has no snapshot %s".formatted(event.dataset(), event.snapshot()),
                null);
        refuseIf(
                event.since() != null && event.since().isAfter(now),
                "a verification that began in the future, %s".formatted(event.since()),
                null);
        return event;
    }

    @Override
    public Event held(Event.Held event) {
        refuseIf(event.snapshots().isEmpty(), "a hold needs a snapshot", null);
        for (SnapshotId snapshot : event.snapshots()) {
            refuseIf(
                    state.isGoing(snapshot),
                    "snapshot %s cannot be held: its removal has begun".formatted(snapshot),
                    "Hold another snapshot; 'lastgood snapshot list' shows what there is.");
            refuseIf(
                    !isThere(snapshot),
                    "snapshot %s cannot be held: there is none".formatted(snapshot),
                    "'lastgood snapshot list' shows what there is.");
        }
        return event;
    }

    @Override
    public Event released(Event.Released event) {
        refuseIf(
                !state.holds.containsKey(event.hold()),
                "there is no hold '%s'".formatted(event.hold()),
                "'lastgood snapshot list' shows the holds.");
        return event;
    }

    @Override
    public Event pruning(Event.Pruning event) {
        Set<SnapshotId> going = new HashSet<>(event.snapshots());
        refuseIf(going.isEmpty(), "nothing to prune", null);
        for (SnapshotId snapshot : event.snapshots()) {
            refuseIf(state.isGoing(snapshot), "snapshot %s is being pruned already".formatted(snapshot), null);
            List<CatalogState.Hold> holds = state.heldBy(snapshot, now);
            refuseIf(
                    !holds.isEmpty(),
                    "snapshot %s cannot be pruned: it is held".formatted(snapshot),
                    "Held by %s."
                            .formatted(
                                    holds.stream().map(CatalogState.Hold::shown).collect(Collectors.joining("; "))));
            CatalogState.Take take = state.takes.get(snapshot);
            refuseIf(
                    take != null && now.isBefore(take.at().plus(CatalogState.TAKE_ABANDONED)),
                    "snapshot %s cannot be pruned: it is being taken".formatted(snapshot),
                    "A take that never ended can be pruned a week after it began.");
            refuseIf(
                    take == null && !isThere(snapshot),
                    "snapshot %s cannot be pruned: there is none".formatted(snapshot),
                    null);
        }
        for (String dataset : state.datasets()) {
            checkWhatRemains(dataset, going);
        }
        return event;
    }

    private void checkWhatRemains(String dataset, Set<SnapshotId> going) {
        List<Snapshot> all = state.snapshots(dataset);
        List<Snapshot> staying =
                all.stream().filter(one -> !going.contains(one.id())).toList();
        refuseIf(
                staying.isEmpty(),
                "this would remove every snapshot of dataset '%s'".formatted(dataset),
                "Take a snapshot first, or keep one.");
        for (Snapshot one : staying) {
            SnapshotId parent = one.parent();
            refuseIf(
                    parent != null && going.contains(parent),
                    "snapshot %s cannot be pruned: %s of dataset '%s' builds on it"
                            .formatted(parent, one.id(), dataset),
                    "Chains are pruned as a whole.");
        }
    }

    @Override
    public Event pruned(Event.Pruned event) {
        for (SnapshotId snapshot : event.snapshots()) {
            refuseIf(
                    !state.pruning.contains(snapshot),
                    "the removal of snapshot %s has not begun".formatted(snapshot),
                    null);
        }
        return event;
    }

    @Override
    public Event audited(Event.Audited event) {
        refuseIf(
                state.audits.containsKey(event.audit()),
                "there is an audit '%s' already".formatted(event.audit()),
                null);
        return event;
    }

    @Override
    public Event planned(Event.Planned event) {
        CatalogState.Plan known = state.plans.get(event.plan());
        refuseIf(
                known != null && !known.digest().equals(event.digest()),
                "there is another plan '%s' already".formatted(event.plan()),
                null);
        return event;
    }

    @Override
    public Event approved(Event.Approved event) {
        CatalogState.Plan plan = known(event.plan());
        refuseIf(
                !plan.digest().equals(event.digest()),
                "the approval is for other bytes than plan '%s' has".formatted(event.plan()),
                "Look at the plan again with 'lastgood restore show %s'.".formatted(event.plan()));
        return event;
    }

    private CatalogState.Plan known(String id) {
        CatalogState.Plan plan = state.plans.get(id);
        if (plan == null) {
            throw new Refusal("there is no plan '%s'".formatted(id), null);
        }
        return plan;
    }

    @Override
    public Event started(Event.Started event) {
        CatalogState.Plan plan = known(event.plan());
        CatalogState.Run run = state.runs.get(event.run());
        refuseIf(
                run != null && !run.plan().equals(plan.id()),
                "run '%s' is of another plan".formatted(event.run()),
                null);
        refuseIf(
                event.undoes() != null && !state.runs.containsKey(event.undoes()),
                "there is no run '%s' to undo".formatted(event.undoes()),
                null);
        return event;
    }

    @Override
    public Event paused(Event.Paused event) {
        isKnown(event.run());
        return event;
    }

    @Override
    public Event ended(Event.Ended event) {
        isKnown(event.run());
        return event;
    }

    @Override
    public Event resolved(Event.Resolved event) {
        isKnown(event.run());
        return event;
    }

    @Override
    public Event rebuilt(Event.Rebuilt event) {
        throw new Refusal("only a damaged catalog begins anew", "'lastgood doctor' shows what is damaged.");
    }

    private void isKnown(String run) {
        refuseIf(!state.runs.containsKey(run), "there is no run '%s'".formatted(run), null);
    }
}
