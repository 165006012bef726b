package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Problems;
import dev.lastgood.rule.Allow;
import dev.lastgood.rule.Severity;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code quality} of an object or a property. */
final class OdcsQuality {

    static final String ELEMENTS = "a rule cannot say it of the elements of arrays";
    static final String PLAIN_ELEMENTS = "the elements of the array are plain values, which have no name";

    private static final Map<String, Severity> SEVERITIES = Map.of(
            "info", Severity.INFO,
            "warn", Severity.WARN,
            "warning", Severity.WARN,
            "error", Severity.ERROR,
            "critical", Severity.CRITICAL,
            "fatal", Severity.CRITICAL);

    /** What versions before 3.1 call a metric. */
    private static final Map<String, String> OLD_METRICS = Map.of(
            "nullCheck", "nullValues",
            "nullCount", "nullValues",
            "uniqueCheck", "duplicateValues",
            "duplicateCount", "duplicateValues",
            "validValues", "invalidValues",
            "validValuesCheck", "invalidValues",
            "countCheck", "rowCount");

    /** Those of them that need no bound: there must be none. */
    private static final Set<String> CHECKS = Set.of("nullCheck", "uniqueCheck", "validValues", "validValuesCheck");

    private final OdcsObject object;
    private final Translation translation;
    private final Problems problems;

    OdcsQuality(OdcsObject object, Translation translation, Problems problems) {
        this.object = object;
        this.translation = translation;
        this.problems = problems;
    }

    void ofObject() {
        for (Fields item : Foreign.mappings(object.fields(), "quality", "quality rule", problems)) {
            new Item(item, null).translate();
        }
    }

    void of(OdcsProperty property) {
        for (Fields item : Foreign.mappings(property.fields(), "quality", "quality rule", problems)) {
            new Item(item, property).translate();
        }
    }

    /** What a check counts in. */
    private enum Unit {
        ROWS,
        PERCENT
    }

    /** One quality rule. */
    private final class Item {

        private final Fields fields;
        private final @Nullable OdcsProperty property;
        private final String type;
        private final String metric;

        Item(Fields fields, @Nullable OdcsProperty property) {
            this.fields = fields;
            this.property = property;
            this.metric = Foreign.text(fields, "metric")
                    .or(() -> Foreign.text(fields, "rule"))
                    .orElse("");
            this.type = Foreign.text(fields, "type").orElse("library");
        }

        void translate() {
            switch (type) {
                case "library" -> library();
                case "sql" -> sql();
                case "text" -> untranslated("it is a sentence for people");
                case "custom" ->
                    untranslated("it is written for %s"
                            .formatted(Foreign.text(fields, "engine").orElse("another engine")));
                default -> untranslated("'%s' is no type of the standard".formatted(type));
            }
        }

        // ---- what is common to all

        private String title() {
            return type.equals("library") && !metric.isEmpty() ? metric : type;
        }

        private void untranslated(String why) {
            String where = property == null ? object.name() : object.name() + "." + property.path();
            translation.untranslated(fields.place(), where + ": " + title(), why);
        }

        private Draft draft() {
            List<String> words = new ArrayList<>(List.of(object.dataset()));
            if (property != null) {
                words.add(property.path().toString());
            }
            words.add(Foreign.text(fields, "id").orElseGet(() -> Origin.snake(title())));
            Draft draft = new Draft(new Origin(fields.place(), object.dataset(), words, title()))
                    .because(Foreign.text(fields, "description")
                            .or(() -> Foreign.text(fields, "name"))
                            .orElse(null))
                    .tags(tags());
            severity(draft);
            return draft;
        }

        private List<String> tags() {
            List<String> tags = new ArrayList<>(Foreign.texts(fields, "tags"));
            Foreign.text(fields, "dimension")
                    .filter(word -> !tags.contains(word))
                    .ifPresent(tags::add);
            return tags;
        }

        private void severity(Draft draft) {
            Optional<String> written = Foreign.text(fields, "severity");
            if (written.isEmpty()) {
                return;
            }
            Severity known = SEVERITIES.get(written.get().toLowerCase(Locale.ROOT));
            if (known == null) {
                draft.note("Its severity '%s' is read as error.".formatted(written.get()));
            } else {
                draft.severity(known);
            }
        }

        private Optional<Unit> unit() {
            String unit = Foreign.text(fields, "unit").orElse("rows");
            return switch (unit) {
                case "rows", "row" -> Optional.of(Unit.ROWS);
                case "percent", "%" -> Optional.of(Unit.PERCENT);
                default -> Optional.empty();
            };
        }

        private Optional<Demand> demand() {
            Optional<Demand> demand = new OdcsOperators(fields, problems).demand();
            return demand.isEmpty() && CHECKS.contains(metric) && !OdcsOperators.anyIn(fields)
                    ? Optional.of(Range.exactly(BigDecimal.ZERO))
                    : demand;
        }

        // ---- the library

        private void library() {
            if (metric.isEmpty()) {
                problems.error(fields.place(), "%s has no 'metric'".formatted(fields.what()));
                return;
            }
            Optional<Demand> demand = demand();
            Optional<Unit> unit = unit();
            if (demand.isEmpty()) {
                untranslated("it does not say what the number must be");
            } else if (unit.isEmpty()) {
                untranslated("its unit is neither rows nor percent");
            } else {
                library(OLD_METRICS.getOrDefault(metric, metric), demand.get(), unit.get());
            }
        }

        private void library(String name, Demand demand, Unit unit) {
            boolean ofProperty =
                    Set.of("nullValues", "missingValues", "invalidValues").contains(name);
            if (ofProperty && property == null) {
                untranslated("it is about a property, and stands beside an object");
                return;
            }
            if (property != null && property.isElement()) {
                untranslated(PLAIN_ELEMENTS);
                return;
            }
            switch (name) {
                case "rowCount" -> rowCount(demand, unit);
                case "nullValues" -> faults(draft(), Condition.required(field()), demand, unit);
                case "missingValues" -> missing(demand, unit);
                case "invalidValues" -> invalid(demand, unit);
                case "duplicateValues" -> duplicates(demand, unit);
                default -> untranslated("it is no metric of the standard's library");
            }
        }

        private FieldPath field() {
            if (property == null) {
                throw new IllegalStateException(metric);
            }
            return property.field();
        }

        private void rowCount(Demand demand, Unit unit) {
            if (unit == Unit.PERCENT) {
                untranslated("a number of rows in percent of nothing");
            } else {
                translation.translated(draft().metric(Measure.rows(null), demand, Condition.Nulls.FAIL));
            }
        }

        /** So many records, or so many in a hundred, do not meet the condition. */
        private void faults(Draft draft, Condition condition, Demand demand, Unit unit) {
            Optional<Allow> allow = unit == Unit.ROWS
                    ? Allowed.findings(demand)
                    : demand.range().map(OdcsQuality::hundredth).flatMap(Allowed::share);
            Optional<FieldPath> array = property == null ? Optional.empty() : property.array();
            if (allow.isPresent()) {
                translation.translated(draft.each(array).condition(condition).allow(allow.get()));
            } else if (array.isPresent()) {
                untranslated("of the elements of an array only a greatest number at fault can be said");
            } else {
                Measure percent =
                        Measure.of("100 * " + condition.shareOfFaults().sql());
                translation.translated(draft.metric(
                        unit == Unit.ROWS ? condition.faults(null) : percent, demand, Condition.Nulls.FAIL));
            }
        }

        private Optional<Fields> arguments() {
            return Foreign.mapping(fields, "arguments");
        }

        /** A list of values; in the arguments, or where version 3.0 has it, beside the metric. */
        private Optional<List<YamlNode>> argument(String key) {
            Fields from = arguments().filter(arguments -> arguments.has(key)).orElse(fields);
            return Foreign.node(from, key).isPresent() ? Optional.of(from.list(key)) : Optional.empty();
        }

        private void missing(Demand demand, Unit unit) {
            Optional<List<YamlNode>> values = argument("missingValues");
            if (values.isEmpty() || values.get().isEmpty()) {
                untranslated("it does not say which values count as missing");
                return;
            }
            List<Literal> literals = literals(values.get());
            boolean nulls = values.get().stream().anyMatch(Item::isNull);
            Condition condition = literals.isEmpty()
                    ? Condition.required(field())
                    : nulls
                            ? Condition.requiredAndNotIn(field(), literals)
                            : Condition.notIn(field(), literals, Condition.Nulls.PASS);
            faults(draft(), condition, demand, unit);
        }

        private static boolean isNull(YamlNode node) {
            return node instanceof YamlNode.Scalar scalar && scalar.isNull();
        }

        /** Values as written, without null; what is no value is reported. */
        private List<Literal> literals(List<YamlNode> nodes) {
            boolean texts = property != null
                    && property.text("logicalType").filter("string"::equals).isPresent();
            List<Literal> literals = new ArrayList<>();
            for (YamlNode node : nodes) {
                if (!(node instanceof YamlNode.Scalar scalar)) {
                    problems.error(node.place(), "a value must be a single one, not %s".formatted(node.kind()));
                } else if (!scalar.isNull()) {
                    literals.add(texts || !scalar.plain() ? Literal.text(scalar.text()) : Literal.plain(scalar.text()));
                }
            }
            return literals;
        }

        /** The standard does not say whether null is invalid. What must not be null has a metric of its own. */
        private void invalid(Demand demand, Unit unit) {
            Optional<List<YamlNode>> values = argument("validValues");
            Fields from =
                    arguments().filter(arguments -> arguments.has("pattern")).orElse(fields);
            Optional<String> pattern = Foreign.text(from, "pattern");
            if (values.isPresent() == pattern.isPresent()) {
                untranslated(
                        pattern.isPresent()
                                ? "it has both valid values and a pattern: write a rule for each"
                                : "it does not say which values are valid");
                return;
            }
            Draft draft = draft().note("Null does not count as invalid.");
            if (pattern.isPresent()) {
                matching(draft, pattern.get(), demand, unit);
                return;
            }
            List<Literal> literals = literals(values.orElseThrow());
            if (literals.isEmpty()) {
                untranslated("it lists no valid value");
            } else {
                faults(draft, Condition.in(field(), literals, Condition.Nulls.PASS), demand, unit);
            }
        }

        private void matching(Draft draft, String text, Demand demand, Unit unit) {
            var pattern = ForeignPattern.of(text);
            if (pattern.objection().isPresent()) {
                untranslated(pattern.objection().get());
                return;
            }
            Optional<String> whole = pattern.anchored();
            if (whole.isEmpty()) {
                draft.note("The pattern may match a part: write 'matches' if all of the text must.");
            }
            Condition condition = whole.map(inner -> Condition.matches(field(), inner, Condition.Nulls.PASS))
                    .orElseGet(() -> Condition.finds(field(), text, Condition.Nulls.PASS));
            faults(draft, condition, demand, unit);
        }

        private void duplicates(Demand demand, Unit unit) {
            List<FieldPath> paths = property != null ? List.of(property.path()) : properties();
            boolean none = demand.range().filter(range -> isNone(range, unit)).isPresent();
            if (paths.isEmpty()) {
                untranslated("it does not say of which properties, or names some that the contract does not have");
            } else if (!paths.stream().allMatch(FieldPath::isPlain)) {
                untranslated(ELEMENTS);
            } else if (!none) {
                untranslated(
                        "the standard does not say how duplicates are counted, only what it means that there are none");
            } else {
                Draft draft = draft().unique(paths);
                translation.translated(
                        paths.size() == 1
                                ? draft
                                : draft.note("A record with a null in one of the fields takes no part."));
            }
        }

        private static boolean isNone(Range range, Unit unit) {
            Range faults = unit == Unit.ROWS ? range.ofWholeNumbers() : range;
            return faults.holds(BigDecimal.ZERO)
                    && faults.most().filter(most -> most.value().signum() == 0).isPresent();
        }

        /** The fields an object's check is about; none if one of them is not in the contract. */
        private List<FieldPath> properties() {
            List<String> names = arguments()
                    .map(arguments -> Foreign.texts(arguments, "properties"))
                    .orElse(List.of());
            List<FieldPath> paths = new ArrayList<>();
            for (String name : names) {
                object.properties().stream()
                        .filter(known -> known.name().equals(name))
                        .findFirst()
                        .ifPresent(known -> paths.add(known.path()));
            }
            return paths.size() == names.size() ? paths.stream().distinct().toList() : List.of();
        }

        // ---- SQL

        private void sql() {
            Optional<String> query = Foreign.text(fields, "query");
            if (query.isEmpty()) {
                problems.error(fields.place(), "%s has no 'query'".formatted(fields.what()));
                return;
            }
            Optional<Demand> demand = demand();
            ForeignSql sql = ForeignSql.of(filled(query.get()), ForeignSql.Dialect.ANY);
            Optional<SimpleSelect> select = SimpleSelect.of(sql.words())
                    .filter(known -> known.columns() == 1 && object.isCalled(known.table()));
            if (demand.isEmpty()) {
                untranslated("it does not say what the query must give");
            } else if (sql.objection().isPresent()) {
                untranslated(sql.objection().get());
            } else if (select.isEmpty()) {
                untranslated(
                        "only a query of one number about this one table can be a rule: write 'query' for the keys at fault");
            } else {
                translation.takesSql();
                select(select.get(), demand.get());
            }
        }

        /** With the names of the object and the property in place. */
        private String filled(String query) {
            String name = SqlText.name(object.name());
            String column = property == null ? "{property}" : SqlText.path(property.path());
            String filled = query;
            for (String word : List.of("object", "table", "model")) {
                filled = filled.replace("${" + word + "}", name).replace("{" + word + "}", name);
            }
            for (String word : List.of("property", "column", "field")) {
                filled = filled.replace("${" + word + "}", column).replace("{" + word + "}", column);
            }
            return filled;
        }

        private void select(SimpleSelect select, Demand demand) {
            Optional<Allow> allow = Allowed.findings(demand);
            if (select.counts() && select.where() != null && allow.isPresent()) {
                Condition none = Condition.of("not (" + select.where() + ")", Condition.Nulls.PASS);
                translation.translated(draft().condition(none).allow(allow.get()));
            } else {
                Draft draft = select.counts()
                        ? draft().metric(Measure.rows(select.where()), demand, Condition.Nulls.FAIL)
                        : draft().where(select.where()).metric(Measure.of(select.what()), demand, Condition.Nulls.FAIL);
                translation.translated(draft);
            }
        }
    }

    private static Range hundredth(Range percent) {
        return new Range(
                percent.least().map(OdcsQuality::hundredth).orElse(null),
                percent.most().map(OdcsQuality::hundredth).orElse(null));
    }

    private static Range.Bound hundredth(Range.Bound bound) {
        return new Range.Bound(bound.value().movePointLeft(2), bound.included());
    }
}
