package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A property of an object in a data contract.
 *
 * @param name as references call it, without that of the property it is inside
 * @param path from the record; leads through {@code []} into the elements of arrays
 * @param optional those properties it is inside of that may be missing, the outermost first
 * @param fields what the contract says of it
 * @param inner the properties inside
 */
record OdcsProperty(String name, FieldPath path, List<FieldPath> optional, Fields fields, List<OdcsProperty> inner) {

    OdcsProperty {
        optional = List.copyOf(optional);
        inner = List.copyOf(inner);
    }

    /** The innermost array whose elements it is of; none for one of the record itself. */
    Optional<FieldPath> array() {
        int last = path.steps().lastIndexOf(new Step.Each());
        return last < 0
                ? Optional.empty()
                : Optional.of(new FieldPath(path.steps().subList(0, last + 1)));
    }

    /** Whether it is an element of an array that is a plain value, and so has no name of its own. */
    boolean isElement() {
        return path.last() instanceof Step.Each;
    }

    /** Its path from the element of {@link #array}, or from the record. */
    FieldPath field() {
        return inside(path);
    }

    /** Those of its parents that may be missing, from where {@link #field} starts. */
    List<FieldPath> optionalParents() {
        return optional.stream()
                .filter(parent -> array().map(array -> parent.startsWith(array) && !parent.equals(array))
                        .orElse(true))
                .map(this::inside)
                .toList();
    }

    private FieldPath inside(FieldPath whole) {
        return array().filter(array -> whole.steps().size() > array.steps().size())
                .map(array -> new FieldPath(whole.steps()
                        .subList(array.steps().size(), whole.steps().size())))
                .orElse(whole);
    }

    /** It and all inside, from the outside in. */
    List<OdcsProperty> all() {
        List<OdcsProperty> all = new ArrayList<>(List.of(this));
        inner.forEach(property -> all.addAll(property.all()));
        return all;
    }

    Optional<String> text(String key) {
        return Foreign.text(fields, key);
    }

    boolean says(String key) {
        return Foreign.isTrue(fields, key);
    }
}
