package dev.lastgood.restore;

/**
 * What a plan would do to a rule.
 *
 * @param over whose records are counted
 * @param before how many records break the rule without the plan
 * @param after how many would with it
 */
public record Simulated(String rule, Over over, long before, long after) {

    /** Whose records. */
    public enum Over {
        /** Those the plan writes: what is true of one record cannot change of another. */
        PLAN,
        /** All of live, with the plan laid over it. */
        LIVE
    }
}
