package dev.lastgood.imports;

import dev.lastgood.imports.DqdlRule.Comparison;
import dev.lastgood.imports.DqdlRule.Operand;
import dev.lastgood.imports.DqdlRule.Operator;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ColumnValues} says of a value. A null fails, but passes where a value must not be like something; the
 * keyword {@code NULL} among the values turns that round.
 */
final class DqdlValues {

    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    private final FieldPath field;
    private final String name;
    private final Comparison comparison;
    private final Operator operator;
    private final List<String> notes = new ArrayList<>();
    private @Nullable Condition condition;
    private @Nullable String objection;

    DqdlValues(FieldPath field, Comparison comparison) {
        this.field = field;
        this.name = SqlText.path(field);
        this.comparison = comparison;
        this.operator = comparison.operator();
        find();
    }

    Optional<Condition> condition() {
        return Optional.ofNullable(condition);
    }

    Optional<String> objection() {
        return Optional.ofNullable(objection);
    }

    List<String> notes() {
        return List.copyOf(notes);
    }

    private void find() {
        if (operator == Operator.MATCHES || operator == Operator.NOT_MATCHES) {
            pattern(((DqdlRule.Text) comparison.first()).text());
            return;
        }
        List<Operand> values = comparison.operands().stream()
                .filter(operand -> !isKeyword(operand, "NULL"))
                .toList();
        boolean nulls = values.size() < comparison.operands().size();
        if (values.isEmpty()) {
            onlyNull();
        } else if (nulls && !isSet()) {
            objection = "it compares null in order";
        } else if (values.stream().allMatch(DqdlValues::isTime)) {
            times(values, nulls);
        } else if (values.stream().allMatch(operand -> operand instanceof DqdlRule.Amount)) {
            numbers(values, nulls);
        } else if (values.stream().allMatch(operand -> isText(operand) || operand instanceof DqdlRule.Keyword)) {
            texts(values, nulls);
        } else {
            objection = "it compares with values of several kinds";
        }
    }

    private static boolean isKeyword(Operand operand, String word) {
        return operand instanceof DqdlRule.Keyword keyword && keyword.word().equals(word);
    }

    private static boolean isText(Operand operand) {
        return operand instanceof DqdlRule.Text;
    }

    private static boolean isTime(Operand operand) {
        return operand instanceof DqdlRule.Now
                || (operand instanceof DqdlRule.Text text
                        && DATE.matcher(text.text()).matches());
    }

    private boolean isSet() {
        return operator == Operator.EQUAL
                || operator == Operator.NOT_EQUAL
                || operator == Operator.IN
                || operator == Operator.NOT_IN;
    }

    /** What a null means: what the comparison says of null, if it names it. */
    private Condition.Nulls nulls(boolean named) {
        boolean passes = isSet() && operator.isNegated() != named;
        return passes ? Condition.Nulls.PASS : Condition.Nulls.FAIL;
    }

    private void onlyNull() {
        if (!isSet()) {
            objection = "it compares null in order";
            return;
        }
        condition = operator.isNegated() ? Condition.required(field) : Condition.isNull(field);
    }

    private void numbers(List<Operand> operands, boolean nulls) {
        List<BigDecimal> numbers = operands.stream()
                .map(operand -> ((DqdlRule.Amount) operand).value())
                .toList();
        if (isSet()) {
            set(
                    numbers.stream()
                            .map(Numbers::text)
                            .map(Literal::plain)
                            .distinct()
                            .toList(),
                    nulls);
            return;
        }
        BigDecimal first = numbers.get(0);
        Range between =
                new Range(new Range.Bound(first, false), new Range.Bound(numbers.get(numbers.size() - 1), false));
        Demand demand = switch (operator) {
            case GREATER -> Range.above(first);
            case AT_LEAST -> Range.atLeast(first);
            case LESS -> Range.below(first);
            case AT_MOST -> Range.atMost(first);
            case BETWEEN -> between;
            default -> new Demand.Not(between);
        };
        condition = Condition.number(field, demand, Condition.Nulls.FAIL);
    }

    private void set(List<Literal> values, boolean nulls) {
        if (!operator.isNegated()) {
            condition = Condition.in(field, values, nulls(nulls));
        } else {
            condition = nulls
                    ? Condition.requiredAndNotIn(field, values)
                    : Condition.notIn(field, values, Condition.Nulls.PASS);
        }
    }

    private void texts(List<Operand> operands, boolean nulls) {
        if (!isSet()) {
            objection = "it compares texts in order";
            return;
        }
        boolean blank = operands.stream().anyMatch(operand -> isKeyword(operand, "WHITESPACES_ONLY"));
        List<Literal> values = operands.stream()
                .filter(operand -> !isKeyword(operand, "WHITESPACES_ONLY"))
                .map(operand -> operand instanceof DqdlRule.Text text ? unescaped(text.text()) : "")
                .map(Literal::text)
                .distinct()
                .toList();
        if (!blank) {
            set(values, nulls);
            return;
        }
        String isBlank = "(length(trim(%s)) = 0 and length(%s) > 0)".formatted(name, name);
        String isOne = values.isEmpty() ? isBlank : "%s in %s or %s".formatted(name, SqlText.list(values), isBlank);
        condition = Condition.of(operator.isNegated() ? "not (" + isOne + ")" : isOne, nulls(nulls));
    }

    /** In a list, a backslash goes and what follows it stays. */
    private static String unescaped(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }

    /** Dates are compared by the day, whatever the column holds. */
    private void times(List<Operand> operands, boolean nulls) {
        List<String> days = operands.stream().map(DqdlValues::day).toList();
        if (days.contains("")) {
            objection = "dates can be moved by days, hours and minutes only";
            return;
        }
        String day = "try_cast(%s as date)".formatted(name);
        String first = days.get(0);
        String last = days.get(days.size() - 1);
        String sql = switch (operator) {
            case IN, NOT_IN -> "%s %s (%s)".formatted(day, operator.sql(), String.join(", ", days));
            case BETWEEN -> "%s > %s and %s < %s".formatted(day, first, day, last);
            case NOT_BETWEEN -> "%s <= %s or %s >= %s".formatted(day, first, day, last);
            default -> "%s %s %s".formatted(day, operator.sql(), first);
        };
        // what is no date is NULL as well, and passes nowhere
        boolean nullPasses = nulls(nulls) == Condition.Nulls.PASS;
        condition = Condition.of(nullPasses ? "%s is null or %s".formatted(name, sql) : sql, Condition.Nulls.FAIL);
    }

    /** Empty if there is no SQL for it. */
    private static String day(Operand operand) {
        if (operand instanceof DqdlRule.Text text) {
            return "date '" + text.text() + "'";
        }
        var now = (DqdlRule.Now) operand;
        DqdlRule.Quantity shift = now.shift();
        if (shift == null) {
            return "cast(now() as date)";
        }
        Optional<String> interval = interval(shift);
        return interval.map(known -> "cast(now() %s %s as date)".formatted(now.back() ? "-" : "+", known))
                .orElse("");
    }

    private static Optional<String> interval(DqdlRule.Quantity time) {
        boolean whole = time.amount().stripTrailingZeros().scale() <= 0;
        return switch (time.unit()) {
            case "days", "hours", "minutes" ->
                whole
                        ? Optional.of("interval %s %s".formatted(Numbers.text(time.amount()), time.unit()))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** That the time since then is as compared. */
    static Optional<String> age(String column, Comparison comparison) {
        List<Optional<String>> times = comparison.operands().stream()
                .map(operand -> interval((DqdlRule.Quantity) operand))
                .toList();
        if (!times.stream().allMatch(Optional::isPresent)) {
            return Optional.empty();
        }
        String first = "now() - " + times.get(0).orElseThrow();
        String last = "now() - " + times.get(times.size() - 1).orElseThrow();
        return switch (comparison.operator()) {
            case LESS -> Optional.of("%s > %s".formatted(column, first));
            case AT_MOST -> Optional.of("%s >= %s".formatted(column, first));
            case GREATER -> Optional.of("%s < %s".formatted(column, first));
            case AT_LEAST -> Optional.of("%s <= %s".formatted(column, first));
            case BETWEEN -> Optional.of("%s < %s and %s > %s".formatted(column, first, column, last));
            case NOT_BETWEEN -> Optional.of("%s >= %s or %s <= %s".formatted(column, first, column, last));
            default -> Optional.empty();
        };
    }

    /** The whole value matches. Glue puts {@code ^} and {@code $} around the pattern as it is. */
    private void pattern(String text) {
        var pattern = ForeignPattern.of(text);
        if (pattern.objection().isPresent()) {
            objection = pattern.objection().get();
            return;
        }
        String inner = pattern.anchored().orElse(text);
        if (operator == Operator.NOT_MATCHES) {
            notes.add("There, a value that only begins with a match is at fault as well.");
            condition = Condition.of(
                    "not (%s rlike %s)".formatted(name, SqlText.text("\\A(?:" + inner + ")\\z")), Condition.Nulls.FAIL);
        } else if (pattern.hasAlternatives()) {
            condition = Condition.finds(field, "^" + text + "$", Condition.Nulls.FAIL);
        } else {
            condition = Condition.matches(field, inner, Condition.Nulls.FAIL);
        }
    }
}
