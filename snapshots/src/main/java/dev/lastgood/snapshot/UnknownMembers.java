package dev.lastgood.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a JSON document holds beyond the members this program knows, at any depth, so that it can be written again exactly
 * as it was.
 *
 * @param json canonical: the document without the known members; in arrays, null for an element with nothing unknown
 */
public record UnknownMembers(String json) {

    public static final UnknownMembers NONE = new UnknownMembers("{}");

    /** What the document has and the known part of it has not. */
    static UnknownMembers of(ObjectNode document, ObjectNode known) {
        JsonNode rest = rest(document, known);
        return rest == null ? NONE : new UnknownMembers(new String(CanonicalJson.bytes(rest), StandardCharsets.UTF_8));
    }

    /** The known part with these members added. */
    ObjectNode addTo(ObjectNode known) {
        return this.equals(NONE)
                ? known
                : (ObjectNode)
                        merged(known, CanonicalJson.object("unknown members", json.getBytes(StandardCharsets.UTF_8)));
    }

    /** Null if nothing is left. */
    private static @Nullable JsonNode rest(JsonNode whole, JsonNode known) {
        if (whole instanceof ObjectNode object && known instanceof ObjectNode part) {
            ObjectNode rest = JsonNodeFactory.instance.objectNode();
            for (var names = object.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                JsonNode value = object.get(name);
                JsonNode left = part.has(name) ? rest(value, part.get(name)) : value;
                if (left != null) {
                    rest.set(name, left);
                }
            }
            return rest.isEmpty() ? null : rest;
        }
        if (whole instanceof ArrayNode array && known instanceof ArrayNode part && array.size() == part.size()) {
            ArrayNode rest = JsonNodeFactory.instance.arrayNode();
            boolean something = false;
            for (int i = 0; i < array.size(); i++) {
                JsonNode left = rest(array.get(i), part.get(i));
                something |= left != null;
                rest.add(left);
            }
            return something ? rest : null;
        }
        return null;
    }

    private static JsonNode merged(JsonNode known, JsonNode unknown) {
        if (known instanceof ObjectNode object && unknown instanceof ObjectNode more) {
            for (var names = more.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                JsonNode there = object.get(name);
                object.set(name, there == null ? more.get(name) : merged(there, more.get(name)));
            }
        } else if (known instanceof ArrayNode array && unknown instanceof ArrayNode more) {
            for (int i = 0; i < array.size() && i < more.size(); i++) {
                array.set(i, merged(array.get(i), more.get(i)));
            }
        }
        return known;
    }
}
