package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.JobsOf;
import dev.lastgood.SparkForTests;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkForTests.class)
class CensusTest {
    private static final String YAML = """
            format: 1
            workspace: test
            store: store
            sources:
              here: {files: .}
            rules: [rules.yaml]
            datasets:
              parents: {source: here, path: parents.csv, format: csv, key: [id], schema: {id: int, rank: int}}
              children:
                source: here
                path: children.csv
                format: csv
                key: [id]
                json: [lines]
                schema: {id: int, parent: int, amount: "decimal(10,2)"}
            """;

    private static final String RULES = """
            rules:
              - {id: ranked, dataset: parents, assert: rank > 0}
              - {id: ranked-or-null, dataset: parents, assert: rank > 0, on_null: pass}
              - {id: positive, dataset: children, field: amount, min: 0.01}
              - {id: some, dataset: children, where: parent > 5, assert: amount < 90}
              - {id: impossible, dataset: children, assert: 100 / (amount - amount) > 1, severity: warn}
              - {id: lines, dataset: children, each: 'lines[]', assert: quantity > 0}
              - {id: lines-or-null, dataset: children, each: 'lines[]', assert: quantity > 0, on_null: pass}
              - {id: lines-divide, dataset: children, each: 'lines[]', assert: 6 / quantity >= 1}
              - {id: one-amount, dataset: children, unique: [amount]}
              - {id: parent, dataset: children, reference: {fields: [parent], to: parents, key: [id]}}
            """;

    @TempDir
    Path folder;

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    private record Scene(
            Map<String, DatasetSpec> datasets, Map<String, Frame> frames, List<Side> sides, List<CompiledRule> rules) {}

    private Scene scene(SparkSession spark, long seed) throws IOException {
        Random random = new Random(seed);
        List<String> parents = new ArrayList<>(List.of("id,rank"));
        for (int id = 0; id < 20; id++) {
            parents.add(id + "," + (random.nextInt(4) == 0 ? "" : random.nextInt(5)));
        }
        List<String> children = new ArrayList<>(List.of("id,parent,amount,lines"));
        for (int id = 0; id < 120; id++) {
            children.add(id + "," + (random.nextInt(9) == 0 ? "" : random.nextInt(25)) + ","
                    + (random.nextInt(9) == 0 ? "" : random.nextInt(100)) + "," + lines(random));
        }
        Files.write(folder.resolve("parents.csv"), parents);
        Files.write(folder.resolve("children.csv"), children);
        Files.writeString(folder.resolve("rules.yaml"), RULES);
        Workspace workspace = Workspaces.in(folder, YAML);
        Sources sources = new Sources(spark, workspace);
        Map<String, Frame> frames = new LinkedHashMap<>();
        List<Side> sides = new ArrayList<>();
        workspace.datasets().values().forEach(dataset -> {
            frames.put(dataset.name(), sources.live(dataset));
            sides.add(Side.alone(dataset, frames.get(dataset.name())));
        });
        Map<String, dev.lastgood.spark.Shape> shapes = new LinkedHashMap<>();
        frames.forEach((name, frame) -> shapes.put(name, frame.shape()));
        Problems problems = new Problems();
        List<CompiledRule> rules = new RuleCompiler(workspace.datasets(), shapes, NOW, problems)
                .compile(workspace.rules().rules());
        problems.throwIfErrors();
        return new Scene(workspace.datasets(), frames, sides, rules);
    }

    private static String lines(Random random) {
        if (random.nextInt(10) == 0) {
            return "";
        }
        List<String> lines = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            lines.add("{\"\"quantity\"\":" + (random.nextInt(6) == 0 ? "null" : random.nextInt(9) - 1) + "}");
        }
        return "\"[" + String.join(",", lines) + "]\"";
    }

    @Test
    void it_counts_what_an_audit_without_a_baseline_counts(SparkSession spark) throws IOException {
        Scene scene = scene(spark, 11);

        List<Auditor.RuleTally> census = Census.of(spark, scene.datasets(), scene.frames(), scene.rules(), NOW);

        List<Auditor.RuleTally> audited = new Auditor(
                        spark, folder.resolve("audit").toUri().toString(), NOW, Auditor.History.NONE)
                .run(scene.sides(), scene.rules())
                .rules();
        assertThat(census).containsExactlyInAnyOrderElementsOf(audited);
        assertThat(census).extracting(tally -> tally.rule().id()).hasSize(10);
        assertThat(census).filteredOn(tally -> tally.violations() == 0).hasSizeLessThan(2);
    }

    @Test
    void it_takes_one_query_a_dataset_and_one_a_relation(SparkSession spark) throws IOException {
        Scene scene = scene(spark, 12);

        int jobs = JobsOf.of(spark, () -> Census.of(spark, scene.datasets(), scene.frames(), scene.rules(), NOW));

        // A query that aggregates is two or three jobs under adaptive execution.
        assertThat(jobs).isLessThanOrEqualTo(2 * 2 + 3 * 3);
    }
}
