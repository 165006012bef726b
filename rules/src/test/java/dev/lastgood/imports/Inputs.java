package dev.lastgood.imports;

import dev.lastgood.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of other tools, in the resources of the tests. */
final class Inputs {

    private Inputs() {}

    /** Files with those endings, each of which some have. */
    static List<Path> in(String folder, String... endings) {
        List<Path> inputs = new ArrayList<>();
        for (String ending : endings) {
            try {
                inputs.addAll(Golden.inputs(folder, ending));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return inputs;
    }

    /** As the name of the file says. */
    static Format format(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(".dqdl") ? Format.DQDL : name.endsWith(".dbt.yaml") ? Format.DBT : Format.ODCS;
    }
}
