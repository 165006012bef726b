package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The arguments of a test, read one by one. One that nobody asked for changes the test in a way nobody knows. */
final class DbtArguments {

    /** dbt reads YAML 1.1, in which these are truths. */
    private static final Set<String> TRUE = Set.of("true", "yes", "on");

    private static final Set<String> FALSE = Set.of("false", "no", "off");

    /** Plain values that YAML 1.1 or Python writes in another way than they stand here. */
    private static final Pattern REWRITTEN = Pattern.compile(
            "[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*_[0-9_]*|[-+]?[0-9]+(:[0-5]?[0-9])+|0[xob].+|-?[0-9]*\\.[0-9]+0|-?[0-9]+\\."
                    + "|-?\\.[0-9]+|\\+[0-9.].*|[-+]?[0-9.]+[eE].*|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"
                    + "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].+)?");

    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    private static final Pattern REFERENCE = Pattern.compile("\\s*(?:\\{\\{\\s*)?(ref|source)\\s*\\(\\s*"
            + "(['\"])([^'\"]+)\\2(?:\\s*,\\s*(['\"])([^'\"]+)\\4)?\\s*\\)(?:\\s*}})?\\s*");

    private final DbtTest test;
    private final Options options;
    private final Set<String> asked = new HashSet<>();
    private boolean takesSql;

    DbtArguments(DbtTest test, Options options) {
        this.test = test;
        this.options = options;
    }

    /** Refuses what was given and nobody has asked for. */
    void done() throws Untranslatable {
        for (String name : test.arguments()) {
            if (!asked.contains(name)) {
                throw new Untranslatable("its argument '%s' has no counterpart".formatted(name));
            }
        }
    }

    private Optional<YamlNode> node(String key) {
        asked.add(key);
        return test.argument(key);
    }

    /** A single value without Jinja. */
    Optional<YamlNode.Scalar> scalar(String key) throws Untranslatable {
        Optional<YamlNode> node = node(key);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (!(node.get() instanceof YamlNode.Scalar scalar)) {
            throw new Untranslatable(
                    "its argument '%s' is %s".formatted(key, node.get().kind()));
        }
        return Optional.of(plain(scalar));
    }

    private static YamlNode.Scalar plain(YamlNode.Scalar scalar) throws Untranslatable {
        if (ForeignSql.holdsJinja(scalar.text())) {
            throw new Untranslatable(ForeignSql.JINJA);
        }
        return scalar;
    }

    Optional<String> text(String key) throws Untranslatable {
        return scalar(key).map(YamlNode.Scalar::text);
    }

    String required(String key) throws Untranslatable {
        return text(key).orElseThrow(() -> missing(key));
    }

    static Untranslatable missing(String key) {
        return new Untranslatable("its argument '%s' is missing".formatted(key));
    }

    boolean truth(String key, boolean otherwise) throws Untranslatable {
        Optional<String> text = text(key).map(written -> written.toLowerCase(Locale.ROOT));
        if (text.isPresent() && !TRUE.contains(text.get()) && !FALSE.contains(text.get())) {
            throw new Untranslatable("its argument '%s' is neither true nor false".formatted(key));
        }
        return text.map(TRUE::contains).orElse(otherwise);
    }

    /** Refuses an argument that splits the records into groups. */
    void withoutGroups(String... keys) throws Untranslatable {
        for (String key : keys) {
            Optional<YamlNode> node = node(key);
            boolean none = node.isEmpty()
                    || (node.get() instanceof YamlNode.Sequence list
                            && list.items().isEmpty());
            if (!none) {
                throw new Untranslatable("it looks at groups of records, '%s'".formatted(key));
            }
        }
    }

    // ---- columns and datasets

    /** The column the test stands under, or the one it names. */
    FieldPath column() throws Untranslatable {
        Optional<String> named = text("column_name");
        DbtColumn column = named.isPresent()
                ? new DbtColumn(named.get(), false)
                : test.subject().column();
        if (column == null) {
            throw missing("column_name");
        }
        return field(column);
    }

    /** The column the test stands under; none if it stands beside the whole. */
    Optional<FieldPath> subjectColumn() throws Untranslatable {
        boolean named = test.subject().column() != null || text("column_name").isPresent();
        return named ? Optional.of(column()) : Optional.empty();
    }

    private static FieldPath field(DbtColumn column) throws Untranslatable {
        return column.field()
                .orElseThrow(
                        () -> new Untranslatable("'%s' is an expression, not a column".formatted(column.written())));
    }

    FieldPath column(String key) throws Untranslatable {
        return field(new DbtColumn(required(key), false));
    }

    /** At least one column. */
    List<FieldPath> columns(String key, boolean quoted) throws Untranslatable {
        List<FieldPath> columns = new ArrayList<>();
        for (YamlNode.Scalar scalar : scalars(key)) {
            FieldPath column = field(new DbtColumn(scalar.text(), quoted));
            if (!columns.contains(column)) {
                columns.add(column);
            }
        }
        return columns;
    }

    private List<YamlNode.Scalar> scalars(String key) throws Untranslatable {
        Optional<YamlNode> node = node(key);
        if (!(node.orElseThrow(() -> missing(key)) instanceof YamlNode.Sequence list)
                || list.items().isEmpty()) {
            throw new Untranslatable("its argument '%s' is no list".formatted(key));
        }
        List<YamlNode.Scalar> scalars = new ArrayList<>();
        for (YamlNode item : list.items()) {
            if (!(item instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
                throw new Untranslatable("its argument '%s' is no list of single values".formatted(key));
            }
            scalars.add(plain(scalar));
        }
        return scalars;
    }

    List<String> texts(String key) throws Untranslatable {
        return scalars(key).stream().map(YamlNode.Scalar::text).toList();
    }

    /** The dataset a {@code ref} or {@code source} names. */
    String dataset(String key) throws Untranslatable {
        Optional<YamlNode> node = node(key);
        String written = node.orElseThrow(() -> missing(key)) instanceof YamlNode.Scalar scalar ? scalar.text() : "";
        Matcher reference = REFERENCE.matcher(written);
        boolean source = reference.matches() && reference.group(1).equals("source");
        if (!reference.matches() || (source && reference.group(5) == null)) {
            throw new Untranslatable("'%s' is neither ref('...') nor source('...', '...')".formatted(key));
        }
        return options.renamed(reference.group(5) == null ? reference.group(3) : reference.group(5));
    }

    // ---- values

    /** Values as dbt puts them into SQL: in quotes, or as they are. */
    List<Literal> values(String key, String quote) throws Untranslatable {
        boolean quoted = truth(quote, true);
        List<Literal> values = new ArrayList<>();
        for (YamlNode.Scalar scalar : scalars(key)) {
            Literal value = quoted ? quoted(scalar) : bare(scalar);
            if (!values.contains(value)) {
                values.add(value);
            }
        }
        if (values.stream().map(Literal::kind).distinct().count() > 1) {
            throw new Untranslatable("its values are of several kinds");
        }
        return values;
    }

    private static Literal quoted(YamlNode.Scalar scalar) throws Untranslatable {
        String text = scalar.text();
        Optional<Literal> truth = scalar.plain() ? truth(text) : Optional.empty();
        if (truth.isPresent()) {
            return truth.get();
        }
        boolean day = DAY.matcher(text).matches();
        if (scalar.plain() && !day && REWRITTEN.matcher(text).matches()) {
            throw new Untranslatable("dbt writes the value %s in another way: put it in quotes".formatted(text));
        }
        String unquoted = text.replace("''", "");
        if (unquoted.contains("'") || unquoted.contains("\\")) {
            throw new Untranslatable("what its values mean in SQL depends on the database");
        }
        return Literal.text(text.replace("''", "'"));
    }

    private static Optional<Literal> truth(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        if (TRUE.contains(word) || FALSE.contains(word)) {
            return Optional.of(Literal.plain(Boolean.toString(TRUE.contains(word))));
        }
        return Optional.empty();
    }

    /** A value that is SQL: a number, a truth or a text in single quotes. */
    private static Literal bare(YamlNode.Scalar scalar) throws Untranslatable {
        String text = scalar.text().strip();
        Optional<Literal> truth = truth(text);
        if (truth.isPresent()) {
            return truth.get();
        }
        if (Numbers.read(text).isPresent() && Literal.isNumber(text)) {
            return Literal.plain(text);
        }
        if (text.matches("'[^'\\\\]*'")) {
            return Literal.text(text.substring(1, text.length() - 1));
        }
        throw new Untranslatable("its value %s is neither a number nor a text".formatted(text));
    }

    // ---- numbers and SQL

    Optional<BigDecimal> number(String key) throws Untranslatable {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Numbers.read(text.get().strip())
                .orElseThrow(() -> new Untranslatable("its argument '%s' is no number".formatted(key))));
    }

    BigDecimal requiredNumber(String key) throws Untranslatable {
        return number(key).orElseThrow(() -> missing(key));
    }

    /** Whether SQL of the file is taken over. */
    boolean takesSql() {
        return takesSql;
    }

    /** SQL about one record. */
    Optional<String> sql(String key) throws Untranslatable {
        Optional<String> text = text(key);
        return text.isEmpty() ? Optional.empty() : Optional.of(sentence(text.get()));
    }

    /** SQL about one record, from part of an argument. */
    String sentence(String text) throws Untranslatable {
        takesSql |= Numbers.read(text.strip()).isEmpty();
        ForeignSql sql = ForeignSql.of(text, ForeignSql.Dialect.ANY);
        Optional<String> objection = sql.objectionAsSentence();
        if (objection.isPresent()) {
            throw new Untranslatable(objection.get());
        }
        return sql.text();
    }

    /**
     * Bounds between which something must be, as SQL.
     *
     * @param range the same, if the bounds are numbers
     * @param included whether the bounds are fine themselves
     */
    record Bounds(
            Optional<Range> range,
            @Nullable String least,
            @Nullable String most,
            boolean included) {

        String sql(String number) {
            List<String> parts = new ArrayList<>();
            if (least != null) {
                parts.add("%s >%s %s".formatted(number, included ? "=" : "", least));
            }
            if (most != null) {
                parts.add("%s <%s %s".formatted(number, included ? "=" : "", most));
            }
            return String.join(" and ", parts);
        }
    }

    /** {@code min_value} and {@code max_value}, one of which must be there. */
    Bounds bounds(boolean included) throws Untranslatable {
        Optional<String> least = sql("min_value");
        Optional<String> most = sql("max_value");
        if (least.isEmpty() && most.isEmpty()) {
            throw new Untranslatable("it has no bounds");
        }
        Optional<BigDecimal> low = least.flatMap(Numbers::read);
        Optional<BigDecimal> high = most.flatMap(Numbers::read);
        boolean numbers = least.isPresent() == low.isPresent() && most.isPresent() == high.isPresent();
        Optional<Range> range =
                numbers ? Optional.of(new Range(bound(low, included), bound(high, included))) : Optional.empty();
        return new Bounds(range, least.orElse(null), most.orElse(null), included);
    }

    private static Range.@Nullable Bound bound(Optional<BigDecimal> number, boolean included) {
        return number.map(value -> new Range.Bound(value, included)).orElse(null);
    }

    /** A number of days or the like, as SQL. */
    String interval() throws Untranslatable {
        String part = required("datepart").strip().toLowerCase(Locale.ROOT);
        BigDecimal number = requiredNumber("interval");
        boolean whole = number.stripTrailingZeros().scale() <= 0;
        if (!whole
                || !List.of("second", "minute", "hour", "day", "week", "month", "quarter", "year")
                        .contains(part)) {
            throw new Untranslatable(
                    "its time is no whole number of seconds, minutes, hours, days, weeks, months or years");
        }
        boolean quarter = part.equals("quarter");
        BigDecimal amount = quarter ? number.multiply(BigDecimal.valueOf(3)) : number;
        return "interval %s %s".formatted(Numbers.text(amount), quarter ? "month" : part);
    }
}
