package dev.lastgood.diff;

import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
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

    /** The fields both sides have, in the order of the side after. */
    public static Aligned align(Frame before, Frame after) {
        if (before.shape().isDocument() && after.shape().isDocument()) {
            return new Aligned(before, after, List.of());
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
            DataType common = common(old, field.dataType());
            if (!old.equals(field.dataType())) {
                changes.add(new SchemaChange(
                        Kind.RETYPED, name, old.simpleString(), field.dataType().simpleString()));
            }
            ofBefore.add(old.equals(common) ? column : column.cast(common).alias(name));
            ofAfter.add(
                    field.dataType().equals(common)
                            ? column
                            : column.cast(common).alias(name));
            boolean numbers = before.shape().numbers().contains(name)
                    && after.shape().numbers().contains(name);
            stored = numbers ? stored.add(name, common, true, Shape.number()) : stored.add(name, common);
            DataType seen = after.shape().view().apply(name).dataType();
            view = view.add(name, seen.equals(field.dataType()) ? common : seen);
        }
        Set<String> now = Set.of(after.shape().stored().fieldNames());
        Arrays.stream(before.shape().stored().fields())
                .filter(field -> !now.contains(field.name()))
                .forEach(field -> changes.add(new SchemaChange(
                        Kind.DROPPED, field.name(), field.dataType().simpleString(), "")));
        Shape shape = new Shape(stored, view, after.shape().json());
        return new Aligned(
                new Frame(select(before.records(), ofBefore), shape),
                new Frame(select(after.records(), ofAfter), shape),
                changes);
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

    private static DecimalType decimal(DataType type) {
        return type instanceof DecimalType decimal ? decimal : DataTypes.createDecimalType(19, 0);
    }
}
