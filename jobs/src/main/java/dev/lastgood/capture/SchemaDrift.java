package dev.lastgood.capture;

import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How the fields of a dataset have changed from one capture to the next.
 *
 * @param field its path; of a renamed field its new name
 * @param before its type before, empty if it is new; of a renamed field its old name
 * @param after its type now, empty if it is gone; of a renamed field its new name
 * @param evidence what speaks for it, empty where the fields alone say it
 */
public record SchemaDrift(Kind kind, String field, String before, String after, String evidence) {

    /** What became of a field. */
    public enum Kind {
        ADDED,
        DROPPED,
        /** One is gone, and another has its values. */
        RENAMED,
        RETYPED,
        /** Something inside it came, went or changed its type. */
        NESTED
    }

    /**
     * The fields of one capture compared with those of the one before.
     *
     * @param since the snapshot before
     * @param unknown why they could not be compared, empty if they were
     */
    public record Report(SnapshotId since, List<SchemaDrift> changes, String unknown) {
        public Report {
            changes = List.copyOf(changes);
        }
    }

    SchemaDrift(Kind kind, String field, String before, String after) {
        this(kind, field, before, after, "");
    }

    /** In the order of the fields now, then those that are gone. A rename shows as one field gone and one that came. */
    static List<SchemaDrift> between(Manifest.Schema before, Manifest.Schema after) {
        List<SchemaDrift> drift = new ArrayList<>();
        compare("", types(before), types(after), drift);
        return drift;
    }

    /** The fields of a dataset with what is inside them, as far as it was learned. */
    private static Map<String, DataType> types(Manifest.Schema schema) {
        Map<String, DataType> types = new LinkedHashMap<>();
        for (Manifest.Field field : schema.fields()) {
            String view = field.view();
            DataType type = DataType.fromDDL(view == null ? field.type() : view);
            if (field.name().equals(Shape.DOCUMENT) && type instanceof StructType document) {
                types.putAll(types(document));
            } else {
                types.put(field.name(), type);
            }
        }
        return types;
    }

    private static Map<String, DataType> types(StructType struct) {
        Map<String, DataType> types = new LinkedHashMap<>();
        for (StructField field : struct.fields()) {
            types.put(field.name(), field.dataType());
        }
        return types;
    }

    private static void compare(
            String prefix, Map<String, DataType> before, Map<String, DataType> after, List<SchemaDrift> drift) {
        boolean inside = !prefix.isEmpty();
        after.forEach((name, type) -> {
            DataType old = before.get(name);
            String path = prefix + name;
            if (old == null) {
                drift.add(new SchemaDrift(inside ? Kind.NESTED : Kind.ADDED, path, "", type.simpleString()));
            } else {
                compare(path, old, type, inside, drift);
            }
        });
        before.forEach((name, type) -> {
            if (!after.containsKey(name)) {
                drift.add(new SchemaDrift(inside ? Kind.NESTED : Kind.DROPPED, prefix + name, type.simpleString(), ""));
            }
        });
    }

    private static void compare(String path, DataType old, DataType now, boolean inside, List<SchemaDrift> drift) {
        if (old instanceof StructType was && now instanceof StructType is) {
            compare(path + ".", types(was), types(is), drift);
        } else if (old instanceof ArrayType was && now instanceof ArrayType is) {
            compare(path + "[]", was.elementType(), is.elementType(), true, drift);
        } else if (old instanceof MapType was && now instanceof MapType is) {
            compare(path + "{}", was.valueType(), is.valueType(), true, drift);
        } else if (!old.catalogString().equals(now.catalogString())) {
            drift.add(
                    new SchemaDrift(inside ? Kind.NESTED : Kind.RETYPED, path, old.simpleString(), now.simpleString()));
        }
    }

    /** For people: {@code 'price' is decimal(12,2) and was double}. */
    @Override
    public String toString() {
        if (kind == Kind.RENAMED) {
            return "'%s' is now named '%s' (%s)".formatted(before, after, evidence);
        }
        if (before.isEmpty()) {
            return "'%s' has come (%s)".formatted(field, after);
        }
        return after.isEmpty()
                ? "'%s' is gone (%s)".formatted(field, before)
                : "'%s' is %s and was %s".formatted(field, after, before);
    }
}
