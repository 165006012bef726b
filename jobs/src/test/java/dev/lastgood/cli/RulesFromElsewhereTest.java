package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cli.CommandLineForTests.Ended;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.RuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that come from other tools, and what tells editors of them; neither needs a workspace. */
final class RulesFromElsewhereTest {
    @TempDir
    Path folder;

    private static Ended run(String... words) {
        List<String> all = new ArrayList<>(List.of("rules"));
        all.addAll(List.of(words));
        return CommandLineForTests.run(Instant.parse("2026-11-22T02:00:00Z"), Map.of(), all);
    }

    @Test
    void what_can_be_translated_becomes_a_rule_file_and_the_rest_is_listed() throws IOException {
        Path file = Files.writeString(folder.resolve("checks.dqdl"), """
            Rules = [
                IsComplete "id",
                ColumnValues "status" in ["NEW", "PAID"],
                DetectAnomalies "RowCount"
            ]
            """);
        Path out = folder.resolve("imported.yaml");

        Ended ended = run("import", file.toString(), "--dataset", "orders", "--out", out.toString());

        assertThat(ended.err())
                .contains("not translated: ", "DetectAnomalies")
                .contains("2 checks are translated, 1 are not");
        assertThat(ended.code()).isEqualTo(3);
        Problems problems = new Problems();
        var rules = RuleFiles.read(List.of(new SourceFile("imported.yaml", Files.readString(out))), problems);
        assertThat(problems.list()).isEmpty();
        assertThat(rules.rules())
                .extracting(rule -> rule.dataset())
                .containsOnly("orders")
                .hasSize(2);
    }

    @Test
    void without_a_file_to_write_the_rules_are_the_output() throws IOException {
        Path file = Files.writeString(folder.resolve("schema.yml"), """
            version: 2
            models:
              - name: orders
                columns:
                  - name: id
                    tests: [unique, not_null]
            """);

        Ended ended = run("import", file.toString(), "--rename", "orders=sales");

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).startsWith("").contains("dataset: sales", "unique: [id]", "required: true");
    }

    @Test
    void what_nobody_can_read_is_refused() throws IOException {
        Path file = Files.writeString(folder.resolve("notes.txt"), "remember the milk\n");

        assertThat(run("import", file.toString()).code()).isEqualTo(2);
        assertThat(run("import", folder.resolve("nowhere").toString()).err())
                .startsWith("error: cannot read ")
                .contains("hint: Check that it is there and may be read.");
    }

    @Test
    void the_schema_of_rule_files_is_printed() {
        Ended ended = run("schema");

        assertThat(ended.code()).isZero();
        assertThat(WorkspaceForTests.json(ended.out()).get("$schema").asText()).contains("json-schema.org");
    }
}
