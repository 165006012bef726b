package dev.lastgood.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * How the columns of a database are asked for so that every value arrives exactly. Times travel as integers: drivers and
 * Spark take the days and times before 1582, before our era and in a gap of the time zone for others.
 */
enum Database {
    POSTGRESQL {
        @Override
        @Nullable
        Reading reading(Field field, String column) {
            switch (field.type()) {
                case Types.BIT:
                    return field.typeName().equals("bool") ? Reading.asIs(column) : text(column);
                case Types.CHAR:
                    // A blank-padded text loses its padding as text.
                    return text(column);
                case Types.VARCHAR:
                    return field.typeName().equals("varchar")
                                    || field.typeName().equals("text")
                            ? Reading.asIs(column)
                            : text(column);
                case Types.DOUBLE:
                    return field.typeName().equals("money") ? text(column) : Reading.asIs(column);
                case Types.TIMESTAMP:
                    return field.typeName().equals("timestamptz") ? moment(column) : localMoment(column);
                case Types.SQLXML:
                    return text(column);
                default:
                    return super.reading(field, column);
            }
        }

        @Override
        String textOf(String column) {
            return column + "::text";
        }

        /** The first for an index, the second because a collation may take other texts for equal. */
        @Override
        String isText(String column, String literal) {
            return "(%1$s = %2$s AND %1$s COLLATE \"C\" = %2$s)".formatted(column, literal);
        }

        @Override
        Reading number(String column) {
            return new Reading("trim_scale(" + column + ")::text", UnaryOperator.identity(), Reading.Holds.NUMBER);
        }

        @Override
        String days(String column) {
            return finite(column, "2147483647", "-2147483648", "%s - DATE '1970-01-01'".formatted(column));
        }

        @Override
        String micros(String column) {
            return finite(
                    column,
                    "9223372036854775807",
                    "(-9223372036854775807 - 1)",
                    "(EXTRACT(EPOCH FROM %s) * 1000000)::bigint".formatted(column));
        }

        /** Infinity is the last time of all, as in {@link dev.lastgood.spark.Rows}. */
        private static String finite(String column, String last, String first, String otherwise) {
            return "CASE %s WHEN 'infinity' THEN %s WHEN '-infinity' THEN %s ELSE %s END"
                    .formatted(column, last, first, otherwise);
        }
    },

    H2 {
        @Override
        @Nullable
        Reading reading(Field field, String column) {
            switch (field.type()) {
                case Types.BINARY:
                    return field.typeName().equals("uuid") ? text(column) : Reading.asIs(column);
                case Types.NUMERIC, Types.DECIMAL:
                    return field.typeName().equals("decfloat") ? number(column) : super.reading(field, column);
                case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE:
                    return isTooFine(field) ? text(column) : super.reading(field, column);
                case Types.ARRAY, Types.STRUCT:
                    // As text, one element with a comma in it is like two.
                    return null;
                default:
                    return super.reading(field, column);
            }
        }

        /** Finer than the microseconds of Spark. */
        private static boolean isTooFine(Field field) {
            return field.scale() > 6;
        }

        @Override
        String textOf(String column) {
            return "CAST(" + column + " AS VARCHAR)";
        }

        /** As binary strings, whatever collation the database was given. */
        @Override
        String isText(String column, String literal) {
            return "(%1$s = %2$s AND STRINGTOUTF8(%1$s) = STRINGTOUTF8(%2$s))".formatted(column, literal);
        }

        @Override
        String days(String column) {
            return "CAST(DATEDIFF(DAY, DATE '1970-01-01', %s) AS INT)".formatted(column);
        }

        /**
         * The difference is plain arithmetic, the epoch an exact decimal that takes many times as long; but the difference
         * overflows silently, far from today, where the epoch is an error.
         */
        @Override
        String micros(String column) {
            return ("CASE WHEN EXTRACT(YEAR FROM %1$s) BETWEEN -200000 AND 200000"
                            + " THEN DATEDIFF(MICROSECOND, TIMESTAMP '1970-01-01 00:00:00', %1$s)"
                            + " ELSE CAST(FLOOR(EXTRACT(EPOCH FROM %1$s) * 1000000) AS BIGINT) END")
                    .formatted(column);
        }

        /** A difference is one of the times on the clock, whatever their zones. */
        @Override
        @Nullable
        Reading moment(String column) {
            return super.moment("(" + column + " AT TIME ZONE 'UTC')");
        }
    },

    /** MySQL and MariaDB. */
    MYSQL {
        @Override
        @Nullable
        Reading reading(Field field, String column) {
            String type = field.typeName();
            if (type.startsWith("tinyint") || type.startsWith("bool")) {
                // Not only 0 and 1, whatever drivers make of it.
                return Reading.of("CAST(" + column + " AS SIGNED)", value -> value.cast(DataTypes.ShortType));
            }
            if (type.startsWith("bit")) {
                // A driver may call a tinyint a bit.
                return Reading.asIs("(" + column + " + 0)");
            }
            if (type.startsWith("year")) {
                return Reading.of("CAST(" + column + " AS SIGNED)", value -> value.cast(DataTypes.IntegerType));
            }
            if (type.startsWith("float")) {
                // As text a float has but six digits.
                return Reading.of("CAST(" + column + " AS DOUBLE)", value -> value.cast(DataTypes.FloatType));
            }
            if (type.startsWith("timestamp")) {
                return moment(column);
            }
            if (SHAPES.contains(type)) {
                return null;
            }
            return switch (field.type()) {
                case Types.CHAR -> type.equals("char") ? super.reading(field, column) : text(column);
                default -> super.reading(field, column);
            };
        }

        @Override
        String textOf(String column) {
            return "CAST(" + column + " AS CHAR)";
        }

        @Override
        String days(String column) {
            return "CAST(" + real(column, "DATEDIFF(%s, '1970-01-01')") + " AS SIGNED)";
        }

        @Override
        String micros(String column) {
            return real(column, "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', %s)");
        }

        @Override
        @Nullable
        Reading moment(String column) {
            return Reading.of(
                    real(column, "CAST(UNIX_TIMESTAMP(%s) * 1000000 AS SIGNED)"), functions::timestamp_micros);
        }

        /** A date of zeros is no date and yet not NULL: rather than to take it for that, the query fails at it. */
        private static String real(String column, String otherwise) {
            return "CASE WHEN TO_DAYS(%1$s) IS NULL AND %1$s IS NOT NULL THEN (SELECT 1 UNION SELECT 2) ELSE %2$s END"
                    .formatted(column, otherwise.formatted(column));
        }

        /**
         * Spark quotes names as the standard does where it does not know the database by its address: without this they are
         * read as texts. Times are those of UTC.
         */
        @Override
        String entrance() {
            return "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES'), time_zone = '+00:00'";
        }
    },

    /** Read as its driver and Spark read it, as far as no value is bent by that. */
    OTHER {
        @Override
        @Nullable
        Reading reading(Field field, String column) {
            return switch (field.type()) {
                case Types.TINYINT, Types.DATE, Types.TIMESTAMP -> Reading.asIs(column);
                case Types.DECIMAL, Types.NUMERIC -> fitsSpark(field) ? Reading.asIs(column) : null;
                default -> super.reading(field, column);
            };
        }

        @Override
        @Nullable
        String textOf(String column) {
            return null;
        }

        @Override
        @Nullable
        String days(String column) {
            return null;
        }

        @Override
        @Nullable
        String micros(String column) {
            return null;
        }
    };

    private static final Set<String> SHAPES = Set.of(
            "geometry",
            "point",
            "linestring",
            "polygon",
            "multipoint",
            "multilinestring",
            "multipolygon",
            "geometrycollection");

    /** A column as the driver describes it, the name of its type in lower case. */
    record Field(String name, int type, String typeName, int precision, int scale) {}

    /**
     * What is asked for in place of a column, and what is made of the answer.
     *
     * @param sql the expression in the query
     * @param toSpark what turns the answer into a value of the column's type
     */
    record Reading(String sql, UnaryOperator<Column> toSpark, Holds holds) {
        /** What a column of text holds. */
        enum Holds {
            VALUES,
            /** The digits of exact numbers. */
            NUMBER
        }

        static Reading asIs(String sql) {
            return new Reading(sql, UnaryOperator.identity(), Holds.VALUES);
        }

        static @Nullable Reading of(@Nullable String sql, UnaryOperator<Column> toSpark) {
            return sql == null ? null : new Reading(sql, toSpark, Holds.VALUES);
        }
    }

    static Database of(Connection connection) throws SQLException {
        return switch (connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT)) {
            case "postgresql" -> POSTGRESQL;
            case "h2" -> H2;
            case "mysql", "mariadb" -> MYSQL;
            default -> OTHER;
        };
    }

    /** Whether one query sees what was there at one moment, whatever is written meanwhile; false if nobody knows. */
    boolean answersFromOneMoment() {
        return this != OTHER;
    }

    /** What every connection that Spark opens is told first; empty if nothing. */
    String entrance() {
        return "";
    }

    /** The column as text in the database's own notation; null if nobody knows. */
    abstract @Nullable String textOf(String column);

    /** Whether a text is that very one; null if nobody knows how to ask. */
    @Nullable
    String isText(String column, String literal) {
        return null;
    }

    /** The days from 1970-01-01 to a date; null if nobody knows. */
    abstract @Nullable String days(String column);

    /** The microseconds from the start of 1970 to a time; null if nobody knows. */
    abstract @Nullable String micros(String column);

    /** How a column is read; null if there is no way that is exact. */
    @Nullable
    Reading reading(Field field, String column) {
        return switch (field.type()) {
            case Types.BIT,
                    Types.BOOLEAN,
                    Types.SMALLINT,
                    Types.INTEGER,
                    Types.BIGINT,
                    Types.REAL,
                    Types.FLOAT,
                    Types.DOUBLE,
                    Types.VARCHAR,
                    Types.LONGVARCHAR,
                    Types.CLOB,
                    Types.BINARY,
                    Types.VARBINARY,
                    Types.LONGVARBINARY,
                    Types.BLOB -> Reading.asIs(column);
            case Types.TINYINT -> Reading.asIs("CAST(" + column + " AS SMALLINT)");
            case Types.DECIMAL, Types.NUMERIC -> fitsSpark(field) ? Reading.asIs(column) : number(column);
            case Types.CHAR -> Reading.asIs("TRIM(TRAILING FROM " + column + ")");
            case Types.DATE -> Reading.of(days(column), functions::date_from_unix_date);
            case Types.TIMESTAMP -> localMoment(column);
            case Types.TIMESTAMP_WITH_TIMEZONE -> moment(column);
            default -> text(column);
        };
    }

    @Nullable
    Reading text(String column) {
        return Reading.of(textOf(column), UnaryOperator.identity());
    }

    @Nullable
    Reading moment(String column) {
        return Reading.of(micros(column), functions::timestamp_micros);
    }

    @Nullable
    Reading localMoment(String column) {
        return Reading.of(
                micros(column), micros -> functions.timestamp_micros(micros).cast(DataTypes.TimestampNTZType));
    }

    /** A number as its digits, brought to their one form. */
    @Nullable
    Reading number(String column) {
        String digits = textOf(column);
        return digits == null ? null : new Reading(digits, Digits::canonical, Reading.Holds.NUMBER);
    }

    /** A negative scale is reported as a large one. */
    private static boolean fitsSpark(Field field) {
        return field.precision() > 0
                && field.precision() <= 38
                && field.scale() >= 0
                && field.scale() <= field.precision();
    }
}
