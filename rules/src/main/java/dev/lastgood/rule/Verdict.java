package dev.lastgood.rule;

import java.util.Collection;

/** What an audit or a verification says as a whole. Absence of evidence is never a pass. */
public enum Verdict {
    PASS,
    FAIL,
    INCONCLUSIVE;

    /**
     * FAIL if anything failed; else INCONCLUSIVE if anything was skipped, could not be evaluated, or there is nothing;
     * else PASS. A SKIP that is allowed is not to be among the outcomes.
     */
    public static Verdict of(Collection<Outcome> outcomes) {
        if (outcomes.contains(Outcome.FAIL)) {
            return FAIL;
        }
        boolean allPassed = outcomes.stream().allMatch(outcome -> outcome == Outcome.PASS);
        return allPassed && !outcomes.isEmpty() ? PASS : INCONCLUSIVE;
    }

    /** The verdict of two parts taken together. */
    public Verdict and(Verdict other) {
        if (this == FAIL || other == FAIL) {
            return FAIL;
        }
        return this == PASS && other == PASS ? PASS : INCONCLUSIVE;
    }
}
