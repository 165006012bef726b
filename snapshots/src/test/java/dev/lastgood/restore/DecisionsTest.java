package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.approved;
import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static dev.lastgood.restore.Scene.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Decision.Take;
import dev.lastgood.target.InMemoryTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Conflicts that a person has decided: for the good image, or for what is live. */
final class DecisionsTest {
    private final Scene scene = new Scene();
    private final InMemoryTarget orders = new InMemoryTarget("orders");

    private static boolean positive(Image image) {
        return image.field("total") instanceof Value.Num total && total.value().signum() > 0;
    }

    private void decide(Conflict.Type type, @Nullable Integer id, @Nullable String field, Take take) {
        scene.decisions.add(new Decision(
                type,
                id == null ? null : Scene.ORDERS,
                id == null ? null : key(id),
                field == null ? null : FieldPath.of(field),
                take,
                "anna",
                "she knows"));
    }

    /** A total that the bug has made negative, and that somebody has written since. */
    private void written(int id, String more) {
        scene.alone("total_positive", "total", DecisionsTest::positive);
        orders.put(key(id), image("{'id':%d,'total':-7%s}".formatted(id, more)));
        scene.accused(
                id,
                image("{'id':%d,'total':1%s}".formatted(id, more)),
                image("{'id':%d,'total':-1%s}".formatted(id, more)),
                orders,
                "total_positive");
    }

    private Receipt apply(PlanFiles.Stored plan) {
        return scene.applier(Run.of(plan), approved(plan, PlanApproval.NO_DELETE_EVIDENCE), orders, "a")
                .apply();
    }

    private PlanFiles.Stored stored() {
        PlanFiles.Stored stored = PlanFiles.write(scene.store, scene.plan(orders));
        assertThat(PlanFiles.read(scene.store, stored.id())).isEqualTo(stored);
        return stored;
    }

    private static String told(List<Plan.Decided> decided) {
        return decided.stream()
                .map(one -> "%s %s: %s says %s".formatted(one.conflict().type(), one.take(), one.by(), one.why()))
                .collect(Collectors.joining("; "));
    }

    @Test
    void a_later_write_is_overwritten_if_somebody_says_so_and_only_as_it_was_then() {
        written(7, "");
        written(8, "");
        decide(Conflict.Type.LATER_WRITE, null, null, Take.GOOD);
        PlanFiles.Stored plan = stored();
        assertThat(plan.plan().conflicts()).isEmpty();
        assertThat(told(plan.plan().decided()))
                .isEqualTo("LATER_WRITE GOOD: anna says she knows; LATER_WRITE GOOD: anna says she knows");
        assertThat(plan.plan().steps().get(0).reasons()).containsExactly("decided", "total_positive");

        orders.put(key(8), image("{'id':8,'total':-9}"));
        Receipt receipt = apply(plan);

        assertThat(receipt.conflicts()).isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 1));
        assertThat(orders.images())
                .isEqualTo(Map.of(key(7), image("{'id':7,'total':1}"), key(8), image("{'id':8,'total':-9}")));
        Run undo = Undo.of(plan, Journal.open(scene.store, plan.id()));
        scene.applier(undo, approved(plan), orders, "a").apply();
        assertThat(orders.images().get(key(7))).as("what was written since").isEqualTo(image("{'id':7,'total':-7}"));
    }

    /** All candidates are known to have been so after they were captured as good, the latest first. */
    private void since(String... later) {
        List<History.Later> known = Stream.of(later)
                .map(one -> new History.Later(image(one), "audit x", Scene.NOON.minusSeconds(60)))
                .toList();
        scene.candidates.replaceAll(one -> new Candidate(
                one.dataset(),
                one.key(),
                one.accusations(),
                one.named(),
                one.history().since(known),
                one.live()));
    }

    @Test
    void a_good_value_that_is_known_not_to_be_the_last_one_is_put_back_only_if_somebody_says_so() {
        scene.alone("total_positive", "total", DecisionsTest::positive);
        orders.put(key(7), image("{'id':7,'total':-1}"));
        scene.accused(7, image("{'id':7,'total':1}"), image("{'id':7,'total':-1}"), orders, "total_positive");
        since("{'id':7,'total':5}");

        Plan plan = scene.plan(orders);
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.stale()).isEqualTo(1);
        assertThat(plan.conflicts().get(0).toString())
                .isEqualTo("orders (id 7, total): STALE_GOOD: a later legitimate value than the good image's is known,"
                        + " from audit x");
        assertThat(plan.conflicts().get(0).stale())
                .isEqualTo(new Conflict.Stale(Value.of(1), Value.of(5), "audit x", Scene.NOON.minusSeconds(60)));

        decide(Conflict.Type.STALE_GOOD, 7, "total", Take.GOOD);
        apply(stored());
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':1}")));
    }

    @Test
    void what_was_as_good_or_as_bad_then_is_no_later_value() {
        scene.alone("total_positive", "total", DecisionsTest::positive);
        orders.put(key(7), image("{'id':7,'total':-1,'note':'x'}"));
        scene.accused(
                7,
                image("{'id':7,'total':1,'note':''}"),
                image("{'id':7,'total':-1,'note':'x'}"),
                orders,
                "total_positive");

        since("{'id':7,'total':1,'note':'x'}");
        assertThat(scene.plan(orders).steps()).as("another field was written").hasSize(1);
        since("{'id':7,'total':-1,'note':'x'}");
        assertThat(scene.plan(orders).steps())
                .as("the damage was there already")
                .hasSize(1);
        since("{'id':7,'total':1}", "{'id':7,'total':5}");
        assertThat(scene.plan(orders).steps())
                .as("it was as good again: the latest counts")
                .hasSize(1);
        since("{'id':7,'total':5}", "{'id':7,'total':1}");
        assertThat(scene.plan(orders).stale()).isEqualTo(1);
    }

    @Test
    void a_deleted_record_that_is_known_to_have_been_otherwise_comes_back_only_if_somebody_says_so() {
        scene.noDelete("stays");
        scene.accused(7, image("{'id':7,'total':1}"), null, orders, "stays");
        since("{'id':7,'total':1}");
        assertThat(scene.plan(orders).steps()).hasSize(1);
        since("{'id':7,'total':5}");
        assertThat(scene.plan(orders).conflictCounts()).isEqualTo(Map.of(Conflict.Type.STALE_GOOD, 1L));

        decide(Conflict.Type.STALE_GOOD, 7, null, Take.GOOD);
        apply(stored());
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':1}")));
    }

    @Test
    void what_only_the_machinery_has_moved_is_no_later_value() {
        scene.policy = new Policy(
                Scene.ORDERS,
                scene.policy.comparison(),
                null,
                List.of(),
                List.of(FieldPath.of("v")),
                null,
                List.of(),
                Map.of(),
                scene.policy.write(),
                List.of(),
                scene.policy.limits());
        scene.noDelete("stays");
        scene.accused(7, image("{'id':7,'total':1,'v':1}"), null, orders, "stays");

        since("{'id':7,'total':1,'v':9}");
        assertThat(scene.plan(orders).steps()).hasSize(1);
        since("{'id':7,'total':2,'v':9}");
        assertThat(scene.plan(orders).conflictCounts()).isEqualTo(Map.of(Conflict.Type.STALE_GOOD, 1L));
    }

    @Test
    void a_capture_without_the_object_that_holds_a_value_says_nothing_of_the_value() {
        scene.alone(
                "zip_positive",
                "address.zip",
                image -> !Value.of(-1)
                        .equals(Patch.at(image, FieldPath.valueOf("address.zip"))
                                .value()));
        Image bad = image("{'id':7,'address':{'zip':-1}}");
        orders.put(key(7), bad);
        scene.accused(7, image("{'id':7,'address':{'zip':1}}"), bad, orders, "zip_positive");

        since("{'id':7}");
        assertThat(scene.plan(orders).steps()).hasSize(1);
        since("{'id':7}", "{'id':7,'address':{'zip':5}}");
        assertThat(scene.plan(orders).stale()).isEqualTo(1);
    }

    @Test
    void one_decided_for_live_holds_nothing_back() {
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
        written(7, ",'deal':1");
        orders.put(key(8), image("{'id':8,'total':-1,'deal':1}"));
        scene.accused(
                8,
                image("{'id':8,'total':1,'deal':1}"),
                image("{'id':8,'total':-1,'deal':1}"),
                orders,
                "total_positive");
        assertThat(scene.plan(orders).heldBack()).hasSize(1);

        decide(Conflict.Type.LATER_WRITE, 7, "total", Take.LIVE);
        Plan plan = stored().plan();

        assertThat(plan.heldBack()).isEmpty();
        assertThat(plan.conflicts()).isEmpty();
        assertThat(plan.steps()).extracting(Step::key).containsExactly(key(8));
        assertThat(told(plan.decided())).isEqualTo("LATER_WRITE LIVE: anna says she knows");
    }

    @Test
    void what_names_more_counts() {
        written(7, "");
        written(8, "");
        decide(Conflict.Type.LATER_WRITE, null, null, Take.LIVE);
        decide(Conflict.Type.LATER_WRITE, 8, null, Take.GOOD);

        Plan plan = stored().plan();

        assertThat(plan.steps()).extracting(Step::key).containsExactly(key(8));
        assertThat(plan.count(Take.GOOD)).isEqualTo(1);
        assertThat(plan.count(Take.LIVE)).isEqualTo(1);
    }

    private static Decision naming(Take take, @Nullable String dataset, @Nullable Integer id, @Nullable String field) {
        return new Decision(
                Conflict.Type.LATER_WRITE,
                dataset,
                id == null ? null : key(id),
                field == null ? null : FieldPath.of(field),
                take,
                "anna",
                "she knows");
    }

    private static Conflict conflict(String dataset, int id, @Nullable String field) {
        return new Conflict(
                Conflict.Type.LATER_WRITE, dataset, key(id), field == null ? null : FieldPath.of(field), "why");
    }

    @Test
    void a_record_counts_for_more_than_a_place_and_a_place_for_more_than_a_dataset() {
        List<Decision> rising = List.of(
                naming(Take.GOOD, null, null, null),
                naming(Take.LIVE, Scene.ORDERS, null, null),
                naming(Take.GOOD, null, null, "total"),
                naming(Take.LIVE, Scene.ORDERS, null, "total"),
                naming(Take.GOOD, Scene.ORDERS, 7, null),
                naming(Take.LIVE, Scene.ORDERS, 7, "total"));
        for (int i = 0; i < rising.size(); i++) {
            List<Decision> some = new ArrayList<>(rising.subList(0, i + 1));
            Take most = rising.get(i).take();
            assertThat(new Decisions(some).isFor(conflict(Scene.ORDERS, 7, "total"), most))
                    .as("%s", rising.get(i))
                    .isTrue();
            Collections.reverse(some);
            assertThat(new Decisions(some).isFor(conflict(Scene.ORDERS, 7, "total"), most))
                    .as("%s, wherever it stands", rising.get(i))
                    .isTrue();
        }
    }

    @Test
    void a_decision_answers_nothing_that_lacks_what_it_names() {
        Decisions decisions = new Decisions(List.of(naming(Take.LIVE, Scene.ORDERS, 7, "total")));

        assertThat(decisions.isFor(conflict(Scene.ORDERS, 7, "total"), Take.LIVE))
                .isTrue();
        assertThat(List.of(
                        conflict("others", 7, "total"),
                        conflict(Scene.ORDERS, 8, "total"),
                        conflict(Scene.ORDERS, 7, "note"),
                        conflict(Scene.ORDERS, 7, null)))
                .noneMatch(conflict -> decisions.isFor(conflict, Take.LIVE));
    }

    @Test
    void a_place_that_goes_with_another_is_not_decided_alone() {
        scene.declared("adds", paths("total", "qty"), image -> {
            Value total = image.field("total");
            return total != null && total.equals(image.field("qty"));
        });
        orders.put(key(7), image("{'id':7,'total':50,'qty':60}"));
        scene.accused(7, image("{'id':7,'total':3,'qty':3}"), image("{'id':7,'total':5,'qty':6}"), orders, "adds");
        scene.naming(new Candidate.Named.Fields(paths("total", "qty")));
        decide(Conflict.Type.LATER_WRITE, 7, "total", Take.GOOD);
        assertThat(scene.plan(orders).conflicts()).hasSize(2);
        assertThat(scene.plan(orders).decided()).isEmpty();

        decide(Conflict.Type.LATER_WRITE, 7, "qty", Take.GOOD);
        PlanFiles.Stored plan = stored();
        assertThat(plan.plan().conflicts()).isEmpty();
        apply(plan);
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':3,'qty':3}")));
    }

    /** Somebody has put total and quantity right together, and a rule couples them. */
    private void coupled(String note) {
        scene.declared("adds", paths("total", "qty"), image -> {
            Value total = image.field("total");
            return total != null && total.equals(image.field("qty"));
        });
        orders.put(key(7), image("{'id':7,'total':60,'qty':60,'note':'%s'}".formatted(note)));
        scene.accused(
                7,
                image("{'id':7,'total':3,'qty':3,'note':'a'}"),
                image("{'id':7,'total':5,'qty':6,'note':'b'}"),
                orders,
                "adds");
        scene.naming(new Candidate.Named.Fields(paths("total", "qty", "note")));
    }

    @Test
    void a_decision_that_cannot_stand_alone_leaves_the_rest_of_the_record_as_if_it_were_not_there() {
        coupled("b");
        decide(Conflict.Type.LATER_WRITE, 7, "total", Take.GOOD);

        Plan plan = stored().plan();

        Step step = plan.steps().get(0);
        assertThat(step.paths()).containsExactly(FieldPath.of("note"));
        assertThat(step.reasons()).containsExactly("adds", "named");
        assertThat(step.bad()).isEqualTo(image("{'id':7,'total':5,'qty':6,'note':'b'}"));
        assertThat(plan.conflicts())
                .extracting(Conflict::path)
                .containsExactly(FieldPath.of("qty"), FieldPath.of("total"));
        assertThat(plan.decided()).isEmpty();
    }

    @Test
    void of_several_decisions_those_that_can_stand_count() {
        coupled("c");
        decide(Conflict.Type.LATER_WRITE, 7, "total", Take.GOOD);
        decide(Conflict.Type.LATER_WRITE, 7, "note", Take.GOOD);

        Plan plan = stored().plan();

        assertThat(plan.steps().get(0).paths()).containsExactly(FieldPath.of("note"));
        assertThat(plan.steps().get(0).reasons()).containsExactly("adds", "decided", "named");
        assertThat(plan.decided()).extracting(one -> one.conflict().path()).containsExactly(FieldPath.of("note"));
        assertThat(plan.conflicts())
                .extracting(Conflict::path)
                .containsExactly(FieldPath.of("qty"), FieldPath.of("total"));
    }

    @Test
    void of_two_good_values_that_are_not_the_last_ones_only_the_decided_one_is_put_back() {
        orders.put(key(7), image("{'id':7,'total':-1,'vat':-1}"));
        scene.accused(7, image("{'id':7,'total':1,'vat':1}"), image("{'id':7,'total':-1,'vat':-1}"), orders);
        scene.naming(new Candidate.Named.Fields(paths("total", "vat")));
        since("{'id':7,'total':5,'vat':5}");
        decide(Conflict.Type.STALE_GOOD, 7, "total", Take.GOOD);

        Plan plan = stored().plan();

        assertThat(plan.steps().get(0).paths()).containsExactly(FieldPath.of("total"));
        assertThat(plan.conflicts()).extracting(Conflict::path).containsExactly(FieldPath.of("vat"));
    }

    @Test
    void a_value_that_nothing_can_hold_any_more_is_not_put_back_whoever_says_so() {
        orders.put(key(7), image("{'id':7,'address':null}"));
        scene.accused(7, image("{'id':7,'address':{'zip':'8000'}}"), image("{'id':7,'address':{'zip':''}}"), orders);
        scene.naming(new Candidate.Named.Fields(paths("address.zip")));
        decide(Conflict.Type.LATER_WRITE, null, null, Take.GOOD);

        Plan plan = stored().plan();

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts()).extracting(Conflict::type).containsExactly(Conflict.Type.LATER_WRITE);
        assertThat(plan.decided()).isEmpty();
    }

    @Test
    void what_is_decided_and_not_written_after_all_stands_among_the_conflicts_in_its_place() {
        Policy plain = scene.policy;
        scene.policy = new Policy(
                Scene.ORDERS,
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
        orders.put(key(7), image("{'id':7,'a':5,'b':5}"));
        scene.accused(7, image("{'id':7,'a':1,'b':1}"), image("{'id':7,'a':2,'b':2}"), orders);
        scene.naming(new Candidate.Named.Fields(paths("a", "b")));
        decide(Conflict.Type.LATER_WRITE, 7, "a", Take.GOOD);

        Plan plan = stored().plan();

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts()).extracting(Conflict::path).containsExactly(FieldPath.of("a"), FieldPath.of("b"));
    }

    @Test
    void of_a_record_that_is_there_again_the_machinerys_own_fields_stay() {
        Policy plain = scene.policy;
        scene.policy = new Policy(
                Scene.ORDERS,
                plain.comparison(),
                null,
                List.of(FieldPath.of("etag")),
                List.of(),
                null,
                List.of(),
                Map.of(),
                plain.write(),
                List.of(),
                plain.limits());
        scene.noDelete("stays");
        orders.put(key(7), image("{'id':7,'total':9,'etag':'y'}"));
        scene.accused(7, image("{'id':7,'total':1,'etag':'x'}"), null, orders, "stays");
        decide(Conflict.Type.RECREATED, 7, null, Take.GOOD);

        assertThat(apply(stored()).done()).isEqualTo(1);

        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':1,'etag':'y'}")));
    }

    @Test
    void a_record_that_is_there_again_becomes_the_good_one() {
        scene.noDelete("stays");
        scene.accused(7, image("{'id':7,'total':1,'note':'a'}"), null, orders, "stays");
        orders.put(key(7), image("{'id':7,'total':9,'note':'a'}"));
        scene.candidates.clear();
        scene.accused(7, image("{'id':7,'total':1,'note':'a'}"), null, orders, "stays");
        assertThat(scene.plan(orders).conflictCounts()).containsEntry(Conflict.Type.RECREATED, 1L);

        decide(Conflict.Type.RECREATED, 7, null, Take.GOOD);
        PlanFiles.Stored plan = stored();

        assertThat(plan.plan().steps().get(0).action()).isEqualTo(Action.UPDATE);
        assertThat(plan.plan().steps().get(0).paths()).containsExactly(FieldPath.of("total"));
        assertThat(apply(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':1,'note':'a'}")));
    }

    @Test
    void a_record_that_should_not_be_there_goes_though_it_was_edited() {
        scene.noInsert("none");
        orders.put(key(7), image("{'id':7,'total':9}"));
        scene.accused(7, null, image("{'id':7,'total':1}"), orders, "none");
        assertThat(scene.plan(orders).conflictCounts()).containsEntry(Conflict.Type.SPURIOUS_EDITED, 1L);

        decide(Conflict.Type.SPURIOUS_EDITED, null, null, Take.GOOD);
        PlanFiles.Stored plan = stored();

        assertThat(apply(plan).done()).isEqualTo(1);
        assertThat(orders.images()).isEmpty();
    }

    @Test
    void no_decision_brings_back_what_was_deleted_or_erased_or_what_is_not_proven() {
        for (Conflict.Type type : Conflict.Type.values()) {
            if (!Decision.isForGood(type)) {
                assertThatThrownBy(() -> decide(type, null, null, Take.GOOD))
                        .isInstanceOf(IllegalArgumentException.class);
                decide(type, null, null, Take.LIVE);
            }
        }
        assertThat(Arrays.stream(Conflict.Type.values()).filter(Decision::isForGood))
                .containsExactly(
                        Conflict.Type.LATER_WRITE,
                        Conflict.Type.RECREATED,
                        Conflict.Type.SPURIOUS_EDITED,
                        Conflict.Type.STALE_GOOD);
        written(7, "");
        scene.candidates.replaceAll(one -> new Candidate(
                one.dataset(),
                one.key(),
                one.accusations(),
                one.named(),
                one.history().marked(History.Mark.ERASED),
                one.live()));
        Plan plan = stored().plan();
        assertThat(plan.steps()).isEmpty();
        assertThat(told(plan.decided())).isEqualTo("ERASURE LIVE: anna says she knows");
    }

    @Test
    void a_decision_for_the_good_image_that_cannot_be_written_leaves_the_conflict_open() {
        written(7, "");
        scene.alone(
                "never_one",
                "other",
                image -> !String.valueOf(image.field("total")).equals("1"));
        decide(Conflict.Type.LATER_WRITE, null, null, Take.GOOD);

        Planner.Planned planned = scene.planned(orders);

        assertThat(planned.plan().steps()).isEmpty();
        assertThat(planned.plan().decided()).isEmpty();
        assertThat(planned.plan().conflictCounts())
                .isEqualTo(Map.of(Conflict.Type.LATER_WRITE, 1L, Conflict.Type.UNSAFE_MERGE, 1L));
        assertThat(planned.unused()).isEqualTo(scene.decisions);
    }

    @Test
    void what_was_decided_and_is_not_written_holds_its_group_back_as_ever() {
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
        scene.noDelete("stays");
        orders.put(key(7), image("{'id':7,'deal':1,'loyalty':5}"));
        scene.accused(7, image("{'id':7,'deal':1}"), null, orders, "stays");
        scene.alone("total_positive", "total", image -> image.field("total") == null || positive(image));
        orders.put(key(8), image("{'id':8,'total':-1,'deal':1}"));
        scene.accused(
                8,
                image("{'id':8,'total':1,'deal':1}"),
                image("{'id':8,'total':-1,'deal':1}"),
                orders,
                "total_positive");
        decide(Conflict.Type.RECREATED, 7, null, Take.GOOD);

        Plan plan = scene.plan(orders);

        assertThat(plan.conflictCounts()).containsEntry(Conflict.Type.RECREATED, 1L);
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.heldBack()).hasSize(1);
    }

    @Test
    void of_a_record_that_is_there_again_what_no_capture_has_stays() {
        scene.noDelete("stays");
        orders.put(key(7), image("{'id':7,'total':9,'loyalty':5}"));
        scene.accused(7, image("{'id':7,'total':1}"), null, orders, "stays");
        decide(Conflict.Type.RECREATED, 7, null, Take.GOOD);

        assertThat(apply(stored()).done()).isEqualTo(1);

        assertThat(orders.images()).isEqualTo(Map.of(key(7), image("{'id':7,'total':1,'loyalty':5}")));
    }

    @Test
    void a_decision_that_settles_nothing_is_told() {
        written(7, "");
        decide(Conflict.Type.LATER_WRITE, 8, null, Take.LIVE);
        decide(Conflict.Type.LATER_WRITE, 7, null, Take.LIVE);

        assertThat(scene.planned(orders).unused()).containsExactly(scene.decisions.get(0));
    }

    // ---- the file

    private static List<DecisionsReader.Written> read(String yaml, Problems problems) {
        return DecisionsReader.read(new SourceFile("decisions.yaml", yaml), problems);
    }

    @Test
    void a_file_says_who_decides_what_and_why() {
        Problems problems = new Problems();
        List<DecisionsReader.Written> read = read("""
                format: 1
                by: anna
                decisions:
                  - {conflict: LATER_WRITE, take: live, why: corrected by hand}
                  - {conflict: RECREATED, dataset: orders, key: {id: 7}, take: good, why: by mistake}
                  - {conflict: LATER_WRITE, dataset: orders, field: total, take: good, why: never right}
                """, problems);

        assertThat(problems.list()).isEmpty();
        assertThat(read)
                .extracting(one -> "%s %s %s %s %s %s: %s"
                        .formatted(
                                one.type(),
                                one.dataset(),
                                one.key() == null ? null : one.key().keySet(),
                                one.path(),
                                one.take(),
                                one.by(),
                                one.why()))
                .containsExactly(
                        "LATER_WRITE null null null LIVE anna: corrected by hand",
                        "RECREATED orders [id] null GOOD anna: by mistake",
                        "LATER_WRITE orders null total GOOD anna: never right");
    }

    @Test
    void what_cannot_be_decided_is_refused_at_its_place() {
        Problems problems = new Problems();
        read("""
                format: 1
                by: ''
                decisions:
                  - {conflict: LATER_DELETE, take: good, why: please}
                  - {conflict: LATER_WRITE, key: {id: 7}, take: live, why: x}
                  - {conflict: LATER_RIGHT, take: live, why: x}
                  - {conflict: LATER_WRITE, take: live, why: ' '}
                  - {conflict: LATER_WRITE, take: live}
                """, problems);

        assertThat(problems.list().stream()
                        .map(problem -> problem.render().lines().findFirst().orElse("")))
                .containsExactly(
                        "decisions.yaml:2:5: error: 'by' is empty",
                        "decisions.yaml:4:30: error: LATER_DELETE cannot be decided for the good image: the record was"
                                + " deleted after the damage",
                        "decisions.yaml:5:29: error: a key without its dataset names no record",
                        "decisions.yaml:6:16: error: 'conflict' must be one of LATER_WRITE, LATER_DELETE, RECREATED,"
                                + " SPURIOUS_EDITED, STALE_GOOD, UNSAFE_MERGE, MISSING_REFERENCE, UNIQUE_CLASH,"
                                + " DUPLICATE_KEY, SCHEMA_DRIFT, GUARD_LOST, ERASURE, not 'LATER_RIGHT'",
                        "decisions.yaml:7:46: error: 'why' is empty",
                        "decisions.yaml:8:5: error: entry 5 of 'decisions' has no 'why'");
    }

    @Test
    void an_entry_that_is_not_understood_as_a_whole_decides_nothing() {
        Problems problems = new Problems();
        List<DecisionsReader.Written> read = read("""
                format: 1
                by: anna
                decisions:
                  - {conflict: LATER_WRITE, dataset: orders, key: 7, take: live, why: x}
                  - {conflict: LATER_WRITE, field: 'a..b', take: live, why: x}
                  - {conflict: LATER_WRITE, key: {id: 7}, field: 'a..b', take: live, why: x}
                  - {conflict: LATER_WRITE, take: mine, why: x}
                  - {conflict: LATER_WRITE, take: live, why: x, until: tomorrow}
                """, problems);

        assertThat(read).isEmpty();
        assertThat(problems.list())
                .extracting(problem -> problem.render().replaceAll("(?s)^decisions.yaml:(\\d+):.*", "$1"))
                .contains("4", "5", "6", "7", "8");
    }
}
