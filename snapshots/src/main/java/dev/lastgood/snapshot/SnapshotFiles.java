package dev.lastgood.snapshot;

import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of one snapshot, by path as its manifest has it. Verification sees a snapshot through this alone, so that it
 * does not matter where the files lie. Methods throw {@link StoreUnavailable} when the world is in the way.
 */
public interface SnapshotFiles {

    /** All files in the snapshot's own folder with their sizes, whether the manifest lists them or not. */
    SortedMap<String, Long> list();

    /** How many bytes a file has, or nothing if it is not there. */
    OptionalLong size(String path);

    /** The content of a file, or nothing if it is not there. The caller closes it. */
    Optional<InputStream> open(String path);

    /** The files in a folder of a store. Paths that are no names there, such as URIs, are not there. */
    static SnapshotFiles in(Store store, String folder) {
        StoreName.checked(folder);
        return new SnapshotFiles() {
            @Override
            public SortedMap<String, Long> list() {
                SortedMap<String, Long> files = new TreeMap<>();
                for (Store.Stored file : store.files(folder)) {
                    files.put(file.name().substring(folder.length() + 1), file.bytes());
                }
                return files;
            }

            @Override
            public OptionalLong size(String path) {
                String name = folder + "/" + path;
                return StoreName.isName(name) ? store.size(name) : OptionalLong.empty();
            }

            @Override
            public Optional<InputStream> open(String path) {
                String name = folder + "/" + path;
                return StoreName.isName(name) ? store.open(name) : Optional.empty();
            }
        };
    }
}
