package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the snapshot to the undo, by the command line, on a real database that other people go on writing to. */
abstract class DatabaseStory {
    abstract Connection connect() throws SQLException;

    abstract String url();

    abstract String user();

    /** Makes an empty schema named story. */
    abstract List<String> schema();

    /** The type of an exact number of any scale. */
    abstract String number();

    /** The column that tells writes apart, as a further line of the dataset; empty if the database has none. */
    abstract String token();

    /** What an order holds but how often it was visited, numbers without trailing zeros. */
    abstract String orders();

    private static final String YAML = """
        format: 1
        workspace: story
        store: store
        rules: [rules.yaml]
        sources:
          db:
            jdbc: ${env:STORY_DB}
            user: ${env:STORY_USER}
            confirm: never
            write:
              user: ${env:STORY_USER}
        datasets:
          orders:
            source: db
            table: story.orders
            key: [id]%s
            restore: {write: in_place}
        """;

    private static final String RULES = """
        rules:
          - {id: total, dataset: orders, assert: total = price * quantity, fields: [total]}
        """;

    @TempDir
    Path folder;

    private StoryForTests story;

    @BeforeEach
    void sixty_orders() throws IOException {
        story = new StoryForTests(folder, Map.of("STORY_DB", url(), "STORY_USER", user()));
        Files.writeString(folder.resolve("lastgood.yaml"), YAML.formatted(token()));
        Files.writeString(folder.resolve("rules.yaml"), RULES);
        sql(schema().toArray(String[]::new));
        sql("create table story.orders (id int primary key, price numeric(10,2), quantity int, total " + number()
                + ", note varchar(20), visits bigint not null default 0)");
        for (int i = 1; i <= 60; i++) {
            sql(
                    "insert into story.orders (id, price, quantity, total, note) values (%1$d, %1$d.25, 2, %1$d.25 * 2, 'n%1$d')"
                            .formatted(i));
        }
    }

    @Test
    void a_bug_is_found_and_put_back_while_others_write_and_taken_back_again() throws Exception {
        story.run(0, "snapshot", "take");

        // a bug, and people beside it
        sql(
                "update story.orders set total = total * 100 where id <= 20",
                "update story.orders set note = 'called' where id between 5 and 10",
                "update story.orders set quantity = 3, total = price * 3 where id = 30",
                "delete from story.orders where id = 60",
                "insert into story.orders (id, price, quantity, total, note) values (61, 1, 1, 1, 'new')");
        List<String> damaged = rows(orders());

        JsonNode audit = story.run(1, "audit");
        assertThat(audit.get("verdict").asText()).isEqualTo("FAIL");
        assertThat(audit.get("rules").get(0).get("violations").asInt()).isEqualTo(20);
        assertThat(audit.get("datasets").get(0).toString())
                .isEqualTo("{\"name\":\"orders\",\"before\":60,\"after\":60,\"added\":1,\"removed\":1,\"changed\":21,"
                        + "\"unchanged\":38}");
        assertThat(audit.get("incidents")).hasSize(1);

        sql("update story.orders set total = price * quantity where id = 1"); // somebody has noticed
        JsonNode plan = story.run(0, "restore", "plan");
        assertThat(plan.get("steps").toString()).isEqualTo("{\"insert\":0,\"update\":19,\"delete\":0}");
        assertThat(plan.get("healed").asInt()).isEqualTo(1);
        assertThat(plan.get("fields").asInt()).isEqualTo(19);
        String id = plan.get("plan").asText();
        story.run(5, "restore", "apply", id, "--yes");
        story.run(0, "restore", "approve", id);

        sql("update story.orders set price = 9, total = 18 where id = 2"); // and somebody since
        Visitors visitors = new Visitors();
        JsonNode receipt = visitors.during(() -> story.run(1, "restore", "apply", id, "--yes"));
        assertThat(counts(receipt)).isEqualTo("18 done 0 noop 1 conflict 0 failed 0 ambiguous 0 pending, 18 verified");

        List<String> restored = new ArrayList<>(damaged);
        for (int i = 3; i <= 20; i++) {
            restored.set(i - 1, damaged.get(i - 1).replaceFirst(" 2 [0-9.]+ ", " 2 " + (i * 2) + ".5 "));
        }
        restored.set(0, "1 1.25 2 2.5 n1");
        restored.set(1, "2 9.00 2 18 n2");
        assertThat(rows(orders())).isEqualTo(restored);
        assertThat(rows("select sum(visits) from story.orders")).containsExactly(Long.toString(visitors.count()));
        assertThat(story.run(0, "audit").get("verdict").asText()).isEqualTo("PASS");
        assertThat(counts(story.run(1, "restore", "apply", id, "--yes")))
                .as("again")
                .isEqualTo(counts(receipt));

        sql("update story.orders set total = 7.5, quantity = 2, price = 3.75 where id = 3"); // a later write
        JsonNode undone = visitors.during(() -> story.run(1, "restore", "undo", id, "--yes"));
        assertThat(counts(undone)).isEqualTo("17 done 0 noop 1 conflict 0 failed 0 ambiguous 0 pending, 17 verified");
        List<String> back = new ArrayList<>(damaged);
        back.set(0, restored.get(0));
        back.set(1, restored.get(1));
        back.set(2, "3 3.75 2 7.5 n3");
        assertThat(rows(orders())).isEqualTo(back);
        assertThat(rows("select sum(visits) from story.orders")).containsExactly(Long.toString(visitors.count()));
    }

    private void sql(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of the rows of a query. */
    private List<String> rows(String query) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    private static String counts(JsonNode receipt) {
        StringBuilder text = new StringBuilder();
        for (String state : List.of("done", "noop", "conflict", "failed", "ambiguous", "pending")) {
            text.append(receipt.get(state)).append(' ').append(state).append(' ');
        }
        return text.toString().strip() + ", " + receipt.get("verified") + " verified";
    }

    /** People who look at orders, each look a write to the very rows that are being restored. */
    private final class Visitors {
        private long count;

        long count() {
            return count;
        }

        private interface Act {
            JsonNode run();
        }

        JsonNode during(Act act) throws ExecutionException, InterruptedException {
            AtomicBoolean done = new AtomicBoolean();
            CountDownLatch begun = new CountDownLatch(1);
            ExecutorService visitor = Executors.newSingleThreadExecutor();
            try {
                Future<Long> visits = visitor.submit(() -> visit(done, begun));
                begun.await();
                JsonNode document;
                try {
                    document = act.run();
                } finally {
                    done.set(true);
                    count += visits.get();
                }
                return document;
            } finally {
                visitor.shutdown();
            }
        }

        private long visit(AtomicBoolean done, CountDownLatch begun) throws SQLException {
            long visits = 0;
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                do {
                    int id = (int) (visits % 20 + 1);
                    visits += statement.executeUpdate("update story.orders set visits = visits + 1 where id = " + id);
                    begun.countDown();
                } while (!done.get());
            } finally {
                begun.countDown();
            }
            return visits;
        }
    }
}
