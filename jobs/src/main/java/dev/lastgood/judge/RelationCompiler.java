package dev.lastgood.judge;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Sql;
import dev.lastgood.rule.Tolerance;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Compiles what several records decide: what each gives, and what is asked of them together. */
final class RelationCompiler {
    private static final int MOST_DIGITS = DecimalType.MAX_PRECISION();
    private static final int DIGITS_OF_LONG = 20;

    private final Binding binding;

    RelationCompiler(Binding binding) {
        this.binding = binding;
    }

    private String dataset() {
        return binding.rule().dataset();
    }

    private Optional<CompiledRule> compiled(Relation relation, Optional<Column> where, Column takesPart) {
        return compiled(relation, where, col(AFTER).isNotNull(), takesPart);
    }

    /** @param there whether the rule can be asked at all, which nothing is evaluated for otherwise */
    private Optional<CompiledRule> compiled(Relation relation, Optional<Column> where, Column there, Column takesPart) {
        if (!binding.isSound()) {
            return Optional.empty();
        }
        Column code = when(takesPart, Binding.number(Code.TRUE)).otherwise(Binding.outside());
        Column none = lit(null).cast(CompiledRule.ELEMENTS);
        return Optional.of(new CompiledRule(
                binding.rule(),
                CompiledRule.Kind.RELATION,
                when(there, Binding.within(where, code)).otherwise(Binding.outside()),
                Binding.outside(),
                none,
                none,
                relation,
                binding.named(),
                binding.conditions()));
    }

    private Optional<Column> where() {
        return binding.where(binding.ofRecord(AFTER));
    }

    // ---- keys

    /** The types of fields of the rule's dataset; a problem for each that is none. */
    private List<DataType> types(List<FieldPath> paths) {
        List<DataType> types = new ArrayList<>();
        for (FieldPath path : paths) {
            binding.type(path).ifPresent(types::add);
            binding.name(path);
        }
        return types;
    }

    /** A struct of values, NULL if one of them is: as in SQL, a null takes the record out. */
    private static Column tuple(Column record, List<FieldPath> paths, List<DataType> types) {
        Column present = lit(true);
        List<Column> values = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            Column value = Binding.at(record, paths.get(i));
            present = present.and(value.isNotNull());
            values.add(value.cast(types.get(i)).alias("_" + i));
        }
        return when(present, struct(values.toArray(Column[]::new)));
    }

    private static Share alike(String dataset, List<FieldPath> paths, List<DataType> types, Column value) {
        String alike = paths + " " + types.stream().map(DataType::simpleString).collect(Collectors.joining(","));
        return new Share(dataset, alike, tuple(col(AFTER), paths, types), value);
    }

    /** Whether records can be brought together by values of these types, which Spark must be able to compare. */
    private void comparable(List<FieldPath> paths, List<DataType> types) {
        for (int i = 0; i < types.size(); i++) {
            Column value = Binding.at(AFTER, paths.get(i));
            binding.analyzes(value.equalTo(value), binding.place(paths.get(i)), "'%s'".formatted(paths.get(i)));
        }
    }

    // ---- one dataset

    Optional<CompiledRule> unique(Constraint.Unique constraint) {
        List<DataType> types = types(constraint.fields());
        if (!binding.isSound()) {
            return Optional.empty();
        }
        comparable(constraint.fields(), types);
        Optional<Column> where = where();
        Share own = alike(dataset(), constraint.fields(), types, when(Binding.inside(where), lit(true)));
        return compiled(
                Relation.of(own),
                where,
                tuple(col(AFTER), constraint.fields(), types).isNotNull());
    }

    Optional<CompiledRule> depends(Constraint.Depends constraint) {
        List<DataType> from = types(constraint.from());
        List<DataType> to = types(constraint.to());
        if (!binding.isSound()) {
            return Optional.empty();
        }
        comparable(constraint.from(), from);
        comparable(constraint.to(), to);
        Optional<Column> where = where();
        Column followers = tuple(col(AFTER), constraint.to(), to);
        Share own = alike(dataset(), constraint.from(), from, when(Binding.inside(where), followers));
        Column part = tuple(col(AFTER), constraint.from(), from).isNotNull().and(followers.isNotNull());
        return compiled(Relation.of(own), where, part);
    }

    Optional<CompiledRule> deny(Constraint.Deny constraint) {
        Map<String, Binding.Called> pair = new LinkedHashMap<>();
        pair.put(constraint.one(), binding.own());
        pair.put(constraint.other(), binding.own());
        Binding.Names names = binding.ofRecords(null, pair);
        Optional<Column> together = together(constraint.join(), names, Set.of(constraint.one()));
        Optional<Catalyst> condition = binding.condition(constraint.condition(), names, "'if'");
        if (together.isEmpty() || condition.isEmpty()) {
            return Optional.empty();
        }
        Column record = needed(col(AFTER), binding.fields(), Set.copyOf(binding.named()));
        Optional<Column> where = where();
        Share own = new Share(dataset(), "", null, when(Binding.inside(where), record));
        return compiled(
                new Relation(
                        List.of(own),
                        List.of(together.get()),
                        Catalyst.code(condition.get().column(), Code.FALSE),
                        null),
                where,
                lit(true));
    }

    Optional<CompiledRule> metric(Constraint.Metric constraint) {
        Sql sql = constraint.aggregate();
        String record = CompiledRule.record(binding.rule());
        Binding.Names names = binding.ofRecord(record);
        Optional<Catalyst> parsed = binding.parsed(sql, names::unknown, Functions.About.MANY_RECORDS);
        if (parsed.isEmpty()) {
            return Optional.empty();
        }
        Column present = col(Shape.quoted(record));
        Column aggregate = parsed.get().renamed(names::column).over(present).column();
        Optional<Catalyst.Analyzed> analyzed =
                binding.fitting(sql.place(), "'metric'", () -> Catalyst.analyzedAggregate(names.columns(), aggregate));
        if (analyzed.isEmpty()) {
            return Optional.empty();
        }
        if (analyzed.get().foreign().isPresent()) {
            binding.error(
                    sql.place(), "'metric' gives another answer each time", "Leave out what depends on an order.");
        }
        if (!(analyzed.get().type() instanceof NumericType)) {
            binding.error(
                    sql.place(),
                    "'metric' is of type %s, not a number"
                            .formatted(analyzed.get().type().simpleString()),
                    "Use an aggregate that gives a number, as count, sum, avg, min, max.");
        }
        Column needed = needed(col(AFTER), binding.fields(), Set.copyOf(binding.named()));
        Optional<Column> where = where();
        Share own = new Share(dataset(), "", null, when(Binding.inside(where), needed));
        return compiled(new Relation(List.of(own), List.of(), aggregate, null), where, lit(true));
    }

    /** A record with only the top-level fields that are needed, and at least one of them. */
    private static Column needed(Column record, StructType fields, Set<FieldPath> named) {
        Set<String> roots = named.stream().map(FieldPath::root).collect(Collectors.toCollection(TreeSet::new));
        List<Column> kept = Arrays.stream(fields.fieldNames())
                .filter(roots::contains)
                .map(name -> record.getField(name).alias(name))
                .toList();
        return struct(kept.isEmpty() ? new Column[] {lit(true).alias("_")} : kept.toArray(Column[]::new));
    }

    // ---- conditions that bring records together

    /** A condition between records that holds an equality between some of them and the others. */
    private Optional<Column> together(Sql sql, Binding.Names names, Set<String> some) {
        Optional<Catalyst> condition = binding.condition(sql, names, "the condition");
        if (condition.isPresent() && condition.get().conjuncts().stream().noneMatch(part -> isBetween(part, some))) {
            binding.error(
                    sql.place(),
                    "this condition compares every record with every other",
                    "Let it say, joined by 'and', that something of the one equals something of the other.");
            return Optional.empty();
        }
        return condition.map(Catalyst::column);
    }

    private static boolean isBetween(Catalyst part, Set<String> some) {
        return part.equality()
                .filter(sides -> (isOf(sides.get(0), some, true) && isOf(sides.get(1), some, false))
                        || (isOf(sides.get(0), some, false) && isOf(sides.get(1), some, true)))
                .isPresent();
    }

    /** Whether an expression has names, and all of them begin, or none, with one of some. */
    private static boolean isOf(Catalyst expression, Set<String> some, boolean begin) {
        Set<List<String>> names = expression.names();
        return !names.isEmpty() && names.stream().allMatch(name -> some.contains(name.get(0)) == begin);
    }

    // ---- several datasets

    Optional<CompiledRule> reference(Constraint.Reference constraint) {
        Optional<StructType> parent = binding.fields(constraint.to());
        if (parent.isEmpty()) {
            return Optional.empty();
        }
        List<DataType> types = new ArrayList<>();
        for (int i = 0; i < constraint.key().size(); i++) {
            FieldPath field = constraint.fields().get(i);
            FieldPath key = constraint.key().get(i);
            Place keyPlace = binding.rule().places().of("reference.key " + key);
            Optional<DataType> ours = binding.type(field);
            Optional<DataType> theirs = binding.type(key, constraint.to(), parent.get(), keyPlace);
            binding.name(field);
            if (ours.isPresent() && theirs.isPresent()) {
                common(field, ours.get(), key, constraint.to(), theirs.get()).ifPresent(types::add);
            }
        }
        if (!binding.isSound()) {
            return Optional.empty();
        }
        Optional<Column> where = where();
        Share there = alike(constraint.to(), constraint.key(), types, lit(true));
        Optional<FieldPath> array = array(constraint.fields());
        if (array.isEmpty()) {
            Share own = alike(dataset(), constraint.fields(), types, when(Binding.inside(where), lit(true)));
            return compiled(
                    Relation.of(own, there),
                    where,
                    tuple(col(AFTER), constraint.fields(), types).isNotNull());
        }
        Column elements = ofElements(array.get(), constraint.fields(), types);
        Share own = new Share(dataset(), "", null, when(Binding.inside(where), elements));
        return compiled(Relation.of(own, there), where, coalesce(exists(elements, Column::isNotNull), lit(false)));
    }

    /** The array that one of the fields runs through; empty if none does. A problem if that is two arrays, or nested. */
    private Optional<FieldPath> array(List<FieldPath> paths) {
        Set<FieldPath> arrays = new LinkedHashSet<>();
        for (FieldPath path : paths) {
            List<Step> steps = path.steps();
            for (int i = 0; i < steps.size(); i++) {
                if (steps.get(i) instanceof Step.Each) {
                    arrays.add(new FieldPath(steps.subList(0, i + 1)));
                }
            }
        }
        if (arrays.size() > 1) {
            binding.error(
                    binding.rule().place(),
                    "a reference leads through one array, not through %s"
                            .formatted(arrays.stream().map(FieldPath::toString).collect(Collectors.joining(" and "))),
                    "");
        }
        return arrays.stream().findFirst();
    }

    /** One tuple an element; NULL where one of its values is. */
    private static Column ofElements(FieldPath array, List<FieldPath> paths, List<DataType> types) {
        Column elements = Binding.at(AFTER, array);
        return transform(elements, element -> {
            Column present = lit(true);
            List<Column> values = new ArrayList<>();
            for (int i = 0; i < paths.size(); i++) {
                List<Step> steps = paths.get(i).steps();
                Column value = paths.get(i).isPlain()
                        ? Binding.at(AFTER, paths.get(i))
                        : within(element, steps.subList(array.steps().size(), steps.size()));
                present = present.and(value.isNotNull());
                values.add(value.cast(types.get(i)).alias("_" + i));
            }
            return when(present, struct(values.toArray(Column[]::new)));
        });
    }

    private static Column within(Column element, List<Step> steps) {
        return steps.isEmpty() ? element : Binding.at(element, new FieldPath(steps));
    }

    /** The type in which values of both are compared; a problem if none is ever the other. */
    private Optional<DataType> common(FieldPath ours, DataType our, FieldPath theirs, String dataset, DataType their) {
        boolean numbers = our instanceof NumericType && their instanceof NumericType;
        boolean texts = our instanceof StringType && their instanceof StringType;
        if (!numbers && !texts && !our.equals(their)) {
            binding.error(
                    binding.place(ours),
                    "'%s' is of type %s and '%s' of dataset '%s' of type %s, so none is ever the other"
                            .formatted(ours, our.simpleString(), theirs, dataset, their.simpleString()),
                    "Declare the same type for both in lastgood.yaml.");
            return Optional.empty();
        }
        if (our.equals(their) || !numbers) {
            return Optional.of(our);
        }
        return number(our, their, binding.place(ours));
    }

    /** A type that holds every number of both exactly, or a double if one is floating; a problem if there is none. */
    private Optional<DataType> number(DataType one, DataType other, Place place) {
        if (isFloating(one) || isFloating(other)) {
            return Optional.of(DataTypes.DoubleType);
        }
        int scale = Math.max(scale(one), scale(other));
        if (Math.max(whole(one), whole(other)) + scale > MOST_DIGITS) {
            binding.error(
                    place,
                    "no type holds the numbers of %s and of %s".formatted(one.simpleString(), other.simpleString()),
                    "Declare a type with fewer digits in lastgood.yaml.");
            return Optional.empty();
        }
        return Optional.of(DataTypes.createDecimalType(MOST_DIGITS, scale));
    }

    private static boolean isFloating(DataType type) {
        return type instanceof DoubleType || type instanceof FloatType;
    }

    private static int scale(DataType type) {
        return type instanceof DecimalType decimal ? decimal.scale() : 0;
    }

    private static int whole(DataType type) {
        if (type instanceof DecimalType decimal) {
            return decimal.precision() - decimal.scale();
        }
        boolean small = type instanceof ByteType || type instanceof ShortType || type instanceof IntegerType;
        return small ? DIGITS_OF_LONG / 2 : DIGITS_OF_LONG;
    }

    Optional<CompiledRule> join(Constraint.Join constraint) {
        Map<String, Binding.Called> called = new LinkedHashMap<>();
        constraint
                .joined()
                .forEach((alias, joined) -> binding.fields(joined.dataset())
                        .ifPresent(fields -> called.put(
                                alias, new Binding.Called(joined.dataset(), fields, new LinkedHashSet<>()))));
        if (!binding.isSound()) {
            return Optional.empty();
        }
        List<Column> conditions = new ArrayList<>();
        Map<String, Binding.Called> known = new LinkedHashMap<>();
        constraint.joined().forEach((alias, joined) -> {
            known.put(alias, called.get(alias));
            together(joined.on(), binding.ofRecords(AFTER, known), Set.of(alias))
                    .ifPresent(conditions::add);
        });
        Optional<Catalyst> sentence = binding.sentence(constraint.condition(), binding.ofRecords(AFTER, called));
        if (sentence.isEmpty() || !binding.isSound()) {
            return Optional.empty();
        }
        Column record = needed(col(AFTER), binding.fields(), Set.copyOf(binding.named()));
        Optional<Column> where = where();
        List<Share> shares = new ArrayList<>();
        shares.add(new Share(dataset(), "", null, when(Binding.inside(where), record)));
        called.forEach((alias, one) ->
                shares.add(new Share(one.dataset(), "", null, needed(col(AFTER), one.fields(), one.named()))));
        Column question = binding.code(sentence.get().column());
        return compiled(new Relation(shares, conditions, question, null), where, lit(true));
    }

    Optional<CompiledRule> reconcile(Constraint.Reconcile constraint) {
        Constraint.Sum left = constraint.left();
        Constraint.Sum right = constraint.right();
        Optional<StructType> others = binding.fields(right.dataset());
        if (others.isEmpty()) {
            return Optional.empty();
        }
        List<DataType> types = new ArrayList<>();
        for (int i = 0; i < left.key().size(); i++) {
            FieldPath ours = left.key().get(i);
            FieldPath theirs = right.key().get(i);
            Place place = binding.rule().places().of("reconcile.right " + theirs);
            Optional<DataType> our = binding.type(ours);
            Optional<DataType> their = binding.type(theirs, right.dataset(), others.get(), place);
            binding.name(ours);
            if (our.isPresent() && their.isPresent()) {
                common(ours, our.get(), theirs, right.dataset(), their.get()).ifPresent(types::add);
            }
        }
        Binding.Names our = binding.ofRecord(AFTER);
        Binding.Names their = ofOther(new Binding.Called(right.dataset(), others.get(), new LinkedHashSet<>()));
        Optional<Binding.Typed> ofLeft = binding.value(left.sum(), our, "'sum'");
        Optional<Binding.Typed> ofRight = binding.value(right.sum(), their, "'sum'");
        if (ofLeft.isEmpty() || ofRight.isEmpty() || !binding.isSound()) {
            return Optional.empty();
        }
        Optional<DataType> amount =
                amount(ofLeft.get().type(), left.sum(), ofRight.get().type(), right.sum());
        Optional<Column> also = condition(left.where(), our);
        Optional<Column> theirWhere = condition(right.where(), their);
        Optional<Column> where = where();
        if (amount.isEmpty() || !binding.isSound()) {
            return Optional.empty();
        }
        Share own = alike(
                dataset(), left.key(), types, amount(ofLeft.get().column(), amount.get(), Binding.inside(where), also));
        Share other = alike(
                right.dataset(),
                right.key(),
                types,
                amount(ofRight.get().column(), amount.get(), lit(true), theirWhere));
        Column part =
                tuple(col(AFTER), left.key(), types).isNotNull().and(own.value().isNotNull());
        return compiled(Relation.of(own, other), where, part);
    }

    /** Fields of a record of another dataset, which is the column {@link CompiledRule#AFTER} where its share is made. */
    private static Binding.Names ofOther(Binding.Called other) {
        return new Binding.Names() {
            @Override
            public Optional<Binding.Unknown> unknown(List<String> name) {
                return Binding.field(name, other.fields(), other.dataset(), other.named());
            }

            @Override
            public List<String> column(List<String> name) {
                return Binding.on(AFTER).apply(name);
            }

            @Override
            public StructType columns() {
                return new StructType().add(AFTER, other.fields());
            }
        };
    }

    private Optional<Column> condition(@Nullable Sql where, Binding.Names names) {
        return where == null
                ? Optional.empty()
                : binding.condition(where, names, "where").map(Catalyst::column);
    }

    /** The type in which two amounts are added up and compared. */
    private Optional<DataType> amount(DataType one, Sql ofOne, DataType other, Sql ofOther) {
        boolean sound = true;
        for (Map.Entry<Sql, DataType> side : List.of(Map.entry(ofOne, one), Map.entry(ofOther, other))) {
            if (!(side.getValue() instanceof NumericType)) {
                binding.error(
                        side.getKey().place(),
                        "this is of type %s, and only numbers add up"
                                .formatted(side.getValue().simpleString()),
                        "");
                sound = false;
            }
        }
        if (!sound) {
            return Optional.empty();
        }
        Tolerance tolerance = binding.rule().tolerance();
        if ((isFloating(one) || isFloating(other)) && tolerance.abs() == null && tolerance.rel() == null) {
            binding.error(
                    ofOne.place(),
                    "sums of floating-point numbers are hardly ever equal",
                    "Write 'tolerance: {abs: 0.005}' beside it, or cast them to a decimal.");
            return Optional.empty();
        }
        return number(one, other, ofOne.place());
    }

    /** An amount and whether there is one: TRUE, UNKNOWN without, ERROR; NULL if the record does not count. */
    private static Column amount(Column value, DataType type, Column inside, Optional<Column> where) {
        return amount(value, type, inside, where, lit(false));
    }

    /** @param fails whether something else about the record could not be computed */
    private static Column amount(Column value, DataType type, Column inside, Optional<Column> where, Column fails) {
        Column counts = where.map(Catalyst::code).orElse(Binding.number(Code.TRUE));
        Column there = Catalyst.code(value.isNotNull());
        Column code = when(fails.or(counts.equalTo(Code.ERROR.number())), Binding.number(Code.ERROR))
                .when(there.equalTo(Code.FALSE.number()), Binding.number(Code.UNKNOWN))
                .otherwise(there);
        Column amount = when(code.equalTo(Code.TRUE.number()), value.cast(type));
        Column isCounted = inside.and(counts.isin(Code.TRUE.number(), Code.ERROR.number()));
        return when(isCounted, struct(amount.alias(Share.AMOUNT), code.alias(Share.CODE)));
    }

    Optional<CompiledRule> explained(Constraint.Explained constraint) {
        FieldPath delta = constraint.delta();
        Optional<DataType> ours = binding.type(delta);
        Optional<StructType> others = binding.fields(constraint.dataset());
        if (ours.isEmpty() || others.isEmpty()) {
            return Optional.empty();
        }
        binding.name(delta);
        Binding.Called called = new Binding.Called(constraint.dataset(), others.get(), new LinkedHashSet<>());
        Binding.Names names = binding.ofRecords(AFTER, Map.of(constraint.dataset(), called));
        Optional<Keys> keys = equalities(constraint, names);
        Optional<Binding.Typed> sum = binding.value(constraint.sum(), ofOther(called), "'sum'");
        if (keys.isEmpty() || sum.isEmpty()) {
            return Optional.empty();
        }
        Sql shown = new Sql(delta.toString(), binding.place(delta));
        Optional<DataType> amount = amount(ours.get(), shown, sum.get().type(), constraint.sum());
        Optional<Column> where = where();
        if (amount.isEmpty() || !binding.isSound()) {
            return Optional.empty();
        }
        Column value = Binding.at(AFTER, delta);
        Share own = new Share(
                dataset(),
                "",
                keys.get().ours(),
                amount(
                                value,
                                amount.get(),
                                lit(true),
                                Optional.empty(),
                                keys.get().ourFails())
                        .withField(Share.INSIDE, Binding.inside(where)));
        Share by = new Share(
                constraint.dataset(),
                "",
                keys.get().theirs(),
                amount(
                        sum.get().column(),
                        amount.get(),
                        lit(true),
                        Optional.empty(),
                        keys.get().theirFails()));
        Column both = col(BEFORE).isNotNull().and(col(AFTER).isNotNull());
        return compiled(Relation.of(own, by), where, both, lit(true));
    }

    /** Keys of a record and of those that account for it, NULL where they cannot be computed; and whether that is so. */
    private record Keys(Column ours, Column ourFails, Column theirs, Column theirFails) {}

    /** The keys by which a record and those that account for it go together, from nothing but equalities. */
    private Optional<Keys> equalities(Constraint.Explained constraint, Binding.Names names) {
        Sql on = constraint.on();
        Set<String> others = Set.of(constraint.dataset());
        Optional<Catalyst> condition = binding.condition(on, names, "'on'");
        if (condition.isEmpty()) {
            return Optional.empty();
        }
        List<Column> ours = new ArrayList<>();
        List<Column> theirs = new ArrayList<>();
        for (Catalyst part : condition.get().conjuncts()) {
            if (!isBetween(part, others)) {
                binding.error(
                        on.place(),
                        "'on' must be made of equalities between the record and '%s'".formatted(constraint.dataset()),
                        "Write %s.FIELD = FIELD, and more of them joined by 'and'.".formatted(constraint.dataset()));
                return Optional.empty();
            }
            List<Catalyst> sides = part.equality().orElseThrow();
            boolean first = isOf(sides.get(0), others, true);
            Catalyst their =
                    sides.get(first ? 0 : 1).renamed(name -> Binding.on(AFTER).apply(name.subList(1, name.size())));
            Catalyst our = sides.get(first ? 1 : 0);
            Optional<DataType> type = binding.fitting(
                            on.place(),
                            "'on'",
                            () -> Catalyst.analyzed(
                                    names.columns(),
                                    coalesce(sides.get(0).column(), sides.get(1).column())))
                    .map(Catalyst.Analyzed::type);
            if (type.isEmpty()) {
                return Optional.empty();
            }
            ours.add(our.column().cast(type.get()));
            theirs.add(their.column().cast(type.get()));
        }
        return Optional.of(new Keys(key(ours), fails(ours), key(theirs), fails(theirs)));
    }

    private static Column fails(List<Column> values) {
        return values.stream()
                .map(value -> Catalyst.code(value.isNotNull()).equalTo(Code.ERROR.number()))
                .reduce(lit(false), Column::or);
    }

    private static Column key(List<Column> values) {
        Column present = lit(true);
        List<Column> named = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            present = present.and(Catalyst.code(values.get(i).isNotNull()).equalTo(Code.TRUE.number()));
            named.add(values.get(i).alias("_" + i));
        }
        return when(present, struct(named.toArray(Column[]::new)));
    }

    Optional<CompiledRule> query(Constraint.Query constraint) {
        Sql sql = constraint.sql();
        Optional<KeysQuery> parsed = binding.syntax(sql, () -> KeysQuery.parse(sql.text()));
        if (parsed.isEmpty()) {
            return Optional.empty();
        }
        KeysQuery query = parsed.get();
        Map<String, StructType> datasets = new LinkedHashMap<>();
        binding.shapes().forEach((name, shape) -> datasets.put(name, shape.view()));
        if (!query.foreignParts().isEmpty()) {
            binding.error(
                    sql.place(),
                    "this is more than a query of datasets",
                    "A rule reads datasets by select, and no function in the place of one.");
        }
        query.defines(datasets.keySet())
                .forEach(name -> binding.error(
                        sql.place(),
                        "the query calls '%s' what is a dataset already".formatted(name),
                        "Use another name."));
        for (String relation : query.relations()) {
            if (!datasets.containsKey(relation)) {
                String all = "The datasets are " + String.join(", ", new TreeSet<>(datasets.keySet())) + ".";
                binding.error(
                        sql.place(),
                        "there is no dataset '%s'".formatted(relation),
                        Suggestions.nearest(relation, datasets.keySet())
                                .map(near -> "Did you mean '%s'? %s".formatted(near, all))
                                .orElse(all));
            }
        }
        binding.refuse(sql, query.functions(), Functions.About.MANY_RECORDS);
        if (!binding.isSound()) {
            return Optional.empty();
        }
        Optional<StructType> result =
                binding.fitting(sql.place(), "the query", () -> query.schema(datasets, binding.now()));
        if (result.isEmpty()) {
            return Optional.empty();
        }
        checkKey(sql, result.get());
        Optional<Column> where = where();
        return compiled(new Relation(List.of(), List.of(), null, query), where, lit(true));
    }

    private void checkKey(Sql sql, StructType result) {
        List<String> key = KeysQuery.columns(binding.dataset());
        if (key.isEmpty()) {
            binding.error(sql.place(), "a query gives keys, and dataset '%s' has none".formatted(dataset()), "");
        }
        for (FieldPath path : binding.dataset().key()) {
            Optional<StructField> given = Arrays.stream(result.fields())
                    .filter(field -> field.name().equals(path.toString()))
                    .findFirst();
            if (given.isEmpty()) {
                binding.error(
                        sql.place(),
                        "the query does not give '%s'".formatted(path),
                        "It must give the key of dataset '%s': %s.".formatted(dataset(), String.join(", ", key)));
                continue;
            }
            binding.type(path)
                    .ifPresent(type ->
                            common(path, type, path, "the query", given.get().dataType()));
        }
    }
}
