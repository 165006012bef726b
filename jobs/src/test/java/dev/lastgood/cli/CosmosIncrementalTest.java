package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.cosmos.contract.CosmosForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a container only what was written since is captured, and the snapshot is as whole as any. */
class CosmosIncrementalTest {
    private static final String YAML = """
        format: 1
        workspace: story
        store: store
        sources:
          db: {cosmos: '${env:STORY_COSMOS}', database: %s, key: '${env:STORY_KEY}'}
        datasets:
          things: {source: db, container: %s, key: [tenant, id], incremental: {by: %s, overlap: 1ms}}
        """;

    /** The service tells the date of today, whatever its clock for documents: ours is behind it unless a test says otherwise. */
    private final Instant today = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final Instant day = today.truncatedTo(ChronoUnit.DAYS).minus(2, ChronoUnit.DAYS);

    private final Path folder;
    private final CosmosForTests cosmos = CosmosForTests.standIn();
    private final CosmosContainer container = cosmos.container("/tenant");
    private final StoryForTests story;

    CosmosIncrementalTest(@TempDir Path folder) {
        this.folder = folder;
        // The first capture begins late in a second.
        this.story = story(day.plusSeconds(2 * 3600).plusMillis(700));
    }

    private StoryForTests story(Instant begin) {
        return new StoryForTests(folder, Map.of("STORY_COSMOS", cosmos.endpoint(), "STORY_KEY", cosmos.key()), begin);
    }

    @BeforeEach
    void forty_things() throws IOException {
        Files.writeString(
                folder.resolve("lastgood.yaml"),
                YAML.formatted(CosmosForTests.DATABASE, container.getId(), "changed_at"));
        at("00:00:00");
        for (int i = 1; i < 40; i++) {
            thing(i, "\"v\":" + i);
        }
        // While the first capture goes on.
        at("03:00:05");
        thing(40, "\"v\":40");
    }

    private void at(String time) {
        at(day.plusSeconds(LocalTime.parse(time).toSecondOfDay()));
    }

    private void at(Instant time) {
        cosmos.server().clock(time::getEpochSecond);
    }

    private void thing(int i, String fields) {
        CosmosForTests.put(container, "{\"id\":\"%d\",\"tenant\":\"t%d\",%s}".formatted(i, i % 7, fields));
    }

    private void delete(int i) {
        container.deleteItem(Integer.toString(i), new PartitionKey("t" + i % 7), new CosmosItemRequestOptions());
    }

    private String taken(String... more) {
        JsonNode taken = story.run(0, more.length == 0 ? new String[] {"snapshot", "take"} : more);
        return taken.get("snapshot").asText();
    }

    private String changes() {
        return taken("snapshot", "take", "--incremental");
    }

    private void by(String what) throws IOException {
        Files.writeString(
                folder.resolve("lastgood.yaml"), YAML.formatted(CosmosForTests.DATABASE, container.getId(), what));
    }

    @Test
    @Tag("full")
    void the_same_by_the_change_feed() throws IOException {
        by("change_feed");
        what_was_written_put_and_deleted_is_in_a_chain_that_is_as_good_as_a_whole();
    }

    @Test
    void what_was_written_put_and_deleted_is_in_a_chain_that_is_as_good_as_a_whole() {
        String full = taken();

        // In the very second in which it began, after it: times are of whole seconds.
        at("03:00:00");
        thing(1, "\"v\":100");
        thing(2, "\"v\":2,\"only\":{\"here\":[1.5]}");
        thing(41, "\"v\":41");
        delete(3);
        delete(4);
        long before = cosmos.server().wholeDocuments();
        String second = changes();
        assertThat(cosmos.server().wholeDocuments() - before)
                .as("documents read as a whole, of which one is not new")
                .isEqualTo(4);
        assertThat(story.run(1, "diff", full, second).toString())
                .contains("\"added\":1", "\"removed\":2", "\"changed\":2");
        assertThat(story.run(0, "diff", second, "live").toString()).contains("\"unchanged\":39");

        at("09:00:00");
        thing(3, "\"v\":300");
        thing(1, "\"v\":101");
        delete(41);
        String third = changes();
        assertThat(story.run(0, "snapshot", "verify", third, "--level", "L3").toString())
                .contains("PASS");
        assertThat(story.run(0, "diff", third, "live").toString()).contains("\"unchanged\":39");
        assertThat(story.run(1, "diff", second, third).toString())
                .contains("\"added\":1", "\"removed\":1", "\"changed\":1");
        assertThat(story.run(0, "diff", third, taken()).toString()).contains("\"unchanged\":39");
    }

    /** Of the feed a document may come twice, and the later time is what it holds. */
    @Test
    void what_is_written_while_the_change_feed_is_read_is_captured_as_it_was_written_last() throws IOException {
        taken();
        by("change_feed");
        at("03:00:00");
        for (int i = 1; i <= 20; i++) {
            thing(i * 7, "\"v\":-1");
        }
        cosmos.server().largestPage(3);
        cosmos.server().afterNextPageOfChanges(() -> thing(7, "\"v\":-2"));

        changes();
        cosmos.server().largestPage(1_000);
        assertThat(story.run(0, "diff", "latest", "live").toString()).contains("\"unchanged\":55");
    }

    /** It is written after its range was read, and before the last one is. */
    @Test
    void what_is_written_during_a_long_capture_is_found_though_our_clock_is_ahead() {
        StoryForTests ahead = story(today.plusSeconds(3600));
        at(today.plusSeconds(5400));
        thing(40, "\"v\":400");
        ahead.run(0, "snapshot", "take");
        at(today.plusSeconds(600));
        thing(1, "\"v\":100");

        ahead.run(0, "snapshot", "take", "--incremental");
        assertThat(ahead.run(0, "diff", "latest", "live").toString()).contains("\"unchanged\":40");
    }

    /** It may be older than the snapshot, under the same keys. */
    @Test
    void a_container_that_was_restored_in_place_is_captured_as_a_whole() {
        taken();
        container.delete();
        CosmosContainer restored = cosmos.container(new CosmosContainerProperties(container.getId(), "/tenant"));
        at("00:00:00");
        CosmosForTests.put(restored, "{\"id\":\"1\",\"tenant\":\"t1\",\"v\":0}");

        JsonNode taken = story.run(0, "snapshot", "take", "--incremental");
        assertThat(taken.get("datasets").get(0).get("wholeBecause").asText())
                .isEqualTo("its container is not the one it was captured of before");
        assertThat(story.run(0, "diff", "latest", "live").toString()).contains("\"unchanged\":1");
    }

    @Test
    void a_key_of_another_type_is_not_built_on() throws IOException {
        CosmosContainer numbers = cosmos.container("/n");
        Files.writeString(
                folder.resolve("lastgood.yaml"),
                YAML.formatted(CosmosForTests.DATABASE, numbers.getId(), "changed_at")
                        .replace("[tenant, id]", "[n, id]"));
        CosmosForTests.put(numbers, "{\"id\":\"1\",\"n\":1}");
        CosmosForTests.put(numbers, "{\"id\":\"2\",\"n\":2}");
        String full = taken();
        CosmosForTests.put(numbers, "{\"id\":\"3\",\"n\":\"three\"}");

        assertThat(story.ended(5, "snapshot", "take", "--incremental").err())
                .contains("the keys of dataset 'things' are seen as struct<n:string,id:string>, and were in snapshot "
                        + full + ", on which it would build, as struct<n:bigint,id:string>; nothing was taken");
        CosmosForTests.put(numbers, "{\"id\":\"3\",\"n\":\"four\"}");
        assertThat(story.ended(5, "snapshot", "take", "--incremental").err())
                .contains(
                        "several keys of dataset 'things' are one, seen as in the snapshot on which it would build: they are of"
                                + " another type now, or are shared; nothing was taken");
        assertThat(taken()).isNotEqualTo(full);
    }
}
