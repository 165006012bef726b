package dev.lastgood.restore;

import static dev.lastgood.restore.Scene.image;
import static dev.lastgood.restore.Scene.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** In which order a plan writes. Records of one {@code deal} are a group, {@code to} is what a record refers to. */
final class PlanOrderTest {
    private final List<Candidate> candidates = new ArrayList<>();
    private final List<Planner.Reference> references = new ArrayList<>();
    private final Map<String, String> stores = new HashMap<>();

    private void refers(String dataset, String parent) {
        references.add(new Planner.Reference(dataset, List.of(FieldPath.of("to")), parent));
    }

    private static Image record(int id, @Nullable String deal, @Nullable Integer to) {
        Image record = image("{'id':%d,'total':1}".formatted(id));
        record = deal == null ? record : record.with("deal", Value.of(deal));
        return to == null ? record : record.with("to", Value.of(to));
    }

    private void candidate(String dataset, int id, @Nullable Image good, @Nullable Image bad) {
        candidates.add(new Candidate(
                dataset,
                key(id),
                List.of(),
                Candidate.Named.WHOLE_OR_GONE,
                History.of(
                        new History.Good(good, "20261121T020000Z-7f3a", Scene.NOON.minusSeconds(60)),
                        bad,
                        History.Origin.OBSERVED),
                new Seen(bad, "t")));
    }

    private void update(String dataset, int id, @Nullable String deal, @Nullable Integer to) {
        Image good = record(id, deal, to);
        candidate(dataset, id, good, good.with("total", Value.of(-1)));
    }

    private void delete(String dataset, int id, @Nullable String deal, @Nullable Integer to) {
        candidate(dataset, id, null, record(id, deal, to));
    }

    private Planner.Dataset dataset(String name) {
        Policy plain = Policy.plain(name);
        Policy policy = new Policy(
                name,
                plain.comparison(),
                null,
                List.of(),
                List.of(),
                null,
                List.of(),
                Map.of("deal", FieldPath.of("deal")),
                plain.write(),
                List.of(),
                plain.limits());
        return new Planner.Dataset(
                policy,
                "memory",
                "",
                List.of(),
                OptionalLong.empty(),
                Objects.requireNonNullElse(stores.get(name), ""));
    }

    private Plan plan() {
        Map<String, Planner.Dataset> datasets = new HashMap<>();
        candidates.forEach(one -> datasets.put(one.dataset(), dataset(one.dataset())));
        return new Planner(Judge.NONE)
                .plan(new Planner.Request(
                        "shop",
                        "ada",
                        Scene.NOON,
                        Duration.ofHours(24),
                        Mode.BLOCK,
                        candidates,
                        List.of(),
                        Map.of(),
                        datasets,
                        references));
    }

    private List<String> order() {
        return plan().steps().stream()
                .map(step -> "%s%s %s".formatted(step.action() == Action.DELETE ? "-" : "", step.dataset(), step.key()))
                .toList();
    }

    @Test
    void datasets_are_written_after_those_they_refer_to_and_deleted_from_before_them() {
        refers("accounts", "branches");
        refers("agents", "branches");
        refers("branches", "cities");
        refers("branches", "branches");
        for (String dataset : List.of("accounts", "agents", "branches", "cities")) {
            update(dataset, 1, null, null);
            delete(dataset, 2, null, null);
        }

        assertThat(order())
                .containsExactly(
                        "cities id 1",
                        "branches id 1",
                        "accounts id 1",
                        "agents id 1",
                        "-agents id 2",
                        "-accounts id 2",
                        "-branches id 2",
                        "-cities id 2");
    }

    @Test
    void datasets_that_refer_to_each_other_are_in_some_order_that_is_always_the_same() {
        refers("a", "b");
        refers("b", "a");
        update("a", 1, null, null);
        update("b", 1, null, null);

        List<String> first = order();

        assertThat(first).containsExactlyInAnyOrder("a id 1", "b id 1");
        references.add(references.remove(0));
        assertThat(order()).isEqualTo(first);
    }

    @Test
    void the_records_of_a_group_stand_where_its_first_one_does() {
        update("orders", 1, "x", null);
        update("orders", 2, "y", null);
        update("orders", 3, "x", null);
        update("orders", 4, null, null);
        update("orders", 5, "y", null);

        assertThat(order()).containsExactly("orders id 1", "orders id 3", "orders id 2", "orders id 5", "orders id 4");
    }

    /** Two orders with two lines each. */
    private void deals() {
        refers("lines", "orders");
        for (int id = 1; id <= 2; id++) {
            update("orders", id, "d" + id, null);
            update("lines", 10 + id, "d" + id, id);
            update("lines", 20 + id, "d" + id, id);
        }
    }

    @Test
    void a_group_of_one_store_stands_together_over_its_datasets() {
        stores.put("orders", "shop");
        stores.put("lines", "shop");
        deals();

        assertThat(order())
                .containsExactly(
                        "orders id 1", "lines id 11", "lines id 21", "orders id 2", "lines id 12", "lines id 22");
    }

    @Test
    void over_several_stores_or_without_transactions_every_dataset_stands_by_itself() {
        deals();
        List<String> apart =
                List.of("orders id 1", "orders id 2", "lines id 11", "lines id 21", "lines id 12", "lines id 22");
        assertThat(order()).isEqualTo(apart);

        stores.put("orders", "shop");
        stores.put("lines", "archive");
        assertThat(order()).isEqualTo(apart);
    }

    @Test
    void a_group_comes_after_the_parents_that_its_records_are_to_name() {
        stores.put("orders", "shop");
        stores.put("lines", "shop");
        refers("lines", "orders");
        update("orders", 1, "x", null);
        update("lines", 11, "x", 9);
        candidate("orders", 9, record(9, "y", null), null);

        assertThat(order()).containsExactly("orders id 9", "orders id 1", "lines id 11");
    }

    @Test
    void a_group_comes_after_the_children_that_name_what_it_deletes() {
        stores.put("orders", "shop");
        stores.put("lines", "shop");
        refers("lines", "orders");
        update("orders", 5, "x", null);
        delete("orders", 1, "x", null);
        candidate("lines", 7, record(7, "y", 6), record(7, "y", 1));

        assertThat(order()).containsExactly("lines id 7", "orders id 5", "-orders id 1");
    }

    @Test
    void groups_that_need_each_other_are_in_pieces_and_no_other_is() {
        stores.put("orders", "shop");
        stores.put("lines", "shop");
        refers("lines", "orders");
        update("orders", 1, "x", null);
        update("orders", 2, "y", null);
        update("orders", 3, "z", null);
        update("lines", 11, "y", 1);
        update("lines", 12, "x", 2);
        update("lines", 13, "z", 3);

        assertThat(order())
                .containsExactly(
                        "orders id 1", "orders id 2", "orders id 3", "lines id 13", "lines id 11", "lines id 12");
        assertThat(plan().groupsInPieces(dataset -> "shop"))
                .hasToString("{deal=x=[lines, orders], deal=y=[lines, orders]}");
    }

    @Test
    void records_in_a_circle_and_in_no_group_leave_other_groups_whole() {
        stores.put("nodes", "shop");
        stores.put("lines", "shop");
        refers("nodes", "nodes");
        update("nodes", 1, null, 2);
        update("nodes", 2, null, 1);
        update("nodes", 3, "x", null);
        update("nodes", 4, "y", null);
        update("lines", 9, "x", null);
        update("nodes", 5, null, null);

        assertThat(plan().groupsInPieces(dataset -> "shop")).isEmpty();
        assertThat(order())
                .containsExactly("lines id 9", "nodes id 3", "nodes id 1", "nodes id 2", "nodes id 4", "nodes id 5");
    }

    @Test
    void a_group_larger_than_a_transaction_may_be_is_refused_by_its_name_and_only_where_there_are_transactions() {
        for (int id = 0; id < Batches.MOST_OF_GROUP; id++) {
            update("orders", id, "x", null);
        }
        stores.put("orders", "shop");
        assertThat(plan().steps()).hasSize(Batches.MOST_OF_GROUP);

        update("orders", Batches.MOST_OF_GROUP, "x", null);
        assertThatThrownBy(this::plan)
                .isInstanceOf(Refusal.class)
                .hasMessage(
                        "a group is written in one transaction, of at most 1000 records, and there is deal=x of 1001"
                                + " records; no plan was made");
        stores.clear();
        assertThat(plan().steps()).hasSize(Batches.MOST_OF_GROUP + 1);
    }
}
