package dev.lastgood.snapshot;

import dev.lastgood.rule.Verdict;
import java.util.Collection;
import java.util.List;

/**
 * What a verification of one snapshot of one dataset looked at, and what it found: all of it, not the first.
 *
 * @param verdict FAIL if any damage is certain; else INCONCLUSIVE if anything could not be looked at or nothing was; else
 *     PASS
 * @param damaged how many damages there are; more than are listed only where a catalog event holds the list
 * @param damages in the order of files
 */
public record VerificationReport(
        Level level,
        Verdict verdict,
        long filesExamined,
        long bytesExamined,
        long recordsExamined,
        long damaged,
        List<Damage> damages) {

    public VerificationReport {
        damages = List.copyOf(damages);
        if (filesExamined < 0 || bytesExamined < 0 || recordsExamined < 0 || damaged < damages.size()) {
            throw new IllegalArgumentException("impossible counts in a verification report");
        }
        boolean nothing = filesExamined == 0 && recordsExamined == 0;
        if (verdict == Verdict.PASS && (damaged > 0 || nothing)) {
            throw new IllegalArgumentException("a pass with %d damages, %d files and %d records examined"
                    .formatted(damaged, filesExamined, recordsExamined));
        }
        if (verdict == Verdict.FAIL && damaged == 0) {
            throw new IllegalArgumentException("a failure without damage");
        }
    }

    /** The report whose verdict follows from the damages and from whether anything was examined at all. */
    public static VerificationReport of(
            Level level, long filesExamined, long bytesExamined, long recordsExamined, Collection<Damage> damages) {
        boolean nothing = filesExamined == 0 && recordsExamined == 0;
        Verdict verdict = damages.stream()
                .map(damage -> damage.kind().verdict())
                .reduce(nothing ? Verdict.INCONCLUSIVE : Verdict.PASS, Verdict::and);
        return new VerificationReport(
                level,
                verdict,
                filesExamined,
                bytesExamined,
                recordsExamined,
                damages.size(),
                damages.stream().distinct().sorted().toList());
    }

    /** The same report with at most so many damages listed; their number stays. */
    public VerificationReport listing(int most) {
        return damages.size() <= most
                ? this
                : new VerificationReport(
                        level,
                        verdict,
                        filesExamined,
                        bytesExamined,
                        recordsExamined,
                        damaged,
                        damages.subList(0, most));
    }
}
