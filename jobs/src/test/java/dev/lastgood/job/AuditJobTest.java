package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkForTests.class)
class AuditJobTest {
    private static final String CUSTOMERS =
            "customers: {source: here, path: customers.csv, format: csv, key: [id], schema: {id: int, rank: int}}\n";
    private static final String ORDERS =
            "orders: {source: here, path: orders.csv, format: csv, key: [id], schema: {customer: int}}\n";

    @TempDir
    Path folder;

    @Test
    void the_baseline_is_the_newest_snapshot_that_is_whole_and_clean() throws IOException {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, CUSTOMERS)
                .rules("- {id: ranked, dataset: customers, field: rank, min: 1}")
                .file("customers.csv", "id,rank", "1,1");
        String oldest = bench.take();
        String clean = bench.take();
        String dirty = bench.file("customers.csv", "id,rank", "1,0").take();

        assertThat(baselines(bench.audit())).isEqualTo("[" + clean + "][]");
        assertThat(baselines(bench.audit("latest"))).isEqualTo("[" + dirty + "][]");
        assertThat(baselines(bench.audit(oldest.substring(0, 16)))).isEqualTo("[" + oldest + "][]");
        assertThat(baselines(bench.audit("none"))).isEqualTo("[][]");

        // verification finds the clean one torn: the one before it is
        Path data = folder.resolve("store/snapshots/customers/" + clean + "/data");
        try (var files = Files.list(data)) {
            Path torn = files.filter(file -> file.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(torn);
            bytes[bytes.length / 2] ^= 1;
            Files.write(torn, bytes);
        }
        Workplace workplace = bench.workplace();
        new VerifyJob(workplace).verify(workplace.datasets(List.of()), clean, Level.L2);
        assertThat(baselines(bench.audit()))
                .isEqualTo("[%s][\"snapshot %s of dataset 'customers' is damaged and no baseline\"]"
                        .formatted(oldest, clean));
        assertThatThrownBy(() -> bench.audit(clean))
                .isInstanceOf(Refusal.class)
                .hasMessage("snapshot %s of dataset 'customers' is damaged: its last verification has failed"
                        .formatted(clean));

        // what another set of rules said does not count
        bench.rules("- {id: ranked, dataset: customers, field: rank, min: 2}");
        assertThat(baselines(bench.audit()))
                .isEqualTo(
                        ("[%s][\"snapshot %s of dataset 'customers' is damaged and no baseline\",\"no snapshot of dataset"
                                        + " 'customers' is known to be clean by the rules as they are; the newest verified one is the baseline\"]")
                                .formatted(dirty, clean));
    }

    private static String baselines(WorkspaceForTests.Audited audited) {
        JsonNode document = audited.audit().document();
        StringBuilder text = new StringBuilder("[");
        document.get("baseline").forEach(snapshot -> text.append(snapshot.asText()));
        return text + "]" + document.get("remarks");
    }

    @Test
    void of_one_dataset_its_references_still_lead_to_the_others() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, CUSTOMERS + ORDERS)
                .rules("""
                    - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
                    - {id: ranked, dataset: customers, field: rank, min: 1}
                    """)
                .file("customers.csv", "id,rank", "1,1", "2,-1")
                .file("orders.csv", "id,customer", "a,1", "b,2");
        bench.take();
        bench.file("customers.csv", "id,rank", "2,-1").file("orders.csv", "id,customer", "a,1", "b,7");

        WorkspaceForTests.Audited audited = bench.audit("", "orders");

        assertThat(audited.findings("parent"))
                .containsExactlyInAnyOrder("1 - false", "b - false {\"customer\":\"7\"} <- {\"customer\":\"2\"}");
        assertThat(audited.audit().document().get("rules")).hasSize(1);
    }

    @Test
    void a_capture_that_leaves_out_what_a_reference_leads_to_is_not_known_to_be_clean() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, CUSTOMERS + ORDERS)
                .rules("""
                    - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
                    - {id: named, dataset: orders, field: id, required: true}
                    """)
                .file("customers.csv", "id,rank", "1,1")
                .file("orders.csv", "id,customer", "a,7");

        assertThat(verdict(bench, "orders", bench.take("orders"))).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(verdict(bench, "orders", bench.take())).isEqualTo(Verdict.FAIL);
        assertThat(verdict(bench, "customers", bench.take("customers")))
                .as("no rule is about it alone")
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    private static Verdict verdict(WorkspaceForTests bench, String dataset, String snapshot) {
        Workplace workplace = bench.workplace();
        return Objects.requireNonNull(workplace
                        .catalog()
                        .state()
                        .resolve(dataset, snapshot)
                        .manifest(workplace.store())
                        .rules())
                .verdict();
    }

    @Test
    void fields_that_came_and_went_are_told_and_a_rule_about_a_new_one_stops_no_other() {
        WorkspaceForTests bench = WorkspaceForTests.in(
                        folder, "things: {source: here, path: things.csv, format: csv, key: [id]}\n")
                .rules("- {id: named, dataset: things, field: name, required: true}")
                .file("things.csv", "id,name,old", "1,a,x", "2,b,x");
        bench.take();
        bench.rules("""
            - {id: named, dataset: things, field: name, in: [a]}
            - {id: fresh, dataset: things, field: fresh, required: true}
            """).file("things.csv", "id,name,fresh", "1,a,y", "2,c,y");

        WorkspaceForTests.Audited audited = bench.audit("latest");

        assertThat(audited.outcome("named")).isEqualTo("FAIL 1/2 pre-existing 1");
        assertThat(audited.outcome("fresh"))
                .isEqualTo("ERROR 0/0: not judged, for the baseline lacks what it needs: dataset 'things' has no field"
                        + " 'fresh'");
        assertThat(audited.audit().document().get("remarks").toString())
                .isEqualTo(
                        "[\"field 'old' of dataset 'things' is not there any more: nothing is said of what it held\"]");
        assertThat(audited.changes("things")).containsExactly("2 changed pre-existing name:pre-existing");
        assertThatThrownBy(() -> bench.rules("- {id: none, dataset: things, field: nowhere, required: true}")
                        .audit("latest"))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("dataset 'things' has no field 'nowhere'");
    }

    @Test
    void without_a_baseline_only_what_records_are_by_themselves_is_judged() {
        WorkspaceForTests bench =
                WorkspaceForTests.in(folder, CUSTOMERS).rules("""
                    - {id: ranked, dataset: customers, field: rank, min: 1}
                    - {id: still, dataset: customers, unchanged: [rank]}
                    - {id: stays, dataset: customers, no_delete: true, allow_empty: true}
                    """).file("customers.csv", "id,rank", "1,1", "2,-1");
        bench.take();

        WorkspaceForTests.Audited audited = bench.audit("none");

        assertThat(audited.outcome("ranked")).isEqualTo("FAIL 1/2");
        assertThat(audited.audit().document().get("datasets").toString())
                .as("there is nothing to which anything could be added")
                .isEqualTo("[{'name':'customers','before':0,'after':2,'added':0,'removed':0,'changed':0,'unchanged':0}]"
                        .replace('\'', '"'));
        assertThat(audited.outcome("still")).isEqualTo("SKIP 0/0: there is no baseline record to compare with");
        assertThat(audited.outcome("stays")).isEqualTo("SKIP 0/0: there is no baseline record to compare with");
        assertThat(audited.audit().verdict()).isEqualTo(Verdict.FAIL);
        assertThat(bench.file("customers.csv", "id,rank", "1,1")
                        .audit("none")
                        .audit()
                        .verdict())
                .as("a rule that could not look")
                .isEqualTo(Verdict.INCONCLUSIVE);
    }

    @Test
    void only_new_violations_fail_where_that_is_asked_for() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, CUSTOMERS)
                .rules("""
                        - {id: ranked, dataset: customers, field: rank, min: 1}
                        - {id: one-of-a-rank, dataset: customers, unique: [rank]}
                        """)
                .file("customers.csv", "id,rank", "1,0", "2,5", "3,5");
        bench.take();

        assertThat(bench.audit().audit().verdict()).isEqualTo(Verdict.FAIL);
        assertThat(bench.onlyNew().audit().verdict()).isEqualTo(Verdict.PASS);

        WorkspaceForTests.Audited worse = bench.file("customers.csv", "id,rank", "1,0", "2,5", "3,5", "4,5", "5,-1")
                .onlyNew();

        assertThat(worse.audit().verdict()).isEqualTo(Verdict.FAIL);
        assertThat(worse.outcome("ranked")).isEqualTo("FAIL 2/5 pre-existing 1");
        assertThat(worse.outcome("one-of-a-rank")).isEqualTo("FAIL 3/5 pre-existing 2");
    }

    @Test
    void what_is_accepted_is_told_and_does_not_count_until_its_day_is_over() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, CUSTOMERS)
                .rules("- {id: ranked, dataset: customers, field: rank, min: 1, accepted: accepted.yaml}")
                .file(
                        "../accepted.yaml",
                        "accepted:",
                        "  - {key: {id: 1}, path: rank, reason: ticket 4711, until: 2026-11-22}")
                .file("customers.csv", "id,rank", "1,0", "2,5");
        bench.take();

        WorkspaceForTests.Audited known = bench.audit();

        assertThat(known.outcome("ranked")).isEqualTo("PASS 1/2 pre-existing 1: 1 are accepted");
        assertThat(known.findings().get(0).get("accepted").asBoolean()).isTrue();
        assertThat(bench.later(Duration.ofDays(1)).audit().outcome("ranked")).isEqualTo("FAIL 1/2 pre-existing 1");
        assertThat(bench.later(Duration.ofDays(-1))
                        .file("customers.csv", "id,rank", "1,0", "2,0")
                        .audit()
                        .outcome("ranked"))
                .isEqualTo("FAIL 2/2 pre-existing 1: 1 are accepted");
    }

    @Test
    void a_number_is_compared_with_what_it_was_in_earlier_audits() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, CUSTOMERS)
                .rules("- {id: ranks, dataset: customers, metric: sum(rank), vs_history: {max_sigma: 3, last: 3}}")
                .file("customers.csv", "id,rank", "1,10");
        bench.take();

        assertThat(bench.audit().outcome("ranks"))
                .isEqualTo("SKIP 0/1: it is 10: 0 of the 3 earlier values that are needed are there");
        bench.file("customers.csv", "id,rank", "1,12").audit();
        bench.file("customers.csv", "id,rank", "1,11").audit();
        assertThat(bench.file("customers.csv", "id,rank", "1,13").audit().outcome("ranks"))
                .isEqualTo("PASS 0/1: it is 13");
        assertThat(bench.file("customers.csv", "id,rank", "1,40").audit().outcome("ranks"))
                .isEqualTo("FAIL 1/1: it is 40: at most 3 standard deviations from the 3 values before it are asked"
                        + " for, which are 12 ± 1");
    }
}
