package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The run that takes back another run, by the same machinery: what the run left is the base, live is ours, what it
 * replaced is theirs, on the places it wrote and nowhere else. So what anybody wrote since stays.
 */
public final class Undo {
    private Undo() {}

    /**
     * The undo of what a run has done so far.
     *
     * @throws Refusal if the run has not begun, or its plan is not this one
     */
    public static Run of(PlanFiles.Stored plan, Journal journal) {
        Entry.Started started = journal.started()
                .filter(first ->
                        first.digest().equals(plan.digest()) && first.undoes().isEmpty())
                .orElseThrow(
                        () -> new Refusal("there is no run of plan %s; nothing was undone".formatted(plan.id()), null));
        List<Step> steps = new ArrayList<>();
        List<Step> done = plan.plan().steps();
        for (int i = done.size() - 1; i >= 0; i--) {
            Step step = done.get(i);
            Journal.Progress progress = journal.progress(step.number());
            written(progress)
                    .ifPresent(intent -> steps.add(inverse(
                            step, intent, progress.end().map(Entry.Ended::token).orElse(""))));
        }
        return new Run(
                Run.undoing(journal.run()),
                plan.id(),
                started.digest(),
                journal.run(),
                journal.head(),
                plan.plan().header(),
                steps);
    }

    /**
     * The write that was done, or may have been: its outcome was not journalled yet, or nobody could tell. To take back what
     * was never written changes nothing, as live is not what it would have left.
     */
    static Optional<Entry.Intent> written(Journal.Progress progress) {
        List<Entry.Intent> open = progress.openIntents();
        State state = progress.end().map(Entry.Ended::state).orElse(State.AMBIGUOUS);
        return switch (state) {
            case DONE -> progress.lastIntent();
            case AMBIGUOUS -> open.isEmpty() ? Optional.empty() : Optional.of(open.get(open.size() - 1));
            case NOOP, CONFLICT, FAILED -> Optional.empty();
        };
    }

    /**
     * Live as it would be had a write of a run not been done, and live as it is; nothing if live holds none of it any more.
     *
     * @param live null: there is no record
     */
    static Optional<Relations.Laid> laid(Step step, Entry.Intent intent, @Nullable Image live) {
        Image pre = intent.pre();
        Image post = intent.post();
        if (pre == null || post == null) {
            return (live == null) == (post == null)
                    ? Optional.of(new Relations.Laid(step.dataset(), step.key(), pre, live))
                    : Optional.empty();
        }
        List<FieldChange> back = live == null
                ? List.of()
                : step.paths().stream()
                        .map(path -> back(path, post, pre))
                        .filter(change -> Patch.at(live, change.path()).equals(new Patch.Spot(change.before(), true)))
                        .toList();
        return back.isEmpty()
                ? Optional.empty()
                : Optional.of(new Relations.Laid(
                        step.dataset(), step.key(), Patch.lay(Objects.requireNonNull(live), back, pre), live));
    }

    /**
     * Ends the run that is to be undone, for good: an applier that still has it loses its next segment, and none can go on.
     *
     * @param owner the process that undoes
     * @throws Refusal if the process that has the run may still be at it
     */
    public static void fence(Journal journal, Owner owner, String applier) {
        journal.holder().filter(holder -> !owner.isGone(holder.owner())).ifPresent(holder -> {
            throw new Refusal(
                    "run %s is being applied by process '%s'; nothing was undone"
                            .formatted(journal.run(), holder.owner()),
                    "Stop that process first; what it has written until then is taken back. If it ran on another machine"
                            + " and is no more, add --take-over.");
        });
        fenceThoughHeld(journal, owner, applier);
    }

    /** The same, though the process that has the run may be alive for all this one can tell: it loses its next segment. */
    public static void fenceThoughHeld(Journal journal, Owner owner, String applier) {
        if (journal.isCompleted() || journal.isBeingUndone()) {
            return;
        }
        journal.publish(List.of(new Entry.Claimed(applier, owner.name()), new Entry.Paused(Journal.BEING_UNDONE)));
    }

    private static Step inverse(Step step, Entry.Intent intent, String token) {
        Image pre = intent.pre();
        Image post = intent.post();
        Action action = pre == null ? Action.DELETE : post == null ? Action.INSERT : Action.UPDATE;
        List<FieldChange> fields = action == Action.UPDATE
                ? step.paths().stream()
                        .map(path -> back(path, Objects.requireNonNull(post), Objects.requireNonNull(pre)))
                        .toList()
                : Merge.wholly(post, pre);
        return new Step(
                step.number(),
                step.dataset(),
                step.key(),
                action,
                fields,
                pre,
                post,
                List.of("undo"),
                step.goodSnapshot(),
                step.goodAt(),
                Proof.PROVED,
                step.origin(),
                token,
                "",
                evidence(action, token),
                step.group());
    }

    /** That we deleted the record is in the journal; that nobody did so again since, only a tombstone says. */
    private static Step.Evidence evidence(Action action, String token) {
        if (action != Action.INSERT) {
            return Step.Evidence.NOT_NEEDED;
        }
        return token.isEmpty() ? Step.Evidence.NONE : Step.Evidence.TOMBSTONE;
    }

    private static FieldChange back(FieldPath path, Image post, Image pre) {
        return new FieldChange(
                path, Patch.at(post, path).value(), Patch.at(pre, path).value());
    }
}
