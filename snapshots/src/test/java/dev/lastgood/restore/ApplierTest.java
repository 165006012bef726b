package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.approved;
import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.FaultyStore;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.target.Target;
import dev.lastgood.target.TargetUnavailable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** When a run stops by itself, what it goes on with, and what is judged of it as a whole. */
final class ApplierTest {
    private static final Applier.Watch NOBODY = new Applier.Watch() {};

    private final Scene scene = new Scene();
    private final InMemoryTarget orders = new InMemoryTarget("orders");
    private Applier.Breaker breaker = Applier.Breaker.OFF;
    private Applier.Watch watch = NOBODY;

    private static Image good(int id) {
        return image("{'id':%d,'total':1,'deal':%d}".formatted(id, Math.min(id, 3)));
    }

    private static Image bad(int id) {
        return good(id).with("total", Value.of(-1));
    }

    private static Image written(int id) {
        return good(id).with("total", Value.of(-5));
    }

    private PlanFiles.Stored negatives(int records) {
        scene.alone(
                "total_positive",
                "total",
                image -> image.field("total") instanceof Value.Num total
                        && total.value().signum() > 0);
        for (int id = 1; id <= records; id++) {
            orders.put(key(id), bad(id));
            scene.accused(id, good(id), bad(id), orders, "total_positive");
        }
        return PlanFiles.write(scene.store, scene.plan(orders));
    }

    private Receipt apply(PlanFiles.Stored plan, Target target) {
        Applier.Manner manner = new Applier.Manner(2, 2, breaker, Scene.owner("a"), "a", watch);
        return new Applier(Run.of(plan), approved(plan), scene.site(target), manner).apply();
    }

    /** A process has begun to write these, and nobody knows what came of it. */
    private void begun(PlanFiles.Stored plan, String owner, int... ids) {
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry.Started(plan.digest(), "", "", "ada"));
        entries.add(new Entry.Claimed("a", owner));
        for (int id : ids) {
            entries.add(new Entry.Intent(id, orders.see(key(id)).token(), bad(id), good(id)));
        }
        Journal.open(scene.store, plan.id()).publish(entries);
    }

    @Test
    void more_conflicts_than_are_borne_stop_a_run() {
        var plan = negatives(6);
        for (int id = 1; id <= 4; id++) {
            orders.put(key(id), written(id));
        }

        breaker = new Applier.Breaker(0.5, 1, 1, 2);
        Receipt stopped = apply(plan, orders);
        assertThat(stopped.stopped()).isEqualTo("2 of 2 steps ended in conflict");
        assertThat(stopped.pending()).isEqualTo(4);
        assertThat(orders.images().get(key(6))).isEqualTo(bad(6));

        breaker = new Applier.Breaker(1, 1, 1, 2);
        Receipt receipt = apply(plan, orders);
        assertThat(receipt.stopped()).as("all of them are borne").isNull();
        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 4));
        assertThat(receipt.done()).isEqualTo(2);
    }

    @Test
    void more_failures_than_are_borne_stop_a_run() {
        var plan = negatives(4);
        begun(plan, "dead", 1, 2);
        orders.put(key(1), written(1));
        orders.put(key(2), written(2));
        breaker = new Applier.Breaker(1, 0.5, 1, 2);

        Receipt receipt = apply(plan, orders);

        assertThat(receipt.stopped()).isEqualTo("2 of 2 steps failed or are ambiguous");
        assertThat(receipt.ambiguous()).isEqualTo(2);
        assertThat(receipt.pending()).isEqualTo(2);
    }

    @Test
    void somebody_who_writes_right_after_the_run_stops_it_after_the_canary() {
        var plan = negatives(4);
        watch = new Applier.Watch() {
            @Override
            public void ended(Step step, State state) {
                orders.put(step.key(), written(step.number()));
            }
        };

        breaker = new Applier.Breaker(1, 1, 0.5, 20);
        Receipt stopped = apply(plan, orders);
        assertThat(stopped.stopped()).isEqualTo("2 of the first 2 steps were written by somebody else right after");
        assertThat(stopped.pending()).isEqualTo(2);

        Receipt again = apply(plan, orders);
        assertThat(again.stopped()).as("it is still so").isEqualTo(stopped.stopped());
        assertThat(again.pending()).isEqualTo(2);
    }

    @Test
    void what_others_write_after_a_run_is_over_stops_nothing() {
        var plan = negatives(2);
        breaker = new Applier.Breaker(1, 1, 0.5, 20);
        assertThat(apply(plan, orders).isClean()).isTrue();
        orders.put(key(1), written(1));
        orders.put(key(2), written(2));

        Receipt receipt = apply(plan, orders);

        assertThat(receipt.stopped()).isNull();
        assertThat(receipt.drifted()).isEqualTo(2);
    }

    @Test
    void where_it_is_borne_that_others_write_the_run_goes_on() {
        var plan = negatives(4);
        watch = new Applier.Watch() {
            @Override
            public void ended(Step step, State state) {
                orders.put(step.key(), written(step.number()));
            }
        };

        Receipt receipt = apply(plan, orders);

        assertThat(receipt.stopped()).isNull();
        assertThat(receipt.json().path("drifted").asInt()).isEqualTo(4);
        assertThat(receipt.isClean()).isFalse();
    }

    private static Relations breaking(String rule) {
        return new Relations() {
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
                return List.of(new Broken(rule, 3));
            }
        };
    }

    @Test
    void a_run_that_was_paused_is_judged_again_before_it_writes_more_whoever_goes_on_with_it() {
        var plan = negatives(6);
        watch = new Applier.Watch() {
            private int batches;

            @Override
            public Optional<String> pause(String dataset, int steps) {
                return ++batches > 2 ? Optional.of("by night only") : Optional.empty();
            }
        };
        Receipt paused = apply(plan, orders);
        assertThat(paused.stopped()).isEqualTo("by night only");
        assertThat(paused.pending()).isEqualTo(2);
        List<Entry> entries = Journal.open(scene.store, plan.id()).entries();
        assertThat(entries.get(entries.size() - 1)).isEqualTo(new Entry.Paused("by night only"));

        scene.relations = breaking("unique_total");
        Applier.Manner manner = new Applier.Manner(2, 2, breaker, Scene.owner("b"), "b", NOBODY);
        Receipt judged = new Applier(Run.of(plan), approved(plan), scene.site(orders), manner).apply();
        assertThat(judged.stopped())
                .startsWith("with this run, records break rules")
                .contains("unique_total (3)");
        assertThat(judged.pending()).isEqualTo(2);

        scene.relations = Relations.NONE;
        assertThat(new Applier(Run.of(plan), approved(plan), scene.site(orders), manner)
                        .apply()
                        .isClean())
                .isTrue();
    }

    @Test
    void a_run_that_another_process_has_is_left_to_it_unless_somebody_takes_it_over() {
        var plan = negatives(2);
        begun(plan, "alive", 1);

        Applier other = scene.applier(Run.of(plan), approved(plan), orders, "b");
        assertThatThrownBy(other::apply)
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal)
                                .hasMessage("run %s has been started by process 'alive' and has not ended;"
                                                .formatted(plan.id())
                                        + " nothing was applied")
                                .extracting(Refusal::hint)
                                .isEqualTo("If that process is no more, run 'lastgood restore apply --take-over %s'."
                                        .formatted(plan.id())));
        assertThat(orders.images()).isEqualTo(Map.of(key(1), bad(1), key(2), bad(2)));
        assertThat(other.takeOver().done()).isEqualTo(2);

        Run undo = Undo.of(plan, Journal.open(scene.store, plan.id()));
        Journal.open(scene.store, undo.id())
                .publish(List.of(
                        new Entry.Started(undo.digest(), undo.undoes(), undo.head(), "ada"),
                        new Entry.Claimed("a", "alive")));
        assertThatThrownBy(
                        () -> scene.applier(undo, approved(plan), orders, "b").apply())
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal.hint()).contains("'lastgood restore undo --take-over"));
    }

    @Test
    void a_run_whose_process_is_gone_goes_on_by_itself() {
        var plan = negatives(2);
        begun(plan, "dead", 1);

        assertThat(scene.applier(Run.of(plan), approved(plan), orders, "b")
                        .apply()
                        .done())
                .isEqualTo(2);
    }

    @Test
    void an_applier_goes_on_with_its_own_run_whoever_holds_it() {
        var plan = negatives(2);
        begun(plan, "alive", 1);

        assertThat(apply(plan, orders).done()).isEqualTo(2);
    }

    private static final class Asked implements Relations {
        final List<List<Laid>> laid = new ArrayList<>();

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
            laid.add(writes);
            return List.of();
        }
    }

    /** Shows some records otherwise than they are. */
    private record Showing(Target target, Map<Key, Seen> shown) implements Target {
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
                    Map<Key, Seen> seen = new HashMap<>(batch.seen());
                    seen.replaceAll((key, one) -> shown.getOrDefault(key, one));
                    return seen;
                }

                @Override
                public Map<Key, Written> write(List<Change> changes) {
                    return batch.write(changes);
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

    @Test
    void of_a_run_as_a_whole_that_is_judged_which_it_has_written_or_will() {
        var plan = negatives(6);
        Asked relations = new Asked();
        scene.relations = relations;
        begun(plan, "dead", 3, 4);
        orders.put(key(3), good(3));
        orders.put(key(5), written(5));

        Receipt receipt = apply(plan, new Showing(orders, Map.of(key(6), Target.Seen.several(bad(6)))));

        assertThat(relations.laid.get(0))
                .as("done, done without an answer, and to be done; neither what is in conflict nor what is doubled")
                .containsExactlyInAnyOrder(laid(1), laid(2), laid(3), laid(4));
        assertThat(receipt.done()).isEqualTo(4);
        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 1, Conflict.Type.DUPLICATE_KEY, 1));
    }

    private static Relations.Laid laid(int id) {
        return new Relations.Laid(Scene.ORDERS, key(id), bad(id), good(id));
    }

    private void grouped() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain)
                .groups(Map.of("deal", FieldPath.of("deal")))
                .policy();
    }

    /** Orders 3 and those after it are of one deal. */
    private Receipt withAnObjectionTo(int id, Asked relations) {
        grouped();
        var plan = negatives(4);
        scene.relations = relations;
        scene.alone("another", "total", image -> !image.equals(good(id)));
        return apply(plan, orders);
    }

    @Test
    void with_what_rules_are_against_its_group_is_left_out_of_the_judgement() {
        Asked relations = new Asked();

        Receipt receipt = withAnObjectionTo(3, relations);

        assertThat(relations.laid.get(0)).containsExactlyInAnyOrder(laid(1), laid(2));
        assertThat(receipt.done()).isEqualTo(2);
        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.UNSAFE_MERGE, 2));
    }

    @Test
    void in_mode_skip_only_that_itself_is_left_out() {
        Asked relations = new Asked();
        scene.mode = Mode.SKIP;

        Receipt receipt = withAnObjectionTo(3, relations);

        assertThat(relations.laid.get(0)).containsExactlyInAnyOrder(laid(1), laid(2), laid(4));
        assertThat(receipt.done()).isEqualTo(3);
        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.UNSAFE_MERGE, 1));
    }

    @Test
    void what_may_still_land_is_ambiguous_and_in_no_conflict() {
        var plan = negatives(2);
        begun(plan, "dead", 1, 2);
        scene.alone("another", "total", image -> !image.equals(good(1)));
        String token = orders.see(key(2)).token();

        Receipt receipt = apply(plan, new Showing(orders, Map.of(key(2), new Target.Seen(bad(2), token, true))));

        assertThat(receipt.ambiguous())
                .as("a rule is against it, and it is erased")
                .isEqualTo(2);
        assertThat(receipt.conflicts()).isEmpty();
        assertThat(orders.images()).isEqualTo(Map.of(key(1), bad(1), key(2), bad(2)));
    }

    /** Writes nothing, and answers that for every record, or nothing at all. */
    private record Answering(Target target, Optional<Written> answer) implements Target {
        @Override
        public String identity() {
            return target.identity();
        }

        @Override
        public Batch open(List<Key> keys) {
            return target.open(keys);
        }

        @Override
        public Together open(Map<Target, List<Key>> keys) {
            Batch batch =
                    target.open(keys.values().stream().flatMap(List::stream).toList());
            return new Together() {
                @Override
                public Map<Key, Seen> seen(Target of) {
                    return batch.seen();
                }

                @Override
                public List<Written> write(List<Placed> changes) {
                    return changes.stream().flatMap(any -> answer.stream()).toList();
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

    @Test
    void a_target_that_does_not_answer_for_every_record_stops_the_run_with_its_intents_open() {
        var plan = negatives(2);

        Receipt receipt = apply(plan, new Answering(orders, Optional.empty()));

        assertThat(receipt.stopped()).contains("IllegalStateException");
        assertThat(receipt.pending()).isEqualTo(2);
        Journal journal = Journal.open(scene.store, plan.id());
        assertThat(journal.progress(1).openIntents()).hasSize(1);
        assertThat(Optional.ofNullable(orders.images().get(key(1)))).contains(bad(1));
        assertThat(apply(plan, orders).done()).as("it goes on").isEqualTo(2);
    }

    @Test
    void what_is_never_answered_is_ambiguous_and_what_is_always_refused_has_failed() {
        var plan = negatives(1);
        Receipt refused = apply(plan, new Answering(orders, Optional.of(new Target.Written.Refused("full"))));
        assertThat(refused.failed()).isEqualTo(1);
        assertThat(refused.outcomes()).singleElement().asString().contains("full");

        Scene other = new Scene();
        scene.candidates.forEach(other.candidates::add);
        other.rules.putAll(scene.rules);
        other.meanings.putAll(scene.meanings);
        var again = PlanFiles.write(other.store, other.plan(orders));
        Target silent = new Answering(orders, Optional.of(new Target.Written.Unknown("timeout")));
        Receipt unknown =
                other.applier(Run.of(again), approved(again), silent, "a").apply();
        assertThat(unknown.ambiguous()).isEqualTo(1);
        assertThat(orders.images()).isEqualTo(Map.of(key(1), bad(1)));
    }

    @Test
    void only_what_was_written_is_read_again() {
        var plan = negatives(2);
        orders.put(key(1), written(1));
        assertThat(apply(plan, orders).done()).isEqualTo(1);

        assertThat(Recheck.of(Run.of(plan), scene.site(orders)))
                .singleElement()
                .satisfies(one -> assertThat(one.step().key()).isEqualTo(key(2)));
    }

    /** Cannot be reached, or no more once it is to be written. */
    private record Unreachable(Target target, boolean opens) implements Target {
        @Override
        public String identity() {
            return target.identity();
        }

        @Override
        public Batch open(List<Key> keys) {
            if (!opens) {
                throw new TargetUnavailable("could not reach db1:5432", null);
            }
            return new Doing(target.open(keys), changes -> {
                throw new TargetUnavailable("lost the connection to db1:5432", null);
            });
        }

        @Override
        public void close() {
            target.close();
        }
    }

    /** A batch whose writes are something else. */
    private record Doing(Target.Batch batch, Function<List<Target.Change>, Target.Written> writing)
            implements Target.Batch {
        @Override
        public Map<Key, Target.Seen> seen() {
            return batch.seen();
        }

        @Override
        public Map<Key, Target.Written> write(List<Target.Change> changes) {
            Target.Written written = writing.apply(changes);
            return changes.stream().collect(Collectors.toMap(Target.Change::key, any -> written));
        }

        @Override
        public void close() {
            batch.close();
        }
    }

    @Test
    void a_target_that_cannot_be_reached_pauses_the_run_and_leaves_no_intent_open() {
        var plan = negatives(2);

        Receipt unreached = apply(plan, new Unreachable(orders, false));
        assertThat(unreached.stopped()).isEqualTo("could not reach db1:5432");
        assertThat(unreached.pending()).isEqualTo(2);

        Receipt lost = apply(plan, new Unreachable(orders, true));
        assertThat(lost.stopped()).isEqualTo("lost the connection to db1:5432");
        assertThat(lost.pending()).isEqualTo(2);
        Journal journal = Journal.open(scene.store, plan.id());
        assertThat(journal.progress(1).lastIntent()).isPresent();
        assertThat(journal.progress(1).openIntents()).isEmpty();
        assertThat(journal.progress(2).openIntents()).isEmpty();

        assertThat(apply(plan, orders).isClean()).isTrue();
    }

    @Test
    void where_the_journal_cannot_be_written_either_both_are_told() {
        var plan = negatives(1);
        List<String> told = new ArrayList<>();
        boolean failed = true;
        for (int call = 1; failed; call++) {
            scene.store.content.keySet().removeIf(name -> name.startsWith("runs/"));
            var store = new FaultyStore(scene.store, call, FaultyStore.When.BEFORE, FaultyStore.HowOften.FOR_GOOD);
            try {
                told.add(new Applier(
                                Run.of(plan),
                                approved(plan),
                                scene.site(new Unreachable(orders, false)).in(store),
                                Scene.manner("a"))
                        .apply()
                        .stopped());
            } catch (StoreUnavailable e) {
                assertThat(orders.images()).isEqualTo(Map.of(key(1), bad(1)));
            }
            failed = store.hasFailed();
        }
        assertThat(told)
                .anySatisfy(one -> assertThat(one).matches("could not reach db1:5432; and then call \\d+ failed"))
                .endsWith("could not reach db1:5432");
    }

    /** Answers nothing, and every time it was written somebody writes after it. */
    private record Disturbed(InMemoryTarget target, Written answer, Consumer<Key> somebody) implements Target {
        @Override
        public String identity() {
            return target.identity();
        }

        @Override
        public Batch open(List<Key> keys) {
            return new Doing(target.open(keys), changes -> {
                changes.forEach(change -> somebody.accept(change.key()));
                return answer;
            });
        }

        @Override
        public void close() {
            target.close();
        }
    }

    @Test
    void a_record_that_holds_the_damaged_values_again_and_again_stops_the_run() {
        var plan = negatives(3);
        List<Key> writes = new ArrayList<>();
        Target target = new Disturbed(orders, new Target.Written.Unknown("timeout"), key -> {
            writes.add(key);
            orders.put(key, bad(1).with("id", Objects.requireNonNull(key.parts().get("id"))));
        });
        Applier.Manner manner = new Applier.Manner(1, 1, breaker, Scene.owner("a"), "a", watch);

        Receipt receipt = new Applier(Run.of(plan), approved(plan), scene.site(target), manner).apply();

        assertThat(receipt.stopped()).isEqualTo("the bug still writes: step 1 holds the damaged values again");
        assertThat(List.of(receipt.ambiguous(), receipt.pending())).containsExactly(1, 2);
        assertThat(receipt.outcomes()).singleElement().asString().contains("the damaged values come back");
        assertThat(writes).as("once, and twice more").containsExactly(key(1), key(1), key(1));
    }

    @Test
    void a_record_that_somebody_moves_whenever_it_is_to_be_written_is_a_conflict_and_no_failure() {
        var plan = negatives(1);
        List<Key> writes = new ArrayList<>();
        Target target = new Disturbed(orders, new Target.Written.Refused("the record has moved"), key -> {
            writes.add(key);
            orders.put(key, bad(1).with("note", Value.of(writes.size())));
        });

        Receipt receipt = apply(plan, target);

        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.GUARD_LOST, 1));
        assertThat(receipt.failed()).isZero();
        assertThat(Journal.open(scene.store, plan.id()).progress(1).openIntents())
                .isEmpty();
    }

    @Test
    void what_is_healed_by_now_holds_nothing_of_its_group_back() {
        grouped();
        var plan = negatives(4);
        orders.put(key(3), good(3));

        Receipt receipt = apply(plan, orders);

        assertThat(List.of(receipt.noop(), receipt.done(), receipt.conflict())).containsExactly(1, 3, 0);
    }

    @Test
    void without_transactions_what_was_begun_of_a_group_is_ended_whatever_becomes_of_the_others() {
        grouped();
        var plan = negatives(4);
        begun(plan, "dead", 3);
        orders.put(key(4), written(4));

        Receipt receipt = apply(plan, orders);

        assertThat(List.of(receipt.done(), receipt.conflict())).containsExactly(3, 1);
        assertThat(orders.images().get(key(3))).isEqualTo(good(3));
    }

    private static final class Unjudged extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unjudged(String message) {
            super(message);
        }
    }

    @Test
    void what_our_own_exceptions_say_is_told() {
        var plan = negatives(1);
        scene.relations = writes -> {
            throw new Unjudged("rule 'unique' could not be told");
        };

        assertThat(apply(plan, orders).stopped()).isEqualTo("rule 'unique' could not be told");
    }

    @Test
    void a_restore_stamps_what_it_writes_and_an_undo_takes_its_own_stamp_away_and_no_other() {
        Policy plain = scene.policy;
        scene.policy = PolicyForTests.bare(plain).stamp(FieldPath.of("by")).policy();
        scene.alone("total_positive", "total", image -> !Value.of(-1).equals(image.field("total")));
        scene.noInsert("none_is_new");
        Value app = Value.of("app");
        Image spurious = good(9).with("by", app);
        orders.put(key(9), spurious);
        scene.accused(9, null, spurious, orders, "none_is_new");
        for (int id = 1; id <= 2; id++) {
            orders.put(key(id), bad(id).with("by", app));
            scene.accused(id, good(id).with("by", app), bad(id).with("by", app), orders, "total_positive");
        }
        var plan = PlanFiles.write(scene.store, scene.plan(orders));

        assertThat(apply(plan, orders).isClean()).isTrue();
        Value stamp = Value.of("lastgood " + plan.id());
        assertThat(orders.images())
                .isEqualTo(Map.of(key(1), good(1).with("by", stamp), key(2), good(2).with("by", stamp)));

        orders.put(key(2), good(2).with("by", Value.of("support")));
        Run undo = Undo.of(plan, Journal.open(scene.store, plan.id()));
        assertThat(scene.applier(undo, approved(plan, PlanApproval.NO_DELETE_EVIDENCE), orders, "a")
                        .apply()
                        .done())
                .isEqualTo(3);
        assertThat(orders.images())
                .isEqualTo(Map.of(
                        key(1),
                        bad(1).with("by", app),
                        key(2),
                        bad(2).with("by", Value.of("support")),
                        key(9),
                        spurious));
    }

    @Test
    void an_undone_delete_comes_back_unasked_only_where_a_tombstone_shows_that_nobody_else_deleted_it() {
        scene.noInsert("none_is_new");
        orders.put(key(1), good(1));
        scene.accused(1, null, good(1), orders, "none_is_new");
        var plan = PlanFiles.write(scene.store, scene.plan(orders));
        assertThat(plan.plan().steps().get(0).fields())
                .as("of a delete all fields of the record")
                .containsExactly(
                        new FieldChange(FieldPath.of("deal"), Value.of(1), null),
                        new FieldChange(FieldPath.of("id"), Value.of(1), null),
                        new FieldChange(FieldPath.of("total"), Value.of(1), null));
        Journal journal = Journal.open(scene.store, plan.id());
        journal.publish(List.of(
                new Entry.Started(plan.digest(), "", "", "ada"),
                new Entry.Claimed("dead", "dead"),
                new Entry.Intent(1, orders.see(key(1)).token(), good(1), null),
                Entry.Ended.done(1, "")));
        orders.put(key(1), null);

        Run undo = Undo.of(plan, journal);

        assertThat(undo.steps().get(0).evidence()).isEqualTo(Step.Evidence.NONE);
        assertThat(undo.steps().get(0).fields())
                .extracting(FieldChange::inverse)
                .isEqualTo(plan.plan().steps().get(0).fields());
        assertThatThrownBy(
                        () -> scene.applier(undo, approved(plan), orders, "a").apply())
                .isInstanceOf(Refusal.class)
                .hasMessage("not acknowledged: no_delete_evidence; nothing was undone");
        assertThat(orders.images()).isEmpty();
    }
}
