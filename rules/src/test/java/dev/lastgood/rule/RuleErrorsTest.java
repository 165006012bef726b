package dev.lastgood.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Golden;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fixture has one defect and is named for it. Files of accepted violations, which have the defect of the rule file
 * that names them, lie in a folder of their own.
 */
class RuleErrorsTest {

    static List<Path> fixtures() throws IOException {
        return Golden.inputs("errors", ".yaml");
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void a_defect_is_reported_at_its_place(Path fixture) throws IOException {
        String name = String.valueOf(fixture.getFileName());
        var problems = new Problems();

        RuleFiles.read(
                List.of(new SourceFile(name, Files.readString(fixture))),
                named -> Optional.of(beside(fixture, named.text())),
                problems);

        assertThat(problems.hasErrors()).isTrue();
        String shown = problems.list().stream().map(Problem::render).collect(Collectors.joining("\n", "", "\n"));
        Golden.assertMatches(fixture.resolveSibling(name.replace(".yaml", ".txt")), shown);
    }

    private static SourceFile beside(Path fixture, String name) {
        try {
            return new SourceFile(name, Files.readString(fixture.resolveSibling(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
