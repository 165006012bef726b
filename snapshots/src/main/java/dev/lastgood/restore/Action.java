package dev.lastgood.restore;

/** What a step does to its record. */
public enum Action {
    INSERT,
    UPDATE,
    DELETE
}
