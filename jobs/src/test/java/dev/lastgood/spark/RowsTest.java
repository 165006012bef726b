package dev.lastgood.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SparkForTests.class)
class RowsTest {

    private static List<Image> images(SparkSession spark, List<Row> rows, StructType type) {
        return spark.createDataFrame(rows, type).collectAsList().stream()
                .map(Rows::image)
                .toList();
    }

    @Test
    void a_record_comes_back_from_spark_as_it_went_in(SparkSession spark) {
        Random random = new Random(3);
        StructType type = RandomTypes.everySimpleType();
        for (int i = 0; i < 10; i++) {
            type = type.add("nested " + i, new RandomTypes(random).struct(3));
        }
        RandomTypes types = new RandomTypes(random);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            rows.add(types.row(type));
        }

        List<Image> images = images(spark, rows, type);
        Shape shape = Shape.of(type);
        List<Image> again = images(spark, images.stream().map(shape::row).toList(), type);

        assertThat(again).isEqualTo(images);
    }

    @Test
    void every_type_has_its_kind(SparkSession spark) {
        StructType type = StructType.fromDDL("b byte, s short, i int, l long, d decimal(38,10), f float, r double,"
                + " t string, x binary, o boolean, day date, at timestamp, local timestamp_ntz, a array<int>,"
                + " m map<string,int>, st struct<x:int>, n void");
        Row row = RowFactory.create(
                (byte) -1,
                (short) 2,
                3,
                4L,
                new BigDecimal("5.5000000000"),
                0.5f,
                -0.0,
                "x",
                new byte[] {1},
                true,
                LocalDate.of(1500, 1, 1),
                Instant.parse("1500-01-01T00:00:00.000001Z"),
                LocalDateTime.of(1500, 1, 1, 0, 0, 0, 1000),
                Arrays.asList(1, null),
                Map.of("k", 1),
                RowFactory.create(1),
                null);

        assertThat(images(spark, List.of(row), type))
                .containsExactly(Image.of(Map.ofEntries(
                        Map.entry("b", Value.of(-1)),
                        Map.entry("s", Value.of(2)),
                        Map.entry("i", Value.of(3)),
                        Map.entry("l", Value.of(4)),
                        Map.entry("d", Value.number("5.5")),
                        Map.entry("f", new Value.Real(0.5)),
                        Map.entry("r", new Value.Real(0.0)),
                        Map.entry("t", Value.of("x")),
                        Map.entry("x", new Value.Bytes(new byte[] {1})),
                        Map.entry("o", Value.of(true)),
                        Map.entry("day", new Value.Day(LocalDate.of(1500, 1, 1))),
                        Map.entry("at", new Value.Moment(Instant.parse("1500-01-01T00:00:00.000001Z"))),
                        Map.entry("local", new Value.LocalMoment(LocalDateTime.of(1500, 1, 1, 0, 0, 0, 1000))),
                        Map.entry("a", new Value.Array(List.of(Value.of(1), Value.NULL))),
                        Map.entry("m", Value.Obj.of(Map.of("k", Value.of(1)))),
                        Map.entry("st", Value.Obj.of(Map.of("x", Value.of(1)))),
                        Map.entry("n", Value.NULL))));
    }

    @Test
    void infinity_lies_beyond_all_other_times(SparkSession spark) {
        StructType type = StructType.fromDDL("day date, at timestamp, local timestamp_ntz");
        List<Image> infinite = List.of(
                Image.of(
                        Map.of("day", Value.of("infinity"), "at", Value.of("infinity"), "local", Value.of("infinity"))),
                Image.of(Map.of(
                        "day", Value.of("-infinity"), "at", Value.of("-infinity"), "local", Value.of("-infinity"))));
        var frame = spark.createDataFrame(
                infinite.stream().map(image -> Rows.row(image, type)).toList(), type);

        assertThat(frame.collectAsList().stream().map(Rows::image)).isEqualTo(infinite);
        assertThat(frame
                        .where("day > date'9999-12-31' and at > timestamp'9999-12-31' and local >"
                                + " timestamp_ntz'9999-12-31'")
                        .collectAsList()
                        .stream()
                        .map(Rows::image))
                .containsExactly(infinite.get(0));
    }

    private static void assertUnfit(Value value, DataType type, String message) {
        assertThatThrownBy(() -> Rows.object(value, type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void what_does_not_fit_a_type_is_not_bent_to_it() {
        assertUnfit(Value.of(128), DataTypes.ByteType, "a number does not fit tinyint");
        assertUnfit(Value.of(32768), DataTypes.ShortType, "a number does not fit smallint");
        assertUnfit(Value.number("2147483648"), DataTypes.IntegerType, "a number does not fit int");
        assertUnfit(Value.number("9223372036854775808"), DataTypes.LongType, "a number does not fit bigint");
        assertUnfit(Value.number("0.5"), DataTypes.LongType, "a number does not fit bigint");
        assertUnfit(Value.number("0.005"), DataTypes.createDecimalType(5, 2), "a number does not fit decimal(5,2)");
        assertUnfit(Value.number("1000"), DataTypes.createDecimalType(5, 2), "a number does not fit decimal(5,2)");
        assertUnfit(Value.number("1e400"), DataTypes.createDecimalType(38, 0), "a number does not fit decimal(38,0)");
        assertUnfit(Value.of(1), DataTypes.DoubleType, "a number does not fit double");
        assertUnfit(Value.of(1), DataTypes.StringType, "a number does not fit string");
        assertUnfit(new Value.Real(0.1), DataTypes.FloatType, "a value of kind Real is no float");
        assertUnfit(new Value.Real(1), DataTypes.LongType, "a value of kind Real is no bigint");
        assertUnfit(Value.of("1"), DataTypes.LongType, "a value of kind Text is no bigint");
        assertUnfit(Value.of("half \ud83d"), DataTypes.StringType, "a value of kind Text is no string");
        assertUnfit(new Value.Array(List.of()), DataTypes.StringType, "a value of kind Array is no string");
        assertUnfit(Value.of("infinity"), DataTypes.DoubleType, "a value of kind Text is no double");
    }

    @Test
    void every_number_that_fits_a_type_is_held_in_it() {
        assertThat(Rows.object(Value.number("-1.28e2"), DataTypes.ByteType)).isEqualTo(Byte.MIN_VALUE);
        assertThat(Rows.object(Value.number("1.00"), DataTypes.createDecimalType(3, 2)))
                .isEqualTo(new BigDecimal("1.00"));
        assertThat(Rows.object(Value.of(0), DataTypes.createDecimalType(2, 2))).isEqualTo(new BigDecimal("0.00"));
        assertThat(Rows.object(new Value.Real(Double.NaN), DataTypes.FloatType)).isEqualTo(Float.NaN);
    }

    @Test
    void types_without_a_canonical_form_are_known() {
        assertThat(Rows.supports(RandomTypes.everySimpleType())).isTrue();
        assertThat(Rows.supports(DataTypes.VariantType)).isFalse();
        assertThat(Rows.supports(DataTypes.CalendarIntervalType)).isFalse();
        assertThat(Rows.supports(DataTypes.createDayTimeIntervalType())).isFalse();
        assertThat(Rows.supports(new MapType(DataTypes.IntegerType, DataTypes.IntegerType, true)))
                .isFalse();
        assertThat(Rows.supports(new ArrayType(DataTypes.VariantType, true))).isFalse();
        assertThat(Rows.supports(new StructType().add("v", DataTypes.VariantType)))
                .isFalse();
    }
}
