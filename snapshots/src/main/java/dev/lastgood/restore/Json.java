package dev.lastgood.restore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.InvalidPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How plans and journals are written as JSON: values so that they read back equal, absent as a missing member. */
final class Json {
    private Json() {}

    /** The text is not what this program writes. The message says what is wrong, without values. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        private final String what;

        Malformed(String what) {
            super(what);
            this.what = what;
        }

        String what() {
            return what;
        }
    }

    static ObjectNode object() {
        return JsonValues.MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return JsonValues.MAPPER.createArrayNode();
    }

    static byte[] bytes(JsonNode node) {
        return JsonValues.write(node).getBytes(StandardCharsets.UTF_8);
    }

    static ObjectNode parse(byte[] bytes) throws Malformed {
        try {
            if (JsonValues.MAPPER.readTree(bytes) instanceof ObjectNode object) {
                return object;
            }
            throw new Malformed("it is no JSON object");
        } catch (JsonProcessingException e) {
            throw new Malformed("it is no JSON: "
                    + e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (java.io.IOException e) {
            throw new IllegalStateException("reading bytes cannot fail", e);
        }
    }

    static JsonNode member(JsonNode node, String name) throws Malformed {
        JsonNode member = node.get(name);
        if (member == null) {
            throw new Malformed("member '" + name + "' is missing");
        }
        return member;
    }

    static String text(JsonNode node, String name) throws Malformed {
        JsonNode member = member(node, name);
        if (!member.isTextual()) {
            throw new Malformed("member '" + name + "' is no text");
        }
        return member.textValue();
    }

    static long number(JsonNode node, String name) throws Malformed {
        JsonNode member = member(node, name);
        if (!member.isIntegralNumber() || !member.canConvertToLong() || member.longValue() < 0) {
            throw new Malformed("member '" + name + "' is no count");
        }
        return member.longValue();
    }

    static int integer(JsonNode node, String name) throws Malformed {
        long number = number(node, name);
        if (number > Integer.MAX_VALUE) {
            throw new Malformed("member '" + name + "' is too large");
        }
        return (int) number;
    }

    static Instant instant(JsonNode node, String name) throws Malformed {
        try {
            return Instant.parse(text(node, name));
        } catch (DateTimeException e) {
            throw new Malformed("member '" + name + "' is no time");
        }
    }

    static <E extends Enum<E>> E word(JsonNode node, String name, Class<E> type) throws Malformed {
        String text = text(node, name);
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw new Malformed("member '" + name + "' is none of the words it may be");
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static List<String> texts(JsonNode node, String name) throws Malformed {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : items(node, name)) {
            if (!item.isTextual()) {
                throw new Malformed("an item of '" + name + "' is no text");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    static ArrayNode texts(Iterable<String> texts) {
        ArrayNode array = array();
        texts.forEach(array::add);
        return array;
    }

    static ArrayNode items(JsonNode node, String name) throws Malformed {
        if (member(node, name) instanceof ArrayNode array) {
            return array;
        }
        throw new Malformed("member '" + name + "' is no array");
    }

    static void put(ObjectNode node, String name, @Nullable Image image) {
        if (image != null) {
            node.set(name, JsonValues.tagged(image.object()));
        }
    }

    static void put(ObjectNode node, String name, @Nullable Value value) {
        if (value != null) {
            node.set(name, JsonValues.tagged(value));
        }
    }

    static @Nullable Image image(JsonNode node, String name) throws Malformed {
        if (!node.has(name)) {
            return null;
        }
        if (value(member(node, name)) instanceof Value.Obj object) {
            return new Image(object);
        }
        throw new Malformed("member '" + name + "' is no record");
    }

    static Value value(JsonNode node) throws Malformed {
        try {
            return JsonValues.untagged(node);
        } catch (IllegalArgumentException e) {
            throw new Malformed("a value is not written as this program writes it");
        }
    }

    static Key key(JsonNode node) throws Malformed {
        try {
            return JsonValues.untaggedKey(member(node, "key"));
        } catch (IllegalArgumentException e) {
            throw new Malformed("a key is not written as this program writes it");
        }
    }

    static FieldPath path(JsonNode node, String name) throws Malformed {
        try {
            return FieldPath.parse(text(node, name));
        } catch (InvalidPath e) {
            throw new Malformed("member '" + name + "' is no field path");
        }
    }

    static ObjectNode change(FieldChange change, String before, String after) {
        ObjectNode node = object().put("path", change.path().toString());
        if (change.before() != null) {
            node.set(before, JsonValues.tagged(change.before()));
        }
        if (change.after() != null) {
            node.set(after, JsonValues.tagged(change.after()));
        }
        return node;
    }

    static FieldChange change(JsonNode node, String before, String after) throws Malformed {
        return new FieldChange(
                path(node, "path"),
                node.has(before) ? value(member(node, before)) : null,
                node.has(after) ? value(member(node, after)) : null);
    }
}
