package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.path.FieldPath;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Records of a parent that were deleted as it is written down. That something was deleted does not say that it is gone: each
 * is looked for in live by its key, which spares reading all keys as long as they are few.
 */
final class Deleted {
    /** More are cheaper to find by reading all keys. */
    private static final int MOST = 500;

    private final Dataset<Row> before;
    private final String parent;
    private final StructType key;
    private final List<Row> candidates;

    private Deleted(Dataset<Row> before, String parent, StructType key, List<Row> candidates) {
        this.before = before;
        this.parent = parent;
        this.key = key;
        this.candidates = candidates;
    }

    /**
     * @param deleted columns named as the key fields, of types like theirs
     * @param before the parent, its key in the struct of that name
     */
    static Deleted of(Dataset<Row> deleted, Dataset<Row> before, String parent, StructType key) {
        List<Column> typed = new ArrayList<>();
        for (StructField field : key.fields()) {
            typed.add(col(Shape.quoted(field.name())).try_cast(field.dataType()).alias(field.name()));
        }
        Dataset<Row> evidence =
                deleted.select(struct(typed.toArray(Column[]::new)).alias("_deleted"));
        List<Row> candidates = before.select(col(parent + "." + Fingerprint.KEY).alias("_known"))
                .join(evidence, Keys.same(col("_known"), col("_deleted"), key), "left_semi")
                .limit(MOST + 1)
                .collectAsList();
        return new Deleted(before, parent, key, candidates);
    }

    /** The keys of the parent that are not gone, with their hashes; empty if too many were deleted to look for each. */
    Optional<Dataset<Row>> keysLeft(Frame live) {
        if (candidates.size() > MOST) {
            return Optional.empty();
        }
        Dataset<Row> known = before.select(
                col(parent + "." + Fingerprint.KEY_HASH).alias(Fingerprint.KEY_HASH),
                col(parent + "." + Fingerprint.KEY).alias(Fingerprint.KEY));
        if (candidates.isEmpty()) {
            return Optional.of(known);
        }
        List<Column> looked = new ArrayList<>();
        List<Column> names = new ArrayList<>();
        for (StructField field : key.fields()) {
            names.add(live.shape().field("", FieldPath.valueOf(field.name())).alias(field.name()));
        }
        for (Row row : candidates) {
            looked.add(is(row.getStruct(0), field -> live.shape().field("", FieldPath.valueOf(field))));
        }
        List<Row> there = live.records()
                .where(any(looked))
                .select(struct(names.toArray(Column[]::new)))
                .collectAsList();
        List<Column> gone = new ArrayList<>();
        for (Row row : candidates) {
            boolean isThere =
                    there.stream().anyMatch(one -> Keys.key(one.getStruct(0)).equals(Keys.key(row.getStruct(0))));
            if (!isThere) {
                gone.add(is(row.getStruct(0), field -> col(Fingerprint.KEY).getField(field)));
            }
        }
        return Optional.of(gone.isEmpty() ? known : known.where(not(any(gone))));
    }

    private interface Field {
        Column of(String name);
    }

    private Column is(Row row, Field field) {
        Column same = lit(true);
        for (int i = 0; i < key.size(); i++) {
            String name = key.fields()[i].name();
            Column value = lit(row.isNullAt(i) ? null : row.get(i));
            same = same.and(field.of(name).eqNullSafe(value));
        }
        return same;
    }

    /** As a tree that is not deep. */
    private static Column any(List<Column> conditions) {
        if (conditions.size() == 1) {
            return conditions.get(0);
        }
        int half = conditions.size() / 2;
        return any(conditions.subList(0, half)).or(any(conditions.subList(half, conditions.size())));
    }
}
