package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rules about a record before and after and about several records, all of them in one audit of two small files. */
@ExtendWith(SparkForTests.class)
class RelatedRulesTest {
    private static final String DATASETS = """
        customers: {source: here, path: customers.csv, format: csv, key: [id], schema: {id: int}}
        orders:
          source: here
          path: orders.csv
          format: csv
          key: [id]
          schema: {customer: int, total: int, version: int, quantity: int}
        """;

    private static final String[] CUSTOMERS_BEFORE = {"id,name", "1,Ann", "2,Bob", "3,Cid"};
    private static final String[] CUSTOMERS_AFTER = {"id,name", "1,Ann", "3,Cid", "4,Dan"};
    private static final String[] ORDERS_BEFORE = {
        "id,customer,total,status,version,quantity,note",
        "o1,1,10,NEW,1,1,a",
        "o2,2,20,PAID,1,1,a",
        "o3,2,30,SHIPPED,2,1,a",
        "o4,3,40,NEW,1,1,a",
        "o5,1,50,PAID,3,1,a",
        "o6,,60,,1,1,a",
        "o8,3,80,NEW,1,1,a",
        "o9,1,90,NEW,1,-1,a",
        "p1,,95,PAID,1,1,a"
    };
    private static final String[] ORDERS_AFTER = {
        "id,customer,total,status,version,quantity,note",
        "o1,1,10,NEW,1,1,a",
        "o2,2,20,PAID,1,1,a",
        "o3,9,30,SHIPPED,2,1,a",
        "o4,3,40,SHIPPED,0,1,a",
        "o6,,61,,1,1,a",
        "o7,1,10,NEW,1,1,a",
        "o8,3,80,NEW,1,2,b",
        "o9,1,90,NEW,1,-1,b",
        "p1,,95,PAID,1,2,a"
    };

    /** A rule about orders, and what it comes to. */
    private record Case(String sentence, String rule, String outcome, List<String> findings) {}

    private static final List<Case> CASES = new ArrayList<>();

    private static void is(String sentence, String rule, String outcome, String... findings) {
        CASES.add(new Case(sentence, rule, outcome, List.of(findings)));
    }

    static {
        // ---- unique
        is(
                "unique accuses every record of a group",
                "unique: [total]",
                "FAIL 2/9",
                "o1 - false {\"total\":\"10\"} <- {\"total\":\"10\"}",
                "o7 - false {\"total\":\"10\"}");
        is("a null takes the record out", "unique: [customer, status]", "FAIL 3/7 pre-existing 2", "o1", "o7", "o9");
        is("unique where", "{unique: [total], where: \"id <> 'o7'\"}", "PASS 0/8");
        is(
                "a where that throws is an error of the one record",
                "{unique: [total], where: 10 / (total - 40) > 0}",
                "ERROR 0/4: could not be evaluated on 1 record",
                "o4 - error {\"total\":\"40\"} <- {\"total\":\"40\"}");
        is(
                "unique that nothing takes part in",
                "{unique: [total], where: \"note = 'z'\"}",
                "SKIP 0/0: no record is inside of it");

        // ---- reference
        is(
                "a parent that vanished is at fault, and a child that was led astray",
                "reference: {fields: [customer], to: customers, key: [id]}",
                "FAIL 2/7",
                "2 - false",
                "o3 - false {\"customer\":\"9\"} <- {\"customer\":\"2\"}");
        is(
                "reference where",
                "{reference: {fields: [customer], to: customers, key: [id]}, where: customer < 9}",
                "FAIL 1/6",
                "2 - false");
        is(
                "reference of a text to a text",
                "{reference: {fields: [note], to: customers, key: [name]}, where: \"id = 'o1'\"}",
                "FAIL 1/1 pre-existing 1",
                "o1 - false {\"note\":\"a\"} <- {\"note\":\"a\"}");

        // ---- unchanged, transition, increasing
        is("unchanged", "unchanged: [customer]", "FAIL 1/8", "o3 customer false \"9\" <- \"2\"");
        is("unchanged is about what is inside", "{unchanged: [customer], where: \"status = 'PAID'\"}", "PASS 0/2");
        is(
                "unchanged that nothing is inside of",
                "{unchanged: [customer], where: \"status = 'NONE'\"}",
                "SKIP 0/0: no record to compare is inside of it");
        is(
                "a step that may not be taken",
                "transition: {field: status, allow: {NEW: [PAID], PAID: [SHIPPED]}}",
                "FAIL 1/8",
                "o4 status false \"SHIPPED\" <- \"NEW\"");
        is(
                "two steps at once",
                "transition: {field: status, allow: {NEW: [PAID], PAID: [SHIPPED]}, reachable: true}",
                "PASS 0/8");
        is("never back", "increasing: version", "FAIL 1/8", "o4 version false \"0\" <- \"1\"");
        is(
                "grown where anything changed",
                "{increasing: version, strict: when_changed, where: \"id in ('o1', 'o3', 'o4', 'o6')\"}",
                "FAIL 3/4",
                "o3 version false \"2\" <- \"2\"",
                "o4 version false \"0\" <- \"1\"",
                "o6 version false \"1\" <- \"1\"");

        // ---- no_delete, no_insert, assert_change
        is("not deleted", "no_delete: true", "FAIL 1/9", "o5 - false");
        is("deleted for a reason", "no_delete: {unless: \"status = 'PAID'\"}", "PASS 0/9");
        is("deleted for no known reason", "no_delete: {unless: \"status = 'NEW'\"}", "FAIL 1/9", "o5");
        is("not deleted where", "{no_delete: true, where: total between 45 and 70}", "FAIL 1/2", "o5");
        is("not inserted", "no_insert: true", "FAIL 1/9", "o7");
        is("inserted for a reason", "no_insert: {unless: total = 10}", "PASS 0/9");
        is(
                "anything about a change",
                "assert_change: after.total <= before.total",
                "FAIL 1/8",
                "o6 total false \"61\" <- \"60\"");
        is(
                "a change that cannot be judged",
                "{assert_change: 1 / (after.total - before.total) = 1, where: \"id in ('o3', 'o6')\"}",
                "ERROR 0/1: could not be evaluated on 1 record",
                "o3 total error \"30\" <- \"30\"");
        is("what is not changed is not judged", "{assert_change: after.total > 100, where: \"id = 'o1'\"}", "PASS 0/1");
        is("at fault before and after", "assert: quantity > 0", "FAIL 1/9 pre-existing 1", "o9 quantity");
    }

    private static WorkspaceForTests.Audited audited;

    @BeforeAll
    static void audited(SparkSession session, @TempDir Path folder) {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, DATASETS)
                .file("customers.csv", CUSTOMERS_BEFORE)
                .file("orders.csv", ORDERS_BEFORE);
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < CASES.size(); i++) {
            String rule = CASES.get(i).rule();
            String body = rule.startsWith("{") ? rule.substring(1, rule.length() - 1) : rule;
            rules.append("- {id: r%d, dataset: orders, %s}\n".formatted(i, body));
        }
        bench.rules(rules.toString()).take();
        audited = bench.file("customers.csv", CUSTOMERS_AFTER)
                .file("orders.csv", ORDERS_AFTER)
                .audit();
    }

    @TestFactory
    Stream<DynamicTest> each_rule_finds_what_it_says_and_no_other_is_touched_by_it() {
        return Stream.iterate(0, i -> i < CASES.size(), i -> i + 1).map(i -> {
            Case one = CASES.get(i);
            return DynamicTest.dynamicTest(one.sentence(), () -> {
                List<String> found = audited.findings("r" + i);
                assertThat(found).as("%s%n%s", one.rule(), found).hasSameSizeAs(one.findings());
                for (int at = 0; at < found.size(); at++) {
                    assertThat(found.get(at)).startsWith(one.findings().get(at));
                }
                assertThat(audited.outcome("r" + i)).as(one.rule()).isEqualTo(one.outcome());
            });
        });
    }

    @Test
    void records_and_fields_are_classed_by_the_rules_that_look_at_them() {
        assertThat(audited.changes("orders"))
                .containsExactly(
                        "o3 changed corrupt customer:corrupt",
                        "o4 changed corrupt status:corrupt version:corrupt",
                        "o5 removed corrupt",
                        "o6 changed corrupt total:corrupt",
                        "o7 added corrupt",
                        "o8 changed unattributed note:unattributed quantity:consistent",
                        "o9 changed pre-existing note:unattributed",
                        "p1 changed consistent quantity:consistent");
        assertThat(audited.changes("customers")).containsExactly("2 removed corrupt", "4 added unattributed");
    }

    @Test
    void datasets_are_counted() {
        assertThat(audited.audit().document().get("datasets").toString())
                .isEqualTo("[{\"name\":\"customers\",\"before\":3,\"after\":3,\"added\":1,\"removed\":1,\"changed\":0,"
                        + "\"unchanged\":2},{\"name\":\"orders\",\"before\":9,\"after\":9,\"added\":1,\"removed\":1,"
                        + "\"changed\":6,\"unchanged\":2}]");
    }
}
