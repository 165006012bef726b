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
import dev.lastgood.restore.StepRules.Decision;
import dev.lastgood.restore.StepRules.Fate;
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.target.Target.Seen;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is done about a step, by the record as just read. */
final class StepRulesTest {
    private static final Image GOOD = image("{'id':7,'a':1,'b':1,'n':0}");
    private static final Image BAD = image("{'id':7,'a':-1,'b':-1,'n':0}");

    private final InMemoryTarget orders = new InMemoryTarget("orders");

    private static Step step(Action action, @Nullable Image good, @Nullable Image bad, String guard) {
        List<FieldChange> fields = action == Action.UPDATE
                ? List.of(
                        new FieldChange(FieldPath.of("a"), Value.of(-1), Value.of(1)),
                        new FieldChange(FieldPath.of("b"), Value.of(-1), Value.of(1)))
                : Merge.wholly(bad, good);
        return new Step(
                1,
                Scene.ORDERS,
                key(7),
                action,
                fields,
                good,
                bad,
                List.of("rule"),
                "20261121T020000Z-7f3a",
                Scene.NOON,
                Proof.AS_OF,
                History.Origin.OBSERVED,
                guard,
                "",
                Step.Evidence.NOT_NEEDED,
                "");
    }

    private Seen seen(@Nullable Image live) {
        orders.put(key(7), live);
        return orders.see(key(7));
    }

    private static String decided(Step step, Seen seen) {
        return decided(step, seen, Policy.plain(Scene.ORDERS));
    }

    private static String decided(Step step, Seen seen, Policy policy) {
        Decision decision = new StepRules(step, policy).decide(seen, new Touch(policy, Scene.NOON, null));
        if (decision instanceof Decision.Write write) {
            return "write " + write.fields();
        }
        Entry.Ended end = ((Decision.End) decision).entry();
        return end.conflict() == null ? end.state().toString() : end.conflict().toString();
    }

    @Test
    void an_update_writes_all_that_was_approved_or_nothing() {
        Step step = step(Action.UPDATE, GOOD, BAD, "");

        assertThat(decided(step, seen(image("{'id':7,'a':-1,'b':-1,'n':5}")))).isEqualTo("write [a, b]");
        assertThat(decided(step, seen(GOOD))).isEqualTo("NOOP");
        assertThat(decided(step, seen(image("{'id':7,'a':1,'b':-1,'n':0}"))))
                .as("one of two fields is healed: the plan was for both")
                .isEqualTo("GUARD_LOST");
        assertThat(decided(step, seen(image("{'id':7,'a':5,'b':-1,'n':0}")))).isEqualTo("LATER_WRITE");
        assertThat(decided(step, seen(null))).isEqualTo("LATER_DELETE");
    }

    @Test
    void an_insert_wants_the_absence_it_was_planned_for() {
        Seen gone = seen(null);
        Step step = step(Action.INSERT, GOOD, null, gone.token());

        assertThat(decided(step, gone)).startsWith("write [");
        assertThat(decided(step, seen(GOOD))).isEqualTo("NOOP");
        assertThat(decided(step, seen(BAD))).isEqualTo("RECREATED");
        assertThat(decided(step(Action.INSERT, GOOD, null, "another"), seen(null)))
                .isEqualTo("LATER_DELETE");
    }

    @Test
    void who_has_made_the_record_again_before_has_counted_in_his_own_way() {
        Policy plain = Policy.plain(Scene.ORDERS);
        Policy counting = PolicyForTests.bare(plain)
                .version(FieldPath.of("n"))
                .bump(List.of(FieldPath.of("n")))
                .policy();
        Step step = step(Action.INSERT, GOOD, null, "gone 1");
        Seen again = seen(GOOD.with("n", Value.of(9)));

        assertThat(decided(step, again, counting)).isEqualTo("NOOP");
        assertThat(decided(step, again)).isEqualTo("RECREATED");
    }

    @Test
    void a_delete_wants_the_record_that_the_damage_left() {
        Seen live = seen(BAD);

        assertThat(decided(step(Action.DELETE, null, BAD, live.token()), live)).startsWith("write [");
        assertThat(decided(step(Action.DELETE, null, BAD, ""), live)).startsWith("write [");
        assertThat(decided(step(Action.DELETE, null, GOOD, ""), live)).isEqualTo("SPURIOUS_EDITED");
        assertThat(decided(step(Action.DELETE, null, GOOD, "moved"), live)).isEqualTo("SPURIOUS_EDITED");
        assertThat(decided(step(Action.DELETE, null, GOOD, live.token()), live))
                .as("by its token it is the record that was planned to go, whatever it is compared by")
                .startsWith("write [");
        assertThat(decided(step(Action.DELETE, null, GOOD, ""), new Seen(BAD, "")))
                .as("to have no token is to be known by none")
                .isEqualTo("SPURIOUS_EDITED");
        assertThat(decided(step(Action.DELETE, null, BAD, ""), seen(null))).isEqualTo("NOOP");
    }

    @Test
    void several_records_of_one_key_and_erased_ones_are_left_alone() {
        for (Step step : new Step[] {
            step(Action.UPDATE, GOOD, BAD, ""),
            step(Action.INSERT, GOOD, null, "erased"),
            step(Action.DELETE, null, BAD, "")
        }) {
            assertThat(decided(step, Seen.several(BAD))).isEqualTo("DUPLICATE_KEY");
        }
        assertThat(decided(step(Action.INSERT, GOOD, null, "erased"), Seen.ERASED))
                .isEqualTo("ERASURE");
        assertThat(decided(step(Action.UPDATE, GOOD, BAD, ""), new Seen(BAD, "t", true)))
                .isEqualTo("ERASURE");
    }

    private static Fate fate(Step step, Entry.Intent intent, Seen seen) {
        return new StepRules(step, Policy.plain(Scene.ORDERS)).reconcile(List.of(intent), seen);
    }

    @Test
    void a_write_whose_answer_was_lost_is_found_out_by_the_record() {
        Step update = step(Action.UPDATE, GOOD, BAD, "");
        Seen before = seen(BAD);
        Entry.Intent intent = new Entry.Intent(1, before.token(), BAD, GOOD);
        assertThat(fate(update, intent, before)).isEqualTo(Fate.UNMOVED);
        assertThat(fate(update, intent, seen(GOOD))).isEqualTo(Fate.DONE);
        assertThat(fate(update, intent, seen(image("{'id':7,'a':-1,'b':-1,'n':5}"))))
                .isEqualTo(Fate.REVERTED);
        assertThat(fate(update, intent, seen(image("{'id':7,'a':5,'b':1,'n':5}"))))
                .isEqualTo(Fate.UNKNOWN);
        assertThat(fate(update, intent, seen(null))).isEqualTo(Fate.UNKNOWN);

        Step insert = step(Action.INSERT, GOOD, null, "t");
        Entry.Intent inserting = new Entry.Intent(1, "t", null, GOOD);
        assertThat(fate(insert, inserting, seen(GOOD))).isEqualTo(Fate.DONE);
        assertThat(fate(insert, inserting, seen(BAD))).as("another of that key").isEqualTo(Fate.UNKNOWN);
        assertThat(fate(insert, inserting, seen(null))).isEqualTo(Fate.UNKNOWN);

        Step delete = step(Action.DELETE, null, BAD, "t");
        Entry.Intent deleting = new Entry.Intent(1, "t", BAD, null);
        assertThat(fate(delete, deleting, seen(null)))
                .as("somebody else may have deleted it")
                .isEqualTo(Fate.UNKNOWN);
        assertThat(fate(delete, deleting, seen(BAD))).isEqualTo(Fate.REVERTED);
        assertThat(fate(delete, deleting, seen(GOOD))).isEqualTo(Fate.UNKNOWN);
    }

    @Test
    void values_written_by_another_are_not_taken_for_ours_where_the_stamp_is_as_it_was() {
        Step update = step(Action.UPDATE, GOOD, BAD, "");
        Image pre = BAD.with("by", Value.of("application"));
        Image post = GOOD.with("by", Value.of("lastgood 1"));
        Entry.Intent intent = new Entry.Intent(1, seen(pre).token(), pre, post);
        StepRules rules = new StepRules(update, stamping("by"));

        assertThat(rules.reconcile(List.of(intent), seen(post))).isEqualTo(Fate.DONE);
        assertThat(rules.reconcile(List.of(intent), seen(post.with("by", Value.of("application 2")))))
                .as("written, and written again by another")
                .isEqualTo(Fate.DONE);
        assertThat(rules.reconcile(List.of(intent), seen(GOOD.with("by", Value.of("application")))))
                .isEqualTo(Fate.UNKNOWN);
    }

    private static Policy stamping(String field) {
        Policy plain = Policy.plain(Scene.ORDERS);
        return PolicyForTests.like(plain).stamp(FieldPath.of(field)).policy();
    }

    private static Recheck.Found found(Step step, @Nullable Image pre, @Nullable Image post, Seen seen) {
        return new StepRules(step, Policy.plain(Scene.ORDERS)).check(new Entry.Intent(1, "t", pre, post), seen);
    }

    @Test
    void what_was_done_is_as_restored_written_since_or_damaged_again() {
        Step update = step(Action.UPDATE, GOOD, BAD, "");
        assertThat(found(update, BAD, GOOD, seen(image("{'id':7,'a':1,'b':1,'n':5}"))))
                .isEqualTo(Recheck.Found.INTENDED);
        assertThat(found(update, BAD, GOOD, seen(BAD))).isEqualTo(Recheck.Found.REINFECTED);
        assertThat(found(update, BAD, GOOD, seen(image("{'id':7,'a':5,'b':1}"))))
                .isEqualTo(Recheck.Found.DRIFTED);
        assertThat(found(update, BAD, GOOD, seen(null))).isEqualTo(Recheck.Found.DRIFTED);

        Step insert = step(Action.INSERT, GOOD, null, "");
        assertThat(found(insert, null, GOOD, seen(GOOD))).isEqualTo(Recheck.Found.INTENDED);
        assertThat(found(insert, null, GOOD, seen(null))).isEqualTo(Recheck.Found.DRIFTED);
        assertThat(found(insert, null, GOOD, seen(BAD))).isEqualTo(Recheck.Found.DRIFTED);

        Step delete = step(Action.DELETE, null, BAD, "");
        assertThat(found(delete, BAD, null, seen(null))).isEqualTo(Recheck.Found.INTENDED);
        assertThat(found(delete, BAD, null, seen(BAD))).isEqualTo(Recheck.Found.REINFECTED);
        assertThat(found(delete, BAD, null, seen(GOOD))).isEqualTo(Recheck.Found.DRIFTED);
    }

    @Test
    void a_plan_is_approved_and_not_believed() {
        StepRules.justify(step(Action.UPDATE, GOOD, BAD, ""));
        StepRules.justify(step(Action.DELETE, null, BAD, ""));
        Step wrong = step(Action.UPDATE, image("{'id':7,'a':1,'b':2}"), BAD, "");
        assertThatThrownBy(() -> StepRules.justify(wrong))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("would write a value that is not the good image's: b");
        assertThatThrownBy(() -> step(Action.UPDATE, null, BAD, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> step(Action.INSERT, null, null, "")).isInstanceOf(RuntimeException.class);
    }

    private static Policy growing() {
        Policy plain = Policy.plain(Scene.ORDERS);
        return PolicyForTests.bare(plain).monotonic(List.of(FieldPath.of("a"))).policy();
    }

    @Test
    void what_only_grows_is_not_lowered_and_is_as_restored_only_if_it_has_grown() {
        Image high = image("{'id':7,'a':9,'b':-1,'n':0}");
        Decision decision = new StepRules(step(Action.UPDATE, GOOD, high, ""), growing())
                .decide(seen(high), new Touch(growing(), Scene.NOON, null));
        assertThat(((Decision.End) decision).entry().conflict()).isEqualTo(Conflict.Type.LATER_WRITE);

        StepRules rules = new StepRules(step(Action.UPDATE, GOOD, BAD, ""), growing());
        Entry.Intent intent = new Entry.Intent(1, "t", BAD, GOOD);
        assertThat(rules.check(intent, seen(image("{'id':7,'a':5,'b':1}")))).isEqualTo(Recheck.Found.INTENDED);
        assertThat(rules.check(intent, seen(image("{'id':7,'a':0,'b':1}")))).isEqualTo(Recheck.Found.DRIFTED);
        assertThat(rules.check(intent, seen(image("{'id':7,'a':1,'b':5}")))).isEqualTo(Recheck.Found.DRIFTED);
    }

    @Test
    void a_step_that_writes_where_its_images_are_the_same_is_a_bug() {
        Step step = step(Action.UPDATE, GOOD, image("{'id':7,'a':1,'b':-1}"), "");

        assertThatThrownBy(() -> decided(step, seen(BAD)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("writes what no image says is damaged: a");
    }

    @Test
    void a_token_says_that_nothing_moved_only_if_the_record_is_as_present_as_it_was() {
        Step insert = step(Action.INSERT, GOOD, null, "t");
        Entry.Intent inserting = new Entry.Intent(1, "t", null, GOOD);
        assertThat(fate(insert, inserting, new Seen(null, "t")))
                .as("its tombstone")
                .isEqualTo(Fate.UNMOVED);
        assertThat(fate(insert, inserting, new Seen(GOOD, "t"))).isEqualTo(Fate.DONE);
        assertThat(fate(insert, new Entry.Intent(1, "", null, GOOD), Seen.ABSENT))
                .as("filled and emptied again, for all that is known")
                .isEqualTo(Fate.UNKNOWN);

        Step update = step(Action.UPDATE, GOOD, BAD, "");
        assertThat(fate(update, new Entry.Intent(1, "", BAD, GOOD), new Seen(BAD, "")))
                .as("a store without tokens")
                .isEqualTo(Fate.UNMOVED);
        assertThat(fate(update, new Entry.Intent(1, "t", BAD, GOOD), new Seen(null, "t")))
                .isEqualTo(Fate.UNKNOWN);
    }

    @Test
    void a_rule_has_nothing_against_what_it_passes_or_is_not_about() {
        assertThat(Stream.of(Ruling.values()).filter(Ruling::isFine)).containsExactly(Ruling.PASS, Ruling.OUTSIDE);
        assertThatThrownBy(() -> new Judge.Pair(null, null)).isInstanceOf(IllegalArgumentException.class);
    }
}
