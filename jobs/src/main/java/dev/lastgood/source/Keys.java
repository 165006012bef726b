package dev.lastgood.source;

import static org.apache.spark.sql.functions.lit;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Keys of records as structs of Spark, one field a path of the key, named as the path; and back. */
public final class Keys {
    private Keys() {}

    /** The key of a record that lies in a frame of the shape. */
    public static Column column(DatasetSpec dataset, Shape shape) {
        return Sources.key(dataset, shape, "");
    }

    /** The type of {@link #column}. */
    public static StructType type(DatasetSpec dataset, Shape shape) {
        StructType type = new StructType();
        for (FieldPath path : dataset.key()) {
            type = type.add(path.toString(), type(shape.view(), path), true);
        }
        return type;
    }

    private static DataType type(StructType view, FieldPath path) {
        DataType type = view.apply(path.root()).dataType();
        for (var step : path.steps().subList(1, path.steps().size())) {
            type = ((StructType) type)
                    .apply(((dev.lastgood.path.Step.Name) step).name())
                    .dataType();
        }
        return type;
    }

    /** The key a struct holds. */
    public static Key key(Row struct) {
        Map<String, Value> parts = new LinkedHashMap<>();
        String[] names = struct.schema().fieldNames();
        for (int i = 0; i < names.length; i++) {
            parts.put(names[i], Rows.value(struct.get(i)));
        }
        return new Key(parts);
    }

    /** The cells of a struct that holds the key. Throws IllegalArgumentException for a value that does not fit its field. */
    public static List<@Nullable Object> cells(Key key, StructType type) {
        List<@Nullable Object> cells = new ArrayList<>();
        StructField[] fields = type.fields();
        int at = 0;
        for (Value value : key.parts().values()) {
            cells.add(Rows.object(value, fields[at].dataType()));
            at++;
        }
        return cells;
    }

    /** Whether two structs hold the same key; NULL is a value like any other. */
    public static Column same(Column one, Column other, StructType type) {
        Column same = lit(true);
        for (String name : type.fieldNames()) {
            same = same.and(one.getField(name).eqNullSafe(other.getField(name)));
        }
        return same;
    }
}
