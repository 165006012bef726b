package dev.lastgood.capture;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Lineage;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a capture of a dataset builds on.
 *
 * @param parent empty for a full capture
 * @param reason why it is a full one though an incremental one was asked for, empty otherwise
 */
record Basis(Optional<Manifest> parent, String reason) {
    /** All records are captured, as it was asked. */
    static final Basis NOTHING = new Basis(Optional.empty(), "");

    /** All records are captured, though it was not asked. */
    static Basis nothing(String reason) {
        return new Basis(Optional.empty(), reason);
    }

    /**
     * What an incremental capture builds on: the newest snapshot that is sound, as far as catalog and manifests tell.
     *
     * @param source where the dataset is today
     * @throws InvalidInput if the dataset is not such that its changes can be found
     * @throws Refusal if the last full snapshot is too old
     */
    static Basis of(DatasetSpec dataset, Manifest.Source source, CatalogState state, Store store, Instant now) {
        requireChangesCanBeFound(dataset);
        List<Snapshot> snapshots = state.snapshots(dataset.name());
        String reason = "there is no snapshot yet";
        for (int i = snapshots.size() - 1; i >= 0; i--) {
            Snapshot snapshot = snapshots.get(i);
            Optional<String> defect = defect(dataset, source, snapshot, state, store, now);
            if (defect.isEmpty()) {
                Manifest parent = snapshot.manifest(store);
                requireRecentFull(dataset, Lineage.of(parent, store).get(0), now);
                return new Basis(Optional.of(parent), "");
            }
            reason = i == snapshots.size() - 1 ? defect.get() : reason;
        }
        return nothing(reason);
    }

    private static void requireChangesCanBeFound(DatasetSpec dataset) {
        if (dataset.changedAt() == null) {
            throw impossible(dataset, "nothing says when a record was last written", "Name the field in 'changed_at'.");
        }
        if (!dataset.hasKey()) {
            throw impossible(dataset, "it has no key", "Name the fields in 'key'.");
        }
        for (FieldPath path : dataset.key()) {
            boolean inside = path.steps().size() > 1
                    || dataset.json().stream().anyMatch(json -> json.root().equals(path.root()));
            if (inside) {
                throw impossible(
                        dataset,
                        "key field '%s' is inside another field".formatted(path),
                        "Take full snapshots of it.");
            }
        }
    }

    static InvalidInput impossible(DatasetSpec dataset, String why, String hint) {
        return InvalidInput.of(
                "dataset '%s' cannot be captured incrementally: %s".formatted(dataset.name(), why), hint);
    }

    /** Why nothing can build on a snapshot, if nothing can. */
    private static Optional<String> defect(
            DatasetSpec dataset,
            Manifest.Source source,
            Snapshot snapshot,
            CatalogState state,
            Store store,
            Instant now) {
        String name = "snapshot " + snapshot.id();
        if (snapshot.origin() != Manifest.Origin.TAKEN) {
            return Optional.of(name + " was made by others");
        }
        if (state.damaged(dataset.name(), snapshot.id()).isPresent()) {
            return Optional.of(name + " is damaged");
        }
        Manifest manifest;
        try {
            manifest = snapshot.manifest(store);
            Lineage.of(manifest, store);
        } catch (UnusableEntry e) {
            return Optional.of("%s cannot be built on: %s".formatted(name, e.getMessage()));
        }
        if (manifest.buckets() == null) {
            return Optional.of(name + " has no digests");
        }
        if (manifest.capture().to().isAfter(now)) {
            return Optional.of(name + " was captured later than it is now");
        }
        if (!manifest.source().equals(source)) {
            // What was written there lately, and here before, would have to be read by other times.
            return Optional.of("%s was captured elsewhere, of %s"
                    .formatted(name, manifest.source().address()));
        }
        List<String> key = dataset.key().stream().map(FieldPath::toString).toList();
        boolean sameKey = manifest.schema().key().equals(key);
        if (!sameKey || !manifest.hashing().compareSettings().equals(SnapshotTaker.settings(dataset))) {
            return Optional.of(name + " was captured with another key, or other settings of comparing");
        }
        boolean upgraded = dataset.upgrades().stream()
                .anyMatch(upgrade ->
                        manifest.capture().from().isBefore(upgrade.until()) && !now.isBefore(upgrade.until()));
        return upgraded
                ? Optional.of(name + " is read by an upgrade that later ones are read without")
                : Optional.empty();
    }

    /** Only a full snapshot sees writes that did not move the time of the last write. */
    private static void requireRecentFull(DatasetSpec dataset, Manifest full, Instant now) {
        if (full.capture().from().plus(dataset.incremental().fullEvery()).isBefore(now)) {
            throw new Refusal(
                    "the last full snapshot of dataset '%s', %s, is older than %s; nothing was taken"
                            .formatted(
                                    dataset.name(),
                                    full.snapshot(),
                                    dataset.incremental().fullEvery()),
                    "Take a full one: 'lastgood snapshot take --dataset %s'.".formatted(dataset.name()));
        }
    }
}
