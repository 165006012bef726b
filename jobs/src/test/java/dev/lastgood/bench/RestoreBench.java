package dev.lastgood.bench;

import dev.lastgood.PostgresForTests;
import dev.lastgood.job.PlanJob;
import dev.lastgood.job.RestoreJob;
import dev.lastgood.job.Selection;
import dev.lastgood.job.Workplace;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Receipt;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What planning, applying and undoing a restore costs on PostgreSQL, against plain batched updates of the same rows, a
 * transaction for each hundred of them as in a restore; all in one run, because only such figures can be compared.
 */
@Command(name = "restore-bench", description = "Measures restores.", mixinStandardHelpOptions = true)
public final class RestoreBench implements Callable<Integer> {
    @Option(names = "--steps", paramLabel = "N", description = "damaged rows (default: ${DEFAULT-VALUE})")
    int steps = 100_000;

    @Option(names = "--records", paramLabel = "N", description = "rows (default: ${DEFAULT-VALUE})")
    int records = 200_000;

    @Option(names = "--runs", paramLabel = "N", description = "measured runs, after one (default: ${DEFAULT-VALUE})")
    int runs = 3;

    @Option(names = "--plan-only", description = "nothing is applied and undone")
    boolean planOnly;

    @Option(names = "--folder", paramLabel = "DIR", description = "emptied, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "restore-bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[*]";

    private static final int ROWS_A_TRANSACTION = 100;
    private static final double SECOND = 1_000_000_000;
    private static final double MEGABYTE = 1 << 20;

    private final PrintWriter out;
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    RestoreBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new RestoreBench(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException, SQLException {
        empty();
        sql(
                "drop schema if exists bench cascade",
                "create schema bench",
                "create table bench.orders (id int primary key, customer int, status text, total numeric(12,2), note text,"
                        + " placed timestamptz)",
                "insert into bench.orders select i, i % 977, 'PAID', i + 0.25, 'note of order ' || i,"
                        + " timestamptz '2026-01-01 00:00:00+00' + i * interval '1 minute'"
                        + " from generate_series(1, " + records + ") i",
                "vacuum analyze bench.orders");
        Workplace workplace = workplace();
        workplace.taker().take(workplace.datasets(List.of()), captured -> Verdict.PASS);
        damage();
        workplace.auditJob().run(workplace.datasets(List.of()), "", Severity.ERROR);
        double kept = 0;
        for (int round = -1; round < runs; round++) {
            boolean counts = round >= 0;
            timed("plain updates", counts, this::plainUpdates);
            damage();
            double before = used();
            PlanFiles.Stored[] plan = new PlanFiles.Stored[1];
            timed("plan", counts, () -> plan[0] = new PlanJob(workplace).plan(Selection.all()));
            kept = used() - before;
            if (planOnly) {
                if (plan[0].plan().steps().size() != steps) {
                    throw new IllegalStateException(plan[0].id());
                }
                continue;
            }
            RestoreJob restore = new RestoreJob(workplace);
            restore.approve(plan[0].id(), Set.of(), null);
            timed(
                    "apply, with its verification",
                    counts,
                    () -> done(restore.apply(plan[0].id(), new Applier.Watch() {})));
            timed(
                    "undo, with its verification",
                    counts,
                    () -> done(restore.undo(plan[0].id(), new Applier.Watch() {})));
        }
        double plain = median("plain updates");
        out.printf("%d steps in %d rows, %s; median of %d after 1%n%n", steps, records, master, runs);
        out.printf("%-30s %9s %16s%n", "", "seconds", "x plain updates");
        seconds.keySet().forEach(name -> out.printf("%-30s %9.2f %16.1f%n", name, median(name), median(name) / plain));
        out.printf("%nthe plan in memory: %.0f MB, %.1f kB a step%n", kept, kept * 1024 / steps);
        out.flush();
        return 0;
    }

    private void empty() throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(java.util.Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
        Files.createDirectories(folder);
    }

    private Workplace workplace() throws IOException {
        Files.writeString(
                folder.resolve("rules.yaml"), "rules:\n  - {id: total, dataset: orders, field: total, min: 0}\n");
        Path file = folder.resolve("lastgood.yaml");
        Files.writeString(file, """
            format: 1
            workspace: bench
            store: store
            rules: [rules.yaml]
            sources:
              db: {jdbc: '%1$s', user: %2$s, confirm: never, write: {user: %2$s}}
            datasets:
              orders:
                source: db
                table: bench.orders
                key: [id]
                split: {by: id, into: 4}
                restore: {write: in_place}
            """.formatted(PostgresForTests.url(), PostgresForTests.USER));
        return new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "bench", master, Map.of());
    }

    private void damage() {
        sql("update bench.orders set total = -abs(total) where id <= " + steps);
    }

    private void plainUpdates() {
        try (Connection connection = PostgresForTests.connect();
                PreparedStatement update =
                        connection.prepareStatement("update bench.orders set total = ? where id = ?")) {
            connection.setAutoCommit(false);
            for (int id = 1; id <= steps; id++) {
                update.setBigDecimal(1, new java.math.BigDecimal(id + ".25"));
                update.setInt(2, id);
                update.addBatch();
                if (id % ROWS_A_TRANSACTION == 0 || id == steps) {
                    update.executeBatch();
                    connection.commit();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void done(Receipt receipt) {
        if (receipt.done() != steps || receipt.verified() != steps) {
            throw new IllegalStateException(receipt.json().toString());
        }
    }

    private void timed(String name, boolean counts, Runnable work) {
        System.gc();
        long start = System.nanoTime();
        work.run();
        double took = (System.nanoTime() - start) / SECOND;
        System.err.printf("%s: %.2f s%n", name, took);
        if (counts) {
            seconds.computeIfAbsent(name, any -> new ArrayList<>()).add(took);
        }
    }

    private double median(String name) {
        double[] sorted = seconds.getOrDefault(name, List.of()).stream()
                .mapToDouble(one -> one)
                .toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / MEGABYTE;
    }

    private static void sql(String... statements) {
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
