package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.PostgresForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.record.Value;
import dev.lastgood.workspace.Workspace;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class PostgresSourceTest extends JdbcContract {

    @Override
    Connection connect() throws SQLException {
        return PostgresForTests.connect();
    }

    @Override
    String url() {
        return PostgresForTests.url();
    }

    @Override
    String user() {
        return PostgresForTests.USER;
    }

    @Override
    Map<String, Typed> types() {
        try {
            execute(
                    "drop type if exists mood cascade",
                    "create type mood as enum ('ok', 'Sad')",
                    "drop domain if exists positive cascade",
                    "create domain positive as int check (value > 0)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        Map<String, Typed> types = new HashMap<>();
        types.put("a_boolean", typed("boolean", "true", Value.of(true), "false", Value.of(false)));
        types.put("a_smallint", typed("smallint", "-32768", Value.of(-32768), "32767", Value.of(32767)));
        types.put("an_integer", typed("integer", "-2147483648", Value.of(-2147483648)));
        types.put("a_bigint", typed("bigint", "-9223372036854775808", Value.of(Long.MIN_VALUE)));
        types.put("an_oid", typed("oid", "4294967295", number("4294967295")));
        types.put(
                "a_decimal",
                typed(
                        "numeric(38,10)",
                        "1234567890123456789012345678.0123456789",
                        number("1234567890123456789012345678.0123456789"),
                        "-0.5",
                        number("-0.5"),
                        "0",
                        Value.of(0)));
        types.put("small_fractions", typed("numeric(3,5)", "0.00123", number("0.00123")));
        types.put("hundreds", typed("numeric(5,-2)", "12345", Value.of(12300)));
        types.put(
                "any_number",
                typed(
                        "numeric",
                        "1.5000",
                        number("1.5"),
                        "-0.0",
                        Value.of(0),
                        "1e40",
                        number("1e40"),
                        "1234567890123456789012345678901234567890.5",
                        number("1234567890123456789012345678901234567890.5"),
                        "0.00000000000000000000000000000000000000000000000001",
                        number("1e-50"),
                        "'NaN'",
                        text("NaN"),
                        "'-Infinity'",
                        text("-Infinity")));
        types.put("a_wide_number", typed("numeric(50,2)", "1.5", number("1.5")));
        types.put(
                "a_real",
                typed(
                        "real",
                        "0.1",
                        real(0.1f),
                        "'NaN'",
                        real(Double.NaN),
                        "'-0'",
                        real(0),
                        "'-Infinity'",
                        real(Double.NEGATIVE_INFINITY),
                        "1e-45",
                        real(Float.MIN_VALUE)));
        types.put(
                "a_double",
                typed(
                        "double precision",
                        "0.1",
                        real(0.1),
                        "'NaN'",
                        real(Double.NaN),
                        "'-0'",
                        real(0),
                        "'Infinity'",
                        real(Double.POSITIVE_INFINITY),
                        "5e-324",
                        real(Double.MIN_VALUE)));
        types.put(
                "a_char",
                typed("char(5)", "'ab'", text("ab"), "'  a  '", text("  a"), "''", text(""), "'12345'", text("12345")));
        types.put("one_byte", typed("\"char\"", "'x'", text("x")));
        types.put("a_varchar", typed("varchar(10)", "' blanks '", text(" blanks "), "''", text("")));
        types.put(
                "a_text",
                typed(
                        "text",
                        "E'line\\nbreak\\ttab'",
                        text("line\nbreak\ttab"),
                        "'NULL'",
                        text("NULL"),
                        "'\ud83d\ude00 é'",
                        text("\ud83d\ude00 é")));
        types.put("a_name", typed("name", "'orders'", text("orders")));
        types.put(
                "a_uuid",
                typed("uuid", "'6B29FC40-ca47-1067-b31d-00dd010662da'", text("6b29fc40-ca47-1067-b31d-00dd010662da")));
        types.put("a_json", typed("json", "'{\"b\": 1.0,\"a\" :[]}'", text("{\"b\": 1.0,\"a\" :[]}")));
        types.put("a_jsonb", typed("jsonb", "'{\"b\":1.0,\"a\":[]}'", text("{\"a\": [], \"b\": 1.0}")));
        types.put(
                "a_json_text",
                typed(
                        "text",
                        "'{\"b\":[1.50,null]}'",
                        json("{\"b\":[1.5,null]}"),
                        "'oops'",
                        text("oops"),
                        "'\"oops\"'",
                        text("\"oops\""),
                        "'null'",
                        text("null")));
        types.put("an_enum", typed("mood", "'Sad'", text("Sad")));
        types.put("numbers", typed("int[]", "'{1,NULL,2}'", text("{1,NULL,2}")));
        types.put("texts", typed("text[]", "array['a', 'b,c', '']", text("{a,\"b,c\",\"\"}")));
        types.put("some_bytes", typed("bytea", "'\\x00ff'", bytes(0, 255), "''", bytes()));
        types.put(
                "a_date",
                typed(
                        "date",
                        "'2024-02-29'",
                        day("2024-02-29"),
                        "'1582-10-10'",
                        day("1582-10-10"),
                        "'1500-02-28'",
                        day("1500-02-28"),
                        "'0001-01-01'",
                        day("0001-01-01"),
                        "'0044-03-15 BC'",
                        day("-0043-03-15"),
                        "'4713-01-01 BC'",
                        day("-4712-01-01"),
                        "'5874897-12-31'",
                        day("+5874897-12-31"),
                        "'infinity'",
                        text("infinity"),
                        "'-infinity'",
                        text("-infinity")));
        types.put(
                "a_timestamp",
                typed(
                        "timestamp",
                        "'2024-03-31 02:30:00.123456'",
                        local("2024-03-31T02:30:00.123456"),
                        "'1582-10-10 00:00:00'",
                        local("1582-10-10T00:00:00"),
                        "'0044-03-15 12:00:00.000001 BC'",
                        local("-0043-03-15T12:00:00.000001"),
                        "'290000-12-31 23:59:59.999999'",
                        local("+290000-12-31T23:59:59.999999"),
                        "'infinity'",
                        text("infinity"),
                        "'-infinity'",
                        text("-infinity")));
        types.put(
                "a_moment",
                typed(
                        "timestamptz",
                        "'2024-03-31 02:30:00.123456+02'",
                        moment("2024-03-31T00:30:00.123456Z"),
                        "'1582-10-10 00:00:00+00'",
                        moment("1582-10-10T00:00:00Z"),
                        "'0044-03-15 12:00:00.000001+00 BC'",
                        moment("-0043-03-15T12:00:00.000001Z"),
                        "'1969-12-31 23:59:59.999999+00'",
                        moment("1969-12-31T23:59:59.999999Z"),
                        "'infinity'",
                        text("infinity"),
                        "'-infinity'",
                        text("-infinity")));
        types.put("milliseconds", typed("timestamp(3)", "'2024-03-31 02:30:00.123'", local("2024-03-31T02:30:00.123")));
        types.put("a_time", typed("time", "'23:59:59.999999'", text("23:59:59.999999"), "'24:00'", text("24:00:00")));
        types.put("a_time_somewhere", typed("timetz", "'12:00:00+02'", text("12:00:00+02")));
        types.put("an_interval", typed("interval", "'1 day 02:00:00'", text("1 day 02:00:00")));
        types.put("a_bit", typed("bit", "B'1'", text("1")));
        types.put("some_bits", typed("bit(3)", "B'101'", text("101")));
        types.put("many_bits", typed("bit varying", "B'10'", text("10")));
        types.put("some_money", typed("money", "'12.50'", text("$12.50")));
        types.put("an_address", typed("inet", "'10.0.0.1/8'", text("10.0.0.1/8")));
        types.put("a_document", typed("xml", "'<a b=\"1\"/>'", text("<a b=\"1\"/>")));
        types.put("of_a_domain", typed("positive", "7", Value.of(7)));
        types.put("a_range", typed("int4range", "'[1,5)'", text("[1,5)")));
        types.put("some_words", typed("tsvector", "'a cat'", text("'a' 'cat'")));
        types.put("a_point", typed("point", "'(1,2)'", text("(1,2)")));
        return types;
    }

    @Test
    void infinity_is_later_than_every_time_for_rules(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists contracts",
                "create table contracts(id int, until timestamptz)",
                "insert into contracts values (1, '2024-01-01'), (2, 'infinity'), (3, '-infinity'), (4, null)");

        Frame frame = open(spark, workspace("contracts", "key: [id]"));

        assertThat(frame.records().where("until > timestamp'9999-01-01'").select("id").collectAsList().stream()
                        .map(row -> row.getInt(0)))
                .containsExactly(2);
    }

    @Test
    void not_a_number_in_a_column_of_decimals_is_refused(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists nan",
                "create table nan(id int, n numeric(10,2))",
                "insert into nan values (1, 'NaN')");
        Frame frame = open(spark, workspace("nan", "key: [id]"));

        assertThatThrownBy(() -> images(frame)).hasMessageContaining("Bad value for type BigDecimal : NaN");
    }

    @Test
    void a_login_that_is_refused_says_so(SparkSession spark) {
        Workspace workspace = Workspaces.in(folder, """
            format: 1
            workspace: test
            store: store
            sources:
              db: {jdbc: '%s', user: nobody}
            datasets:
              things: {source: db, table: orders, key: []}
            """.formatted(url()));
        assertThatThrownBy(() -> open(spark, workspace))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("dataset 'things': cannot connect to source 'db': FATAL: role \"nobody\" does not exist")
                .extracting(e -> ((SourceUnreadable) e).hint())
                .isEqualTo("Check 'user' and 'password' of source 'db' in lastgood.yaml.");
    }

    @Test
    void a_server_that_is_not_there_is_named(SparkSession spark) {
        Workspace workspace = Workspaces.in(folder, """
            format: 1
            workspace: test
            store: store
            sources:
              db: {jdbc: 'jdbc:postgresql://localhost:1/postgres', user: postgres}
            datasets:
              things: {source: db, table: orders, key: []}
            """);

        assertThatThrownBy(() -> open(spark, workspace))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("dataset 'things': cannot connect to source 'db': Connection to localhost:1 refused."
                        + " Check that the hostname and port are correct and that the postmaster is accepting TCP/IP"
                        + " connections.")
                .extracting(e -> ((SourceUnreadable) e).hint())
                .isEqualTo("Check 'jdbc' of source 'db' in lastgood.yaml, and that the database is running.");
    }
}
