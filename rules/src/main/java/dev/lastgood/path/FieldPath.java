package dev.lastgood.path;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a value stands in a record: {@code customer.address.zip}, {@code lines[].amount}, {@code lines[7]},
 * {@code lines[line_no=3].amount}. Begins with a name.
 *
 * <p>Names are joined by dots. A name with other characters than letters, digits and {@code _} stands in backticks,
 * doubled inside. The text form is canonical: two paths are equal if and only if their texts are.
 */
public record FieldPath(List<Step> steps) implements Comparable<FieldPath> {

    public FieldPath {
        if (steps.isEmpty() || !(steps.get(0) instanceof Step.Name)) {
            throw new IllegalArgumentException("a path begins with a name: " + steps);
        }
        steps = List.copyOf(steps);
    }

    /** The path to a field of the record itself. The name is taken as it is, dots included. */
    public static FieldPath of(String name) {
        return new FieldPath(List.of(new Step.Name(name)));
    }

    /**
     * Reads the text form.
     *
     * @throws InvalidPath if it is not one
     */
    public static FieldPath parse(String text) throws InvalidPath {
        return new PathParser(text).path();
    }

    /** Reads a text form known to be right, as one this class has written. */
    public static FieldPath valueOf(String text) {
        try {
            return parse(text);
        } catch (InvalidPath e) {
            throw new IllegalArgumentException(text + ": " + e.getMessage(), e);
        }
    }

    /** The field of the record this leads into. */
    public String root() {
        return ((Step.Name) steps.get(0)).name();
    }

    /** The path without its last step; none for a field of the record itself. */
    public Optional<FieldPath> parent() {
        return steps.size() == 1 ? Optional.empty() : Optional.of(new FieldPath(steps.subList(0, steps.size() - 1)));
    }

    public Step last() {
        return steps.get(steps.size() - 1);
    }

    public FieldPath plus(Step step) {
        var longer = new ArrayList<>(steps);
        longer.add(step);
        return new FieldPath(longer);
    }

    /** The field of that name inside. */
    public FieldPath child(String name) {
        return plus(new Step.Name(name));
    }

    /** The path from the record to what the other path, which starts here, leads to. */
    public FieldPath resolve(FieldPath inner) {
        var longer = new ArrayList<>(steps);
        longer.addAll(inner.steps);
        return new FieldPath(longer);
    }

    /** Whether this is that path, or leads into what it leads to. */
    public boolean startsWith(FieldPath path) {
        return path.steps.size() <= steps.size()
                && steps.subList(0, path.steps.size()).equals(path.steps);
    }

    /** Whether it consists of names only, and so leads to one value of a record that has no arrays on the way. */
    public boolean isPlain() {
        return steps.stream().allMatch(step -> step instanceof Step.Name);
    }

    /** The same place as a JSON Pointer (RFC 6901); none if a step names elements by {@code []} or by key. */
    public Optional<String> jsonPointer() {
        var pointer = new StringBuilder();
        for (Step step : steps) {
            Optional<String> token = step.accept(POINTER_TOKEN);
            if (token.isEmpty()) {
                return Optional.empty();
            }
            pointer.append('/').append(token.get());
        }
        return Optional.of(pointer.toString());
    }

    private static final Step.Visitor<Optional<String>> POINTER_TOKEN = new Step.Visitor<>() {
        @Override
        public Optional<String> name(Step.Name name) {
            return Optional.of(name.name().replace("~", "~0").replace("/", "~1"));
        }

        @Override
        public Optional<String> each(Step.Each each) {
            return Optional.empty();
        }

        @Override
        public Optional<String> index(Step.Index index) {
            return Optional.of(Integer.toString(index.index()));
        }

        @Override
        public Optional<String> keyed(Step.Keyed keyed) {
            return Optional.empty();
        }
    };

    /** By text. */
    @Override
    public int compareTo(FieldPath other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Step step : steps) {
            if (step instanceof Step.Name && text.length() > 0) {
                text.append('.');
            }
            text.append(step);
        }
        return text.toString();
    }
}
