package dev.lastgood.snapshot;

import dev.lastgood.rule.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an incremental snapshot needs of those it builds on. Whatever is damaged there is damage of this one, of kind CHAIN:
 * its records cannot be read without theirs.
 */
final class ChainVerification {
    private final Manifest manifest;
    private final Store store;
    private final List<Damage> damages = new ArrayList<>();

    private ChainVerification(Manifest manifest, Store store) {
        this.manifest = manifest;
        this.store = store;
    }

    /**
     * The chain is whole and in order, each snapshot in it has what its manifest says, and in every bucket the digests are
     * those of the parent with what was inserted and without what was removed.
     *
     * @param own the bucket digests of the snapshot itself, null if they could not be read
     */
    static List<Damage> structure(Manifest manifest, Store store, CatalogState state, ByteVerification.Sidecars own) {
        var verification = new ChainVerification(manifest, store);
        Manifest.Parent parent = manifest.chain().parent();
        if (parent != null && verification.isInCatalog(parent, state)) {
            verification.fits(parent);
            verification.ancestors(ancestor ->
                    ByteVerification.structure(ancestor, store, SnapshotFiles.in(store, ancestor.folder()), state));
            verification.arithmetic(parent, own);
        }
        return verification.damages;
    }

    /** Every byte of every snapshot it builds on is as it was. */
    static List<Damage> bytes(Manifest manifest, Store store) {
        var verification = new ChainVerification(manifest, store);
        if (manifest.chain().parent() != null) {
            verification.ancestors(
                    ancestor -> ByteVerification.bytes(ancestor, store, SnapshotFiles.in(store, ancestor.folder())));
        }
        return verification.damages;
    }

    private boolean isInCatalog(Manifest.Parent parent, CatalogState state) {
        Optional<Snapshot> there = state.snapshot(manifest.dataset(), parent.snapshot());
        if (there.isEmpty()) {
            damage(Manifest.NAME, "snapshot " + parent.snapshot(), "none in the catalog");
            return false;
        }
        if (!there.get().manifest().equals(parent.manifest())) {
            damage(
                    Manifest.NAME,
                    "snapshot %s with manifest %s".formatted(parent.snapshot(), parent.manifest()),
                    there.get().manifest().toString());
            return false;
        }
        return true;
    }

    /** Whether it goes with its parent. What keeps that from being read is told with everything else of it. */
    private void fits(Manifest.Parent parent) {
        String name = Manifest.folder(manifest.dataset(), parent.snapshot()) + "/" + Manifest.NAME;
        try {
            store.read(name)
                    .flatMap(bytes -> Lineage.misfit(Manifest.read(name, bytes), manifest))
                    .ifPresent(defect -> damages.add(new Damage(Manifest.NAME, Damage.Kind.CHAIN, defect)));
        } catch (UnusableEntry | StoreUnavailable e) {
            return;
        }
    }

    private void ancestors(Function<Snapshot, VerificationReport> verification) {
        Manifest.Parent parent = manifest.chain().parent();
        if (parent == null) {
            return;
        }
        Snapshot ancestor = new Snapshot(
                parent.snapshot(),
                manifest.dataset(),
                Manifest.Origin.TAKEN,
                parent.manifest(),
                Instant.EPOCH,
                Instant.EPOCH,
                0,
                0,
                null);
        for (Damage damage : verification.apply(ancestor).damages()) {
            boolean further = damage.file().startsWith("snapshots/");
            String file = further ? damage.file() : ancestor.folder() + "/" + damage.file();
            boolean sure = damage.kind().verdict() == Verdict.FAIL;
            damages.add(
                    further || !sure
                            ? new Damage(file, damage.kind(), damage.detail())
                            : new Damage(file, Damage.Kind.CHAIN, damage.kind() + ", " + damage.detail()));
        }
    }

    /** Sums are linear: what the parent's digests and the changes add up to needs no record of the parent. */
    private void arithmetic(Manifest.Parent parent, ByteVerification.Sidecars own) {
        Buckets before = before(parent);
        if (before == null || own.state() == null || own.inserted() == null || own.removed() == null) {
            return; // what is wrong with it has been told
        }
        String file = Manifest.BucketFile.NAME;
        int count = own.state().count();
        if (before.count() != count
                || own.inserted().count() != count
                || own.removed().count() != count) {
            damages.add(new Damage(file, Damage.Kind.CHAIN, "the numbers of buckets differ in the chain"));
            return;
        }
        Buckets expected = before.plus(own.inserted()).minus(own.removed());
        int differ = 0;
        for (int i = 0; i < count; i++) {
            differ += expected.get(i).equals(own.state().get(i)) ? 0 : 1;
        }
        if (differ > 0) {
            damages.add(new Damage(
                    file,
                    Damage.Kind.CHAIN,
                    "%d of %d buckets are not those of snapshot %s with what was inserted and without what was removed"
                            .formatted(differ, count, parent.snapshot())));
        }
    }

    private @Nullable Buckets before(Manifest.Parent parent) {
        String folder = Manifest.folder(manifest.dataset(), parent.snapshot());
        try {
            Optional<byte[]> bytes = store.read(folder + "/" + Manifest.NAME);
            if (bytes.isEmpty()) {
                return null;
            }
            Manifest.BucketFile sidecar =
                    Manifest.read(folder + "/" + Manifest.NAME, bytes.get()).buckets();
            if (sidecar == null) {
                damages.add(new Damage(
                        folder + "/" + Manifest.NAME, Damage.Kind.CHAIN, "the manifest has no bucket digests"));
                return null;
            }
            return store.read(folder + "/" + sidecar.path())
                    .map(content -> Buckets.decode(sidecar.path(), content))
                    .orElse(null);
        } catch (UnusableEntry | StoreUnavailable e) {
            return null; // told as damage of the ancestor
        }
    }

    private void damage(String file, String expected, String found) {
        damages.add(Damage.of(file, Damage.Kind.CHAIN, expected, found));
    }
}
