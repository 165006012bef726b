package dev.lastgood;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Expected output in a file beside its input. Rewritten with {@code -Dgolden.update=true}, then read in the diff. */
public final class Golden {

    private static final Path RESOURCES = Path.of("src", "test", "resources");

    private Golden() {}

    /** Every input of that folder with that ending, by name. At least one. */
    public static List<Path> inputs(String folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(RESOURCES.resolve(folder))) {
            List<Path> inputs = files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
            assertThat(inputs).as("inputs in %s", folder).isNotEmpty();
            return inputs;
        }
    }

    public static void assertMatches(Path golden, String actual) throws IOException {
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, actual);
        }
        assertThat(actual).as("%s", golden).isEqualTo(Files.readString(golden));
    }
}
