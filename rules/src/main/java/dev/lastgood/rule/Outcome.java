package dev.lastgood.rule;

/** What became of a rule or a check. Only {@link #PASS} is good. */
public enum Outcome {
    /** It looked at something, and all of it was as it must be. */
    PASS,
    /** It found something wrong. */
    FAIL,
    /** It looked at nothing. */
    SKIP,
    /** It could not be evaluated. */
    ERROR
}
