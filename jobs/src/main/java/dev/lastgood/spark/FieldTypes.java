package dev.lastgood.spark;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Suggestions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Finds fields by their paths in the types of records, and says what is wrong where there is none. */
public final class FieldTypes {
    private FieldTypes() {}

    /** Names listed in a hint before it says how many more there are. */
    private static final int LISTED = 30;

    /** A path leads nowhere. Message and hint are for the person who wrote it. */
    public static final class NoSuchField extends Exception {
        private static final long serialVersionUID = 1;

        private final String word;
        private final String hint;

        NoSuchField(String message, String hint, String word) {
            super(message);
            this.hint = hint;
            this.word = word;
        }

        /** Sentences that say what to do. */
        public String hint() {
            return hint;
        }

        /** The name on the path that is unknown, as it stands in the path. */
        public String word() {
            return word;
        }
    }

    /**
     * The type of the values a path leads to.
     *
     * @param dataset whose records these are, for the message
     * @param prefix the path that leads to {@code from}, null if that is the record itself
     */
    public static DataType of(FieldPath path, StructType from, String dataset, @Nullable FieldPath prefix)
            throws NoSuchField {
        DataType type = from;
        FieldPath at = prefix;
        for (Step step : path.steps()) {
            type = inside(type, step, path, dataset, at);
            at = at == null ? new FieldPath(List.of(step)) : at.plus(step);
        }
        return type;
    }

    /** The same in the record itself. */
    public static DataType of(FieldPath path, StructType record, String dataset) throws NoSuchField {
        return of(path, record, dataset, null);
    }

    private static DataType inside(DataType type, Step step, FieldPath path, String dataset, @Nullable FieldPath at)
            throws NoSuchField {
        if (step instanceof Step.Name name && type instanceof StructType struct) {
            return field(struct, name.name())
                    .map(StructField::dataType)
                    .orElseThrow(() -> unknown(name.name(), struct, dataset, at));
        }
        if (step instanceof Step.Name && type instanceof MapType map) {
            return map.valueType();
        }
        if (!(step instanceof Step.Name) && type instanceof ArrayType array) {
            return array.elementType();
        }
        throw new NoSuchField(
                "'%s' leads into '%s', which is of type %s".formatted(path, at, type.simpleString()),
                type instanceof ArrayType
                        ? "Write %s[] for the elements of an array.".formatted(at)
                        : "Only objects have fields, and only arrays have elements.",
                step instanceof Step.Name name ? name.name() : step.toString());
    }

    /** The field of exactly that name. */
    public static Optional<StructField> field(StructType struct, String name) {
        return Arrays.stream(struct.fields())
                .filter(field -> field.name().equals(name))
                .findFirst();
    }

    /** What to say of a name that the struct at that path has not. */
    public static NoSuchField unknown(String name, StructType struct, String dataset, @Nullable FieldPath at) {
        List<String> known = Arrays.asList(struct.fieldNames());
        String guess = Suggestions.nearest(name, known)
                .map(near -> "Did you mean '%s'? ".formatted(child(at, near)))
                .orElse("");
        String listed = known.isEmpty()
                ? "It has no fields at all."
                : (at == null ? "The fields are " : "The fields of '%s' are ".formatted(at)) + list(known) + ".";
        return new NoSuchField(
                "dataset '%s' has no field '%s'".formatted(dataset, child(at, name)), guess + listed, name);
    }

    private static FieldPath child(@Nullable FieldPath at, String name) {
        return at == null ? FieldPath.of(name) : at.child(name);
    }

    private static String list(List<String> names) {
        String first = names.stream()
                .limit(LISTED)
                .map(name -> FieldPath.of(name).toString())
                .collect(Collectors.joining(", "));
        return names.size() <= LISTED ? first : "%s and %,d more".formatted(first, names.size() - LISTED);
    }

    /** The type with that type at the path; a name on the path that is not there yet is added. */
    static DataType with(DataType type, List<Step> path, DataType wanted) {
        if (path.isEmpty()) {
            return wanted;
        }
        Step step = path.get(0);
        List<Step> rest = path.subList(1, path.size());
        if (step instanceof Step.Name name) {
            StructType struct = type instanceof StructType known ? known : new StructType();
            Optional<StructField> old = field(struct, name.name());
            DataType inner = with(old.map(StructField::dataType).orElse(new StructType()), rest, wanted);
            return old.isEmpty() ? struct.add(name.name(), inner, true) : replaced(struct, name.name(), inner);
        }
        DataType element = type instanceof ArrayType array ? array.elementType() : new StructType();
        return new ArrayType(with(element, rest, wanted), true);
    }

    /** The record type with that type at the path; a name on the path that is not there yet is added. */
    public static StructType with(StructType record, FieldPath path, DataType wanted) {
        return (StructType) with(record, path.steps(), wanted);
    }

    private static StructType replaced(StructType struct, String name, DataType type) {
        return new StructType(Arrays.stream(struct.fields())
                .map(field -> field.name().equals(name) ? new StructField(name, type, true, field.metadata()) : field)
                .toArray(StructField[]::new));
    }

    static boolean isText(DataType type) {
        return type instanceof StringType;
    }
}
