package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Concern;
import dev.lastgood.target.Target.Fact;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Columns of every type, read, written and read again. */
abstract class JdbcTypes {

    abstract Connection connect() throws SQLException;

    /** Column definitions by name, the SQL of a value, and what it is read as. */
    record Typed(String type, String literal, Value value) {}

    abstract Map<String, Typed> columns();

    static Map<String, Typed> common() {
        Map<String, Typed> columns = new TreeMap<>();
        columns.put("a_bool", new Typed("boolean", "true", Value.of(true)));
        columns.put("a_small", new Typed("smallint", "-32768", Value.of(-32768)));
        columns.put("a_big", new Typed("bigint", "9223372036854775807", Value.of(Long.MAX_VALUE)));
        columns.put(
                "a_decimal",
                new Typed(
                        "numeric(38,10)",
                        "1234567890123456789012345678.0123456700",
                        Value.number("1234567890123456789012345678.01234567")));
        columns.put("a_real", new Typed("real", "0.1", new Value.Real(0.1f)));
        columns.put("a_double", new Typed("double precision", "-0.1", new Value.Real(-0.1)));
        columns.put("a_text", new Typed("varchar(50)", "' blanks stay '", Value.of(" blanks stay ")));
        columns.put("a_char", new Typed("char(10)", "'ab'", Value.of("ab")));
        columns.put("a_date", new Typed("date", "date '2024-02-29'", new Value.Day(LocalDate.of(2024, 2, 29))));
        columns.put(
                "a_timestamp",
                new Typed(
                        "timestamp(6)",
                        "timestamp '2024-03-31 02:30:00.123456'",
                        new Value.LocalMoment(LocalDateTime.of(2024, 3, 31, 2, 30, 0, 123_456_000))));
        columns.put(
                "a_moment",
                new Typed(
                        "timestamp(6) with time zone",
                        "timestamp with time zone '2024-03-31 02:30:00.123456+02:00'",
                        new Value.Moment(Instant.parse("2024-03-31T00:30:00.123456Z"))));
        columns.put("a_null", new Typed("date", "null", Value.NULL));
        columns.put(
                "a_uuid",
                new Typed(
                        "uuid",
                        "'6b29fc40-ca47-1067-b31d-00dd010662da'",
                        Value.of("6b29fc40-ca47-1067-b31d-00dd010662da")));
        return columns;
    }

    final void create(Map<String, Typed> columns) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists types");
            StringBuilder sql = new StringBuilder("create table types(id int primary key");
            columns.forEach(
                    (name, typed) -> sql.append(", ").append(name).append(' ').append(typed.type()));
            statement.execute(sql + ")");
            StringBuilder values = new StringBuilder("insert into types values (1");
            columns.forEach((name, typed) -> values.append(", ").append(typed.literal()));
            statement.execute(values + ")");
            statement.execute("insert into types(id) values (2)");
        }
    }

    private JdbcTarget target() {
        return new JdbcTarget(
                this::connect,
                JdbcTarget.Table.of("types", List.of("id")).json(Set.of("a_json_text", "a_jsonb", "a_json")));
    }

    static Seen read(Target target, Key key) {
        try (Target.Batch batch = target.open(List.of(key))) {
            return Objects.requireNonNull(batch.seen().get(key));
        }
    }

    private static void write(Target target, Key key, Image desired, Set<String> fields) {
        try (Target.Batch batch = target.open(List.of(key))) {
            assertThat(batch.write(List.of(
                            new Change(key, Objects.requireNonNull(batch.seen().get(key)), desired, fields))))
                    .hasEntrySatisfying(key, answer -> assertThat(answer).isInstanceOf(Written.Done.class));
        }
    }

    @Test
    void every_type_is_read_exactly_and_comes_back_equal() throws SQLException {
        Map<String, Typed> columns = columns();
        create(columns);
        Key one = Key.of("id", Value.of(1));
        Key two = Key.of("id", Value.of(2));
        Key three = Key.of("id", Value.of(3));
        Image expected = Image.of(Map.of("id", Value.of(1)));
        for (Map.Entry<String, Typed> column : columns.entrySet()) {
            expected = expected.with(column.getKey(), column.getValue().value());
        }
        try (JdbcTarget target = target()) {
            assertThat(read(target, one).image()).isEqualTo(expected);

            write(target, two, expected.with("id", Value.of(2)), columns.keySet());
            write(
                    target,
                    three,
                    expected.with("id", Value.of(3)),
                    expected.fields().keySet());

            assertThat(read(target, two).image()).isEqualTo(expected.with("id", Value.of(2)));
            assertThat(read(target, three).image()).isEqualTo(expected.with("id", Value.of(3)));
            for (Map.Entry<String, Typed> column : columns.entrySet()) {
                write(target, two, expected.with(column.getKey(), Value.NULL), Set.of(column.getKey()));
                assertThat(Objects.requireNonNull(read(target, two).image()).field(column.getKey()))
                        .isEqualTo(Value.NULL);
            }
        }
    }

    static Value json(String json) {
        try {
            return JsonValues.parse(json);
        } catch (JsonValues.NotJson e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    @Test
    void a_record_is_found_by_several_fields_and_null_among_them() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists pairs");
            statement.execute("create table pairs(a varchar(10), b int, v int)");
            statement.execute("insert into pairs values ('x', 1, 10), ('x', null, 20), ('y', 1, 30), ('y', 1, 31)");
        }
        try (JdbcTarget target = new JdbcTarget(this::connect, JdbcTarget.Table.of("pairs", List.of("a", "b")))) {
            Key x = new Key(orderedKey("x", Value.NULL));
            Image image = Objects.requireNonNull(read(target, x).image());
            assertThat(image.field("v")).isEqualTo(Value.of(20));
            write(target, x, image.with("v", Value.of(21)), Set.of("v"));
            assertThat(Objects.requireNonNull(read(target, x).image()).field("v"))
                    .isEqualTo(Value.of(21));

            Key twice = new Key(orderedKey("y", Value.of(1)));
            try (Target.Batch batch = target.open(List.of(twice))) {
                Seen seen = Objects.requireNonNull(batch.seen().get(twice));
                assertThat(batch.write(List.of(new Change(
                                twice,
                                seen,
                                Objects.requireNonNull(seen.image()).with("v", Value.of(0)),
                                Set.of("v")))))
                        .containsEntry(twice, new Written.Refused("2 rows have this key, not one"));
            }
        }
    }

    private static Map<String, Value> orderedKey(String a, Value b) {
        Map<String, Value> key = new java.util.LinkedHashMap<>();
        key.put("a", Value.of(a));
        key.put("b", b);
        return key;
    }

    @Test
    void the_database_is_asked_what_a_write_sets_off() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists children");
            statement.execute("drop table if exists parents");
            statement.execute("create table parents(id int primary key, twice int generated always as (id * 2)"
                    + (isPostgres(connection) ? " stored)" : ")"));
            statement.execute("create table children(id int primary key, parent int"
                    + " references parents(id) on delete cascade)");
            if (isPostgres(connection)) {
                statement.execute("create or replace function touch() returns trigger language plpgsql as"
                        + " 'begin return new; end'");
                statement.execute("create trigger outbox after update on children execute function touch()");
            }
        }
        try (JdbcTarget parents = new JdbcTarget(this::connect, JdbcTarget.Table.of("parents", List.of("id")));
                JdbcTarget children = new JdbcTarget(this::connect, JdbcTarget.Table.of("children", List.of("id")))) {
            assertThat(parents.facts())
                    .containsExactlyInAnyOrder(
                            new Fact(Concern.REFERENCE, "children", "children refers to it"),
                            new Fact(Concern.GENERATED, "twice", "the database computes twice"));
            List<Fact> facts = new ArrayList<>(List.of(new Fact(Concern.REFERENCE, "parents", "it refers to parents")));
            try (Connection connection = connect()) {
                if (isPostgres(connection)) {
                    facts.add(new Fact(Concern.TRIGGER, "outbox", "trigger outbox"));
                }
            }
            assertThat(children.facts()).containsExactlyElementsOf(facts);

            Key one = Key.of("id", Value.of(1));
            write(parents, one, Image.of(Map.of("id", Value.of(1), "twice", Value.of(99))), Set.of("id", "twice"));
            assertThat(Objects.requireNonNull(read(parents, one).image()).field("twice"))
                    .isEqualTo(Value.of(2));
        }
    }

    /** What a delete would take along is in no plan. */
    @Test
    void a_row_is_not_deleted_while_the_database_would_delete_or_change_others_with_it() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists children");
            statement.execute("drop table if exists parents");
            statement.execute("create table parents(id int primary key, code int unique, boss int"
                    + " references parents(id) on delete set null)");
            statement.execute("create table children(id int primary key, parent int"
                    + " references parents(code) on delete cascade)");
            statement.execute("insert into parents values (1, 10, 1), (2, 20, 1), (3, 30, null)");
            statement.execute("insert into children values (7, 30)");
        }
        try (JdbcTarget parents = new JdbcTarget(this::connect, JdbcTarget.Table.of("parents", List.of("id")))) {
            assertThat(delete(parents, 1))
                    .isEqualTo(new Written.Refused("a delete would reach the rows of parents that refer to it"));
            assertThat(delete(parents, 3))
                    .isEqualTo(new Written.Refused("a delete would reach the rows of children that refer to it"));

            run("delete from children");
            assertThat(delete(parents, 2)).isInstanceOf(Written.Done.class);
            assertThat(delete(parents, 1)).as("which refers to itself").isInstanceOf(Written.Done.class);
        }
    }

    static Written delete(Target target, int id) {
        Key key = Key.of("id", Value.of(id));
        try (Target.Batch batch = target.open(List.of(key))) {
            Seen seen = Objects.requireNonNull(batch.seen().get(key));
            return Objects.requireNonNull(
                    batch.write(List.of(new Change(key, seen, null, Set.of()))).get(key));
        }
    }

    private static boolean isPostgres(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
    }

    @Test
    void a_column_that_the_database_computes_is_not_written() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists doubles");
            statement.execute("create table doubles(id int primary key, v int, twice int generated always as (v * 2)"
                    + (isPostgres(connection) ? " stored)" : ")"));
            statement.execute("insert into doubles(id, v) values (1, 5)");
        }
        try (JdbcTarget target = new JdbcTarget(this::connect, JdbcTarget.Table.of("doubles", List.of("id")))) {
            Key one = Key.of("id", Value.of(1));
            Image image = Objects.requireNonNull(read(target, one).image());
            write(target, one, image.with("v", Value.of(6)).with("twice", Value.of(10)), Set.of("v", "twice"));
            assertThat(Objects.requireNonNull(read(target, one).image()).field("twice"))
                    .isEqualTo(Value.of(12));
        }
    }

    @Test
    void the_table_of_deletes_is_a_tombstone() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists orders");
            statement.execute("drop table if exists order_deletes");
            statement.execute("create table orders(id int primary key)");
            statement.execute("create table order_deletes(order_id int, deleted_at timestamp)");
            statement.execute("insert into order_deletes values (1, timestamp '2026-11-22 10:00:00')");
            try (JdbcTarget target = new JdbcTarget(
                    this::connect,
                    JdbcTarget.Table.of("orders", List.of("id"))
                            .deletes(new JdbcTarget.Deletes("order_deletes", List.of("order_id"), "deleted_at")))) {
                Key one = Key.of("id", Value.of(1));
                String tombstone = read(target, one).token();
                assertThat(tombstone).startsWith("deleted 1 2026-11-22T10:00:00Z");
                assertThat(read(target, Key.of("id", Value.of(2)))).isEqualTo(Seen.ABSENT);

                write(target, one, Image.of(Map.of("id", Value.of(1))), Set.of("id"));
                statement.execute("delete from orders");
                statement.execute("insert into order_deletes values (1, timestamp '2026-11-22 11:00:00')");

                assertThat(read(target, one).token()).startsWith("deleted 2 2026-11-22T11:00:00Z");
            }
        }
    }

    @Test
    void a_record_on_the_list_of_erasures_is_erased_for_good_be_it_there_or_not() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists people");
            statement.execute("drop table if exists erasure_requests");
            statement.execute("create table people(id int primary key)");
            statement.execute("create table erasure_requests(person int)");
            statement.execute("insert into people values (2)");
            statement.execute("insert into erasure_requests values (1), (2)");
            try (JdbcTarget target = new JdbcTarget(
                    this::connect,
                    JdbcTarget.Table.of("people", List.of("id"))
                            .erasures(new JdbcTarget.Deletes("erasure_requests", List.of("person"), "")))) {
                assertThat(read(target, Key.of("id", Value.of(1)))).isEqualTo(Seen.ERASED);
                assertThat(read(target, Key.of("id", Value.of(2))).erased()).isTrue();
                assertThat(read(target, Key.of("id", Value.of(2))).absent()).isFalse();
                assertThat(read(target, Key.of("id", Value.of(3)))).isEqualTo(Seen.ABSENT);
            }
        }
    }

    /** How many rows a statement has changed. */
    final int run(String statement) throws SQLException {
        try (Connection connection = connect();
                Statement run = connection.createStatement()) {
            return run.executeUpdate(statement);
        }
    }

    final void create(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    /** Their columns come in turn from some databases. */
    @Test
    void two_foreign_keys_of_one_table_are_told_apart() throws SQLException {
        create(
                "drop table if exists children",
                "drop table if exists parents",
                "create table parents(id int primary key, a int, b int, unique(a, b), c int, d int, unique(c, d))",
                "create table children(id int primary key, a int, b int, c int, d int,"
                        + " constraint fk_a foreign key (a, b) references parents(a, b) on delete cascade,"
                        + " constraint fk_c foreign key (c, d) references parents(c, d) on delete cascade)",
                "insert into parents values (1, 1, 1, 1, 1), (2, 2, 2, 2, 2), (3, 3, 3, 3, 3)",
                "insert into children values (7, 1, 1, null, null), (8, null, null, 2, 2)");
        try (JdbcTarget parents = new JdbcTarget(this::connect, JdbcTarget.Table.of("parents", List.of("id")))) {
            assertThat(delete(parents, 1)).isInstanceOf(Written.Refused.class);
            assertThat(delete(parents, 2)).isInstanceOf(Written.Refused.class);
            assertThat(delete(parents, 3)).isInstanceOf(Written.Done.class);
        }
    }

    @Test
    void several_rows_of_one_key_are_told_as_such() throws SQLException {
        create(
                "drop table if exists twins",
                "create table twins(id int, name varchar(9))",
                "insert into twins values (1, 'a'), (1, 'b'), (2, 'c')");
        try (JdbcTarget twins = new JdbcTarget(this::connect, JdbcTarget.Table.of("twins", List.of("id")))) {
            assertThat(read(twins, Key.of("id", Value.of(1))).isSeveral()).isTrue();
            assertThat(read(twins, Key.of("id", Value.of(2))).isSeveral()).isFalse();
        }
    }
}
