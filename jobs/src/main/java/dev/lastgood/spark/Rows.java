package dev.lastgood.spark;

import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/** Spark's rows as values in canonical form, and back. */
public final class Rows {
    private Rows() {}

    /** Whether values of the type have a canonical form here; intervals, variants and the like have none. */
    public static boolean supports(DataType type) {
        if (type instanceof StructType struct) {
            for (StructField field : struct.fields()) {
                if (!supports(field.dataType())) {
                    return false;
                }
            }
            return true;
        }
        if (type instanceof ArrayType array) {
            return supports(array.elementType());
        }
        if (type instanceof MapType map) {
            return map.keyType() instanceof StringType && supports(map.valueType());
        }
        return type instanceof IntegralType
                || type instanceof DecimalType
                || type instanceof StringType
                || type instanceof BooleanType
                || type instanceof DoubleType
                || type instanceof FloatType
                || type instanceof DateType
                || type instanceof TimestampType
                || type instanceof TimestampNTZType
                || type instanceof BinaryType
                || type instanceof NullType;
    }

    /** The record a row holds: one field a column, SQL's NULL as null. */
    public static Image image(Row row) {
        return new Image(object(row));
    }

    private static Value.Obj object(Row row) {
        StructType type = row.schema();
        TreeMap<String, Value> fields = new TreeMap<>();
        StructField[] columns = type.fields();
        for (int i = 0; i < columns.length; i++) {
            fields.put(columns[i].name(), value(row.get(i)));
        }
        return new Value.Obj(fields);
    }

    /** The value of an object as {@link Row#get} gives it, with the Java 8 time API. */
    public static Value value(@Nullable Object object) {
        if (object == null) {
            return Value.NULL;
        }
        if (object instanceof String text) {
            return new Value.Text(text);
        }
        if (object instanceof BigDecimal number) {
            return new Value.Num(number);
        }
        if (object instanceof Double number) {
            return new Value.Real(number);
        }
        if (object instanceof Float number) {
            return new Value.Real(number);
        }
        if (object instanceof BigInteger number) {
            return new Value.Num(new BigDecimal(number));
        }
        if (object instanceof Number number) {
            return Value.of(number.longValue());
        }
        if (object instanceof Boolean bool) {
            return new Value.Bool(bool);
        }
        if (object instanceof Instant || object instanceof LocalDateTime || object instanceof LocalDate) {
            return time(object);
        }
        if (object instanceof byte[] bytes) {
            return new Value.Bytes(bytes);
        }
        if (object instanceof Row row) {
            return object(row);
        }
        if (object instanceof scala.collection.Map<?, ?> map) {
            TreeMap<String, Value> fields = new TreeMap<>();
            var entries = map.iterator();
            while (entries.hasNext()) {
                var entry = entries.next();
                fields.put((String) entry._1(), value(entry._2()));
            }
            return new Value.Obj(fields);
        }
        if (object instanceof scala.collection.Seq<?> seq) {
            List<Value> items = new ArrayList<>(seq.size());
            var elements = seq.iterator();
            while (elements.hasNext()) {
                items.add(value(elements.next()));
            }
            return new Value.Array(items);
        }
        throw new IllegalStateException("no canonical form for " + object.getClass());
    }

    private static Value time(Object time) {
        if (Infinity.LATEST.contains(time)) {
            return Infinity.AFTER_ALL;
        }
        if (Infinity.EARLIEST.contains(time)) {
            return Infinity.BEFORE_ALL;
        }
        if (time instanceof Instant instant) {
            return new Value.Moment(instant);
        }
        return time instanceof LocalDateTime local ? new Value.LocalMoment(local) : new Value.Day((LocalDate) time);
    }

    /** A row of the schema that holds the image's fields; an absent field is NULL, one the schema has not is left out. */
    public static Row row(Image image, StructType schema) {
        return row(image.object(), schema);
    }

    private static Row row(Value.Obj object, StructType schema) {
        StructField[] columns = schema.fields();
        Object[] cells = new Object[columns.length];
        for (int i = 0; i < columns.length; i++) {
            cells[i] = object(object.fields().get(columns[i].name()), columns[i].dataType());
        }
        return RowFactory.create(cells);
    }

    /** What Spark takes for a value of the type. Throws IllegalArgumentException if the value does not fit the type. */
    public static @Nullable Object object(@Nullable Value value, DataType type) {
        if (value == null || value.isNull()) {
            return null;
        }
        if (value instanceof Value.Num num) {
            return number(num.value(), type);
        }
        if (type instanceof FloatType && value instanceof Value.Real real) {
            float single = (float) real.value();
            if (Double.compare(single, real.value()) != 0) {
                throw unfit(value, type);
            }
            return single;
        }
        if (type instanceof ArrayType array && value instanceof Value.Array items) {
            List<@Nullable Object> objects = new ArrayList<>();
            for (Value item : items.items()) {
                objects.add(object(item, array.elementType()));
            }
            return objects;
        }
        if (type instanceof StructType struct && value instanceof Value.Obj object) {
            return row(object, struct);
        }
        if (type instanceof MapType map && value instanceof Value.Obj object) {
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            object.fields().forEach((name, item) -> entries.put(name, object(item, map.valueType())));
            return entries;
        }
        Object plain = Infinity.is(value, type) ? Infinity.time(value, type) : plain(value);
        if (plain == null || !accepts(type, plain)) {
            throw unfit(value, type);
        }
        return plain;
    }

    /**
     * The infinite times of PostgreSQL, of which Spark has none: they lie in Spark as the first and the last time of
     * their type, so that rules compare them rightly, and are the texts {@code infinity} and {@code -infinity} in images.
     */
    private static final class Infinity {
        static final Value AFTER_ALL = new Value.Text("infinity");
        static final Value BEFORE_ALL = new Value.Text("-infinity");
        static final Set<Object> LATEST = times(Long.MAX_VALUE, Integer.MAX_VALUE);
        static final Set<Object> EARLIEST = times(Long.MIN_VALUE, Integer.MIN_VALUE);

        private static Set<Object> times(long micros, int days) {
            Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
            return Set.of(instant, LocalDateTime.ofInstant(instant, ZoneOffset.UTC), LocalDate.ofEpochDay(days));
        }

        static boolean is(Value value, DataType type) {
            boolean infinite = value.equals(AFTER_ALL) || value.equals(BEFORE_ALL);
            return infinite
                    && (type instanceof DateType || type instanceof TimestampType || type instanceof TimestampNTZType);
        }

        static Object time(Value value, DataType type) {
            return (value.equals(AFTER_ALL) ? LATEST : EARLIEST)
                    .stream().filter(time -> accepts(type, time)).findFirst().orElseThrow();
        }
    }

    private static IllegalArgumentException unfit(Value value, DataType type) {
        return new IllegalArgumentException(
                "a value of kind " + value.getClass().getSimpleName() + " is no " + type.simpleString());
    }

    private static Object number(BigDecimal number, DataType type) {
        try {
            if (type instanceof LongType) {
                return number.longValueExact();
            }
            if (type instanceof IntegerType) {
                return number.intValueExact();
            }
            if (type instanceof ShortType) {
                return number.shortValueExact();
            }
            if (type instanceof ByteType) {
                return number.byteValueExact();
            }
            if (type instanceof DecimalType decimal
                    && (number.signum() == 0
                            || (long) number.precision() - number.scale() <= decimal.precision() - decimal.scale())) {
                return number.setScale(decimal.scale(), RoundingMode.UNNECESSARY);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a number does not fit " + type.simpleString(), e);
        }
        throw new IllegalArgumentException("a number does not fit " + type.simpleString());
    }

    private static @Nullable Object plain(Value value) {
        if (value instanceof Value.Text text) {
            return text.value();
        }
        if (value instanceof Value.Bool bool) {
            return bool.value();
        }
        if (value instanceof Value.Real real) {
            return real.value();
        }
        if (value instanceof Value.Day day) {
            return day.value();
        }
        if (value instanceof Value.Moment moment) {
            return moment.value();
        }
        if (value instanceof Value.LocalMoment moment) {
            return moment.value();
        }
        if (value instanceof Value.Bytes bytes) {
            return bytes.value();
        }
        return null;
    }

    private static boolean accepts(DataType type, Object plain) {
        return (type instanceof StringType && plain instanceof String text && hasUtf8(text))
                || (type instanceof BooleanType && plain instanceof Boolean)
                || (type instanceof DoubleType && plain instanceof Double)
                || (type instanceof DateType && plain instanceof LocalDate)
                || (type instanceof TimestampType && plain instanceof Instant)
                || (type instanceof TimestampNTZType && plain instanceof LocalDateTime)
                || (type instanceof BinaryType && plain instanceof byte[]);
    }

    /** Spark holds text as UTF-8, in which half of a surrogate pair would become a question mark. */
    private static boolean hasUtf8(String text) {
        return text.codePoints().noneMatch(codePoint -> Character.getType(codePoint) == Character.SURROGATE);
    }
}
