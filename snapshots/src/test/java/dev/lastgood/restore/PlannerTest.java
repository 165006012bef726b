package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.RestorePolicy;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a plan holds back, and what it cannot be made of. */
final class PlannerTest {
    private final Scene scene = new Scene();
    private final InMemoryTarget orders = new InMemoryTarget("orders");

    private void accused(int id, String good, String bad, String live) {
        scene.alone(
                "total_fine",
                "total",
                image -> image.field("total") instanceof Value.Num total
                        && total.value().signum() > 0);
        orders.put(key(id), image(live));
        scene.accused(id, image(good), image(bad), orders, "total_fine");
    }

    private void accused(int id, String more) {
        String bad = "{'id':%d,'total':-1%s}".formatted(id, more);
        accused(id, "{'id':%d,'total':1%s}".formatted(id, more), bad, bad);
    }

    @Test
    void records_that_share_a_value_of_any_group_are_held_back_together() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain)
                .groups(Map.of("a", FieldPath.of("a"), "b", FieldPath.of("b")))
                .policy();
        accused(1, ",'a':1,'b':2");
        accused(2, ",'a':3,'b':2");
        accused(3, ",'a':3,'b':null");
        accused(4, ",'a':9,'b':8");
        accused(5, "");
        accused(6, ",'a':null,'b':null");
        orders.put(key(3), image("{'id':3,'total':-7,'a':3,'b':null}"));
        List<Candidate> again = List.copyOf(scene.candidates);
        scene.candidates.clear();
        scene.candidates.addAll(again.stream()
                .map(one -> new Candidate(
                        one.dataset(), one.key(), one.accusations(), one.named(), one.history(), orders.see(one.key())))
                .toList());

        Plan plan = scene.plan(orders);

        assertThat(plan.heldBack()).extracting(Plan.HeldBack::key).containsExactlyInAnyOrder(key(1), key(2));
        assertThat(plan.heldBack()).extracting(Plan.HeldBack::group).containsOnly("a=1");
        assertThat(plan.steps()).extracting(Step::key).containsExactlyInAnyOrder(key(4), key(5), key(6));
    }

    private Conflict.@Nullable Type conflict(String good, String bad, String live) {
        scene.candidates.clear();
        scene.alone("as_captured", "total", image -> image.equals(image(good)));
        orders.put(key(7), image(live));
        scene.accused(7, image(good), image(bad), orders, "as_captured");
        return scene.plan(orders).conflicts().stream()
                .map(Conflict::type)
                .findFirst()
                .orElse(null);
    }

    @Test
    void a_value_of_another_kind_than_all_captures_have_is_of_another_schema() {
        assertThat(conflict("{'id':7,'total':1}", "{'id':7,'total':-1}", "{'id':7,'total':'x'}"))
                .isEqualTo(Conflict.Type.SCHEMA_DRIFT);
        assertThat(conflict("{'id':7}", "{'id':7,'total':-1}", "{'id':7,'total':'x'}"))
                .as("the good one has none")
                .isEqualTo(Conflict.Type.SCHEMA_DRIFT);
        assertThat(conflict("{'id':7,'total':'y'}", "{'id':7,'total':-1}", "{'id':7,'total':'x'}"))
                .as("of the good one's kind")
                .isEqualTo(Conflict.Type.LATER_WRITE);
        assertThat(conflict("{'id':7,'total':'y'}", "{'id':7,'total':-1}", "{'id':7,'total':5}"))
                .as("of the bad one's kind")
                .isEqualTo(Conflict.Type.LATER_WRITE);
        assertThat(conflict("{'id':7,'total':1}", "{'id':7,'total':-1}", "{'id':7}"))
                .as("nothing is of no kind")
                .isEqualTo(Conflict.Type.LATER_WRITE);
        assertThat(conflict("{'id':7,'total':1}", "{'id':7,'total':null}", "{'id':7,'total':'x'}"))
                .as("the damage has left none")
                .isEqualTo(Conflict.Type.SCHEMA_DRIFT);
        assertThat(scene.plan(orders).conflicts())
                .extracting(Conflict::explanation)
                .containsExactly(Conflict.Type.SCHEMA_DRIFT.meaning());
        assertThat(conflict("{'id':7,'total':1}", "{'id':7,'total':-1}", "{'id':7,'total':null}"))
                .as("null is of no kind either")
                .isEqualTo(Conflict.Type.LATER_WRITE);
        assertThat(conflict("{'id':7,'total':null}", "{'id':7}", "{'id':7,'total':'x'}"))
                .as("no capture says of what kind it is")
                .isEqualTo(Conflict.Type.LATER_WRITE);
    }

    @Test
    void a_write_is_left_out_once_however_much_it_breaks() {
        accused(1, "");
        accused(2, "");
        scene.relations = writes -> writes.stream()
                .filter(write -> write.key().equals(key(1)))
                .flatMap(write -> Stream.of("orders", "orders", "others"))
                .map(dataset -> new Relations.Breach(Conflict.Type.UNIQUE_CLASH, dataset, key(1), "twice", null))
                .toList();

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).extracting(Step::key).containsExactly(key(2));
        assertThat(plan.conflicts()).extracting(Conflict::type).containsExactly(Conflict.Type.UNIQUE_CLASH);
    }

    @Test
    void of_several_records_of_one_key_none_is_meant() {
        accused(1, "");
        scene.candidates.replaceAll(one -> new Candidate(
                one.dataset(),
                one.key(),
                one.accusations(),
                one.named(),
                one.history(),
                Target.Seen.several(image("{'id':1,'total':-1}"))));

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts())
                .extracting(Conflict::toString)
                .containsExactly("orders (id 1): DUPLICATE_KEY: several records have this key");
    }

    private Planner.Request request(Map<String, Planner.Dataset> datasets) {
        return new Planner.Request(
                "shop",
                "ada",
                Scene.NOON,
                Duration.ofHours(24),
                Mode.BLOCK,
                scene.candidates,
                List.of(),
                scene.rules,
                datasets,
                List.of());
    }

    private Map<String, Planner.Dataset> known() {
        return Map.of(
                Scene.ORDERS,
                new Planner.Dataset(scene.policy, orders.identity(), orders.schema(), List.of(), OptionalLong.empty()));
    }

    @Test
    void a_judge_that_does_not_answer_and_a_dataset_nobody_knows_are_bugs() {
        accused(1, "");
        assertThatThrownBy(() -> new Planner((dataset, pairs) -> List.of()).plan(request(known())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("0 answers to");
        assertThatThrownBy(() -> new Planner(scene.judge()).plan(request(Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nothing is known of dataset orders");
    }

    @Test
    void whoever_names_a_record_does_not_mean_what_is_declared_not_to_matter() {
        scene.policy = scene.policy.comparing(dev.lastgood.record.Comparison.builder()
                .ignore(FieldPath.of("seen"))
                .build());
        Image bad = image("{'id':7,'total':2,'seen':5}");
        orders.put(key(7), bad);
        scene.accused(7, image("{'id':7,'total':1,'seen':4}"), bad, orders);

        assertThat(scene.plan(orders).steps())
                .singleElement()
                .satisfies(step -> assertThat(step.paths()).containsExactly(FieldPath.of("total")));
    }

    @Test
    void what_changed_as_the_incident_changes_things_is_put_back_though_no_rule_accuses_it() {
        String bad = "{'id':1,'total':-1,'zip':'','note':'b'}";
        accused(1, "{'id':1,'total':1,'zip':'8000','note':'a'}", bad, bad);
        ChangePattern emptied = (dataset, key, path, before, after) ->
                path.equals(FieldPath.of("zip")) && Value.of("").equals(after);

        Plan plan = new Planner(scene.judge(), Relations.NONE, emptied, Planner.Parents.NONE)
                .planned(request(known()))
                .plan();

        Step step = plan.steps().get(0);
        assertThat(step.paths()).containsExactlyInAnyOrder(FieldPath.of("total"), FieldPath.of("zip"));
        assertThat(step.reasons()).containsExactlyInAnyOrder("total_fine", Step.PATTERN);
        assertThat(plan.unattributed()).extracting(Plan.Unattributed::path).containsExactly(FieldPath.of("note"));
    }

    @Test
    void a_plan_is_bound_to_all_that_a_write_sets_off() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain)
                .consumers(List.of(
                        new RestorePolicy.Consumer("warehouse", null, "sends goods"),
                        new RestorePolicy.Consumer("billing", null, "sends an invoice")))
                .policy();
        scene.effects = List.of("trigger outbox");
        accused(1, "");

        assertThat(Objects.requireNonNull(scene.plan(orders).header().datasets().get(Scene.ORDERS))
                        .consumers())
                .containsExactly("billing", "trigger outbox", "warehouse");
    }

    @Test
    void what_a_person_has_deleted_since_the_damage_did_is_not_put_back() {
        scene.noDelete("stays");
        Image good = image("{'id':7,'total':1}");
        orders.put(key(7), good);
        orders.put(key(7), null);
        scene.accused(7, good, null, orders, "stays");
        assertThat(scene.plan(orders).steps()).hasSize(1);
        assertThat(scene.plan(orders).steps().get(0).evidence()).isEqualTo(Step.Evidence.TOMBSTONE);

        orders.put(key(7), good);
        orders.put(key(7), null);
        scene.candidates.replaceAll(one -> new Candidate(
                one.dataset(), one.key(), one.accusations(), one.named(), one.history(), orders.see(one.key())));
        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts())
                .extracting(Conflict::toString)
                .containsExactly("orders (id 7): LATER_DELETE: " + Conflict.Type.LATER_DELETE.meaning());
    }

    @Test
    void a_field_is_put_back_though_another_one_was_written_since() {
        orders.put(key(7), image("{'id':7,'total':-1,'note':'by hand'}"));
        scene.accused(7, image("{'id':7,'total':1,'note':'a'}"), image("{'id':7,'total':-1,'note':'b'}"), orders);
        scene.naming(new Candidate.Named.Fields(Scene.paths("total", "note")));

        Plan plan = scene.plan(orders);

        assertThat(plan.steps())
                .singleElement()
                .satisfies(step -> assertThat(step.paths()).containsExactly(FieldPath.of("total")));
        assertThat(plan.conflicts())
                .extracting(Conflict::toString)
                .containsExactly("orders (id 7, note): LATER_WRITE: " + Conflict.Type.LATER_WRITE.meaning());
        assertThat(plan.conflicts())
                .extracting(Conflict::found)
                .containsExactly(new Conflict.Found(Value.of("a"), Value.of("b"), Value.of("by hand")));
    }

    @Test
    void a_broken_record_of_which_no_rule_says_what_is_wrong_is_a_conflict_and_one_that_is_fine_is_left_alone() {
        scene.declared("sums", Set.of(), image -> !Value.of(-1).equals(image.field("total")));
        scene.rules.put(
                "unique_total",
                new RuleFacts(
                        "unique_total",
                        "hash",
                        Scene.ORDERS,
                        RuleFacts.Accuses.VALUES,
                        RuleFacts.Scope.RELATIONAL,
                        Set.of(),
                        Set.of(),
                        false,
                        ""));
        orders.put(key(1), image("{'id':1,'total':5}"));
        scene.accused(1, image("{'id':1,'total':1}"), image("{'id':1,'total':5}"), orders, "unique_total");
        orders.put(key(2), image("{'id':2,'total':-1}"));
        scene.accused(2, image("{'id':2,'total':1}"), image("{'id':2,'total':3}"), orders, "sums");

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts())
                .extracting(Conflict::toString)
                .containsExactly("orders (id 1): UNSAFE_MERGE: no rule says which of the changed fields is wrong");
        assertThat(List.of(plan.untouched(), plan.healed())).containsExactly(1L, 0L);
    }

    @Test
    void a_record_that_is_there_again_as_it_was_and_one_that_should_not_be_and_is_gone_are_healed() {
        scene.noDelete("stays");
        scene.noInsert("none_is_new");
        Image good = image("{'id':1,'total':1}");
        orders.put(key(1), good);
        scene.accused(1, good, null, orders, "stays");
        scene.accused(2, null, image("{'id':2,'total':1}"), orders, "none_is_new");

        Plan plan = scene.plan(orders);

        assertThat(plan.healed()).isEqualTo(2);
        assertThat(List.of(plan.steps(), plan.conflicts())).containsOnly(List.of());
    }

    @Test
    void a_limit_on_a_share_says_nothing_of_a_dataset_in_which_nothing_is_written() {
        accused(1, "");
        orders.put(key(1), image("{'id':1,'total':-7}"));
        scene.candidates.replaceAll(one -> new Candidate(
                one.dataset(), one.key(), one.accusations(), one.named(), one.history(), orders.see(one.key())));
        accused(2, "");
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain)
                .limits(new RestorePolicy.Limits(null, null, new BigDecimal("0.1")))
                .policy();
        scene.relations = writes -> writes.stream()
                .map(write ->
                        new Relations.Breach(Conflict.Type.UNIQUE_CLASH, write.dataset(), write.key(), "taken", null))
                .toList();

        assertThat(scene.plan(orders).conflictCounts())
                .isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 1L, Conflict.Type.UNIQUE_CLASH, 1L));
    }

    private void accused(int id, History history, Candidate.Named named, String... by) {
        orders.put(key(id), history.bad());
        scene.candidates.add(new Candidate(
                Scene.ORDERS,
                key(id),
                Stream.of(by).map(Candidate.Accusation::of).toList(),
                named,
                history,
                orders.see(key(id))));
    }

    @Test
    void a_damaged_record_that_no_capture_has_is_listed_with_its_values_and_one_that_is_only_new_is_left_alone() {
        scene.alone("total_fine", "total", image -> !Value.of(-1).equals(image.field("total")));
        Image bad = image("{'id':1,'total':-1}");
        History.Good nothing = new History.Good(null, "20261121T020000Z-7f3a", Scene.NOON);
        accused(1, History.of(nothing, bad, History.Origin.OBSERVED), Candidate.Named.WHOLE, "total_fine");
        accused(2, History.newer(bad, History.Origin.OBSERVED), Candidate.Named.WHOLE);
        accused(3, History.of(nothing, bad, History.Origin.OBSERVED), Candidate.Named.WHOLE);

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.unrecoverable())
                .containsExactly(
                        new Plan.Unrecoverable(Scene.ORDERS, key(1), List.of("named", "total_fine"), bad),
                        new Plan.Unrecoverable(Scene.ORDERS, key(2), List.of("named"), bad));
        assertThat(plan.untouched()).isEqualTo(1);
    }
}
