package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.Catalog;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.UnknownMembers;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.Together;
import dev.lastgood.workspace.Comparisons;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import dev.lastgood.workspace.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * Takes a snapshot of datasets: writes the records, reads back what the store now holds and hashes that, asks the rules,
 * publishes the manifests, and last the event that makes the snapshot exist. Until then readers see nothing of it.
 */
public final class SnapshotTaker {
    /** How many files a dataset is written to when the workspace does not say how it is split. */
    private static final int FILES = 4;

    private final Workspace workspace;
    private final Store store;
    private final Catalog catalog;
    private final Sources sources;
    private final SnapshotReader reader;
    private final Clock clock;
    private final RandomGenerator random;

    public SnapshotTaker(
            SparkSession session,
            Workspace workspace,
            Store store,
            Catalog catalog,
            Sources sources,
            Clock clock,
            RandomGenerator random) {
        this.workspace = workspace;
        this.store = store;
        this.catalog = catalog;
        this.sources = sources;
        this.reader = new SnapshotReader(session, store);
        this.clock = clock;
        this.random = random;
    }

    /** Says what the rules hold of captured datasets on their own. */
    public interface RuleCheck {
        Verdict verdict(Map<String, Frame> captured);
    }

    /** What was taken. */
    public record Taken(SnapshotId snapshot, List<Manifest> manifests) {
        public Taken {
            manifests = List.copyOf(manifests);
        }
    }

    /**
     * Takes one snapshot of all the datasets given, parents before their children.
     *
     * @throws dev.lastgood.source.SourceUnreadable if a source cannot be read to its end; nothing is published then
     */
    public Taken take(List<DatasetSpec> datasets, RuleCheck rules) {
        SnapshotId id = SnapshotId.next(clock, random);
        catalog.append(
                new Event.Taking(id, datasets.stream().map(DatasetSpec::name).toList()));
        List<Draft> drafts = capture(id, datasets);
        Map<String, Frame> captured = new TreeMap<>();
        drafts.forEach(draft ->
                captured.put(draft.dataset().name(), reader.captured(draft.dataset(), draft.manifest(), sources)));
        Manifest.@Nullable RuleVerdict verdict = workspace.rules().rules().isEmpty()
                ? null
                : new Manifest.RuleVerdict(ruleSet(workspace), rules.verdict(captured));
        SortedMap<String, Event.Captured> taken = new TreeMap<>();
        List<Manifest> manifests = new ArrayList<>();
        for (Draft draft : drafts) {
            Manifest manifest = with(draft.manifest(), verdict);
            store.publish(manifest.folder() + "/" + Manifest.NAME, manifest.bytes());
            taken.put(draft.dataset().name(), Event.Captured.of(manifest));
            manifests.add(manifest);
        }
        catalog.append(new Event.Taken(id, taken));
        for (Draft draft : drafts) {
            // What the manifest says was computed from what the store gave back, every byte of it.
            VerificationReport report = VerificationReport.of(
                    Level.L2,
                    draft.manifest().files().size(),
                    draft.manifest().counts().bytes(),
                    draft.manifest().counts().records(),
                    List.<Damage>of());
            if (report.verdict() == Verdict.PASS) {
                catalog.append(new Event.Verified(id, draft.dataset().name(), report));
            }
        }
        return new Taken(id, manifests);
    }

    private record Draft(DatasetSpec dataset, Manifest manifest) {}

    /** The digest of all rules' meanings; the verdict of another rule set says nothing about this one. */
    public static Sha256 ruleSet(Workspace workspace) {
        StringBuilder rules = new StringBuilder();
        workspace
                .rules()
                .rules()
                .forEach(rule ->
                        rules.append(rule.id()).append(' ').append(rule.hash()).append('\n'));
        return Sha256.of(rules.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Sources are read in the order given; what was written of one is read back while the next is being read. */
    private List<Draft> capture(SnapshotId id, List<DatasetSpec> datasets) {
        try (Together together = new Together()) {
            List<Supplier<Draft>> drafts = new ArrayList<>();
            for (DatasetSpec dataset : datasets) {
                String folder = Manifest.folder(dataset.name(), id);
                Instant from = clock.instant();
                Frame live = sources.live(dataset, asText(dataset));
                write(dataset, live, store.location(folder + "/data"));
                Manifest.Capture capture = capture(dataset, datasets.size(), from, clock.instant());
                drafts.add(together.start(() -> readBack(id, dataset, live.shape(), capture)));
            }
            return Together.all(drafts);
        }
    }

    /**
     * To be kept, JSON columns need only be the text they are: what they hold is learned from what was kept, not by reading
     * the source for it. Not so where a key is inside, or the type of a part is declared.
     */
    private static Map<String, DataType> asText(DatasetSpec dataset) {
        Map<String, DataType> text = new TreeMap<>();
        dataset.json().forEach(path -> text.put(path.root(), DataTypes.StringType));
        dataset.key().forEach(path -> text.remove(path.root()));
        dataset.schema().keySet().forEach(path -> text.remove(path.root()));
        dataset.view().keySet().forEach(path -> text.remove(path.root()));
        return text;
    }

    private Draft readBack(SnapshotId id, DatasetSpec dataset, Shape kept, Manifest.Capture capture) {
        String folder = Manifest.folder(dataset.name(), id);
        store.settle(folder);
        List<FileEntry> files = hashed(folder);
        Dataset<Row> records = reader.records(manifest(id, dataset, kept, files, capture), kept.stored());
        Frame frame = sources.frame(dataset, records, Map.of());
        Content content = Content.of(dataset, frame);
        Manifest manifest = manifest(id, dataset, frame.shape(), files, capture);
        return new Draft(dataset, complete(manifest, content, sidecar(folder, content.buckets())));
    }

    private void write(DatasetSpec dataset, Frame live, String location) {
        int files =
                dataset.split() == null ? FILES : Math.max(1, dataset.split().into());
        Dataset<Row> hashed = Fingerprint.hashed(dataset, live);
        // Buckets in the order of signed hashes, as the ranges of keys in the manifest are, and the rows of a file.
        int bucketsAFile = (Content.BUCKETS + files - 1) / files;
        org.apache.spark.sql.Column range = org.apache.spark.sql.functions.expr(
                "(shiftright(%s, 54) + %d) div %d".formatted(Fingerprint.KEY_HASH, Content.BUCKETS / 2, bucketsAFile));
        hashed.repartitionById(files, range.cast("int"))
                .sortWithinPartitions(col(Fingerprint.KEY_HASH))
                .select(
                        live.shape().stored().fields().length == 0
                                ? new org.apache.spark.sql.Column[0]
                                : java.util.Arrays.stream(live.shape().stored().fieldNames())
                                        .map(name -> col(Shape.quoted(name)))
                                        .toArray(org.apache.spark.sql.Column[]::new))
                .write()
                .mode("errorifexists")
                .parquet(location);
    }

    /** Every file below the folder, hashed from what the store gives back. */
    private List<FileEntry> hashed(String folder) {
        List<FileEntry> files = new ArrayList<>();
        for (Store.Stored file : store.files(folder + "/data")) {
            String path = file.name().substring(folder.length() + 1);
            if (path.endsWith(".crc")) {
                store.delete(file.name());
                continue;
            }
            try (InputStream content = store.open(file.name())
                    .orElseThrow(() -> new IllegalStateException(file.name() + " was just written"))) {
                Sha256.Counted read = Sha256.of(content);
                files.add(new FileEntry(path, FileEntry.Side.DATA, read.bytes(), read.digest(), null, null));
            } catch (IOException e) {
                throw new StoreUnavailable("could not read back " + file.name(), e);
            }
        }
        return files;
    }

    private Manifest.BucketFile sidecar(String folder, Buckets buckets) {
        Manifest.BucketFile sidecar = Manifest.BucketFile.of(buckets);
        try (OutputStream out = store.create(folder + "/" + sidecar.path())) {
            out.write(buckets.encode());
        } catch (IOException e) {
            throw new StoreUnavailable("could not write " + folder + "/" + sidecar.path(), e);
        }
        return sidecar;
    }

    private Manifest manifest(
            SnapshotId id, DatasetSpec dataset, Shape shape, List<FileEntry> files, Manifest.Capture capture) {
        return new Manifest(
                id,
                dataset.name(),
                Manifest.Origin.TAKEN,
                source(dataset),
                capture,
                Manifest.Chain.FULL,
                new Manifest.Schema(dataset.key().stream().map(Object::toString).toList(), fields(shape, Map.of())),
                new Manifest.Hashing("lastgood-1", "xxhash64-2x64", settings(dataset)),
                new Manifest.Counts(
                        0,
                        0,
                        0,
                        0,
                        files.size(),
                        files.stream().mapToLong(FileEntry::bytes).sum()),
                null,
                List.of(),
                files,
                null,
                null,
                UnknownMembers.NONE);
    }

    /** What the compare digests follow. */
    static Sha256 settings(DatasetSpec dataset) {
        return Sha256.of(Comparisons.of(dataset).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** The stored fields, with what is known of the views of those that hold JSON or numbers. */
    static List<Manifest.Field> fields(Shape shape, Map<String, Long> nulls) {
        List<Manifest.Field> fields = new ArrayList<>();
        for (StructField field : shape.stored().fields()) {
            String view = shape.isDocument()
                    ? shape.view().toDDL()
                    : shape.json().contains(field.name()) || shape.numbers().contains(field.name())
                            ? shape.view().apply(field.name()).dataType().sql()
                            : null;
            fields.add(new Manifest.Field(
                    field.name(),
                    field.dataType().sql(),
                    null,
                    shape.isDocument() ? "STRUCT<" + view + ">" : view,
                    true,
                    nulls.getOrDefault(field.name(), 0L),
                    0));
        }
        return fields;
    }

    private Manifest.Source source(DatasetSpec dataset) {
        return workspace.source(dataset).accept(new Source.Visitor<>() {
            @Override
            public Manifest.Source jdbc(Source.Jdbc source) {
                return new Manifest.Source("jdbc", source.url(), ((Location.Table) dataset.location()).name());
            }

            @Override
            public Manifest.Source cosmos(Source.Cosmos source) {
                return new Manifest.Source(
                        "cosmos", source.endpoint(), ((Location.Container) dataset.location()).name());
            }

            @Override
            public Manifest.Source files(Source.Files source) {
                return new Manifest.Source("files", source.root(), ((Location.Folder) dataset.location()).path());
            }
        });
    }

    /** One query of one dataset is one moment for a database; anything else is a window. */
    private Manifest.Capture capture(DatasetSpec dataset, int datasets, Instant from, Instant to) {
        boolean oneQuery = workspace.source(dataset) instanceof Source.Jdbc && dataset.split() == null;
        Manifest.Mode mode = oneQuery && datasets == 1 ? Manifest.Mode.POINT_IN_TIME : Manifest.Mode.FUZZY;
        String consistency = oneQuery ? "one query a dataset" : "none";
        return new Manifest.Capture(mode, from, to, consistency, "lastgood", Duration.ZERO);
    }

    private static Manifest complete(Manifest draft, Content content, Manifest.BucketFile buckets) {
        List<FileEntry> files = draft.files().stream()
                .map(file -> {
                    Content.FileContent found = content.files()
                            .get(file.path().substring(file.path().lastIndexOf('/') + 1));
                    return new FileEntry(
                            file.path(),
                            file.side(),
                            file.bytes(),
                            file.sha256(),
                            found == null ? 0L : found.records(),
                            found == null ? null : found.keys());
                })
                .toList();
        Manifest.Counts counts = new Manifest.Counts(
                content.records(),
                content.distinctKeys(),
                content.duplicateKeys(),
                0,
                draft.counts().files(),
                draft.counts().bytes());
        List<Manifest.Field> fields = draft.schema().fields().stream()
                .map(field -> new Manifest.Field(
                        field.name(),
                        field.type(),
                        field.sourceType(),
                        field.view(),
                        field.nullable(),
                        content.nulls().getOrDefault(field.name(), 0L),
                        field.absent()))
                .toList();
        return new Manifest(
                draft.snapshot(),
                draft.dataset(),
                draft.origin(),
                draft.source(),
                draft.capture(),
                draft.chain(),
                new Manifest.Schema(draft.schema().key(), fields),
                draft.hashing(),
                counts,
                buckets,
                draft.partitions(),
                files,
                null,
                null,
                draft.unknown());
    }

    private static Manifest with(Manifest draft, Manifest.@Nullable RuleVerdict verdict) {
        return new Manifest(
                draft.snapshot(),
                draft.dataset(),
                draft.origin(),
                draft.source(),
                draft.capture(),
                draft.chain(),
                draft.schema(),
                draft.hashing(),
                draft.counts(),
                draft.buckets(),
                draft.partitions(),
                draft.files(),
                verdict,
                null,
                draft.unknown());
    }
}
