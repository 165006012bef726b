package dev.lastgood.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkForTests.class)
class ShapeTest {

    @TempDir
    Path folder;

    private static Row row(@Nullable Object... cells) {
        return RowFactory.create(cells);
    }

    private static Dataset<Row> frame(SparkSession spark, Shape shape, Row... rows) {
        return spark.createDataFrame(List.of(rows), shape.stored());
    }

    /** What is seen of each record, and whether something of it is not. */
    private static List<String> seen(SparkSession spark, Shape shape, Row... rows) {
        return frame(spark, shape, rows).select(shape.view("").alias("v"), shape.misfits("")).collectAsList().stream()
                .map(row ->
                        (row.isNullAt(0) ? "no record" : Rows.value(row.get(0)).toString())
                                + (row.getBoolean(1) ? " misfit" : ""))
                .toList();
    }

    /** Images of the rows, after a check that they can be written back. */
    private static List<Image> images(SparkSession spark, Shape shape, Row... rows) {
        List<Image> images = frame(spark, shape, rows).collectAsList().stream()
                .map(shape::image)
                .toList();
        Row[] written = images.stream().map(shape::row).toArray(Row[]::new);
        assertThat(frame(spark, shape, written).collectAsList().stream().map(shape::image))
                .isEqualTo(images);
        return images;
    }

    private static Image image(String name, Value value) {
        return Image.of(Map.of(name, value));
    }

    // ---- exact numbers held as text

    private static Shape numbers() {
        return Shape.of(new StructType().add("n", DataTypes.StringType, true, Shape.number()));
    }

    @Test
    void a_number_too_large_for_spark_is_text_there_and_a_number_in_images(SparkSession spark) {
        String large = "1234567890123456789012345678901234567890.5";

        assertThat(images(spark, numbers(), row("1.5"), row(large), row("NaN"), row("-Infinity"), row((Object) null)))
                .containsExactly(
                        image("n", Value.number("1.5")),
                        image("n", Value.number(large)),
                        image("n", Value.of("NaN")),
                        image("n", Value.of("-Infinity")),
                        image("n", Value.NULL));
    }

    @Test
    void rules_see_a_number_held_as_text_as_a_number(SparkSession spark) {
        assertThat(seen(
                        spark,
                        numbers(),
                        row("12345678901234567890.5"),
                        row("0.000000000000000001"),
                        row("123456789012345678901"),
                        row("0.0000000000000000001"),
                        row("NaN"),
                        row((Object) null)))
                .containsExactly(
                        "{\"n\":12345678901234567890.500000000000000000}",
                        "{\"n\":1E-18}",
                        "{\"n\":null} misfit",
                        "{\"n\":null} misfit",
                        "{\"n\":null} misfit",
                        "{\"n\":null}");
    }

    @Test
    void that_a_text_holds_numbers_is_kept_in_parquet_files(SparkSession spark) {
        String path = folder.resolve("numbers").toString();
        frame(spark, numbers(), row("1.5")).write().parquet(path);

        assertThat(Shape.of(spark.read().parquet(path).schema())).isEqualTo(numbers());
    }

    @Test
    void only_numbers_are_written_where_numbers_are() {
        assertThat(numbers().row(image("n", Value.number("1e3"))).getString(0)).isEqualTo("1000");
        assertThatThrownBy(() -> numbers().row(image("n", Value.of(true))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a value of kind Bool is no exact number");
    }

    // ---- other types declared than stored

    @Test
    void a_declared_type_is_seen_and_the_text_is_kept(SparkSession spark) {
        Shape shape = new Shape(
                StructType.fromDDL("a string, b string"), StructType.fromDDL("a decimal(5,2), b date"), Set.of());

        assertThat(seen(spark, shape, row("1.50", "2020-02-29"), row("1.555", null), row(null, "yesterday")))
                .containsExactly(
                        "{\"a\":1.50,\"b\":\"2020-02-29\"}",
                        "{\"a\":null,\"b\":null} misfit",
                        "{\"a\":null,\"b\":null} misfit");
        assertThat(images(spark, shape, row("1.50", "2020-02-29")))
                .containsExactly(Image.of(Map.of("a", Value.of("1.50"), "b", Value.of("2020-02-29"))));
    }

    @Test
    void a_number_that_would_be_rounded_to_its_declared_type_is_not_seen(SparkSession spark) {
        Shape shape = new Shape(
                StructType.fromDDL("a decimal(10,4), b double, c timestamp_ntz"),
                StructType.fromDDL("a decimal(5,2), b int, c date"),
                Set.of());
        var midnight = java.time.LocalDateTime.of(2020, 2, 29, 0, 0);

        assertThat(seen(
                        spark,
                        shape,
                        row(new BigDecimal("1.5000"), 2.0, midnight),
                        row(new BigDecimal("1.5555"), 2.0, midnight),
                        row(new BigDecimal("1.5000"), 2.5, midnight),
                        row(new BigDecimal("1.5000"), 2.0, midnight.plusHours(1))))
                .containsExactly(
                        "{\"a\":1.50,\"b\":2,\"c\":\"2020-02-29\"}",
                        "{\"a\":null,\"b\":2,\"c\":\"2020-02-29\"} misfit",
                        "{\"a\":1.50,\"b\":null,\"c\":\"2020-02-29\"} misfit",
                        "{\"a\":1.50,\"b\":2,\"c\":null} misfit");
    }

    // ---- columns of JSON

    private static Shape json(String type) {
        return new Shape(
                StructType.fromDDL("j string"), new StructType().add("j", DataType.fromDDL(type)), Set.of("j"));
    }

    @Test
    void json_in_a_column_is_seen_in_its_type_and_what_does_not_fit_is_told(SparkSession spark) {
        assertThat(seen(
                        spark,
                        json("struct<a:int,b:array<decimal(5,2)>,c:map<string,boolean>,d:double,e:string>"),
                        row("{\"a\":1,\"b\":[1.5,null],\"c\":{\"x\":true},\"d\":0.1,\"e\":\"x\"}"),
                        row("{\"b\":[],\"e\":{\"x\":1.0},\"more\":1}"),
                        row("{\"a\":\"1\",\"e\":\"x\"}"),
                        row("{\"a\":1.5,\"e\":\"x\"}"),
                        row("{\"a\":2147483648,\"e\":\"x\"}"),
                        row("{\"b\":[1.555],\"e\":\"x\"}"),
                        row("{\"b\":{},\"e\":\"x\"}"),
                        row("{\"c\":{\"x\":1},\"e\":\"x\"}"),
                        row("{\"d\":1e400,\"e\":\"x\"}"),
                        row("{\"d\":NaN,\"e\":\"x\"}"),
                        row("{\"e\":\"x\",\"e\":\"y\"}"),
                        row("{'e':'x'}"),
                        row("{\"e\":\"x\"} x"),
                        row("[]"),
                        row("null"),
                        row("text"),
                        row((Object) null)))
                .containsExactly(
                        "{\"j\":{\"a\":1,\"b\":[1.50,null],\"c\":{\"x\":true},\"d\":0.1,\"e\":\"x\"}}",
                        "{\"j\":{\"a\":null,\"b\":[],\"c\":null,\"d\":null,\"e\":\"{\\\"x\\\":1.0}\"}}",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":[1.56],\"c\":null,\"d\":null,\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":\"Infinity\",\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":\"y\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":\"x\"}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}} misfit",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}}",
                        "{\"j\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}} misfit",
                        "{\"j\":null}");
    }

    @Test
    void json_that_is_neither_object_nor_array_is_seen_too(SparkSession spark) {
        assertThat(seen(
                        spark,
                        json("bigint"),
                        row("7"),
                        row(" 7 "),
                        row("\"7\""),
                        row("null"),
                        row("7,\"v\":8"),
                        row("")))
                .containsExactly(
                        "{\"j\":7}",
                        "{\"j\":7}",
                        "{\"j\":null} misfit",
                        "{\"j\":null}",
                        "{\"j\":8} misfit",
                        "{\"j\":null} misfit");
    }

    @Test
    void json_in_a_column_is_nested_data_in_images_and_what_is_not_json_stays_text(SparkSession spark) {
        assertThat(images(
                        spark,
                        json("struct<a:int>"),
                        row("{\"a\":[1.0, 1e400]}"),
                        row("7"),
                        row("\"text\""),
                        row("text"),
                        row("null"),
                        row("{\"a\":1,\"a\":2}"),
                        row("\"\\ud83d\""),
                        row("[\"\\ud83d\"]"),
                        row((Object) null)))
                .containsExactly(
                        image(
                                "j",
                                Value.Obj.of(
                                        Map.of("a", new Value.Array(List.of(Value.of(1), Value.number("1e400")))))),
                        image("j", Value.of(7)),
                        image("j", Value.of("\"text\"")),
                        image("j", Value.of("text")),
                        image("j", Value.of("null")),
                        image("j", Value.of("{\"a\":1,\"a\":2}")),
                        image("j", Value.of("\"\\ud83d\"")),
                        image("j", new Value.Array(List.of(Value.of("\ud83d")))),
                        image("j", Value.NULL));
    }

    // ---- documents

    private static Shape documents(String type) {
        return new Shape(Shape.document(), StructType.fromDDL(type), Set.of());
    }

    @Test
    void a_document_is_seen_in_its_view_and_one_that_is_no_object_is_an_empty_record(SparkSession spark) {
        assertThat(seen(
                        spark,
                        documents("id string, total decimal(10,2), lines array<struct<amount:decimal(5,2)>>"),
                        row("{\"id\":\"a\",\"total\":1.50,\"lines\":[{\"amount\":1},{}]}"),
                        row("{\"id\":\"a\",\"more\":1}"),
                        row("{\"id\":\"a\",\"total\":\"1.50\"}"),
                        row("{\"id\":\"a\",\"lines\":[{\"amount\":1},1]}"),
                        row("{\"id\":\"a\",\"total\":1.5"),
                        row("[{\"id\":\"a\"}]"),
                        row("null"),
                        row("7"),
                        row((Object) null)))
                .containsExactly(
                        "{\"id\":\"a\",\"lines\":[{\"amount\":1.00},{\"amount\":null}],\"total\":1.50}",
                        "{\"id\":\"a\",\"lines\":null,\"total\":null}",
                        "{\"id\":\"a\",\"lines\":null,\"total\":1.50} misfit",
                        "{\"id\":\"a\",\"lines\":null,\"total\":null} misfit",
                        "{\"id\":null,\"lines\":null,\"total\":null} misfit",
                        "{\"id\":null,\"lines\":null,\"total\":null} misfit",
                        "{\"id\":null,\"lines\":null,\"total\":null} misfit",
                        "{\"id\":null,\"lines\":null,\"total\":null} misfit",
                        "no record");
    }

    @Test
    void one_field_that_does_not_fit_is_told_from_the_others(SparkSession spark) {
        Shape shape = documents("id string, total int");

        assertThat(frame(spark, shape, row("{\"id\":\"a\",\"total\":\"x\"}"))
                        .select(shape.misfit("", "id"), shape.misfit("", "total"))
                        .collectAsList())
                .containsExactly(row(false, true));
    }

    @Test
    void a_number_is_a_time_only_where_it_is_known_to_be_seconds(SparkSession spark) {
        StructType times = StructType.fromDDL("at timestamp");
        StructType seconds = new StructType().add("at", DataTypes.TimestampType, true, Shape.seconds());
        Object[] numbers = {row("{\"at\":1767225600}"), row("{\"at\":1767225600000}"), row("{\"at\":1767225600.5}")};

        for (Object number : numbers) {
            assertThat(misfit(spark, times, (Row) number)).as("%s", number).isTrue();
        }
        assertThat(misfit(spark, seconds, (Row) numbers[0])).isFalse();
        assertThat(misfit(spark, seconds, (Row) numbers[2])).isTrue();
        assertThat(misfit(spark, times, row("{\"at\":\"2026-01-01T00:00:00Z\"}")))
                .isFalse();
    }

    private static boolean misfit(SparkSession spark, StructType view, Row document) {
        Shape shape = new Shape(Shape.document(), view, Set.of());
        Row told = frame(spark, shape, document)
                .select(
                        shape.misfits(""),
                        shape.misfit("", "at"),
                        shape.misfits("", 0, 1).isNotNull())
                .head();
        assertThat(told.getBoolean(0)).isEqualTo(told.getBoolean(1)).isEqualTo(told.getBoolean(2));
        return told.getBoolean(0);
    }

    @Test
    void a_document_without_a_view_is_a_record_without_fields(SparkSession spark) {
        assertThat(seen(
                        spark,
                        new Shape(Shape.document(), new StructType(), Set.of()),
                        row("{\"id\":\"a\"}"),
                        row("x"),
                        row((Object) null)))
                .containsExactly("{}", "{} misfit", "no record");
    }

    @Test
    void a_document_is_its_fields_in_images_and_one_that_is_no_object_is_kept_whole(SparkSession spark) {
        assertThat(images(
                        spark,
                        documents("id string"),
                        row("{\"id\":\"a\",\"b\":{\"c\":1.0}}"),
                        row("{}"),
                        row("[1]"),
                        row("{\"id\""),
                        row("null"),
                        row("{\"_document\":\"x\"}")))
                .containsExactly(
                        Image.of(Map.of("id", Value.of("a"), "b", Value.Obj.of(Map.of("c", Value.of(1))))),
                        Image.of(Map.of()),
                        image("_document", Value.of("[1]")),
                        image("_document", Value.of("{\"id\"")),
                        image("_document", Value.of("null")),
                        image("_document", Value.of("{\"_document\":\"x\"}")));
    }

    // ---- the law

    /** Whether the value is seen as it is. Any value may be seen as a text; members that are not seen do not count. */
    private static boolean sees(@Nullable Value value, @Nullable Value seen, DataType type) {
        if (value == null || value.isNull() || seen == null) {
            return seen != null && seen.isNull();
        }
        if (type instanceof StructType struct) {
            return value instanceof Value.Obj object
                    && seen instanceof Value.Obj fields
                    && Arrays.stream(struct.fields())
                            .allMatch(field -> sees(
                                    object.fields().get(field.name()),
                                    fields.fields().get(field.name()),
                                    field.dataType()));
        }
        if (type instanceof MapType map) {
            return value instanceof Value.Obj object
                    && seen instanceof Value.Obj fields
                    && object.fields().keySet().equals(fields.fields().keySet())
                    && object.fields().entrySet().stream()
                            .allMatch(entry ->
                                    sees(entry.getValue(), fields.fields().get(entry.getKey()), map.valueType()));
        }
        if (type instanceof ArrayType array) {
            if (!(value instanceof Value.Array items && seen instanceof Value.Array elements)
                    || items.items().size() != elements.items().size()) {
                return false;
            }
            for (int i = 0; i < items.items().size(); i++) {
                if (!sees(items.items().get(i), elements.items().get(i), array.elementType())) {
                    return false;
                }
            }
            return true;
        }
        if (type instanceof StringType) {
            return value instanceof Value.Text ? value.equals(seen) : seen instanceof Value.Text;
        }
        if (type.equals(DataTypes.DoubleType)) {
            return value instanceof Value.Num num
                    && Double.isFinite(num.value().doubleValue())
                    && seen.equals(new Value.Real(num.value().doubleValue()));
        }
        return value.equals(seen);
    }

    private static DataType viewType(Random random, int depth) {
        switch (random.nextInt(depth == 0 ? 5 : 8)) {
            case 0:
                return DataTypes.LongType;
            case 1:
                return new DecimalType(9, 2);
            case 2:
                return DataTypes.DoubleType;
            case 3:
                return DataTypes.BooleanType;
            case 4:
                return DataTypes.StringType;
            case 5:
                return new ArrayType(viewType(random, depth - 1), true);
            case 6:
                return new MapType(DataTypes.StringType, viewType(random, depth - 1), true);
            default:
                return viewStruct(random, depth);
        }
    }

    private static StructType viewStruct(Random random, int depth) {
        StructType struct = new StructType();
        for (String name : List.of("a", "b", "c.d")) {
            struct = struct.add(name, viewType(random, depth - 1));
        }
        return struct;
    }

    /** A value that mostly fits the type. */
    private static Value value(Random random, DataType type) {
        if (random.nextInt(8) == 0) {
            return Value.NULL;
        }
        if (random.nextInt(25) == 0) {
            return value(random, viewType(random, 1));
        }
        if (type instanceof StructType struct) {
            Map<String, Value> fields = new TreeMap<>();
            for (StructField field : struct.fields()) {
                if (random.nextInt(6) > 0) {
                    fields.put(field.name(), value(random, field.dataType()));
                }
            }
            return Value.Obj.of(fields);
        }
        if (type instanceof MapType map) {
            Map<String, Value> fields = new TreeMap<>();
            for (String key : List.of("x", "").subList(0, random.nextInt(3))) {
                fields.put(key, value(random, map.valueType()));
            }
            return Value.Obj.of(fields);
        }
        if (type instanceof ArrayType array) {
            List<Value> items = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                items.add(value(random, array.elementType()));
            }
            return new Value.Array(items);
        }
        return switch (type.simpleString()) {
            case "bigint" ->
                Value.number(List.of("0", "-7", "9223372036854775807", "9223372036854775808", "1.5")
                        .get(random.nextInt(random.nextInt(6) == 0 ? 5 : 3)));
            case "decimal(9,2)" ->
                Value.number(List.of("0", "1.50", "-9999999.99", "1.555", "10000000")
                        .get(random.nextInt(random.nextInt(6) == 0 ? 5 : 3)));
            case "double" ->
                Value.number(
                        List.of("0", "0.1", "1e300", "-1e400").get(random.nextInt(random.nextInt(6) == 0 ? 4 : 3)));
            case "boolean" -> Value.of(random.nextBoolean());
            default -> Value.of(List.of("", "1", "true", "\ud83d\ude00", "{}").get(random.nextInt(5)));
        };
    }

    @Test
    void a_misfit_is_told_exactly_where_something_is_not_seen_as_it_is(SparkSession spark) {
        Random random = new Random(4);
        int cases = 0;
        int misfits = 0;
        for (int i = 0; i < 8; i++) {
            StructType view = viewStruct(random, 3);
            Shape shape = new Shape(Shape.document(), view, Set.of());
            List<Value> documents = new ArrayList<>();
            for (int j = 0; j < 300; j++) {
                documents.add(value(random, view));
            }
            Row[] texts = documents.stream()
                    .map(document -> row(JsonValues.text(document)))
                    .toArray(Row[]::new);

            List<Row> found = frame(spark, shape, texts)
                    .select(shape.view("").alias("v"), shape.misfits(""))
                    .collectAsList();

            for (int j = 0; j < documents.size(); j++) {
                Value document = documents.get(j);
                Value record = Rows.value(found.get(j).get(0));
                boolean sees = document instanceof Value.Obj && sees(document, record, view);
                assertThat(found.get(j).getBoolean(1))
                        .as("%s seen as %s in %s", document, record, view.sql())
                        .isEqualTo(!sees);
                cases++;
                misfits += sees ? 0 : 1;
            }
        }
        assertThat(misfits).isBetween(cases / 20, cases * 19 / 20);
    }
}
