package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import dev.lastgood.record.JsonValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a schedule does for the backups night by night: verify in portions, hold, prune, say how they stand. */
final class SnapshotCareTest {

    private static JsonNode json(ShopForTests shop, int code, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.add("--json");
        Ended ended = shop.run(words);
        assertThat(ended.code()).as(ended.out() + ended.err()).isEqualTo(code);
        return JsonValues.MAPPER.readTree(ended.out());
    }

    private static List<String> snapshots(ShopForTests shop) throws Exception {
        List<String> ids = new ArrayList<>();
        json(shop, 0, "snapshot", "list", "--dataset", "items")
                .get("snapshots")
                .forEach(one -> ids.add(one.get("snapshot").asText()));
        return ids;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    private static List<String> coverage(JsonNode scrubbed) {
        List<String> levels = new ArrayList<>();
        scrubbed.get("coverage")
                .forEach(one -> levels.add("%s %d of %d, %d damaged"
                        .formatted(
                                one.get("level").asText(),
                                one.get("covered").asLong(),
                                one.get("units").asLong(),
                                one.get("damaged").asLong())));
        return levels;
    }

    // ---- retention

    @Test
    void prune_shows_what_goes_and_what_stays_and_why_and_then_asks() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.DAMAGED);
        shop.append("lastgood.yaml", "retention: {keep_last: 1}\n");
        List<String> ids = snapshots(shop);
        assertThat(ids).hasSize(2);
        var before = shop.contents();

        Ended asked = shop.run("snapshot", "prune");

        assertThat(asked.code()).isEqualTo(5);
        assertThat(asked.err())
                .isEqualTo(
                        "error: there is no terminal to ask on; nothing was removed\nhint: Say --yes if it is meant.\n");
        assertThat(asked.out()).containsSubsequence(ids.get(0), "goes", "nothing keeps it");
        assertThat(asked.out()).containsSubsequence(ids.get(1), "stays", "last, last verified, minimum");
        JsonNode dry = json(shop, 0, "snapshot", "prune", "--dry-run");
        assertThat(texts(dry.get("going"))).containsExactly(ids.get(0));
        assertThat(texts(dry.get("removed"))).isEmpty();
        assertThat(shop.contents()).isEqualTo(before);

        JsonNode held = json(shop, 0, "snapshot", "hold", ids.get(0), "--note", "ticket 7", "--until", "2d");
        assertThat(texts(json(shop, 0, "snapshot", "prune", "--yes").get("removed")))
                .isEmpty();
        assertThat(shop.run("snapshot", "list").out()).containsSubsequence("held " + ids.get(0), "ticket 7 (manual");
        json(shop, 0, "snapshot", "release", held.get("hold").asText().substring(0, 8));

        assertThat(texts(json(shop, 0, "snapshot", "prune", "--yes").get("removed")))
                .containsExactly(ids.get(0));

        assertThat(snapshots(shop)).containsExactly(ids.get(1));
        assertThat(shop.contents().keySet()).noneMatch(name -> name.contains("/" + ids.get(0) + "/"));
        assertThat(json(shop, 0, "snapshot", "verify").get("verdict").asText()).isEqualTo("PASS");
        assertThat(shop.run("snapshot", "prune", "--yes").out()).contains("nothing to remove");
    }

    @Test
    void a_hold_that_has_ended_keeps_nothing() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.DAMAGED);
        shop.append("lastgood.yaml", "retention: {keep_last: 1}\n");
        String first = snapshots(shop).get(0);
        json(shop, 0, "snapshot", "hold", first, "--note", "for two days", "--until", "2d");
        assertThat(texts(json(shop, 0, "snapshot", "prune", "--dry-run").get("going")))
                .isEmpty();
        shop.later(Duration.ofDays(3));
        assertThat(texts(json(shop, 0, "snapshot", "prune", "--dry-run").get("going")))
                .containsExactly(first);
    }

    // ---- portions

    @Test
    void what_is_damaged_is_found_and_looked_at_every_time_until_it_is_whole_again() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.TAKEN);
        shop.later(Duration.ofDays(31));
        var sound = shop.contents();
        shop.flip("store/snapshots/items/*/data/part-00001-*.parquet");

        JsonNode damaged = json(shop, 1, "snapshot", "verify", "--budget", "1h", "--level", "L2");
        assertThat(coverage(damaged)).anyMatch(line -> line.matches("L2 \\d+ of \\d+, 1 damaged"));
        assertThat(damaged.toString()).contains("part-00001").contains("CORRUPT");
        JsonNode again = json(shop, 1, "snapshot", "verify", "--budget", "1h", "--level", "L2");
        assertThat(again.get("examined").asLong()).isEqualTo(1);
        assertThat(again.at("/damaged/0/dataset").asText()).isEqualTo("items");
        assertThat(shop.run("audit", "--dataset", "items").code()).isEqualTo(5);
        Ended status = shop.run("status");
        assertThat(status.code()).isEqualTo(1);
        assertThat(status.out()).contains("damaged: snapshot").contains("of items, at L2");

        shop.flip("store/snapshots/items/*/data/part-00001-*.parquet");
        JsonNode whole = json(shop, 0, "snapshot", "verify", "--budget", "1h", "--level", "L2");
        assertThat(whole.get("verdict").asText()).isEqualTo("PASS");
        assertThat(shop.contents()).containsAllEntriesOf(sound);
        assertThat(shop.run("audit", "--dataset", "items").code()).isLessThan(2);
    }

    // ---- rules on a snapshot alone

    @Test
    void a_dirty_snapshot_is_told_from_a_clean_one_and_from_one_nobody_has_rules_for() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.DAMAGED);
        List<String> before = verdicts(json(shop, 3, "snapshot", "verify", "--level", "L4"));
        assertThat(before)
                .containsExactly(
                        "items PASS []",
                        "notes INCONCLUSIVE [manifest.json NOT_EXAMINED there is no rule about it that a snapshot alone"
                                + " can keep]",
                        "orders PASS []");
        json(shop, 0, "snapshot", "take");

        List<String> after = verdicts(json(shop, 1, "snapshot", "verify", "--level", "L4"));

        assertThat(after.get(0)).matches("items FAIL \\[rule price-positive RULE 1 findings in \\d+ records]");
        assertThat(after.get(2)).matches("orders FAIL \\[rule order-total RULE 1 findings in \\d+ records]");
        // What rules say is no damage: it may still be compared with.
        assertThat(shop.run("snapshot", "list").out()).doesNotContain("damaged");
        assertThat(shop.run("audit", "--dataset", "items").code()).isEqualTo(1);
    }

    private static List<String> verdicts(JsonNode document) {
        List<String> verdicts = new ArrayList<>();
        for (JsonNode one : document.get("verifications")) {
            if (one.get("level").asText().equals("L4")) {
                List<String> damages = new ArrayList<>();
                one.get("damages")
                        .forEach(damage -> damages.add("%s %s %s"
                                .formatted(
                                        damage.get("file").asText(),
                                        damage.get("kind").asText(),
                                        damage.get("detail").asText())));
                verdicts.add("%s %s %s"
                        .formatted(
                                one.get("dataset").asText(), one.get("verdict").asText(), damages));
            }
        }
        return verdicts;
    }

    // ---- how they stand

    @Test
    void status_says_what_is_due_by_the_workspace() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.TAKEN);
        assertThat(shop.run("status").code()).isZero();
        shop.append("lastgood.yaml", "due: {snapshot: 24h, verify: {L2: 7d, L3: 30d}}\n");

        JsonNode soon = json(shop, 3, "status");
        assertThat(texts(soon.get("datasets").get(0).get("due"))).containsExactly("L3: never done");
        json(shop, 0, "snapshot", "verify");
        JsonNode fine = json(shop, 0, "status");
        assertThat(fine.get("verdict").asText()).isEqualTo("PASS");
        assertThat(fine.get("datasets")
                        .get(0)
                        .get("verified")
                        .get("L3")
                        .get("verdict")
                        .asText())
                .isEqualTo("PASS");

        shop.later(Duration.ofDays(8));
        JsonNode late = json(shop, 3, "status");
        assertThat(texts(late.get("datasets").get(0).get("due")))
                .containsExactly("a snapshot: the last is 8d old, 1d allowed", "L2: 8d ago, 7d allowed");
        assertThat(late.get("datasets").get(0).get("sound").asLong()).isZero();
        Ended told = shop.run("status");
        assertThat(told.out()).contains("due: items, L2: 8d ago, 7d allowed").contains("0 of 1");
    }

    @Test
    void a_workspace_without_snapshots_is_not_fine() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.TAKEN);
        shop.replace(
                "lastgood.yaml",
                "  orders:\n",
                "  others:\n    source: lake\n    path: others.csv\n    format: csv\n    key: [id]\n  orders:\n");
        JsonNode status = json(shop, 3, "status");
        assertThat(texts(status.get("datasets").get(2).get("due"))).containsExactly("a snapshot: there is none");
    }
}
