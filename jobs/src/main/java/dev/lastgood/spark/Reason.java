package dev.lastgood.spark;

import java.util.Locale;
import org.apache.spark.SparkThrowable;

/** Why Spark refused or failed, in one line for people. */
public final class Reason {
    private Reason() {}

    /** The innermost of Spark's own messages, else the outermost message, without error class and SQL state. */
    public static String of(Throwable failure) {
        Throwable told = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            told = cause instanceof SparkThrowable ? cause : told;
        }
        String line = String.valueOf(told.getMessage())
                .lines()
                .filter(text -> !text.isBlank())
                .findFirst()
                .orElse("");
        String bare = line.replaceAll("^\\[[A-Z0-9_.]+]\\s*", "")
                .replaceAll("\\s*SQLSTATE:.*$", "")
                .replaceAll("\\.$", "");
        return bare.matches("[A-Z][a-z].*") ? bare.substring(0, 1).toLowerCase(Locale.ROOT) + bare.substring(1) : bare;
    }
}
