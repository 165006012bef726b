package dev.lastgood.capture;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.record.Digest128;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Lineage;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Misread;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.Together;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The levels of verification that need the engine: L1 reads what the files say of themselves, L3 every record. */
public final class ContentVerification {
    private final SparkSession session;
    private final Store store;
    private final Sources sources;

    public ContentVerification(SparkSession session, Store store, Sources sources) {
        this.session = session;
        this.store = store;
        this.sources = sources;
    }

    /** L1: each file can be opened as Parquet, has the fields of the manifest and as many records as it says. */
    public VerificationReport footers(Manifest manifest) {
        if (manifest.origin() == Manifest.Origin.ADOPTED) {
            return FormatCheck.report(session, manifest);
        }
        Map<FileEntry.Side, String> expected = new EnumMap<>(FileEntry.Side.class);
        expected.put(
                FileEntry.Side.DATA,
                manifest.schema().fields().stream()
                        .map(field -> field.name() + " " + field.type())
                        .toList()
                        .toString());
        if (manifest.chain().parent() != null) {
            expected.put(FileEntry.Side.REMOVED, fields(ChainReader.removedSchema(manifest)));
        }
        List<FileEntry> files = manifest.files().stream()
                .filter(file -> expected.containsKey(file.side()))
                .toList();
        List<Damage> damages = new ArrayList<>();
        long records = 0;
        for (Footer footer : Together.each(files, file -> footer(manifest, file, expected.get(file.side())))) {
            damages.addAll(footer.damages());
            records += footer.records();
        }
        return VerificationReport.of(Level.L1, files.size(), 0, records, damages);
    }

    /** What a file says of itself, and what is wrong with that. */
    private record Footer(long records, List<Damage> damages) {}

    private Footer footer(Manifest manifest, FileEntry file, @Nullable String expected) {
        String path = ReadPaths.literal(store.location(manifest.folder() + "/" + file.path()));
        List<Damage> damages = new ArrayList<>();
        try {
            StructType schema = session.read().parquet(path).schema();
            String found = fields(schema);
            if (!found.equals(expected)) {
                damages.add(Damage.of(file.path(), Damage.Kind.SCHEMA, String.valueOf(expected), found));
            }
            long counted = session.read()
                    .schema(schema)
                    .parquet(path)
                    .agg(functions.count(functions.lit(1)))
                    .head()
                    .getLong(0);
            if (file.records() != null && counted != file.records()) {
                damages.add(
                        Damage.of(file.path(), Damage.Kind.COUNT, file.records() + " records", counted + " records"));
            }
            return new Footer(counted, damages);
        } catch (Exception e) {
            damages.add(unread(file.path(), "it cannot be read as Parquet: ", e));
            return new Footer(0, damages);
        }
    }

    private static String fields(StructType schema) {
        return List.of(schema.fields()).stream()
                .map(field -> field.name() + " " + field.dataType().sql())
                .toList()
                .toString();
    }

    /** Without what differs from run to run, and without a value. */
    private static String reason(Exception e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return Misread.reason(e).orElse(root.getClass().getSimpleName());
    }

    /**
     * L3: the records, read again through the engine, have the counts and bucket digests of the manifest. What follows
     * settings of the dataset is compared only where they are what they were: a setting changed since is no damage, and the
     * digests of whole records depend on none.
     */
    public VerificationReport content(DatasetSpec dataset, Manifest manifest) {
        List<Damage> damages = new ArrayList<>();
        Content content;
        Settings settings;
        try {
            Dataset<Row> records = new SnapshotReader(session, store).records(manifest);
            settings = Settings.of(dataset, manifest, shape(manifest), today(dataset, manifest, records));
            Frame frame = new Frame(records, settings.shape());
            if (manifest.chain().parent() != null) {
                content = Content.ofChain(settings.dataset(), frame);
                damages.addAll(delta(manifest, settings));
            } else {
                content = manifest.origin() == Manifest.Origin.ADOPTED
                        ? Content.ofForeign(settings.dataset(), frame)
                        : Content.of(settings.dataset(), frame);
            }
        } catch (InvalidInput | SourceUnreadable | StoreUnavailable e) {
            throw e;
        } catch (Exception e) {
            damages.add(unread(Manifest.NAME, "the records cannot be read: ", e));
            return VerificationReport.of(Level.L3, files(manifest), 0, 0, damages);
        }
        Map<String, long[]> counts = new LinkedHashMap<>();
        counts.put("records", new long[] {manifest.counts().records(), content.records()});
        if (settings.sameKey()) {
            counts.put("distinct keys", new long[] {manifest.counts().distinctKeys(), content.distinctKeys()});
            counts.put("duplicate keys", new long[] {manifest.counts().duplicateKeys(), content.duplicateKeys()});
        }
        counts.forEach((what, pair) -> {
            if (pair[0] != pair[1]) {
                damages.add(Damage.of(Manifest.NAME, Damage.Kind.COUNT, pair[0] + " " + what, pair[1] + " " + what));
            }
        });
        Manifest.BucketFile sidecar = manifest.buckets();
        if (sidecar == null) {
            damages.add(new Damage(Manifest.NAME, Damage.Kind.NOT_EXAMINED, "the manifest has no bucket digests"));
        } else if (!settings.comparable(content.buckets().totals()).equals(settings.comparable(sidecar.totals()))) {
            String differing = settings.sameKey() ? ": " + dirty(manifest, content) : "";
            damages.add(new Damage(
                    sidecar.path(), Damage.Kind.CONTENT, "the records are not those that were captured" + differing));
        }
        return VerificationReport.of(Level.L3, files(manifest), 0, content.records(), damages);
    }

    /** How many files hold records. */
    private static int files(Manifest manifest) {
        return manifest.files().size() - manifest.files(FileEntry.Side.THIN).size();
    }

    /** What the own files of an incremental snapshot add up to is what they did. */
    private List<Damage> delta(Manifest manifest, Settings settings) {
        List<Damage> damages = new ArrayList<>();
        Manifest.Delta delta = manifest.chain().delta();
        if (delta != null) {
            ChainReader chain = new ChainReader(session, store);
            Frame own = new Frame(chain.own(manifest, SnapshotReader.schema(manifest)), settings.shape());
            Buckets.Sums inserted =
                    Content.of(settings.dataset(), own).buckets().totals();
            if (!settings.comparable(inserted)
                    .equals(settings.comparable(delta.inserted().totals()))) {
                damages.add(new Damage(
                        delta.inserted().path(), Damage.Kind.CONTENT, "the images are not those that were inserted"));
            }
            Buckets.Sums removed =
                    Content.ofRemoved(chain.removed(manifest)).buckets().totals();
            if (!removed.equals(delta.removed().totals())) {
                damages.add(new Damage(
                        delta.removed().path(), Damage.Kind.CONTENT, "the images are not those that were removed"));
            }
        }
        return damages;
    }

    /** Damage if the files are at fault; where anything else may be, nothing is proven. */
    private static Damage unread(String file, String what, Exception e) {
        Damage.Kind kind = Misread.reason(e).isPresent() ? Damage.Kind.CORRUPT : Damage.Kind.UNREADABLE;
        return new Damage(file, kind, what + reason(e));
    }

    /** The shape of the dataset by today's workspace; empty if that names what the snapshot has not. */
    private Optional<Shape> today(DatasetSpec dataset, Manifest manifest, Dataset<Row> records) {
        try {
            return Optional.of(sources.ofThen(dataset, records, SnapshotReader.views(manifest))
                    .shape());
        } catch (InvalidInput e) {
            return Optional.empty();
        }
    }

    /** The shape the records had when they were captured, as far as digests of whole records follow it. */
    private Shape shape(Manifest manifest) {
        Map<String, DataType> views = SnapshotReader.views(manifest);
        StructType stored = SnapshotReader.schema(manifest);
        StructType view = new StructType();
        Set<String> json = new HashSet<>();
        Set<String> numbers = Shape.of(written(manifest, stored)).numbers();
        for (StructField field : stored.fields()) {
            DataType seen = views.get(field.name());
            boolean document = field.name().equals(Shape.DOCUMENT);
            if (document && seen instanceof StructType fields) {
                view = fields;
                continue;
            }
            view = view.add(field.name(), seen == null ? field.dataType() : seen, true);
            if (!document && seen != null && !numbers.contains(field.name())) {
                json.add(field.name());
            }
        }
        return new Shape(stored, view, json, numbers);
    }

    /** The columns as a file has them, which are marked where their text is a number. */
    private StructType written(Manifest manifest, StructType stored) {
        Manifest full = Lineage.of(manifest, store).get(0);
        List<FileEntry> files = full.files(FileEntry.Side.DATA);
        return files.isEmpty() || full.origin() == Manifest.Origin.ADOPTED
                ? stored
                : session.read()
                        .parquet(ReadPaths.literal(store.location(
                                full.folder() + "/" + files.get(0).path())))
                        .schema();
    }

    /**
     * How the records are hashed to be compared with the manifest, and what of the sums can be.
     *
     * @param sameKey whether keys are hashed as they were
     * @param sameSettings whether what is compared of a record is what was
     */
    private record Settings(DatasetSpec dataset, Shape shape, boolean sameKey, boolean sameSettings) {
        static Settings of(DatasetSpec dataset, Manifest manifest, Shape then, Optional<Shape> today) {
            if (today.isEmpty() || !today.get().json().equals(then.json())) {
                return new Settings(dataset.plain(), then, false, false);
            }
            List<String> key = dataset.key().stream().map(FieldPath::toString).toList();
            boolean sameKey = dataset.hasKey()
                    && key.equals(manifest.schema().key())
                    && dataset.key().stream().allMatch(path -> type(path, then).equals(type(path, today.get())));
            boolean sameSettings =
                    SnapshotTaker.settings(dataset).equals(manifest.hashing().compareSettings());
            return new Settings(dataset, today.get(), sameKey, sameSettings);
        }

        private static Optional<DataType> type(FieldPath path, Shape shape) {
            try {
                return Optional.of(FieldTypes.of(path, shape.view(), ""));
            } catch (FieldTypes.NoSuchField e) {
                return Optional.empty();
            }
        }

        /** The sums without those that need not agree. */
        Buckets.Sums comparable(Buckets.Sums sums) {
            return new Buckets.Sums(
                    sums.records(),
                    sameKey ? sums.keys() : Digest128.ZERO,
                    sums.content(),
                    sameSettings ? sums.compare() : Digest128.ZERO);
        }
    }

    /** How many buckets differ, if the sidecar can be read. */
    private String dirty(Manifest manifest, Content content) {
        Manifest.BucketFile sidecar = manifest.buckets();
        if (sidecar == null) {
            return "";
        }
        return store.read(manifest.folder() + "/" + sidecar.path())
                .map(bytes -> {
                    Buckets then = Buckets.decode(sidecar.path(), bytes);
                    int differ = 0;
                    for (int i = 0; i < then.count(); i++) {
                        differ += then.get(i).equals(content.buckets().get(i)) ? 0 : 1;
                    }
                    return "%d of %d buckets differ".formatted(differ, then.count());
                })
                .orElse("the bucket digests are missing");
    }
}
