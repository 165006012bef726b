package dev.lastgood.snapshot;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The snapshots that an incremental one builds on. Each is named by the digest of its manifest, so none can be another. */
public final class Lineage {
    private Lineage() {}

    /**
     * The manifests of a whole chain, from the full snapshot to this one; of a full snapshot only its own.
     *
     * @throws UnusableEntry that names the manifest which is missing, damaged or another, or does not go with its child
     */
    public static List<Manifest> of(Manifest manifest, Store store) {
        List<Manifest> chain = new ArrayList<>(List.of(manifest));
        Manifest child = manifest;
        while (child.chain().parent() != null) {
            Manifest parent = parent(child, store);
            chain.add(parent);
            child = parent;
        }
        Collections.reverse(chain);
        return chain;
    }

    /** The manifest of the snapshot that this one builds on. */
    private static Manifest parent(Manifest child, Store store) {
        Manifest.Parent named = Objects.requireNonNull(child.chain().parent(), "only of an incremental snapshot");
        String name = Manifest.folder(child.dataset(), named.snapshot()) + "/" + Manifest.NAME;
        byte[] bytes = store.read(name)
                .orElseThrow(() -> unusable(name, "it is missing, and snapshot %s builds on it", child));
        Manifest parent = Manifest.read(name, bytes);
        if (!parent.digest().equals(named.manifest())) {
            throw unusable(name, "it is not the manifest that snapshot %s builds on", child);
        }
        misfit(parent, child).ifPresent(defect -> {
            throw new UnusableEntry(child.folder() + "/" + Manifest.NAME, defect, hint(child));
        });
        return parent;
    }

    private static UnusableEntry unusable(String name, String defect, Manifest child) {
        return new UnusableEntry(name, defect.formatted(child.snapshot()), hint(child));
    }

    private static String hint(Manifest child) {
        return "Use a snapshot that is older, or a full one; 'lastgood snapshot verify %s --dataset %s' says more."
                .formatted(child.snapshot(), child.dataset());
    }

    /** Why a snapshot cannot build on that parent, if it cannot. */
    static Optional<String> misfit(Manifest parent, Manifest child) {
        if (!parent.dataset().equals(child.dataset())) {
            return Optional.of("it builds on a snapshot of dataset '%s'".formatted(parent.dataset()));
        }
        if (child.chain().sequence() != parent.chain().sequence() + 1) {
            return Optional.of("it is number %d of its chain, and builds on number %d"
                    .formatted(child.chain().sequence(), parent.chain().sequence()));
        }
        if (child.capture().from().isBefore(parent.capture().to())) {
            return Optional.of("its capture began at %s, before that of snapshot %s ended at %s"
                    .formatted(
                            child.capture().from(),
                            parent.snapshot(),
                            parent.capture().to()));
        }
        if (!child.schema().fingerprint().equals(parent.schema().fingerprint())) {
            return Optional.of(
                    "its fields are not those of snapshot %s, on which it builds".formatted(parent.snapshot()));
        }
        if (!child.hashing().agreesWith(parent.hashing())) {
            return Optional.of("it is not hashed as snapshot %s is, on which it builds".formatted(parent.snapshot()));
        }
        return Optional.empty();
    }
}
