package dev.lastgood;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;

/** Real tables that nobody here wrote, in {@code ../shared/data} from the project's root. */
public final class RealData {
    private static final Path DATA = root().resolveSibling("shared").resolve("data");

    private RealData() {}

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return here.endsWith("jobs") ? here.resolve("..").normalize() : here;
    }

    /** The folder of one; a checkout without it skips the test. */
    public static Path folder(String name) {
        assumeThat(DATA.resolve(name))
                .as("the data beside the project, which is not part of it")
                .isDirectory();
        return DATA.resolve(name);
    }
}
