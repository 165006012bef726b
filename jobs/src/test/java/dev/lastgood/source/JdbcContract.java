package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.JdbcTarget;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What holds of tables in every database, and for each the types it has. */
@ExtendWith(SparkForTests.class)
abstract class JdbcContract {

    @TempDir
    Path folder;

    abstract Connection connect() throws SQLException;

    abstract String url();

    abstract String user();

    /** The types of the database by column name. */
    abstract Map<String, Typed> types();

    /** A column's type, and the SQL of values with what they are read as. */
    record Typed(String type, Map<String, Value> values) {}

    static Typed typed(String type, Object... sqlAndValues) {
        Map<String, Value> values = new LinkedHashMap<>();
        for (int i = 0; i < sqlAndValues.length; i += 2) {
            values.put((String) sqlAndValues[i], (Value) sqlAndValues[i + 1]);
        }
        return new Typed(type, values);
    }

    static Value number(String digits) {
        return Value.number(digits);
    }

    static Value real(double value) {
        return new Value.Real(value);
    }

    static Value text(String text) {
        return Value.of(text);
    }

    static Value day(String text) {
        return new Value.Day(LocalDate.parse(text));
    }

    static Value local(String text) {
        return new Value.LocalMoment(LocalDateTime.parse(text));
    }

    static Value moment(String text) {
        return new Value.Moment(Instant.parse(text));
    }

    static Value json(String json) {
        return JsonValues.embedded(json);
    }

    static Value bytes(int... bytes) {
        byte[] value = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            value[i] = (byte) bytes[i];
        }
        return new Value.Bytes(value);
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A workspace with the table as dataset "things", with these further lines of its declaration. */
    Workspace workspace(String table, String... lines) {
        return Workspaces.in(
                folder, """
                    format: 1
                    workspace: test
                    store: store
                    sources:
                      db: {jdbc: '%s', user: %s}
                    datasets:
                      things:
                        source: db
                        table: '%s'
                        %s
                    """.formatted(url(), user(), table.replace("'", "''"), String.join("\n    ", lines)));
    }

    static Frame open(SparkSession spark, Workspace workspace) {
        DatasetSpec dataset = workspace.dataset("things").orElseThrow();
        return new Sources(spark, workspace).live(dataset);
    }

    static List<Image> images(Frame frame) {
        return frame.records().collectAsList().stream()
                .map(frame.shape()::image)
                .toList();
    }

    /** The message without the folder of this run. */
    private String told(Throwable e) {
        return String.valueOf(e.getMessage()).replace(folder + "/", "");
    }

    @Test
    void every_type_is_read_exactly_and_as_a_target_reads_it(SparkSession spark) throws SQLException {
        Map<String, Typed> types = new TreeMap<>(types());
        String json = "json: [a_json_text]";
        int rows = types.values().stream()
                .mapToInt(type -> type.values().size())
                .max()
                .orElseThrow();
        List<String> statements = new ArrayList<>(List.of("drop table if exists types"));
        StringBuilder create = new StringBuilder("create table types(id int primary key");
        types.forEach(
                (name, typed) -> create.append(", ").append(name).append(' ').append(typed.type()));
        statements.add(create + ")");
        Map<Integer, Image> expected = new TreeMap<>();
        for (int row = 0; row <= rows; row++) {
            StringBuilder insert = new StringBuilder("insert into types values (" + row);
            Image image = Image.of(Map.of("id", Value.of(row)));
            for (Map.Entry<String, Typed> column : types.entrySet()) {
                List<Map.Entry<String, Value>> values =
                        List.copyOf(column.getValue().values().entrySet());
                boolean there = row < values.size();
                insert.append(", ").append(there ? values.get(row).getKey() : "null");
                image = image.with(column.getKey(), there ? values.get(row).getValue() : Value.NULL);
            }
            statements.add(insert + ")");
            expected.put(row, image);
        }
        execute(statements.toArray(String[]::new));

        Frame frame = open(spark, workspace("types", "key: [id]", json));

        Map<Integer, Image> read = new TreeMap<>();
        for (Image image : images(frame)) {
            Value.Num id = (Value.Num) Objects.requireNonNull(image.field("id"));
            read.put(id.value().intValueExact(), image);
        }
        assertThat(read.keySet()).isEqualTo(expected.keySet());
        expected.forEach((id, image) -> image.fields()
                .forEach((name, value) -> assertThat(
                                Objects.requireNonNull(read.get(id)).field(name))
                        .as(
                                "%s %s of %s",
                                types.containsKey(name) ? types.get(name).type() : "", name, id)
                        .isEqualTo(value)));
        try (JdbcTarget target = new JdbcTarget(
                this::connect, JdbcTarget.Table.of("types", List.of("id")).json(java.util.Set.of("a_json_text")))) {
            for (var record : read.entrySet()) {
                Key key = Key.of("id", Value.of(record.getKey()));
                try (Target.Batch batch = target.open(List.of(key))) {
                    Image live = Objects.requireNonNull(
                            Objects.requireNonNull(batch.seen().get(key)).image());
                    record.getValue()
                            .fields()
                            .forEach((name, value) -> assertThat(live.field(name))
                                    .as("%s of %s as the target reads it", name, record.getKey())
                                    .isEqualTo(value));
                }
            }
        }
    }

    @Test
    void a_table_is_split_so_that_every_record_is_read_once(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists parts",
                "create table parts(id int, n numeric(12,3), any_n numeric, d date, t timestamp,"
                        + " z timestamp with time zone)");
        StringBuilder insert = new StringBuilder("insert into parts values (-5, null, null, null, null, null)");
        for (int i = 0; i < 100; i++) {
            insert.append(", (%s, %s, %s, date '2024-02-01' + %d, timestamp '2024-02-01 00:00:00' + interval '%d' hour,"
                            .formatted(i % 7 == 0 ? "null" : i * i, i * 1.001 - 50, i / 3.0, i % 40, i))
                    .append("timestamp with time zone '2024-02-01 00:00:00+02' + interval '%d' minute)".formatted(i));
        }
        execute(insert.toString());
        splits(spark, List.of("id", "n", "any_n", "d", "t", "z"));
    }

    /** The 101 records of a table, split by each of these fields. */
    final void splits(SparkSession spark, List<String> fields) {
        List<Image> whole = sorted(images(open(spark, workspace("parts", "key: []"))));
        assertThat(whole).hasSize(101);

        for (String by : fields) {
            Frame frame = open(spark, workspace("parts", "key: []", "split: {by: %s, into: 4}".formatted(by)));

            assertThat(frame.records().rdd().getNumPartitions()).as(by).isEqualTo(4);
            assertThat(sorted(images(frame))).as(by).isEqualTo(whole);
        }
    }

    private static List<Image> sorted(List<Image> images) {
        return images.stream()
                .sorted((a, b) -> dev.lastgood.record.Canonical.compare(a.object(), b.object()))
                .toList();
    }

    @Test
    void ranges_are_no_more_than_there_are_values_and_connections(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists few",
                "create table few(id int, nothing int)",
                "insert into few values (1, null), (2, null), (3, null)");

        assertThat(open(spark, workspace("few", "key: []", "split: {by: id, into: 50}"))
                        .records()
                        .rdd()
                        .getNumPartitions())
                .isEqualTo(3);
        assertThat(open(spark, workspace("few", "key: []", "split: {by: nothing, into: 50}"))
                        .records()
                        .rdd()
                        .getNumPartitions())
                .isEqualTo(1);
        Workspace limited = Workspaces.in(folder, """
            format: 1
            workspace: test
            store: store
            sources:
              db: {jdbc: '%s', user: %s, limit: {connections: 2}}
            datasets:
              things: {source: db, table: few, key: [], split: {by: id, into: 3}}
            """.formatted(url(), user()));
        assertThat(open(spark, limited).records().rdd().getNumPartitions()).isEqualTo(2);
    }

    /** All records where a key cannot be asked for; no record twice in any case. */
    @Test
    void records_are_read_by_their_keys(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists keyed",
                "create table keyed(id int, code varchar(20))",
                "insert into keyed values (1, 'a'), (1, 'A'), (1, 'it''s'), (2, 'a'), (3, 'é'), (4, 'x\ty'), (5, null)");
        Workspace workspace = workspace("keyed", "key: [id, code]");
        DatasetSpec dataset = workspace.dataset("things").orElseThrow();
        for (List<Key> wanted : List.of(
                List.of(key(1, "a"), key(1, "it's"), key(9, "a")),
                List.of(key(1, "A"), key(3, "é"), key(5, null)),
                List.of(key(2, "a"), key(4, "x\ty")),
                List.of(key(9, "a")))) {
            Frame some = new Sources(spark, workspace).some(dataset, Map.of(), wanted);
            List<Key> found = some.records().select(Keys.column(dataset, some.shape())).collectAsList().stream()
                    .map(row -> Keys.key(row.getStruct(0)))
                    .toList();
            assertThat(found).doesNotHaveDuplicates();
            assertThat(found)
                    .containsAll(wanted.stream()
                            .filter(key -> !key.equals(key(9, "a")))
                            .toList());
        }
    }

    /** A key is not asked for as what the column does not hold. */
    @Test
    void records_are_read_by_keys_that_are_seen_as_another_type(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists seen",
                "create table seen(id varchar(20), number int)",
                "insert into seen values ('05', 5), ('6', 6)");
        for (List<String> viewed : List.of(
                List.of("key: [id]", "view: {id: bigint}"), List.of("key: [number]", "view: {number: string}"))) {
            Workspace workspace = workspace("seen", viewed.get(0), viewed.get(1));
            DatasetSpec dataset = workspace.dataset("things").orElseThrow();
            Frame all = new Sources(spark, workspace).some(dataset, Map.of(), List.of());
            List<Key> keys = all.records().select(Keys.column(dataset, all.shape())).collectAsList().stream()
                    .map(row -> Keys.key(row.getStruct(0)))
                    .toList();
            assertThat(keys).hasSize(2);
            for (Key one : keys) {
                Frame some = new Sources(spark, workspace).some(dataset, Map.of(), List.of(one));
                assertThat(some.records().select(Keys.column(dataset, some.shape())).collectAsList().stream()
                                .map(row -> Keys.key(row.getStruct(0))))
                        .as(viewed.toString())
                        .contains(one);
            }
        }
    }

    /** No more at once than the source allows. */
    @Test
    void many_keys_are_read_by_few_connections(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists many",
                "create table many(id int primary key)",
                "insert into many values (1), (1200), (5000)");
        Workspace limited = Workspaces.in(folder, """
            format: 1
            workspace: test
            store: store
            sources:
              db: {jdbc: '%s', user: %s, limit: {connections: 1}}
            datasets:
              things: {source: db, table: many, key: [id]}
            """.formatted(url(), user()));
        DatasetSpec dataset = limited.dataset("things").orElseThrow();
        List<Key> wanted = IntStream.rangeClosed(1, 1200)
                .mapToObj(id -> Key.of("id", Value.of(id)))
                .toList();
        Frame some = new Sources(spark, limited).some(dataset, Map.of(), wanted);
        assertThat(some.records().rdd().getNumPartitions()).isEqualTo(1);
        assertThat(some.records().collectAsList().stream().map(row -> row.getInt(0)))
                .containsExactlyInAnyOrder(1, 1200);
    }

    private static Key key(int id, @Nullable String code) {
        Map<String, Value> parts = new LinkedHashMap<>();
        parts.put("id", Value.of(id));
        parts.put("code", code == null ? Value.NULL : Value.of(code));
        return new Key(parts);
    }

    @Test
    void names_are_taken_exactly(SparkSession spark) throws SQLException {
        execute(
                "drop schema if exists \"My schema\" cascade",
                "create schema \"My schema\"",
                "create table \"My schema\".\"Weird \"\" na.me\"(\"Id\" int, \"we\"\"ird, `col`.umn\" varchar(10),"
                        + " \"id\" int)",
                "insert into \"My schema\".\"Weird \"\" na.me\" values (1, 'x', 2)",
                "create table \"My schema\".\"Mixed\"(id int)");

        assertThat(images(open(spark, workspace("\"My schema\".\"Weird \"\" na.me\"", "key: [Id]"))))
                .containsExactly(
                        Image.of(Map.of("Id", Value.of(1), "we\"ird, `col`.umn", Value.of("x"), "id", Value.of(2))));
        assertThat(images(open(spark, workspace("My schema.Mixed", "key: []")))).isEmpty();
    }

    @Test
    void a_table_that_is_not_there_is_refused_with_the_one_that_was_probably_meant(SparkSession spark)
            throws SQLException {
        execute("drop table if exists orders", "create table orders(id int)");

        assertThatThrownBy(() -> open(spark, workspace("Orders", "key: []")))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("dataset 'things': source 'db' has no table 'Orders'")
                .extracting(e -> ((SourceUnreadable) e).hint())
                .isEqualTo("Did you mean 'orders'? Upper and lower case count.");
        assertThatThrownBy(() -> open(spark, workspace("nowhere.orders", "key: []")))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("dataset 'things': source 'db' has no table 'nowhere.orders'");
    }

    @Test
    void a_field_that_is_not_there_is_refused_at_its_place(SparkSession spark) throws SQLException {
        execute("drop table if exists orders", "create table orders(id int, total int, note varchar(10))");

        assertThatThrownBy(() -> open(spark, workspace("orders", "key: [idd]", "version: totl")))
                .isInstanceOf(InvalidInput.class)
                .extracting(e -> told(e))
                .isEqualTo("""
                    lastgood.yaml:10:11: error: dataset 'things' has no field 'idd'
                       10 |     key: [idd]
                          |           ^~~
                    hint: The fields are id, total, note.
                    lastgood.yaml:11:14: error: dataset 'things' has no field 'totl'
                       11 |     version: totl
                          |              ^~~~
                    hint: Did you mean 'total'? The fields are id, total, note.\
                    """);
        assertThatThrownBy(() -> open(spark, workspace("orders", "key: [id]", "split: {by: idd, into: 4}")))
                .isInstanceOf(InvalidInput.class)
                .extracting(e -> told(e))
                .isEqualTo("""
                    lastgood.yaml:11:17: error: dataset 'things' has no field 'idd'
                       11 |     split: {by: idd, into: 4}
                          |                 ^~~
                    hint: The fields are id, total, note.\
                    """);
        assertThatThrownBy(() -> open(spark, workspace("orders", "key: [id]", "split: {by: note, into: 4}")))
                .isInstanceOf(InvalidInput.class)
                .extracting(e -> told(e), org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .startsWith("lastgood.yaml:11:17: error: dataset 'things' cannot be split by 'note', which is of type ")
                .endsWith("hint: Ranges can be made of numbers, dates and times.");
    }

    @Test
    void what_is_unknown_to_spark_as_a_number_is_held_as_digits(SparkSession spark) throws SQLException {
        execute(
                "drop table if exists numbers",
                "create table numbers(id int, n numeric(50,2))",
                "insert into numbers values (1, 123456789012345678901234567890123456789012345678.90)");

        Frame frame = open(spark, workspace("numbers", "key: [id]"));

        assertThat(frame.shape().numbers()).containsExactly("n");
        assertThat(frame.shape().view().apply("n").dataType()).isEqualTo(Shape.NUMBER_VIEW);
        assertThat(frame.records().first().getString(1))
                .isEqualTo("123456789012345678901234567890123456789012345678.9");
    }
}
