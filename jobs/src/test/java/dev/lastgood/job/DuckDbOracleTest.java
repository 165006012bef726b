package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.Compiled;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.diff.Strategy;
import dev.lastgood.path.FieldPath;
import dev.lastgood.spark.RandomTypes;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What differs between random pairs of tables over all types, as DuckDB says by a full outer join of whole records: another
 * reader of Parquet, another hash, another notion of equality, which agree. Pairs lie side by side, numbered by a column.
 */
@ExtendWith({SparkForTests.class, Compiled.class})
class DuckDbOracleTest {
    private static final long SEED = Long.getLong("duckdb.seed", new Random().nextLong());
    private static final boolean FULL = Boolean.getBoolean("lastgood.full");
    private static final int PAIRS_A_JOB = FULL ? 560 : 60;
    private static final int JOBS = FULL ? 9 : 3;

    private static final StructType TYPE = type(true);
    private static final StructType FLAT = type(false);
    private static final List<String> KEYS = List.of("", "a", "A", "b");

    @TempDir
    Path folder;

    private static StructType type(boolean nested) {
        StructType type = new StructType().add("pair", DataTypes.IntegerType).add("k", DataTypes.StringType);
        for (var field : RandomTypes.everySimpleType().fields()) {
            if (nested || !field.name().contains(" of ")) {
                type = type.add(field);
            }
        }
        return type;
    }

    private static StructType fields(StructType type) {
        return new StructType(Arrays.copyOfRange(type.fields(), 2, type.size()));
    }

    @Test
    void duckdb_finds_the_same(SparkSession session) throws Exception {
        Set<Strategy.Way> ways = EnumSet.noneOf(Strategy.Way.class);
        WorkspaceForTests bench =
                WorkspaceForTests.in(folder, "pairs: {source: here, path: none, format: parquet, key: [pair, k]}\n");
        int differing = 0;
        for (int job = 0; job < JOBS; job++) {
            // By turns: records that share keys are joined, and others looked up, those without nested fields by
            // columns.
            boolean shared = job % 3 == 0;
            StructType type = job % 3 == 2 ? FLAT : TYPE;
            List<Row> before = new ArrayList<>();
            List<Row> after = new ArrayList<>();
            pairs(new Random(SEED + job), type, shared, before, after);
            String one = folder.resolve("data/before-" + job).toString();
            String other = folder.resolve("data/after-" + job).toString();
            session.createDataFrame(before, type).coalesce(1).write().parquet(one);
            session.createDataFrame(after, type).coalesce(1).write().parquet(other);
            Map<String, String> expected = duckdb(type, one, other);
            assertThat(lastgood(bench, one, other, ways))
                    .as("-Dduckdb.seed=%d, job %d", SEED, job)
                    .isEqualTo(expected);
            differing += expected.size();
            assertThat(ways.contains(Strategy.Way.MADE)).isEqualTo(!shared || job > 0);
        }
        assertThat(ways).containsExactlyInAnyOrder(Strategy.Way.JOIN, Strategy.Way.MADE);
        assertThat(differing).isGreaterThan(JOBS * PAIRS_A_JOB);
    }

    /** @param shared whether a record in ten has its key twice or three times */
    private static void pairs(Random random, StructType type, boolean shared, List<Row> before, List<Row> after) {
        RandomTypes types = new RandomTypes(random);
        StructType fields = fields(type);
        for (int pair = 0; pair < PAIRS_A_JOB; pair++) {
            for (int i = -1; i < KEYS.size(); i++) {
                String key = i < 0 ? null : KEYS.get(i);
                int copies = shared && random.nextInt(10) == 0 ? 1 + random.nextInt(3) : random.nextInt(3) == 0 ? 0 : 1;
                for (int copy = 0; copy < copies; copy++) {
                    Row row = types.row(fields);
                    if (random.nextInt(10) > 0) {
                        before.add(record(pair, key, row));
                    }
                    if (random.nextInt(10) > 0) {
                        after.add(record(pair, key, types.changed(row, fields)));
                    }
                }
            }
        }
        java.util.Collections.shuffle(after, random);
    }

    private static Row record(int pair, @Nullable String key, Row fields) {
        Object[] cells = new Object[fields.size() + 2];
        cells[0] = pair;
        cells[1] = key;
        for (int i = 0; i < fields.size(); i++) {
            cells[i + 2] = fields.get(i);
        }
        return RowFactory.create(cells);
    }

    /** By pair and key {@code added}, {@code removed}, {@code changed} with the fields, or the numbers of copies. */
    private static Map<String, String> lastgood(
            WorkspaceForTests bench, String before, String after, Set<Strategy.Way> ways) {
        Workplace workplace = bench.workplace();
        Map<String, String> found = new TreeMap<>();
        DiffJob.Difference difference = new DiffJob(workplace)
                .diff(workplace.datasets(List.of()), before, after, text -> {
                    JsonNode line = WorkspaceForTests.json(text);
                    String what = line.get("change").asText();
                    if (line.has("copies")) {
                        what = line.get("copies").get("before") + " copies, "
                                + line.get("copies").get("after");
                    } else if (what.equals("changed")) {
                        TreeSet<String> fields = new TreeSet<>();
                        line.get("fields")
                                .forEach(field -> fields.add(
                                        FieldPath.valueOf(field.get("path").asText())
                                                .root()));
                        what += " " + fields;
                    }
                    JsonNode key = line.get("key");
                    String of = key.get("pair")
                            + (key.get("k").isNull()
                                    ? " null"
                                    : " '" + key.get("k").asText() + "'");
                    assertThat(found.put(of, what)).as(of).isNull();
                });
        difference.ways().values().forEach(way -> ways.add(way.way()));
        return found;
    }

    private static Map<String, String> duckdb(StructType type, String before, String after) throws SQLException {
        StructType fields = fields(type);
        String record = IntStream.range(0, fields.size())
                .mapToObj(i -> "c%d := %s".formatted(i, compared(fields.fields()[i])))
                .collect(Collectors.joining(", "));
        String side = "(select pair, k, list_sort(list(struct_pack(%s))) as r, count(*) as n"
                + " from read_parquet('%s/*.parquet') group by pair, k)";
        String changed = IntStream.range(0, fields.size())
                .mapToObj(i -> "case when a.r[1].c%1$d is distinct from b.r[1].c%1$d then '%1$d' end".formatted(i))
                .collect(Collectors.joining(", "));
        String query = "select coalesce(a.pair, b.pair), coalesce(a.k, b.k), coalesce(a.n, 0), coalesce(b.n, 0),"
                + " concat_ws(',', " + changed + ") from " + side.formatted(record, before) + " a full outer join "
                + side.formatted(record, after) + " b on a.pair = b.pair and a.k is not distinct from b.k"
                + " where a.r is distinct from b.r";
        Map<String, String> found = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("set threads = 1");
            statement.execute("set TimeZone = 'UTC'");
            try (ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    String key = rows.getString(2);
                    found.put(
                            rows.getInt(1) + (key == null ? " null" : " '" + key + "'"),
                            what(fields, rows.getLong(3), rows.getLong(4), rows.getString(5)));
                }
            }
        }
        return found;
    }

    private static String what(StructType type, long before, long after, String changed) {
        if (before > 1 || after > 1) {
            return before + " copies, " + after;
        }
        if (before == 0 || after == 0) {
            return before == 0 ? "added" : "removed";
        }
        TreeSet<String> fields = new TreeSet<>();
        for (String number : changed.split(",", -1)) {
            fields.add(type.fields()[Integer.parseInt(number)].name());
        }
        return "changed " + fields;
    }

    /** Maps have an order in DuckDB. */
    private static String compared(StructField field) {
        String name = "\"" + field.name() + "\"";
        return field.dataType() instanceof MapType ? "list_sort(map_entries(%s))".formatted(name) : name;
    }
}
