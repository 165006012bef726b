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
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RuleRobustnessTest {

    private static final int CASES = Boolean.getBoolean("lastgood.full") ? 500_000 : 5_000;

    private static final Path COMPLETE = Path.of("src/test/resources/complete.yaml");
    private static final Path ACCEPTED = Path.of("src/test/resources/accepted.yaml");

    @Test
    void whatever_a_file_holds_it_gives_rules_or_problems() throws IOException {
        String accepted = Files.readString(ACCEPTED);
        mutate(Files.readString(COMPLETE), text -> check(text, accepted));
    }

    @Test
    void whatever_is_accepted_it_gives_rules_or_problems() throws IOException {
        String rules = "rules:\n  - {id: total, dataset: orders, assert: total > 0, accepted: accepted.yaml}\n";
        mutate(Files.readString(ACCEPTED), text -> check(rules, text));
    }

    private static void mutate(String valid, Consumer<String> check) {
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + CASES; seed++) {
            String text = Mutations.mutated(valid, new Random(seed));
            try {
                check.accept(text);
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                throw new AssertionError("repeat with -Dseed=%d:%n%s".formatted(seed, text), e);
            }
        }
    }

    private static void check(String text, String accepted) {
        var problems = new Problems();
        RuleSet rules = read(text, accepted, problems);
        for (Problem problem : problems.list()) {
            assertThat(problem.render()).isNotBlank();
            assertThat(problem.message()).doesNotContain("null pointer").isNotBlank();
        }
        rules.rules().forEach(rule -> assertThat(rule.hash()).hasSize(16));
    }

    private static RuleSet read(String text, String accepted, Problems problems) {
        return RuleFiles.read(
                List.of(new SourceFile("f", text)),
                name -> Optional.of(new SourceFile(name.text(), accepted)),
                problems);
    }

    @Test
    void the_complete_file_has_no_problem() throws IOException {
        var problems = new Problems();

        RuleSet rules = read(Files.readString(COMPLETE), Files.readString(ACCEPTED), problems);

        assertThat(problems.list()).isEmpty();
        assertThat(rules.rules())
                .extracting(rule -> rule.constraint().keyword())
                .doesNotHaveDuplicates()
                .hasSize(21);
        assertThat(rules.rule("order-discount").orElseThrow().accepted()).hasSize(2);
    }
}
