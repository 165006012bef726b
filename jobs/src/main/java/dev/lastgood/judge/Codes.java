package dev.lastgood.judge;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.udf;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodeBlock;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.expressions.codegen.FalseLiteral$;
import org.apache.spark.sql.catalyst.expressions.codegen.Inline;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The {@link Code codes} that any number of rules give one record, in one column of bytes: first 1 if one of them is a
 * finding or an error and 0 if not, then a byte a rule. A column a rule would not do: beyond a hundred Spark reads and
 * writes them row by row.
 *
 * <p>What many rules compile to is more than the JVM takes in one method, and what is compiled for a whole stage is one.
 * So this calls itself a fallback, which keeps it out of that; it compiles all the same, in as many methods as it needs.
 */
public final class Codes extends Expression implements CodegenFallback, Serializable {
    private static final long serialVersionUID = 1;

    private static final int LEAST = Code.FALSE.number();
    private static final int GREATEST = Code.ERROR.number();

    private final List<Expression> codes;

    private Codes(List<Expression> codes) {
        this.codes = new ArrayList<>(codes);
    }

    /** The codes given as numbers, in one column. */
    public static Column of(List<Column> codes) {
        return codes.isEmpty()
                ? lit(new byte[1])
                : ExpressionUtils.column(new Codes(
                        codes.stream().map(ExpressionUtils::expression).toList()));
    }

    /** Whether any of the codes in a column made by {@link #of} is a finding or an error. */
    public static Column accuse(Column codes) {
        return substring(codes, 1, 1).equalTo(lit(new byte[] {1}));
    }

    /** Whether one of the codes in such a column is that one. */
    public static Column is(Column codes, int rule, Code code) {
        // Bytes are counted from 1, and the first is no code.
        return substring(codes, rule + 2, 1).equalTo(lit(new byte[] {(byte) code.number()}));
    }

    /** A code in a value of such a column. */
    public static Code at(byte[] codes, int rule) {
        return Code.of(codes[rule + 1]);
    }

    /**
     * The codes of such a column with some of them as another such column has them.
     *
     * @param places which rules the other column is about, in its order
     */
    public static Column with(Column codes, Column others, List<Integer> places) {
        return udf(new With(places), DataTypes.BinaryType).apply(codes, others);
    }

    private record With(List<Integer> places) implements UDF2<byte[], byte[], byte[]> {
        @Override
        public byte[] call(byte[] codes, byte[] others) {
            byte[] bytes = codes.clone();
            for (int i = 0; i < places.size(); i++) {
                bytes[places.get(i) + 1] = others[i + 1];
            }
            bytes[0] = 0;
            for (int i = 1; i < bytes.length; i++) {
                bytes[0] |= (byte) (bytes[i] >= LEAST && bytes[i] <= GREATEST ? 1 : 0);
            }
            return bytes;
        }
    }

    @Override
    public Object eval(@Nullable InternalRow row) {
        byte[] bytes = new byte[codes.size() + 1];
        for (int i = 0; i < codes.size(); i++) {
            int code = (Integer) codes.get(i).eval(row);
            bytes[i + 1] = (byte) code;
            bytes[0] |= (byte) (code >= LEAST && code <= GREATEST ? 1 : 0);
        }
        return bytes;
    }

    @Override
    public ExprCode doGenCode(CodegenContext context, ExprCode ev) {
        String bytes = ev.value().toString();
        List<String> each = new ArrayList<>();
        for (int i = 0; i < codes.size(); i++) {
            ExprCode code = codes.get(i).genCode(context);
            each.add("%s%n%s[%d] = (byte) %s;%nif (%s >= %d && %s <= %d) { %s[0] = 1; }%n"
                    .formatted(
                            code.code(),
                            bytes,
                            i + 1,
                            code.value(),
                            code.value(),
                            LEAST,
                            code.value(),
                            GREATEST,
                            bytes));
        }
        String filled = context.splitExpressionsWithCurrentInputs(
                seq(each),
                "codes",
                seq(List.of(new Tuple2<>("byte[]", bytes))),
                context.splitExpressionsWithCurrentInputs$default$4(),
                context.splitExpressionsWithCurrentInputs$default$5(),
                context.splitExpressionsWithCurrentInputs$default$6());
        CodeBlock code = new CodeBlock(
                seq(List.of("byte[] ", " = new byte[" + (codes.size() + 1) + "];\n", "\n")),
                seq(List.of(ev.value(), new Inline(filled))));
        return ev.copy(code, FalseLiteral$.MODULE$, ev.value());
    }

    private static <T> Seq<T> seq(List<T> items) {
        return CollectionConverters.asScala(items).toSeq();
    }

    @Override
    public Seq<Expression> children() {
        return seq(codes);
    }

    @Override
    public DataType dataType() {
        return DataTypes.BinaryType;
    }

    @Override
    public boolean nullable() {
        return false;
    }

    @Override
    public Expression withNewChildrenInternal(scala.collection.immutable.IndexedSeq<Expression> children) {
        return new Codes(CollectionConverters.asJava(children));
    }

    @Override
    public String prettyName() {
        return "codes";
    }

    @Override
    public int productArity() {
        return 1;
    }

    @Override
    public Object productElement(int n) {
        return codes;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof Codes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Codes that && codes.equals(that.codes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Codes.class, codes);
    }
}
