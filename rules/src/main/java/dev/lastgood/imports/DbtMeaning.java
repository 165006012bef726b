package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What generic tests of dbt, dbt_utils and dbt_expectations mean, read off the SQL they run. Most of that looks for records
 * of which something is false, so that a null passes.
 */
final class DbtMeaning {

    static final String PROJECT = "it is a generic test of the project or a package, whose SQL stands elsewhere";

    private static final String ORDER = "it compares each record with the one before it";
    private static final String TWO = "it compares two datasets as a whole";
    private static final String FIELDS = "it is about which fields there are, or their types";

    private static final String MORE_NULLS =
            "Records with the same null in a field are alike there, and take no part here.";

    private static final Map<String, String> UTILS = Map.of(
            "sequential_values", ORDER,
            "mutually_exclusive_ranges", "it compares each record with the next one; 'deny' compares pairs",
            "equality", TWO,
            "equal_rowcount", TWO,
            "fewer_rows_than", TWO,
            "cardinality_equality", TWO);

    private static final Map<String, String> EXPECTATIONS = Map.ofEntries(
            Map.entry("expect_column_values_to_be_increasing", ORDER),
            Map.entry("expect_column_values_to_be_decreasing", ORDER),
            Map.entry("expect_column_to_exist", FIELDS),
            Map.entry("expect_table_column_count_to_equal", FIELDS),
            Map.entry("expect_table_column_count_to_be_between", FIELDS),
            Map.entry("expect_table_column_count_to_equal_other_table", FIELDS),
            Map.entry("expect_table_columns_to_contain_set", FIELDS),
            Map.entry("expect_table_columns_to_not_contain_set", FIELDS),
            Map.entry("expect_table_columns_to_match_set", FIELDS),
            Map.entry("expect_table_columns_to_match_ordered_list", FIELDS),
            Map.entry("expect_column_values_to_be_of_type", FIELDS),
            Map.entry("expect_column_values_to_be_in_type_list", FIELDS),
            Map.entry("expect_table_row_count_to_equal_other_table", TWO),
            Map.entry("expect_table_row_count_to_equal_other_table_times_factor", TWO),
            Map.entry("expect_table_aggregation_to_equal_other_table", TWO),
            Map.entry("expect_column_distinct_count_to_equal_other_table", TWO),
            Map.entry("expect_column_most_common_value_to_be_in_set", "the most common value may be several"),
            Map.entry("expect_column_pair_values_to_be_in_set", "it lists pairs of values: write it as 'assert'"),
            Map.entry("expect_column_values_to_have_consistent_casing", "it compares values that differ in case only"),
            Map.entry(
                    "expect_select_column_values_to_be_unique_within_record",
                    "it compares several fields of a record by their digests: write it as 'assert'"),
            Map.entry("expect_column_values_to_be_within_n_stdevs", "it compares each value with all others"),
            Map.entry("expect_column_values_to_be_within_n_moving_stdevs", "it compares each value with all others"),
            Map.entry("expect_row_values_to_have_data_for_every_n_datepart", "it looks for times without records"),
            Map.entry("expect_grouped_row_values_to_have_recent_data", "it looks at groups of records"));

    private static final Condition.Nulls PASS = Condition.Nulls.PASS;
    private static final Condition.Nulls FAIL = Condition.Nulls.FAIL;

    private final DbtArguments arguments;

    private DbtMeaning(DbtArguments arguments) {
        this.arguments = arguments;
    }

    /** What the test claims; several claims must all hold. */
    static List<DbtClaim> of(DbtTest test, DbtArguments arguments) throws Untranslatable {
        var meaning = new DbtMeaning(arguments);
        int dot = test.test().indexOf('.');
        String pack = dot < 0 ? "" : test.test().substring(0, dot);
        List<DbtClaim> claims = switch (pack) {
            case "", "dbt" -> meaning.core(test.shortName());
            case "dbt_utils" -> meaning.utils(test.shortName());
            case "dbt_expectations" -> meaning.expectations(test.shortName());
            default -> throw new Untranslatable(PROJECT);
        };
        arguments.done();
        return claims;
    }

    // ---- dbt

    private List<DbtClaim> core(String test) throws Untranslatable {
        return switch (test) {
            case "unique" -> List.of(new DbtClaim.Unique(List.of(arguments.column()), null));
            case "not_null" -> records(Condition.required(arguments.column()));
            case "accepted_values" -> values(PASS, "values", "quote");
            case "relationships" -> List.of(refers());
            default -> throw new Untranslatable(PROJECT);
        };
    }

    private DbtClaim refers() throws Untranslatable {
        return new DbtClaim.Refers(arguments.column(), arguments.dataset("to"), arguments.column("field"));
    }

    private static List<DbtClaim> records(Condition condition) {
        return List.of(new DbtClaim.OfRecords(condition));
    }

    private List<DbtClaim> values(Condition.Nulls nulls, String key, String quote) throws Untranslatable {
        FieldPath column = arguments.column();
        List<Literal> values = arguments.values(key, quote);
        return List.of(new DbtClaim.OfValues(column, Condition.in(column, values, nulls)));
    }

    // ---- dbt_utils

    private List<DbtClaim> utils(String test) throws Untranslatable {
        if (UTILS.containsKey(test)) {
            throw new Untranslatable(String.valueOf(UTILS.get(test)));
        }
        return switch (test) {
            case "unique_combination_of_columns" -> combination();
            case "expression_is_true" -> expression();
            case "accepted_range" -> between(arguments.truth("inclusive", true));
            case "not_null_proportion" -> proportion();
            case "not_constant" -> notConstant();
            case "at_least_one" -> atLeastOne();
            case "relationships_where" -> relationshipsWhere();
            case "recency" -> recency();
            case "not_accepted_values" -> notAccepted();
            case "not_empty_string" -> notEmpty();
            default -> throw new Untranslatable(PROJECT);
        };
    }

    private List<DbtClaim> combination() throws Untranslatable {
        boolean quoted = arguments.truth("quote_columns", false);
        return List.of(new DbtClaim.Unique(arguments.columns("combination_of_columns", quoted), MORE_NULLS));
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

    /** A field between bounds; a null passes. */
    private List<DbtClaim> between(boolean included) throws Untranslatable {
        FieldPath column = arguments.column();
        var bounds = arguments.bounds(included);
        return records(bounds.range()
                .map(range -> Condition.number(column, range, PASS))
                .orElseGet(() -> Condition.of(bounds.sql(SqlText.path(column)), PASS)));
    }

    private List<DbtClaim> proportion() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        Condition required = Condition.required(arguments.column());
        Range atLeast = Range.atLeast(arguments.requiredNumber("at_least"));
        Optional<Range> atMost = arguments.number("at_most").map(Range::atMost);
        Demand share = atMost.map(atLeast::both).orElse(atLeast);
        return List.of(new DbtClaim.OfShare(required, share));
    }

    private String columnSql() throws Untranslatable {
        return SqlText.path(arguments.column());
    }

    private List<DbtClaim> notConstant() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        var distinct = Measure.whole("count(distinct %s)".formatted(columnSql()));
        return List.of(new DbtClaim.OfNumber(distinct, new Demand.Not(Range.exactly(BigDecimal.ONE)), FAIL));
    }

    private List<DbtClaim> atLeastOne() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        var count = Measure.whole("count(%s)".formatted(columnSql()));
        return List.of(new DbtClaim.OfNumber(count, Range.atLeast(BigDecimal.ONE), FAIL));
    }

    private List<DbtClaim> relationshipsWhere() throws Untranslatable {
        String to = arguments.text("to_condition").orElse("1=1");
        if (!to.replace(" ", "").equals("1=1")) {
            throw new Untranslatable("it narrows the parents: write 'join' with the condition in 'on'");
        }
        Optional<String> from = arguments.sql("from_condition");
        DbtClaim refers = refers();
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
        return records(
                arguments.truth("trim_whitespace", true)
                        ? Condition.of("trim(%s) <> ''".formatted(SqlText.path(column)), PASS)
                        : Condition.notIn(column, List.of(Literal.text("")), PASS));
    }

    // ---- dbt_expectations

    private List<DbtClaim> expectations(String test) throws Untranslatable {
        if (EXPECTATIONS.containsKey(test)) {
            throw new Untranslatable(String.valueOf(EXPECTATIONS.get(test)));
        }
        Optional<String> where = arguments.sql("row_condition");
        List<DbtClaim> claims = expectation(test);
        return where.isEmpty()
                ? claims
                : claims.stream()
                        .<DbtClaim>map(claim -> new DbtClaim.Where(claim, where.get()))
                        .toList();
    }

    private List<DbtClaim> expectation(String test) throws Untranslatable {
        return switch (test) {
            case "expect_column_values_to_not_be_null" -> records(Condition.required(arguments.column()));
            case "expect_column_values_to_be_null" -> records(Condition.isNull(arguments.column()));
            case "expect_column_values_to_be_unique" -> List.of(new DbtClaim.Unique(List.of(arguments.column()), null));
            case "expect_column_values_to_be_between" -> between(!arguments.truth("strictly", false));
            case "expect_column_values_to_be_in_set" ->
                records(Condition.in(arguments.column(), arguments.values("value_set", "quote_values"), FAIL));
            case "expect_column_values_to_not_be_in_set" ->
                records(Condition.notIn(arguments.column(), arguments.values("value_set", "quote_values"), PASS));
            case "expect_column_distinct_values_to_be_in_set" -> values(FAIL, "value_set", "quote_values");
            case "expect_column_distinct_values_to_contain_set" -> List.of(contains());
            case "expect_column_distinct_values_to_equal_set" ->
                List.of(values(FAIL, "value_set", "quote_values").get(0), contains());
            case "expect_column_value_lengths_to_equal" ->
                records(Condition.length(arguments.column(), Range.exactly(arguments.requiredNumber("value")), PASS));
            case "expect_column_value_lengths_to_be_between" -> lengths();
            case "expect_column_pair_values_A_to_be_greater_than_B" -> pair();
            case "expect_column_pair_values_to_be_equal" -> pair("=");
            case "expect_compound_columns_to_be_unique" -> compound();
            case "expect_multicolumn_sum_to_equal" -> sum();
            case "expect_row_values_to_have_recent_data" -> recentData();
            case "expression_is_true" -> expectedExpression();
            default -> test.contains("_match_") ? matching(test) : aggregate(test);
        };
    }

    private DbtClaim contains() throws Untranslatable {
        FieldPath column = arguments.column();
        List<Literal> values = arguments.values("value_set", "quote_values");
        String name = SqlText.path(column);
        var found = Measure.whole("count(distinct if(%s in %s, %s, null))".formatted(name, SqlText.list(values), name));
        return new DbtClaim.OfNumber(found, Range.atLeast(BigDecimal.valueOf(values.size())), FAIL);
    }

    private List<DbtClaim> lengths() throws Untranslatable {
        FieldPath column = arguments.column();
        var bounds = arguments.bounds(!arguments.truth("strictly", false));
        String length = "length(%s)".formatted(SqlText.path(column));
        return records(bounds.range()
                .map(range -> Condition.length(column, range, PASS))
                .orElseGet(() -> Condition.of(bounds.sql(length), PASS)));
    }

    private List<DbtClaim> pair() throws Untranslatable {
        return pair(arguments.truth("or_equal", false) ? ">=" : ">");
    }

    private List<DbtClaim> pair(String sign) throws Untranslatable {
        String one = arguments.sentence(arguments.required("column_A"));
        String other = arguments.sentence(arguments.required("column_B"));
        return records(Condition.of("%s %s %s".formatted(one, sign, other), PASS));
    }

    private List<DbtClaim> compound() throws Untranslatable {
        List<FieldPath> columns = arguments.columns("column_list", arguments.truth("quote_columns", false));
        String ignored = arguments.text("ignore_row_if").orElse("all_values_are_missing");
        boolean any = ignored.equals("any_value_is_missing") || columns.size() == 1;
        return List.of(new DbtClaim.Unique(columns, any ? null : MORE_NULLS));
    }

    private List<DbtClaim> sum() throws Untranslatable {
        arguments.withoutGroups("group_by");
        String sums = String.join(
                " + ",
                arguments.columns("column_list", false).stream()
                        .map(column -> "sum(%s)".formatted(SqlText.path(column)))
                        .toList());
        String total = arguments.required("sum_total");
        Optional<BigDecimal> number = Numbers.read(total);
        return List.of(
                number.isPresent()
                        ? new DbtClaim.OfNumber(Measure.of(sums), Range.exactly(number.get()), PASS)
                        : new DbtClaim.OfNumber(
                                Measure.of("%s - sum(%s)".formatted(sums, arguments.sentence(total))),
                                Range.exactly(BigDecimal.ZERO),
                                PASS));
    }

    /** What lies in the future does not count as recent. */
    private List<DbtClaim> recentData() throws Untranslatable {
        String column = columnSql();
        DbtClaim recent = new DbtClaim.Holds("max(%s) >= now() - %s".formatted(column, arguments.interval()));
        return List.of(new DbtClaim.Where(recent, column + " <= now()"));
    }

    private List<DbtClaim> expectedExpression() throws Untranslatable {
        arguments.withoutGroups("group_by_columns");
        String test = arguments.text("test_condition").orElse("= true");
        if (!test.replace(" ", "").equalsIgnoreCase("=true")) {
            throw new Untranslatable("it compares its expression with something else than true");
        }
        String expression = arguments.sentence(arguments.required("expression"));
        return ForeignSql.of(expression, ForeignSql.Dialect.ANY).aggregates()
                ? List.of(new DbtClaim.Holds(PASS.good(expression)))
                : records(Condition.of(expression, PASS));
    }

    // ---- patterns

    private List<DbtClaim> matching(String test) throws Untranslatable {
        boolean regex = test.contains("regex");
        boolean list = test.endsWith("_list");
        String kind = regex ? "regex" : "like_pattern";
        boolean not = test.equals("expect_column_values_to_not_match_" + kind + (list ? "_list" : ""));
        if (!not && !test.equals("expect_column_values_to_match_" + kind + (list ? "_list" : ""))) {
            throw new Untranslatable(PROJECT);
        }
        String column = columnSql();
        String flags = regex ? flags() : "";
        boolean raw = regex && arguments.truth("is_raw", false);
        List<String> patterns = list ? arguments.texts(kind + "_list") : List.of(arguments.required(kind));
        boolean all = list && arguments.text("match_on").orElse("any").equals("all");
        StringBuilder sql = new StringBuilder();
        for (String pattern : patterns) {
            String one = regex ? regex(column, flags, raw, pattern) : like(column, pattern);
            sql.append(sql.length() == 0 ? "" : all ? " and " : " or ").append(not ? "not (" + one + ")" : one);
        }
        return records(Condition.of(sql.toString(), PASS));
    }

    /** Only that case does not matter is said in the same way everywhere. */
    private String flags() throws Untranslatable {
        String flags = arguments.text("flags").orElse("").toLowerCase(Locale.ROOT);
        if (!flags.isEmpty() && !flags.equals("i")) {
            throw new Untranslatable("what its flags mean depends on the database");
        }
        return flags.isEmpty() ? "" : "(?i)";
    }

    private static String regex(String column, String flags, boolean raw, String text) throws Untranslatable {
        if (!raw && text.contains("\\\\")) {
            throw new Untranslatable("what two backslashes in its pattern mean depends on the database");
        }
        var pattern = ForeignPattern.of(text);
        if (pattern.objection().isPresent()) {
            throw new Untranslatable(pattern.objection().get());
        }
        return "%s rlike %s".formatted(column, SqlText.text(flags + text));
    }

    private static String like(String column, String pattern) throws Untranslatable {
        if (pattern.contains("\\") || pattern.replace("''", "").contains("'")) {
            throw new Untranslatable("what a backslash or quote in its pattern means depends on the database");
        }
        return "%s like %s".formatted(column, SqlText.text(pattern.replace("''", "'")));
    }

    // ---- numbers

    private List<DbtClaim> aggregate(String test) throws Untranslatable {
        arguments.withoutGroups("group_by");
        return switch (test) {
            case "expect_table_row_count_to_equal" ->
                List.of(new DbtClaim.OfRows(Range.exactly(arguments.requiredNumber("value"))));
            case "expect_table_row_count_to_be_between" -> List.of(new DbtClaim.OfRows(rowBounds()));
            case "expect_column_distinct_count_to_equal" -> distinct(Range.exactly(value()));
            case "expect_column_distinct_count_to_be_greater_than" -> distinct(Range.above(value()));
            case "expect_column_distinct_count_to_be_less_than" -> distinct(Range.below(value()));
            case "expect_column_unique_value_count_to_be_between" -> measured("count(distinct %s)", true);
            case "expect_column_max_to_be_between" -> measured("max(%s)", false);
            case "expect_column_min_to_be_between" -> measured("min(%s)", false);
            case "expect_column_mean_to_be_between" -> measured("avg(%s)", false);
            case "expect_column_median_to_be_between" -> measured("median(%s)", false);
            case "expect_column_sum_to_be_between" -> measured("sum(%s)", false);
            case "expect_column_stdev_to_be_between" -> measured("stddev(%s)", false);
            case "expect_column_quantile_values_to_be_between" -> quantile();
            case "expect_column_proportion_of_unique_values_to_be_between" ->
                measured("count(distinct %1$s) / nullif(count(%1$s), 0)", false);
            default -> throw new Untranslatable(PROJECT);
        };
    }

    private BigDecimal value() throws Untranslatable {
        return arguments.requiredNumber("value");
    }

    private Demand rowBounds() throws Untranslatable {
        return arguments
                .bounds(!arguments.truth("strictly", false))
                .range()
                .orElseThrow(() -> new Untranslatable("its bounds are no numbers"));
    }

    private List<DbtClaim> distinct(Demand demand) throws Untranslatable {
        return List.of(new DbtClaim.OfNumber(Measure.whole("count(distinct %s)".formatted(columnSql())), demand, FAIL));
    }

    private List<DbtClaim> measured(String aggregate, boolean whole) throws Untranslatable {
        String sql = aggregate.formatted(columnSql());
        var bounds = arguments.bounds(!arguments.truth("strictly", false));
        return List.of(bounds.range()
                .<DbtClaim>map(range -> new DbtClaim.OfNumber(new Measure(sql, whole), range, whole ? FAIL : PASS))
                .orElseGet(() -> new DbtClaim.Holds(PASS.good(bounds.sql(sql)))));
    }

    private List<DbtClaim> quantile() throws Untranslatable {
        String quantile = Numbers.text(arguments.requiredNumber("quantile"));
        return measured("percentile(%s, " + quantile + ")", false);
    }
}
