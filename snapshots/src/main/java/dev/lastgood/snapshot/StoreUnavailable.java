package dev.lastgood.snapshot;

import org.jspecify.annotations.Nullable;

/**
 * The store could not be read or written: the world is in the way. The message says what was being done, to what, why it
 * failed and what is true now; the same call may succeed later. Exit code 4.
 */
public final class StoreUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String hint;

    public StoreUnavailable(String message, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    public StoreUnavailable(String message, Throwable cause) {
        this(message, null, cause);
    }

    /** Sentences that say what to do, or null. */
    public @Nullable String hint() {
        return hint;
    }

    /** Why an attempt failed, in words for people; an exception without a message is named by its type. */
    public static String reason(Throwable cause) {
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null || message.isBlank() ? "" : ": " + message.strip());
    }
}
