package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is released, started as those who get it start it. Of the profile dist. */
class ReleaseIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final String NAME = "lastgood-" + System.getProperty("lastgood.version");
    private static final Path THIN = TARGET.resolve(NAME + "-thin.jar");
    private static final Path ARCHIVE = TARGET.resolve(NAME + ".tar.gz");

    /** What an installation of Spark does not have, and the thin jar has to bring or do without. */
    static final String OWN =
            "(lastgood|picocli|jte|snakeyaml-engine|java-json-canonicalization|postgresql|mariadb|h2|progressbar|jline|hadoop-azure|spark-avro|azure-|reactor-|msal4j|oauth2-oidc|micrometer|HdrHistogram|LatencyUtils|reactive-streams|jna).*";

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir
    Path folder;

    private record Ended(int code, String output) {}

    private Ended run(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("%s does not end%n%s".formatted(List.of(command), Files.readString(output)));
        }
        return new Ended(process.exitValue(), Files.readString(output));
    }

    private Path unpacked() throws IOException, InterruptedException {
        assertThat(run("tar", "-xzf", ARCHIVE.toString())).isEqualTo(new Ended(0, ""));
        return folder.resolve(NAME);
    }

    private Path workspace() throws IOException {
        Path shop = Files.createDirectories(folder.resolve("shop"));
        Files.createDirectories(shop.resolve("data"));
        Files.writeString(shop.resolve("data/orders.csv"), "id,total\n1,2\n2,3\n");
        Files.writeString(
                shop.resolve("rules.yaml"), "rules:\n  - {id: total, dataset: orders, assert: total > 0}\n");
        Files.writeString(shop.resolve("lastgood.yaml"), """
            format: 1
            workspace: shop
            store: store
            rules: [rules.yaml]
            sources:
              files: {files: data}
            datasets:
              orders: {source: files, path: orders.csv, format: csv, key: [id], schema: {total: int}}
            """);
        return shop;
    }

    @Test
    void the_distribution_is_unpacked_and_started() throws Exception {
        Path home = unpacked();

        Ended ended = run(home.resolve("bin/lastgood").toString(), "--version");

        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output()).startsWith("lastgood " + System.getProperty("lastgood.version"));
        assertThat(home.resolve("man/man1/lastgood.1")).isNotEmptyFile();

        String shop = workspace().toString();
        for (String command : List.of("snapshot take", "audit")) {
            List<String> words =
                    new ArrayList<>(List.of(home.resolve("bin/lastgood").toString()));
            words.addAll(List.of(command.split(" ", -1)));
            words.addAll(List.of("-w", shop));

            Ended done = run(words.toArray(String[]::new));

            assertThat(done.code()).as("%s%n%s", command, done.output()).isZero();
            assertThat(done.output()).contains("PASS");
        }
    }

    @Test
    void the_thin_jar_is_submitted_to_a_spark_that_has_nothing_of_ours() throws Exception {
        Path home = unpacked();
        Path shop = workspace();
        String spark;
        try (Stream<Path> jars = Files.list(home.resolve("jars"))) {
            spark = jars.filter(jar -> !jar.getFileName().toString().matches(OWN))
                    .sorted()
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        }
        for (String command : List.of("snapshot take", "audit", "snapshot verify latest --level L2")) {
            List<String> words = new ArrayList<>(List.of(
                    JAVA,
                    "@" + home.resolve("bin/jvm.args"),
                    "-Xmx1g",
                    "-Duser.timezone=UTC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    spark,
                    "org.apache.spark.deploy.SparkSubmit",
                    "--master",
                    "local[2]",
                    "--conf",
                    "spark.ui.enabled=false",
                    "--class",
                    "dev.lastgood.cli.Main",
                    THIN.toString()));
            words.addAll(List.of(command.split(" ", -1)));
            words.addAll(List.of("--master", "local[2]", "-w", shop.toString()));

            Ended ended = run(words.toArray(String[]::new));

            assertThat(ended.code()).as("%s%n%s", command, ended.output()).isZero();
            assertThat(ended.output()).contains("PASS");
        }
    }

    /** As far as it shows in one build; {@code .ci/reproducible} makes two and compares. */
    @Test
    void nothing_in_it_tells_when_it_was_built() throws Exception {
        try (ZipFile jar = new ZipFile(THIN.toFile())) {
            // What others have made keeps their times.
            assertThat(jar.stream()
                            .filter(entry -> entry.getName().matches("dev/lastgood/(?!shaded/).*[^/]"))
                            .map(ZipEntry::getTimeLocal)
                            .collect(Collectors.toSet()))
                    .containsExactly(LocalDateTime.of(2026, 1, 1, 0, 0));
        }
        Ended listed = run("tar", "--utc", "--full-time", "--numeric-owner", "-tvzf", ARCHIVE.toString());
        assertThat(listed.code()).as(listed.output()).isZero();
        assertThat(listed.output().lines().toList()).hasSizeGreaterThan(200).allMatch(line -> line.contains(" 0/0 ")
                && line.contains(" 2026-01-01 00:00:00 "));
    }
}
