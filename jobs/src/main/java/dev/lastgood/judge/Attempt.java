package dev.lastgood.judge;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.ConditionalExpression;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.Block;
import org.apache.spark.sql.catalyst.expressions.codegen.CodeBlock;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.expressions.codegen.FalseLiteral$;
import org.apache.spark.sql.catalyst.expressions.codegen.JavaCode;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The {@link Code} of a boolean sentence: 0 true, 1 false, 3 if it threw, and of NULL 2 or what NULL is to count as. It
 * never throws and never is NULL, and evaluates the sentence once.
 *
 * <p>Spark's own TryEval is not enough: around an expression that cannot be NULL, the optimizer of Spark 4.1 drops it, and
 * what is shared with another rule is evaluated outside of it. This one is a conditional expression none of whose inputs
 * is always evaluated, so nothing is moved out; and it has a type of its own, so nothing sees through it.
 */
final class Attempt extends Expression implements ConditionalExpression, Serializable {
    private static final long serialVersionUID = 1;

    private static final int TRUE = Code.TRUE.number();
    private static final int FALSE = Code.FALSE.number();
    private static final int ERROR = Code.ERROR.number();

    private final Expression sentence;
    private final int unknown;

    /** @param unknown what it is if the sentence is NULL */
    Attempt(Expression sentence, Code unknown) {
        this(sentence, unknown.number());
    }

    private Attempt(Expression sentence, int unknown) {
        this.sentence = sentence;
        this.unknown = unknown;
    }

    @Override
    public Seq<Expression> children() {
        return seq(sentence);
    }

    @Override
    public DataType dataType() {
        return DataTypes.IntegerType;
    }

    @Override
    public boolean nullable() {
        return false;
    }

    @Override
    public boolean foldable() {
        return false;
    }

    @Override
    public Object eval(@Nullable InternalRow row) {
        try {
            Object value = sentence.eval(row);
            return value == null ? unknown : (Boolean) value ? TRUE : FALSE;
        } catch (RuntimeException e) {
            return ERROR;
        }
    }

    @Override
    public ExprCode doGenCode(CodegenContext context, ExprCode ev) {
        ExprCode inner = sentence.genCode(context);
        String failure = context.freshName("failure");
        JavaCode value = ev.value();
        Block code = new CodeBlock(
                seq(
                        "int ",
                        " = " + ERROR + ";\ntry {\n",
                        "\n",
                        " = ",
                        " ? " + unknown + " : (",
                        " ? " + TRUE + " : " + FALSE + ");\n} catch (RuntimeException " + failure + ") {\n",
                        " = " + ERROR + ";\n}\n"),
                seq(value, inner.code(), value, inner.isNull(), inner.value(), value));
        return ev.copy(code, FalseLiteral$.MODULE$, ev.value());
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static <T> Seq<T> seq(T... items) {
        return CollectionConverters.asScala(List.of(items)).toSeq();
    }

    @Override
    public Seq<Expression> alwaysEvaluatedInputs() {
        return seq();
    }

    @Override
    public ConditionalExpression withNewAlwaysEvaluatedInputs(Seq<Expression> inputs) {
        return this;
    }

    @Override
    public Seq<Seq<Expression>> branchGroups() {
        return seq();
    }

    @Override
    public Expression withNewChildrenInternal(scala.collection.immutable.IndexedSeq<Expression> children) {
        return new Attempt(children.head(), unknown);
    }

    @Override
    public String prettyName() {
        return "code";
    }

    @Override
    public int productArity() {
        return 2;
    }

    @Override
    public Object productElement(int n) {
        return n == 0 ? sentence : unknown;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof Attempt;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Attempt that && unknown == that.unknown && sentence.equals(that.sentence);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Attempt.class, sentence, unknown);
    }
}
