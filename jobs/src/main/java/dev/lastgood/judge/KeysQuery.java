package dev.lastgood.judge;

import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

/**
 * A query of a rule, parsed. The only relations in it are datasets, which are put in when it is analyzed or run: nothing of
 * a session's catalog, no file and no table function can be named by it. With {@link Catalyst} it alone knows Spark's trees.
 */
public final class KeysQuery {
    /** All that a query is made of; whatever else Spark's SQL can do, a rule cannot. */
    private static final Set<String> PARTS = Set.of(
            "Project",
            "Filter",
            "Join",
            "LateralJoin",
            "Aggregate",
            "UnresolvedHaving",
            "Sort",
            "GlobalLimit",
            "LocalLimit",
            "Offset",
            "Distinct",
            "Union",
            "Except",
            "Intersect",
            "SubqueryAlias",
            "UnresolvedSubqueryColumnAliases",
            "UnresolvedRelation",
            "UnresolvedWith",
            "OneRowRelation",
            "UnresolvedInlineTable",
            "LocalRelation",
            "Window",
            "WithWindowDefinition",
            "Generate");

    private final LogicalPlan plan;

    private KeysQuery(LogicalPlan plan) {
        this.plan = plan;
    }

    /** Parses without a session. Throws Spark's ParseException, which knows the place in the text. */
    static KeysQuery parse(String sql) throws ParseException {
        return new KeysQuery(CatalystSqlParser$.MODULE$.parsePlan(sql));
    }

    /** The names of the relations it reads, each as its parts joined by dots, without those it defines itself. */
    public Set<String> relations() {
        Set<String> found = new LinkedHashSet<>();
        Set<String> own = new LinkedHashSet<>();
        walk(
                plan,
                node -> {
                    if (node instanceof UnresolvedRelation relation) {
                        found.add(name(relation));
                    } else if (node instanceof UnresolvedWith with) {
                        CollectionConverters.asJava(with.cteRelations()).forEach(one -> own.add(one._1()));
                    }
                },
                expression -> {});
        found.removeAll(own);
        return found;
    }

    /** Which of these names it defines itself, in a {@code WITH}. */
    Set<String> defines(Set<String> names) {
        Set<String> own = new LinkedHashSet<>();
        walk(
                plan,
                node -> {
                    if (node instanceof UnresolvedWith with) {
                        CollectionConverters.asJava(with.cteRelations()).forEach(one -> own.add(one._1()));
                    }
                },
                expression -> {});
        own.retainAll(names);
        return own;
    }

    private static String name(UnresolvedRelation relation) {
        return String.join(".", CollectionConverters.asJava(relation.multipartIdentifier()));
    }

    /** What of it no query of a rule is made of. */
    List<String> foreignParts() {
        Set<String> foreign = new LinkedHashSet<>();
        walk(
                plan,
                node -> {
                    if (!PARTS.contains(node.getClass().getSimpleName())) {
                        foreign.add(node.nodeName());
                    }
                },
                expression -> {});
        return List.copyOf(foreign);
    }

    /** The functions it calls, lower-cased. */
    Set<String> functions() {
        Set<String> functions = new LinkedHashSet<>();
        walk(
                plan,
                node -> {},
                expression -> functions.addAll(Catalyst.of(expression).functions()));
        return functions;
    }

    /** The columns it gives. Throws Spark's AnalysisException. */
    StructType schema(Map<String, StructType> datasets, Instant now) throws AnalysisException {
        return Catalyst.schema(put(plan, name -> relation(datasets.get(name)), now));
    }

    /**
     * Runs it over the datasets.
     *
     * @param datasets by name the typed views of their records
     */
    public Dataset<Row> run(SparkSession session, Map<String, Dataset<Row>> datasets, Instant now) {
        LogicalPlan over = put(plan, name -> plan(datasets.get(name)), now);
        return org.apache.spark.sql.classic.Dataset.ofRows((org.apache.spark.sql.classic.SparkSession) session, over);
    }

    /** The columns that hold the key of a record, as a query names them. */
    public static List<String> columns(DatasetSpec dataset) {
        return dataset.key().stream().map(Object::toString).toList();
    }

    private static @Nullable LogicalPlan relation(@Nullable StructType fields) {
        return fields == null ? null : LocalRelation$.MODULE$.apply(fields);
    }

    private static @Nullable LogicalPlan plan(@Nullable Dataset<Row> records) {
        return records == null
                ? null
                : ((org.apache.spark.sql.classic.Dataset<Row>) records)
                        .queryExecution()
                        .analyzed();
    }

    private static LogicalPlan put(LogicalPlan into, Function<String, @Nullable LogicalPlan> datasets, Instant now) {
        LogicalPlan put = into.transformUpWithSubqueries(new AbstractPartialFunction<LogicalPlan, LogicalPlan>() {
            @Override
            public boolean isDefinedAt(LogicalPlan node) {
                return node instanceof UnresolvedRelation || node instanceof UnresolvedWith;
            }

            @Override
            @SuppressWarnings("unchecked")
            public <A extends LogicalPlan, B> B applyOrElse(A node, scala.Function1<A, B> otherwise) {
                if (node instanceof UnresolvedRelation relation) {
                    LogicalPlan records = datasets.apply(name(relation));
                    return records == null
                            ? (B) relation
                            : (B) new SubqueryAlias(new AliasIdentifier(name(relation), seq(List.of())), records);
                }
                return node instanceof UnresolvedWith with ? (B) with(with, datasets, now) : otherwise.apply(node);
            }
        });
        return put.transformAllExpressionsWithSubqueries(new AbstractPartialFunction<Expression, Expression>() {
            @Override
            public boolean isDefinedAt(Expression node) {
                return Catalyst.isExpandable(node);
            }

            @Override
            @SuppressWarnings("unchecked")
            public <A extends Expression, B> B applyOrElse(A node, scala.Function1<A, B> otherwise) {
                return isDefinedAt(node) ? (B) Catalyst.expanded(node, now) : otherwise.apply(node);
            }
        });
    }

    private static UnresolvedWith with(
            UnresolvedWith with, Function<String, @Nullable LogicalPlan> datasets, Instant now) {
        List<Tuple3<String, SubqueryAlias, Option<Object>>> named = new ArrayList<>();
        for (Tuple3<String, SubqueryAlias, Option<Object>> one : CollectionConverters.asJava(with.cteRelations())) {
            named.add(new Tuple3<>(one._1(), (SubqueryAlias) put(one._2(), datasets, now), one._3()));
        }
        return new UnresolvedWith(with.child(), seq(named), with.allowRecursion());
    }

    private static <T> Seq<T> seq(List<T> items) {
        return CollectionConverters.asScala(items).toSeq();
    }

    private static void walk(LogicalPlan node, Consumer<LogicalPlan> visit, Consumer<Expression> expressions) {
        visit.accept(node);
        CollectionConverters.asJava(node.children()).forEach(child -> walk(child, visit, expressions));
        if (node instanceof UnresolvedWith with) {
            CollectionConverters.asJava(with.cteRelations()).forEach(one -> walk(one._2(), visit, expressions));
        }
        for (Expression expression : CollectionConverters.asJava(node.expressions())) {
            expressions.accept(expression);
            subqueries(expression, visit, expressions);
        }
    }

    private static void subqueries(Expression node, Consumer<LogicalPlan> visit, Consumer<Expression> expressions) {
        if (node instanceof PlanExpression<?> subquery && subquery.plan() instanceof LogicalPlan inner) {
            walk(inner, visit, expressions);
        }
        CollectionConverters.asJava(node.children()).forEach(child -> subqueries(child, visit, expressions));
    }
}
