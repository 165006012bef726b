package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A rule of DQDL as written. */
sealed interface DqdlRule {

    Place place();

    /** What people wrote beside it to find it by. */
    List<String> labels();

    /** The same with other labels. */
    DqdlRule labelled(List<String> labels);

    /** The rules that say the same if each of them must hold. */
    default List<DqdlRule> parts() {
        return List.of(this);
    }

    <R> R accept(Visitor<R> visitor);

    /** Reads a rule from outside. */
    interface Visitor<R> {
        R single(Single rule);

        R composite(Composite rule);
    }

    /** One rule. */
    record Single(
            Place place,
            String type,
            List<String> parameters,
            @Nullable Comparison comparison,
            @Nullable String where,
            @Nullable Comparison threshold,
            List<String> tags,
            List<String> labels)
            implements DqdlRule {

        public Single {
            parameters = List.copyOf(parameters);
            tags = List.copyOf(tags);
            labels = List.copyOf(labels);
        }

        Optional<Comparison> compared() {
            return Optional.ofNullable(comparison);
        }

        @Override
        public Single labelled(List<String> others) {
            return new Single(place, type, parameters, comparison, where, threshold, tags, others);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.single(this);
        }
    }

    /** Several rules joined by {@code and}, or by {@code or}. */
    record Composite(Place place, boolean all, List<DqdlRule> rules) implements DqdlRule {

        public Composite {
            rules = List.copyOf(rules);
        }

        @Override
        public List<String> labels() {
            return rules.stream()
                    .flatMap(rule -> rule.labels().stream())
                    .distinct()
                    .toList();
        }

        @Override
        public List<DqdlRule> parts() {
            return all ? rules.stream().flatMap(rule -> rule.parts().stream()).toList() : List.of(this);
        }

        @Override
        public Composite labelled(List<String> others) {
            return new Composite(
                    place,
                    all,
                    rules.stream().map(rule -> rule.labelled(others)).toList());
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.composite(this);
        }
    }

    /** What a value is compared with, and how. */
    record Comparison(Operator operator, List<Operand> operands) {

        public Comparison {
            operands = List.copyOf(operands);
        }

        Operand first() {
            return operands.get(0);
        }

        boolean isDynamic() {
            return operands.stream().anyMatch(Operand::isDynamic);
        }
    }

    /** How a value is compared. */
    enum Operator {
        EQUAL("="),
        NOT_EQUAL("<>"),
        GREATER(">"),
        AT_LEAST(">="),
        LESS("<"),
        AT_MOST("<="),
        BETWEEN("between"),
        NOT_BETWEEN("not between"),
        IN("in"),
        NOT_IN("not in"),
        MATCHES("matches"),
        NOT_MATCHES("not matches");

        private final String sql;

        Operator(String sql) {
            this.sql = sql;
        }

        /** As SQL writes it. */
        String sql() {
            return sql;
        }

        /** Whether a value passes because it is not like something. */
        boolean isNegated() {
            return this == NOT_EQUAL || this == NOT_IN || this == NOT_BETWEEN || this == NOT_MATCHES;
        }

        /** Whether it asks if a value is one of some. */
        boolean isSet() {
            return this == EQUAL || this == NOT_EQUAL || this == IN || this == NOT_IN;
        }
    }

    /** What a value is compared with. */
    sealed interface Operand {

        /** The number it is, if it is one without quotes. */
        default Optional<BigDecimal> number() {
            return Optional.empty();
        }

        /** The text it is, as it stands between the quotes. */
        default Optional<String> text() {
            return Optional.empty();
        }

        /** Whether it is {@code NULL}, {@code EMPTY} or {@code WHITESPACES_ONLY}. */
        default boolean is(String keyword) {
            return false;
        }

        /** Whether it is a date, or the time of the run. */
        default boolean isDay() {
            return false;
        }

        /** The day it is, or a time span, as SQL; none if it is neither, or Spark has no such. */
        default Optional<String> time() {
            return Optional.empty();
        }

        /** Whether it must be worked out, and may refer to earlier runs. */
        default boolean isDynamic() {
            return false;
        }
    }

    /** A number without quotes. */
    record Amount(BigDecimal value) implements Operand {

        @Override
        public Optional<BigDecimal> number() {
            return Optional.of(value);
        }
    }

    /** Something in quotes. */
    record Text(String written) implements Operand {

        private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

        @Override
        public Optional<String> text() {
            return Optional.of(written);
        }

        @Override
        public boolean isDay() {
            return DATE.matcher(written).matches();
        }

        @Override
        public Optional<String> time() {
            return isDay() ? Optional.of("date '" + written + "'") : Optional.empty();
        }
    }

    /** {@code NULL}, {@code EMPTY} or {@code WHITESPACES_ONLY}. */
    record Keyword(String word) implements Operand {

        @Override
        public boolean is(String keyword) {
            return word.equals(keyword);
        }
    }

    /** So many days, hours or minutes, or so many bytes. */
    record Quantity(BigDecimal amount, String unit) implements Operand {

        @Override
        public Optional<String> time() {
            boolean whole = amount.stripTrailingZeros().scale() <= 0;
            return switch (unit) {
                case "days", "hours", "minutes" ->
                    whole ? Optional.of("interval %s %s".formatted(Numbers.text(amount), unit)) : Optional.empty();
                default -> Optional.empty();
            };
        }
    }

    /** The time of the run, moved by a time. */
    record Now(@Nullable Quantity shift, boolean back) implements Operand {

        @Override
        public boolean isDay() {
            return true;
        }

        @Override
        public Optional<String> time() {
            return shift == null
                    ? Optional.of("cast(now() as date)")
                    : shift.time().map(time -> "cast(now() %s %s as date)".formatted(back ? "-" : "+", time));
        }
    }

    /** Anything else that must be worked out. */
    record Computed() implements Operand {

        @Override
        public boolean isDynamic() {
            return true;
        }
    }
}
