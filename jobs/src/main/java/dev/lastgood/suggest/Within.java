package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Reads and replaces values inside records of the rules' view. */
final class Within {
    private Within() {}

    /** The values of a field: one of a record, one an element if it is a field of elements. */
    static List<Value> values(Image record, Field field) {
        if (field.of().array() == null) {
            return List.of(at(record.object(), field.path().steps()));
        }
        List<Step> array = steps(field.of().array());
        if (!(at(record.object(), array) instanceof Value.Array elements)) {
            return List.of();
        }
        return elements.items().stream()
                .map(element ->
                        field.of().plain() ? element : at(element, field.path().steps()))
                .toList();
    }

    /** The record with another value there; as it is if that leads nowhere. */
    static Image with(Image record, Field field, int element, Value value) {
        List<Step> path = field.path().steps();
        if (field.of().array() == null) {
            return new Image((Value.Obj) replaced(record.object(), path, value));
        }
        List<Step> array = steps(field.of().array());
        if (!(at(record.object(), array) instanceof Value.Array elements)) {
            return record;
        }
        List<Value> items = new ArrayList<>(elements.items());
        items.set(element, field.of().plain() ? value : replaced(items.get(element), path, value));
        return new Image((Value.Obj) replaced(record.object(), array, new Value.Array(items)));
    }

    /** Without the last, which stands for the elements. */
    private static List<Step> steps(FieldPath array) {
        return array.steps().subList(0, array.steps().size() - 1);
    }

    private static Value at(Value value, List<Step> path) {
        Value inside = value;
        for (Step step : path) {
            inside = inside instanceof Value.Obj object && step instanceof Step.Name name
                    ? object.fields().getOrDefault(name.name(), Value.NULL)
                    : Value.NULL;
        }
        return inside;
    }

    private static Value replaced(Value value, List<Step> path, Value with) {
        if (path.isEmpty()) {
            return with;
        }
        if (!(value instanceof Value.Obj object) || !(path.get(0) instanceof Step.Name name)) {
            return value;
        }
        TreeMap<String, Value> fields = new TreeMap<>(object.fields());
        Value old = fields.getOrDefault(name.name(), Value.NULL);
        fields.put(name.name(), replaced(old, path.subList(1, path.size()), with));
        return new Value.Obj(fields);
    }
}
