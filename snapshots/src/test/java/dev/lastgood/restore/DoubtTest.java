package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.approved;
import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.record.Image;
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
}
