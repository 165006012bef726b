package dev.lastgood.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long the distribution takes to start, with and without the classes that {@code bin/prepare} leaves, beside a plain
 * Spark program from the same jars. Processes run in turn, round by round, and each is compared with the plain one of its
 * own round, so that whatever else the machine does meets both.
 */
@Command(
        name = "start-bench",
        description = "Measures how long commands take to start.",
        mixinStandardHelpOptions = true)
public final class StartBench implements Callable<Integer> {
    private static final String PLAIN = "plain Spark: one query";

    @Option(names = "--runs", paramLabel = "N", description = "rounds, after one (default: ${DEFAULT-VALUE})")
    int runs = 5;

    @Option(names = "--home", paramLabel = "DIR", description = "the distribution (default: the one that was built)")
    Path home = Path.of("");

    @Option(names = "--folder", paramLabel = "DIR", description = "made, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "start-bench");

    private final PrintWriter out;

    StartBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new StartBench(out)).execute(args));
    }

    /** Seconds on the clock, and of processors by all threads. */
    record Took(double clock, double cpu) {
        private static final Pattern CHILDREN =
                Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*\\z", Pattern.MULTILINE);

        /** @param printed what the shell's {@code times} says last: user and system time of what it has run */
        static Took of(double clock, String printed) {
            Matcher times = CHILDREN.matcher(printed);
            if (!times.find()) {
                throw new IllegalStateException("the shell tells no times: " + printed);
            }
            double cpu = 0;
            for (int i = 1; i < 4; i += 2) {
                cpu += 60 * Double.parseDouble(times.group(i)) + Double.parseDouble(times.group(i + 1));
            }
            return new Took(clock, cpu);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path built =
                (home.toString().isEmpty() ? built() : home).toAbsolutePath().normalize();
        Path here = folder.toAbsolutePath().normalize();
        Path bare = bare(built, here.resolve("bare"));
        Path shop = shop(here.resolve("shop"));
        if (!Files.exists(built.resolve("classes.jsa"))) {
            took(List.of(built.resolve("bin/prepare").toString()));
        }
        took(lastgood(bare, "snapshot", "take", "-w", shop.toString()));
        Map<String, List<String>> contenders = new LinkedHashMap<>();
        contenders.put(PLAIN, plain(built, shop, List.of()));
        // As the launcher starts a JVM; the program is the same.
        contenders.put(
                "the same query, prepared",
                plain(
                        built,
                        shop,
                        List.of(
                                "-XX:+UseParallelGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:ReservedCodeCacheSize=240m",
                                "-XX:SharedArchiveFile=" + built.resolve("classes.jsa"))));
        for (Path one : List.of(bare, built)) {
            String how = one.equals(bare) ? ", bare" : ", prepared";
            contenders.put("lastgood help" + how, lastgood(one, "help"));
            contenders.put("lastgood rules check" + how, lastgood(one, "rules", "check", "-w", shop.toString()));
            contenders.put("lastgood audit" + how, lastgood(one, "audit", "-w", shop.toString()));
        }
        print(measured(contenders));
        return 0;
    }

    private Map<String, List<Took>> measured(Map<String, List<String>> contenders)
            throws IOException, InterruptedException {
        Map<String, List<Took>> measured = new LinkedHashMap<>();
        for (int round = -1; round < runs; round++) {
            for (Map.Entry<String, List<String>> one : contenders.entrySet()) {
                Took took = took(one.getValue());
                System.err.printf("%s: %.2f s, %.2f s of processors%n", one.getKey(), took.clock(), took.cpu());
                if (round >= 0) {
                    measured.computeIfAbsent(one.getKey(), name -> new ArrayList<>())
                            .add(took);
                }
            }
        }
        return measured;
    }

    private void print(Map<String, List<Took>> measured) {
        List<Took> plain = Objects.requireNonNull(measured.get(PLAIN));
        out.printf("median of %d rounds, least and most of the ratios%n%n", runs);
        out.printf("%-32s %8s %8s %20s %20s%n", "", "seconds", "CPU s", "× plain, seconds", "× plain, CPU");
        measured.forEach((name, took) -> out.printf(
                "%-32s %8.2f %8.2f %20s %20s%n",
                name,
                median(took.stream().map(Took::clock).toList()),
                median(took.stream().map(Took::cpu).toList()),
                ratios(
                        took.stream().map(Took::clock).toList(),
                        plain.stream().map(Took::clock).toList()),
                ratios(
                        took.stream().map(Took::cpu).toList(),
                        plain.stream().map(Took::cpu).toList())));
        out.flush();
    }

    private static String ratios(List<Double> took, List<Double> plain) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < took.size(); i++) {
            ratios.add(took.get(i) / plain.get(i));
        }
        ratios.sort(null);
        return "%.2f (%.2f–%.2f)".formatted(median(ratios), ratios.get(0), ratios.get(ratios.size() - 1));
    }

    private static double median(List<Double> of) {
        List<Double> sorted = of.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private Took took(List<String> command) throws IOException, InterruptedException {
        List<String> timed = new ArrayList<>(List.of("sh", "-c", "\"$@\" > /dev/null && times", "sh"));
        timed.addAll(command);
        Path printed = Files.createDirectories(folder).resolve("printed.txt");
        ProcessBuilder builder =
                new ProcessBuilder(timed).redirectErrorStream(true).redirectOutput(printed.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        long start = System.nanoTime();
        int code = builder.start().waitFor();
        double clock = (System.nanoTime() - start) / 1e9;
        String text = Files.readString(printed);
        if (code != 0) {
            throw new IllegalStateException("%s ended with %d: %s".formatted(command, code, text));
        }
        return Took.of(clock, text);
    }

    private static List<String> plain(Path built, Path shop, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + built.resolve("bin/jvm.args"),
                "-Xmx2g",
                "-Dlog4j2.configurationFile=" + built.resolve("conf/log4j2.properties")));
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                built.resolve("jars") + "/*:" + classes(),
                PlainSpark.class.getName(),
                shop.resolve("data/orders.csv").toString()));
        return command;
    }

    private static List<String> lastgood(Path home, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/lastgood").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Where this program's own classes are. */
    private static Path classes() {
        return Path.of(URI.create(PlainSpark.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString()));
    }

    private static Path built() throws IOException {
        try (Stream<Path> target = Files.list(Path.of("target"))) {
            return target.map(one -> one.resolve("lastgood"))
                    .filter(one -> Files.isExecutable(one.resolve("bin/lastgood")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no distribution in target: './mvnw package' first"));
        }
    }

    /** The same distribution without prepared classes: its jars are those of the other. */
    private static Path bare(Path built, Path bare) throws IOException {
        for (String part : List.of("bin", "conf")) {
            Files.createDirectories(bare.resolve(part));
            try (Stream<Path> files = Files.list(built.resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            bare.resolve(part).resolve(file.getFileName()),
                            StandardCopyOption.REPLACE_EXISTING,
                            StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        Files.deleteIfExists(bare.resolve("jars"));
        Files.createSymbolicLink(bare.resolve("jars"), built.resolve("jars"));
        return bare;
    }

    private static Path shop(Path shop) throws IOException {
        Files.createDirectories(shop.resolve("data"));
        Files.writeString(shop.resolve("data/orders.csv"), "id,total\n1,2\n");
        Files.writeString(shop.resolve("rules.yaml"), """
            rules:
              - {id: total, dataset: orders, assert: total > 0}
            """);
        Files.writeString(shop.resolve("lastgood.yaml"), """
            format: 1
            workspace: start
            store: store
            rules: [rules.yaml]
            sources:
              files: {files: data}
            datasets:
              orders: {source: files, path: orders.csv, format: csv, key: [id], schema: {total: int}}
            """);
        return shop;
    }
}
