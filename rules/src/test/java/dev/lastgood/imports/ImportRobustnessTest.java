package dev.lastgood.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Mutations;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.RuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImportRobustnessTest {

    private static final int CASES = Boolean.getBoolean("lastgood.full") ? 100_000 : 1_000;

    static List<Path> inputs() {
        return Inputs.in("imports", ".odcs.yaml", ".dbt.yaml", ".dqdl");
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void whatever_a_file_holds_it_gives_rules_or_problems(Path input) throws IOException {
        String valid = Files.readString(input);
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + CASES; seed++) {
            String text = Mutations.mutated(valid, new Random(seed));
            try {
                check(Inputs.format(input), text);
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                throw new AssertionError("repeat with -Dseed=%d:%n%s".formatted(seed, text), e);
            }
        }
    }

    private static void check(Format format, String text) {
        var problems = new Problems();
        var imported = RuleImport.of(format, new SourceFile("f", text), Options.about("orders"), problems);
        for (Problem problem : problems.list()) {
            assertThat(problem.render()).isNotBlank();
            assertThat(problem.message()).doesNotContain("null pointer").isNotBlank();
        }
        var written = new Problems();
        imported.ifPresent(known -> RuleFiles.read(List.of(new SourceFile("rules.yaml", known.rules())), written));
        assertThat(written.list())
                .filteredOn(problem -> !problem.message().endsWith("is not available in this version"))
                .extracting(Problem::render)
                .isEmpty();
    }
}
