package dev.lastgood.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.lastgood.SparkForTests;
import dev.lastgood.record.JsonValues;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

@ExtendWith(SparkForTests.class)
class ToldTest {
    private static final StructType FIELD =
            new StructType().add("schemaPath", DataTypes.StringType).add("kind", DataTypes.StringType);
    private static final StructType RECORD = new StructType()
            .add("change", DataTypes.StringType)
            .add("copiesAfter", DataTypes.LongType)
            .add("fields", DataTypes.createArrayType(FIELD));

    /** The beginnings sort in one way by characters and in another by bytes. */
    private static final List<String> BEGINNINGS =
            List.of("", " ", "#", "~", "\u00e9", "\u20ac", "\uffee", "\ud83d\ude00", "a\tb", "a\nb", "a\rb", "\u2028");

    @Test
    void lines_come_in_the_order_of_their_keys_however_many_files_there_are(SparkSession spark, @TempDir Path folder) {
        Random random = new Random(5);
        Map<String, String> told = new LinkedHashMap<>();
        for (int i = 0; i < 500; i++) {
            String name = BEGINNINGS.get(random.nextInt(BEGINNINGS.size())) + random.nextInt(1000);
            String key = JsonValues.MAPPER.createObjectNode().put("id", name).toString();
            told.put(key, JsonValues.MAPPER.createObjectNode().put("is", name).toString());
        }
        List<Row> rows = new ArrayList<>();
        told.forEach((key, line) -> rows.add(Told.line(key, line)));
        Collections.shuffle(rows, random);
        String at = folder.resolve("told").toUri().toString();
        Told.write(spark.createDataFrame(rows, Told.LINE).repartition(7), at);

        List<String> expected = told.keySet().stream()
                .sorted((x, y) ->
                        Arrays.compareUnsigned(x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8)))
                .map(told::get)
                .toList();
        assertThat(lines(Told.at(spark, at, 7))).as("merged").isEqualTo(expected);
        assertThat(lines(Told.at(spark, at, 6))).as("sorted by Spark").isEqualTo(expected);
    }

    private static List<String> lines(Told told) {
        List<String> lines = new ArrayList<>();
        told.lines(lines::add);
        return lines;
    }

    @Test
    void what_tasks_have_counted_is_added_up_and_is_no_line(SparkSession spark, @TempDir Path folder) throws Exception {
        Queue<Row> one = new ArrayDeque<>();
        Told.Counting counting = new Told.Counting(2);
        counting.add(record("changed", 1, "a value", "a value", "b\n\"x\tcase"));
        assertThat(counting.isFull()).isTrue();
        counting.drain(one);
        assertThat(counting.isFull()).isFalse();
        counting.add(record("changed", 3, "a value"));
        counting.add(record("removed", 0));
        counting.drain(one);
        Queue<Row> other = new ArrayDeque<>();
        counting.add(record("changed", 1, "a nulled"));
        counting.drain(other);
        counting.drain(other);
        other.add(Told.line(null, "{}"));
        String at = folder.resolve("told").toUri().toString();
        List<Row> rows = new ArrayList<>(one);
        rows.addAll(other);
        Told.write(spark.createDataFrame(rows, Told.LINE).repartition(2), at);
        try (Stream<Path> files = Files.list(folder.resolve("told"))) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("part-")))
                    .hasSize(2);
        }

        Told told = Told.at(spark, at, 64);
        assertThat(told.counts().changes())
                .containsOnly(entry("changed", new Told.Changes(3, 1, 5)), entry("removed", new Told.Changes(1, 0, 0)));
        assertThat(told.counts().fields())
                .containsExactly(
                        new FieldChanges("a", "value", 2),
                        new FieldChanges("a", "nulled", 1),
                        new FieldChanges("b\n\"x\tcase", "", 1));
        assertThat(lines(told)).containsExactly("{}");
    }

    /** @param fields each a path, a blank and a kind; or a path alone */
    private static Row record(String change, long copies, String... fields) {
        List<Row> changed = Stream.of(fields)
                .map(field -> {
                    int blank = field.indexOf(' ');
                    return (Row) new GenericRowWithSchema(
                            new Object[] {
                                blank < 0 ? field : field.substring(0, blank),
                                blank < 0 ? "" : field.substring(blank + 1)
                            },
                            FIELD);
                })
                .toList();
        return new GenericRowWithSchema(
                new Object[] {
                    change, copies, CollectionConverters.asScala(changed).toSeq()
                },
                RECORD);
    }

    @Test
    void nothing_is_told_where_nothing_differs(SparkSession spark) {
        Told nothing = Told.nothing(spark);

        assertThat(lines(nothing)).isEmpty();
        assertThat(nothing.counts()).isEqualTo(new Told.Counts(Map.of(), List.of()));
    }
}
