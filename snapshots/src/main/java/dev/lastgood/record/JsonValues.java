package dev.lastgood.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Values as JSON, in three ways: JSON text of a source read without loss ({@link #parse}); values written for people and
 * programs as the output contract says ({@link #json}); and values written so that they read back equal, of the same kind
 * ({@link #tagged}, {@link #untagged}), for plans and journals.
 */
public final class JsonValues {
    private JsonValues() {}

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Exact numbers, duplicate members refused, nothing allowed behind the document. */
    public static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(256 << 20)
                            .maxNumberLength(100_000)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .nodeFactory(NODES)
            .build();

    /** The text is not one JSON document. The message names the place in the text and never a value. */
    public static final class NotJson extends Exception {
        private static final long serialVersionUID = 1;

        NotJson(String message) {
            super(message);
        }
    }

    /** Reads one JSON document; every digit of a number counts, names may not occur twice in an object. */
    public static Value parse(String json) throws NotJson {
        try (JsonParser parser = MAPPER.createParser(json)) {
            JsonNode node = MAPPER.readTree(parser);
            if (node == null) {
                throw new NotJson("empty text is not JSON");
            }
            return value(node);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw new NotJson("not JSON at character " + (at == null ? 0 : at.getCharOffset()));
        } catch (java.io.IOException e) {
            throw new IllegalStateException("reading a string cannot fail", e);
        }
    }

    /**
     * What a text that should hold JSON means as a part of a record. Text that is not JSON stays the text it is: it is
     * still compared and still kept. So that it is never taken for JSON that means something else, a JSON text or null by
     * itself is the JSON text that says so, with its quotes.
     */
    public static Value embedded(String text) {
        try {
            Value value = parse(text);
            return value instanceof Value.Text || value.isNull() ? new Value.Text(text(value)) : value;
        } catch (NotJson e) {
            return new Value.Text(text);
        }
    }

    /** The inverse of {@link #embedded}: JSON is written anew, so its text may differ, its meaning not. */
    public static String embeddedText(Value value) {
        return value instanceof Value.Text text ? text.value() : text(value);
    }

    private static Value value(JsonNode node) {
        switch (node.getNodeType()) {
            case NULL:
                return Value.NULL;
            case BOOLEAN:
                return Value.of(node.booleanValue());
            case NUMBER:
                return new Value.Num(node.decimalValue());
            case STRING:
                return new Value.Text(node.textValue());
            case ARRAY:
                List<Value> items = new ArrayList<>(node.size());
                node.forEach(item -> items.add(value(item)));
                return new Value.Array(items);
            case OBJECT:
                SortedMap<String, Value> fields = new TreeMap<>();
                node.properties().forEach(field -> fields.put(field.getKey(), value(field.getValue())));
                return new Value.Obj(fields);
            default:
                throw new IllegalStateException("JSON text has no " + node.getNodeType());
        }
    }

    /** The value as the output contract writes it; kinds that JSON lacks become strings. */
    public static JsonNode json(Value value) {
        return value.accept(new Plain());
    }

    /** {@link #json} as text. */
    public static String text(Value value) {
        return write(json(value));
    }

    public static String write(JsonNode node) {
        try {
            return wellFormed(MAPPER.writeValueAsString(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a JSON tree can always be written", e);
        }
    }

    /**
     * JSON text that holds the value, written like an older text: what is the same keeps its notation and the order of its
     * members, so that a change of one number changes one number in the text. If the older text is no JSON, anew.
     */
    public static String rewritten(String older, Value value) {
        try (JsonParser parser = MAPPER.createParser(older)) {
            JsonNode node = MAPPER.readTree(parser);
            return node == null ? text(value) : write(rewritten(node, value));
        } catch (java.io.IOException e) {
            return text(value);
        }
    }

    private static JsonNode rewritten(JsonNode older, Value value) {
        if (value(older).equals(value)) {
            return older;
        }
        if (older.isObject() && value instanceof Value.Obj object) {
            ObjectNode node = NODES.objectNode();
            older.properties().forEach(member -> {
                Value wanted = object.fields().get(member.getKey());
                if (wanted != null) {
                    node.set(member.getKey(), rewritten(member.getValue(), wanted));
                }
            });
            object.fields().forEach((name, wanted) -> {
                if (!node.has(name)) {
                    node.set(name, json(wanted));
                }
            });
            return node;
        }
        if (older.isArray() && value instanceof Value.Array array) {
            return rewritten((ArrayNode) older, array);
        }
        return json(value);
    }

    /** Elements keep the notation of an equal one wherever that stood, others that of the one in their place. */
    private static JsonNode rewritten(ArrayNode older, Value.Array array) {
        Map<Value, JsonNode> equal = new java.util.HashMap<>();
        older.forEach(element -> equal.putIfAbsent(value(element), element));
        ArrayNode node = NODES.arrayNode();
        for (int i = 0; i < array.items().size(); i++) {
            Value wanted = array.items().get(i);
            JsonNode same = equal.get(wanted);
            JsonNode there = older.get(i);
            node.add(same != null ? same : there != null ? rewritten(there, wanted) : json(wanted));
        }
        return node;
    }

    /** Half of a surrogate pair goes as an escape: UTF-8 has no bytes for it and would make it a question mark. */
    private static String wellFormed(String json) {
        if (json.chars().noneMatch(unit -> Character.isSurrogate((char) unit))) {
            return json;
        }
        StringBuilder text = new StringBuilder(json.length() + 16);
        json.codePoints().forEach(codePoint -> {
            if (codePoint <= Character.MAX_VALUE && Character.isSurrogate((char) codePoint)) {
                text.append("\\u%04x".formatted(codePoint));
            } else {
                text.appendCodePoint(codePoint);
            }
        });
        return text.toString();
    }

    /** The key as a JSON object in the order of the key fields. */
    public static ObjectNode json(Key key) {
        ObjectNode node = NODES.objectNode();
        key.parts().forEach((name, value) -> node.set(name, json(value)));
        return node;
    }

    /** Kinds that JSON lacks become an object with one member, whose name is the kind; objects are wrapped the same way. */
    public static JsonNode tagged(Value value) {
        return value.accept(new Tagged());
    }

    /** The inverse of {@link #tagged}. Throws IllegalArgumentException for what {@code tagged} does not write. */
    public static Value untagged(JsonNode node) {
        switch (node.getNodeType()) {
            case ARRAY:
                List<Value> items = new ArrayList<>(node.size());
                node.forEach(item -> items.add(untagged(item)));
                return new Value.Array(items);
            case OBJECT:
                if (node.size() != 1) {
                    throw new IllegalArgumentException("a tagged value has one member, this has " + node.size());
                }
                Map.Entry<String, JsonNode> tag = node.properties().iterator().next();
                return untagged(tag.getKey(), tag.getValue());
            default:
                return value(node);
        }
    }

    private static Value untagged(String kind, JsonNode content) {
        if (kind.equals("object") && content.isObject()) {
            SortedMap<String, Value> fields = new TreeMap<>();
            content.properties().forEach(field -> fields.put(field.getKey(), untagged(field.getValue())));
            return new Value.Obj(fields);
        }
        if (!content.isTextual()) {
            throw new IllegalArgumentException("a value of kind '" + kind + "' is not written like this");
        }
        String text = content.textValue();
        try {
            switch (kind) {
                case "double":
                    return new Value.Real(Double.parseDouble(text));
                case "bytes":
                    return new Value.Bytes(Base64.getDecoder().decode(text));
                case "date":
                    return new Value.Day(LocalDate.parse(text));
                case "instant":
                    return new Value.Moment(Instant.parse(text));
                case "timestamp":
                    return new Value.LocalMoment(LocalDateTime.parse(text));
                default:
                    throw new IllegalArgumentException("there is no kind of value '" + kind + "'");
            }
        } catch (java.time.DateTimeException e) {
            throw new IllegalArgumentException("a value of kind '" + kind + "' is not written like this", e);
        }
    }

    /** A key that reads back equal: an array of [name, value] pairs, because the order of key fields counts. */
    public static ArrayNode tagged(Key key) {
        ArrayNode parts = NODES.arrayNode();
        key.parts().forEach((name, value) -> parts.addArray().add(name).add(tagged(value)));
        return parts;
    }

    /** The inverse of {@link #tagged(Key)}. */
    public static Key untaggedKey(JsonNode node) {
        Map<String, Value> parts = new java.util.LinkedHashMap<>();
        for (JsonNode part : node) {
            if (!part.isArray() || part.size() != 2 || !part.get(0).isTextual()) {
                throw new IllegalArgumentException("a key is an array of [name, value] pairs");
            }
            parts.put(part.get(0).textValue(), untagged(part.get(1)));
        }
        return new Key(parts);
    }

    private abstract static class Writer implements Value.Visitor<JsonNode> {
        @Override
        public JsonNode ofNull() {
            return NODES.nullNode();
        }

        @Override
        public JsonNode ofBool(boolean value) {
            return NODES.booleanNode(value);
        }

        @Override
        public JsonNode ofNum(BigDecimal value) {
            // A plain integer where that is what it is: 1E+1 reads as 10 everywhere.
            return value.scale() <= 0 && value.scale() > -40
                    ? NODES.numberNode(value.toBigIntegerExact())
                    : NODES.numberNode(value);
        }

        @Override
        public JsonNode ofText(String value) {
            return NODES.textNode(value);
        }

        @Override
        public JsonNode ofArray(List<Value> items) {
            ArrayNode array = NODES.arrayNode();
            items.forEach(item -> array.add(item.accept(this)));
            return array;
        }

        ObjectNode object(SortedMap<String, Value> fields) {
            ObjectNode object = NODES.objectNode();
            fields.forEach((name, value) -> object.set(name, value.accept(this)));
            return object;
        }
    }

    private static final class Plain extends Writer {
        @Override
        public JsonNode ofReal(double value) {
            return Double.isFinite(value) ? NODES.numberNode(value) : NODES.textNode(Double.toString(value));
        }

        @Override
        public JsonNode ofBytes(byte[] value) {
            return NODES.textNode(Base64.getEncoder().encodeToString(value));
        }

        @Override
        public JsonNode ofDay(LocalDate value) {
            return NODES.textNode(value.toString());
        }

        @Override
        public JsonNode ofMoment(Instant value) {
            return NODES.textNode(value.toString());
        }

        @Override
        public JsonNode ofLocalMoment(LocalDateTime value) {
            return NODES.textNode(value.toString());
        }

        @Override
        public JsonNode ofObj(SortedMap<String, Value> fields) {
            return object(fields);
        }
    }

    private static final class Tagged extends Writer {
        private static JsonNode tag(String kind, String text) {
            return NODES.objectNode().put(kind, text);
        }

        @Override
        public JsonNode ofReal(double value) {
            return tag("double", Double.toString(value));
        }

        @Override
        public JsonNode ofBytes(byte[] value) {
            return tag("bytes", Base64.getEncoder().encodeToString(value));
        }

        @Override
        public JsonNode ofDay(LocalDate value) {
            return tag("date", value.toString());
        }

        @Override
        public JsonNode ofMoment(Instant value) {
            return tag("instant", value.toString());
        }

        @Override
        public JsonNode ofLocalMoment(LocalDateTime value) {
            return tag("timestamp", value.toString());
        }

        @Override
        public JsonNode ofObj(SortedMap<String, Value> fields) {
            ObjectNode node = NODES.objectNode();
            node.set("object", object(fields));
            return node;
        }
    }
}
