package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The reference of the rule language shows records that break its examples, and the findings they give: these. */
@ExtendWith(SparkForTests.class)
class RuleExamplesTest {
    private static final Path REFERENCE = Path.of("..", "rules", "README.md");
    private static final Pattern EXAMPLE =
            Pattern.compile("```yaml\nrules:\n([^`]*)```\n\n```text\n([^`]*)```", Pattern.DOTALL);
    private static final Pattern LINE = Pattern.compile("(\\w+)(?: +(before|after))? +(.*)");

    /** An example; its datasets are called by names that no other example has. */
    private static final class Example {
        final String prefix;
        final String rules;
        final Map<String, List<String>> before = new TreeMap<>();
        final Map<String, List<String>> after = new TreeMap<>();
        final List<JsonNode> findings = new ArrayList<>();
        final List<String> outcomes = new ArrayList<>();

        Example(int number, String rules, String text) {
            prefix = "e" + number + "_";
            text.lines().forEach(this::read);
            String renamed = rules.replaceAll("\\bid: (?=[a-z-]+\n)", "id: " + prefix);
            for (String dataset : datasets()) {
                renamed = renamed.replaceAll("(?<![-\\w])" + dataset + "\\b(?=[,.}\n ])", prefix + dataset);
            }
            this.rules = renamed;
        }

        private void read(String line) {
            Matcher words = LINE.matcher(line);
            assertThat(words.matches()).as(line).isTrue();
            String rest = words.group(3);
            switch (words.group(1)) {
                case "finding" -> findings.add(WorkspaceForTests.json(rest));
                case "outcome" -> outcomes.add(rest);
                default -> {
                    if (!"after".equals(words.group(2))) {
                        before.computeIfAbsent(words.group(1), any -> new ArrayList<>())
                                .add(rest);
                    }
                    if (!"before".equals(words.group(2))) {
                        after.computeIfAbsent(words.group(1), any -> new ArrayList<>())
                                .add(rest);
                    }
                }
            }
        }

        List<String> datasets() {
            return Stream.concat(before.keySet().stream(), after.keySet().stream())
                    .distinct()
                    .toList();
        }
    }

    private static final List<Example> EXAMPLES = new ArrayList<>();
    private static WorkspaceForTests.Audited audited;

    @BeforeAll
    static void audited(SparkSession session, @TempDir Path folder) throws IOException {
        EXAMPLE.matcher(Files.readString(REFERENCE))
                .results()
                .forEach(match -> EXAMPLES.add(new Example(EXAMPLES.size(), match.group(1), match.group(2))));
        StringBuilder datasets = new StringBuilder();
        StringBuilder rules = new StringBuilder();
        for (Example example : EXAMPLES) {
            example.datasets()
                    .forEach(name ->
                            datasets.append("%s%s: {source: here, path: %1$s%2$s.json, format: json, key: [id]}\n"
                                    .formatted(example.prefix, name)));
            rules.append(example.rules.indent(-2));
        }
        WorkspaceForTests workspace = WorkspaceForTests.in(folder, datasets.toString());
        EXAMPLES.forEach(example -> write(workspace, example, example.before));
        workspace.take();
        EXAMPLES.forEach(example -> write(workspace, example, example.after));
        audited = workspace.rules(rules.toString()).audit("latest");
    }

    private static void write(WorkspaceForTests workspace, Example example, Map<String, List<String>> records) {
        for (String dataset : example.datasets()) {
            workspace.file(
                    example.prefix + dataset + ".json",
                    records.getOrDefault(dataset, List.of()).toArray(String[]::new));
        }
    }

    @TestFactory
    Stream<DynamicTest> the_records_shown_give_the_findings_shown() {
        return EXAMPLES.stream()
                .map(example -> DynamicTest.dynamicTest(
                        example.rules.lines().findFirst().orElse(""), () -> gives(example)));
    }

    private static void gives(Example example) {
        List<JsonNode> found = audited.findings().stream()
                .filter(finding -> finding.get("rule").asText().startsWith(example.prefix))
                .map(finding -> WorkspaceForTests.json(finding.toString().replace(example.prefix, "")))
                .toList();
        assertThat(found).as("%s of %s", found, example.rules).hasSameSizeAs(example.findings);
        for (int i = 0; i < found.size(); i++) {
            JsonNode one = found.get(i);
            for (Map.Entry<String, JsonNode> shown : example.findings.get(i).properties()) {
                assertThat(one.path(shown.getKey()).toString())
                        .as("%s of %s", shown.getKey(), one)
                        .isEqualTo(shown.getValue().toString());
            }
        }
        for (String outcome : example.outcomes) {
            String id = outcome.split(" ", -1)[0];
            JsonNode rule = audited.rule(example.prefix + id);
            String reason = rule.get("reason").asText();
            assertThat("%s %s: %s".formatted(id, rule.get("outcome").asText(), reason))
                    .isEqualTo(outcome);
        }
    }

    @Test
    void every_constraint_has_an_example() throws IOException {
        String reference = Files.readString(REFERENCE);
        String constraints =
                reference.substring(reference.indexOf("## Constraints"), reference.indexOf("## Qualifiers"));

        assertThat(Pattern.compile("(?m)^### ").matcher(constraints).results().count())
                .isEqualTo(EXAMPLES.size());
    }
}
