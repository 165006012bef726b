package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the one constraint of a rule, and the keys that stand beside it because they belong to it. */
final class ConstraintReader {

    /** In the order of the language's reference. */
    private static final List<String> AVAILABLE = List.of(
            "assert",
            "field",
            "each",
            "unique",
            "reference",
            "unchanged",
            "transition",
            "increasing",
            "no_delete",
            "no_insert",
            "assert_change");

    private static final List<String> NOT_AVAILABLE = List.of(
            "depends",
            "deny",
            "metric",
            "join",
            "reconcile",
            "append_only",
            "frozen_when",
            "silent_change",
            "explained",
            "query");

    private static final List<String> CHECKS =
            List.of("required", "type", "in", "not_in", "min", "max", "matches", "min_length", "max_length", "format");

    /** Keys beside those. */
    private static final List<String> BESIDE_NOT_AVAILABLE =
            List.of("blame", "vs_baseline", "vs_history", "except", "if", "version", "by");

    /** What may stand beside a constraint, and beside which. */
    private static final List<Beside> BESIDE = List.of(
            new Beside("unless", List.of("no_delete", "no_insert")),
            new Beside("strict", List.of("increasing")),
            new Beside("cardinality", List.of("reference")));

    private record Beside(String key, List<String> homes) {}

    private static final int LONGEST_PATTERN = 1000;

    private final Fields fields;
    private final Problems problems;

    ConstraintReader(Fields fields, Problems problems) {
        this.fields = fields;
        this.problems = problems;
    }

    /** The constraint, if there is exactly one and it could be read. Reports unknown keys of the rule as well. */
    Optional<Constraint> constraint() {
        List<String> later = NOT_AVAILABLE.stream().filter(fields::has).toList();
        List<String> written = new ArrayList<>(fields.entries().stream()
                .map(entry -> entry.key().text())
                .filter(AVAILABLE::contains)
                .toList());
        AVAILABLE.forEach(fields::ignore);
        CHECKS.forEach(fields::ignore);
        BESIDE.forEach(beside -> fields.ignore(beside.key()));
        if (!later.isEmpty()) {
            reportLater(later);
            return Optional.empty();
        }
        boolean known = fields.done();
        boolean each = written.remove("each");
        if (written.isEmpty()) {
            reportNone(each, known);
            return Optional.empty();
        }
        if (written.size() > 1) {
            problems.error(
                    fields.keyPlace(written.get(1)),
                    "%s has two constraints, '%s' and '%s'".formatted(fields.what(), written.get(0), written.get(1)),
                    "Write a rule for each.");
            return Optional.empty();
        }
        String keyword = written.get(0);
        refuseMisplaced(keyword);
        if (!each) {
            return read(keyword);
        }
        if (!keyword.equals("assert") && !keyword.equals("field")) {
            problems.error(
                    fields.keyPlace("each"), "'each' goes with 'assert' or 'field', not with '%s'".formatted(keyword));
            return Optional.empty();
        }
        return each(keyword);
    }

    private void reportLater(List<String> later) {
        problems.error(
                fields.keyPlace(later.get(0)),
                "constraint '%s' is not available in this version".formatted(later.get(0)),
                "Available are %s.".formatted(String.join(", ", AVAILABLE)));
        NOT_AVAILABLE.forEach(fields::ignore);
        BESIDE_NOT_AVAILABLE.forEach(fields::ignore);
        fields.done();
    }

    private void reportNone(boolean each, boolean known) {
        if (each) {
            problems.error(
                    fields.keyPlace("each"),
                    "'each' alone says nothing",
                    "Write 'assert' or 'field' beside it: what must be true of every element.");
        } else if (known) {
            problems.error(
                    fields.place(),
                    "%s has no constraint".formatted(fields.what()),
                    "Write one of %s.".formatted(String.join(", ", AVAILABLE)));
        }
    }

    private void refuseMisplaced(String keyword) {
        for (Beside beside : BESIDE) {
            if (fields.has(beside.key()) && !beside.homes().contains(keyword)) {
                problems.error(
                        fields.keyPlace(beside.key()),
                        "'%s' goes with '%s', not with '%s'"
                                .formatted(beside.key(), String.join("' or '", beside.homes()), keyword));
            }
        }
        for (String check : CHECKS) {
            if (fields.has(check) && !keyword.equals("field")) {
                problems.error(
                        fields.keyPlace(check), "'%s' goes with 'field', not with '%s'".formatted(check, keyword));
            }
        }
    }

    private Optional<Constraint> read(String keyword) {
        return switch (keyword) {
            case "assert" -> sql(fields, "assert").map(Constraint.Assert::new);
            case "field" -> fieldCheck().map(check -> check);
            case "unique" -> plainPaths("unique").map(Constraint.Unique::new);
            case "reference" -> reference();
            case "unchanged" -> plainPaths("unchanged").map(Constraint.Unchanged::new);
            case "transition" -> transition();
            case "increasing" -> increasing();
            case "no_delete" -> unless("no_delete").map(unless -> new Constraint.NoDelete(unless.orElse(null)));
            case "no_insert" -> unless("no_insert").map(unless -> new Constraint.NoInsert(unless.orElse(null)));
            case "assert_change" -> sql(fields, "assert_change").map(Constraint.AssertChange::new);
            default -> throw new IllegalStateException(keyword);
        };
    }

    static Optional<Sql> sql(Fields fields, String key) {
        return fields.scalar(key).map(scalar -> new Sql(scalar.text(), scalar.place()));
    }

    private Optional<Constraint> each(String keyword) {
        Optional<FieldPath> array = fields.path("each");
        Optional<? extends Constraint.OfRecord> element =
                keyword.equals("assert") ? sql(fields, "assert").map(Constraint.Assert::new) : fieldCheck();
        Optional<FieldPath> sound = array.filter(this::namesElements);
        return sound.isEmpty() || element.isEmpty()
                ? Optional.empty()
                : Optional.of(new Constraint.Each(sound.get(), element.get()));
    }

    private boolean namesElements(FieldPath array) {
        if (refuseSingleElements(array, fields, problems)) {
            return false;
        }
        if (array.last() instanceof Step.Each) {
            return true;
        }
        problems.error(
                fields.placeOf(array),
                "'each' must end with [], not '%s'".formatted(array),
                "Write %s[] for every element of %s.".formatted(array, array));
        return false;
    }

    /** Whether the path names a single element of an array, which is then reported. */
    static boolean refuseSingleElements(FieldPath path, Fields fields, Problems problems) {
        if (!RuleReader.namesOneElement(path)) {
            return false;
        }
        problems.error(
                fields.placeOf(path),
                "'%s' names one element; a rule names every element".formatted(path),
                "Write [] without a number or key.");
        return true;
    }

    /** A list of paths that lead to one value of a record each; at least one. */
    private Optional<List<FieldPath>> plainPaths(String key) {
        return plainPaths(fields, key, "");
    }

    private Optional<List<FieldPath>> plainPaths(Fields from, String key, String prefix) {
        List<FieldPath> paths = from.paths(key, prefix);
        if (from.node(key).orElse(null) instanceof YamlNode.Sequence list
                && list.items().isEmpty()) {
            problems.error(from.keyPlace(key), "'%s' names no field".formatted(key));
        }
        boolean plain = true;
        for (FieldPath path : paths) {
            plain &= isPlain(from, key, path, prefix);
        }
        return paths.isEmpty() || !plain ? Optional.empty() : Optional.of(paths);
    }

    private boolean isPlain(Fields from, String key, FieldPath path, String prefix) {
        if (path.isPlain()) {
            return true;
        }
        problems.error(
                from.placeOf(prefix + path),
                "'%s' must name one value of a record, not '%s'".formatted(key, path),
                "Name the array itself, '%s', or write 'each'.".formatted(path.root()));
        return false;
    }

    private Optional<Constraint> reference() {
        Optional<Fields> reference =
                fields.mapping("reference", "Write {fields: [customer_id], to: customers, key: [id]}.");
        if (reference.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = reference.get();
        boolean complete = inner.require("fields", "to", "key");
        List<FieldPath> children = inner.paths("fields");
        children.forEach(path -> refuseSingleElements(path, inner, problems));
        Optional<YamlNode.Scalar> to = inner.scalar("to");
        Optional<List<FieldPath>> key = plainPaths(inner, "key", "reference.key ");
        Optional<Constraint.Cardinality> cardinality = cardinality(inner);
        if (!inner.done() || !complete || children.isEmpty() || to.isEmpty() || key.isEmpty()) {
            return Optional.empty();
        }
        if (children.size() != key.get().size()) {
            problems.error(
                    inner.keyPlace("key"),
                    "'fields' and 'key' differ in number: %d and %d"
                            .formatted(children.size(), key.get().size()),
                    "They go together, first with first.");
            return Optional.empty();
        }
        fields.addPlaces(inner);
        fields.place("reference.to", to.get().place());
        return Optional.of(new Constraint.Reference(
                children, to.get().text(), key.get(), cardinality.orElse(Constraint.Cardinality.EXACTLY_ONE_PARENT)));
    }

    /** Inside the reference or beside it. */
    private Optional<Constraint.Cardinality> cardinality(Fields inner) {
        List<Constraint.Cardinality> choices = Arrays.asList(Constraint.Cardinality.values());
        Optional<Constraint.Cardinality> within = inner.choice("cardinality", choices, Constraint.Cardinality::text);
        if (inner.has("cardinality") && fields.has("cardinality")) {
            problems.error(fields.keyPlace("cardinality"), "'cardinality' stands inside 'reference' and beside it");
        }
        return within.isPresent() ? within : fields.choice("cardinality", choices, Constraint.Cardinality::text);
    }

    private Optional<Constraint> transition() {
        Optional<Fields> transition = fields.mapping(
                "transition", "Write {field: status, allow: {NEW: [PAID, CANCELLED], PAID: [SHIPPED]}}.");
        if (transition.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = transition.get();
        boolean complete = inner.require("field", "allow");
        Optional<FieldPath> field = inner.path("field");
        Optional<Map<String, List<String>>> allow = inner.mapping("allow").flatMap(this::states);
        Optional<Boolean> reachable = inner.truth("reachable");
        boolean plain = field.isEmpty() || isPlain(inner, "field", field.get(), "");
        if (!inner.done() || !complete || !plain || field.isEmpty() || allow.isEmpty()) {
            return Optional.empty();
        }
        fields.addPlaces(inner);
        return Optional.of(new Constraint.Transition(field.get(), allow.get(), reachable.orElse(false)));
    }

    private Optional<Map<String, List<String>>> states(Fields allow) {
        if (allow.entries().isEmpty()) {
            problems.error(
                    allow.place(), "'allow' names no state", "Write {NEW: [PAID], PAID: [SHIPPED], SHIPPED: []}.");
            return Optional.empty();
        }
        Map<String, List<String>> states = new LinkedHashMap<>();
        for (YamlNode.Entry entry : allow.entries()) {
            states.put(entry.key().text(), allow.texts(entry.key().text()));
        }
        return Optional.of(states);
    }

    private Optional<Constraint> increasing() {
        boolean nested = fields.node("increasing").orElse(null) instanceof YamlNode.Mapping;
        Fields from = nested ? fields.mapping("increasing").orElseThrow() : fields;
        boolean complete = !nested || from.require("field");
        Optional<FieldPath> field = from.path(nested ? "field" : "increasing");
        boolean strict = strict(fields);
        if (nested) {
            strict |= strict(from);
            complete &= from.done();
            fields.addPlaces(from);
        }
        if (!complete || field.isEmpty() || !isPlain(from, "increasing", field.get(), "")) {
            return Optional.empty();
        }
        return Optional.of(new Constraint.Increasing(field.get(), strict));
    }

    private static boolean strict(Fields from) {
        return from.choice("strict", List.of("when_changed"), word -> word).isPresent();
    }

    /** {@code no_delete:} alone, {@code no_delete: true} or {@code no_delete: {unless: SQL}}; unless may stand beside. */
    private Optional<Optional<Sql>> unless(String keyword) {
        YamlNode node = fields.node(keyword).orElseThrow();
        Optional<Sql> beside = sql(fields, "unless");
        if (node instanceof YamlNode.Mapping) {
            Fields inner = fields.mapping(keyword).orElseThrow();
            Optional<Sql> within = sql(inner, "unless");
            if (fields.has("unless") && inner.has("unless")) {
                problems.error(
                        fields.keyPlace("unless"), "'unless' stands inside '%s' and beside it".formatted(keyword));
            }
            return inner.done() ? Optional.of(within.or(() -> beside)) : Optional.empty();
        }
        if (node instanceof YamlNode.Scalar scalar && scalar.isNull()) {
            return Optional.of(beside);
        }
        Optional<Boolean> truth = fields.truth(keyword);
        if (truth.isPresent() && !truth.get()) {
            problems.error(node.place(), "'%s: false' says nothing".formatted(keyword), "Leave the rule out.");
            return Optional.empty();
        }
        return truth.isEmpty() ? Optional.empty() : Optional.of(beside);
    }

    private Optional<Constraint.FieldCheck> fieldCheck() {
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
        if (min.isPresent() && max.isPresent()) {
            compare("min", "max", min.get().number(), max.get().number());
        }
        pattern().ifPresent(checks::add);
        Optional<Long> minLength = fields.integer("min_length", 0, Long.MAX_VALUE);
        Optional<Long> maxLength = fields.integer("max_length", 0, Long.MAX_VALUE);
        minLength.ifPresent(length -> checks.add(new Check.MinLength(length)));
        maxLength.ifPresent(length -> checks.add(new Check.MaxLength(length)));
        compare("min_length", "max_length", minLength.map(BigDecimal::valueOf), maxLength.map(BigDecimal::valueOf));
        fields.choice("format", Check.Form.class).ifPresent(form -> checks.add(new Check.Format(form)));
        return checks;
    }

    private void compare(String least, String most, Optional<BigDecimal> min, Optional<BigDecimal> max) {
        if (min.isPresent() && max.isPresent() && min.get().compareTo(max.get()) > 0) {
            problems.error(fields.keyPlace(least), "'%s' is greater than '%s'".formatted(least, most));
        }
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
        Optional<Literal> bound = fields.scalar(key).map(ConstraintReader::literal);
        if (bound.isPresent() && bound.get().kind() == Literal.Kind.BOOLEAN) {
            problems.error(
                    fields.keyPlace(key), "'%s' must be a number, a text or a time, not a boolean".formatted(key));
            return Optional.empty();
        }
        return bound;
    }

    /** Without quotes 12, true and null are what they look like; all else is a text. */
    private static Literal literal(YamlNode.Scalar scalar) {
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
