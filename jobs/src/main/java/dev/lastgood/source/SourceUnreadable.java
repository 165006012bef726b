package dev.lastgood.source;

/** A source could not be read, or holds what cannot be read exactly. The message says which dataset and what to do. */
public final class SourceUnreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    public SourceUnreadable(String message, Throwable cause) {
        super(message, cause);
    }

    public SourceUnreadable(String message) {
        super(message);
    }
}
