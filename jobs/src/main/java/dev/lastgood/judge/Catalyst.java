package dev.lastgood.judge;

import dev.lastgood.rule.Tolerance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedStar;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.ArrayTransform;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.UnresolvedNamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.classic.ColumnNodeToExpressionConverter$;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

/** A parsed SQL expression. This class alone knows Spark's expression trees, which are not a public interface of Spark. */
public final class Catalyst {
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
        // ExpressionUtils would wrap the column, and nobody could see the names in it.
        return new Catalyst(ColumnNodeToExpressionConverter$.MODULE$.apply(column.node()));
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
                functions.add(String.join(".", CollectionConverters.asJava(call.nameParts()))
                        .toLowerCase(java.util.Locale.ROOT));
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

    /**
     * Whether an analyzed projection is more than one: whatever a function is called, an aggregate, a generator or a window
     * has become a part of the plan of its own.
     */
    static Optional<Foreign> foreign(Dataset<Row> projection) {
        LogicalPlan plan = ((org.apache.spark.sql.classic.Dataset<Row>) projection)
                .queryExecution()
                .analyzed();
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
     * @param ofElement whether a name starts at the element
     */
    private Catalyst overElement(String variable, Predicate<List<String>> ofElement) {
        return replaced(
                node -> node instanceof UnresolvedAttribute attribute
                        && ofElement.test(CollectionConverters.asJava(attribute.nameParts())),
                node -> {
                    List<String> parts = new ArrayList<>();
                    parts.add(variable);
                    parts.addAll(CollectionConverters.asJava(((UnresolvedAttribute) node).nameParts()));
                    return variable(parts);
                });
    }

    /** The function of Lastgood's own, {@code array_sum}, in Spark's terms; and the time of the audit as a constant. */
    public Catalyst expanded(Instant now) {
        return replaced(node -> node instanceof UnresolvedFunction, node -> {
            UnresolvedFunction call = (UnresolvedFunction) node;
            String name = String.join(".", CollectionConverters.asJava(call.nameParts()))
                    .toLowerCase(java.util.Locale.ROOT);
            if (name.equals("array_sum") && call.arguments().size() == 1) {
                return template("aggregate(`_of`, cast(0 as decimal(38,10)),"
                                + " (`_sum`, `_item`) -> cast(`_sum` + `_item` as decimal(38,10)))")
                        .replaced(
                                UnresolvedAttribute.class::isInstance,
                                of -> call.arguments().head())
                        .expression;
            }
            if (name.equals("now") || name.equals("current_timestamp")) {
                return template("timestamp'" + now + "'").expression;
            }
            return node;
        });
    }

    /**
     * Every equality of numbers that decides the sentence becomes closeness, as {@link Tolerance} has it.
     *
     * @param isNumber whether a part of the sentence is a number
     */
    public Catalyst tolerant(Tolerance tolerance, Predicate<Column> isNumber) {
        List<String> bounds = new ArrayList<>();
        if (tolerance.abs() != null) {
            bounds.add("abs(`_a` - `_b`) <= " + tolerance.abs().toPlainString());
        }
        if (tolerance.rel() != null) {
            bounds.add("abs(`_a` - `_b`) <= " + tolerance.rel().toPlainString() + " * greatest(abs(`_a`), abs(`_b`))");
        }
        return bounds.isEmpty()
                ? this
                : new Catalyst(tolerant(expression, template(String.join(" or ", bounds)), isNumber));
    }

    private static Expression tolerant(Expression node, Catalyst close, Predicate<Column> isNumber) {
        if (node instanceof And and) {
            return new And(tolerant(and.left(), close, isNumber), tolerant(and.right(), close, isNumber));
        }
        if (node instanceof EqualTo equal
                && (isNumber.test(ExpressionUtils.column(equal.left()))
                        || isNumber.test(ExpressionUtils.column(equal.right())))) {
            return close.replaced(
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

    /** One code an element: this sentence said of every element of the array. */
    public Column codes(Column array, Predicate<List<String>> ofElement) {
        String variable = "_element";
        Expression body =
                ExpressionUtils.expression(code(overElement(variable, ofElement).column()));
        LambdaFunction lambda = new LambdaFunction(
                body,
                CollectionConverters.asScala(List.<NamedExpression>of(variable(List.of(variable))))
                        .toSeq(),
                false);
        return ExpressionUtils.column(new ArrayTransform(ExpressionUtils.expression(array), lambda));
    }

    /** The {@link Code} of a boolean column, as its number. */
    static Column code(Column sentence) {
        return code(sentence, Code.UNKNOWN);
    }

    /** The same where NULL counts as that code. */
    static Column code(Column sentence, Code unknown) {
        return ExpressionUtils.column(new Attempt(ExpressionUtils.expression(sentence), unknown));
    }
}
