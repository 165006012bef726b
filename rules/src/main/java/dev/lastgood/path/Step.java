package dev.lastgood.path;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** One step of a {@link FieldPath} into a value. */
public sealed interface Step {

    /** As written in a path, without the dot before a name. */
    @Override
    String toString();

    /** What its reader does with each kind. */
    <R> R accept(Visitor<R> visitor);

    /** Reads a step from outside, one method a kind. */
    interface Visitor<R> {
        R name(Name name);

        R each(Each each);

        R index(Index index);

        R keyed(Keyed keyed);
    }

    /** Into the field of that name. */
    record Name(String name) implements Step {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.name(this);
        }

        @Override
        public String toString() {
            return isPlain() ? name : "`" + name.replace("`", "``") + "`";
        }

        private boolean isPlain() {
            for (int at = 0, point; at < name.length(); at += Character.charCount(point)) {
                point = name.codePointAt(at);
                if (!isPlain(point)) {
                    return false;
                }
            }
            return !name.isEmpty();
        }

        static boolean isPlain(int codePoint) {
            return codePoint == '_' || Character.isLetterOrDigit(codePoint);
        }
    }

    /** Into every element of an array: {@code []}. */
    record Each() implements Step {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.each(this);
        }

        @Override
        public String toString() {
            return "[]";
        }
    }

    /** Into one element of an array: {@code [7]}, counted from 0. */
    record Index(int index) implements Step {

        public Index {
            if (index < 0) {
                throw new IllegalArgumentException("index " + index);
            }
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.index(this);
        }

        @Override
        public String toString() {
            return "[" + index + "]";
        }
    }

    /** Into the element whose fields have these values: {@code [line_no=3]}. The order written is kept. */
    record Keyed(Map<String, Literal> key) implements Step {

        public Keyed {
            if (key.isEmpty()) {
                throw new IllegalArgumentException("an element without a key");
            }
            key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.keyed(this);
        }

        @Override
        public String toString() {
            return key.entrySet().stream()
                    .map(entry -> new Name(entry.getKey()) + "=" + entry.getValue())
                    .collect(Collectors.joining(",", "[", "]"));
        }
    }
}
