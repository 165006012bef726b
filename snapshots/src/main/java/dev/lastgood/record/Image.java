package dev.lastgood.record;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A record as it was at one moment: its top-level fields by name. A name that is not there is absent, which is not null. */
public record Image(Value.Obj object) {

    public static Image of(Map<String, Value> fields) {
        return new Image(Value.Obj.of(fields));
    }

    public SortedMap<String, Value> fields() {
        return object.fields();
    }

    /** The value of a top-level field, or null if it is absent. */
    public @Nullable Value field(String name) {
        return object.fields().get(name);
    }

    /** This image with a top-level field set, or removed if the value is null. */
    public Image with(String name, @Nullable Value value) {
        TreeMap<String, Value> changed = new TreeMap<>(object.fields());
        if (value == null) {
            changed.remove(name);
        } else {
            changed.put(name, value);
        }
        return Image.of(changed);
    }

    /** This image with these top-level fields as the other one has them, or without those that it has not. */
    public Image with(Iterable<String> names, Image other) {
        TreeMap<String, Value> changed = new TreeMap<>(object.fields());
        for (String name : names) {
            Value value = other.field(name);
            if (value == null) {
                changed.remove(name);
            } else {
                changed.put(name, value);
            }
        }
        return Image.of(changed);
    }

    /** The key of this record. */
    public Key key(Iterable<String> keyFields) {
        LinkedHashMap<String, Value> parts = new LinkedHashMap<>();
        for (String name : keyFields) {
            parts.put(name, Objects.requireNonNullElse(field(name), Value.NULL));
        }
        return new Key(parts);
    }

    @Override
    public String toString() {
        return object.toString();
    }
}
