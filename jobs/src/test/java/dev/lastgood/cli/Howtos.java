package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command lines that pages show, and what {@code howto/README.md} says a test does with them. */
final class Howtos {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Path INDEX = ROOT.resolve("howto/README.md");
    private static final Pattern COMMAND = Pattern.compile("(?m)(?:^ +|`)(?:\\./)?lastgood ([a-z][^`\\n#]*)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| \\[[^]]+]\\(([^)]+\\.md)\\) \\|.*\\| ([^|]*) \\|$");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    private Howtos() {}

    /** Without the first word. */
    static List<String> commands(Path page) throws IOException {
        List<String> commands = new ArrayList<>();
        Matcher found = COMMAND.matcher(Files.readString(page));
        while (found.find()) {
            // What stands apart from it, to the right, is said of it.
            commands.add(found.group(1).strip().replaceFirst(" {3,}.*", ""));
        }
        return commands;
    }

    /** By the name of the page, those of its commands that are run, in their order; none where none is. */
    static Map<String, List<String>> run() throws IOException {
        Map<String, List<String>> pages = new LinkedHashMap<>();
        Matcher row = ROW.matcher(Files.readString(INDEX));
        while (row.find()) {
            List<String> run = new ArrayList<>();
            if (row.group(2).startsWith("run")) {
                run.addAll(commands(INDEX.resolveSibling(row.group(1))));
                Matcher but = QUOTED.matcher(row.group(2));
                while (but.find()) {
                    assertThat(run.removeIf(command -> command.startsWith(but.group(1))))
                            .as("%s shows '%s'", row.group(1), but.group(1))
                            .isTrue();
                }
            }
            pages.put(row.group(1), run);
        }
        return pages;
    }
}
