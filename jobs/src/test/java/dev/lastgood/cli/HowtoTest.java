package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What how-tos tell people to type can be typed, and where they lead there is something. */
final class HowtoTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("howto", "schedules", "notebooks")) {
            try (Stream<Path> all = Files.list(Howtos.ROOT.resolve(folder))) {
                all.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        pages.add(Howtos.ROOT.resolve("README.md"));
        pages.add(Howtos.ROOT.resolve("jobs/README.md"));
        return pages;
    }

    @Test
    void every_command_is_one_with_these_options() throws IOException {
        int commands = 0;
        for (Path page : pages()) {
            for (String command : Howtos.commands(page)) {
                String[] words = ShopForTests.words(command).toArray(String[]::new);
                try {
                    Main.commandLine(Clock.systemUTC(), Map.of()).parseArgs(words);
                } catch (picocli.CommandLine.ParameterException e) {
                    throw new AssertionError("%s: lastgood %s: %s".formatted(page, command, e.getMessage()), e);
                }
                commands++;
            }
        }
        assertThat(commands).isGreaterThan(45);
    }

    @Test
    void every_link_leads_to_a_file() throws IOException {
        int links = 0;
        for (Path page : pages()) {
            Matcher found = LINK.matcher(Files.readString(page));
            while (found.find()) {
                assertThat(page.resolveSibling(found.group(1)).normalize())
                        .as("%s in %s", found.group(1), page)
                        .exists();
                links++;
            }
        }
        assertThat(links).isGreaterThan(20);
    }
}
