package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.WholeFile;
import dev.lastgood.target.contract.TargetContract;
import dev.lastgood.workspace.Workspace;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Parquet and ORC files as what a restore writes to. */
@ExtendWith(SparkForTests.class)
final class ColumnarTargetTest {
    private static final StructType ORDERS = StructType.fromDDL("id int, name string, note string, total int");

    @Nested
    final class Parquet extends Contract {
        Parquet() {
            super("parquet");
        }
    }

    @Nested
    final class Orc extends Contract {
        Orc() {
            super("orc");
        }
    }

    /** The contract, where the application replaces the whole folder. */
    abstract static class Contract extends TargetContract {
        private final String format;
        private final Map<Key, Image> records = new TreeMap<>();

        @TempDir
        Path folder = Path.of("");

        Contract(String format) {
            this.format = format;
        }

        @Override
        protected Target create() throws IOException {
            rewrite();
            return target(SparkForTests.session(), folder, format, "key: [id]", WholeFile.Originals.NONE);
        }

        @Override
        protected void application(Key key, @Nullable Image image) throws IOException {
            records.clear();
            records.putAll(everything());
            if (image == null) {
                records.remove(key);
            } else {
                records.put(key, image);
            }
            rewrite();
        }

        private void rewrite() throws IOException {
            List<Row> rows = records.values().stream()
                    .map(image -> Shape.of(ORDERS).row(image))
                    .toList();
            write(SparkForTests.session(), folder.resolve("things"), format, ORDERS, rows);
        }

        @Override
        protected Map<Key, Image> everything() {
            Map<Key, Image> all = new TreeMap<>();
            SparkForTests.session()
                    .read()
                    .format(format)
                    .load(folder.resolve("things").toString())
                    .collectAsList()
                    .forEach(row -> {
                        Image image = Shape.of(ORDERS).image(row);
                        all.put(Key.of("id", Objects.requireNonNull(image.field("id"))), image);
                    });
            return all;
        }

        @Override
        protected boolean isSafeAmongThreads() {
            // Between hashing the old file and moving the new one, a writer's file can be lost, as for every file.
            return false;
        }
    }

    private static Target target(
            SparkSession spark, Path folder, String format, String lines, WholeFile.Originals originals) {
        Workspace workspace = Workspaces.in(folder, """
                format: 1
                workspace: test
                store: store
                sources:
                  here: {files: .}
                datasets:
                  things:
                    source: here
                    path: things
                    format: %s
                    %s
                """.formatted(format, lines.replace("\n", "\n    ")));
        return new ColumnarTarget(
                spark,
                new Sources(spark, workspace),
                workspace.dataset("things").orElseThrow(),
                folder.resolve("things"),
                originals);
    }

    private static void write(SparkSession spark, Path folder, String format, StructType type, List<Row> rows)
            throws IOException {
        String aside = folder.resolveSibling("aside").toString();
        spark.createDataFrame(rows, type)
                .coalesce(1)
                .write()
                .mode("overwrite")
                .format(format)
                .save(aside);
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(Path.of(aside))) {
            Path part = files.filter(file -> String.valueOf(file.getFileName()).startsWith("part-"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(part, folder.resolve("part-0." + format), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @TempDir
    Path folder = Path.of("");

    private static final StructType RICH = StructType.fromDDL("id string, amount decimal(12,2), at timestamp,"
            + " day date, ratio double, raw binary, tags array<string>, lines array<struct<no:int,amount:decimal(9,2)>>,"
            + " by struct<name:string,age:int>, limits map<string,bigint>");

    private static Row rich(String id, String amount) {
        return RowFactory.create(
                id,
                new BigDecimal(amount),
                Instant.parse("2026-11-22T02:00:00.123456Z"),
                LocalDate.parse("1583-01-01"),
                0.1,
                new byte[] {1, 2},
                List.of("a", "b"),
                List.of(RowFactory.create(1, new BigDecimal("1.50")), RowFactory.create(2, null)),
                RowFactory.create("Ann", null),
                Map.of("x", 1L));
    }

    private static Written only(
            Target target, Key key, java.util.function.UnaryOperator<Image> change, String... fields) {
        try (Target.Batch batch = target.open(List.of(key))) {
            Target.Seen seen = Objects.requireNonNull(batch.seen().get(key));
            Image desired = change.apply(Objects.requireNonNull(seen.image()));
            return Objects.requireNonNull(batch.write(List.of(new Change(key, seen, desired, Set.of(fields))))
                    .get(key));
        }
    }

    @Test
    void fields_that_are_not_written_stay_exactly_and_an_undo_gives_back_the_bytes(SparkSession spark)
            throws Exception {
        for (String format : List.of("parquet", "orc")) {
            Path here = folder.resolve(format);
            List<Row> rows = List.of(rich("a", "1.00"), rich("b", "2.00"), rich("c", "3.00"));
            write(spark, here.resolve("things"), format, RICH, rows);
            Path file = here.resolve("things").resolve("part-0." + format);
            byte[] before = Files.readAllBytes(file);
            List<byte[]> kept = new ArrayList<>();
            WholeFile.Originals originals = new WholeFile.Originals() {
                @Override
                public void keep(String name, byte[] bytes) {
                    kept.add(bytes);
                }

                @Override
                public List<byte[]> of(String name) {
                    return kept;
                }
            };
            Key b = Key.of("id", Value.of("b"));
            try (Target target = target(spark, here, format, "key: [id]", originals)) {
                assertThat(only(target, b, image -> image.with("amount", Value.number("20.5")), "amount"))
                        .isInstanceOf(Written.Done.class);
                assertThat(spark.read()
                                .format(format)
                                .load(here.resolve("things").toString())
                                .orderBy("id")
                                .toJSON()
                                .collectAsList())
                        .isEqualTo(spark.createDataFrame(
                                        List.of(rich("a", "1.00"), rich("b", "20.50"), rich("c", "3.00")), RICH)
                                .toJSON()
                                .collectAsList());
                assertThat(Files.readAllBytes(file)).isNotEqualTo(before);

                assertThat(only(target, b, image -> image.with("amount", Value.number("2")), "amount"))
                        .isInstanceOf(Written.Done.class);
                assertThat(Files.readAllBytes(file)).isEqualTo(before);
            }
            assertThat(kept).hasSize(1);
            try (Stream<Path> inside = Files.list(here.resolve("things"))) {
                assertThat(inside).containsExactly(file);
            }
        }
    }

    @Test
    void a_value_that_the_files_cannot_hold_is_refused_and_nothing_is_written(SparkSession spark) throws Exception {
        write(spark, folder.resolve("things"), "parquet", ORDERS, List.of(RowFactory.create(1, "a", null, 10)));
        Path file = folder.resolve("things/part-0.parquet");
        byte[] before = Files.readAllBytes(file);
        Key one = Key.of("id", Value.of(1));
        try (Target target = target(spark, folder, "parquet", "key: [id]", WholeFile.Originals.NONE)) {
            assertThat(only(target, one, image -> image.with("total", Value.number("1.5")), "total"))
                    .isEqualTo(new Written.Refused("a number does not fit int"));
            assertThat(only(target, one, image -> image.with("total", Value.of("ten")), "total"))
                    .isEqualTo(new Written.Refused("a value of kind Text is no int"));
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void records_with_one_key_are_not_written(SparkSession spark) throws Exception {
        Row twice = RowFactory.create(1, "a", null, 10);
        write(spark, folder.resolve("things"), "parquet", ORDERS, List.of(twice, twice));
        try (Target target = target(spark, folder, "parquet", "key: [id]", WholeFile.Originals.NONE)) {
            assertThat(only(target, Key.of("id", Value.of(1)), image -> image.with("total", Value.of(11)), "total"))
                    .isEqualTo(new Written.Refused("2 records have this key"));
        }
    }

    @Test
    void a_file_of_another_writer_keeps_the_types_of_its_format_or_is_left_alone(SparkSession spark) throws Exception {
        // Decimals as byte arrays, as others write them, are not what Spark would write.
        spark.conf().set("spark.sql.parquet.writeLegacyFormat", "true");
        try {
            write(
                    spark,
                    folder.resolve("things"),
                    "parquet",
                    StructType.fromDDL("id int, amount decimal(9,2)"),
                    List.of(RowFactory.create(1, new BigDecimal("1.00"))));
        } finally {
            spark.conf().unset("spark.sql.parquet.writeLegacyFormat");
        }
        byte[] before = Files.readAllBytes(folder.resolve("things/part-0.parquet"));
        try (Target target = target(spark, folder, "parquet", "key: [id]", WholeFile.Originals.NONE)) {
            assertThat(only(target, Key.of("id", Value.of(1)), image -> image.with("amount", Value.of(2)), "amount"))
                    .isInstanceOfSatisfying(
                            Written.Refused.class,
                            refused -> assertThat(refused.reason())
                                    .startsWith("written here, the file would have another schema:")
                                    .contains("int32 amount (DECIMAL(9,2))")
                                    .contains("fixed_len_byte_array(4) amount (DECIMAL(9,2))"));
        }
        assertThat(Files.readAllBytes(folder.resolve("things/part-0.parquet"))).isEqualTo(before);
    }

    @Test
    void only_the_file_of_a_partition_that_holds_the_record_is_written(SparkSession spark) throws Exception {
        StructType type = StructType.fromDDL("id int, total int");
        for (String day : List.of("2026-11-01", "2026-11-02")) {
            write(
                    spark,
                    folder.resolve("things").resolve("day=" + day),
                    "parquet",
                    type,
                    List.of(RowFactory.create(day.endsWith("1") ? 1 : 2, 10)));
            try (Stream<Path> aside = Files.walk(folder.resolve("things/aside"))) {
                for (Path one :
                        aside.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(one);
                }
            }
        }
        byte[] first = Files.readAllBytes(folder.resolve("things/day=2026-11-01/part-0.parquet"));
        Key two = Key.of("id", Value.of(2));
        Key three = Key.of("id", Value.of(3));
        try (Target target =
                target(spark, folder, "parquet", "key: [id]\npartitions: {day: date}", WholeFile.Originals.NONE)) {
            assertThat(only(target, two, image -> image.with("total", Value.of(11)), "total"))
                    .isInstanceOf(Written.Done.class);
            assertThat(only(
                            target,
                            two,
                            image -> image.with("day", new Value.Day(LocalDate.parse("2026-11-01"))),
                            "day"))
                    .isEqualTo(new Written.Refused("field 'day' is the name of a folder"));
            try (Target.Batch batch = target.open(List.of(three))) {
                Image image = Image.of(Map.of(
                        "id", Value.of(3), "total", Value.of(30), "day", new Value.Day(LocalDate.parse("2026-11-02"))));
                assertThat(batch.write(List.of(new Change(
                                        three,
                                        Objects.requireNonNull(batch.seen().get(three)),
                                        image,
                                        Set.of())))
                                .get(three))
                        .isInstanceOf(Written.Done.class);
            }
        }
        assertThat(Files.readAllBytes(folder.resolve("things/day=2026-11-01/part-0.parquet")))
                .isEqualTo(first);
        assertThat(spark.read().parquet(folder.resolve("things").toString()).orderBy("id").collectAsList().stream()
                        .map(row -> Arrays.asList(row.get(0), row.get(1), row.get(2))))
                .containsExactly(
                        List.of(1, 10, "2026-11-01"), List.of(2, 11, "2026-11-02"), List.of(3, 30, "2026-11-02"));
    }
}
