package dev.lastgood.incident;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Tells several causes apart. Each group of alike records is explained; the records of its best explanation are taken out,
 * and the rest is explained again; groups that the same explanation fits are one cause. What nothing explains is a cause of
 * its own, that is not known. Pure.
 */
final class Causes {
    /** A rest that is smaller says nothing of its own: records are written to again, and then tell of who wrote last. */
    private static final double LEAST_REST = 0.2;

    private static final long FEWEST_OF_REST = 10;

    /** So large a part of as many as in the group it was found in must have an explanation's values to be explained by it. */
    private static final double MOST_OF_THEM = 0.8;

    private static final SortedMap<String, String> ANY = Collections.unmodifiableSortedMap(new TreeMap<>());

    private final Contingency table;
    private final Map<String, Set<String>> reads;
    private final Map<Label, Long> sizes;
    private final List<Cause> causes = new ArrayList<>();
    private int found;

    private Causes(Contingency table, Map<String, Set<String>> reads) {
        this.table = table;
        this.reads = Map.copyOf(reads);
        this.sizes = sizes(table);
    }

    /**
     * The causes in a dataset, the largest first. Every corrupt record is in the part of just one: the first that fits.
     *
     * @param reads by rule the dimensions it reads, which are no explanation of why it is broken
     */
    static List<Cause> in(Contingency table, Map<String, Set<String>> reads) {
        Causes causes = new Causes(table, reads);
        causes.sizes.entrySet().stream()
                .sorted(Map.Entry.<Label, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(entry -> entry.getKey().text()))
                .forEach(entry -> causes.add(entry.getKey(), entry.getValue()));
        return causes.causes.stream()
                .sorted(Comparator.comparingLong(Cause::records)
                        .reversed()
                        .thenComparing(cause -> cause.parts().get(0).label().text()))
                .toList();
    }

    /** How many corrupt records each group has. */
    static Map<Label, Long> sizes(Contingency table) {
        Map<Label, Long> sizes = new HashMap<>();
        table.cells().stream()
                .filter(Contingency.Cell::isCorrupt)
                .forEach(cell -> sizes.merge(Label.of(cell.label()), cell.records(), Long::sum));
        return sizes;
    }

    /** What explains nothing: what became wrong is the effect, and by what a rule reads it only chooses where it looks. */
    static Set<String> noCauses(Label label, Map<String, Set<String>> reads) {
        Set<String> none = new HashSet<>();
        label.rules().forEach(rule -> none.addAll(reads.getOrDefault(rule, Set.of())));
        if (label.place() != null) {
            none.add(label.place().path());
        }
        return none;
    }

    private void add(Label label, long size) {
        if (joins(label, size)) {
            return;
        }
        String text = label.text();
        // An insert is compared with inserts, and what is gone with what else is gone.
        Contingency rest = table.where(cell -> cell.isCorrupt()
                        ? cell.label().equals(text)
                        : cell.change().equals(label.change()))
                .without(noCauses(label, reads));
        List<Cause> own = new ArrayList<>();
        long left = size;
        while (left > 0 && (left == size || left >= Math.max(FEWEST_OF_REST, LEAST_REST * size))) {
            List<Explanation> explanations = Explainer.explain(rest);
            if (explanations.isEmpty()) {
                break;
            }
            SortedMap<String, String> values = explanations.get(0).values();
            long taken = explanations.get(0).corrupt();
            Cause.Part part = new Cause.Part(label, values, ++found);
            if (!joins(part, taken)) {
                own.add(new Cause(List.of(part), values, explanations, taken));
            }
            Contingency before = rest;
            rest = rest.where(cell -> !cell.isCorrupt() || !before.has(cell, values));
            left -= taken;
        }
        if (left > 0) {
            Cause.Part others = new Cause.Part(label, ANY, ++found);
            if (own.isEmpty() || left >= Math.max(FEWEST_OF_REST, LEAST_REST * size)) {
                rest(others, left);
            } else {
                own.set(0, own.get(0).with(others, left));
            }
        }
        causes.addAll(own);
    }

    /** A group goes with the cause of an earlier one that may be the same, if the same values tell of most of its records. */
    private boolean joins(Label label, long size) {
        for (int i = 0; i < causes.size(); i++) {
            Cause cause = causes.get(i);
            if (!cause.isExplained() || cause.labels().stream().noneMatch(label::isAkinTo)) {
                continue;
            }
            Predicate<Contingency.Cell> having =
                    cell -> cell.label().equals(label.text()) && table.has(cell, cause.values());
            boolean isSameChange = cause.labels().stream().anyMatch(label::changesLike);
            boolean isSmall = size < LEAST_REST * cause.records();
            double usual = MOST_OF_THEM * cause.explanations().get(0).share();
            if (table.records(having) >= usual * size || (isSameChange && isSmall)) {
                causes.set(i, cause.with(new Cause.Part(label, ANY, ++found), size));
                return true;
            }
        }
        return false;
    }

    /** The part goes with the cause of an earlier group that may be the same, if the same values tell of it. */
    private boolean joins(Cause.Part part, long size) {
        for (int i = 0; i < causes.size(); i++) {
            Cause cause = causes.get(i);
            if (cause.values().equals(part.values()) && cause.labels().stream().anyMatch(part.label()::isAkinTo)) {
                causes.set(i, cause.with(part, size));
                return true;
            }
        }
        return false;
    }

    private void rest(Cause.Part part, long size) {
        for (int i = 0; i < causes.size(); i++) {
            Cause cause = causes.get(i);
            if (!cause.isExplained() && cause.labels().stream().anyMatch(part.label()::changesLike)) {
                causes.set(i, cause.with(part, size));
                return;
            }
        }
        causes.add(new Cause(List.of(part), ANY, List.of(), size));
    }
}
