package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.approved;
import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.target.InMemoryTarget;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Steps whose answer was lost, and somebody wrote before anybody looked. */
final class DoubtTest {
    private static final Image GOOD = image("{'id':7,'total':19,'note':''}");
    private static final Image BAD = image("{'id':7,'total':-19,'note':''}");

    private final Scene scene = new Scene();
    private final InMemoryTarget orders = new InMemoryTarget("orders");

    private PlanFiles.Stored lost(Image live) {
        scene.alone("total_positive", "total", image -> !image.equals(BAD));
        orders.put(key(7), BAD);
        scene.accused(7, GOOD, BAD, orders, "total_positive");
        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        String token =
                Objects.requireNonNull(orders.read(List.of(key(7))).get(key(7))).token();
        Journal.open(scene.store, plan.id())
                .publish(List.of(
                        new Entry.Started(plan.digest(), "", "", "grace"),
                        new Entry.Claimed("dead", "dead"),
                        new Entry.Intent(1, token, BAD, GOOD)));
        orders.put(key(7), live);
        return plan;
    }

    private List<Doubt.Holds> holds(PlanFiles.Stored plan) {
        return Doubt.of(Run.of(plan), scene.site(orders)).stream()
                .map(Doubt::holds)
                .toList();
    }

    @Test
    void what_live_holds_of_an_ambiguous_step_is_told() {
        var plan = lost(image("{'id':7,'total':50,'note':''}"));
        assertThat(holds(plan)).as("before anybody looked").isEmpty();
        var receipt = scene.applier(Run.of(plan), approved(plan), orders, "b").apply();
        assertThat(receipt.ambiguous()).isEqualTo(1);

        assertThat(holds(plan)).containsExactly(Doubt.Holds.SOMETHING_ELSE);
        orders.put(key(7), image("{'id':7,'total':19,'note':'called'}"));
        assertThat(holds(plan)).containsExactly(Doubt.Holds.WHAT_WAS_TO_BE_WRITTEN);
        orders.put(key(7), image("{'id':7,'total':-19,'note':'called'}"));
        assertThat(holds(plan)).containsExactly(Doubt.Holds.WHAT_WAS_BEFORE);
    }

    @Test
    void an_insert_that_is_not_there_is_as_before_and_what_is_done_is_in_no_doubt() {
        scene.noDelete("stays");
        for (int id = 7; id <= 8; id++) {
            orders.put(key(id), GOOD);
            orders.put(key(id), null);
            scene.accused(id, GOOD.with("id", Value.of(id)), null, orders, "stays");
        }
        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        assertThat(plan.plan().count(Action.INSERT)).isEqualTo(2);
        Journal.open(scene.store, plan.id())
                .publish(List.of(
                        new Entry.Started(plan.digest(), "", "", "grace"),
                        new Entry.Claimed("dead", "dead"),
                        new Entry.Intent(1, "", null, GOOD),
                        new Entry.Intent(2, "", null, GOOD.with("id", Value.of(8))),
                        Entry.Ended.of(1, State.AMBIGUOUS, "no answer"),
                        Entry.Ended.done(2, "t")));

        assertThat(holds(plan)).containsExactly(Doubt.Holds.WHAT_WAS_BEFORE);
        orders.put(key(7), GOOD);
        assertThat(holds(plan)).containsExactly(Doubt.Holds.WHAT_WAS_TO_BE_WRITTEN);
        orders.put(key(7), BAD);
        assertThat(holds(plan)).containsExactly(Doubt.Holds.SOMETHING_ELSE);
    }
}
