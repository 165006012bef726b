package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.WorkspaceForTests.Audited;
import dev.lastgood.incident.Members;
import dev.lastgood.record.JsonValues;
import dev.lastgood.restore.Mode;
import dev.lastgood.restore.PlanFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An audit explains what it found, and names what else the bug did. */
@ExtendWith(SparkForTests.class)
class IncidentsTest {
    private static final String HEAD = "id,total,region,app,updated,customer";

    private static WorkspaceForTests bench;
    private static Audited audited;

    /** Of 300 orders, version 2 multiplies the totals of those of the eu by 100; a rule sees those above 1000. */
    @BeforeAll
    static void audited(@TempDir Path folder) {
        bench = WorkspaceForTests.in(folder, """
                        orders:
                          source: here
                          path: orders.csv
                          key: [id]
                          schema: {id: int, total: int, customer: int, updated: timestamp}
                          changed_at: updated
                          explain: [region, app]
                          restore: {write: in_place}
                        invoices:
                          source: here
                          path: invoices.csv
                          key: [id]
                          schema: {id: int, order: int}
                        """).rules("""
                        - {id: total-low, dataset: orders, assert: total <= 1000, fields: [total]}
                        - {id: invoice-order, dataset: invoices, reference: {fields: [order], to: orders, key: [id]}}
                        """);
        List<String> before = new ArrayList<>(List.of(HEAD));
        List<String> after = new ArrayList<>(List.of(HEAD));
        List<String> invoices = new ArrayList<>(List.of("id,order,total"));
        for (int i = 0; i < 300; i++) {
            String region = List.of("eu", "us", "ap").get(i % 3);
            int total = 1 + i % 40;
            boolean writes = i % 2 == 0;
            boolean struck = writes && region.equals("eu");
            String minute = "%02d".formatted(i % 60);
            before.add("%d,%d,%s,1,2026-11-20T00:%s:00Z,%d".formatted(i, total, region, minute, i));
            after.add(
                    writes
                            ? "%d,%d,%s,2,2026-11-22T03:%s:00Z,%d"
                                    .formatted(i, struck ? total * 100 : total + 1, region, minute, i)
                            : before.get(before.size() - 1));
            invoices.add("%d,%d,%d".formatted(1000 + i, i, struck && i % 4 == 0 ? total * 100 : total));
        }
        bench.file("orders.csv", before.toArray(String[]::new))
                .file("invoices.csv", invoices.toArray(String[]::new))
                .take();
        bench.file("orders.csv", after.toArray(String[]::new));
        audited = bench.audit();
    }

    private static JsonNode incident() {
        JsonNode incidents = audited.audit().document().get("incidents");
        assertThat(incidents).hasSize(1);
        return incidents.get(0);
    }

    @Test
    void a_sentence_says_what_happened_to_which_records_when_and_what_is_telling_of_them() {
        assertThat(incident().get("sentence").asText())
                .isEqualTo("36 records of orders break total-low: total × 100 in 36; all (100 %) have region eu,"
                        + " written between 2026-11-22T03:00:00Z and 2026-11-22T03:54:00Z; of what changed elsewhere 0 %"
                        + " is corrupt; 14 more match and break no rule.");
        assertThat(incident().get("check").asText())
                .isEqualTo("region = 'eu' and updated between timestamp '2026-11-22T03:00:00Z' and timestamp"
                        + " '2026-11-22T03:54:00Z'");
        assertThat(incident().get("explanations").get(0)).hasToString("""
                {"values":{"region":"eu"},"corrupt":36,"changed":50,"of":36,"share":1.0,"elsewhere":0.0,\
                "ratio":144.5686,"atLeast":9.0554}\
                """.strip());
        assertThat(incident().get("patterns")).hasToString("{\"total × 100\":36}");
    }

    @Test
    void records_that_refer_to_the_damaged_ones_are_counted_and_those_that_hold_the_wrong_value_too() {
        assertThat(incident().get("affected"))
                .hasToString(
                        "[{\"dataset\":\"invoices\",\"rule\":\"invoice-order\",\"how\":\"refers to it\",\"records\":50,\"sameValue\":25}]");
    }

    @Test
    void what_matches_and_breaks_no_rule_is_a_suspect_with_the_reason() {
        var members = new TreeMap<String, Long>();
        for (Row row : bench.workplace()
                .members(audited.audit().id(), "orders")
                .groupBy("incident", "role", "reason")
                .count()
                .collectAsList()) {
            members.put(row.getString(0) + " " + row.getString(1) + ": " + row.getString(2), row.getLong(3));
        }
        assertThat(members)
                .containsOnlyKeys(
                        "i1 " + Members.CORRUPT + ": null",
                        "i1 " + Members.SUSPECT
                                + ": breaks no rule, and total × 100, region eu, written from 2026-11-22T03:00:00Z")
                .containsValues(36L, 14L);
    }

    @Test
    void suspects_are_planned_only_if_named_and_only_what_changed_in_them_as_in_the_incident() {
        Workplace workplace = bench.workplace();
        PlanFiles.Stored accused = new PlanJob(workplace).plan(Selection.ofIncidents(Set.of("i1")));
        PlanFiles.Stored suspects = new PlanJob(workplace)
                .plan(new Selection(
                        "",
                        Set.of(),
                        Set.of("i1"),
                        Set.of(),
                        Set.of(),
                        List.of(),
                        "",
                        false,
                        false,
                        Set.of(),
                        "",
                        Mode.BLOCK));

        assertThat(accused.plan().steps()).hasSize(36);
        assertThat(suspects.plan().steps())
                .hasSize(14)
                .allSatisfy(step -> assertThat(
                                step.fields().stream().map(field -> field.path().toString()))
                        .containsExactly("total"));
        assertThat(JsonValues.write(RestoreJob.json(suspects))).contains("\"update\":14");
    }
}
