package dev.lastgood.diff;

import static org.apache.spark.sql.functions.array;
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
import dev.lastgood.path.Step;
import dev.lastgood.record.Canonical;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
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

    static final long KEY_SEED = 42;
    static final long SEED_1 = 1;
    static final long SEED_2 = 2;
    static final int MASK_BITS = 31;

    /** The bits of a key hash that count: all, but where a test wants keys to collide. */
    private static volatile long keyMask = -1;

    private static final Step EACH = new Step.Each();

    private static final String CONTENT_DIGEST = "_content_";
    private static final String COMPARE_DIGEST = "_compare_";
    private static final Set<String> RESERVED = Set.of(KEY_HASH, KEY, CONTENT_1, CONTENT_2, COMPARE_1, COMPARE_2);

    private Fingerprint() {}

    /** Only the digest of a JSON text is hashed, so that notation and the order of members do not count. */
    private static final class JsonDigest implements UDF1<String, byte[]> {
        private static final long serialVersionUID = 1;

        private final String field;
        private final Comparison comparison;

        /**
         * @param field the column, empty for the record itself
         * @param ignored paths from the record to what is left out
         */
        JsonDigest(String field, List<FieldPath> ignored) {
            Comparison.Builder builder = Comparison.builder();
            ignored.forEach(builder::ignore);
            this.field = field;
            this.comparison = builder.build();
        }

        @Override
        @SuppressWarnings("NullAway") // Spark's NULL
        public byte[] call(String text) {
            return text == null ? null : Canonical.digestBytes(compared(JsonValues.embedded(text)));
        }

        private Value compared(Value value) {
            if (comparison.equals(Comparison.EXACT)) {
                return value;
            }
            if (field.isEmpty()) {
                return value instanceof Value.Obj object ? comparison.exactPart(object) : value;
            }
            return comparison.exactPart(Value.Obj.of(Map.of(field, value)));
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
        refuseReservedNames(dataset, shape);
        List<Column> digests = new ArrayList<>(Arrays.asList(more));
        for (String name : shape.stored().fieldNames()) {
            digests.add(col(Shape.quoted(name)));
        }
        for (String name : jsonColumns(shape)) {
            List<FieldPath> ignored = ignoredInside(dataset, shape, name);
            digests.add(digest(shape, name, List.of()).alias(CONTENT_DIGEST + name));
            if (!ignored.isEmpty()) {
                digests.add(digest(shape, name, ignored).alias(COMPARE_DIGEST + name));
            }
        }
        Dataset<Row> digested = frame.records().select(digests.toArray(Column[]::new));
        List<Column> columns = new ArrayList<>();
        Column key = dataset.hasKey() ? Sources.key(dataset, shape, "") : allFields(dataset, shape);
        columns.add(keyHash(dataset, shape).alias(KEY_HASH));
        columns.add(key.alias(KEY));
        columns.add(content(shape, SEED_1).alias(CONTENT_1));
        columns.add(content(shape, SEED_2).alias(CONTENT_2));
        columns.add(compare(dataset, shape, SEED_1).alias(COMPARE_1));
        columns.add(compare(dataset, shape, SEED_2).alias(COMPARE_2));
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

    /**
     * What stands for a record without a key: all of it that is not ignored. Of JSON it is what that means and not how it is
     * written; of what holds a map, or holds something ignored, which have no order and no equality in Spark, its hashes.
     */
    private static Column allFields(DatasetSpec dataset, Shape shape) {
        List<Column> fields = new ArrayList<>();
        for (StructField field : shape.stored().fields()) {
            String name = field.name();
            boolean inside =
                    dataset.ignore().stream().anyMatch(path -> path.root().equals(name));
            if (dataset.ignore().contains(FieldPath.of(name))) {
                continue;
            }
            if (jsonColumns(shape).contains(name)) {
                boolean ignored = !ignoredInside(dataset, shape, name).isEmpty();
                fields.add(col(Shape.quoted((ignored ? COMPARE_DIGEST : CONTENT_DIGEST) + name))
                        .alias(name));
            } else if (inside || holdsMap(field.dataType())) {
                fields.add(array(hash(dataset, field, SEED_1), hash(dataset, field, SEED_2))
                        .alias(name));
            } else {
                fields.add(col(Shape.quoted(name)));
            }
        }
        return org.apache.spark.sql.functions.struct(fields.toArray(Column[]::new));
    }

    private static Column hash(DatasetSpec dataset, StructField field, long seed) {
        Inputs inputs = new Inputs(seed, Set.copyOf(dataset.ignore()));
        inputs.add(FieldPath.of(field.name()), field.dataType(), col(Shape.quoted(field.name())));
        return inputs.hash();
    }

    private static boolean holdsMap(DataType type) {
        return type instanceof MapType
                || (type instanceof ArrayType array && holdsMap(array.elementType()))
                || (type instanceof StructType struct
                        && Arrays.stream(struct.fields()).anyMatch(field -> holdsMap(field.dataType())));
    }

    private static Set<String> jsonColumns(Shape shape) {
        return shape.isDocument() ? Set.of(Shape.DOCUMENT) : shape.json();
    }

    private static Column digest(Shape shape, String name, List<FieldPath> ignored) {
        return udf(new JsonDigest(shape.isDocument() ? "" : name, ignored), DataTypes.BinaryType)
                .apply(col(Shape.quoted(name)));
    }

    /** What is ignored in the JSON of a column, and not the column as a whole. */
    private static List<FieldPath> ignoredInside(DatasetSpec dataset, Shape shape, String name) {
        return dataset.ignore().stream()
                .filter(path -> shape.isDocument()
                        || (path.root().equals(name) && path.steps().size() > 1))
                .toList();
    }

    private static void refuseReservedNames(DatasetSpec dataset, Shape shape) {
        for (String name : shape.stored().fieldNames()) {
            if (RESERVED.contains(name) || name.startsWith(CONTENT_DIGEST) || name.startsWith(COMPARE_DIGEST)) {
                throw new SourceUnreadable("dataset '%s': a field cannot be named '%s', which Lastgood names its own"
                        .formatted(dataset.name(), name));
            }
        }
    }

    /**
     * What the hashes of records of a shape follow, as text: two frames for which it is equal are hashed alike, so that
     * hashes of the one tell which records of the other are the same.
     */
    public static String settings(DatasetSpec dataset, Shape shape) {
        StringBuilder text = new StringBuilder(ThinFile.ALGORITHM);
        for (StructField field : shape.stored().fields()) {
            boolean json = jsonColumns(shape).contains(field.name());
            text.append("\nfield ")
                    .append(Shape.quoted(field.name()))
                    .append(json ? " json" : " " + field.dataType().asNullable().json());
        }
        for (FieldPath path : dataset.key()) {
            text.append("\nkey ")
                    .append(path)
                    .append(' ')
                    .append(type(shape.view(), path).asNullable().json());
        }
        dataset.ignore().stream()
                .map(FieldPath::toString)
                .sorted()
                .forEach(path -> text.append("\nignore ").append(path));
        return text.toString();
    }

    static long keyMask() {
        return keyMask;
    }

    /** Lets keys collide, for tests: only these bits of their hashes count from now on; -1 for all. */
    static void weaken(long mask) {
        keyMask = mask;
    }

    private static Column masked(Column keyHash) {
        return keyMask == -1 ? keyHash : keyHash.bitwiseAND(keyMask);
    }

    /** The hash of {@link #KEY_HASH} of a record that lies in a frame of the shape. */
    public static Column keyHash(DatasetSpec dataset, Shape shape) {
        if (!dataset.hasKey()) {
            return masked(compare(dataset, shape, KEY_SEED));
        }
        Inputs inputs = new Inputs(KEY_SEED, Set.of());
        for (FieldPath path : dataset.key()) {
            inputs.add(path, type(shape.view(), path), shape.field("", path));
        }
        return masked(inputs.hash());
    }

    /**
     * The hash of {@link #KEY_HASH} of a key that stands in a struct of its own, typed as it is in records of the shape.
     *
     * @param key with a field a path, as {@link dev.lastgood.source.Keys#type} has it
     */
    public static Column keyHash(DatasetSpec dataset, Shape shape, Column key) {
        Inputs inputs = new Inputs(KEY_SEED, Set.of());
        for (FieldPath path : dataset.key()) {
            inputs.add(path, type(shape.view(), path), key.getField(path.toString()));
        }
        return masked(inputs.hash());
    }

    private static DataType type(StructType from, FieldPath path) {
        DataType type = from;
        for (var step : path.steps()) {
            type = ((StructType) type).apply(((Step.Name) step).name()).dataType();
        }
        return type;
    }

    private static Column content(Shape shape, long seed) {
        Inputs inputs = new Inputs(seed, Set.of());
        for (StructField field : shape.stored().fields()) {
            add(inputs, shape, field, CONTENT_DIGEST);
        }
        return inputs.hash();
    }

    private static Column compare(DatasetSpec dataset, Shape shape, long seed) {
        Inputs inputs = new Inputs(seed, Set.copyOf(dataset.ignore()));
        for (StructField field : shape.stored().fields()) {
            boolean digested = !ignoredInside(dataset, shape, field.name()).isEmpty();
            add(inputs, shape, field, digested ? COMPARE_DIGEST : CONTENT_DIGEST);
        }
        return inputs.hash();
    }

    private static void add(Inputs inputs, Shape shape, StructField field, String digest) {
        boolean json = jsonColumns(shape).contains(field.name());
        inputs.add(
                FieldPath.of(field.name()),
                json ? DataTypes.BinaryType : field.dataType(),
                col(Shape.quoted(json ? digest + field.name() : field.name())));
    }

    /** What goes into one hash: values, and the marks that keep them apart. */
    private static final class Inputs {
        private final long seed;
        private final Set<FieldPath> ignored;
        private final List<Column> values = new ArrayList<>();
        private final List<Column> nulls = new ArrayList<>();

        Inputs(long seed, Set<FieldPath> ignored) {
            this.seed = seed;
            this.ignored = ignored;
        }

        void add(FieldPath path, DataType type, Column value) {
            if (ignored.contains(path)) {
                return;
            }
            nulls.add(value.isNull());
            if (type instanceof StructType struct) {
                for (StructField field : struct.fields()) {
                    add(path.child(field.name()), field.dataType(), value.getField(field.name()));
                }
            } else if (type instanceof ArrayType array) {
                values.add(size(value));
                values.add(transform(value, item -> element(path.plus(EACH), array.elementType(), item)));
            } else if (type instanceof MapType map) {
                StructType entry =
                        new StructType().add("key", map.keyType(), false).add("value", map.valueType());
                values.add(size(value));
                // Sorted are the hashes: entries themselves have no order if their values are maps.
                values.add(array_sort(transform(map_entries(value), item -> element(path.plus(EACH), entry, item))));
            } else {
                values.add(simple(type, value));
            }
        }

        private Column element(FieldPath path, DataType type, Column item) {
            Inputs inputs = new Inputs(seed, ignored);
            inputs.add(path, type, item);
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
            // Its bytes, whatever its collation takes for equal.
            return type instanceof StringType ? value.cast("binary") : value;
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
