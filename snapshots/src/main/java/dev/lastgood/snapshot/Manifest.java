package dev.lastgood.snapshot;

import dev.lastgood.rule.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot of one dataset is: everything needed to tell later whether it still is that. Immutable, and published
 * last in the snapshot's folder; it counts once an event of the catalog names it with its digest.
 *
 * @param hashing how records were hashed
 * @param partitions folders of a partitioned dataset, none if it has no partitions
 * @param buckets null if nobody has hashed the records
 * @param reading how the files of an adopted snapshot are read; null where this program wrote them
 * @param rules what the rules said at capture, null if none were asked
 * @param unknown what a newer program wrote beside all this; kept and digested
 */
public record Manifest(
        SnapshotId snapshot,
        String dataset,
        Origin origin,
        Source source,
        Capture capture,
        Chain chain,
        Schema schema,
        Hashing hashing,
        Counts counts,
        @Nullable BucketFile buckets,
        List<Partition> partitions,
        List<FileEntry> files,
        @Nullable Reading reading,
        @Nullable RuleVerdict rules,
        @Nullable Signature signature,
        UnknownMembers unknown) {

    /** The plain name of a manifest in its snapshot's folder. */
    public static final String NAME = "manifest.json";

    /** Whether a snapshot was taken by this program, or made by others and adopted. */
    public enum Origin {
        TAKEN,
        ADOPTED
    }

    /**
     * What was captured, never with a secret.
     *
     * @param kind jdbc, cosmos, files, delta, iceberg
     * @param address of the database, account or folder, without user and password
     * @param object table, container or path
     */
    public record Source(String kind, String address, String object) {}

    /** How far the records of one capture belong to one moment. */
    public enum Mode {
        /** All of them were there at one moment. */
        POINT_IN_TIME,
        /** Those of one partition were there at one moment. */
        PER_PARTITION,
        /** Each was there at some moment of the window. */
        FUZZY
    }

    /**
     * When and how it was captured.
     *
     * @param consistency as the source calls it
     * @param clock whose clock tells the window
     * @param allowedSkew how far that clock may be from the source's
     */
    public record Capture(Mode mode, Instant from, Instant to, String consistency, String clock, Duration allowedSkew) {
        public Capture {
            if (to.isBefore(from) || allowedSkew.isNegative()) {
                throw new IllegalArgumentException("a capture from %s to %s, skew %s".formatted(from, to, allowedSkew));
            }
        }
    }

    /**
     * Where it stands in a chain of incremental snapshots. The records of an incremental snapshot are those of its parent
     * without the keys in its own files of side REMOVED, and with the records in those of side DATA.
     *
     * @param sequence 0 for a full snapshot, one more for each that builds on it
     * @param parent null for a full snapshot
     * @param delta null for a full snapshot
     */
    public record Chain(
            long sequence,
            @Nullable Parent parent,
            @Nullable Delta delta) {
        public static final Chain FULL = new Chain(0, null, null);

        public Chain {
            if (sequence < 0 || (sequence == 0) != (parent == null)) {
                throw new IllegalArgumentException(
                        "a chain with sequence %d and parent %s".formatted(sequence, parent));
            }
            if ((parent == null) != (delta == null)) {
                throw new IllegalArgumentException("a chain with parent %s and changes %s".formatted(parent, delta));
            }
        }
    }

    /**
     * What became of the parent's records, as digests by bucket: those of its own files. In every bucket the digests of the
     * snapshot are those of its parent, plus those inserted, minus those removed.
     *
     * @param inserted of the images that are new
     * @param removed of the images of the parent that were replaced or are gone
     */
    public record Delta(BucketFile inserted, BucketFile removed) {
        public static final String INSERTED = "inserted.bin";
        public static final String REMOVED = "removed.bin";
    }

    /** The snapshot an incremental one builds on, and the digest of its manifest. */
    public record Parent(SnapshotId snapshot, Sha256 manifest) {}

    /**
     * The fields of the dataset.
     *
     * @param key names of the key fields in order, none if the dataset has no key
     */
    public record Schema(List<String> key, List<Field> fields) {
        public Schema {
            key = List.copyOf(key);
            fields = List.copyOf(fields);
            Set<String> names = new HashSet<>();
            for (Field field : fields) {
                if (!names.add(field.name())) {
                    throw new IllegalArgumentException("two fields are named '%s'".formatted(field.name()));
                }
            }
        }

        /** Equal for two schemas with the same key and the same names and types in the same order. */
        public Sha256 fingerprint() {
            return ManifestJson.fingerprint(this);
        }
    }

    /**
     * A field of the dataset, as it was captured.
     *
     * @param type as Spark writes it
     * @param sourceType as the source calls it, null where Spark's type says it all
     * @param view of text that holds JSON or exact numbers the type in which rules see it; null of other fields
     * @param nulls records in which it is null
     * @param absent records of a document source in which it is not there at all
     */
    public record Field(
            String name,
            String type,
            @Nullable String sourceType,
            @Nullable String view,
            boolean nullable,
            long nulls,
            long absent) {
        public Field {
            if (nulls < 0 || absent < 0) {
                throw new IllegalArgumentException("field '%s': %d nulls, %d absent".formatted(name, nulls, absent));
            }
        }
    }

    /**
     * How records were hashed.
     *
     * @param canonical which canonical form, by name
     * @param record which hash of it, by name
     * @param compareSettings digest of the dataset's settings that the compare digests follow
     * @param thin digest of all that the lines of files of side THIN follow; null if there are none that can be used
     */
    public record Hashing(
            String canonical,
            String record,
            Sha256 compareSettings,
            @Nullable Sha256 thin) {
        /** The canonical forms this program can compute. */
        public static final Set<String> CANONICAL_FORMS = Set.of("lastgood-1");

        /** The record hashes this program can compute. */
        public static final Set<String> RECORD_HASHES = Set.of("xxhash64-2x64", "sha256-128");

        public Hashing {
            if (!CANONICAL_FORMS.contains(canonical)) {
                throw new IllegalArgumentException("there is no canonical form '%s'".formatted(canonical));
            }
            if (!RECORD_HASHES.contains(record)) {
                throw new IllegalArgumentException("there is no record hash '%s'".formatted(record));
            }
        }

        /** Of a snapshot without files of side THIN. */
        public Hashing(String canonical, String record, Sha256 compareSettings) {
            this(canonical, record, compareSettings, null);
        }

        /** Whether records have the same digests by both, whatever lines are kept of them. */
        public boolean agreesWith(Hashing other) {
            return canonical.equals(other.canonical)
                    && record.equals(other.record)
                    && compareSettings.equals(other.compareSettings);
        }
    }

    /**
     * How much there is. Records and keys are those of the dataset as it was captured, of an incremental snapshot too, and so
     * are the digests by bucket and the nulls of the fields; files and bytes are the snapshot's own. What is in its own files
     * the digests of {@link Delta} count.
     *
     * @param distinctKeys how many keys occur; 0 for a dataset without a key
     * @param duplicateKeys how many of them occur more than once
     * @param tombstones keys of the parent that an incremental snapshot no longer has
     */
    public record Counts(long records, long distinctKeys, long duplicateKeys, long tombstones, long files, long bytes) {
        public Counts {
            if (records < 0 || distinctKeys < 0 || duplicateKeys < 0 || tombstones < 0 || files < 0 || bytes < 0) {
                throw new IllegalArgumentException("a count below zero");
            }
        }
    }

    /**
     * The sidecar with the digests by bucket.
     *
     * @param count of buckets
     * @param path relative to the snapshot's folder
     */
    public record BucketFile(int count, String path, long bytes, Sha256 sha256, Buckets.Sums totals) {
        /** What the sidecar is called when this program writes it. */
        public static final String NAME = "buckets.bin";

        public BucketFile {
            if (count < 1 || count > Buckets.MOST || !StoreName.isName(path) || bytes < 0) {
                throw new IllegalArgumentException("a sidecar '%s' of %d buckets".formatted(path, count));
            }
        }

        /** The entry of a sidecar with these digests under the usual name. */
        public static BucketFile of(Buckets buckets) {
            return of(NAME, buckets);
        }

        /** The entry of a sidecar with these digests. */
        public static BucketFile of(String path, Buckets buckets) {
            byte[] encoded = buckets.encode();
            return new BucketFile(buckets.count(), path, encoded.length, Sha256.of(encoded), buckets.totals());
        }
    }

    public record Partition(String path, long files, long records) {
        public Partition {
            if (files < 0 || records < 0) {
                throw new IllegalArgumentException("partition '%s' with a count below zero".formatted(path));
            }
        }
    }

    public record RuleVerdict(Sha256 ruleSet, Verdict verdict) {}

    /**
     * Who vouches for the manifest.
     *
     * @param key which key signed it
     * @param value base64
     */
    public record Signature(String algorithm, String key, String value) {
        public static final String ED25519 = "Ed25519";

        public Signature {
            if (!algorithm.equals(ED25519)) {
                throw new IllegalArgumentException("there is no signature algorithm '%s'".formatted(algorithm));
            }
        }
    }

    public Manifest {
        if (dataset.isEmpty()) {
            throw new IllegalArgumentException("a dataset without a name");
        }
        if ((origin == Origin.ADOPTED) != (reading != null)) {
            throw new IllegalArgumentException("a snapshot that was %s, with %s way to read its files"
                    .formatted(origin, reading == null ? "no" : "another"));
        }
        partitions = List.copyOf(partitions);
        files = List.copyOf(files);
        Set<String> paths = new HashSet<>();
        for (FileEntry file : files) {
            if (origin == Origin.TAKEN && !StoreName.isName(file.path())) {
                throw new IllegalArgumentException("'%s' is no file of the snapshot's folder".formatted(file.path()));
            }
            if (reading != null && !reading.reaches(file.path())) {
                throw new IllegalArgumentException("'%s' is no file of %s".formatted(file.path(), reading.root()));
            }
            if (!paths.add(file.path())) {
                throw new IllegalArgumentException("file '%s' is listed twice".formatted(file.path()));
            }
        }
    }

    /** The manifest of a snapshot whose files this program wrote. */
    public Manifest(
            SnapshotId snapshot,
            String dataset,
            Origin origin,
            Source source,
            Capture capture,
            Chain chain,
            Schema schema,
            Hashing hashing,
            Counts counts,
            @Nullable BucketFile buckets,
            List<Partition> partitions,
            List<FileEntry> files,
            @Nullable RuleVerdict rules,
            @Nullable Signature signature,
            UnknownMembers unknown) {
        this(
                snapshot,
                dataset,
                origin,
                source,
                capture,
                chain,
                schema,
                hashing,
                counts,
                buckets,
                partitions,
                files,
                null,
                rules,
                signature,
                unknown);
    }

    /** The folder of a snapshot of a dataset in the store. */
    public static String folder(String dataset, SnapshotId snapshot) {
        return "snapshots/%s/%s".formatted(StoreName.segment(dataset), snapshot);
    }

    public String folder() {
        return folder(dataset, snapshot);
    }

    /** The same with other files: to read, or look at, no more than these. It is no manifest of anything then. */
    public Manifest with(List<FileEntry> some) {
        return with(some, signature);
    }

    /** The files of one side, in the order of the list. */
    public List<FileEntry> files(FileEntry.Side side) {
        return files.stream().filter(file -> file.side() == side).toList();
    }

    /** The files beside those of records: digests by bucket, of all records and of what has changed. */
    public List<BucketFile> sidecars() {
        List<BucketFile> sidecars = new ArrayList<>();
        if (buckets != null) {
            sidecars.add(buckets);
        }
        Delta delta = chain.delta();
        if (delta != null) {
            sidecars.add(delta.inserted());
            sidecars.add(delta.removed());
        }
        return sidecars;
    }

    /** The canonical bytes, with the digest of themselves. */
    public byte[] bytes() {
        return ManifestJson.bytes(this);
    }

    /** The digest that names this manifest everywhere: of everything in it except itself and the signature. */
    public Sha256 digest() {
        return ManifestJson.digest(this);
    }

    /**
     * Reads a manifest; {@link #bytes} of the result are the bytes given. Whatever they are, the only exception is
     * {@link UnusableEntry}: it is not canonical JSON, something is missing or impossible, the digest in it is not its
     * own, or a format version or algorithm is unknown.
     *
     * @param name of the entry in the store, for the message
     */
    public static Manifest read(String name, byte[] bytes) {
        return ManifestJson.read(name, bytes);
    }

    /** The same manifest, signed. */
    public Manifest signed(Signature by) {
        return with(files, by);
    }

    private Manifest with(List<FileEntry> some, @Nullable Signature by) {
        return new Manifest(
                snapshot,
                dataset,
                origin,
                source,
                capture,
                chain,
                schema,
                hashing,
                counts,
                buckets,
                partitions,
                some,
                reading,
                rules,
                by,
                unknown);
    }
}
