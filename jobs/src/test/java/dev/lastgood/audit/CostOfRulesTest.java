package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Compiled;
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
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A promise about cost: many record rules cost about what one does. Jobs, stages and scans do not know how many there are. */
@ExtendWith({SparkForTests.class, Compiled.class})
class CostOfRulesTest {
    private static final int RECORDS = 2_000;

    @TempDir
    Path folder;

    private WorkOf.Done<Auditor.Findings> audited(SparkSession spark, int rules) throws IOException {
        return audited(spark, "rules-" + rules, IntStream.range(0, rules).mapToObj("assert: size > -%d"::formatted));
    }

    private WorkOf.Done<Auditor.Findings> audited(SparkSession spark, String name, Stream<String> rules)
            throws IOException {
        Path here = folder.resolve(name);
        Files.createDirectories(here);
        List<String> said = rules.toList();
        Files.writeString(
                here.resolve("rules.yaml"),
                IntStream.range(0, said.size())
                        .mapToObj(i -> "  - {id: r%d, dataset: things, %s}\n".formatted(i, said.get(i)))
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

    /** More rules than the JVM takes in one method, on more fields than Spark compiles into one. */
    @Test
    void a_thousand_rules_on_two_hundred_fields_are_planned_and_run(SparkSession spark) throws IOException {
        String[] fields = IntStream.range(0, 200)
                .mapToObj(i -> "if(id = %d, -1, id + %<d) as f%<d".formatted(i))
                .toArray(String[]::new);
        Dataset<Row> wide = spark.range(200)
                .selectExpr(Stream.concat(Stream.of("id"), Stream.of(fields)).toArray(String[]::new));
        wide.write().parquet(folder.resolve("before").toString());
        wide.write().parquet(folder.resolve("after").toString());

        List<Auditor.RuleTally> tallies = audited(
                        spark, "wide", IntStream.range(0, 1_000).mapToObj(i -> switch (i / 200) {
                            case 0 -> "assert: f%d >= 0".formatted(i % 200);
                            case 1 -> "field: f%d, min: 0, max: 1000".formatted(i % 200);
                            case 2 -> "assert: f%d + id >= id".formatted(i % 200);
                            case 3 -> "assert: f%d >= 0, where: id < 1000".formatted(i % 200);
                            default -> "field: f%d, not_in: [-1]".formatted(i % 200);
                        }))
                .result()
                .rules();

        assertThat(tallies).hasSize(1_000).allSatisfy(tally -> {
            assertThat(tally.examined()).isEqualTo(200);
            assertThat(tally.violations()).isEqualTo(1);
            assertThat(tally.errors()).isZero();
        });
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
            assertThat(more.work().recordsRead()).isEqualTo(one.work().recordsRead());
        }
        assertThat(spark.sparkContext().getPersistentRDDs().isEmpty())
                .as("nothing is kept in memory, so that nothing is read from there instead of from the source")
                .isTrue();
        // Once for hashes and codes, once for what is to be shown in full; the stage for changes, accusations and
        // counts.
        assertThat(hundred.work().scansOf("/after")).isEqualTo(2);
        assertThat(hundred.work().scansOf("/before")).isEqualTo(2);
        assertThat(hundred.work().scansOf("/stage")).isEqualTo(3);
    }
}
