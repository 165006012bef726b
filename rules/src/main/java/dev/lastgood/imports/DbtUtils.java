package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the generic tests of dbt_utils mean.
 *
 * @see <a href="https://github.com/dbt-labs/dbt-utils/tree/main/macros/generic_tests">their SQL</a>
 */
final class DbtUtils {

    /** Tests that no rule is like, and why. */
    private static final Map<String, String> UNTRANSLATED = Map.of(
            "sequential_values", DbtParts.ORDER,
            "mutually_exclusive_ranges", "it compares each record with the next one; 'deny' compares pairs",
            "equality", DbtParts.TWO,
            "equal_rowcount", DbtParts.TWO,
            "fewer_rows_than", DbtParts.TWO,
            "cardinality_equality", DbtParts.TWO);

    private static final Condition.Nulls PASS = Condition.Nulls.PASS;
    private static final Condition.Nulls FAIL = Condition.Nulls.FAIL;

    private final DbtArguments arguments;
    private final DbtParts parts;

    DbtUtils(DbtArguments arguments) {
        this.arguments = arguments;
        this.parts = new DbtParts(arguments);
    }

    /** What the test of that name claims. */
    List<DbtClaim> claims(String test) throws Untranslatable {
        String why = UNTRANSLATED.get(test);
        if (why != null) {
            throw new Untranslatable(why);
        }
        return switch (test) {
            case "unique_combination_of_columns" -> combination();
            case "expression_is_true" -> expression();
            case "accepted_range" -> parts.between(arguments.truth("inclusive", true));
            case "not_null_proportion" -> proportion();
            case "not_constant" -> notConstant();
            case "at_least_one" -> atLeastOne();
            case "relationships_where" -> relationshipsWhere();
            case "recency" -> recency();
            case "not_accepted_values" -> notAccepted();
            case "not_empty_string" -> notEmpty();
            default -> throw new Untranslatable(DbtParts.PROJECT);
        };
    }

    private List<DbtClaim> combination() throws Untranslatable {
        boolean quoted = arguments.truth("quote_columns", false);
        return List.of(new DbtClaim.Unique(arguments.columns("combination_of_columns", quoted), DbtParts.MORE_NULLS));
    }

    /** Under a column, the expression is what stands after its name. */
    private List<DbtClaim> expression() throws Untranslatable {
        String expression = arguments.required("expression");
        Optional<FieldPath> column = arguments.subjectColumn();
        String text =
                column.map(field -> SqlText.path(field) + " " + expression).orElse(expression);
        DbtClaim claim = new DbtClaim.OfRecords(Condition.of(arguments.sentence(text), PASS));
        Optional<String> condition = arguments.sql("condition");
        return List.of(
                condition.<DbtClaim>map(sql -> new DbtClaim.Where(claim, sql)).orElse(claim));
    }

    private List<DbtClaim> proportion() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        Condition required = Condition.required(arguments.column());
        Range atLeast = Range.atLeast(arguments.requiredNumber("at_least"));
        Optional<Range> atMost = arguments.number("at_most").map(Range::atMost);
        Demand share = atMost.map(atLeast::both).orElse(atLeast);
        return List.of(new DbtClaim.OfShare(required, share));
    }

    private List<DbtClaim> notConstant() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        var distinct = Measure.whole("count(distinct %s)".formatted(parts.columnSql()));
        return List.of(new DbtClaim.OfNumber(distinct, new Demand.Not(Range.exactly(BigDecimal.ONE)), FAIL));
    }

    private List<DbtClaim> atLeastOne() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        var count = Measure.whole("count(%s)".formatted(parts.columnSql()));
        return List.of(new DbtClaim.OfNumber(count, Range.atLeast(BigDecimal.ONE), FAIL));
    }

    private List<DbtClaim> relationshipsWhere() throws Untranslatable {
        String to = arguments.text("to_condition").orElse("1=1");
        if (!to.replace(" ", "").equals("1=1")) {
            throw new Untranslatable("it narrows the parents: write 'join' with the condition in 'on'");
        }
        Optional<String> from = arguments.sql("from_condition");
        DbtClaim refers = parts.refers();
        return List.of(from.filter(sql -> !sql.replace(" ", "").equals("1=1"))
                .<DbtClaim>map(sql -> new DbtClaim.Where(refers, sql))
                .orElse(refers));
    }

    private List<DbtClaim> recency() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        String newest = "max(%s)".formatted(SqlText.path(arguments.column("field")));
        String oldest = "now() - " + arguments.interval();
        boolean days = arguments.truth("ignore_time_component", false);
        return List.of(new DbtClaim.Holds(
                days
                        ? "cast(%s as date) >= cast(%s as date)".formatted(newest, oldest)
                        : "%s >= %s".formatted(newest, oldest)));
    }

    private List<DbtClaim> notAccepted() throws Untranslatable {
        FieldPath column = arguments.column();
        Condition condition = Condition.notIn(column, arguments.values("values", "quote"), PASS);
        return List.of(new DbtClaim.OfValues(column, condition));
    }

    private List<DbtClaim> notEmpty() throws Untranslatable {
        FieldPath column = arguments.column();
        return DbtParts.records(
                arguments.truth("trim_whitespace", true)
                        ? Condition.of("trim(%s) <> ''".formatted(SqlText.path(column)), PASS)
                        : Condition.notIn(column, List.of(Literal.text("")), PASS));
    }
}
