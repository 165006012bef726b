package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what the README tells a newcomer to run, in its order, on a small shop. */
final class ReadmeTest {
    private static final Pattern EXIT = Pattern.compile("# exit ([0-9]+)");

    @TempDir
    Path folder;

    @Test
    void every_command_of_the_readme_runs_and_ends_as_it_says() throws IOException {
        SparkForTests.session();
        String plan = "";
        for (String line : commands()) {
            Matcher exit = EXIT.matcher(line);
            int expected = exit.find() ? Integer.parseInt(exit.group(1)) : 0;
            List<String> words = new ArrayList<>();
            for (String word : line.replaceFirst("#.*", "").strip().split("\\s+", -1)) {
                words.add(
                        word.equals("PLAN")
                                ? plan
                                : word.equals("shop") || word.endsWith(".jsonl") || word.endsWith(".sql")
                                        ? folder.resolve(word).toString()
                                        : word);
            }
            words.remove(0);
            boolean demo = words.get(0).equals("demo");
            if (demo) {
                words.addAll(List.of("--scale", "0.02"));
            }
            Ran ran = run(words);
            assertThat(ran.exitCode()).as(line + "\n" + ran.output()).isEqualTo(expected);
            Matcher made = Pattern.compile("(?m)^plan ([0-9a-f]{12}):").matcher(ran.output());
            if (made.find()) {
                plan = made.group(1);
            }
        }
        assertThat(plan).isNotEmpty();
        assertThat(folder.resolve("findings.jsonl")).isNotEmptyFile();
        assertThat(folder.resolve("steps.sql")).isNotEmptyFile();
    }

    private record Ran(int exitCode, String output) {}

    private static Ran run(List<String> words) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PrintStream captured = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            System.setErr(captured);
            int exitCode = Main.run(words.toArray(String[]::new));
            return new Ran(exitCode, printed.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static List<String> commands() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = here.endsWith("jobs") ? here.resolve("..").normalize() : here;
        List<String> commands = Files.readAllLines(root.resolve("README.md")).stream()
                .filter(line -> line.startsWith("./lastgood "))
                .toList();
        assertThat(commands).hasSizeGreaterThan(10);
        return commands;
    }
}
