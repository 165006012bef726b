package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.contract.MariaDb;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MariaDbTypesTest extends JdbcScripts {
    @Override
    Connection connect() throws SQLException {
        return MariaDb.connect("types");
    }

    /** Where the database of {@link #connect} is, for others than who has all rights. */
    String url() {
        return MariaDb.url("types");
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

    private static List<String> script(JdbcTarget target, Map<Integer, String> names) {
        SqlScript script = target.script();
        List<String> lines = new java.util.ArrayList<>(script.begin());
        names.forEach((id, name) -> {
            var seen = java.util.Objects.requireNonNull(
                    target.read(List.of(key(id))).get(key(id)));
            var image = java.util.Objects.requireNonNull(seen.image());
            lines.addAll(script.statements(
                    new Target.Change(key(id), seen, image.with("name", Value.of(name)), java.util.Set.of("name"))));
            lines.addAll(script.counted());
        });
        lines.addAll(script.end(names.size()));
        return lines;
    }

    /** Runs it as a client does that stops at the first error, or goes on; the errors. */
    private List<String> run(List<String> script, boolean stops) throws SQLException {
        List<String> errors = new java.util.ArrayList<>();
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            for (String one : script) {
                try {
                    statement.execute(one);
                } catch (SQLException e) {
                    errors.add(String.valueOf(e.getMessage()));
                    if (stops) {
                        break;
                    }
                }
            }
        }
        return errors;
    }

    private List<String> names() throws SQLException {
        List<String> names = new java.util.ArrayList<>();
        try (Connection connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select name from named order by id")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    @Test
    void a_script_is_carried_out_whole_or_not_at_all() throws SQLException {
        Map<Integer, String> wanted = new java.util.TreeMap<>(Map.of(1, "A", 2, "B", 3, "C"));
        String fresh = "create or replace table named(id int primary key, name varchar(20)"
                + " collate utf8mb4_general_ci, f float, d date not null, n int)";
        String rows = "insert into named values (1, 'ann', 0.1, '2024-01-01', null), (2, 'bob', 0.1, '0000-00-00', 1),"
                + " (3, 'caf\u00e9', 0.1, '2024-01-01', null)";
        try (JdbcTarget target = new JdbcTarget(this::connect, JdbcTarget.Table.of("named", List.of("id")))) {
            create("set session sql_mode = ''", fresh, rows);
            List<String> script = script(target, wanted);
            assertThat(run(script, true)).isEmpty();
            assertThat(names()).containsExactly("A", "B", "C");

            for (String other : List.of(
                    // Each is equal to what was read, by collation, by rounding or by "is null".
                    "update named set name = 'caf\u00c9' where id = 3",
                    "update named set name = 'bob ' where id = 2",
                    "update named set f = 0.10000001 where id = 1",
                    "update named set d = '2024-01-02' where id = 2",
                    "update named set n = 0 where id = 3",
                    "delete from named where id = 3",
                    // An error in the middle.
                    "alter table named add constraint no_b check (name <> 'B')")) {
                for (boolean stops : List.of(true, false)) {
                    create("set session sql_mode = ''", fresh, rows, other);
                    List<String> before = names();
                    List<String> errors = run(script, stops);
                    assertThat(errors).as(other).isNotEmpty();
                    assertThat(names()).as(other).isEqualTo(before);
                    if (!other.startsWith("alter")) {
                        assertThat(errors.get(0)).as(other).contains("2 of 3 rows were as planned: none is written");
                    }
                }
            }
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

    private static dev.lastgood.record.Key key(int id) {
        return dev.lastgood.record.Key.of("id", Value.of(id));
    }

    private static Written write(
            Target target, int id, dev.lastgood.record.Image desired, java.util.Set<String> fields) {
        try (Target.Batch batch = target.open(List.of(key(id)))) {
            return java.util.Objects.requireNonNull(batch.write(List.of(new Target.Change(
                            key(id),
                            java.util.Objects.requireNonNull(batch.seen().get(key(id))),
                            desired,
                            fields)))
                    .get(key(id)));
        }
    }

    @Test
    void what_has_no_transactions_is_read_and_not_written() throws SQLException {
        create(
                "create or replace table loose(id int primary key, v int) engine = MyISAM",
                "insert into loose values (1, 1)");
        try (JdbcTarget target = new JdbcTarget(this::connect, JdbcTarget.Table.of("loose", List.of("id")))) {
            assertThat(target.read(List.of(key(1)))).hasSize(1);
            assertThatThrownBy(() -> target.open(List.of(key(1))))
                    .isInstanceOf(TargetUnavailable.class)
                    .hasMessageContaining("table loose is of engine MyISAM, which has no transactions");
        }
    }

    @Test
    void a_write_cuts_nothing_gives_no_new_key_and_moves_no_other_column() throws SQLException {
        create(
                "create or replace table things(id int primary key auto_increment, v varchar(3),"
                        + " made timestamp not null default current_timestamp,"
                        + " at timestamp not null default '2020-01-01 00:00:00' on update current_timestamp)",
                "set session sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
                "insert into things(id, v, made) values (1, 'a', '2020-01-01 00:00:00')");
        try (JdbcTarget target = new JdbcTarget(
                () -> {
                    Connection loose = connect();
                    try (var statement = loose.createStatement()) {
                        statement.execute("set session sql_mode = ''");
                    }
                    return loose;
                },
                JdbcTarget.Table.of("things", List.of("id")))) {
            var image = java.util.Objects.requireNonNull(java.util.Objects.requireNonNull(
                            target.read(List.of(key(1))).get(key(1)))
                    .image());

            assertThat(write(target, 1, image.with("v", Value.of("abcdef")), java.util.Set.of("v")))
                    .isInstanceOf(Written.Refused.class);
            assertThat(write(target, 1, image.with("v", Value.of("b")), java.util.Set.of("v")))
                    .isInstanceOf(Written.Done.class);
            assertThat(target.read(List.of(key(1))).get(key(1)))
                    .extracting(Target.Seen::image)
                    .isEqualTo(image.with("v", Value.of("b")));
            var zero = image.with("id", Value.of(0));
            assertThat(write(target, 0, zero, zero.fields().keySet())).isInstanceOf(Written.Done.class);
            assertThat(target.read(List.of(key(0))).get(key(0)))
                    .extracting(Target.Seen::image)
                    .isEqualTo(zero);
        }
    }

    @Test
    void a_cascade_from_another_database_and_triggers_are_known_of_by_who_may_not_make_any() throws SQLException {
        create(
                "create database if not exists elsewhere",
                "drop table if exists elsewhere.lines",
                "create or replace table heads(id int primary key)",
                "create table elsewhere.lines(id int primary key, head int,"
                        + " foreign key (head) references types.heads(id) on delete cascade)",
                "insert into heads values (1), (2)",
                "insert into elsewhere.lines values (7, 1)",
                "create or replace user clerk@'%' identified by 'pw'",
                "grant select, insert, update, delete on types.* to clerk@'%'",
                "create trigger outbox after update on heads for each row set @x = 1");
        try (JdbcTarget target = new JdbcTarget(this::connect, JdbcTarget.Table.of("heads", List.of("id")));
                JdbcTarget clerks = new JdbcTarget(
                        () -> java.sql.DriverManager.getConnection(url(), "clerk", "pw"),
                        JdbcTarget.Table.of("heads", List.of("id")))) {
            assertThat(delete(target, 1))
                    .isEqualTo(new Written.Refused("a delete would reach the rows of lines that refer to it"));
            assertThat(delete(target, 2)).isInstanceOf(Written.Done.class);
            assertThat(target.facts())
                    .filteredOn(fact -> fact.concern() == Target.Concern.TRIGGER)
                    .extracting(Target.Fact::name)
                    .containsExactly("outbox");
            assertThat(clerks.facts())
                    .filteredOn(fact -> fact.concern() == Target.Concern.TRIGGER)
                    .extracting(Target.Fact::name)
                    .containsExactly("outbox");
        }
        create("drop table elsewhere.lines", "drop table heads");
    }
}
