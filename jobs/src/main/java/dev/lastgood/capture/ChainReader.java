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
import org.apache.spark.sql.functions;
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
        return records(Lineage.of(manifest, store), schema);
    }

    /** The same of a chain given, its full snapshot first. */
    Dataset<Row> records(List<Manifest> chain, StructType schema) {
        @Nullable Dataset<Row> images = null;
        @Nullable Dataset<Row> removed = null;
        for (int level = 0; level < chain.size(); level++) {
            Manifest one = chain.get(level);
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
            throw new IllegalStateException(chain.get(0).folder() + " is no incremental snapshot");
        }
        Column later = col(REMOVED + ".level").gt(col(LEVEL));
        List<String> names = keyColumns(chain.get(0));
        List<Column> stored = storedKey(names, isDocument(schema));
        for (int i = 0; i < names.size(); i++) {
            later = later.and(stored.get(i).eqNullSafe(col(REMOVED + ".key." + Shape.quoted(names.get(i)))));
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

    private static boolean isDocument(StructType stored) {
        return stored.size() == 1 && stored.fieldNames()[0].equals(Shape.DOCUMENT);
    }

    /**
     * The key of an image as it is stored: its columns, or what a document has at these names, as text. That the number 7
     * and the text "7" are one text is no harm, for they are one key, and keys are unique.
     */
    static List<Column> storedKey(List<String> names, boolean document) {
        StructType texts = new StructType();
        for (String name : names) {
            texts = texts.add(name, DataTypes.StringType);
        }
        Column members = functions.from_json(col(Shape.DOCUMENT), texts, Shape.exactJson());
        return names.stream()
                .map(name -> document ? members.getField(name) : col(Shape.quoted(name)))
                .toList();
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
        for (String name : keyColumns(manifest)) {
            key.add(
                    isDocument(stored)
                            ? DataTypes.createStructField(name, DataTypes.StringType, true)
                            : stored.apply(name));
        }
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
