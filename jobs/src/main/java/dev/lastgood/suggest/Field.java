package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.record.Paths;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * A field with one plain value a record, or an element.
 *
 * @param path from the record or the element
 */
record Field(Subject of, FieldPath path, DataType type, Kind kind) {

    /** What can be said of values of a type. */
    enum Kind {
        WHOLE,
        FRACTION,
        TEXT,
        BOOLEAN,
        TIME;

        boolean isNumber() {
            return this == WHOLE || this == FRACTION;
        }
    }

    /** More arrays of a dataset are not looked into. */
    private static final int MOST_ARRAYS = 8;

    private static final Pattern WORDS = Pattern.compile("[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])");
    private static final Set<String> OF_IDS = Set.of(
            "id",
            "key",
            "code",
            "number",
            "nr",
            "no",
            "num",
            "sku",
            "uuid",
            "guid",
            "ref",
            "reference",
            "zip",
            "iban",
            "isbn",
            "ean",
            "index");

    /** The plain fields of records of that type and of the elements of their arrays, in the order of the type. */
    static List<Field> of(String dataset, StructType view) {
        List<Field> fields = new ArrayList<>();
        List<Subject> arrays = new ArrayList<>();
        inside(Subject.records(dataset), List.of(), view, fields, arrays);
        return fields;
    }

    private static void inside(Subject of, List<Step> at, StructType type, List<Field> fields, List<Subject> arrays) {
        for (StructField field : type.fields()) {
            List<Step> steps = new ArrayList<>(at);
            steps.add(new Step.Name(field.name()));
            FieldPath path = new FieldPath(steps);
            DataType inner = field.dataType();
            Optional<Kind> kind = kind(inner);
            if (kind.isPresent()) {
                fields.add(new Field(of, path, inner, kind.get()));
            } else if (inner instanceof StructType struct) {
                inside(of, steps, struct, fields, arrays);
            } else if (inner instanceof ArrayType array && of.isRecords() && arrays.size() < MOST_ARRAYS) {
                elements(of.dataset(), path.plus(new Step.Each()), array.elementType(), fields, arrays);
            }
        }
    }

    private static void elements(
            String dataset, FieldPath array, DataType element, List<Field> fields, List<Subject> arrays) {
        Subject subject = new Subject(dataset, array, !(element instanceof StructType));
        arrays.add(subject);
        if (element instanceof StructType struct) {
            inside(subject, List.of(), struct, fields, arrays);
        } else {
            kind(element).ifPresent(kind -> fields.add(new Field(subject, Subject.ELEMENT, element, kind)));
        }
    }

    private static Optional<Kind> kind(DataType type) {
        if (type instanceof IntegralType || (type instanceof DecimalType decimal && decimal.scale() == 0)) {
            return Optional.of(Kind.WHOLE);
        }
        if (type instanceof NumericType) {
            return Optional.of(Kind.FRACTION);
        }
        if (type instanceof StringType) {
            return Optional.of(Kind.TEXT);
        }
        if (type instanceof BooleanType) {
            return Optional.of(Kind.BOOLEAN);
        }
        boolean time = type instanceof DateType || type instanceof TimestampType || type instanceof TimestampNTZType;
        return time ? Optional.of(Kind.TIME) : Optional.empty();
    }

    /** The path from the record. */
    FieldPath whole() {
        return of.elements()
                .map(array -> of.plain() ? array : array.resolve(path))
                .orElse(path);
    }

    /** Whether people do not get to see its values, so that a rule must not name them either. */
    boolean isMasked(DatasetSpec dataset) {
        return dataset.mask().keySet().stream().anyMatch(mask -> Paths.touch(mask, whole()));
    }

    /** The words of its name, in lower case: {@code ProviderNumber} and {@code provider_number} are two. */
    List<String> words() {
        String name = path.last() instanceof Step.Name last ? last.name() : path.toString();
        return WORDS.splitAsStream(name)
                .filter(word -> !word.isEmpty())
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList();
    }

    /** Whether its name says that its values name something, and are no amounts. */
    boolean isNamedLikeAnId() {
        List<String> words = words();
        return !words.isEmpty() && OF_IDS.contains(words.get(words.size() - 1));
    }

    @Override
    public String toString() {
        return of.dataset() + "." + whole();
    }
}
