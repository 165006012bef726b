package dev.lastgood.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Mutations;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceRobustnessTest {

    private static final int CASES = Boolean.getBoolean("lastgood.full") ? 200_000 : 3_000;

    @TempDir
    Path folder;

    @Test
    void whatever_a_file_holds_it_gives_a_workspace_or_problems() throws IOException {
        String valid = Files.readString(Path.of("src/test/resources/workspaces/complete/lastgood.yaml"));
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

    private void check(String text) throws IOException {
        Path file = folder.resolve("lastgood.yaml");
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
        var problems = new Problems();
        Optional<Workspace> workspace = WorkspaceReader.read(file, Map.of("BANK_READ_USER", "reader"), problems);
        for (Problem problem : problems.list()) {
            assertThat(problem.render()).isNotBlank();
        }
        assertThat(workspace.isPresent() || problems.hasErrors()).isTrue();
    }

    /** A secret written out, by whatever mistake it is surrounded, is shown by nothing. */
    @Test
    void a_secret_written_out_is_never_shown() throws IOException {
        String valid = """
                store: store
                sources:
                  shopdb:
                    jdbc: jdbc:postgresql://db1/shop
                    user: shop
                    password: Hunter2Hunter2
                    write: {user: "shop", password: 'Hunter2Hunter2'}
                datasets:
                  orders: {source: shopdb, table: orders, key: [id]}
                """;
        long first = Long.getLong("seed", System.nanoTime());
        for (long seed = first; seed < first + CASES; seed++) {
            var random = new Random(seed);
            String text = brokenElsewhere(valid, random);
            Path file = folder.resolve("lastgood.yaml");
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
            var problems = new Problems();

            WorkspaceReader.read(file, Map.of(), problems);

            assertThat(problems.list().stream().map(Problem::render))
                    .as("repeat with -Dseed=%d:%n%s", seed, text)
                    .noneMatch(shown -> shown.contains("Hunter2Hunter2"));
        }
    }

    /** One edit that touches neither the secrets nor the keys above them. */
    private static String brokenElsewhere(String valid, Random random) {
        while (true) {
            String text = Mutations.mutated(valid, random);
            boolean whole = text.contains("password: Hunter2Hunter2") && text.contains("password: 'Hunter2Hunter2'");
            if (whole && count(text) == 2) {
                return text;
            }
        }
    }

    private static int count(String text) {
        return (text.length() - text.replace("Hunter2Hunter2", "").length()) / "Hunter2Hunter2".length();
    }
}
