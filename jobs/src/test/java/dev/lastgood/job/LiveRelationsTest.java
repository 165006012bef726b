package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Relations;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** References and uniqueness over live with writes laid over it. */
@ExtendWith(SparkForTests.class)
class LiveRelationsTest {
    private static final String DATASETS = """
        customers: {source: here, path: customers.csv, format: csv, key: [id], schema: {id: int}}
        orders: {source: here, path: orders.csv, format: csv, key: [id], schema: {customer: int, number: int}}
        """;

    private static final String RULES = """
        - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
        - {id: group, dataset: orders, reference: {fields: [code], to: customers, key: [code]}}
        - {id: number, dataset: orders, unique: [number]}
        """;

    private static LiveRelations relations;

    @BeforeAll
    static void live(SparkSession session, @TempDir Path folder) {
        Workplace workplace = WorkspaceForTests.in(folder, DATASETS)
                .rules(RULES)
                .file("customers.csv", "id,code", "1,A", "2,B", "3,B", "4,D")
                .file("orders.csv", "id,customer,code,number", "a,1,A,10", "b,2,B,20", "c,,,", "d,4,D,40", "e,9,Z,50")
                .workplace();
        Map<String, Frame> live = new LinkedHashMap<>();
        workplace
                .datasets(List.of())
                .forEach(dataset -> live.put(dataset.name(), workplace.sources().live(dataset)));
        relations = new LiveRelations(workplace, live);
    }

    /** A customer as {@code 1,A}, an order as {@code a,1,A,10}; an empty cell is null, and no text no record. */
    private static Relations.Laid write(@Nullable String live, @Nullable String desired) {
        String cells = desired == null ? String.valueOf(live) : desired;
        boolean order = cells.split(",", -1).length == 4;
        String id = cells.split(",", -1)[0];
        return new Relations.Laid(
                order ? "orders" : "customers",
                Key.of("id", order ? Value.of(id) : Value.number(id)),
                image(live, order),
                image(desired, order));
    }

    private static @Nullable Image image(@Nullable String cells, boolean order) {
        if (cells == null) {
            return null;
        }
        List<String> names = order ? List.of("id", "customer", "code", "number") : List.of("id", "code");
        Map<String, Value> fields = new LinkedHashMap<>();
        String[] values = cells.split(",", -1);
        for (int i = 0; i < values.length; i++) {
            fields.put(names.get(i), values[i].isEmpty() ? Value.NULL : Value.of(values[i]));
        }
        return Image.of(fields);
    }

    private static List<String> breaches(Relations.Laid... writes) {
        return relations.breaches(Arrays.asList(writes)).stream()
                .map(breach -> breach.type() + " " + JsonValues.write(JsonValues.json(breach.key())) + " "
                        + breach.explanation()
                        + (breach.parent() == null
                                ? ""
                                : " "
                                        + JsonValues.write(
                                                JsonValues.json(breach.parent().key()))))
                .sorted()
                .toList();
    }

    private static final String CLASH = "UNIQUE_CLASH {\"id\":\"%s\"} rule 'number': another record has these values";
    private static final String ORPHAN =
            "MISSING_REFERENCE {\"id\":\"%s\"} rule 'parent': the record of 'customers' it names is not there {\"id\":%d}";
    private static final String LEFT = "MISSING_REFERENCE {\"id\":%d} rule '%s': records of 'orders' still name it";

    // ---- unique

    @Test
    void a_value_that_an_untouched_record_has_is_a_clash() {
        assertThat(breaches(write("a,1,A,10", "a,1,A,20"))).containsExactly(CLASH.formatted("a"));
        assertThat(breaches(write("a,1,A,10", "a,1,A,020")))
                .as("the same number")
                .hasSize(1);
    }

    @Test
    void of_two_writes_of_one_value_the_second_is_a_clash() {
        assertThat(breaches(write("a,1,A,10", "a,1,A,60"), write("b,2,B,20", "b,2,B,60")))
                .containsExactly(CLASH.formatted("b"));
    }

    @Test
    void a_value_that_another_write_frees_is_free() {
        assertThat(breaches(write("a,1,A,10", "a,1,A,20"), write("b,2,B,20", "b,2,B,60")))
                .isEmpty();
        assertThat(breaches(write("a,1,A,10", "a,1,A,20"), write("b,2,B,20", null)))
                .isEmpty();
        assertThat(breaches(write("a,1,A,10", "a,1,A,20"), write("b,2,B,20", "b,2,B,10")))
                .as("they change places")
                .isEmpty();
    }

    @Test
    void a_null_and_a_value_that_stays_clash_with_nothing() {
        assertThat(breaches(write("a,1,A,10", "a,1,A,"), write("b,2,B,20", "b,2,,20")))
                .isEmpty();
    }

    @Test
    void a_write_that_leaves_all_of_these_as_they_are_asks_live_for_nothing(@TempDir Path empty) {
        LiveRelations unasked = new LiveRelations(
                WorkspaceForTests.in(empty, DATASETS).rules(RULES).workplace());

        assertThat(unasked.breaches(List.of(write("a,1,A,10", "a,1,A,10"), write("4,D", "4,D"))))
                .isEmpty();
        assertThatThrownBy(() -> unasked.breaches(List.of(write("a,1,A,10", "a,2,A,10"))))
                .as("there is no live to ask")
                .isInstanceOf(SourceUnreadable.class);
    }

    // ---- reference

    @Test
    void a_write_that_names_a_parent_that_is_not_there_is_an_orphan() {
        assertThat(breaches(write("a,1,A,10", "a,7,A,10"))).containsExactly(ORPHAN.formatted("a", 7));
        assertThat(breaches(write(null, "f,7,A,60"))).containsExactly(ORPHAN.formatted("f", 7));
        assertThat(breaches(write("a,1,A,10", "a,2,A,10"), write(null, "f,,A,60")))
                .isEmpty();
        assertThat(breaches(write("e,9,Z,50", "e,9,Z,60")))
                .as("an orphan it was before")
                .isEmpty();
    }

    @Test
    void a_parent_that_is_inserted_with_it_is_there() {
        assertThat(breaches(write("a,1,A,10", "a,7,A,10"), write(null, "7,G"))).isEmpty();
    }

    @Test
    void a_parent_that_is_deleted_with_it_is_not() {
        assertThat(breaches(write("a,1,A,10", "a,3,A,10"), write("3,B", null)))
                .containsExactly(ORPHAN.formatted("a", 3));
    }

    @Test
    void a_deleted_parent_may_leave_no_child_behind() {
        assertThat(breaches(write("4,D", null)))
                .containsExactly(LEFT.formatted(4, "group"), LEFT.formatted(4, "parent"));
        assertThat(breaches(write("4,D", null), write("d,4,D,40", null))).isEmpty();
        assertThat(breaches(write("4,D", null), write("d,4,D,40", "d,1,A,40"))).isEmpty();
        assertThat(breaches(write("4,D", null), write("d,4,D,40", "d,4,A,40")))
                .containsExactly(LEFT.formatted(4, "parent"));
        assertThat(breaches(write("3,B", null))).as("another has the code").isEmpty();
    }

    @Test
    void a_parent_that_changes_what_it_is_named_by_may_leave_no_child_behind_either() {
        assertThat(breaches(write("4,D", "4,E"))).containsExactly(LEFT.formatted(4, "group"));
        assertThat(breaches(write("4,D", "4,E"), write("d,4,D,40", "d,4,E,40"))).isEmpty();
        assertThat(breaches(write("2,B", "2,E"))).as("another has the code").isEmpty();
        assertThat(breaches(write("4,D", "4,E"), write(null, "5,D"))).isEmpty();
    }
}
