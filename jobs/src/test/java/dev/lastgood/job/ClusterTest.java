package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.audit.Records;
import dev.lastgood.report.Lines;
import dev.lastgood.report.Masks;
import dev.lastgood.rule.Severity;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * An audit and a diff on a standalone cluster: a master, three workers with an executor each and a driver, processes all of
 * them. One worker and its executor are killed in the middle of the audit; what is found is what one process alone finds.
 */
@ExtendWith(SparkForTests.class)
@Tag("full")
class ClusterTest {
    private static final long RECORDS = 120_000;
    private static final int FILES = 12;
    private static final int WORKERS = 3;
    private static final int MINUTES = 8;

    /** After so many tasks there is something to lose. */
    private static final int TASKS_UNTIL_KILL = 15;

    private static final String RULES = """
        - {id: total, dataset: rows, assert: total = price * quantity, fields: [total]}
        - {id: code, dataset: rows, unique: [code]}
        - {id: parent, dataset: rows, reference: {fields: [parent], to: rows, key: [id]}}
        """;

    @TempDir
    Path folder;

    private final Map<String, Process> processes = new TreeMap<>();

    @AfterEach
    void nothing_goes_on() {
        processes.values().forEach(ClusterTest::kill);
    }

    private static void kill(Process process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void a_cluster_that_loses_a_worker_finds_the_same(SparkSession session) throws Exception {
        WorkspaceForTests bench = WorkspaceForTests.in(
                        folder, "rows: {source: here, path: rows, format: parquet, key: [id]}\n")
                .rules(RULES);
        write(session, lit(false));
        bench.take();
        write(session, col("id").mod(97).equalTo(5));
        WorkspaceForTests.Audited alone = bench.audit();
        List<String> expected = Stream.concat(
                        Stream.concat(alone.findings().stream(), alone.changes().stream())
                                .map(JsonNode::toString)
                                .sorted(),
                        diff(bench.workplace()).stream())
                .toList();
        assertThat(alone.findings()).hasSizeGreaterThan(1000);
        assertThat(expected)
                .filteredOn(line -> line.contains("\"way\":\"kept\""))
                .hasSize(1);

        String master = cluster();
        Path out = folder.resolve("out");
        Process driver = start(
                "driver",
                ProcessBuilder.Redirect.PIPE,
                "-Xmx1g",
                "dev.lastgood.job.ClusterTest$Driver",
                folder.toString(),
                master,
                out.toString());
        String busy = busyExecutor(driver);
        assertThat(busy).as(Files.readString(folder.resolve("driver.log"))).isNotEmpty();
        kill(Objects.requireNonNull(processes.get(workerOf(busy))));
        driver.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        assertThat(driver.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(driver.exitValue())
                .as(Files.readString(folder.resolve("driver.log")))
                .isZero();

        JsonNode told = WorkspaceForTests.json(Files.readString(folder.resolve("told.json")));
        assertThat(told.get("tasks").has("driver")).isFalse();
        assertThat(told.get("tasks")).as("processes in which tasks ran").hasSize(WORKERS);
        assertThat(told.get("lost").asInt()).as("tasks that had to run again").isPositive();
        assertThat(Files.readAllLines(out)).isEqualTo(expected);
    }

    /** What differs and, last, how that was found out. */
    private static List<String> diff(Workplace workplace) {
        List<String> lines = new ArrayList<>();
        DiffJob.Difference found =
                new DiffJob(workplace).diff(workplace.datasets(List.of()), "latest", "live", lines::add);
        lines.add(String.valueOf(found.json().get("compared")));
        return lines;
    }

    private void write(SparkSession session, Column damaged) {
        session.range(0, RECORDS, 1, FILES)
                .withColumn("price", col("id").mod(50).plus(1))
                .withColumn("quantity", col("id").mod(7).plus(1))
                .withColumn(
                        "total", expr("price * quantity").plus(when(damaged, 1).otherwise(0)))
                .withColumn("code", expr("concat('c', id)"))
                .withColumn(
                        "code",
                        when(damaged.and(col("id").mod(2).equalTo(0)), lit("same"))
                                .otherwise(col("code")))
                .withColumn("parent", expr("id div 2"))
                .withColumn("parent", when(damaged, col("id").multiply(-1)).otherwise(col("parent")))
                .withColumn("text", expr("repeat(sha2(cast(id as string), 256), 4)"))
                .write()
                .mode("overwrite")
                .parquet(folder.resolve("data/rows").toString());
    }

    /** A worker keeps what its executors write in a folder for each of them. */
    private String workerOf(String executor) throws IOException {
        try (Stream<Path> folders = Files.walk(folder, 3)) {
            return folders.filter(at -> at.getFileName().toString().equals(executor))
                    .map(at -> folder.relativize(at).getName(0).toString())
                    .filter(name -> name.startsWith("worker-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The executor the driver names when it has work to lose; empty if the driver ended. */
    private static String busyExecutor(Process driver) throws IOException {
        BufferedReader lines = driver.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(Driver.BUSY)) {
                return line.substring(Driver.BUSY.length());
            }
        }
        return "";
    }

    private String cluster() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String url = "spark://127.0.0.1:" + port;
        Process master = start(
                "master",
                null,
                "-Xmx300m",
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--webui-port",
                "0");
        awaited(port, master);
        for (int i = 1; i <= WORKERS; i++) {
            start(
                    "worker-" + i,
                    null,
                    "-Xmx300m",
                    "org.apache.spark.deploy.worker.Worker",
                    "--host",
                    "127.0.0.1",
                    "--cores",
                    "1",
                    "--memory",
                    "700M",
                    "--work-dir",
                    folder.resolve("worker-" + i).toString(),
                    "--webui-port",
                    "0",
                    url);
        }
        return url;
    }

    private void awaited(int port, Process master) throws Exception {
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException e) {
                if (master.waitFor(100, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException(Files.readString(folder.resolve("master.log")), e);
                }
            }
        }
    }

    private Process start(String name, ProcessBuilder.@Nullable Redirect output, String heap, String... main)
            throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), heap));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-") || argument.startsWith("-Duser.timezone"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(main));
        File log = folder.resolve(name + ".log").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(log)
                .redirectOutput(output == null ? ProcessBuilder.Redirect.appendTo(log) : output);
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        // What a worker starts is on the driver's class path; there is no installation to take it from.
        builder.environment().put("SPARK_HOME", folder.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_TESTING", "1");
        Process process = builder.start();
        processes.put(name, process);
        return process;
    }

    /** The audit of the test's workspace, as it runs anywhere. */
    static final class Driver {
        static final String BUSY = "busy ";

        private Driver() {}

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            Workspace workspace = Workplace.read(folder.resolve("lastgood.yaml"), Map.of());
            Workplace workplace = new Workplace(
                    workspace,
                    Clock.fixed(Instant.parse("2026-11-23T02:00:00Z"), ZoneOffset.UTC),
                    "tester",
                    args[1],
                    Map.of(
                            "spark.executor.cores", "1",
                            "spark.executor.memory", "600m",
                            "spark.driver.host", "127.0.0.1",
                            "spark.driver.bindAddress", "127.0.0.1",
                            "spark.sql.shuffle.partitions", "12",
                            "spark.executor.extraClassPath", System.getProperty("java.class.path"),
                            "spark.scheduler.minRegisteredResourcesRatio", "1.0",
                            "spark.cores.max", Integer.toString(WORKERS)));
            Tasks tasks = new Tasks();
            workplace.session().sparkContext().addSparkListener(tasks);
            List<String> all = new ArrayList<>();
            List<String> lines = new ArrayList<>();
            workplace
                    .auditJob()
                    .run(workplace.datasets(List.of()), "", Severity.ERROR)
                    .records()
                    .forEach((name, location) -> {
                        DatasetSpec dataset = workplace.datasets(List.of(name)).get(0);
                        Dataset<Row> records = Records.read(workplace.session(), location);
                        String baseline = workplace
                                .catalog()
                                .state()
                                .snapshots(name)
                                .get(0)
                                .id()
                                .text();
                        Lines written = new Lines(name, baseline, new Masks(dataset));
                        Lines.lines(written.findings(records)).forEach(lines::add);
                        Lines.lines(written.changes(records)).forEach(lines::add);
                    });
            lines.stream()
                    .map(line -> WorkspaceForTests.json(line).toString())
                    .sorted()
                    .forEach(all::add);
            all.addAll(diff(workplace));
            workplace.session().sparkContext().listenerBus().waitUntilEmpty(60_000);
            Files.write(Path.of(args[2]), all);
            Files.writeString(folder.resolve("told.json"), tasks.json());
            workplace.session().stop();
        }

        /** Where tasks ran, and how many of them for nothing. */
        private static final class Tasks extends SparkListener {
            private final Map<String, Integer> ended = new TreeMap<>();
            private int all;
            private int lost;

            @Override
            public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
                ended.merge("\"" + task.taskInfo().executorId() + "\"", 1, Integer::sum);
                lost += task.reason() instanceof Success$ ? 0 : 1;
                all++;
                if (all == TASKS_UNTIL_KILL) {
                    System.out.println(BUSY + task.taskInfo().executorId());
                }
            }

            synchronized String json() {
                return "{\"tasks\":%s,\"lost\":%d}".formatted(ended.toString().replace('=', ':'), lost);
            }
        }
    }
}
