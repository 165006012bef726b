package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.repeat;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.audit.Auditor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is large in one way: records, fields, differences, or what one key brings together. */
@Tag("full")
@ExtendWith(SparkForTests.class)
class LargeInputTest {
    @TempDir
    Path folder;

    /** Two folders compared as the live files of a dataset. */
    private static List<String> diff(Path folder, String dataset, String before, String after) {
        List<String> lines = new ArrayList<>();
        DiffJob.Difference difference = diff(folder, dataset, before, after, lines::add);
        Auditor.DatasetTally tally = difference.datasets().get(0);
        lines.add(0, "%d added, %d removed, %d changed".formatted(tally.added(), tally.removed(), tally.changed()));
        return lines;
    }

    private static DiffJob.Difference diff(
            Path folder, String dataset, String before, String after, DiffJob.Sink sink) {
        Workplace workplace = WorkspaceForTests.in(folder, dataset).workplace();
        return new DiffJob(workplace)
                .diff(
                        workplace.datasets(List.of()),
                        folder.resolve("data").resolve(before).toString(),
                        folder.resolve("data").resolve(after).toString(),
                        sink);
    }

    private void write(Dataset<Row> rows, String to) {
        rows.write().parquet(folder.resolve("data").resolve(to).toString());
    }

    @Test
    void nine_records_of_ten_in_one_partition_and_of_one_parent(SparkSession spark) {
        int records = 300_000;
        Column parent = when(col("id").mod(10).equalTo(0), col("id").mod(1000)).otherwise(lit(7));
        Dataset<Row> orders =
                spark.range(0, records, 1, 1).select(col("id"), parent.alias("customer"), lit("x").alias("kind"));
        write(
                orders.where("id % 10 = 1")
                        .repartition(8)
                        .unionAll(orders.where("id % 10 <> 1").coalesce(1)),
                "orders");
        write(spark.range(0, 1000).select(col("id")), "customers");
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                        customers: {source: here, path: customers, format: parquet, key: [id]}
                        orders: {source: here, path: orders, format: parquet, key: [id]}
                        """).rules("""
                        - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
                        - {id: alone, dataset: orders, depends: {from: [customer], to: [kind]}}
                        """);
        bench.take();
        // The parent of nearly all of them goes.
        spark.range(0, 1000)
                .where("id <> 7")
                .select(col("id"))
                .write()
                .mode("overwrite")
                .parquet(folder.resolve("data/customers").toString());

        Workplace workplace = bench.workplace();
        AuditJob.Audit audit =
                workplace.auditJob().run(workplace.datasets(List.of()), "", dev.lastgood.rule.Severity.ERROR);

        JsonNode parents = audit.document().get("rules").get(0);
        assertThat(parents.get("examined").asLong()).isEqualTo(records);
        assertThat(parents.get("violations").asLong())
                .as("it is the parent that is missing")
                .isEqualTo(1);
    }

    @Test
    void records_of_a_megabyte() throws IOException {
        String dataset = "things: {source: here, path: none, format: json, key: [id]}\n";
        for (String side : List.of("before", "after")) {
            Files.createDirectories(folder.resolve("data").resolve(side));
            Files.write(
                    folder.resolve("data").resolve(side).resolve("things.json"),
                    IntStream.range(0, 60).mapToObj(id -> document(id, side)).toList());
        }

        List<String> lines = diff(folder, dataset, "before", "after");

        assertThat(lines.get(0)).isEqualTo("0 added, 0 removed, 2 changed");
        assertThat(lines.subList(1, 3)).allSatisfy(line -> {
            JsonNode change = WorkspaceForTests.json(line);
            assertThat(change.get("fields")).hasSize(1);
            assertThat(change.get("fields").get(0).get("path").asText()).isEqualTo("lines[9999].amount");
        });
    }

    private static String document(int id, String side) {
        String lines = IntStream.range(0, 10_000)
                .mapToObj(i -> "{\"no\":%d,\"text\":\"%s\",\"amount\":%d}"
                        .formatted(i, "x".repeat(70), i == 9999 && id % 30 == 5 && side.equals("after") ? -1 : id + i))
                .collect(Collectors.joining(","));
        return "{\"id\":%d,\"lines\":[%s]}".formatted(id, lines);
    }

    @Test
    void records_of_ten_thousand_fields() throws IOException {
        int fields = 10_000;
        String header =
                "id," + IntStream.range(1, fields).mapToObj(i -> "f" + i).collect(Collectors.joining(","));
        for (String side : List.of("before", "after")) {
            List<String> lines = new ArrayList<>(List.of(header));
            for (int id = 0; id < 20; id++) {
                int record = id;
                lines.add(id + ","
                        + IntStream.range(1, fields)
                                .mapToObj(i -> i == 9_999 && record == 3 ? side : "v" + (i * record))
                                .collect(Collectors.joining(",")));
            }
            Files.createDirectories(folder.resolve("data").resolve(side));
            Files.write(folder.resolve("data").resolve(side).resolve("wide.csv"), lines);
        }

        List<String> lines =
                diff(folder, "wide: {source: here, path: none, format: csv, key: [id]}\n", "before", "after");

        assertThat(lines.get(0)).isEqualTo("0 added, 0 removed, 1 changed");
        assertThat(lines.get(1)).contains("\"path\":\"f9999\"");
    }

    /** A process of its own, so that its heap is what it is given. */
    public static final class ManyDifferences {
        private ManyDifferences() {}

        public static void main(String[] arguments) {
            long[] lines = {0};
            Path folder = Path.of(arguments[0]);
            DiffJob.Difference difference = diff(
                    folder,
                    "things: {source: here, path: none, format: parquet, key: [id]}\n",
                    "before",
                    "after",
                    line -> lines[0]++);
            System.out.printf(
                    "%d lines, %d changed, %s%n",
                    lines[0],
                    difference.datasets().get(0).changed(),
                    difference.fields().values());
            System.exit(0);
        }
    }

    @Test
    void a_million_differences_in_a_small_heap(SparkSession spark) throws Exception {
        Dataset<Row> before = spark.range(0, 1_000_000, 1, 8)
                .select(
                        col("id"),
                        col("id").multiply(2).alias("n"),
                        repeat(lit("x"), 200).alias("text"));
        write(before, "before");
        write(
                before.withColumn("n", functions.negative(col("n").plus(1)))
                        .withColumn("text", concat(col("text"), lit("y"))),
                "after");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx700m"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-") || argument.startsWith("-Duser.timezone"))
                .forEach(command::add);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "dev.lastgood.job.LargeInputTest$ManyDifferences",
                folder.toString()));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();

        assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
        assertThat(Files.readString(log)).contains("1000000 lines, 1000000 changed");
        assertThat(process.exitValue()).isZero();
    }
}
