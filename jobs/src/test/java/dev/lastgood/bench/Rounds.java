package dev.lastgood.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs contenders in turn and prints their times as multiples of the first one's. */
final class Rounds {
    private static final double SECOND = 1_000_000_000;

    private final Map<String, double[]> seconds = new LinkedHashMap<>();

    private Rounds() {}

    /** Round by round, so that whatever else the machine does meets all alike; the first round does not count. */
    static Rounds of(Map<String, Runnable> contenders, int runs) {
        Rounds rounds = new Rounds();
        for (int round = -1; round < runs; round++) {
            for (Map.Entry<String, Runnable> contender : contenders.entrySet()) {
                System.gc();
                long start = System.nanoTime();
                contender.getValue().run();
                double took = (System.nanoTime() - start) / SECOND;
                System.err.printf("%s: %.2f s%n", contender.getKey(), took);
                if (round >= 0) {
                    rounds.seconds.computeIfAbsent(contender.getKey(), name -> new double[runs])[round] = took;
                }
            }
        }
        return rounds;
    }

    /** The median of each in seconds, and as a multiple of the first. */
    void table(String first, PrintWriter out) {
        double one = median(new ArrayList<>(seconds.values()).get(0));
        out.printf("%-28s %9s %8s%n", "", "seconds", "× " + first);
        seconds.forEach((name, took) -> out.printf("%-28s %9.2f %8.1f%n", name, median(took), median(took) / one));
        out.flush();
    }

    private static double median(double[] of) {
        double[] sorted = of.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
