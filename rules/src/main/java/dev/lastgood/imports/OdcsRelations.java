package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Relationships of an object or a property: foreign keys. */
final class OdcsRelations {

    private final List<OdcsObject> objects;
    private final OdcsObject object;
    private final Translation translation;
    private final Problems problems;

    OdcsRelations(List<OdcsObject> objects, OdcsObject object, Translation translation, Problems problems) {
        this.objects = objects;
        this.object = object;
        this.translation = translation;
        this.problems = problems;
    }

    private record End(OdcsObject object, OdcsProperty property) {}

    void ofObject() {
        for (Fields relation : relationships(object.fields())) {
            if (!relation.has("from") || !relation.has("to")) {
                problems.error(relation.place(), "%s needs 'from' and 'to'".formatted(relation.what()));
                continue;
            }
            List<YamlNode.Scalar> from = names(relation, "from");
            List<YamlNode.Scalar> to = names(relation, "to");
            if (from.size() != to.size()) {
                problems.error(
                        relation.keyPlace("to"),
                        "'from' and 'to' differ in number: %d and %d".formatted(from.size(), to.size()));
                continue;
            }
            List<Optional<End>> children =
                    from.stream().map(name -> end(name.text())).toList();
            translate(relation, object.name(), children, to);
        }
    }

    void of(OdcsProperty property) {
        for (Fields relation : relationships(property.fields())) {
            if (!relation.has("to")) {
                problems.error(relation.place(), "%s has no 'to'".formatted(relation.what()));
                continue;
            }
            List<YamlNode.Scalar> to = names(relation, "to");
            String what = object.name() + "." + property.path();
            if (to.size() > 1) {
                untranslated(relation.place(), what, "one property cannot name several");
            } else {
                translate(relation, what, List.of(Optional.of(new End(object, property))), to);
            }
        }
    }

    private List<Fields> relationships(Fields from) {
        return Foreign.mappings(from, "relationships", "relationship", problems);
    }

    /** One name or several. */
    private static List<YamlNode.Scalar> names(Fields relation, String key) {
        return relation.node(key).orElse(null) instanceof YamlNode.Sequence
                ? relation.scalars(key)
                : relation.scalar(key).stream().toList();
    }

    private void translate(Fields relation, String what, List<Optional<End>> children, List<YamlNode.Scalar> parents) {
        Optional<String> type = Foreign.text(relation, "type");
        if (type.isPresent() && !type.get().equals("foreignKey")) {
            untranslated(relation.place(), what, "'%s' is no foreign key".formatted(type.get()));
            return;
        }
        List<Optional<End>> found =
                parents.stream().map(name -> end(name.text())).toList();
        if (found.isEmpty() || !Stream.concat(children.stream(), found.stream()).allMatch(Optional::isPresent)) {
            untranslated(relation.place(), what, "it names what is not in this file");
            return;
        }
        reference(
                relation,
                what,
                children.stream().map(Optional::orElseThrow).toList(),
                found.stream().map(Optional::orElseThrow).toList());
    }

    private void reference(Fields relation, String what, List<End> children, List<End> parents) {
        boolean ofOne = parents.stream().map(End::object).distinct().count() == 1
                && children.stream().allMatch(child -> child.object().equals(object));
        if (!ofOne
                || !parents.stream().allMatch(parent -> parent.property().path().isPlain())) {
            untranslated(relation.place(), what, "a reference leads from one dataset to fields of one other");
            return;
        }
        List<FieldPath> fields = paths(children);
        List<String> words = new ArrayList<>(List.of(object.dataset()));
        fields.forEach(field -> words.add(field.toString()));
        words.add("reference");
        var origin = new Origin(relation.place(), object.dataset(), words, "relationship");
        translation.translated(
                new Draft(origin).reference(fields, parents.get(0).object().dataset(), paths(parents)));
    }

    private static List<FieldPath> paths(List<End> ends) {
        return ends.stream().map(end -> end.property().path()).toList();
    }

    private void untranslated(Place place, String what, String why) {
        translation.untranslated(place, what + ": relationship", why);
    }

    /** By names, {@code orders.customer_id}, or by ids, {@code schema/orders_tbl/properties/customer}. */
    private Optional<End> end(String reference) {
        if (reference.contains("/")) {
            String[] parts = reference.replaceFirst("^/", "").split("/", -1);
            boolean ours = parts.length >= 4 && parts.length % 2 == 0 && parts[0].equals("schema");
            List<String> names = new ArrayList<>();
            for (int i = 3; i < parts.length; i += 2) {
                names.add(parts[i]);
            }
            return ours ? end("id", parts[1], names) : Optional.empty();
        }
        String[] parts = reference.split("\\.", -1);
        return parts.length < 2 || reference.contains("#")
                ? Optional.empty()
                : end("name", parts[0], List.of(parts).subList(1, parts.length));
    }

    private Optional<End> end(String key, String first, List<String> names) {
        return objects.stream()
                .filter(known ->
                        Foreign.text(known.fields(), key).filter(first::equals).isPresent())
                .findFirst()
                .flatMap(known -> property(known.properties(), key, names).map(found -> new End(known, found)));
    }

    private static Optional<OdcsProperty> property(List<OdcsProperty> among, String key, List<String> names) {
        Optional<OdcsProperty> first = among.stream()
                .filter(property ->
                        property.text(key).filter(names.get(0)::equals).isPresent())
                .findFirst();
        return names.size() == 1
                ? first
                : first.flatMap(known -> property(known.inner(), key, names.subList(1, names.size())));
    }
}
