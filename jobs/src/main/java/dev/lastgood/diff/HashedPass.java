package dev.lastgood.diff;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.path.FieldPath;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.InputAdapter;
import org.apache.spark.sql.execution.ProjectExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One pass over the records of a frame that sees their hashes, keeps some of the records, and says at the end of each task
 * what it has seen. Where the source gives batches of columns, these are hashed column by column, and only what is kept
 * becomes rows; elsewhere the hashes are Spark's own expressions in generated code. A shuffle or a sort there is none.
 */
final class HashedPass {
    private HashedPass() {}

    /** What is done with the hashes, on whichever machine a task runs. */
    interface Act extends Serializable {
        Visit begin();

        /** Whether it asks for the lanes, or for key hashes alone. */
        boolean asksForLanes();
    }

    /** What one task does. */
    interface Visit {
        /** Told of the key hashes that come next, to have ready what it will look up; they may be many or none. */
        default void expect(long[] keyHashes, int count) {}

        /** Called once for each record. */
        boolean keeps(long keyHash, long one, long two);

        /** Called once, behind the last record. */
        byte[] end();
    }

    /** How the records of a frame are seen. */
    enum Way {
        COLUMNS,
        ROWS
    }

    /**
     * The records that were kept, with {@link #summary} beside the stored columns; and one row a task that has nothing but
     * its summary. What a task says counts if its rows do, so it is as exact as they are however often it is tried.
     */
    static Dataset<Row> over(DatasetSpec dataset, Frame frame, Act act) {
        return Columns.of(dataset, frame)
                .map(columns -> columns.pass(frame, act))
                .orElseGet(() -> rows(dataset, frame, act));
    }

    /** All there is of records whose hashes are known already. */
    static final StructType HASHES = new StructType().add(Fingerprint.KEY_HASH, DataTypes.LongType);

    /**
     * The key hashes that were kept, in the same way.
     *
     * @param hashes a key hash and two lanes of what is compared, a row a record
     */
    static Dataset<Row> overHashes(Dataset<Row> hashes, Act act) {
        String[] names = hashes.columns();
        return visited(
                hashes.select(
                        col(names[0]).alias(Fingerprint.KEY_HASH),
                        col(names[0]).alias("_looked_up"),
                        col(names[1]),
                        col(names[2])),
                HASHES,
                act);
    }

    /** How {@link #over} will see them. */
    static Way way(DatasetSpec dataset, Frame frame) {
        return Columns.of(dataset, frame).isPresent() ? Way.COLUMNS : Way.ROWS;
    }

    /** The name of the column with what a task says at its end. */
    static String summary(StructType stored) {
        String name = "_summary";
        while (List.of(stored.fieldNames()).contains(name)) {
            name += "_";
        }
        return name;
    }

    private static StructType nullable(StructType type) {
        StructType nullable = new StructType();
        for (StructField field : type.fields()) {
            nullable = nullable.add(field.name(), field.dataType(), true);
        }
        return nullable;
    }

    private static Dataset<Row> frame(
            org.apache.spark.sql.SparkSession of, StructType stored, RDD<InternalRow> rows, StructType type) {
        String summary = summary(stored);
        Column[] columns = Stream.concat(Arrays.stream(stored.fieldNames()), Stream.of(summary))
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        SparkSession session = (SparkSession) of;
        return session.internalCreateDataFrame(rows, type.add(summary, DataTypes.BinaryType, true), false)
                .select(columns);
    }

    private static org.apache.spark.sql.execution.QueryExecution execution(Dataset<Row> rows) {
        return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution();
    }

    // ---- rows

    private static Dataset<Row> rows(DatasetSpec dataset, Frame frame, Act act) {
        StructType stored = frame.shape().stored();
        List<Column> columns = new ArrayList<>();
        for (String name : stored.fieldNames()) {
            columns.add(col(Shape.quoted(name)));
        }
        columns.add(col(Fingerprint.KEY_HASH));
        if (act.asksForLanes()) {
            columns.add(col(Fingerprint.COMPARE_1));
            columns.add(col(Fingerprint.COMPARE_2));
        }
        return visited(Fingerprint.hashed(dataset, frame).select(columns.toArray(Column[]::new)), stored, act);
    }

    /** @param hashed the stored columns, the key hash, and the lanes if they are asked for */
    private static Dataset<Row> visited(Dataset<Row> hashed, StructType stored, Act act) {
        RDD<InternalRow> rows = execution(hashed)
                .toRdd()
                .toJavaRDD()
                .mapPartitions(new OfRows(act, stored.size()))
                .rdd();
        return frame(hashed.sparkSession(), stored, rows, nullable(hashed.schema()));
    }

    /** The hashes lie behind the stored columns. */
    private record OfRows(Act act, int stored) implements FlatMapFunction<Iterator<InternalRow>, InternalRow> {
        @Override
        public Iterator<InternalRow> call(Iterator<InternalRow> rows) {
            Visit visit = act.begin();
            int width = stored + (act.asksForLanes() ? 3 : 1);
            return new Kept(width, visit) {
                @Override
                @Nullable
                InternalRow found() {
                    while (rows.hasNext()) {
                        InternalRow row = rows.next();
                        long one = act.asksForLanes() ? row.getLong(stored + 1) : 0;
                        long two = act.asksForLanes() ? row.getLong(stored + 2) : 0;
                        if (visit.keeps(row.getLong(stored), one, two)) {
                            return row;
                        }
                    }
                    return null;
                }
            };
        }
    }

    /** What is kept, and then what the visit says at its end. */
    private abstract static class Kept implements Iterator<InternalRow> {
        private final int width;
        private final Visit visit;
        private final JoinedRow joined = new JoinedRow();
        private final InternalRow nothing = new GenericInternalRow(1);
        private @Nullable InternalRow next;
        private boolean isAtEnd;
        private boolean hasSaid;

        Kept(int width, Visit visit) {
            this.width = width;
            this.visit = visit;
        }

        /** The next one that is kept; null behind the last. */
        abstract @Nullable InternalRow found();

        @Override
        public boolean hasNext() {
            if (next == null && !isAtEnd) {
                next = found();
                isAtEnd = next == null;
            }
            return !hasSaid;
        }

        @Override
        public InternalRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            if (next == null) {
                hasSaid = true;
                return joined.apply(new GenericInternalRow(width), new GenericInternalRow(new Object[] {visit.end()}));
            }
            InternalRow row = next;
            next = null;
            return joined.apply(row, nothing);
        }
    }

    // ---- columns

    /**
     * What it takes to hash batches.
     */
    private record Columns(SparkPlan scan, OfBatches hashes) {
        static Optional<Columns> of(DatasetSpec dataset, Frame frame) {
            Shape shape = frame.shape();
            if (!dataset.hasKey() || shape.isDocument() || !shape.json().isEmpty()) {
                return Optional.empty();
            }
            StructType stored = shape.stored();
            List<Integer> key = new ArrayList<>();
            for (FieldPath path : dataset.key()) {
                if (path.steps().size() > 1
                        || !shape.view()
                                .apply(path.root())
                                .dataType()
                                .equals(stored.apply(path.root()).dataType())) {
                    return Optional.empty();
                }
                key.add(stored.fieldIndex(path.root()));
            }
            List<Integer> compared = new ArrayList<>();
            for (int i = 0; i < stored.size(); i++) {
                FieldPath path = FieldPath.of(stored.fields()[i].name());
                if (!dataset.ignore().contains(path)) {
                    compared.add(i);
                }
            }
            Optional<ColumnHashes> keys = hashes(key, stored);
            Optional<ColumnHashes> lane = hashes(compared, stored);
            if (keys.isEmpty() || lane.isEmpty()) {
                return Optional.empty();
            }
            return scan(frame.records(), stored)
                    .map(scan -> new Columns(
                            scan.plan(),
                            new OfBatches(
                                    new ArrayList<>(scan.at()), keys.get(), lane.get(), Fingerprint.keyMask(), null)));
        }

        private static Optional<ColumnHashes> hashes(List<Integer> ordinals, StructType stored) {
            List<DataType> types =
                    ordinals.stream().map(i -> stored.fields()[i].dataType()).toList();
            return ColumnHashes.of(ordinals, types);
        }

        Dataset<Row> pass(Frame frame, Act act) {
            RDD<InternalRow> rows = scan.executeColumnar()
                    .toJavaRDD()
                    .mapPartitions(hashes.with(act))
                    .rdd();
            StructType stored = frame.shape().stored();
            return frame(frame.records().sparkSession(), stored, rows, nullable(stored));
        }

        /** A scan, and where in its batches each stored column is. */
        private record Scan(SparkPlan plan, List<Integer> at) {
            Scan {
                at = List.copyOf(at);
            }
        }

        /** The scan below records that are nothing but some of its columns, if it gives batches. */
        private static Optional<Scan> scan(Dataset<Row> records, StructType stored) {
            SparkPlan plan = execution(records).executedPlan();
            if (!(plan instanceof WholeStageCodegenExec generated)) {
                return Optional.empty();
            }
            List<? extends NamedExpression> columns = CollectionConverters.asJava(plan.output());
            SparkPlan below = generated.child();
            if (below instanceof ProjectExec project) {
                columns = CollectionConverters.asJava(project.projectList());
                below = project.child();
            }
            if (!(below instanceof ColumnarToRowExec rows)) {
                return Optional.empty();
            }
            SparkPlan scan = rows.child() instanceof InputAdapter adapter ? adapter.child() : rows.child();
            if (!scan.supportsColumnar() || !scan.children().isEmpty() || columns.size() != stored.size()) {
                return Optional.empty();
            }
            List<Attribute> given = CollectionConverters.asJava(scan.output());
            List<Integer> at = new ArrayList<>();
            for (int i = 0; i < stored.size(); i++) {
                StructField field = stored.fields()[i];
                ExprId wanted = source(columns.get(i));
                for (int j = 0; j < given.size() && at.size() == i; j++) {
                    Attribute one = given.get(j);
                    if (one.exprId().equals(wanted) && one.dataType().equals(field.dataType())) {
                        at.add(j);
                    }
                }
                if (at.size() == i || !columns.get(i).name().equals(field.name())) {
                    return Optional.empty();
                }
            }
            return Optional.of(new Scan(scan, at));
        }

        /** The column that an expression is, under whatever name; null if it is more than that. */
        private static @Nullable ExprId source(NamedExpression expression) {
            if (expression instanceof Alias alias) {
                return alias.child() instanceof AttributeReference reference ? reference.exprId() : null;
            }
            return expression instanceof AttributeReference reference ? reference.exprId() : null;
        }
    }

    /**
     * @param at by stored column where it is in the batches
     * @param act null until it is known
     */
    private record OfBatches(
            ArrayList<Integer> at,
            ColumnHashes key,
            ColumnHashes lane,
            long keyMask,
            @Nullable Act act) implements FlatMapFunction<Iterator<ColumnarBatch>, InternalRow> {

        OfBatches with(Act done) {
            return new OfBatches(at, key, lane, keyMask, done);
        }

        @Override
        public Iterator<InternalRow> call(Iterator<ColumnarBatch> batches) {
            Act done = Objects.requireNonNull(act);
            Visit visit = done.begin();
            return new Kept(at.size(), visit) {
                private long[] keys = new long[0];
                private long[] ones = new long[0];
                private long[] twos = new long[0];
                private @Nullable ColumnarBatch batch;
                private int row;

                @Override
                @Nullable
                InternalRow found() {
                    while (true) {
                        if (batch != null) {
                            int rows = batch.numRows();
                            while (row < rows) {
                                int i = row++;
                                if (visit.keeps(keys[i], ones[i], twos[i])) {
                                    return batch.getRow(i);
                                }
                            }
                        }
                        if (!batches.hasNext()) {
                            return null;
                        }
                        begin(batches.next());
                    }
                }

                private void begin(ColumnarBatch next) {
                    ColumnVector[] columns = at.stream().map(next::column).toArray(ColumnVector[]::new);
                    int rows = next.numRows();
                    if (keys.length < rows) {
                        keys = new long[rows];
                        ones = new long[rows];
                        twos = new long[rows];
                    }
                    key.hash(columns, rows, Fingerprint.KEY_SEED, keys);
                    for (int i = 0; i < rows; i++) {
                        keys[i] &= keyMask;
                    }
                    visit.expect(keys, rows);
                    if (done.asksForLanes()) {
                        lane.hash(columns, rows, Fingerprint.SEED_1, Fingerprint.SEED_2, ones, twos);
                    }
                    batch = new ColumnarBatch(columns, rows);
                    row = 0;
                }
            };
        }
    }
}
