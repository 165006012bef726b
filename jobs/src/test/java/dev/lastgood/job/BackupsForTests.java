package dev.lastgood.job;

import dev.lastgood.SparkForTests;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.SnapshotId;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** A workspace with one dataset of every kind of source, the same records in each as far as the kind can hold them. */
final class BackupsForTests {
    static final long RECORDS = 60;
    static final List<String> DATASETS = List.of("csv", "json", "orc", "parquet", "table");

    private static final String COLUMNS = "id BIGINT, name STRING, amount DECIMAL(30,10), at TIMESTAMP,"
            + " local TIMESTAMP_NTZ, born DATE, raw BINARY, share DOUBLE,"
            + " lines ARRAY<STRUCT<sku: STRING, n: INT>>, attributes MAP<STRING, STRING>";
    private static final Instant START = Instant.parse("2026-11-22T02:00:00Z");

    private final Path folder;
    private final String database;
    private final String store;
    private Instant now = START;

    BackupsForTests(Path folder, String name) throws IOException {
        this(folder, name, "store");
    }

    /**
     * @param name of the database, which is this process's
     * @param store folder of the store, in that of the workspace
     */
    BackupsForTests(Path folder, String name, String store) throws IOException {
        this.folder = folder;
        this.store = store;
        this.database = "jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE";
        SparkForTests.session();
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("password"), "sa");
        Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: backups
                store: '%s'
                sources:
                  lake: {files: data}
                  db: {jdbc: '%s', user: sa, password: '${file:password}'}
                datasets:
                  csv:
                    source: lake
                    path: csv
                    format: csv
                    key: [id]
                    schema: {id: bigint, amount: 'decimal(30,10)', at: timestamp, born: date}
                  json: {source: lake, path: json, format: json, key: [id]}
                  orc: {source: lake, path: orc, format: orc, key: [id]}
                  parquet: {source: lake, path: parquet, format: parquet, key: [id]}
                  table: {source: db, table: public.things, key: [id], json: [lines], split: {by: id, into: 5}}
                """.formatted(store, database));
    }

    /**
     * The workspace an hour after the last time it was asked for. Who names other Spark settings than the shared session has
     * would change it for everybody.
     */
    Workplace workplace() {
        now = now.plusSeconds(3600);
        return new Workplace(
                Workplace.read(folder.resolve("lastgood.yaml"), Map.of()),
                Clock.fixed(now, ZoneOffset.UTC),
                "test",
                "local[2]",
                Map.of());
    }

    /** One snapshot of the datasets, of all if there are none. */
    SnapshotId take(String... datasets) {
        Workplace workplace = workplace();
        return workplace
                .taker()
                .take(workplace.datasets(List.of(datasets)), captured -> Verdict.PASS)
                .snapshot();
    }

    Path folder() {
        return folder;
    }

    /** A dataset's folder of a snapshot. */
    Path snapshot(String dataset, SnapshotId id) {
        return folder.resolve(store).resolve("snapshots").resolve(dataset).resolve(id.text());
    }

    // ---- records

    /** A record before it is written anywhere. Every third has nulls, every fifth an extreme. */
    private record Thing(
            long id,
            @Nullable String name,
            @Nullable BigDecimal amount,
            @Nullable Instant at,
            @Nullable LocalDateTime local,
            @Nullable LocalDate day,
            double share) {

        static Thing of(int id, int version) {
            boolean nulls = id % 3 == 0;
            BigDecimal amount = id % 5 == 0
                    ? new BigDecimal("12345678901234567890.0123456789").negate()
                    : new BigDecimal("%d.5000000001".formatted(id * 100 + version));
            Instant at = id % 5 == 0
                    ? Instant.parse("1500-06-30T00:00:00.000001Z")
                    : Instant.parse("2026-03-29T01:30:00.123456Z").plusSeconds(id);
            return new Thing(
                    id,
                    nulls ? null : id % 7 == 0 ? "" : "thing \"%d\", of version %d\nñ€😀".formatted(id, version),
                    nulls ? null : amount,
                    nulls ? null : at,
                    nulls ? null : LocalDateTime.ofInstant(at, ZoneOffset.UTC),
                    nulls ? null : LocalDate.of(2024, 2, 29).plusDays(id),
                    id % 5 == 0 ? Double.NaN : id / 10.0);
        }

        byte @Nullable [] raw() {
            return id % 3 == 0 ? null : new byte[] {0, (byte) id, (byte) 255};
        }

        /** JSON of what is ordered from left to right: a record without lines, with none, with some. */
        @Nullable
        String lines() {
            if (id % 3 == 0) {
                return null;
            }
            return id % 4 == 0 ? "[]" : "[{\"sku\":\"a%d\",\"n\":%d},{\"sku\":null,\"n\":2}]".formatted(id, id);
        }

        Row row() {
            List<Row> rows = null;
            if (id % 3 != 0) {
                rows = id % 4 == 0
                        ? List.of()
                        : List.of(RowFactory.create("a" + id, (int) id), RowFactory.create(null, 2));
            }
            Map<String, String> attributes = id % 3 == 0 ? null : Map.of("colour", "red " + id);
            return RowFactory.create(id, name, amount, at, local, day, raw(), share, rows, attributes);
        }
    }

    private static List<Thing> things(int version) {
        List<Thing> things = new ArrayList<>();
        for (int id = 1; id <= RECORDS; id++) {
            things.add(Thing.of(id, version));
        }
        return things;
    }

    /** What a record must be when it is read from a snapshot of the dataset, by its id. */
    static Map<Long, Image> expected(String dataset, int version) {
        Map<Long, Image> expected = new LinkedHashMap<>();
        things(version).forEach(thing -> expected.put(thing.id(), image(dataset, thing)));
        return expected;
    }

    private static Image image(String dataset, Thing thing) {
        return switch (dataset) {
            case "csv" -> Image.of(csv(thing));
            case "json" -> new Image((Value.Obj) JsonValues.embedded(document(thing)));
            case "table" -> {
                Map<String, Value> fields = typed(thing);
                String lines = thing.lines();
                fields.put("lines", lines == null ? Value.NULL : JsonValues.embedded(lines));
                yield Image.of(fields);
            }
            default -> {
                Map<String, Value> fields = typed(thing);
                fields.put("lines", thing.lines() == null ? Value.NULL : JsonValues.embedded(thing.lines()));
                fields.put(
                        "attributes",
                        thing.id() % 3 == 0
                                ? Value.NULL
                                : Value.Obj.of(Map.of("colour", Value.of("red " + thing.id()))));
                yield Image.of(fields);
            }
        };
    }

    private static Map<String, Value> typed(Thing thing) {
        Map<String, Value> fields = new LinkedHashMap<>();
        fields.put("id", Value.of(thing.id()));
        fields.put("name", Value.of(thing.name()));
        fields.put("amount", thing.amount() == null ? Value.NULL : new Value.Num(thing.amount()));
        fields.put("at", thing.at() == null ? Value.NULL : new Value.Moment(thing.at()));
        fields.put("local", thing.local() == null ? Value.NULL : new Value.LocalMoment(thing.local()));
        fields.put("born", thing.day() == null ? Value.NULL : new Value.Day(thing.day()));
        byte[] raw = thing.raw();
        fields.put("raw", raw == null ? Value.NULL : new Value.Bytes(raw));
        fields.put("share", new Value.Real(thing.share()));
        return fields;
    }

    /** A file of cells holds text; what it is seen as is declared. Nothing between two commas is null, "" is empty. */
    private static Map<String, Value> csv(Thing thing) {
        Map<String, Value> fields = new LinkedHashMap<>();
        fields.put("id", Value.of(Long.toString(thing.id())));
        fields.put("name", Value.of(thing.name()));
        fields.put(
                "amount",
                Value.of(thing.amount() == null ? null : thing.amount().toPlainString()));
        fields.put("at", Value.of(thing.at() == null ? null : thing.at().toString()));
        fields.put("born", Value.of(thing.day() == null ? null : thing.day().toString()));
        return fields;
    }

    private static String document(Thing thing) {
        String amount = thing.amount() == null ? "null" : thing.amount().toPlainString();
        String lines = thing.lines() == null ? "" : ",\"lines\":" + thing.lines();
        String name = thing.name() == null
                ? ""
                : ",\"name\":\"%s\""
                        .formatted(thing.name().replace("\"", "\\\"").replace("\n", "\\n"));
        return "{\"id\":%d%s,\"amount\":%s%s,\"deep\":{\"er\":[{\"x\":1.50},[null,{}]]}}"
                .formatted(thing.id(), name, amount, lines);
    }

    // ---- sources

    /** Writes every source anew. */
    void write(int version) throws IOException, SQLException {
        writeCsv(version);
        writeJson(version);
        write(version, "parquet");
        write(version, "orc");
        writeTable(version);
    }

    private void writeCsv(int version) throws IOException {
        StringBuilder text = new StringBuilder("id,name,amount,at,born\n");
        for (Thing thing : things(version)) {
            List<String> cells = new ArrayList<>();
            csv(thing).values().forEach(value -> cells.add(value.isNull() ? "" : quoted(value.toString())));
            text.append(String.join(",", cells)).append('\n');
        }
        write("data/csv/part.csv", text.toString());
    }

    private static String quoted(String cell) {
        return "\"" + cell.replace("\"", "\"\"") + "\"";
    }

    private void writeJson(int version) throws IOException {
        StringBuilder text = new StringBuilder();
        things(version).forEach(thing -> text.append(document(thing)).append('\n'));
        write("data/json/part.jsonl", text.toString());
    }

    private void write(int version, String format) {
        SparkForTests.session()
                .createDataFrame(
                        things(version).stream().map(Thing::row).toList(), (StructType) DataType.fromDDL(COLUMNS))
                .repartition(3)
                .write()
                .format(format)
                .mode("overwrite")
                .save(folder.resolve("data").resolve(format).toString());
    }

    private void writeTable(int version) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database, "sa", "sa");
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists things");
            statement.execute("""
                    create table things (id bigint primary key, name varchar, amount numeric(30, 10),
                      at timestamp(6) with time zone, local timestamp(6), born date, raw varbinary,
                      share double precision, lines varchar)""");
            try (PreparedStatement insert =
                    connection.prepareStatement("insert into things values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                for (Thing thing : things(version)) {
                    Object[] cells = {
                        thing.id(),
                        thing.name(),
                        thing.amount(),
                        thing.at() == null ? null : thing.at().atOffset(ZoneOffset.UTC),
                        thing.local(),
                        thing.day(),
                        thing.raw(),
                        thing.share(),
                        thing.lines()
                    };
                    for (int i = 0; i < cells.length; i++) {
                        insert.setObject(i + 1, cells[i]);
                    }
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        }
    }

    void write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
