package dev.lastgood.judge;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Equality of values of any type, maps included, which Spark does not compare; some fields may be left out. */
final class Same {
    private static final Step EACH = new Step.Each();

    private final Set<FieldPath> ignored;

    /** @param ignored paths of what does not count */
    Same(Set<FieldPath> ignored) {
        this.ignored = Set.copyOf(ignored);
    }

    /** Whether the fields of two structs of the same type are the same; null is the same as null. */
    Column fields(Column one, Column other, StructType type) {
        Column same = lit(true);
        for (StructField field : type.fields()) {
            FieldPath path = FieldPath.of(field.name());
            if (!ignored.contains(path)) {
                same = same.and(
                        value(one.getField(field.name()), other.getField(field.name()), field.dataType(), path));
            }
        }
        return same;
    }

    /** Whether two values of the same type, at that path, are the same. */
    Column value(Column one, Column other, DataType type, FieldPath path) {
        return normal(one, type, path).eqNullSafe(normal(other, type, path));
    }

    /** A value of which equality in Spark is equality here. */
    Column normal(Column value, DataType type, FieldPath path) {
        if (isNormal(type, path)) {
            return value;
        }
        if (type instanceof ArrayType array) {
            return transform(value, item -> normal(item, array.elementType(), path.plus(EACH)));
        }
        if (type instanceof MapType map) {
            return array_sort(transform(
                    map_entries(value),
                    entry -> struct(
                            entry.getField("key").alias("key"),
                            normal(entry.getField("value"), map.valueType(), path)
                                    .alias("value"))));
        }
        StructType fields = (StructType) type;
        List<Column> kept = new ArrayList<>();
        for (StructField field : fields.fields()) {
            FieldPath child = path.child(field.name());
            if (!ignored.contains(child)) {
                kept.add(normal(value.getField(field.name()), field.dataType(), child)
                        .alias(field.name()));
            }
        }
        Column whole = kept.isEmpty() ? lit(true) : struct(kept.toArray(Column[]::new));
        return when(value.isNotNull(), whole);
    }

    private boolean isNormal(DataType type, FieldPath path) {
        if (type instanceof ArrayType array) {
            return isNormal(array.elementType(), path.plus(EACH));
        }
        if (type instanceof StructType struct) {
            return Arrays.stream(struct.fields())
                    .allMatch(field -> !ignored.contains(path.child(field.name()))
                            && isNormal(field.dataType(), path.child(field.name())));
        }
        return !(type instanceof MapType);
    }
}
