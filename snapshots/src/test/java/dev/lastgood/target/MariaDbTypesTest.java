package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Value;
import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MariaDbTypesTest extends JdbcTypes {
    @Override
    Connection connect() throws SQLException {
        return MariaDb.connect("types");
    }

    @Override
    Map<String, Typed> columns() {
        Map<String, Typed> columns = common();
        // A boolean of this database is a number.
        columns.put("a_bool", new Typed("boolean", "2", Value.of(2)));
        columns.put("a_real", new Typed("float", "16777217e-1", new Value.Real(1677721.75)));
        columns.put(
                "a_timestamp",
                new Typed(
                        "datetime(6)",
                        "'2024-03-31 02:30:00.123456'",
                        new Value.LocalMoment(LocalDateTime.of(2024, 3, 31, 2, 30, 0, 123_456_000))));
        columns.put(
                "a_moment",
                new Typed(
                        "timestamp(6) null",
                        "from_unixtime(1711845000.123456)",
                        new Value.Moment(Instant.parse("2024-03-31T00:30:00.123456Z"))));
        columns.put("a_bytes", new Typed("varbinary(10)", "x'00ff'", new Value.Bytes(new byte[] {0, -1})));
        columns.put("a_blob", new Typed("blob", "x'00ff'", new Value.Bytes(new byte[] {0, -1})));
        columns.put("a_time", new Typed("time(3)", "'-838:59:58.123'", Value.of("-838:59:58.123")));
        columns.put("a_json", new Typed("json", "'[{\"no\":1}]'", json("[{\"no\":1}]")));
        columns.put("a_json_text", new Typed("longtext", "'{\"a\":1.50}'", json("{\"a\":1.5}")));
        columns.put("an_enum", new Typed("enum('new', 'paid')", "'paid'", Value.of("paid")));
        columns.put("a_set", new Typed("set('x', 'y')", "'x,y'", Value.of("x,y")));
        columns.put("a_wide_number", new Typed("decimal(65,30)", "1.5", Value.number("1.5")));
        columns.put(
                "an_unsigned",
                new Typed("bigint unsigned", "18446744073709551615", Value.number("18446744073709551615")));
        columns.put("some_bits", new Typed("bit(64)", "x'ffffffffffffffff'", Value.number("18446744073709551615")));
        columns.put("a_bit", new Typed("bit(1)", "b'1'", Value.of(1)));
        columns.put("a_year", new Typed("year", "2024", Value.of(2024)));
        columns.put("an_address", new Typed("inet6", "'::1'", Value.of("::1")));
        columns.put("a_text", new Typed("text", "' \ud83d\ude00 '", Value.of(" \ud83d\ude00 ")));
        return columns;
    }

    @Test
    void statements_are_not_written() throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                JdbcTarget target = new JdbcTarget(this::connect, JdbcTarget.Table.of("plain", List.of("id")))) {
            statement.execute("create or replace table plain(id int primary key)");
            assertThatThrownBy(target::script)
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("statements for MySQL and MariaDB are not written by this version");
        }
    }

    @Test
    void a_date_of_zeros_is_not_taken_for_none() throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                JdbcTarget target = new JdbcTarget(this::connect, JdbcTarget.Table.of("zeros", List.of("id")))) {
            statement.execute("set sql_mode = ''");
            statement.execute("create or replace table zeros(id int primary key, d date, t datetime)");
            statement.execute("insert into zeros values (1, '0000-00-00', '2024-00-00 00:00:00')");
            var one = dev.lastgood.record.Key.of("id", Value.of(1));
            var image = java.util.Objects.requireNonNull(
                            target.read(List.of(one)).get(one))
                    .image();
            org.assertj.core.api.Assertions.assertThat(image)
                    .extracting(record -> record.field("d"), record -> record.field("t"))
                    .containsExactly(Value.of("0000-00-00"), Value.of("2024-00-00 00:00:00"));
        }
    }
}
