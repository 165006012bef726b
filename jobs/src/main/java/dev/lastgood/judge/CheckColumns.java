package dev.lastgood.judge;

import static org.apache.spark.sql.functions.lit;

import dev.lastgood.path.Literal;
import dev.lastgood.rule.Check;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.TypedText;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;

/** One check as a sentence about a value. */
final class CheckColumns implements Check.Visitor<Column> {
    private final Column value;
    private final DataType type;

    CheckColumns(Column value, DataType type) {
        this.value = value;
        this.type = type;
    }

    /** All checks together, of a value. */
    static Column all(List<Check> checks, Column value, DataType type) {
        return checks.stream()
                .map(check -> check.accept(new CheckColumns(value, type)))
                .reduce(Column::and)
                .orElse(lit(true));
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
