package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.JobsOf;
import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.diff.Fingerprint;
import dev.lastgood.record.Digest128;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkForTests.class)
class ContentTest {
    private static final StructType TYPE =
            new StructType().add("id", DataTypes.LongType).add("name", DataTypes.StringType);

    @TempDir
    Path folder;

    /** Records 0 to 499, every third without a name; and those of the ids given once more. */
    private Dataset<Row> records(SparkSession spark, long... again) {
        List<Row> rows = new ArrayList<>();
        for (long id = 0; id < 500; id++) {
            rows.add(RowFactory.create(id, id % 3 == 0 ? null : "name " + id));
        }
        for (long id : again) {
            rows.add(RowFactory.create(id, "again"));
        }
        return spark.createDataFrame(rows, TYPE);
    }

    private DatasetSpec dataset() {
        return Workspaces.dataset(folder, "key: [id]");
    }

    private Frame files(Dataset<Row> records) {
        String place = folder.resolve("files").toString();
        records.write().parquet(place);
        Dataset<Row> read = records.sparkSession().read().schema(TYPE).parquet(place);
        return new Frame(read, Shape.of(TYPE));
    }

    /** The records as a snapshot lays them down: split by the highest bits of the key hash and sorted by it. */
    private Dataset<Row> laidDown(Dataset<Row> records) {
        return Fingerprint.hashed(dataset(), new Frame(records, Shape.of(TYPE)))
                .repartitionById(
                        3, org.apache.spark.sql.functions.expr("cast((shiftright(_kh, 54) + 512) div 342 as int)"))
                .sortWithinPartitions(col(Fingerprint.KEY_HASH))
                .select("id", "name");
    }

    private Buckets summed(Dataset<Row> records) {
        Buckets.Builder buckets = Buckets.builder(Content.BUCKETS);
        for (Row row :
                Fingerprint.thin(dataset(), new Frame(records, Shape.of(TYPE))).collectAsList()) {
            long keyHash = row.getLong(0);
            buckets.add(
                    (int) (keyHash >>> 54),
                    new Buckets.Sums(
                            1,
                            new Digest128(keyHash, 0),
                            new Digest128(row.getLong(2), row.getLong(3)),
                            new Digest128(row.getLong(4), row.getLong(5))));
        }
        return buckets.build();
    }

    @Test
    void files_as_a_snapshot_lays_them_down_are_read_in_one_job(SparkSession spark) {
        Dataset<Row> records = records(spark);
        Frame frame = files(laidDown(records));

        JobsOf.Counted<Content> counted = JobsOf.counted(spark, () -> Content.of(dataset(), frame));

        Content content = counted.result();
        assertThat(content.records()).isEqualTo(500);
        assertThat(content.distinctKeys()).isEqualTo(500);
        assertThat(content.duplicateKeys()).isZero();
        assertThat(content.nulls()).containsEntry("id", 0L).containsEntry("name", 167L);
        assertThat(content.buckets().encode()).isEqualTo(summed(records).encode());
        assertThat(content.files()).hasSize(3);
        assertThat(content.files().values())
                .allSatisfy(file ->
                        assertThat(file.keys().from()).isLessThan(file.keys().to()));
        assertThat(content.files().values().stream()
                        .mapToLong(Content.FileContent::records)
                        .sum())
                .isEqualTo(500);
        assertThat(counted.jobs()).isEqualTo(1);
    }

    @Test
    void keys_that_occur_twice_are_counted(SparkSession spark) {
        Dataset<Row> records = records(spark, 7, 7, 450);

        Content content = Content.of(dataset(), files(laidDown(records)));

        assertThat(content.records()).isEqualTo(503);
        assertThat(content.distinctKeys()).isEqualTo(500);
        assertThat(content.duplicateKeys()).isEqualTo(2);
        assertThat(content.buckets().encode()).isEqualTo(summed(records).encode());
    }

    @Test
    void files_in_any_order_give_the_same(SparkSession spark) {
        Dataset<Row> records = records(spark);

        Content content = Content.of(dataset(), files(records.repartition(3)));

        assertThat(content.distinctKeys()).isEqualTo(500);
        assertThat(content.duplicateKeys()).isZero();
        assertThat(content.buckets().encode()).isEqualTo(summed(records).encode());
        assertThat(content.nulls()).containsEntry("name", 167L);
    }

    @Test
    void equal_keys_in_different_files_are_found(SparkSession spark) {
        Dataset<Row> records = records(spark, 3);
        Dataset<Row> once = laidDown(records.where("name is null or name <> 'again'"));
        Dataset<Row> again = records.where("name = 'again'").coalesce(1);

        Content content = Content.of(dataset(), files(once.unionAll(again)));

        assertThat(content.distinctKeys()).isEqualTo(500);
        assertThat(content.duplicateKeys()).isEqualTo(1);
    }

    @Test
    void more_fields_than_a_long_has_bits_are_counted_each(SparkSession spark) {
        StructType wide = new StructType().add("id", DataTypes.LongType);
        Object[] cells = new Object[131];
        cells[0] = 1L;
        for (int i = 1; i <= 130; i++) {
            wide = wide.add("f" + i, DataTypes.IntegerType);
            cells[i] = i == 62 || i == 63 || i == 126 || i == 130 ? null : (Object) i;
        }
        String place = folder.resolve("wide").toString();
        spark.createDataFrame(List.of(RowFactory.create(cells)), wide).write().parquet(place);

        Content content =
                Content.of(dataset(), new Frame(spark.read().schema(wide).parquet(place), Shape.of(wide)));

        assertThat(content.nulls().entrySet().stream()
                        .filter(entry -> entry.getValue() > 0)
                        .map(java.util.Map.Entry::getKey))
                .containsExactly("f62", "f63", "f126", "f130");
    }
}
