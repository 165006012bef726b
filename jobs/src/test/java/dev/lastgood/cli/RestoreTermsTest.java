package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.cli.CommandLineForTests.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On what terms a plan is made, approved and carried out, by the command line. */
class RestoreTermsTest {
    private static final String YAML = """
        format: 1
        workspace: terms
        store: store
        rules: [rules.yaml]
        sources: {here: {files: ., write: {}}}
        datasets:
          customers: {source: here, path: customers.csv, format: csv, key: [id], restore: {write: in_place}}
          orders:
            source: here
            path: orders.csv
            format: csv
            key: [id]
            schema: {total: int, at: timestamp}
            changed_at: at
            restore: {write: in_place, never: [at]%s}
        """;

    private static final String RULES = """
        rules:
          - {id: total, dataset: orders, field: total, min: 0}
          - {id: stays, dataset: orders, no_delete: true}
          - {id: of-a-customer, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
        """;

    private static final String HEAD = "id,customer,total,channel,at\n";

    @TempDir
    Path folder;

    private StoryForTests story;

    @BeforeEach
    void four_orders_of_two_customers() throws IOException {
        story = new StoryForTests(folder);
        Files.writeString(folder.resolve("lastgood.yaml"), YAML.formatted(""));
        Files.writeString(folder.resolve("rules.yaml"), RULES);
        customers("c1,Ann", "c2,Bob");
        orders(
                "o1,c1,10,web,2026-11-22T01:00:00Z",
                "o2,c1,20,web,2026-11-22T01:00:00Z",
                "o3,c2,30,app,2026-11-22T01:00:00Z",
                "o4,c2,40,app,2026-11-22T01:00:00Z");
        story.run(0, "snapshot", "take");
    }

    private void customers(String... lines) throws IOException {
        Files.writeString(folder.resolve("customers.csv"), "id,name\n" + String.join("\n", lines) + "\n");
    }

    private void orders(String... lines) throws IOException {
        Files.writeString(folder.resolve("orders.csv"), HEAD + String.join("\n", lines) + "\n");
    }

    private List<String> rows(String file) throws IOException {
        return Files.readAllLines(folder.resolve(file));
    }

    /** Two wrong totals of the app, one of the web, each written at another time. */
    private void damage() throws IOException {
        orders(
                "o1,c1,-10,web,2026-11-22T03:00:00Z",
                "o2,c1,20,web,2026-11-22T01:00:00Z",
                "o3,c2,-30,app,2026-11-22T03:30:00Z",
                "o4,c2,-40,app,2026-11-22T04:30:00Z");
        story.run(1, "audit");
    }

    private static String steps(JsonNode plan) {
        return plan.get("steps").toString() + " " + plan.get("conflicts");
    }

    @Test
    void what_orders_refer_to_comes_back_with_them_if_that_is_asked_for() throws IOException {
        customers("c2,Bob");
        orders("o3,c2,30,app,2026-11-22T01:00:00Z", "o4,c2,40,app,2026-11-22T01:00:00Z");
        story.run(1, "audit");

        JsonNode alone = story.run(1, "restore", "plan", "--rule", "stays");
        assertThat(steps(alone)).isEqualTo("{\"insert\":0,\"update\":0,\"delete\":0} {\"MISSING_REFERENCE\":2}");

        JsonNode plan = story.run(0, "restore", "plan", "--rule", "stays", "--with-parents");
        assertThat(steps(plan)).isEqualTo("{\"insert\":3,\"update\":0,\"delete\":0} {}");
        String id = plan.get("plan").asText();
        assertThat(story.ended(0, "restore", "show", id).out())
                .containsSubsequence("step 1  insert customers id", "of-a-customer", "  insert orders id");
        story.run(0, "restore", "approve", id, "--acknowledge", "no_delete_evidence");
        assertThat(story.run(0, "restore", "apply", id, "--yes").get("done").asInt())
                .isEqualTo(3);
        assertThat(rows("customers.csv")).containsExactlyInAnyOrder("id,name", "c1,Ann", "c2,Bob");
        assertThat(rows("orders.csv")).hasSize(5);
        story.run(0, "audit");
    }

    @Test
    void conflicts_are_decided_in_a_file() throws IOException {
        damage();
        orders(
                "o1,c1,-11,web,2026-11-22T05:00:00Z",
                "o2,c1,20,web,2026-11-22T01:00:00Z",
                "o3,c2,-31,app,2026-11-22T05:00:00Z",
                "o4,c2,-40,app,2026-11-22T04:30:00Z");
        JsonNode before = story.run(1, "restore", "plan");
        assertThat(steps(before)).isEqualTo("{\"insert\":0,\"update\":1,\"delete\":0} {\"LATER_WRITE\":2}");
        Path left = folder.resolve("left.jsonl");
        story.run(0, "restore", "show", before.get("plan").asText(), "--left", left.toString());
        assertThat(left).content().contains("\"good\":\"10\",\"bad\":\"-10\",\"live\":\"-11\"");
        String shown =
                story.ended(0, "restore", "show", before.get("plan").asText()).out();
        assertThat(shown).contains("(good \"10\", damaged \"-10\", live \"-11\")");
        Path workspace = folder.resolve("lastgood.yaml");
        String open = Files.readString(workspace);
        Files.writeString(workspace, open.replace("changed_at: at\n", "changed_at: at\n    mask: {total: full}\n"));
        shown = story.ended(0, "restore", "show", before.get("plan").asText()).out();
        assertThat(shown)
                .contains("(good \"***\", damaged \"***\", live \"***\")")
                .doesNotContain("\"-11\"", "\"-10\"", "\"10\"");
        Files.writeString(workspace, open);
        Path file = folder.resolve("decisions.yaml");
        story.run(0, "restore", "show", before.get("plan").asText(), "--decisions", file.toString());
        String written = Files.readString(file);
        assertThat(written)
                .contains("by: ''")
                .contains(
                        "- {conflict: LATER_WRITE, dataset: orders, key: {id: o1}, field: total, take: live, why: ''}");
        assertThat(story.ended(2, "restore", "plan", "--decisions", file.toString())
                        .err())
                .contains("'by' is empty")
                .contains("'why' is empty");

        Files.writeString(
                file,
                written.replace("by: ''", "by: anna")
                        .replace("why: ''", "why: asked the shop")
                        .replace("o1}, field: total, take: live", "o1}, field: total, take: good"));
        JsonNode plan = story.run(0, "restore", "plan", "--decisions", file.toString());

        assertThat(steps(plan)).isEqualTo("{\"insert\":0,\"update\":2,\"delete\":0} {}");
        assertThat(plan.get("decided").toString()).isEqualTo("{\"good\":1,\"live\":1}");
        String id = plan.get("plan").asText();
        story.run(0, "restore", "approve", id);
        story.run(0, "restore", "apply", id, "--yes");
        assertThat(rows("orders.csv"))
                .contains(
                        "o1,c1,10,web,2026-11-22T05:00:00Z",
                        "o3,c2,-31,app,2026-11-22T05:00:00Z",
                        "o4,c2,40,app,2026-11-22T04:30:00Z");

        Files.writeString(file, """
            format: 1
            by: anna
            decisions:
              - {conflict: LATER_WRITE, dataset: orders, key: {id: o2}, take: live, why: x}
              - {conflict: LATER_WRITE, dataset: oders, take: live, why: x}
            """);
        assertThat(story.ended(2, "restore", "plan", "--decisions", file.toString())
                        .err())
                .contains("there is no dataset 'oders'")
                .contains("Did you mean 'orders'?");
        Files.writeString(file, """
            format: 1
            by: anna
            decisions:
              - {conflict: LATER_WRITE, dataset: orders, key: {id: o2}, take: live, why: x}
            """);
        assertThat(story.ended(2, "restore", "plan", "--decisions", file.toString())
                        .err())
                .contains("this decides nothing: the plan has no such conflict");
    }

    @Test
    void a_part_of_what_rules_accuse_is_chosen_by_time_and_by_condition() throws IOException {
        damage();

        assertThat(steps(story.run(0, "restore", "plan", "--rule", "total", "--where", "channel = 'app'")))
                .contains("\"update\":2");
        assertThat(steps(story.run(0, "restore", "plan", "--since", "2026-11-22T03:30:00Z")))
                .contains("\"update\":2");
        assertThat(steps(story.run(
                        0, "restore", "plan", "--since", "2026-11-22T03:30:00Z", "--until", "2026-11-22T04:30:00Z")))
                .contains("\"update\":1");
        assertThat(story.ended(2, "restore", "plan", "--since", "2026-11-22T04:30:01Z")
                        .err())
                .contains("the selection matches no record of audit");
        customers("c1,Anne", "c2,Bob");
        story.run(1, "audit");
        assertThat(story.ended(5, "restore", "plan", "--changed", "--until", "2026-11-22T04:30:01Z")
                        .err())
                .contains("of 1 records of dataset 'customers' it is not known when they were last written");

        assertThat(story.ended(5, "restore", "plan", "--fixed", "2026-11-22T04:00:00Z")
                        .err())
                .contains(
                        "1 of the damaged records were last written at 2026-11-22T04:00:00Z or after it, the latest at"
                                + " 2026-11-22T04:30:00Z: the bug may write still; no plan was made");
        assertThat(steps(story.run(0, "restore", "plan", "--fixed", "2026-11-22T04:30:01Z")))
                .contains("\"update\":3");
    }

    private static void pem(Path file, String label, Key key) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
                        .formatted(label, Base64.getMimeEncoder().encodeToString(key.getEncoded())));
    }

    @Test
    void who_approves_signs_where_keys_are_asked_for() throws IOException, GeneralSecurityException {
        damage();
        Files.writeString(
                folder.resolve("lastgood.yaml"),
                YAML.formatted("") + "approval: {by: someone_else, keys: [keys/approvers/*.pub]}\n");
        KeyPair anna = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        pem(folder.resolve("keys/approvers/anna.pub"), "PUBLIC KEY", anna.getPublic());
        Path own = folder.resolve("anna.pem");
        Path foreign = folder.resolve("other.pem");
        pem(own, "PRIVATE KEY", anna.getPrivate());
        pem(foreign, "PRIVATE KEY", other.getPrivate());
        String id = story.run(0, "restore", "plan").get("plan").asText();

        assertThat(story.ended(5, "restore", "approve", id).err())
                .contains("the workspace asks for approvals signed by one of anna; nothing was approved");
        assertThat(story.ended(5, "restore", "approve", id, "--key", foreign.toString())
                        .err())
                .contains("the public half of this key is not among those of 'approval.keys'; nothing was approved");
        assertThat(story.ended(
                                2,
                                "restore",
                                "approve",
                                id,
                                "--key",
                                folder.resolve("orders.csv").toString())
                        .err())
                .contains("the key to sign with cannot be used: it is not PEM");
        Path forged = folder.resolve("store/plans/" + id + "/approvals/a.json");
        Files.createDirectories(forged.getParent());
        Files.writeString(forged, """
                {"formatVersion":1,"plan":"%s","digest":"x","by":"anna","user":"x","authenticated":true,"at":"2026-11-22T03:00:00Z","acknowledged":[]}\
                """.formatted(id));
        assertThat(story.ended(5, "restore", "apply", id, "--yes").err())
                .contains("is not approved: approval a.json is not signed, and 'approval.keys' asks for a signature;"
                        + " nothing was applied");

        assertThat(story.ended(5, "restore", "approve", id, "--key", own.toString())
                        .err())
                .as("with whatever key, it is the same person at the keyboard")
                .contains("and somebody else must approve it; nothing was approved");
        Files.writeString(
                folder.resolve("lastgood.yaml"), YAML.formatted("") + "approval: {keys: [keys/approvers/*.pub]}\n");
        Ended approved = story.ended(0, "restore", "approve", id, "--key", own.toString());
        assertThat(approved.out()).contains("by anna, signed");
        assertThat(story.run(0, "restore", "apply", id, "--yes").get("done").asInt())
                .isEqualTo(3);
    }

    @Test
    void a_run_keeps_to_its_hours_is_paused_by_who_wants_it_and_read_again_later() throws IOException {
        damage();
        Files.writeString(
                folder.resolve("lastgood.yaml"),
                YAML.formatted(", throttle: {between: '08:00-09:00', records_per_second: 1000}"));
        String id = story.run(0, "restore", "plan").get("plan").asText();
        story.run(0, "restore", "approve", id);

        JsonNode early = story.run(3, "restore", "apply", id, "--yes"); // at seven
        assertThat(early.get("stopped").asText())
                .isEqualTo("dataset 'orders' is written between 08:00-09:00 Z only; apply again then");
        assertThat(early.get("pending").asInt()).isEqualTo(3);
        assertThat(story.run(0, "restore", "apply", id, "--yes").get("done").asInt()) // at eight
                .isEqualTo(3);

        assertThat(story.run(0, "restore", "verify", id).toString()).contains("\"intended\":3,\"drifted\":0");
        orders(
                "o1,c1,-10,web,2026-11-22T09:00:00Z",
                "o2,c1,20,web,2026-11-22T01:00:00Z",
                "o3,c2,33,app,2026-11-22T09:00:00Z",
                "o4,c2,40,shop,2026-11-22T09:00:00Z");
        Path out = folder.resolve("moved.jsonl");
        JsonNode later = story.run(1, "restore", "verify", id, "--out", out.toString());
        assertThat(later.toString()).contains("\"done\":3,\"intended\":1,\"drifted\":1,\"reinfected\":1,\"moved\":3");
        assertThat(Files.readString(out))
                .contains("\"found\":\"reinfected\"")
                .contains("\"moved\":[\"at\",\"channel\"]");
        assertThat(story.ended(0, "restore", "pause", id, "--why", "the site is slow")
                        .out())
                .contains("pauses before the next batch");
    }

    @Test
    void a_plan_is_compared_with_live_as_it_is_now() throws IOException {
        damage();
        String id = story.run(0, "restore", "plan").get("plan").asText();
        assertThat(story.run(0, "restore", "plan", "--refresh", id)
                        .get("asPlanned")
                        .asInt())
                .isEqualTo(3);
        assertThat(story.ended(2, "restore", "plan", "--refresh", id, "--rule", "total")
                        .err())
                .contains("--refresh looks at a plan as it was made");

        orders(
                "o1,c1,10,web,2026-11-22T09:00:00Z",
                "o2,c1,20,web,2026-11-22T01:00:00Z",
                "o3,c2,33,app,2026-11-22T09:00:00Z",
                "o4,c2,-40,app,2026-11-22T04:30:00Z");

        assertThat(story.run(1, "restore", "plan", "--refresh", id).toString())
                .contains("\"steps\":3,\"asPlanned\":1,\"healed\":1,\"conflict\":1,\"conflicts\":{\"LATER_WRITE\":1}");
    }
}
