package dev.lastgood.target;

import dev.lastgood.record.Value;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

final class PostgresTypesTest extends JdbcScripts {
    @Override
    Connection connect() throws SQLException {
        return Postgres.connect();
    }

    @Override
    Map<String, Typed> columns() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop type if exists mood cascade");
            statement.execute("create type mood as enum ('new', 'paid')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        Map<String, Typed> columns = common();
        columns.put("a_bytes", new Typed("bytea", "'\\x00ff'", new Value.Bytes(new byte[] {0, -1})));
        columns.put("a_time", new Typed("time(3)", "'10:00:00.123'", Value.of("10:00:00.123")));
        columns.put("a_jsonb", new Typed("jsonb", "'[{\"no\":1}]'", json("[{\"no\":1}]")));
        columns.put("a_json", new Typed("json", "'[{\"no\":1}]'", json("[{\"no\":1}]")));
        columns.put("a_json_text", new Typed("text", "'{\"a\":1.50}'", json("{\"a\":1.5}")));
        columns.put("a_plain_jsonb", new Typed("jsonb", "'{\"b\": 1}'", Value.of("{\"b\": 1}")));
        columns.put("an_enum", new Typed("mood", "'paid'", Value.of("paid")));
        columns.put("an_array", new Typed("int[]", "'{1,2}'", Value.of("{1,2}")));
        columns.put("an_interval", new Typed("interval", "'1 day 02:00:00'", Value.of("1 day 02:00:00")));
        columns.put("an_inet", new Typed("inet", "'10.0.0.1/8'", Value.of("10.0.0.1/8")));
        columns.put("a_range", new Typed("int4range", "'[1,5)'", Value.of("[1,5)")));
        columns.put("a_money", new Typed("money", "'12.50'", Value.of("$12.50")));
        columns.put("any_number", new Typed("numeric", "'1.5000'", Value.number("1.5")));
        columns.put(
                "a_large_number",
                new Typed(
                        "numeric",
                        "'1234567890123456789012345678901234567890.5'",
                        Value.number("1234567890123456789012345678901234567890.5")));
        columns.put("not_a_number", new Typed("numeric", "'NaN'", Value.of("NaN")));
        columns.put("never_ending", new Typed("timestamp", "'infinity'", Value.of("infinity")));
        columns.put("never_ending_z", new Typed("timestamptz", "'-infinity'", Value.of("-infinity")));
        columns.put("doomsday", new Typed("date", "'infinity'", Value.of("infinity")));
        columns.put("some_bits", new Typed("bit(3)", "B'101'", Value.of("101")));
        return columns;
    }
}
