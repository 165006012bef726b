package dev.lastgood.spark;

import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How a dataset's records lie in Spark, twice: as they are <em>stored</em> (read, compared, kept and restored), and as the
 * typed <em>view</em> that rules see. They differ where text holds more than text: a JSON column is stored as its text and
 * seen as an array or struct; a declared CSV field is stored as the cell's text and seen in its type; a document is stored
 * as one raw text and seen as its fields.
 *
 * @param stored the stored columns; of a document dataset the single column {@link #DOCUMENT}
 * @param view the typed fields; of every other dataset than of documents it has the names of {@code stored}
 * @param json stored text columns that hold JSON, compared as nested data
 */
public record Shape(StructType stored, StructType view, Set<String> json) implements Serializable {
    /** The column of a document's raw JSON text. */
    public static final String DOCUMENT = "_document";

    private static final Map<String, String> EXACT_JSON =
            Map.of("mode", "PERMISSIVE", "allowNumericLeadingZeros", "false");

    public Shape {
        json = Set.copyOf(json);
    }

    /** A dataset whose columns are what they seem. */
    public static Shape of(StructType stored) {
        return new Shape(stored, stored, Set.of());
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
        return viewOf(name -> functions.col(prefix.isEmpty() ? quoted(name) : prefix + "." + quoted(name)));
    }

    /** A field of the view, for keys and versions. */
    public Column field(String prefix, String name) {
        return isDocument() ? view(prefix).getField(name) : fieldView(name, stored(prefix, name));
    }

    private static Column stored(String prefix, String name) {
        return functions.col(prefix.isEmpty() ? quoted(name) : prefix + "." + quoted(name));
    }

    private Column viewOf(java.util.function.Function<String, Column> column) {
        if (isDocument()) {
            return functions.from_json(column.apply(DOCUMENT), view, EXACT_JSON);
        }
        List<Column> fields = new ArrayList<>();
        for (String name : stored.fieldNames()) {
            fields.add(fieldView(name, column.apply(name)).alias(name));
        }
        return functions.struct(fields.toArray(Column[]::new));
    }

    private Column fieldView(String name, Column stored) {
        DataType type = view.apply(name).dataType();
        if (json.contains(name)) {
            return functions.from_json(stored, type, EXACT_JSON);
        }
        return storedType(name).equals(type) ? stored : stored.try_cast(type);
    }

    private DataType storedType(String name) {
        return stored.apply(name).dataType();
    }

    /** True if a stored value that is there is not seen in the view, because it does not fit the view's type. */
    public Column misfits(String prefix) {
        Column misfits = functions.lit(false);
        if (isDocument()) {
            return misfits;
        }
        for (StructField field : view.fields()) {
            String name = field.name();
            if (json.contains(name) || !storedType(name).equals(field.dataType())) {
                Column column = stored(prefix, name);
                misfits = misfits.or(
                        column.isNotNull().and(fieldView(name, column).isNull()));
            }
        }
        return misfits;
    }

    /** A row of the stored columns as a record: JSON text as the nested data it holds, other text as text. */
    public Image image(Row row) {
        if (isDocument()) {
            String text = row.getAs(DOCUMENT);
            Value document = json(text);
            return document instanceof Value.Obj object ? new Image(object) : Image.of(Map.of(DOCUMENT, document));
        }
        Image image = Rows.image(row);
        SortedMap<String, Value> fields = new TreeMap<>(image.fields());
        for (String name : json) {
            if (fields.get(name) instanceof Value.Text text) {
                fields.put(name, json(text.value()));
            }
        }
        return Image.of(fields);
    }

    /** Text that is not JSON stays the text it is: it is still compared and still kept. */
    private static Value json(String text) {
        try {
            return JsonValues.parse(text);
        } catch (JsonValues.NotJson e) {
            return new Value.Text(text);
        }
    }

    /** The inverse of {@link #image}: JSON is written anew, so its text may differ, its meaning not. */
    public Row row(Image image) {
        if (isDocument()) {
            return org.apache.spark.sql.RowFactory.create(JsonValues.text(image.object()));
        }
        TreeMap<String, Value> fields = new TreeMap<>(image.fields());
        for (String name : json) {
            Value value = fields.get(name);
            if (value != null && !value.isNull() && !(value instanceof Value.Text)) {
                fields.put(name, new Value.Text(JsonValues.text(value)));
            }
        }
        return Rows.row(Image.of(fields), stored);
    }

    /** The column name as a column reference that means just this column. */
    public static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    static boolean isText(DataType type) {
        return type instanceof StringType;
    }

    /** A struct type with the stored column of documents. */
    public static StructType document() {
        return new StructType().add(DOCUMENT, DataTypes.StringType);
    }
}
