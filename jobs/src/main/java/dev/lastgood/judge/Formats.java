package dev.lastgood.judge;

import dev.lastgood.record.JsonValues;
import dev.lastgood.rule.Check;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** Well-known forms of text as sentences about a column. */
final class Formats {
    private Formats() {}

    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final String HEX = "[0-9A-Fa-f]";
    private static final String CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\\.[0-9]+)?";
    private static final String IPV6 =
            "(?:(?:H:){7}H|(?:H:){1,7}:|(?:H:){1,6}:H|(?:H:){1,5}(?::H){1,2}|(?:H:){1,4}(?::H){1,3}"
                            .replace("H", HEX + "{1,4}")
                    + "|(?:H:){1,3}(?::H){1,4}|(?:H:){1,2}(?::H){1,5}|H:(?::H){1,6}|:(?::H){1,7}|::)"
                            .replace("H", HEX + "{1,4}");

    static Column matches(Check.Form form, Column text) {
        return switch (form) {
            case EMAIL -> whole(text, "[^\\s@]+@" + LABEL + "(?:\\." + LABEL + ")+");
            case UUID -> whole(text, HEX + "{8}-" + HEX + "{4}-" + HEX + "{4}-" + HEX + "{4}-" + HEX + "{12}");
            case URI -> whole(text, "[A-Za-z][A-Za-z0-9+.-]*:[^\\s<>\"{}|\\\\^`]+");
            case DATE -> day(text);
            case TIME -> whole(text, CLOCK);
            case DATE_TIME ->
                whole(text, "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]" + CLOCK + "(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
                        .and(day(functions.substring(text, 1, 10)));
            case IPV4 -> whole(text, BYTE + "(?:\\." + BYTE + "){3}");
            case IPV6 -> whole(text, IPV6);
            case HOSTNAME ->
                whole(text, LABEL + "(?:\\." + LABEL + ")*")
                        .and(functions.length(text).leq(253));
            case JSON -> functions.udf(new IsJson(), DataTypes.BooleanType).apply(text);
        };
    }

    /** Spark's own parser takes text after the end of a document, and rounds its numbers. */
    private static final class IsJson implements UDF1<String, Boolean> {
        private static final long serialVersionUID = 1;

        @Override
        @SuppressWarnings("NullAway") // Spark's NULL
        public Boolean call(String text) {
            if (text == null) {
                return null;
            }
            try {
                JsonValues.parse(text);
                return true;
            } catch (JsonValues.NotJson e) {
                return false;
            }
        }
    }

    private static Column day(Column text) {
        return whole(text, "[0-9]{4}-[0-9]{2}-[0-9]{2}")
                .and(functions.when(text.isNotNull(), text.try_cast("date").isNotNull()));
    }

    private static Column whole(Column text, String pattern) {
        return text.rlike("\\A(?:" + pattern + ")\\z");
    }
}
