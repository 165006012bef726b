package dev.lastgood.judge;

import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Places;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.Allow;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.OnNull;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Sql;
import dev.lastgood.rule.Tolerance;
import dev.lastgood.spark.Shape;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;

/**
 * The built-in rule {@code type}: a value that is there fits the type in which the rules see it. Without it such a value
 * would be NULL to all of them, and no rule would say so. Its columns read, beside those of every compiled rule,
 * {@link #MISFITS_AFTER} and {@link #MISFITS_BEFORE}, made by {@link #misfits}.
 */
public final class FitsType {
    public static final String MISFITS_AFTER = "_misfits_after";
    public static final String MISFITS_BEFORE = "_misfits_before";

    /** What the id of no rule in a file begins with; the name of the dataset follows. */
    private static final String PREFIX = "type:";

    private static final String SENTENCE = "every value fits its type";

    private FitsType() {}

    /** The rule for a dataset of that shape; empty if everything fits in it. */
    public static Optional<CompiledRule> of(String dataset, Shape shape) {
        if (!shape.mayMisfit()) {
            return Optional.empty();
        }
        Places places = Places.of(new SourceFile("built-in", SENTENCE).place(0, SENTENCE.length()));
        Rule rule = new Rule(
                PREFIX + dataset,
                dataset,
                new Constraint.Assert(new Sql(SENTENCE, places.whole())),
                null,
                Severity.ERROR,
                Allow.NONE,
                Tolerance.NONE,
                OnNull.FAIL,
                null,
                null,
                List.of(),
                List.of(),
                false,
                true,
                List.of(),
                List.of(),
                places);
        return Optional.of(new CompiledRule(
                rule,
                CompiledRule.Kind.RECORD,
                code(AFTER, MISFITS_AFTER),
                code(BEFORE, MISFITS_BEFORE),
                elements(MISFITS_AFTER),
                elements(MISFITS_BEFORE),
                null,
                shape.fieldNames().stream().map(FieldPath::of).toList(),
                List.of()));
    }

    /** By the number of a field in the view. */
    private static Column elements(String misfits) {
        Column all =
                transform(col(misfits), (code, field) -> struct(array(field).alias("at"), code.alias("code")));
        return filter(all, one -> one.getField("code").notEqual(Code.TRUE.number()));
    }

    private static Column code(String side, String misfits) {
        return when(col(side).isNull(), lit(Code.OUTSIDE.number()))
                .when(col(misfits).isNull(), lit(Code.TRUE.number()))
                .otherwise(lit(Code.FALSE.number()));
    }

    /**
     * Of the stored columns under that prefix the codes of all fields, in the order of the view: those FALSE that do not
     * fit. NULL if all do; empty if it is the record as a whole that does not.
     */
    public static Column misfits(Shape shape, String prefix) {
        return shape.misfits(prefix, Code.TRUE.number(), Code.FALSE.number());
    }

    /** Whether this is the id of a built-in rule. */
    public static boolean is(String rule) {
        return rule.startsWith(PREFIX);
    }

    /** Whether a column that holds the id of a rule holds one of a built-in rule. */
    public static Column is(Column rule) {
        return rule.startsWith(PREFIX);
    }
}
