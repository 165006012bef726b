package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads {@code field} and the checks beside it. */
final class CheckReader {

    /** In the order of the language's reference. */
    static final List<String> CHECKS =
            List.of("required", "type", "in", "not_in", "min", "max", "matches", "min_length", "max_length", "format");

    private static final int LONGEST_PATTERN = 1000;

    private final Fields fields;
    private final Problems problems;
    private final PartReader parts;

    CheckReader(Fields fields, PartReader parts, Problems problems) {
        this.fields = fields;
        this.problems = problems;
        this.parts = parts;
    }

    Optional<Constraint.FieldCheck> fieldCheck() {
        Optional<FieldPath> path = fields.path("field");
        List<Check> checks = checks();
        if (path.isEmpty()) {
            return Optional.empty();
        }
        if (!path.get().isPlain()) {
            problems.error(
                    fields.placeOf(path.get()),
                    "'field' must name one value, not '%s'".formatted(path.get()),
                    "Write 'each: lines[]' and beside it 'field: amount' for the amount of every line.");
            return Optional.empty();
        }
        if (checks.isEmpty() && CHECKS.stream().noneMatch(this::says)) {
            problems.error(
                    fields.keyPlace("field"),
                    "nothing is checked of field '%s'".formatted(path.get()),
                    "Write one or more of %s beside it.".formatted(String.join(", ", CHECKS)));
        }
        return checks.isEmpty() ? Optional.empty() : Optional.of(new Constraint.FieldCheck(path.get(), checks));
    }

    private boolean says(String check) {
        boolean off = check.equals("required")
                && fields.node(check)
                        .filter(node -> node instanceof YamlNode.Scalar scalar
                                && scalar.text().equals("false"))
                        .isPresent();
        return fields.has(check) && !off;
    }

    private List<Check> checks() {
        List<Check> checks = new ArrayList<>();
        fields.truth("required").filter(required -> required).ifPresent(required -> checks.add(new Check.Required()));
        fields.scalar("type").ifPresent(type -> checks.add(new Check.Type(type.text(), type.place())));
        values("in").ifPresent(values -> checks.add(new Check.In(values)));
        values("not_in").ifPresent(values -> checks.add(new Check.NotIn(values)));
        Optional<Literal> min = bound("min");
        Optional<Literal> max = bound("max");
        min.ifPresent(bound -> checks.add(new Check.Min(bound)));
        max.ifPresent(bound -> checks.add(new Check.Max(bound)));
        parts.refuseReverse(fields, "min", "max", min.flatMap(Literal::number), max.flatMap(Literal::number));
        pattern().ifPresent(checks::add);
        Optional<Long> minLength = fields.integer("min_length", 0, Long.MAX_VALUE);
        Optional<Long> maxLength = fields.integer("max_length", 0, Long.MAX_VALUE);
        minLength.ifPresent(length -> checks.add(new Check.MinLength(length)));
        maxLength.ifPresent(length -> checks.add(new Check.MaxLength(length)));
        parts.refuseReverse(
                fields,
                "min_length",
                "max_length",
                minLength.map(BigDecimal::valueOf),
                maxLength.map(BigDecimal::valueOf));
        fields.choice("format", Check.Form.class).ifPresent(form -> checks.add(new Check.Format(form)));
        return checks;
    }

    private Optional<List<Literal>> values(String key) {
        if (!fields.has(key)) {
            return Optional.empty();
        }
        List<YamlNode> items = fields.list(key);
        if (items.isEmpty() && fields.node(key).orElse(null) instanceof YamlNode.Sequence) {
            problems.error(fields.keyPlace(key), "'%s' lists no value".formatted(key));
        }
        List<Literal> values = new ArrayList<>();
        for (YamlNode item : items) {
            if (!(item instanceof YamlNode.Scalar scalar)) {
                problems.error(item.place(), "'%s' must be a list of values; this is %s".formatted(key, item.kind()));
            } else if (scalar.isNull()) {
                problems.error(
                        scalar.place(),
                        "null in '%s' is never equal to anything".formatted(key),
                        "Write 'on_null: pass' beside the check if null is fine.");
            } else {
                values.add(literal(scalar));
            }
        }
        return values.isEmpty() || values.size() < items.size() ? Optional.empty() : Optional.of(values);
    }

    private Optional<Literal> bound(String key) {
        Optional<Literal> bound = fields.scalar(key).map(CheckReader::literal);
        if (bound.isPresent() && bound.get().kind() == Literal.Kind.BOOLEAN) {
            problems.error(
                    fields.keyPlace(key), "'%s' must be a number, a text or a time, not a boolean".formatted(key));
            return Optional.empty();
        }
        return bound;
    }

    /** Without quotes 12, true and null are what they look like; all else is a text. */
    static Literal literal(YamlNode.Scalar scalar) {
        return scalar.plain() ? Literal.plain(scalar.text()) : Literal.text(scalar.text());
    }

    private Optional<Check> pattern() {
        Optional<YamlNode.Scalar> scalar = fields.scalar("matches");
        if (scalar.isEmpty()) {
            return Optional.empty();
        }
        String pattern = scalar.get().text();
        if (pattern.length() > LONGEST_PATTERN) {
            problems.error(scalar.get().place(), "a pattern of more than %,d characters".formatted(LONGEST_PATTERN));
            return Optional.empty();
        }
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            int at = Math.min(Math.max(e.getIndex(), 0), pattern.length());
            problems.error(
                    scalar.get().at(at, at < pattern.length() ? 1 : 0),
                    "'matches' is no regular expression: " + lowerCase(e.getDescription()),
                    "It is one of Java's: java.util.regex.Pattern describes them.");
            return Optional.empty();
        }
        return Optional.of(new Check.Matches(pattern, scalar.get().place()));
    }

    private static String lowerCase(String description) {
        return description.isEmpty()
                ? description
                : Character.toLowerCase(description.charAt(0)) + description.substring(1);
    }
}
