package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An object of the schema of a data contract: a table, a topic, a collection.
 *
 * @param name as the contract calls it
 * @param dataset as the workspace calls it
 */
record OdcsObject(String name, String dataset, Fields fields, List<OdcsProperty> properties) {

    OdcsObject {
        properties = List.copyOf(properties);
    }

    /** The object, if it has a name. */
    static Optional<OdcsObject> of(Fields unnamed, Options options, Problems problems) {
        if (!unnamed.has("name")) {
            problems.error(unnamed.place(), "%s has no 'name'".formatted(unnamed.what()));
            return Optional.empty();
        }
        return unnamed.text("name").map(name -> {
            var fields = new Fields(unnamed.mapping(), "object '%s'".formatted(name), problems);
            List<OdcsProperty> properties = new Reading(problems).properties(fields, Optional.empty(), List.of());
            return new OdcsObject(name, options.renamed(name), fields, properties);
        });
    }

    /** Every property, those inside others after them. */
    List<OdcsProperty> all() {
        return properties.stream().flatMap(property -> property.all().stream()).toList();
    }

    /** What a query may call the table. */
    boolean isCalled(String table) {
        return table.equalsIgnoreCase(name)
                || Foreign.text(fields, "physicalName")
                        .filter(table::equalsIgnoreCase)
                        .isPresent();
    }

    /** Reads properties inside properties. */
    private record Reading(Problems problems) {

        List<OdcsProperty> properties(Fields from, Optional<FieldPath> parent, List<FieldPath> optional) {
            List<OdcsProperty> properties = new ArrayList<>();
            for (Fields unnamed : Foreign.mappings(from, "properties", "property", problems)) {
                if (!unnamed.has("name")) {
                    problems.error(unnamed.place(), "%s has no 'name'".formatted(unnamed.what()));
                    continue;
                }
                unnamed.text("name").ifPresent(name -> properties.add(property(unnamed, name, parent, optional)));
            }
            return properties;
        }

        private OdcsProperty property(
                Fields unnamed, String name, Optional<FieldPath> parent, List<FieldPath> optional) {
            var fields = new Fields(unnamed.mapping(), "property '%s'".formatted(name), problems);
            String physical = Foreign.text(fields, "physicalName").orElse(name);
            FieldPath path = parent.map(known -> known.child(physical)).orElseGet(() -> FieldPath.of(physical));
            List<FieldPath> mayBeMissing = new ArrayList<>(optional);
            if (!Foreign.isTrue(fields, "required")) {
                mayBeMissing.add(path);
            }
            List<OdcsProperty> inner = new ArrayList<>(properties(fields, Optional.of(path), mayBeMissing));
            Foreign.mapping(fields, "items").ifPresent(items -> inner.add(element(items, path)));
            return new OdcsProperty(name, path, optional, fields, inner);
        }

        private OdcsProperty element(Fields items, FieldPath array) {
            FieldPath path = array.plus(new Step.Each());
            List<OdcsProperty> inner = new ArrayList<>(properties(items, Optional.of(path), List.of()));
            Foreign.mapping(items, "items").ifPresent(deeper -> inner.add(element(deeper, path)));
            return new OdcsProperty("items", path, List.of(), items, inner);
        }
    }
}
