package dev.lastgood.diff;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Paths;
import dev.lastgood.record.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What became of a value, said in all the ways that could be true of the changes of many records as well. Which of them is
 * the cause shows only when many records are put side by side.
 */
public final class Patterns {
    private Patterns() {}

    /** More say nothing more of a change. */
    static final int MOST = 16;

    /** Characters of a text at most. */
    static final int LONGEST = 80;

    private static final int MOST_NEIGHBOURS = 4;
    private static final int LONGEST_VALUE = 40;
    private static final int LONGEST_MAPPED = 30;

    /**
     * The patterns of the change of one field, the most specific first: those that fit few changes by chance before those
     * that fit many.
     *
     * @param before the value in the record before; null means absent
     * @param recordBefore null if it is not known
     */
    public static List<Pattern> of(
            FieldPath path,
            @Nullable Value before,
            @Nullable Value after,
            @Nullable Image recordBefore,
            @Nullable Image recordAfter) {
        Set<Pattern> found = new LinkedHashSet<>();
        Consumer<Pattern> add = pattern -> {
            if (pattern.text().length() <= LONGEST) {
                found.add(pattern);
            }
        };
        if (after == null || after.isNull()) {
            boolean gone = before == null || after == null;
            add.accept(gone ? ofPresence(before, after) : Pattern.Kind.NULLED.pattern("nulled"));
        } else if (before == null || before.isNull()) {
            Neighbours neighbours = Neighbours.of(path, recordBefore, recordAfter);
            copied(neighbours, after, add);
            constant(after, add);
            add.accept(before == null ? ofPresence(before, after) : Pattern.Kind.FILLED.pattern("filled"));
            same(neighbours, after, add);
        } else {
            Neighbours neighbours = Neighbours.of(path, recordBefore, recordAfter);
            swapped(neighbours, before, after, add);
            copied(neighbours, after, add);
            TimePatterns.add(before, after, add);
            NumberPatterns.scaled(before, after, add);
            TextPatterns.add(before, after, add);
            NumberPatterns.moved(before, after, neighbours, add);
            NumberPatterns.rounded(before, after, add);
            mapped(before, after, add);
            constant(after, add);
            NumberPatterns.offset(before, after, add);
            same(neighbours, after, add);
        }
        return found.stream().limit(MOST).toList();
    }

    private static Pattern ofPresence(@Nullable Value before, @Nullable Value after) {
        return before == null && after != null
                ? Pattern.Kind.ADDED.pattern("added")
                : Pattern.Kind.REMOVED.pattern("removed");
    }

    private static void swapped(Neighbours neighbours, Value before, Value after, Consumer<Pattern> add) {
        neighbours.all().stream()
                .filter(field -> after.equals(field.before()) && before.equals(field.after()))
                .limit(MOST_NEIGHBOURS)
                .forEach(field -> add.accept(Pattern.Kind.SWAPPED.pattern("swapped with " + field.name())));
    }

    private static void copied(Neighbours neighbours, Value after, Consumer<Pattern> add) {
        if (isDistinct(after)) {
            neighbours.all().stream()
                    .filter(field -> after.equals(field.before()))
                    .limit(MOST_NEIGHBOURS)
                    .forEach(field -> add.accept(Pattern.Kind.COPIED.pattern("copied from " + field.name())));
        }
    }

    private static void same(Neighbours neighbours, Value after, Consumer<Pattern> add) {
        if (isDistinct(after)) {
            neighbours.all().stream()
                    .filter(field -> after.equals(field.after()) && !after.equals(field.before()))
                    .limit(MOST_NEIGHBOURS)
                    .forEach(field -> add.accept(Pattern.Kind.SAME.pattern("same as " + field.name())));
        }
    }

    /** Whether two fields with this value are hardly alike by chance. */
    private static boolean isDistinct(Value value) {
        if (value instanceof Value.Num || value instanceof Value.Real) {
            return !value.equals(Value.of(0))
                    && !value.equals(Value.of(1))
                    && !value.equals(new Value.Real(0))
                    && !value.equals(new Value.Real(1));
        }
        return !(value instanceof Value.Bool) && !value.equals(Value.of(""));
    }

    private static void constant(Value after, Consumer<Pattern> add) {
        add.accept(Pattern.Kind.CONSTANT.pattern("= " + shown(after, LONGEST_VALUE)));
    }

    private static void mapped(Value before, Value after, Consumer<Pattern> add) {
        if (before.toString().length() <= LONGEST_MAPPED && after.toString().length() <= LONGEST_MAPPED) {
            String from = shown(before, LONGEST_MAPPED);
            add.accept(Pattern.Kind.MAPPED.pattern(from + " → " + shown(after, LONGEST_MAPPED)));
        }
    }

    /** A value in one line: text in quotes; of a long one the beginning and how many characters it has. */
    static String shown(Value value, int longest) {
        return value instanceof Value.Text text ? quoted(text.value(), longest) : cut(value.toString(), longest);
    }

    static String quoted(String text, int longest) {
        int length = text.codePointCount(0, text.length());
        return length <= longest
                ? "'" + line(text) + "'"
                : "'" + line(beginning(text, longest - 10)) + "…' (" + length + ")";
    }

    private static String cut(String text, int longest) {
        int length = text.codePointCount(0, text.length());
        return length <= longest ? line(text) : line(beginning(text, longest - 10)) + "… (" + length + ")";
    }

    private static String beginning(String text, int characters) {
        return text.substring(0, text.offsetByCodePoints(0, characters));
    }

    private static String line(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .map(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '·' : c)
                .forEach(line::appendCodePoint);
        return line.toString();
    }

    /** Scalar fields beside the one that changed. */
    record Neighbours(List<Neighbour> all) {
        private static final int MOST = 60;

        record Neighbour(
                FieldPath path,
                @Nullable Value before,
                @Nullable Value after) {
            /** Without the indexes of arrays, so that the changes of many records name it alike. */
            String name() {
                return Paths.schema(path).toString();
            }
        }

        /** Fields of the record, of objects in it, and of the element of an array that the path leads into. */
        static Neighbours of(FieldPath path, @Nullable Image before, @Nullable Image after) {
            List<Neighbour> found = new ArrayList<>();
            if (before == null || after == null) {
                return new Neighbours(found);
            }
            element(path).ifPresent(element -> {
                Value then = Patch.at(before, element).value();
                Value now = Patch.at(after, element).value();
                if (then instanceof Value.Obj a && now instanceof Value.Obj b) {
                    walk(element, path, a, b, found);
                }
            });
            walk(null, path, before.object(), after.object(), found);
            return new Neighbours(found);
        }

        /** The innermost element of an array that the path leads into. */
        private static Optional<FieldPath> element(FieldPath path) {
            if (path.steps().contains(new Step.Each())) {
                return Optional.empty();
            }
            return Stream.iterate(path.parent(), Optional::isPresent, at -> at.flatMap(FieldPath::parent))
                    .flatMap(Optional::stream)
                    .filter(at -> !(at.last() instanceof Step.Name))
                    .findFirst();
        }

        private static void walk(
                @Nullable FieldPath at, FieldPath except, Value.Obj before, Value.Obj after, List<Neighbour> found) {
            Set<String> names = new LinkedHashSet<>(before.fields().keySet());
            names.addAll(after.fields().keySet());
            for (String name : names) {
                Value then = before.fields().get(name);
                Value now = after.fields().get(name);
                FieldPath path = at == null ? FieldPath.of(name) : at.child(name);
                if (found.size() >= MOST) {
                    return;
                } else if (then instanceof Value.Obj a && now instanceof Value.Obj b) {
                    walk(path, except, a, b, found);
                } else if (!path.equals(except) && (isScalar(then) || isScalar(now))) {
                    found.add(new Neighbour(path, then, now));
                }
            }
        }

        private static boolean isScalar(@Nullable Value value) {
            return value != null && !value.isNull() && !(value instanceof Value.Obj) && !(value instanceof Value.Array);
        }
    }
}
