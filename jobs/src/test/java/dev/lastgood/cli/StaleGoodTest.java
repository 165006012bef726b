package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A good image that is known not to be the last legitimate one is not put back unless somebody says so. */
class StaleGoodTest {
    @TempDir
    Path folder;

    private StoryForTests story;

    @BeforeEach
    void two_orders_are_captured() throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), """
            format: 1
            workspace: stale
            store: store
            rules: [rules.yaml]
            sources: {here: {files: ., write: {}}}
            datasets:
              orders:
                source: here
                path: orders.csv
                format: csv
                key: [id]
                schema: {id: int, total: int}
                restore: {write: in_place}
            """);
        Files.writeString(folder.resolve("rules.yaml"), """
            rules:
              - {id: total, dataset: orders, field: total, min: 0}
            """);
        story = new StoryForTests(folder, Map.of());
        orders("1,10", "2,20", "3,30");
        story.ended(0, "snapshot", "take");
        story.ended(0, "snapshot", "verify", "--level", "L2");
        // Somebody raises two of them, and one goes down again.
        orders("1,15", "2,20", "3,35");
    }

    private void orders(String... lines) throws IOException {
        Files.write(
                folder.resolve("orders.csv"),
                java.util.stream.Stream.concat(java.util.stream.Stream.of("id,total"), List.of(lines).stream())
                        .toList());
    }

    /** The bug then takes the sign of all of them. */
    private String plan(String source) throws IOException {
        orders("1,-15", "2,-20", "3,-35");
        story.ended(1, "audit");
        var planned = story.ended(1, "restore", "plan");
        assertThat(planned.out())
                .contains("1 steps, 2 conflicts, 0 unrecoverable; fields: 0 proved, 1 as of their capture, 2 stale")
                .contains("2 STALE_GOOD: a later legitimate value than the good image's is known");
        String plan = planned.out().lines().findFirst().orElseThrow().split("[ :]", -1)[1];

        Path left = folder.resolve("left.jsonl");
        story.ended(0, "restore", "show", plan, "--left", left.toString());
        assertThat(Files.readAllLines(left).get(0))
                .contains("\"conflict\":\"STALE_GOOD\",\"path\":\"total\"")
                .contains("from " + source)
                .contains("\"good\":\"10\",\"later\":\"15\",\"laterFrom\":\"" + source);
        return plan;
    }

    @Test
    void an_audit_has_seen_a_later_value_and_people_decide() throws IOException {
        story.ended(0, "audit");
        String plan = plan("audit ");

        Path decisions = folder.resolve("decisions.yaml");
        Files.writeString(decisions, """
            format: 1
            by: anna
            decisions:
              - {conflict: STALE_GOOD, dataset: orders, key: {id: 1}, take: good, why: the raise was a mistake}
              - {conflict: STALE_GOOD, take: live, why: it is being looked into}
            """);
        var decided = story.run(0, "restore", "plan", "--decisions", decisions.toString());
        assertThat(decided.get("good").toString()).isEqualTo("{\"proved\":0,\"asOf\":2,\"stale\":0}");
        String id = decided.get("plan").asText();
        assertThat(id).isNotEqualTo(plan);
        story.ended(0, "restore", "approve", id);
        story.ended(0, "restore", "apply", id, "--yes");
        assertThat(Files.readAllLines(folder.resolve("orders.csv")))
                .containsExactly("id,total", "1,10", "2,20", "3,-35");
    }

    @Test
    void an_earlier_audit_that_cannot_be_read_tells_nothing_and_is_named() throws IOException {
        String earlier = story.run(0, "audit").get("audit").asText();
        try (var files = Files.walk(folder.resolve("store/audits").resolve(earlier))) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".parquet")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
            }
        }
        orders("1,-15", "2,-20", "3,-35");
        story.ended(1, "audit");

        var planned = story.ended(0, "restore", "plan");

        assertThat(planned.out())
                .contains("3 steps, 0 conflicts")
                .contains("audit %s could not be read: whether it knows later values than are put back is not known"
                        .formatted(earlier));
    }

    /** Takes verify what they have written; of a catalog that was made anew nobody knows it any more. */
    @Test
    void a_capture_that_nobody_has_verified_has_seen_a_later_value() throws IOException {
        story.ended(0, "snapshot", "take");
        Files.delete(folder.resolve("store/catalog/000000000001.json"));
        story.ended(1, "doctor", "--rebuild-catalog", "--yes");
        story.ended(0, "snapshot", "verify", "20261122T030000Z", "--level", "L2");
        plan("snapshot 20261122T050000Z");
    }

    @Test
    void a_capture_that_its_take_has_verified_is_what_is_put_back() throws IOException {
        story.ended(0, "snapshot", "take");
        orders("1,-15", "2,-20", "3,-35");
        story.ended(1, "audit");

        assertThat(story.ended(0, "restore", "plan").out()).contains("3 steps, 0 conflicts", " 0 stale");
    }

    @Test
    void a_capture_that_has_rotted_since_it_was_verified_ends_the_planning_with_its_name() throws IOException {
        Path data;
        try (var files = Files.walk(folder.resolve("store/snapshots/orders"))) {
            data = files.filter(file -> file.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
        }
        orders("1,-15", "2,20", "3,35");
        story.ended(1, "audit");
        byte[] bytes = Files.readAllBytes(data);
        bytes[bytes.length / 2] ^= 1;
        Files.write(data, bytes);

        var planned = story.ended(5, "restore", "plan");

        assertThat(planned.err())
                .startsWith("error: snapshots/orders/20261122T030000Z-")
                .contains(data.getFileName().toString())
                .contains("hint: ")
                .doesNotContain("\tat ");
    }
}
