package dev.lastgood.cosmos;

import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.PartitionKeyBuilder;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where documents are: the partition key, one or more values with their types, and the id. A record's key names all of
 * them, in the types in which the rules see them, which may be other ones: the number 7 as the text "7" where others of
 * that field are texts, nothing and null both as null. So a key may stand for several places, of which one has a document.
 * In a partition key of several levels the client cannot name one that is missing, so a key that may mean it has no place.
 */
final class PartitionKeys {
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

    /** What a document may hold; the others are somebody's view of it, and do not tell what that was. */
    private static final Set<Class<? extends Value>> IN_JSON = Set.of(
            Value.Text.class, Value.Num.class, Value.Real.class, Value.Bool.class, Value.Array.class, Value.Obj.class);

    private final List<FieldPath> partition;
    private final FieldPath id;

    private PartitionKeys(List<FieldPath> partition, FieldPath id) {
        this.partition = List.copyOf(partition);
        this.id = id;
    }

    /** A partition key and an id. Two are equal if they mean the same document. */
    record Place(List<Component> components, String id) {

        PartitionKey partition() {
            if (components.size() == 1) {
                return components.get(0).alone();
            }
            PartitionKeyBuilder builder = new PartitionKeyBuilder();
            components.forEach(component -> component.add(builder));
            return builder.build();
        }
    }

    /** A value of a partition key; null is JSON's null. */
    sealed interface Component {
        record Present(@Nullable Object value) implements Component {
            @Override
            public PartitionKey alone() {
                return new PartitionKey(value);
            }

            // Nothing else says null in a key of several levels.
            @Override
            @SuppressWarnings("deprecation")
            public void add(PartitionKeyBuilder builder) {
                if (value == null) {
                    builder.addNullValue();
                } else if (value instanceof String text) {
                    builder.add(text);
                } else if (value instanceof Boolean truth) {
                    builder.add(truth);
                } else {
                    builder.add((Double) value);
                }
            }
        }

        /** There is no such field, or it holds an object or an array. */
        record Missing() implements Component {
            @Override
            public PartitionKey alone() {
                return PartitionKey.NONE;
            }

            @Override
            @SuppressWarnings("deprecation")
            public void add(PartitionKeyBuilder builder) {
                builder.addNoneValue();
            }
        }

        PartitionKey alone();

        void add(PartitionKeyBuilder builder);
    }

    /** How documents are found by the key fields of a dataset; empty if these do not name the partition key and the id. */
    static Optional<PartitionKeys> of(CosmosContainer.Described container, List<FieldPath> key) {
        List<FieldPath> partition = new ArrayList<>();
        for (List<String> names : container.partition()) {
            key.stream().filter(path -> names(path).equals(names)).findFirst().ifPresent(partition::add);
        }
        Optional<FieldPath> id =
                key.stream().filter(path -> names(path).equals(List.of("id"))).findFirst();
        return id.isPresent() && partition.size() == container.partition().size()
                ? Optional.of(new PartitionKeys(partition, id.get()))
                : Optional.empty();
    }

    private static List<String> names(FieldPath path) {
        return path.steps().stream()
                .filter(step -> step instanceof Step.Name)
                .map(step -> ((Step.Name) step).name())
                .toList();
    }

    /** Where a document with that key may be; empty if that cannot be told. */
    List<Place> places(Key key) {
        String name = text(value(key, id));
        List<List<Component>> all = List.of(List.of());
        for (FieldPath path : partition) {
            List<List<Component>> longer = new ArrayList<>();
            for (List<Component> begun : all) {
                // An id is a text whatever the rules see.
                List<Component> known =
                        path.equals(id) ? List.of(new Component.Present(name)) : components(value(key, path));
                if (partition.size() > 1 && known.contains(new Component.Missing())) {
                    return List.of();
                }
                for (Component component : known) {
                    List<Component> one = new ArrayList<>(begun);
                    one.add(component);
                    longer.add(one);
                }
            }
            all = longer;
        }
        return all.stream().map(components -> new Place(components, name)).toList();
    }

    private static Value value(Key key, FieldPath path) {
        return key.parts().getOrDefault(path.toString(), Value.NULL);
    }

    private static String text(Value value) {
        return value instanceof Value.Text text ? text.value() : value.toString();
    }

    private static List<Component> components(Value value) {
        if (value.isNull()) {
            return List.of(new Component.Present(null), new Component.Missing());
        }
        if (!IN_JSON.contains(value.getClass())) {
            return List.of();
        }
        List<Component> components = new ArrayList<>();
        components.add(component(value));
        if (value instanceof Value.Text text) {
            if (NUMBER.matcher(text.value()).matches()) {
                double number = Double.parseDouble(text.value());
                if (Double.isFinite(number)) {
                    components.add(new Component.Present(number));
                }
            } else if (text.value().equals("true") || text.value().equals("false")) {
                components.add(new Component.Present(Boolean.valueOf(text.value())));
            } else if (isObjectOrArray(text.value())) {
                components.add(new Component.Missing());
            }
        }
        return List.copyOf(components);
    }

    private static boolean isObjectOrArray(String text) {
        try {
            Value value = JsonValues.parse(text);
            return value instanceof Value.Obj || value instanceof Value.Array;
        } catch (JsonValues.NotJson e) {
            return false;
        }
    }

    private static Component component(@Nullable Value value) {
        if (value instanceof Value.Text text) {
            return new Component.Present(text.value());
        }
        if (value instanceof Value.Num number) {
            return new Component.Present(number.value().doubleValue());
        }
        if (value instanceof Value.Real real) {
            return new Component.Present(real.value());
        }
        if (value instanceof Value.Bool truth) {
            return new Component.Present(truth.value());
        }
        return value != null && value.isNull() ? new Component.Present(null) : new Component.Missing();
    }

    /** Where a document that holds this is. */
    Place place(Image image) {
        Value name = Patch.at(image, id).value();
        return new Place(
                partition.stream()
                        .map(path -> component(Patch.at(image, path).value()))
                        .toList(),
                name == null ? "" : text(name));
    }
}
