package dev.lastgood.restore;

/**
 * What a plan would do to a rule.
 *
 * @param over whose records are counted
 * @param before how many records break the rule without the plan
 * @param after how many would with it
 * @param open what of the rule could not be asked, and why, for people; empty if all of it was
 */
public record Simulated(String rule, Over over, long before, long after, String open) {

    /** All of the rule was asked. */
    public Simulated(String rule, Over over, long before, long after) {
        this(rule, over, before, after, "");
    }

    /** Whose records. */
    public enum Over {
        /** Those the plan writes: what is true of one record cannot change of another. */
        PLAN,
        /** All of live, with the plan laid over it. */
        LIVE
    }
}
