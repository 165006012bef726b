package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.approved;
import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.workspace.RestorePolicy;
import dev.lastgood.workspace.RestorePolicy.Limits;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a plan and a run must keep to, whatever the records are. */
final class LimitsTest {
    private Scene scene = new Scene();
    private InMemoryTarget orders = new InMemoryTarget("orders");

    @BeforeEach
    void three_updates_and_a_delete() {
        scene.alone(
                "total_positive",
                "total",
                image -> image.field("total") instanceof Value.Num total
                        && total.value().signum() > 0);
        scene.noInsert("none_is_new");
        for (int id = 1; id <= 3; id++) {
            Image bad = image("{'id':%d,'total':-1}".formatted(id));
            orders.put(key(id), bad);
            scene.accused(id, image("{'id':%d,'total':1}".formatted(id)), bad, orders, "total_positive");
        }
        Image spurious = image("{'id':4,'total':1}");
        orders.put(key(4), spurious);
        scene.accused(4, null, spurious, orders, "none_is_new");
    }

    private static Policy policy(RestorePolicy.Write write, Limits limits) {
        Policy plain = Policy.plain(Scene.ORDERS);
        return PolicyForTests.bare(plain).write(write).limits(limits).policy();
    }

    private Plan plan(Limits limits, OptionalLong records) {
        return new Planner(scene.judge())
                .plan(new Planner.Request(
                        "shop",
                        "ada",
                        Scene.NOON,
                        Duration.ofHours(24),
                        Mode.BLOCK,
                        scene.candidates,
                        List.of(),
                        scene.rules,
                        Map.of(
                                Scene.ORDERS,
                                new Planner.Dataset(
                                        policy(RestorePolicy.Write.IN_PLACE, limits),
                                        orders.identity(),
                                        orders.schema(),
                                        List.of(),
                                        records)),
                        List.of()));
    }

    private static Limits limits(@Nullable Long steps, @Nullable Long deletes, @Nullable String share) {
        return new Limits(steps, deletes, share == null ? null : new BigDecimal(share));
    }

    private void refused(Limits limits, OptionalLong records, String why) {
        assertThatThrownBy(() -> plan(limits, records))
                .isInstanceOf(Refusal.class)
                .hasMessage("the plan would exceed a limit of the workspace: %s; no plan was made".formatted(why));
    }

    @Test
    void a_plan_that_would_exceed_a_limit_is_refused_and_never_cut() {
        assertThat(plan(limits(4L, 1L, "0.4"), OptionalLong.of(10)).steps()).hasSize(4);
        refused(limits(3L, null, null), OptionalLong.empty(), "orders: 4 steps, and at most 3 are allowed");
        refused(limits(null, 0L, null), OptionalLong.empty(), "orders: 1 deletes, and at most 0 are allowed");
        refused(
                limits(null, null, "0.3"),
                OptionalLong.of(10),
                "orders: 4 steps in 10 records, and at most a share of 0.3 is allowed");
        refused(
                limits(null, null, "0.3"),
                OptionalLong.empty(),
                "orders: at most a share of 0.3 of its records is allowed, and how many it has is not known");
        refused(
                limits(1L, 0L, null),
                OptionalLong.empty(),
                "orders: 4 steps, and at most 1 are allowed; orders: 1 deletes, and at most 0 are allowed");
    }

    private void notApplied(Policy policy, Clock clock, PlanFiles.Stored plan, PlanApproval approval, String why) {
        var site = new Applier.Site(
                scene.store,
                Map.of(Scene.ORDERS, policy),
                Map.of(Scene.ORDERS, orders),
                scene.judge(),
                Relations.NONE,
                clock);
        assertThatThrownBy(() -> new Applier(Run.of(plan), approval, site, Scene.manner("a")).apply())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(why)
                .hasMessageContaining("nothing was applied");
        assertThat(Journal.open(scene.store, plan.id()).isEmpty())
                .as("a refused run is none")
                .isTrue();
    }

    @Test
    void what_is_not_as_the_plan_was_made_for_is_refused_before_anything_is_written() {
        var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
        Policy same = policy(RestorePolicy.Write.IN_PLACE, Limits.NONE);
        PlanApproval approval = approved(plan);

        notApplied(
                same,
                Scene.CLOCK,
                plan,
                new PlanApproval("other", "g", "g", false, Scene.NOON, Set.of()),
                "was approved");
        notApplied(same, Clock.offset(Scene.CLOCK, Duration.ofDays(2)), plan, approval, "expired at");
        notApplied(policy(RestorePolicy.Write.EXPORT_ONLY, Limits.NONE), Scene.CLOCK, plan, approval, "is export only");
        notApplied(
                policy(RestorePolicy.Write.IN_PLACE, limits(9L, 9L, null)),
                Scene.CLOCK,
                plan,
                approval,
                "the restore policy of dataset 'orders' is not what plan");
        assertThat(scene.applier(Run.of(plan), approval, orders, "a").apply().done())
                .isEqualTo(4);
    }

    @Test
    void a_run_that_expires_after_it_was_begun_writes_nothing_more() {
        var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
        Journal.open(scene.store, plan.id())
                .publish(List.of(new Entry.Started(plan.digest(), "", "", "ada"), new Entry.Claimed("dead", "me")));
        var late = new Applier.Site(
                scene.store,
                Map.of(Scene.ORDERS, policy(RestorePolicy.Write.IN_PLACE, Limits.NONE)),
                Map.of(Scene.ORDERS, orders),
                scene.judge(),
                Relations.NONE,
                Clock.offset(Scene.CLOCK, Duration.ofDays(2)));

        assertThatThrownBy(() -> new Applier(Run.of(plan), approved(plan), late, Scene.manner("a")).apply())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("after it was begun; 0 of 4 steps are journalled, nothing more was applied");
        assertThat(orders.images().get(key(1))).isEqualTo(image("{'id':1,'total':-1}"));
    }

    @Test
    void a_dataset_that_the_workspace_has_no_more_is_not_written() {
        var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
        var gone = new Applier.Site(scene.store, Map.of(), Map.of(), scene.judge(), Relations.NONE, Scene.CLOCK);

        assertThatThrownBy(() -> new Applier(Run.of(plan), approved(plan), gone, Scene.manner("a")).apply())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("the workspace has no dataset 'orders' that can be written");
        assertThat(Journal.open(scene.store, plan.id()).isEmpty()).isTrue();
    }

    @Test
    void two_candidates_for_one_record_and_rules_nobody_knows_are_bugs() {
        scene.candidates.add(scene.candidates.get(0));
        assertThatThrownBy(() -> plan(Limits.NONE, OptionalLong.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two candidates for orders, id 1");
        scene.candidates.remove(scene.candidates.size() - 1);
        scene.rules.clear();
        assertThatThrownBy(() -> plan(Limits.NONE, OptionalLong.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no facts of rule");
    }

    /** The plan as somebody would have made it who minds no limits. */
    private PlanFiles.Stored beyond(Limits limits) {
        Plan plan = plan(Limits.NONE, OptionalLong.empty());
        Plan.Header header = plan.header();
        Plan.Bound bound = Objects.requireNonNull(header.datasets().get(Scene.ORDERS));
        Policy policy = policy(RestorePolicy.Write.IN_PLACE, limits);
        TreeMap<String, Plan.Bound> datasets = new TreeMap<>();
        datasets.put(Scene.ORDERS, new Plan.Bound(bound.target(), bound.schema(), policy.digest(), bound.consumers()));
        return PlanFiles.write(
                scene.store,
                new Plan(
                        new Plan.Header(
                                header.workspace(),
                                header.author(),
                                header.createdAt(),
                                header.expiresAt(),
                                header.mode(),
                                header.snapshots(),
                                header.rules(),
                                datasets),
                        plan.steps(),
                        plan.conflicts(),
                        plan.decided(),
                        plan.heldBack(),
                        plan.unrecoverable(),
                        plan.unattributed(),
                        plan.simulated(),
                        plan.healed(),
                        plan.untouched(),
                        plan.unread()));
    }

    @Test
    void a_plan_beyond_the_limits_is_not_applied_whoever_has_made_and_approved_it() {
        for (Limits limits : List.of(limits(3L, null, null), limits(null, 0L, null), limits(3L, 0L, null))) {
            var plan = beyond(limits);
            notApplied(
                    policy(RestorePolicy.Write.IN_PLACE, limits),
                    Scene.CLOCK,
                    plan,
                    approved(plan),
                    "has 4 steps and 1 deletes in dataset 'orders', and its limits are");
        }
        scene.policy = policy(RestorePolicy.Write.IN_PLACE, limits(4L, 1L, null));
        var plan = beyond(scene.policy.limits());
        assertThat(scene.applier(Run.of(plan), approved(plan), orders, "a")
                        .apply()
                        .done())
                .isEqualTo(4);
    }

    @Test
    void a_dataset_of_which_the_workspace_says_nothing_is_not_written_and_one_without_a_target_not_verified() {
        var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
        var silent = new Applier.Site(
                scene.store, Map.of(), Map.of(Scene.ORDERS, orders), scene.judge(), Relations.NONE, Scene.CLOCK);
        assertThatThrownBy(() -> new Applier(Run.of(plan), approved(plan), silent, Scene.manner("a")).apply())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("the workspace has no dataset 'orders' that can be written");

        assertThat(scene.applier(Run.of(plan), approved(plan), orders, "a")
                        .apply()
                        .done())
                .isEqualTo(4);
        var gone = new Applier.Site(
                scene.store, Map.of(Scene.ORDERS, scene.policy), Map.of(), scene.judge(), Relations.NONE, Scene.CLOCK);
        assertThatThrownBy(() -> Recheck.of(Run.of(plan), gone))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("now not there; nothing was verified");

        orders.put(key(1), null);
        assertThat(Recheck.of(Run.of(plan), scene.site(orders)))
                .extracting(one -> "%s %s".formatted(one.found(), one.moved()))
                .containsExactlyInAnyOrder("DRIFTED []", "INTENDED []", "INTENDED []", "INTENDED []");
    }

    @Test
    void what_is_over_and_done_may_be_asked_for_after_it_has_expired() {
        var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
        scene.applier(Run.of(plan), approved(plan), orders, "a").apply();
        var late = new Applier.Site(
                scene.store,
                Map.of(Scene.ORDERS, scene.policy),
                Map.of(Scene.ORDERS, orders),
                scene.judge(),
                Relations.NONE,
                Clock.offset(Scene.CLOCK, Duration.ofDays(2)));

        assertThat(new Applier(Run.of(plan), approved(plan), late, Scene.manner("b"))
                        .apply()
                        .isClean())
                .isTrue();
    }

    @Test
    void what_was_undone_is_neither_applied_nor_verified_and_only_where_it_was_written_it_is_undone() {
        var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
        scene.applier(Run.of(plan), approved(plan), orders, "a").apply();
        Journal journal = Journal.open(scene.store, plan.id());
        String before = journal.toString();
        Undo.fence(journal, Scene.owner("b"), "b");
        Undo.fenceThoughHeld(journal, Scene.owner("b"), "b");
        assertThat(journal.toString()).as("it is over, and nobody can go on").isEqualTo(before);
        Run undo = Undo.of(plan, journal);

        assertThatThrownBy(() -> scene.applier(undo, approved(plan), new InMemoryTarget("others"), "a")
                        .apply())
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal)
                                .hasMessageContaining("the target of dataset 'orders' is not what plan")
                                .hasMessageContaining("nothing was undone")
                                .extracting(Refusal::hint)
                                .isEqualTo("What the run has written stays until this is as it was."));

        Receipt receipt = scene.applier(undo, approved(plan, PlanApproval.NO_DELETE_EVIDENCE), orders, "a")
                .apply();
        assertThat(receipt.json().path("undoes").asText()).isEqualTo(plan.id());
        assertThat(receipt.done()).isEqualTo(4);
        assertThatThrownBy(() ->
                        scene.applier(Run.of(plan), approved(plan), orders, "a").apply())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("has been undone, or is being undone");
        assertThatThrownBy(() -> Recheck.of(Run.of(plan), scene.site(orders)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("there is nothing to verify");
    }

    @Test
    void a_run_that_is_being_undone_is_fenced_once_and_not_verified() {
        var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
        Journal journal = Journal.open(scene.store, plan.id());
        journal.publish(List.of(new Entry.Started(plan.digest(), "", "", "ada"), new Entry.Claimed("dead", "dead")));
        Undo.fence(journal, Scene.owner("b"), "b");
        String fenced = journal.toString();
        Undo.fence(journal, Scene.owner("c"), "c");
        Undo.fenceThoughHeld(journal, Scene.owner("c"), "c");

        assertThat(journal.toString()).isEqualTo(fenced);
        assertThatThrownBy(() -> Recheck.of(Run.of(plan), scene.site(orders)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("there is nothing to verify");
    }

    @Test
    void a_journal_of_another_plan_or_undo_is_not_gone_on_with() {
        for (List<Entry> begun : List.<List<Entry>>of(
                List.of(new Entry.Started("other", "", "", "ada")),
                List.of(new Entry.Started("", "another", "", "ada")),
                List.of(new Entry.Started("", "", "head", "ada")),
                List.of(new Entry.Started("", "", "", "ada"), new Entry.Refused(99, "moved")),
                List.of(new Entry.Refused(1, "moved")))) {
            scene = new Scene();
            orders = new InMemoryTarget("orders");
            three_updates_and_a_delete();
            var plan = PlanFiles.write(scene.store, plan(Limits.NONE, OptionalLong.empty()));
            Journal journal = Journal.open(scene.store, plan.id());
            journal.publish(begun.stream()
                    .map(entry -> entry instanceof Entry.Started started
                                    && started.digest().isEmpty()
                            ? new Entry.Started(plan.digest(), started.undoes(), started.head(), started.by())
                            : entry)
                    .toList());

            assertThatThrownBy(() -> scene.applier(Run.of(plan), approved(plan), orders, "a")
                            .apply())
                    .as("%s", begun)
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("belongs to another plan or undo; nothing was applied");
            assertThat(orders.images().get(key(1))).isEqualTo(image("{'id':1,'total':-1}"));
            boolean undoable = journal.started()
                    .filter(started -> started.digest().equals(plan.digest())
                            && started.undoes().isEmpty())
                    .isPresent();
            if (!undoable) {
                assertThatThrownBy(() -> Undo.of(plan, journal))
                        .isInstanceOf(Refusal.class)
                        .hasMessage("there is no run of plan %s; nothing was undone".formatted(plan.id()));
            }
        }
    }
}
