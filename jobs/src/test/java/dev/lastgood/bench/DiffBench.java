package dev.lastgood.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import com.sun.management.OperatingSystemMXBean;
import dev.lastgood.audit.Auditor;
import dev.lastgood.diff.Strategy;
import dev.lastgood.job.DiffJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.Verdict;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What comparing two sides costs, by how many records there are and how many of them differ: bare scans, Lastgood's diff of
 * two folders and of live against a snapshot with the hashes it keeps, Spark's joins of whole records, and DuckDB's. All in
 * one run, because only such figures can be compared; every result is written, and every diff must find what was planted.
 */
@Command(name = "diff-bench", description = "Measures diffs.", mixinStandardHelpOptions = true)
public final class DiffBench implements Callable<Integer> {
    private static final double SECOND = 1_000_000_000;
    private static final int MILLION = 1_000_000;
    private static final String NAME = "orders";

    @Option(
            names = "--records",
            split = ",",
            paramLabel = "N",
            description = "flat records a side, 0 for none (default: 1000000)")
    List<Long> records = List.of(1_000_000L);

    @Option(
            names = "--documents",
            split = ",",
            paramLabel = "N",
            description = "documents a side, 0 for none (default: 100000)")
    List<Long> documents = List.of(100_000L);

    @Option(names = "--changed", split = ",", paramLabel = "%", description = "per cent (default: 0,0.01,1,50)")
    List<Double> changed = List.of(0.0, 0.01, 1.0, 50.0);

    @Option(names = "--runs", paramLabel = "N", description = "measured, after one (default: ${DEFAULT-VALUE})")
    int runs = 3;

    @Option(
            names = "--without",
            split = ",",
            paramLabel = "NAME",
            description = "contenders to leave out: capture, join, duckdb")
    List<String> without = List.of();

    @Option(names = "--folder", paramLabel = "DIR", description = "emptied, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "diff-bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[*]";

    private final PrintWriter out;

    DiffBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new DiffBench(out)).execute(args));
    }

    @Override
    public Integer call() {
        out.printf(
                "%s, heap %d MB, Java %s; median of %d after 1, seconds and multiples of the scan of live%n",
                master, Runtime.getRuntime().maxMemory() >> 20, Runtime.version(), runs);
        Stream.concat(
                        records.stream().map(size -> new Pair(size, false)),
                        documents.stream().map(size -> new Pair(size, true)))
                .filter(pair -> pair.size() > 0)
                .forEach(this::measure);
        return 0;
    }

    // ---- what is compared

    /** Two sides of so many records, flat ones or documents of two kilobytes. */
    private record Pair(long size, boolean isDocuments) {
        /** {@code draw} is below the share of a million for records that differ; a half of those are missing or new. */
        Dataset<Row> side(SparkSession session, double percent, boolean isAfter) {
            long share = Math.round(percent * MILLION / 100);
            long limit = isAfter ? size + size * share / 2 / MILLION : size;
            String draw = "pmod(xxhash64(n, 77), %d)".formatted(MILLION);
            Dataset<Row> numbers = session.range(0, limit).toDF("n");
            if (isAfter) {
                numbers = numbers.where("n >= %d or not (%s between %d and %d - 1)"
                                .formatted(size, draw, share, share + share / 2))
                        .repartition(4, col("n"))
                        .sortWithinPartitions(org.apache.spark.sql.functions.expr("xxhash64(n, 99)"));
            }
            String isChanged = isAfter ? "(n < %d and %s < %d)".formatted(size, draw, share) : "false";
            Dataset<Row> fields = fields(numbers, isChanged);
            return isDocuments
                    ? fields.selectExpr("to_json(struct(*, concat_ws(' ', transform(sequence(1, 100),"
                            + " i -> substring(hex(xxhash64(id, i)), 1, 17))) as filler)) as value")
                    : fields;
        }

        private static Dataset<Row> fields(Dataset<Row> numbers, String isChanged) {
            return numbers.selectExpr(
                    "concat('o-', lpad(n, 10, '0')) as id",
                    "pmod(xxhash64(n, 1), 400000) as customer",
                    "element_at(array('AT', 'BE', 'CH', 'DE', 'ES', 'FR'), int(pmod(xxhash64(n, 2), 6) + 1)) as country",
                    "concat('SKU-', lpad(pmod(xxhash64(n, 3), 1000000), 6, '0')) as sku",
                    "int(pmod(xxhash64(n, 4), 20) + 1) as quantity",
                    "cast(pmod(xxhash64(n, 5), 100000) / 100 as decimal(10,2)) as unit_price",
                    "cast(pmod(xxhash64(n, 6), 1000000) / 100 + if(%s, 1, 0) as decimal(14,2)) as total"
                            .formatted(isChanged),
                    "if(n % 4 <> 0, pmod(xxhash64(n, 7), 50) / 100D, null) as discount",
                    "element_at(array('NEW', 'PAID', 'SHIPPED'), int(n % 3 + 1)) as status",
                    "timestamp_seconds(1600000000 + pmod(xxhash64(n, 8), 100000000)) as ordered_at",
                    "if(n % 3 <> 1, concat_ws(' ', hex(xxhash64(n, 9)), hex(xxhash64(n, 10))), null) as note");
        }

        void write(Dataset<Row> side, String at) {
            if (isDocuments) {
                side.write().mode("overwrite").text(at);
            } else {
                side.write().mode("overwrite").parquet(at);
            }
        }

        /** As Spark reads it by itself: documents as their text. */
        Dataset<Row> read(SparkSession session, String at) {
            return isDocuments
                    ? session.read().text(at).selectExpr("get_json_object(value, '$.id') as id", "value")
                    : session.read().parquet(at);
        }

        String title() {
            return isDocuments ? "documents of 2 kB" : "flat records";
        }
    }

    private static String workspace(boolean isDocuments, String key) {
        return """
                format: 1
                workspace: bench
                store: store
                sources:
                  here: {files: live}
                rules: [none.rules]
                datasets:
                  %s: {source: here, path: %s, format: %s, key: %s}
                """.formatted(NAME, NAME, isDocuments ? "json" : "parquet", key);
    }

    private Workplace workplace(Pair pair, String name, String key) {
        try {
            Path file = Files.createDirectories(folder).resolve(name + "-" + WorkspaceReader.FILE_NAME);
            Files.writeString(folder.resolve("none.rules"), "rules: []\n");
            Files.writeString(file, workspace(pair.isDocuments(), key));
            return new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "bench", master, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException("could not write the workspace", e);
        }
    }

    private String at(String name) {
        return folder.resolve(name).toUri().toString().replaceAll("/$", "");
    }

    // ---- what is measured

    private void measure(Pair pair) {
        emptied(folder);
        Workplace workplace = workplace(pair, "keyed", "[id]");
        SparkSession session = workplace.session();
        String before = at("before");
        String live = at("live/" + NAME);
        pair.write(pair.side(session, 0, false), before);
        pair.write(pair.side(session, 0, false), live);
        captures(pair, workplace, live);
        for (double percent : changed) {
            pair.write(pair.side(session, percent, true), live);
            compare(pair, workplace, percent, before, live);
        }
    }

    private void captures(Pair pair, Workplace workplace, String live) {
        if (without.contains("capture")) {
            take(workplace);
            return;
        }
        SparkSession session = workplace.session();
        Workplace keyless = workplace(pair, "keyless", "[]");
        Map<String, Runnable> contenders = new LinkedHashMap<>();
        contenders.put(
                "plain write of Parquet",
                () -> pair.read(session, live)
                        .write()
                        .mode("overwrite")
                        .option("compression", "zstd")
                        .parquet(at("copy")));
        contenders.put("take, without a key: no hashes kept", () -> take(keyless));
        contenders.put("take, with the hashes kept", () -> take(workplace));
        table("%d %s, capture".formatted(pair.size(), pair.title()), measured(contenders), "");
        deleted(folder.resolve("store"));
        take(workplace);
    }

    private static void take(Workplace workplace) {
        workplace.taker().take(workplace.datasets(List.of()), captured -> Verdict.INCONCLUSIVE);
    }

    private void compare(Pair pair, Workplace workplace, double percent, String before, String live) {
        SparkSession session = workplace.session();
        long[] planted = planted(pair, session, percent);
        Map<String, Runnable> contenders = new LinkedHashMap<>();
        contenders.put("Spark, scan of live", () -> scan(pair.read(session, live)));
        contenders.put("Spark, scan of both sides", () -> {
            scan(pair.read(session, before));
            scan(pair.read(session, live));
        });
        contenders.put("Lastgood, two folders", () -> diff(workplace, before, live, Strategy.Way.MADE, planted));
        contenders.put(
                "Lastgood, live and snapshot", () -> diff(workplace, "latest", "live", Strategy.Way.KEPT, planted));
        if (!without.contains("join")) {
            contenders.put("Spark, sort-merge join", () -> join(pair, session, before, live, "merge"));
            contenders.put("Spark, shuffled hash join", () -> join(pair, session, before, live, "shuffle_hash"));
        }
        if (!without.contains("duckdb")) {
            contenders.put("DuckDB, full outer join", () -> duckdb(pair, before, live));
        }
        table(
                "%d %s a side, %s %% changed: %d changed, %d removed, %d added"
                        .formatted(pair.size(), pair.title(), percent, planted[0], planted[1], planted[2]),
                measured(contenders),
                "Spark, scan of both sides");
    }

    /** Changed, removed, added. */
    private static long[] planted(Pair pair, SparkSession session, double percent) {
        long share = Math.round(percent * MILLION / 100);
        Row row = session.range(0, pair.size())
                .selectExpr("pmod(xxhash64(id, 77), %d) as draw".formatted(MILLION))
                .selectExpr(
                        "count_if(draw < %d)".formatted(share),
                        "count_if(draw between %d and %d - 1)".formatted(share, share + share / 2))
                .head();
        return new long[] {row.getLong(0), row.getLong(1), pair.size() * share / 2 / MILLION};
    }

    private static void scan(Dataset<Row> rows) {
        rows.selectExpr("xxhash64(*)").write().format("noop").mode("overwrite").save();
    }

    private void diff(Workplace workplace, String base, String other, Strategy.Way way, long[] planted) {
        Path file = folder.resolve("diff.jsonl");
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            DiffJob.Difference found =
                    new DiffJob(workplace).diff(workplace.datasets(List.of()), base, other, line -> write(lines, line));
            Auditor.DatasetTally tally = found.datasets().get(0);
            long[] counted = {tally.changed(), tally.removed(), tally.added()};
            Strategy.Way taken = Objects.requireNonNull(found.ways().get(NAME)).way();
            if (!Arrays.equals(planted, counted) || taken != way) {
                throw new IllegalStateException("planted %s, found %s, by %s"
                        .formatted(Arrays.toString(planted), Arrays.toString(counted), taken));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not write " + file, e);
        }
    }

    private static void write(BufferedWriter lines, String line) {
        try {
            lines.write(line);
            lines.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException("could not write a line", e);
        }
    }

    private void join(Pair pair, SparkSession session, String before, String live, String hint) {
        Dataset<Row> one = pair.read(session, before);
        Dataset<Row> other = pair.read(session, live);
        Column same = lit(true);
        List<Column> both = new ArrayList<>();
        for (String name : one.columns()) {
            same = same.and(col("b." + name).eqNullSafe(col("a." + name)));
            both.add(col("b." + name).alias("before_" + name));
            both.add(col("a." + name).alias("after_" + name));
        }
        one.alias("b")
                .join(other.alias("a").hint(hint), col("b.id").equalTo(col("a.id")), "full_outer")
                .where(not(same))
                .select(both.toArray(Column[]::new))
                .write()
                .mode("overwrite")
                .parquet(at("joined"));
    }

    private void duckdb(Pair pair, String before, String live) {
        String side = pair.isDocuments()
                ? "(select json->>'$.id' as id, json as value from read_json_objects('%s/*.txt',"
                        + " format = 'newline_delimited'))"
                : "read_parquet('%s/*.parquet')";
        String query = "copy (select b as before, a as after from %s b full outer join %s a on b.id = a.id"
                + " where b is distinct from a) to '%s' (format parquet)";
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("set threads = " + Runtime.getRuntime().availableProcessors());
            statement.execute(query.formatted(
                    side.formatted(path(before)), side.formatted(path(live)), folder.resolve("duckdb.parquet")));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path path(String uri) {
        return Path.of(java.net.URI.create(uri));
    }

    // ---- measuring

    /**
     * What a run took.
     *
     * @param wall seconds on the clock
     * @param cpu seconds of all threads of the process on a processor, which move less where others use the machine
     */
    private record Cost(double wall, double cpu) {}

    /** Round by round, so that whatever else the machine does meets all alike; the first round does not count. */
    private Map<String, Cost> measured(Map<String, Runnable> contenders) {
        var process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Map<String, List<Cost>> costs = new LinkedHashMap<>();
        for (int round = -1; round < runs; round++) {
            for (Map.Entry<String, Runnable> contender : contenders.entrySet()) {
                System.gc();
                long wall = System.nanoTime();
                long cpu = process.getProcessCpuTime();
                contender.getValue().run();
                Cost cost = new Cost((System.nanoTime() - wall) / SECOND, (process.getProcessCpuTime() - cpu) / SECOND);
                System.err.printf("%s: %.2f s, CPU %.2f s%n", contender.getKey(), cost.wall(), cost.cpu());
                if (round >= 0) {
                    costs.computeIfAbsent(contender.getKey(), name -> new ArrayList<>())
                            .add(cost);
                }
            }
        }
        Map<String, Cost> medians = new LinkedHashMap<>();
        costs.forEach((name, all) -> medians.put(name, new Cost(median(all, Cost::wall), median(all, Cost::cpu))));
        return medians;
    }

    private static double median(List<Cost> costs, ToDoubleFunction<Cost> of) {
        double[] sorted = costs.stream().mapToDouble(of).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** @param second what the last column of multiples is about; empty if nothing */
    private void table(String title, Map<String, Cost> medians, String second) {
        Cost first = medians.values().iterator().next();
        Cost both = second.isEmpty() ? first : Objects.requireNonNull(medians.get(second));
        String line = "%-38s %9s %9s %9s %9s %9s %9s%n";
        out.printf("%n%s%n" + line, title, "", "seconds", "× first", "× both", "CPU s", "× first", "× both");
        medians.forEach((name, cost) -> out.printf(
                line,
                name,
                "%.2f".formatted(cost.wall()),
                "%.2f".formatted(cost.wall() / first.wall()),
                second.isEmpty() ? "" : "%.2f".formatted(cost.wall() / both.wall()),
                "%.2f".formatted(cost.cpu()),
                "%.2f".formatted(cost.cpu() / first.cpu()),
                second.isEmpty() ? "" : "%.2f".formatted(cost.cpu() / both.cpu())));
        out.flush();
    }

    private static void emptied(Path folder) {
        deleted(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("could not make " + folder, e);
        }
    }

    private static void deleted(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not empty " + folder, e);
        }
    }
}
