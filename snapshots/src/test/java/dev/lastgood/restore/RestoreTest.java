package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.approved;
import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static dev.lastgood.restore.Scene.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.FaultyStore;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.target.JdbcTarget;
import dev.lastgood.target.Target;
import dev.lastgood.workspace.RestorePolicy;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RestoreTest {
    private final Scene scene = new Scene();
    private final InMemoryTarget orders = new InMemoryTarget("orders");

    private static boolean positive(Image image) {
        return image.field("total") instanceof Value.Num total && total.value().signum() > 0;
    }

    private static boolean adds(Image image) {
        return image.field("total") instanceof Value.Num total
                && image.field("qty") instanceof Value.Num qty
                && image.field("price") instanceof Value.Num price
                && total.value().compareTo(qty.value().multiply(price.value())) == 0;
    }

    private Receipt apply(PlanFiles.Stored plan, String... acknowledged) {
        return scene.applier(Run.of(plan), approved(plan, acknowledged), orders, "a")
                .apply();
    }

    private Receipt undo(PlanFiles.Stored plan) {
        Run undo = Undo.of(plan, Journal.open(scene.store, plan.id()));
        return scene.applier(undo, approved(plan), orders, "a").apply();
    }

    @Test
    void the_damaged_field_is_put_back_and_later_work_in_other_fields_is_kept() {
        scene.alone("total_positive", "total", RestoreTest::positive);
        orders.put(key(7), image("{'id':7,'total':-19.50,'note':'changed since'}"));
        scene.accused(
                7,
                image("{'id':7,'total':19.50,'note':''}"),
                image("{'id':7,'total':-19.50,'note':''}"),
                orders,
                "total_positive");

        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        var receipt = apply(plan);

        assertThat(receipt.json().toString())
                .contains(
                        "\"steps\":1,\"done\":1,\"noop\":0,\"conflict\":0,\"failed\":0,\"ambiguous\":0,\"pending\":0,\"verified\":1");
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':19.50,'note':'changed since'}")));

        assertThat(undo(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':-19.50,'note':'changed since'}")));
    }

    private void monotonic() {
        Policy plain = Policy.plain(Scene.ORDERS);
        scene.policy = PolicyForTests.bare(plain)
                .monotonic(List.of(FieldPath.of("total")))
                .policy();
    }

    @Test
    void what_only_grows_is_put_back_to_the_greater_value_and_taken_back_to_what_it_was() {
        monotonic();
        scene.alone("total_positive", "total", RestoreTest::positive);
        orders.put(key(7), image("{'id':7,'total':-3}")); // counted on since
        orders.put(key(8), image("{'id':8,'total':60}"));
        scene.accused(7, image("{'id':7,'total':50}"), image("{'id':7,'total':-5}"), orders, "total_positive");
        scene.accused(8, image("{'id':8,'total':50}"), image("{'id':8,'total':-5}"), orders, "total_positive");

        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        assertThat(plan.plan().healed()).isEqualTo(1);
        orders.put(key(7), image("{'id':7,'total':-2}")); // and again

        assertThat(apply(plan).done()).isEqualTo(1);
        assertThat(orders.images())
                .isEqualTo(Map.of(key(7), image("{'id':7,'total':50}"), key(8), image("{'id':8,'total':60}")));

        assertThat(undo(plan).done()).isEqualTo(1);
        assertThat(orders.images().get(key(7))).isEqualTo(image("{'id':7,'total':-2}"));
    }

    @Test
    void what_only_grows_is_never_lowered_and_that_is_no_pass() {
        monotonic();
        scene.alone("total_small", "total", image -> !Value.of(999).equals(image.field("total")));
        orders.put(key(7), image("{'id':7,'total':999}"));
        scene.accused(7, image("{'id':7,'total':10}"), image("{'id':7,'total':999}"), orders, "total_small");

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.healed()).isZero();
        assertThat(plan.conflictCounts()).isEqualTo(Map.of(Conflict.Type.UNSAFE_MERGE, 1L));
    }

    @Test
    void texts_of_numbers_only_grow_too_and_what_has_no_order_is_left_alone() {
        monotonic();
        scene.alone(
                "total_long",
                "total",
                image -> image.field("total") instanceof Value.Text text
                        && text.value().length() > 1);
        for (String[] totals :
                new String[][] {{"10", "2", "9", "10"}, {"10", "2", "11", "11"}, {"10", "2", "x", "x"}}) {
            scene.candidates.clear();
            orders.put(key(7), image("{'id':7,'total':'%s'}".formatted(totals[2])));
            scene.accused(
                    7,
                    image("{'id':7,'total':'%s'}".formatted(totals[0])),
                    image("{'id':7,'total':'%s'}".formatted(totals[1])),
                    orders,
                    "total_long");
            var plan = PlanFiles.write(scene.store, scene.plan(orders));
            if (!plan.plan().steps().isEmpty()) {
                apply(plan);
            }
            assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':'%s'}".formatted(totals[3]))));
        }
    }

    @Test
    void what_has_grown_since_is_as_restored() {
        monotonic();
        scene.alone("total_positive", "total", RestoreTest::positive);
        orders.put(key(7), image("{'id':7,'total':-3}"));
        scene.accused(7, image("{'id':7,'total':50}"), image("{'id':7,'total':-3}"), orders, "total_positive");
        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        apply(plan);
        orders.put(key(7), image("{'id':7,'total':51}"));

        assertThat(Recheck.of(Run.of(plan), scene.site(orders)))
                .extracting(Recheck::found)
                .containsExactly(Recheck.Found.INTENDED);
        assertThatThrownBy(() -> Recheck.of(Run.of(plan), scene.site(new InMemoryTarget("elsewhere"))))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("the target of dataset 'orders' is not what plan");
    }

    @Test
    void what_was_done_is_read_again_whenever_somebody_asks() {
        scene.alone("total_positive", "total", RestoreTest::positive);
        for (int id = 1; id <= 4; id++) {
            orders.put(key(id), image("{'id':%d,'total':-1,'note':'a'}".formatted(id)));
            scene.accused(
                    id,
                    image("{'id':%d,'total':1,'note':'a'}".formatted(id)),
                    image("{'id':%d,'total':-1,'note':'a'}".formatted(id)),
                    orders,
                    "total_positive");
        }
        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        assertThatThrownBy(() -> Recheck.of(Run.of(plan), scene.site(orders)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("has not been applied; there is nothing to verify");
        apply(plan);
        orders.put(key(2), image("{'id':2,'total':2,'note':'a'}")); // somebody
        orders.put(key(3), image("{'id':3,'total':-1,'note':'a'}")); // the bug
        orders.put(key(4), image("{'id':4,'total':1,'note':'b'}")); // somebody, elsewhere

        assertThat(Recheck.of(Run.of(plan), scene.site(orders)))
                .extracting(one -> one.step().number() + " " + one.found() + " " + one.moved())
                .containsExactly("1 INTENDED []", "2 DRIFTED []", "3 REINFECTED []", "4 INTENDED [note]");

        undo(plan);
        assertThatThrownBy(() -> Recheck.of(Run.of(plan), scene.site(orders)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("has been undone, or is being undone; there is nothing to verify");
    }

    @Test
    void a_row_changed_since_the_plan_is_left_alone() {
        scene.alone("total_positive", "total", RestoreTest::positive);
        orders.put(key(7), image("{'id':7,'total':-1}"));
        scene.accused(7, image("{'id':7,'total':1}"), image("{'id':7,'total':-1}"), orders, "total_positive");
        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        orders.put(key(7), image("{'id':7,'total':12}")); // somebody else

        var receipt = apply(plan);

        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 1));
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':12}")));
    }

    @Test
    void of_several_declared_fields_the_one_smallest_set_is_put_back() {
        scene.declared("adds", paths("total", "qty", "price"), RestoreTest::adds);
        Image good = image("{'id':7,'qty':2,'price':5,'total':10,'note':'a'}");
        Image bad = image("{'id':7,'qty':2,'price':5,'total':1000,'note':'b'}");
        orders.put(key(7), bad);
        scene.accused(7, good, bad, orders, "adds");

        Plan plan = scene.plan(orders);

        assertThat(plan.steps().get(0).paths()).extracting(Object::toString).containsExactly("total");
        assertThat(plan.unattributed())
                .extracting(kept -> kept.path().toString())
                .containsExactly("note");
    }

    /** The version moved by one, so whatever changed was changed by the bug. */
    private void versioned() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.like(plain)
                .version(FieldPath.of("v"))
                .monotonic(List.of())
                .policy();
    }

    @Test
    void two_equally_small_sets_are_a_conflict() {
        versioned();
        scene.declared("adds", paths("total", "qty", "price"), RestoreTest::adds);
        Image good = image("{'id':7,'v':1,'qty':2,'price':5,'total':10}");
        Image bad = image("{'id':7,'v':2,'qty':4,'price':2.5,'total':20}");
        orders.put(key(7), bad);
        scene.accused(7, good, bad, orders, "adds");

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts())
                .extracting(Conflict::toString)
                .containsExactly(
                        "orders (id 7): UNSAFE_MERGE: 2 equally small sets of fields would satisfy the rules [adds]");
    }

    @Test
    void a_set_of_several_changed_fields_is_put_back_only_if_nothing_else_was_written() {
        scene.declared("adds", paths("total", "qty", "price"), RestoreTest::adds);
        Image good = image("{'id':7,'v':1,'qty':2,'price':5,'total':10}");
        Image bad = image("{'id':7,'v':2,'qty':4,'price':5,'total':1}");
        orders.put(key(7), bad);
        scene.accused(7, good, bad, orders, "adds");

        assertThat(scene.plan(orders).conflicts())
                .extracting(Conflict::toString)
                .containsExactly("orders (id 7): UNSAFE_MERGE: 2 fields that the rules [adds] declare have changed, and"
                        + " other writes may lie between the images");
        versioned();
        assertThat(scene.plan(orders).steps().get(0).paths())
                .extracting(Object::toString)
                .containsExactly("qty", "total");
    }

    @Test
    void of_several_changed_elements_the_wrong_one_is_put_back() {
        scene.policy = scene.policy.comparing(dev.lastgood.record.Comparison.builder()
                .keyed(FieldPath.of("lines"), List.of("no"))
                .build());
        scene.alone(
                "amounts_positive",
                "lines[].amount",
                image -> !String.valueOf(image.field("lines")).contains("-"));
        Image good = image("{'id':7,'lines':[{'no':1,'amount':1},{'no':2,'amount':2}]}");
        Image bad = image("{'id':7,'lines':[{'no':1,'amount':100},{'no':2,'amount':-2}]}");
        orders.put(key(7), bad);
        scene.accused(7, good, bad, orders, "amounts_positive");

        assertThat(scene.plan(orders).steps().get(0).paths())
                .extracting(Object::toString)
                .containsExactly("lines[no=2].amount");
    }

    @Test
    void a_wrong_delete_is_put_back_and_undone() {
        scene.noDelete("orders_stay");
        Image good = image("{'id':7,'total':10}");
        orders.put(key(7), good);
        orders.put(key(7), null);
        scene.accused(7, good, null, orders, "orders_stay");
        var plan = PlanFiles.write(scene.store, scene.plan(orders));

        assertThat(apply(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEqualTo(Map.of(key(7), good));

        assertThat(undo(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEmpty();
    }

    @Test
    void a_named_record_that_was_added_since_goes_only_if_that_is_said() {
        Image added = image("{'id':7,'total':10}");
        orders.put(key(7), added);
        scene.accused(7, null, added, orders);
        scene.naming(Candidate.Named.WHOLE);

        Plan careful = scene.plan(orders);
        assertThat(careful.steps()).isEmpty();
        assertThat(careful.unrecoverable()).isEmpty();
        assertThat(careful.untouched()).isEqualTo(1);

        scene.naming(Candidate.Named.WHOLE_OR_GONE);
        assertThat(scene.plan(orders).steps()).extracting(Step::action).containsExactly(Action.DELETE);
    }

    @Test
    void what_refers_to_a_record_that_is_held_back_is_left_out() {
        scene.policy = new Policy(
                Scene.ORDERS,
                scene.policy.comparison(),
                null,
                List.of(),
                List.of(),
                null,
                List.of(),
                Map.of("deal", FieldPath.of("deal")),
                scene.policy.write(),
                List.of(),
                scene.policy.limits());
        scene.relations = writes -> writes.stream()
                        .anyMatch(write -> write.key().equals(key(7)))
                ? List.of()
                : writes.stream()
                        .filter(write -> write.key().equals(key(8)))
                        .map(write -> new Relations.Breach(
                                Conflict.Type.MISSING_REFERENCE, Scene.ORDERS, write.key(), "7 is not there", null))
                        .toList();
        scene.alone("total_positive", "total", RestoreTest::positive);
        for (int id = 7; id <= 9; id++) {
            int deal = id == 8 ? 8 : 7;
            Image good = image("{'id':%d,'deal':%d,'total':1}".formatted(id, deal));
            Image bad = image("{'id':%d,'deal':%d,'total':-1}".formatted(id, deal));
            // Somebody has written to 9 since.
            orders.put(key(id), id == 9 ? image("{'id':9,'deal':7,'total':-2}") : bad);
            scene.accused(id, good, bad, orders, "total_positive");
        }

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.heldBack()).extracting(Plan.HeldBack::key).containsExactly(key(7));
        assertThat(plan.conflicts())
                .extracting(Conflict::toString)
                .contains("orders (id 8): MISSING_REFERENCE: 7 is not there");
    }

    private record Triggered(Target target) implements Target {
        @Override
        public String identity() {
            return target.identity();
        }

        @Override
        public List<Fact> facts() {
            return List.of(new Fact(Concern.TRIGGER, "outbox", "trigger outbox"));
        }

        @Override
        public Batch open(List<Key> keys) {
            return target.open(keys);
        }

        @Override
        public void close() {
            target.close();
        }
    }

    @Test
    void what_the_store_sets_off_is_acknowledged_though_nobody_has_declared_it() {
        scene.alone("total_positive", "total", RestoreTest::positive);
        orders.put(key(7), image("{'id':7,'total':-1}"));
        scene.accused(7, image("{'id':7,'total':1}"), image("{'id':7,'total':-1}"), orders, "total_positive");
        Target triggered = new Triggered(orders);
        var before = PlanFiles.write(scene.store, scene.plan(triggered));
        scene.effects = SideEffects.undeclared(triggered.facts(), List.of());
        assertThat(scene.effects).containsExactly("trigger outbox");
        var plan = PlanFiles.write(scene.store, scene.plan(triggered));

        assertThatThrownBy(() -> scene.applier(Run.of(before), approved(before), triggered, "a")
                        .apply())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("does not know of: trigger outbox");
        assertThatThrownBy(() -> scene.applier(Run.of(plan), approved(plan), triggered, "a")
                        .apply())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("not acknowledged: trigger outbox");
        assertThat(scene.applier(Run.of(plan), approved(plan, "trigger outbox"), triggered, "a")
                        .apply()
                        .done())
                .isEqualTo(1);
        assertThat(SideEffects.undeclared(
                        triggered.facts(),
                        List.of(new RestorePolicy.Consumer("invoicing", "trigger outbox", "sends an invoice"))))
                .isEmpty();
        assertThat(SideEffects.undeclared(
                        triggered.facts(),
                        List.of(new RestorePolicy.Consumer("invoicing", "trigger outbox2", "sends an invoice"))))
                .as("a name is more than a part of another")
                .containsExactly("trigger outbox");
    }

    @Test
    void what_goes_wrong_while_applying_ends_in_a_receipt_and_without_values() {
        scene.alone("total_positive", "total", RestoreTest::positive);
        orders.put(key(7), image("{'id':7,'total':-1}"));
        scene.accused(7, image("{'id':7,'total':1}"), image("{'id':7,'total':-1}"), orders, "total_positive");
        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        scene.relations = writes -> {
            throw new IllegalStateException("cannot cast 'secret'");
        };

        Receipt stopped = apply(plan);
        assertThat(stopped.stopped()).contains("IllegalStateException").doesNotContain("secret");
        assertThat(stopped.pending()).isEqualTo(1);

        scene.relations = Relations.NONE;
        assertThat(apply(plan).done()).isEqualTo(1);
    }

    /** At most so many positive totals: a relation that no single record decides, and that its steps are asked about as a whole. */
    private class AtMost implements Relations {
        private final int most;
        private final List<List<Laid>> asked = new ArrayList<>();

        AtMost(int most) {
            this.most = most;
        }

        @Override
        public List<Breach> breaches(List<Laid> writes) {
            return List.of();
        }

        @Override
        public boolean concerns(Step step) {
            return true;
        }

        @Override
        public List<Broken> broken(List<Laid> writes) {
            asked.add(writes);
            Map<Key, Image> without = new HashMap<>(orders.images());
            Map<Key, Image> with = new HashMap<>(orders.images());
            writes.forEach(write -> {
                lay(without, write.key(), write.live());
                lay(with, write.key(), write.desired());
            });
            return positive(with) > most && positive(without) <= most
                    ? List.of(new Broken("at_most", positive(with)))
                    : List.of();
        }

        private static void lay(Map<Key, Image> images, Key key, @Nullable Image image) {
            images.remove(key);
            if (image != null) {
                images.put(key, image);
            }
        }

        private static long positive(Map<Key, Image> images) {
            return images.values().stream().filter(RestoreTest::positive).count();
        }
    }

    private PlanFiles.Stored negatives(int records) {
        scene.alone("total_positive", "total", RestoreTest::positive);
        for (int id = 1; id <= records; id++) {
            Image bad = image("{'id':%d,'total':-1}".formatted(id));
            orders.put(key(id), bad);
            scene.accused(id, image("{'id':%d,'total':1}".formatted(id)), bad, orders, "total_positive");
        }
        return PlanFiles.write(scene.store, scene.plan(orders));
    }

    private Receipt applyInSmall(PlanFiles.Stored plan) {
        Applier.Manner manner =
                new Applier.Manner(2, 2, Applier.Breaker.DEFAULT, Scene.owner("a"), "a", new Applier.Watch() {});
        return new Applier(Run.of(plan), approved(plan), scene.site(orders), manner).apply();
    }

    @Test
    void what_the_run_as_a_whole_would_newly_break_stops_it_after_the_canary() {
        var plan = negatives(6);
        var relation = new AtMost(6);
        scene.relations = relation;
        orders.put(key(99), image("{'id':99,'total':1}")); // somebody else, since the plan

        Receipt stopped = applyInSmall(plan);

        assertThat(stopped.stopped())
                .isEqualTo("with this run, records break rules that they would not break without it: at_most (7);"
                        + " 'lastgood restore undo %s' takes back what it has written".formatted(plan.id()));
        assertThat(stopped.done()).isEqualTo(2);
        assertThat(stopped.pending()).isEqualTo(4);
        assertThat(stopped.exitCode()).isEqualTo(3);
        assertThat(relation.asked)
                .singleElement()
                .satisfies(laid -> assertThat(laid)
                        .as("what is done and what is left")
                        .hasSize(6)
                        .allSatisfy(one -> assertThat(one.live()).isNotEqualTo(one.desired())));

        assertThat(applyInSmall(plan).done()).as("nothing has changed").isEqualTo(2);

        orders.put(key(99), null);
        assertThat(applyInSmall(plan).isClean()).isTrue();
    }

    @Test
    void a_step_that_its_batch_would_leave_out_does_not_stop_the_run() {
        var plan = negatives(6);
        scene.relations = new AtMost(5) {
            @Override
            public List<Breach> breaches(List<Laid> writes) {
                return writes.stream()
                        .filter(write -> write.key().equals(key(6)))
                        .map(write -> new Breach(
                                Conflict.Type.MISSING_REFERENCE, Scene.ORDERS, write.key(), "its parent is gone", null))
                        .toList();
            }
        };

        Applier.Manner manner =
                new Applier.Manner(2, 2, Applier.Breaker.OFF, Scene.owner("a"), "a", new Applier.Watch() {});
        Receipt receipt = new Applier(Run.of(plan), approved(plan), scene.site(orders), manner).apply();

        assertThat(receipt.stopped()).isNull();
        assertThat(receipt.done()).isEqualTo(5);
        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.MISSING_REFERENCE, 1));
    }

    @Test
    void what_a_run_has_newly_broken_is_told_at_its_end_and_what_others_broke_is_not_its_own() {
        var plan = negatives(2);
        scene.relations = new AtMost(2);
        orders.put(key(99), image("{'id':99,'total':1}"));

        Receipt broken = applyInSmall(plan);
        assertThat(broken.stopped()).contains("at_most (3)");
        assertThat(broken.done()).isEqualTo(2);
        assertThat(broken.exitCode()).as("nothing is left, and it is no pass").isEqualTo(3);
        assertThat(Journal.open(scene.store, plan.id()).isCompleted()).isFalse();

        orders.put(key(98), image("{'id':98,'total':1}"));
        orders.put(key(97), image("{'id':97,'total':1}"));
        assertThat(applyInSmall(plan).isClean())
                .as("it is broken without the run as well")
                .isTrue();
    }

    @Test
    void of_a_write_only_what_live_still_holds_is_judged_as_the_runs() {
        var plan = negatives(3);
        orders.put(key(1), image("{'id':1,'total':-1,'note':'x'}"));
        assertThat(applyInSmall(plan).isClean()).isTrue();
        var journal = Journal.open(scene.store, plan.id());
        Step step = plan.plan().steps().get(0);
        Entry.Intent intent = journal.progress(step.number()).lastIntent().orElseThrow();

        assertThat(Undo.laid(step, intent, image("{'id':1,'total':1,'note':'y'}")))
                .contains(new Relations.Laid(
                        Scene.ORDERS,
                        step.key(),
                        image("{'id':1,'total':-1,'note':'y'}"),
                        image("{'id':1,'total':1,'note':'y'}")));
        assertThat(Undo.laid(step, intent, image("{'id':1,'total':5,'note':'y'}")))
                .isEmpty();
        assertThat(Undo.laid(step, intent, null)).isEmpty();

        Image record = image("{'id':1,'total':1}");
        Entry.Intent inserted = new Entry.Intent(1, "", null, record);
        assertThat(Undo.laid(step, inserted, record))
                .contains(new Relations.Laid(Scene.ORDERS, step.key(), null, record));
        assertThat(Undo.laid(step, inserted, null)).as("gone since").isEmpty();
        Entry.Intent deleted = new Entry.Intent(1, "", record, null);
        assertThat(Undo.laid(step, deleted, null)).contains(new Relations.Laid(Scene.ORDERS, step.key(), record, null));
        assertThat(Undo.laid(step, deleted, record)).as("there again").isEmpty();
    }

    @Test
    void relations_that_cannot_be_told_at_the_end_are_no_pass() {
        var plan = negatives(2);
        scene.relations = new Relations() {
            @Override
            public List<Breach> breaches(List<Laid> writes) {
                return List.of();
            }

            @Override
            public boolean concerns(Step step) {
                return true;
            }

            @Override
            public List<Broken> broken(List<Laid> writes) {
                throw new IllegalArgumentException("secret");
            }
        };

        Receipt stopped = applyInSmall(plan);

        assertThat(stopped.stopped()).contains("IllegalArgumentException").doesNotContain("secret");
        assertThat(stopped.done()).isEqualTo(2);
        assertThat(stopped.exitCode()).isEqualTo(3);
    }

    @Test
    void nothing_of_what_an_erased_record_was_is_written_back() {
        scene.alone("total_positive", "total", RestoreTest::positive);
        Image bad = image("{'id':7,'total':-1}");
        orders.put(key(7), bad);
        scene.accused(7, image("{'id':7,'total':1}"), bad, orders, "total_positive");
        Step step = scene.plan(orders).steps().get(0);

        StepRules.Decision decision = new StepRules(step, scene.policy)
                .decide(new Target.Seen(bad, "1", true), new Touch(scene.policy, Scene.NOON, null));

        assertThat(decision)
                .isEqualTo(new StepRules.Decision.End(
                        Entry.Ended.conflict(step.number(), Conflict.Type.ERASURE, Conflict.Type.ERASURE.meaning())));
    }

    @Test
    void a_record_that_should_not_be_is_deleted_and_undone() {
        scene.noInsert("no_new_orders");
        Image bad = image("{'id':7,'total':10}");
        orders.put(key(7), bad);
        scene.accused(7, null, bad, orders, "no_new_orders");
        var plan = PlanFiles.write(scene.store, scene.plan(orders));

        assertThat(apply(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEmpty();

        assertThat(Undo.of(plan, Journal.open(scene.store, plan.id())).steps())
                .extracting(Step::evidence)
                .containsExactly(Step.Evidence.TOMBSTONE);
        assertThat(undo(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEqualTo(Map.of(key(7), bad));
    }

    /** The process is no more, right after the write reached the store. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private record Killing(Target target) implements Target {
        @Override
        public String identity() {
            return target.identity();
        }

        @Override
        public Batch open(List<Key> keys) {
            Batch batch = target.open(keys);
            return new Batch() {
                @Override
                public Map<Key, Seen> seen() {
                    return batch.seen();
                }

                @Override
                public Map<Key, Written> write(List<Change> changes) {
                    batch.write(changes);
                    throw new Killed();
                }

                @Override
                public void close() {
                    batch.close();
                }
            };
        }

        @Override
        public void close() {
            target.close();
        }
    }

    private PlanFiles.Stored ofOneStep() {
        scene.alone("total_positive", "total", RestoreTest::positive);
        orders.put(key(7), image("{'id':7,'total':-1}"));
        scene.accused(7, image("{'id':7,'total':1}"), image("{'id':7,'total':-1}"), orders, "total_positive");
        return PlanFiles.write(scene.store, scene.plan(orders));
    }

    private void killedWhileApplying(PlanFiles.Stored plan, String applier) {
        assertThatThrownBy(() -> scene.applier(Run.of(plan), approved(plan), new Killing(orders), applier)
                        .apply())
                .isInstanceOf(Killed.class);
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':1}")));
    }

    @Test
    void a_write_whose_outcome_nobody_wrote_down_is_undone_too_and_then_nobody_goes_on() {
        var plan = ofOneStep();
        killedWhileApplying(plan, "dead");

        Undo.fence(Journal.open(scene.store, plan.id()), Scene.owner("b"), "b");
        assertThat(undo(plan).done()).isEqualTo(1);

        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':-1}")));
        assertThatThrownBy(() -> apply(plan))
                .isInstanceOf(Refusal.class)
                .hasMessage("run %s has been undone, or is being undone; nothing was applied".formatted(plan.id()));
    }

    @Test
    void a_run_that_a_process_still_has_is_not_undone() {
        var plan = ofOneStep();
        killedWhileApplying(plan, "alive");

        assertThatThrownBy(() -> Undo.fence(Journal.open(scene.store, plan.id()), Scene.owner("b"), "b"))
                .isInstanceOf(Refusal.class)
                .hasMessage("run %s is being applied by process 'alive'; nothing was undone".formatted(plan.id()));

        Undo.fenceThoughHeld(Journal.open(scene.store, plan.id()), Scene.owner("b"), "b");
        assertThat(undo(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':-1}")));
    }

    @Test
    void a_run_that_was_fenced_goes_on_no_more() {
        var plan = ofOneStep();
        killedWhileApplying(plan, "dead");

        Undo.fence(Journal.open(scene.store, plan.id()), Scene.owner("b"), "b");

        assertThatThrownBy(() -> apply(plan))
                .isInstanceOf(Refusal.class)
                .hasMessage("run %s has been undone, or is being undone; nothing was applied".formatted(plan.id()));
    }

    @Test
    void whichever_call_to_the_store_is_the_last_that_works_the_run_says_what_is_known_and_goes_on_later() {
        var plan = ofOneStep();
        boolean failed = true;
        for (int call = 1; failed; call++) {
            scene.store.content.keySet().removeIf(name -> name.startsWith("runs/"));
            orders.put(key(7), image("{'id':7,'total':-1}"));
            var store = new FaultyStore(scene.store, call, FaultyStore.When.BEFORE, FaultyStore.HowOften.FOR_GOOD);
            String applier = "dead " + call;
            try {
                Receipt receipt = new Applier(
                                Run.of(plan), approved(plan), scene.site(orders).in(store), Scene.manner(applier))
                        .apply();
                assertThat(receipt.exitCode()).as("call %d", call).isEqualTo(store.hasFailed() ? 3 : 0);
            } catch (StoreUnavailable e) {
                assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':-1}")));
            }
            failed = store.hasFailed();

            assertThat(apply(plan).isClean()).as("call %d", call).isTrue();
            assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':1}")));
        }
    }

    @Test
    void a_table_of_h2_is_restored_and_undone() throws SQLException {
        String url = "jdbc:h2:mem:restore;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                JdbcTarget target = new JdbcTarget(
                        () -> DriverManager.getConnection(url),
                        JdbcTarget.Table.of("orders", List.of("id")).json(Set.of("lines")))) {
            statement.execute(
                    "create table orders(id int primary key, total decimal(12,2), note varchar, lines varchar)");
            statement.execute("insert into orders values (7, -19.50, 'later', '[{\"no\":1,\"amount\":2}]')");
            scene.alone("total_positive", "total", RestoreTest::positive);
            Image live = Scene.live(target, key(7));
            scene.accused(7, live.with("total", Value.number("19.50")), live, target, "total_positive");
            var plan = PlanFiles.write(scene.store, scene.plan(target));

            var receipt =
                    scene.applier(Run.of(plan), approved(plan), target, "a").apply();

            assertThat(receipt.done()).isEqualTo(1);
            assertThat(receipt.isClean()).isTrue();
            try (ResultSet row = statement.executeQuery("select total, note, lines from orders")) {
                row.next();
                assertThat(row.getBigDecimal(1)).isEqualTo(new BigDecimal("19.50"));
                assertThat(row.getString(3)).isEqualTo("[{\"no\":1,\"amount\":2}]");
            }
            Run undo = Undo.of(plan, Journal.open(scene.store, plan.id()));
            assertThat(scene.applier(undo, approved(plan), target, "a").apply().done())
                    .isEqualTo(1);
        }
    }

    /** Somebody has made numbers of texts: what was captured cannot be written there, and is no later write either. */
    @Test
    void a_field_that_is_of_another_type_by_now_is_told_as_such() {
        scene.alone("total_positive", "total", image -> !image.equals(image("{'id':7,'total':'-19','note':''}")));
        orders.put(key(7), image("{'id':7,'total':-19,'note':''}"));
        scene.accused(
                7,
                image("{'id':7,'total':'19','note':''}"),
                image("{'id':7,'total':'-19','note':''}"),
                orders,
                "total_positive");
        orders.put(key(8), image("{'id':8,'total':'50','note':''}"));
        scene.accused(
                8,
                image("{'id':8,'total':'19','note':''}"),
                image("{'id':8,'total':'-19','note':''}"),
                orders,
                "total_positive");
        scene.naming(new Candidate.Named.Fields(paths("total")));

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts())
                .extracting(conflict -> conflict.key() + " " + conflict.type())
                .containsExactly("id 7 SCHEMA_DRIFT", "id 8 LATER_WRITE");
    }
}
