package dev.lastgood.restore;

import java.util.ArrayList;
import java.util.List;

/** Cuts steps into batches of one dataset, in order, that hold whole groups where those fit. Pure. */
final class Batches {
    private Batches() {}

    static List<List<Step>> of(List<Step> steps, int most) {
        List<List<Step>> batches = new ArrayList<>();
        List<Step> batch = new ArrayList<>();
        for (List<Step> group : byGroup(steps)) {
            boolean fits = batch.size() + group.size() <= most
                    && (batch.isEmpty()
                            || batch.get(0).dataset().equals(group.get(0).dataset()));
            if (!fits && !batch.isEmpty()) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            for (Step step : group) {
                if (batch.size() == most) {
                    batches.add(batch);
                    batch = new ArrayList<>();
                }
                batch.add(step);
            }
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /** Neighbours of one dataset and one group together, all others alone. */
    static List<List<Step>> byGroup(List<Step> steps) {
        List<List<Step>> groups = new ArrayList<>();
        Step before = null;
        for (Step step : steps) {
            boolean together = before != null
                    && !step.group().isEmpty()
                    && step.group().equals(before.group())
                    && step.dataset().equals(before.dataset());
            if (!together) {
                groups.add(new ArrayList<>());
            }
            groups.get(groups.size() - 1).add(step);
            before = step;
        }
        return groups;
    }
}
