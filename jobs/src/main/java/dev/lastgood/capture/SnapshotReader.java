package dev.lastgood.capture;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.record.Key;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.FileCheck;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Lineage;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.snapshot.SnapshotFiles;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.Together;
import dev.lastgood.store.AdoptedFiles;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Upgrade;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Reads the records of snapshots: from the list of files in the manifest, never from what happens to lie in a folder. */
public final class SnapshotReader {
    /** Of so many there are some in every file. */
    private static final int MOST_KEYS = 1_000;

    private final SparkSession session;
    private final Store store;

    public SnapshotReader(SparkSession session, Store store) {
        this.session = session;
        this.store = store;
    }

    /** The stored columns as they were captured; for who proves something of the files, or has just done so. */
    Dataset<Row> records(Manifest manifest) {
        return records(manifest, schema(manifest));
    }

    /** The same, for who knows the columns. */
    Dataset<Row> records(Manifest manifest, StructType schema) {
        if (manifest.chain().parent() != null) {
            return new ChainReader(session, store).records(manifest, schema);
        }
        List<FileEntry> files = manifest.files(FileEntry.Side.DATA);
        if (files.isEmpty()) {
            return session.createDataFrame(List.of(), schema);
        }
        Reading reading = manifest.reading();
        if (reading != null) {
            return new FormatReader(session, reading)
                    .records(schema, files.stream().map(FileEntry::path).toList());
        }
        String[] paths = files.stream()
                .map(file -> ReadPaths.literal(store.location(manifest.folder() + "/" + file.path())))
                .toArray(String[]::new);
        return session.read().schema(schema).parquet(paths);
    }

    /**
     * The records as the dataset's rules see them today: renamed and upgraded from the schema of their time.
     *
     * @throws UnusableEntry if a file is not the one that was captured, byte for byte
     */
    public Frame frame(DatasetSpec dataset, Manifest manifest, Sources sources) {
        requireIntact(manifest);
        return captured(dataset, manifest, sources);
    }

    /**
     * The records with these keys, and those that lie in the same files: the others are neither hashed nor read where the
     * manifest says which key hashes a file holds.
     *
     * @param keys as they are in live; all files are read if one of them was no such key then
     * @throws UnusableEntry if one of those files is not the one that was captured, byte for byte
     */
    public Frame frame(DatasetSpec dataset, Manifest manifest, Sources sources, Collection<Key> keys) {
        boolean mayBeFewer = dataset.hasKey()
                && manifest.origin() == Manifest.Origin.TAKEN
                && manifest.chain().parent() == null
                && manifest.files(FileEntry.Side.DATA).size() > 1
                && keys.size() <= MOST_KEYS;
        Manifest needed = mayBeFewer
                ? shape(dataset, manifest)
                        .flatMap(then -> holding(dataset, then, manifest, sources, keys))
                        .map(manifest::with)
                        .orElse(manifest)
                : manifest;
        return frame(dataset, needed, sources);
    }

    /** The files that may hold the keys; empty if keys were not hashed as they would be today. */
    private Optional<List<FileEntry>> holding(
            DatasetSpec dataset, Shape then, Manifest manifest, Sources sources, Collection<Key> keys) {
        StructType type = Keys.type(dataset, then);
        List<Row> rows = new ArrayList<>();
        for (Key key : keys) {
            // Where keys are of another type now, two that are hashed apart may be one: 007 and 7.
            if (!Keys.as(key, type).equals(Optional.of(key))) {
                return Optional.empty();
            }
            try {
                rows.add(RowFactory.create(
                        RowFactory.create(Keys.cells(key, type).toArray())));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        NavigableSet<Long> hashes = new TreeSet<>();
        session.createDataFrame(rows, new StructType().add("_wanted", type, true))
                .select(Fingerprint.keyHash(dataset, then, functions.col("_wanted")))
                .collectAsList()
                .forEach(row -> hashes.add(row.getLong(0)));
        List<FileEntry> files = manifest.files().stream()
                .filter(file -> file.side() != FileEntry.Side.DATA || mayHold(file, hashes))
                .toList();
        return isHashedSo(dataset, manifest, sources, files) ? Optional.of(files) : Optional.empty();
    }

    /**
     * Whether a file has the lowest and the highest key hash that the manifest says. How the fields of the key were seen at
     * capture is written nowhere, and a key hashed as text lies elsewhere than the same as a number.
     */
    private boolean isHashedSo(DatasetSpec dataset, Manifest manifest, Sources sources, List<FileEntry> preferred) {
        Optional<FileEntry> sample = Stream.concat(preferred.stream(), manifest.files(FileEntry.Side.DATA).stream())
                .filter(file -> file.side() == FileEntry.Side.DATA && file.keys() != null)
                .findFirst();
        if (sample.isEmpty()) {
            return false;
        }
        FileEntry file = sample.get();
        try {
            Frame frame = captured(dataset, manifest.with(List.of(file)), sources);
            Row found = frame.records()
                    .select(Fingerprint.keyHash(dataset, frame.shape()).alias(Fingerprint.KEY_HASH))
                    .agg(functions.min(Fingerprint.KEY_HASH), functions.max(Fingerprint.KEY_HASH))
                    .first();
            return !found.isNullAt(0) && new FileEntry.KeyRange(found.getLong(0), found.getLong(1)).equals(file.keys());
        } catch (Exception e) {
            // Whoever reads all files says what is wrong with this one.
            return false;
        }
    }

    private static boolean mayHold(FileEntry file, NavigableSet<Long> hashes) {
        FileEntry.KeyRange range = file.keys();
        if (range == null) {
            return file.records() == null || file.records() > 0;
        }
        Long next = hashes.ceiling(range.from());
        return next != null && next <= range.to();
    }

    /** The shape of those records. None is read for it. */
    public Shape shape(DatasetSpec dataset, Manifest manifest, Sources sources) {
        return captured(dataset, manifest, sources).shape();
    }

    /** The same without a session; empty if it takes one. */
    public static Optional<Shape> shape(DatasetSpec dataset, Manifest manifest) {
        boolean upgraded = dataset.upgrades().stream()
                .anyMatch(upgrade -> manifest.capture().from().isBefore(upgrade.until()));
        return upgraded ? Optional.empty() : Sources.shapeOfThen(dataset, schema(manifest), views(manifest));
    }

    /**
     * Checksums of pages do not show a file that was put in the place of another, nor a footer that was changed; and a
     * verification of last week says nothing of today. An incremental snapshot needs the files of its whole chain.
     *
     * @throws UnusableEntry if a file is not the one that was captured, byte for byte
     */
    public void requireIntact(Manifest manifest) {
        Lineage.of(manifest, store).forEach(one -> requireIntact(one, manifest));
    }

    /**
     * Looks up all files of records along the chain of a snapshot that was taken, and reads none.
     *
     * @throws UnusableEntry if one is missing, or has another size
     */
    public void requirePresent(Manifest manifest) {
        for (Manifest one : Lineage.of(manifest, store)) {
            SnapshotFiles files = SnapshotFiles.in(store, one.folder());
            Map<String, Long> listed = files.list();
            needed(one)
                    .forEach(file ->
                            FileCheck.lookedUp(file, listed, files).ifPresent(damage -> refuse(damage, one, manifest)));
        }
    }

    private static List<FileEntry> needed(Manifest manifest) {
        return manifest.files().stream()
                .filter(file -> file.side() != FileEntry.Side.THIN)
                .toList();
    }

    private void requireIntact(Manifest one, Manifest asked) {
        SnapshotFiles files = AdoptedFiles.of(store, one, session.sparkContext().hadoopConfiguration());
        for (FileCheck check : Together.each(needed(one), file -> FileCheck.of(file, files))) {
            Damage damage = check.damage();
            if (damage != null) {
                refuse(damage, one, asked);
            }
        }
    }

    private static void refuse(Damage damage, Manifest one, Manifest asked) {
        String name = one.origin() == Manifest.Origin.ADOPTED ? damage.file() : one.folder() + "/" + damage.file();
        if (damage.kind().verdict() == Verdict.INCONCLUSIVE) {
            throw new StoreUnavailable("could not read %s: %s".formatted(name, damage.detail()), null, null);
        }
        throw new UnusableEntry(
                name,
                "%s, %s".formatted(damage.kind(), damage.detail()),
                "Run 'lastgood snapshot verify %s --dataset %s' to see all that is damaged, and use another snapshot."
                        .formatted(asked.snapshot(), asked.dataset()));
    }

    /** The same of files that were hashed a moment ago, or will have been when they are read. */
    public Frame captured(DatasetSpec dataset, Manifest manifest, Sources sources) {
        Dataset<Row> today =
                upgraded(dataset, records(manifest), manifest.capture().from());
        return sources.ofThen(dataset, today, views(dataset, manifest));
    }

    /** The same under today's names. */
    private static Map<String, DataType> views(DatasetSpec dataset, Manifest manifest) {
        Map<String, DataType> views = views(manifest);
        for (Upgrade upgrade : dataset.upgrades()) {
            if (manifest.capture().from().isBefore(upgrade.until())) {
                upgrade.rename().forEach((from, to) -> {
                    DataType view = views.remove(from);
                    if (view != null) {
                        views.put(to, view);
                    }
                });
            }
        }
        return views;
    }

    /** The stored columns. */
    static StructType schema(Manifest manifest) {
        StructType schema = new StructType();
        for (Manifest.Field field : manifest.schema().fields()) {
            schema = schema.add(field.name(), DataType.fromDDL(field.type()), true);
        }
        return schema;
    }

    /** What is known of the views of JSON columns and documents: learned at capture, from every record. */
    public static Map<String, DataType> views(Manifest manifest) {
        Map<String, DataType> views = new HashMap<>();
        for (Manifest.Field field : manifest.schema().fields()) {
            if (field.view() != null) {
                views.put(field.name(), DataType.fromDDL(field.view()));
            }
        }
        return views;
    }

    /** An older image under today's names: each declared change of schema that came after it, in order. */
    public static Dataset<Row> upgraded(DatasetSpec dataset, Dataset<Row> records, Instant captured) {
        Dataset<Row> today = records;
        for (Upgrade upgrade : dataset.upgrades()) {
            if (captured.isBefore(upgrade.until())) {
                today = upgraded(upgrade, today);
            }
        }
        return today;
    }

    private static Dataset<Row> upgraded(Upgrade upgrade, Dataset<Row> records) {
        List<Column> renamed = new ArrayList<>();
        for (String name : records.columns()) {
            String to = upgrade.rename().getOrDefault(name, name);
            renamed.add(functions.col(Shape.quoted(name)).alias(to));
        }
        Dataset<Row> today = records.select(renamed.toArray(Column[]::new));
        Map<String, Column> columns = new LinkedHashMap<>();
        Arrays.stream(today.columns()).forEach(name -> columns.put(name, functions.col(Shape.quoted(name))));
        upgrade.upgrade()
                .forEach((path, sql) ->
                        columns.put(path.root(), functions.expr(sql.text()).alias(path.root())));
        return today.select(columns.values().toArray(Column[]::new));
    }

    /** How a shape is written into a manifest. */
    static String ddl(DataType type) {
        return type.sql();
    }
}
