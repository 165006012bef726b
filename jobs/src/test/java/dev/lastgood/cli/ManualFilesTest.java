package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class ManualFilesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        ManualFiles.write(folder);
    }

    private static String ran(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            assertThat(process.waitFor()).as(output).isZero();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return output;
    }

    private static boolean isThere(String program) {
        return Stream.of(Objects.requireNonNull(System.getenv("PATH")).split(":", -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    @Test
    void every_command_has_a_page_with_every_option() throws IOException {
        told(Main.commandLine(Clock.systemUTC(), Map.of()));
    }

    private void told(CommandLine command) throws IOException {
        String page = Files.readString(
                folder.resolve("man/man1/" + command.getCommandSpec().qualifiedName("-") + ".1"));
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (option.hidden()) {
                assertThat(page).doesNotContain(option.longestName().replace("-", "\\-"));
                continue;
            }
            assertThat(page).contains(option.longestName().replace("-", "\\-"));
            Arrays.stream(option.description()).forEach(line -> assertThat(line).doesNotContain("${"));
        }
        assertThat(page).doesNotContain("${").contains("\n.SH EXIT STATUS\n");
        for (CommandLine below : command.getSubcommands().values()) {
            told(below);
        }
    }

    @Test
    void the_help_of_every_command_fits_a_terminal_and_ends_with_examples_that_can_be_typed() {
        helped(Main.commandLine(Clock.systemUTC(), Map.of()));
    }

    private static void helped(CommandLine command) {
        String name = command.getCommandSpec().qualifiedName();
        List<String> lines =
                command.getUsageMessage(CommandLine.Help.Ansi.OFF).lines().toList();
        assertThat(lines).as(name).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        if (command.getSubcommands().isEmpty()) {
            List<String> examples = Stream.of(
                            command.getCommandSpec().usageMessage().footer())
                    .filter(line -> line.startsWith("  lastgood "))
                    .toList();
            assertThat(examples)
                    .as(name)
                    .isNotEmpty()
                    .allMatch(line -> line.strip().startsWith(name));
            for (String example : examples) {
                assertThat(lines).contains(example);
                List<String> words = ShopForTests.words(example.strip().replaceFirst(" > .*", ""));
                Main.commandLine(Clock.systemUTC(), Map.of())
                        .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
            }
        }
        command.getSubcommands().values().forEach(ManualFilesTest::helped);
    }

    @Test
    void help_is_asked_for_in_any_order() {
        Instant now = Instant.EPOCH;
        String page = CommandLineForTests.run(now, Map.of(), List.of("snapshot", "take", "--help"))
                .out();
        assertThat(page).contains("Usage: lastgood snapshot take");
        assertThat(CommandLineForTests.run(now, Map.of(), List.of("help", "snapshot", "take"))
                        .out())
                .isEqualTo(page);
        assertThat(CommandLineForTests.run(now, Map.of(), List.of("help")).out())
                .isEqualTo(CommandLineForTests.run(now, Map.of(), List.of()).out());
        assertThat(CommandLineForTests.run(now, Map.of(), List.of("help", "audt"))
                        .err())
                .contains("there is no command 'audt'", "Did you mean 'audit'?");
    }

    @Test
    void roff_has_nothing_to_complain_of() throws IOException {
        assumeTrue(isThere("groff"), "groff is not here");
        try (Stream<Path> pages = Files.list(folder.resolve("man/man1"))) {
            for (Path page : pages.sorted().toList()) {
                assertThat(ran("groff", "-man", "-ww", "-z", "-Tutf8", page.toString()))
                        .as(page.toString())
                        .isEmpty();
            }
        }
    }

    @Test
    void bash_completes_commands_and_options() throws IOException {
        assumeTrue(isThere("bash"), "bash is not here");
        Path script = folder.resolve("completion/lastgood.bash");

        assertThat(completed(script, "lastgood", "snapshot", "ver")).containsExactly("verify");
        assertThat(completed(script, "lastgood", "au")).containsExactly("audit");
        assertThat(completed(script, "lastgood", "audit", "--fail")).containsExactly("--fail-on");
    }

    private static List<String> completed(Path script, String... words) throws IOException {
        String array = String.join(" ", words);
        return ran(
                        "bash",
                        "-c",
                        // compopt wants to be called by the shell itself.
                        "source '%s'; compopt() { :; }; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_lastgood; printf '%%s\\n' \"${COMPREPLY[@]}\""
                                .formatted(script, array, words.length - 1))
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
