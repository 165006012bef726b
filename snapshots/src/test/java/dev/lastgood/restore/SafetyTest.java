package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.target.Target;
import dev.lastgood.workspace.RestorePolicy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What rules prove of a write, and what it sets off. */
final class SafetyTest {
    private static final Map<String, Ruling> PASS = Map.of("r", Ruling.PASS);
    private static final Map<String, Ruling> FAIL = Map.of("r", Ruling.FAIL);
    private static final Map<String, Ruling> NOTHING = Map.of();

    @Test
    void a_write_is_safe_if_the_broken_rules_hold_and_no_other_is_newly_broken() {
        List<String> broken = List.of("r");
        assertThat(Safety.objection(broken, PASS, FAIL, PASS)).isEmpty();
        assertThat(Safety.objection(broken, NOTHING, FAIL, PASS))
                .as("there is no good image")
                .isEmpty();
        assertThat(Safety.objection(broken, FAIL, FAIL, PASS)).contains("rule 'r' is broken by the good image too");
        assertThat(Safety.objection(broken, PASS, FAIL, FAIL)).contains("rule 'r' would still be broken");
        assertThat(Safety.objection(broken, PASS, FAIL, NOTHING))
                .as("nobody has asked it")
                .contains("rule 'r' would still be broken");
        assertThat(Safety.objection(List.of(), PASS, FAIL, FAIL))
                .as("it is broken already")
                .isEmpty();
        assertThat(Safety.objection(List.of(), PASS, PASS, FAIL)).contains("rule 'r' would be newly broken");
        assertThat(Safety.objection(List.of(), PASS, NOTHING, FAIL)).contains("rule 'r' would be newly broken");
        assertThat(Safety.objection(List.of(), PASS, NOTHING, PASS)).isEmpty();
    }

    @Test
    void a_trigger_is_declared_by_the_name_of_a_consumer_or_in_its_words() {
        List<Target.Fact> facts = List.of(
                new Target.Fact(Target.Concern.TRIGGER, "outbox", "t"),
                new Target.Fact(Target.Concern.ROW_SECURITY, "row-level security", "t"),
                new Target.Fact(Target.Concern.GENERATED, "vat", "t"));
        assertThat(SideEffects.undeclared(facts, List.of())).containsExactly("row-level security", "trigger outbox");
        for (RestorePolicy.Consumer declared : List.of(
                new RestorePolicy.Consumer("outbox", null, "mails"),
                new RestorePolicy.Consumer("mail", "the trigger: outbox, at night", "mails"))) {
            assertThat(SideEffects.undeclared(facts, List.of(declared))).containsExactly("row-level security");
        }
        for (RestorePolicy.Consumer another : List.of(
                new RestorePolicy.Consumer("mail", null, "mails"),
                new RestorePolicy.Consumer("mail", "outboxes", "mails"))) {
            assertThat(SideEffects.undeclared(facts, List.of(another)))
                    .containsExactly("row-level security", "trigger outbox");
        }
    }

    private static Step step(String dataset, Step.Evidence evidence) {
        return new Step(
                1,
                dataset,
                key(7),
                Action.INSERT,
                Merge.wholly(null, image("{'id':7}")),
                image("{'id':7}"),
                null,
                List.of("r"),
                "s",
                Scene.NOON,
                Proof.AS_OF,
                History.Origin.OBSERVED,
                "",
                "",
                evidence,
                "");
    }

    @Test
    void consumers_and_inserts_without_evidence_are_to_be_acknowledged() {
        Map<String, Plan.Bound> bound = Map.of("orders", new Plan.Bound("t", "s", "p", List.of("mail")));
        assertThat(SideEffects.toAcknowledge(bound, List.of(step("orders", Step.Evidence.NONE))))
                .containsExactlyInAnyOrder("mail", PlanApproval.NO_DELETE_EVIDENCE);
        assertThat(SideEffects.toAcknowledge(bound, List.of(step("lines", Step.Evidence.NOT_NEEDED))))
                .isEmpty();
    }
}
