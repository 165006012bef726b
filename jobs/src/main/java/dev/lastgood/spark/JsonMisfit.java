package dev.lastgood.spark;

import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Whether Spark, reading JSON text in a type, did not see something that is there: text that is not JSON, a value of
 * another kind, a number that does not fit. Members the type does not have are no misfits. Any value fits a text.
 */
final class JsonMisfit implements UDF2<String, Object, Boolean> {
    private static final long serialVersionUID = 1;

    private final DataType type;
    private final boolean mayBeNull;

    private JsonMisfit(DataType type, boolean mayBeNull) {
        this.type = type;
        this.mayBeNull = mayBeNull;
    }

    /** Of the JSON of a column. Never NULL; false of a NULL text. */
    static Column ofColumn(Column text, Column seen, DataType type) {
        return functions.udf(new JsonMisfit(type, true), DataTypes.BooleanType).apply(text, seen);
    }

    /** Of a document, which must be an object. Never NULL; false of a NULL text. */
    static Column ofDocument(Column text, Column seen, StructType type) {
        return functions.udf(new JsonMisfit(type, false), DataTypes.BooleanType).apply(text, seen);
    }

    /**
     * Of a document, by field of the type: one number if it fits and another if not. NULL if all do or the text is NULL,
     * empty if it is no object.
     */
    static Column ofFields(Column text, Column seen, StructType type, int fits, int misfit) {
        return functions
                .udf(new Fields(type, fits, misfit), DataTypes.createArrayType(DataTypes.IntegerType))
                .apply(text, seen);
    }

    private static final class Fields implements UDF2<String, Row, List<Integer>> {
        private static final long serialVersionUID = 1;

        private final StructType type;
        private final int fits;
        private final int misfit;

        Fields(StructType type, int fits, int misfit) {
            this.type = type;
            this.fits = fits;
            this.misfit = misfit;
        }

        @Override
        @SuppressWarnings("NullAway") // Spark's NULL
        public List<Integer> call(@Nullable String text, @Nullable Row seen) {
            if (text == null) {
                return null;
            }
            if (!(JsonValues.embedded(text) instanceof Value.Obj object)) {
                return List.of();
            }
            List<Integer> codes = new ArrayList<>();
            StructField[] fields = type.fields();
            boolean all = true;
            for (int i = 0; i < fields.length; i++) {
                Value member = object.fields().get(fields[i].name());
                boolean one =
                        member == null || JsonMisfit.memberFits(member, seen == null ? null : seen.get(i), fields[i]);
                codes.add(one ? fits : misfit);
                all &= one;
            }
            return all ? null : codes;
        }
    }

    @Override
    public Boolean call(@Nullable String text, @Nullable Object seen) {
        if (text == null) {
            return false;
        }
        try {
            Value value = JsonValues.parse(text);
            return value.isNull() ? !mayBeNull : !fits(value, seen, type);
        } catch (JsonValues.NotJson e) {
            return true;
        }
    }

    private static boolean fits(Value value, @Nullable Object seen, DataType type) {
        if (value.isNull()) {
            return true;
        }
        if (type instanceof StructType struct) {
            return value instanceof Value.Obj object && seen instanceof Row row && fits(object, row, struct);
        }
        if (type instanceof MapType map) {
            return value instanceof Value.Obj object
                    && seen instanceof scala.collection.Map<?, ?> entries
                    && fits(object, entries, map.valueType());
        }
        if (type instanceof ArrayType array) {
            return value instanceof Value.Array items
                    && seen instanceof scala.collection.Seq<?> elements
                    && fits(items, elements, array.elementType());
        }
        return seen != null && scalarFits(value, seen, type);
    }

    /** Spark takes any number for seconds since 1970, milliseconds too, and a larger one than it holds for any other. */
    private static boolean memberFits(Value value, @Nullable Object seen, StructField field) {
        if (Shape.isSeconds(field) && value instanceof Value.Num seconds) {
            return seen instanceof Instant time
                    && time.getNano() == 0
                    && BigDecimal.valueOf(time.getEpochSecond()).compareTo(seconds.value()) == 0;
        }
        return fits(value, seen, field.dataType());
    }

    private static boolean fits(Value.Obj object, Row row, StructType struct) {
        StructField[] fields = struct.fields();
        for (int i = 0; i < fields.length; i++) {
            Value member = object.fields().get(fields[i].name());
            if (member != null && !memberFits(member, row.get(i), fields[i])) {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("unchecked")
    private static boolean fits(Value.Obj object, scala.collection.Map<?, ?> entries, DataType type) {
        var seen = scala.jdk.javaapi.CollectionConverters.asJava((scala.collection.Map<Object, Object>) entries);
        return object.fields().entrySet().stream()
                .allMatch(member -> fits(member.getValue(), seen.get(member.getKey()), type));
    }

    private static boolean fits(Value.Array items, scala.collection.Seq<?> elements, DataType type) {
        if (items.items().size() != elements.size()) {
            return false;
        }
        for (int i = 0; i < elements.size(); i++) {
            if (!fits(items.items().get(i), elements.apply(i), type)) {
                return false;
            }
        }
        return true;
    }

    private static boolean scalarFits(Value value, Object seen, DataType type) {
        if (type instanceof StringType) {
            return true;
        }
        if (type instanceof BooleanType) {
            return value instanceof Value.Bool;
        }
        if (type instanceof DoubleType || type instanceof FloatType) {
            return value instanceof Value.Num && Double.isFinite(((Number) seen).doubleValue());
        }
        if (type instanceof DecimalType) {
            return value instanceof Value.Num num && ((BigDecimal) seen).compareTo(num.value()) == 0;
        }
        if (type instanceof IntegralType) {
            return value instanceof Value.Num num
                    && BigDecimal.valueOf(((Number) seen).longValue()).compareTo(num.value()) == 0;
        }
        return value instanceof Value.Text text && TypedText.hasForm(text.value(), type);
    }
}
