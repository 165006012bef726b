package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.Workspaces;
import dev.lastgood.record.Value;
import dev.lastgood.workspace.Workspace;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class H2SourceTest extends JdbcContract {
    private static final String URL = "jdbc:h2:mem:source;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE";

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection(URL, "sa", "");
    }

    @Override
    String url() {
        return URL;
    }

    @Override
    String user() {
        return "sa";
    }

    @Override
    Map<String, Typed> types() {
        Map<String, Typed> types = new HashMap<>();
        types.put("a_boolean", typed("boolean", "true", Value.of(true), "false", Value.of(false)));
        types.put("a_tinyint", typed("tinyint", "-128", Value.of(-128)));
        types.put("a_smallint", typed("smallint", "-32768", Value.of(-32768)));
        types.put("an_integer", typed("integer", "-2147483648", Value.of(-2147483648)));
        types.put("a_bigint", typed("bigint", "-9223372036854775808", Value.of(Long.MIN_VALUE)));
        types.put(
                "a_decimal",
                typed(
                        "numeric(38,10)",
                        "1234567890123456789012345678.0123456789",
                        number("1234567890123456789012345678.0123456789"),
                        "-0.5",
                        number("-0.5")));
        types.put("a_wide_number", typed("numeric(100,5)", "1.5", number("1.5"), "1e60", number("1e60")));
        types.put(
                "any_number",
                typed(
                        "decfloat",
                        "1.5000",
                        number("1.5"),
                        "cast('1e400' as decfloat)",
                        number("1e400"),
                        "cast('1e-50' as decfloat)",
                        number("1e-50"),
                        "cast('NaN' as decfloat)",
                        text("NaN")));
        types.put("a_float_of_20_digits", typed("decfloat(20)", "0.1", number("0.1")));
        types.put(
                "a_real",
                typed(
                        "real",
                        "0.1",
                        real(0.1f),
                        "'NaN'",
                        real(Double.NaN),
                        "'-Infinity'",
                        real(Double.NEGATIVE_INFINITY)));
        types.put(
                "a_double",
                typed(
                        "double precision",
                        "0.1",
                        real(0.1),
                        "'NaN'",
                        real(Double.NaN),
                        "-0.0",
                        real(0),
                        "4.9e-324",
                        real(Double.MIN_VALUE)));
        types.put("a_char", typed("char(5)", "'ab'", text("ab"), "'  a  '", text("  a"), "''", text("")));
        types.put("a_varchar", typed("varchar(10)", "' blanks '", text(" blanks "), "''", text("")));
        types.put("of_any_case", typed("varchar_ignorecase(10)", "'Ab'", text("Ab")));
        types.put("a_clob", typed("clob", "'long'", text("long")));
        types.put(
                "a_uuid",
                typed("uuid", "'6B29FC40-ca47-1067-b31d-00dd010662da'", text("6b29fc40-ca47-1067-b31d-00dd010662da")));
        types.put("a_json", typed("json", "json '{\"b\": 1.0}'", text("{\"b\":1.0}")));
        types.put(
                "a_json_text",
                typed("varchar(100)", "'{\"b\":[1.50,null]}'", json("{\"b\":[1.5,null]}"), "'oops'", text("oops")));
        types.put("an_enum", typed("enum('ok', 'Sad')", "'Sad'", text("Sad")));
        types.put("some_bytes", typed("varbinary(10)", "x'00ff'", bytes(0, 255), "x''", bytes()));
        types.put("three_bytes", typed("binary(3)", "x'00ff01'", bytes(0, 255, 1)));
        types.put("a_blob", typed("blob", "x'00ff'", bytes(0, 255)));
        types.put(
                "a_date",
                typed(
                        "date",
                        "date '2024-02-29'",
                        day("2024-02-29"),
                        "date '1582-10-10'",
                        day("1582-10-10"),
                        "date '0001-01-01'",
                        day("0001-01-01"),
                        "date '-0043-03-15'",
                        day("-0043-03-15"),
                        "date '100000-12-31'",
                        day("+100000-12-31")));
        types.put(
                "a_timestamp",
                typed(
                        "timestamp(6)",
                        "timestamp '2024-03-31 02:30:00.123456'",
                        local("2024-03-31T02:30:00.123456"),
                        "timestamp '1582-10-10 00:00:00.000001'",
                        local("1582-10-10T00:00:00.000001"),
                        "timestamp '1969-12-31 23:59:59.999999'",
                        local("1969-12-31T23:59:59.999999"),
                        "timestamp '-0043-03-15 12:00:00'",
                        local("-0043-03-15T12:00:00")));
        types.put(
                "nanoseconds",
                typed(
                        "timestamp(9)",
                        "timestamp '1969-12-31 23:59:59.999999999'",
                        text("1969-12-31 23:59:59.999999999")));
        types.put(
                "a_fine_moment",
                typed(
                        "timestamp(9) with time zone",
                        "timestamp with time zone '2024-03-31 02:30:00.123456789+02:00'",
                        text("2024-03-31 02:30:00.123456789+02")));
        types.put(
                "a_moment",
                typed(
                        "timestamp(6) with time zone",
                        "timestamp with time zone '2024-03-31 02:30:00.123456+02:00'",
                        moment("2024-03-31T00:30:00.123456Z"),
                        "timestamp with time zone '1582-10-10 00:00:00+00'",
                        moment("1582-10-10T00:00:00Z")));
        types.put("a_time", typed("time(9)", "time '23:59:59.999999999'", text("23:59:59.999999999")));
        types.put(
                "a_time_somewhere",
                typed("time with time zone", "time with time zone '12:00:00+02'", text("12:00:00+02")));
        types.put(
                "an_interval",
                typed(
                        "interval day to second",
                        "interval '1 02:00:00' day to second",
                        text("INTERVAL '1 02:00:00' DAY TO SECOND")));
        return types;
    }

    @Test
    void an_array_is_refused_by_name_for_its_text_does_not_tell_one_element_from_two(SparkSession spark)
            throws Exception {
        execute("drop table if exists lists", "create table lists(id int primary key, tags varchar(20) array)");

        assertThatThrownBy(() -> open(spark, workspace("lists", "key: [id]")))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessageStartingWith("dataset 'things': field 'tags' is of type ")
                .hasMessageEndingWith("which cannot be read exactly from this database");
    }

    @Test
    void a_wrong_password_is_said_and_not_shown(SparkSession spark) throws Exception {
        String url = "jdbc:h2:mem:locked;DB_CLOSE_DELAY=-1";
        DriverManager.getConnection(url, "keeper", "the right one").close();
        Files.writeString(folder.resolve("password.txt"), "s3cr3t-wrong-one");
        Workspace workspace = Workspaces.in(folder, """
            format: 1
            workspace: test
            store: store
            sources:
              db: {jdbc: '%s', user: keeper, password: '${file:password.txt}'}
            datasets:
              things: {source: db, table: orders, key: []}
            """.formatted(url));

        assertThatThrownBy(() -> open(spark, workspace))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("dataset 'things': cannot connect to source 'db': Wrong user name or password [28000-252]")
                .satisfies(e -> {
                    StringWriter all = new StringWriter();
                    e.printStackTrace(new PrintWriter(all));
                    Assertions.assertThat(all.toString()).doesNotContain("s3cr3t");
                })
                .extracting(e -> ((SourceUnreadable) e).hint())
                .isEqualTo("Check 'user' and 'password' of source 'db' in lastgood.yaml.");
    }

    @Test
    void a_database_without_a_driver_is_named(SparkSession spark) {
        Workspace workspace = Workspaces.in(folder, """
            format: 1
            workspace: test
            store: store
            sources:
              db: {jdbc: 'jdbc:oracle:thin:@//db1:1521/shop', user: sa}
            datasets:
              things: {source: db, table: orders, key: []}
            """);

        assertThatThrownBy(() -> open(spark, workspace))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("dataset 'things': cannot connect to source 'db': No suitable driver found for"
                        + " jdbc:oracle:thin:@//db1:1521/shop");
    }
}
