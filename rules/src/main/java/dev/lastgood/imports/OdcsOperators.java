package dev.lastgood.imports;

import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a quality rule says its number must be. Several operators must all hold. */
final class OdcsOperators {

    private static final List<String> KNOWN = List.of(
            "mustBe",
            "mustNotBe",
            "mustBeGreaterThan",
            "mustBeGreaterOrEqualTo",
            "mustBeLessThan",
            "mustBeLessOrEqualTo",
            "mustBeBetween",
            "mustNotBeBetween");

    private final Fields fields;
    private final Problems problems;

    OdcsOperators(Fields fields, Problems problems) {
        this.fields = fields;
        this.problems = problems;
    }

    /** Whether anything is demanded, understood or not. */
    static boolean anyIn(Fields fields) {
        return fields.entries().stream().anyMatch(entry -> entry.key().text().startsWith("must"));
    }

    /** All of it; none if nothing is said, or something of it cannot be read, which is then reported. */
    Optional<Demand> demand() {
        List<Optional<Demand>> demands = new ArrayList<>();
        for (YamlNode.Entry entry : fields.entries()) {
            String key = entry.key().text();
            if (KNOWN.contains(key)) {
                demands.add(demand(key));
            } else if (key.startsWith("must")) {
                unknown(entry.key());
                demands.add(Optional.empty());
            }
        }
        return demands.stream().allMatch(Optional::isPresent)
                ? demands.stream().flatMap(Optional::stream).reduce(Demand::and)
                : Optional.empty();
    }

    private void unknown(YamlNode.Scalar key) {
        String all = "The operators are %s.".formatted(String.join(", ", KNOWN));
        problems.error(
                key.place(),
                "unknown operator '%s'".formatted(key.shown()),
                Suggestions.nearest(key.text(), KNOWN)
                        .map("Did you mean '%s'?"::formatted)
                        .orElse(all));
    }

    private Optional<Demand> demand(String key) {
        boolean between = key.endsWith("Between");
        List<YamlNode> nodes =
                between ? fields.list(key) : fields.node(key).stream().toList();
        List<BigDecimal> numbers =
                nodes.stream().flatMap(node -> number(node).stream()).toList();
        if (numbers.size() != nodes.size() || numbers.size() != (between ? 2 : 1)) {
            problems.error(
                    nodes.isEmpty() ? fields.keyPlace(key) : nodes.get(0).place(),
                    "'%s' must be %s".formatted(key, between ? "a list of two numbers" : "a number"));
            return Optional.empty();
        }
        return Optional.of(demand(key, numbers.get(0), numbers.get(numbers.size() - 1)));
    }

    private static Optional<BigDecimal> number(YamlNode node) {
        return node instanceof YamlNode.Scalar scalar && scalar.plain()
                ? Numbers.read(scalar.text())
                : Optional.empty();
    }

    /** By the standard a number between two others is neither of them. */
    private static Demand demand(String key, BigDecimal number, BigDecimal second) {
        Range between = new Range(new Range.Bound(number, false), new Range.Bound(second, false));
        return switch (key) {
            case "mustBe" -> Range.exactly(number);
            case "mustNotBe" -> new Demand.Not(Range.exactly(number));
            case "mustBeGreaterThan" -> Range.above(number);
            case "mustBeGreaterOrEqualTo" -> Range.atLeast(number);
            case "mustBeLessThan" -> Range.below(number);
            case "mustBeLessOrEqualTo" -> Range.atMost(number);
            case "mustBeBetween" -> between;
            case "mustNotBeBetween" -> new Demand.Not(between);
            default -> throw new IllegalStateException(key);
        };
    }
}
