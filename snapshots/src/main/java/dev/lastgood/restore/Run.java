package dev.lastgood.restore;

import java.util.List;
import java.util.SortedMap;

/**
 * What an applier carries out: the steps of a plan, or those that undo a run.
 *
 * @param id under which its journal lies
 * @param plan id of the plan
 * @param digest of the plan
 * @param undoes the run it undoes; empty if it applies a plan
 * @param head digest of the last segment of the run it undoes; empty if it applies a plan
 */
public record Run(
        String id, String plan, String digest, String undoes, String head, Plan.Header header, List<Step> steps) {
    public Run {
        steps = List.copyOf(steps);
    }

    /** The one run that applies a plan. */
    public static Run of(PlanFiles.Stored plan) {
        return new Run(
                plan.id(),
                plan.id(),
                plan.digest(),
                "",
                "",
                plan.plan().header(),
                plan.plan().steps());
    }

    boolean isUndo() {
        return !undoes.isEmpty();
    }

    SortedMap<String, Plan.Bound> datasets() {
        return header.datasets();
    }

    /** The id of the run that undoes the run of that id. */
    static String undoing(String run) {
        return run + "-undo";
    }
}
