package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosContainer;
import dev.lastgood.cosmos.contract.CosmosForTests;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar with Azure's client libraries, submitted to a standalone cluster on whose class path other versions of them, and of
 * reactor, netty and jackson, come first. Of the profile dist.
 */
class AzureJarIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final String NAME = "lastgood-" + System.getProperty("lastgood.version");
    private static final Path JAR = TARGET.resolve(NAME + "-azure.jar");

    /** As far as Spark itself can live with them: of netty what it does not use, of jackson its own minor version. */
    private static final Path OTHERS = TARGET.resolve("other-versions");

    private static final int MINUTES = 5;

    @TempDir
    Path folder;

    private final Map<String, Process> processes = new TreeMap<>();
    private final CosmosForTests cosmos = CosmosForTests.standIn();

    @AfterEach
    void nothing_goes_on() {
        processes.values().forEach(process -> {
            List<ProcessHandle> children = process.descendants().toList();
            process.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        });
    }

    @Test
    void what_is_azures_in_it_has_another_name() throws IOException {
        try (ZipFile jar = new ZipFile(JAR.toFile())) {
            assertThat(jar.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".class")))
                    .allMatch(name -> name.matches("(dev/lastgood|gg/jte|org/postgresql|org/mariadb|waffle)/.*"))
                    .anyMatch(name -> name.startsWith("dev/lastgood/shaded/com/azure/cosmos/"))
                    .anyMatch(name -> name.startsWith("dev/lastgood/shaded/reactor/netty/"))
                    .anyMatch(name -> name.startsWith("dev/lastgood/shaded/io/netty/"))
                    .anyMatch(name -> name.startsWith("dev/lastgood/shaded/com/fasterxml/jackson/"));
        }
    }

    @Test
    void documents_are_captured_audited_and_put_back_where_other_versions_come_first() throws Exception {
        CosmosContainer container = cosmos.container("/tenant");
        for (int i = 1; i <= 40; i++) {
            order(container, i, i * 2);
        }
        Files.writeString(folder.resolve("rules.yaml"), """
            rules:
              - {id: total, dataset: orders, assert: total = quantity * 2, fields: [total]}
            """);
        Files.writeString(folder.resolve("lastgood.yaml"), """
            format: 1
            workspace: shop
            store: %s
            rules: [rules.yaml]
            sources:
              db:
                cosmos: ${env:AZURE_JAR_COSMOS}
                database: %s
                key: ${env:AZURE_JAR_KEY}
                write: {key: '${env:AZURE_JAR_KEY}'}
            datasets:
              orders: {source: db, container: %s, key: [tenant, id], restore: {write: in_place}}
            """.formatted(
                        folder.resolve("store"), CosmosForTests.DATABASE, container.getId()));
        String master = cluster();

        submitted(master, 0, "snapshot", "take");
        List<String> good = CosmosForTests.everything(container);
        for (int i = 1; i <= 5; i++) {
            order(container, i, 0);
        }
        assertThat(submitted(master, 1, "audit")).contains("FAIL");
        String plan = submitted(master, 0, "restore", "plan", "--json").replaceAll("(?s).*\"plan\":\"(\\w+)\".*", "$1");
        submitted(master, 0, "restore", "approve", plan);
        assertThat(submitted(master, 0, "restore", "apply", plan, "--yes")).contains("5 done");
        assertThat(CosmosForTests.everything(container)).isEqualTo(good);
    }

    private static void order(CosmosContainer container, int i, int total) {
        CosmosForTests.put(
                container,
                "{\"id\":\"%1$d\",\"tenant\":\"t%2$d\",\"quantity\":%1$d,\"total\":%3$d}".formatted(i, i % 7, total));
    }

    // ---- cluster

    /** Spark's own jars, behind the others. */
    private String classPath() throws Exception {
        Path home = folder.resolve(NAME);
        if (!Files.exists(home)) {
            Process unpacking = new ProcessBuilder(
                            "tar", "-xzf", TARGET.resolve(NAME + ".tar.gz").toString())
                    .directory(folder.toFile())
                    .inheritIO()
                    .start();
            assertThat(unpacking.waitFor()).isZero();
        }
        List<String> all = new ArrayList<>();
        try (Stream<Path> others = Files.list(OTHERS);
                Stream<Path> jars = Files.list(home.resolve("jars"))) {
            all.addAll(others.map(Path::toString).sorted().toList());
            assertThat(all).hasSize(9);
            all.addAll(jars.filter(jar -> !jar.getFileName().toString().matches(ReleaseIT.OWN))
                    .map(Path::toString)
                    .sorted()
                    .toList());
        }
        return all.stream().collect(Collectors.joining(File.pathSeparator));
    }

    private String cluster() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String url = "spark://127.0.0.1:" + port;
        Process master = start(
                "master",
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--webui-port",
                "0");
        while (!listens(port)) {
            assertThat(master.waitFor(100, TimeUnit.MILLISECONDS))
                    .as(log("master"))
                    .isFalse();
        }
        start(
                "worker",
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                "127.0.0.1",
                "--cores",
                "2",
                "--memory",
                "1G",
                "--work-dir",
                folder.resolve("work").toString(),
                "--webui-port",
                "0",
                url);
        return url;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** What a command prints that is submitted to the cluster, and ends so. */
    private String submitted(String master, int code, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                master,
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.driver.bindAddress=127.0.0.1",
                "--conf",
                "spark.executor.memory=800m",
                "--conf",
                "spark.sql.shuffle.partitions=2",
                "--conf",
                "spark.executor.extraClassPath=" + classPath(),
                "--conf",
                "spark.executor.extraJavaOptions=-Duser.timezone=UTC -DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true",
                "--class",
                "dev.lastgood.cli.Main",
                JAR.toString()));
        words.addAll(List.of(command));
        words.addAll(List.of("--master", master, "-w", folder.toString()));
        Files.deleteIfExists(folder.resolve("driver.log"));
        Process driver = start("driver", words.toArray(String[]::new));
        assertThat(driver.waitFor(MINUTES, TimeUnit.MINUTES))
                .as("%s ends%n%s", List.of(command), log("driver"))
                .isTrue();
        assertThat(driver.exitValue())
                .as("%s%n%s", List.of(command), log("driver"))
                .isEqualTo(code);
        return log("driver");
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    private Process start(String name, String... main) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + folder.resolve(NAME).resolve("bin/jvm.args"),
                "-Xmx700m",
                "-Duser.timezone=UTC",
                "-DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath()));
        command.addAll(List.of(main));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        // What a worker starts is on its executors' class path; there is no installation to take it from.
        builder.environment().put("SPARK_HOME", folder.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_TESTING", "1");
        builder.environment().put("AZURE_JAR_COSMOS", cosmos.endpoint());
        builder.environment().put("AZURE_JAR_KEY", cosmos.key());
        Process process = builder.start();
        processes.put(name, process);
        return process;
    }
}
