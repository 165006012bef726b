package dev.lastgood.target;

import dev.lastgood.record.Value;
import dev.lastgood.target.JdbcValues.Column;
import dev.lastgood.target.JdbcValues.Kind;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.StringJoiner;

/** What differs between the databases that a restore can write to. */
enum Dialect {
    POSTGRESQL("xmin::text") {
        @Override
        void limit(Statement statement, Duration lock, Duration answer) throws SQLException {
            statement.execute("set local lock_timeout = %d; set local statement_timeout = %d"
                    .formatted(lock.toMillis(), answer.toMillis()));
        }

        @Override
        String plainText(String expression) {
            return "cast(" + expression + " as text) collate \"C\"";
        }

        @Override
        String parameter(Column column) {
            boolean json = column.kind() == Kind.NESTED
                    && column.type().toLowerCase(Locale.ROOT).startsWith("json");
            return json ? "cast(? as " + column.type() + ")" : "?";
        }
    },
    H2("") {
        @Override
        void limit(Statement statement, Duration lock, Duration answer) throws SQLException {
            statement.execute("set lock_timeout " + lock.toMillis());
            statement.execute("set query_timeout " + answer.toMillis());
        }

        @Override
        String parameter(Column column) {
            return column.type().equalsIgnoreCase("json") ? "? format json" : "?";
        }
    },
    /** MySQL and MariaDB. A time travels as its text: drivers take it for one of their own zone, and a date of zeros for none. */
    MYSQL("") {
        @Override
        void begin(Statement statement) throws SQLException {
            // Nothing is cut to fit, and a key of zero is one.
            statement.execute("set session time_zone = '+00:00',"
                    + " sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO')");
        }

        @Override
        void limit(Statement statement, Duration lock, Duration answer) throws SQLException {
            long seconds = Math.max(1, lock.toSeconds());
            statement.execute(
                    "set session innodb_lock_wait_timeout = %1$d, lock_wait_timeout = %1$d".formatted(seconds));
            // The one knows seconds for every statement, the other milliseconds for reading.
            boolean isMaria = isMariaDb(statement.getConnection());
            statement.execute(
                    isMaria
                            ? "set session max_statement_time = " + Math.max(1, answer.toSeconds())
                            : "set session max_execution_time = " + answer.toMillis());
        }

        @Override
        Kind kind(ResultSetMetaData metadata, int index) throws SQLException {
            String type = metadata.getColumnTypeName(index).toLowerCase(Locale.ROOT);
            if (type.startsWith("tinyint") || type.startsWith("bit") || type.startsWith("bool")) {
                return Kind.INTEGER;
            }
            if (type.startsWith("year") || (type.endsWith(" unsigned") && metadata.getScale(index) == 0)) {
                return type.startsWith("float") || type.startsWith("double")
                        ? JdbcValues.kind(metadata, index)
                        : Kind.INTEGER;
            }
            if (type.startsWith("timestamp")) {
                return Kind.MOMENT;
            }
            if (type.startsWith("set") || type.startsWith("inet")) {
                return Kind.OTHER;
            }
            return JdbcValues.kind(metadata, index);
        }

        @Override
        String expression(Column column) {
            String name = quote(column.name());
            return isTime(column.kind())
                    ? "cast(" + name + " as char)"
                    : column.kind() == Kind.OTHER ? super.expression(column) : number(name, column.kind());
        }

        @Override
        String number(String name, Kind kind) {
            return switch (kind) {
                case INTEGER -> name + " + 0";
                case FLOAT -> "cast(" + name + " as double)";
                default -> name;
            };
        }

        @Override
        String plainText(String expression) {
            return "cast(cast(" + expression + " as char character set utf8mb4) as binary)";
        }

        @Override
        Value read(ResultSet row, int index, Column column) throws SQLException {
            if (!isTime(column.kind())) {
                return JdbcValues.read(row, index, column);
            }
            String text = row.getString(index);
            if (text == null) {
                return Value.NULL;
            }
            try {
                return switch (column.kind()) {
                    case DAY -> new Value.Day(LocalDate.parse(text));
                    case MOMENT ->
                        new Value.Moment(
                                LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC));
                    default -> new Value.LocalMoment(LocalDateTime.parse(text.replace(' ', 'T')));
                };
            } catch (DateTimeParseException e) {
                // A date of zeros.
                return Value.of(text);
            }
        }

        @Override
        void bind(PreparedStatement statement, int index, Column column, Value value) throws SQLException {
            if (value instanceof Value.Moment moment) {
                statement.setString(index, text(LocalDateTime.ofInstant(moment.value(), ZoneOffset.UTC)));
            } else if (value instanceof Value.LocalMoment local) {
                statement.setString(index, text(local.value()));
            } else if (value instanceof Value.Day day) {
                statement.setString(index, day.value().toString());
            } else {
                JdbcValues.bind(statement, index, column, value);
            }
        }

        private static boolean isTime(Kind kind) {
            return kind == Kind.DAY || kind == Kind.LOCAL_MOMENT || kind == Kind.MOMENT;
        }

        private static String text(LocalDateTime time) {
            return time.toString().replace('T', ' ');
        }

        @Override
        String textType() {
            return "char";
        }

        @Override
        boolean tellsRowsOfInserts() {
            return false;
        }

        @Override
        String quote(String name) {
            return "`" + name.replace("`", "``") + "`";
        }

        @Override
        String overriding() {
            return "";
        }
    };

    private final String token;

    Dialect(String token) {
        this.token = token;
    }

    static Dialect of(Connection connection) throws SQLException {
        DatabaseMetaData metadata = connection.getMetaData();
        String product = metadata.getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> POSTGRESQL;
            case "H2" -> H2;
            case "MySQL", "MariaDB" -> MYSQL;
            default ->
                throw new SQLException(
                        "%s is not a database that a restore can write to; those are PostgreSQL, MySQL, MariaDB and H2"
                                .formatted(product));
        };
    }

    /** Whether the server is MariaDB, whatever the driver says. */
    static boolean isMariaDb(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet version = statement.executeQuery("select version()")) {
            return version.next() && version.getString(1).contains("MariaDB");
        }
    }

    /** Whether the token of that name is the one the database keeps by itself, which is no column of the table. */
    boolean keeps(String name) {
        return !token.isEmpty() && token.replaceAll("::.*", "").equals(name);
    }

    /** An expression for a token the database keeps by itself; empty if it keeps none. */
    String token() {
        return token;
    }

    /** What a connection is told first. */
    void begin(Statement statement) throws SQLException {}

    /** The kind of the column with that index. */
    Kind kind(ResultSetMetaData metadata, int index) throws SQLException {
        return JdbcValues.kind(metadata, index);
    }

    /** Reads what was asked for by {@link #expression}. */
    Value read(ResultSet row, int index, Column column) throws SQLException {
        return JdbcValues.read(row, index, column);
    }

    /** Binds a value for a column. */
    void bind(PreparedStatement statement, int index, Column column, Value value) throws SQLException {
        JdbcValues.bind(statement, index, column, value);
    }

    /** Whether to this database a schema is what others call a catalog. */
    boolean hasCatalogs() {
        return this == MYSQL;
    }

    /** How long this transaction waits for a lock, and for an answer. */
    abstract void limit(Statement statement, Duration lock, Duration answer) throws SQLException;

    /** Whether of several inserts sent at once each has its number of rows. Some drivers make one statement of them. */
    boolean tellsRowsOfInserts() {
        return true;
    }

    /** How the column is read: what has no kind of its own, as the text the database makes of it. */
    String expression(Column column) {
        String name = quote(column.name());
        return column.kind() == Kind.OTHER ? "cast(" + name + " as " + textType() + ")" : name;
    }

    /** The column as the number it is, where it may be one that is compared as another. */
    String number(String name, Kind kind) {
        return name;
    }

    String textType() {
        return "varchar";
    }

    /** The expression as text of which two are equal only if they are the same. */
    String plainText(String expression) {
        return "cast(" + expression + " as " + textType() + ")";
    }

    /** How a value for the column is written as a parameter. */
    String parameter(Column column) {
        return "?";
    }

    String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** The name of a table, its parts quoted one by one; one that is quoted already stays as it is. */
    String table(String name) {
        if (name.contains(quote("x").substring(0, 1))) {
            return name;
        }
        StringJoiner quoted = new StringJoiner(".");
        for (String part : name.split("\\.", -1)) {
            quoted.add(quote(part));
        }
        return quoted.toString();
    }

    /** Lets an insert give the value of an identity column. */
    String overriding() {
        return " overriding system value";
    }
}
