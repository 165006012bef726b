package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import dev.lastgood.source.SourceUnreadable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What commands of schedules write and send beside their result. */
final class OutputsCommandTest {
    private static final String ALL =
            " --junit $SHOP/junit.xml --prometheus $SHOP/lastgood.prom --openlineage $SHOP/lineage.json --github --webhook ALERTS";

    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private int status = 200;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private ShopForTests shop(Stage stage) {
        ShopForTests shop = ShopForTests.at(stage);
        shop.env(
                "ALERTS",
                "http://127.0.0.1:%d/secret-8c1f".formatted(server.getAddress().getPort()));
        return shop;
    }

    private static Ended run(ShopForTests shop, String command) {
        Ended ended = shop.run(ShopForTests.words(command));
        assertThat(ended.out() + ended.err()).doesNotContain("secret-8c1f");
        return ended;
    }

    /** The folder of the shop as seen from where the tests run. */
    private static String here(ShopForTests shop) {
        return Path.of("").toAbsolutePath().relativize(shop.folder()).toString();
    }

    private static String text(ShopForTests shop, String file) throws IOException {
        return Files.readString(shop.folder().resolve(file));
    }

    @Test
    void an_audit_tells_everyone_what_it_found_and_no_value() throws IOException {
        ShopForTests shop = shop(Stage.DAMAGED);

        Ended ended = run(shop, "audit --json" + ALL);

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).startsWith("{").hasLineCount(1);
        assertThat(text(shop, "junit.xml")).contains("name=\"price-positive\"", "<failure message=\"FAIL, 1 of ");
        assertThat(text(shop, "lastgood.prom"))
                .contains("lastgood_verdict{workspace=\"shop\",command=\"audit\",verdict=\"FAIL\"} 1");
        assertThat(text(shop, "lineage.json"))
                .contains("\"name\":\"" + shop.folder().resolve("data/items.csv"));
        assertThat(ended.err())
                .contains("::error file=%s/rules/shop.yaml,line=2,title=price-positive::FAIL, 1 of "
                        .formatted(here(shop)));
        assertThat(received).hasSize(1);
        assertThat(received.get(0))
                .contains("\"verdict\":\"FAIL\"", "\"id\":\"order-total\"")
                .doesNotContain("Planted");
    }

    @Test
    void an_audit_that_comes_to_no_end_leaves_nothing_that_looks_like_a_pass() throws IOException {
        ShopForTests shop = shop(Stage.TAKEN);
        assertThat(run(shop, "audit --dataset items" + ALL).code()).isZero();
        assertThat(text(shop, "lastgood.prom")).contains("verdict=\"PASS\"} 1");
        shop.delete("data/items.csv");

        Ended ended = run(shop, "audit --dataset items" + ALL);

        assertThat(ended.code()).isEqualTo(4);
        assertThat(text(shop, "lastgood.prom")).contains("verdict=\"PASS\"} 0", "verdict=\"INCONCLUSIVE\"} 1");
        assertThat(text(shop, "junit.xml")).contains("errors=\"1\"").doesNotContain("price-positive");
        assertThat(text(shop, "lineage.json")).contains("\"eventType\":\"FAIL\"");
        assertThat(ended.err()).contains("::error title=audit::ERROR");
        assertThat(received).hasSize(2);
        assertThat(received.get(1)).contains("\"verdict\":\"INCONCLUSIVE\"");
    }

    @Test
    void a_verification_and_tests_of_rules_are_told_too() throws IOException {
        ShopForTests shop = shop(Stage.TAKEN);
        shop.flip("store/snapshots/items/*/data/*.parquet");
        assertThat(run(shop, "snapshot verify --dataset items --level L2" + ALL).code())
                .isEqualTo(1);
        assertThat(text(shop, "junit.xml")).contains("lastgood.snapshot-verify.dataset.items", "<failure ");
        assertThat(text(shop, "lineage.json")).contains("\"actual\":\"FAIL\"");

        shop.replace("rules/shop.yaml", "{price: 0.00}, expect: fail", "{price: 0.00}, expect: pass");
        Ended tested = run(shop, "rules test --webhook-on trouble --webhook-body slack" + ALL);

        assertThat(tested.code()).isEqualTo(1);
        assertThat(tested.err()).contains("::error file=%s/rules/shop.yaml,line=8,".formatted(here(shop)));
        assertThat(received.get(1)).contains("\"blocks\"", "FAIL: lastgood rules test of shop");
    }

    @Test
    void an_address_that_takes_nothing_is_said_and_is_no_pass() {
        ShopForTests shop = shop(Stage.FRESH);
        status = 404;

        Ended ended = run(shop, "rules test --webhook ALERTS");

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err()).contains("warning: the address in ALERTS was not told: it answered with status 404");
        assertThat(run(shop, "rules test --webhook ALERTS --webhook-on trouble").code())
                .isZero();
        assertThat(received).hasSize(1);
    }

    @Test
    void an_address_on_the_command_line_is_refused_and_not_repeated() {
        ShopForTests shop = shop(Stage.FRESH);

        Ended ended = run(shop, "rules test --webhook https://127.0.0.1/secret-8c1f");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).isEqualTo("""
                        error: --webhook takes the name of an environment variable, and nothing else
                        hint: The address is a secret, and a command line is seen by everyone on the machine: put it into a variable.
                        """);
        assertThat(run(shop, "rules test --webhook NO_SUCH").err())
                .contains("error: environment variable 'NO_SUCH' of --webhook is not set");
        assertThat(run(shop, "rules test --junit $SHOP/nowhere/x.xml").code()).isEqualTo(2);
    }

    @Test
    void an_output_that_cannot_be_written_changes_no_verdict_and_keeps_no_other_from_being() throws IOException {
        ShopForTests shop = shop(Stage.DAMAGED);
        shop.write("lastgood.prom", "of last night");
        shop.write("lastgood.prom.part/x", "a folder that is in the way");

        Ended ended = run(shop, "audit --json" + ALL);

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).startsWith("{").hasLineCount(1);
        assertThat(ended.err())
                .contains(
                        "warning: %s was not written (".formatted(shop.folder().resolve("lastgood.prom")));
        assertThat(shop.folder().resolve("lastgood.prom")).doesNotExist();
        assertThat(text(shop, "lineage.json")).contains("\"actual\":\"FAIL\"");
        assertThat(received).hasSize(1);
        assertThat(run(shop, "rules test --prometheus $SHOP/lastgood.prom").code())
                .as("a pass that nobody was told of")
                .isEqualTo(3);
    }

    @Test
    void what_is_refused_before_it_begins_is_told_where_it_can_be() throws IOException {
        ShopForTests shop = shop(Stage.FRESH);
        String prometheus = " --prometheus $SHOP/lastgood.prom";
        assertThat(run(shop, "rules test" + prometheus).code()).isZero();
        assertThat(text(shop, "lastgood.prom")).contains("verdict=\"PASS\"} 1");

        assertThat(run(shop, "rules test --webhook NO_SUCH" + prometheus).code())
                .isEqualTo(2);
        assertThat(text(shop, "lastgood.prom")).contains("verdict=\"INCONCLUSIVE\"} 1");

        assertThat(run(shop, "rules test --junit $SHOP/nowhere/x.xml --webhook ALERTS")
                        .code())
                .isEqualTo(2);
        assertThat(received).hasSize(1);
        assertThat(received.get(0)).contains("\"verdict\":\"INCONCLUSIVE\"");
    }

    @Test
    void a_status_is_told_too() throws IOException {
        ShopForTests shop = shop(Stage.TAKEN);

        Ended ended = run(shop, "status" + ALL);

        assertThat(ended.code()).isZero();
        assertThat(text(shop, "lastgood.prom"))
                .containsPattern(
                        "lastgood_snapshot_timestamp_seconds\\{workspace=\"shop\",command=\"status\",dataset=\"items\"} 1[0-9]{9}\n");
        assertThat(received).hasSize(1);
    }

    /** As one that has run out of memory. */
    @Command(name = "failing")
    private static final class Failing extends CheckingCommand {
        @Override
        String name() {
            return "failing";
        }

        @Override
        Concluded check(Console console) {
            throw new OutOfMemoryError("of a record: 4711");
        }
    }

    @Test
    void an_error_of_java_is_told_and_is_no_finding(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("failing.prom");
        CommandLine line = Main.commandLine(Clock.systemUTC(), Map.of())
                .addSubcommand(new Failing())
                .setCaseInsensitiveEnumValuesAllowed(true);

        int code = Main.run(line, "failing", "--junit", file.toString());

        assertThat(code).isEqualTo(4);
        assertThat(Files.readString(file))
                .contains("OutOfMemoryError, exit code 4")
                .doesNotContain("4711");
    }

    @Test
    void what_others_said_is_not_written_into_files() {
        SQLException theirs = new SQLException("Data conversion error converting \"Planted\"; SQL statement:\nSELECT");

        assertThat(Failures.said(new IllegalStateException("Planted"))).isEqualTo("IllegalStateException, exit code 4");
        assertThat(Failures.said(new RuntimeException(theirs))).isEqualTo("RuntimeException, exit code 4");
        assertThat(Failures.said(new SourceUnreadable(
                        "dataset 'orders': cannot be read: Data conversion error converting \"Planted\"",
                        null,
                        theirs)))
                .isEqualTo("dataset 'orders': cannot be read: SQLException");
    }
}
