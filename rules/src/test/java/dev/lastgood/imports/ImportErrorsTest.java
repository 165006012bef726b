package dev.lastgood.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Golden;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fixture has one defect and is named for it. */
class ImportErrorsTest {

    static List<Path> fixtures() {
        return Inputs.in("imports/errors", ".odcs.yaml", ".dbt.yaml", ".dqdl");
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void a_defect_is_reported_at_its_place(Path fixture) throws IOException {
        String name = String.valueOf(fixture.getFileName());
        var problems = new Problems();

        RuleImport.of(
                Inputs.format(fixture),
                new SourceFile(name, Files.readString(fixture)),
                Options.about("orders"),
                problems);

        assertThat(problems.hasErrors()).isTrue();
        String shown = problems.list().stream().map(Problem::render).collect(Collectors.joining("\n", "", "\n"));
        Golden.assertMatches(fixture.resolveSibling(name + ".txt"), shown);
    }

    @Test
    void dqdl_needs_the_name_of_a_dataset() {
        assertThat(problems(new SourceFile("f.dqdl", "Rules = [ RowCount > 1 ]")))
                .containsExactly("f.dqdl:1:1: error: DQDL does not say which dataset it is about\n"
                        + "hint: Name it beside the file.");
    }

    @Test
    void a_file_without_a_sign_of_its_format_is_not_guessed_at() {
        assertThat(problems(new SourceFile("f.yaml", "version: 2\n")))
                .containsExactly("f.yaml:1:1: error: nothing tells the format of this file\n"
                        + "hint: Say whether it is odcs (a data contract), dbt (a property file with tests) or dqdl.");
    }

    @Test
    void a_rule_set_of_endless_length_is_refused() {
        assertThat(problems(new SourceFile("f.dqdl", "Rules = [" + " ".repeat(200_000) + "]"), Options.about("orders")))
                .containsExactly("f.dqdl:1:1: error: the file has more than 200,000 characters\n"
                        + "hint: Split it into several files.");
    }

    @Test
    void what_is_right_beside_a_mistake_is_translated() {
        var problems = new Problems();

        Imported imported = RuleImport.of(
                        new SourceFile("f.dqdl", "Rules = [ RowCount >, IsUnique \"id\" ]"),
                        Options.about("orders"),
                        problems)
                .orElseThrow();

        assertThat(problems.list()).hasSize(1);
        assertThat(imported.translated()).isEqualTo(1);
        assertThat(imported.rules()).contains("unique: [id]");
    }

    private static List<String> problems(SourceFile file) {
        return problems(file, Options.NONE);
    }

    private static List<String> problems(SourceFile file, Options options) {
        var problems = new Problems();
        RuleImport.of(file, options, problems);
        return problems.list().stream().map(Problem::render).toList();
    }
}
