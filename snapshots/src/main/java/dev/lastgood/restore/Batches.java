package dev.lastgood.restore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Cuts steps into batches. Pure. */
final class Batches {
    /** The most records of one group that are written in one transaction: they are locked and in memory until then. */
    static final int MOST_OF_GROUP = 1000;

    private Batches() {}

    /** To be read: of one dataset each, at most so many. The steps of a dataset stay in their order. */
    static List<List<Step>> of(List<Step> steps, int most) {
        Map<String, List<Step>> byDataset = new LinkedHashMap<>();
        steps.forEach(step -> byDataset
                .computeIfAbsent(step.dataset(), any -> new ArrayList<>())
                .add(step));
        List<List<Step>> batches = new ArrayList<>();
        byDataset.values().forEach(all -> {
            for (int from = 0; from < all.size(); from += most) {
                batches.add(all.subList(from, Math.min(all.size(), from + most)));
            }
        });
        return batches;
    }

    /**
     * To be written, in order: of one dataset, or groups of one store. They hold whole groups: of a store with
     * transactions up to {@link #MOST_OF_GROUP} records, else where they fit. What is in no group never waits for another
     * dataset.
     *
     * @param storeOf the store of a dataset in which it is written together with others; empty: none
     */
    static List<List<Step>> toWrite(List<Step> steps, int most, UnaryOperator<String> storeOf) {
        List<List<Step>> batches = new ArrayList<>();
        List<Step> batch = new ArrayList<>();
        for (List<Step> group : byGroup(steps, storeOf)) {
            boolean isWhole = group.size() <= MOST_OF_GROUP
                    && !storeOf.apply(group.get(0).dataset()).isEmpty();
            boolean fits = batch.size() + group.size() <= most && (batch.isEmpty() || join(batch, group, storeOf));
            if (!fits && !batch.isEmpty()) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            for (Step step : group) {
                if (!isWhole && batch.size() == most) {
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

    private static boolean join(List<Step> batch, List<Step> group, UnaryOperator<String> storeOf) {
        List<Step> all = Stream.concat(batch.stream(), group.stream()).toList();
        Step first = all.get(0);
        return all.stream().allMatch(step -> step.dataset().equals(first.dataset()))
                || all.stream().allMatch(step -> !step.group().isEmpty() && areTogether(first, step, storeOf));
    }

    private static boolean areTogether(Step one, Step other, UnaryOperator<String> storeOf) {
        String store = storeOf.apply(one.dataset());
        return one.dataset().equals(other.dataset())
                || (!store.isEmpty() && store.equals(storeOf.apply(other.dataset())));
    }

    /** Neighbours of one group, and of one dataset or store, together; all others alone. */
    static List<List<Step>> byGroup(List<Step> steps, UnaryOperator<String> storeOf) {
        List<List<Step>> groups = new ArrayList<>();
        Step before = null;
        for (Step step : steps) {
            boolean together = before != null
                    && !step.group().isEmpty()
                    && step.group().equals(before.group())
                    && areTogether(step, before, storeOf);
            if (!together) {
                groups.add(new ArrayList<>());
            }
            groups.get(groups.size() - 1).add(step);
            before = step;
        }
        return groups;
    }
}
