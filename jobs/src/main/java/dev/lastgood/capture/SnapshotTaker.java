package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Catalog;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.UnknownMembers;
import dev.lastgood.snapshot.UnusableEntry;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.spark.sql.Column;
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

    /** The canonical form that records are hashed in. */
    static final String CANONICAL = "lastgood-1";

    private final SparkSession session;
    private final Workspace workspace;
    private final Store store;
    private final Catalog catalog;
    private final Sources sources;
    private final SnapshotReader reader;
    private final CapturedFiles files;
    private final IncrementalCapture incremental;
    private final Clock clock;
    private final RandomGenerator random;
    private final Signer signer;

    public SnapshotTaker(
            SparkSession session,
            Workspace workspace,
            Store store,
            Catalog catalog,
            Sources sources,
            Clock clock,
            RandomGenerator random,
            Signer signer) {
        this.session = session;
        this.workspace = workspace;
        this.store = store;
        this.catalog = catalog;
        this.sources = sources;
        this.reader = new SnapshotReader(session, store);
        this.files = new CapturedFiles(store);
        this.incremental = new IncrementalCapture(session, store, reader, files);
        this.clock = clock;
        this.random = random;
        this.signer = signer;
    }

    /** Says what the rules hold of captured datasets on their own. */
    public interface RuleCheck {
        Verdict verdict(Map<String, Frame> captured);
    }

    /**
     * What was taken.
     *
     * @param whole by dataset why it was captured as a whole though only changes were asked for
     * @param drift by dataset that was captured before how its fields have changed since
     */
    public record Taken(
            SnapshotId snapshot,
            List<Manifest> manifests,
            Map<String, String> whole,
            Map<String, SchemaDrift.Report> drift) {
        public Taken {
            manifests = List.copyOf(manifests);
            whole = Map.copyOf(whole);
            drift = Map.copyOf(drift);
        }
    }

    /** What a take must be, beside what every take is. */
    public enum Demand {
        /** Each dataset as it is at one moment, or nothing. */
        POINT_IN_TIME,
        /** Of each dataset only what has changed since its last snapshot, if that is sound. */
        INCREMENTAL
    }

    /** The same without demands. */
    public Taken take(List<DatasetSpec> datasets, RuleCheck rules) {
        return take(datasets, rules, Set.of());
    }

    /**
     * Takes one snapshot of all the datasets given, in their order: children before their parents, so that what a child
     * refers to is there when its turn comes, where they cannot be read as they are at one moment.
     *
     * @throws dev.lastgood.source.SourceUnreadable if a source cannot be read to its end; nothing is published then
     * @throws dev.lastgood.problem.Refusal if a demand cannot be met; nothing is published then
     */
    public Taken take(List<DatasetSpec> datasets, RuleCheck rules, Set<Demand> demands) {
        return take(datasets, rules, demands, null);
    }

    /**
     * The same of sources that are as they were then, such as an account that was restored beside the live one: the snapshot is
     * one of that time.
     *
     * @param restored null: they are as of now
     */
    public Taken take(List<DatasetSpec> datasets, RuleCheck rules, Set<Demand> demands, @Nullable Instant restored) {
        requirePast(restored);
        CatalogState before = catalog.state();
        Map<String, Basis> bases = bases(datasets, demands);
        SnapshotId id = SnapshotId.next(clock, random);
        List<Draft> drafts;
        try (Moments moments = Moments.open(workspace, datasets, clock)) {
            if (demands.contains(Demand.POINT_IN_TIME)) {
                moments.requirePointInTime(
                        datasets,
                        dataset -> Optional.ofNullable(bases.get(dataset.name()))
                                .flatMap(Basis::parent)
                                .isPresent());
            }
            catalog.append(new Event.Taking(
                    id, datasets.stream().map(DatasetSpec::name).toList()));
            drafts = capture(id, datasets, bases, moments, restored);
        }
        Map<String, Frame> captured = new TreeMap<>();
        drafts.forEach(draft ->
                captured.put(draft.dataset().name(), reader.captured(draft.dataset(), draft.manifest(), sources)));
        Manifest.@Nullable RuleVerdict verdict = workspace.rules().rules().isEmpty()
                ? null
                : new Manifest.RuleVerdict(ruleSet(workspace), rules.verdict(captured));
        Map<String, SchemaDrift.Report> drift = drift(drafts, before);
        SortedMap<String, Event.Captured> taken = new TreeMap<>();
        List<Manifest> manifests = new ArrayList<>();
        for (Draft draft : drafts) {
            Manifest manifest = signer.signed(with(draft.manifest(), verdict));
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
        Map<String, String> whole = new TreeMap<>();
        bases.forEach((dataset, basis) -> {
            if (!basis.reason().isEmpty()) {
                whole.put(dataset, basis.reason());
            }
        });
        return new Taken(id, manifests, whole, drift);
    }

    /** How the fields of what was captured differ from those captured before. */
    private Map<String, SchemaDrift.Report> drift(List<Draft> drafts, CatalogState before) {
        Map<String, SchemaDrift.Report> drift = new TreeMap<>();
        for (Draft draft : drafts) {
            List<Snapshot> earlier = before.snapshots(draft.dataset().name());
            if (!earlier.isEmpty()) {
                Snapshot last = earlier.get(earlier.size() - 1);
                drift.put(draft.dataset().name(), drift(draft.manifest(), last));
            }
        }
        return drift;
    }

    private SchemaDrift.Report drift(Manifest now, Snapshot last) {
        try {
            Manifest then = last.manifest(store);
            List<SchemaDrift> changes = SchemaDrift.between(then.schema(), now.schema());
            boolean maybeRenamed = changes.stream().anyMatch(one -> one.kind() == SchemaDrift.Kind.DROPPED)
                    && changes.stream().anyMatch(one -> one.kind() == SchemaDrift.Kind.ADDED);
            if (maybeRenamed && last.origin() == Manifest.Origin.TAKEN) {
                reader.requireIntact(then);
                changes = Renames.named(changes, now.schema(), reader.records(then), reader.records(now));
            }
            return new SchemaDrift.Report(last.id(), changes, "");
        } catch (UnusableEntry e) {
            return new SchemaDrift.Report(last.id(), List.of(), String.valueOf(e.getMessage()));
        }
    }

    private Map<String, Basis> bases(List<DatasetSpec> datasets, Set<Demand> demands) {
        Map<String, Basis> bases = new TreeMap<>();
        for (DatasetSpec dataset : datasets) {
            bases.put(
                    dataset.name(),
                    demands.contains(Demand.INCREMENTAL)
                            ? intact(
                                    dataset,
                                    Basis.of(dataset, source(dataset), catalog.state(), store, clock.instant()))
                            : Basis.NOTHING);
        }
        return bases;
    }

    /**
     * What is damaged today is built on by nothing, whatever a verification has said of it; nor is a container of another
     * making, which may have been restored with documents that were written before the snapshot.
     */
    private Basis intact(DatasetSpec dataset, Basis basis) {
        try {
            basis.parent().ifPresent(reader::requireIntact);
            boolean sameContainer = basis.parent()
                    .filter(parent -> parent.schema().fields().stream()
                            .anyMatch(field -> field.name().equals(Shape.DOCUMENT)))
                    .map(parent -> sources.isOfContainer(dataset, reader.records(parent)))
                    .orElse(true);
            return sameContainer ? basis : Basis.nothing("its container is not the one it was captured of before");
        } catch (UnusableEntry e) {
            return Basis.nothing("what it would build on is damaged: " + e.getMessage());
        }
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
    private List<Draft> capture(
            SnapshotId id,
            List<DatasetSpec> datasets,
            Map<String, Basis> bases,
            Moments moments,
            @Nullable Instant restored) {
        Sources then = moments.of(sources);
        try (Together together = new Together()) {
            List<Supplier<Draft>> drafts = new ArrayList<>();
            for (DatasetSpec dataset : datasets) {
                Basis basis = bases.getOrDefault(dataset.name(), Basis.NOTHING);
                Duration ahead = then.clockAhead(dataset, clock);
                Instant from = clock.instant();
                Shape kept = write(id, dataset, basis, then);
                Manifest.Capture read =
                        moments.capture(dataset, basis.parent().isPresent(), from, clock.instant(), ahead);
                Manifest.Capture capture = restored == null ? read : of(restored, read);
                drafts.add(together.start(() -> readBack(id, dataset, basis, kept, capture)));
            }
            return Together.all(drafts);
        }
    }

    private void requirePast(@Nullable Instant restored) {
        if (restored != null && restored.isAfter(clock.instant())) {
            throw InvalidInput.of(
                    "what is read would be as it was at %s, which is in the future".formatted(restored),
                    "Say which time was restored: --captured 2026-11-20T02:00:00Z, in UTC.");
        }
    }

    private static Manifest.Capture of(Instant restored, Manifest.Capture read) {
        return new Manifest.Capture(
                read.mode(),
                restored,
                restored,
                read.consistency() + "; the time is what was said when it was taken",
                "others",
                read.allowedSkew());
    }

    private Shape write(SnapshotId id, DatasetSpec dataset, Basis basis, Sources then) {
        String folder = Manifest.folder(dataset.name(), id);
        Map<String, DataType> known = known(dataset, basis);
        Frame live = live(dataset, known, then);
        if (live.shape().isDocument()) {
            known.put(Shape.DOCUMENT, live.shape().view());
        }
        if (basis.parent().isPresent()) {
            Manifest parent = basis.parent().get();
            incremental.requireSameFields(dataset, parent, schema(dataset, live.shape()));
            incremental.write(dataset, parent, live, then, known, folder);
            return live.shape();
        }
        Column[] stored = Arrays.stream(live.shape().stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        int parts =
                dataset.split() == null ? FILES : Math.max(1, dataset.split().into());
        files.write(Fingerprint.hashed(dataset, live), stored, folder + "/data", parts);
        return live.shape();
    }

    /**
     * What need not be learned from live. A field of documents that has come since the parent is found in what was captured,
     * once it is: to learn of it here, all of live would be read.
     */
    private static Map<String, DataType> known(DatasetSpec dataset, Basis basis) {
        Map<String, DataType> known = asText(dataset);
        basis.parent()
                .map(SnapshotReader::views)
                .map(views -> views.get(Shape.DOCUMENT))
                .ifPresent(view -> known.put(Shape.DOCUMENT, view));
        return known;
    }

    /** If the workspace names a field that no document of the parent had, live is asked after all. */
    private static Frame live(DatasetSpec dataset, Map<String, DataType> known, Sources then) {
        try {
            return then.live(dataset, known);
        } catch (InvalidInput e) {
            if (known.remove(Shape.DOCUMENT) == null) {
                throw e;
            }
            return then.live(dataset, known);
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

    private Draft readBack(SnapshotId id, DatasetSpec dataset, Basis basis, Shape kept, Manifest.Capture capture) {
        String folder = Manifest.folder(dataset.name(), id);
        store.settle(folder);
        List<FileEntry> written = new ArrayList<>(files.hashed(folder, "data", FileEntry.Side.DATA));
        if (basis.parent().isPresent()) {
            written.addAll(files.hashed(folder, IncrementalCapture.REMOVED, FileEntry.Side.REMOVED));
            Manifest draft = manifest(id, dataset, kept, written, capture);
            return new Draft(
                    dataset,
                    incremental.readBack(dataset, draft, kept, basis.parent().get(), sources));
        }
        Dataset<Row> records = reader.records(manifest(id, dataset, kept, written, capture), kept.stored());
        Frame frame = sources.frame(dataset, records, Map.of());
        Content content;
        Sha256 thin = null;
        if (dataset.hasKey()) {
            CapturedFiles.Read read =
                    files.read(dataset, frame, folder, session.sparkContext().hadoopConfiguration());
            content = read.content();
            written.addAll(read.thin());
            thin = content.duplicateKeys() > 0 ? null : KeptThin.settings(dataset, frame.shape());
        } else {
            content = Content.of(dataset, frame);
        }
        Manifest manifest = manifest(id, dataset, frame.shape(), written, thin, capture);
        Manifest.BucketFile sidecar = files.sidecar(folder, Manifest.BucketFile.NAME, content.buckets());
        return new Draft(dataset, complete(manifest, content, sidecar));
    }

    private Manifest manifest(
            SnapshotId id, DatasetSpec dataset, Shape shape, List<FileEntry> files, Manifest.Capture capture) {
        return manifest(id, dataset, shape, files, null, capture);
    }

    /** @param thin what the lines of files of side THIN follow; null if there are none */
    private Manifest manifest(
            SnapshotId id,
            DatasetSpec dataset,
            Shape shape,
            List<FileEntry> files,
            @Nullable Sha256 thin,
            Manifest.Capture capture) {
        return new Manifest(
                id,
                dataset.name(),
                Manifest.Origin.TAKEN,
                source(dataset),
                capture,
                Manifest.Chain.FULL,
                schema(dataset, shape),
                new Manifest.Hashing(CANONICAL, "xxhash64-2x64", settings(dataset), thin),
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

    private static Manifest.Schema schema(DatasetSpec dataset, Shape shape) {
        return new Manifest.Schema(dataset.key().stream().map(Object::toString).toList(), fields(shape, Map.of()));
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
                String container = ((Location.Container) dataset.location()).name();
                return new Manifest.Source("cosmos", source.endpoint(), source.database() + "/" + container);
            }

            @Override
            public Manifest.Source files(Source.Files source) {
                return new Manifest.Source("files", source.root(), ((Location.Folder) dataset.location()).path());
            }
        });
    }

    private static Manifest complete(Manifest draft, Content content, Manifest.BucketFile buckets) {
        List<FileEntry> files = new ArrayList<>(CapturedFiles.counted(draft.files(FileEntry.Side.DATA), content));
        files.addAll(draft.files(FileEntry.Side.THIN));
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
