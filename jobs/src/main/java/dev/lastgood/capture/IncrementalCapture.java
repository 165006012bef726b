package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Lineage;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;

/**
 * Captures of a dataset what has changed since a sound snapshot of it. What was written is read back together with the chain
 * it builds on, and only if every bucket then holds what parent and changes add up to is there a manifest.
 */
final class IncrementalCapture {
    static final String REMOVED = "removed";

    /** Changes are few. */
    private static final int FILES = 1;

    private final SparkSession session;
    private final Store store;
    private final SnapshotReader reader;
    private final ChainReader chain;
    private final CapturedFiles files;

    IncrementalCapture(SparkSession session, Store store, SnapshotReader reader, CapturedFiles files) {
        this.session = session;
        this.store = store;
        this.reader = reader;
        this.chain = new ChainReader(session, store);
        this.files = files;
    }

    /**
     * Refuses to build on a snapshot with other fields: what its records lack nobody would read of them.
     *
     * @param now the fields as they would be captured
     */
    void requireSameFields(DatasetSpec dataset, Manifest parent, Manifest.Schema now) {
        boolean same = parent.schema().fingerprint().equals(now.fingerprint())
                && seenAsMore(parent.schema()).equals(seenAsMore(now));
        if (!same) {
            List<String> drift = SchemaDrift.between(parent.schema(), now).stream()
                    .map(SchemaDrift::toString)
                    .toList();
            throw new Refusal(
                    "the fields of dataset '%s' are not those of snapshot %s, on which it would build%s; nothing was taken"
                            .formatted(
                                    dataset.name(),
                                    parent.snapshot(),
                                    drift.isEmpty() ? "" : ": " + String.join(", ", drift)),
                    fullInstead(dataset));
        }
    }

    private static String fullInstead(DatasetSpec dataset) {
        return "Take a full one: 'lastgood snapshot take --dataset %s'.".formatted(dataset.name());
    }

    private static Set<String> seenAsMore(Manifest.Schema schema) {
        Set<String> names = new TreeSet<>();
        schema.fields().stream().filter(field -> field.view() != null).forEach(field -> names.add(field.name()));
        return names;
    }

    /**
     * Reads what has changed and writes it.
     *
     * @param all the dataset at the moment of this take
     * @param then its source at that moment
     * @param known what is known of fields that need not be looked into, and of documents
     */
    void write(
            DatasetSpec dataset, Manifest parent, Frame all, Sources then, Map<String, DataType> known, String folder) {
        Changes changes = Changes.of(
                dataset,
                asCaptured(dataset, parent, then, known),
                parent.capture().from().minus(parent.capture().allowedSkew()),
                new Changes.Live() {
                    @Override
                    public Frame all() {
                        return all;
                    }

                    @Override
                    public Frame keys() {
                        return then.keys(dataset, known);
                    }

                    @Override
                    public Frame since(Instant time) {
                        return then.since(dataset, known, Objects.requireNonNull(dataset.changedAt()), time);
                    }

                    @Override
                    public Optional<Dataset<Row>> deleted(Instant time) {
                        return then.deleted(dataset, time);
                    }
                });
        Column[] stored = Arrays.stream(all.shape().stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        files.write(changes.inserted(), stored, folder + "/data", FILES);
        Column[] line = Arrays.stream(ChainReader.removedSchema(parent).fieldNames())
                .map(functions::col)
                .toArray(Column[]::new);
        files.write(changes.removed(), line, folder + "/" + REMOVED, FILES);
    }

    /** The records of the parent as live is seen, which has the same fields. */
    private Frame asCaptured(DatasetSpec dataset, Manifest parent, Sources sources, Map<String, DataType> known) {
        Map<String, DataType> learned = new TreeMap<>(SnapshotReader.views(parent));
        learned.putAll(known);
        return sources.ofThen(dataset, reader.records(parent), learned);
    }

    /**
     * Reads back what was written, and the whole it makes with the chain.
     *
     * @param draft the manifest of a full snapshot as far as it is known without having read the files
     * @throws Refusal if the whole is not what parent and changes add up to
     */
    Manifest readBack(DatasetSpec dataset, Manifest draft, Shape kept, Manifest parent, Sources sources) {
        Manifest.Parent named = new Manifest.Parent(parent.snapshot(), parent.digest());
        Map<String, DataType> known = new TreeMap<>();
        kept.numbers().forEach(name -> known.put(name, kept.view().apply(name).dataType()));
        Map<String, DataType> asText = new TreeMap<>(known);
        kept.json().forEach(name -> asText.put(name, kept.view().apply(name).dataType()));
        Dataset<Row> lines = chain.removed(draft);
        Content removed = Content.ofRemoved(lines);
        long tombstones =
                lines.agg(functions.count_if(col(ChainReader.TOMBSTONE))).head().getLong(0);
        List<Manifest> lineage = new ArrayList<>(Lineage.of(parent, store));
        lineage.add(draft);
        Frame whole = sources.frame(dataset, chain.records(lineage, kept.stored()), known);
        if (kept.isDocument()) {
            requireSameKey(dataset, parent, kept, whole.shape());
            asText.put(Shape.DOCUMENT, whole.shape().view());
        }
        Frame own = sources.ofThen(dataset, chain.own(draft, kept.stored()), asText);
        CapturedFiles.Read read =
                files.read(dataset, own, draft.folder(), session.sparkContext().hadoopConfiguration());
        Content inserted = read.content();
        Manifest.Delta delta = new Manifest.Delta(
                files.sidecar(draft.folder(), Manifest.Delta.INSERTED, inserted.buckets()),
                files.sidecar(draft.folder(), Manifest.Delta.REMOVED, removed.buckets()));
        Manifest.Chain position = new Manifest.Chain(parent.chain().sequence() + 1, named, delta);
        Content content = Content.ofChain(dataset, whole);
        requireSum(dataset, parent, inserted, removed, content);
        List<FileEntry> counted = new ArrayList<>();
        counted.addAll(CapturedFiles.counted(draft.files(FileEntry.Side.DATA), inserted));
        counted.addAll(CapturedFiles.counted(draft.files(FileEntry.Side.REMOVED), removed));
        counted.addAll(read.thin());
        Manifest.Hashing hashing = new Manifest.Hashing(
                draft.hashing().canonical(),
                draft.hashing().record(),
                draft.hashing().compareSettings(),
                KeptThin.settings(dataset, own.shape()));
        return with(
                draft,
                position,
                hashing,
                new Manifest.Schema(draft.schema().key(), SnapshotTaker.fields(whole.shape(), content.nulls())),
                new Manifest.Counts(
                        content.records(),
                        content.distinctKeys(),
                        content.duplicateKeys(),
                        tombstones,
                        counted.size(),
                        counted.stream().mapToLong(FileEntry::bytes).sum()),
                files.sidecar(draft.folder(), Manifest.BucketFile.NAME, content.buckets()),
                counted);
    }

    /** Keys that are hashed in another type are others. */
    private static void requireSameKey(DatasetSpec dataset, Manifest parent, Shape then, Shape now) {
        String before = Keys.type(dataset, then).simpleString();
        String after = Keys.type(dataset, now).simpleString();
        if (!before.equals(after)) {
            throw new Refusal(
                    "the keys of dataset '%s' are seen as %s, and were in snapshot %s, on which it would build, as %s; nothing"
                                    .formatted(dataset.name(), after, parent.snapshot(), before)
                            + " was taken",
                    fullInstead(dataset));
        }
    }

    /** That reading comes to what was computed is not taken for granted. */
    private void requireSum(DatasetSpec dataset, Manifest parent, Content inserted, Content removed, Content whole) {
        Buckets expected = buckets(parent).plus(inserted.buckets()).minus(removed.buckets());
        if (!expected.equals(whole.buckets()) || whole.duplicateKeys() > 0) {
            throw new Refusal(
                    "the changes of dataset '%s' and snapshot %s do not make one whole; nothing was taken"
                            .formatted(dataset.name(), parent.snapshot()),
                    fullInstead(dataset));
        }
    }

    private Buckets buckets(Manifest parent) {
        Manifest.BucketFile sidecar = Objects.requireNonNull(parent.buckets(), "asked for before");
        String name = parent.folder() + "/" + sidecar.path();
        byte[] bytes = store.read(name).orElseThrow(() -> new UnusableEntry(name, "it is missing"));
        if (!Sha256.of(bytes).equals(sidecar.sha256())) {
            throw new UnusableEntry(name, "its bytes are not those that were written");
        }
        return Buckets.decode(name, bytes);
    }

    private static Manifest with(
            Manifest draft,
            Manifest.Chain chain,
            Manifest.Hashing hashing,
            Manifest.Schema schema,
            Manifest.Counts counts,
            Manifest.@Nullable BucketFile buckets,
            List<FileEntry> files) {
        return new Manifest(
                draft.snapshot(),
                draft.dataset(),
                draft.origin(),
                draft.source(),
                draft.capture(),
                chain,
                schema,
                hashing,
                counts,
                buckets,
                draft.partitions(),
                files,
                null,
                null,
                draft.unknown());
    }
}
