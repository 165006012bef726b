package dev.lastgood.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.JobsOf;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.Workplace;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** When records were last good, over real snapshots. Orders are {@code id,customer,number,total}. */
@ExtendWith(SparkForTests.class)
class PastsTest {
    private static final String DATASETS = """
        customers:
          source: here
          path: customers.csv
          format: csv
          key: [id]
          restore: {write: in_place}
        orders:
          source: here
          path: orders.csv
          format: csv
          key: [id]
          schema: {total: int}
          restore: {write: in_place}
        """;

    private static final String RULES = """
        - {id: customer, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
        - {id: number, dataset: orders, unique: [number]}
        - {id: total, dataset: orders, field: total, min: 0}
        - {id: growing, dataset: orders, increasing: total}
        - {id: stays, dataset: orders, no_delete: true}
        - {id: same-customer, dataset: orders, depends: {from: [number], to: [customer]}}
        - id: known
          dataset: orders
          query: "SELECT o.id FROM orders o LEFT ANTI JOIN customers c ON o.customer = c.id"
        - id: joined
          dataset: orders
          join: {c: {dataset: customers, on: "customer = c.id"}}
          assert: "c.id is not null"
        - id: alike
          dataset: orders
          deny: {pair: [a, b], join: "a.number = b.number", if: "a.id <> b.id"}
        """;

    @TempDir
    Path folder;

    private WorkspaceForTests bench() {
        return WorkspaceForTests.in(folder, DATASETS).rules(RULES).file("customers.csv", "id", "c1", "c2", "c3");
    }

    private static void orders(WorkspaceForTests bench, String... lines) {
        bench.file(
                "orders.csv",
                Stream.concat(Stream.of("id,customer,number,total"), Arrays.stream(lines))
                        .toArray(String[]::new));
    }

    private static Key key(String id) {
        return Key.of("id", Value.of(id));
    }

    private static Map<Key, Past> pasts(
            WorkspaceForTests bench, @Nullable String baseline, String rule, List<String> ids, boolean missing) {
        Map<Key, Pasts.Accused> accused = new LinkedHashMap<>();
        ids.forEach(id -> accused.put(key(id), new Pasts.Accused(Set.of(rule), missing)));
        return pasts(bench, baseline, accused);
    }

    private static Map<Key, Past> pasts(
            WorkspaceForTests bench, @Nullable String baseline, Map<Key, Pasts.Accused> accused) {
        Workplace workplace = bench.workplace();
        Map<String, Frame> live = new LinkedHashMap<>();
        workplace
                .datasets(List.of())
                .forEach(one -> live.put(one.name(), workplace.sources().live(one)));
        DatasetSpec orders = workplace.datasets(List.of("orders")).get(0);
        return new Pasts(
                        workplace.session(),
                        workplace.workspace(),
                        workplace.store(),
                        workplace.sources(),
                        workplace.catalog().state(),
                        workplace.clock().instant())
                .withImages(orders, live, baseline == null ? null : new SnapshotId(baseline), accused);
    }

    /** Of one order: {@code good c1@0, bad c9@1 [FLAPPING]}, each with the values named and the number of the snapshot. */
    private static String past(WorkspaceForTests bench, List<String> taken, String rule, String id) {
        return past(bench, taken, null, rule, id);
    }

    private static String past(
            WorkspaceForTests bench, List<String> taken, @Nullable String baseline, String rule, String id) {
        Past past = pasts(bench, baseline, rule, List.of(id), false).get(key(id));
        assertThat(past).isNotNull();
        return text(taken, past);
    }

    /** Of orders that are accused by one rule each. */
    private static Map<String, String> past(WorkspaceForTests bench, List<String> taken, Map<String, String> rules) {
        Map<Key, Pasts.Accused> accused = new LinkedHashMap<>();
        rules.forEach((id, rule) -> accused.put(key(id), new Pasts.Accused(Set.of(rule), false)));
        Map<String, String> pasts = new TreeMap<>();
        pasts(bench, null, accused).forEach((key, past) -> pasts.put(key.parts().get("id") + "", text(taken, past)));
        return pasts;
    }

    private static String text(List<String> taken, Past past) {
        return "good " + at(taken, past.good(), past.goodImage()) + ", bad "
                + at(taken, past.bad(), past.badImage()) + " "
                + past.marks().stream().sorted().toList();
    }

    private static String at(List<String> taken, Past.@Nullable At at, @Nullable Image image) {
        return at == null
                ? "none"
                : (image == null
                                ? "-"
                                : image.field("customer") + "/" + image.field("number") + "/" + image.field("total"))
                        + "@" + taken.indexOf(at.snapshot());
    }

    @Test
    void a_reference_broken_for_nights_was_last_good_before_the_first_of_them() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        for (String customerAndTotal : List.of("c1 1", "c1 5", "c9 5", "c9 6")) {
            String customer = customerAndTotal.substring(0, 2);
            String total = customerAndTotal.substring(3);
            List<String> lines = Stream.of("1", "2", "3")
                    .map(number -> "o%s,%s,n%s,%s".formatted(number, customer, number, total))
                    .toList();
            orders(bench, Stream.concat(lines.stream(), Stream.of("o4,c2,n4,2")).toArray(String[]::new));
            taken.add(bench.take());
        }

        assertThat(past(bench, taken, Map.of("o1", "customer", "o2", "known", "o3", "joined")))
                .containsOnly(
                        Map.entry("o1", "good c1/n1/5@1, bad c9/n1/5@2 []"),
                        Map.entry("o2", "good c1/n2/5@1, bad c9/n2/5@2 []"),
                        Map.entry("o3", "good c1/n3/5@1, bad c9/n3/5@2 []"));
    }

    @Test
    void records_alike_by_mistake_were_last_good_before_they_became_so() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        orders(bench, "o1,c1,n1,1", "o2,c2,n2,2", "o3,c1,n3,1", "o4,c2,n4,2", "o5,c1,n5,1", "o6,c2,n6,2", "o7,c3,n7,3");
        taken.add(bench.take());
        orders(bench, "o1,c1,n1,1", "o2,c2,n1,2", "o3,c1,n3,1", "o4,c2,n3,2", "o5,c1,n5,1", "o6,c2,n5,2", "o7,c3,n7,3");
        taken.add(bench.take());
        taken.add(bench.take());

        Map<String, String> rules = Map.of(
                "o1",
                "number",
                "o2",
                "number",
                "o3",
                "same-customer",
                "o4",
                "same-customer",
                "o5",
                "alike",
                "o6",
                "alike");
        assertThat(past(bench, taken, rules))
                .containsOnly(
                        Map.entry("o1", "good c1/n1/1@0, bad c1/n1/1@1 []"),
                        Map.entry("o2", "good c2/n2/2@0, bad c2/n1/2@1 []"),
                        Map.entry("o3", "good c1/n3/1@0, bad c1/n3/1@1 []"),
                        Map.entry("o4", "good c2/n4/2@0, bad c2/n3/2@1 []"),
                        Map.entry("o5", "good c1/n5/1@0, bad c1/n5/1@1 []"),
                        Map.entry("o6", "good c2/n6/2@0, bad c2/n5/2@1 []"));
    }

    @Test
    void damage_that_came_twice_counts_from_its_last_onset() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        for (String customer : List.of("c1", "c9", "c2", "c8")) {
            orders(bench, "o1," + customer + ",n1,1");
            taken.add(bench.take());
        }

        assertThat(past(bench, taken, "customer", "o1")).isEqualTo("good c2/n1/1@2, bad c8/n1/1@3 [FLAPPING]");
    }

    @Test
    void what_is_bad_in_all_captures_or_newer_than_all_is_unrecoverable() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        orders(bench, "o1,c9,n1,1");
        taken.add(bench.take());
        taken.add(bench.take());

        assertThat(past(bench, taken, "customer", "o1")).isEqualTo("good none, bad c9/n1/1@0 [UNRECOVERABLE]");
        assertThat(past(bench, taken, "customer", "o2")).isEqualTo("good none, bad none [UNRECOVERABLE]");
        assertThat(past(bench, taken, "no-such-rule", "o1")).isEqualTo("good none, bad c9/n1/1@0 [UNRECOVERABLE]");
    }

    @Test
    void an_order_that_is_gone_was_last_good_while_it_was_there() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        orders(bench, "o1,c1,n1,1", "o2,c2,n2,2");
        taken.add(bench.take());
        orders(bench, "o2,c2,n2,2");
        // More than are read at first take a verification too long.
        for (int night = 0; night < (Boolean.getBoolean("lastgood.full") ? 9 : 2); night++) {
            taken.add(bench.take());
        }

        Past past = pasts(bench, taken.get(0), "stays", List.of("o1"), true).get(key("o1"));

        assertThat(past).isNotNull();
        assertThat(at(taken, past.good(), past.goodImage())).isEqualTo("c1/n1/1@0");
        assertThat(at(taken, past.bad(), past.badImage())).isEqualTo("-@1");
    }

    @Test
    void a_capture_with_two_records_of_the_key_is_not_good() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        orders(bench, "o1,c1,n1,1");
        taken.add(bench.take());
        taken.add(bench.take());
        orders(bench, "o1,c1,n1,1", "o1,c1,n1,2");
        taken.add(bench.take());

        assertThat(past(bench, taken, "total", "o1"))
                .startsWith("good c1/n1/1@1, bad")
                .endsWith("@2 [DUPLICATE_KEY]");
    }

    @Test
    void a_record_is_compared_with_how_it_was_when_it_was_good_and_the_baseline_is() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        for (String total : List.of("5", "7", "3", "2")) {
            orders(bench, "o1,c1,n1," + total);
            taken.add(bench.take());
        }

        assertThat(past(bench, taken, taken.get(0), "growing", "o1")).isEqualTo("good c1/n1/7@1, bad c1/n1/3@2 []");
        assertThat(past(bench, taken, taken.get(2), "growing", "o1")).isEqualTo("good c1/n1/3@2, bad c1/n1/2@3 []");
        // What nothing is known to compare with is no proof.
        assertThat(past(bench, taken, null, "growing", "o1")).isEqualTo("good none, bad c1/n1/5@0 [UNRECOVERABLE]");
    }

    @Test
    void without_a_capture_of_the_other_dataset_no_capture_is_proof() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        orders(bench, "o1,c1,n1,1");
        taken.add(bench.take("orders"));
        taken.add(bench.take("customers"));
        taken.add(bench.take("orders"));
        orders(bench, "o1,c9,n1,1");

        assertThat(past(bench, taken, "customer", "o1")).isEqualTo("good c1/n1/1@2, bad none [FLAPPING]");
    }

    @Test
    void captures_of_another_schema_are_asked_as_well() {
        WorkspaceForTests bench = bench();
        List<String> taken = new ArrayList<>();
        bench.file("orders.csv", "id,customer,number,total,old", "o1,c1,n1,1,x");
        taken.add(bench.take());
        bench.file("orders.csv", "id,customer,total,number,new", "o1,c1,2,n1,y");
        taken.add(bench.take());
        orders(bench, "o1,c9,n1,1");
        taken.add(bench.take());

        assertThat(past(bench, taken, "customer", "o1")).isEqualTo("good c1/n1/2@1, bad c9/n1/1@2 []");
    }

    /** Of one basket, each with the number of the snapshot. */
    private static String basket(WorkspaceForTests bench, List<String> taken, String rule) {
        Workplace workplace = bench.workplace();
        Map<String, Frame> live = new LinkedHashMap<>();
        workplace
                .datasets(List.of())
                .forEach(one -> live.put(one.name(), workplace.sources().live(one)));
        Map<String, Past> pasts = new Pasts(
                        workplace.session(),
                        workplace.workspace(),
                        workplace.store(),
                        workplace.sources(),
                        workplace.catalog().state(),
                        workplace.clock().instant())
                .ofTagged(
                        workplace.datasets(List.of("baskets")).get(0),
                        live,
                        null,
                        Map.of(tagged("b1"), new Pasts.Accused(Set.of(rule), false)));
        Past past = pasts.get(tagged("b1"));
        assertThat(past).isNotNull();
        return taken.indexOf(past.good() == null ? "" : past.good().snapshot()) + " "
                + taken.indexOf(past.bad() == null ? "" : past.bad().snapshot());
    }

    private static String tagged(String id) {
        return JsonValues.write(JsonValues.tagged(key(id)));
    }

    @Test
    @Tag("full")
    void elements_and_sums_are_told_apart_by_their_captures() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
            baskets: {source: here, path: baskets, format: json, key: [id]}
            goods: {source: here, path: goods.csv, format: csv, key: [id]}
            payments: {source: here, path: payments.csv, format: csv, key: [id], schema: {amount: "decimal(9,2)"}}
            """).rules("""
            - {id: goods, dataset: baskets, reference: {fields: ["items[].good"], to: goods, key: [id]}}
            - id: paid
              dataset: baskets
              reconcile:
                by: [id]
                left: {sum: "cast(total as decimal(9,2))"}
                right: {dataset: payments, key: [basket], sum: amount}
            """);
        List<String> taken = new ArrayList<>();
        for (String night : List.of("g1 5 5", "g2 5 5", "g3 5 5", "g3 6 5", "g3 5 4", "g9 5 4")) {
            String[] of = night.split(" ", 3);
            bench.file(
                            "baskets/all.json",
                            "{\"id\":\"b1\",\"items\":[{\"good\":\"g1\"},{\"good\":\"%s\"}],\"total\":%s}"
                                    .formatted(of[0], of[1]),
                            "{\"id\":\"b2\",\"items\":[],\"total\":0}")
                    .file("payments.csv", "id,basket,amount", "p1,b1,2", "p2,b1," + (Integer.parseInt(of[2]) - 2))
                    .file("goods.csv", "id", "g1", of[0].equals("g3") ? "g4" : "g2");
            taken.add(bench.take());
        }

        assertThat(basket(bench, taken, "goods")).isEqualTo("1 2");
        assertThat(basket(bench, taken, "paid")).isEqualTo("2 3");
    }

    @Test
    @Tag("full")
    void many_snapshots_take_hardly_more_jobs_than_few() {
        WorkspaceForTests bench = bench().rules("""
            - {id: customer, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
            - {id: total, dataset: orders, field: total, min: 0}
            """);
        orders(bench, "o1,c9,n1,-1");
        bench.take();
        Map<Integer, Integer> jobs = new LinkedHashMap<>();
        for (int taken = 2; taken <= 30; taken++) {
            bench.take("orders");
            if (taken == 3 || taken == 30) {
                for (String rule : List.of("customer", "total")) {
                    int count = JobsOf.of(
                            bench.workplace().session(), () -> pasts(bench, null, rule, List.of("o1"), false));
                    jobs.merge(taken, count, Integer::sum);
                }
            }
        }

        // Two portions instead of one.
        assertThat(jobs.get(30)).as("%s", jobs).isLessThanOrEqualTo(2 * jobs.getOrDefault(3, 0));
    }
}
