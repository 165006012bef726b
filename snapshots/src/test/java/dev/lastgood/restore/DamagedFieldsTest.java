package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static dev.lastgood.restore.Scene.paths;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.target.InMemoryTarget;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which of the fields that changed are the damaged ones. */
final class DamagedFieldsTest {
    private final Scene scene = new Scene();
    private final InMemoryTarget orders = new InMemoryTarget("orders");

    private void versioned() {
        scene.policy = new Policy(
                Scene.ORDERS,
                scene.policy.comparison(),
                FieldPath.of("v"),
                List.of(),
                List.of(),
                null,
                List.of(),
                Map.of(),
                scene.policy.write(),
                List.of(),
                scene.policy.limits());
    }

    private void accused(int id, String good, String bad, String rule) {
        Image image = image(bad);
        orders.put(key(id), image);
        scene.accused(id, image(good), image, orders, rule);
    }

    private static boolean isPositive(Image image) {
        return image.field("total") instanceof Value.Num total && total.value().signum() > 0;
    }

    private static boolean allPositive(Image image) {
        return ((Value.Array) Objects.requireNonNull(image.field("list")))
                .items().stream()
                        .allMatch(item -> item instanceof Value.Num number
                                && number.value().signum() > 0);
    }

    @Test
    void where_more_than_the_damage_was_written_only_what_the_bug_stamps_everywhere_is_put_back() {
        versioned();
        scene.alone("total_positive", "total", DamagedFieldsTest::isPositive);
        for (int id = 1; id <= 5; id++) {
            accused(
                    id,
                    "{'id':%d,'total':5,'v':1}".formatted(id),
                    "{'id':%d,'total':-9,'v':4}".formatted(id),
                    "total_positive");
        }
        accused(6, "{'id':6,'total':5,'v':'1'}", "{'id':6,'total':-8,'v':'4'}", "total_positive");
        accused(7, "{'id':7,'total':5,'v':'1'}", "{'id':7,'total':-7,'v':'2'}", "total_positive");
        accused(8, "{'id':8,'total':5,'v':'x'}", "{'id':8,'total':-6,'v':true}", "total_positive");
        accused(9, "{'id':9,'total':5,'v':1}", "{'id':9,'total':-5,'v':'x'}", "total_positive");

        assertThat(scene.plan(orders).steps())
                .as("five that are stamped, and one whose counter says that nothing else was written")
                .extracting(Step::key)
                .containsExactly(key(1), key(2), key(3), key(4), key(5), key(7));
    }

    @Test
    void of_all_that_changed_only_the_fields_that_somebody_names_are_put_back() {
        Image bad = image("{'id':7,'total':-5,'note':'new','tags':[9,2]}");
        orders.put(key(7), bad);
        scene.accused(7, image("{'id':7,'total':5,'note':'old','tags':[1,2]}"), bad, orders);
        scene.naming(new Candidate.Named.Fields(paths("total", "tags[0]")));

        assertThat(scene.plan(orders).steps().get(0).paths())
                .containsExactlyInAnyOrder(FieldPath.of("total"), FieldPath.of("tags"));
        scene.naming(new Candidate.Named.Fields(paths("total", "tags[1]")));
        assertThat(scene.plan(orders).steps().get(0).paths())
                .as("of an array that is put back as one, another element has changed than the one named")
                .containsExactly(FieldPath.of("total"));
    }

    @Test
    void four_of_a_kind_are_no_stamp_and_half_are_not_most() {
        versioned();
        scene.alone("total_positive", "total", DamagedFieldsTest::isPositive);
        for (int id = 1; id <= 4; id++) {
            accused(
                    id,
                    "{'id':%d,'total':5,'v':1}".formatted(id),
                    "{'id':%d,'total':-9,'v':4}".formatted(id),
                    "total_positive");
        }
        assertThat(scene.plan(orders).steps()).isEmpty();
        for (int id = 5; id <= 10; id++) {
            accused(
                    id,
                    "{'id':%d,'total':5,'v':1}".formatted(id),
                    "{'id':%d,'total':%d,'v':4}".formatted(id, id < 6 ? -9 : -10 * id),
                    "total_positive");
        }
        assertThat(scene.plan(orders).steps()).as("five of ten").isEmpty();
    }

    @Test
    void of_an_array_that_is_put_back_as_one_everything_that_changed_is_accused_or_nothing_is_put_back() {
        scene.rules.put(
                "positive",
                new RuleFacts(
                        "positive",
                        "hash",
                        Scene.ORDERS,
                        RuleFacts.Accuses.VALUES,
                        RuleFacts.Scope.LOCAL,
                        paths("list[]"),
                        Set.of(),
                        false,
                        ""));
        scene.meanings.put("positive", pair -> pair.record() == null || allPositive(pair.record()));
        accused(7, "{'id':7,'list':[1,2]}", "{'id':7,'list':[1,-2]}", "positive");

        assertThat(scene.plan(orders).steps()).hasSize(1);
    }

    @Test
    void of_more_fields_than_can_be_tried_none_is() {
        StringBuilder good = new StringBuilder("{'id':7");
        StringBuilder bad = new StringBuilder("{'id':7");
        String[] fields = new String[11];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = "f" + i;
            good.append(",'f").append(i).append("':1");
            bad.append(",'f").append(i).append("':-1");
        }
        scene.declared("sum", paths(fields), image -> !Value.of(-1).equals(image.field("f0")));
        accused(7, good + "}", bad + "}", "sum");

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts().toString())
                .contains("11 changed fields could be the damaged ones; at most 10 are tried");
    }

    @Test
    void a_move_is_put_back_only_where_the_damage_has_made_it() {
        versioned();
        scene.rules.put(
                "state_kept",
                new RuleFacts(
                        "state_kept",
                        "hash",
                        Scene.ORDERS,
                        RuleFacts.Accuses.VALUES,
                        RuleFacts.Scope.LOCAL,
                        paths("state"),
                        Set.of(),
                        true,
                        ""));
        scene.meanings.put(
                "state_kept",
                pair -> pair.before() == null
                        || pair.record() == null
                        || Objects.equals(
                                pair.before().field("state"), pair.record().field("state")));
        accused(1, "{'id':1,'state':'S','v':1}", "{'id':1,'state':'X','v':2}", "state_kept");
        accused(2, "{'id':2,'state':'S','v':1}", "{'id':2,'state':'Y','v':4}", "state_kept");
        for (int id = 3; id <= 7; id++) {
            accused(
                    id,
                    "{'id':%d,'state':'S','v':1}".formatted(id),
                    "{'id':%d,'state':'N','v':4}".formatted(id),
                    "state_kept");
        }

        Plan plan = scene.plan(orders);

        assertThat(plan.steps())
                .as("one that nothing else can have written, and five that are stamped")
                .extracting(Step::key)
                .containsExactly(key(1), key(3), key(4), key(5), key(6), key(7));
        assertThat(plan.conflicts()).extracting(Conflict::key).containsExactly(key(2));
    }

    @Test
    void an_element_that_no_finding_names_stays() {
        scene.policy = scene.policy.comparing(World.COMPARISON);
        scene.alone(
                "amounts_positive",
                "lines[].amount",
                image -> !String.valueOf(image.field("lines")).contains("-"));
        accused(
                7,
                "{'id':7,'lines':[{'no':1,'amount':1},{'no':2,'amount':2}]}",
                "{'id':7,'lines':[{'no':1,'amount':-1},{'no':2,'amount':5}]}",
                "amounts_positive");
        scene.candidates.replaceAll(one -> new Candidate(
                one.dataset(),
                one.key(),
                List.of(new Candidate.Accusation("amounts_positive", FieldPath.valueOf("lines[no=1]"))),
                one.named(),
                one.history(),
                one.live()));

        Plan plan = scene.plan(orders);

        assertThat(plan.steps().get(0).paths()).extracting(FieldPath::toString).containsExactly("lines[no=1].amount");
        assertThat(plan.unattributed()).extracting(one -> one.path().toString()).containsExactly("lines[no=2].amount");
    }

    @Test
    void of_more_elements_than_can_be_tried_none_is_and_that_is_told_once() {
        scene.policy = scene.policy.comparing(World.COMPARISON);
        scene.alone(
                "amounts_positive",
                "lines[].amount",
                image -> !String.valueOf(image.field("lines")).contains("-"));
        scene.declared(
                "sum",
                paths("lines[].amount"),
                image -> !String.valueOf(image.field("lines")).contains("-"));
        String lines = IntStream.rangeClosed(1, 11)
                .mapToObj(no -> "{'no':%d,'amount':SIGN%d}".formatted(no, no))
                .collect(Collectors.joining(",", "{'id':7,'lines':[", "]}"));
        accused(7, lines.replace("SIGN", ""), lines.replace("SIGN", "-"), "amounts_positive");
        scene.candidates.replaceAll(one -> new Candidate(
                one.dataset(),
                one.key(),
                List.of(Candidate.Accusation.of("amounts_positive"), Candidate.Accusation.of("sum")),
                one.named(),
                one.history(),
                one.live()));

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.conflicts())
                .singleElement()
                .satisfies(conflict -> assertThat(conflict.explanation())
                        .isEqualTo("11 changed fields could be the damaged ones; at most 10 are tried"));
    }

    @Test
    void a_rule_about_absence_says_nothing_about_the_fields_of_a_record_that_is_there() {
        scene.rules.put(
                "children",
                new RuleFacts(
                        "children",
                        "hash",
                        Scene.ORDERS,
                        RuleFacts.Accuses.ABSENCE,
                        RuleFacts.Scope.RELATIONAL,
                        paths("total"),
                        Set.of(),
                        false,
                        ""));
        accused(7, "{'id':7,'total':1}", "{'id':7,'total':-1}", "children");

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.unattributed()).hasSize(1);
    }

    private void adds() {
        scene.declared("adds", paths("total", "qty"), image -> {
            Value total = image.field("total");
            return total != null && total.equals(image.field("qty"));
        });
    }

    @Test
    void the_one_declared_field_that_changed_is_put_back_only_if_nothing_else_was_written() {
        versioned();
        adds();
        accused(1, "{'id':1,'total':3,'qty':3,'v':1}", "{'id':1,'total':5,'qty':3,'v':2}", "adds");
        accused(2, "{'id':2,'total':3,'qty':3,'v':1}", "{'id':2,'total':5,'qty':3,'v':4}", "adds");

        Plan plan = scene.plan(orders);

        assertThat(plan.steps()).extracting(Step::key).containsExactly(key(1));
        assertThat(plan.conflicts()).extracting(Conflict::type).containsExactly(Conflict.Type.UNSAFE_MERGE);
    }

    @Test
    void a_field_that_one_rule_accuses_by_itself_is_not_chosen_again_for_another() {
        versioned();
        scene.alone("total_positive", "total", DamagedFieldsTest::isPositive);
        adds();
        Image bad = image("{'id':1,'total':-5,'qty':6,'v':2}");
        orders.put(key(1), bad);
        scene.accused(1, image("{'id':1,'total':3,'qty':3,'v':1}"), bad, orders, "total_positive", "adds");

        assertThat(scene.plan(orders).steps())
                .singleElement()
                .satisfies(
                        step -> assertThat(step.paths()).containsExactly(FieldPath.of("qty"), FieldPath.of("total")));
    }
}
