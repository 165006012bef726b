package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.MemoryStore;
import dev.lastgood.snapshot.Store;
import dev.lastgood.target.InMemoryTarget;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A plan as it lies in the store. */
final class PlanFilesTest {
    private final Scene scene = new Scene();

    private Plan plan(int records) {
        InMemoryTarget orders = new InMemoryTarget("orders");
        scene.alone(
                "total_positive",
                "total",
                image -> image.field("total") instanceof Value.Num total
                        && total.value().signum() > 0);
        for (int id = 1; id <= records; id++) {
            Image bad = image("{'id':%d,'total':-%d}".formatted(id, id));
            orders.put(key(id), bad);
            scene.accused(id, image("{'id':%d,'total':%d}".formatted(id, id)), bad, orders, "total_positive");
        }
        return scene.plan(orders);
    }

    @Test
    void a_large_plan_lies_in_parts_and_is_read_as_it_was_written() {
        Plan plan = plan(10_001);

        PlanFiles.Stored stored = PlanFiles.write(scene.store, plan);

        assertThat(scene.store.list("plans/" + stored.id() + "/payload"))
                .containsExactlyInAnyOrder("part-00000.jsonl", "part-00001.jsonl");
        assertThat(lines(stored, "payload/part-00000.jsonl")).hasSize(10_000);
        assertThat(lines(stored, "payload/part-00001.jsonl")).hasSize(1);
        assertThat(PlanFiles.read(scene.store, stored.id())).isEqualTo(stored);
        assertThat(PlanFiles.write(scene.store, plan)).as("again").isEqualTo(stored);

        PlanFiles.Stored inOne = PlanFiles.write(scene.store, plan, Integer.MAX_VALUE);
        assertThat(inOne.id()).isNotEqualTo(stored.id());
        assertThat(PlanFiles.read(scene.store, inOne.id()))
                .as("as plans once were written")
                .isEqualTo(inOne);
    }

    private List<String> lines(PlanFiles.Stored stored, String file) {
        return text(stored, file).lines().toList();
    }

    private String text(PlanFiles.Stored stored, String file) {
        byte[] bytes = scene.store.read("plans/" + stored.id() + "/" + file).orElseThrow();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A store in which the index is another, under the id that belongs to it. */
    private void refused(PlanFiles.Stored stored, UnaryOperator<String> edit, String why) {
        byte[] index = edit.apply(text(stored, "plan.json")).getBytes(StandardCharsets.UTF_8);
        String id = Sha256.of(index).substring(0, 12);
        Store other = new MemoryStore();
        other.publish("plans/" + id + "/plan.json", index);
        for (String part : scene.store.list("plans/" + stored.id() + "/payload")) {
            other.publish(
                    "plans/" + id + "/payload/" + part,
                    text(stored, "payload/" + part).getBytes(StandardCharsets.UTF_8));
        }
        assertThatThrownBy(() -> PlanFiles.read(other, id))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("plan %s is not as it was written".formatted(id))
                .hasMessageContaining(why);
    }

    @Test
    void an_index_that_this_program_would_not_write_is_refused_though_its_digest_is_right() {
        PlanFiles.Stored stored = PlanFiles.write(scene.store, plan(2));

        refused(stored, index -> index.replace("\"formatVersion\":1", "\"formatVersion\":2"), "another format version");
        refused(stored, index -> index.replace("part-00000", "part-00007"), "other parts than this program writes");
        refused(stored, index -> index.replace("\"sha256\":\"", "\"sha256\":\"0"), "does not have the SHA-256");
        refused(
                stored,
                index -> index.replace("\"fields\":2", "\"fields\":3"),
                "not written as this program writes it");
        refused(
                stored,
                index -> index.replace("\"mode\":\"block\"", "\"mode\":\"force\""),
                "'mode' is none of the words");
        refused(stored, index -> index.replace("\"healed\":0", "\"healed\":-1"), "'healed' is no count");
        refused(stored, index -> index.replace(",\"workspace\":\"shop\"", ""), "'workspace' is missing");
        refused(stored, index -> index.replace("\"author\":\"ada\"", "\"author\":7"), "'author' is no text");
        refused(stored, index -> index.replace("T12:00:00Z\"", "T12 o'clock\""), "is no time");
        refused(stored, index -> "[]", "no JSON object");
        refused(stored, index -> "{", "no JSON");
        refused(
                stored,
                index -> index.replaceFirst("\"payload\":(\\{[^}]*})", "\"payload\":[$1]"),
                "not written as this program writes it");
        refused(stored, index -> index.replaceFirst("\"payload\":\\{[^}]*}", "\"payload\":[]"), "not written as");
        assertThatThrownBy(() -> PlanFiles.read(scene.store, "000000000000"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("plan.json: it is not there");
    }

    @Test
    void what_is_known_beside_a_good_value_is_kept_with_its_conflict() {
        Plan plan = plan(1);
        Instant at = Instant.parse("2026-11-22T03:00:00Z");
        Conflict one = new Conflict(
                Conflict.Type.STALE_GOOD,
                Scene.ORDERS,
                key(7),
                FieldPath.of("total"),
                "why",
                new Conflict.Found(Value.of(1), Value.of(-1), null),
                new Conflict.Stale(Value.of(1), Value.of(2), "audit x", at));
        Conflict other = new Conflict(
                Conflict.Type.STALE_GOOD,
                Scene.ORDERS,
                key(8),
                FieldPath.of("total"),
                "why",
                null,
                new Conflict.Stale(null, null, "audit x", at));
        Plan with = new Plan(
                plan.header(),
                plan.steps(),
                List.of(one, other),
                plan.decided(),
                plan.heldBack(),
                plan.unrecoverable(),
                plan.unattributed(),
                List.of(
                        new Simulated("total", Simulated.Over.LIVE, 1, 0),
                        new Simulated("moved", Simulated.Over.LIVE, 0, 0, "there is no baseline")),
                plan.healed(),
                plan.untouched(),
                List.of("audit y"));

        PlanFiles.Stored stored = PlanFiles.write(scene.store, with);

        assertThat(with.stale()).isEqualTo(2);
        assertThat(PlanFiles.read(scene.store, stored.id()).plan()).isEqualTo(with);
        assertThat(text(stored, "plan.json"))
                .as("no value is in the index")
                .doesNotContain("later", "found")
                .as("what was not looked at is bound to the plan")
                .contains("\"open\":\"there is no baseline\"")
                .contains("\"unread\":[\"audit y\"]");
        assertThat(with.without(List.of()).unread()).isEmpty();
    }

    @Test
    void all_that_a_plan_leaves_alone_is_written_with_it() {
        Plan plan = plan(1);
        Conflict whole = new Conflict(Conflict.Type.LATER_DELETE, Scene.ORDERS, key(7), null, "gone");
        Image live = image("{'id':8,'total':-8,'tags':['a',null]}");
        Plan with = new Plan(
                plan.header(),
                plan.steps(),
                List.of(whole),
                List.of(new Plan.Decided(whole, Decision.Take.LIVE, "anna", "an erasure request")),
                List.of(new Plan.HeldBack(Scene.ORDERS, key(6), "order=3", whole)),
                List.of(new Plan.Unrecoverable(Scene.ORDERS, key(8), List.of("total_positive"), live)),
                List.of(new Plan.Unattributed(
                        Scene.ORDERS, key(1), new FieldChange(FieldPath.valueOf("tags[0]"), Value.of("a"), null))),
                List.of(),
                3,
                2,
                List.of());

        PlanFiles.Stored stored = PlanFiles.write(scene.store, with);

        assertThat(PlanFiles.read(scene.store, stored.id()).plan()).isEqualTo(with);
        assertThat(text(stored, "plan.json")).doesNotContain("anna", "erasure", "-8");
    }

    @Test
    void a_plan_is_neither_written_over_another_nor_read_by_a_name_that_is_not_its_own() {
        Plan plan = plan(1);
        PlanFiles.Stored stored = PlanFiles.write(scene.store, plan);
        String name = "plans/" + stored.id() + "/plan.json";
        Store other = new MemoryStore();
        other.publish(name, "{}".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> PlanFiles.write(other, plan))
                .isInstanceOf(Refusal.class)
                .hasMessage(name + " is there already and holds something else; no plan was written");
        assertThatThrownBy(() -> PlanFiles.read(other, stored.id()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("its digest is " + Sha256.of("{}"));
    }

    private void refusedLine(String from, String to, String why) {
        scene.candidates.clear();
        PlanFiles.Stored stored = PlanFiles.write(scene.store, plan(1));
        String part = text(stored, "payload/part-00000.jsonl");
        String edited = part.replace(from, to);
        assertThat(edited).isNotEqualTo(part);
        byte[] index = text(stored, "plan.json")
                .replace(Sha256.of(part), Sha256.of(edited))
                .replace("\"bytes\":" + part.length(), "\"bytes\":" + edited.length())
                .getBytes(StandardCharsets.UTF_8);
        String id = Sha256.of(index).substring(0, 12);
        Store other = new MemoryStore();
        other.publish("plans/" + id + "/plan.json", index);
        other.publish("plans/" + id + "/payload/part-00000.jsonl", edited.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> PlanFiles.read(other, id))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith("plan %s is not as it was written".formatted(id))
                .hasMessageContaining(why);
    }

    @Test
    void a_line_of_another_kind_is_refused_though_all_digests_are_right() {
        refusedLine("{\"step\":", "{\"stop\":", "a line of the payload is of an unknown kind");
        refusedLine("{\"step\":", "{\"more\":1,\"step\":", "a line of the payload has other members than one");
    }
}
