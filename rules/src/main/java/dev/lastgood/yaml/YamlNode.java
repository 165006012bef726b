package dev.lastgood.yaml;

import dev.lastgood.problem.Place;
import java.util.List;
import java.util.Optional;

/** A part of a YAML text that knows its place. */
public sealed interface YamlNode {

    Place place();

    /** What it is, for messages: {@code a text}, {@code a list}, {@code a mapping}. */
    String kind();

    /** What its reader does with each kind. */
    <R> R accept(Visitor<R> visitor);

    /** Reads a node from outside, one method a kind. */
    interface Visitor<R> {
        R scalar(Scalar scalar);

        R sequence(Sequence sequence);

        R mapping(Mapping mapping);
    }

    /**
     * A single value.
     *
     * @param text without quotes, escapes resolved
     * @param plain written without quotes and not as a block, so that {@code 12}, {@code true} and {@code null} are
     *     not texts
     * @param place of the whole as written, quotes included; a block reaches over several lines
     */
    record Scalar(String text, boolean plain, Place place) implements YamlNode {

        /** Nothing, {@code ~} or {@code null}, without quotes. */
        public boolean isNull() {
            return plain && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
        }

        /** The text for a message: as written, if it came from elsewhere by {@code ${…}}, for it may be a secret. */
        public String shown() {
            String written = place.source();
            String shown = written.contains("${") ? written : text;
            return shown.length() <= 100 ? shown : shown.substring(0, shown.offsetByCodePoints(0, 60)) + "…";
        }

        /** The place of a part of the text; start and length in UTF-16 units of {@link #text}. */
        public Place at(int start, int length) {
            return place.inside(text, start, length);
        }

        @Override
        public String kind() {
            return isNull() ? "nothing" : "a text";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.scalar(this);
        }
    }

    /** Several nodes in order. */
    record Sequence(List<YamlNode> items, Place place) implements YamlNode {

        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.sequence(this);
        }
    }

    /** Nodes by key, in the order written. No key occurs twice. */
    record Mapping(List<Entry> entries, Place place) implements YamlNode {

        public Mapping {
            entries = List.copyOf(entries);
        }

        /** The value of that key. */
        public Optional<YamlNode> value(String key) {
            return entries.stream()
                    .filter(entry -> entry.key().text().equals(key))
                    .map(Entry::value)
                    .findFirst();
        }

        @Override
        public String kind() {
            return "a mapping";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.mapping(this);
        }
    }

    /** One key of a mapping with its value. */
    record Entry(Scalar key, YamlNode value) {}
}
