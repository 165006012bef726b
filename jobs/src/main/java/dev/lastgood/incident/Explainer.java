package dev.lastgood.incident;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the combinations of up to three values that tell corrupt records from the other changed ones: the DIFF operator
 * (Abuzaid et al., <i>DIFF: A Relational Interface for Large-Scale Data Explanation</i>, VLDB 2018) with its support, its risk
 * ratio and no superset that adds nothing. Which of them comes first is decided by minimum description length (Rissanen 1978):
 * the gain in log likelihood of knowing the values, less what it costs to name them, so that neither a value which happens to
 * be common nor one that happens to be rare wins. What is rare is told by its cases, so these are the size of the sample
 * (Volinsky and Raftery, <i>Bayesian information criterion for censored survival models</i>, 2000). Pure.
 */
final class Explainer {
    static final int MOST_VALUES = 3;

    /** What a combination must have to count. */
    private static final double LEAST_SHARE = 0.1;

    private static final double LEAST_RATIO = 1.5;

    /** Dimensions that are combined; of more, those that tell most on their own. */
    static final int MOST_COMBINED = 14;

    private Explainer() {}

    /** All combinations that explain something, the best first; empty if nothing does, or if nothing else has changed. */
    static List<Explanation> explain(Contingency table) {
        long corrupt = table.records(Contingency.Cell::isCorrupt);
        long changed = table.records(cell -> true);
        if (corrupt == 0 || corrupt == changed) {
            return List.of();
        }
        Search search = new Search(table, corrupt, changed);
        List<List<Integer>> ones = new ArrayList<>();
        for (int d = 0; d < table.dimensions().size(); d++) {
            ones.add(List.of(d));
        }
        Map<SortedMap<String, String>, Explanation> found = new HashMap<>();
        List<Integer> combined = combined(search, ones, found);
        for (int order = 2; order <= MOST_VALUES; order++) {
            for (List<Integer> dimensions : subsets(combined, order)) {
                search.all(dimensions).forEach(one -> found.put(one.values(), one));
            }
        }
        return found.values().stream()
                .filter(Explainer::isTelling)
                .filter(one -> addsSomething(one, found))
                .sorted(Explanation.BEST_FIRST)
                .toList();
    }

    private static List<Integer> combined(
            Search search, List<List<Integer>> ones, Map<SortedMap<String, String>, Explanation> found) {
        Map<Integer, Double> best = new HashMap<>();
        for (List<Integer> one : ones) {
            for (Explanation explanation : search.all(one)) {
                found.put(explanation.values(), explanation);
                best.merge(one.get(0), explanation.score(), Math::max);
            }
        }
        return best.entrySet().stream()
                .sorted(Map.Entry.<Integer, Double>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_COMBINED)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    static boolean isTelling(Explanation one) {
        return one.score() > 0 && one.atLeast() >= LEAST_RATIO;
    }

    /** A combination that tells no more than a part of it is left out. */
    private static boolean addsSomething(Explanation one, Map<SortedMap<String, String>, Explanation> found) {
        return parts(one.values()).stream().allMatch(part -> {
            Explanation shorter = found.get(part);
            return shorter == null || shorter.score() < one.score();
        });
    }

    /** What is left of the values without one of them or more. */
    private static List<SortedMap<String, String>> parts(SortedMap<String, String> values) {
        List<SortedMap<String, String>> parts = new ArrayList<>();
        for (String left : values.keySet()) {
            SortedMap<String, String> rest = new TreeMap<>(values);
            rest.remove(left);
            if (!rest.isEmpty()) {
                parts.add(rest);
                parts.addAll(parts(rest));
            }
        }
        return parts;
    }

    static List<List<Integer>> subsets(List<Integer> of, int size) {
        if (size == 0) {
            return List.of(List.of());
        }
        List<List<Integer>> subsets = new ArrayList<>();
        for (int first = 0; first + size <= of.size(); first++) {
            for (List<Integer> rest : subsets(of.subList(first + 1, of.size()), size - 1)) {
                List<Integer> subset = new ArrayList<>(List.of(of.get(first)));
                subset.addAll(rest);
                subsets.add(subset);
            }
        }
        return subsets;
    }

    /** Counts over the cells, as arrays: this is the inner loop. */
    private static final class Search {
        private final Contingency table;
        private final long corrupt;
        private final long changed;
        private final int[][] codes;
        private final boolean[] isCorrupt;
        private final long[] records;

        Search(Contingency table, long corrupt, long changed) {
            this.table = table;
            this.corrupt = corrupt;
            this.changed = changed;
            int cells = table.cells().size();
            this.codes = new int[table.dimensions().size()][cells];
            this.isCorrupt = new boolean[cells];
            this.records = new long[cells];
            for (int c = 0; c < cells; c++) {
                Contingency.Cell cell = table.cells().get(c);
                isCorrupt[c] = cell.isCorrupt();
                records[c] = cell.records();
                for (int d = 0; d < codes.length; d++) {
                    codes[d][c] = cell.codes().get(d);
                }
            }
        }

        /** Every combination of values of these dimensions that enough corrupt records have. */
        List<Explanation> all(List<Integer> dimensions) {
            int places = 1;
            int[] factors = new int[dimensions.size()];
            for (int i = 0; i < factors.length; i++) {
                factors[i] = places;
                places = Math.multiplyExact(
                        places, table.values().get(dimensions.get(i)).size() + 1);
            }
            long[] bad = new long[places];
            long[] all = new long[places];
            for (int c = 0; c < records.length; c++) {
                int place = 0;
                boolean named = true;
                for (int i = 0; i < factors.length && named; i++) {
                    int code = codes[dimensions.get(i)][c];
                    named = code != Contingency.OTHER;
                    place += factors[i] * code;
                }
                if (named) {
                    all[place] += records[c];
                    bad[place] += isCorrupt[c] ? records[c] : 0;
                }
            }
            List<Explanation> found = new ArrayList<>();
            for (int place = 0; place < places; place++) {
                if (bad[place] > 0 && bad[place] >= LEAST_SHARE * corrupt) {
                    found.add(explanation(dimensions, factors, place, bad[place], all[place]));
                }
            }
            return found;
        }

        private Explanation explanation(List<Integer> dimensions, int[] factors, int place, long bad, long all) {
            SortedMap<String, String> values = new TreeMap<>();
            double cost = 0;
            for (int i = 0; i < factors.length; i++) {
                int d = dimensions.get(i);
                List<String> of = table.values().get(d);
                int code = (place / factors[i]) % (of.size() + 1);
                values.put(table.dimensions().get(d), of.get(code - 1));
                cost += Math.log(of.size() + 1.0)
                        + Math.log(table.dimensions().size())
                        + 0.5 * Math.log((double) corrupt);
            }
            return new Explanation(values, bad, all, corrupt, changed, gain(bad, all, corrupt, changed) - cost);
        }
    }

    /**
     * By how many nats better corruption is told by knowing which records are inside; 0 if it is not more frequent there.
     *
     * @param bad corrupt records inside
     * @param all changed records inside
     * @param corrupt corrupt records everywhere
     * @param changed changed records everywhere
     */
    static double gain(long bad, long all, long corrupt, long changed) {
        if ((double) bad / all <= (double) corrupt / changed) {
            return 0;
        }
        return likelihood(bad, all) + likelihood(corrupt - bad, changed - all) - likelihood(corrupt, changed);
    }

    /** The log of how likely it is that so many of all are corrupt, at the most likely rate. */
    private static double likelihood(long bad, long all) {
        return part(bad, all) + part(all - bad, all);
    }

    private static double part(long some, long all) {
        return some == 0 ? 0 : some * Math.log((double) some / all);
    }
}
