package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A generic test as a property file has it.
 *
 * @param test with the name of its package, if it has one
 * @param said everything said of it, in one mapping or two: that of {@code arguments} first
 * @param config the mapping {@code config}, and what is said beside the arguments
 */
record DbtTest(DbtSubject subject, String test, List<Fields> said, List<Fields> config, Place place) {

    /** Keys beside the arguments of a test that are none. */
    private static final Set<String> NO_ARGUMENTS = Set.of(
            "name",
            "test_name",
            "config",
            "arguments",
            "description",
            "meta",
            "docs",
            "severity",
            "where",
            "limit",
            "warn_if",
            "error_if",
            "fail_calc",
            "enabled",
            "tags",
            "store_failures",
            "store_failures_as",
            "alias",
            "database",
            "schema",
            "group",
            "sql_header",
            "static_analysis");

    DbtTest {
        said = List.copyOf(said);
        config = List.copyOf(config);
    }

    /** The test, if it is written as one. */
    static Optional<DbtTest> of(YamlNode node, DbtSubject subject, Problems problems) {
        if (node instanceof YamlNode.Scalar scalar
                && !scalar.isNull()
                && !scalar.text().isBlank()) {
            return Optional.of(new DbtTest(subject, scalar.text().strip(), List.of(), List.of(), scalar.place()));
        }
        if (!(node instanceof YamlNode.Mapping mapping) || mapping.entries().isEmpty()) {
            problems.error(node.place(), "a test must be a name, or a name with arguments");
            return Optional.empty();
        }
        Optional<YamlNode> named = mapping.value("test_name");
        if (named.isPresent()) {
            return named.filter(name -> name instanceof YamlNode.Scalar)
                    .map(name -> of(((YamlNode.Scalar) name).text(), mapping, subject, problems));
        }
        YamlNode.Entry first = mapping.entries().get(0);
        if (mapping.entries().size() > 1) {
            problems.error(
                    mapping.entries().get(1).key().place(),
                    "a test has one key, its name",
                    "What belongs to '%s' is indented more than it."
                            .formatted(first.key().shown()));
            return Optional.empty();
        }
        return arguments(first, problems)
                .map(inner -> of(first.key().text(), inner, subject, problems))
                .map(test -> new DbtTest(
                        test.subject(),
                        test.test(),
                        test.said(),
                        test.config(),
                        first.key().place()));
    }

    private static Optional<YamlNode.Mapping> arguments(YamlNode.Entry test, Problems problems) {
        if (test.value() instanceof YamlNode.Mapping mapping) {
            return Optional.of(mapping);
        }
        if (test.value() instanceof YamlNode.Scalar scalar && scalar.isNull()) {
            return Optional.of(new YamlNode.Mapping(List.of(), scalar.place()));
        }
        problems.error(
                test.value().place(),
                "the arguments of '%s' must be a mapping, not %s"
                        .formatted(test.key().shown(), test.value().kind()));
        return Optional.empty();
    }

    private static DbtTest of(String name, YamlNode.Mapping mapping, DbtSubject subject, Problems problems) {
        var fields = new Fields(mapping, "test '%s'".formatted(name), problems);
        List<Fields> arguments = Foreign.mapping(fields, "arguments").stream().toList();
        List<Fields> config = Foreign.mapping(fields, "config").stream().toList();
        return new DbtTest(
                subject,
                name.strip(),
                Stream.concat(arguments.stream(), Stream.of(fields)).toList(),
                Stream.concat(config.stream(), Stream.of(fields)).toList(),
                mapping.place());
    }

    /** Without the name of the package. */
    String shortName() {
        return test.substring(test.lastIndexOf('.') + 1);
    }

    /** Whatever is given as that argument. */
    Optional<YamlNode> argument(String key) {
        return said.stream()
                .flatMap(fields -> Foreign.node(fields, key).stream())
                .findFirst();
    }

    /** The names of all arguments given. */
    Set<String> arguments() {
        Set<String> names = new LinkedHashSet<>();
        for (Fields fields : said) {
            boolean own = fields == said.get(0) && said.size() > 1;
            fields.entries().stream()
                    .map(entry -> entry.key().text())
                    .filter(key -> own || !NO_ARGUMENTS.contains(key))
                    .filter(key -> Foreign.node(fields, key).isPresent())
                    .forEach(names::add);
        }
        return names;
    }

    /** A single value of the configuration. */
    Optional<YamlNode.Scalar> config(String key) {
        return config.stream()
                .flatMap(fields -> Foreign.scalar(fields, key).stream())
                .findFirst();
    }

    /** The name somebody gave it. */
    Optional<String> name() {
        return said.isEmpty()
                ? Optional.empty()
                : Foreign.text(said.get(said.size() - 1), "name").filter(text -> !ForeignSql.holdsJinja(text));
    }

    Optional<String> description() {
        return said.isEmpty()
                ? Optional.empty()
                : Foreign.text(said.get(said.size() - 1), "description").filter(text -> !ForeignSql.holdsJinja(text));
    }

    List<String> tags() {
        List<String> tags = config.stream()
                .map(fields -> fields.node("tags").orElse(null) instanceof YamlNode.Sequence
                        ? fields.texts("tags")
                        : Foreign.text(fields, "tags").stream().toList())
                .filter(known -> !known.isEmpty())
                .findFirst()
                .orElse(List.of());
        return tags.stream().filter(tag -> !ForeignSql.holdsJinja(tag)).toList();
    }
}
