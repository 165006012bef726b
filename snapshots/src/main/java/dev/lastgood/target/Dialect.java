package dev.lastgood.target;

import dev.lastgood.target.JdbcValues.Column;
import dev.lastgood.target.JdbcValues.Kind;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;

/** What differs between the databases that a restore can write to. */
enum Dialect {
    POSTGRESQL("xmin::text") {
        @Override
        void limit(Statement statement, Duration lock, Duration answer) throws SQLException {
            statement.execute("set local lock_timeout = " + lock.toMillis());
            statement.execute("set local statement_timeout = " + answer.toMillis());
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
    MYSQL("") {
        @Override
        void limit(Statement statement, Duration lock, Duration answer) throws SQLException {
            statement.execute("set session innodb_lock_wait_timeout = " + Math.max(1, lock.toSeconds()));
            statement.setQueryTimeout((int) Math.max(1, answer.toSeconds()));
        }

        @Override
        String textType() {
            return "char";
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

    /** Whether the token of that name is the one the database keeps by itself, which is no column of the table. */
    boolean keeps(String name) {
        return !token.isEmpty() && token.replaceAll("::.*", "").equals(name);
    }

    /** An expression for a token the database keeps by itself; empty if it keeps none. */
    String token() {
        return token;
    }

    /** How long this transaction waits for a lock, and for an answer. */
    abstract void limit(Statement statement, Duration lock, Duration answer) throws SQLException;

    /** How the column is read: what has no kind of its own, as the text the database makes of it. */
    String expression(Column column) {
        String name = quote(column.name());
        return column.kind() == Kind.OTHER ? "cast(" + name + " as " + textType() + ")" : name;
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
