package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference shows rule files that are right. */
class ReadmeTest {

    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    static List<String> ruleFiles() throws IOException {
        return examples().filter(example -> !isAccepted(example)).toList();
    }

    private static Stream<String> examples() throws IOException {
        return EXAMPLE.matcher(Files.readString(Path.of("README.md"))).results().map(match -> match.group(1));
    }

    private static boolean isAccepted(String example) {
        return example.startsWith("accepted:");
    }

    @ParameterizedTest
    @MethodSource("ruleFiles")
    void an_example_is_read_without_a_problem(String example) throws IOException {
        String accepted = examples().filter(ReadmeTest::isAccepted).findFirst().orElseThrow();
        var problems = new Problems();

        RuleSet rules = RuleFiles.read(
                List.of(new SourceFile("README.md", example)),
                name -> Optional.of(new SourceFile(name.text(), accepted)),
                problems);

        assertThat(problems.list()).extracting(Problem::render).isEmpty();
        assertThat(rules.isEmpty()).isFalse();
    }

    @Test
    void every_constraint_has_an_example() throws IOException {
        String complete = Files.readString(Path.of("src/test/resources/complete.yaml"));

        assertThat(keywords(ruleFiles())).containsAll(keywords(List.of(complete)));
    }

    private static Set<String> keywords(List<String> files) {
        Set<String> keywords = new TreeSet<>();
        for (String file : files) {
            RuleFiles.read(
                            List.of(new SourceFile("f", file)),
                            name -> Optional.of(new SourceFile(name.text(), "accepted: []")),
                            new Problems())
                    .rules()
                    .forEach(rule -> keywords.add(rule.constraint().keyword()));
        }
        return keywords;
    }
}
