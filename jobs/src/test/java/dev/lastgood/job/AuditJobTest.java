package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.Bench;
import dev.lastgood.SparkForTests;
import dev.lastgood.problem.Refusal;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        Bench bench = Bench.in(folder, CUSTOMERS)
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
                                        + " 'customers' is known to be clean; the newest verified one is the baseline\"]")
                                .formatted(dirty, clean));
    }

    private static String baselines(Bench.Audited audited) {
        JsonNode document = audited.audit().document();
        StringBuilder text = new StringBuilder("[");
        document.get("baseline").forEach(snapshot -> text.append(snapshot.asText()));
        return text + "]" + document.get("remarks");
    }

    @Test
    void of_one_dataset_its_references_still_lead_to_the_others() {
        Bench bench = Bench.in(folder, CUSTOMERS + ORDERS)
                .rules("""
                    - {id: parent, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
                    - {id: ranked, dataset: customers, field: rank, min: 1}
                    """)
                .file("customers.csv", "id,rank", "1,1", "2,-1")
                .file("orders.csv", "id,customer", "a,1", "b,2");
        bench.take();
        bench.file("customers.csv", "id,rank", "2,-1").file("orders.csv", "id,customer", "a,1", "b,7");

        Bench.Audited audited = bench.audit("", "orders");

        assertThat(audited.findings("parent"))
                .containsExactlyInAnyOrder("1 - false", "b - false {\"customer\":\"7\"} <- {\"customer\":\"2\"}");
        assertThat(audited.audit().document().get("rules")).hasSize(1);
    }

    @Test
    void without_a_baseline_only_what_records_are_by_themselves_is_judged() {
        Bench bench = Bench.in(folder, CUSTOMERS).rules("""
                    - {id: ranked, dataset: customers, field: rank, min: 1}
                    - {id: still, dataset: customers, unchanged: [rank]}
                    - {id: stays, dataset: customers, no_delete: true, allow_empty: true}
                    """).file("customers.csv", "id,rank", "1,1", "2,-1");
        bench.take();

        Bench.Audited audited = bench.audit("none");

        assertThat(audited.outcome("ranked")).isEqualTo("FAIL 1/2");
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
}
