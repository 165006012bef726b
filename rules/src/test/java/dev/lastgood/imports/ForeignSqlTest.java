package dev.lastgood.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.imports.ForeignSql.Dialect;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignSqlTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a  >  1                      | a > 1
                    a > 1 -- a comment           | a > 1
                    a /* ; */ > 1;               | a > 1
                    a = ';--' and b = `x;y`      | a = ';--' and b = `x;y`
                    d >= current_date            | d >= cast(now() as date)
                    d >= CURRENT_DATE() - 1      | d >= cast(now() as date) - 1
                    count( * )>1                 | count( * )>1
                    """)
    void sql_becomes_one_line_without_comments(String written, String text) {
        ForeignSql sql = ForeignSql.of(written, Dialect.ANY);

        assertThat(sql.objectionAsSentence()).isEmpty();
        assertThat(sql.text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = {{ var('x') }}",
                "{% if x %} a {% endif %}",
                "a {# b #}",
                " ref('orders') ",
                "var('x')",
                "a = 'x",
                "a = `x",
                "(a",
                "a) or (b",
                "a /* b",
                "",
                "-- nothing",
                "a; b",
                "a > {limit}",
                "a in (select b from c)",
                "sum(a) over (partition by b)",
                "\"a\" = 1",
                "a = 'x\\'"
            })
    void what_cannot_be_taken_over_is_objected_to(String written) {
        assertThat(ForeignSql.of(written, Dialect.ANY).objectionAsSentence()).isPresent();
    }

    @Test
    void spark_has_no_doubt_about_quotes_and_backslashes() {
        assertThat(ForeignSql.of("a = \"x\" and b = 'c\\'d'", Dialect.SPARK).objectionAsSentence())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"count(*) > 1", "a > AVG (b)", "coalesce(max(a), 0) = 1"})
    void a_function_of_many_records_is_seen(String written) {
        assertThat(ForeignSql.of(written, Dialect.ANY).aggregates()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"count > 1", "summary(a) = 1", "a > 'count(*)'"})
    void other_words_are_no_such_function(String written) {
        assertThat(ForeignSql.of(written, Dialect.ANY).aggregates()).isFalse();
    }

    @Test
    void a_query_of_one_table_is_taken_apart() {
        assertThat(select("select count(*) as n from `db`.orders where orders.total > 1 and x.orders.y = 'from'"))
                .contains(new SimpleSelect("count(*)", 1, "orders", "total > 1 and x.orders.y = 'from'"));
        assertThat(select("SELECT a, max(b, c) FROM orders"))
                .contains(new SimpleSelect("a, max(b, c)", 2, "orders", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select distinct a from b",
                "select a from b c",
                "select a from b, c",
                "select a from b where",
                "select a from b where c group by d",
                "select a from b order by c",
                "select a from b limit 1",
                "select a from b union all select c from d",
                "select a from (select b from c)",
                "select a from b where c in (select d from e)",
                "select (select 1) from b",
                "select a",
                "select from b",
                "with x as (y) select a from b",
                "delete from b"
            })
    void any_other_query_is_not(String written) {
        assertThat(select(written)).isEmpty();
    }

    private static Optional<SimpleSelect> select(String written) {
        return SimpleSelect.of(ForeignSql.of(written, Dialect.SPARK).words());
    }
}
