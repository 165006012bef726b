package dev.lastgood.diff;

import dev.lastgood.path.FieldPath;
import dev.lastgood.source.Digits;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How the fields of one side differ from those of the other. A part of every result: what is on one side only, or of another
 * type, is never passed over in silence.
 *
 * @param before type before, empty if added
 * @param after type after, empty if dropped
 */
public record SchemaChange(Kind kind, String field, String before, String after) {

    /** What became of a field. */
    public enum Kind {
        ADDED,
        DROPPED,
        RETYPED
    }

    /** Two sides with the same columns, of the narrowest types that hold both; and what had to be done for it. */
    public record Aligned(Frame before, Frame after, List<SchemaChange> changes) {
        public Aligned {
            changes = List.copyOf(changes);
        }
    }

    /** The fields both sides have, in the order of the side after; the key is seen on both in a type that holds both. */
    public static Aligned align(DatasetSpec dataset, Frame before, Frame after) {
        if (before.shape().isDocument() && after.shape().isDocument()) {
            return new Aligned(
                    new Frame(before.records(), keysAlike(dataset, before.shape(), after.shape())),
                    new Frame(after.records(), keysAlike(dataset, after.shape(), before.shape())),
                    List.of());
        }
        List<SchemaChange> changes = new ArrayList<>();
        List<Column> ofBefore = new ArrayList<>();
        List<Column> ofAfter = new ArrayList<>();
        StructType stored = new StructType();
        StructType view = new StructType();
        Set<String> there = Set.of(before.shape().stored().fieldNames());
        for (StructField field : after.shape().stored().fields()) {
            String name = field.name();
            Column column = functions.col(Shape.quoted(name));
            if (!there.contains(name)) {
                changes.add(
                        new SchemaChange(Kind.ADDED, name, "", field.dataType().simpleString()));
                continue;
            }
            DataType old = before.shape().stored().apply(name).dataType();
            DataType now = field.dataType();
            DataType common = common(old, now);
            if (!old.catalogString().equals(now.catalogString())) {
                changes.add(new SchemaChange(Kind.RETYPED, name, old.simpleString(), now.simpleString()));
            }
            boolean thenNumber = before.shape().numbers().contains(name);
            boolean nowNumber = after.shape().numbers().contains(name);
            boolean numbers =
                    common instanceof StringType && (thenNumber || isExact(old)) && (nowNumber || isExact(now));
            ofBefore.add(
                    numbers && !thenNumber
                            ? digits(column).alias(name)
                            : to(column, old, common).alias(name));
            ofAfter.add(
                    numbers && !nowNumber
                            ? digits(column).alias(name)
                            : to(column, now, common).alias(name));
            stored = numbers ? stored.add(name, common, true, Shape.number()) : stored.add(name, common);
            DataType seen = after.shape().view().apply(name).dataType();
            // What the rules saw as a value they still see as one, however it is compared.
            boolean stays = !seen.equals(now) || (common instanceof StringType && !isNested(now));
            view = view.add(name, stays ? seen : common);
        }
        Set<String> nowThere = Set.of(after.shape().stored().fieldNames());
        Arrays.stream(before.shape().stored().fields())
                .filter(field -> !nowThere.contains(field.name()))
                .forEach(field -> changes.add(new SchemaChange(
                        Kind.DROPPED, field.name(), field.dataType().simpleString(), "")));
        Shape shape = keysAlike(dataset, new Shape(stored, view, after.shape().json()), before.shape());
        return new Aligned(
                new Frame(select(before.records(), ofBefore), shape),
                new Frame(select(after.records(), ofAfter), shape),
                changes);
    }

    /**
     * The shape where a part of the key that is inside JSON is seen in a type that holds it on the other side as well. What
     * JSON is seen as is learned from each side's own records, and one odd id must not make all keys others.
     */
    private static Shape keysAlike(DatasetSpec dataset, Shape shape, Shape other) {
        StructType view = shape.view();
        for (FieldPath path : dataset.key()) {
            if (!shape.isDocument() && !shape.json().contains(path.root())) {
                continue;
            }
            Optional<DataType> mine = type(path, shape, dataset);
            Optional<DataType> theirs = type(path, other, dataset);
            if (mine.isPresent() && theirs.isPresent()) {
                view = FieldTypes.with(view, path, common(mine.get(), theirs.get()));
            }
        }
        return new Shape(shape.stored(), view, shape.json(), shape.numbers());
    }

    private static Optional<DataType> type(FieldPath path, Shape shape, DatasetSpec dataset) {
        try {
            return Optional.of(FieldTypes.of(path, shape.view(), dataset.name()));
        } catch (FieldTypes.NoSuchField e) {
            return Optional.empty();
        }
    }

    private static Column digits(Column number) {
        return Digits.canonical(number.cast("string"));
    }

    /** The values in a type made by {@link #common}: of nested ones what both have, or their JSON with its nulls. */
    private static Column to(Column value, DataType from, DataType to) {
        if (from.equals(to)) {
            return value;
        }
        if (from instanceof StructType fields && to instanceof StructType wanted) {
            Column[] inside = Arrays.stream(wanted.fields())
                    .map(field -> to(
                                    value.getField(field.name()),
                                    fields.apply(field.name()).dataType(),
                                    field.dataType())
                            .alias(field.name()))
                    .toArray(Column[]::new);
            return functions.when(value.isNotNull(), functions.struct(inside));
        }
        if (from instanceof ArrayType array && to instanceof ArrayType wanted) {
            return functions.transform(value, item -> to(item, array.elementType(), wanted.elementType()));
        }
        if (from instanceof MapType map && to instanceof MapType wanted) {
            return functions.transform_values(value, (key, item) -> to(item, map.valueType(), wanted.valueType()));
        }
        return isNested(from) && to instanceof StringType
                ? functions.to_json(value, Map.of("ignoreNullFields", "false"))
                : value.cast(to);
    }

    private static Dataset<Row> select(Dataset<Row> records, List<Column> columns) {
        return records.select(columns.toArray(Column[]::new));
    }

    /** The narrowest type that holds the values of both exactly; text if there is no other. */
    static DataType common(DataType one, DataType other) {
        if (one.equals(other)) {
            return one;
        }
        if (isInteger(one) && isInteger(other)) {
            return DataTypes.LongType;
        }
        if ((isInteger(one) || one instanceof DecimalType) && (isInteger(other) || other instanceof DecimalType)) {
            DecimalType a = decimal(one);
            DecimalType b = decimal(other);
            int scale = Math.max(a.scale(), b.scale());
            int whole = Math.max(a.precision() - a.scale(), b.precision() - b.scale());
            return whole + scale <= 38 ? DataTypes.createDecimalType(whole + scale, scale) : DataTypes.StringType;
        }
        if (one instanceof StructType before && other instanceof StructType after) {
            StructType both = new StructType();
            for (StructField field : after.fields()) {
                Optional<StructField> old = FieldTypes.field(before, field.name());
                both = old.isEmpty()
                        ? both
                        : both.add(field.name(), common(old.get().dataType(), field.dataType()), true);
            }
            return both.isEmpty() ? DataTypes.StringType : both;
        }
        if (one instanceof ArrayType before && other instanceof ArrayType after) {
            return new ArrayType(common(before.elementType(), after.elementType()), true);
        }
        if (one instanceof MapType before
                && other instanceof MapType after
                && before.keyType().equals(after.keyType())) {
            return new MapType(before.keyType(), common(before.valueType(), after.valueType()), true);
        }
        boolean reals = (one instanceof FloatType || one instanceof DoubleType)
                && (other instanceof FloatType || other instanceof DoubleType);
        return reals ? DataTypes.DoubleType : DataTypes.StringType;
    }

    private static boolean isInteger(DataType type) {
        return type instanceof ByteType
                || type instanceof ShortType
                || type instanceof IntegerType
                || type instanceof LongType;
    }

    private static boolean isExact(DataType type) {
        return isInteger(type) || type instanceof DecimalType;
    }

    private static boolean isNested(DataType type) {
        return type instanceof StructType || type instanceof ArrayType || type instanceof MapType;
    }

    private static DecimalType decimal(DataType type) {
        return type instanceof DecimalType decimal ? decimal : DataTypes.createDecimalType(19, 0);
    }
}
