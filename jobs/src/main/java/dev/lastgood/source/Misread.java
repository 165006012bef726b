package dev.lastgood.source;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkThrowable;
import org.jspecify.annotations.Nullable;

/**
 * Why Spark could not read a file to its end, in our words: its own repeat the record that it could not read, and what is
 * in a record may be masked.
 */
public final class Misread {
    /** A file of a snapshot, from its store's root on. */
    private static final Pattern CAPTURED =
            Pattern.compile("snapshots/[^/]+/([0-9]{8}T[0-9]{6}Z-[0-9a-f]{4})/[^'\\s]*[^'\\s.]");

    /** A file of an audit. */
    private static final Pattern AUDITED = Pattern.compile("audits/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}/[^'\\s]*[^'\\s.]");

    private static final Pattern PATH = Pattern.compile("(?:reading file|not exist:) *(?:file:)?/*(/\\S*[^\\s.])");

    private static final Pattern FOOTER =
            Pattern.compile("CANNOT_READ_FILE_FOOTER|is not a Parquet file|can not read FileMetaData");

    private Misread() {}

    /** What became of a file, if that is what has failed. */
    public static Optional<SourceUnreadable> of(Throwable failure) {
        Optional<String> reason = reason(failure);
        String file = "";
        for (Throwable cause = failure; cause != null && file.isEmpty(); cause = cause.getCause()) {
            Matcher path = PATH.matcher(String.valueOf(cause.getMessage()));
            file = path.find() ? path.group(1) : "";
        }
        if (reason.isEmpty() || file.isEmpty()) {
            return Optional.empty();
        }
        Matcher captured = CAPTURED.matcher(file);
        if (captured.find()) {
            return Optional.of(new SourceUnreadable(
                    "%s cannot be read: %s".formatted(captured.group(), reason.get()),
                    "Run 'lastgood snapshot verify %s' to see what is left of that snapshot, and use another one."
                            .formatted(captured.group(1)),
                    failure));
        }
        Matcher audited = AUDITED.matcher(file);
        if (audited.find()) {
            return Optional.of(new SourceUnreadable(
                    "%s cannot be read: %s".formatted(audited.group(), reason.get()),
                    "Run 'lastgood audit' again: what it compares with is in the snapshots.",
                    failure));
        }
        return Optional.of(new SourceUnreadable(
                "file %s cannot be read: %s".formatted(file, reason.get()),
                "Correct the file, or have it written again. Nothing malformed is skipped.",
                failure));
    }

    /** Why a file could not be read, without a value of it. */
    public static Optional<String> reason(Throwable failure) {
        @Nullable String reason = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String found = reason(condition(cause), String.valueOf(cause.getMessage()));
            reason = found == null ? reason : found;
        }
        return Optional.ofNullable(reason);
    }

    private static String condition(Throwable cause) {
        String condition = cause instanceof SparkThrowable spark ? spark.getCondition() : null;
        return condition == null ? "" : condition;
    }

    private static @Nullable String reason(String condition, String message) {
        if (condition.startsWith("MALFORMED_")) {
            return "a row has more or fewer cells than the header, or a quote in it is not closed";
        }
        if (message.contains("CSV header does not conform")) {
            return "its header is another than that of the file beside it";
        }
        if (condition.equals("PATH_NOT_FOUND") || condition.endsWith("FILE_NOT_EXIST")) {
            return "it is not there";
        }
        if (message.contains("ChecksumException")) {
            return "its bytes are not those that were written";
        }
        if (condition.endsWith("COLUMN_DATA_TYPE_MISMATCH")) {
            return "a field in it is of another type than in the file beside it";
        }
        if (FOOTER.matcher(message).find()) {
            return "it is of another format, or torn";
        }
        return condition.startsWith("FAILED_READ_FILE") ? "it is damaged, or went away while it was read" : null;
    }
}
