package dev.lastgood.restore;

/** What became of a step. Every step ends in exactly one of these, or is still pending. */
public enum State {
    /** Written, or found written after an answer was lost. */
    DONE,
    /** Nothing to write: live holds the good values already. */
    NOOP,
    /** Live is not what the plan was approved for; nothing of the step was written. */
    CONFLICT,
    /** The target refused the write for good; nothing of the step was written. */
    FAILED,
    /** A write was sent and it cannot be found out whether it happened. For a person to resolve. */
    AMBIGUOUS
}
