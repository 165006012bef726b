package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has fields: the records of a dataset, or the elements of an array in them.
 *
 * @param array ends with {@code []}; null for the records themselves
 * @param plain whether the elements are values without fields of their own
 */
record Subject(String dataset, @Nullable FieldPath array, boolean plain) {
    /** What rules call the element of an array of plain values. */
    static final FieldPath ELEMENT = FieldPath.of("element");

    static Subject records(String dataset) {
        return new Subject(dataset, null, false);
    }

    boolean isRecords() {
        return array == null;
    }

    Optional<FieldPath> elements() {
        return Optional.ofNullable(array);
    }

    /** What it is called in the id of a rule. */
    List<String> words() {
        return array == null ? List.of(dataset) : List.of(dataset, array.toString());
    }

    /** What there are many of. */
    String things() {
        return array == null ? "records" : "elements";
    }
}
