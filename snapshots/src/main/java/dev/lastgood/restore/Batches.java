package dev.lastgood.restore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Cuts steps into batches. Pure. */
final class Batches {
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
     * To be written, in order: of one dataset, or of datasets of one store. They hold whole groups: of a store with
     * transactions whatever their size, else where they fit.
     *
     * @param storeOf the store of a dataset in which it is written together with others; empty: none
     */
    static List<List<Step>> toWrite(List<Step> steps, int most, UnaryOperator<String> storeOf) {
        List<List<Step>> batches = new ArrayList<>();
        List<Step> batch = new ArrayList<>();
        for (List<Step> group : byGroup(steps, storeOf)) {
            boolean isWhole = !storeOf.apply(group.get(0).dataset()).isEmpty();
            boolean fits = batch.size() + group.size() <= most
                    && (batch.isEmpty() || areTogether(batch.get(0), group.get(0), storeOf));
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
