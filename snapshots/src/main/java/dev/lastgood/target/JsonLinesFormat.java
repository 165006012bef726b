package dev.lastgood.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One JSON object a line. In a line that is written anew, members that stay keep their order, their digits and everything
 * else but the blanks between them.
 */
final class JsonLinesFormat implements TextFormat {

    @Override
    public Text parse(byte[] bytes) throws Malformed {
        List<Row> rows = new ArrayList<>();
        String lineEnd = "\n";
        int line = 1;
        for (int start = 0; start < bytes.length; line++) {
            int newline = start;
            while (newline < bytes.length && bytes[newline] != '\n') {
                newline++;
            }
            int next = Math.min(bytes.length, newline + 1);
            boolean carriage = newline > start && newline < bytes.length && bytes[newline - 1] == '\r';
            int end = carriage ? newline - 1 : newline;
            if (carriage) {
                lineEnd = "\r\n";
            }
            String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
            if (!text.isBlank()) {
                rows.add(new Row(start, end, next, image(text, line), List.of()));
            }
            start = next;
        }
        return new Text(bytes, List.of(), rows, lineEnd);
    }

    private static Image image(String text, int line) throws Malformed {
        try {
            if (JsonValues.parse(text) instanceof Value.Obj object) {
                return new Image(object);
            }
            throw new Malformed(line, "it is no JSON object");
        } catch (JsonValues.NotJson e) {
            throw new Malformed(line, "it is no JSON");
        }
    }

    @Override
    public byte[] replaced(Text text, Row row, Image desired, Set<String> fields) {
        String line = new String(text.bytes(), row.start(), row.end() - row.start(), StandardCharsets.UTF_8);
        try {
            JsonNode old = JsonValues.MAPPER.readTree(line);
            Image target = row.image().with(fields, desired);
            return JsonValues.write(merged(old, row.image().object(), target.object()))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the line has been parsed before", e);
        }
    }

    @Override
    public byte[] added(Text text, Image desired) {
        return JsonValues.text(desired.object()).getBytes(StandardCharsets.UTF_8);
    }

    /** The desired value, taken from the old node wherever it is the same there. */
    private static JsonNode merged(JsonNode node, Value old, Value desired) {
        if (old.equals(desired)) {
            return node;
        }
        if (node instanceof ObjectNode object && old instanceof Value.Obj a && desired instanceof Value.Obj b) {
            ObjectNode merged = JsonValues.MAPPER.createObjectNode();
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                Value was = a.fields().get(member.getKey());
                Value shall = b.fields().get(member.getKey());
                if (was != null && shall != null) {
                    merged.set(member.getKey(), merged(member.getValue(), was, shall));
                }
            }
            b.fields().forEach((name, value) -> {
                if (!merged.has(name)) {
                    merged.set(name, JsonValues.json(value));
                }
            });
            return merged;
        }
        if (node instanceof ArrayNode array && old instanceof Value.Array a && desired instanceof Value.Array b) {
            ArrayNode merged = JsonValues.MAPPER.createArrayNode();
            for (int i = 0; i < b.items().size(); i++) {
                Value item = b.items().get(i);
                int same = a.items().indexOf(item);
                boolean there = i < a.items().size();
                merged.add(
                        same >= 0
                                ? array.get(same)
                                : there ? merged(array.get(i), a.items().get(i), item) : JsonValues.json(item));
            }
            return merged;
        }
        return JsonValues.json(desired);
    }
}
