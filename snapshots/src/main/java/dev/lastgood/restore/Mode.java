package dev.lastgood.restore;

/** What a conflict means for the other records of its group. */
public enum Mode {
    /** The whole group is left as it is. */
    BLOCK,
    /** Only what is in conflict is left as it is. */
    SKIP
}
