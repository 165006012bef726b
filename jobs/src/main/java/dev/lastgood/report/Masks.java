package dev.lastgood.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.path.Step;
import dev.lastgood.record.Paths;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Mask;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What people do not get to see of a dataset's values. */
public final class Masks implements Serializable {
    private static final long serialVersionUID = 1;

    /** By schema path, how many characters stay; 0 for none. */
    private final Map<String, Integer> kept = new LinkedHashMap<>();

    public Masks(DatasetSpec dataset) {
        dataset.mask()
                .forEach((path, mask) ->
                        kept.put(path.toString(), mask instanceof Mask.KeepLast keep ? keep.characters() : 0));
    }

    public boolean isEmpty() {
        return kept.isEmpty();
    }

    /** The value at a path, with everything masked that lies at, below or above a masked path. */
    public JsonNode masked(FieldPath path, JsonNode value) {
        FieldPath schema = Paths.schema(path);
        JsonNode shown = value;
        for (Map.Entry<String, Integer> entry : kept.entrySet()) {
            FieldPath hidden = FieldPath.valueOf(entry.getKey());
            if (schema.startsWith(hidden)) {
                return hidden(shown, mask(entry.getValue()));
            }
            if (hidden.startsWith(schema)) {
                shown = inside(shown, hidden, schema.steps().size(), mask(entry.getValue()));
            }
        }
        return shown;
    }

    /** A record: an object of values by the names of its fields. */
    public JsonNode maskedRecord(JsonNode record) {
        return masked(record, FieldPath::of);
    }

    /** An object of values by path, as keys are and as findings show them. */
    public JsonNode maskedPaths(JsonNode byPath) {
        return masked(byPath, FieldPath::valueOf);
    }

    private JsonNode masked(JsonNode object, Function<String, FieldPath> path) {
        if (isEmpty() || !object.isObject()) {
            return object;
        }
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        object.properties()
                .forEach(field -> shown.set(field.getKey(), masked(path.apply(field.getKey()), field.getValue())));
        return shown;
    }

    /** A path, in which the key of an element may be a value that nobody gets to see. */
    public String masked(FieldPath path) {
        List<Step> steps = new ArrayList<>();
        for (Step step : path.steps()) {
            steps.add(step instanceof Step.Keyed keyed ? masked(new FieldPath(steps), keyed) : step);
        }
        return new FieldPath(steps).toString();
    }

    private Step masked(FieldPath array, Step.Keyed keyed) {
        Map<String, Literal> shown = new LinkedHashMap<>();
        FieldPath element = Paths.schema(array).plus(new Step.Each());
        keyed.key().forEach((name, literal) -> {
            boolean isHidden = kept.keySet().stream().map(FieldPath::valueOf).anyMatch(element.child(name)::startsWith);
            shown.put(name, isHidden ? Literal.text("***") : literal);
        });
        return new Step.Keyed(shown);
    }

    private static UnaryOperator<String> mask(int characters) {
        return characters == 0 ? new Mask.Full()::masked : new Mask.KeepLast(characters)::masked;
    }

    private static JsonNode hidden(JsonNode value, UnaryOperator<String> mask) {
        if (value.isNull() || value.isMissingNode()) {
            return value;
        }
        return JsonNodeFactory.instance.textNode(mask.apply(value.isTextual() ? value.textValue() : value.toString()));
    }

    private static JsonNode inside(JsonNode value, FieldPath hidden, int at, UnaryOperator<String> mask) {
        if (at == hidden.steps().size()) {
            return hidden(value, mask);
        }
        Step step = hidden.steps().get(at);
        if (step instanceof Step.Name name && value.isObject() && value.has(name.name())) {
            ObjectNode copy = value.deepCopy();
            copy.set(name.name(), inside(value.get(name.name()), hidden, at + 1, mask));
            return copy;
        }
        if (step instanceof Step.Each && value.isArray()) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> copy.add(inside(item, hidden, at + 1, mask)));
            return copy;
        }
        return value;
    }
}
