package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.snapshot.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A small shop of a CSV file, JSON documents and a table, with its workspace, at every stage from a fresh one to a restore
 * that was applied. Each stage is made once, by commands; {@link #at} puts the folder back to it, always at the same place.
 */
final class ShopForTests {
    static final String PASSWORD = "planted-file-2b9e";

    /** Each is what the one before it is, and something done. */
    enum Stage {
        /** Sources and workspace, no store. */
        FRESH,
        TAKEN,
        /** Two snapshots, then a bug has written. */
        DAMAGED,
        AUDITED,
        PLANNED,
        APPROVED,
        APPLIED
    }

    private static String command(Stage stage) {
        return switch (stage) {
            case FRESH -> throw new IllegalStateException("nothing has been run");
            case TAKEN, DAMAGED -> "snapshot take";
            case AUDITED -> "audit";
            case PLANNED -> "restore plan";
            case APPROVED -> "restore approve $PLAN";
            case APPLIED -> "restore apply $PLAN --yes";
        };
    }

    /** Commands that have no options of their own. */
    private static final List<String> GROUPS = List.of("snapshot", "rules", "incident", "restore");

    private static final Instant START = Instant.parse("2026-11-22T02:00:00Z");
    private static final Path RESOURCES = Path.of("src", "test", "resources", "dev", "lastgood", "cli");
    /** One for each JVM that runs tests. */
    private static final Path ROOT = Path.of(
                    "target", "cli", Long.toString(ProcessHandle.current().pid()))
            .toAbsolutePath();

    private static final Path FOLDER = ROOT.resolve("shop");
    private static final String DB = "jdbc:h2:" + FOLDER.resolve("db").resolve("shop");
    private static final EnumMap<Stage, Instant> MADE = new EnumMap<>(Stage.class);

    private final Map<String, String> env =
            new TreeMap<>(Map.of("SHOP_DB", DB, "SHOP_USER", "SHOP", "SHOP_PASSWORD", PASSWORD));
    private Instant now;

    private ShopForTests(Instant now) {
        this.now = now;
    }

    /** The shop at that stage, as if nothing had been done to it since. */
    static synchronized ShopForTests at(Stage stage) {
        make(stage);
        copy(ROOT.resolve(stage.name()), FOLDER);
        return new ShopForTests(Objects.requireNonNull(MADE.get(stage)));
    }

    private static void make(Stage stage) {
        if (MADE.containsKey(stage)) {
            return;
        }
        ShopForTests shop;
        if (stage == Stage.FRESH) {
            copy(RESOURCES.resolve("shop"), FOLDER);
            shop = new ShopForTests(START);
            for (String statement : text(RESOURCES.resolve("shop.sql")).split(";\n", 0)) {
                shop.sql(statement);
            }
        } else {
            List<Stage> stages = List.of(Stage.values());
            shop = at(stages.get(stages.indexOf(stage) - 1));
            Ended ended = shop.run(words(command(stage)));
            assertThat(ended.code())
                    .as("%s%n%s%n%s", stage, ended.out(), ended.err())
                    .isLessThan(2);
            if (stage == Stage.DAMAGED) {
                shop.damage();
            }
        }
        copy(FOLDER, ROOT.resolve(stage.name()));
        MADE.put(stage, shop.now);
    }

    private void damage() {
        replace("data/items.csv", "i2,Bolt,Bell Planted,0.50,900", "i2,Bolt,Bell Planted,-0.50,900");
        sql("UPDATE ORDERS SET TOTAL = 0, ROW_VERSION = 2 WHERE ID = 1");
    }

    // ---- acts

    Ended run(List<String> arguments) {
        now = now.plus(Duration.ofHours(1));
        List<String> all = new ArrayList<>();
        arguments.forEach(argument -> all.add(filled(argument)));
        boolean help = all.isEmpty() || all.get(all.size() - 1).startsWith("--help");
        boolean group = all.size() == 1 && GROUPS.contains(all.get(0));
        if (help || group) {
            return CommandLineForTests.run(now, env, all);
        }
        if (!all.contains("-w")) {
            all.add("-w");
            all.add(FOLDER.toString());
        }
        return CommandLineForTests.runOnSpark(now, env, all);
    }

    Ended run(String... arguments) {
        return run(List.of(arguments));
    }

    void later(Duration by) {
        now = now.plus(by);
    }

    void env(String name, String value) {
        env.put(name, filled(value));
    }

    void unset(String name) {
        env.remove(name);
    }

    Path folder() {
        return FOLDER;
    }

    /** An empty folder of that name. */
    void folder(String name) {
        try {
            Files.createDirectories(FOLDER.resolve(filled(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One more Parquet file in the folder of that name, with what the query gives. */
    void parquet(String name, String query) {
        SparkForTests.session()
                .sql(query)
                .coalesce(1)
                .write()
                .mode("append")
                .parquet(FOLDER.resolve(name).toString());
    }

    void sql(String statement) {
        try (Connection connection = DriverManager.getConnection(DB, "SHOP", PASSWORD);
                Statement one = connection.createStatement()) {
            one.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(statement, e);
        }
    }

    void replace(String file, String old, String with) {
        String text = text(file(file));
        assertThat(text).as(file).containsOnlyOnce(old);
        write(file, text.replace(old, with));
    }

    void write(String file, String text) {
        try {
            Path path = FOLDER.resolve(filled(file));
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void append(String file, String text) {
        write(file, text(file(file)) + text);
    }

    void delete(String file) {
        delete(file(file));
    }

    /**
     * One bit is another: of the middle byte, or in JSON of the first digit of a value, so that it is JSON still and what
     * is found does not depend on where its middle happens to be.
     */
    void flip(String file) {
        try {
            byte[] bytes = Files.readAllBytes(file(file));
            Matcher digit = Pattern.compile(":\"?[0-9]").matcher(new String(bytes, StandardCharsets.ISO_8859_1));
            boolean json = file.endsWith(".json");
            assertThat(!json || digit.find()).as("a digit in %s", file).isTrue();
            bytes[json ? digit.end() - 1 : bytes.length / 2] ^= 1;
            Files.write(file(file), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void truncate(String file) {
        try {
            byte[] bytes = Files.readAllBytes(file(file));
            Files.write(file(file), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what there is

    /** The file of that name below the folder; * stands for any part of a name, and the first that fits is it. */
    private Path file(String name) {
        String wanted = filled(name);
        if (!wanted.contains("*")) {
            return FOLDER.resolve(wanted);
        }
        var matcher = FOLDER.getFileSystem().getPathMatcher("glob:" + FOLDER + "/" + wanted);
        try (Stream<Path> all = Files.walk(FOLDER)) {
            return all.filter(matcher::matches)
                    .sorted()
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("nothing fits " + wanted));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** $FIRST and $SNAPSHOT are the first and the last snapshot, $AUDIT, $PLAN and $HOLD the last of their kind. */
    private String filled(String text) {
        String filled = text.replace("$SHOP", FOLDER.toString());
        for (Map.Entry<String, String> name : names().entrySet()) {
            filled = filled.replace(name.getKey(), name.getValue());
        }
        return filled;
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        List<String> snapshots = list("store/snapshots/items");
        if (!snapshots.isEmpty()) {
            names.put("$FIRST", snapshots.get(0));
            names.put("$SNAPSHOT", snapshots.get(snapshots.size() - 1));
        }
        List<String> audits = list("store/audits");
        if (!audits.isEmpty()) {
            names.put("$AUDIT", audits.get(audits.size() - 1));
        }
        List<String> plans = list("store/plans");
        if (!plans.isEmpty()) {
            names.put("$PLAN", plans.get(plans.size() - 1));
        }
        for (String entry : list("store/catalog")) {
            Matcher held = HELD.matcher(text(FOLDER.resolve("store/catalog").resolve(entry)));
            if (held.find()) {
                names.put("$HOLD", held.group(1));
            }
        }
        return names;
    }

    private static final Pattern HELD = Pattern.compile("\"event\":\"held\".*\"id\":\"([0-9a-f-]{36})\"");

    private static List<String> list(String folder) {
        Path path = FOLDER.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(path)) {
            return inside.map(one -> one.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every file below the folder with its digest; of the database what its tables hold. */
    SortedMap<String, String> contents() {
        SortedMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(FOLDER)) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                String name = FOLDER.relativize(path).toString();
                if (!name.startsWith("db/")) {
                    contents.put(name, Sha256.of(Files.readAllBytes(path)).hex());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        contents.put("the database", tables());
        return contents;
    }

    private static String tables() {
        StringBuilder script = new StringBuilder();
        try (Connection connection = DriverManager.getConnection(DB, "SHOP", PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet lines = statement.executeQuery("SCRIPT NOPASSWORDS NOSETTINGS")) {
            while (lines.next()) {
                script.append(lines.getString(1)).append('\n');
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return Sha256.of(script.toString().getBytes(StandardCharsets.UTF_8)).hex();
    }

    private static final Pattern RANDOM = Pattern.compile(
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(sha256:)?\\b[0-9a-f]{64}\\b|\\b[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}\\b|(?<!catalog/)\\b[0-9a-f]{12}\\b(?!\\.json)");

    /** Without what differs from run to run. */
    String normal(String text) {
        String normal = text.replace(FOLDER.toString(), "$SHOP")
                .replace(", by " + System.getProperty("user.name") + ",", ", by $USER,");
        for (Map.Entry<String, String> name : names().entrySet()) {
            normal = normal.replace(name.getValue(), name.getKey());
        }
        return RANDOM.matcher(normal)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group().length() >= 64
                                ? "<digest>"
                                : found.group().contains("-") ? "<id>" : "<hex>"));
    }

    // ---- helpers

    /** Words of a command line; between double quotes a blank is one of the word. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line);
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        return words;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        delete(to);
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Path copy = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> inside = Files.walk(path)) {
            for (Path one : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
