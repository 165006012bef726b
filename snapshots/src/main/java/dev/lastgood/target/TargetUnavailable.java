package dev.lastgood.target;

/** The store of a target could not be reached or read. Nothing was written. The message says what was attempted. */
public final class TargetUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TargetUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
