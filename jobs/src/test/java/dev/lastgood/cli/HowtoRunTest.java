package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.cli.CommandLineForTests.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what the how-tos say, word for word, on one small shop: its nights, its rules, the night of the incident, the restore, and
 * the backups somebody had before. What they are run on stands in for what they name: a folder for {@code /backups}, an
 * embedded database for the one on {@code db1}, the id of the plan at hand for {@code 9f3c}.
 */
final class HowtoRunTest {
    private static final String COSMOS = "cosmos-account-restored-beside.md";
    private static final Pattern PLAN = Pattern.compile("(?m)^plan ([0-9a-f]{12}):");

    private final Path folder;
    private final Path shop;
    private final String db;
    private final Map<String, String> environment;
    private final Map<String, List<String>> pages = Howtos.run();
    private final Set<String> done = new HashSet<>();
    private String plan = "";

    HowtoRunTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        this.shop = Files.createDirectories(folder.resolve("shop"));
        this.db = "jdbc:h2:" + folder.resolve("db") + ";USER=SA";
        KeyPair approver = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String secret = SigningTest.pem("PRIVATE KEY", approver.getPrivate().getEncoded());
        this.environment = Map.of("SHOP_DB", db, "SHOP_USER", "SA", "LASTGOOD_APPROVAL_KEY", secret);
        write("approver.pem", secret);
        write("approver.pub", SigningTest.pem("PUBLIC KEY", approver.getPublic().getEncoded()));
    }

    private void write(String file, String text) throws IOException {
        Path path = shop.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void sql(String statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(db);
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private void openShop() throws IOException, SQLException {
        write("lastgood.yaml", """
            format: 1
            workspace: shop
            store: store
            sources:
              db: {jdbc: '${env:SHOP_DB}', user: '${env:SHOP_USER}', confirm: never, write: {user: '${env:SHOP_USER}'}}
            datasets:
              orders: {source: db, table: ORDERS, key: [ID], version: ROW_VERSION, changed_at: UPDATED_AT, restore: {write: in_place}}
            approval: {keys: [approver.pub]}
            due: {snapshot: 24h, verify: {L2: 7d, L3: 30d}}
            retention: {keep_last: 3, daily: 14, weekly: 8, monthly: 12, minimum: 3}
            """);
        write("rules/shop.yaml", """
            rules:
              - id: order-total
                dataset: orders
                assert: TOTAL = PRICE * QUANTITY
                fields: [TOTAL]
                tests:
                  - {record: {TOTAL: 5.00, PRICE: 2.50, QUANTITY: 2}, expect: pass}
                  - {record: {TOTAL: 500.00, PRICE: 2.50, QUANTITY: 2}, expect: fail}
            """);
        write("models/schema.yml", """
            version: 2
            models:
              - name: orders
                columns:
                  - name: STATUS
                    data_tests: [not_null, {accepted_values: {values: [NEW, PAID, SHIPPED]}}]
            """);
        sql("""
            CREATE TABLE ORDERS(ID INT PRIMARY KEY, PRICE DECIMAL(9,2), QUANTITY INT, TOTAL DECIMAL(9,2), STATUS VARCHAR(9),
                APP VARCHAR(9), ROW_VERSION INT, UPDATED_AT TIMESTAMP);
            INSERT INTO ORDERS SELECT X, X + 0.50, 2, 2 * X + 1, 'NEW', '4.2.0', 1, TIMESTAMP '2026-09-21 10:00:00'
                FROM SYSTEM_RANGE(4701, 4900)
            """);
    }

    /** Totals a hundred times too large, beside honest traffic; one of the damaged orders is shipped. */
    private void damage() throws SQLException {
        sql("""
            UPDATE ORDERS SET TOTAL = TOTAL * 100, APP = '4.2.1', ROW_VERSION = 2,
                UPDATED_AT = DATEADD(MINUTE, ID - 4700, TIMESTAMP '2026-11-22 02:10:00') WHERE ID BETWEEN 4711 AND 4740;
            UPDATE ORDERS SET STATUS = 'PAID', ROW_VERSION = 2,
                UPDATED_AT = DATEADD(SECOND, ID - 4700, TIMESTAMP '2026-11-22 02:30:00') WHERE ID BETWEEN 4800 AND 4840;
            UPDATE ORDERS SET STATUS = 'SHIPPED', ROW_VERSION = 3, UPDATED_AT = TIMESTAMP '2026-11-22 02:55:00' WHERE ID = 4712
            """);
    }

    @Test
    @Tag("full")
    void what_the_how_tos_say_can_be_done() throws Exception {
        openShop();
        // Of one audit no trend can be told.
        run("nightly-verification.md", shop, "2026-09-30T15:00:00Z", Map.of("report --trends", 3));

        run("write-and-test-rules.md", shop, "2026-11-20T02:00:00Z", Map.of());
        Files.delete(shop.resolve("rules/suggested.yaml"));

        new StoryForTests(shop, environment, Instant.parse("2026-11-21T02:00:00Z")).run(0, "snapshot", "take");
        damage();
        run("incident-at-night.md", shop, "2026-11-22T02:00:00Z", Map.of("audit", 1));
        assertThat(shop.resolve("findings.jsonl")).isNotEmptyFile();

        run("restore-safely.md", shop, "2026-11-22T12:00:00Z", Map.of());
        assertThat(shop.resolve("steps.sql")).isNotEmptyFile();

        new StoryForTests(shop, environment, Instant.parse("2026-11-22T22:00:00Z"))
                .run(0, "snapshot", "export", "latest", "--dataset", "orders", "--to", backup().toString());
        // Nobody has written a rule yet, and what was damaged was not put back.
        run(
                "adopt-existing-backups.md",
                folder.resolve("adopted"),
                "2026-11-23T02:00:00Z",
                Map.of("snapshot verify", 3, "diff", 1, "audit", 3));

        List<String> elsewhere = new ArrayList<>();
        pages.forEach((page, commands) -> {
            if (!done.contains(page) && !commands.isEmpty()) {
                elsewhere.add(page);
            }
        });
        assertThat(elsewhere).as("CosmosStoryTest runs it").containsExactly(COSMOS);
    }

    /** All that a page shows, in its order; what ends with another code than 0 by its first words. */
    private void run(String page, Path workspace, String begin, Map<String, Integer> codes) {
        StoryForTests story = new StoryForTests(workspace, environment, Instant.parse(begin));
        for (String command : pages.getOrDefault(page, List.of())) {
            List<String> words = new ArrayList<>();
            ShopForTests.words(command).forEach(word -> words.add(here(word, workspace)));
            Ended ended = command.startsWith("rules import")
                    ? CommandLineForTests.run(Instant.parse(begin), environment, words)
                    : words.contains("-w")
                            ? CommandLineForTests.runOnSpark(Instant.parse(begin), environment, words)
                            : story.ends(words.toArray(String[]::new));
            int code = codes.entrySet().stream()
                    .filter(one -> command.startsWith(one.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(0);
            assertThat(ended.code())
                    .as("%s: %s%n%s%s", page, command, ended.out(), ended.err())
                    .isEqualTo(code);
            Matcher made = PLAN.matcher(ended.out());
            plan = made.find() ? made.group(1) : plan;
        }
        done.add(page);
    }

    private Path backup() throws IOException {
        return Files.createDirectories(folder.resolve("backups/orders")).resolve("2026-11-20");
    }

    private String here(String word, Path workspace) {
        if (word.equals("9f3c")) {
            return plan;
        }
        if (word.equals("shop")) {
            return workspace.toString();
        }
        if (word.matches("[a-z/0-9]+\\.[a-z]+")) {
            return workspace.resolve(word).toString();
        }
        return word.replace("/backups", folder.resolve("backups").toString())
                .replace("jdbc:postgresql://db1:5432/shop", db);
    }
}
