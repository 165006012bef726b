package dev.lastgood.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Golden;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.RuleFiles;
import dev.lastgood.rule.RuleSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every input has its rules and its list of what is not translated beside it. */
class RuleImportTest {

    private static final Options OPTIONS = Options.about("orders");

    static List<Path> inputs() {
        return Inputs.in("imports", ".odcs.yaml", ".dbt.yaml", ".dqdl");
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void a_file_becomes_rules_and_a_list_of_what_is_not_translated(Path input) throws IOException {
        var problems = new Problems();
        String name = String.valueOf(input.getFileName());

        Imported imported = RuleImport.of(new SourceFile(name, Files.readString(input)), OPTIONS, problems)
                .orElseThrow();

        assertThat(problems.list()).extracting(Problem::render).isEmpty();
        Golden.assertMatches(input.resolveSibling(name.replaceFirst("\\..*", "") + ".rules.yaml"), imported.rules());
        String untranslated = imported.untranslated().stream()
                .map(Untranslated::toString)
                .collect(Collectors.joining("\n", "", "\n"));
        Golden.assertMatches(input.resolveSibling(name.replaceFirst("\\..*", "") + ".untranslated.txt"), untranslated);
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void the_rules_are_read_without_a_problem(Path input) throws IOException {
        var problems = new Problems();
        Imported imported = RuleImport.of(new SourceFile("input", Files.readString(input)), OPTIONS, problems)
                .orElseThrow();

        RuleSet rules = RuleFiles.read(List.of(new SourceFile("rules.yaml", imported.rules())), problems);

        assertThat(problems.list())
                .filteredOn(problem -> !problem.message().endsWith("is not available in this version"))
                .extracting(Problem::render)
                .isEmpty();
        assertThat(rules.rules().size() + problems.list().size()).isGreaterThanOrEqualTo(imported.translated());
    }
}
