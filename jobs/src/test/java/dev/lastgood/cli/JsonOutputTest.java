package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import dev.lastgood.record.JsonValues;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** With --json there is one document and nothing else on standard output, and it says what exit code and text say. */
final class JsonOutputTest {

    /**
     * A command, and what it comes to.
     *
     * @param verdict what document and text both say; empty where the command has none
     */
    private record Scene(Stage stage, String change, String command, int code, String verdict) {
        Scene(Stage stage, String command, int code, String verdict) {
            this(stage, "", command, code, verdict);
        }
    }

    private static final Map<String, Integer> CODES = Map.of("PASS", 0, "FAIL", 1, "INCONCLUSIVE", 3);

    private static final List<Scene> SCENES = List.of(
            new Scene(Stage.FRESH, "rules check", 0, "PASS"),
            new Scene(Stage.FRESH, "rules test", 0, "PASS"),
            new Scene(Stage.FRESH, "no rules", "rules check", 3, "INCONCLUSIVE"),
            new Scene(Stage.FRESH, "no rules", "rules test", 3, "INCONCLUSIVE"),
            new Scene(Stage.FRESH, "wrong test", "rules test", 1, "FAIL"),
            new Scene(Stage.FRESH, "snapshot take --dataset items", 0, ""),
            new Scene(Stage.FRESH, "snapshot list", 2, ""),
            new Scene(Stage.TAKEN, "status", 0, "PASS"),
            new Scene(Stage.TAKEN, "snapshot verify --dataset items --budget 1h --level L0", 0, "PASS"),
            new Scene(Stage.TAKEN, "snapshot verify --dataset notes --level L4", 3, "INCONCLUSIVE"),
            new Scene(Stage.TAKEN, "snapshot hold latest --note why", 0, ""),
            new Scene(Stage.TAKEN, "snapshot prune", 2, ""),
            new Scene(Stage.TAKEN, "snapshot export latest --dataset items --to $SHOP/out", 0, ""),
            new Scene(Stage.TAKEN, "snapshot list", 0, ""),
            new Scene(Stage.TAKEN, "snapshot show latest", 0, ""),
            new Scene(Stage.TAKEN, "snapshot verify --dataset items", 0, "PASS"),
            new Scene(Stage.TAKEN, "torn snapshot", "snapshot verify --dataset items --level L2", 1, "FAIL"),
            new Scene(Stage.TAKEN, "rules suggest --dataset items", 3, ""),
            new Scene(Stage.FRESH, "rules suggest", 2, ""),
            new Scene(Stage.TAKEN, "audit --dataset items", 0, "PASS"),
            new Scene(Stage.TAKEN, "diff latest --dataset items", 0, ""),
            new Scene(Stage.TAKEN, "diff latest --dataset items --explain", 0, ""),
            new Scene(Stage.TAKEN, "diff latest --dataset items --explain --out target/changes.jsonl", 2, ""),
            new Scene(Stage.TAKEN, "lost snapshot", "diff latest --dataset items", 5, ""),
            new Scene(Stage.TAKEN, "empty table", "audit --dataset items", 3, "INCONCLUSIVE"),
            new Scene(Stage.TAKEN, "no table", "audit --dataset items", 4, ""),
            new Scene(Stage.DAMAGED, "diff latest --dataset items", 1, ""),
            new Scene(Stage.DAMAGED, "audit", 1, "FAIL"),
            new Scene(Stage.DAMAGED, "audit --fail-on critical --dataset orders", 0, "PASS"),
            new Scene(Stage.DAMAGED, "history items i2", 0, ""),
            new Scene(Stage.AUDITED, "incident list", 0, ""),
            new Scene(Stage.AUDITED, "incident show i1", 0, ""),
            new Scene(Stage.AUDITED, "restore plan", 0, ""),
            new Scene(Stage.AUDITED, "restore plan --key i99", 2, ""),
            new Scene(Stage.PLANNED, "restore show $PLAN", 0, ""),
            new Scene(Stage.PLANNED, "restore export $PLAN --out target/steps.jsonl", 0, ""),
            new Scene(Stage.PLANNED, "somebody wrote", "restore export $PLAN --out target/steps.jsonl", 1, ""),
            new Scene(Stage.PLANNED, "two days later", "restore export $PLAN --out target/steps.jsonl", 5, ""),
            new Scene(Stage.PLANNED, "restore approve $PLAN", 0, ""),
            new Scene(Stage.PLANNED, "restore apply $PLAN --yes", 5, ""),
            new Scene(Stage.APPROVED, "restore apply $PLAN --yes", 0, ""),
            new Scene(Stage.APPROVED, "somebody wrote", "restore apply $PLAN --yes", 1, ""),
            new Scene(Stage.APPLIED, "restore resolve $PLAN", 0, ""),
            new Scene(Stage.APPLIED, "restore undo $PLAN --yes", 0, ""),
            new Scene(Stage.APPLIED, "restore apply $PLAN --yes", 0, ""),
            new Scene(Stage.TAKEN, "lost snapshot", "snapshot verify --dataset items --level L0", 1, "FAIL"),
            new Scene(Stage.TAKEN, "a rule that throws", "audit --dataset items", 3, "INCONCLUSIVE"),
            new Scene(Stage.TAKEN, "a rule about nothing", "audit --dataset items", 3, "INCONCLUSIVE"),
            new Scene(Stage.TAKEN, "no rules", "audit --dataset items", 3, "INCONCLUSIVE"),
            new Scene(Stage.TAKEN, "diff latest latest --dataset items", 0, ""),
            new Scene(Stage.AUDITED, "somebody made it worse", "restore plan", 1, ""),
            new Scene(Stage.PLANNED, "two days later", "restore approve $PLAN", 5, ""),
            new Scene(Stage.APPROVED, "two days later", "restore apply $PLAN --yes", 5, ""),
            new Scene(Stage.APPLIED, "somebody wrote again", "restore undo $PLAN --yes", 1, ""),
            new Scene(Stage.FRESH, "audit --wat", 2, ""),
            new Scene(Stage.FRESH, "snapshot show", 2, ""));

    @TestFactory
    Stream<DynamicTest> document_exit_code_and_text_agree() {
        return SCENES.stream()
                .map(scene -> DynamicTest.dynamicTest(
                        (scene.command() + " " + scene.change()).strip() + ": " + scene.code(), () -> agrees(scene)));
    }

    private static void agrees(Scene scene) throws JsonProcessingException {
        Ended json = run(scene, scene.command() + " --json");
        Ended text = run(scene, scene.command());

        assertThat(json.code()).as(json.err() + json.out()).isEqualTo(scene.code());
        assertThat(text.code()).as(text.err() + text.out()).isEqualTo(scene.code());
        List<JsonNode> documents = documents(json.out());
        assertThat(documents).hasSize(1);
        JsonNode document = documents.get(0);
        assertThat(document.path("formatVersion").asInt()).isEqualTo(1);
        if (scene.verdict().isEmpty()) {
            assertThat(document.has("verdict")).isFalse();
        } else {
            assertThat(document.path("verdict").asText()).isEqualTo(scene.verdict());
            assertThat(CODES).containsEntry(scene.verdict(), scene.code());
            assertThat(text.out()).contains(scene.verdict());
        }
        boolean refused = document.has("errors");
        assertThat(refused).as("told as an error").isEqualTo(List.of(2, 4, 5).contains(scene.code()));
        if (refused) {
            assertThat(document.path("exitCode").asInt()).isEqualTo(scene.code());
            assertThat(text.out()).isEmpty();
            for (JsonNode error : document.get("errors")) {
                assertThat(text.err()).contains(error.get("message").asText());
                assertThat(json.err()).contains(error.get("message").asText());
            }
        }
        counted(document, scene.code());
        told(document, text.out());
    }

    /** What a document counts is what the text counts. */
    private static void told(JsonNode document, String text) {
        if (document.has("noop")) {
            String counts = "%s steps, %s done, %s noop, %s conflict, %s failed, %s ambiguous, %s pending; %s verified"
                    .formatted(
                            document.get("steps"),
                            document.get("done"),
                            document.get("noop"),
                            document.get("conflict"),
                            document.get("failed"),
                            document.get("ambiguous"),
                            document.get("pending"),
                            document.get("verified"));
            assertThat(text).contains(counts);
        }
        if (document.has("exported")) {
            assertThat(text)
                    .contains("%s of %s steps are in %s; %s are healed already, %s in conflict"
                            .formatted(
                                    document.get("exported"),
                                    document.get("steps"),
                                    document.get("file").asText(),
                                    document.get("healed"),
                                    document.get("conflict")));
        }
        if (document.has("audit") && document.has("rules")) {
            for (JsonNode rule : document.get("rules")) {
                assertThat(text)
                        .containsPattern("(?m)^%s +%s +%s +%s +%s"
                                .formatted(
                                        rule.get("outcome").asText(),
                                        rule.get("id").asText(),
                                        rule.get("dataset").asText(),
                                        rule.get("examined"),
                                        rule.get("violations")));
            }
        }
        for (JsonNode compared : document.path("compared")) {
            assertThat(text.contains("its files are there but were not read")).isEqualTo(compared.has("note"));
        }
        for (JsonNode dataset : document.path("datasets")) {
            if (dataset.has("hashBytes")) {
                assertThat(text)
                        .contains(dataset.get("why").asText())
                        .containsPattern("(?m)^%s +%s +%s "
                                .formatted(
                                        dataset.get("name").asText(),
                                        dataset.get("way").asText(),
                                        dataset.get("before")));
            }
        }
        if (document.has("datasets") && document.has("schema") && !document.has("audit")) {
            for (JsonNode dataset : document.get("datasets")) {
                assertThat(text)
                        .containsPattern("(?m)^%s +%s +%s +%s +%s +%s"
                                .formatted(
                                        dataset.get("name").asText(),
                                        dataset.get("before"),
                                        dataset.get("after"),
                                        dataset.get("added"),
                                        dataset.get("removed"),
                                        dataset.get("changed")));
            }
        }
    }

    /** What a document counts is what its exit code says. */
    private static void counted(JsonNode document, int code) {
        if (document.has("noop")) {
            int ended = 0;
            for (String state : List.of("done", "noop", "conflict", "failed", "ambiguous", "pending")) {
                ended += document.get(state).asInt();
            }
            assertThat(ended).isEqualTo(document.get("steps").asInt());
            assertThat(code == 0)
                    .isEqualTo(
                            document.get("done").asInt() + document.get("noop").asInt() == ended);
        }
        if (document.has("datasets") && document.has("schema") && !document.has("verdict")) {
            int differing = 0;
            for (JsonNode dataset : document.get("datasets")) {
                differing += dataset.get("added").asInt()
                        + dataset.get("removed").asInt()
                        + dataset.get("changed").asInt();
            }
            assertThat(code == 0)
                    .isEqualTo(differing == 0 && document.get("schema").isEmpty());
        }
        if (document.has("exported")) {
            assertThat(document.get("exported").asInt()
                            + document.get("healed").asInt()
                            + document.get("conflict").asInt())
                    .isEqualTo(document.get("steps").asInt());
            assertThat(code == 0).isEqualTo(document.get("conflict").asInt() == 0);
        }
        if (document.has("digest") && document.has("unrecoverable")) {
            boolean left = !document.get("conflicts").isEmpty()
                    || document.get("unrecoverable").asInt() > 0
                    || document.get("heldBack").asInt() > 0;
            assertThat(code == 1).isEqualTo(left);
        }
    }

    private static Ended run(Scene scene, String command) {
        ShopForTests shop = ShopForTests.at(scene.stage());
        switch (scene.change()) {
            case "" -> {}
            case "no rules" -> shop.write("rules/shop.yaml", "rules: []\n");
            case "wrong test" ->
                shop.replace("rules/shop.yaml", "{price: 0.00}, expect: fail", "{price: 0.00}, expect: pass");
            case "torn snapshot" -> shop.flip("store/snapshots/items/*/data/*.parquet");
            case "empty table" -> shop.write("data/items.csv", "id,name,supplier,price,stock\n");
            case "somebody made it worse" -> shop.replace("data/items.csv", "-0.50", "-0.70");
            case "lost snapshot" -> shop.delete("store/snapshots/items/*/data/*.parquet");
            case "a rule that throws" ->
                shop.append("rules/shop.yaml", "  - {id: throws, dataset: items, assert: 1 / (stock - stock) > 0}\n");
            case "a rule about nothing" ->
                shop.append(
                        "rules/shop.yaml", "  - {id: nothing, dataset: items, where: price < -9, assert: stock > 0}\n");
            case "two days later" -> shop.later(java.time.Duration.ofDays(2));
            case "somebody wrote again" -> shop.replace("data/items.csv", "Bell Planted,0.50", "Bell Planted,0.70");
            case "no table" -> shop.delete("data/items.csv");
            case "somebody wrote" -> shop.replace("data/items.csv", "-0.50", "0.60");
            default -> throw new IllegalStateException(scene.change());
        }
        return shop.run(ShopForTests.words(command));
    }

    private static List<JsonNode> documents(String out) throws JsonProcessingException {
        try (var documents = JsonValues.MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(out)) {
            return documents.readAll();
        } catch (JsonProcessingException e) {
            throw e;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
