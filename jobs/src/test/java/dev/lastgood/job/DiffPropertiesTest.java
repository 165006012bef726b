package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Laws of a diff, over hundreds of random cases that lie side by side in three datasets of JSON documents, so that they cost
 * three diffs: one with a composite, nested key parts of which may be null, one whose keys occur several times, one without a key.
 */
@ExtendWith(SparkForTests.class)
class DiffPropertiesTest {
    private static final long SEED = Long.getLong("diff.seed", new Random().nextLong());
    private static final int CASES = 300;
    private static final String DATASETS = """
        keyed: {source: here, path: keyed, format: json, key: [case, k, n.k]}
        twice: {source: here, path: twice, format: json, key: [case]}
        keyless: {source: here, path: keyless, format: json, key: []}
        """;

    private static final Map<String, List<String>> A = new TreeMap<>();
    private static final Map<String, List<String>> B = new TreeMap<>();
    private static List<JsonNode> same = List.of();
    private static List<JsonNode> there = List.of();
    private static List<JsonNode> back = List.of();

    @BeforeAll
    static void diffed(SparkSession session, @TempDir Path folder) {
        Documents documents = new Documents(new Random(SEED));
        for (String dataset : List.of("keyed", "twice", "keyless")) {
            List<String> a = new ArrayList<>();
            List<String> b = new ArrayList<>();
            for (int i = 0; i < CASES; i++) {
                documents.oneCase(dataset, i, a, b);
            }
            A.put(dataset, a);
            B.put(dataset, b);
        }
        WorkspaceForTests bench = WorkspaceForTests.in(folder, DATASETS);
        A.forEach((dataset, lines) -> bench.file(dataset + "/1.jsonl", lines.toArray(String[]::new)));
        String a = bench.take();
        B.forEach((dataset, lines) -> bench.file(dataset + "/1.jsonl", lines.toArray(String[]::new)));
        String b = bench.take();
        same = diff(bench, a, a);
        there = diff(bench, a, b);
        back = diff(bench, b, a);
    }

    private static List<JsonNode> diff(WorkspaceForTests bench, String base, String other) {
        Workplace workplace = bench.workplace();
        List<JsonNode> lines = new ArrayList<>();
        new DiffJob(workplace)
                .diff(workplace.datasets(List.of()), base, other, line -> lines.add(WorkspaceForTests.json(line)));
        return lines;
    }

    @Test
    void nothing_differs_from_itself() {
        assertThat(same).as("-Ddiff.seed=%d", SEED).isEmpty();
    }

    @Test
    void the_way_back_is_the_inverse_of_the_way_there() {
        List<JsonNode> inverted =
                there.stream().map(DiffPropertiesTest::inverse).toList();
        List<JsonNode> plain =
                back.stream().map(DiffPropertiesTest::withoutClasses).toList();
        assertThat(plain).as("-Ddiff.seed=%d", SEED).containsExactlyElementsOf(inverted);
    }

    @Test
    void a_diff_laid_over_the_one_side_gives_the_other() {
        Map<JsonNode, Image> laid = byKey(A);
        int changed = 0;
        for (JsonNode line : there) {
            if (!line.get("dataset").asText().equals("keyed")) {
                continue;
            }
            changed++;
            JsonNode key = line.get("key");
            switch (line.get("change").asText()) {
                case "added" ->
                    assertThat(laid.put(key, image(line.get("record").toString())))
                            .isNull();
                case "removed" ->
                    assertThat(laid.remove(key))
                            .isEqualTo(image(line.get("record").toString()));
                default -> laid.computeIfPresent(key, (same, image) -> laid(image, line));
            }
        }
        assertThat(laid).as("-Ddiff.seed=%d", SEED).isEqualTo(byKey(B));
        assertThat(changed).isGreaterThan(CASES);
    }

    private static Image laid(Image image, JsonNode line) {
        List<FieldChange> changes = new ArrayList<>();
        for (JsonNode field : line.get("fields")) {
            FieldPath path = FieldPath.valueOf(field.get("path").asText());
            Value before = value(field.get("before"));
            assertThat(Patch.at(image, path).value()).as(line.toString()).isEqualTo(before);
            changes.add(new FieldChange(path, before, value(field.get("after"))));
        }
        return Patch.lay(image, changes);
    }

    private static @Nullable Value value(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        return ((Value.Obj) JsonValues.embedded("{\"v\":" + node + "}"))
                .fields()
                .get("v");
    }

    private static Image image(String json) {
        return new Image((Value.Obj) JsonValues.embedded(json));
    }

    private static Map<JsonNode, Image> byKey(Map<String, List<String>> side) {
        Map<JsonNode, Image> byKey = new HashMap<>();
        for (String line : side.getOrDefault("keyed", List.of())) {
            JsonNode record = WorkspaceForTests.json(line);
            ObjectNode key = JsonNodeFactory.instance.objectNode();
            key.set("case", record.get("case"));
            key.set("k", orNull(record.get("k")));
            key.set("n.k", orNull(record.path("n").get("k")));
            assertThat(byKey.put(key, image(line))).isNull();
        }
        return byKey;
    }

    private static JsonNode orNull(@Nullable JsonNode node) {
        return node == null ? JsonNodeFactory.instance.nullNode() : node;
    }

    @Test
    void a_key_that_occurs_several_times_is_a_multiset() {
        Map<Integer, List<Image>> a = groups(A, "twice");
        Map<Integer, List<Image>> b = groups(B, "twice");
        Map<Integer, String> expected = new TreeMap<>();
        for (int i = 0; i < CASES; i++) {
            List<Image> before = a.getOrDefault(i, List.of());
            List<Image> after = b.getOrDefault(i, List.of());
            if (!counted(before).equals(counted(after))) {
                String change = before.isEmpty() ? "added" : after.isEmpty() ? "removed" : "changed";
                boolean several = before.size() > 1 || after.size() > 1;
                expected.put(
                        i,
                        change
                                + (several
                                        ? " {\"before\":%d,\"after\":%d}".formatted(before.size(), after.size())
                                        : ""));
            }
        }
        Map<Integer, String> found = new TreeMap<>();
        for (JsonNode line : there) {
            if (line.get("dataset").asText().equals("twice")) {
                String copies = line.has("copies") ? " " + line.get("copies") : "";
                found.put(
                        line.get("key").get("case").asInt(), line.get("change").asText() + copies);
            }
        }
        assertThat(found).as("-Ddiff.seed=%d", SEED).isEqualTo(expected);
    }

    @Test
    void without_a_key_records_are_counted() {
        Map<Image, Integer> a = counted(images(A, "keyless"));
        Map<Image, Integer> b = counted(images(B, "keyless"));
        Map<Image, String> expected = new HashMap<>();
        a.forEach((image, copies) -> expected.put(image, copies + " " + b.getOrDefault(image, 0)));
        b.forEach((image, copies) -> expected.put(image, a.getOrDefault(image, 0) + " " + copies));
        expected.values().removeIf(copies -> copies.split(" ", -1)[0].equals(copies.split(" ", -1)[1]));
        Map<Image, String> found = new HashMap<>();
        for (JsonNode line : there) {
            if (line.get("dataset").asText().equals("keyless")) {
                assertThat(line.get("key").isNull()).isTrue();
                boolean added = line.get("change").asText().equals("added");
                String copies = line.has("copies")
                        ? line.get("copies").get("before") + " "
                                + line.get("copies").get("after")
                        : added ? "0 1" : "1 0";
                found.put(image(line.get("record").toString()), copies);
            }
        }
        assertThat(found).as("-Ddiff.seed=%d", SEED).isEqualTo(expected);
    }

    private static List<Image> images(Map<String, List<String>> side, String dataset) {
        return side.getOrDefault(dataset, List.of()).stream()
                .map(DiffPropertiesTest::image)
                .toList();
    }

    private static Map<Integer, List<Image>> groups(Map<String, List<String>> side, String dataset) {
        Map<Integer, List<Image>> groups = new TreeMap<>();
        images(side, dataset)
                .forEach(image -> groups.computeIfAbsent(
                                Integer.valueOf(String.valueOf(image.field("case"))), any -> new ArrayList<>())
                        .add(image));
        return groups;
    }

    private static Map<Image, Integer> counted(List<Image> images) {
        Map<Image, Integer> counted = new HashMap<>();
        images.forEach(image -> counted.merge(image, 1, Integer::sum));
        return counted;
    }

    private static JsonNode withoutClasses(JsonNode line) {
        ObjectNode copy = line.deepCopy();
        copy.remove("class");
        if (copy.has("record")) {
            // Of equal records any stands for all of them.
            copy.put(
                    "record",
                    Canonical.digest(image(copy.get("record").toString()).object())
                            .toString());
        }
        copy.get("fields").forEach(field -> ((ObjectNode) field).remove(List.of("class", "kind")));
        return copy;
    }

    private static JsonNode inverse(JsonNode line) {
        ObjectNode copy = (ObjectNode) withoutClasses(line);
        String change = copy.get("change").asText();
        copy.put("change", change.equals("added") ? "removed" : change.equals("removed") ? "added" : change);
        copy.get("fields").forEach(field -> swap((ObjectNode) field));
        if (copy.has("copies")) {
            swap((ObjectNode) copy.get("copies"));
        }
        return copy;
    }

    private static void swap(ObjectNode sides) {
        JsonNode before = sides.remove("before");
        JsonNode after = sides.remove("after");
        if (after != null) {
            sides.set("before", after);
        }
        if (before != null) {
            sides.set("after", before);
        }
    }

    /** Random documents, and what may become of one. */
    private static final class Documents {
        private static final List<String> TEXTS =
                List.of("", "a", "A", " ", "é", "e\u0301", "\ud83d\ude00", "1", "null");
        private static final List<String> NUMBERS =
                List.of("0", "-0", "1", "1.0", "1e0", "100", "1e2", "1E+77", "0.1", "12345678901234567890.123456789");

        private final Random random;

        Documents(Random random) {
            this.random = random;
        }

        void oneCase(String dataset, int number, List<String> a, List<String> b) {
            switch (dataset) {
                case "keyed" -> {
                    for (String k : List.of("null", "1", "2", "3")) {
                        for (String n : List.of("{\"k\":\"x\"}", "{\"k\":null}", "{\"k\":\"y\",\"z\":1}", "null")) {
                            if (random.nextInt(4) == 0 && !n.equals("null")) {
                                both("\"case\":%d,\"k\":%s,\"n\":%s".formatted(number, k, n), a, b);
                            }
                        }
                    }
                }
                case "twice" -> {
                    List<String> pool = List.of(few(), few(), few());
                    copies("\"case\":" + number, pool, a);
                    copies("\"case\":" + number, random.nextInt(3) == 0 ? pool : pool.subList(0, 1), b);
                }
                default -> {
                    copies("\"case\":" + random.nextInt(20), List.of(few(), few()), a);
                    copies("\"case\":" + random.nextInt(20), List.of(few(), few()), b);
                    a.add("{\"case\":1%s}".formatted(few()));
                    b.add(a.get(a.size() - 1));
                }
            }
        }

        private void copies(String key, List<String> pool, List<String> side) {
            for (int i = random.nextInt(4); i > 0; i--) {
                side.add("{" + key + pool.get(random.nextInt(pool.size())) + "}");
            }
        }

        private String few() {
            return random.nextInt(4) == 0 ? "" : ",\"v\":" + value(1);
        }

        private void both(String key, List<String> a, List<String> b) {
            Map<String, String> fields = fields();
            if (random.nextInt(8) > 0) {
                a.add(document(key, fields));
            } else {
                b.add(document(key, fields));
                return;
            }
            if (random.nextInt(8) > 0) {
                for (int i = random.nextInt(3); i > 0; i--) {
                    fields.put("f" + random.nextInt(4), value(2));
                }
                if (random.nextInt(4) == 0) {
                    fields.remove("f" + random.nextInt(4));
                }
                b.add(document(key, fields));
            }
        }

        private Map<String, String> fields() {
            Map<String, String> fields = new TreeMap<>();
            for (int i = 0; i < 4; i++) {
                if (random.nextInt(4) > 0) {
                    fields.put("f" + i, value(2));
                }
            }
            return fields;
        }

        /** Members in any order. */
        private String document(String key, Map<String, String> fields) {
            List<String> members = new ArrayList<>(List.of(key));
            fields.forEach((name, value) -> members.add("\"" + name + "\":" + value));
            Collections.shuffle(members, random);
            return "{" + String.join(",", members) + "}";
        }

        private String value(int depth) {
            return switch (random.nextInt(depth == 0 ? 4 : 6)) {
                case 0 -> "null";
                case 1 -> Boolean.toString(random.nextBoolean());
                case 2 -> NUMBERS.get(random.nextInt(NUMBERS.size()));
                case 3 ->
                    JsonNodeFactory.instance
                            .textNode(TEXTS.get(random.nextInt(TEXTS.size())))
                            .toString();
                case 4 -> {
                    ArrayNode array = JsonNodeFactory.instance.arrayNode();
                    for (int i = random.nextInt(3); i > 0; i--) {
                        array.add(WorkspaceForTests.json(value(depth - 1)));
                    }
                    yield JsonValues.write(array);
                }
                default -> {
                    ObjectNode object = JsonNodeFactory.instance.objectNode();
                    for (int i = random.nextInt(3); i > 0; i--) {
                        object.set(List.of("x", "a.b", "é").get(i), WorkspaceForTests.json(value(depth - 1)));
                    }
                    yield JsonValues.write(object);
                }
            };
        }
    }
}
