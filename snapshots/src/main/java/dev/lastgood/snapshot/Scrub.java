package dev.lastgood.snapshot;

import dev.lastgood.rule.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification in portions does next: what nobody has looked at, the newest snapshot first; then what was found
 * damaged, which is always looked at again; then what was looked at longest ago, if that is longer ago than allowed. What
 * was looked at since is not looked at again, so that every portion gets further.
 */
public final class Scrub {
    private Scrub() {}

    /**
     * Something that is looked at in one go: a file at L2, a dataset of a snapshot at the other levels.
     *
     * @param file null at all levels but L2
     * @param bytes of the file, or of the dataset
     * @param last when it was last looked at; null if never
     * @param verdict of that; null if it never was
     */
    public record Unit(
            Snapshot snapshot,
            Level level,
            @Nullable FileEntry file,
            long bytes,
            @Nullable Instant last,
            @Nullable Verdict verdict) {

        /** Whether it was looked at within that age, and was sound. */
        public boolean isCovered(Instant now, Duration maxAge) {
            return verdict == Verdict.PASS && isRecent(now, maxAge);
        }

        private boolean isRecent(Instant now, Duration maxAge) {
            return last != null && !last.plus(maxAge).isBefore(now) && !last.isAfter(now);
        }

        /** Files may be brought back from a copy of the store, and readings fail; what rules say of a snapshot stays. */
        private boolean isAlwaysLookedAt() {
            return verdict != Verdict.PASS && level.compareTo(Level.L4) < 0;
        }

        private boolean isDue(Instant now, Duration maxAge) {
            return isAlwaysLookedAt() || !isRecent(now, maxAge);
        }

        private int urgency() {
            return last == null ? 0 : isAlwaysLookedAt() ? 1 : 2;
        }

        private Instant age() {
            return last == null || isAlwaysLookedAt() ? Instant.MIN : last;
        }
    }

    private static final Comparator<Unit> ORDER = Comparator.comparingInt(Unit::urgency)
            .thenComparing(Unit::age)
            .thenComparing(Unit::level)
            .thenComparing(unit -> unit.snapshot().to(), Comparator.reverseOrder())
            .thenComparing(unit -> unit.snapshot().id(), Comparator.reverseOrder())
            .thenComparing(unit -> unit.snapshot().dataset())
            .thenComparing(unit -> unit.file() == null ? "" : unit.file().path());

    /** What is due, the most urgent first. */
    public static List<Unit> due(Collection<Unit> units, Instant now, Duration maxAge) {
        return units.stream()
                .filter(unit -> unit.isDue(now, maxAge))
                .sorted(ORDER)
                .toList();
    }

    /**
     * How much of what there is was looked at within an age and is sound. A share, never a probability.
     *
     * @param units how many there are
     * @param covered how many of them were looked at and are sound
     * @param damaged how many are not, when they were last looked at
     * @param bytes of all
     * @param coveredBytes of those covered
     * @param oldest when that was looked at of those covered which was looked at longest ago; null if none is covered
     */
    public record Coverage(
            Level level,
            long units,
            long covered,
            long damaged,
            long bytes,
            long coveredBytes,
            @Nullable Instant oldest) {

        /** From 0 to 1, by units; 0 if there is nothing. */
        public double share() {
            return units == 0 ? 0 : (double) covered / units;
        }

        public boolean isComplete() {
            return units > 0 && covered == units;
        }
    }

    /** The coverage of each level that occurs, in their order. */
    public static List<Coverage> coverage(Collection<Unit> units, Instant now, Duration maxAge) {
        List<Coverage> all = new ArrayList<>();
        for (Level level : Level.values()) {
            List<Unit> of = units.stream().filter(unit -> unit.level() == level).toList();
            if (of.isEmpty()) {
                continue;
            }
            List<Unit> covered =
                    of.stream().filter(unit -> unit.isCovered(now, maxAge)).toList();
            all.add(new Coverage(
                    level,
                    of.size(),
                    covered.size(),
                    of.stream().filter(unit -> unit.verdict() == Verdict.FAIL).count(),
                    of.stream().mapToLong(Unit::bytes).sum(),
                    covered.stream().mapToLong(Unit::bytes).sum(),
                    covered.stream()
                            .map(Unit::last)
                            .filter(last -> last != null)
                            .min(Comparator.naturalOrder())
                            .orElse(null)));
        }
        return all;
    }
}
