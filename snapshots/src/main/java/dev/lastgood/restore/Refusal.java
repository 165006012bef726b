package dev.lastgood.restore;

import org.jspecify.annotations.Nullable;

/** Something is not done because it would not be safe. Nothing was written. Exit code 5. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable String hint;

    public Refusal(String message, @Nullable String hint) {
        super(message);
        this.hint = hint;
    }

    /** Sentences that say what to do, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
