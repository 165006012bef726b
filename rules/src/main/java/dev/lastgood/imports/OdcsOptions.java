package dev.lastgood.imports;

import dev.lastgood.path.Literal;
import dev.lastgood.problem.Problems;
import dev.lastgood.rule.Check;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlText;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The {@code logicalTypeOptions} of a property. None of them is about values that are null. */
final class OdcsOptions {

    /** They say how a value is written down, not what it must be. */
    private static final Set<String> NO_CHECKS = Set.of("timezone", "defaultTimezone");

    private static final Pattern WHOLE_TYPE = Pattern.compile("([iu])(8|16|32|64)");
    private static final Set<String> TIMES = Set.of("date", "timestamp", "time");

    private final OdcsObject object;
    private final OdcsProperty property;
    private final Translation translation;
    private final Problems problems;

    OdcsOptions(OdcsObject object, OdcsProperty property, Translation translation, Problems problems) {
        this.object = object;
        this.property = property;
        this.translation = translation;
        this.problems = problems;
    }

    void translate() {
        Optional<Fields> options = Foreign.mapping(property.fields(), "logicalTypeOptions");
        if (options.isEmpty()) {
            return;
        }
        Map<String, YamlNode> written = new LinkedHashMap<>();
        for (YamlNode.Entry entry : options.get().entries()) {
            Foreign.node(options.get(), entry.key().text())
                    .filter(value -> !NO_CHECKS.contains(entry.key().text()))
                    .ifPresent(value -> written.put(entry.key().text(), value));
        }
        written.forEach((key, value) -> option(options.get(), key, value));
    }

    private void option(Fields options, String key, YamlNode value) {
        if (property.isElement()) {
            untranslated(options, key, OdcsQuality.PLAIN_ELEMENTS);
        } else if (key.equals("required")) {
            options.texts(key).forEach(name -> requiredInside(options, key, name));
        } else if (value instanceof YamlNode.Scalar scalar) {
            scalar(options, key, scalar);
        } else {
            problems.error(value.place(), "'%s' must be a single value, not %s".formatted(key, value.kind()));
        }
    }

    private void scalar(Fields options, String key, YamlNode.Scalar value) {
        switch (key) {
            case "minimum", "maximum" -> bound(options, key, value);
            case "exclusiveMinimum", "exclusiveMaximum" -> exclusive(options, key, value);
            case "minLength", "minItems" -> length(options, key, value, "min_length");
            case "maxLength", "maxItems" -> length(options, key, value, "max_length");
            case "pattern" -> pattern(options, key, value.text());
            case "format" -> format(options, key, value.text());
            case "multipleOf" -> multiple(options, key, value);
            case "uniqueItems" -> uniqueItems(options, key, value);
            default -> untranslated(options, key, "there is no such check in the rule language");
        }
    }

    private Draft draft(Fields options, String key) {
        return new Draft(new Origin(
                        options.keyPlace(key),
                        object.dataset(),
                        List.of(object.dataset(), property.path().toString(), Origin.snake(key)),
                        key))
                .each(property.array());
    }

    private void untranslated(Fields options, String key, String why) {
        translation.untranslated(
                options.keyPlace(key), "%s.%s: %s".formatted(object.name(), property.path(), key), why);
    }

    private String sql() {
        return SqlText.path(property.field());
    }

    private void condition(Fields options, String key, Condition condition) {
        translation.translated(draft(options, key).condition(condition));
    }

    private void checks(Fields options, String key, String check, String value) {
        condition(options, key, new Condition("", Condition.Nulls.PASS, property.field(), Map.of(check, value)));
    }

    /** A number, or a date or time as a text. */
    private Optional<Literal> boundary(YamlNode.Scalar value) {
        boolean number = value.plain() && Numbers.read(value.text()).isPresent() && Literal.isNumber(value.text());
        if (number) {
            return Optional.of(Literal.plain(value.text()));
        }
        boolean time = TIMES.contains(property.text("logicalType").orElse(""))
                && !value.isNull()
                && !value.text().isBlank();
        return time ? Optional.of(Literal.text(value.text())) : Optional.empty();
    }

    private void bound(Fields options, String key, YamlNode.Scalar value) {
        boundary(value)
                .ifPresentOrElse(
                        bound -> checks(options, key, key.equals("minimum") ? "min" : "max", YamlText.literal(bound)),
                        () -> notANumber(key, value));
    }

    private void exclusive(Fields options, String key, YamlNode.Scalar value) {
        String sign = key.equals("exclusiveMinimum") ? ">" : "<";
        boundary(value)
                .ifPresentOrElse(
                        bound -> condition(
                                options,
                                key,
                                Condition.of(
                                        "%s %s %s".formatted(sql(), sign, SqlText.literal(bound)),
                                        Condition.Nulls.PASS)),
                        () -> notANumber(key, value));
    }

    private void notANumber(String key, YamlNode.Scalar value) {
        problems.error(value.place(), "'%s' must be a number, not '%s'".formatted(key, value.shown()));
    }

    private void length(Fields options, String key, YamlNode.Scalar value, String check) {
        if (value.plain() && value.text().matches("[0-9]{1,18}")) {
            checks(options, key, check, new BigDecimal(value.text()).toPlainString());
        } else {
            problems.error(value.place(), "'%s' must be a whole number, not '%s'".formatted(key, value.shown()));
        }
    }

    private void multiple(Fields options, String key, YamlNode.Scalar value) {
        Optional<BigDecimal> number = Numbers.read(value.text()).filter(known -> known.signum() > 0 && value.plain());
        number.ifPresentOrElse(
                known -> condition(
                        options,
                        key,
                        Condition.of("%s %% %s = 0".formatted(sql(), Numbers.text(known)), Condition.Nulls.PASS)),
                () -> notANumber(key, value));
    }

    private void uniqueItems(Fields options, String key, YamlNode.Scalar value) {
        if (value.text().equals("true")) {
            condition(
                    options,
                    key,
                    Condition.of("size(array_distinct(%s)) = size(%s)".formatted(sql(), sql()), Condition.Nulls.PASS));
        }
    }

    /** ECMA-262 says of a pattern only where it is found, so without anchors it may be anywhere. */
    private void pattern(Fields options, String key, String text) {
        var pattern = ForeignPattern.of(text);
        if (pattern.objection().isPresent()) {
            untranslated(options, key, pattern.objection().get());
            return;
        }
        Draft draft = draft(options, key);
        Optional<String> whole = pattern.anchored();
        translation.translated(
                whole.isPresent()
                        ? draft.condition(Condition.matches(property.field(), whole.get(), Condition.Nulls.PASS))
                        : draft.condition(Condition.finds(property.field(), text, Condition.Nulls.PASS))
                                .note("The pattern may match a part: write 'matches' if all of the text must."));
    }

    private void format(Fields options, String key, String format) {
        boolean text = property.text("logicalType").filter(TIMES::contains).isEmpty();
        Optional<Check.Form> form = Arrays.stream(Check.Form.values())
                .filter(known -> text && known.text().equals(format))
                .findFirst();
        Optional<Range> range = wholeNumbers(format);
        if (form.isPresent()) {
            checks(options, key, "format", form.get().text());
        } else if (range.isPresent()) {
            condition(options, key, Condition.number(property.field(), range.get(), Condition.Nulls.PASS));
        } else {
            untranslated(options, key, "'%s' says how values are stored or shown".formatted(format));
        }
    }

    /** Rust's integer types, by which the standard names sizes: {@code u8} is from 0 to 255. */
    private static Optional<Range> wholeNumbers(String type) {
        var matcher = WHOLE_TYPE.matcher(type);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int bits = Integer.parseInt(matcher.group(2));
        boolean signed = matcher.group(1).equals("i");
        BigDecimal size = BigDecimal.valueOf(2).pow(signed ? bits - 1 : bits);
        BigDecimal least = signed ? size.negate() : BigDecimal.ZERO;
        return Optional.of(
                new Range(new Range.Bound(least, true), new Range.Bound(size.subtract(BigDecimal.ONE), true)));
    }

    /** A property inside an object that must be there if the object is. */
    private void requiredInside(Fields options, String key, String name) {
        Optional<OdcsProperty> inner = property.inner().stream()
                .filter(property -> property.name().equals(name) && !property.says("required"))
                .findFirst();
        boolean said = property.inner().stream()
                .anyMatch(property -> property.name().equals(name) && property.says("required"));
        if (inner.isPresent()) {
            var origin = new Origin(
                    options.keyPlace(key),
                    object.dataset(),
                    List.of(object.dataset(), inner.get().path().toString(), key),
                    key);
            translation.translated(OdcsKeys.required(object, inner.get(), new Draft(origin)));
        } else if (!said) {
            untranslated(options, key, "the contract has no property '%s' inside".formatted(name));
        }
    }
}
