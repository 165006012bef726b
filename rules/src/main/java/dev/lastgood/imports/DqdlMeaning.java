package dev.lastgood.imports;

import dev.lastgood.imports.DqdlRule.Comparison;
import dev.lastgood.imports.DqdlRule.Operand;
import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Allow;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds out what one rule of DQDL claims, or why no rule can say the same. */
final class DqdlMeaning {

    private static final String DYNAMIC = "it compares with a number that must be worked out, as from earlier runs";
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*");
    private static final Pattern REFERENCE = Pattern.compile("(.+?)\\.(?:\\{(.+)}|([^.{}]+))");

    private final DqdlRule.Single rule;
    private final Options options;
    private final List<Claim> claims = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private @Nullable String objection;

    private DqdlMeaning(DqdlRule.Single rule, Options options) {
        this.rule = rule;
        this.options = options;
    }

    static DqdlMeaning of(DqdlRule.Single rule, Options options) {
        var meaning = new DqdlMeaning(rule, options);
        meaning.find();
        return meaning;
    }

    /** Why there are no claims. */
    Optional<String> objection() {
        return Optional.ofNullable(objection);
    }

    List<Claim> claims() {
        return List.copyOf(claims);
    }

    /** What is to be said beside the rules. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    private void object(String why) {
        if (objection == null) {
            objection = why;
        }
        claims.clear();
    }

    private void find() {
        Optional<String> known = DqdlTypes.objection(rule.type());
        String where = where();
        if (known.isPresent()) {
            object(known.get());
        } else if (rule.compared().filter(Comparison::isDynamic).isPresent()) {
            object(DYNAMIC);
        } else if (!rule.tags().isEmpty()) {
            object("'with %s' has no counterpart".formatted(rule.tags().get(0)));
        } else if (objection == null) {
            byType(where);
            if (objection != null) {
                claims.clear();
            }
        }
    }

    private @Nullable String where() {
        if (rule.where() == null) {
            return null;
        }
        ForeignSql sql = ForeignSql.of(DqdlParser.unescaped(rule.where()), ForeignSql.Dialect.SPARK);
        sql.objectionAsSentence().ifPresent(this::object);
        return sql.text();
    }

    private void byType(@Nullable String where) {
        switch (rule.type()) {
            case "IsComplete" -> complete(where, Claim.ALL);
            case "Completeness" -> number().ifPresent(share -> complete(where, share));
            case "IsUnique" -> unique(where, Claim.ALL);
            case "Uniqueness" -> number().ifPresent(share -> unique(where, share));
            case "IsPrimaryKey" -> primaryKey(where);
            case "ColumnValues" -> values(where);
            case "ColumnLength" -> length(where);
            case "ColumnDataType" -> dataType(where);
            case "RowCount" -> number().ifPresent(demand -> measure(Measure.rows(where), null, demand));
            case "Mean" -> measure(where, "avg(%s)", 1);
            case "Sum" -> measure(where, "sum(%s)", 1);
            case "StandardDeviation" -> measure(where, "stddev_pop(%s)", 1);
            case "ColumnCorrelation" -> measure(where, "corr(%s)", 2);
            case "DistinctValuesCount" -> distinct(where);
            case "DataFreshness" -> freshness(where);
            case "ReferentialIntegrity" -> reference();
            case "CustomSql" -> sql();
            default -> throw new IllegalStateException(rule.type());
        }
    }

    // ---- parts

    /** So many columns; none if the rule names another number of them. */
    private List<FieldPath> columns(int least, int most) {
        List<String> names = rule.parameters();
        if (names.size() < least || names.size() > most) {
            object(most == Integer.MAX_VALUE ? "it names no column" : "it names %d columns".formatted(names.size()));
            return List.of();
        }
        return names.stream().map(DqdlMeaning::column).distinct().toList();
    }

    /** A name with dots leads inside, unless it stands in backticks. */
    private static FieldPath column(String written) {
        String name = written.strip();
        if (name.length() > 2 && name.startsWith("`") && name.endsWith("`")) {
            return FieldPath.of(name.substring(1, name.length() - 1).replace("``", "`"));
        }
        return PATH.matcher(name).matches() ? FieldPath.valueOf(name) : FieldPath.of(name);
    }

    /** What a number must be by the rule's comparison. */
    private Optional<Demand> number() {
        Optional<Demand> demand = rule.compared().flatMap(DqdlMeaning::demand);
        if (demand.isEmpty()) {
            object("it is not compared with numbers");
        }
        return demand;
    }

    /** A number between two others is neither of them. A number in quotes is one all the same. */
    static Optional<Demand> demand(Comparison comparison) {
        List<BigDecimal> numbers = comparison.operands().stream()
                .flatMap(operand -> value(operand).stream())
                .toList();
        if (numbers.size() != comparison.operands().size()) {
            return Optional.empty();
        }
        BigDecimal first = numbers.get(0);
        Range between =
                new Range(new Range.Bound(first, false), new Range.Bound(numbers.get(numbers.size() - 1), false));
        return switch (comparison.operator()) {
            case EQUAL -> Optional.of(Range.exactly(first));
            case NOT_EQUAL -> Optional.of(new Demand.Not(Range.exactly(first)));
            case GREATER -> Optional.of(Range.above(first));
            case AT_LEAST -> Optional.of(Range.atLeast(first));
            case LESS -> Optional.of(Range.below(first));
            case AT_MOST -> Optional.of(Range.atMost(first));
            case BETWEEN -> Optional.of(between);
            case NOT_BETWEEN -> Optional.of(new Demand.Not(between));
            case IN -> Optional.of(new Demand.OneOf(numbers));
            case NOT_IN -> Optional.of(new Demand.Not(new Demand.OneOf(numbers)));
            case MATCHES, NOT_MATCHES -> Optional.empty();
        };
    }

    private static Optional<BigDecimal> value(Operand operand) {
        return operand.number().or(() -> operand.text().flatMap(Numbers::read));
    }

    /** How great a share of the records must be good. */
    private Optional<Demand> threshold() {
        Comparison threshold = rule.threshold();
        if (threshold == null) {
            return Optional.of(Claim.ALL);
        }
        Optional<Demand> demand = demand(threshold);
        if (demand.isEmpty()) {
            object(threshold.isDynamic() ? DYNAMIC : "its threshold is no number");
        }
        return demand;
    }

    // ---- by type

    private void complete(@Nullable String where, Demand share) {
        columns(1, 1).forEach(column -> claims.add(new Claim.OfRecords(Condition.required(column), where, share)));
    }

    private void unique(@Nullable String where, Demand share) {
        if (Claim.allowed(share).isEmpty()) {
            object("only how many values must be unique can be said, not how many may be");
            return;
        }
        List<FieldPath> columns = columns(1, Integer.MAX_VALUE);
        if (columns.size() > 1) {
            notes.add("A record with a null in some of the fields, but not in all, takes part there and not here.");
        }
        if (!columns.isEmpty()) {
            claims.add(new Claim.Keys(columns, where, share));
        }
    }

    private void primaryKey(@Nullable String where) {
        List<FieldPath> columns = columns(1, Integer.MAX_VALUE);
        if (columns.isEmpty()) {
            return;
        }
        claims.add(new Claim.Keys(columns, where, Claim.ALL));
        columns.forEach(column -> claims.add(new Claim.OfRecords(Condition.required(column), where, Claim.ALL)));
    }

    private void measure(Measure measure, @Nullable String where, Demand demand) {
        claims.add(new Claim.OfNumber(measure, where, demand));
    }

    private void measure(@Nullable String where, String function, int columns) {
        List<FieldPath> named = columns(columns, columns);
        if (!named.isEmpty()) {
            String names = String.join(", ", named.stream().map(SqlText::path).toList());
            number().ifPresent(demand -> measure(Measure.of(function.formatted(names)), where, demand));
        }
    }

    private void distinct(@Nullable String where) {
        for (FieldPath column : columns(1, 1)) {
            String name = SqlText.path(column);
            notes.add("Null counts as a value.");
            number().ifPresent(demand -> measure(
                    Measure.whole("count(distinct %s) + max(if(%s is null, 1, 0))".formatted(name, name)),
                    where,
                    demand));
        }
    }

    private void values(@Nullable String where) {
        Optional<Comparison> comparison = rule.compared();
        if (comparison.isEmpty()) {
            object("it does not say what the values must be");
            return;
        }
        for (FieldPath column : columns(1, 1)) {
            var values = new DqdlValues(column, comparison.get());
            values.objection().ifPresent(this::object);
            values.notes().forEach(notes::add);
            values.condition()
                    .ifPresent(condition ->
                            threshold().ifPresent(share -> claims.add(new Claim.OfRecords(condition, where, share))));
        }
    }

    /** A null is a text without characters there. */
    private void length(@Nullable String where) {
        for (FieldPath column : columns(1, 1)) {
            number().ifPresent(demand -> {
                boolean empty = demand.holds(BigDecimal.ZERO);
                Condition condition =
                        Condition.length(column, demand, empty ? Condition.Nulls.PASS : Condition.Nulls.FAIL);
                claims.add(new Claim.OfRecords(condition, where, Claim.ALL));
            });
        }
    }

    private void dataType(@Nullable String where) {
        Optional<String> type =
                rule.compared().flatMap(comparison -> comparison.first().text()).flatMap(DqdlMeaning::sparkType);
        boolean equal = rule.compared()
                .filter(comparison -> comparison.operator() == DqdlRule.Operator.EQUAL)
                .isPresent();
        if (type.isEmpty() || !equal) {
            object("only that values are of one of Glue's types can be said");
            return;
        }
        if (type.get().endsWith("int")) {
            notes.add("There, the text '1.5' is a whole number as well.");
        }
        for (FieldPath column : columns(1, 1)) {
            Condition condition = Condition.of(
                    "try_cast(%s as %s) is not null".formatted(SqlText.path(column), type.get()),
                    Condition.Nulls.NEVER);
            threshold().ifPresent(share -> claims.add(new Claim.OfRecords(condition, where, share)));
        }
    }

    private static Optional<String> sparkType(String type) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "boolean", "date", "timestamp", "double", "float" -> Optional.of(type.toLowerCase(Locale.ROOT));
            case "integer" -> Optional.of("int");
            case "long" -> Optional.of("bigint");
            default ->
                type.matches("(?i)decimal\\([0-9]{1,2}, *[0-9]{1,2}\\)")
                        ? Optional.of(type.toLowerCase(Locale.ROOT))
                        : Optional.empty();
        };
    }

    private void freshness(@Nullable String where) {
        for (FieldPath column : columns(1, 1)) {
            Optional<String> sql = rule.compared().flatMap(age -> DqdlValues.age(SqlText.path(column), age));
            if (sql.isEmpty()) {
                object("only ages in whole days, hours or minutes, compared by <, <=, >, >= or between, can be said");
                return;
            }
            notes.add("There, ages are rounded to hundredths of an hour.");
            claims.add(new Claim.OfRecords(Condition.of(sql.get(), Condition.Nulls.FAIL), where, Claim.ALL));
        }
    }

    private void reference() {
        Optional<Demand> share = number();
        Matcher parent = REFERENCE.matcher(
                rule.parameters().size() == 2 ? rule.parameters().get(1) : "");
        if (share.isEmpty()) {
            return;
        }
        if (!parent.matches()) {
            object("it does not name columns of a reference dataset");
            return;
        }
        List<FieldPath> fields = list(rule.parameters().get(0));
        List<FieldPath> key = list(parent.group(2) == null ? parent.group(3) : parent.group(2));
        if (Claim.allowed(share.get()).isEmpty()) {
            object("only how many records must have a parent can be said, not how many may have one");
        } else if (fields.isEmpty() || fields.size() != key.size()) {
            object("it does not name as many columns on both sides");
        } else {
            refer(fields, options.renamed(parent.group(1)), key, share.get());
        }
    }

    /** A record with a null has no parent there. */
    private void refer(List<FieldPath> fields, String to, List<FieldPath> key, Demand share) {
        claims.add(new Claim.Refers(fields, to, key, share));
        if (Claim.isAll(share)) {
            fields.forEach(field -> claims.add(new Claim.OfRecords(Condition.required(field), null, Claim.ALL)));
        }
    }

    private static List<FieldPath> list(String names) {
        return Arrays.stream(names.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .map(DqdlMeaning::column)
                .toList();
    }

    private void sql() {
        if (rule.parameters().size() != 1) {
            object("it holds no SQL");
            return;
        }
        ForeignSql sql = ForeignSql.of(rule.parameters().get(0), ForeignSql.Dialect.SPARK);
        Optional<SimpleSelect> select =
                SimpleSelect.of(sql.words()).filter(known -> known.table().equalsIgnoreCase("primary"));
        if (sql.objection().isPresent()) {
            object(sql.objection().get());
        } else if (select.isEmpty()) {
            object("only a query of the primary dataset alone can be a rule");
        } else if (rule.compared().isEmpty()) {
            good(select.get());
        } else if (select.get().columns() == 1) {
            number().ifPresent(demand -> select(select.get(), demand));
        } else {
            object("its SQL gives several numbers");
        }
    }

    /** A query that gives the records that are good. */
    private void good(SimpleSelect select) {
        String where = select.where();
        if (where == null
                || ForeignSql.of(select.what(), ForeignSql.Dialect.SPARK).aggregates()) {
            object("its SQL does not say which records are good");
            return;
        }
        notes.add("There, a record with the same %s as a good one is good as well.".formatted(select.what()));
        threshold()
                .ifPresent(share ->
                        claims.add(new Claim.OfRecords(Condition.of(where, Condition.Nulls.FAIL), null, share)));
    }

    private void select(SimpleSelect select, Demand demand) {
        String where = select.where();
        Optional<Allow> allow = Allowed.findings(demand);
        boolean faults = select.counts() && where != null;
        if (faults && allow.isPresent()) {
            Condition none = Condition.of("not (" + where + ")", Condition.Nulls.PASS);
            claims.add(new Claim.Faults(none, allow.get()));
        } else if (select.counts()) {
            measure(Measure.rows(where), null, demand);
        } else {
            measure(Measure.of(select.what()), where, demand);
        }
    }
}
