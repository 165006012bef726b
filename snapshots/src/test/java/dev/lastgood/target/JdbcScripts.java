package dev.lastgood.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Columns of every type in a database that changes can be written for as statements. */
abstract class JdbcScripts extends JdbcTypes {

    /** The statements that make the change. */
    private static List<String> statement(SqlScript script, Change change) {
        return script.statements(change);
    }

    /** How many rows the last of the statements has changed, which are run as in a script. */
    private int run(SqlScript script, List<String> statements) throws SQLException {
        int rows = 0;
        try (Connection connection = connect();
                Statement run = connection.createStatement()) {
            for (String one : script.begin()) {
                run.execute(one);
            }
            for (String one : statements) {
                run.execute(one);
                rows = run.getUpdateCount();
            }
            run.execute("commit");
        }
        return rows;
    }

    private JdbcTarget scripted(String token, Set<String> json) {
        JdbcTarget.Table table = JdbcTarget.Table.of("types", List.of("id"));
        return new JdbcTarget(
                this::connect,
                new JdbcTarget.Table(
                        table.table(), table.key(), token, json, null, null, table.lock(), table.answer()));
    }

    @Test
    void a_script_writes_every_type_and_only_over_what_was_read() throws SQLException {
        Map<String, Typed> columns = columns();
        create(columns);
        // Guarded by what the database has to guard with; by a token; and by a token, with JSON in its columns.
        script(columns.keySet(), scripted("", Set.of()));
        create(columns);
        script(columns.keySet(), scripted("id", Set.of()));
        create(columns);
        Set<String> json = Set.of("a_json_text", "a_jsonb", "a_json");
        script(columns.keySet(), scripted("id", json));
        create(columns);
        script(columns.keySet(), scripted("", json));
    }

    private void script(Set<String> names, JdbcTarget target) throws SQLException {
        Key one = Key.of("id", Value.of(1));
        Key two = Key.of("id", Value.of(2));
        Key three = Key.of("id", Value.of(3));
        try (target) {
            Image full = Objects.requireNonNull(read(target, one).image());
            Seen empty = read(target, two);
            Image filled = full.with("id", Value.of(2));
            Change fill = new Change(two, empty, filled, names);
            SqlScript script = target.script();

            assertThat(run(script, statement(script, fill))).isEqualTo(1);
            assertThat(read(target, two).image()).isEqualTo(filled);
            assertThat(run(script, statement(script, fill)))
                    .as("over what it has written itself")
                    .isZero();

            Change insert = new Change(three, Seen.ABSENT, full.with("id", Value.of(3)), Set.of());
            assertThat(run(script, statement(script, insert))).isEqualTo(1);
            assertThat(read(target, three).image()).isEqualTo(full.with("id", Value.of(3)));
            assertThat(run(script, statement(script, insert)))
                    .as("a second time")
                    .isZero();

            Seen back = read(target, two);
            Change empties = new Change(two, back, Objects.requireNonNull(empty.image()), names);
            List<String> unfill = statement(script, empties);
            run("update types set a_text = 'Blanks', a_bool = false where id = 2");
            assertThat(run(script, unfill)).as("over somebody else's work").isZero();
            run("update types set a_text = ' blanks stay ', a_bool = true where id = 2");
            List<String> again =
                    statement(script, new Change(two, read(target, two), Objects.requireNonNull(empty.image()), names));
            assertThat(run(script, again)).isEqualTo(1);
            assertThat(read(target, two)).extracting(Seen::image).isEqualTo(empty.image());

            List<String> delete = statement(script, new Change(three, read(target, three), null, Set.of()));
            assertThat(run(script, delete)).isEqualTo(1);
            assertThat(run(script, delete)).isZero();
            assertThat(read(target, three).absent()).isTrue();
        }
    }

    @Test
    void text_in_a_script_is_what_it_is() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists types");
            statement.execute("create table types(id varchar(20) primary key, a_text varchar(200))");
            statement.execute("insert into types values ('it''s', '')");
        }
        Key key = Key.of("id", Value.of("it's"));
        try (JdbcTarget target = scripted("", Set.of())) {
            for (String text : List.of(
                    "O'Neil",
                    "\\",
                    "a\\'b; drop table types; --",
                    "line\nbreak",
                    "\u00e4\u20ac\ud83d\ude00",
                    "?",
                    "$1",
                    "''")) {
                Seen seen = read(target, key);
                Image desired = Objects.requireNonNull(seen.image()).with("a_text", Value.of(text));

                assertThat(run(
                                target.script(),
                                statement(target.script(), new Change(key, seen, desired, Set.of("a_text")))))
                        .as(text)
                        .isEqualTo(1);
                assertThat(read(target, key).image()).isEqualTo(desired);
            }
        }
    }

    @Test
    void a_statement_deletes_no_row_whose_delete_would_reach_others() throws SQLException {
        create(
                "drop table if exists children",
                "drop table if exists parents",
                "create table parents(id int primary key, code int unique, boss int"
                        + " references parents(id) on delete set null)",
                "create table children(id int primary key, parent int" + " references parents(code) on delete cascade)",
                "insert into parents values (1, 10, 1), (2, 20, 1), (3, 30, null)",
                "insert into children values (7, 30)");
        try (JdbcTarget parents = new JdbcTarget(this::connect, JdbcTarget.Table.of("parents", List.of("id")))) {
            assertThat(run(parents.script(), deletion(parents, 1))).isZero();
            assertThat(run(parents.script(), deletion(parents, 3))).isZero();

            run("delete from children");
            assertThat(run(parents.script(), deletion(parents, 3))).isEqualTo(1);
        }
    }

    private static List<String> deletion(JdbcTarget target, int id) {
        Key key = Key.of("id", Value.of(id));
        return statement(target.script(), new Change(key, read(target, key), null, Set.of()));
    }

    @Test
    void a_script_brings_back_nothing_that_was_erased_or_deleted_once_more_since() throws SQLException {
        create(
                "drop table if exists people",
                "drop table if exists gone",
                "drop table if exists erased",
                "create table people(id int primary key, name varchar(20))",
                "create table gone(person int)",
                "create table erased(person int)",
                "insert into people values (1, 'Ann')",
                "insert into gone values (2)");
        JdbcTarget.Table table = JdbcTarget.Table.of("people", List.of("id"))
                .deletes(new JdbcTarget.Deletes("gone", List.of("person"), ""))
                .erasures(new JdbcTarget.Deletes("erased", List.of("person"), ""));
        Key one = Key.of("id", Value.of(1));
        Key two = Key.of("id", Value.of(2));
        try (JdbcTarget people = new JdbcTarget(this::connect, table)) {
            Image ann = Image.of(Map.of("id", Value.of(1), "name", Value.of("Anne")));
            Image bob = Image.of(Map.of("id", Value.of(2), "name", Value.of("Bob")));
            List<String> update = statement(people.script(), new Change(one, read(people, one), ann, Set.of("name")));
            List<String> insert = statement(people.script(), new Change(two, read(people, two), bob, Set.of()));

            create("insert into erased values (1)", "insert into gone values (2)");
            assertThat(run(people.script(), update)).isZero();
            assertThat(run(people.script(), insert)).as("deleted twice").isZero();
            create("delete from erased", "delete from gone", "insert into gone values (2)");
            assertThat(run(people.script(), update)).isEqualTo(1);
            create("insert into erased values (2)");
            assertThat(run(people.script(), insert)).isZero();
            create("delete from erased");
            assertThat(run(people.script(), insert)).isEqualTo(1);
        }
    }
}
