package dev.lastgood.source;

import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Keys of records as structs of Spark, one field a path of the key, named as the path; and as people write them: the values
 * of the key fields in order, joined by commas, or a JSON object of them.
 */
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
            type = type.add(path.toString(), type(dataset, shape, path), true);
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

    /** The key as it is seen where keys are of that type; empty if it can be none of there. */
    public static Optional<Key> as(Key key, StructType type) {
        Map<String, Value> parts = new LinkedHashMap<>();
        for (Map.Entry<String, Value> part : key.parts().entrySet()) {
            Value value = part.getValue();
            Optional<Value> same = value.isNull()
                    ? Optional.of(value)
                    : value(value, type.apply(part.getKey()).dataType());
            if (same.isEmpty()) {
                return Optional.empty();
            }
            parts.put(part.getKey(), same.get());
        }
        return Optional.of(new Key(parts));
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

    // ---- as people write them

    /** The key, in the types of the key fields; empty if the text can be no key of that dataset. */
    public static Optional<Key> read(DatasetSpec dataset, Shape shape, String text) {
        return read(dataset, shape, text.strip().startsWith("{") ? members(dataset, text) : parts(dataset, text));
    }

    /** The same of values by the names of the key fields; empty if there are others, or not all of them. */
    public static Optional<Key> read(DatasetSpec dataset, Shape shape, Map<String, Literal> values) {
        List<@Nullable String> parts = new ArrayList<>();
        for (FieldPath path : dataset.key()) {
            Literal value = values.get(path.toString());
            if (value != null) {
                parts.add(value.kind() == Literal.Kind.NULL ? null : value.text());
            }
        }
        return values.size() == parts.size() ? read(dataset, shape, parts) : Optional.empty();
    }

    private static Optional<Key> read(DatasetSpec dataset, Shape shape, List<@Nullable String> parts) {
        if (parts.size() != dataset.key().size()) {
            return Optional.empty();
        }
        Map<String, Value> values = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            FieldPath path = dataset.key().get(i);
            String part = parts.get(i);
            Optional<Value> value = part == null ? Optional.of(Value.NULL) : value(part, type(dataset, shape, path));
            if (value.isEmpty()) {
                return Optional.empty();
            }
            values.put(path.toString(), value.get());
        }
        return Optional.of(new Key(values));
    }

    /** What to write, for a hint. */
    public static String hint(DatasetSpec dataset, Shape shape) {
        return "Write the values of %s, joined by commas."
                .formatted(dataset.key().stream()
                        .map(path -> "%s (%s)"
                                .formatted(path, type(dataset, shape, path).simpleString()))
                        .collect(Collectors.joining(" and ")));
    }

    private static DataType type(DatasetSpec dataset, Shape shape, FieldPath path) {
        try {
            return FieldTypes.of(path, shape.view(), dataset.name());
        } catch (FieldTypes.NoSuchField e) {
            throw new IllegalStateException("the shape was made for this key", e);
        }
    }

    /** A text that is the whole key may hold commas. */
    private static List<@Nullable String> parts(DatasetSpec dataset, String text) {
        if (dataset.key().size() == 1) {
            return List.of(text);
        }
        List<@Nullable String> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            parts.add(part.strip());
        }
        return parts;
    }

    private static List<@Nullable String> members(DatasetSpec dataset, String text) {
        JsonNode object;
        try {
            object = JsonValues.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            return parts(dataset, text);
        }
        List<@Nullable String> parts = new ArrayList<>();
        for (FieldPath path : dataset.key()) {
            JsonNode member = object.get(path.toString());
            if (member != null) {
                parts.add(member.isNull() ? null : member.asText());
            }
        }
        return object.size() == parts.size() ? parts : List.of();
    }

    private static Optional<Value> value(String text, DataType type) {
        return value(Value.of(text), type);
    }

    /** A value as one of that type, as it comes out of a record; empty if it is none. */
    public static Optional<Value> value(Value written, DataType type) {
        try {
            if (type instanceof StringType) {
                return Optional.of(written instanceof Value.Num number ? Value.of(number.toString()) : written);
            }
            if (!(written instanceof Value.Text text)) {
                return Optional.of(Rows.value(Rows.object(written, type)));
            }
            return Optional.of(Rows.value(Rows.object(typed(text.value().strip(), type), type)));
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Value typed(String text, DataType type) {
        if (type instanceof DoubleType || type instanceof FloatType) {
            return new Value.Real(Double.parseDouble(text));
        }
        if (type instanceof NumericType) {
            return Value.number(text);
        }
        if (type instanceof DateType) {
            return new Value.Day(LocalDate.parse(text));
        }
        return type instanceof BooleanType ? Value.of(Boolean.parseBoolean(text)) : Value.of(text);
    }
}
