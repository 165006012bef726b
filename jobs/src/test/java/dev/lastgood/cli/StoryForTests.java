package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.PostgresForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Commands in a workspace, one after the other, an hour between two of them; and the PostgreSQL it may be about, which its
 * sources find at {@code ${env:STORY_DB}} as {@code ${env:STORY_USER}}.
 */
final class StoryForTests {
    private final Path folder;
    private final Map<String, String> environment;
    private Instant now;

    StoryForTests(Path folder) {
        this(folder, Map.of("STORY_DB", PostgresForTests.url(), "STORY_USER", PostgresForTests.USER));
    }

    StoryForTests(Path folder, Map<String, String> environment) {
        this(folder, environment, Instant.parse("2026-11-22T02:00:00Z"));
    }

    /** @param begin an hour before the first command */
    StoryForTests(Path folder, Map<String, String> environment, Instant begin) {
        this.folder = folder;
        this.environment = environment;
        this.now = begin;
    }

    /** The document of a command that must end with this code. */
    JsonNode run(int code, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return WorkspaceForTests.json(ended(code, all.toArray(String[]::new)).out());
    }

    /** What a command prints that must end with this code. */
    Ended ended(int code, String... arguments) {
        Ended ended = ends(arguments);
        assertThat(ended.code())
                .as("%s%n%s%n%s", List.of(arguments), ended.out(), ended.err())
                .isEqualTo(code);
        return ended;
    }

    /** What a command comes to. */
    Ended ends(String... arguments) {
        now = now.plus(Duration.ofHours(1));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-w", folder.toString()));
        return CommandLineForTests.runOnSpark(now, environment, all);
    }

    static void sql(String statements) {
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        } catch (SQLException e) {
            throw new IllegalStateException(statements, e);
        }
    }

    /** The first column of the rows of a query. */
    static List<String> rows(String query) {
        try (Connection connection = PostgresForTests.connect();
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
}
