package dev.lastgood.snapshot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The two levels of verification that need no engine: L0, whether a snapshot has what its manifest says, and L2, whether
 * every byte is as it was. Both report all damage, not the first, and what they looked at; neither passes without having
 * looked at everything. Neither changes anything.
 */
public final class ByteVerification {

    private final Snapshot snapshot;
    private final Store store;
    private final SnapshotFiles files;
    private final List<Damage> damages = new ArrayList<>();
    private long filesExamined;
    private long bytesExamined;

    private ByteVerification(Snapshot snapshot, Store store, SnapshotFiles files) {
        this.snapshot = snapshot;
        this.store = store;
        this.files = files;
    }

    /**
     * L0: the manifest is the one the catalog names and signed by whom the store trusts, every file is there with its size,
     * nothing else is in the folder, all sums agree, and the same is true of the snapshots it builds on, with which its digests
     * agree. Examined are the files that were looked up, and the bytes of the
     * manifest and the sidecar. Throws {@link StoreUnavailable} if the folder cannot be listed.
     */
    public static VerificationReport structure(
            Snapshot snapshot, Store store, SnapshotFiles files, CatalogState state) {
        var verification = new ByteVerification(snapshot, store, files);
        Manifest manifest = verification.manifest();
        if (manifest != null) {
            verification.lookUp(manifest);
            Sidecars sidecars = verification.sidecars(manifest);
            verification.sums(manifest);
            verification.damages.addAll(ChainVerification.structure(manifest, store, state, sidecars));
        }
        return verification.report(Level.L0);
    }

    /**
     * L2: every byte of every file of the manifest, of the sidecars, and of the snapshots it builds on, has the digest it had.
     * Throws {@link
     * StoreUnavailable} if the folder cannot be listed.
     *
     * @param each checks files by {@link FileCheck#of}, in any order, wherever it likes; a file it leaves out has not been
     *     examined
     */
    public static VerificationReport bytes(
            Snapshot snapshot,
            Store store,
            SnapshotFiles files,
            Function<List<FileEntry>, ? extends Collection<FileCheck>> each) {
        return bytes(snapshot, store, files, each, manifest -> ChainVerification.bytes(manifest, store));
    }

    /**
     * The same of its own files alone; for who reads the snapshots it builds on as well, and takes what is damaged in one for
     * damage of all that build on it, as {@link CatalogState#damaged} does.
     */
    public static VerificationReport ownBytes(
            Snapshot snapshot,
            Store store,
            SnapshotFiles files,
            Function<List<FileEntry>, ? extends Collection<FileCheck>> each) {
        return bytes(snapshot, store, files, each, manifest -> List.of());
    }

    private static VerificationReport bytes(
            Snapshot snapshot,
            Store store,
            SnapshotFiles files,
            Function<List<FileEntry>, ? extends Collection<FileCheck>> each,
            Function<Manifest, List<Damage>> ancestors) {
        var verification = new ByteVerification(snapshot, store, files);
        Manifest manifest = verification.manifest();
        if (manifest != null) {
            verification.sidecars(manifest);
            verification.read(manifest, each.apply(manifest.files()));
            verification.damages.addAll(ancestors.apply(manifest));
        }
        return verification.report(Level.L2);
    }

    /** The same, here and one file after the other. */
    public static VerificationReport bytes(Snapshot snapshot, Store store, SnapshotFiles files) {
        return bytes(
                snapshot,
                store,
                files,
                entries -> entries.stream()
                        .map(entry -> FileCheck.of(entry, files))
                        .toList());
    }

    private VerificationReport report(Level level) {
        return VerificationReport.of(level, filesExamined, bytesExamined, 0, damages);
    }

    private void damage(String file, Damage.Kind kind, Object expected, Object found) {
        damages.add(Damage.of(file, kind, String.valueOf(expected), String.valueOf(found)));
    }

    /** The manifest, if it can be relied on. */
    private @Nullable Manifest manifest() {
        String name = snapshot.folder() + "/" + Manifest.NAME;
        try {
            Optional<byte[]> bytes = store.read(name);
            if (bytes.isEmpty()) {
                damage(Manifest.NAME, Damage.Kind.MISSING, "a manifest", "none");
                return null;
            }
            bytesExamined += bytes.get().length;
            Manifest manifest = Manifest.read(name, bytes.get());
            if (!manifest.digest().equals(snapshot.manifest())) {
                damage(Manifest.NAME, Damage.Kind.UNUSABLE, snapshot.manifest(), manifest.digest());
                return null;
            }
            if (!manifest.snapshot().equals(snapshot.id())
                    || !manifest.dataset().equals(snapshot.dataset())) {
                damage(
                        Manifest.NAME,
                        Damage.Kind.MISPLACED,
                        "%s@%s".formatted(snapshot.dataset(), snapshot.id()),
                        "%s@%s".formatted(manifest.dataset(), manifest.snapshot()));
                return null;
            }
            Damage signature = store.trust().damage(manifest);
            if (signature != null) {
                damages.add(signature);
            }
            return manifest;
        } catch (UnusableEntry e) {
            damages.add(new Damage(Manifest.NAME, Damage.Kind.UNUSABLE, e.defect()));
        } catch (StoreUnavailable e) {
            damages.add(new Damage(Manifest.NAME, Damage.Kind.UNREADABLE, StoreUnavailable.reason(e)));
        }
        return null;
    }

    private void lookUp(Manifest manifest) {
        SortedMap<String, Long> there = files.list();
        for (FileEntry entry : manifest.files()) {
            filesExamined++;
            FileCheck.lookedUp(entry, there, files).ifPresent(damages::add);
        }
        for (String path : extra(manifest, there).keySet()) {
            damages.add(new Damage(path, Damage.Kind.EXTRA, "the manifest does not list it"));
        }
    }

    private static SortedMap<String, Long> extra(Manifest manifest, SortedMap<String, Long> there) {
        Set<String> known = new HashSet<>();
        known.add(Manifest.NAME);
        manifest.files().forEach(entry -> known.add(entry.path()));
        manifest.sidecars().forEach(sidecar -> known.add(sidecar.path()));
        there.keySet().removeAll(known);
        return there;
    }

    /** The digests of the sidecars; null are those that could not be read, or are not as they were. */
    record Sidecars(
            @Nullable Buckets state,
            @Nullable Buckets inserted,
            @Nullable Buckets removed) {}

    private Sidecars sidecars(Manifest manifest) {
        Manifest.Delta delta = manifest.chain().delta();
        return new Sidecars(
                sidecar(manifest.buckets()),
                sidecar(delta == null ? null : delta.inserted()),
                sidecar(delta == null ? null : delta.removed()));
    }

    /** The sidecar has the bytes it had, and its sums are those of the manifest. */
    private @Nullable Buckets sidecar(Manifest.@Nullable BucketFile expected) {
        if (expected == null) {
            return null;
        }
        FileCheck check = FileCheck.of(
                new FileEntry(expected.path(), FileEntry.Side.THIN, expected.bytes(), expected.sha256(), null, null),
                files);
        bytesExamined += check.bytes();
        filesExamined += check.isExamined() ? 1 : 0;
        Damage damage = check.damage();
        if (damage != null) {
            damages.add(damage);
            return null;
        }
        try {
            Optional<byte[]> bytes = store.read(snapshot.folder() + "/" + expected.path());
            if (bytes.isEmpty()) {
                damage(expected.path(), Damage.Kind.FLAKY_READ, "the file read before", "none");
                return null;
            }
            Buckets buckets = Buckets.decode(expected.path(), bytes.get());
            if (buckets.count() != expected.count()) {
                damage(expected.path(), Damage.Kind.SUMS, expected.count() + " buckets", buckets.count());
            }
            if (!buckets.totals().equals(expected.totals())) {
                damage(expected.path(), Damage.Kind.SUMS, expected.totals(), buckets.totals());
            }
            return buckets;
        } catch (UnusableEntry e) {
            damages.add(new Damage(expected.path(), Damage.Kind.UNUSABLE, e.defect()));
        } catch (StoreUnavailable e) {
            damages.add(new Damage(expected.path(), Damage.Kind.UNREADABLE, StoreUnavailable.reason(e)));
        }
        return null;
    }

    /** Numbers of the manifest that must agree with each other. */
    private void sums(Manifest manifest) {
        Manifest.Counts counts = manifest.counts();
        Manifest.Delta delta = manifest.chain().delta();
        long lines = delta == null
                ? counts.records() + counts.tombstones()
                : delta.inserted().totals().records();
        long removed = delta == null ? 0 : delta.removed().totals().records();
        agree("files", counts.files(), manifest.files().size());
        agree("bytes", counts.bytes(), sum(manifest.files(), FileEntry::bytes));
        for (FileEntry.Side side : FileEntry.Side.values()) {
            List<FileEntry> sided = manifest.files(side);
            boolean counted = !sided.isEmpty() && sided.stream().allMatch(file -> file.records() != null);
            if (counted) {
                long expected = side == FileEntry.Side.REMOVED ? removed : lines;
                agree("records in files of side " + side, expected, sum(sided, file -> {
                    Long records = file.records();
                    return records == null ? 0 : records;
                }));
            }
        }
        if (!manifest.partitions().isEmpty()) {
            agree("records of partitions", lines, sum(manifest.partitions(), Manifest.Partition::records));
            agree(
                    "files of partitions",
                    manifest.files(FileEntry.Side.DATA).size(),
                    sum(manifest.partitions(), Manifest.Partition::files));
        }
        Manifest.BucketFile buckets = manifest.buckets();
        if (buckets != null) {
            agree("records in buckets", counts.records(), buckets.totals().records());
        }
        if (delta != null) {
            atMost("tombstones", counts.tombstones(), removed);
        }
        long nullable = delta == null ? lines : counts.records();
        atMost("distinct keys", counts.distinctKeys(), counts.records());
        atMost("duplicate keys", counts.duplicateKeys(), counts.distinctKeys());
        for (Manifest.Field field : manifest.schema().fields()) {
            atMost(
                    "nulls and absences of field '%s'".formatted(field.name()),
                    field.nulls() + field.absent(),
                    nullable);
        }
    }

    private static <T> long sum(Collection<T> items, java.util.function.ToLongFunction<T> number) {
        return items.stream().mapToLong(number).sum();
    }

    private void agree(String what, long expected, long found) {
        if (expected != found) {
            damage(Manifest.NAME, Damage.Kind.SUMS, "%d %s".formatted(expected, what), found);
        }
    }

    private void atMost(String what, long number, long most) {
        if (number > most) {
            damage(Manifest.NAME, Damage.Kind.SUMS, "at most %d %s".formatted(most, what), number);
        }
    }

    private void read(Manifest manifest, Collection<FileCheck> checks) {
        Map<String, FileCheck> byPath = new HashMap<>();
        checks.forEach(check -> byPath.put(check.path(), check));
        Map<Sha256, String> listed = new HashMap<>();
        manifest.files().forEach(entry -> listed.putIfAbsent(entry.sha256(), entry.path()));
        for (FileEntry entry : manifest.files()) {
            FileCheck check = byPath.get(entry.path());
            if (check == null) {
                damages.add(new Damage(entry.path(), Damage.Kind.NOT_EXAMINED, "nobody has read it"));
                continue;
            }
            filesExamined += check.isExamined() ? 1 : 0;
            bytesExamined += check.bytes();
            Damage damage = check.damage();
            if (damage != null) {
                damages.add(named(damage, check.found(), listed));
            }
        }
        extra(manifest, files.list()).forEach((path, bytes) -> damages.add(extra(manifest, path, bytes, listed)));
    }

    /** Wrong bytes that belong to another file of the snapshot were put in the wrong place. */
    private static Damage named(Damage damage, @Nullable Sha256 found, Map<Sha256, String> listed) {
        String owner = found == null ? null : listed.get(found);
        return owner == null
                ? damage
                : new Damage(damage.file(), Damage.Kind.MISPLACED, "it has the bytes of " + owner);
    }

    private Damage extra(Manifest manifest, String path, long bytes, Map<Sha256, String> listed) {
        boolean maybeCopy = manifest.files().stream().anyMatch(entry -> entry.bytes() == bytes);
        if (maybeCopy) {
            FileCheck check =
                    FileCheck.of(new FileEntry(path, FileEntry.Side.DATA, bytes, NO_DIGEST, null, null), files);
            Sha256 found = check.found();
            String owner = found == null ? null : listed.get(found);
            if (owner != null) {
                return new Damage(path, Damage.Kind.DUPLICATE, "the manifest does not list it; a copy of " + owner);
            }
        }
        return new Damage(path, Damage.Kind.EXTRA, "the manifest does not list it");
    }

    /** Digest of no file that was ever seen: asks a check for what it found. */
    private static final Sha256 NO_DIGEST = new Sha256("0".repeat(64));
}
