package dev.lastgood.incident;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/**
 * One probable cause of corruption in a dataset.
 *
 * @param parts the corrupt records it is behind
 * @param values what is telling of them; empty if nothing is
 * @param explanations of its largest group of records, the best first; empty if nothing explains it
 * @param records how many corrupt records there are in its parts
 */
record Cause(List<Part> parts, SortedMap<String, String> values, List<Explanation> explanations, long records) {
    Cause {
        parts = List.copyOf(parts);
        explanations = List.copyOf(explanations);
    }

    /**
     * Corrupt records of a label.
     *
     * @param values those of them that have these values; empty: whatever they have
     * @param found the how many-th part of its dataset it is: a record is in the first that fits
     */
    record Part(Label label, SortedMap<String, String> values, int found) {}

    boolean isExplained() {
        return !explanations.isEmpty();
    }

    Set<Label> labels() {
        Set<Label> labels = new LinkedHashSet<>();
        parts.forEach(part -> labels.add(part.label()));
        return labels;
    }

    /** The same, told better. */
    Cause explained(List<Explanation> better) {
        return new Cause(parts, better.get(0).values(), better, records);
    }

    /** The same with more records behind it. */
    Cause with(Part part, long more) {
        List<Part> all = new ArrayList<>(parts);
        all.add(part);
        return new Cause(all, values, explanations, records + more);
    }
}
