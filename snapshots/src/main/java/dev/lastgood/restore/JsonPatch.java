package dev.lastgood.restore;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Patches as RFC 6902 has them, which fail as a whole where a record is not as it was. Every place that is changed is tested
 * first. That a member is not there cannot be tested by itself, so where one is added the object around it is. An array is
 * replaced as a whole: the index of an element is no name.
 */
public final class JsonPatch {
    private final List<ObjectNode> tests = new ArrayList<>();
    private final List<ObjectNode> changes = new ArrayList<>();

    private JsonPatch() {}

    /** The patch that makes one record of another; null means that there is no record. Empty if they are the same. */
    public static ArrayNode of(@Nullable Image live, @Nullable Image desired) {
        JsonPatch patch = new JsonPatch();
        patch.place("", live == null ? null : live.object(), desired == null ? null : desired.object());
        ArrayNode operations = JsonNodeFactory.instance.arrayNode();
        operations.addAll(patch.tests).addAll(patch.changes);
        return operations;
    }

    private void place(String pointer, @Nullable Value live, @Nullable Value desired) {
        if (live == null && desired != null) {
            if (pointer.isEmpty()) {
                // Else it would replace a record that is there by now.
                tests.add(operation("test", pointer, Value.NULL));
            }
            changes.add(operation("add", pointer, desired));
        } else if (live != null && desired == null) {
            tests.add(operation("test", pointer, live));
            changes.add(operation("remove", pointer, null));
        } else if (live instanceof Value.Obj from && desired instanceof Value.Obj to) {
            members(pointer, from, to);
        } else if (live != null && !live.equals(desired)) {
            tests.add(operation("test", pointer, live));
            changes.add(operation("replace", pointer, desired));
        }
    }

    private void members(String pointer, Value.Obj live, Value.Obj desired) {
        TreeSet<String> names = new TreeSet<>(live.fields().keySet());
        if (names.addAll(desired.fields().keySet())) {
            tests.add(operation("test", pointer, live));
        }
        for (String name : names) {
            place(
                    pointer + "/" + escaped(name),
                    live.fields().get(name),
                    desired.fields().get(name));
        }
    }

    /** RFC 6901, section 3. */
    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    private static ObjectNode operation(String op, String pointer, @Nullable Value value) {
        ObjectNode operation =
                JsonNodeFactory.instance.objectNode().put("op", op).put("path", pointer);
        if (value != null) {
            operation.set("value", JsonValues.json(value));
        }
        return operation;
    }
}
