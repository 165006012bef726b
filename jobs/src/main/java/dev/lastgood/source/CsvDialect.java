package dev.lastgood.source;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How Spark is told to read CSV: RFC 4180, nothing malformed is skipped, only a missing cell is null. */
public final class CsvDialect {
    /** Means null to Spark's CSV reader; no file that people write holds it, so that only a missing cell is null. */
    private static final String NO_CELL = "\u0000lastgood: no cell\u0000";

    private CsvDialect() {}

    /**
     * The options of Spark's reader.
     *
     * @param header whether the first line of each file names the fields
     * @param nullText an unquoted text that means null; null: an unquoted empty cell does
     */
    public static Map<String, String> options(boolean header, String delimiter, @Nullable String nullText) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("header", Boolean.toString(header));
        options.put("delimiter", delimiter);
        options.put("quote", "\"");
        options.put("escape", "\"");
        options.put("multiLine", "true");
        options.put("mode", "FAILFAST");
        options.put("inferSchema", "false");
        options.put("maxCharsPerColumn", "-1");
        options.put("nullValue", nullText == null ? NO_CELL : nullText);
        options.put("emptyValue", "");
        return options;
    }
}
