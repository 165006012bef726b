package dev.lastgood.capture;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.Catalog;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.UnknownMembers;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.Together;
import dev.lastgood.store.AdoptedFiles;
import dev.lastgood.store.BackupFolder;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Makes a snapshot of a backup that others made: reads its files once through the engine, hashes each, and publishes a
 * manifest of them and the event that makes it a snapshot. The files stay where they are. Nothing is published unless every
 * file could be read to its end, and none changed meanwhile.
 */
public final class Adopter {
    private static final Map<String, Reading.Compression> OF_ENDING = Map.of("gz", Reading.Compression.GZIP);

    /** Endings that say a text file is packed in a way that is not read. */
    private static final List<String> PACKED =
            List.of("bz2", "zst", "zstd", "snappy", "lz4", "lzo", "deflate", "xz", "zip", "7z", "br");

    private final SparkSession session;
    private final Store store;
    private final Catalog catalog;
    private final Sources sources;
    private final UnaryOperator<Manifest> signed;
    private final Clock clock;
    private final RandomGenerator random;

    /** @param signed signs a manifest, if the workspace wants that */
    public Adopter(
            SparkSession session,
            Store store,
            Catalog catalog,
            Sources sources,
            UnaryOperator<Manifest> signed,
            Clock clock,
            RandomGenerator random) {
        this.session = session;
        this.store = store;
        this.catalog = catalog;
        this.sources = sources;
        this.signed = signed;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What was adopted.
     *
     * @param remarks what whoever adopts it should know
     */
    public record Adopted(Manifest manifest, List<String> remarks) {
        public Adopted {
            remarks = List.copyOf(remarks);
        }
    }

    /**
     * Adopts a backup of a dataset.
     *
     * @param captured when it was made; null: as it says itself
     * @throws InvalidInput if it is not of that dataset, or its time lies in the future
     * @throws SourceUnreadable if some of its files are damaged, with all of them named; nothing is published then
     */
    public Adopted adopt(DatasetSpec dataset, Backup backup, @Nullable Instant captured) {
        Manifest.Capture capture = capture(backup, captured);
        Draft draft = read(dataset, backup);
        List<FileEntry> files = hashed(draft);
        requireUnchanged(backup);
        SnapshotId id = SnapshotId.next(clock, random);
        Manifest manifest = signed.apply(manifest(id, dataset, backup, draft, files, capture));
        Adopted adopted = new Adopted(manifest, remarks(backup, draft, files));
        publish(id, manifest, draft.content().buckets());
        return adopted;
    }

    /** The records as they were read, before anything is hashed or published. */
    private record Draft(
            Backup backup, Reading reading, Shape shape, List<String> key, Sha256 settings, Content content) {}

    private Manifest.Capture capture(Backup backup, @Nullable Instant captured) {
        Instant at = captured == null ? backup.captured() : captured;
        if (at.isAfter(clock.instant())) {
            throw InvalidInput.of(
                    "the backup would have been made at %s, which is in the future".formatted(at),
                    "Say when it was made: --captured 2026-11-20T02:00:00Z, in UTC.");
        }
        String told = captured != null
                ? "none; the time is what was said when it was adopted"
                : backup.version() == null
                        ? "none; the time is that of the newest file"
                        : "a version of a table; the time is that of its entry in the log";
        return new Manifest.Capture(Manifest.Mode.FUZZY, at, at, told, "others", Duration.ZERO);
    }

    // ---- reading

    private Draft read(DatasetSpec dataset, Backup backup) {
        requireAlright(backup, notWhatTheySeem(backup));
        Reading reading = reading(backup);
        FormatReader reader = new FormatReader(session, reading);
        StructType stored;
        try {
            reader.requireAlike(dataset.name(), backup.uris());
            stored = stored(reader.columns(backup.uris().get(0)), backup, reading);
        } catch (InvalidInput | SourceUnreadable | StoreUnavailable e) {
            throw e;
        } catch (Exception e) {
            throw damaged(backup, reading, new StructType(), e);
        }
        try {
            return draft(dataset, backup, reading, reader.parsed(stored, backup.uris()));
        } catch (InvalidInput | SourceUnreadable | StoreUnavailable e) {
            throw e;
        } catch (Exception e) {
            throw damaged(backup, reading, stored, e);
        }
    }

    private Draft draft(DatasetSpec dataset, Backup backup, Reading reading, Dataset<Row> records) {
        DatasetSpec keyed = dataset;
        Frame frame;
        try {
            frame = sources.ofThen(dataset, records, Map.of());
        } catch (InvalidInput e) {
            // The key may have had another name then. Its digests are of no use today, those of whole records are.
            Dataset<Row> today = SnapshotReader.upgraded(dataset, records, Instant.EPOCH);
            if (dataset.upgrades().isEmpty()) {
                throw e;
            }
            sources.ofThen(dataset, today, Map.of());
            keyed = dataset.plain();
            frame = sources.ofThen(keyed, records, Map.of());
        }
        Content content = Content.ofForeign(keyed, frame);
        requireWitnessed(keyed, backup, frame, content);
        List<String> key = keyed.key().stream().map(Object::toString).toList();
        return new Draft(backup, reading, frame.shape(), key, SnapshotTaker.settings(keyed), content);
    }

    /** What the files hold is what the table holds, by the sums of all records. */
    private static void requireWitnessed(DatasetSpec dataset, Backup backup, Frame frame, Content content) {
        Dataset<Row> witness = backup.witness();
        if (witness == null) {
            return;
        }
        List<String> fields = List.of(frame.shape().stored().fieldNames());
        List<String> theirs = List.of(witness.columns());
        boolean sameFields = theirs.size() == fields.size() && theirs.containsAll(fields);
        boolean same = sameFields
                && Totals.of(
                                dataset,
                                new Frame(
                                        witness.select(Arrays.stream(
                                                        frame.shape().stored().fields())
                                                .map(field -> functions
                                                        .col(Shape.quoted(field.name()))
                                                        .cast(field.dataType())
                                                        .alias(field.name()))
                                                .toArray(Column[]::new)),
                                        frame.shape()))
                        .equals(content.buckets().totals());
        if (!same) {
            throw new SourceUnreadable(
                    "the files of %s do not hold the records of that version: %s"
                            .formatted(
                                    backup.root(),
                                    sameFields
                                            ? "rows were deleted or values are kept outside of them"
                                            : "their fields are %s, and the table's %s".formatted(fields, theirs)),
                    "Have the table's files rewritten (Delta: REORG TABLE … APPLY (PURGE)), or export that version to"
                            + " Parquet, and adopt that.",
                    null);
        }
    }

    private static Reading reading(Backup backup) {
        // The one column of a document leaves no room for others.
        List<String> names = backup.format() == Reading.Format.JSON ? List.of() : backup.inFolders();
        PartitionFolders.requireDeclared(backup.root(), names, backup.types());
        return new Reading(backup.format(), compression(backup), backup.root(), backup.csv(), names);
    }

    private static Reading.Compression compression(Backup backup) {
        if (backup.format() != Reading.Format.CSV && backup.format() != Reading.Format.JSON) {
            return Reading.Compression.NONE;
        }
        List<String> packed = backup.uris().stream()
                .filter(uri -> PACKED.contains(ending(uri)))
                .toList();
        if (!packed.isEmpty()) {
            throw InvalidInput.of(
                    "files that are packed like this cannot be read: %s".formatted(packed),
                    "Unpack them, or pack them with gzip.");
        }
        List<Reading.Compression> found = backup.uris().stream()
                .map(uri -> OF_ENDING.getOrDefault(ending(uri), Reading.Compression.NONE))
                .distinct()
                .toList();
        return found.size() == 1 ? found.get(0) : Reading.Compression.BY_NAME;
    }

    private static String ending(String uri) {
        return uri.substring(uri.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** The columns in the files, and behind them those in the names of folders. */
    private static StructType stored(StructType inFiles, Backup backup, Reading reading) {
        StructType stored = inFiles;
        for (String name : reading.partitions()) {
            if (List.of(inFiles.fieldNames()).contains(name)) {
                throw InvalidInput.of(
                        "field '%s' stands in the files below %s and in the names of their folders"
                                .formatted(name, backup.root()),
                        "Which of the two is true, nobody can tell; have the backup written without one of them.");
            }
            String type = backup.types().get(name);
            stored = stored.add(name, type == null ? DataTypes.StringType : type(name, type), true);
        }
        return stored;
    }

    private static DataType type(String name, String type) {
        try {
            return DataType.fromDDL(type);
        } catch (Exception e) {
            throw InvalidInput.of(
                    "'%s' is no type for the partition '%s'".formatted(type, name),
                    "Types are those of Spark SQL: string, int, bigint, date, timestamp.");
        }
    }

    /** Something could not be read: each file is looked into by itself, so that all that are damaged are named. */
    private SourceUnreadable damaged(Backup backup, Reading reading, StructType stored, Exception failure) {
        FormatCheck check = new FormatCheck(session, reading);
        StructType expected = stored.isEmpty() ? likely(backup, reading) : stored;
        List<Damage> damages = Together.each(backup.uris(), uri -> check.look(uri, null, expected)).stream()
                .flatMap(looked -> looked.damages().stream())
                .toList();
        if (damages.isEmpty()) {
            return new SourceUnreadable(
                    "the files below %s cannot be read together: %s"
                            .formatted(backup.root(), FormatCheck.reason(failure)),
                    "Nothing was adopted. Check the types given for partitions, and the format.",
                    failure);
        }
        return unreadable(backup, damages, failure);
    }

    /** The columns of the first file that can be read; none if no file can. */
    private StructType likely(Backup backup, Reading reading) {
        FormatReader reader = new FormatReader(session, reading);
        return backup.uris().stream()
                .map(uri -> columns(reader, uri))
                .flatMap(Optional::stream)
                .findFirst()
                .map(columns -> stored(columns, backup, reading))
                .orElseGet(StructType::new);
    }

    private static Optional<StructType> columns(FormatReader reader, String uri) {
        try {
            return Optional.of(reader.columns(uri));
        } catch (Exception e) {
            return Optional.empty(); // it is looked into after this, and told
        }
    }

    /** Files that no reader would complain of: of nothing it makes no record, and of packed text that is not named so, some. */
    private List<Damage> notWhatTheySeem(Backup backup) {
        List<Damage> damages = new ArrayList<>();
        boolean isText = backup.format() == Reading.Format.CSV || backup.format() == Reading.Format.JSON;
        Configuration hadoop = session.sparkContext().hadoopConfiguration();
        for (BackupFolder.Found file : backup.files()) {
            if (file.bytes() == 0) {
                damages.add(new Damage(file.uri(), Damage.Kind.EMPTY, "it has not one byte"));
            } else if (isText && !OF_ENDING.containsKey(ending(file.uri())) && isGzip(file.uri(), hadoop)) {
                damages.add(new Damage(
                        file.uri(), Damage.Kind.UNUSABLE, "it is packed with gzip, and its name does not end in .gz"));
            }
        }
        return damages;
    }

    private static boolean isGzip(String uri, Configuration hadoop) {
        try (InputStream content = BackupFolder.open(uri, hadoop).orElseThrow(() -> changed(List.of(uri)))) {
            return content.read() == 0x1f && content.read() == 0x8b;
        } catch (IOException e) {
            return false; // told with the others that cannot be read
        }
    }

    private static void requireAlright(Backup backup, List<Damage> damages) {
        if (!damages.isEmpty()) {
            throw unreadable(backup, damages, null);
        }
    }

    private static SourceUnreadable unreadable(Backup backup, List<Damage> damages, @Nullable Exception failure) {
        return new SourceUnreadable(
                "%d of %d files cannot be adopted:\n  %s"
                        .formatted(
                                damages.stream().map(Damage::file).distinct().count(),
                                backup.files().size(),
                                damages.stream().sorted().map(Damage::toString).collect(Collectors.joining("\n  "))),
                "Nothing was adopted. Bring these files back from where the backup was made, or use another backup.",
                failure);
    }

    // ---- hashing

    private List<FileEntry> hashed(Draft draft) {
        Configuration hadoop = session.sparkContext().hadoopConfiguration();
        Map<String, Content.FileContent> read = new TreeMap<>();
        draft.content().files().forEach((uri, content) -> read.put(BackupFolder.plain(uri), content));
        List<String> uris = draft.backup().uris();
        if (!uris.stream().map(BackupFolder::plain).toList().containsAll(read.keySet())) {
            throw new IllegalStateException("Spark read %s, not %s".formatted(read.keySet(), uris));
        }
        return Together.each(uris, uri -> {
            Content.FileContent content = read.get(BackupFolder.plain(uri));
            Sha256.Counted bytes = digest(uri, hadoop);
            return new FileEntry(
                    uri,
                    FileEntry.Side.DATA,
                    bytes.bytes(),
                    bytes.digest(),
                    content == null ? 0L : content.records(),
                    null);
        });
    }

    private static Sha256.Counted digest(String uri, Configuration hadoop) {
        Optional<InputStream> there = BackupFolder.open(uri, hadoop);
        if (there.isEmpty()) {
            throw changed(List.of(uri));
        }
        try (InputStream content = there.get()) {
            return Sha256.of(content);
        } catch (IOException e) {
            throw new StoreUnavailable("could not read %s: %s".formatted(uri, StoreUnavailable.reason(e)), null, e);
        }
    }

    /** What was read and what was hashed are the same files only if nobody wrote them in between. */
    private void requireUnchanged(Backup backup) {
        Configuration hadoop = session.sparkContext().hadoopConfiguration();
        List<String> changed = backup.files().stream()
                .filter(file -> !BackupFolder.status(file.uri(), hadoop).equals(Optional.of(file)))
                .map(BackupFolder.Found::uri)
                .toList();
        if (!changed.isEmpty()) {
            throw changed(changed);
        }
        if (backup.source().kind().equals(AdoptedFiles.SOURCE_FILES)) {
            List<String> more = BackupFolder.listing(backup.root(), hadoop).files().stream()
                    .filter(file -> !backup.files().contains(file))
                    .map(BackupFolder.Found::uri)
                    .toList();
            if (!more.isEmpty()) {
                throw changed(more);
            }
        }
    }

    private static SourceUnreadable changed(List<String> uris) {
        return new SourceUnreadable(
                "files were written while they were being adopted: %s".formatted(uris),
                "Nothing was adopted. A backup is complete before it is adopted; wait until it is.",
                null);
    }

    // ---- publishing

    private static Manifest manifest(
            SnapshotId id,
            DatasetSpec dataset,
            Backup backup,
            Draft draft,
            List<FileEntry> files,
            Manifest.Capture capture) {
        Content content = draft.content();
        return new Manifest(
                id,
                dataset.name(),
                Manifest.Origin.ADOPTED,
                backup.source(),
                capture,
                Manifest.Chain.FULL,
                new Manifest.Schema(draft.key(), SnapshotTaker.fields(draft.shape(), content.nulls())),
                new Manifest.Hashing("lastgood-1", "xxhash64-2x64", draft.settings()),
                new Manifest.Counts(
                        content.records(),
                        content.distinctKeys(),
                        content.duplicateKeys(),
                        0,
                        files.size(),
                        files.stream().mapToLong(FileEntry::bytes).sum()),
                Manifest.BucketFile.of(content.buckets()),
                PartitionFolders.of(backup.root(), files),
                files,
                draft.reading(),
                null,
                null,
                UnknownMembers.NONE);
    }

    private void publish(SnapshotId id, Manifest manifest, dev.lastgood.snapshot.Buckets buckets) {
        catalog.append(new Event.Taking(id, List.of(manifest.dataset())));
        String sidecar = manifest.folder() + "/"
                + Objects.requireNonNull(manifest.buckets()).path();
        try (OutputStream out = store.create(sidecar)) {
            out.write(buckets.encode());
        } catch (IOException e) {
            throw new StoreUnavailable("could not write " + sidecar, e);
        }
        store.settle(manifest.folder());
        store.publish(manifest.folder() + "/" + Manifest.NAME, manifest.bytes());
        SortedMap<String, Event.Captured> adopted = new TreeMap<>();
        adopted.put(manifest.dataset(), Event.Captured.of(manifest));
        catalog.append(new Event.Adopted(id, adopted));
        // Every byte was read to make the manifest.
        VerificationReport report = VerificationReport.of(
                Level.L2,
                manifest.files().size(),
                manifest.counts().bytes(),
                manifest.counts().records(),
                List.of());
        catalog.append(new Event.Verified(id, manifest.dataset(), report));
    }

    private static List<String> remarks(Backup backup, Draft draft, List<FileEntry> files) {
        List<String> remarks = new ArrayList<>(backup.remarks());
        Map<Sha256, List<FileEntry>> same = files.stream()
                .filter(file -> !Long.valueOf(0).equals(file.records()))
                .collect(Collectors.groupingBy(FileEntry::sha256, LinkedHashMap::new, Collectors.toList()));
        same.values().stream()
                .filter(copies -> copies.size() > 1)
                .forEach(
                        copies -> remarks.add("these files have the same bytes, so their records count more than once: "
                                + copies.stream().map(FileEntry::path).collect(Collectors.joining(", "))));
        if (draft.content().duplicateKeys() > 0) {
            remarks.add("%d keys occur more than once".formatted(draft.content().duplicateKeys()));
        }
        if (!draft.reading().partitions().equals(backup.inFolders())) {
            remarks.add("what stands in the names of folders is no part of a document: " + backup.inFolders());
        }
        return remarks;
    }
}
