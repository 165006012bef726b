package dev.lastgood.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an audit has left of a dataset for the next one to go on from: all its records as the one pass saw them, and the
 * hashes of the keys whose records differed from the baseline or were accused.
 *
 * @param identity what the rows depend on beside the records: fields, key, rules and their order. Rows of another identity say
 *     nothing
 * @param baseline the snapshot it was compared with, and how that is read; null if it came to no comparison, and there are no
 *     hashes
 * @param silent the relations of the dataset that accused nobody, as the records were when they were first read
 */
public record Stage(String identity, @Nullable String baseline, Set<String> silent) {
    /** The baseline of an audit that has none. */
    static final String NO_BASELINE = "none";

    /** The part of an audit's folder that holds the rows, by dataset. */
    public static final String ROWS = "stage";

    /** The part of an audit's folder that holds the hashes of keys, by dataset. */
    public static final String HASHES = "hashes";

    public Stage {
        silent = Set.copyOf(silent);
    }

    public ObjectNode json() {
        ObjectNode node =
                JsonNodeFactory.instance.objectNode().put("identity", identity).put("baseline", baseline);
        new TreeSet<>(silent).forEach(node.putArray("silent")::add);
        return node;
    }

    public static Stage of(JsonNode node) {
        Set<String> silent = new TreeSet<>();
        node.get("silent").forEach(id -> silent.add(id.asText()));
        return new Stage(
                node.get("identity").asText(),
                Optional.ofNullable(node.get("baseline").textValue()).orElse(null),
                silent);
    }
}
