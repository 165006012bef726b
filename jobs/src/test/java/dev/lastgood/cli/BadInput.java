package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.cli.CommandLineForTests.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What a person or the world can get wrong, one defect a case: the whole of what is said, the exit code, and what is left
 * behind. The cases are in {@code bad-input/*.txt}:
 *
 * <pre>
 * == the-name-of-the-case
 * from STAGE                       the shop at that stage
 * replace FILE | old | new         also: remove, write, empty, append, delete, folder, flip, truncate, parquet,
 *                                  sql, env, unset, later, run
 * $ the command line
 * -- the exit code
 * 2| a line of standard error
 * 1| a line of standard output
 * +| a file that is there afterwards and was not before
 * </pre>
 *
 * With {@code -Dlastgood.case=REGEX} only cases of such names. There is a class for some of the files each, so that no JVM has
 * them all to itself.
 */
abstract class BadInput {
    static final Path CASES = Path.of("src", "test", "resources", "dev", "lastgood", "cli", "bad-input");

    /** What a command that fails may leave: entries of the catalog, whole ones; and what is not published. */
    private static final String MAY_STAY = "store/(format\\.json|catalog/[0-9]+\\.json)";

    /** A case as it is written, and what it says is to come. */
    record Case(String name, List<String> acts, String expected) {}

    private final List<String> files;

    /** Of the files of those names. */
    BadInput(String... files) {
        this.files = List.of(files);
    }

    List<String> files() {
        return files;
    }

    @TestFactory
    Stream<DynamicContainer> bad_input_is_told_whole_and_leaves_nothing_half_written() {
        return files.stream().map(file -> DynamicContainer.dynamicContainer(file, tests(CASES.resolve(file))));
    }

    private static Stream<DynamicTest> tests(Path file) {
        Map<String, String> rewritten = new LinkedHashMap<>();
        List<Case> cases = cases(file);
        return cases.stream()
                .filter(one -> one.name().matches(System.getProperty("lastgood.case", ".*")))
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> {
                    String actual = outcome(one);
                    if (Boolean.getBoolean("golden.update")) {
                        rewritten.put(one.name(), actual);
                        rewrite(file, cases, rewritten);
                    }
                    assertThat(actual)
                            .as(one.name())
                            .isEqualTo(find(file, one.name()).expected());
                }));
    }

    private static Case find(Path file, String name) {
        return cases(file).stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    // ---- running one

    private static String outcome(Case one) {
        ShopForTests shop = null;
        for (String act : one.acts()) {
            String[] words = act.split(" ", 2);
            String rest = words.length > 1 ? words[1] : "";
            if (words[0].equals("from")) {
                shop = ShopForTests.at(ShopForTests.Stage.valueOf(rest.toUpperCase(Locale.ROOT)));
                continue;
            }
            if (shop == null) {
                throw new IllegalStateException("the case begins with 'from STAGE': " + act);
            }
            if (words[0].equals("$")) {
                return outcome(shop, rest);
            }
            act(shop, words[0], rest);
        }
        throw new IllegalStateException("no command in " + one.name());
    }

    private static void act(ShopForTests shop, String verb, String rest) {
        String[] parts = rest.split(" \\| ", -1);
        switch (verb) {
            case "replace" -> shop.replace(parts[0], unescaped(parts[1]), unescaped(parts[2]));
            case "write" -> shop.write(parts[0], unescaped(parts[1]));
            case "remove" -> shop.replace(parts[0], unescaped(parts[1]), "");
            case "empty" -> shop.write(rest, "");
            case "append" -> shop.append(parts[0], unescaped(parts[1]));
            case "delete" -> shop.delete(rest);
            case "folder" -> shop.folder(rest);
            case "parquet" -> shop.parquet(parts[0], parts[1]);
            case "flip" -> shop.flip(rest);
            case "truncate" -> shop.truncate(rest);
            case "sql" -> shop.sql(rest);
            case "env" -> shop.env(parts[0], parts[1]);
            case "unset" -> shop.unset(rest);
            case "later" -> shop.later(Duration.parse(rest));
            case "run" -> {
                Ended ended = shop.run(ShopForTests.words(rest));
                assertThat(ended.code()).as("%s%n%s", rest, ended.err()).isIn(0, 1, 3);
            }
            default -> throw new IllegalStateException("'%s' is no act of a case".formatted(verb));
        }
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n");
    }

    private static String outcome(ShopForTests shop, String command) {
        SortedMap<String, String> before = shop.contents();
        Ended ended = shop.run(ShopForTests.words(command));
        SortedMap<String, String> after = shop.contents();
        List<String> lines = new ArrayList<>();
        lines.add("-- " + ended.code());
        shop.normal(ended.err()).lines().forEach(line -> lines.add(("2| " + sizeless(line)).stripTrailing()));
        shop.normal(ended.out()).lines().forEach(line -> lines.add(("1| " + sizeless(line)).stripTrailing()));
        Map<String, String> added = new TreeMap<>(after);
        added.keySet().removeAll(before.keySet());
        added.keySet().stream()
                .filter(name -> !name.endsWith(".crc"))
                .map(name -> "+| " + shop.normal(name).replaceAll("part-[0-9]{5}", "part-<n>"))
                .distinct()
                .forEach(lines::add);
        if (Set.of(2, 4, 5).contains(ended.code())) {
            assertThat(added.keySet()).as("left behind").allMatch(name -> name.matches(MAY_STAY));
        }
        after.keySet().retainAll(before.keySet());
        assertThat(after).as("what was there before").isEqualTo(before);
        assertThat(ended.err() + ended.out()).doesNotContain(ShopForTests.PASSWORD);
        assertThat(ended.err()).doesNotContainPattern("(?m)^\tat ");
        return String.join("\n", lines) + "\n";
    }

    /** Sizes of Parquet files, and in how many parts Spark writes them, are not ours to promise. */
    private static String sizeless(String line) {
        return line.replaceAll("part-[0-9]{5}", "part-<n>")
                .replaceAll("[0-9]+ bytes, found no", "<n> bytes, found no")
                .replaceAll("[0-9]+ bytes, found [0-9]+", "<n> bytes, found <n>")
                .replaceAll(" +[0-9]{4,}(?= |$)", "  <n>");
    }

    // ---- the files

    static List<Case> cases(Path file) {
        try {
            List<Case> cases = new ArrayList<>();
            for (String block : Files.readString(file).split("(?m)^== ", 0)) {
                if (block.isBlank() || block.startsWith("#")) {
                    continue;
                }
                List<String> lines = block.lines().toList();
                List<String> acts = new ArrayList<>();
                StringBuilder expected = new StringBuilder();
                for (String line : lines.subList(1, lines.size())) {
                    if (line.matches("(--|[12+]\\|)( .*)?")) {
                        expected.append(line).append('\n');
                    } else if (!line.isBlank()) {
                        acts.add(line);
                    }
                }
                cases.add(new Case(lines.get(0).strip(), acts, expected.toString()));
            }
            return cases;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void rewrite(Path file, List<Case> cases, Map<String, String> actual) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Case one : cases) {
            text.append(text.isEmpty() ? "" : "\n")
                    .append("== ")
                    .append(one.name())
                    .append('\n');
            one.acts().forEach(act -> text.append(act).append('\n'));
            text.append(actual.getOrDefault(one.name(), one.expected()));
        }
        Files.writeString(file, text.toString());
    }
}
