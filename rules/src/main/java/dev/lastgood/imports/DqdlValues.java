package dev.lastgood.imports;

import dev.lastgood.imports.DqdlRule.Comparison;
import dev.lastgood.imports.DqdlRule.Operand;
import dev.lastgood.imports.DqdlRule.Operator;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ColumnValues} says of a value. A null fails, but passes where a value must not be like something; the
 * keyword {@code NULL} among the values turns that round.
 */
final class DqdlValues {

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
            comparison.first().text().ifPresent(this::pattern);
            return;
        }
        List<Operand> values = comparison.operands().stream()
                .filter(operand -> !operand.is("NULL"))
                .toList();
        boolean nulls = values.size() < comparison.operands().size();
        if (nulls && !operator.isSet()) {
            objection = "it compares null in order";
        } else if (values.isEmpty()) {
            condition = operator.isNegated() ? Condition.required(field) : Condition.isNull(field);
        } else if (values.stream().allMatch(Operand::isDay)) {
            days(values, nulls);
        } else if (values.stream().allMatch(operand -> operand.number().isPresent())) {
            numbers(values, nulls);
        } else if (values.stream().allMatch(DqdlValues::isText)) {
            texts(values, nulls);
        } else {
            objection = "it compares with values of several kinds";
        }
    }

    private static boolean isText(Operand operand) {
        return operand.text().isPresent() || operand.is("EMPTY") || operand.is("WHITESPACES_ONLY");
    }

    /** What a null means: what the comparison says of null, if it names it. */
    private Condition.Nulls nulls(boolean named) {
        return operator.isSet() && operator.isNegated() != named ? Condition.Nulls.PASS : Condition.Nulls.FAIL;
    }

    private void numbers(List<Operand> operands, boolean nulls) {
        if (operator.isSet()) {
            set(
                    operands.stream()
                            .flatMap(operand -> operand.number().stream())
                            .map(Numbers::text)
                            .map(Literal::plain)
                            .distinct()
                            .toList(),
                    nulls);
        } else {
            DqdlMeaning.demand(comparison)
                    .ifPresent(demand -> condition = Condition.number(field, demand, Condition.Nulls.FAIL));
        }
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
        if (!operator.isSet()) {
            objection = "it compares texts in order";
            return;
        }
        boolean blank = operands.stream().anyMatch(operand -> operand.is("WHITESPACES_ONLY"));
        List<Literal> values = operands.stream()
                .filter(operand -> !operand.is("WHITESPACES_ONLY"))
                .map(operand -> Literal.text(unescaped(operand.text().orElse(""))))
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
    private void days(List<Operand> operands, boolean nulls) {
        List<String> days =
                operands.stream().flatMap(operand -> operand.time().stream()).toList();
        if (days.size() < operands.size()) {
            objection = "dates can be moved by whole days, hours and minutes only";
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

    /** That the time since then is as compared; none if there is no such SQL. */
    static Optional<String> age(String column, Comparison comparison) {
        List<String> times = comparison.operands().stream()
                .filter(operand -> !operand.isDay())
                .flatMap(operand -> operand.time().stream())
                .toList();
        if (times.size() < comparison.operands().size()) {
            return Optional.empty();
        }
        String first = "now() - " + times.get(0);
        String last = "now() - " + times.get(times.size() - 1);
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
