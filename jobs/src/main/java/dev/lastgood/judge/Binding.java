package dev.lastgood.judge;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Level;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.rule.OnNull;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Sql;
import dev.lastgood.spark.Reason;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** One rule and the fields it may speak of: names, types and SQL, with every problem put where it stands in the file. */
final class Binding {
    private final Rule rule;
    private final Map<String, DatasetSpec> datasets;
    private final Map<String, Shape> shapes;
    private final Instant now;
    private boolean timed;
    private final Problems problems;
    private final List<Consumer<Problems>> remarks;
    private final StructType fields;
    private final Set<FieldPath> named = new LinkedHashSet<>();
    private final Set<FieldPath> conditions = new LinkedHashSet<>();
    private boolean sound = true;

    Binding(
            Rule rule,
            Map<String, DatasetSpec> datasets,
            Map<String, Shape> shapes,
            Instant now,
            Problems problems,
            List<Consumer<Problems>> remarks) {
        this.rule = rule;
        this.datasets = datasets;
        this.shapes = shapes;
        this.now = now;
        this.problems = problems;
        this.remarks = remarks;
        this.fields = shape(rule.dataset()).view();
        for (FieldPath path : rule.fields()) {
            type(path);
        }
    }

    Rule rule() {
        return rule;
    }

    /** The fields of the rule's dataset. */
    StructType fields() {
        return fields;
    }

    DatasetSpec dataset() {
        return Objects.requireNonNull(datasets.get(rule.dataset()));
    }

    Instant now() {
        return now;
    }

    /** Whether some of its SQL, as far as it is bound, asks for the time of the audit. */
    boolean isTimed() {
        return timed;
    }

    boolean isSound() {
        return sound;
    }

    Map<String, Shape> shapes() {
        return shapes;
    }

    private Shape shape(String dataset) {
        return Objects.requireNonNull(shapes.get(dataset));
    }

    /** The fields of another dataset; a problem if nothing is known about them. */
    Optional<StructType> fields(String dataset) {
        Shape shape = shapes.get(dataset);
        if (shape == null) {
            error(rule.place(), "nothing is known about the fields of dataset '%s'".formatted(dataset), "");
            return Optional.empty();
        }
        return Optional.of(shape.view());
    }

    Place place(FieldPath path) {
        return rule.places().of(path);
    }

    void error(@Nullable Place place, String message, String hint) {
        sound = false;
        problems.error(place, message, hint.isEmpty() ? null : hint);
    }

    /** A field the constraint is about. */
    void name(FieldPath path) {
        named.add(path);
    }

    List<FieldPath> named() {
        return List.copyOf(named);
    }

    List<FieldPath> conditions() {
        return List.copyOf(conditions);
    }

    // ---- names and types

    /** The type at a path of the rule's dataset, or a problem where it stands. */
    Optional<DataType> type(FieldPath path) {
        return type(path, rule.dataset(), fields, place(path));
    }

    /** The type at a path, or a problem if there is none. */
    Optional<DataType> type(FieldPath path, String dataset, StructType from, @Nullable Place place) {
        DataType type = from;
        for (Step step : path.steps()) {
            if (step instanceof Step.Name name && type instanceof StructType struct) {
                if (!Arrays.asList(struct.fieldNames()).contains(name.name())) {
                    report(new Unknown(name.name(), dataset, struct), place);
                    return Optional.empty();
                }
                type = struct.apply(name.name()).dataType();
            } else if (step instanceof Step.Each && type instanceof ArrayType array) {
                type = array.elementType();
            } else {
                error(
                        place,
                        "'%s' does not lead into a value of type %s".formatted(path, type.simpleString()),
                        "Write the path as NAME.NAME for objects and NAME[] for arrays.");
                return Optional.empty();
            }
        }
        return Optional.of(type);
    }

    /**
     * A name that is none of a dataset's fields.
     *
     * @param dataset empty if the name had to begin with one of the fields, which stand for records
     */
    record Unknown(String word, String dataset, StructType fields) {}

    private void report(Unknown unknown, @Nullable Place place) {
        List<String> known = Arrays.asList(unknown.fields().fieldNames());
        if (unknown.dataset().isEmpty()) {
            error(
                    place,
                    "'%s' is none of %s".formatted(unknown.word(), String.join(" and ", known)),
                    "Write %s.%s, or the same of the other.".formatted(known.get(0), unknown.word()));
            return;
        }
        String guess = Suggestions.nearest(unknown.word(), known)
                .map(near -> "Did you mean '" + near + "'? ")
                .orElse("");
        error(
                place,
                "dataset '%s' has no field '%s'".formatted(unknown.dataset(), unknown.word()),
                guess + "The fields are " + String.join(", ", known) + ".");
    }

    /** What a name in SQL may mean: whether it is unknown, and else which column it is. */
    interface Names {
        /** Notes the field that the name means. */
        Optional<Unknown> unknown(List<String> name);

        List<String> column(List<String> name);

        /** The columns there are. */
        StructType columns();
    }

    /** Fields of the record on one side. */
    Names ofRecord(String side) {
        return new Names() {
            @Override
            public Optional<Unknown> unknown(List<String> name) {
                return field(name, fields, rule.dataset(), named);
            }

            @Override
            public List<String> column(List<String> name) {
                return on(side).apply(name);
            }

            @Override
            public StructType columns() {
                return new StructType().add(side, fields);
            }
        };
    }

    /** Fields of the record after, and of either side by its name: {@code before.total}. */
    Names ofSides() {
        return new Names() {
            @Override
            public Optional<Unknown> unknown(List<String> name) {
                return field(isSided(name) ? name.subList(1, name.size()) : name, fields, rule.dataset(), named);
            }

            @Override
            public List<String> column(List<String> name) {
                return isSided(name) ? name : on(AFTER).apply(name);
            }

            @Override
            public StructType columns() {
                return new StructType().add(BEFORE, fields).add(AFTER, fields);
            }
        };
    }

    private static boolean isSided(List<String> name) {
        return name.size() > 1 && (name.get(0).equals(BEFORE) || name.get(0).equals(AFTER));
    }

    /** A record that SQL knows by a name. */
    record Called(String dataset, StructType fields, Set<FieldPath> named) {}

    /**
     * Fields of records by the names they are called by; other names are fields of the rule's record.
     *
     * @param plain the column of the rule's record; null if every name must begin with one of the others
     */
    Names ofRecords(@Nullable String plain, Map<String, Called> called) {
        return new Names() {
            @Override
            public Optional<Unknown> unknown(List<String> name) {
                Called one = name.size() > 1 ? called.get(name.get(0)) : null;
                if (one != null) {
                    return field(name.subList(1, name.size()), one.fields(), one.dataset(), one.named());
                }
                return plain == null
                        ? Optional.of(new Unknown(name.get(0), "", columns()))
                        : field(name, fields, rule.dataset(), named);
            }

            @Override
            public List<String> column(List<String> name) {
                return plain == null || (name.size() > 1 && called.containsKey(name.get(0)))
                        ? name
                        : on(plain).apply(name);
            }

            @Override
            public StructType columns() {
                StructType columns = plain == null ? new StructType() : new StructType().add(plain, fields);
                for (Map.Entry<String, Called> one : called.entrySet()) {
                    columns = columns.add(one.getKey(), one.getValue().fields());
                }
                return columns;
            }
        };
    }

    /** A call by that name of a record of the rule's own dataset. */
    Called own() {
        return new Called(rule.dataset(), fields, named);
    }

    static Optional<Unknown> field(List<String> name, StructType of, String dataset, Set<FieldPath> named) {
        if (!Arrays.asList(of.fieldNames()).contains(name.get(0))) {
            return Optional.of(new Unknown(name.get(0), dataset, of));
        }
        named.add(path(name, of));
        return Optional.empty();
    }

    private static FieldPath path(List<String> name, StructType of) {
        FieldPath path = FieldPath.of(name.get(0));
        DataType type = of.apply(name.get(0)).dataType();
        for (String part : name.subList(1, name.size())) {
            if (type instanceof ArrayType array) {
                path = path.plus(new Step.Each());
                type = array.elementType();
            }
            if (!(type instanceof StructType struct)
                    || !Arrays.asList(struct.fieldNames()).contains(part)) {
                return path;
            }
            path = path.child(part);
            type = struct.apply(part).dataType();
        }
        return path;
    }

    static UnaryOperator<List<String>> on(String side) {
        return name -> {
            List<String> parts = new ArrayList<>(List.of(side));
            parts.addAll(name);
            return parts;
        };
    }

    /** The value at a path of names. */
    static Column at(Column record, FieldPath path) {
        Column column = record;
        for (Step step : path.steps()) {
            if (step instanceof Step.Name name) {
                column = column.getField(name.name());
            }
        }
        return column;
    }

    static Column at(String side, FieldPath path) {
        return at(col(side), path);
    }

    // ---- SQL

    /** Parses SQL about one record or one combination of them; what is unsound is a problem and gives nothing. */
    Optional<Catalyst> parsed(Sql sql, Function<List<String>, Optional<Unknown>> unknown) {
        return parsed(sql, unknown, Functions.About.ONE_RECORD);
    }

    Optional<Catalyst> parsed(Sql sql, Function<List<String>, Optional<Unknown>> unknown, Functions.About about) {
        Optional<Catalyst> expression = syntax(sql, () -> Catalyst.parse(sql.text()));
        if (expression.isEmpty()) {
            return expression;
        }
        Catalyst parsed = expression.get();
        boolean ofAll = about == Functions.About.MANY_RECORDS;
        for (String part : parsed.foreignParts()) {
            if (!ofAll || !part.equals("a star")) {
                error(
                        sql.place(),
                        part + " cannot be part of a sentence about " + (ofAll ? "a dataset" : "one record"),
                        "Use reference for what must exist in another dataset.");
            }
        }
        refuse(sql, parsed.functions(), about);
        for (List<String> name : parsed.names()) {
            unknown.apply(name)
                    .ifPresent(one -> report(
                            one, sql.at(find(sql.text(), one.word()), one.word().length())));
        }
        timed |= parsed.asksTheTime();
        return sound ? Optional.of(parsed.expanded(now)) : Optional.empty();
    }

    /** Spark's parser for one kind of text. */
    interface Parser<T> {
        T parse() throws ParseException;
    }

    /** Parses with Spark's parser; a mistake is a problem at its place. */
    <T> Optional<T> syntax(Sql sql, Parser<T> parser) {
        try {
            return Optional.of(parser.parse());
        } catch (ParseException e) {
            int at = offset(sql.text(), e);
            error(sql.at(at, Math.max(1, wordAt(sql.text(), at))), "this is not a SQL expression: " + Reason.of(e), "");
            return Optional.empty();
        }
    }

    /** Reports functions that a rule may not call. */
    void refuse(Sql sql, Set<String> functions, Functions.About about) {
        for (String function : functions) {
            Functions.objection(function, about)
                    .ifPresent(objection -> error(
                            sql.at(find(sql.text(), function), function.length()),
                            objection.message(),
                            objection.hint()));
        }
    }

    /** A condition over the columns its names mean, known to be true or false of them. */
    Optional<Catalyst> condition(Sql sql, Names names, String what) {
        return parsed(sql, names::unknown)
                .map(parsed -> parsed.renamed(names::column))
                .filter(parsed -> condition(parsed.column(), names.columns(), sql.place(), what)
                        .isPresent());
    }

    /** The condition that is the rule, which its tolerance is about. */
    Optional<Catalyst> sentence(Sql sql, Names names) {
        return parsed(sql, names::unknown)
                .map(parsed -> parsed.renamed(names::column))
                .map(parsed -> tolerant(parsed, names.columns()))
                .filter(parsed -> depends(parsed.column(), names.columns(), sql.place(), "the sentence"));
    }

    /** Whether a column is a condition about one record; else a problem. That it says the same of every record is a remark. */
    boolean depends(Column sentence, StructType columns, @Nullable Place place, String what) {
        Optional<Catalyst.Analyzed> analyzed = condition(sentence, columns, place, what);
        analyzed.ifPresent(sound -> remark(sound, always -> {
            boolean holds = always == Code.TRUE || (always == Code.UNKNOWN && unknown() == Code.TRUE);
            return new Problem(
                    place,
                    Level.ERROR,
                    holds
                            ? "rule '%s' can never fail: this is true of every record".formatted(rule.id())
                            : "rule '%s' fails for every record: this is never true".formatted(rule.id()),
                    "Let it compare fields of the record.");
        }));
        return analyzed.isPresent();
    }

    /** Looks, once somebody asks for remarks, whether a condition depends on the record. */
    private void remark(Catalyst.Analyzed condition, Function<Code, Problem> words) {
        remarks.add(all -> condition.always().map(words).ifPresent(all::add));
    }

    Catalyst tolerant(Catalyst parsed, StructType columns) {
        return parsed.tolerant(rule.tolerance(), part -> type(part, columns));
    }

    private static Optional<DataType> type(Column part, StructType columns) {
        try {
            return Optional.of(Catalyst.analyzed(columns, part).type());
        } catch (AnalysisException e) {
            return Optional.empty();
        }
    }

    /** A value over the columns its names mean, and its type. */
    Optional<Typed> value(Sql sql, Names names, String what) {
        return parsed(sql, names::unknown)
                .map(parsed -> parsed.renamed(names::column).column())
                .flatMap(column -> analyzed(column, names.columns(), sql.place(), what)
                        .map(type -> new Typed(column, type.type())));
    }

    /** A column and its type. */
    record Typed(Column column, DataType type) {}

    /** Whether the analyzer takes a column over both sides for a condition about one record; else a problem. */
    boolean analyzes(Column column, @Nullable Place place, String what) {
        return condition(column, ofSides().columns(), place, what).isPresent();
    }

    private Optional<Catalyst.Analyzed> condition(
            Column column, StructType columns, @Nullable Place place, String what) {
        Optional<Catalyst.Analyzed> analyzed = analyzed(column, columns, place, what);
        if (analyzed.isPresent() && !analyzed.get().type().equals(DataTypes.BooleanType)) {
            error(
                    place,
                    "%s is of type %s, not a sentence that is true or false"
                            .formatted(what, analyzed.get().type().simpleString()),
                    "Compare it with something.");
            return Optional.empty();
        }
        return analyzed;
    }

    private Optional<Catalyst.Analyzed> analyzed(
            Column column, StructType columns, @Nullable Place place, String what) {
        Optional<Catalyst.Analyzed> analyzed = fitting(place, what, () -> Catalyst.analyzed(columns, column));
        if (analyzed.isPresent() && analyzed.get().foreign().isPresent()) {
            boolean many = analyzed.get().foreign().get() == Catalyst.Foreign.MANY_RECORDS;
            error(
                    place,
                    "%s %s"
                            .formatted(
                                    what,
                                    many ? "is about many records, not about one" : "gives another answer each time"),
                    many ? Functions.OF_ELEMENTS : Functions.TIME_OF_AUDIT);
            return Optional.empty();
        }
        return analyzed;
    }

    /** What Spark's analyzer makes of something; what it objects to is a problem. */
    interface Analysis<T> {
        T analyzed() throws AnalysisException;
    }

    <T> Optional<T> fitting(@Nullable Place place, String what, Analysis<T> analysis) {
        try {
            return Optional.of(analysis.analyzed());
        } catch (AnalysisException | ArithmeticException e) {
            // The latter of numbers with more digits than there are.
            error(place, "%s does not fit the types of the fields: %s".formatted(what, Reason.of(e)), "");
            return Optional.empty();
        }
    }

    // ---- codes

    /** The code of a sentence, with NULL as the rule has it. */
    Column code(Column sentence) {
        return Catalyst.code(sentence, unknown());
    }

    /** What the rule makes of NULL. */
    Code unknown() {
        return rule.onNull() == OnNull.PASS ? Code.TRUE : Code.UNKNOWN;
    }

    static Column outside() {
        return lit(Code.OUTSIDE.number());
    }

    static Column number(Code code) {
        return lit(code.number());
    }

    /** OUTSIDE where the rule's {@code where} is not true; an error in it is an error of the rule. */
    static Column within(Optional<Column> where, Column code) {
        return where.map(condition -> {
                    Column inside = Catalyst.code(condition);
                    return when(inside.equalTo(Code.TRUE.number()), code)
                            .when(inside.equalTo(Code.ERROR.number()), inside)
                            .otherwise(outside());
                })
                .orElse(code);
    }

    /** The rule's {@code where} over the columns its names mean there; nothing if it has none. */
    Optional<Column> where(Names names) {
        Sql where = rule.where();
        if (where == null) {
            return Optional.empty();
        }
        Optional<Column> column = aside(() -> parsed(where, names::unknown))
                .map(parsed -> parsed.renamed(names::column).column());
        return column.filter(condition -> {
            Optional<Catalyst.Analyzed> analyzed = condition(condition, names.columns(), where.place(), "where");
            analyzed.ifPresent(sound -> remark(
                    sound,
                    always -> new Problem(
                            where.place(),
                            Level.ERROR,
                            always == Code.TRUE
                                    ? "this is true of every record"
                                    : "this is true of no record, so rule '%s' examines nothing".formatted(rule.id()),
                            "Leave 'where' out, or let it compare fields of the record.")));
            return analyzed.isPresent();
        });
    }

    /** Binds what only decides whether the rule is about a record: its fields are not those the constraint is about. */
    <T> T aside(Supplier<T> binding) {
        Set<FieldPath> before = new LinkedHashSet<>(named);
        T bound = binding.get();
        conditions.addAll(named);
        conditions.removeAll(before);
        named.retainAll(before);
        return bound;
    }

    /** Whether a record is inside of a condition; one in which that throws is not. */
    static Column inside(Optional<Column> where) {
        return where.map(condition -> Catalyst.code(condition).equalTo(Code.TRUE.number()))
                .orElse(lit(true));
    }

    // ---- Spark's messages in our words

    private static int find(String text, String word) {
        int at = text.toLowerCase(Locale.ROOT).indexOf(word.toLowerCase(Locale.ROOT));
        return Math.max(at, 0);
    }

    private static int offset(String text, ParseException e) {
        int line = e.line().isDefined() ? (Integer) e.line().get() : 1;
        int column = e.startPosition().isDefined() ? (Integer) e.startPosition().get() : 0;
        int at = 0;
        for (int i = 1; i < line; i++) {
            at = text.indexOf('\n', at) + 1;
        }
        return Math.min(at + column, Math.max(0, text.length() - 1));
    }

    private static int wordAt(String text, int at) {
        int end = at;
        while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
            end++;
        }
        return end - at;
    }
}
