package dev.lastgood.source;

import java.io.IOException;
import java.sql.SQLException;
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

    /** Whether something failed because a source could not be read, and not for what it holds. */
    public static boolean isBehind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SourceUnreadable || cause instanceof SQLException || cause instanceof IOException) {
                return true;
            }
        }
        return Misread.of(failure).isPresent();
    }

    /** What kind of thing went wrong, without a value: of a database with its SQL state. */
    public static String kind(Throwable failure) {
        Throwable told = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return "%s, SQL state %s".formatted(sql.getClass().getSimpleName(), sql.getSQLState());
            }
            told = cause;
        }
        return told.getClass().getSimpleName();
    }

    /** Sentences that say what to do, or null. */
    public @Nullable String hint() {
        return hint;
    }
}
