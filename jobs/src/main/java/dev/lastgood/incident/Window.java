package dev.lastgood.incident;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The time in which an incident's records were written.
 *
 * @param from when the first of them was written
 * @param to when the last was
 * @param records how many
 */
record Window(Instant from, Instant to, long records) {

    /**
     * Records written in a stretch of time.
     *
     * @param corrupt those of the incident
     * @param changed all of the dataset
     * @param first when the first corrupt one was written; null if there is none
     * @param last when the last one was
     */
    record Stretch(
            long corrupt,
            long changed,
            @org.jspecify.annotations.Nullable Instant first,
            @org.jspecify.annotations.Nullable Instant last) {}

    /**
     * The stretches in a row in which records are most unusually often corrupt: the scan statistic (Kulldorff, <i>A spatial
     * scan statistic</i>, 1997), whose ends are the change points. A record that was written to again long after does not
     * widen it. Empty if no record is corrupt.
     *
     * @param stretches in the order of time, all of the same length; at least two
     */
    static Optional<Window> of(List<Stretch> stretches) {
        int n = stretches.size();
        long[] corrupt = new long[n + 1];
        long[] changed = new long[n + 1];
        for (int i = 0; i < n; i++) {
            corrupt[i + 1] = corrupt[i] + stretches.get(i).corrupt();
            changed[i + 1] = changed[i] + stretches.get(i).changed();
        }
        // From the first to the last, unless other ends tell more than it costs to name them.
        int start = 0;
        int end = n;
        while (start < n && stretches.get(start).corrupt() == 0) {
            start++;
        }
        while (end > start && stretches.get(end - 1).corrupt() == 0) {
            end--;
        }
        double best = start == n
                ? 0
                : 2 * Math.log(n)
                        + gain(
                                corrupt[end] - corrupt[start],
                                changed[end] - changed[start],
                                end - start,
                                corrupt[n],
                                changed[n],
                                n);
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; stretches.get(i).corrupt() > 0 && j <= n; j++) {
                if (stretches.get(j - 1).corrupt() == 0) {
                    continue;
                }
                double gain = gain(corrupt[j] - corrupt[i], changed[j] - changed[i], j - i, corrupt[n], changed[n], n);
                if (gain > best) {
                    best = gain;
                    start = i;
                    end = j;
                }
            }
        }
        Instant from = start == n ? null : stretches.get(start).first();
        Instant to = start == n ? null : stretches.get(end - 1).last();
        return from == null || to == null
                ? Optional.empty()
                : Optional.of(new Window(from, to, corrupt[end] - corrupt[start]));
    }

    /** By what is written otherwise if anything is, else by time alone. */
    private static double gain(long in, long changedIn, int length, long all, long changed, int stretches) {
        boolean onlyCorrupt = changed == all;
        double expected = onlyCorrupt ? (double) all * length / stretches : (double) all * changedIn / changed;
        long out = all - in;
        if (in <= expected) {
            return 0;
        }
        return in * Math.log(in / expected) + (out == 0 ? 0 : out * Math.log(out / (all - expected)));
    }

    /** By how much it may be wider: so few of its records are known to be corrupt that the first was hardly the first. */
    Duration margin() {
        return Duration.between(from, to).dividedBy(Math.max(1, records));
    }
}
