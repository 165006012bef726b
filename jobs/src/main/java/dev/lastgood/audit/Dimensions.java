package dev.lastgood.audit;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.workspace.DatasetSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What an incident may be explained by: the fields a dataset declares for it, and if it declares none, every field of few
 * characters that is neither key nor time nor masked. Which of these have few values is seen when they are counted.
 */
final class Dimensions implements Serializable {
    private static final long serialVersionUID = 1;

    private static final int MOST_FOUND = 40;
    private static final int MOST_CHARACTERS = 64;
    private static final int DEEPEST = 3;

    /** No field explains anything. */
    static final Dimensions NONE = new Dimensions(List.of(), List.of(), 0);

    private final List<String> declared;
    private final List<String> left;
    private final int most;

    private Dimensions(List<String> declared, List<String> left, int most) {
        this.declared = new ArrayList<>(declared);
        this.left = new ArrayList<>(left);
        this.most = most;
    }

    static Dimensions of(DatasetSpec dataset) {
        TreeSet<String> left = new TreeSet<>();
        Stream.of(dataset.key(), dataset.ignore(), List.copyOf(dataset.mask().keySet()))
                .forEach(paths -> paths.forEach(path -> left.add(path.toString())));
        Stream.of(dataset.version(), dataset.changedAt(), dataset.token())
                .filter(java.util.Objects::nonNull)
                .forEach(path -> left.add(path.toString()));
        return new Dimensions(
                dataset.explain().stream().map(FieldPath::toString).toList(), List.copyOf(left), MOST_FOUND);
    }

    /** The values of a record, by dimension; without those that are null or absent. */
    Map<String, String> values(Image image) {
        Map<String, String> found = new LinkedHashMap<>();
        if (most == 0) {
            return found;
        }
        if (declared.isEmpty()) {
            image.fields().forEach((name, value) -> add(FieldPath.of(name), value, 1, found));
            return found;
        }
        for (String dimension : declared) {
            Value value = Patch.at(image, FieldPath.valueOf(dimension)).value();
            if (value != null && !value.isNull()) {
                found.put(dimension, value.toString());
            }
        }
        return found;
    }

    private void add(FieldPath path, Value value, int depth, Map<String, String> found) {
        String text = path.toString();
        if (isLeft(text)) {
            return;
        }
        if (value instanceof Value.Obj object && depth < DEEPEST) {
            object.fields().forEach((name, inner) -> add(path.child(name), inner, depth + 1, found));
        } else if (found.size() < most && isShort(value)) {
            found.put(text, value.toString());
        }
    }

    private boolean isLeft(String path) {
        for (String one : left) {
            if (path.startsWith(one) && (path.length() == one.length() || path.charAt(one.length()) == '.')) {
                return true;
            }
        }
        return false;
    }

    private static boolean isShort(Value value) {
        return (value instanceof Value.Text text && text.value().length() <= MOST_CHARACTERS)
                || value instanceof Value.Bool
                || value instanceof Value.Num;
    }
}
