package dev.lastgood.incident.scenario;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values by the name of their field; one that is not there is null. Immutable. */
final class Fields {
    static final Fields NONE = new Fields(Collections.emptySortedMap());

    private final SortedMap<String, Object> values;

    private Fields(SortedMap<String, Object> values) {
        this.values = values;
    }

    /** @param namesAndValues names and values in turn */
    static Fields of(Object... namesAndValues) {
        TreeMap<String, Object> values = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Fields(values);
    }

    @Nullable
    Object get(String name) {
        return values.get(name);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Set<String> names() {
        return values.keySet();
    }

    String text(String name) {
        return (String) value(name);
    }

    BigDecimal amount(String name) {
        return (BigDecimal) value(name);
    }

    long number(String name) {
        return (Long) value(name);
    }

    Instant moment(String name) {
        return (Instant) value(name);
    }

    private Object value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    Fields with(String name, Object value) {
        return with(Fields.of(name, value));
    }

    Fields with(Fields others) {
        TreeMap<String, Object> all = new TreeMap<>(values);
        all.putAll(others.values);
        return new Fields(all);
    }

    Fields without(String... names) {
        TreeMap<String, Object> others = new TreeMap<>(values);
        for (String name : names) {
            others.remove(name);
        }
        return new Fields(others);
    }

    Fields only(Collection<String> names) {
        TreeMap<String, Object> some = new TreeMap<>(values);
        some.keySet().retainAll(names);
        return new Fields(some);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Fields fields && fields.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
