package dev.lastgood.record;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What identifies a record in its dataset: the values of the key fields, in the declared order. Null is a value like any
 * other. Keys are ordered by the canonical order of their values, which is total.
 */
public record Key(Map<String, Value> parts) implements Comparable<Key> {
    public Key {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a key has at least one field");
        }
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    public static Key of(String name, Value value) {
        return new Key(Map.of(name, value));
    }

    @Override
    public int compareTo(Key other) {
        var mine = parts.values().iterator();
        var theirs = other.parts.values().iterator();
        while (mine.hasNext() && theirs.hasNext()) {
            int order = Canonical.compare(mine.next(), theirs.next());
            if (order != 0) {
                return order;
            }
        }
        return Boolean.compare(mine.hasNext(), theirs.hasNext());
    }

    /** The key for people: {@code id 7}, {@code tenant 3, id 7}. */
    @Override
    public String toString() {
        return parts.entrySet().stream()
                .map(part -> part.getKey() + " " + part.getValue())
                .collect(Collectors.joining(", "));
    }
}
