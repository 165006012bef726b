package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class MariaDbSourceTest extends JdbcContract {

    @Override
    Connection connect() throws SQLException {
        return MariaDb.connect("source");
    }

    @Override
    String url() {
        return MariaDb.url("source");
    }

    @Override
    String user() {
        return MariaDb.USER;
    }

    /** What the driver calls a point. */
    String shape() {
        return "point";
    }

    @Override
    Map<String, Typed> types() {
        Map<String, Typed> types = new HashMap<>();
        types.put("a_boolean", typed("boolean", "true", Value.of(1), "false", Value.of(0), "2", Value.of(2)));
        types.put("a_tinyint", typed("tinyint unsigned", "255", Value.of(255)));
        types.put("a_smallint", typed("smallint", "-32768", Value.of(-32768), "32767", Value.of(32767)));
        types.put("a_word", typed("smallint unsigned", "65535", Value.of(65535)));
        types.put("a_mediumint", typed("mediumint unsigned", "16777215", Value.of(16777215)));
        types.put("an_integer", typed("integer", "-2147483648", Value.of(-2147483648)));
        types.put("a_count", typed("integer unsigned", "4294967295", number("4294967295")));
        types.put("a_bigint", typed("bigint", "-9223372036854775808", Value.of(Long.MIN_VALUE)));
        types.put("a_large_count", typed("bigint unsigned", "18446744073709551615", number("18446744073709551615")));
        types.put("a_bit", typed("bit(1)", "b'1'", Value.of(1), "b'0'", Value.of(0)));
        types.put("some_bits", typed("bit(64)", "x'ffffffffffffffff'", number("18446744073709551615")));
        types.put("a_year", typed("year", "2024", Value.of(2024)));
        types.put(
                "a_decimal",
                typed(
                        "numeric(38,10)",
                        "1234567890123456789012345678.0123456789",
                        number("1234567890123456789012345678.0123456789"),
                        "-0.5",
                        number("-0.5")));
        types.put(
                "a_wide_number",
                typed("decimal(65,30)", "1.50", number("1.5"), "-0.000000000000000000000000000001", number("-1e-30")));
        types.put("a_float", typed("float", "0.1", real(0.1f), "16777217e-1", real(1677721.75), "1e-38", real(1e-38f)));
        types.put("a_double", typed("double", "0.1", real(0.1), "1e-300", real(1e-300), "-0.0", real(0)));
        types.put("a_char", typed("char(5)", "'ab '", text("ab"), "'  a'", text("  a"), "''", text("")));
        types.put("a_varchar", typed("varchar(10)", "' blanks '", text(" blanks "), "''", text("")));
        types.put(
                "a_text",
                typed(
                        "text",
                        "'line\\nbreak'",
                        text("line\nbreak"),
                        "'\ud83d\ude00 \u00e9'",
                        text("\ud83d\ude00 \u00e9")));
        types.put(
                "a_json_text",
                typed("longtext", "'{\"b\":[1.50,null]}'", json("{\"b\":[1.5,null]}"), "'oops'", text("oops")));
        types.put("a_json", typed("json", "'{\"b\": 1.0}'", text("{\"b\": 1.0}")));
        types.put("an_enum", typed("enum('ok','Sad')", "'Sad'", text("Sad")));
        types.put("a_set", typed("set('x','y')", "'x,y'", text("x,y"), "''", text("")));
        types.put(
                "a_uuid",
                typed("uuid", "'6B29FC40-ca47-1067-b31d-00dd010662da'", text("6b29fc40-ca47-1067-b31d-00dd010662da")));
        types.put("an_address", typed("inet6", "'::1'", text("::1")));
        types.put("some_bytes", typed("varbinary(5)", "x'00ff'", bytes(0, 255), "''", bytes()));
        types.put("a_blob", typed("blob", "x'00ff'", bytes(0, 255)));
        types.put(
                "a_date",
                typed(
                        "date",
                        "'2024-02-29'",
                        day("2024-02-29"),
                        "'1582-10-10'",
                        day("1582-10-10"),
                        "'1000-01-01'",
                        day("1000-01-01"),
                        "'9999-12-31'",
                        day("9999-12-31")));
        types.put(
                "a_timestamp",
                typed(
                        "datetime(6)",
                        "'2024-03-31 02:30:00.123456'",
                        local("2024-03-31T02:30:00.123456"),
                        "'1582-10-10 00:00:00'",
                        local("1582-10-10T00:00:00"),
                        "'9999-12-31 23:59:59.999999'",
                        local("9999-12-31T23:59:59.999999")));
        types.put(
                "a_moment",
                typed(
                        "timestamp(6) null",
                        "from_unixtime(1711845000.123456)",
                        moment("2024-03-31T00:30:00.123456Z"),
                        "from_unixtime(1)",
                        moment("1970-01-01T00:00:01Z")));
        types.put("a_time", typed("time(6)", "'-838:59:58.999999'", text("-838:59:58.999999")));
        return types;
    }

    @Test
    void a_date_of_zeros_ends_the_reading(SparkSession spark) throws SQLException {
        execute(
                "create or replace table zeros(id int primary key, d date, t datetime, z timestamp null)",
                "set sql_mode = ''",
                "insert into zeros values (1, '0000-00-00', null, null), (2, null, '2024-00-00 00:00:00', null),"
                        + " (3, null, null, '0000-00-00 00:00:00')");
        for (int i = 1; i <= 3; i++) {
            int id = i;
            execute("create or replace view zero as select * from zeros where id = " + id);
            assertThatThrownBy(() -> images(open(spark, workspace("zero", "key: [id]"))))
                    .as("row %d", id)
                    .hasStackTraceContaining("Subquery returns more than 1 row");
        }
    }

    @Test
    void a_shape_is_refused(SparkSession spark) throws SQLException {
        execute("create or replace table places(id int, place point)");

        assertThatThrownBy(() -> open(spark, workspace("places", "key: [id]")))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessageContaining("field 'place' is of type %s, which cannot be read exactly".formatted(shape()));
    }

    @Override
    @Test
    void a_table_is_split_so_that_every_record_is_read_once(SparkSession spark) throws SQLException {
        execute("create or replace table parts(id int, n numeric(12,3), d date, t datetime(6), z timestamp null)");
        StringBuilder insert = new StringBuilder("insert into parts values (-5, null, null, null, null)");
        for (int i = 0; i < 100; i++) {
            insert.append(
                            ", (%s, %s, date '2024-02-01' + interval %d day, timestamp '2024-02-01 00:00:00' + interval %d hour,"
                                    .formatted(i % 7 == 0 ? "null" : i * i, i * 1.001 - 50, i % 40, i))
                    .append("timestamp '2024-02-01 00:00:00' + interval %d minute)".formatted(i));
        }
        execute(insert.toString());

        splits(spark, List.of("id", "n", "d", "t", "z"));
    }

    @Override
    @Test
    void names_are_taken_exactly(SparkSession spark) throws SQLException {
        execute(
                "drop database if exists `My schema`",
                "create database `My schema`",
                "create table `My schema`.`Weird \" na.me`(`Id` int, `we\"ird, col.umn` varchar(10))",
                "insert into `My schema`.`Weird \" na.me` values (1, 'x')",
                "create table `My schema`.Mixed(id int)");

        assertThat(images(open(spark, workspace("`My schema`.`Weird \" na.me`", "key: [Id]"))))
                .containsExactly(Image.of(Map.of("Id", Value.of(1), "we\"ird, col.umn", Value.of("x"))));
        assertThat(images(open(spark, workspace("My schema.Mixed", "key: []")))).isEmpty();
    }
}
