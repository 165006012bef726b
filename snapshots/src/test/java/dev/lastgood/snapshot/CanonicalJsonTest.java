package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastgood.record.JsonValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {

    /** The vectors lie beside the project, not in it. */
    private static Path vectors() {
        Path root = Path.of("").toAbsolutePath();
        while (root.getParent() != null && !Files.exists(root.resolve("mvnw"))) {
            root = root.getParent();
        }
        Path vectors = root.resolve("../shared/data/json-canonical").normalize();
        assumeTrue(Files.isDirectory(vectors), "no test vectors of RFC 8785 at " + vectors);
        return vectors;
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrays", "french", "structures", "unicode", "values", "weird"})
    void the_vectors_of_rfc_8785_come_out_right(String name) throws IOException {
        Path vectors = vectors();
        String input = Files.readString(vectors.resolve("input/" + name + ".json"));
        byte[] expected = Files.readAllBytes(vectors.resolve("output/" + name + ".json"));

        assertThat(CanonicalJson.bytes(JsonValues.MAPPER.readTree(input))).isEqualTo(expected);
    }

    @Test
    void half_a_surrogate_pair_cannot_be_written() {
        assertThatThrownBy(() -> CanonicalJson.bytes(
                        JsonNodeFactory.instance.objectNode().put("a", "x\ud800")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("text with half a surrogate pair is not Unicode");
    }
}
