package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import dev.lastgood.record.JsonValues;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code snapshot take | list | show | verify} as a person and a schedule use them. */
final class SnapshotCommandTest {

    @Test
    void a_snapshot_is_verified_level_by_level_and_the_list_says_how_far() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.FRESH);
        String id = json(shop, 0, "snapshot", "take", "--dataset", "items", "--dataset", "notes")
                .get("snapshot")
                .asText();
        assertThat(verified(shop)).containsExactly("items L2", "notes L2");

        for (String level : List.of("L0", "l1", "L2", "L3")) {
            JsonNode document = json(shop, 0, "snapshot", "verify", id, "--level", level, "--dataset", "notes");
            assertThat(document.get("verdict").asText()).isEqualTo("PASS");
            List<String> levels = new ArrayList<>();
            document.get("verifications")
                    .forEach(one -> levels.add(one.get("level").asText()));
            assertThat(levels)
                    .isEqualTo(List.of("L0", "L1", "L2", "L3").subList(0, Integer.parseInt(level.substring(1)) + 1));
        }
        assertThat(verified(shop)).containsExactly("items L2", "notes L3");
    }

    @Test
    void a_take_that_dies_at_its_second_dataset_leaves_nothing_that_readers_see() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.TAKEN);
        String good = shop.run("snapshot", "list").out();
        String shown = shop.run("snapshot", "show", "latest").out();
        shop.append("data/items.csv", "i9,Nail\n");

        Ended taken = shop.run("snapshot", "take", "--dataset", "notes", "--dataset", "items");

        assertThat(taken.code()).isEqualTo(4);
        assertThat(taken.out()).isEmpty();
        assertThat(taken.err())
                .isEqualTo(
                        "error: file %s/data/items.csv cannot be read: a row has more or fewer cells than the header, or a quote in it is not closed%n"
                                        .formatted(shop.folder())
                                + "hint: Correct the file, or have it written again. Nothing malformed is skipped.\n");
        assertThat(shop.run("snapshot", "list").out()).isEqualTo(good);
        assertThat(shop.run("snapshot", "show", "latest").out()).isEqualTo(shown);
        assertThat(shop.run("snapshot", "verify", "--level", "L0").code()).isZero();
        assertThat(shop.contents().keySet())
                .as("manifests of the take that died")
                .filteredOn(name -> name.endsWith("manifest.json"))
                .hasSize(3);
    }

    @Test
    void a_snapshot_is_found_by_the_beginning_of_its_id_as_long_as_that_names_one() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.DAMAGED);
        List<String> ids = new ArrayList<>();
        json(shop, 0, "snapshot", "list", "--dataset", "items")
                .get("snapshots")
                .forEach(one -> ids.add(one.get("snapshot").asText()));
        assertThat(ids).hasSize(2);
        String first = ids.get(0);
        String other = ids.get(1);
        int same = 0;
        while (first.charAt(same) == other.charAt(same)) {
            same++;
        }
        String prefix = first.substring(0, same + 1);

        assertThat(snapshotShown(shop, first)).isEqualTo(first);
        assertThat(snapshotShown(shop, prefix)).isEqualTo(first);
        assertThat(json(shop, 0, "snapshot", "verify", prefix, "--level", "L0", "--dataset", "items")
                        .get("verifications")
                        .get(0)
                        .get("snapshot")
                        .asText())
                .isEqualTo(first);
        Ended ambiguous = shop.run("snapshot", "show", first.substring(0, same), "--dataset", "items");
        assertThat(ambiguous.code()).isEqualTo(2);
        assertThat(ambiguous.err())
                .startsWith("error: '%s' is the beginning of 2 snapshots of dataset 'items'\n"
                        .formatted(first.substring(0, same)));
        for (String unknown : List.of("x", first + "0", "Latest", "live")) {
            Ended ended = shop.run("snapshot", "verify", unknown, "--level", "L0", "--dataset", "items");
            assertThat(ended.code()).as(unknown).isEqualTo(2);
            assertThat(ended.err()).startsWith("error: dataset 'items' has no snapshot '%s'\n".formatted(unknown));
            assertThat(ended.out()).isEmpty();
        }
    }

    @Test
    void a_level_that_is_none_is_refused_before_anything_is_read() {
        ShopForTests shop = ShopForTests.at(Stage.TAKEN);
        var before = shop.contents();

        Ended unknown = shop.run("snapshot", "verify", "--level", "L9");

        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).startsWith("error: ").contains("'L9'").contains("L0, L1, L2, L3");
        assertThat(shop.contents()).isEqualTo(before);
    }

    @Test
    void all_damage_is_listed_in_one_run_that_ends_with_1() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.TAKEN);
        shop.truncate("store/snapshots/items/*/data/part-00000-*.parquet");
        shop.flip("store/snapshots/items/*/data/part-00001-*.parquet");
        shop.delete("store/snapshots/items/*/data/part-00002-*.parquet");
        shop.flip("store/snapshots/items/*/buckets.bin");
        shop.flip("store/snapshots/notes/*/manifest.json");

        JsonNode document = json(shop, 1, "snapshot", "verify");

        assertThat(document.get("verdict").asText()).isEqualTo("FAIL");
        List<String> found = new ArrayList<>();
        for (JsonNode one : document.get("verifications")) {
            for (JsonNode damage : one.get("damages")) {
                found.add("%s %s %s %s"
                        .formatted(
                                one.get("dataset").asText(),
                                one.get("level").asText(),
                                damage.get("file").asText().replaceFirst("(part-\\d+)-.*", "$1"),
                                damage.get("kind").asText()));
            }
        }
        assertThat(found)
                .containsExactly(
                        "items L0 buckets.bin CORRUPT",
                        "items L0 data/part-00000 WRONG_SIZE",
                        "items L0 data/part-00002 MISSING",
                        "items L2 buckets.bin CORRUPT",
                        "items L2 data/part-00000 WRONG_SIZE",
                        "items L2 data/part-00001 CORRUPT",
                        "items L2 data/part-00002 MISSING",
                        "notes L0 manifest.json UNUSABLE");
        assertThat(verified(shop)).containsExactly("items ", "notes ", "orders L3");
        String listed = shop.run("snapshot", "list").out();
        assertThat(listed).containsSubsequence("items", "damaged at L0", "notes", "damaged at L0", "orders", "L3");
        assertThat(shop.run("status").out())
                .containsSubsequence("items", "FAIL", "orders", "PASS", "damaged: snapshot", "of items, at L0");
        assertThat(shop.run("audit", "--dataset", "items").code()).isEqualTo(5);
    }

    @Test
    void a_snapshot_of_an_empty_file_is_sound_and_says_so_of_no_record() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.FRESH);
        shop.write("data/items.csv", "id,name,supplier,price,stock\n");
        json(shop, 0, "snapshot", "take", "--dataset", "items");

        JsonNode content = json(shop, 0, "snapshot", "verify", "--dataset", "items")
                .get("verifications")
                .get(3);

        assertThat(content.get("level").asText()).isEqualTo("L3");
        assertThat(content.get("files").asLong()).isEqualTo(1);
        assertThat(content.get("records").asLong()).isZero();
    }

    private static List<String> verified(ShopForTests shop) throws Exception {
        List<String> verified = new ArrayList<>();
        json(shop, 0, "snapshot", "list")
                .get("snapshots")
                .forEach(one -> verified.add(
                        one.get("dataset").asText() + " " + one.get("verified").asText()));
        return verified;
    }

    private static String snapshotShown(ShopForTests shop, String address) throws Exception {
        return json(shop, 0, "snapshot", "show", address, "--dataset", "items")
                .get("manifests")
                .get(0)
                .get("snapshot")
                .asText();
    }

    private static JsonNode json(ShopForTests shop, int code, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.add("--json");
        Ended ended = shop.run(words);
        assertThat(ended.code()).as(ended.out() + ended.err()).isEqualTo(code);
        return JsonValues.MAPPER.readTree(ended.out());
    }
}
