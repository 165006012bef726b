package dev.lastgood.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lastgood.job.AdoptJob;
import dev.lastgood.job.BackupFormat;
import dev.lastgood.job.Damages;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.ByteVerification;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotFiles;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.spark.Together;
import dev.lastgood.store.AdoptedFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What becomes of damaged backup files that are read by Spark as it comes, with a schema and without a manifest; and what
 * verification of the adopted backup says of the same files. A program that finds one damage less than was done fails.
 */
@Command(name = "damage-bench", description = "Reads damaged backups.", mixinStandardHelpOptions = true)
public final class DamageBench implements Callable<Integer> {
    @Option(names = "--cases", paramLabel = "N", description = "of each format and damage (default: ${DEFAULT-VALUE})")
    int cases = 20;

    @Option(names = "--records", paramLabel = "N", description = "of each backup (default: ${DEFAULT-VALUE})")
    long records = 6_000;

    @Option(names = "--seed", paramLabel = "N", description = "of what is damaged (default: ${DEFAULT-VALUE})")
    long seed = 1;

    @Option(names = "--folder", paramLabel = "DIR", description = "emptied, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "damage-bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[2]";

    private final PrintWriter out;

    DamageBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new DamageBench(out)).execute(args));
    }

    /** What readings came to: refused with an error, records that were never written, no difference. */
    private record Readings(int errors, int wrong, int same) {
        static final Readings NONE = new Readings(0, 0, 0);

        Readings plus(Readings other) {
            return new Readings(errors + other.errors, wrong + other.wrong, same + other.same);
        }

        @Override
        public String toString() {
            return "%d / %d / %d".formatted(errors, wrong, same);
        }
    }

    private enum Outcome {
        ERROR,
        WRONG,
        SAME
    }

    private final Map<Damages.Kind, Map<BackupFormat, Readings>> table = new LinkedHashMap<>();
    private int damaged;
    private int found;

    @Override
    public Integer call() throws IOException {
        folder = folder.toAbsolutePath().normalize();
        if (Files.exists(folder)) {
            Damages.delete(folder);
        }
        Files.createDirectories(folder);
        SparkSession spark = SparkSession.builder()
                .master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate()
                .newSession();
        Workplace workplace = workplace();
        Random random = new Random(seed);
        for (BackupFormat format : BackupFormat.values()) {
            format.write(spark, place("older", format), 1, records);
            format.write(spark, place("pristine", format), 2, records);
            Damages.restore(place("pristine", format), place("backups", format));
            Snapshot snapshot = adopt(workplace, format);
            Row sound = read(spark, format, place("pristine", format));
            for (Damages.Kind kind : Damages.Kind.values()) {
                Readings readings = damaged(spark, workplace, format, snapshot, sound, kind, random);
                table.computeIfAbsent(kind, one -> new LinkedHashMap<>()).put(format, readings);
                System.err.printf("%s, %s: %s%n", format, kind, readings);
            }
        }
        print();
        return found == damaged ? 0 : 1;
    }

    private Path place(String what, BackupFormat format) {
        return folder.resolve(what).resolve(format.dataset());
    }

    private Workplace workplace() throws IOException {
        StringBuilder datasets = new StringBuilder();
        for (BackupFormat format : BackupFormat.values()) {
            datasets.append("  %1$s: {source: lake, path: %1$s, format: %2$s, key: [id]}\n"
                    .formatted(format.dataset(), format.format()));
        }
        Path file = folder.resolve("lastgood.yaml");
        Files.writeString(
                file,
                "format: 1\nworkspace: shop\nstore: store\nsources: {lake: {files: live}}\ndatasets:\n" + datasets);
        return new Workplace(Workplace.read(file, Map.of()), Clock.systemUTC(), "bench", master, Map.of());
    }

    private Snapshot adopt(Workplace workplace, BackupFormat format) {
        Manifest manifest = new AdoptJob(workplace)
                .adopt(
                        workplace.datasets(List.of(format.dataset())).get(0),
                        new AdoptJob.Said(
                                place("backups", format).toString(),
                                null,
                                null,
                                null,
                                null,
                                Map.of(),
                                Instant.parse("2026-01-01T00:00:00Z")))
                .manifest();
        return workplace
                .catalog()
                .state()
                .resolve(format.dataset(), manifest.snapshot().text());
    }

    /** Damages the backup again and again, has it verified, and sets it aside to be read. */
    private Readings damaged(
            SparkSession spark,
            Workplace workplace,
            BackupFormat format,
            Snapshot snapshot,
            Row sound,
            Damages.Kind kind,
            Random random)
            throws IOException {
        SnapshotFiles files = AdoptedFiles.of(
                workplace.store(),
                snapshot.folder(),
                snapshot.origin(),
                () -> snapshot.manifest(workplace.store()),
                new Configuration());
        Path backup = place("backups", format);
        List<String> names = Damages.records(place("pristine", format));
        List<Path> aside = new ArrayList<>();
        for (int i = 0; i < cases; i++) {
            String file = names.get(random.nextInt(names.size()));
            Damages.Done done = Damages.to(backup, place("older", format), file, kind, random);
            damaged++;
            found += isFound(done, backup, ByteVerification.bytes(snapshot, workplace.store(), files)) ? 1 : 0;
            Path one = folder.resolve("case-" + i);
            Damages.restore(backup, one);
            aside.add(one);
            Damages.restore(place("pristine", format), backup);
        }
        List<Outcome> outcomes = Together.each(aside, one -> outcome(spark, format, one, sound));
        for (Path one : aside) {
            Damages.delete(one);
        }
        return new Readings(
                number(outcomes, Outcome.ERROR), number(outcomes, Outcome.WRONG), number(outcomes, Outcome.SAME));
    }

    /** Every damaged file is named with its kind. */
    private static boolean isFound(Damages.Done done, Path backup, VerificationReport report) {
        List<String> named = report.damages().stream()
                .map((Damage damage) -> damage.file().replace("file:" + backup + "/", "") + " " + damage.kind())
                .toList();
        return report.verdict() == Verdict.FAIL && named.equals(done.l2());
    }

    private static int number(List<Outcome> outcomes, Outcome outcome) {
        return (int) outcomes.stream().filter(one -> one == outcome).count();
    }

    private static Outcome outcome(SparkSession spark, BackupFormat format, Path backup, Row sound) {
        try {
            return read(spark, format, backup).equals(sound) ? Outcome.SAME : Outcome.WRONG;
        } catch (Exception e) {
            return Outcome.ERROR;
        }
    }

    /** How many records there are, and a sum over all of them. */
    private static Row read(SparkSession spark, BackupFormat format, Path backup) {
        Dataset<Row> rows = spark.read()
                .schema(BackupFormat.COLUMNS + ", day STRING")
                .options(format.options())
                .format(format.format())
                .load(backup.toString());
        Column[] all = Arrays.stream(rows.columns()).map(name -> col(name)).toArray(Column[]::new);
        return rows.agg(count(lit(1)), sum(xxhash64(all).cast("decimal(38,0)"))).head();
    }

    private void print() {
        List<BackupFormat> formats = List.of(BackupFormat.values());
        out.printf(
                "%d damaged backups of %d records in 6 files; of each format and damage %d; seed %d.%n",
                damaged, records, cases, seed);
        out.println("Read by Spark as it comes: error / silently wrong / no difference.");
        out.println();
        out.println("| damage | "
                + String.join(" | ", formats.stream().map(DamageBench::title).toList()) + " |");
        out.println("|---|" + "---|".repeat(formats.size()));
        Map<BackupFormat, Readings> totals = new LinkedHashMap<>();
        table.forEach((kind, readings) -> {
            readings.forEach((format, one) -> totals.merge(format, one, Readings::plus));
            line(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), formats, readings);
        });
        line("all", formats, totals);
        Readings all = totals.values().stream().reduce(Readings.NONE, Readings::plus);
        out.println();
        out.printf(
                Locale.ROOT,
                "Silently wrong: %d of %d (%.0f %%). Found by verification, each damaged file with its kind: %d of %d.%n",
                all.wrong(),
                damaged,
                100.0 * all.wrong() / damaged,
                found,
                damaged);
        out.flush();
    }

    private void line(String name, List<BackupFormat> formats, Map<BackupFormat, Readings> readings) {
        List<String> cells = formats.stream()
                .map(format -> String.valueOf(readings.get(format)))
                .toList();
        out.println("| " + name + " | " + String.join(" | ", cells) + " |");
    }

    private static String title(BackupFormat format) {
        return switch (format) {
            case PARQUET -> "Parquet";
            case PARQUET_SNAPPY -> "Parquet snappy";
            case PARQUET_ZSTD -> "Parquet zstd";
            case ORC -> "ORC";
            case JSON -> "JSON Lines";
            case JSON_GZIP -> "JSON Lines gzip";
            case CSV -> "CSV";
            case AVRO -> "Avro";
        };
    }
}
