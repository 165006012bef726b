package dev.lastgood.target;

import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Values of database columns, exactly: read so that equal means the same, and bound so that they come back equal. */
public final class JdbcValues {
    private JdbcValues() {}

    /** How values of a column are read and bound. */
    public enum Kind {
        BOOL,
        INTEGER,
        DECIMAL,
        /** 32 bits. */
        FLOAT,
        DOUBLE,
        TEXT,
        /** Text of fixed length; trailing blanks do not count. */
        CHAR,
        BYTES,
        DAY,
        LOCAL_MOMENT,
        MOMENT,
        /** Text or JSON that holds JSON, read as nested data. */
        NESTED,
        /** Any other type: its text form, which the database reads back. */
        OTHER
    }

    /**
     * A column.
     *
     * @param type its name in the database
     * @param generated whether the database computes it, so that it cannot be written
     */
    public record Column(String name, Kind kind, String type, boolean generated) {}

    private static final int MICROSECONDS = 6;

    private static final Set<String> TEXT_TYPES = Set.of("enum", "json", "jsonb", "uuid");

    /** The kind of the column with that index, from what the driver says of it. */
    public static Kind kind(ResultSetMetaData metadata, int index) throws SQLException {
        int type = metadata.getColumnType(index);
        boolean time = type == Types.TIMESTAMP || type == Types.TIMESTAMP_WITH_TIMEZONE;
        // What is finer than the microseconds of a time is kept as text, to the last digit.
        return time && metadata.getScale(index) > MICROSECONDS
                ? Kind.OTHER
                : kind(type, metadata.getColumnTypeName(index));
    }

    private static Kind kind(int sqlType, String typeName) {
        String type = typeName.toLowerCase(Locale.ROOT);
        if (type.equals("timestamptz") || type.equals("timestamp with time zone")) {
            return Kind.MOMENT;
        }
        if (type.startsWith("enum") || TEXT_TYPES.contains(type)) {
            return Kind.OTHER;
        }
        return switch (sqlType) {
            case Types.BOOLEAN -> Kind.BOOL;
            case Types.BIT -> type.startsWith("bool") ? Kind.BOOL : Kind.OTHER;
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Kind.INTEGER;
            case Types.NUMERIC, Types.DECIMAL -> Kind.DECIMAL;
            case Types.REAL -> Kind.FLOAT;
            case Types.FLOAT, Types.DOUBLE -> type.equals("money") ? Kind.OTHER : Kind.DOUBLE;
            case Types.CHAR, Types.NCHAR -> Kind.CHAR;
            case Types.VARCHAR, Types.LONGVARCHAR, Types.NVARCHAR, Types.LONGNVARCHAR, Types.CLOB, Types.NCLOB ->
                // PostgreSQL calls its enums varchar too.
                isTextual(type) || type.contains("large object") ? Kind.TEXT : Kind.OTHER;
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> Kind.BYTES;
            case Types.DATE -> Kind.DAY;
            case Types.TIMESTAMP -> Kind.LOCAL_MOMENT;
            case Types.TIMESTAMP_WITH_TIMEZONE -> Kind.MOMENT;
            default -> type.equals("decfloat") ? Kind.DECIMAL : Kind.OTHER;
        };
    }

    /** Reads the value of a column from the current row. */
    public static Value read(ResultSet row, int index, Column column) throws SQLException {
        Value value = present(row, index, column);
        return value == null || row.wasNull() ? Value.NULL : value;
    }

    private static @Nullable Value present(ResultSet row, int index, Column column) throws SQLException {
        switch (column.kind()) {
            case BOOL:
                return Value.of(row.getBoolean(index));
            case INTEGER, DECIMAL:
                return number(row.getString(index));
            case FLOAT:
                return new Value.Real(row.getFloat(index));
            case DOUBLE:
                return new Value.Real(row.getDouble(index));
            case BYTES:
                byte[] bytes = row.getBytes(index);
                return bytes == null ? null : new Value.Bytes(bytes);
            case DAY:
                LocalDate day = row.getObject(index, LocalDate.class);
                return day == null
                        ? null
                        : isFinite(day, LocalDate.MIN, LocalDate.MAX) ? new Value.Day(day) : text(row, index);
            case LOCAL_MOMENT:
                LocalDateTime local = row.getObject(index, LocalDateTime.class);
                return local == null
                        ? null
                        : isFinite(local, LocalDateTime.MIN, LocalDateTime.MAX)
                                ? new Value.LocalMoment(local)
                                : text(row, index);
            case MOMENT:
                OffsetDateTime moment = row.getObject(index, OffsetDateTime.class);
                return moment == null
                        ? null
                        : isFinite(moment, OffsetDateTime.MIN, OffsetDateTime.MAX)
                                ? new Value.Moment(moment.toInstant())
                                : text(row, index);
            case CHAR:
                String padded = row.getString(index);
                return padded == null ? null : Value.of(withoutTrailingBlanks(padded));
            case NESTED:
                return nested(row.getString(index));
            case TEXT, OTHER:
                return text(row, index);
        }
        throw new IllegalStateException(column.toString());
    }

    /** Infinity is no point in time; it is kept as the database writes it. */
    private static <T> boolean isFinite(T time, T min, T max) {
        return !time.equals(min) && !time.equals(max);
    }

    private static Value text(ResultSet row, int index) throws SQLException {
        return Value.of(row.getString(index));
    }

    private static @Nullable Value number(@Nullable String digits) {
        if (digits == null) {
            return null;
        }
        try {
            return Value.number(digits);
        } catch (NumberFormatException e) {
            // NaN and the infinities of numeric.
            return Value.of(digits);
        }
    }

    private static @Nullable Value nested(@Nullable String json) {
        return json == null ? null : JsonValues.embedded(json);
    }

    private static String withoutTrailingBlanks(String padded) {
        int end = padded.length();
        while (end > 0 && padded.charAt(end - 1) == ' ') {
            end--;
        }
        return padded.substring(0, end);
    }

    /** Binds nested data to a column whose text holds JSON, written like the text that is there. */
    static void bindNested(PreparedStatement statement, int index, Column column, Value value, String older)
            throws SQLException {
        boolean whole = value instanceof Value.Text;
        text(statement, index, column, whole ? JsonValues.embeddedText(value) : JsonValues.rewritten(older, value));
    }

    /** Binds a value to a parameter for a column. What does not fit the column's kind goes as text. */
    public static void bind(PreparedStatement statement, int index, Column column, Value value) throws SQLException {
        if (column.kind() == Kind.NESTED && !value.isNull()) {
            text(statement, index, column, JsonValues.embeddedText(value));
            return;
        }
        Binder binder = new Binder(statement, index, column);
        value.accept(binder);
        if (binder.failure != null) {
            throw binder.failure;
        }
    }

    /** Whether the driver must leave it to the server what the text is. */
    private static boolean isUntyped(Column column) {
        return column.kind() != Kind.TEXT && column.kind() != Kind.CHAR && !isTextual(column.type());
    }

    private static boolean isTextual(String type) {
        String name = type.toLowerCase(Locale.ROOT);
        return name.contains("char") || name.contains("text") || name.contains("clob");
    }

    private static void text(PreparedStatement statement, int index, Column column, String text) throws SQLException {
        boolean postgres =
                statement.getConnection().getMetaData().getDatabaseProductName().equals("PostgreSQL");
        if (postgres && isUntyped(column)) {
            statement.setObject(index, text, Types.OTHER);
        } else {
            statement.setString(index, text);
        }
    }

    private static final class Binder implements Value.Visitor<Boolean> {
        private final PreparedStatement statement;
        private final int index;
        private final Column column;
        private @Nullable SQLException failure;

        Binder(PreparedStatement statement, int index, Column column) {
            this.statement = statement;
            this.index = index;
            this.column = column;
        }

        private interface Bind {
            void run() throws SQLException;
        }

        private Boolean bind(Bind bind) {
            try {
                bind.run();
            } catch (SQLException e) {
                failure = e;
            }
            return true;
        }

        @Override
        public Boolean ofNull() {
            return bind(() -> statement.setNull(index, Types.NULL));
        }

        @Override
        public Boolean ofBool(boolean value) {
            return bind(() -> statement.setBoolean(index, value));
        }

        @Override
        public Boolean ofNum(BigDecimal value) {
            boolean fits = column.kind() == Kind.INTEGER
                    && value.scale() <= 0
                    && value.toBigInteger().bitLength() < Long.SIZE;
            return bind(() -> {
                if (fits) {
                    statement.setLong(index, value.longValueExact());
                } else if (isTextual(column.type())) {
                    statement.setString(index, value.toPlainString());
                } else {
                    statement.setBigDecimal(index, value.scale() < 0 ? value.setScale(0) : value);
                }
            });
        }

        @Override
        public Boolean ofReal(double value) {
            return bind(() -> {
                if (column.kind() == Kind.FLOAT) {
                    statement.setFloat(index, (float) value);
                } else {
                    statement.setDouble(index, value);
                }
            });
        }

        @Override
        public Boolean ofText(String value) {
            return bind(() -> text(statement, index, column, value));
        }

        @Override
        public Boolean ofBytes(byte[] value) {
            return bind(() -> statement.setBytes(index, value));
        }

        @Override
        public Boolean ofDay(LocalDate value) {
            return bind(() -> statement.setObject(index, value));
        }

        @Override
        public Boolean ofMoment(Instant value) {
            return bind(() -> statement.setObject(index, value.atOffset(ZoneOffset.UTC)));
        }

        @Override
        public Boolean ofLocalMoment(LocalDateTime value) {
            return bind(() -> statement.setObject(index, value));
        }

        @Override
        public Boolean ofArray(List<Value> items) {
            return bind(() -> text(statement, index, column, JsonValues.text(new Value.Array(items))));
        }

        @Override
        public Boolean ofObj(SortedMap<String, Value> fields) {
            return bind(() -> text(statement, index, column, JsonValues.text(new Value.Obj(fields))));
        }
    }
}
