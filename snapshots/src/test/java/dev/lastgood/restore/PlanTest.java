package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.target.InMemoryTarget;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which groups one transaction can hold. */
final class PlanTest {
    private static Step step(int number, String dataset, String group) {
        Image good = image("{'id':%d,'total':1}".formatted(number));
        Image bad = image("{'id':%d,'total':-1}".formatted(number));
        return new Step(
                number,
                dataset,
                key(number),
                Action.UPDATE,
                List.of(new FieldChange(FieldPath.of("total"), Value.of(-1), Value.of(1))),
                good,
                bad,
                List.of("rule"),
                "20261121T020000Z-7f3a",
                Scene.NOON,
                Proof.AS_OF,
                History.Origin.OBSERVED,
                "",
                "",
                Step.Evidence.NOT_NEEDED,
                group);
    }

    private static String inPieces(UnaryOperator<String> storeOf, List<Step> steps) {
        Plan empty = new Scene().plan(new InMemoryTarget("orders"));
        return new Plan(
                        empty.header(),
                        steps,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        0,
                        0,
                        List.of())
                .groupsInPieces(storeOf)
                .toString();
    }

    @Test
    void a_group_that_one_transaction_holds_is_in_one_piece() {
        assertThat(inPieces(
                        dataset -> "shop",
                        List.of(
                                step(1, "lines", "a"),
                                step(2, "orders", "a"),
                                step(3, "orders", "b"),
                                step(4, "x", ""))))
                .isEqualTo("{}");
        assertThat(inPieces(dataset -> "", List.of(step(1, "orders", "a"), step(2, "orders", "b"))))
                .as("of one record, wherever it is")
                .isEqualTo("{}");
        assertThat(inPieces(dataset -> "", List.of(step(1, "orders", ""), step(2, "orders", ""))))
                .as("what is in no group is in no pieces")
                .isEqualTo("{}");
    }

    @Test
    void a_group_that_no_transaction_can_hold_is_named_with_its_datasets() {
        assertThat(inPieces(
                        dataset -> "shop",
                        List.of(step(1, "lines", "a"), step(2, "orders", "b"), step(3, "orders", "a"))))
                .as("another's step lies between")
                .isEqualTo("{a=[lines, orders]}");
        assertThat(inPieces(dataset -> dataset, List.of(step(1, "lines", "a"), step(2, "orders", "a"))))
                .as("two stores")
                .isEqualTo("{a=[lines, orders]}");
        assertThat(inPieces(dataset -> "", List.of(step(1, "orders", "a"), step(2, "orders", "a"))))
                .as("a store without transactions")
                .isEqualTo("{a=[orders]}");
        List<Step> many = IntStream.rangeClosed(1, Batches.MOST_OF_GROUP + 1)
                .mapToObj(number -> step(number, "orders", "a"))
                .toList();
        assertThat(inPieces(dataset -> "shop", many)).isEqualTo("{a=[orders]}");
        assertThat(inPieces(dataset -> "shop", many.subList(1, many.size()))).isEqualTo("{}");
    }

    @Test
    void neighbours_of_a_group_are_together_within_one_store_only() {
        List<Step> steps = List.of(step(1, "lines", "a"), step(2, "orders", "a"));

        assertThat(Batches.byGroup(steps, dataset -> "shop")).containsExactly(steps);
        for (Map<String, String> stores :
                List.of(Map.of("lines", "", "orders", ""), Map.of("lines", "shop", "orders", "other"))) {
            assertThat(Batches.byGroup(steps, dataset -> stores.getOrDefault(dataset, "")))
                    .as("%s", stores)
                    .containsExactly(steps.subList(0, 1), steps.subList(1, 2));
        }
    }

    private static String batches(int most, UnaryOperator<String> storeOf, List<Step> steps) {
        return Batches.toWrite(steps, most, storeOf).stream()
                .map(batch -> batch.stream().map(Step::number).toList().toString())
                .collect(Collectors.joining());
    }

    @Test
    void whole_groups_of_one_store_share_a_batch_and_what_is_in_no_group_waits_for_no_other_dataset() {
        List<Step> groups =
                List.of(step(1, "orders", "a"), step(2, "lines", "a"), step(3, "orders", "b"), step(4, "lines", "b"));
        assertThat(batches(9, dataset -> "shop", groups)).isEqualTo("[1, 2, 3, 4]");
        assertThat(batches(4, dataset -> "shop", groups)).as("exactly full").isEqualTo("[1, 2, 3, 4]");
        assertThat(batches(3, dataset -> "shop", groups)).isEqualTo("[1, 2][3, 4]");
        assertThat(batches(9, dataset -> dataset, groups)).as("two stores").isEqualTo("[1][2][3][4]");
        assertThat(batches(9, dataset -> "", groups))
                .as("stores without transactions")
                .isEqualTo("[1][2][3][4]");

        assertThat(batches(9, dataset -> "shop", List.of(step(1, "orders", ""), step(2, "lines", ""))))
                .isEqualTo("[1][2]");
        assertThat(batches(
                        9,
                        dataset -> "shop",
                        List.of(step(1, "orders", "a"), step(2, "lines", "a"), step(3, "lines", ""))))
                .isEqualTo("[1, 2][3]");
        assertThat(batches(9, dataset -> "", List.of(step(1, "orders", "a"), step(2, "orders", ""))))
                .as("of one dataset anything goes together")
                .isEqualTo("[1, 2]");
    }

    @Test
    void a_group_is_cut_only_where_no_transaction_holds_it() {
        List<Step> group =
                List.of(step(1, "orders", ""), step(2, "orders", "a"), step(3, "orders", "a"), step(4, "orders", "a"));
        assertThat(batches(2, dataset -> "shop", group)).isEqualTo("[1][2, 3, 4]");
        assertThat(batches(2, dataset -> "", group)).isEqualTo("[1][2, 3][4]");

        List<Step> many = IntStream.rangeClosed(1, Batches.MOST_OF_GROUP + 1)
                .mapToObj(number -> step(number, "orders", "a"))
                .toList();
        assertThat(Batches.toWrite(many.subList(1, many.size()), 100, dataset -> "shop"))
                .as("as large as may be")
                .hasSize(1);
        assertThat(Batches.toWrite(many, 100, dataset -> "shop")).hasSize(11).allMatch(batch -> batch.size() <= 100);
    }

    @Test
    void a_step_says_which_it_is_and_nothing_of_its_values() {
        assertThat(step(3, "orders", "a")).hasToString("step 3 (orders, id 3)");
    }
}
