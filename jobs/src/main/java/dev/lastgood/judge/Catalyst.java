package dev.lastgood.judge;

import dev.lastgood.rule.Tolerance;
import dev.lastgood.spark.Analysis;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedStar;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.ArrayTransform;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.UnresolvedNamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.optimizer.BooleanSimplification$;
import org.apache.spark.sql.catalyst.optimizer.ConstantFolding$;
import org.apache.spark.sql.catalyst.optimizer.NullPropagation$;
import org.apache.spark.sql.catalyst.optimizer.SimplifyBinaryComparison$;
import org.apache.spark.sql.catalyst.optimizer.SimplifyConditionals$;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

/** A parsed SQL expression. This class alone knows Spark's expression trees, which are not a public interface of Spark. */
public final class Catalyst {
    /** Enough for what a rule says to come down to a constant if it is one. */
    private static final int FOLDING_ROUNDS = 4;

    private static final Set<String> TIMES = Set.of("now", "current_timestamp");

    private final Expression expression;

    private Catalyst(Expression expression) {
        this.expression = expression;
    }

    /** Parses without a session. Throws Spark's ParseException, which knows the place in the text. */
    public static Catalyst parse(String sql) throws ParseException {
        return template(sql);
    }

    /** Parses SQL of ours. */
    private static Catalyst template(String sql) {
        return new Catalyst(CatalystSqlParser$.MODULE$.parseExpression(sql));
    }

    /** The tree of a column built with Spark's functions. */
    static Catalyst of(Column column) {
        return new Catalyst(Analysis.tree(column));
    }

    /** The names it refers to outside of lambdas, each as its parts: {@code lines.amount} is two. */
    public Set<List<String>> names() {
        Set<List<String>> names = new LinkedHashSet<>();
        forEach(node -> {
            if (node instanceof UnresolvedAttribute attribute) {
                names.add(List.copyOf(CollectionConverters.asJava(attribute.nameParts())));
            }
        });
        return names;
    }

    /** The functions it calls, lower-cased. */
    public Set<String> functions() {
        Set<String> functions = new LinkedHashSet<>();
        forEach(node -> {
            if (node instanceof UnresolvedFunction call) {
                functions.add(name(call));
            } else if (node instanceof AggregateExpression call) {
                // The parser knows some itself, as first.
                functions.add(call.aggregateFunction().prettyName().toLowerCase(Locale.ROOT));
            }
        });
        return functions;
    }

    /** What a sentence about one record may not contain: subqueries, windows, stars. */
    public List<String> foreignParts() {
        List<String> parts = new ArrayList<>();
        forEach(node -> {
            if (node instanceof PlanExpression<?>) {
                parts.add("a subquery");
            } else if (node instanceof WindowExpression
                    || node.getClass().getSimpleName().equals("UnresolvedWindowExpression")) {
                parts.add("a window");
            } else if (node instanceof UnresolvedStar) {
                parts.add("a star");
            }
        });
        return parts;
    }

    /** What a plan does that takes more than one record, or gives another answer each time. */
    enum Foreign {
        MANY_RECORDS,
        CHANGING
    }

    /** Whether Spark has a built-in function of that name. */
    static boolean isFunction(String name) {
        return Analysis.functions().functionExists(new FunctionIdentifier(name));
    }

    static List<String> functionNames() {
        return CollectionConverters.asJava(Analysis.functions().listFunction()).stream()
                .map(FunctionIdentifier::funcName)
                .toList();
    }

    private static boolean isAggregate(String name) {
        Option<ExpressionInfo> info = Analysis.functions().lookupFunction(new FunctionIdentifier(name));
        return info.isDefined() && info.get().getGroup().equals("agg_funcs");
    }

    /**
     * What the analyzer says of an expression.
     *
     */
    record Analyzed(LogicalPlan plan, Optional<Foreign> foreign) {
        DataType type() {
            return plan.schema().apply("_").dataType();
        }

        /** What the optimizer knows it to be for every record; empty if it depends on the record. */
        Optional<Code> always() {
            return Catalyst.always(plan);
        }
    }

    /** Analyzes an expression over fields. Throws Spark's AnalysisException for what does not fit. */
    static Analyzed analyzed(StructType names, Column column) throws AnalysisException {
        LogicalPlan plan = Analysis.analyzed(names, column);
        return new Analyzed(plan, foreign(plan));
    }

    /** The type of an aggregate over fields, and whether it gives another answer each time. */
    static Analyzed analyzedAggregate(StructType names, Column column) throws AnalysisException {
        LogicalPlan plan = Analysis.analyzed(
                new Aggregate(seq(), seq(Analysis.named(column)), LocalRelation$.MODULE$.apply(names), Option.empty()));
        boolean changing =
                CollectionConverters.asJava(plan.expressions()).stream().anyMatch(Catalyst::isChanging);
        return new Analyzed(plan, changing ? Optional.of(Foreign.CHANGING) : Optional.empty());
    }

    private static boolean isChanging(Expression part) {
        boolean changing = part instanceof AggregateExpression ? false : !part.deterministic();
        return changing || CollectionConverters.asJava(part.children()).stream().anyMatch(Catalyst::isChanging);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static <T> Seq<T> seq(T... items) {
        return CollectionConverters.asScala(List.of(items)).toSeq();
    }

    /** Analyzes a query over relations that stand for the datasets. */
    static StructType schema(LogicalPlan plan) throws AnalysisException {
        return Analysis.analyzed(plan).schema();
    }

    private static Optional<Code> always(LogicalPlan analyzed) {
        LogicalPlan plan = analyzed;
        for (int round = 0; round < FOLDING_ROUNDS; round++) {
            plan = ConstantFolding$.MODULE$.apply(plan);
            plan = NullPropagation$.MODULE$.apply(plan);
            plan = BooleanSimplification$.MODULE$.apply(plan);
            plan = SimplifyBinaryComparison$.MODULE$.apply(plan);
            plan = SimplifyConditionals$.MODULE$.apply(plan);
        }
        Expression folded = plan.expressions().head();
        Expression bare = folded instanceof Alias alias ? alias.child() : folded;
        if (!(bare instanceof Literal literal)) {
            return Optional.empty();
        }
        Object value = literal.value();
        return Optional.of(value == null ? Code.UNKNOWN : Boolean.TRUE.equals(value) ? Code.TRUE : Code.FALSE);
    }

    /** Its parts that are joined by {@code and}. */
    List<Catalyst> conjuncts() {
        if (expression instanceof And and) {
            List<Catalyst> parts = new ArrayList<>(new Catalyst(and.left()).conjuncts());
            parts.addAll(new Catalyst(and.right()).conjuncts());
            return parts;
        }
        return List.of(this);
    }

    /** Both sides of an equality; empty if it is none. */
    Optional<List<Catalyst>> equality() {
        return expression instanceof EqualTo equal
                ? Optional.of(List.of(new Catalyst(equal.left()), new Catalyst(equal.right())))
                : Optional.empty();
    }

    /** The same where every aggregate function takes in only records of which that column is not NULL. */
    Catalyst over(Column present) {
        Expression inside = Analysis.tree(present.isNotNull());
        return replaced(node -> node instanceof UnresolvedFunction call && isAggregate(name(call)), node -> {
            UnresolvedFunction call = (UnresolvedFunction) node;
            Expression filter =
                    call.filter().isDefined() ? new And(inside, call.filter().get()) : inside;
            return new UnresolvedFunction(
                    call.nameParts(),
                    call.arguments(),
                    call.isDistinct(),
                    Option.apply(filter),
                    call.ignoreNulls(),
                    call.orderingWithinGroup(),
                    call.isInternal());
        });
    }

    private static String name(UnresolvedFunction call) {
        return String.join(".", CollectionConverters.asJava(call.nameParts())).toLowerCase(Locale.ROOT);
    }

    /**
     * Whether an analyzed projection is more than one: whatever a function is called, an aggregate, a generator or a window
     * has become a part of the plan of its own.
     */
    private static Optional<Foreign> foreign(LogicalPlan plan) {
        boolean many = false;
        boolean changing = false;
        for (LogicalPlan node = plan; node != null; node = child(node)) {
            many |= node instanceof Aggregate || node instanceof Generate || node instanceof Window;
            changing |=
                    CollectionConverters.asJava(node.expressions()).stream().anyMatch(part -> !part.deterministic());
        }
        return many ? Optional.of(Foreign.MANY_RECORDS) : changing ? Optional.of(Foreign.CHANGING) : Optional.empty();
    }

    private static @Nullable LogicalPlan child(LogicalPlan node) {
        return node.children().isEmpty() ? null : node.children().head();
    }

    private void forEach(java.util.function.Consumer<Expression> visit) {
        walk(expression, visit);
    }

    private static void walk(Expression node, java.util.function.Consumer<Expression> visit) {
        visit.accept(node);
        CollectionConverters.asJava(node.children()).forEach(child -> walk(child, visit));
    }

    /** The same expression about other names. */
    public Catalyst renamed(Function<List<String>, List<String>> renaming) {
        return replaced(
                UnresolvedAttribute.class::isInstance,
                node -> attribute(
                        renaming.apply(CollectionConverters.asJava(((UnresolvedAttribute) node).nameParts()))));
    }

    /**
     * The same expression where some names mean the element of a lambda named {@code variable}.
     *
     * @param inElement the way from the element to what a name means; empty if it does not start there
     */
    private Catalyst overElement(String variable, Function<List<String>, Optional<List<String>>> inElement) {
        return replaced(
                node -> node instanceof UnresolvedAttribute attribute
                        && inElement
                                .apply(CollectionConverters.asJava(attribute.nameParts()))
                                .isPresent(),
                node -> {
                    List<String> parts = new ArrayList<>();
                    parts.add(variable);
                    parts.addAll(inElement
                            .apply(CollectionConverters.asJava(((UnresolvedAttribute) node).nameParts()))
                            .orElseThrow());
                    return variable(parts);
                });
    }

    /** The function of Lastgood's own, {@code array_sum}, in Spark's terms; and the time of the audit as a constant. */
    public Catalyst expanded(Instant now) {
        return replaced(Catalyst::isExpandable, node -> expanded(node, now));
    }

    /** Whether it says something else of the same record at another time. */
    boolean asksTheTime() {
        return functions().stream().anyMatch(TIMES::contains);
    }

    /** Whether a node is a call of a function that Spark does not have, or has in another sense. */
    static boolean isExpandable(Expression node) {
        return node instanceof UnresolvedFunction call
                && (isArraySum(call)
                        || (TIMES.contains(name(call)) && call.arguments().isEmpty()));
    }

    private static boolean isArraySum(UnresolvedFunction call) {
        return name(call).equals("array_sum") && call.arguments().size() == 1;
    }

    static Expression expanded(Expression node, Instant now) {
        UnresolvedFunction call = (UnresolvedFunction) node;
        if (!isArraySum(call)) {
            return template("timestamp'" + now + "'").expression;
        }
        return template("aggregate(`_of`, cast(0 as decimal(38,10)),"
                        + " (`_sum`, `_item`) -> cast(`_sum` + `_item` as decimal(38,10)))")
                .replaced(
                        UnresolvedAttribute.class::isInstance,
                        of -> call.arguments().head())
                .expression;
    }

    static Catalyst of(Expression expression) {
        return new Catalyst(expression);
    }

    /**
     * Every equality of numbers that decides the sentence becomes closeness, as {@link Tolerance} has it.
     *
     * @param types the type of a part of the sentence; empty if it has none
     */
    public Catalyst tolerant(Tolerance tolerance, Function<Column, Optional<DataType>> types) {
        return tolerance.isNone() ? this : new Catalyst(tolerant(expression, tolerance, types));
    }

    private static Expression tolerant(
            Expression node, Tolerance tolerance, Function<Column, Optional<DataType>> types) {
        if (node instanceof And and) {
            return new And(tolerant(and.left(), tolerance, types), tolerant(and.right(), tolerance, types));
        }
        if (node instanceof EqualTo equal && (isNumber(equal.left(), types) || isNumber(equal.right(), types))) {
            Column one = ExpressionUtils.column(equal.left());
            Column other = ExpressionUtils.column(equal.right());
            Optional<DataType> apart = types.apply(one.minus(other));
            return close(tolerance, apart)
                    .replaced(
                            UnresolvedAttribute.class::isInstance,
                            name -> ((UnresolvedAttribute) name)
                                            .nameParts()
                                            .head()
                                            .equals("_a")
                                    ? equal.left()
                                    : equal.right())
                    .expression;
        }
        return node;
    }

    private static boolean isNumber(Expression part, Function<Column, Optional<DataType>> types) {
        return types.apply(ExpressionUtils.column(part))
                .filter(NumericType.class::isInstance)
                .isPresent();
    }

    private static Catalyst close(Tolerance tolerance, Optional<DataType> apart) {
        List<String> bounds = new ArrayList<>();
        BigDecimal abs = tolerance.abs();
        if (abs != null) {
            BigDecimal most = apart.map(type -> bound(abs, type)).orElse(abs);
            bounds.add("abs(`_a` - `_b`) <= " + most.toPlainString());
        }
        BigDecimal rel = tolerance.rel();
        if (rel != null) {
            boolean rounds = apart.filter(type -> type instanceof DecimalType decimal
                            && decimal.precision() + Math.max(rel.precision(), rel.scale())
                                    >= DecimalType.MAX_PRECISION())
                    .isPresent();
            String most = rel.toPlainString();
            bounds.add(
                    rounds
                            ? "double(abs(`_a` - `_b`)) <= " + most + "D * double(greatest(abs(`_a`), abs(`_b`)))"
                            : "abs(`_a` - `_b`) <= " + most + " * greatest(abs(`_a`), abs(`_b`))");
        }
        return template(String.join(" or ", bounds));
    }

    /**
     * A bound for numbers of a type, which says of them the same. One with more decimals than the type has is rounded down: Spark
     * would round it where both are compared, and up as well, if there are no digits left for it.
     */
    public static BigDecimal bound(BigDecimal most, DataType type) {
        return type instanceof DecimalType decimal && decimal.scale() < most.scale()
                ? most.setScale(decimal.scale(), RoundingMode.FLOOR)
                : most;
    }

    private Catalyst replaced(Predicate<Expression> which, Function<Expression, Expression> replacement) {
        return new Catalyst(expression.transformUp(new AbstractPartialFunction<Expression, Expression>() {
            @Override
            public boolean isDefinedAt(Expression node) {
                return which.test(node);
            }

            @Override
            @SuppressWarnings("unchecked")
            public <A extends Expression, B> B applyOrElse(A node, scala.Function1<A, B> otherwise) {
                return which.test(node) ? (B) replacement.apply(node) : otherwise.apply(node);
            }
        }));
    }

    private static UnresolvedAttribute attribute(List<String> parts) {
        return new UnresolvedAttribute(CollectionConverters.asScala(parts).toSeq());
    }

    private static UnresolvedNamedLambdaVariable variable(List<String> parts) {
        return new UnresolvedNamedLambdaVariable(
                CollectionConverters.asScala(parts).toSeq());
    }

    /** The expression as a column. */
    public Column column() {
        return ExpressionUtils.column(expression);
    }

    /**
     * One code an element: this sentence said of every element of the array.
     *
     * @param inElement the way from the element to what a name means; empty if it does not start there
     */
    Column codes(Column array, Function<List<String>, Optional<List<String>>> inElement, Code unknown) {
        String variable = "_element";
        Expression body = Analysis.tree(code(overElement(variable, inElement).column(), unknown));
        LambdaFunction lambda = new LambdaFunction(
                body,
                CollectionConverters.asScala(List.<NamedExpression>of(variable(List.of(variable))))
                        .toSeq(),
                false);
        return ExpressionUtils.column(new ArrayTransform(Analysis.tree(array), lambda));
    }

    /** The {@link Code} of a boolean column, as its number. */
    static Column code(Column sentence) {
        return code(sentence, Code.UNKNOWN);
    }

    /** The same where NULL counts as that code. */
    static Column code(Column sentence, Code unknown) {
        return ExpressionUtils.column(new Attempt(Analysis.tree(sentence), unknown));
    }
}
