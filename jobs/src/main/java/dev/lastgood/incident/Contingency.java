package dev.lastgood.incident;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Changed records counted by what they have in common: everything that explaining needs to know of them.
 *
 * @param dimensions their names, in the order of the codes
 * @param values by dimension the values that may explain something, code 1 first; code 0 is any other value, and none
 */
record Contingency(List<String> dimensions, List<List<String>> values, List<Cell> cells) {
    static final int OTHER = 0;

    Contingency {
        dimensions = List.copyOf(dimensions);
        values = List.copyOf(values);
        cells = List.copyOf(cells);
    }

    /**
     * Records that have the same values.
     *
     * @param codes by dimension, the value
     * @param label the group of a corrupt record; empty: not corrupt
     * @param change whether they were added, removed or changed
     */
    record Cell(List<Integer> codes, String label, String change, long records) {
        boolean isCorrupt() {
            return !label.isEmpty();
        }
    }

    /** Only the cells of which it is true. */
    Contingency where(Predicate<Cell> wanted) {
        return new Contingency(dimensions, values, cells.stream().filter(wanted).toList());
    }

    /** Without these dimensions. */
    Contingency without(Set<String> left) {
        if (dimensions.stream().noneMatch(left::contains)) {
            return this;
        }
        List<Integer> kept = new ArrayList<>();
        for (int d = 0; d < dimensions.size(); d++) {
            if (!left.contains(dimensions.get(d))) {
                kept.add(d);
            }
        }
        Map<Cell, Long> sums = new HashMap<>();
        for (Cell cell : cells) {
            Cell same = new Cell(kept.stream().map(cell.codes()::get).toList(), cell.label(), cell.change(), 0);
            sums.merge(same, cell.records(), Long::sum);
        }
        List<Cell> summed = new ArrayList<>();
        sums.forEach((cell, records) -> summed.add(new Cell(cell.codes(), cell.label(), cell.change(), records)));
        return new Contingency(
                kept.stream().map(dimensions::get).toList(),
                kept.stream().map(values::get).toList(),
                summed);
    }

    /** Whether a record of the cell has these values; always, if there are none. */
    boolean has(Cell cell, Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(one -> {
            int d = dimensions.indexOf(one.getKey());
            int code = d < 0 ? OTHER : values.get(d).indexOf(one.getValue()) + 1;
            return code != OTHER && cell.codes().get(d) == code;
        });
    }

    long records(Predicate<Cell> wanted) {
        return cells.stream().filter(wanted).mapToLong(Cell::records).sum();
    }
}
