package dev.lastgood.restore;

/** What a local rule says of one record. */
public enum Ruling {
    PASS,
    FAIL,
    /** A null kept the rule from deciding, and it does not let nulls pass. */
    UNKNOWN,
    /** The rule could not be evaluated. */
    ERROR,
    /** The rule is not about this record: its {@code where} is not true of it. */
    OUTSIDE;

    /** Whether the rule has nothing against the record. What could not be decided is not fine. */
    public boolean isFine() {
        return this == PASS || this == OUTSIDE;
    }
}
