package dev.lastgood.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A folder of one dataset of a snapshot, as its manifest tells, whatever the catalog says. */
sealed interface SnapshotFolder {

    /** The name of the folder in the store. */
    String name();

    /** The snapshot its name says; empty if it is no such name. */
    default Optional<SnapshotId> id() {
        String last = name().substring(name().lastIndexOf('/') + 1);
        return SnapshotId.isId(last) ? Optional.of(new SnapshotId(last)) : Optional.empty();
    }

    /** Its manifest belongs there, is undamaged, and signed as the store asks. Says nothing of the files it lists. */
    record Sound(String name, SnapshotId snapshot, String dataset, Manifest.Origin origin, Event.Captured captured)
            implements SnapshotFolder {}

    /** It has a manifest that cannot be relied on. */
    record Unusable(String name, String defect) implements SnapshotFolder {}

    /** There is no manifest: of a take that has not ended, or not any more. */
    record Bare(String name) implements SnapshotFolder {}

    /** All there are, in order. */
    static List<SnapshotFolder> all(Store store) {
        List<SnapshotFolder> all = new ArrayList<>();
        for (String dataset : folders(store, "snapshots")) {
            for (String snapshot : folders(store, dataset)) {
                all.add(of(store, snapshot));
            }
        }
        return all;
    }

    /** Whether every dataset of a take that never ended has a sound manifest: then it did end, or was about to. */
    static boolean areAllSound(CatalogState.Take take, Map<String, SnapshotFolder> folders) {
        return take.datasets().stream()
                .allMatch(dataset -> folders.get(Manifest.folder(dataset, take.snapshot())) instanceof Sound);
    }

    private static List<String> folders(Store store, String in) {
        return store.list(in).stream()
                .filter(name -> name.endsWith("/"))
                .map(name -> in + "/" + name.substring(0, name.length() - 1))
                .filter(StoreName::isName)
                .toList();
    }

    private static SnapshotFolder of(Store store, String folder) {
        String name = folder + "/" + Manifest.NAME;
        Optional<byte[]> bytes = store.read(name);
        if (bytes.isEmpty()) {
            return new Bare(folder);
        }
        try {
            Manifest manifest = Manifest.read(name, bytes.get());
            if (!manifest.folder().equals(folder)) {
                return new Unusable(folder, "its manifest is that of " + manifest.folder());
            }
            store.trust().check(name, manifest);
            return new Sound(
                    folder, manifest.snapshot(), manifest.dataset(), manifest.origin(), Event.Captured.of(manifest));
        } catch (UnusableEntry e) {
            return new Unusable(folder, e.defect());
        }
    }
}
