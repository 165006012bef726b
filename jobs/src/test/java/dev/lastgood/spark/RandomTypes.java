package dev.lastgood.spark;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Random types, and random values of a type; few values of each, so that two are often alike. */
public final class RandomTypes {
    private static final List<DataType> SIMPLE = List.of(
            DataTypes.ByteType,
            DataTypes.ShortType,
            DataTypes.IntegerType,
            DataTypes.LongType,
            DataTypes.createDecimalType(9, 2),
            DataTypes.createDecimalType(38, 10),
            DataTypes.FloatType,
            DataTypes.DoubleType,
            DataTypes.StringType,
            DataTypes.BinaryType,
            DataTypes.BooleanType,
            DataTypes.DateType,
            DataTypes.TimestampType,
            DataTypes.TimestampNTZType);

    private static final List<String> NAMES = List.of("a", "b.b", "c`", "d e", "É");

    private final Random random;

    public RandomTypes(Random random) {
        this.random = random;
    }

    /** Every simple type, each also in an array, a map and a struct. */
    public static StructType everySimpleType() {
        StructType every = new StructType();
        for (DataType type : SIMPLE) {
            String name = type.simpleString();
            StructType struct = new StructType().add("x", type).add("y", type);
            every = every.add(name, type)
                    .add(name + " too", type)
                    .add("array of " + name, new ArrayType(type, true))
                    .add("map of " + name, new MapType(DataTypes.StringType, type, true))
                    .add("struct of " + name, struct);
        }
        return every;
    }

    /** A record type of a few fields, some nested up to that depth. */
    public StructType struct(int depth) {
        StructType struct = new StructType();
        int fields = 1 + random.nextInt(4);
        for (int i = 0; i < fields; i++) {
            struct = struct.add(NAMES.get(i), type(depth));
        }
        return struct;
    }

    private DataType type(int depth) {
        switch (depth == 0 ? 0 : random.nextInt(5)) {
            case 2:
                return struct(depth - 1);
            case 3:
                return new ArrayType(type(depth - 1), true);
            case 4:
                return new MapType(DataTypes.StringType, type(depth - 1), true);
            default:
                return SIMPLE.get(random.nextInt(SIMPLE.size()));
        }
    }

    public Row row(StructType type) {
        Object[] cells = new Object[type.size()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = value(type.fields()[i].dataType());
        }
        return RowFactory.create(cells);
    }

    /** The same row with one cell made anew, two cells of one type swapped, or nothing changed. */
    public Row changed(Row row, StructType type) {
        Object[] cells = new Object[type.size()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = row.get(i);
        }
        int at = random.nextInt(cells.length);
        int other = random.nextInt(cells.length);
        DataType here = type.fields()[at].dataType();
        if (random.nextInt(3) == 0 && here.equals(type.fields()[other].dataType())) {
            Object moved = cells[at];
            cells[at] = cells[other];
            cells[other] = moved;
        } else if (random.nextInt(3) > 0) {
            cells[at] = changed(cells[at], here);
        }
        return RowFactory.create(cells);
    }

    private @Nullable Object changed(@Nullable Object value, DataType type) {
        if (value instanceof Row row && type instanceof StructType struct && random.nextInt(4) > 0) {
            return changed(row, struct);
        }
        if (value instanceof List<?> items && !items.isEmpty() && type instanceof ArrayType array) {
            List<@Nullable Object> changed = new ArrayList<>(items);
            switch (random.nextInt(4)) {
                case 0 -> changed.remove(random.nextInt(changed.size()));
                case 1 -> changed.add(null);
                case 2 -> java.util.Collections.reverse(changed);
                default -> {
                    int at = random.nextInt(changed.size());
                    changed.set(at, changed(changed.get(at), array.elementType()));
                }
            }
            return changed;
        }
        return value(type);
    }

    public @Nullable Object value(DataType type) {
        if (random.nextInt(5) == 0) {
            return null;
        }
        if (type instanceof StructType struct) {
            return row(struct);
        }
        if (type instanceof ArrayType array) {
            List<@Nullable Object> items = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                items.add(value(array.elementType()));
            }
            return items;
        }
        if (type instanceof MapType map) {
            // In either order of the keys.
            List<String> keys = new ArrayList<>(List.of("k", "", "k2"));
            java.util.Collections.shuffle(keys, random);
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            for (String key : keys.subList(0, random.nextInt(3))) {
                entries.put(key, value(map.valueType()));
            }
            return entries;
        }
        return simple(type);
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private Object simple(DataType type) {
        return switch (type.simpleString()) {
            case "tinyint" -> one(List.of((byte) 0, (byte) 1, Byte.MIN_VALUE));
            case "smallint" -> one(List.of((short) 0, (short) 1, Short.MAX_VALUE));
            case "int" -> one(List.of(0, 1, Integer.MIN_VALUE));
            case "bigint" -> one(List.of(0L, 1L, Long.MAX_VALUE));
            case "decimal(9,2)" -> new BigDecimal(one(List.of("0", "1", "1.00", "-9999999.99")));
            case "decimal(38,10)" ->
                new BigDecimal(one(List.of("0", "1.0000000001", "1", "1234567890123456789012345678.0123456789")));
            case "float" -> one(List.of(0f, -0f, 0.1f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY));
            case "double" ->
                one(List.of(0.0, -0.0, 0.1, Double.NaN, Double.longBitsToDouble(0x7ff8000000000001L), 1e300));
            case "string" -> one(List.of("", " ", "a", "A", "b", "\ud83d\ude00", "a\u0000", "é", "e\u0301"));
            case "binary" -> one(List.of(new byte[0], new byte[] {0}, new byte[] {0, 0}, new byte[] {-1}));
            case "boolean" -> random.nextBoolean();
            case "date" ->
                one(List.of(
                        LocalDate.EPOCH,
                        LocalDate.of(1582, 10, 10),
                        LocalDate.of(-43, 3, 15),
                        LocalDate.of(9999, 12, 31)));
            case "timestamp" ->
                one(List.of(
                        Instant.EPOCH,
                        Instant.EPOCH.plusNanos(1000),
                        Instant.parse("-0043-03-15T12:34:56.789012Z"),
                        Instant.EPOCH.minusNanos(1000)));
            case "timestamp_ntz" ->
                one(List.of(
                        LocalDateTime.of(1970, 1, 1, 0, 0),
                        LocalDateTime.of(1500, 1, 1, 0, 0, 0, 1000),
                        LocalDateTime.of(1582, 10, 10, 12, 0)));
            default -> throw new IllegalStateException(type.simpleString());
        };
    }

    /** The fields of a struct type as a list. */
    public static List<StructField> fields(StructType type) {
        return List.of(type.fields());
    }
}
