package dev.lastgood.incident;

import dev.lastgood.record.Image;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one record was in the captures read so far, which are numbered from the oldest on. Not safe for several threads. */
final class Course {
    private final List<Run> runs = new ArrayList<>();
    private final Map<Integer, BitSet> accused = new HashMap<>();

    /**
     * Captures in a row in which the record stayed as it was.
     *
     * @param image null if nobody asked for it
     * @param shared whether several records had the key
     * @param broken the rules about single records, by number, that it breaks or that could not be asked
     */
    record Run(int from, int to, @Nullable Image image, boolean shared, BitSet broken) {}

    void add(Run run) {
        runs.add(run);
        runs.sort(Comparator.comparingInt(Run::from));
    }

    /** That a relation accuses it in a capture. */
    void accused(int rule, int capture) {
        accused.computeIfAbsent(rule, any -> new BitSet()).set(capture);
    }

    /** Empty if it was not there. */
    Optional<Run> at(int capture) {
        // There are few: a record hardly changes every night.
        return runs.stream()
                .filter(run -> run.from() <= capture && capture <= run.to())
                .findFirst();
    }

    boolean isAccused(int rule, int capture) {
        BitSet captures = accused.get(rule);
        return captures != null && captures.get(capture);
    }
}
