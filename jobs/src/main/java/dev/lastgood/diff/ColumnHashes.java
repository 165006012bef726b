package dev.lastgood.diff;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of {@link Fingerprint} over batches of columns, one column after the other: bit for bit what Spark's {@code
 * xxhash64} makes of the same inputs. Only of columns that are no nested ones.
 */
final class ColumnHashes implements Serializable {
    private static final long serialVersionUID = 1;

    /** What {@code xxhash64} begins with, before its first argument. */
    private static final long START = 42;

    private final int[] ordinals;
    private final Kind[] kinds;
    private final int[] precisions;
    private final int[] scales;

    /** How the values of a column are hashed. */
    private enum Kind {
        BOOLEAN,
        BYTE,
        SHORT,
        INT,
        DAY,
        LONG,
        FLOAT,
        DOUBLE,
        SMALL_DECIMAL,
        DECIMAL,
        TEXT,
        BINARY;

        static Optional<Kind> of(DataType type) {
            if (type instanceof BooleanType) {
                return Optional.of(BOOLEAN);
            } else if (type instanceof ByteType) {
                return Optional.of(BYTE);
            } else if (type instanceof ShortType) {
                return Optional.of(SHORT);
            } else if (type instanceof IntegerType) {
                return Optional.of(INT);
            } else if (type instanceof DateType) {
                return Optional.of(DAY);
            } else if (type instanceof LongType || type instanceof TimestampType || type instanceof TimestampNTZType) {
                return Optional.of(LONG);
            } else if (type instanceof FloatType) {
                return Optional.of(FLOAT);
            } else if (type instanceof DoubleType) {
                return Optional.of(DOUBLE);
            } else if (type instanceof DecimalType decimal) {
                return Optional.of(decimal.precision() <= Decimal.MAX_LONG_DIGITS() ? SMALL_DECIMAL : DECIMAL);
            } else if (type instanceof StringType) {
                return Optional.of(TEXT);
            }
            return type instanceof BinaryType ? Optional.of(BINARY) : Optional.empty();
        }
    }

    private ColumnHashes(int[] ordinals, Kind[] kinds, int[] precisions, int[] scales) {
        this.ordinals = ordinals;
        this.kinds = kinds;
        this.precisions = precisions;
        this.scales = scales;
    }

    /** @param ordinals of the columns, in the order in which they are hashed; empty if a column is of another type */
    static Optional<ColumnHashes> of(List<Integer> ordinals, List<DataType> types) {
        List<Kind> kinds = new ArrayList<>();
        for (DataType type : types) {
            Optional<Kind> kind = Kind.of(type);
            if (kind.isEmpty()) {
                return Optional.empty();
            }
            kinds.add(kind.get());
        }
        return Optional.of(new ColumnHashes(
                ordinals.stream().mapToInt(Integer::intValue).toArray(),
                kinds.toArray(Kind[]::new),
                types.stream()
                        .mapToInt(type -> type instanceof DecimalType decimal ? decimal.precision() : 0)
                        .toArray(),
                types.stream()
                        .mapToInt(type -> type instanceof DecimalType decimal ? decimal.scale() : 0)
                        .toArray()));
    }

    /** Hashes the first rows of the columns with one seed. */
    void hash(ColumnVector[] columns, int rows, long seed, long[] into) {
        Arrays.fill(into, 0, rows, XXH64.hashLong(seed, START));
        mark(columns, rows, into, null);
        for (int i = 0; i < kinds.length; i++) {
            add(i, columns[ordinals[i]], rows, into);
        }
    }

    /** The same with two seeds at once. */
    void hash(ColumnVector[] columns, int rows, long seed, long other, long[] into, long[] too) {
        Arrays.fill(into, 0, rows, XXH64.hashLong(seed, START));
        Arrays.fill(too, 0, rows, XXH64.hashLong(other, START));
        mark(columns, rows, into, too);
        for (int i = 0; i < kinds.length; i++) {
            add(i, columns[ordinals[i]], rows, into, too);
        }
    }

    /** The marks of what is null come before all values. */
    private void mark(ColumnVector[] columns, int rows, long[] into, long @Nullable [] too) {
        int[] marks = new int[rows];
        for (int from = 0; from < kinds.length; from += Fingerprint.MASK_BITS) {
            Arrays.fill(marks, 0);
            for (int i = from; i < Math.min(kinds.length, from + Fingerprint.MASK_BITS); i++) {
                ColumnVector column = columns[ordinals[i]];
                if (column.hasNull()) {
                    int bit = 1 << (i - from);
                    for (int row = 0; row < rows; row++) {
                        if (column.isNullAt(row)) {
                            marks[row] |= bit;
                        }
                    }
                }
            }
            for (int row = 0; row < rows; row++) {
                into[row] = XXH64.hashInt(marks[row], into[row]);
            }
            if (too != null) {
                for (int row = 0; row < rows; row++) {
                    too[row] = XXH64.hashInt(marks[row], too[row]);
                }
            }
        }
    }

    private void add(int which, ColumnVector column, int rows, long[] into) {
        boolean nulls = column.hasNull();
        Kind kind = kinds[which];
        switch (kind) {
            case TEXT -> {
                byte[] all = bytesOf(column);
                if (all != null && column instanceof WritableColumnVector texts) {
                    for (int row = 0; row < rows; row++) {
                        if (!nulls || !column.isNullAt(row)) {
                            int from = Platform.BYTE_ARRAY_OFFSET + texts.getArrayOffset(row);
                            into[row] = XXH64.hashUnsafeBytes(all, from, texts.getArrayLength(row), into[row]);
                        }
                    }
                    return;
                }
                Texts known = Texts.of(column);
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        into[row] = text(known.at(row), into[row]);
                    }
                }
            }
            case BINARY, DECIMAL -> {
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        into[row] = bytes(bytes(which, column, row), into[row]);
                    }
                }
            }
            case BOOLEAN, DAY -> {
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        into[row] = XXH64.hashInt(small(kind, column, row), into[row]);
                    }
                }
            }
            default -> {
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        into[row] = XXH64.hashLong(whole(which, column, row), into[row]);
                    }
                }
            }
        }
    }

    private void add(int which, ColumnVector column, int rows, long[] into, long[] too) {
        boolean nulls = column.hasNull();
        Kind kind = kinds[which];
        switch (kind) {
            case TEXT -> {
                byte[] all = bytesOf(column);
                if (all != null && column instanceof WritableColumnVector texts) {
                    for (int row = 0; row < rows; row++) {
                        if (!nulls || !column.isNullAt(row)) {
                            int from = Platform.BYTE_ARRAY_OFFSET + texts.getArrayOffset(row);
                            int length = texts.getArrayLength(row);
                            into[row] = XXH64.hashUnsafeBytes(all, from, length, into[row]);
                            too[row] = XXH64.hashUnsafeBytes(all, from, length, too[row]);
                        }
                    }
                    return;
                }
                Texts known = Texts.of(column);
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        UTF8String text = known.at(row);
                        into[row] = text(text, into[row]);
                        too[row] = text(text, too[row]);
                    }
                }
            }
            case BINARY, DECIMAL -> {
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        byte[] bytes = bytes(which, column, row);
                        into[row] = bytes(bytes, into[row]);
                        too[row] = bytes(bytes, too[row]);
                    }
                }
            }
            case BOOLEAN, DAY -> {
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        int value = small(kind, column, row);
                        into[row] = XXH64.hashInt(value, into[row]);
                        too[row] = XXH64.hashInt(value, too[row]);
                    }
                }
            }
            default -> {
                for (int row = 0; row < rows; row++) {
                    if (!nulls || !column.isNullAt(row)) {
                        long value = whole(which, column, row);
                        into[row] = XXH64.hashLong(value, into[row]);
                        too[row] = XXH64.hashLong(value, too[row]);
                    }
                }
            }
        }
    }

    /** What all texts of a column lie in, one behind the other, if that can be had: then none becomes an object of its own. */
    private static byte @Nullable [] bytesOf(ColumnVector column) {
        return column instanceof WritableColumnVector texts
                        && !texts.hasDictionary()
                        && texts.arrayData() instanceof OnHeapColumnVector bytes
                ? bytes.getByteBuffer(0, 0).array()
                : null;
    }

    /** The texts of a batch's column; those that stand in the front of a dictionary are made once, not for each row. */
    private static final class Texts {
        private static final int MOST_KNOWN = 256;

        private final ColumnVector column;
        private final @Nullable WritableColumnVector numbers;
        private final UTF8String[] known;

        private Texts(ColumnVector column, @Nullable WritableColumnVector numbers, int known) {
            this.column = column;
            this.numbers = numbers;
            this.known = new UTF8String[known];
        }

        static Texts of(ColumnVector column) {
            return column instanceof WritableColumnVector vector && vector.hasDictionary()
                    ? new Texts(column, vector.getDictionaryIds(), MOST_KNOWN)
                    : new Texts(column, null, 0);
        }

        /** Only of what is not null. */
        UTF8String at(int row) {
            int number = numbers == null ? MOST_KNOWN : numbers.getDictId(row);
            if (number >= MOST_KNOWN) {
                return column.getUTF8String(row);
            }
            UTF8String text = known[number];
            if (text == null) {
                text = column.getUTF8String(row);
                known[number] = text;
            }
            return text;
        }
    }

    private static long text(UTF8String text, long seed) {
        return XXH64.hashUnsafeBytes(text.getBaseObject(), text.getBaseOffset(), text.numBytes(), seed);
    }

    private static long bytes(byte[] bytes, long seed) {
        return XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, seed);
    }

    private byte[] bytes(int which, ColumnVector column, int row) {
        return kinds[which] == Kind.BINARY
                ? column.getBinary(row)
                : column.getDecimal(row, precisions[which], scales[which])
                        .toJavaBigDecimal()
                        .unscaledValue()
                        .toByteArray();
    }

    private static int small(Kind kind, ColumnVector column, int row) {
        return kind == Kind.DAY ? column.getInt(row) : column.getBoolean(row) ? 1 : 0;
    }

    private long whole(int which, ColumnVector column, int row) {
        return switch (kinds[which]) {
            case BYTE -> column.getByte(row);
            case SHORT -> column.getShort(row);
            case INT -> column.getInt(row);
            case FLOAT -> real(column.getFloat(row));
            case DOUBLE -> real(column.getDouble(row));
            case SMALL_DECIMAL ->
                column.getDecimal(row, precisions[which], scales[which]).toUnscaledLong();
            default -> column.getLong(row);
        };
    }

    /** As {@link Fingerprint} has it: one NaN, and one zero. */
    private static long real(double value) {
        return Double.doubleToLongBits(value == 0.0 ? 0.0 : value);
    }
}
