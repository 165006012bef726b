package dev.lastgood.record;

import java.util.Random;

/** Runs a random test many times; a failure names the seed that repeats it. */
public final class Cases {
    private Cases() {}

    /** One case, made from the random numbers given. */
    public interface Case {
        void run(Random random) throws Exception;
    }

    /** Ten times as many, or what is said with -Dlastgood.cases=N, in the profile full. */
    public static int heavy(int inVerify, int inFull) {
        return Boolean.getBoolean("lastgood.full") ? inFull : inVerify;
    }

    /** Runs seeds 1 to n, or the one given with -Dlastgood.seed=N. */
    public static void run(int cases, Case test) {
        Long only = Long.getLong("lastgood.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? cases : only;
        for (long seed = first; seed <= last; seed++) {
            try {
                test.run(new Random(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "seed %d fails; repeat with -Dlastgood.seed=%d: %s".formatted(seed, seed, e.getMessage()), e);
            }
        }
    }
}
