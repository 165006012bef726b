package dev.lastgood.diff;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.shiftleft;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The hashes of a record as native Spark expressions. What is hashed is injective: a null mark beside every value, a
 * length beside every array, a seed for each lane; so a value that moved to the neighbouring field, or an element to the
 * neighbouring array, changes the hash. (Spark's own {@code xxhash64(a, b)} is equal for (NULL, 7) and (7, NULL).)
 *
 * <p>Two records of one schema have equal content hashes if they are equal in canonical form, and if they are not, with a
 * probability of 2⁻¹²⁸. The reverse holds for numbers only within one type, so both sides are brought to one schema first.
 */
public final class Fingerprint {
    /** The columns of a {@link #thin} frame. */
    public static final String KEY_HASH = "_kh";

    public static final String KEY = "_key";
    public static final String CONTENT_1 = "_c1";
    public static final String CONTENT_2 = "_c2";
    public static final String COMPARE_1 = "_m1";
    public static final String COMPARE_2 = "_m2";

    private static final long KEY_SEED = 42;
    private static final long SEED_1 = 1;
    private static final long SEED_2 = 2;
    private static final int MASK_BITS = 31;

    private static final UserDefinedFunction JSON_DIGEST = udf(new JsonDigest(), DataTypes.BinaryType);

    private Fingerprint() {}

    /** Only the digest of a JSON text is hashed, so that notation and the order of members do not count. */
    private static final class JsonDigest implements UDF1<String, byte[]> {
        private static final long serialVersionUID = 1;

        @Override
        @SuppressWarnings("NullAway") // Spark's NULL
        public byte[] call(String text) {
            if (text == null) {
                return null;
            }
            Value value;
            try {
                value = JsonValues.parse(text);
            } catch (JsonValues.NotJson e) {
                value = new Value.Array(List.of(new Value.Text("not JSON"), new Value.Text(text)));
            }
            return Canonical.digestBytes(value);
        }
    }

    /**
     * The frame with its hashes before its stored columns: {@link #KEY_HASH}, {@link #KEY} (a struct of the key fields as
     * the rules see them), two lanes of everything, and two lanes of what is compared.
     *
     * @param more further named columns, taken from the frame before anything else
     */
    public static Dataset<Row> hashed(DatasetSpec dataset, Frame frame, Column... more) {
        Shape shape = frame.shape();
        Dataset<Row> records = frame.records();
        List<Column> digests = new ArrayList<>(Arrays.asList(more));
        for (String name : shape.stored().fieldNames()) {
            digests.add(col(Shape.quoted(name)));
        }
        for (String name : jsonColumns(shape)) {
            digests.add(JSON_DIGEST.apply(col(Shape.quoted(name))).alias(digestColumn(name)));
        }
        Dataset<Row> digested = records.select(digests.toArray(Column[]::new));
        Set<String> ignored = dataset.ignore().stream().map(FieldPath::root).collect(Collectors.toSet());
        List<Column> columns = new ArrayList<>();
        Column key = dataset.hasKey() ? Sources.key(dataset, shape, "") : allFields(shape);
        columns.add(keyHash(dataset, shape).alias(KEY_HASH));
        columns.add(key.alias(KEY));
        columns.add(lane(shape, Set.of(), SEED_1).alias(CONTENT_1));
        columns.add(lane(shape, Set.of(), SEED_2).alias(CONTENT_2));
        columns.add(lane(shape, ignored, SEED_1).alias(COMPARE_1));
        columns.add(lane(shape, ignored, SEED_2).alias(COMPARE_2));
        String[] kept = digested.columns();
        for (int i = 0; i < more.length + shape.stored().size(); i++) {
            columns.add(col(Shape.quoted(kept[i])));
        }
        return digested.select(columns.toArray(Column[]::new));
    }

    /** Only the hashes of {@link #hashed}. */
    public static Dataset<Row> thin(DatasetSpec dataset, Frame frame) {
        return hashed(dataset, frame)
                .select(col(KEY_HASH), col(KEY), col(CONTENT_1), col(CONTENT_2), col(COMPARE_1), col(COMPARE_2));
    }

    private static Column allFields(Shape shape) {
        return org.apache.spark.sql.functions.struct(
                Arrays.stream(shape.stored().fieldNames())
                        .map(name -> col(Shape.quoted(name)))
                        .toArray(Column[]::new));
    }

    private static Set<String> jsonColumns(Shape shape) {
        return shape.isDocument() ? Set.of(Shape.DOCUMENT) : shape.json();
    }

    private static String digestColumn(String name) {
        return "_digest_" + name;
    }

    private static Column keyHash(DatasetSpec dataset, Shape shape) {
        if (!dataset.hasKey()) {
            return lane(shape, Set.of(), KEY_SEED);
        }
        Inputs inputs = new Inputs(KEY_SEED);
        for (FieldPath path : dataset.key()) {
            inputs.add(type(shape.view(), path), Sources.field(shape, "", path));
        }
        return inputs.hash();
    }

    private static DataType type(StructType from, FieldPath path) {
        DataType type = from;
        for (var step : path.steps()) {
            type = ((StructType) type)
                    .apply(((dev.lastgood.path.Step.Name) step).name())
                    .dataType();
        }
        return type;
    }

    private static Column lane(Shape shape, Set<String> without, long seed) {
        Inputs inputs = new Inputs(seed);
        for (StructField field : shape.stored().fields()) {
            if (without.contains(field.name())) {
                continue;
            }
            boolean json = jsonColumns(shape).contains(field.name());
            inputs.add(
                    json ? DataTypes.BinaryType : field.dataType(),
                    col(Shape.quoted(json ? digestColumn(field.name()) : field.name())));
        }
        return inputs.hash();
    }

    /** What goes into one hash: values, and the marks that keep them apart. */
    private static final class Inputs {
        private final long seed;
        private final List<Column> values = new ArrayList<>();
        private final List<Column> nulls = new ArrayList<>();

        Inputs(long seed) {
            this.seed = seed;
        }

        void add(DataType type, Column value) {
            nulls.add(value.isNull());
            if (type instanceof StructType struct) {
                for (StructField field : struct.fields()) {
                    add(field.dataType(), value.getField(field.name()));
                }
            } else if (type instanceof ArrayType array) {
                values.add(size(value));
                values.add(transform(value, item -> element(array.elementType(), item)));
            } else if (type instanceof MapType map) {
                StructType entry =
                        new StructType().add("key", map.keyType(), false).add("value", map.valueType());
                add(DataTypes.createArrayType(entry), array_sort(map_entries(value)));
            } else {
                values.add(simple(type, value));
            }
        }

        private Column element(DataType type, Column item) {
            Inputs inputs = new Inputs(seed);
            inputs.add(type, item);
            return inputs.hash();
        }

        private static Column simple(DataType type, Column value) {
            if (type instanceof ByteType || type instanceof ShortType || type instanceof IntegerType) {
                return value.cast("bigint");
            }
            if (type instanceof FloatType || type instanceof DoubleType) {
                Column real = value.cast("double");
                return when(isnan(real), lit(Double.NaN))
                        .when(real.equalTo(0.0), lit(0.0))
                        .otherwise(real);
            }
            return value;
        }

        Column hash() {
            List<Column> inputs = new ArrayList<>(List.of(lit(seed)));
            for (int from = 0; from < nulls.size(); from += MASK_BITS) {
                Column mask = lit(0);
                for (int i = from; i < Math.min(nulls.size(), from + MASK_BITS); i++) {
                    mask = mask.bitwiseOR(shiftleft(nulls.get(i).cast("int"), i - from));
                }
                inputs.add(mask);
            }
            inputs.addAll(values);
            return xxhash64(inputs.toArray(Column[]::new));
        }
    }
}
