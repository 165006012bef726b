package dev.lastgood.record;

import java.util.Random;
import java.util.stream.LongStream;

/** Runs a random test many times; a failure names the seed that repeats it. */
public final class Cases {
    private Cases() {}

    /** One case, made from the random numbers given. */
    public interface Case {
        void run(Random random) throws Exception;
    }

    /** How many cases to run: more of them in the profile full, or so many as -Dlastgood.cases=N says. */
    public static int heavy(int inVerify, int inFull) {
        return Integer.getInteger("lastgood.cases", Boolean.getBoolean("lastgood.full") ? inFull : inVerify);
    }

    /** Whether there are as many cases as there should be, so that rare things must have happened in some. */
    public static boolean areEnough() {
        return Long.getLong("lastgood.seed") == null && Integer.getInteger("lastgood.cases") == null;
    }

    /** Runs seeds 1 to n, or the one given with -Dlastgood.seed=N. */
    public static void run(int cases, Case test) {
        seeds(cases).forEach(seed -> run(seed, random -> test.run(random)));
    }

    /** One case, made from a seed. */
    public interface SeededCase {
        void run(long seed) throws Exception;
    }

    /** The same on all processors; the cases share nothing that is not thread-safe. */
    public static void runTogether(int cases, SeededCase test) {
        seeds(cases).parallel().forEach(seed -> run(seed, random -> test.run(seed)));
    }

    private static LongStream seeds(int cases) {
        Long only = Long.getLong("lastgood.seed");
        return only == null ? LongStream.rangeClosed(1, cases) : LongStream.of(only);
    }

    private static void run(long seed, Case test) {
        try {
            test.run(new Random(seed));
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "seed %d fails; repeat with -Dlastgood.seed=%d: %s".formatted(seed, seed, e.getMessage()), e);
        }
    }
}
