package dev.lastgood.bench;

import dev.lastgood.job.VerifyJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What taking and verifying snapshots costs, against a plain scan of the same files and a plain copy of them by Spark; all
 * in one run, because only such figures can be compared.
 */
@Command(name = "snapshot-bench", description = "Measures snapshots.", mixinStandardHelpOptions = true)
public final class SnapshotBench implements Callable<Integer> {
    @Option(names = "--records", paramLabel = "N", description = "a multiple of 400 (default: ${DEFAULT-VALUE})")
    long records = 2_000_000;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "measured runs of each, after one (default: ${DEFAULT-VALUE})")
    int runs = 3;

    @Option(names = "--folder", paramLabel = "DIR", description = "emptied, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "snapshot-bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[*]";

    private final PrintWriter out;

    SnapshotBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new SnapshotBench(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("none.rules"), "rules: []\n");
        Path file = folder.resolve(WorkspaceReader.FILE_NAME);
        Files.writeString(file, Orders.workspace("none.rules"));
        Workplace workplace =
                new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "bench", master, Map.of());
        SparkSession session = workplace.session();
        String live = folder.resolve("live").resolve(Orders.NAME).toUri().toString();
        new Orders(records).before(session).write().mode("overwrite").parquet(live);
        List<SnapshotId> taken = new ArrayList<>();
        Map<String, Runnable> contenders = new LinkedHashMap<>();
        contenders.put("scan", () -> sink(session.read().parquet(live)));
        contenders.put(
                "copy of the bytes", () -> copyOfBytes(folder.resolve("live").resolve(Orders.NAME)));
        contenders.put(
                "copy by Spark",
                () -> session.read()
                        .parquet(live)
                        .write()
                        .mode("overwrite")
                        .option("compression", "zstd")
                        .parquet(folder.resolve("copy").toUri().toString()));
        contenders.put(
                "snapshot take",
                () -> taken.add(workplace
                        .taker()
                        .take(workplace.datasets(List.of()), captured -> Verdict.INCONCLUSIVE)
                        .snapshot()));
        contenders.put(
                "scan of the snapshot",
                () -> sink(session.read()
                        .parquet(workplace.store().location(Manifest.folder(Orders.NAME, last(taken)) + "/data"))));
        for (Level level : List.of(Level.L0, Level.L2, Level.L3)) {
            contenders.put("verify " + level, () -> verify(workplace, last(taken), level));
        }
        Rounds rounds = Rounds.of(contenders, runs);
        out.printf("%d records, 12 fields, %s; median of %d after 1%n%n", records, master, runs);
        rounds.table("scan", out);
        return 0;
    }

    private static SnapshotId last(List<SnapshotId> taken) {
        return taken.get(taken.size() - 1);
    }

    private static void sink(Dataset<Row> rows) {
        rows.write().format("noop").mode("overwrite").save();
    }

    private void copyOfBytes(Path live) {
        try (var files = Files.list(live)) {
            Path to = Files.createDirectories(folder.resolve("bytes"));
            for (Path one : files.toList()) {
                Files.copy(one, to.resolve(one.getFileName()), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not copy", e);
        }
    }

    private static void verify(Workplace workplace, SnapshotId id, Level level) {
        Verdict verdict = new VerifyJob(workplace)
                .only(workplace.datasets(List.of()).get(0), id.text(), level)
                .report()
                .verdict();
        if (verdict != Verdict.PASS) {
            throw new IllegalStateException("%s of %s: %s".formatted(level, id, verdict));
        }
    }
}
