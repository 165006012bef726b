package dev.lastgood.incident;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Findings with one probable cause.
 *
 * @param id within its audit
 * @param rules the rules all of its records break
 * @param fields damaged fields and how many records each differs in
 * @param from when the first of its records was written; null if the dataset does not say
 * @param signature the dimension and value most of its records share, and the share; empty if there is none
 * @param patterns kinds of change and how many fields underwent each
 * @param unrecoverable records newer than the baseline, of which no good image is known
 */
public record Incident(
        String id,
        String dataset,
        List<String> rules,
        long records,
        Map<String, Long> fields,
        @Nullable Instant from,
        @Nullable Instant to,
        Map<String, String> signature,
        Map<String, Long> patterns,
        long unrecoverable,
        String sentence) {

    /** As it stands in the document of its audit. */
    public ObjectNode json() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", id).put("dataset", dataset).put("sentence", sentence);
        ArrayNode broken = node.putArray("rules");
        rules.forEach(broken::add);
        node.put("records", records);
        ArrayNode damaged = node.putArray("fields");
        fields.keySet().forEach(damaged::add);
        node.put("from", from == null ? null : from.toString());
        node.put("to", to == null ? null : to.toString());
        ObjectNode shared = node.putObject("signature");
        signature.forEach(shared::put);
        ObjectNode kinds = node.putObject("patterns");
        patterns.forEach(kinds::put);
        node.put("unrecoverable", unrecoverable);
        return node;
    }
}
