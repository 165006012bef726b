package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.PostgresForTests;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The session of {@code snapshots/README.md}: a process that applies a plan is killed in the middle, while another one goes on
 * writing to the same rows; the plan is applied again, verified, and taken back.
 */
class KilledApplyTest {
    private static final int ORDERS = 400;

    @TempDir
    Path folder;

    @Test
    void a_run_that_was_killed_goes_on_and_nobody_loses_a_write() throws Exception {
        StoryForTests story = new StoryForTests(folder);
        Files.writeString(folder.resolve("lastgood.yaml"), """
            format: 1
            workspace: killed
            store: store
            rules: [rules.yaml]
            sources:
              db: {jdbc: '${env:STORY_DB}', user: '${env:STORY_USER}', confirm: never, write: {user: '${env:STORY_USER}'}}
            datasets:
              orders:
                source: db
                table: killed.orders
                key: [id]
                restore: {write: in_place, throttle: {records_per_second: 50}}
            """);
        Files.writeString(
                folder.resolve("rules.yaml"), "rules: [{id: total, dataset: orders, field: total, min: 0}]\n");
        StoryForTests.sql("""
            drop schema if exists killed cascade;
            create schema killed;
            create table killed.orders (id int primary key, total int, visits bigint not null default 0);
            insert into killed.orders (id, total) select i, i from generate_series(1, %d) i;
            """.formatted(ORDERS));
        story.run(0, "snapshot", "take");
        StoryForTests.sql("update killed.orders set total = -total");
        story.run(1, "audit");
        String plan = story.run(0, "restore", "plan").get("plan").asText();
        story.run(0, "restore", "approve", plan);

        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService visitor = Executors.newSingleThreadExecutor();
        try {
            Future<Long> visits = visitor.submit(() -> visit(stop));
            Process applying = applying(plan);
            waitFor("select count(*) from killed.orders where total > 0", 100, applying);
            assertThat(applying.destroyForcibly().waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(applying.exitValue()).as("killed").isEqualTo(137);
            long before = number("select count(*) from killed.orders where total > 0");
            assertThat(before).isBetween(100L, ORDERS - 1L);

            Files.writeString(
                    folder.resolve("lastgood.yaml"),
                    Files.readString(folder.resolve("lastgood.yaml")).replace("_second: 50", "_second: 100000"));
            told(plan, story.ended(0, "restore", "apply", plan, "--yes").out());
            told(plan, story.ended(0, "restore", "verify", plan).out());
            assertThat(number("select count(*) from killed.orders where total = id"))
                    .isEqualTo(ORDERS);

            told(plan, story.ended(0, "restore", "undo", plan, "--yes").out());
            assertThat(number("select count(*) from killed.orders where total = -id"))
                    .isEqualTo(ORDERS);
            stop.set(true);
            assertThat(number("select sum(visits) from killed.orders"))
                    .as("no visit is lost")
                    .isEqualTo(visits.get())
                    .isPositive();
        } finally {
            stop.set(true);
            visitor.shutdown();
        }
    }

    /** What is printed stands in the README, but for the id of the plan. */
    private static void told(String plan, String printed) throws IOException {
        List<String> lines = printed.lines()
                .map(line -> line.replace(plan, "3f0c…").stripTrailing())
                .filter(line -> line.startsWith("run ") || line.startsWith(" "))
                .toList();
        assertThat(lines).isNotEmpty();
        assertThat(Files.readString(Path.of("..", "snapshots", "README.md"))).contains(String.join("\n", lines));
    }

    /** The same command in a process of its own. */
    private Process applying(String plan) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-") || argument.startsWith("-Duser.timezone"))
                .forEach(command::add);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "dev.lastgood.cli.KilledApplyTest$Applying",
                "restore",
                "apply",
                plan,
                "--yes",
                "-w",
                folder.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("applying.log").toFile());
        builder.environment().put("STORY_DB", PostgresForTests.url());
        builder.environment().put("STORY_USER", PostgresForTests.USER);
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        return builder.start();
    }

    /** A command at the hour of this story. */
    static final class Applying {
        private Applying() {}

        public static void main(String[] args) {
            System.exit(Main.run(
                    java.time.Clock.fixed(java.time.Instant.parse("2026-11-22T07:00:00Z"), java.time.ZoneOffset.UTC),
                    System.getenv(),
                    args));
        }
    }

    private void waitFor(String count, long least, Process applying) throws InterruptedException, IOException {
        while (number(count) < least) {
            if (applying.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(Files.readString(folder.resolve("applying.log")));
            }
        }
    }

    private static long number(String query) {
        return Long.parseLong(StoryForTests.rows(query).get(0));
    }

    private static long visit(AtomicBoolean stop) throws SQLException {
        long visits = 0;
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            while (!stop.get()) {
                visits += statement.executeUpdate(
                        "update killed.orders set visits = visits + 1 where id = " + (visits % ORDERS + 1));
            }
        }
        return visits;
    }
}
