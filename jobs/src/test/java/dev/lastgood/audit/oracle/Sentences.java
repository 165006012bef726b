package dev.lastgood.audit.oracle;

import dev.lastgood.audit.oracle.Sentence.Failed;
import dev.lastgood.audit.oracle.Sentence.Scope;
import dev.lastgood.audit.oracle.Shop.Field;
import dev.lastgood.audit.oracle.Shop.Scalar;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Random sentences about what they know by name, each with what it comes to. */
final class Sentences {
    private static final BigDecimal TWELVE = BigDecimal.valueOf(12);

    private final Random random;
    private final List<Known> known;
    private final boolean safe;

    /**
     * Something with fields.
     *
     * @param prefix what stands before the name of a field in SQL
     * @param record what it is called in a {@link Scope}
     * @param path from the rule's record to its fields; null if they are of another dataset
     * @param arrays whether it has the arrays of an order
     */
    record Known(String prefix, String record, @Nullable String path, List<Field> fields, boolean arrays) {

        static Known own(Shop.Table table) {
            return own("", "", table);
        }

        static Known own(String prefix, String record, Shop.Table table) {
            return new Known(prefix, record, "", table.fields(), table.equals(Shop.ORDERS));
        }

        static Known other(String name, Shop.Table table) {
            return new Known(name + ".", name, null, table.fields(), table.equals(Shop.ORDERS));
        }

        Set<String> names(String field) {
            return path == null ? Set.of() : Set.of(path + field);
        }

        List<Field> of(Scalar... types) {
            return fields.stream()
                    .filter(field -> List.of(types).contains(field.type()))
                    .toList();
        }
    }

    private static final Pattern OPERATOR = Pattern.compile(" (is |not |null|in|like|[<=>]+ )+");

    /**
     * What was said, but for how things are compared. Who says a thing twice, or its opposite, allows what throws beside it not
     * to be evaluated at all.
     */
    private final Set<String> said = new HashSet<>();

    /** @param safe whether none of them may fail */
    private Sentences(Random random, List<Known> known, boolean safe) {
        this.random = random;
        this.known = known;
        this.safe = safe;
    }

    static Sentences about(Random random, Known... known) {
        return new Sentences(random, List.of(known), false);
    }

    Sentences thatNeverFail() {
        return new Sentences(random, known, true);
    }

    private boolean once(int in) {
        return random.nextInt(in) == 0;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    // ---- conditions

    Sentence condition() {
        return condition(random.nextInt(3));
    }

    private Sentence condition(int depth) {
        if (depth > 0) {
            return switch (random.nextInt(6)) {
                case 0, 1 -> Sentence.and(condition(depth - 1), condition(depth - 1));
                case 2, 3 -> Sentence.or(condition(depth - 1), condition(depth - 1));
                case 4 -> Sentence.not(condition(depth - 1));
                default ->
                    Sentence.choice(condition(depth - 1), condition(depth - 1), once(2) ? null : condition(depth - 1));
            };
        }
        Sentence one = plain();
        while (!said.add(about(one))) {
            one = plain();
        }
        return one;
    }

    /** What is compared with what, whichever stands first. */
    private static String about(Sentence one) {
        return Stream.of(OPERATOR.matcher(one.sql()).replaceAll(" ").split(" ", -1))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private Sentence plain() {
        if (!safe && once(14)) {
            return failing();
        }
        Known of = any(known);
        if (of.arrays() && once(6)) {
            return aboutArrays(of);
        }
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> numbers();
            case 3 -> Sentence.isNull(column(of, any(of.fields())), once(2));
            case 4 -> in(of);
            case 5 -> any(of, Scalar.FLAG).map(this::flag).orElseGet(this::numbers);
            case 6 -> any(of, Scalar.DAY).map(this::literally).orElseGet(this::numbers);
            default -> any(of, Scalar.TEXT).map(this::text).orElseGet(this::numbers);
        };
    }

    private java.util.Optional<Column> any(Known of, Scalar... types) {
        List<Field> fields = of.of(types);
        return fields.isEmpty() ? java.util.Optional.empty() : java.util.Optional.of(new Column(of, any(fields)));
    }

    private record Column(Known of, Field field) {
        Sentence sentence() {
            return column(of, field);
        }
    }

    private Sentence numbers() {
        String operator = any(List.of("=", "=", "<>", "<", "<=", ">", ">="));
        Sentence left = number(random.nextInt(3));
        if (once(8)) {
            return Sentence.same(left, otherThan(left));
        }
        Sentence right = once(2) ? otherThan(left) : literal(any(List.of("0", "1", "2", "10")));
        return Sentence.compared(left, operator, right);
    }

    /** What is compared with itself is known before anything is evaluated, and then what throws beside it never does. */
    private Sentence otherThan(Sentence one) {
        Sentence other = number(0);
        return other.sql().equals(one.sql()) ? literal("5") : other;
    }

    private Sentence in(Known of) {
        Field field = any(of.fields());
        List<Sentence> literals = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            literals.add(literal(field.type(), any(field.pool())));
        }
        return Sentence.in(column(of, field), literals, once(3));
    }

    private Sentence flag(Column column) {
        Sentence flag = column.sentence();
        return switch (random.nextInt(3)) {
            case 0 -> flag;
            case 1 -> Sentence.not(flag);
            default -> Sentence.compared(flag, "=", new Sentence("false", Set.of(), scope -> false));
        };
    }

    private Sentence literally(Column column) {
        return Sentence.compared(
                column.sentence(),
                any(List.of("=", "<>", "<", ">=")),
                literal(column.field().type(), any(column.field().pool())));
    }

    private Sentence text(Column column) {
        Sentence text = column.sentence();
        return switch (random.nextInt(5)) {
            case 0 -> {
                Sentence other = any(column.of(), Scalar.TEXT).orElse(column).sentence();
                yield other.sql().equals(text.sql())
                        ? literally(column)
                        : Sentence.compared(text, any(List.of("=", "<>", "<=")), other);
            }
            case 1 ->
                Sentence.compared(
                        Sentence.function("upper", text, value -> ((String) value).toUpperCase(java.util.Locale.ROOT)),
                        "=",
                        literal(Scalar.TEXT, any(List.of("EU", "NEW", "A"))));
            case 2 -> {
                String start = any(List.of("S", "o", "1", "a", ""));
                yield new Sentence(text.sql() + " like '" + start + "%'", text.names(), scope -> {
                    Object value = text.value().of(scope);
                    return value == null ? null : ((String) value).startsWith(start);
                });
            }
            default -> literally(column);
        };
    }

    private Sentence aboutArrays(Known of) {
        Sentence lines = column(of, "lines");
        Sentence tags = column(of, "tags");
        return switch (random.nextInt(5)) {
            case 0 ->
                Sentence.compared(
                        Sentence.function(
                                "size",
                                once(2) ? lines : tags,
                                value -> BigDecimal.valueOf(Shop.list(value).size())),
                        any(List.of("=", "<", ">")),
                        literal(any(List.of("0", "1", "2"))));
            case 1 ->
                new Sentence("array_contains(" + tags.sql() + ", 's1')", tags.names(), scope -> {
                    Object value = tags.value().of(scope);
                    return value == null
                            ? null
                            : Shop.list(value).contains("s1")
                                    ? (Object) true
                                    : Shop.list(value).contains(null) ? null : false;
                });
            case 2 -> quantified(lines, "exists", true);
            case 3 -> quantified(lines, "forall", false);
            default ->
                Sentence.compared(
                        arraySum(of), any(List.of("=", "<>", "<", ">=")), once(2) ? number(0) : literal("10"));
        };
    }

    /** Looks at elements until one decides; then, if one was NULL, knows nothing. */
    private Sentence quantified(Sentence lines, String name, boolean decisive) {
        String limit = any(List.of("0", "1", "2"));
        boolean fails = !safe && once(3);
        String about = fails ? "12 / l.qty >= " + limit : "l.qty >= " + limit;
        return new Sentence(name + "(" + lines.sql() + ", l -> " + about + ")", lines.names(), scope -> {
            Object value = lines.value().of(scope);
            if (value == null) {
                return null;
            }
            boolean unknown = false;
            for (Object line : Shop.list(value)) {
                Object quantity = Shop.at(line, "qty");
                if (quantity == null) {
                    unknown = true;
                    continue;
                }
                BigDecimal number = fails ? divided(TWELVE, (BigDecimal) quantity) : (BigDecimal) quantity;
                if (number.compareTo(new BigDecimal(limit)) >= 0 == decisive) {
                    return decisive;
                }
            }
            return unknown ? null : (Object) !decisive;
        });
    }

    private static BigDecimal divided(BigDecimal number, BigDecimal by) {
        if (by.signum() == 0) {
            throw new Failed();
        }
        return Shop.normal(number.divide(by, MathContext.DECIMAL64));
    }

    /** A null inside is unknown, an empty array 0, an absent array NULL. */
    private static Sentence arraySum(Known of) {
        return new Sentence("array_sum(" + of.prefix() + "lines.amount)", of.names("lines[].amount"), scope -> {
            Object value = scope.at(of.record(), "lines");
            if (value == null) {
                return null;
            }
            BigDecimal sum = BigDecimal.ZERO;
            for (Object line : Shop.list(value)) {
                Object amount = Shop.at(line, "amount");
                if (amount == null) {
                    return null;
                }
                sum = sum.add((BigDecimal) amount);
            }
            return Shop.normal(sum);
        });
    }

    /** What throws for some records. */
    private Sentence failing() {
        Known of = any(known);
        Sentence divisor = whole(of);
        return switch (random.nextInt(3)) {
            case 0 ->
                Sentence.compared(
                        new Sentence(
                                "12 / " + divisor.sql(),
                                divisor.names(),
                                Sentence.binary(
                                                literal("12"),
                                                "/",
                                                divisor,
                                                (a, b) -> divided((BigDecimal) a, (BigDecimal) b))
                                        .value()),
                        any(List.of("<>", "<", ">=")),
                        literal(any(List.of("0", "2", "6"))));
            case 1 -> {
                yield Sentence.compared(remainder(whole(of), divisor), any(List.of("=", "<>")), literal("0"));
            }
            default ->
                any(of, Scalar.TEXT)
                        .map(text -> Sentence.compared(asInt(text.sentence()), any(List.of("<>", ">")), literal("3")))
                        .orElseGet(this::numbers);
        };
    }

    /** The divisor is looked at first. */
    private static Sentence remainder(Sentence dividend, Sentence divisor) {
        Set<String> names = new LinkedHashSet<>(dividend.names());
        names.addAll(divisor.names());
        return new Sentence(dividend.sql() + " % " + divisor.sql(), names, scope -> {
            Object by = divisor.value().of(scope);
            Object number = by == null ? null : dividend.value().of(scope);
            if (by == null || number == null) {
                return null;
            }
            if (((BigDecimal) by).signum() == 0) {
                throw new Failed();
            }
            return Shop.normal(((BigDecimal) number).remainder((BigDecimal) by));
        });
    }

    private static Sentence asInt(Sentence text) {
        return new Sentence("cast(" + text.sql() + " as int)", text.names(), scope -> {
            Object value = text.value().of(scope);
            if (value == null) {
                return null;
            }
            if (!((String) value).matches("-?[0-9]+")) {
                throw new Failed();
            }
            return Shop.number((String) value);
        });
    }

    // ---- numbers

    /** An exact number. */
    Sentence number() {
        return number(random.nextInt(3));
    }

    private Sentence number(int depth) {
        Known of = any(known);
        if (depth == 0) {
            Sentence column =
                    any(of, Scalar.INT, Scalar.DECIMAL).map(Column::sentence).orElseGet(() -> whole(of));
            return once(6) ? coalesced(column) : column;
        }
        return switch (random.nextInt(7)) {
            case 0, 1 ->
                Sentence.binary(
                        number(depth - 1), "+", number(0), (a, b) -> Shop.normal(((BigDecimal) a).add((BigDecimal) b)));
            case 2 ->
                Sentence.binary(
                        number(depth - 1),
                        "-",
                        number(0),
                        (a, b) -> Shop.normal(((BigDecimal) a).subtract((BigDecimal) b)));
            case 3 ->
                Sentence.binary(
                        number(0),
                        "*",
                        literal(any(List.of("2", "-1", "0"))),
                        (a, b) -> Shop.normal(((BigDecimal) a).multiply((BigDecimal) b)));
            case 4 -> Sentence.function("abs", number(depth - 1), value -> ((BigDecimal) value).abs());
            case 5 -> any(of, Scalar.TEXT).map(Sentences::length).orElseGet(() -> number(0));
            default -> of.arrays() ? arraySum(of) : number(0);
        };
    }

    /** A whole number that depends on a record: what depends on none is known before anything is evaluated. */
    private Sentence whole(Known of) {
        return any(of, Scalar.INT)
                .map(Column::sentence)
                .or(() -> any(of, Scalar.TEXT).map(Sentences::length))
                .orElseThrow();
    }

    private static Sentence length(Column text) {
        return Sentence.function(
                "length",
                text.sentence(),
                value -> BigDecimal.valueOf(((String) value).codePoints().count()));
    }

    private static Sentence coalesced(Sentence a) {
        return new Sentence("coalesce(" + a.sql() + ", 0)", a.names(), scope -> {
            Object value = a.value().of(scope);
            return value == null ? BigDecimal.ZERO : value;
        });
    }

    // ---- names and literals

    static Sentence column(Known of, Field field) {
        return column(of, field.path());
    }

    private static Sentence column(Known of, String path) {
        return new Sentence(of.prefix() + path, of.names(path), scope -> scope.at(of.record(), path));
    }

    private static Sentence literal(String number) {
        return literal(Scalar.INT, Shop.number(number));
    }

    static Sentence literal(Scalar type, Object value) {
        String sql = switch (type) {
            case TEXT -> "'" + value + "'";
            case DAY -> "date'" + value + "'";
            case INT, DECIMAL, FLAG -> Shop.text(value);
        };
        return new Sentence(sql, Set.of(), scope -> Objects.requireNonNull(value));
    }
}
