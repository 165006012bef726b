package dev.lastgood.record;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads and replaces values at places in a record. */
public final class Patch {
    private Patch() {}

    /** What is at a place: a value, nothing, or not even one object or array it would stand in. */
    public record Spot(@Nullable Value value, boolean reachable) {}

    /** What stands at a path that names one place, without {@code []}. */
    public static Spot at(Image image, FieldPath path) {
        Value value = image.object();
        for (Step step : path.steps()) {
            Value inside = value;
            if (inside == null || !canHold(inside, step)) {
                return new Spot(null, false);
            }
            value = inside(inside, step);
        }
        return new Spot(value, true);
    }

    private static boolean canHold(Value value, Step step) {
        return step instanceof Step.Name
                ? value instanceof Value.Obj
                : value instanceof Value.Array array && index(array.items(), step) != Elements.AMBIGUOUS;
    }

    private static @Nullable Value inside(Value value, Step step) {
        if (step instanceof Step.Name name) {
            return ((Value.Obj) value).fields().get(name.name());
        }
        List<Value> items = ((Value.Array) value).items();
        int index = index(items, step);
        return index >= 0 && index < items.size() ? items.get(index) : null;
    }

    private static int index(List<Value> items, Step step) {
        if (step instanceof Step.Index index) {
            return index.index();
        }
        if (step instanceof Step.Keyed keyed) {
            return Elements.indexOf(items, keyed);
        }
        throw new IllegalArgumentException("a path of every element names no place: " + step);
    }

    /** The image with the {@code after} value of each change in its place; an element added goes to the end. */
    public static Image lay(Image image, List<FieldChange> changes) {
        return lay(image, changes, image);
    }

    /**
     * The same, where an element added to a keyed array goes behind the element it stands behind in the model.
     *
     * @throws IllegalArgumentException if a place cannot be reached in the image, or two changes are for one place
     */
    public static Image lay(Image image, List<FieldChange> changes, Image model) {
        if (changes.isEmpty()) {
            return image;
        }
        List<Rest> rests = changes.stream()
                .map(change -> new Rest(change.path(), 0, change.after()))
                .toList();
        Value laid = lay(image.object(), rests, model.object());
        return new Image((Value.Obj) laid);
    }

    /** A change whose path has been followed so far. */
    private record Rest(
            FieldPath path, int followed, @Nullable Value after) {
        boolean isHere() {
            return followed == path.steps().size();
        }

        Step step() {
            return path.steps().get(followed);
        }

        Rest next() {
            return new Rest(path, followed + 1, after);
        }
    }

    private static Value lay(Value value, List<Rest> changes, @Nullable Value model) {
        Map<Step, List<Rest>> byStep = new LinkedHashMap<>();
        for (Rest change : changes) {
            if (!canHold(value, change.step())) {
                throw new IllegalArgumentException("nothing to change at " + change.path());
            }
            byStep.computeIfAbsent(change.step(), any -> new ArrayList<>()).add(change.next());
        }
        return value instanceof Value.Obj object
                ? layFields(object, byStep, model)
                : layItems((Value.Array) value, byStep, model);
    }

    private static Value layFields(Value.Obj object, Map<Step, List<Rest>> byStep, @Nullable Value model) {
        TreeMap<String, Value> fields = new TreeMap<>(object.fields());
        byStep.forEach((step, changes) -> {
            String name = ((Step.Name) step).name();
            Value inner = model instanceof Value.Obj like ? like.fields().get(name) : null;
            Value changed = change(fields.get(name), changes, inner);
            if (changed == null) {
                fields.remove(name);
            } else {
                fields.put(name, changed);
            }
        });
        return new Value.Obj(fields);
    }

    private static @Nullable Value change(@Nullable Value value, List<Rest> changes, @Nullable Value model) {
        Rest first = changes.get(0);
        if (first.isHere()) {
            if (changes.size() > 1) {
                throw new IllegalArgumentException("two changes for " + first.path());
            }
            return first.after();
        }
        if (value == null || changes.stream().anyMatch(Rest::isHere)) {
            throw new IllegalArgumentException("nothing to change at " + first.path());
        }
        return lay(value, changes, model);
    }

    private static Value layItems(Value.Array array, Map<Step, List<Rest>> byStep, @Nullable Value model) {
        // Null marks an element removed, so that the others keep their index until all changes are laid.
        List<@Nullable Value> items = new ArrayList<>(array.items());
        List<Map.Entry<Step.Keyed, Value>> added = new ArrayList<>();
        byStep.forEach((step, changes) -> {
            int index = index(array.items(), step);
            Value old =
                    index >= 0 && index < array.items().size() ? array.items().get(index) : null;
            Value changed = change(old, changes, old == null ? null : like(model, step));
            if (old != null) {
                items.set(index, changed);
            } else if (changed != null && step instanceof Step.Keyed keyed) {
                added.add(Map.entry(keyed, changed));
            } else if (changed != null) {
                items.add(changed);
            }
        });
        List<Value> laid = new ArrayList<>();
        for (Value item : items) {
            if (item != null) {
                laid.add(item);
            }
        }
        added.forEach(element -> laid.add(place(laid, element.getKey(), model), element.getValue()));
        return new Value.Array(laid);
    }

    private static @Nullable Value like(@Nullable Value model, Step step) {
        return model instanceof Value.Array ? inside(model, step) : null;
    }

    /** Where to insert the element: behind the nearest one before it in the model that is here too. */
    private static int place(List<Value> items, Step.Keyed key, @Nullable Value model) {
        if (!(model instanceof Value.Array like)) {
            return items.size();
        }
        List<String> fields = List.copyOf(key.key().keySet());
        int own = Elements.indexOf(like.items(), key);
        if (own < 0) {
            return items.size();
        }
        for (int i = own - 1; i >= 0; i--) {
            Step.Keyed before = Elements.key(like.items().get(i), fields);
            int index = before == null ? -1 : Elements.indexOf(items, before);
            if (index >= 0) {
                return index + 1;
            }
        }
        return 0;
    }
}
