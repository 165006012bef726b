package dev.lastgood.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import dev.lastgood.WorkOf;
import dev.lastgood.audit.Auditor;
import dev.lastgood.job.AuditJob;
import dev.lastgood.job.DiffJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
 * What a diff and audits of a folder of Parquet against a snapshot cost, as multiples of what Spark takes to read both sides
 * and to join them; all in one run, because only such figures can be compared. What is measured is checked: every run must
 * find exactly what {@link Orders} planted.
 */
@Command(name = "bench", description = "Measures diff and audit.", mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {
    static final String SCAN = "scan of both sides";
    static final String JOIN = "full outer join";
    static final String DIFF = "diff";

    private static final double MEGABYTE = 1_000_000;
    private static final double SECOND = 1_000_000_000;

    @Option(
            names = "--records",
            paramLabel = "N",
            description = "records a side, a multiple of 400 (default: ${DEFAULT-VALUE})")
    long records = 5_000_000;

    @Option(names = "--runs", paramLabel = "N", description = "measured runs of each (default: ${DEFAULT-VALUE})")
    int runs = 5;

    @Option(names = "--warm-ups", paramLabel = "N", description = "runs before those (default: ${DEFAULT-VALUE})")
    int warmUps = 1;

    @Option(
            names = "--rules",
            split = ",",
            paramLabel = "N",
            description = "an audit for each number of record rules (default: 1,10,100)")
    List<Integer> rules = List.of(1, 10, 100);

    @Option(names = "--folder", paramLabel = "DIR", description = "emptied, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[*]";

    @Option(names = "--conf", paramLabel = "NAME=VALUE", description = "a setting of Spark; may be given several times")
    Map<String, String> conf = new LinkedHashMap<>();

    private final PrintWriter out;
    private final PrintWriter progress;

    /** @param progress gets a line a run, while it lasts */
    Bench(PrintWriter out, PrintWriter progress) {
        this.out = out;
        this.progress = progress;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var progress = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new Bench(out, progress)).execute(args));
    }

    /** What a run took: seconds on the clock, and seconds of all threads on a processor. */
    record Cost(double wall, double cpu) {}

    /** Something measured: what each run took, what Spark did in the last, and what was found. */
    record Measured(String name, List<Cost> costs, WorkOf.Work work, Orders.Outcome outcome) {
        Measured {
            costs = List.copyOf(costs);
        }

        double median(ToDoubleFunction<Cost> of) {
            double[] sorted = costs.stream().mapToDouble(of).sorted().toArray();
            int middle = sorted.length / 2;
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        private String spread() {
            DoubleSummaryStatistics walls =
                    costs.stream().mapToDouble(Cost::wall).summaryStatistics();
            return "%.2f–%.2f".formatted(walls.getMin(), walls.getMax());
        }
    }

    /** Something to measure, and how to find out afterwards what it found. */
    private record Contender(String name, Supplier<Supplier<Orders.Outcome>> run, Orders.Outcome planted) {}

    @Override
    public Integer call() {
        measure();
        return 0;
    }

    /** Runs it all and prints the table. */
    List<Measured> measure() {
        Orders orders = new Orders(records);
        emptied(folder);
        Map<Integer, Workplace> workplaces = new TreeMap<>();
        rules.forEach(count -> workplaces.put(count, workplace(count)));
        Workplace plain = workplace(0);
        SparkSession session = plain.session();
        List<String> before = prepare(orders, plain);
        heading(session, before);
        List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender(SCAN, () -> scan(session, before), nothing()));
        contenders.add(new Contender(JOIN, () -> join(session, before), orders.planted(0)));
        contenders.add(new Contender(DIFF, () -> diff(plain), orders.planted(0)));
        workplaces.forEach((count, workplace) ->
                contenders.add(new Contender(audit(count), () -> audit(workplace), orders.planted(count))));
        List<Measured> measured = measured(session, contenders);
        table(measured);
        return measured;
    }

    static String audit(int rules) {
        return rules == 1 ? "audit, 1 rule" : "audit, %d rules".formatted(rules);
    }

    // ---- what is there

    private Workplace workplace(int count) {
        try {
            Path rulesFile = folder.resolve("rules-" + count + ".yaml");
            Path file = folder.resolve(count + "-" + WorkspaceReader.FILE_NAME);
            Files.writeString(
                    file,
                    Orders.workspace(count == 0 ? "" : rulesFile.getFileName().toString()));
            if (count > 0) {
                Files.writeString(rulesFile, Orders.rules(count));
            }
            return new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "bench", master, conf);
        } catch (IOException e) {
            throw new UncheckedIOException("could not write the workspace", e);
        }
    }

    private String live() {
        return folder.resolve("live").resolve(Orders.NAME).toUri().toString();
    }

    /** Takes the snapshot, then puts live in its state after. The files of the snapshot. */
    private List<String> prepare(Orders orders, Workplace workplace) {
        SparkSession session = workplace.session();
        orders.before(session).write().parquet(live());
        Manifest taken = workplace
                .taker()
                .take(workplace.datasets(List.of()), captured -> Verdict.INCONCLUSIVE)
                .manifests()
                .get(0);
        orders.after(session).write().mode("overwrite").parquet(live());
        return taken.files(FileEntry.Side.DATA).stream()
                .map(file -> workplace.store().location(taken.folder() + "/" + file.path()))
                .toList();
    }

    private static void emptied(Path folder) {
        try {
            if (Files.exists(folder)) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("could not empty " + folder, e);
        }
    }

    // ---- what is measured

    private static Orders.Outcome nothing() {
        return new Orders.Outcome(0, 0, 0, Map.of());
    }

    /** Every column of both sides as rows, handed to nobody. */
    private Supplier<Orders.Outcome> scan(SparkSession session, List<String> before) {
        for (Dataset<Row> side : List.of(parquet(session, before), parquet(session, List.of(live())))) {
            side.write().format("noop").mode("overwrite").save();
        }
        return Bench::nothing;
    }

    private static Dataset<Row> parquet(SparkSession session, List<String> files) {
        return session.read().parquet(files.toArray(String[]::new));
    }

    /** Spark's own way: whole records joined by their key, those that differ written down. */
    private Supplier<Orders.Outcome> join(SparkSession session, List<String> before) {
        Dataset<Row> one = parquet(session, before);
        Dataset<Row> other = parquet(session, List.of(live()));
        Column same = lit(true);
        List<Column> both = new ArrayList<>();
        for (String field : one.columns()) {
            same = same.and(col("b." + field).eqNullSafe(col("a." + field)));
            both.add(col("b." + field).alias("before_" + field));
            both.add(col("a." + field).alias("after_" + field));
        }
        String written = folder.resolve("joined").toUri().toString();
        one.alias("b")
                .hint("merge")
                .join(other.alias("a").hint("merge"), col("b.id").equalTo(col("a.id")), "full_outer")
                .where(not(same))
                .select(both.toArray(Column[]::new))
                .write()
                .mode("overwrite")
                .parquet(written);
        return () -> {
            Dataset<Row> differing = session.read().parquet(written);
            long added = differing.where("before_id is null").count();
            long removed = differing.where("after_id is null").count();
            return new Orders.Outcome(added, removed, differing.count() - added - removed, Map.of());
        };
    }

    /** As the command does it with {@code --out FILE}. */
    private Supplier<Orders.Outcome> diff(Workplace workplace) {
        Path file = folder.resolve("diff.jsonl");
        DiffJob.Difference difference;
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            difference = new DiffJob(workplace)
                    .diff(workplace.datasets(List.of()), "latest", "live", line -> write(lines, line));
        } catch (IOException e) {
            throw new UncheckedIOException("could not write " + file, e);
        }
        return () -> {
            Auditor.DatasetTally tally = difference.datasets().get(0);
            requireEqual(file + ": lines", tally.added() + tally.removed() + tally.changed(), lines(file));
            return new Orders.Outcome(tally.added(), tally.removed(), tally.changed(), Map.of());
        };
    }

    private static void write(BufferedWriter lines, String line) {
        try {
            lines.write(line);
            lines.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException("could not write a line", e);
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException("could not read " + file, e);
        }
    }

    private static Supplier<Orders.Outcome> audit(Workplace workplace) {
        List<DatasetSpec> datasets = workplace.datasets(List.of());
        AuditJob.Audit audit = workplace.auditJob().run(datasets, "latest", Severity.ERROR);
        return () -> {
            workplace.store().delete("audits/" + audit.id());
            JsonNode tally = audit.document().get("datasets").get(0);
            Map<String, Long> findings = new TreeMap<>();
            for (JsonNode rule : audit.document().get("rules")) {
                if (!rule.get("outcome").asText().equals("PASS")) {
                    findings.put(rule.get("id").asText(), rule.get("violations").asLong());
                }
            }
            return new Orders.Outcome(
                    tally.get("added").asLong(),
                    tally.get("removed").asLong(),
                    tally.get("changed").asLong(),
                    findings);
        };
    }

    // ---- measuring

    /** Round by round, so that whatever else the machine does meets all alike. */
    private List<Measured> measured(SparkSession session, List<Contender> contenders) {
        Map<String, List<Cost>> costs = new LinkedHashMap<>();
        Map<String, Measured> measured = new LinkedHashMap<>();
        for (int round = -warmUps; round < runs; round++) {
            for (Contender contender : contenders) {
                System.gc();
                WorkOf.Done<Run> done = WorkOf.done(session, () -> run(contender));
                Orders.Outcome outcome = done.result().outcome().get();
                requireEqual(contender.name(), contender.planted(), outcome);
                Cost cost = done.result().cost();
                progress.printf("%s: %.2f s, %.2f CPU s%n", contender.name(), cost.wall(), cost.cpu());
                if (round >= 0) {
                    List<Cost> of = costs.computeIfAbsent(contender.name(), name -> new ArrayList<>());
                    of.add(cost);
                    measured.put(contender.name(), new Measured(contender.name(), of, done.work(), outcome));
                }
            }
        }
        return List.copyOf(measured.values());
    }

    private record Run(Cost cost, Supplier<Orders.Outcome> outcome) {}

    private static Run run(Contender contender) {
        var process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long wall = System.nanoTime();
        long cpu = process.getProcessCpuTime();
        Supplier<Orders.Outcome> outcome = contender.run().get();
        return new Run(
                new Cost((System.nanoTime() - wall) / SECOND, (process.getProcessCpuTime() - cpu) / SECOND), outcome);
    }

    private static void requireEqual(String what, Object planted, Object found) {
        if (!planted.equals(found)) {
            throw new IllegalStateException("%s: planted %s, found %s".formatted(what, planted, found));
        }
    }

    // ---- what is printed

    private void heading(SparkSession session, List<String> before) {
        out.printf(
                "%d cores, heap %d MB, Spark %s, Java %s%n",
                session.sparkContext().defaultParallelism(),
                Runtime.getRuntime().maxMemory() / (1 << 20),
                session.version(),
                Runtime.version());
        out.printf(
                "%d records a side, %d fields: 1 %% changed, 0.5 %% missing, 0.5 %% extra; median of %d, %d before%n%n",
                records, parquet(session, before).columns().length, runs, warmUps);
        out.flush();
    }

    private void table(List<Measured> measured) {
        Measured scan = named(measured, SCAN);
        Measured join = named(measured, JOIN);
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "",
                "seconds",
                "least–most",
                "× scan",
                "× join",
                "CPU s",
                "× scan",
                "× join",
                "jobs",
                "stages",
                "scans",
                "records read",
                "shuffled MB",
                "spilled MB"));
        for (Measured one : measured) {
            WorkOf.Work work = one.work();
            rows.add(List.of(
                    one.name(),
                    "%.2f".formatted(one.median(Cost::wall)),
                    one.spread(),
                    "%.1f".formatted(ratio(one, scan, Cost::wall)),
                    "%.2f".formatted(ratio(one, join, Cost::wall)),
                    "%.2f".formatted(one.median(Cost::cpu)),
                    "%.1f".formatted(ratio(one, scan, Cost::cpu)),
                    "%.2f".formatted(ratio(one, join, Cost::cpu)),
                    Integer.toString(work.jobs()),
                    Integer.toString(work.stages()),
                    Integer.toString(work.scans().size()),
                    Long.toString(work.recordsRead()),
                    "%.0f".formatted(work.shuffledBytes() / MEGABYTE),
                    "%.0f".formatted(work.spilledBytes() / MEGABYTE)));
        }
        print(rows);
        if (rules.size() > 1) {
            Measured few = named(measured, audit(Collections.min(rules)));
            Measured many = named(measured, audit(Collections.max(rules)));
            out.printf(
                    "%n%s cost %.2f times as much as %s (%.2f times the CPU)%n",
                    many.name(), ratio(many, few, Cost::wall), few.name(), ratio(many, few, Cost::cpu));
        }
        out.flush();
    }

    private static double ratio(Measured one, Measured other, ToDoubleFunction<Cost> of) {
        return one.median(of) / other.median(of);
    }

    private void print(List<List<String>> rows) {
        int[] widths = new int[rows.get(0).size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(("%-" + widths[0] + "s").formatted(row.get(0)));
            for (int i = 1; i < widths.length; i++) {
                line.append("  ").append(("%" + widths[i] + "s").formatted(row.get(i)));
            }
            out.println(line);
        }
    }

    private static Measured named(List<Measured> measured, String name) {
        return measured.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
