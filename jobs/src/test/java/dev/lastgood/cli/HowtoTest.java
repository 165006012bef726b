package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
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
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern COMMAND = Pattern.compile("(?m)(?:^ +|`)(?:\\./)?lastgood ([a-z][^`\\n#]*)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("howto", "schedules", "notebooks")) {
            try (Stream<Path> all = Files.list(ROOT.resolve(folder))) {
                all.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        pages.add(ROOT.resolve("README.md"));
        pages.add(ROOT.resolve("jobs/README.md"));
        return pages;
    }

    @Test
    void every_command_is_one_with_these_options() throws IOException {
        int commands = 0;
        for (Path page : pages()) {
            Matcher found = COMMAND.matcher(Files.readString(page));
            while (found.find()) {
                // What stands apart from it, to the right, is said of it.
                String line = found.group(1).strip().replaceFirst(" {3,}.*", "");
                String[] words = ShopForTests.words(line).toArray(String[]::new);
                try {
                    Main.commandLine(Clock.systemUTC(), Map.of()).parseArgs(words);
                } catch (picocli.CommandLine.ParameterException e) {
                    throw new AssertionError("%s: lastgood %s: %s".formatted(page, line, e.getMessage()), e);
                }
                commands++;
            }
        }
        assertThat(commands).isGreaterThan(45);
    }

    /** The commands of a page in order, each with the exit code it had, on a shop as it is; $PLAN is the last one made. */
    private static List<String> ran(ShopForTests shop, String page) throws IOException {
        List<String> ran = new ArrayList<>();
        String plan = "";
        Matcher found = COMMAND.matcher(Files.readString(ROOT.resolve("howto").resolve(page)));
        while (found.find()) {
            String line = found.group(1).strip();
            String here = line.replace("9f3c", plan)
                    .replace("orders 4711", "orders 1")
                    .replaceAll(" (\\S+\\.(?:jsonl?|html|yaml|sql|xml|prom|pem))(?= |$)", " \\$SHOP/$1");
            Ended ended = shop.run(ShopForTests.words(here));
            assertThat(ended.code())
                    .as("%s%n%s%n%s", here, ended.out(), ended.err())
                    .isNotIn(2, 4, 5);
            ran.add(ended.code() + " " + line);
            Matcher made = Pattern.compile("(?m)^plan ([0-9a-f]{12}):").matcher(ended.out());
            plan = made.find() ? made.group(1) : plan;
        }
        return ran;
    }

    @Test
    void what_is_typed_at_night_until_the_damage_is_put_back_does_what_the_pages_say() throws IOException {
        ShopForTests shop = ShopForTests.at(Stage.DAMAGED);
        List<String> ran = new ArrayList<>(ran(shop, "incident-at-night.md"));
        ran.addAll(ran(shop, "restore-safely.md"));
        assertThat(ran).containsExactly();
    }

    @Test
    void what_is_typed_for_nightly_verification_does_what_the_page_says() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.FRESH);
        KeyPair ann = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        shop.write(
                "approver.pem", SigningTest.pem("PRIVATE KEY", ann.getPrivate().getEncoded()));
        shop.write("keys/ann.pub", SigningTest.pem("PUBLIC KEY", ann.getPublic().getEncoded()));
        shop.append("lastgood.yaml", "\napproval: {keys: [keys/ann.pub]}\n");
        assertThat(ran(shop, "nightly-verification.md")).containsExactly();
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
