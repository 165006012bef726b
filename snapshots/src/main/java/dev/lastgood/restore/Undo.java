package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

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
            progress.end()
                    .filter(end -> end.state() == State.DONE)
                    .ifPresent(
                            end -> steps.add(inverse(step, progress.lastIntent().orElseThrow(), end)));
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

    private static Step inverse(Step step, Entry.Intent intent, Entry.Ended end) {
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
                end.token(),
                "",
                evidence(action, end),
                step.group());
    }

    /** That we deleted the record is in the journal; that nobody did so again since, only a tombstone says. */
    private static Step.Evidence evidence(Action action, Entry.Ended end) {
        if (action != Action.INSERT) {
            return Step.Evidence.NOT_NEEDED;
        }
        return end.token().isEmpty() ? Step.Evidence.NONE : Step.Evidence.TOMBSTONE;
    }

    private static FieldChange back(FieldPath path, Image post, Image pre) {
        return new FieldChange(
                path, Patch.at(post, path).value(), Patch.at(pre, path).value());
    }
}
