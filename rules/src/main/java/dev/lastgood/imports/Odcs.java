package dev.lastgood.imports;

import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Data contracts of the Open Data Contract Standard: quality rules, what properties must be, and relationships.
 *
 * @see <a href="https://bitol-io.github.io/open-data-contract-standard/v3.1.0/">version 3.1.0</a>
 */
final class Odcs {

    private Odcs() {}

    static Optional<Imported> read(SourceFile file, Options options, Problems problems) {
        Optional<YamlNode> root = YamlReader.read(file, problems);
        Optional<Fields> contract = root.flatMap(node -> Fields.of(node, "a data contract", problems));
        return contract.map(fields -> {
            var translation = new Translation(Format.ODCS, file);
            translate(objects(fields, options, problems), translation, problems);
            return translation.finish();
        });
    }

    private static List<OdcsObject> objects(Fields contract, Options options, Problems problems) {
        Optional<YamlNode.Scalar> version = Foreign.scalar(contract, "apiVersion");
        if (version.isPresent() && !version.get().text().matches("v?3(\\..*)?")) {
            problems.error(
                    version.get().place(),
                    "version %s of the standard is not read"
                            .formatted(version.get().shown()),
                    "Version 3 is.");
            return List.of();
        }
        if (!contract.has("schema")) {
            problems.error(
                    contract.place(),
                    "a data contract without 'schema'",
                    "Of version 3 is 'schema', a list of objects with 'name', 'properties' and 'quality'.");
        }
        List<OdcsObject> objects = new ArrayList<>();
        for (Fields fields : Foreign.mappings(contract, "schema", "object", problems)) {
            OdcsObject.of(fields, options, problems).ifPresent(objects::add);
        }
        return objects;
    }

    private static void translate(List<OdcsObject> objects, Translation translation, Problems problems) {
        for (OdcsObject object : objects) {
            var quality = new OdcsQuality(object, translation, problems);
            var relations = new OdcsRelations(objects, object, translation, problems);
            quality.ofObject();
            relations.ofObject();
            new OdcsKeys(object, translation).translate();
            for (OdcsProperty property : object.all()) {
                new OdcsOptions(object, property, translation, problems).translate();
                quality.of(property);
                relations.of(property);
            }
        }
    }
}
