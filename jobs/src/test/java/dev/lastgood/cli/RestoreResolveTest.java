package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that was killed between a write and its answer, and somebody wrote the record before it went on. */
class RestoreResolveTest {
    @TempDir
    Path folder;

    private StoryForTests story;

    @BeforeEach
    void begin() {
        story = new StoryForTests(folder);
    }

    private void rows(String total) throws IOException {
        Files.writeString(folder.resolve("rows.csv"), "id,total\nr1,5\nr2," + total + "\n");
    }

    /** The journal as the killed process left it: it had sent the step, and nobody knows what came of it. */
    private void killedAfterItsIntent(String plan) throws IOException {
        Path store = folder.resolve("store");
        JsonNode step = JsonValues.MAPPER
                .readTree(Files.readString(store.resolve("plans/" + plan + "/payload/part-00000.jsonl")))
                .get("step");
        String digest = Sha256.of(Files.readAllBytes(store.resolve("plans/" + plan + "/plan.json")))
                .hex();
        ObjectNode body = JsonValues.MAPPER.createObjectNode();
        body.put("formatVersion", 1).put("run", plan).put("number", 1).put("previous", "");
        var entries = body.putArray("entries");
        entries.addObject()
                .putObject("started")
                .put("digest", digest)
                .put("undoes", "")
                .put("head", "")
                .put("by", "grace");
        entries.addObject().putObject("claimed").put("applier", "a").put("owner", "gone");
        ObjectNode intent =
                entries.addObject().putObject("intent").put("step", 1).put("token", "an older file");
        intent.set("pre", step.get("bad"));
        intent.set("post", step.get("good"));
        String text = JsonValues.write(body);
        String seal = Sha256.of(text.getBytes(StandardCharsets.UTF_8)).hex();
        Path segment = store.resolve("runs/" + plan + "/journal/000000000001.json");
        Files.createDirectories(segment.getParent());
        Files.writeString(segment, "{\"sha256\":\"%s\",\"body\":%s}".formatted(seal, text));
    }

    /** A plan that puts back one damaged record, approved. */
    private String approved() throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), """
                format: 1
                workspace: resolve
                store: store
                rules: [rules.yaml]
                sources: {here: {files: ., write: {}}}
                datasets:
                  rows:
                    source: here
                    path: rows.csv
                    format: csv
                    key: [id]
                    schema: {total: int}
                    restore: {write: in_place}
                """);
        Files.writeString(folder.resolve("rules.yaml"), """
                rules:
                  - {id: total, dataset: rows, field: total, min: 0}
                """);
        rows("7");
        story.ended(0, "snapshot", "take");
        rows("-7");
        story.ended(1, "audit");
        String plan = WorkspaceForTests.json(
                        story.ended(0, "restore", "plan", "--json").out())
                .get("plan")
                .asText();
        story.ended(0, "restore", "approve", plan);
        return plan;
    }

    @Test
    void a_person_is_shown_what_live_holds_and_says_what_became_of_it() throws IOException {
        String plan = approved();
        killedAfterItsIntent(plan);
        rows("9");

        story.ended(3, "restore", "apply", plan, "--yes", "--take-over");
        Ended open = story.ended(3, "restore", "resolve", plan);
        assertThat(open.out()).contains("1 ambiguous steps, 0 of them resolved").contains("live holds something else");
        Ended unknown = story.ended(
                2, "restore", "resolve", plan, "--step", "2", "--as", "written", "--note", "asked the application");
        assertThat(unknown.err()).contains("has no ambiguous step '2'");
        story.ended(
                0, "restore", "resolve", plan, "--step", "1", "--as", "not_written", "--note", "asked the application");

        JsonNode said = WorkspaceForTests.json(
                story.ended(0, "restore", "resolve", plan, "--json").out());
        assertThat(said.get("ambiguousSteps").toString())
                .isEqualTo("[{\"step\":1,\"dataset\":\"rows\",\"now\":\"something_else\",\"outcome\":\"not_written\","
                        + "\"note\":\"asked the application\"}]");
        assertThat(Files.readString(folder.resolve("rows.csv"))).contains("r2,9");
    }

    /** Its receipt is there, and the catalog does not know: the next apply tells it what the receipt says. */
    @Test
    void a_run_that_was_killed_before_it_told_the_catalog_is_told_of_as_it_was() throws IOException {
        String plan = approved();
        story.ended(0, "restore", "apply", plan, "--yes");
        Path catalog = folder.resolve("store/catalog");
        String last;
        try (Stream<Path> entries = Files.list(catalog)) {
            last = entries.map(Path::getFileName)
                    .map(Path::toString)
                    .sorted()
                    .reduce((a, b) -> b)
                    .orElseThrow();
        }
        assertThat(Files.readString(catalog.resolve(last)))
                .contains("\"ended\"")
                .contains("VERIFIED");
        Files.delete(catalog.resolve(last));
        rows("8"); // by now somebody has written it, which the run has nothing to do with

        story.ended(1, "restore", "apply", plan, "--yes");

        assertThat(Files.readString(catalog.resolve(last)))
                .contains("\"ended\"")
                .contains("VERIFIED");
    }
}
