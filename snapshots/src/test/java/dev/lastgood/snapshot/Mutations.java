package dev.lastgood.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.JsonValues;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damage to documents: bytes that no longer parse, and documents that do and say something else. */
final class Mutations {
    private Mutations() {}

    /** The bytes with one to three of them changed, cut, repeated or put elsewhere. */
    static byte[] ofBytes(byte[] bytes, Random random) {
        byte[] changed = bytes;
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed = ofBytesOnce(changed, random);
        }
        return changed;
    }

    private static byte[] ofBytesOnce(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt(256)};
        }
        int at = random.nextInt(bytes.length);
        int to = Math.min(bytes.length, at + 1 + random.nextInt(20));
        byte[] copy = bytes.clone();
        switch (random.nextInt(9)) {
            case 0:
                copy[at] ^= (byte) (1 << random.nextInt(8));
                return copy;
            case 1:
                copy[at] = (byte) random.nextInt(256);
                return copy;
            case 2:
                return Arrays.copyOf(bytes, at);
            case 3:
                return joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, to, bytes.length));
            case 4:
                return joined(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, bytes.length));
            case 5:
                Arrays.fill(copy, at, to, (byte) 0);
                return copy;
            case 6:
                return joined(bytes, Arrays.copyOfRange(bytes, at, to));
            case 7:
                byte[] digit = {(byte) ('0' + random.nextInt(10))};
                return joined(joined(Arrays.copyOf(bytes, at), digit), Arrays.copyOfRange(bytes, at, bytes.length));
            default:
                return joined(" ".getBytes(StandardCharsets.UTF_8), bytes);
        }
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** A document that parses and in which something is another value, missing, additional or elsewhere. */
    static ObjectNode ofDocument(ObjectNode document, Random random) {
        ObjectNode copy = document.deepCopy();
        List<ContainerNode<?>> containers = new ArrayList<>();
        collect(copy, containers);
        ContainerNode<?> container = containers.get(random.nextInt(containers.size()));
        if (container instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.isEmpty() ? "x" : names.get(random.nextInt(names.size()));
            switch (random.nextInt(4)) {
                case 0 -> object.remove(name);
                case 1 -> object.set("zz" + random.nextInt(3), value(random, 3));
                case 2 ->
                    object.set(name, object.path(names.isEmpty() ? "x" : names.get(random.nextInt(names.size()))));
                default -> object.set(name, value(random, 3));
            }
        } else if (container instanceof ArrayNode array) {
            int at = random.nextInt(array.size() + 1);
            switch (array.isEmpty() ? 0 : random.nextInt(4)) {
                case 0 -> array.insert(at, value(random, 2));
                case 1 -> array.remove(random.nextInt(array.size()));
                case 2 -> array.add(array.get(random.nextInt(array.size())).deepCopy());
                default -> array.set(random.nextInt(array.size()), value(random, 2));
            }
        }
        return copy;
    }

    private static void collect(JsonNode node, List<ContainerNode<?>> containers) {
        if (node instanceof ContainerNode<?> container) {
            containers.add(container);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode value(Random random, int depth) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        switch (random.nextInt(depth > 0 ? 14 : 11)) {
            case 0:
                return nodes.nullNode();
            case 1:
                return nodes.booleanNode(random.nextBoolean());
            case 2:
                return nodes.numberNode(-random.nextInt(5));
            case 3:
                return nodes.numberNode(random.nextLong());
            case 4:
                return nodes.numberNode(random.nextDouble() * 1e300);
            case 5:
                return nodes.numberNode(CanonicalJson.LARGEST_INTEGER);
            case 6:
                return nodes.textNode("");
            case 7:
                return nodes.textNode(Examples.text(random));
            case 8:
                return nodes.textNode("sha256:" + "0".repeat(64));
            case 9:
                return nodes.textNode("../".repeat(random.nextInt(5)) + "etc/passwd");
            case 10:
                return nodes.textNode("2026-02-30T25:61:61Z");
            case 11:
                return nodes.arrayNode().add(value(random, depth - 1));
            case 12:
                JsonNode deep = nodes.objectNode();
                for (int i = random.nextInt(900); i > 0; i--) {
                    deep = nodes.arrayNode().add(deep);
                }
                return deep;
            default:
                ObjectNode object = nodes.objectNode();
                object.set(Examples.text(random), value(random, depth - 1));
                return object;
        }
    }

    /** The document as the given bytes are one. */
    static ObjectNode document(byte[] canonical) {
        return CanonicalJson.object("document", canonical);
    }

    /** Text of the document that is JSON and not canonical. */
    static byte[] pretty(ObjectNode document) {
        return JsonValues.write(document).replace(",", ", ").getBytes(StandardCharsets.UTF_8);
    }
}
