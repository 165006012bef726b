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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
        scene.policy = new Policy(
                plain.dataset(),
                plain.comparison(),
                null,
                List.of(),
                List.of(),
                null,
                List.of(),
                Map.of("a", FieldPath.of("a"), "b", FieldPath.of("b")),
                plain.write(),
                List.of(),
                plain.limits());
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
}
