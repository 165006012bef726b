package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.approved;
import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.target.InMemoryTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Groups over two datasets: what is told of their steps is told in the order of the plan, though they are read by dataset. */
final class StepOrderTest {
    private static final List<String> DATASETS = List.of("lines", "orders");

    private final Scene scene = new Scene();
    private final Map<String, InMemoryTarget> targets =
            Map.of("lines", new InMemoryTarget("lines"), "orders", new InMemoryTarget("orders"));

    private static Image good(int id) {
        return image("{'id':%d,'total':1}".formatted(id));
    }

    private static Image bad(int id) {
        return image("{'id':%d,'total':-1}".formatted(id));
    }

    private static Policy policy(String dataset) {
        Policy plain = Policy.plain(dataset);
        return new Policy(
                dataset,
                plain.comparison(),
                null,
                List.of(),
                List.of(),
                null,
                List.of(),
                Map.of("deal", FieldPath.of("id")),
                plain.write(),
                List.of(),
                plain.limits());
    }

    private InMemoryTarget target(String dataset) {
        return Objects.requireNonNull(targets.get(dataset));
    }

    /** Two records of each dataset, those of one number a group. */
    private PlanFiles.Stored plan() {
        List<Candidate> candidates = new ArrayList<>();
        for (String dataset : DATASETS) {
            for (int id = 1; id <= 2; id++) {
                target(dataset).put(key(id), bad(id));
                candidates.add(new Candidate(
                        dataset,
                        key(id),
                        List.of(),
                        Candidate.Named.WHOLE,
                        History.of(
                                new History.Good(good(id), "20261121T020000Z-7f3a", Scene.NOON.minusSeconds(60)),
                                bad(id),
                                History.Origin.OBSERVED),
                        target(dataset).see(key(id))));
            }
        }
        Plan plan = new Planner(scene.judge())
                .plan(new Planner.Request(
                        "shop",
                        "ada",
                        Scene.NOON,
                        Duration.ofHours(24),
                        Mode.SKIP,
                        candidates,
                        List.of(),
                        Map.of(),
                        Map.of("lines", dataset("lines"), "orders", dataset("orders")),
                        List.of()));
        assertThat(plan.steps()).extracting(Step::dataset).containsExactly("lines", "orders", "lines", "orders");
        return PlanFiles.write(scene.store, plan);
    }

    private Planner.Dataset dataset(String name) {
        return new Planner.Dataset(policy(name), target(name).identity(), "", List.of(), OptionalLong.empty(), "shop");
    }

    private Applier.Site site() {
        return new Applier.Site(
                scene.store,
                Map.of("lines", policy("lines"), "orders", policy("orders")),
                Map.copyOf(targets),
                scene.judge(),
                Relations.NONE,
                Scene.CLOCK);
    }

    @Test
    void an_export_has_its_items_and_what_it_leaves_out_in_order() {
        var plan = plan();
        assertThat(Export.of(plan, site(), "nothing was exported").items())
                .extracting(item -> item.step().number())
                .containsExactly(1, 2, 3, 4);

        DATASETS.forEach(dataset -> target(dataset).put(key(1), good(1)));
        DATASETS.forEach(dataset -> target(dataset).put(key(2), good(2)));
        assertThat(Export.of(plan, site(), "nothing was exported").left())
                .extracting(left -> left.step().number())
                .containsExactly(1, 2, 3, 4);
    }

    @Test
    void what_was_done_is_told_in_order() {
        var plan = plan();
        assertThat(new Applier(Run.of(plan), approved(plan), site(), Scene.manner("a"))
                        .apply()
                        .done())
                .isEqualTo(4);

        assertThat(Recheck.of(Run.of(plan), site()))
                .extracting(one -> one.step().number())
                .containsExactly(1, 2, 3, 4);
    }

    @Test
    void what_is_in_doubt_is_told_in_order() {
        var plan = plan();
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry.Started(plan.digest(), "", "", "grace"));
        entries.add(new Entry.Claimed("dead", "dead"));
        for (int number = 1; number <= 4; number++) {
            entries.add(new Entry.Intent(number, "", bad(1), good(1)));
            entries.add(Entry.Ended.of(number, State.AMBIGUOUS, "no answer"));
        }
        Journal.open(scene.store, plan.id()).publish(entries);

        assertThat(Doubt.of(Run.of(plan), site()))
                .extracting(one -> one.step().number())
                .containsExactly(1, 2, 3, 4);
    }
}
