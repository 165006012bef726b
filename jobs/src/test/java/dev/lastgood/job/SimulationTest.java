package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.audit.Auditor;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Relations;
import dev.lastgood.restore.Simulated;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All relations over live with writes laid over it. */
@ExtendWith(SparkForTests.class)
class SimulationTest {
    private static final String DATASETS = """
        orders: {source: here, path: orders.csv, format: csv, key: [id], schema: {id: int, total: int, start: int, end: int}}
        lines: {source: here, path: lines.csv, format: csv, key: [id], schema: {order_id: int, amount: int}}
        """;

    private static final String RULES = """
        - {id: sums, dataset: orders, reconcile: {by: [order_id], left: {key: [id], sum: total}, right: {dataset: lines, sum: amount}}}
        - {id: city, dataset: orders, depends: {from: [zip], to: [city]}}
        - id: overlap
          dataset: orders
          deny: {pair: [a, b], join: a.room = b.room, if: a.start < b.end and b.start < a.end}
        - id: open
          dataset: lines
          join: {o: {dataset: orders, on: order_id = o.id}}
          assert: o.state <> 'closed'
        - {id: asked, dataset: orders, query: "SELECT order_id AS id FROM lines WHERE amount < 0"}
        - {id: turnover, dataset: orders, metric: sum(total), max: 50, vs_baseline: {min_ratio: 0.9}}
        - {id: moved, dataset: orders, explained: {delta: total, by: {dataset: lines, on: lines.order_id = id, sum: amount}}}
        """;

    private static Workplace workplace;
    private static Map<String, Frame> live;

    @BeforeAll
    static void live(SparkSession session, @TempDir Path folder) {
        workplace = WorkspaceForTests.in(folder, DATASETS)
                .rules(RULES)
                .file(
                        "orders.csv",
                        "id,total,zip,city,room,start,end,state",
                        "1,30,A,Bern,r,0,5,open",
                        "2,7,A,Bern,r,5,9,open",
                        "3,9,B,Rome,s,0,5,open",
                        "4,0,C,Oslo,s,5,9,closed")
                .file("lines.csv", "id,order_id,amount", "a,1,10", "b,1,20", "c,2,7", "d,3,8")
                .workplace();
        live = new LinkedHashMap<>();
        workplace
                .datasets(List.of())
                .forEach(dataset -> live.put(dataset.name(), workplace.sources().live(dataset)));
    }

    /** An order has eight cells, a line three; no text is no record. */
    private static Relations.Laid write(@Nullable String before, @Nullable String after) {
        String cells = after == null ? String.valueOf(before) : after;
        boolean order = cells.split(",", -1).length == 8;
        String id = cells.split(",", -1)[0];
        return new Relations.Laid(
                order ? "orders" : "lines",
                Key.of("id", order ? Value.number(id) : Value.of(id)),
                image(before, order),
                image(after, order));
    }

    private static @Nullable Image image(@Nullable String cells, boolean order) {
        if (cells == null) {
            return null;
        }
        List<String> names = order
                ? List.of("id", "total", "zip", "city", "room", "start", "end", "state")
                : List.of("id", "order_id", "amount");
        Map<String, Value> fields = new LinkedHashMap<>();
        String[] values = cells.split(",", -1);
        for (int i = 0; i < values.length; i++) {
            fields.put(names.get(i), values[i].isEmpty() ? Value.NULL : Value.of(values[i]));
        }
        return Image.of(fields);
    }

    private static List<String> breaches(Relations.Laid... writes) {
        return breaches(simulation(), writes);
    }

    private static List<String> breaches(Simulation simulation, Relations.Laid... writes) {
        return simulation.breaches(Arrays.asList(writes)).stream()
                .map(breach -> breach.type() + " " + breach.dataset() + " "
                        + JsonValues.write(JsonValues.json(breach.key())) + " " + breach.explanation())
                .sorted()
                .toList();
    }

    private static Simulation simulation() {
        return simulation(Map.of());
    }

    private static Simulation simulation(Map<String, Frame> baseline) {
        Map<String, Supplier<Frame>> openers = new LinkedHashMap<>();
        baseline.forEach((name, frame) -> openers.put(name, () -> frame));
        return simulation(openers, Set.of());
    }

    private static Simulation simulation(Map<String, Supplier<Frame>> baseline, Set<String> gone) {
        return new Simulation(
                workplace, live, Relations.NONE, new Simulation.Then(baseline, gone, Auditor.History.NONE));
    }

    private static final String ITSELF =
            "UNSAFE_MERGE %s {\"id\":%s} rule '%s': this would break it, with all of the plan laid over live";
    private static final String OTHERS =
            "UNSAFE_MERGE %s {\"id\":%s} rule '%s': records of '%s' that are not written would break it";

    @Test
    void a_line_whose_order_keeps_its_total_is_stopped_by_the_sum() {
        assertThat(breaches(write("a,1,10", "a,1,11"), write("d,3,8", "d,3,9")))
                .as("the second makes a sum right that was not")
                .containsExactly(OTHERS.formatted("lines", "\"a\"", "sums", "orders"));
    }

    @Test
    void both_sides_of_a_sum_may_be_written_together() {
        assertThat(breaches(write("a,1,10", "a,1,11"), write("1,30,A,Bern,r,0,5,open", "1,31,A,Bern,r,0,5,open")))
                .isEmpty();
    }

    @Test
    void a_record_that_would_disagree_with_others_is_stopped_and_they_are_not() {
        assertThat(breaches(write("2,7,A,Bern,r,5,9,open", "2,7,A,Basel,r,5,9,open")))
                .containsExactly(ITSELF.formatted("orders", "2", "city"));
        assertThat(breaches(
                        write("1,30,A,Bern,r,0,5,open", "1,30,A,Basel,r,0,5,open"),
                        write("2,7,A,Bern,r,5,9,open", "2,7,A,Basel,r,5,9,open")))
                .isEmpty();
    }

    @Test
    void pairs_that_must_not_be_are_found_with_records_that_are_not_written() {
        assertThat(breaches(write("2,7,A,Bern,r,5,9,open", "2,7,A,Bern,r,4,9,open")))
                .containsExactly(ITSELF.formatted("orders", "2", "overlap"));
    }

    @Test
    void a_record_on_the_other_side_of_a_join_is_stopped() {
        assertThat(breaches(write("3,9,B,Rome,s,0,5,open", "3,9,B,Rome,s,0,5,closed")))
                .containsExactly(OTHERS.formatted("orders", "3", "open", "lines"));
    }

    @Test
    void queries_are_asked_too_and_what_cannot_be_told_apart_is_stopped_as_a_whole() {
        assertThat(breaches(write("d,3,8", "d,3,-9"), write(null, "e,4,0")))
                .contains(OTHERS.formatted("lines", "\"d\"", "asked", "orders"));
    }

    @Test
    void what_was_broken_before_stops_nothing_and_is_counted() {
        Simulation simulation = simulation();
        List<Relations.Laid> writes = List.of(write("d,3,8", "d,3,7"));
        assertThat(simulation.breaches(writes)).isEmpty();
        assertThat(simulation.simulated(writes))
                .containsExactlyInAnyOrder(
                        new Simulated("sums", Simulated.Over.LIVE, 1, 1),
                        new Simulated("asked", Simulated.Over.LIVE, 0, 0),
                        new Simulated("moved", Simulated.Over.LIVE, 0, 0, "there is no baseline to compare with"));
    }

    @Test
    void a_number_that_would_leave_its_bounds_stops_all_that_it_counts() {
        Relations.Laid order = write("2,7,A,Bern,r,5,9,open", "2,12,A,Bern,r,5,9,open");
        assertThat(breaches(order, write("c,2,7", "c,2,12")))
                .containsExactly(ITSELF.formatted("orders", "2", "turnover"));
        Simulation simulation = simulation();
        Relations.Laid less = write("2,7,A,Bern,r,5,9,open", "2,6,A,Bern,r,5,9,open");
        assertThat(simulation.simulated(List.of(less, write("c,2,7", "c,2,6"))))
                .as("only one of its bounds was looked at")
                .contains(new Simulated(
                        "turnover", Simulated.Over.LIVE, 0, 0, "there is no baseline to compare it with"));
        assertThat(simulation(live).broken(List.of(write("1,30,A,Bern,r,0,5,open", "1,24,A,Bern,r,0,5,open"))))
                .as("less than nine tenths of the baseline, whose change nothing explains, and a sum that is none")
                .containsExactlyInAnyOrder(
                        new Relations.Broken("turnover", 1),
                        new Relations.Broken("moved", 1),
                        new Relations.Broken("sums", 1));
    }

    @Test
    void a_number_that_was_out_of_one_bound_may_not_leave_another() {
        assertThat(simulation(live).broken(List.of(write("1,10,A,Bern,r,0,5,open", "1,60,A,Bern,r,0,5,open"))))
                .as("26 is less than nine tenths of 46, and 76 is more than 50")
                .contains(new Relations.Broken("turnover", 1));
    }

    @Test
    void a_change_that_nothing_explains_stops_the_write_and_one_that_is_explained_does_not() {
        Relations.Laid order = write("2,7,A,Bern,r,5,9,open", "2,8,A,Bern,r,5,9,open");
        assertThat(breaches(simulation(live), order, write("c,2,7", "c,2,8"))).isEmpty();
        assertThat(breaches(simulation(live), order, write("d,3,8", "d,3,9")))
                .contains(ITSELF.formatted("orders", "2", "moved"));
        assertThat(simulation().simulated(List.of(order)))
                .as("without a baseline there is nothing to explain, and that is no pass")
                .contains(new Simulated("moved", Simulated.Over.LIVE, 0, 0, "there is no baseline to compare with"));
        assertThat(simulation().broken(List.of(order)))
                .extracting(Relations.Broken::rule)
                .doesNotContain("moved");
    }

    @Test
    void a_baseline_that_is_gone_stops_what_the_rules_that_compare_with_it_count() {
        Relations.Laid order = write("2,7,A,Bern,r,5,9,open", "2,8,A,Bern,r,5,9,open");
        List<Relations.Laid> writes = List.of(order, write("c,2,7", "c,2,8"));
        String gone =
                "UNSAFE_MERGE orders {\"id\":2} rule '%s': the baseline of 'orders' that its audit compared with is"
                        + " gone, so nothing says that this would not break it";
        Map<String, Supplier<Frame>> lines = Map.of("lines", () -> live.get("lines"));
        Simulation simulation = simulation(lines, Set.of("orders"));

        assertThat(breaches(simulation, writes.toArray(Relations.Laid[]::new)))
                .contains(gone.formatted("turnover"))
                .hasSize(2);
        assertThat(simulation.simulated(writes)).extracting(Simulated::rule).doesNotContain("turnover", "moved");
        assertThatThrownBy(() -> simulation.broken(writes))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("rule 'turnover' cannot be asked of live: the baseline of 'orders' that its audit compared"
                        + " with is gone");
    }

    @Test
    void a_baseline_is_read_when_a_rule_needs_it() {
        Supplier<Frame> damaged = () -> {
            throw new IllegalStateException("it is damaged");
        };
        Simulation simulation = simulation(Map.of("orders", damaged, "lines", damaged), Set.of());
        assertThat(breaches(simulation, write("3,9,B,Rome,s,0,5,open", "3,9,B,Bari,s,0,5,open")))
                .isEmpty();
        assertThat(simulation.compared()).isEmpty();

        Simulation comparing = simulation(live);
        comparing.broken(List.of(write("2,7,A,Bern,r,5,9,open", "2,8,A,Bern,r,5,9,open")));
        assertThat(comparing.compared()).containsExactlyInAnyOrder("orders", "lines");
    }

    @Test
    void live_that_cannot_be_read_stops_no_step_and_ends_the_planning(@TempDir Path folder) throws IOException {
        Workplace gone = WorkspaceForTests.in(folder, DATASETS)
                .rules(RULES)
                .file("orders.csv", "id,total,zip,city,room,start,end,state", "1,30,A,Bern,r,0,5,open")
                .file("lines.csv", "id,order_id,amount", "a,1,30")
                .workplace();
        Map<String, Frame> read = new LinkedHashMap<>();
        gone.datasets(List.of())
                .forEach(dataset -> read.put(dataset.name(), gone.sources().live(dataset)));
        Simulation simulation = new Simulation(gone, read, Relations.NONE, Simulation.Then.UNKNOWN);
        Files.delete(folder.resolve("data/lines.csv"));
        List<Relations.Laid> writes = List.of(write("1,30,A,Bern,r,0,5,open", "1,31,A,Bern,r,0,5,open"));

        assertThatThrownBy(() -> simulation.breaches(writes))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessageContaining("'sums'")
                .hasMessageContaining("could not be asked of live with the plan laid over it")
                .hasMessageContaining("lines.csv");
        assertThatThrownBy(() -> simulation.broken(writes)).isInstanceOf(SourceUnreadable.class);
    }

    @Test
    void relations_that_read_nothing_of_what_is_written_are_not_asked() {
        List<Relations.Laid> writes = List.of(write("1,30,A,Bern,r,0,5,open", "1,30,A,Bern,t,0,5,open"));
        assertThat(simulation().simulated(writes)).extracting(Simulated::rule).doesNotContain("sums", "city");
    }
}
