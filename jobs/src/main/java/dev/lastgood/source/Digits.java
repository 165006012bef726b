package dev.lastgood.source;

import java.math.BigDecimal;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** The digits of exact numbers in the one form that all notations of a number share. */
public final class Digits {
    private Digits() {}

    /** Without an exponent, a plus sign, or zeros that say nothing. What is no number stays as it is. */
    public static Column canonical(Column digits) {
        return functions
                .udf((UDF1<String, String>) Digits::canonical, DataTypes.StringType)
                .apply(digits);
    }

    // Spark's NULL comes and goes as Java's.
    @SuppressWarnings("NullAway")
    static String canonical(@Nullable String digits) {
        if (digits == null) {
            return null;
        }
        try {
            BigDecimal number = new BigDecimal(digits.strip());
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        } catch (NumberFormatException e) {
            return digits;
        }
    }
}
