package dev.lastgood.source;

import org.jspecify.annotations.Nullable;

/** A source could not be read, or holds what cannot be read exactly. The message says which dataset, and no secret. */
public final class SourceUnreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable String hint;

    public SourceUnreadable(String message, @Nullable Throwable cause) {
        this(message, null, cause);
    }

    public SourceUnreadable(String message) {
        this(message, null, null);
    }

    public SourceUnreadable(String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** Sentences that say what to do, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
