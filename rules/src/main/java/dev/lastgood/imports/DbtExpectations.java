package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the commoner tests of dbt_expectations mean.
 *
 * @see <a href="https://github.com/calogica/dbt-expectations/tree/main/macros/schema_tests">their SQL</a>
 */
final class DbtExpectations {

    private static final String FIELDS = "it is about which fields there are, or their types";

    /** Tests that no rule is like, and why. */
    private static final Map<String, String> UNTRANSLATED = Map.ofEntries(
            Map.entry("expect_column_values_to_be_increasing", DbtParts.ORDER),
            Map.entry("expect_column_values_to_be_decreasing", DbtParts.ORDER),
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
            Map.entry("expect_table_row_count_to_equal_other_table", DbtParts.TWO),
            Map.entry("expect_table_row_count_to_equal_other_table_times_factor", DbtParts.TWO),
            Map.entry("expect_table_aggregation_to_equal_other_table", DbtParts.TWO),
            Map.entry("expect_column_distinct_count_to_equal_other_table", DbtParts.TWO),
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
    private final DbtParts parts;

    DbtExpectations(DbtArguments arguments) {
        this.arguments = arguments;
        this.parts = new DbtParts(arguments);
    }

    /** What the test of that name claims. */
    List<DbtClaim> claims(String test) throws Untranslatable {
        String why = UNTRANSLATED.get(test);
        if (why != null) {
            throw new Untranslatable(why);
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
            case "expect_column_values_to_not_be_null" -> DbtParts.records(Condition.required(arguments.column()));
            case "expect_column_values_to_be_null" -> DbtParts.records(Condition.isNull(arguments.column()));
            case "expect_column_values_to_be_unique" -> List.of(new DbtClaim.Unique(List.of(arguments.column()), null));
            case "expect_column_values_to_be_between" -> parts.between(!arguments.truth("strictly", false));
            case "expect_column_values_to_be_in_set" ->
                DbtParts.records(Condition.in(arguments.column(), arguments.values("value_set", "quote_values"), FAIL));
            case "expect_column_values_to_not_be_in_set" ->
                DbtParts.records(
                        Condition.notIn(arguments.column(), arguments.values("value_set", "quote_values"), PASS));
            case "expect_column_distinct_values_to_be_in_set" -> parts.values(FAIL, "value_set", "quote_values");
            case "expect_column_distinct_values_to_contain_set" -> List.of(contains());
            case "expect_column_distinct_values_to_equal_set" ->
                List.of(parts.values(FAIL, "value_set", "quote_values").get(0), contains());
            case "expect_column_value_lengths_to_equal" ->
                DbtParts.records(
                        Condition.length(arguments.column(), Range.exactly(arguments.requiredNumber("value")), PASS));
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
        return DbtParts.records(bounds.range()
                .map(range -> Condition.length(column, range, PASS))
                .orElseGet(() -> Condition.of(bounds.sql(length), PASS)));
    }

    private List<DbtClaim> pair() throws Untranslatable {
        return pair(arguments.truth("or_equal", false) ? ">=" : ">");
    }

    private List<DbtClaim> pair(String sign) throws Untranslatable {
        String one = arguments.sentence(arguments.required("column_A"));
        String other = arguments.sentence(arguments.required("column_B"));
        return DbtParts.records(Condition.of("%s %s %s".formatted(one, sign, other), PASS));
    }

    private List<DbtClaim> compound() throws Untranslatable {
        List<FieldPath> columns = arguments.columns("column_list", arguments.truth("quote_columns", false));
        String ignored = arguments.text("ignore_row_if").orElse("all_values_are_missing");
        boolean any = ignored.equals("any_value_is_missing") || columns.size() == 1;
        return List.of(new DbtClaim.Unique(columns, any ? null : DbtParts.MORE_NULLS));
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
        String column = parts.columnSql();
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
                : DbtParts.records(Condition.of(expression, PASS));
    }

    // ---- patterns

    private List<DbtClaim> matching(String test) throws Untranslatable {
        boolean regex = test.contains("regex");
        boolean list = test.endsWith("_list");
        String kind = regex ? "regex" : "like_pattern";
        boolean not = test.equals("expect_column_values_to_not_match_" + kind + (list ? "_list" : ""));
        if (!not && !test.equals("expect_column_values_to_match_" + kind + (list ? "_list" : ""))) {
            throw new Untranslatable(DbtParts.PROJECT);
        }
        String column = parts.columnSql();
        String flags = regex ? flags() : "";
        boolean raw = regex && arguments.truth("is_raw", false);
        List<String> patterns = list ? arguments.texts(kind + "_list") : List.of(arguments.required(kind));
        boolean all = list && arguments.text("match_on").orElse("any").equals("all");
        StringBuilder sql = new StringBuilder();
        for (String pattern : patterns) {
            String one = regex ? regex(column, flags, raw, pattern) : like(column, pattern);
            sql.append(sql.length() == 0 ? "" : all ? " and " : " or ").append(not ? "not (" + one + ")" : one);
        }
        return DbtParts.records(Condition.of(sql.toString(), PASS));
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
            default -> throw new Untranslatable(DbtParts.PROJECT);
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
        return List.of(
                new DbtClaim.OfNumber(Measure.whole("count(distinct %s)".formatted(parts.columnSql())), demand, FAIL));
    }

    private List<DbtClaim> measured(String aggregate, boolean whole) throws Untranslatable {
        String sql = aggregate.formatted(parts.columnSql());
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
