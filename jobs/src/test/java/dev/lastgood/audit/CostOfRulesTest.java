package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkOf;
import dev.lastgood.Workspaces;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.Problems;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A promise about cost: many record rules cost about what one does. Jobs, stages and scans do not know how many there are. */
@ExtendWith(SparkForTests.class)
class CostOfRulesTest {
    private static final int RECORDS = 2_000;

    @TempDir
    Path folder;

    private WorkOf.Done<Auditor.Findings> audited(SparkSession spark, int rules) throws IOException {
        Path here = folder.resolve("rules-" + rules);
        Files.createDirectories(here);
        Files.writeString(
                here.resolve("rules.yaml"),
                IntStream.range(0, rules)
                        .mapToObj("  - {id: r%d, dataset: things, assert: size > -%<d}\n"::formatted)
                        .collect(Collectors.joining("", "rules:\n", "")));
        Workspace workspace = Workspaces.in(here, """
                format: 1
                workspace: test
                store: store
                sources:
                  here: {files: ..}
                rules: [rules.yaml]
                datasets:
                  things: {source: here, path: after, format: parquet, key: [id]}
                """);
        DatasetSpec things = workspace.dataset("things").orElseThrow();
        Sources sources = new Sources(spark, workspace);
        Frame after = sources.live(things);
        Frame before = sources.frame(
                things, spark.read().parquet(folder.resolve("before").toString()), Map.of());
        Problems problems = new Problems();
        List<CompiledRule> compiled = new RuleCompiler(
                        workspace.datasets(),
                        Map.of("things", after.shape()),
                        Instant.parse("2026-03-01T00:00:00Z"),
                        problems)
                .compile(workspace.rules().rules());
        problems.throwIfErrors();
        Side side = new Side(things, after, before, null, RECORDS);
        return WorkOf.done(
                spark,
                () -> new Auditor(
                                spark,
                                here.resolve("audit").toUri().toString(),
                                Instant.parse("2026-03-01T00:00:00Z"),
                                Auditor.History.NONE)
                        .run(List.of(side), compiled));
    }

    private void records(SparkSession spark) {
        spark.range(RECORDS)
                .selectExpr("id", "id % 7 + 1 as size")
                .write()
                .parquet(folder.resolve("before").toString());
        spark.range(RECORDS)
                .selectExpr("id", "if(id % 100 = 3, -200, id % 7 + 1) as size")
                .write()
                .parquet(folder.resolve("after").toString());
    }

    @Test
    void jobs_stages_and_scans_are_the_same_with_one_rule_and_with_a_hundred(SparkSession spark) throws IOException {
        records(spark);

        WorkOf.Done<Auditor.Findings> one = audited(spark, 1);
        WorkOf.Done<Auditor.Findings> ten = audited(spark, 10);
        WorkOf.Done<Auditor.Findings> hundred = audited(spark, 100);

        assertThat(List.of(one, ten, hundred))
                .extracting(done -> done.result().rules().stream()
                        .mapToLong(Auditor.RuleTally::violations)
                        .sum())
                .containsExactly(20L, 200L, 2_000L);
        for (WorkOf.Done<Auditor.Findings> more : List.of(ten, hundred)) {
            assertThat(more.work().jobs()).isEqualTo(one.work().jobs());
            assertThat(more.work().stages()).isEqualTo(one.work().stages());
            assertThat(more.work().scans()).hasSameSizeAs(one.work().scans());
        }
        // Once for hashes and codes, once for what is to be shown in full; the stage for changes, accusations and
        // counts.
        assertThat(hundred.work().scansOf("/after")).isEqualTo(2);
        assertThat(hundred.work().scansOf("/before")).isEqualTo(2);
        assertThat(hundred.work().scansOf("/stage")).isEqualTo(3);
    }
}
