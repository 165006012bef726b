package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A rule of DQDL as written. */
sealed interface DqdlRule {

    Place place();

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
    }

    /** Several rules joined by {@code and}, or by {@code or}. */
    record Composite(Place place, boolean all, List<DqdlRule> rules) implements DqdlRule {

        public Composite {
            rules = List.copyOf(rules);
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

        boolean areAll(Class<? extends Operand> kind) {
            return operands.stream().allMatch(kind::isInstance);
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

        /** As SQL writes it, if it takes one operand. */
        String sql() {
            return sql;
        }

        /** Whether a value passes because it is not like something. */
        boolean isNegated() {
            return this == NOT_EQUAL || this == NOT_IN || this == NOT_BETWEEN || this == NOT_MATCHES;
        }
    }

    /** What a value is compared with. */
    sealed interface Operand {}

    record Amount(BigDecimal value) implements Operand {}

    /**
     * A text.
     *
     * @param text as it stands between the quotes
     */
    record Text(String text) implements Operand {}

    /** {@code NULL}, {@code EMPTY} or {@code WHITESPACES_ONLY}. */
    record Keyword(String word) implements Operand {}

    /** So many days, hours or minutes, or so many bytes. */
    record Quantity(BigDecimal amount, String unit) implements Operand {}

    /** The time of the run, moved by a time. */
    record Now(@Nullable Quantity shift, boolean back) implements Operand {}

    /** Anything that must be worked out, and may refer to earlier runs. */
    record Computed() implements Operand {}
}
