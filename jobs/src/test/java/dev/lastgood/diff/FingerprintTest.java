package dev.lastgood.diff;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lastgood.Compiled;
import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.spark.RandomTypes;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Random cases run as one job, numbered by a column: a job a case would take an hour. */
@ExtendWith({SparkForTests.class, Compiled.class})
class FingerprintTest {
    private static final String CASE = "the number of the case";

    @TempDir
    static Path folder;

    /** What was computed of a record: its image as text that is equal for equal images, and its hashes. */
    private record Hashed(Value image, List<Object> content, List<Object> compare, Object keyHash) {}

    private static Row row(@Nullable Object... cells) {
        return RowFactory.create(cells);
    }

    private static Row numbered(int number, Row row) {
        Object[] cells = new Object[row.size() + 1];
        cells[0] = number;
        for (int i = 0; i < row.size(); i++) {
            cells[i + 1] = row.get(i);
        }
        return RowFactory.create(cells);
    }

    private static Dataset<Row> hashed(SparkSession spark, DatasetSpec dataset, Shape shape, List<Row> numbered) {
        StructType type = new StructType().add(CASE, DataTypes.IntegerType);
        for (var field : shape.stored().fields()) {
            type = type.add(field);
        }
        Column image = udf(
                        (UDF1<Row, String>) record -> JsonValues.write(
                                JsonValues.tagged(shape.image(record).object())),
                        DataTypes.StringType)
                .apply(struct(Arrays.stream(shape.stored().fieldNames())
                        .map(name -> col(Shape.quoted(name)))
                        .toArray(Column[]::new)));
        return Fingerprint.hashed(
                        dataset, new Frame(spark.createDataFrame(numbered, type), shape), col(Shape.quoted(CASE)))
                .select(
                        col(Shape.quoted(CASE)),
                        image,
                        col(Fingerprint.CONTENT_1),
                        col(Fingerprint.CONTENT_2),
                        col(Fingerprint.COMPARE_1),
                        col(Fingerprint.COMPARE_2),
                        col(Fingerprint.KEY_HASH));
    }

    private static Hashed hashed(Row row) {
        return new Hashed(
                image(row.getString(1)), List.of(row.get(2), row.get(3)), List.of(row.get(4), row.get(5)), row.get(6));
    }

    private static Value image(String tagged) {
        try {
            return JsonValues.untagged(JsonValues.MAPPER.readTree(tagged));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(tagged, e);
        }
    }

    private static List<Hashed> hashedAll(SparkSession spark, DatasetSpec dataset, Shape shape, Row... rows) {
        List<Row> numbered = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            numbered.add(numbered(i, rows[i]));
        }
        return hashed(spark, dataset, shape, numbered).orderBy(col(Shape.quoted(CASE))).collectAsList().stream()
                .map(FingerprintTest::hashed)
                .toList();
    }

    private static Map<Integer, List<Hashed>> byCase(Dataset<Row> hashed) {
        Map<Integer, List<Hashed>> cases = new LinkedHashMap<>();
        hashed.collectAsList()
                .forEach(row -> cases.computeIfAbsent(row.getInt(0), any -> new ArrayList<>())
                        .add(hashed(row)));
        return cases;
    }

    private static void assertHashesAgreeWithImages(Map<Integer, List<Hashed>> cases) {
        int equal = 0;
        for (var pair : cases.entrySet()) {
            Hashed one = pair.getValue().get(0);
            Hashed other = pair.getValue().get(1);
            boolean same = one.image().equals(other.image());
            equal += same ? 1 : 0;
            String what = "case %d: %s and %s".formatted(pair.getKey(), one.image(), other.image());
            for (int lane = 0; lane < 2; lane++) {
                assertThat(one.content().get(lane).equals(other.content().get(lane)))
                        .as(what)
                        .isEqualTo(same);
            }
            assertThat(one.compare()).as(what).isEqualTo(one.content());
            assertThat(one.keyHash().equals(other.keyHash())).as(what).isEqualTo(same);
        }
        assertThat(equal).as("cases in which both are equal").isBetween(cases.size() / 20, cases.size() * 19 / 20);
    }

    private static List<Row> pairs(Random random, StructType type, int first, int cases) {
        RandomTypes types = new RandomTypes(random);
        List<Row> rows = new ArrayList<>();
        for (int i = first; i < first + cases; i++) {
            Row row = types.row(type);
            rows.add(numbered(i, row));
            rows.add(numbered(i, types.changed(row, type)));
        }
        return rows;
    }

    private static DatasetSpec keyless() {
        return Workspaces.dataset(folder, "key: []");
    }

    @Test
    void hashes_are_equal_exactly_if_records_are_whatever_their_simple_types(SparkSession spark) {
        Shape shape = Shape.of(RandomTypes.everySimpleType());

        var cases = byCase(hashed(spark, keyless(), shape, pairs(new Random(1), shape.stored(), 0, 3000)));

        assertHashesAgreeWithImages(cases);
    }

    @Test
    void hashes_are_equal_exactly_if_records_are_however_deeply_they_are_nested(SparkSession spark) {
        Random random = new Random(2);
        int types = Boolean.getBoolean("lastgood.full") ? 100 : 12;
        Dataset<Row> all = null;
        for (int i = 0; i < types; i++) {
            Shape shape = Shape.of(new RandomTypes(random).struct(3));
            Dataset<Row> hashed = hashed(spark, keyless(), shape, pairs(random, shape.stored(), 300 * i, 300));
            all = all == null ? hashed : all.unionAll(hashed);
        }

        assertHashesAgreeWithImages(byCase(java.util.Objects.requireNonNull(all)));
    }

    private static void assertAllDiffer(List<Hashed> hashed) {
        assertThat(hashed).extracting(Hashed::content).doesNotHaveDuplicates();
        assertThat(hashed).extracting(Hashed::image).doesNotHaveDuplicates();
    }

    private static void assertAllAlike(List<Hashed> hashed) {
        assertThat(hashed)
                .extracting(Hashed::content)
                .containsOnly(hashed.get(0).content());
        assertThat(hashed).extracting(Hashed::image).containsOnly(hashed.get(0).image());
    }

    @Test
    void a_value_that_moves_to_the_neighbouring_field_is_a_difference(SparkSession spark) {
        Shape shape = Shape.of(new StructType()
                .add("a", DataTypes.IntegerType)
                .add("b", DataTypes.IntegerType)
                .add("in", new StructType().add("c", DataTypes.IntegerType).add("d", DataTypes.IntegerType)));

        assertAllDiffer(hashedAll(
                spark,
                keyless(),
                shape,
                row(7, null, row(null, null)),
                row(null, 7, row(null, null)),
                row(null, null, row(7, null)),
                row(null, null, row(null, 7)),
                row(null, null, row(null, null)),
                row(null, null, null)));
    }

    @Test
    void where_an_array_or_a_text_ends_counts(SparkSession spark) {
        var texts = DataTypes.createArrayType(DataTypes.StringType);
        Shape shape = Shape.of(new StructType()
                .add("a", texts)
                .add("b", texts)
                .add("c", DataTypes.StringType)
                .add("d", DataTypes.StringType));

        assertAllDiffer(hashedAll(
                spark,
                keyless(),
                shape,
                row(List.of("x", "y"), List.of("z"), "", ""),
                row(List.of("x"), List.of("y", "z"), "", ""),
                row(List.of("xy"), List.of("z"), "", ""),
                row(List.of(), null, "", ""),
                row(null, List.of(), "", ""),
                row(Arrays.asList((String) null), null, "", ""),
                row(null, null, "ab", "c"),
                row(null, null, "a", "bc"),
                row(null, null, "", null),
                row(null, null, null, "")));
    }

    @Test
    void a_map_has_no_order_and_may_hold_maps(SparkSession spark) {
        var map = DataTypes.createMapType(DataTypes.StringType, DataTypes.IntegerType);
        Shape shape = Shape.of(
                new StructType().add("m", map).add("deep", DataTypes.createMapType(DataTypes.StringType, map)));
        Map<String, Integer> one = new LinkedHashMap<>();
        one.put("a", 1);
        one.put("b", 2);
        Map<String, Integer> other = new LinkedHashMap<>();
        other.put("b", 2);
        other.put("a", 1);

        assertAllAlike(hashedAll(spark, keyless(), shape, row(one, Map.of("x", one)), row(other, Map.of("x", other))));
        Map<String, @Nullable Integer> nothing = new HashMap<>();
        nothing.put("a", null);
        assertAllDiffer(hashedAll(
                spark,
                keyless(),
                shape,
                row(one, Map.of()),
                row(Map.of("a", 2, "b", 1), Map.of()),
                row(nothing, Map.of()),
                row(Map.of(), Map.of()),
                row(null, Map.of()),
                row(Map.of(), null),
                row(Map.of(), Map.of("x", Map.of())),
                row(Map.of(), Map.of("x", nothing))));
    }

    @Test
    void the_width_of_an_integer_and_of_a_binary_number_does_not_count(SparkSession spark) {
        StructType narrow = new StructType().add("i", DataTypes.ShortType).add("r", DataTypes.FloatType);
        StructType wide = new StructType().add("i", DataTypes.LongType).add("r", DataTypes.DoubleType);

        List<Hashed> hashed = new ArrayList<>(hashedAll(spark, keyless(), Shape.of(narrow), row((short) 7, 0.5f)));
        hashed.addAll(hashedAll(spark, keyless(), Shape.of(wide), row(7L, 0.5)));

        assertAllAlike(hashed);
    }

    @Test
    void records_may_have_two_hundred_columns(SparkSession spark) {
        StructType wide = new StructType();
        for (int i = 0; i < 200; i++) {
            wide = wide.add("c" + i, DataTypes.IntegerType);
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Object[] cells = new Object[200];
            cells[i] = 1;
            rows.add(row(cells));
        }

        List<Hashed> hashed = hashedAll(spark, keyless(), Shape.of(wide), rows.toArray(Row[]::new));

        assertAllDiffer(hashed);
        assertThat(hashed).extracting(Hashed::keyHash).doesNotHaveDuplicates();
    }

    private static Shape json() {
        StructType stored = new StructType().add("j", DataTypes.StringType);
        return new Shape(stored, stored, Set.of("j"));
    }

    private static Shape documents() {
        return new Shape(Shape.document(), new StructType().add("a", DataTypes.LongType), Set.of());
    }

    private static Row[] rows(String... texts) {
        return Arrays.stream(texts).map(FingerprintTest::row).toArray(Row[]::new);
    }

    @Test
    void the_notation_of_json_does_not_count(SparkSession spark) {
        String[] notations = {
            "{\"a\":1,\"b\":[\"\u00e9\",0.5]}",
            " {\"b\" : [\"\\u00e9\", 5e-1] ,\n\"a\":1.0}",
            "{\"b\":[\"\\u00E9\",0.50],\"a\":10e-1}"
        };

        assertAllAlike(hashedAll(spark, keyless(), json(), rows(notations)));
        assertAllAlike(hashedAll(spark, keyless(), documents(), rows(notations)));
    }

    @Test
    void every_digit_and_every_kind_in_json_counts(SparkSession spark) {
        String[] different = {
            "{\"a\":1}",
            "{\"a\":\"1\"}",
            "{\"a\":true}",
            "{\"a\":null}",
            "{}",
            "{\"a\":[]}",
            "{\"a\":{}}",
            "{\"a\":[1]}",
            "{\"a\":1e400}",
            "{\"a\":1e401}",
            "{\"a\":1234567890123456789012345678901234567890}",
            "{\"a\":1234567890123456789012345678901234567891}",
            "{\"a\":0.1234567890123456789012345678901234567890123456789}",
            "{\"a\":0.1234567890123456789012345678901234567890123456788}",
            "{\"a\":\"\\ud83d\"}",
            "{\"a\":\"\\ud83e\"}",
            "{\"a\":\"\\ude00\\ud83d\"}",
            "{\"a\":\"?\"}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1}x",
            "[1]",
            "1",
            "null",
            "\"null\"",
            "\"a\"",
            "a",
            "",
            " ",
            "\"\"",
            "[\"not JSON\",\"a\"]",
            "{\"_document\":\"a\"}",
            "{\"_document\":[1]}"
        };

        assertAllDiffer(hashedAll(spark, keyless(), documents(), rows(different)));
        List<Row> withNull = new ArrayList<>(List.of(rows(different)));
        withNull.add(row((Object) null));
        assertAllDiffer(hashedAll(spark, keyless(), json(), withNull.toArray(Row[]::new)));
    }

    @Test
    void what_is_ignored_counts_as_content_but_is_not_compared(SparkSession spark) {
        StructType line = new StructType().add("no", DataTypes.IntegerType).add("seen", DataTypes.IntegerType);
        Shape shape = new Shape(
                new StructType()
                        .add("noise", DataTypes.IntegerType)
                        .add("in", line)
                        .add("lines", DataTypes.createArrayType(line))
                        .add("j", DataTypes.StringType)
                        .add("rest", DataTypes.IntegerType),
                new StructType(),
                Set.of("j"));
        DatasetSpec dataset = Workspaces.dataset(
                folder, "key: []", "ignore: [noise, in.seen, 'lines[].seen', j.seen, 'j.lines[].seen']");

        List<Hashed> hashed = hashedAll(
                spark,
                dataset,
                shape,
                row(1, row(1, 1), List.of(row(1, 1)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(2, row(1, 1), List.of(row(1, 1)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(1, row(1, 2), List.of(row(1, 1)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(1, row(1, 1), List.of(row(1, 2)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(1, row(1, 1), List.of(row(1, 1)), "{\"seen\":2,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(1, row(1, 1), List.of(row(1, 1)), "{\"lines\":[{\"no\":1}]}", 1));
        assertAllDiffer(hashed);
        assertThat(hashed)
                .extracting(Hashed::compare)
                .containsOnly(hashed.get(0).compare());

        List<Hashed> changed = hashedAll(
                spark,
                dataset,
                shape,
                row(1, row(1, 1), List.of(row(1, 1)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(1, row(2, 1), List.of(row(1, 1)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(1, row(1, 1), List.of(row(2, 1)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 1),
                row(1, row(1, 1), List.of(row(1, 1)), "{\"seen\":1,\"lines\":[{\"no\":2,\"seen\":1}]}", 1),
                row(1, row(1, 1), List.of(row(1, 1)), "{\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}", 2));
        assertThat(changed).extracting(Hashed::compare).doesNotHaveDuplicates();
    }

    @Test
    void what_is_ignored_in_a_document_is_not_compared(SparkSession spark) {
        DatasetSpec dataset = Workspaces.dataset(folder, "key: []", "ignore: [seen, 'lines[].seen']");

        List<Hashed> hashed = hashedAll(
                spark,
                dataset,
                documents(),
                rows(
                        "{\"a\":1,\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}",
                        "{\"a\":1,\"seen\":2,\"lines\":[{\"no\":1}]}",
                        "{\"a\":2,\"seen\":1,\"lines\":[{\"no\":1,\"seen\":1}]}"));

        assertAllDiffer(hashed);
        assertThat(hashed.get(0).compare()).isEqualTo(hashed.get(1).compare());
        assertThat(hashed.get(0).compare()).isNotEqualTo(hashed.get(2).compare());
    }

    @Test
    void the_hash_of_a_key_depends_on_the_key_alone(SparkSession spark) {
        DatasetSpec dataset = Workspaces.dataset(folder, "key: [tenant, in.id]");
        Shape shape = Shape.of(new StructType()
                .add("tenant", DataTypes.StringType)
                .add("in", new StructType().add("id", DataTypes.IntegerType).add("other", DataTypes.IntegerType)));

        List<Hashed> hashed = hashedAll(
                spark,
                dataset,
                shape,
                row("a", row(1, 1)),
                row("a", row(1, 2)),
                row("a", row(2, 1)),
                row("b", row(1, 1)),
                row("a", row(null, 1)),
                row(null, row(1, 1)),
                row(null, null));

        assertThat(hashed.get(0).keyHash()).isEqualTo(hashed.get(1).keyHash());
        assertThat(hashed.subList(1, hashed.size())).extracting(Hashed::keyHash).doesNotHaveDuplicates();
    }

    @Test
    void a_field_with_a_name_of_ours_is_refused(SparkSession spark) {
        Shape shape = Shape.of(new StructType().add("_key", DataTypes.IntegerType));

        assertThatThrownBy(() -> hashedAll(spark, keyless(), shape, row(1)))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("dataset 'things': a field cannot be named '_key', which Lastgood names its own");
    }
}
