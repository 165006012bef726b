package dev.lastgood.judge;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.rule.Check;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.OnNull;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Sql;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.TypedText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Binds rules to the shapes of their datasets and compiles them. Nothing is read from any source. All problems of all
 * rules go to one {@link Problems}, each at its place; a rule with a problem is left out of the result.
 */
public final class RuleCompiler {
    private final SparkSession session;
    private final Map<String, Shape> shapes;
    private final Instant now;
    private final Problems problems;

    /**
     * @param shapes by dataset
     * @param now what {@code now()} in a rule means
     */
    public RuleCompiler(SparkSession session, Map<String, Shape> shapes, Instant now, Problems problems) {
        this.session = session;
        this.shapes = Map.copyOf(shapes);
        this.now = now;
        this.problems = problems;
    }

    /** The rules of datasets whose shape is known, in order. */
    public List<CompiledRule> compile(List<Rule> rules) {
        List<CompiledRule> compiled = new ArrayList<>();
        for (Rule rule : rules) {
            Shape shape = shapes.get(rule.dataset());
            if (shape != null) {
                new Binding(rule, shape).compile().ifPresent(compiled::add);
            }
        }
        return compiled;
    }

    /** One rule and its dataset's fields. */
    private final class Binding implements Constraint.Visitor<Optional<CompiledRule>> {
        private final Rule rule;
        private final StructType fields;
        private final Set<FieldPath> named = new LinkedHashSet<>();
        private final Set<FieldPath> conditions = new LinkedHashSet<>();
        private boolean sound = true;

        Binding(Rule rule, Shape shape) {
            this.rule = rule;
            this.fields = shape.view();
        }

        Optional<CompiledRule> compile() {
            for (FieldPath path : rule.fields()) {
                type(path, fields, place(path));
            }
            Optional<CompiledRule> compiled = rule.constraint().accept(this);
            return sound ? compiled : Optional.empty();
        }

        private Place place(FieldPath path) {
            return rule.places().of(path);
        }

        private void error(@Nullable Place place, String message, String hint) {
            sound = false;
            problems.error(place, message, hint.isEmpty() ? null : hint);
        }

        // ---- names and types

        /** The type at a path, or a problem if there is none. */
        private Optional<DataType> type(FieldPath path, StructType from, @Nullable Place place) {
            DataType type = from;
            for (Step step : path.steps()) {
                if (step instanceof Step.Name name && type instanceof StructType struct) {
                    if (!Arrays.asList(struct.fieldNames()).contains(name.name())) {
                        unknown(name.name(), struct, place);
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

        private void unknown(String name, StructType struct, @Nullable Place place) {
            List<String> known = Arrays.asList(struct.fieldNames());
            String guess = Suggestions.nearest(name, known)
                    .map(near -> "Did you mean '" + near + "'? ")
                    .orElse("");
            error(
                    place,
                    "dataset '%s' has no field '%s'".formatted(rule.dataset(), name),
                    guess + "The fields are " + String.join(", ", known) + ".");
        }

        /** Parses a boolean sentence; unsound SQL is a problem and gives nothing. */
        private Optional<Catalyst> sentence(Sql sql, Function<List<String>, Optional<String>> unknownName) {
            Catalyst parsed;
            try {
                parsed = Catalyst.parse(sql.text());
            } catch (ParseException e) {
                int at = offset(sql.text(), e);
                error(
                        sql.at(at, Math.max(1, wordAt(sql.text(), at))),
                        "this is not a SQL expression: " + reason(e),
                        "");
                return Optional.empty();
            }
            for (String part : parsed.foreignParts()) {
                error(
                        sql.place(),
                        part + " cannot be part of a sentence about one record",
                        "Use reference for what must exist in another dataset.");
            }
            for (String function : parsed.functions()) {
                Functions.objection(function, session)
                        .ifPresent(objection -> error(
                                sql.at(find(sql.text(), function), function.length()),
                                objection.message(),
                                objection.hint()));
            }
            for (List<String> name : parsed.names()) {
                unknownName.apply(name).ifPresent(word -> {
                    Place place = sql.at(find(sql.text(), word), word.length());
                    if (word.equals(name.get(0)) || name.size() > 1) {
                        unknown(word, fields, place);
                    }
                });
            }
            return sound ? Optional.of(parsed.expanded(now)) : Optional.empty();
        }

        /** The sentence that is the rule, which tolerance is about. */
        private Optional<Catalyst> constraint(
                Sql sql, Function<List<String>, Optional<String>> unknownName, StructType names) {
            return sentence(sql, unknownName)
                    .map(parsed -> parsed.tolerant(rule.tolerance(), part -> isNumber(part, names)));
        }

        private boolean isNumber(Column part, StructType names) {
            try {
                return session.createDataFrame(List.of(), names)
                                .select(part.alias("_"))
                                .schema()
                                .apply("_")
                                .dataType()
                        instanceof NumericType;
            } catch (Exception e) {
                if (!(e instanceof AnalysisException)) {
                    throw e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
                }
                return false;
            }
        }

        /** The fields by themselves, as those of the record after, and on either side. */
        private StructType sides() {
            return with(with(fields, BEFORE, fields), AFTER, fields);
        }

        private static StructType with(StructType struct, String name, DataType type) {
            return Arrays.asList(struct.fieldNames()).contains(name) ? struct : struct.add(name, type);
        }

        private Optional<String> unknownField(List<String> name) {
            if (Arrays.asList(fields.fieldNames()).contains(name.get(0))) {
                named.add(plainPath(name));
                return Optional.empty();
            }
            return Optional.of(name.get(0));
        }

        private FieldPath plainPath(List<String> name) {
            FieldPath path = FieldPath.of(name.get(0));
            DataType type = fields.apply(name.get(0)).dataType();
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

        /** Of two sides: {@code before.total}; a name without a side is one of the record after. */
        private Optional<String> unknownSided(List<String> name) {
            boolean sided = name.size() > 1
                    && (name.get(0).equals(BEFORE) || name.get(0).equals(AFTER));
            return unknownField(sided ? name.subList(1, name.size()) : name);
        }

        private static UnaryOperator<List<String>> on(String side) {
            return name -> {
                List<String> parts = new ArrayList<>(List.of(side));
                parts.addAll(name);
                return parts;
            };
        }

        private static List<String> sided(List<String> name) {
            boolean sided = name.size() > 1
                    && (name.get(0).equals(BEFORE) || name.get(0).equals(AFTER));
            return sided ? name : on(AFTER).apply(name);
        }

        private static Column at(String side, FieldPath path) {
            Column column = col(side);
            for (Step step : path.steps()) {
                if (step instanceof Step.Name name) {
                    column = column.getField(name.name());
                }
            }
            return column;
        }

        /** Type-checks a column over both sides with Spark's analyzer, without running anything. */
        private boolean analyzes(Column column, @Nullable Place place, String what) {
            StructType sides = new StructType().add(BEFORE, fields).add(AFTER, fields);
            Dataset<Row> empty = session.createDataFrame(List.of(), sides);
            try {
                Dataset<Row> analyzed = empty.select(column.alias("_"));
                Optional<Catalyst.Foreign> foreign = Catalyst.foreign(analyzed);
                if (foreign.isPresent()) {
                    boolean many = foreign.get() == Catalyst.Foreign.MANY_RECORDS;
                    error(
                            place,
                            "%s %s"
                                    .formatted(
                                            what,
                                            many
                                                    ? "is about many records, not about one"
                                                    : "gives another answer each time"),
                            many ? Functions.OF_ELEMENTS : Functions.TIME_OF_AUDIT);
                    return false;
                }
                DataType type = analyzed.schema().apply("_").dataType();
                if (!type.equals(DataTypes.BooleanType)) {
                    error(
                            place,
                            "%s is of type %s, not a sentence that is true or false"
                                    .formatted(what, type.simpleString()),
                            "Compare it with something.");
                    return false;
                }
                return true;
            } catch (Exception e) {
                if (!(e instanceof AnalysisException)) {
                    throw e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
                }
                error(place, "%s does not fit the types of the fields: %s".formatted(what, reason(e)), "");
                return false;
            }
        }

        // ---- codes

        private Column code(Column sentence) {
            return Catalyst.code(sentence, rule.onNull() == OnNull.PASS ? Code.TRUE : Code.UNKNOWN);
        }

        private static Column outside() {
            return lit(Code.OUTSIDE.number());
        }

        /** OUTSIDE where the rule's {@code where} is not true; an error in it is an error of the rule. */
        private Column within(Optional<Column> where, Column code) {
            return where.map(condition -> {
                        Column inside = Catalyst.code(condition);
                        return when(inside.equalTo(Code.TRUE.number()), code)
                                .when(inside.equalTo(Code.ERROR.number()), inside)
                                .otherwise(outside());
                    })
                    .orElse(code);
        }

        private static Column ifPresent(String side, Column code) {
            return when(col(side).isNull(), outside()).otherwise(code);
        }

        private static Column ifBoth(Column code) {
            return when(col(BEFORE).isNull().or(col(AFTER).isNull()), outside()).otherwise(code);
        }

        private Optional<Column> where(
                Function<List<String>, Optional<String>> unknown, UnaryOperator<List<String>> rename) {
            Sql where = rule.where();
            if (where == null) {
                return Optional.empty();
            }
            Set<FieldPath> before = new LinkedHashSet<>(named);
            Optional<Catalyst> sentence = sentence(where, unknown);
            conditions.addAll(named);
            conditions.removeAll(before);
            named.retainAll(before);
            return sentence.map(condition -> condition.renamed(rename).column())
                    .filter(condition -> analyzes(condition, where.place(), "where"));
        }

        private Column noElements() {
            return lit(null).cast("array<int>");
        }

        private Optional<CompiledRule> record(Function<String, Column> code, Function<String, Column> elements) {
            Optional<Column> after = where(this::unknownField, on(AFTER));
            Optional<Column> before = where(this::unknownField, on(BEFORE));
            if (!sound) {
                return Optional.empty();
            }
            return Optional.of(new CompiledRule(
                    rule,
                    CompiledRule.Kind.RECORD,
                    ifPresent(AFTER, within(after, code.apply(AFTER))),
                    ifPresent(BEFORE, within(before, code.apply(BEFORE))),
                    elements.apply(AFTER),
                    null,
                    null,
                    List.copyOf(named),
                    List.copyOf(conditions)));
        }

        private Optional<CompiledRule> pair(Column code) {
            Optional<Column> where = where(this::unknownSided, Binding::sided);
            if (!sound) {
                return Optional.empty();
            }
            return Optional.of(new CompiledRule(
                    rule,
                    CompiledRule.Kind.PAIR,
                    within(where, code),
                    outside(),
                    noElements(),
                    null,
                    null,
                    List.copyOf(named),
                    List.copyOf(conditions)));
        }

        private Optional<CompiledRule> relation(List<FieldPath> related) {
            Optional<Column> after = where(this::unknownField, on(AFTER));
            Optional<Column> before = where(this::unknownField, on(BEFORE));
            for (FieldPath path : related) {
                if (!path.isPlain()) {
                    error(
                            place(path),
                            "a reference of array elements is not available in this version",
                            "Name one value of the record, not '%s'.".formatted(path));
                } else if (type(path, fields, place(path)).isPresent()) {
                    named.add(path);
                    analyzes(at(AFTER, path).equalTo(at(BEFORE, path)), place(path), "'%s'".formatted(path));
                }
            }
            if (!sound) {
                return Optional.empty();
            }
            Column tuple = tuple(AFTER, related, after);
            Column code = when(tuple.isNotNull(), lit(Code.TRUE.number())).otherwise(outside());
            return Optional.of(new CompiledRule(
                    rule,
                    CompiledRule.Kind.RELATION,
                    ifPresent(AFTER, within(after, code)),
                    outside(),
                    noElements(),
                    tuple,
                    tuple(BEFORE, related, before),
                    List.copyOf(named),
                    List.copyOf(conditions)));
        }

        /** NULL if any of the values is: as in SQL, a null takes the record out. */
        private Column tuple(String side, List<FieldPath> related, Optional<Column> where) {
            Column present = where.map(condition -> Catalyst.code(condition).equalTo(Code.TRUE.number()))
                    .orElse(lit(true));
            List<Column> values = new ArrayList<>();
            for (int i = 0; i < related.size(); i++) {
                Column value = at(side, related.get(i));
                present = present.and(value.isNotNull());
                values.add(value.alias("_" + i));
            }
            return when(present, struct(values.toArray(Column[]::new)));
        }

        // ---- one method a constraint

        @Override
        public Optional<CompiledRule> assertion(Constraint.Assert constraint) {
            return constraint(constraint.condition(), this::unknownField, fields)
                    .filter(parsed -> analyzes(
                            parsed.renamed(on(AFTER)).column(),
                            constraint.condition().place(),
                            "the sentence"))
                    .flatMap(parsed ->
                            record(side -> code(parsed.renamed(on(side)).column()), side -> noElements()));
        }

        @Override
        public Optional<CompiledRule> fieldCheck(Constraint.FieldCheck constraint) {
            FieldPath path = constraint.path();
            Optional<DataType> type = type(path, fields, place(path));
            if (type.isEmpty()) {
                return Optional.empty();
            }
            named.add(path);
            Function<String, Column> sentence = side -> checks(constraint.checks(), at(side, path), type.get());
            if (!analyzes(sentence.apply(AFTER), place(path), "this check")) {
                return Optional.empty();
            }
            return record(side -> code(sentence.apply(side)), side -> noElements());
        }

        private static Column checks(List<Check> checks, Column value, DataType type) {
            return checks.stream()
                    .map(check -> check.accept(new CheckColumns(value, type)))
                    .reduce(Column::and)
                    .orElse(lit(true));
        }

        @Override
        public Optional<CompiledRule> each(Constraint.Each constraint) {
            FieldPath array = constraint.array();
            Optional<DataType> type = type(array, fields, place(array));
            if (type.isEmpty()) {
                return Optional.empty();
            }
            FieldPath whole = array.parent().orElseThrow();
            boolean nested = whole.steps().stream().anyMatch(Step.Each.class::isInstance);
            if (nested) {
                error(place(array), "'each' over an array inside another array is not available in this version", "");
                return Optional.empty();
            }
            StructType element = type.get() instanceof StructType struct ? struct : new StructType();
            Optional<Catalyst> body = element(constraint, element);
            if (body.isEmpty()) {
                return Optional.empty();
            }
            Catalyst sentence = body.get();
            Function<String, Column> elements =
                    side -> onNull(sentence.renamed(name -> isField(element, name) ? name : on(side).apply(name))
                            .codes(at(side, whole), name -> isField(element, name)));
            if (!analyzes(functions.exists(elements.apply(AFTER), code -> code.equalTo(0)), place(array), "'each'")) {
                return Optional.empty();
            }
            return record(side -> worst(elements.apply(side), at(side, whole)), elements);
        }

        private Column onNull(Column codes) {
            return rule.onNull() == OnNull.PASS
                    ? functions.transform(
                            codes,
                            code -> when(code.equalTo(Code.UNKNOWN.number()), lit(Code.TRUE.number()))
                                    .otherwise(code))
                    : codes;
        }

        private static boolean isField(StructType element, List<String> name) {
            return Arrays.asList(element.fieldNames()).contains(name.get(0));
        }

        private Optional<Catalyst> element(Constraint.Each constraint, StructType element) {
            if (constraint.element() instanceof Constraint.Assert assertion) {
                StructType names = element;
                for (StructField field : fields.fields()) {
                    names = with(names, field.name(), field.dataType());
                }
                return constraint(
                        assertion.condition(),
                        name -> {
                            if (isField(element, name)) {
                                named.add(constraint.array().child(name.get(0)));
                                return Optional.empty();
                            }
                            return unknownField(name);
                        },
                        names);
            }
            Constraint.FieldCheck check = (Constraint.FieldCheck) constraint.element();
            named.add(constraint.array().resolve(check.path()));
            Optional<DataType> type = type(check.path(), element, place(check.path()));
            if (type.isEmpty()) {
                return Optional.empty();
            }
            Column value = functions.col(check.path().steps().stream()
                    .map(step -> Shape.quoted(((Step.Name) step).name()))
                    .reduce((a, b) -> a + "." + b)
                    .orElseThrow());
            return Optional.of(Catalyst.of(checks(check.checks(), value, type.get())));
        }

        /** The code of the whole: an error, else a false element, else an unknown one, else true. An absent array is NULL. */
        private Column worst(Column elements, Column array) {
            Column error = functions.exists(elements, code -> code.equalTo(Code.ERROR.number()));
            Column broken = functions.exists(elements, code -> code.equalTo(Code.FALSE.number()));
            Column unknown = functions.exists(elements, code -> code.equalTo(Code.UNKNOWN.number()));
            int ofUnknown = rule.onNull() == OnNull.PASS ? Code.TRUE.number() : Code.UNKNOWN.number();
            return when(array.isNull(), lit(ofUnknown))
                    .when(error, lit(Code.ERROR.number()))
                    .when(broken, lit(Code.FALSE.number()))
                    .when(unknown, lit(ofUnknown))
                    .otherwise(lit(Code.TRUE.number()));
        }

        @Override
        public Optional<CompiledRule> unique(Constraint.Unique constraint) {
            return relation(constraint.fields());
        }

        @Override
        public Optional<CompiledRule> reference(Constraint.Reference constraint) {
            if (constraint.cardinality() != Constraint.Cardinality.EXACTLY_ONE_PARENT) {
                error(
                        rule.place(),
                        "cardinality %s is not available in this version"
                                .formatted(constraint.cardinality().text()),
                        "Leave it out: each record that names a parent then has one.");
                return Optional.empty();
            }
            Shape parent = shapes.get(constraint.to());
            if (parent == null) {
                error(rule.place(), "nothing is known about the fields of dataset '%s'".formatted(constraint.to()), "");
                return Optional.empty();
            }
            for (int i = 0; i < constraint.key().size(); i++) {
                FieldPath path = constraint.fields().get(i);
                FieldPath key = constraint.key().get(i);
                Optional<DataType> child = path.isPlain() ? type(path, fields, place(path)) : Optional.empty();
                Optional<DataType> theirs = parentType(key, parent, constraint.to());
                if (child.isPresent() && theirs.isPresent() && !areAlike(child.get(), theirs.get())) {
                    error(
                            place(path),
                            "'%s' is of type %s and '%s' of dataset '%s' of type %s, so none is ever the other"
                                    .formatted(
                                            path,
                                            child.get().simpleString(),
                                            key,
                                            constraint.to(),
                                            theirs.get().simpleString()),
                            "Declare the same type for both in lastgood.yaml.");
                }
            }
            return sound ? relation(constraint.fields()) : Optional.empty();
        }

        private Optional<DataType> parentType(FieldPath key, Shape parent, String dataset) {
            DataType type = parent.view();
            for (Step step : key.steps()) {
                String name = ((Step.Name) step).name();
                if (!(type instanceof StructType struct)
                        || !Arrays.asList(struct.fieldNames()).contains(name)) {
                    error(
                            rule.places().of("reference.key " + key),
                            "dataset '%s' has no field '%s'".formatted(dataset, key),
                            "The fields are " + String.join(", ", parent.fieldNames()) + ".");
                    return Optional.empty();
                }
                type = struct.apply(name).dataType();
            }
            return Optional.of(type);
        }

        /** Whether values of both can be equal without a conversion that some of them would not stand. */
        private static boolean areAlike(DataType one, DataType other) {
            boolean numbers = one instanceof NumericType && other instanceof NumericType;
            boolean texts = one instanceof StringType && other instanceof StringType;
            return numbers || texts || one.equals(other);
        }

        @Override
        public Optional<CompiledRule> depends(Constraint.Depends constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> deny(Constraint.Deny constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> metric(Constraint.Metric constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> join(Constraint.Join constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> reconcile(Constraint.Reconcile constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> appendOnly(Constraint.AppendOnly constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> frozenWhen(Constraint.FrozenWhen constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> silentChange(Constraint.SilentChange constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> explained(Constraint.Explained constraint) {
            return later(constraint);
        }

        @Override
        public Optional<CompiledRule> query(Constraint.Query constraint) {
            return later(constraint);
        }

        private Optional<CompiledRule> later(Constraint constraint) {
            error(rule.place(), "'%s' is not available in this version".formatted(constraint.keyword()), "");
            return Optional.empty();
        }

        @Override
        public Optional<CompiledRule> unchanged(Constraint.Unchanged constraint) {
            Column same = lit(true);
            for (FieldPath path : constraint.fields()) {
                if (type(path, fields, place(path)).isEmpty()) {
                    return Optional.empty();
                }
                named.add(path);
                Column stays = at(BEFORE, path).eqNullSafe(at(AFTER, path));
                if (!analyzes(stays, place(path), "'unchanged'")) {
                    return Optional.empty();
                }
                same = same.and(stays);
            }
            return pair(ifBoth(code(same)));
        }

        @Override
        public Optional<CompiledRule> transition(Constraint.Transition constraint) {
            FieldPath path = constraint.field();
            if (type(path, fields, place(path)).isEmpty()) {
                return Optional.empty();
            }
            named.add(path);
            Column from = at(BEFORE, path).cast("string");
            Column to = at(AFTER, path).cast("string");
            // A state that nobody knows and that stayed as it is went nowhere.
            Column allowed = from.eqNullSafe(to);
            for (Map.Entry<String, Set<String>> entry : constraint.permitted().entrySet()) {
                if (!entry.getValue().isEmpty()) {
                    allowed = allowed.or(from.equalTo(entry.getKey())
                            .and(to.isin(entry.getValue().toArray())));
                }
            }
            return pair(ifBoth(code(allowed)));
        }

        @Override
        public Optional<CompiledRule> increasing(Constraint.Increasing constraint) {
            FieldPath path = constraint.field();
            if (type(path, fields, place(path)).isEmpty()) {
                return Optional.empty();
            }
            named.add(path);
            Column before = at(BEFORE, path);
            Column after = at(AFTER, path);
            Column sentence = constraint.strictWhenChanged()
                    ? after.gt(before).or(col(BEFORE).eqNullSafe(col(AFTER)))
                    : after.geq(before).or(before.eqNullSafe(after));
            return analyzes(sentence, place(path), "'increasing'") ? pair(ifBoth(code(sentence))) : Optional.empty();
        }

        @Override
        public Optional<CompiledRule> noDelete(Constraint.NoDelete constraint) {
            return vanished(constraint.unless(), BEFORE, AFTER);
        }

        @Override
        public Optional<CompiledRule> noInsert(Constraint.NoInsert constraint) {
            return vanished(constraint.unless(), AFTER, BEFORE);
        }

        /** A record there is on one side only; which is a finding unless the condition is true of it. */
        private Optional<CompiledRule> vanished(@Nullable Sql unless, String there, String gone) {
            Column allowed = lit(false);
            if (unless != null) {
                Optional<Column> condition = sentence(unless, this::unknownField)
                        .map(parsed -> parsed.renamed(on(there)).column())
                        .filter(column -> analyzes(column, unless.place(), "'unless'"));
                if (condition.isEmpty()) {
                    return Optional.empty();
                }
                allowed = condition.get();
            }
            Column code = when(col(there).isNull(), outside())
                    .when(col(gone).isNotNull(), lit(Code.TRUE.number()))
                    .otherwise(code(allowed));
            Optional<Column> where = where(this::unknownField, on(there));
            return sound
                    ? Optional.of(new CompiledRule(
                            rule,
                            CompiledRule.Kind.PAIR,
                            within(where, code),
                            outside(),
                            noElements(),
                            null,
                            null,
                            List.copyOf(named),
                            List.copyOf(conditions)))
                    : Optional.empty();
        }

        @Override
        public Optional<CompiledRule> assertChange(Constraint.AssertChange constraint) {
            return constraint(constraint.condition(), this::unknownSided, sides())
                    .map(parsed -> parsed.renamed(Binding::sided).column())
                    .filter(column -> analyzes(column, constraint.condition().place(), "the sentence"))
                    .flatMap(column -> pair(ifBoth(code(column))));
        }
    }

    // ---- Spark's messages in our words

    private static int find(String text, String word) {
        int at = text.toLowerCase(java.util.Locale.ROOT).indexOf(word.toLowerCase(java.util.Locale.ROOT));
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

    /** The first line of Spark's message without its error class and SQL state. */
    static String reason(Exception e) {
        String line = String.valueOf(e.getMessage())
                .lines()
                .filter(text -> !text.isBlank())
                .findFirst()
                .orElse("");
        String bare = line.replaceAll("^\\[[A-Z0-9_.]+]\\s*", "")
                .replaceAll("\\s*SQLSTATE:.*$", "")
                .replaceAll("\\.$", "");
        return bare.matches("[A-Z][a-z].*") ? bare.substring(0, 1).toLowerCase(Locale.ROOT) + bare.substring(1) : bare;
    }

    /** One check as a sentence about a value. */
    private static final class CheckColumns implements Check.Visitor<Column> {
        private final Column value;
        private final DataType type;

        CheckColumns(Column value, DataType type) {
            this.value = value;
            this.type = type;
        }

        private static Column literal(Literal literal) {
            return switch (literal.kind()) {
                case NUMBER -> functions.expr(literal.text() + (literal.text().matches(".*[eE].*") ? "BD" : ""));
                case BOOLEAN -> lit(Boolean.parseBoolean(literal.text()));
                case TEXT -> lit(literal.text());
                case NULL -> lit(null);
            };
        }

        private static Object[] literals(List<Literal> values) {
            return values.stream().map(CheckColumns::literal).toArray();
        }

        @Override
        public Column required(Check.Required check) {
            return value.isNotNull();
        }

        @Override
        public Column type(Check.Type check) {
            DataType wanted = DataType.fromDDL(check.type());
            if (type.equals(wanted)) {
                return lit(true);
            }
            Column converted =
                    type instanceof StringType ? TypedText.typed(value, wanted) : Shape.exactly(value, type, wanted);
            return value.isNull().or(converted.isNotNull());
        }

        @Override
        public Column in(Check.In check) {
            return value.isin(literals(check.values()));
        }

        @Override
        public Column notIn(Check.NotIn check) {
            return functions.not(value.isin(literals(check.values())));
        }

        @Override
        public Column min(Check.Min check) {
            return value.geq(literal(check.bound()));
        }

        @Override
        public Column max(Check.Max check) {
            return value.leq(literal(check.bound()));
        }

        @Override
        public Column matches(Check.Matches check) {
            return value.rlike("\\A(?:" + check.pattern() + ")\\z");
        }

        @Override
        public Column minLength(Check.MinLength check) {
            return length().geq(check.length());
        }

        @Override
        public Column maxLength(Check.MaxLength check) {
            return length().leq(check.length());
        }

        private Column length() {
            return type instanceof ArrayType ? functions.array_size(value) : functions.length(value);
        }

        @Override
        public Column format(Check.Format check) {
            return Formats.matches(check.form(), value);
        }
    }
}
