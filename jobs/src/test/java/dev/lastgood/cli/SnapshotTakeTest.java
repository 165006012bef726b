package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snapshot take} with its options, in text and as a document. */
final class SnapshotTakeTest {
    private static final String YAML = """
        format: 1
        workspace: take
        store: store
        rules: []
        sources:
          here: {files: data}
        datasets:
          items: {source: here, path: items.csv, key: [id], changed_at: at, schema: {at: timestamp}}
        """;

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-22T02:00:00Z");

    @BeforeEach
    void two_items() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("lastgood.yaml"), YAML);
        items("id,name,at", "a,Nail,2026-11-22T01:00:00Z", "b,Screw,2026-11-22T01:00:00Z");
    }

    private void items(String... lines) throws IOException {
        Files.writeString(folder.resolve("data/items.csv"), String.join("\n", lines) + "\n");
    }

    private Ended run(String... arguments) {
        now = now.plus(Duration.ofHours(1));
        List<String> all = new ArrayList<>(List.of("snapshot", "take", "-w", folder.toString()));
        all.addAll(List.of(arguments));
        return CommandLineForTests.runOnSpark(now, Map.of(), all);
    }

    private JsonNode taken(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        Ended ended = run(all.toArray(String[]::new));
        assertThat(ended.code()).as(ended.err()).isZero();
        return WorkspaceForTests.json(ended.out());
    }

    @Test
    void the_document_says_how_it_was_captured_and_what_has_changed() throws IOException {
        JsonNode first = taken("--incremental").get("datasets").get(0);
        assertThat(first.get("mode").asText()).isEqualTo("FUZZY");
        assertThat(first.get("from").asText()).isEqualTo("2026-11-22T03:00:00Z");
        assertThat(first.get("to").asText()).isEqualTo("2026-11-22T03:00:00Z");
        assertThat(first.get("consistency").asText()).isEqualTo("files are read one after the other");
        assertThat(first.get("wholeBecause").asText()).isEqualTo("there is no snapshot yet");
        assertThat(first.get("parent").isNull()).isTrue();
        assertThat(first.has("schema")).isFalse();

        items("id,name,at", "a,Nut,2026-11-22T03:30:00Z", "c,Bolt,2026-11-22T03:30:00Z");
        JsonNode second = taken("--incremental");
        JsonNode items = second.get("datasets").get(0);
        assertThat(items.has("wholeBecause")).isFalse();
        assertThat(items.get("parent").asText()).startsWith("20261122T030000Z-");
        assertThat(items.get("records").asLong()).isEqualTo(2);
        assertThat(items.get("inserted").asLong()).isEqualTo(2);
        assertThat(items.get("removed").asLong()).isEqualTo(2);
        assertThat(items.get("tombstones").asLong()).isEqualTo(1);
        assertThat(items.get("schema").toString())
                .isEqualTo("{\"since\":%s,\"changes\":[]}".formatted(items.get("parent")));

        items("id,title,at", "a,Nut,2026-11-22T03:30:00Z", "c,Bolt,2026-11-22T03:30:00Z");
        assertThat(taken().get("datasets").get(0).get("schema").toString())
                .isEqualTo("{\"since\":%s,\"changes\":[".formatted(second.get("snapshot"))
                        + "{\"kind\":\"RENAMED\",\"field\":\"title\",\"before\":\"name\",\"after\":\"title\","
                        + "\"evidence\":\"2 of 2 records hold in it what they held\"}]}");
    }

    @Test
    void the_text_says_the_same() throws IOException {
        assertThat(run("--incremental").out()).contains("\nitems: a full snapshot, for there is no snapshot yet\n");
        items("id,name,at", "a,Nut,2026-11-22T03:30:00Z");
        assertThat(run("--incremental").out())
                .containsPattern(
                        "\nitems: since 20261122T030000Z-[0-9a-f]{4} 1 images are new, 1 were replaced, 1 are gone\n");
        items("id,name,at,size", "a,Nut,2026-11-22T03:30:00Z,7");
        Ended refused = run("--incremental");
        assertThat(refused.code()).isEqualTo(5);
        assertThat(refused.err())
                .matches(
                        "error: the fields of dataset 'items' are not those of snapshot 20261122T040000Z-[0-9a-f]{4}, on"
                                + " which it would build: 'size' has come \\(string\\); nothing was taken\n"
                                + "hint: Take a full one: 'lastgood snapshot take --dataset items'.\n");
        assertThat(run().out())
                .containsPattern(
                        "\nitems: field 'size' has come \\(string\\), unlike in 20261122T040000Z-[0-9a-f]{4}\n");
    }

    @Test
    void files_are_of_no_one_moment() {
        Ended ended = run("--point-in-time");

        assertThat(ended.code()).isEqualTo(5);
        assertThat(ended.err()).isEqualTo("""
                        error: dataset 'items' cannot be captured as it is at one moment: files are read one after the other; \
                        nothing was taken
                        hint: Leave out --point-in-time to take what can be had; its manifest says so.
                        """);
    }
}
