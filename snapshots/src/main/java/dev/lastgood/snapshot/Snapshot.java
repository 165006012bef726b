package dev.lastgood.snapshot;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One dataset of a snapshot that exists for readers, as the catalog tells it.
 *
 * @param manifest digest its manifest must have
 * @param from begin of the capture window
 * @param to end of the capture window
 * @param parent the snapshot it builds on, null if it is whole in itself
 */
public record Snapshot(
        SnapshotId id,
        String dataset,
        Manifest.Origin origin,
        Sha256 manifest,
        Instant from,
        Instant to,
        long records,
        long bytes,
        @Nullable SnapshotId parent) {

    static Snapshot of(SnapshotId id, String dataset, Manifest.Origin origin, Event.Captured captured) {
        return new Snapshot(
                id,
                dataset,
                origin,
                captured.manifest(),
                captured.from(),
                captured.to(),
                captured.records(),
                captured.bytes(),
                captured.parent());
    }

    /** Its folder in the store. */
    public String folder() {
        return Manifest.folder(dataset, id);
    }

    /**
     * Its manifest, which is the one the catalog names, signed by whom the store trusts. Throws {@link UnusableEntry} if it
     * is missing, damaged or another, and where it is not signed as the store asks.
     */
    public Manifest manifest(Store store) {
        Manifest manifest = shown(store);
        store.trust().check(folder() + "/" + Manifest.NAME, manifest);
        return manifest;
    }

    /** The same, whoever has signed it: to be shown, not to be relied on. */
    public Manifest shown(Store store) {
        String name = folder() + "/" + Manifest.NAME;
        Manifest found =
                Manifest.read(name, store.read(name).orElseThrow(() -> new UnusableEntry(name, "it is missing")));
        if (!found.digest().equals(manifest)) {
            throw new UnusableEntry(
                    name, "its digest is %s, and the catalog says %s".formatted(found.digest(), manifest));
        }
        // That of another snapshot is sound and signed as well.
        if (!of(found.snapshot(), found.dataset(), found.origin(), Event.Captured.of(found))
                .equals(this)) {
            throw new UnusableEntry(
                    name,
                    "it is of snapshot %s of '%s', and the catalog says otherwise"
                            .formatted(found.snapshot(), found.dataset()));
        }
        return found;
    }
}
