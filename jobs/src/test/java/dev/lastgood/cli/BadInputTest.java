package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The cases of {@link BadInput}, all together. */
final class BadInputTest {
    private static final List<BadInput> CLASSES = List.of(
            new BadArgumentsTest(),
            new BadDataTest(),
            new BadSnapshotsTest(),
            new BadPlansTest(),
            new BadAdoptionTest());

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(BadInput.CASES)) {
            return files.sorted().toList();
        }
    }

    @Test
    void every_file_is_tried_by_a_class() throws IOException {
        assertThat(CLASSES.stream().flatMap(one -> one.files().stream()))
                .containsExactlyInAnyOrderElementsOf(files().stream()
                        .map(file -> file.getFileName().toString())
                        .toList());
    }

    @Test
    void there_are_many_cases_with_many_messages() throws IOException {
        int cases = 0;
        Set<String> messages = new TreeSet<>();
        Set<String> names = new TreeSet<>();
        for (Path file : files()) {
            for (BadInput.Case one : BadInput.cases(file)) {
                cases++;
                names.add(one.name());
                one.expected()
                        .lines()
                        .filter(line -> line.matches("[12]\\| .*(error: |L[0-3] ).*"))
                        .limit(1)
                        .map(line -> line.replaceAll(".*error: ", "").replaceAll("'[^']*'|\\$[A-Z]+|[0-9]+", "…"))
                        .forEach(messages::add);
            }
        }
        assertThat(names).hasSize(cases);
        assertThat(cases).isGreaterThanOrEqualTo(80);
        assertThat(messages).hasSizeGreaterThanOrEqualTo(50);
    }
}
