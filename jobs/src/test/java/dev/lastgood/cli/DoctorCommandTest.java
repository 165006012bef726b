package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import dev.lastgood.record.JsonValues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code doctor} as a person uses it when the catalog is damaged. */
final class DoctorCommandTest {

    private static JsonNode json(Ended ended, int code) throws IOException {
        assertThat(ended.code()).as(ended.out() + ended.err()).isEqualTo(code);
        return JsonValues.MAPPER.readTree(ended.out());
    }

    @Test
    void a_damaged_catalog_is_made_anew_and_every_snapshot_verified_again() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.PLANNED);
        JsonNode healthy = json(shop.run("doctor", "--json"), 0);
        assertThat(healthy.get("verdict").asText()).isEqualTo("PASS");
        assertThat(healthy.get("manifests").asInt()).isEqualTo(6);
        assertThat(healthy.get("remarks")).isEmpty();
        assertThat(shop.run("doctor", "--rebuild-catalog", "--yes").code()).isEqualTo(5);
        List<String> before = snapshots(shop);

        shop.truncate("store/catalog/000000000002.json");
        shop.delete("store/catalog/000000000003.json");
        assertThat(shop.run("snapshot", "list").code()).isEqualTo(5);
        Ended found = shop.run("doctor");
        assertThat(found.code()).isEqualTo(1);
        assertThat(found.out()).startsWith("""
                        catalog/000000000002.json: UNUSABLE, it is not JSON
                        catalog/000000000003.json: MISSING, it is missing, though later ones are there
                        snapshots/*/""");
        assertThat(found.err()).contains("lastgood doctor --rebuild-catalog");
        assertThat(shop.run("doctor", "--rebuild-catalog").err())
                .isEqualTo(
                        "error: there is no terminal to ask on; nothing was written\nhint: Say --yes if it is meant.\n");

        JsonNode made = json(shop.run("doctor", "--rebuild-catalog", "--yes", "--json"), 1);

        assertThat(made.get("takenUp")).hasSize(3);
        assertThat(made.get("lost")).hasSize(2);
        assertThat(made.get("leftOut")).isEmpty();
        assertThat(json(shop.run("doctor", "--json"), 0).get("entries").asInt()).isEqualTo(1);
        assertThat(snapshots(shop)).isEqualTo(before);
        assertThat(shop.run("audit", "--dataset", "items").code()).isEqualTo(2);
        assertThat(shop.run("snapshot", "verify", "--level", "L2").code()).isZero();
        assertThat(shop.run("audit", "--dataset", "items").code()).isEqualTo(1);
        assertThat(shop.run("restore", "show", "$PLAN").code()).isZero();
    }

    private static List<String> snapshots(ShopForTests shop) throws IOException {
        List<String> all = new ArrayList<>();
        json(shop.run("snapshot", "list", "--json"), 0)
                .get("snapshots")
                .forEach(one -> all.add(
                        one.get("snapshot").asText() + " " + one.get("dataset").asText()));
        return all;
    }
}
