package dev.lastgood.rule;

/** What it means when a rule's condition is unknown for a record. */
public enum OnNull {
    /** A finding: a check that could not look has not passed. */
    FAIL,
    /** No finding. */
    PASS
}
