package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Mutations;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RuleRobustnessTest {

    private static final int CASES = Boolean.getBoolean("lastgood.full") ? 500_000 : 5_000;

    @Test
    void whatever_a_file_holds_it_gives_rules_or_problems() throws IOException {
        String valid = Files.readString(Path.of("src/test/resources/complete.yaml"));
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + CASES; seed++) {
            String text = Mutations.mutated(valid, new Random(seed));
            try {
                check(text);
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                throw new AssertionError("repeat with -Dseed=%d:%n%s".formatted(seed, text), e);
            }
        }
    }

    private static void check(String text) {
        var problems = new Problems();
        RuleSet rules = RuleFiles.read(List.of(new SourceFile("f", text)), problems);
        for (Problem problem : problems.list()) {
            assertThat(problem.render()).isNotBlank();
            assertThat(problem.message()).doesNotContain("null pointer").isNotBlank();
        }
        rules.rules().forEach(rule -> assertThat(rule.hash()).hasSize(16));
    }

    @Test
    void the_complete_file_has_no_problem() throws IOException {
        var problems = new Problems();

        RuleSet rules = RuleFiles.read(
                List.of(new SourceFile("complete.yaml", Files.readString(Path.of("src/test/resources/complete.yaml")))),
                problems);

        assertThat(problems.list()).isEmpty();
        assertThat(rules.rules())
                .extracting(rule -> rule.constraint().keyword())
                .doesNotHaveDuplicates()
                .hasSize(11);
    }
}
