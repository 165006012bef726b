package dev.lastgood.incident;

import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What corrupt records have in common and the other changed ones have not.
 *
 * @param values by dimension
 * @param corrupt corrupt records that have these values
 * @param changed all changed records that have them, corrupt or not
 * @param allCorrupt corrupt records, with these values or others
 * @param allChanged the same of changed ones
 * @param score by how much better corruption is told with these values than without, in nats, after what it costs to name
 *     them; the higher the better, and nothing is explained at 0 or below
 */
record Explanation(
        SortedMap<String, String> values, long corrupt, long changed, long allCorrupt, long allChanged, double score) {

    /** The highest score first; then the fewest values. */
    static final Comparator<Explanation> BEST_FIRST = Comparator.comparingDouble(Explanation::score)
            .reversed()
            .thenComparingInt(one -> one.values().size())
            .thenComparing(one -> one.values().toString());

    /** Half the width of a two-sided 95 % interval, in standard errors. */
    private static final double Z95 = 1.96;

    Explanation {
        values = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** Of the corrupt records, how many have the values; 0 to 1. */
    double share() {
        return ratio(corrupt, allCorrupt);
    }

    /** Of the records that have the values, how many are corrupt; 0 to 1. */
    double inside() {
        return ratio(corrupt, changed);
    }

    /** Of the records that do not have the values, how many are corrupt; 0 to 1. */
    double elsewhere() {
        return ratio(allCorrupt - corrupt, allChanged - changed);
    }

    /**
     * How many times as often a record is corrupt if it has the values as if it has not. A half is added to each count, so
     * that it is finite where there are none (Haldane 1956).
     */
    double riskRatio() {
        return Math.exp(logRatio());
    }

    /** The lower bound of the risk ratio at 95 % (Katz, Baptista, Azen, Pike 1978). */
    double atLeast() {
        double in = changed + 1.0;
        double out = allChanged - changed + 1.0;
        double error = Math.sqrt(1 / (corrupt + 0.5) - 1 / in + 1 / (allCorrupt - corrupt + 0.5) - 1 / out);
        return Math.exp(logRatio() - Z95 * error);
    }

    private double logRatio() {
        double in = (corrupt + 0.5) / (changed + 1.0);
        double out = (allCorrupt - corrupt + 0.5) / (allChanged - changed + 1.0);
        return Math.log(in / out);
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
