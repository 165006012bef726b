package dev.lastgood.store;

import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.snapshot.SnapshotFiles;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreName;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;

/**
 * The files of a snapshot that others made: the manifest and the digests in the store, and the files with records where
 * they were left. In the folder that was adopted nothing else may have come to lie; in that of a table other versions do.
 */
public final class AdoptedFiles implements SnapshotFiles {
    private final SnapshotFiles stored;
    private final Supplier<Manifest> manifest;
    private final Configuration hadoop;

    private AdoptedFiles(SnapshotFiles stored, Supplier<Manifest> manifest, Configuration hadoop) {
        this.stored = stored;
        this.manifest = manifest;
        this.hadoop = hadoop;
    }

    /**
     * The files of any snapshot, be they in the store or elsewhere.
     *
     * @param manifest asked for only if the origin says that there are files elsewhere and they are to be listed
     */
    public static SnapshotFiles of(
            Store store, String folder, Manifest.Origin origin, Supplier<Manifest> manifest, Configuration hadoop) {
        SnapshotFiles stored = SnapshotFiles.in(store, folder);
        return origin == Manifest.Origin.TAKEN ? stored : new AdoptedFiles(stored, manifest, hadoop);
    }

    /** The same of a manifest that was read. */
    public static SnapshotFiles of(Store store, Manifest manifest, Configuration hadoop) {
        return of(store, manifest.folder(), manifest.origin(), () -> manifest, hadoop);
    }

    @Override
    public SortedMap<String, Long> list() {
        SortedMap<String, Long> files = stored.list();
        Manifest known = manifest.get();
        if (known.source().kind().equals(SOURCE_FILES)) {
            Reading reading = Objects.requireNonNull(known.reading());
            BackupFolder.of(reading.root(), hadoop)
                    .listing()
                    .files()
                    .forEach(file -> files.put(file.uri(), file.bytes()));
        }
        return files;
    }

    /** The kind of source of which nothing else lies in the folder. */
    public static final String SOURCE_FILES = "files";

    @Override
    public OptionalLong size(String path) {
        return StoreName.isName(path) ? stored.size(path) : BackupFolder.size(path, hadoop);
    }

    @Override
    public Optional<InputStream> open(String path) {
        return StoreName.isName(path) ? stored.open(path) : BackupFolder.open(path, hadoop);
    }
}
