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
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.workspace.RestorePolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ExportTest {
    private final Scene scene = new Scene();
    private final InMemoryTarget orders = new InMemoryTarget("orders");

    private static Image order(int id, int total, String note) {
        return image("{'id':%d,'total':%d,'note':'%s'}".formatted(id, total, note));
    }

    private void broken(int id) {
        orders.put(key(id), order(id, -id, ""));
        scene.accused(id, order(id, id, ""), order(id, -id, ""), orders, "total_positive");
    }

    private PlanFiles.Stored plan(int... ids) {
        scene.alone(
                "total_positive",
                "total",
                image -> image.field("total") instanceof Value.Num total
                        && total.value().signum() > 0);
        for (int id : ids) {
            broken(id);
        }
        return PlanFiles.write(scene.store, scene.plan(orders));
    }

    private Export.Result export(PlanFiles.Stored plan) {
        return Export.of(plan, scene.site(orders), "nothing was exported");
    }

    @Test
    void it_says_what_an_apply_would_write_now_and_writes_nothing() {
        var plan = plan(1, 2, 3);
        orders.put(key(1), order(1, -1, "changed since"));
        orders.put(key(2), order(2, 2, "healed"));
        orders.put(key(3), order(3, 33, "written since"));
        var before = orders.images();

        var result = export(plan);

        assertThat(result.items()).singleElement().satisfies(item -> {
            assertThat(item.live()).isEqualTo(order(1, -1, "changed since"));
            assertThat(item.desired()).isEqualTo(order(1, 1, "changed since"));
            assertThat(item.change().fields()).containsExactly("total");
        });
        assertThat(result.count(State.NOOP)).isEqualTo(1);
        assertThat(result.conflictCounts()).isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 1L));
        assertThat(orders.images()).isEqualTo(before);
        assertThat(Journal.open(scene.store, plan.id()).isEmpty()).isTrue();
    }

    @Test
    void datasets_that_are_export_only_are_exported() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain)
                .write(RestorePolicy.Write.EXPORT_ONLY)
                .limits(RestorePolicy.Limits.NONE)
                .policy();
        var plan = plan(1);

        assertThat(export(plan).items()).hasSize(1);
        assertThatThrownBy(() -> scene.applier(Run.of(plan), Scene.approved(plan), orders, "a")
                        .apply())
                .isInstanceOf(Refusal.class)
                .hasMessage("dataset 'orders' is export only; nothing was applied");
    }

    @Test
    void what_the_rules_are_against_by_now_is_left_out() {
        var plan = plan(1);
        scene.alone("note_short", "note", image -> image.equals(order(1, -1, "")));

        assertThat(export(plan).conflictCounts()).isEqualTo(Map.of(Conflict.Type.UNSAFE_MERGE, 1L));
    }

    /** One breach takes one write out, and what then breaks takes out the next. */
    @Test
    void what_refers_to_what_is_left_out_is_left_out_too() {
        var plan = plan(1, 2, 3);
        scene.relations = writes -> writes.stream()
                .filter(write -> {
                    int id = ((Value.Num)
                                    Objects.requireNonNull(write.key().parts().get("id")))
                            .value()
                            .intValueExact();
                    return id == 1
                            || writes.stream().noneMatch(other -> other.key().equals(key(id - 1)));
                })
                .map(write ->
                        new Relations.Breach(Conflict.Type.MISSING_REFERENCE, "orders", write.key(), "no parent", null))
                .toList();

        var result = export(plan);

        assertThat(result.items()).isEmpty();
        assertThat(result.conflictCounts()).isEqualTo(Map.of(Conflict.Type.MISSING_REFERENCE, 3L));
    }

    @Test
    void a_group_is_exported_whole_or_not_at_all() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain)
                .groups(Map.of("note", dev.lastgood.path.FieldPath.of("note")))
                .write(RestorePolicy.Write.IN_PLACE)
                .limits(RestorePolicy.Limits.NONE)
                .policy();
        var plan = plan(1, 2);
        orders.put(key(2), order(2, 22, ""));

        var result = export(plan);

        assertThat(result.items()).isEmpty();
        assertThat(result.left())
                .extracting(Export.Left::explanation)
                .containsExactly(
                        "held back, because step 2 of its group is not exported",
                        "total: " + Conflict.Type.LATER_WRITE.meaning());
    }

    @Test
    void a_plan_that_is_over_or_under_way_is_not_exported() {
        var plan = plan(1);
        var late = new Applier.Site(
                scene.store,
                Map.of("orders", scene.policy),
                Map.of("orders", orders),
                scene.judge(),
                Relations.NONE,
                Clock.offset(Scene.CLOCK, Duration.ofHours(25)));

        assertThatThrownBy(() -> Export.of(plan, late, "nothing was exported"))
                .hasMessageMatching("plan \\w+ expired at .*; nothing was exported");

        Journal.open(scene.store, plan.id()).publish(List.of(new Entry.Claimed("a", "somebody")));
        assertThatThrownBy(() -> export(plan))
                .hasMessageMatching("plan \\w+ has been applied, or is being applied; nothing was exported");
    }

    @Test
    void a_target_that_is_another_is_not_exported() {
        var plan = plan(1);

        assertThatThrownBy(() -> Export.of(plan, scene.site(new InMemoryTarget("other")), "nothing was exported"))
                .isInstanceOf(Refusal.class)
                .hasMessageMatching("the target of dataset 'orders' is not what plan .*; nothing was exported");
    }

    private void grouped() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain)
                .groups(Map.of("note", dev.lastgood.path.FieldPath.of("note")))
                .write(RestorePolicy.Write.IN_PLACE)
                .limits(RestorePolicy.Limits.NONE)
                .policy();
    }

    @Test
    void what_is_healed_holds_nothing_of_its_group_back() {
        grouped();
        var plan = plan(1, 2);
        orders.put(key(2), order(2, 2, ""));

        var result = export(plan);

        assertThat(result.items()).hasSize(1);
        assertThat(result.count(State.NOOP)).isEqualTo(1);
    }

    @Test
    void in_mode_skip_what_can_be_exported_of_a_group_is() {
        grouped();
        scene.mode = Mode.SKIP;
        var plan = plan(1, 2);
        orders.put(key(2), order(2, 22, ""));

        var result = export(plan);

        assertThat(result.items()).hasSize(1);
        assertThat(result.conflictCounts()).isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 1L));
    }

    @Test
    void a_write_is_left_out_once_however_much_it_breaks() {
        var plan = plan(1, 2);
        scene.relations = writes -> writes.stream()
                .filter(write -> write.key().equals(key(1)))
                .flatMap(write -> java.util.stream.Stream.of(1, 1, 99))
                .map(id -> new Relations.Breach(Conflict.Type.UNIQUE_CLASH, "orders", key(id), "twice", null))
                .toList();

        var result = export(plan);

        assertThat(result.items()).hasSize(1);
        assertThat(result.conflictCounts()).isEqualTo(Map.of(Conflict.Type.UNIQUE_CLASH, 1L));
    }

    @Test
    void a_plan_that_says_another_value_than_its_good_image_is_not_exported() {
        var plan = plan(1);
        Step step = plan.plan().steps().get(0);
        Step other = new Step(
                step.number(),
                step.dataset(),
                step.key(),
                step.action(),
                List.of(new FieldChange(FieldPath.of("total"), Value.of(-1), Value.of(1_000_000))),
                step.good(),
                step.bad(),
                step.reasons(),
                step.goodSnapshot(),
                step.goodAt(),
                step.proof(),
                step.origin(),
                step.guard(),
                step.liveDigest(),
                step.evidence(),
                step.group());
        Plan made = plan.plan();
        var forged = PlanFiles.write(
                scene.store,
                new Plan(
                        made.header(),
                        List.of(other),
                        made.conflicts(),
                        made.decided(),
                        made.heldBack(),
                        made.unrecoverable(),
                        made.unattributed(),
                        made.simulated(),
                        made.healed(),
                        made.untouched(),
                        made.unread()));

        assertThatThrownBy(() -> export(forged))
                .isInstanceOf(Refusal.class)
                .hasMessageStartingWith(
                        "step 1 (orders, id 1) would write a value that is not the good image's: total");
    }
}
