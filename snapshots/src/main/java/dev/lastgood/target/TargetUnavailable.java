package dev.lastgood.target;

import org.jspecify.annotations.Nullable;

/** The store of a target could not be reached or read. Nothing was written. The message says what was attempted. */
public final class TargetUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TargetUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
