package dev.lastgood.spark;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How a dataset's records lie in Spark, twice: as they are <em>stored</em> (read, compared, kept and restored), and as the
 * typed <em>view</em> that rules see. They differ where text holds more than text: a JSON column is stored as its text and
 * seen as an array or struct; a declared CSV field is stored as the cell's text and seen in its type; a number that no
 * type of Spark holds exactly is stored as its digits; a document is stored as one raw text and seen as its fields.
 *
 * @param stored the stored columns; of a document dataset the single column {@link #DOCUMENT}
 * @param view the typed fields; of every other dataset than of documents it has the names of {@code stored}
 * @param json stored text columns that hold JSON, compared as nested data
 * @param numbers stored text columns that hold exact numbers, each in its one shortest form without an exponent, so that
 *     equal numbers are equal texts; or {@code NaN}, {@code Infinity}, {@code -Infinity}
 */
public record Shape(StructType stored, StructType view, Set<String> json, Set<String> numbers) implements Serializable {
    /** The column of a document's raw JSON text. */
    public static final String DOCUMENT = "_document";

    /** What a number held as text is seen as by rules, unless the workspace declares something else. */
    public static final DataType NUMBER_VIEW = DataTypes.createDecimalType(38, 18);

    /** What only JavaScript takes for JSON is not read as if it were; dates and times have no other than ISO's forms. */
    private static final Map<String, String> EXACT_JSON = Map.of(
            "mode", "PERMISSIVE",
            "allowNumericLeadingZeros", "false",
            "allowNonNumericNumbers", "false",
            "allowSingleQuotes", "false",
            "columnNameOfCorruptRecord", "\u0000not JSON");

    private static final String NUMBER = "lastgood.number";
    private static final String SECONDS = "lastgood.seconds";

    public Shape {
        json = Set.copyOf(json);
        numbers = Set.copyOf(numbers);
    }

    /** Columns of {@code stored} marked by {@link #number()} hold exact numbers. */
    public Shape(StructType stored, StructType view, Set<String> json) {
        this(stored, view, json, numbers(stored));
    }

    /** A dataset whose columns are what they seem. */
    public static Shape of(StructType stored) {
        StructType view = new StructType();
        for (StructField field : stored.fields()) {
            view = view.add(field.name(), seen(field), true);
        }
        return new Shape(stored, view, Set.of());
    }

    /** How JSON is read, for {@code from_json} and for learning its type. */
    public static Map<String, String> exactJson() {
        return EXACT_JSON;
    }

    /** Marks a column of text that holds exact numbers; it stays with the column when it is written to Parquet. */
    public static Metadata number() {
        return new MetadataBuilder().putBoolean(NUMBER, true).build();
    }

    /** Marks a field of a document's view that is a time, and a whole number of seconds since 1970 in the document. */
    public static Metadata seconds() {
        return new MetadataBuilder().putBoolean(SECONDS, true).build();
    }

    static boolean isSeconds(StructField field) {
        return field.metadata().contains(SECONDS);
    }

    private static boolean isNumber(StructField field) {
        return field.metadata().contains(NUMBER) && FieldTypes.isText(field.dataType());
    }

    private static Set<String> numbers(StructType stored) {
        return Arrays.stream(stored.fields())
                .filter(Shape::isNumber)
                .map(StructField::name)
                .collect(Collectors.toSet());
    }

    /** The type in which rules see a stored column about which nothing is declared. */
    public static DataType seen(StructField stored) {
        return isNumber(stored) ? NUMBER_VIEW : stored.dataType();
    }

    public boolean isDocument() {
        return stored.size() == 1 && stored.fields()[0].name().equals(DOCUMENT);
    }

    /** The names of the fields of a record, as rules and people know them. */
    public List<String> fieldNames() {
        return Arrays.asList(view.fieldNames());
    }

    /** The typed view as one struct column, of stored columns that lie in a frame under the given prefix. */
    public Column view(String prefix) {
        return viewOf(name -> stored(prefix, name));
    }

    /** A field of the view, for keys and versions. */
    public Column field(String prefix, String name) {
        return isDocument() ? document(stored(prefix, DOCUMENT)).getField(name) : fieldView(name, stored(prefix, name));
    }

    /** The value of the view at a path of names. */
    public Column field(String prefix, FieldPath path) {
        Column column = field(prefix, path.root());
        for (var step : path.steps().subList(1, path.steps().size())) {
            column = column.getField(((dev.lastgood.path.Step.Name) step).name());
        }
        return column;
    }

    private static Column stored(String prefix, String name) {
        return functions.col(prefix.isEmpty() ? quoted(name) : prefix + "." + quoted(name));
    }

    private Column viewOf(Function<String, Column> column) {
        if (isDocument()) {
            // A document that is no object is a record without fields; only an absent record is NULL.
            Column text = column.apply(DOCUMENT);
            Column nothing = functions.lit(null).cast(view);
            Column blank = functions.struct(Arrays.stream(view.fields())
                    .map(field -> functions.lit(null).cast(field.dataType()).alias(field.name()))
                    .toArray(Column[]::new));
            return functions.when(text.isNull(), nothing).otherwise(functions.coalesce(document(text), blank));
        }
        List<Column> fields = new ArrayList<>();
        for (String name : stored.fieldNames()) {
            fields.add(fieldView(name, column.apply(name)).alias(name));
        }
        return functions.struct(fields.toArray(Column[]::new));
    }

    private Column document(Column text) {
        return functions.from_json(text, view, EXACT_JSON);
    }

    private Column fieldView(String name, Column column) {
        DataType type = view.apply(name).dataType();
        if (json.contains(name)) {
            return jsonView(column, type);
        }
        DataType held = storedType(name);
        if (held.equals(type)) {
            return column;
        }
        return FieldTypes.isText(held) ? TypedText.typed(column, type) : exactly(column, held, type);
    }

    /** Spark reads only objects and arrays by themselves, so anything else is read as a member of one. */
    private static Column jsonView(Column text, DataType type) {
        if (type instanceof StructType || type instanceof ArrayType || type instanceof MapType) {
            return functions.from_json(text, type, EXACT_JSON);
        }
        Column wrapped = functions.concat(functions.lit("{\"v\":"), text, functions.lit("}"));
        return functions
                .from_json(wrapped, new StructType().add("v", type), EXACT_JSON)
                .getField("v");
    }

    /** A value as one of another type, NULL where it would not come back the same. */
    public static Column exactly(Column value, DataType from, DataType to) {
        Column cast = value.try_cast(to);
        return functions.when(cast.try_cast(from).eqNullSafe(value), cast);
    }

    private DataType storedType(String name) {
        return stored.apply(name).dataType();
    }

    /** True if a stored value that is there is not seen in the view as it is, because it does not fit the view's type. */
    public Column misfits(String prefix) {
        if (isDocument()) {
            Column text = stored(prefix, DOCUMENT);
            return JsonMisfit.ofDocument(text, document(text), view);
        }
        Column misfits = functions.lit(false);
        for (StructField field : view.fields()) {
            if (json.contains(field.name()) || !storedType(field.name()).equals(field.dataType())) {
                misfits = misfits.or(misfit(prefix, field.name()));
            }
        }
        return misfits;
    }

    /** Whether there is a field that may hold what its type in the view does not. */
    public boolean mayMisfit() {
        return isDocument()
                || !json.isEmpty()
                || Arrays.stream(view.fields())
                        .anyMatch(field -> !storedType(field.name()).equals(field.dataType()));
    }

    /**
     * Which fields do not fit: an array of one number a field, in the order of the view. NULL if all fit; empty if it is a
     * document that is no object.
     */
    public Column misfits(String prefix, int fits, int misfit) {
        if (isDocument()) {
            Column text = stored(prefix, DOCUMENT);
            return JsonMisfit.ofFields(text, document(text), view, fits, misfit);
        }
        Column[] fields = Arrays.stream(view.fieldNames())
                .map(name -> functions
                        .when(misfit(prefix, name), functions.lit(misfit))
                        .otherwise(functions.lit(fits)))
                .toArray(Column[]::new);
        return functions.when(misfits(prefix), functions.array(fields));
    }

    /** The same of one top-level field. */
    public Column misfit(String prefix, String name) {
        Column column = stored(prefix, isDocument() ? DOCUMENT : name);
        DataType type = view.apply(name).dataType();
        if (isDocument()) {
            StructType only = new StructType().add(view.apply(name));
            return JsonMisfit.ofDocument(column, functions.from_json(column, only, EXACT_JSON), only);
        }
        if (json.contains(name)) {
            return JsonMisfit.ofColumn(column, fieldView(name, column), type);
        }
        return storedType(name).equals(type)
                ? functions.lit(false)
                : column.isNotNull().and(fieldView(name, column).isNull());
    }

    /** A row of the stored columns as a record: JSON text as the nested data it holds, other text as text. */
    public Image image(Row row) {
        if (isDocument()) {
            return document(row.<String>getAs(DOCUMENT));
        }
        Image image = Rows.image(row);
        SortedMap<String, Value> fields = new TreeMap<>(image.fields());
        fields.replaceAll((name, value) -> {
            if (!(value instanceof Value.Text text)) {
                return value;
            }
            return json.contains(name)
                    ? JsonValues.embedded(text.value())
                    : numbers.contains(name) ? number(text.value()) : text;
        });
        return Image.of(fields);
    }

    /** A document that is no object is a record with the one field {@link #DOCUMENT}. */
    private static Image document(String text) {
        Value document = JsonValues.embedded(text);
        return document instanceof Value.Obj object && !isNoObject(object)
                ? new Image(object)
                : Image.of(Map.of(DOCUMENT, new Value.Text(JsonValues.embeddedText(document))));
    }

    private static boolean isNoObject(Value.Obj object) {
        return object.fields().size() == 1 && object.fields().containsKey(DOCUMENT);
    }

    private static Value number(String digits) {
        try {
            return new Value.Num(new BigDecimal(digits));
        } catch (NumberFormatException e) {
            return new Value.Text(digits);
        }
    }

    /** The inverse of {@link #image}: JSON is written anew, so its text may differ, its meaning not. */
    public Row row(Image image) {
        if (isDocument()) {
            Value whole = image.field(DOCUMENT);
            return RowFactory.create(
                    isNoObject(image.object()) && whole instanceof Value.Text text
                            ? text.value()
                            : JsonValues.text(image.object()));
        }
        TreeMap<String, Value> fields = new TreeMap<>(image.fields());
        fields.replaceAll((name, value) -> {
            if (value.isNull()) {
                return value;
            }
            return json.contains(name)
                    ? new Value.Text(JsonValues.embeddedText(value))
                    : numbers.contains(name) ? new Value.Text(digits(value)) : value;
        });
        return Rows.row(Image.of(fields), stored);
    }

    private static String digits(Value value) {
        if (value instanceof Value.Num num) {
            return num.value().signum() == 0
                    ? "0"
                    : num.value().stripTrailingZeros().toPlainString();
        }
        if (value instanceof Value.Text text) {
            return text.value();
        }
        throw new IllegalArgumentException(
                "a value of kind " + value.getClass().getSimpleName() + " is no exact number");
    }

    /** The column name as a column reference that means just this column. */
    public static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** A struct type with the stored column of documents. */
    public static StructType document() {
        return new StructType().add(DOCUMENT, DataTypes.StringType);
    }
}
