package dev.lastgood.record;

import dev.lastgood.path.Literal;
import dev.lastgood.path.Step;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Finds the elements of an array by the values of their key fields. */
final class Elements {
    private Elements() {}

    /**
     * The elements by key, in their order; none if the array cannot be read by key: an element is no object, lacks a key
     * field, or shares its key with another.
     */
    static Optional<Map<Step.Keyed, Value>> byKey(Value.Array array, List<String> fields) {
        Map<Step.Keyed, Value> elements = new LinkedHashMap<>();
        for (Value element : array.items()) {
            Step.Keyed key = key(element, fields);
            if (key == null || elements.put(key, element) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(elements);
    }

    static final int NOWHERE = -1;
    static final int AMBIGUOUS = -2;

    /** Where in the array the element with that key stands, or {@link #NOWHERE}, or {@link #AMBIGUOUS} if several have it. */
    static int indexOf(List<Value> items, Step.Keyed key) {
        List<String> fields = List.copyOf(key.key().keySet());
        int found = NOWHERE;
        for (int i = 0; i < items.size(); i++) {
            if (key.equals(key(items.get(i), fields))) {
                if (found >= 0) {
                    return AMBIGUOUS;
                }
                found = i;
            }
        }
        return found;
    }

    static Step.@Nullable Keyed key(Value element, List<String> fields) {
        if (!(element instanceof Value.Obj object)) {
            return null;
        }
        Map<String, Literal> key = new LinkedHashMap<>();
        for (String field : fields) {
            Value value = object.fields().get(field);
            Optional<Literal> literal = value == null ? Optional.empty() : value.accept(LITERAL);
            if (literal.isEmpty()) {
                return null;
            }
            key.put(field, literal.get());
        }
        return new Step.Keyed(key);
    }

    private static final Value.Visitor<Optional<Literal>> LITERAL = new Value.Visitor<>() {
        @Override
        public Optional<Literal> ofNull() {
            return Optional.of(Literal.NULL);
        }

        @Override
        public Optional<Literal> ofBool(boolean value) {
            return Optional.of(new Literal(Boolean.toString(value), Literal.Kind.BOOLEAN));
        }

        @Override
        public Optional<Literal> ofNum(BigDecimal value) {
            String text = Numbers.text(value);
            return Optional.of(Literal.isNumber(text) ? new Literal(text, Literal.Kind.NUMBER) : Literal.text(text));
        }

        @Override
        public Optional<Literal> ofReal(double value) {
            return Optional.of(Literal.text(Double.toString(value)));
        }

        @Override
        public Optional<Literal> ofText(String value) {
            return Optional.of(Literal.text(value));
        }

        @Override
        public Optional<Literal> ofBytes(byte[] value) {
            return Optional.of(Literal.text(java.util.Base64.getEncoder().encodeToString(value)));
        }

        @Override
        public Optional<Literal> ofDay(LocalDate value) {
            return Optional.of(Literal.text(value.toString()));
        }

        @Override
        public Optional<Literal> ofMoment(Instant value) {
            return Optional.of(Literal.text(value.toString()));
        }

        @Override
        public Optional<Literal> ofLocalMoment(LocalDateTime value) {
            return Optional.of(Literal.text(value.toString()));
        }

        @Override
        public Optional<Literal> ofArray(List<Value> items) {
            return Optional.empty();
        }

        @Override
        public Optional<Literal> ofObj(SortedMap<String, Value> fields) {
            return Optional.empty();
        }
    };
}
