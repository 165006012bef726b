package dev.lastgood.audit.oracle;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SQL, and what it comes to by the rules of SQL: three values of truth, and an error where Spark throws.
 *
 * @param names the fields of the rule's own dataset in it, as paths
 * @param close the same where numbers that differ by no more than a tolerance count as equal
 */
record Sentence(String sql, Set<String> names, Value value, Close close) {

    Sentence(String sql, Set<String> names, Value value) {
        this(sql, names, value, tolerance -> value);
    }

    /** What it comes to; null is NULL. */
    interface Value {
        @Nullable
        Object of(Scope scope);
    }

    interface Close {
        Value within(Tolerance tolerance);
    }

    /** It cannot be evaluated. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** How close numbers must be; null for no such bound. */
    record Tolerance(@Nullable BigDecimal abs, @Nullable BigDecimal rel) {
        static final Tolerance NONE = new Tolerance(null, null);

        boolean covers(BigDecimal a, BigDecimal b) {
            BigDecimal apart = a.subtract(b).abs();
            return apart.signum() == 0
                    || (abs != null && apart.compareTo(abs) <= 0)
                    || (rel != null && apart.compareTo(rel.multiply(a.abs().max(b.abs()))) <= 0);
        }
    }

    /** Records, and elements of arrays, by what the sentence calls them. */
    record Scope(Map<String, Object> records) {
        static final Scope NOTHING = new Scope(Map.of());

        static Scope of(String name, Shop.@Nullable Item item) {
            return NOTHING.with(name, item == null ? null : item.fields());
        }

        Scope with(String name, @Nullable Object record) {
            Map<String, Object> more = new java.util.HashMap<>(records);
            if (record == null) {
                more.remove(name);
            } else {
                more.put(name, record);
            }
            return new Scope(more);
        }

        Scope with(String name, Shop.@Nullable Item item) {
            return with(name, (Object) (item == null ? null : item.fields()));
        }

        @Nullable
        Object at(String record, String path) {
            return Shop.at(records.get(record), path);
        }
    }

    Sentence within(Tolerance tolerance) {
        return new Sentence(sql, names, close.within(tolerance));
    }

    // ---- SQL

    private static Set<String> both(Sentence a, Sentence b) {
        Set<String> names = new LinkedHashSet<>(a.names);
        names.addAll(b.names);
        return names;
    }

    static Sentence not(Sentence a) {
        return new Sentence("not (" + a.sql + ")", a.names, scope -> {
            Object value = a.value.of(scope);
            return value == null ? null : value.equals(false);
        });
    }

    /** Looks no further where the left side decides. */
    static Sentence and(Sentence a, Sentence b) {
        return new Sentence(
                "(" + a.sql + " and " + b.sql + ")",
                both(a, b),
                and(a.value, b.value),
                tolerance -> and(a.close.within(tolerance), b.close.within(tolerance)));
    }

    static Value and(Value a, Value b) {
        return scope -> {
            Object left = a.of(scope);
            if (Boolean.FALSE.equals(left)) {
                return false;
            }
            Object right = b.of(scope);
            return Boolean.FALSE.equals(right) ? (Object) false : (left == null || right == null) ? null : true;
        };
    }

    static Sentence or(Sentence a, Sentence b) {
        return new Sentence("(" + a.sql + " or " + b.sql + ")", both(a, b), scope -> {
            Object left = a.value.of(scope);
            if (Boolean.TRUE.equals(left)) {
                return true;
            }
            Object right = b.value.of(scope);
            return Boolean.TRUE.equals(right) ? (Object) true : (left == null || right == null) ? null : false;
        });
    }

    /** NULL if one of both is; the right one is not looked at if the left one is. */
    interface Binary {
        Object of(Object left, Object right);
    }

    static Sentence binary(Sentence a, String operator, Sentence b, Binary binary) {
        return new Sentence(a.sql + " " + operator + " " + b.sql, both(a, b), binary(a.value, b.value, binary));
    }

    private static Value binary(Value a, Value b, Binary binary) {
        return scope -> {
            Object left = a.of(scope);
            Object right = left == null ? null : b.of(scope);
            return left == null || right == null ? null : binary.of(left, right);
        };
    }

    static Sentence compared(Sentence a, String operator, Sentence b) {
        Binary plain = (left, right) -> holds(compare(left, right), operator);
        return new Sentence(
                a.sql + " " + operator + " " + b.sql,
                both(a, b),
                binary(a.value, b.value, plain),
                tolerance -> binary(
                        a.value,
                        b.value,
                        (left, right) -> operator.equals("=")
                                        && left instanceof BigDecimal one
                                        && right instanceof BigDecimal other
                                ? tolerance.covers(one, other)
                                : plain.of(left, right)));
    }

    private static boolean holds(int order, String operator) {
        return switch (operator) {
            case "=" -> order == 0;
            case "<>" -> order != 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            case ">=" -> order >= 0;
            default -> throw new IllegalArgumentException(operator);
        };
    }

    @SuppressWarnings("unchecked")
    static int compare(Object left, Object right) {
        return ((Comparable<Object>) left).compareTo(right);
    }

    static Sentence in(Sentence a, List<Sentence> literals, boolean negated) {
        List<String> texts = new ArrayList<>();
        literals.forEach(literal -> texts.add(literal.sql));
        String sql = a.sql + (negated ? " not in (" : " in (") + String.join(", ", texts) + ")";
        return new Sentence(sql, a.names, scope -> {
            Object value = a.value.of(scope);
            return value == null
                    ? null
                    : literals.stream().anyMatch(literal -> value.equals(literal.value.of(scope))) != negated;
        });
    }

    static Sentence isNull(Sentence a, boolean negated) {
        return new Sentence(
                a.sql + (negated ? " is not null" : " is null"),
                a.names,
                scope -> (a.value.of(scope) == null) != negated);
    }

    static Sentence same(Sentence a, Sentence b) {
        return new Sentence(
                a.sql + " <=> " + b.sql,
                both(a, b),
                scope -> java.util.Objects.equals(a.value.of(scope), b.value.of(scope)));
    }

    static Sentence choice(Sentence when, Sentence then, @Nullable Sentence otherwise) {
        Set<String> names = both(when, then);
        names.addAll(otherwise == null ? Set.of() : otherwise.names);
        String sql = "case when " + when.sql + " then " + then.sql + (otherwise == null ? "" : " else " + otherwise.sql)
                + " end";
        return new Sentence(
                sql,
                names,
                scope -> Boolean.TRUE.equals(when.value.of(scope))
                        ? then.value.of(scope)
                        : otherwise == null ? null : otherwise.value.of(scope));
    }

    static Sentence function(String name, Sentence a, java.util.function.Function<Object, @Nullable Object> function) {
        return new Sentence(name + "(" + a.sql + ")", a.names, scope -> {
            Object value = a.value.of(scope);
            return value == null ? null : function.apply(value);
        });
    }
}
