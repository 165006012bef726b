package dev.lastgood.snapshot;

/** The store's own description. */
public final class StoreFormat {
    private StoreFormat() {}

    static final String NAME = "format.json";
}
