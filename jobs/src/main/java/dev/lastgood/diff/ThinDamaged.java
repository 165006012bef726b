package dev.lastgood.diff;

import org.jspecify.annotations.Nullable;

/** Kept hashes are not those that were kept. Nothing is wrong with the records: they can be hashed anew. */
public final class ThinDamaged extends RuntimeException {
    private static final long serialVersionUID = 1;

    ThinDamaged(String what, @Nullable Throwable cause) {
        super(what, cause);
    }
}
