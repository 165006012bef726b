package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.path.FieldPath;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Lineage;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Store;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The records of an incremental snapshot: of each snapshot of its chain those that no later one removed. Keys are unique in
 * a chain, and a file of side REMOVED names each image it removes by its key as it was stored.
 */
final class ChainReader {
    /** Of a line of a REMOVED file: the stored key fields of the image; whether no image took its place. */
    static final String KEY = "_key";

    static final String TOMBSTONE = "_tombstone";

    private static final String LEVEL = "_lastgood_level";
    private static final String REMOVED = "_lastgood_removed";

    private final SparkSession session;
    private final Store store;

    ChainReader(SparkSession session, Store store) {
        this.session = session;
        this.store = store;
    }

    /**
     * The stored columns, as they were captured.
     *
     * @throws dev.lastgood.snapshot.UnusableEntry if a manifest of the chain is missing, damaged or another
     */
    Dataset<Row> records(Manifest manifest, StructType schema) {
        List<Manifest> chain = Lineage.of(manifest, store);
        @Nullable Dataset<Row> images = null;
        @Nullable Dataset<Row> removed = null;
        for (Manifest one : chain) {
            long level = one.chain().sequence();
            Dataset<Row> own = own(one, schema).withColumn(LEVEL, lit(level));
            images = images == null ? own : images.union(own);
            if (level > 0) {
                Dataset<Row> gone = removed(one)
                        .select(struct(col(KEY).alias("key"), lit(level).alias("level"))
                                .alias(REMOVED));
                removed = removed == null ? gone : removed.union(gone);
            }
        }
        if (images == null || removed == null) {
            throw new IllegalStateException(manifest.folder() + " is no incremental snapshot");
        }
        Column later = col(REMOVED + ".level").gt(col(LEVEL));
        for (String key : keyColumns(manifest)) {
            later = later.and(col(Shape.quoted(key)).eqNullSafe(col(REMOVED + ".key." + Shape.quoted(key))));
        }
        return images.join(removed, later, "left_anti")
                .select(Arrays.stream(schema.fieldNames())
                        .map(name -> col(Shape.quoted(name)))
                        .toArray(Column[]::new));
    }

    /** The records in the snapshot's own files. */
    Dataset<Row> own(Manifest manifest, StructType schema) {
        return files(manifest, FileEntry.Side.DATA, schema);
    }

    /** What the snapshot's own files remove from its parent, a line an image. */
    Dataset<Row> removed(Manifest manifest) {
        return files(manifest, FileEntry.Side.REMOVED, removedSchema(manifest));
    }

    private Dataset<Row> files(Manifest manifest, FileEntry.Side side, StructType schema) {
        String[] paths = manifest.files(side).stream()
                .map(file -> ReadPaths.literal(store.location(manifest.folder() + "/" + file.path())))
                .toArray(String[]::new);
        return paths.length == 0
                ? session.createDataFrame(List.of(), schema)
                : session.read().schema(schema).parquet(paths);
    }

    /** The stored columns of the key, which in a chain are the whole of its fields. */
    private static List<String> keyColumns(Manifest manifest) {
        return manifest.schema().key().stream()
                .map(path -> FieldPath.valueOf(path).root())
                .toList();
    }

    static StructType removedSchema(Manifest manifest) {
        StructType stored = SnapshotReader.schema(manifest);
        List<StructField> key = new ArrayList<>();
        keyColumns(manifest).forEach(name -> key.add(stored.apply(name)));
        StructType schema = new StructType();
        for (String hash : List.of(
                Fingerprint.KEY_HASH,
                Fingerprint.CONTENT_1,
                Fingerprint.CONTENT_2,
                Fingerprint.COMPARE_1,
                Fingerprint.COMPARE_2)) {
            schema = schema.add(hash, DataTypes.LongType);
        }
        return schema.add(TOMBSTONE, DataTypes.BooleanType)
                .add(KEY, DataTypes.createStructType(key.toArray(StructField[]::new)));
    }
}
