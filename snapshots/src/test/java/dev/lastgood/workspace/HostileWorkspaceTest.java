package dev.lastgood.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A file as large as one may be costs seconds at most, whatever it holds. */
class HostileWorkspaceTest {

    private static final String SOURCES = "store: s\nsources:\n  a: {jdbc: \"jdbc:h2:mem:a\"}\n";
    private static final String DATASET = SOURCES + "datasets:\n  d:\n    source: a\n    table: t\n";

    @TempDir
    Path folder;

    static List<String> files() {
        return List.of(
                many(90_000, "k%d: 1\n"),
                many(50_000, "password%d: x\n"),
                SOURCES + "hadoop:\n" + many(50_000, "  k%d: 1\n"),
                SOURCES + "hadoop:\n" + many(40_000, "  k%d.key: abc\n"),
                DATASET + "    key: [" + many(40_000, "f%d, ") + "]\n    ignore: [" + many(40_000, "f%d, ") + "]\n",
                DATASET + "    key: [id]\n    ignore: [" + many(60_000, "a%d[0], ") + "]\n",
                DATASET + "    key: [id]\n    compare: {" + many(50_000, "c%d: set, ") + "}\n",
                DATASET + "    key: [id]\n    restore: {never: [" + many(50_000, "f%d, ") + "], bump: ["
                        + many(50_000, "f%d, ") + "]}\n",
                SOURCES + "datasets:\n" + many(40_000, "  d%d: {source: b}\n"),
                "store: s\nsources: {a: {jdbc: \"jdbc:x://" + "a:".repeat(400_000) + "\"}}\n",
                "store: \"" + "secret".repeat(150_000) + "\"\n",
                "store: \"" + "${".repeat(400_000) + "\"\n",
                "store: \"" + " ".repeat(900_000) + "x: password\"\n",
                "? ".repeat(40) + "x\n",
                "\"" + "\\u0041".repeat(150_000) + "\": x\n");
    }

    @ParameterizedTest
    @MethodSource("files")
    @Timeout(20)
    void problems_are_found_and_shown_in_bounded_time(String text) throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), text);
        var problems = new Problems();

        WorkspaceReader.read(folder, Map.of(), problems);

        assertThat(problems.list()).hasSizeBetween(1, 1001);
        assertThat(problems.list().stream()
                        .map(Problem::render)
                        .mapToInt(String::length)
                        .sum())
                .isLessThan(10_000_000);
    }

    private static String many(int count, String line) {
        return IntStream.range(0, count).mapToObj(line::formatted).collect(Collectors.joining());
    }
}
