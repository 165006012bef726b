package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.cli.ShopForTests.Stage;
import dev.lastgood.evidence.Evidence;
import dev.lastgood.record.JsonValues;
import java.io.IOException;
import java.nio.file.Files;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

final class EvidenceTest {
    private static final String ALL = "report --evidence --from 2026-11-22 --to 2026-11-22 --out $SHOP/evidence.json";

    private static Ended run(ShopForTests shop, String command) {
        return shop.run(ShopForTests.words(command));
    }

    private static JsonNode document(ShopForTests shop) throws IOException {
        return WorkspaceForTests.json(Files.readString(shop.folder().resolve("evidence.json")));
    }

    @Test
    void a_period_is_told_by_its_entries_and_can_be_checked() throws IOException {
        ShopForTests shop = ShopForTests.at(Stage.APPLIED);
        Ended early = run(shop, ALL);
        assertThat(early.code()).isEqualTo(3);
        assertThat(early.out()).contains("the period is not over");
        assertThat(run(shop, "report --verify $SHOP/evidence.json").code()).isEqualTo(3);
        shop.later(Duration.ofDays(2));

        Ended written = run(shop, ALL);

        assertThat(written.code()).as(written.err()).isZero();
        JsonNode document = document(shop);
        assertThat(Evidence.problems(document)).isEmpty();
        JsonNode summary = document.get("summary");
        assertThat(summary.at("/datasets/0/dataset").asText()).isEqualTo("items");
        assertThat(summary.at("/datasets/0/snapshots").asInt()).isEqualTo(2);
        // From the second snapshot, of 04:00, to the end of the day.
        assertThat(summary.at("/datasets/0/longestGapSeconds").asLong()).isEqualTo(20 * 3600);
        assertThat(summary.at("/audits/0/verdict").asText()).isEqualTo("FAIL");
        assertThat(summary.at("/restores/0/end").asText()).isEqualTo("VERIFIED");
        assertThat(summary.at("/restores/0/counts/done").asLong()).isEqualTo(2);
        assertThat(run(shop, "report --verify $SHOP/evidence.json").code()).isZero();

        Document page = Jsoup.parse(Files.readString(shop.folder().resolve("evidence.html")));
        assertThat(page.select("meta[http-equiv=Content-Security-Policy]").attr("content"))
                .isEqualTo("default-src 'none'; style-src 'unsafe-inline'");
        assertThat(page.text())
                .contains("72,000 s", "VERIFIED", document.get("digest").asText());

        // What happens afterwards is of another document.
        run(shop, "snapshot hold latest --note later");
        assertThat(run(shop, "report --verify $SHOP/evidence.json").code()).isZero();
        shop.append("evidence.html", "<p>And a word more.</p>");
        Ended shown = run(shop, "report --verify $SHOP/evidence.json");
        assertThat(shown.code()).isEqualTo(1);
        assertThat(shown.out()).contains("evidence.html, is not what it shows");
        assertThat(run(shop, ALL.replace("2026-11-22", "2026-12-24")).code())
                .as("nothing happened")
                .isEqualTo(3);
    }

    @Test
    void whatever_is_changed_left_out_or_put_in_is_found() throws IOException {
        ShopForTests shop = ShopForTests.at(Stage.AUDITED);
        run(shop, ALL);
        ObjectNode document = (ObjectNode) document(shop);

        assertThat(found(document, one -> ((ObjectNode) one.at("/summary/audits/0")).put("verdict", "PASS")))
                .contains("its digest is not that of what it says", "its figures are not those of its entries");
        assertThat(found(document, one -> ((ArrayNode) one.get("entries")).remove(1)))
                .contains("does not follow entry");
        assertThat(found(document, one -> {
                    ObjectNode entry = (ObjectNode) one.at("/entries/1");
                    entry.put("entry", entry.get("entry").asText().replace("2026-11-22", "2026-11-21"));
                }))
                .contains("was changed: it has another digest");
        assertThat(Evidence.problems(WorkspaceForTests.json("{}"))).containsExactly("this is no evidence of lastgood");
        assertThat(Evidence.problems(WorkspaceForTests.json("[1]"))).isNotEmpty();
        assertThat(Evidence.problems(WorkspaceForTests.json("{\"evidence\":\"lastgood\",\"formatVersion\":1}")))
                .contains("it has no period, or does not say when it was made");

        assertThat(found(document, one -> one.put("made", "yesterday"))).contains("does not say when it was made");
    }

    @Test
    void what_is_sound_by_itself_is_compared_with_the_catalog() throws IOException {
        ShopForTests shop = ShopForTests.at(Stage.AUDITED);
        shop.later(Duration.ofDays(2));
        run(shop, ALL);
        JsonNode document = document(shop);
        assertThat(run(shop, "report --verify $SHOP/evidence.json").code()).isZero();

        // The same workspace, and another store.
        ShopForTests other = ShopForTests.at(Stage.FRESH);
        run(other, "snapshot take");
        Files.writeString(other.folder().resolve("evidence.json"), JsonValues.write(document));
        Ended verified = run(other, "report --verify $SHOP/evidence.json");
        assertThat(verified.code()).as(verified.out()).isEqualTo(1);
        assertThat(verified.out()).contains("is another one in the catalog", "this is not to be believed");

        ShopForTests broken = ShopForTests.at(Stage.AUDITED);
        Files.writeString(broken.folder().resolve("evidence.json"), JsonValues.write(document));
        broken.delete("store/catalog/000000000001.json");
        assertThat(run(broken, "report --verify $SHOP/evidence.json").code())
                .as("a catalog that is not whole")
                .isEqualTo(5);
    }

    @Test
    void who_answers_for_it_signs_it() throws Exception {
        ShopForTests shop = ShopForTests.at(Stage.AUDITED);
        shop.later(Duration.ofDays(2));
        KeyPair ann = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair bob = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        shop.write(
                "secret/ann.pem",
                SigningTest.pem("PRIVATE KEY", ann.getPrivate().getEncoded()));
        shop.write(
                "secret/bob.pem",
                SigningTest.pem("PRIVATE KEY", bob.getPrivate().getEncoded()));
        String yaml = Files.readString(shop.folder().resolve("lastgood.yaml"));
        String verify = "report --verify $SHOP/evidence.json";

        Ended nobody = run(shop, ALL + " --key $SHOP/secret/ann.pem");
        assertThat(nobody.code()).as("no approvers").isEqualTo(2);
        assertThat(shop.folder().resolve("evidence.json")).doesNotExist();

        shop.write("keys/ann.pub", SigningTest.pem("PUBLIC KEY", ann.getPublic().getEncoded()));
        shop.write("lastgood.yaml", yaml.replace("{expires: 24h}", "{expires: 24h, keys: [keys/ann.pub]}"));
        Ended unsigned = run(shop, ALL);
        assertThat(unsigned.code()).as(unsigned.err()).isEqualTo(3);
        assertThat(unsigned.out()).contains(", unsigned", "make it again with --key FILE");
        Ended taken = run(shop, verify);
        assertThat(taken.code()).as("whoever forges it takes no key").isEqualTo(3);
        assertThat(taken.out()).contains("signature: none", "it is not signed", "INCONCLUSIVE");
        assertThat(run(shop, ALL + " --key $SHOP/secret/bob.pem").code())
                .as("no approver")
                .isEqualTo(5);
        assertThat(run(shop, ALL + " --key $SHOP/secret/ann.pem").out()).contains(", signed");
        assertThat(run(shop, verify).out()).contains("signature: by ann", "PASS");

        ObjectNode signed = (ObjectNode) document(shop);
        ObjectNode later = (ObjectNode)
                WorkspaceForTests.json(run(shop, verify + " --json").out());
        assertThat(later.get("signature").asText()).isEqualTo("by ann");
        ObjectNode forged = signed.deepCopy();
        ((ObjectNode) forged.get("signature")).put("value", Base64.getEncoder().encodeToString(new byte[64]));
        Files.delete(shop.folder().resolve("evidence.html"));
        shop.write("evidence.json", JsonValues.write(forged));
        Ended wrong = run(shop, verify);
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.out()).contains("its signature is not one of the key it names", "signature: wrong");
        ((ObjectNode) forged.get("signature")).put("algorithm", "none");
        shop.write("evidence.json", JsonValues.write(forged));
        assertThat(run(shop, verify).code()).isEqualTo(1);

        assertThat(found(signed, one -> one.remove("signature"))).contains("its signature is gone");
        assertThat(found(signed, one -> ((ObjectNode) one.get("signature")).put("name", "Ann, auditor")))
                .contains("its signature is none that was made with it");
        assertThat(found(signed, one -> one.set("signature", new TextNode("by ann"))))
                .contains("its signature is none that was made with it");
        assertThat(signed.get("formatVersion").asInt())
                .as("what knows no signatures does not take it for changed")
                .isEqualTo(2);

        // Who signed it is an approver no more.
        shop.write("evidence.json", JsonValues.write(signed));
        shop.write("keys/bob.pub", SigningTest.pem("PUBLIC KEY", bob.getPublic().getEncoded()));
        shop.write("lastgood.yaml", yaml.replace("{expires: 24h}", "{expires: 24h, keys: [keys/bob.pub]}"));
        Ended unknown = run(shop, verify);
        assertThat(unknown.code()).isEqualTo(3);
        assertThat(unknown.out()).contains("signature: by somebody unknown", "INCONCLUSIVE");
    }

    private static String found(ObjectNode document, Consumer<ObjectNode> change) {
        ObjectNode changed = document.deepCopy();
        change.accept(changed);
        return String.join("\n", Evidence.problems(changed));
    }

    @Test
    void trends_are_told_of_what_audits_have_left() {
        ShopForTests shop = ShopForTests.at(Stage.AUDITED);

        Ended text = run(shop, "report --trends");
        Ended json = run(shop, "report --trends --json");

        assertThat(text.code()).as("one audit says nothing of what is usual").isEqualTo(3);
        assertThat(text.out()).contains("price-positive", "too few audits to tell", "INCONCLUSIVE");
        assertThat(WorkspaceForTests.json(json.out()).at("/rules/0/outcomes/0").asText())
                .isEqualTo("FAIL");
        assertThat(run(shop, "report --evidence").err()).contains("--evidence wants a period");
        assertThat(run(shop, "report --from 2026-01-01").code()).isEqualTo(2);
        assertThat(run(shop, "report --trends --evidence").code()).isEqualTo(2);
    }
}
