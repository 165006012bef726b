package dev.lastgood.snapshot;

/** What came of publishing an entry: it is there under its name, ours or somebody else's. */
public sealed interface Published {

    /** The entry is there, complete and durable, and it is the one that was given. */
    record Won() implements Published {}

    /** Somebody else's entry is there under this name; ours is not, and never will be. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
    record Lost(byte[] existing) implements Published {}

    default boolean won() {
        return this instanceof Won;
    }
}
