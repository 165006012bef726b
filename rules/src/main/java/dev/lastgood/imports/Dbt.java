package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tests in the property files of dbt, of models, source tables, seeds and snapshots.
 *
 * @see <a href="https://docs.getdbt.com/reference/resource-properties/data-tests">the reference</a>
 */
final class Dbt {

    private final Options options;
    private final Translation translation;
    private final Problems problems;

    private Dbt(Options options, Translation translation, Problems problems) {
        this.options = options;
        this.translation = translation;
        this.problems = problems;
    }

    static Optional<Imported> read(SourceFile file, Options options, Problems problems) {
        Optional<Fields> root =
                YamlReader.read(file, problems).flatMap(node -> Fields.of(node, "a property file", problems));
        return root.map(fields -> {
            var translation = new Translation(Format.DBT, file);
            new Dbt(options, translation, problems).file(fields);
            return translation.finish();
        });
    }

    private void file(Fields file) {
        for (String kind : List.of("models", "seeds", "snapshots")) {
            String one = kind.substring(0, kind.length() - 1);
            Foreign.mappings(file, kind, one, problems).forEach(fields -> table(fields, one));
        }
        for (Fields source : Foreign.mappings(file, "sources", "source", problems)) {
            Foreign.mappings(source, "tables", "table", problems).forEach(fields -> table(fields, "table"));
            freshness(source, Foreign.text(source, "name").orElse("a source"));
        }
        for (Fields test : Foreign.mappings(file, "unit_tests", "unit test", problems)) {
            elsewhere(test, "unit test", "it is about how a model is computed, not about data");
        }
        for (Fields test : Foreign.mappings(file, "data_tests", "data test", problems)) {
            elsewhere(test, "singular test", "its SQL stands in a file of its own");
        }
    }

    private void elsewhere(Fields test, String what, String why) {
        String name = Foreign.text(test, "name").orElse("without a name");
        translation.untranslated(test.place(), "%s %s".formatted(what, name), why);
    }

    private void freshness(Fields of, String name) {
        if (Foreign.node(of, "freshness").isPresent()) {
            translation.untranslated(
                    of.keyPlace("freshness"),
                    name + ": freshness",
                    "it is about when the table was loaded: write a metric of the newest time");
        }
    }

    private void table(Fields unnamed, String kind) {
        Optional<String> name = unnamed.has("name") ? unnamed.text("name") : Optional.empty();
        if (!unnamed.has("name")) {
            problems.error(unnamed.place(), "%s has no 'name'".formatted(unnamed.what()));
        }
        name.ifPresent(known ->
                named(new Fields(unnamed.mapping(), "%s '%s'".formatted(kind, known), problems), known));
    }

    private void named(Fields fields, String name) {
        var subject = new DbtSubject(name, options.renamed(name), null);
        boolean disabled = Foreign.mapping(fields, "config")
                .flatMap(config -> Foreign.text(config, "enabled"))
                .filter(Dbt::isNotTrue)
                .isPresent();
        tests(fields, subject, disabled);
        for (Fields column : Foreign.mappings(fields, "columns", "column", problems)) {
            column(column, subject, disabled);
        }
        freshness(fields, name);
        constraints(fields, subject);
        if (Foreign.node(fields, "versions").isPresent()) {
            translation.untranslated(
                    fields.keyPlace("versions"),
                    name + ": versions",
                    "each version is a table of its own, and may have tests of its own");
        }
    }

    private void column(Fields column, DbtSubject table, boolean disabled) {
        if (!column.has("name")) {
            problems.error(column.place(), "%s has no 'name'".formatted(column.what()));
            return;
        }
        Optional<String> name = column.text("name");
        if (name.isPresent()) {
            var named = new DbtColumn(name.get(), Foreign.isTrue(column, "quote"));
            tests(column, table.with(named), disabled);
            constraints(column, table.with(named));
        }
    }

    private void constraints(Fields fields, DbtSubject subject) {
        if (!Foreign.items(fields, "constraints").isEmpty()) {
            translation.untranslated(
                    fields.keyPlace("constraints"),
                    subject + ": constraints",
                    "the database is to enforce them when it builds the table");
        }
    }

    private void tests(Fields fields, DbtSubject subject, boolean disabled) {
        for (String key : List.of("tests", "data_tests")) {
            for (YamlNode node : Foreign.items(fields, key)) {
                DbtTest.of(node, subject, problems).ifPresent(test -> test(test, disabled));
            }
        }
    }

    private void test(DbtTest test, boolean disabled) {
        try {
            boolean off = test.config("enabled")
                    .map(YamlNode.Scalar::text)
                    .filter(Dbt::isNotTrue)
                    .isPresent();
            if (off || disabled) {
                throw new Untranslatable("it is disabled, or only dbt knows whether it is");
            }
            translation.translated(drafts(test));
        } catch (Untranslatable e) {
            translation.untranslated(test.place(), "%s: %s".formatted(test.subject(), test.test()), e.why());
        }
    }

    private static boolean isNotTrue(String enabled) {
        return !enabled.equalsIgnoreCase("true");
    }

    private List<Draft> drafts(DbtTest test) throws Untranslatable {
        var arguments = new DbtArguments(test, options);
        List<DbtClaim> claims = DbtMeaning.of(test, arguments);
        Optional<YamlNode.Scalar> written = test.config("where");
        String where =
                written.isEmpty() ? null : arguments.sentence(written.get().text());
        Origin origin = origin(test);
        List<Draft> drafts = new ArrayList<>();
        for (DbtThresholds.Threshold threshold : DbtThresholds.of(test)) {
            Origin graded = drafts.isEmpty() ? origin : origin.part("warn");
            for (int i = 0; i < claims.size(); i++) {
                Origin own = i == 0 ? graded : graded.part(Integer.toString(i + 1));
                Draft draft = new Draft(own)
                        .because(test.description().orElse(null))
                        .severity(threshold.severity())
                        .tags(test.tags());
                drafts.add(claims.get(i).draft(draft, where, threshold.failures()));
            }
        }
        if (arguments.takesSql()) {
            translation.takesSql();
        }
        return drafts;
    }

    private static Origin origin(DbtTest test) {
        DbtSubject subject = test.subject();
        List<String> words = new ArrayList<>();
        Optional<String> name = test.name();
        if (name.isPresent()) {
            words.add(name.get());
        } else {
            words.add(subject.dataset());
            if (subject.column() != null) {
                words.add(subject.column().written());
            }
            words.add(test.shortName().replaceFirst("^expect_(column_values_to_|column_|table_)?", ""));
        }
        Place place = test.place();
        return new Origin(place, subject.dataset(), words, test.test());
    }
}
