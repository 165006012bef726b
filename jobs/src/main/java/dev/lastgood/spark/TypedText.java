package dev.lastgood.spark;

import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Text read as a value of a type, or NULL if it does not denote exactly one. Spark's own casts round decimals, drop the
 * time of day of a date, take 2020 for a date and 12:30 for a time of today.
 */
public final class TypedText {
    private TypedText() {}

    private static final String DAY = "[+-]?[0-9]{4,7}-[0-9]{1,2}-[0-9]{1,2}";
    private static final String CLOCK = "[T ][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\\.[0-9]*)?)?";
    private static final Pattern DATE = Pattern.compile(DAY);
    private static final Pattern LOCAL = Pattern.compile(DAY + "(" + CLOCK + ")?");
    private static final Pattern INSTANT = Pattern.compile(DAY + "(" + CLOCK + "[ ]?[A-Za-z0-9:+/_-]*)?");
    private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,9})?");

    /** The text as a value of the type; NULL if it is none, or would lose something on the way. */
    public static Column typed(Column text, DataType type) {
        if (type instanceof StringType) {
            return text;
        }
        if (type instanceof DecimalType decimal) {
            return udf(new ToDecimal(decimal.precision(), decimal.scale()), decimal)
                    .apply(text);
        }
        if (type instanceof DoubleType || type instanceof FloatType) {
            return udf(new ToDouble(type instanceof FloatType), org.apache.spark.sql.types.DataTypes.DoubleType)
                    .apply(text)
                    .cast(type);
        }
        Pattern form = form(type);
        Column cast = text.try_cast(type);
        return form == null ? cast : when(trim(text).rlike("\\A" + form.pattern() + "\\z"), cast);
    }

    private static @org.jspecify.annotations.Nullable Pattern form(DataType type) {
        return type instanceof DateType
                ? DATE
                : type instanceof TimestampNTZType ? LOCAL : type instanceof TimestampType ? INSTANT : null;
    }

    /** Whether a text has the form in which values of that type are written; true for types without one. */
    static boolean hasForm(String text, DataType type) {
        Pattern form = form(type);
        return form == null || form.matcher(text.strip()).matches();
    }

    private static final class ToDecimal implements UDF1<String, BigDecimal> {
        private static final long serialVersionUID = 1;

        private final int precision;
        private final int scale;

        ToDecimal(int precision, int scale) {
            this.precision = precision;
            this.scale = scale;
        }

        @Override
        @SuppressWarnings("NullAway") // Spark's NULL
        public BigDecimal call(String text) {
            if (text == null || !NUMBER.matcher(text.strip()).matches()) {
                return null;
            }
            BigDecimal number = new BigDecimal(text.strip()).stripTrailingZeros();
            if (number.signum() == 0) {
                return BigDecimal.ZERO.setScale(scale, RoundingMode.UNNECESSARY);
            }
            boolean fits = number.scale() <= scale && (long) number.precision() - number.scale() <= precision - scale;
            return fits ? number.setScale(scale, RoundingMode.UNNECESSARY) : null;
        }
    }

    private static final class ToDouble implements UDF1<String, Double> {
        private static final long serialVersionUID = 1;

        private final boolean single;

        ToDouble(boolean single) {
            this.single = single;
        }

        @Override
        @SuppressWarnings("NullAway") // Spark's NULL
        public Double call(String text) {
            if (text == null) {
                return null;
            }
            String bare = text.strip();
            switch (bare) {
                case "NaN":
                    return Double.NaN;
                case "Infinity", "+Infinity", "inf", "Inf":
                    return Double.POSITIVE_INFINITY;
                case "-Infinity", "-inf", "-Inf":
                    return Double.NEGATIVE_INFINITY;
                default:
                    if (!NUMBER.matcher(bare).matches()) {
                        return null;
                    }
                    double number = single ? Float.parseFloat(bare) : Double.parseDouble(bare);
                    return Double.isInfinite(number) ? null : (Double) number;
            }
        }
    }
}
