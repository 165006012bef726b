package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Manifest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What does not fit its declared type is no NULL that passes. */
@ExtendWith(SparkForTests.class)
class FitsTypeTest {
    @TempDir
    Path folder;

    @Test
    void a_value_that_does_not_fit_its_type_is_a_finding_in_audit_and_capture() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                items: {source: here, path: items.csv, format: csv, key: [id], schema: {code: int, day: date}}
                docs: {source: here, path: docs.jsonl, format: json, key: [id], schema: {n: int, m: int}}
                """)
                .rules("""
                    - {id: once, dataset: items, unique: [code]}
                    - {id: still, dataset: items, unchanged: [code]}
                    """)
                .file("items.csv", "id,code,day,name", "a,1,,x", "b,A1,,x", "c,3,2026-01-01,x")
                .file("docs.jsonl", "{\"id\":\"p\",\"n\":1}");
        String taken = bench.take();
        Workplace workplace = bench.workplace();
        assertThat(workplace
                        .catalog()
                        .state()
                        .resolve("items", taken)
                        .manifest(workplace.store())
                        .rules())
                .extracting(Manifest.RuleVerdict::verdict)
                .isEqualTo(Verdict.FAIL);
        bench.file("items.csv", "id,code,day,name", "a,B7,,y", "b,B7,,x", "c,3,yesterday,x")
                .file("docs.jsonl", "{\"id\":\"p\",\"n\":1.5,\"m\":\"x\",\"o\":[]}", "[7]");

        WorkspaceForTests.Audited audited = bench.audit("latest");

        assertThat(audited.findings("type:items"))
                .containsExactlyInAnyOrder(
                        "a code false \"B7\" <- \"1\"",
                        "b code false \"B7\" <- \"A1\" pre-existing",
                        "c day false \"yesterday\" <- \"2026-01-01\"");
        assertThat(audited.outcome("type:items")).isEqualTo("FAIL 3/3 pre-existing 1");
        assertThat(audited.changes("items"))
                .containsExactlyInAnyOrder(
                        "a changed corrupt code:corrupt name:unattributed",
                        "b changed pre-existing code:pre-existing",
                        "c changed corrupt day:corrupt");
        assertThat(audited.findings("type:docs"))
                .containsExactlyInAnyOrder("null - false", "p n false 1.5 <- 1", "p m false \"x\"");
        assertThat(audited.audit().verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void that_all_values_fit_is_no_rule_that_holds() {
        WorkspaceForTests bench = WorkspaceForTests.in(
                        folder, "items: {source: here, path: items.csv, format: csv, key: [id], schema: {code: int}}\n")
                .file("items.csv", "id,code", "a,1");
        bench.take();

        WorkspaceForTests.Audited audited = bench.audit();

        assertThat(audited.audit().document().get("rules")).isEmpty();
        assertThat(audited.audit().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    }
}
