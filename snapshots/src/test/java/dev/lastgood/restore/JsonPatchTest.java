package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Patches are applied by a library that knows nothing of how they were made. */
final class JsonPatchTest {
    private static Image image(String json) {
        return Scene.image(json);
    }

    private static JsonObject object(Image image) {
        return Json.createReader(new StringReader(JsonValues.text(image.object())))
                .readObject();
    }

    private static JsonStructure apply(String patch, JsonStructure to) {
        return Json.createPatch(Json.createReader(new StringReader(patch)).readArray())
                .apply(to);
    }

    private static String patch(Image live, Image desired) {
        return JsonValues.write(JsonPatch.of(live, desired));
    }

    @Test
    void every_place_is_tested_before_it_is_changed() {
        assertThat(patch(image("{'id':7,'a':{'b':1,'c':[1,2]},'x':'gone'}"), image("{'id':7,'a':{'b':2,'c':[1]}}")))
                .isEqualTo("""
                        [{"op":"test","path":"/a/b","value":1},{"op":"test","path":"/a/c","value":[1,2]},\
                        {"op":"test","path":"/x","value":"gone"},{"op":"replace","path":"/a/b","value":2},\
                        {"op":"replace","path":"/a/c","value":[1]},{"op":"remove","path":"/x"}]""");
    }

    @Test
    void where_a_member_is_added_the_object_around_it_is_tested() {
        String patch = patch(image("{'id':7,'a':{'b':1}}"), image("{'id':7,'a':{'b':1,'c':null}}"));

        assertThat(patch).isEqualTo("""
                        [{"op":"test","path":"/a","value":{"b":1}},{"op":"add","path":"/a/c","value":null}]""");
        assertThatThrownBy(() -> apply(patch, object(image("{'id':7,'a':{'b':1,'c':5}}"))))
                .isInstanceOf(JsonException.class);
    }

    @Test
    void a_record_is_added_and_removed_as_a_whole() {
        assertThat(JsonValues.write(JsonPatch.of(null, image("{'id':7}"))))
                .isEqualTo(
                        "[{\"op\":\"test\",\"path\":\"\",\"value\":null},{\"op\":\"add\",\"path\":\"\",\"value\":{\"id\":7}}]");
        assertThat(JsonValues.write(JsonPatch.of(image("{'id':7}"), null)))
                .isEqualTo("[{\"op\":\"test\",\"path\":\"\",\"value\":{\"id\":7}},{\"op\":\"remove\",\"path\":\"\"}]");
        assertThat(JsonPatch.of(image("{'id':7}"), image("{'id':7}"))).isEmpty();
    }

    @Test
    void names_are_escaped() {
        Image live = Image.of(Map.of("a/b", Value.of(1), "c~1", Value.of(1), "", Value.of(1)));
        Image desired = Image.of(Map.of("a/b", Value.of(2), "c~1", Value.of(3), "", Value.of(4)));

        assertThat(apply(patch(live, desired), object(live))).isEqualTo(object(desired));
    }

    /** Of 5,000 random pairs, the patch makes one of the other, and of nothing that differs from the first in a place it tests. */
    @Test
    void the_patch_makes_one_record_of_the_other_and_of_no_third() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            Image live = new Image((Value.Obj) randomObject(random, 3));
            Image desired = new Image(changed(live.object(), random));
            String patch = patch(live, desired);

            assertThat(apply(patch, object(live))).as("seed " + seed).isEqualTo(object(desired));
            Image moved = new Image(changed(live.object(), random));
            refused += checkMoved(patch, live, moved, desired, "seed " + seed) ? 1 : 0;
        }
        assertThat(refused).as("seed " + seed).isGreaterThan(300);
    }

    /** Applied to a record that has moved, it changes only what was as it was; whether it was refused. */
    private static boolean checkMoved(String patch, Image live, Image moved, Image desired, String seed) {
        JsonObject result;
        try {
            result = (JsonObject) apply(patch, object(moved));
        } catch (JsonException e) {
            return true;
        }
        TreeSet<String> names = new TreeSet<>(desired.fields().keySet());
        names.addAll(live.fields().keySet());
        for (String name : names) {
            boolean isChanged = !Objects.equals(desired.field(name), live.field(name));
            boolean isWhole = !(live.field(name) instanceof Value.Obj && desired.field(name) instanceof Value.Obj);
            if (isChanged && isWhole) {
                assertThat(moved.field(name)).as(seed).isEqualTo(live.field(name));
            }
        }
        moved.fields().forEach((name, value) -> {
            boolean isOthers = !value.equals(live.field(name));
            if (isOthers && !(value instanceof Value.Obj)) {
                assertThat(result.get(name)).as(seed).isEqualTo(object(moved).get(name));
            }
        });
        return false;
    }

    private static Value.Obj changed(Value.Obj object, Random random) {
        TreeMap<String, Value> fields = new TreeMap<>(object.fields());
        for (String name : List.copyOf(fields.keySet())) {
            switch (random.nextInt(6)) {
                case 0 -> fields.put(name, randomValue(random, 2));
                case 1 -> fields.remove(name);
                case 2 -> {
                    if (fields.get(name) instanceof Value.Obj inner) {
                        fields.put(name, changed(inner, random));
                    }
                }
                default -> {}
            }
        }
        if (random.nextInt(3) == 0) {
            fields.put("new", randomValue(random, 2));
        }
        return new Value.Obj(fields);
    }

    private static Value randomObject(Random random, int depth) {
        TreeMap<String, Value> fields = new TreeMap<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            fields.put(List.of("a", "b/c", "~d", "e f", "").get(random.nextInt(5)), randomValue(random, depth - 1));
        }
        return new Value.Obj(fields);
    }

    private static Value randomValue(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> Value.NULL;
            case 1 -> Value.of(random.nextBoolean());
            case 2 -> Value.of(random.nextInt(3));
            case 3 -> Value.of("text " + random.nextInt(3));
            case 4 -> {
                List<Value> items = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    items.add(randomValue(random, depth - 1));
                }
                yield new Value.Array(items);
            }
            default -> randomObject(random, depth);
        };
    }

    /** The documents of the conformance tests of RFC 6902, from each to what its own patch makes of it. */
    @Test
    void the_documents_of_the_conformance_tests_are_made_of_each_other() throws IOException {
        int made = 0;
        for (String file : List.of("tests.json", "spec_tests.json")) {
            for (JsonNode one : new ObjectMapper().readTree(Files.readString(data().resolve(file)))) {
                boolean disabled = one.path("disabled").asBoolean();
                if (disabled
                        || !one.path("doc").isObject()
                        || !one.path("expected").isObject()) {
                    continue;
                }
                Image live = image(one.get("doc").toString());
                Image desired = image(one.get("expected").toString());
                assertThat(apply(patch(live, desired), object(live)))
                        .as(one.toString())
                        .isEqualTo(object(desired));
                made++;
            }
        }
        assertThat(made).isGreaterThan(50);
    }

    /** What applies the patches here does so as the RFC says: else the tests above would mean little. */
    @Test
    void the_library_that_applies_them_conforms() throws IOException {
        int conforming = 0;
        for (JsonNode one : new ObjectMapper().readTree(Files.readString(data().resolve("spec_tests.json")))) {
            JsonNode expected = one.path("expected");
            JsonValue doc = Json.createReader(new StringReader(one.get("doc").toString()))
                    .readValue();
            if (one.path("disabled").asBoolean()
                    || !(doc instanceof JsonStructure document)
                    || expected.isMissingNode()) {
                continue;
            }
            assertThat(apply(one.get("patch").toString(), document))
                    .as(one.toString())
                    .isEqualTo(Json.createReader(new StringReader(expected.toString()))
                            .readValue());
            conforming++;
        }
        assertThat(conforming).isGreaterThan(10);
    }

    /** The cases lie beside the project, not in it. */
    private static Path data() {
        Path root = Path.of("").toAbsolutePath();
        while (root.getParent() != null && !Files.exists(root.resolve("mvnw"))) {
            root = root.getParent();
        }
        Path data = root.resolve("../shared/data/json-patch").normalize();
        assumeTrue(Files.isDirectory(data), "no test cases of RFC 6902 at " + data);
        return data;
    }

    @Test
    void where_there_is_no_record_and_shall_be_none_nothing_is_to_be_done() {
        assertThat(JsonPatch.of(null, null)).isEmpty();
    }
}
