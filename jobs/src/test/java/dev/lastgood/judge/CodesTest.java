package dev.lastgood.judge;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Compiled;
import dev.lastgood.SparkForTests;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith({SparkForTests.class, Compiled.class})
class CodesTest {
    /** True, false, NULL or an error, depending on the record; in another order for each rule. */
    private static List<Column> codes(int rules) {
        return IntStream.range(0, rules)
                .mapToObj(i -> parsed(
                        "case (n + %d) %% 5 when 1 then false when 2 then null when 3 then 1 / (n - n) > 0 else true end"
                                .formatted(i)))
                .map(sentence -> Catalyst.code(sentence.column()))
                .toList();
    }

    private static Catalyst parsed(String sentence) {
        try {
            return Catalyst.parse(sentence);
        } catch (ParseException e) {
            throw new IllegalArgumentException(sentence, e);
        }
    }

    private static Code expected(long n, int rule) {
        return switch ((int) ((n + rule) % 5)) {
            case 1 -> Code.FALSE;
            case 2 -> Code.UNKNOWN;
            case 3 -> Code.ERROR;
            default -> Code.TRUE;
        };
    }

    private static void requireExact(SparkSession spark, int rules) {
        Dataset<Row> numbers = spark.range(20).toDF("n").repartition(1);

        List<Row> rows = numbers.select(col("n"), Codes.of(codes(rules)).alias("codes"))
                .select(col("n"), col("codes"), Codes.accuse(col("codes")))
                .collectAsList();

        assertThat(rows).hasSize(20);
        for (Row row : rows) {
            byte[] codes = row.getAs(1);
            List<Code> found = new ArrayList<>();
            List<Code> expected = new ArrayList<>();
            for (int i = 0; i < rules; i++) {
                found.add(Codes.at(codes, i));
                expected.add(expected(row.getLong(0), i));
            }
            assertThat(found).isEqualTo(expected);
            assertThat(row.getBoolean(2)).isEqualTo(expected.stream().anyMatch(code -> code != Code.TRUE));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 99, 100, 2_000})
    void each_rule_has_its_code_however_many_there_are(int rules, SparkSession spark) {
        requireExact(spark, rules);
    }

    @Test
    void they_are_the_same_where_nothing_is_compiled(SparkSession spark) {
        SparkSession interpreted = spark.newSession();
        interpreted.conf().set("spark.sql.ansi.enabled", "true");
        interpreted.conf().set("spark.sql.codegen.wholeStage", "false");
        interpreted.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");

        requireExact(interpreted, 7);
    }

    @Test
    void a_record_that_a_rule_is_not_about_is_not_accused_by_it(SparkSession spark) {
        Column outside = org.apache.spark.sql.functions.lit(Code.OUTSIDE.number());

        Row row = spark.range(1)
                .select(Codes.of(List.of(outside)).alias("codes"))
                .select(col("codes"), Codes.accuse(col("codes")))
                .head();

        assertThat(Codes.at(row.getAs(0), 0)).isEqualTo(Code.OUTSIDE);
        assertThat(row.getBoolean(1)).isFalse();
    }
}
