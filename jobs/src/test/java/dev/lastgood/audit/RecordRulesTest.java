package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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

/** Rules about one record, all of them in one audit of six rows: what each comes to, and every finding of it. */
@ExtendWith(SparkForTests.class)
class RecordRulesTest {
    private static final String DATASETS = """
        rows:
          source: here
          path: rows.csv
          format: csv
          key: [id]
          json: [lines]
          schema: {n: int, amount: "decimal(10,2)", day: date}
        """;

    private static final String HEADER = "id,n,amount,name,status,day,lines";
    private static final List<String> BEFORE = List.of(
            "a,5,10.00,Ann,NEW,2026-01-01,\"[{\"\"q\"\":1,\"\"sku\"\":\"\"A1\"\"},{\"\"q\"\":2,\"\"sku\"\":\"\"B2\"\"}]\"",
            "b,3,20.00,Bob,PAID,2026-01-02,\"[{\"\"q\"\":1,\"\"sku\"\":\"\"A1\"\"},{\"\"q\"\":1,\"\"sku\"\":\"\"B2\"\"}]\"",
            "c,4,30.00,Cid,NEW,2026-01-03,\"[]\"",
            "d,-7,40.00,Dan,LOST,2026-01-04,\"[{\"\"q\"\":-1,\"\"sku\"\":null}]\"",
            "z,1,50.00,Zoe,NEW,2026-01-05,\"[]\"");
    private static final List<String> AFTER = List.of(
            BEFORE.get(0),
            "b,-3,20.00,Bob,PAID,2026-01-02,\"[{\"\"q\"\":1,\"\"sku\"\":\"\"A1\"\"},{\"\"q\"\":0,\"\"sku\"\":\"\"B2\"\"}]\"",
            "c,,30.00,,NEW,2026-01-03,",
            BEFORE.get(3),
            "e,0,0.00,Eve,PAID,,\"[]\"");

    /** A rule, and what it comes to. */
    private record Case(String sentence, String rule, String outcome, List<String> findings) {}

    private static final List<Case> CASES = new ArrayList<>();

    private static void is(String sentence, String rule, String outcome, String... findings) {
        CASES.add(new Case(sentence, rule, outcome, List.of(findings)));
    }

    static {
        String small = "b n false \"-3\" <- \"3\"";
        String missing = "c n unknown null <- \"4\"";
        String always = "d n false \"-7\" <- \"-7\" pre-existing";
        String added = "e n false \"0\"";
        // ---- assert, and what is the matter with a record
        is("false is a finding", "assert: n > -7", "FAIL 2/5 pre-existing 1", "c n unknown null <- \"4\"", always);
        is("null is one too", "assert: n > 0", "FAIL 4/5 pre-existing 1", small, missing, always, added);
        is("unless null passes", "{assert: n > 0, on_null: pass}", "FAIL 3/5 pre-existing 1", small, always, added);
        is("all is well", "assert: amount >= 0", "PASS 0/5");
        is(
                "two fields are shown by name",
                "assert: n > 0 or amount > 15",
                "FAIL 1/5",
                "e - false {\"amount\":\"0.00\",\"n\":\"0\"}");
        is(
                "the declared footprint is what is shown",
                "{assert: n + amount >= 20 or n is null, fields: [amount]}",
                "FAIL 3/5 pre-existing 1",
                "a amount false \"10.00\" <- \"10.00\" pre-existing",
                "b amount false \"20.00\" <- \"20.00\"",
                "e amount false \"0.00\"");
        is(
                "a sentence that throws is an error of its records",
                "assert: 10 / n > 0",
                "ERROR 3/4 pre-existing 1: could not be evaluated on 1 record",
                small,
                missing,
                always,
                "e n error \"0\"");
        is(
                "array_sum knows no sum of what is null or absent",
                "assert: array_sum(lines.q) >= 1",
                "FAIL 3/5 pre-existing 2",
                "c lines[].q unknown {\"lines\":null} <- {\"lines\":[]} pre-existing",
                "d lines[].q false {\"lines\":[{\"q\":-1,\"sku\":null}]}"
                        + " <- {\"lines\":[{\"q\":-1,\"sku\":null}]} pre-existing",
                "e lines[].q false {\"lines\":[]}");
        is("now() is the time of the audit", "assert: now() < timestamp'2026-11-23T00:00:00Z'", "PASS 0/5");

        // ---- where
        is("outside is not examined", "{assert: n > 0, where: \"status = 'NEW'\"}", "FAIL 1/2", missing);
        is("where null is outside", "{assert: n > 0, where: \"name = 'Cid'\"}", "SKIP 0/0: no record is inside of it");
        is(
                "a where that throws is an error",
                "{assert: amount > 10, where: 10 / n > 0}",
                "ERROR 1/1 pre-existing 1: could not be evaluated on 1 record",
                "a amount false \"10.00\" <- \"10.00\" pre-existing",
                "e amount error \"0.00\"");
        is(
                "nothing inside may be allowed",
                "{assert: n > 0, where: \"status = 'NONE'\", allow_empty: true}",
                "SKIP 0/0: no record is inside of it");

        // ---- allow
        is(
                "as many as are allowed",
                "{assert: n > 0, allow: {count: 4}}",
                "PASS 4/5 pre-existing 1: 4 violations are allowed",
                small,
                missing,
                always,
                added);
        is(
                "one more than is allowed",
                "{assert: n > 0, allow: {count: 3}}",
                "FAIL 4/5 pre-existing 1",
                small,
                missing,
                always,
                added);
        is(
                "a share that is allowed, to the last digit",
                "{assert: n > 0, allow: {ratio: 0.8}}",
                "PASS 4/5 pre-existing 1: 4 violations are allowed",
                small,
                missing,
                always,
                added);
        is(
                "a share a little too large",
                "{assert: n > 0, allow: {ratio: 0.79999}}",
                "FAIL 4/5 pre-existing 1",
                small,
                missing,
                always,
                added);
        is(
                "of two bounds both hold",
                "{assert: n > 0, allow: {count: 9, ratio: 0.5}}",
                "FAIL 4/5 pre-existing 1",
                small,
                missing,
                always,
                added);
        is(
                "an error is never allowed",
                "{assert: 10 / n > 0, allow: {count: 9}}",
                "ERROR 3/4 pre-existing 1: could not be evaluated on 1 record",
                small,
                missing,
                always,
                "e n error \"0\"");

        // ---- tolerance
        is(
                "closeness, absolute",
                "{assert: amount = n * 2, tolerance: {abs: 0.5}, where: \"id in ('a', 'e')\"}",
                "PASS 0/2");
        is(
                "just not close enough",
                "{assert: amount = n * 2 + 0.51, tolerance: {abs: 0.5}, where: \"id = 'a'\"}",
                "FAIL 1/1 pre-existing 1",
                "a - false {\"amount\":\"10.00\",\"n\":\"5\"} <- {\"amount\":\"10.00\",\"n\":\"5\"} pre-existing");
        is(
                "closeness, relative to the larger",
                "{assert: amount = n * 2.2, tolerance: {rel: 0.1}, where: \"id = 'a'\"}",
                "PASS 0/1");
        is(
                "other equalities than of numbers stay exact",
                "{assert: \"status = 'NEW' and amount = n * 2.2\", tolerance: {rel: 0.1}, where: \"id = 'a'\"}",
                "PASS 0/1");

        // ---- field
        is("required", "{field: name, required: true}", "FAIL 1/5", "c name false null <- \"Cid\"");
        is(
                "in",
                "{field: status, in: [NEW, PAID]}",
                "FAIL 1/5 pre-existing 1",
                "d status false \"LOST\" <- \"LOST\" pre-existing");
        is("in, of numbers", "{field: n, in: [5, -3, -7, 0], on_null: pass}", "PASS 0/5");
        is(
                "null is in no list",
                "{field: n, in: [5, -3, -7, 0]}",
                "FAIL 1/5 pre-existing 1",
                "c n unknown null <- \"4\" pre-existing");
        is(
                "not in",
                "{field: status, not_in: [LOST]}",
                "FAIL 1/5 pre-existing 1",
                "d status false \"LOST\" <- \"LOST\" pre-existing");
        is("min includes its bound", "{field: n, min: 0}", "FAIL 3/5 pre-existing 1", small, missing, always);
        is(
                "max includes its bound",
                "{field: amount, max: 30}",
                "FAIL 1/5 pre-existing 1",
                "d amount false \"40.00\" <- \"40.00\" pre-existing");
        is(
                "min of a day",
                "{field: day, min: 2026-01-02, on_null: pass}",
                "FAIL 1/5 pre-existing 1",
                "a day false \"2026-01-01\" <- \"2026-01-01\" pre-existing");
        is(
                "matches as a whole",
                "{field: name, matches: '[A-D]..', on_null: pass}",
                "FAIL 1/5",
                "e name false \"Eve\"");
        is(
                "a part is no match",
                "{field: name, matches: A, where: \"id = 'a'\"}",
                "FAIL 1/1 pre-existing 1",
                "a name false \"Ann\" <- \"Ann\" pre-existing");
        is(
                "min_length",
                "{field: status, min_length: 4}",
                "FAIL 2/5 pre-existing 2",
                "a status false \"NEW\" <- \"NEW\" pre-existing",
                "c status false \"NEW\" <- \"NEW\" pre-existing");
        is(
                "max_length",
                "{field: status, max_length: 3}",
                "FAIL 3/5 pre-existing 2",
                "b status false \"PAID\" <- \"PAID\" pre-existing",
                "d status false \"LOST\" <- \"LOST\" pre-existing",
                "e status false \"PAID\"");
        is(
                "length of an array",
                "{field: lines, min_length: 1, where: \"id in ('a', 'e')\"}",
                "FAIL 1/2",
                "e lines false []");
        is("format", "{field: day, format: date, on_null: pass}", "PASS 0/5");
        is(
                "several checks at once",
                "{field: n, required: true, min: -7, max: 4}",
                "FAIL 2/5 pre-existing 1",
                "a n false \"5\" <- \"5\" pre-existing",
                "c n false null <- \"4\"");

        // ---- each
        is(
                "each element by its number",
                "{each: 'lines[]', assert: q > 0, on_null: pass}",
                "FAIL 2/5 pre-existing 1",
                "b lines[1].q false 0 <- 1",
                "d lines[0].q false -1 <- -1 pre-existing");
        is(
                "an absent array is unknown",
                "{each: 'lines[]', assert: q > -2}",
                "FAIL 1/5",
                "c lines[].q unknown {\"lines\":null} <- {\"lines\":[]}");
        is(
                "each element's field",
                "{each: 'lines[]', field: sku, required: true, where: \"id = 'd'\"}",
                "FAIL 1/1 pre-existing 1",
                "d lines[0].sku false null <- null pre-existing");
        is(
                "an element and its record",
                "{each: 'lines[]', assert: \"q > n or n is null\", fields: ['lines[].q']}",
                "FAIL 3/5 pre-existing 2",
                "a lines[0].q false 1 <- 1 pre-existing",
                "a lines[1].q false 2 <- 2 pre-existing",
                "c lines[].q unknown {\"lines\":null} <- {\"lines\":[]}");
        is(
                "a null element's field passes where it may",
                "{each: 'lines[]', assert: \"sku > 'B'\", on_null: pass, where: \"id in ('a', 'd')\"}",
                "FAIL 1/2 pre-existing 1",
                "a lines[0].sku false \"A1\" <- \"A1\" pre-existing");
        is(
                "of a record that may be none of the rule's no element is at fault",
                "{each: 'lines[]', assert: q > 100, where: \"id = 'a' and 1 / (amount - 10) > 0\"}",
                "ERROR 0/0: could not be evaluated on 1 record",
                "a lines[].q error {\"lines\":[{\"q\":1,\"sku\":\"A1\"},{\"q\":2,\"sku\":\"B2\"}]}"
                        + " <- {\"lines\":[{\"q\":1,\"sku\":\"A1\"},{\"q\":2,\"sku\":\"B2\"}]}");
        is(
                "an element that throws",
                "{each: 'lines[]', assert: 6 / q >= 2}",
                "ERROR 2/4 pre-existing 1: could not be evaluated on 1 record",
                "b lines[1].q error 0 <- 1",
                "c lines[].q unknown {\"lines\":null} <- {\"lines\":[]}",
                "d lines[0].q false -1 <- -1 pre-existing");
    }

    private static WorkspaceForTests.Audited audited;

    @BeforeAll
    static void audited(SparkSession session, @TempDir Path folder) {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, DATASETS).file("rows.csv", lines(BEFORE));
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < CASES.size(); i++) {
            String rule = CASES.get(i).rule();
            String body = rule.startsWith("{") ? rule.substring(1, rule.length() - 1) : rule;
            rules.append("- {id: r%d, dataset: rows, %s}\n".formatted(i, body));
        }
        bench.rules(rules.toString()).take();
        audited = bench.file("rows.csv", lines(AFTER)).audit();
    }

    private static String[] lines(List<String> rows) {
        return Stream.concat(Stream.of(HEADER), rows.stream()).toArray(String[]::new);
    }

    @TestFactory
    Stream<DynamicTest> each_rule_finds_what_it_says_and_no_other_is_touched_by_it() {
        return Stream.iterate(0, i -> i < CASES.size(), i -> i + 1).map(i -> {
            Case one = CASES.get(i);
            return DynamicTest.dynamicTest(one.sentence(), () -> {
                assertThat(audited.findings("r" + i)).as(one.rule()).containsExactlyElementsOf(one.findings());
                assertThat(audited.outcome("r" + i)).as(one.rule()).isEqualTo(one.outcome());
            });
        });
    }

    @Test
    void a_finding_says_everything() {
        JsonNode finding = audited.findings().stream()
                .filter(one -> one.get("rule").asText().equals("r1"))
                .findFirst()
                .orElseThrow();
        assertThat(finding.get("ruleHash").asText()).matches("[0-9a-f]{16}");
        String snapshot = audited.audit().document().get("baseline").get("rows").asText();
        assertThat(finding.toString())
                .isEqualTo(
                        ("{'rule':'r1','ruleHash':'%s','dataset':'rows','key':{'id':'b'},'path':'n','severity':'error',"
                                        + "'expected':'n > 0','actual':'-3','before':'3','reason':'false','preExisting':false,'accepted':false,'snapshot':'%s'}")
                                .formatted(finding.get("ruleHash").asText(), snapshot)
                                .replace('\'', '"'));
    }
}
