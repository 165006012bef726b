package dev.lastgood.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Golden;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fixture has one defect and is named for it. A file {@code NAME.rules} beside it is its only rule file, a file
 * {@code NAME.accepted} is what that accepts.
 */
class WorkspaceErrorsTest {

    private static final Map<String, String> ENV = Map.of(
            "SET", "something",
            "DB_PASSWORD", "hunter2",
            "DB_URL_WITH_PASSWORD", "jdbc:postgresql://db1/shop?password=hunter2");

    @TempDir
    Path folder;

    static List<Path> fixtures() throws IOException {
        return Golden.inputs("errors", ".yaml");
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void a_defect_is_reported_at_its_place_and_no_secret_is_shown(Path fixture) throws IOException {
        String name = String.valueOf(fixture.getFileName()).replace(".yaml", "");
        Files.copy(fixture, folder.resolve("lastgood.yaml"));
        Path rules = fixture.resolveSibling(name + ".rules");
        if (Files.exists(rules)) {
            Files.createDirectory(folder.resolve("rules"));
            Files.copy(rules, folder.resolve("rules/rules.yaml"));
        }
        Path accepted = fixture.resolveSibling(name + ".accepted");
        if (Files.exists(accepted)) {
            Files.createDirectory(folder.resolve("rules/accepted"));
            Files.copy(accepted, folder.resolve("rules/accepted/known.yaml"));
        }
        var problems = new Problems();

        WorkspaceReader.read(folder.resolve("lastgood.yaml"), ENV, problems);

        String shown = shown(problems);
        assertThat(shown).isNotBlank().doesNotContain("hunter2");
        Golden.assertMatches(fixture.resolveSibling(name + ".txt"), shown);
    }

    @Test
    void a_file_that_is_not_there_is_a_problem() {
        var problems = new Problems();

        WorkspaceReader.read(folder.resolve("lastgood.yaml"), Map.of(), problems);

        assertThat(shown(problems)).isEqualTo("""
                        error: cannot read lastgood.yaml: there is no such file
                        hint: 'lastgood init' writes one; or say where it is with --workspace.
                        """);
    }

    @Test
    void a_folder_stands_for_the_file_in_it() {
        var problems = new Problems();

        WorkspaceReader.read(folder, Map.of(), problems);

        assertThat(shown(problems)).startsWith("error: cannot read lastgood.yaml: there is no such file");
    }

    @Test
    void a_file_that_is_no_text_is_a_problem() throws IOException {
        Files.write(folder.resolve("lastgood.yaml"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
        var problems = new Problems();

        WorkspaceReader.read(folder, Map.of(), problems);

        assertThat(shown(problems)).startsWith("error: cannot read lastgood.yaml: it is not UTF-8 text\n");
    }

    private String shown(Problems problems) {
        return problems.list().stream()
                .map(Problem::render)
                .collect(Collectors.joining("\n", "", "\n"))
                .replace(folder + "/", "")
                .replace(folder.toString(), "FOLDER");
    }
}
