package dev.lastgood.spark;

import java.util.Collection;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.QueryPlanningTracker;
import org.apache.spark.sql.catalyst.analysis.Analyzer;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.TableFunctionRegistry$;
import org.apache.spark.sql.catalyst.catalog.InMemoryCatalog;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.classic.ColumnNodeToExpressionConverter$;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.internal.SQLConf$;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's analyzer with Spark's built-in functions and the settings of every session, but without one: it knows types in
 * milliseconds where a session takes seconds to start.
 */
public final class Analysis {
    private static final FunctionRegistry FUNCTIONS = FunctionRegistry.builtin();

    private static final SQLConf CONF = conf();

    private static final Analyzer ANALYZER = new Analyzer(new SessionCatalog(
            new InMemoryCatalog(new SparkConf(false), new Configuration(false)),
            FUNCTIONS,
            TableFunctionRegistry$.MODULE$.builtin()));

    private Analysis() {}

    private static SQLConf conf() {
        SQLConf conf = new SQLConf();
        Sessions.meaning().forEach((name, value) -> {
            if (name.startsWith("spark.sql.")) {
                conf.setConfString(name, value);
            }
        });
        return conf;
    }

    /** Spark's built-in functions. */
    public static FunctionRegistry functions() {
        return FUNCTIONS;
    }

    /** The plan with every name and type resolved. Throws Spark's AnalysisException for what does not fit. */
    public static LogicalPlan analyzed(LogicalPlan plan) throws AnalysisException {
        return SQLConf$.MODULE$.withExistingConf(
                CONF, () -> ANALYZER.executeAndCheck(plan, new QueryPlanningTracker(Option.empty())));
    }

    /** A projection of a relation of these fields to the one column {@code _}, resolved. */
    public static LogicalPlan analyzed(StructType fields, Column column) throws AnalysisException {
        return analyzed(new Project(
                CollectionConverters.asScala(List.of(named(column))).toSeq(), LocalRelation$.MODULE$.apply(fields)));
    }

    /** The type of a column over these fields. */
    public static DataType type(StructType fields, Column column) throws AnalysisException {
        return analyzed(fields, column).schema().apply("_").dataType();
    }

    /** A column as the expression named {@code _}. */
    public static NamedExpression named(Column column) {
        Collection<String> none = List.of();
        return new Alias(
                tree(column),
                "_",
                NamedExpression.newExprId(),
                CollectionConverters.asScala(none).toSeq(),
                Option.empty(),
                CollectionConverters.asScala(none).toSeq());
    }

    /** The expression that a column is. */
    public static Expression tree(Column column) {
        // ExpressionUtils would wrap the column, and nobody could see the names in it.
        return ColumnNodeToExpressionConverter$.MODULE$.apply(column.node());
    }
}
