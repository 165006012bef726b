package dev.lastgood.diff;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.Compiled;
import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.RandomTypes;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith({SparkForTests.class, Compiled.class})
class HashedPassTest {
    private static final long SEED = Long.getLong("pass.seed", new Random().nextLong());
    private static final int ROWS = 400;

    @TempDir
    Path folder;

    /** Every simple type several times, so that there are more fields than bits in a mask. */
    private static StructType simple(int times) {
        StructType type = new StructType().add("id", DataTypes.IntegerType);
        for (int i = 0; i < times; i++) {
            for (StructField field : RandomTypes.everySimpleType().fields()) {
                if (!isNested(field.dataType())) {
                    type = type.add("c" + type.size(), field.dataType());
                }
            }
        }
        return type;
    }

    private static boolean isNested(DataType type) {
        return type instanceof StructType || type instanceof ArrayType || type instanceof MapType;
    }

    private Frame written(SparkSession session, StructType type, String name) {
        RandomTypes random = new RandomTypes(new Random(SEED));
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            Object[] cells = new Object[type.size()];
            cells[0] = i;
            for (int j = 1; j < cells.length; j++) {
                cells[j] = random.value(type.fields()[j].dataType());
            }
            rows.add(RowFactory.create(cells));
        }
        String at = folder.resolve(name).toString();
        session.createDataFrame(rows, type).repartition(2).write().parquet(at);
        return new Frame(session.read().parquet(at), Shape.of(type));
    }

    /** The three hashes of each record, as Spark's expressions have them. */
    private static Set<List<Long>> expected(DatasetSpec dataset, Frame frame) {
        Set<List<Long>> expected = new HashSet<>();
        Fingerprint.thin(dataset, frame)
                .select(col(Fingerprint.KEY_HASH), col(Fingerprint.COMPARE_1), col(Fingerprint.COMPARE_2))
                .collectAsList()
                .forEach(row -> expected.add(List.of(row.getLong(0), row.getLong(1), row.getLong(2))));
        return expected;
    }

    /** Keeps records of which all hashes are as expected, and says how many it has seen. */
    private record Expecting(HashSet<List<Long>> hashes) implements HashedPass.Act, Serializable {
        @Override
        public boolean asksForLanes() {
            return true;
        }

        @Override
        public HashedPass.Visit begin() {
            return new HashedPass.Visit() {
                private int seen;

                @Override
                public boolean keeps(long keyHash, long one, long two) {
                    seen++;
                    return hashes.contains(List.of(keyHash, one, two));
                }

                @Override
                public byte[] end() {
                    return ByteBuffer.allocate(Integer.BYTES).putInt(seen).array();
                }
            };
        }
    }

    private static void assertAllAsExpected(DatasetSpec dataset, Frame frame) {
        Set<List<Long>> expected = expected(dataset, frame);
        List<Row> kept = HashedPass.over(dataset, frame, new Expecting(new HashSet<>(expected)))
                .collectAsList();
        int last = frame.shape().stored().size();
        Set<Object> ids = new HashSet<>();
        int seen = 0;
        for (Row row : kept) {
            if (row.isNullAt(last)) {
                ids.add(row.get(0));
            } else {
                seen += ByteBuffer.wrap(row.<byte[]>getAs(last)).getInt();
            }
        }
        assertThat(expected).hasSize(ROWS);
        assertThat(seen).as("-Dpass.seed=%d", SEED).isEqualTo(ROWS);
        assertThat(ids).as("-Dpass.seed=%d", SEED).hasSize(ROWS);
    }

    @Test
    void columns_are_hashed_bit_for_bit_like_rows(SparkSession session) {
        Frame frame = written(session, simple(2), "simple");
        DatasetSpec dataset = Workspaces.dataset(folder, "key: [id, c1, c10, c12, c14, c16, c18, c20, c25, c56]");
        assertThat(HashedPass.way(dataset, frame)).isEqualTo(HashedPass.Way.COLUMNS);
        assertAllAsExpected(dataset, frame);
    }

    @Test
    void what_is_ignored_is_in_no_lane_that_is_compared(SparkSession session) {
        Frame frame = written(session, simple(3), "ignoring");
        DatasetSpec dataset = Workspaces.dataset(folder, "key: [id]\n    ignore: [c3, c40]");
        assertThat(HashedPass.way(dataset, frame)).isEqualTo(HashedPass.Way.COLUMNS);
        assertAllAsExpected(dataset, frame);
    }

    @Test
    void columns_in_another_order_and_under_other_names_are_still_columns(SparkSession session) {
        Frame frame = written(session, simple(1), "renamed");
        StructType stored = frame.shape().stored();
        StructType turned = new StructType();
        List<org.apache.spark.sql.Column> columns = new ArrayList<>();
        for (int i = stored.size() - 1; i >= 0; i--) {
            String name = i == 0 ? "id" : "c" + i;
            turned = turned.add(name, stored.fields()[i].dataType());
            columns.add(col(Shape.quoted(stored.fieldNames()[i])).alias(name));
        }
        Dataset<Row> records = frame.records().select(columns.toArray(org.apache.spark.sql.Column[]::new));
        Frame other = new Frame(records, Shape.of(turned));
        DatasetSpec dataset = Workspaces.dataset(folder, "key: [id]");
        assertThat(HashedPass.way(dataset, other)).isEqualTo(HashedPass.Way.COLUMNS);
        Set<List<Long>> expected = expected(dataset, other);
        Dataset<Row> kept = HashedPass.over(dataset, other, new Expecting(new HashSet<>(expected)))
                .where(col("id").isNotNull())
                .drop("_summary");
        assertThat(kept.exceptAll(records.select(
                                kept.columns()[0],
                                java.util.Arrays.copyOfRange(kept.columns(), 1, kept.columns().length)))
                        .isEmpty())
                .isTrue();
        assertThat(kept.count()).isEqualTo(ROWS);
    }

    @Test
    void what_is_more_than_columns_is_hashed_as_rows(SparkSession session) {
        Frame frame = written(session, simple(1), "filtered");
        DatasetSpec dataset = Workspaces.dataset(folder, "key: [id]");
        Frame filtered = new Frame(frame.records().where("id >= 0"), frame.shape());
        assertThat(HashedPass.way(dataset, filtered)).isEqualTo(HashedPass.Way.ROWS);
        assertAllAsExpected(dataset, filtered);
        StructType nested = RandomTypes.everySimpleType();
        StructType type = new StructType().add("id", DataTypes.IntegerType);
        for (StructField field : nested.fields()) {
            type = type.add(field);
        }
        Frame deep = written(session, type, "nested");
        assertThat(HashedPass.way(dataset, deep)).isEqualTo(HashedPass.Way.ROWS);
        assertAllAsExpected(dataset, deep);
    }
}
