package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.cli.CommandLineForTests.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the README shows of a terminal: its commands are run, on a shop where a release has written totals a hundred times
 * too large, and what they print is what stands there. {@code -Dgolden.update=true} writes it anew.
 */
final class RecordingTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)(?<=\n```console\n).*?(?=```\n)");
    private static final Pattern COMMAND = Pattern.compile("(?m)^\\$ lastgood ([^#\n]*?)(?: *# ends with ([0-9]))?$");
    private static final Pattern SNAPSHOT = Pattern.compile("([0-9]{8}T[0-9]{6}Z)-[0-9a-f]{4}");

    /** Ids are made by chance, or from what was. */
    private static final String ID = "9f3c51d2a7e8";

    private final Path folder;
    private final StoryForTests story;
    private final String db;

    RecordingTest(@TempDir Path folder) {
        this.folder = folder;
        this.db = "jdbc:h2:" + folder.resolve("db");
        this.story = new StoryForTests(folder, Map.of("SHOP_DB", db, "SHOP_USER", "SA"));
    }

    private void sql(String statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(db, "SA", "");
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private void shop() throws IOException, SQLException {
        Files.writeString(folder.resolve("lastgood.yaml"), """
            format: 1
            workspace: shop
            store: store
            sources:
              db: {jdbc: '${env:SHOP_DB}', user: '${env:SHOP_USER}', confirm: never, write: {user: '${env:SHOP_USER}'}}
            datasets:
              orders: {source: db, table: ORDERS, key: [ID], version: ROW_VERSION, changed_at: UPDATED_AT, restore: {write: in_place}}
            """);
        Files.writeString(Files.createDirectories(folder.resolve("rules")).resolve("shop.yaml"), """
            rules:
              - {id: order-total, dataset: orders, assert: TOTAL = PRICE * QUANTITY, fields: [TOTAL]}
            """);
        sql("""
            CREATE TABLE ORDERS(ID INT PRIMARY KEY, PRICE DECIMAL(9,2), QUANTITY INT, TOTAL DECIMAL(9,2), STATUS VARCHAR(9),
                APP VARCHAR(9), ROW_VERSION INT, UPDATED_AT TIMESTAMP);
            INSERT INTO ORDERS SELECT X, X + 0.50, 2, 2 * X + 1, 'NEW', '4.2.0', 1, TIMESTAMP '2026-11-21 10:00:00'
                FROM SYSTEM_RANGE(1, 400)
            """);
        story.ended(0, "snapshot", "take");
        // The bug, beside what honest traffic writes; and one of the damaged orders is shipped.
        sql("""
            UPDATE ORDERS SET TOTAL = TOTAL * 100, APP = '4.2.1', ROW_VERSION = 2,
                UPDATED_AT = DATEADD(MINUTE, ID, TIMESTAMP '2026-11-22 03:00:00') WHERE ID BETWEEN 11 AND 40;
            UPDATE ORDERS SET STATUS = 'PAID', ROW_VERSION = 2,
                UPDATED_AT = DATEADD(SECOND, ID, TIMESTAMP '2026-11-22 03:00:00') WHERE ID BETWEEN 100 AND 180;
            UPDATE ORDERS SET STATUS = 'SHIPPED', ROW_VERSION = 3, UPDATED_AT = TIMESTAMP '2026-11-22 03:45:00' WHERE ID = 12
            """);
    }

    @Test
    void what_the_readme_shows_is_what_is_printed() throws Exception {
        shop();
        String readme = Files.readString(README);
        Matcher block = BLOCK.matcher(readme);
        assertThat(block.find()).as("a block of console in the README").isTrue();
        StringBuilder recorded = new StringBuilder();
        String plan = "";
        Matcher command = COMMAND.matcher(block.group());
        while (command.find()) {
            int code = command.group(2) == null ? 0 : Integer.parseInt(command.group(2));
            List<String> words = ShopForTests.words(command.group(1).replace(ID.substring(0, 4), plan));
            Ended ended = story.ended(code, words.toArray(String[]::new));
            String printed =
                    (ended.out() + ended.err()).replace(" by " + System.getProperty("user.name") + ",", " by ann,");
            Matcher made = Pattern.compile("(?m)^plan ([0-9a-f]{12}):").matcher(printed);
            plan = made.find() ? made.group(1) : plan;
            String shown = SNAPSHOT.matcher(printed.replaceAll(" +\\(with -w [^)]*\\)", ""))
                    .replaceAll("$1-7f3a");
            recorded.append(recorded.isEmpty() ? "" : "\n")
                    .append(command.group())
                    .append('\n')
                    .append(plan.isEmpty() ? shown : shown.replace(plan, ID));
        }
        assertThat(plan).isNotEmpty();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(README, readme.substring(0, block.start()) + recorded + readme.substring(block.end()));
        }
        assertThat(recorded.toString()).isEqualTo(block.group());
    }
}
