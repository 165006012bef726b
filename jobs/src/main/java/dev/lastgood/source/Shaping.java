package dev.lastgood.source;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.spark.Analysis;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** Finds the shape of a dataset's records, from what the workspace declares and what the records are. */
final class Shaping {
    private final DatasetSpec dataset;
    private final Supplier<Dataset<Row>> records;
    private final Map<String, DataType> learned;
    private final StructType stored;
    private final Problems problems = new Problems();

    /** No document tells its fields: there is none yet, or none any more. */
    private boolean learnedNothing;

    private boolean then;

    /**
     * @param stored the columns of the records
     * @param records asked for only if something must be learned from them
     */
    Shaping(DatasetSpec dataset, StructType stored, Supplier<Dataset<Row>> records, Map<String, DataType> learned) {
        this.dataset = dataset;
        this.stored = stored;
        this.records = records;
        this.learned = learned;
    }

    /** Throws {@link dev.lastgood.problem.InvalidInput} with every name and type in the workspace that is not there. */
    Shape shape() {
        Shape shape = found();
        checkNames(shape);
        problems.throwIfErrors();
        return shape;
    }

    /** Of records of another day, which need only have the key: a field the workspace names today may be of today. */
    Shape ofThen() {
        then = true;
        Shape shape = found();
        dataset.key().forEach(path -> check(path, path, shape));
        problems.throwIfErrors();
        return shape;
    }

    private Shape found() {
        boolean documents = isDocument();
        Map<FieldPath, Declared> declared = declared();
        problems.throwIfErrors();
        Shape shape = documents ? documents(declared) : columns(declared);
        problems.throwIfErrors();
        return shape;
    }

    private boolean isDocument() {
        return stored.size() == 1 && stored.fields()[0].name().equals(Shape.DOCUMENT);
    }

    private record Declared(DatasetSpec.TypeText text, DataType type) {}

    private Map<FieldPath, Declared> declared() {
        Map<FieldPath, DatasetSpec.TypeText> texts = new LinkedHashMap<>(dataset.schema());
        texts.putAll(dataset.view());
        if (then && !isDocument()) {
            texts.keySet()
                    .removeIf(path -> FieldTypes.field(stored, path.root()).isEmpty());
        }
        Map<FieldPath, Declared> declared = new LinkedHashMap<>();
        texts.forEach((path, text) -> parse(text).ifPresent(type -> declared.put(path, new Declared(text, type))));
        return declared;
    }

    private Optional<DataType> parse(DatasetSpec.TypeText text) {
        DataType type;
        try {
            type = DataType.fromDDL(text.text());
        } catch (Exception e) {
            problems.error(
                    text.place(),
                    "'%s' is no type".formatted(text.text()),
                    "Types are those of Spark SQL: string, int, bigint, decimal(12,2), double, boolean, date,"
                            + " timestamp, array<string>, struct<name:string>.");
            return Optional.empty();
        }
        if (!Rows.supports(type)) {
            problems.error(text.place(), "values of type '%s' cannot be compared exactly".formatted(text.text()));
            return Optional.empty();
        }
        return Optional.of(type instanceof StringType ? DataTypes.StringType : type);
    }

    // ---- columns

    private Shape columns(Map<FieldPath, Declared> declared) {
        Set<String> json = dataset.json().stream()
                .map(FieldPath::root)
                .filter(name -> FieldTypes.field(stored, name).isPresent())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (FieldPath path : dataset.json()) {
            FieldTypes.field(stored, path.root())
                    .filter(field -> !(field.dataType() instanceof StringType))
                    .ifPresent(field -> problems.error(
                            dataset.places().of(path),
                            "field '%s' is of type %s and holds no JSON text"
                                    .formatted(path.root(), field.dataType().simpleString()),
                            "Leave it out: its own type says what it holds."));
        }
        problems.throwIfErrors();
        Set<String> numbers = new HashSet<>();
        StructType view = new StructType();
        for (StructField field : stored.fields()) {
            DataType seen = seen(field, json);
            if (!json.contains(field.name()) && field.dataType() instanceof StringType && seen != field.dataType()) {
                numbers.add(field.name());
            }
            view = view.add(field.name(), seen, true);
        }
        for (Map.Entry<FieldPath, Declared> entry : declared.entrySet()) {
            if (isDeclarable(entry.getKey(), entry.getValue(), json)) {
                view = FieldTypes.with(view, entry.getKey(), entry.getValue().type());
            }
        }
        Shape shape = new Shape(stored, view, json, numbers);
        declared.forEach((path, type) -> checkCast(path, type, shape));
        return shape;
    }

    private DataType seen(StructField field, Set<String> json) {
        DataType known = learned.get(field.name());
        if (json.contains(field.name())) {
            return known != null ? known : learn(records.get().select(functions.col(Shape.quoted(field.name()))));
        }
        return known != null && field.dataType() instanceof StringType ? known : Shape.seen(field);
    }

    private boolean isDeclarable(FieldPath path, Declared declared, Set<String> json) {
        try {
            if (json.contains(path.root())) {
                return true;
            }
            if (FieldTypes.of(FieldPath.of(path.root()), stored, dataset.name()) instanceof StringType
                    && (path.steps().size() > 1 || isNested(declared.type()))) {
                problems.error(
                        declared.text().place(),
                        "field '%s' is text, in which '%s' has no place".formatted(path.root(), declared.text()),
                        "Write 'json: [%s]' if the text is JSON.".formatted(path.root()));
                return false;
            }
            FieldTypes.of(path, stored, dataset.name());
            return true;
        } catch (FieldTypes.NoSuchField e) {
            problems.error(dataset.places().of(path), String.valueOf(e.getMessage()), e.hint());
            return false;
        }
    }

    private static boolean isNested(DataType type) {
        return type instanceof StructType || type instanceof ArrayType || type instanceof MapType;
    }

    private void checkCast(FieldPath path, Declared declared, Shape shape) {
        if (problems.hasErrors()) {
            return;
        }
        try {
            Analysis.type(stored, shape.field("", path.root()));
        } catch (AnalysisException e) {
            problems.error(
                    declared.text().place(),
                    "field '%s' is of type %s and cannot be seen as '%s'"
                            .formatted(
                                    path, stored.apply(path.root()).dataType().simpleString(), declared.text()));
        }
    }

    // ---- documents

    private Shape documents(Map<FieldPath, Declared> declared) {
        DataType known = learned.get(Shape.DOCUMENT);
        StructType view = known instanceof StructType struct
                ? struct
                : learn(records.get().where(functions.col(Shape.DOCUMENT).rlike("\\A\\s*\\{")))
                                instanceof StructType struct
                        ? struct
                        : new StructType();
        learnedNothing = view.isEmpty();
        for (Map.Entry<FieldPath, Declared> entry : declared.entrySet()) {
            view = FieldTypes.with(view, entry.getKey(), entry.getValue().type());
        }
        for (FieldPath path : dataset.key()) {
            // Of no record, a key of any type is the same.
            if (learnedNothing && !declared.containsKey(path)) {
                view = FieldTypes.with(view, path, DataTypes.StringType);
            }
        }
        return new Shape(Shape.document(), ofContainer() ? withSeconds(view) : view, Set.of());
    }

    private boolean ofContainer() {
        return dataset.location() instanceof Location.Container;
    }

    private static StructType withSeconds(StructType view) {
        StructType marked = new StructType();
        for (StructField field : view.fields()) {
            boolean seconds =
                    field.name().equals(Location.Container.WRITTEN.root()) && field.dataType() instanceof TimestampType;
            marked = marked.add(
                    seconds
                            ? new StructField(field.name(), field.dataType(), field.nullable(), Shape.seconds())
                            : field);
        }
        return marked;
    }

    /** A document is asked for by its id and partition key, which no date and no rounded number tells. */
    private void checkPlace(FieldPath path, DataType type) {
        boolean tells = type instanceof StringType
                || type instanceof BooleanType
                || type instanceof IntegralType
                || type instanceof DecimalType
                || type instanceof DoubleType
                || type instanceof StructType
                || type instanceof ArrayType;
        if (!tells) {
            problems.error(
                    dataset.places().of(path),
                    "'%s' is a key of a container, whose documents cannot be asked for by a '%s'"
                            .formatted(path, type.simpleString()),
                    "Declare it as string, boolean, bigint, decimal or double, or not at all.");
        }
    }

    /**
     * A text, not the name of a member, of which Spark would learn a number: where it prefers decimals it takes "007" for
     * one, and then sees neither the text nor that it is none.
     */
    private static final String DIGITS_IN_QUOTES =
            "\"(?!\")[-+\\p{Nd}.eE]*+(?:\\\\u[0-9a-fA-F]{4}[-+\\p{Nd}.eE]*+){0,99}+\"(?!\\s*:)";

    /** The type that holds every JSON value of the column; from all of them, for a sample drops what it has not seen. */
    private DataType learn(Dataset<Row> texts) {
        Column text = functions.col(Shape.quoted(texts.columns()[0]));
        Column plain = functions
                .when(
                        text.rlike("[0-9][eE]\\+?[0-9]"),
                        functions.udf(new Plain(), DataTypes.StringType).apply(text))
                .otherwise(text);
        Column worded = functions.regexp_replace(plain, DIGITS_IN_QUOTES, "\"x\"");
        Dataset<String> wrapped = texts.where(text.isNotNull())
                .select(functions.concat(functions.lit("{\"v\":"), worded, functions.lit("}")))
                .as(Encoders.STRING());
        StructType schema = texts.sparkSession()
                .read()
                .options(Shape.exactJson())
                .option("prefersDecimal", "true")
                .option("inferTimestamp", "false")
                .json(wrapped)
                .schema();
        return FieldTypes.field(schema, "v").map(StructField::dataType).orElse(DataTypes.StringType);
    }

    /** Writes 1e2 as 100.0: Spark would learn a decimal of a negative scale from it, which it then refuses. */
    private static final class Plain implements UDF1<String, String> {
        private static final long serialVersionUID = 1;

        /** What has more digits than a decimal is seen as a double. */
        private static final int TOO_MANY_DIGITS = 40;

        @Override
        public String call(String text) {
            return JsonValues.embeddedText(plain(JsonValues.embedded(text)));
        }

        private static Value plain(Value value) {
            if (value instanceof Value.Num num && num.value().scale() < 0) {
                BigDecimal number = num.value();
                boolean large = (long) number.precision() - number.scale() > TOO_MANY_DIGITS;
                return new Value.Num(
                        large ? BigDecimal.TEN.pow(TOO_MANY_DIGITS) : number.setScale(1, RoundingMode.UNNECESSARY));
            }
            if (value instanceof Value.Array array) {
                return new Value.Array(array.items().stream().map(Plain::plain).toList());
            }
            if (value instanceof Value.Obj object) {
                SortedMap<String, Value> fields = new TreeMap<>(object.fields());
                fields.replaceAll((name, field) -> plain(field));
                return Value.Obj.of(fields);
            }
            return value;
        }
    }

    // ---- names

    /** The names the workspace uses exist: found out here, when the fields are first known. */
    private void checkNames(Shape shape) {
        if (learnedNothing) {
            return;
        }
        Set<FieldPath> used = new LinkedHashSet<>(dataset.json());
        used.addAll(dataset.ignore());
        used.addAll(dataset.compare().keySet());
        used.addAll(dataset.mask().keySet());
        used.addAll(dataset.explain());
        used.addAll(dataset.group().values());
        used.addAll(dataset.restore().bump());
        Optional.ofNullable(dataset.restore().stamp()).ifPresent(used::add);
        for (FieldPath path : used) {
            // What JSON holds may differ from document to document and from day to day.
            boolean free = shape.isDocument() || shape.json().contains(path.root());
            check(free ? FieldPath.of(path.root()) : path, path, shape);
        }
        Set<FieldPath> needed = new LinkedHashSet<>(dataset.key());
        Optional.ofNullable(dataset.version()).ifPresent(needed::add);
        Optional.ofNullable(dataset.changedAt()).ifPresent(needed::add);
        needed.forEach(path -> check(path, path, shape));
    }

    private void check(FieldPath path, FieldPath written, Shape shape) {
        try {
            DataType type = FieldTypes.of(path, shape.view(), dataset.name());
            if (ofContainer() && dataset.key().contains(path)) {
                checkPlace(path, type);
            }
        } catch (FieldTypes.NoSuchField e) {
            problems.error(dataset.places().of(written), String.valueOf(e.getMessage()), e.hint());
        }
    }
}
