package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Writes the files of a snapshot that is being taken, and hashes them from what the store gives back. */
final class CapturedFiles {
    private final Store store;

    CapturedFiles(Store store) {
        this.store = store;
    }

    /**
     * Writes rows sorted by key hash, one file a range of buckets.
     *
     * @param hashed has the column {@link Fingerprint#KEY_HASH}
     * @param folder in the store, with nothing in it
     */
    void write(Dataset<Row> hashed, Column[] columns, String folder, int files) {
        // Buckets in the order of signed hashes, as the ranges of keys in the manifest are, and the rows of a file.
        int bucketsAFile = (Content.BUCKETS + files - 1) / files;
        Column range = functions.expr(
                "(shiftright(%s, 54) + %d) div %d".formatted(Fingerprint.KEY_HASH, Content.BUCKETS / 2, bucketsAFile));
        hashed.repartitionById(files, range.cast("int"))
                .sortWithinPartitions(col(Fingerprint.KEY_HASH))
                .select(columns)
                .write()
                .mode("errorifexists")
                .parquet(store.location(folder));
    }

    /** Every file below the folder {@code data} or {@code removed} of a snapshot, hashed from what the store gives back. */
    List<FileEntry> hashed(String snapshot, String folder, FileEntry.Side side) {
        List<FileEntry> files = new ArrayList<>();
        for (Store.Stored file : store.files(snapshot + "/" + folder)) {
            String path = file.name().substring(snapshot.length() + 1);
            if (path.endsWith(".crc")) {
                store.delete(file.name());
                continue;
            }
            try (InputStream content = store.open(file.name())
                    .orElseThrow(() -> new IllegalStateException(file.name() + " was just written"))) {
                Sha256.Counted read = Sha256.of(content);
                files.add(new FileEntry(path, side, read.bytes(), read.digest(), null, null));
            } catch (IOException e) {
                throw new StoreUnavailable("could not read back " + file.name(), e);
            }
        }
        return files;
    }

    /**
     * The files of side THIN that tasks have written, hashed from what the store gives back. What a task left behind that did
     * not come to its end is deleted, and all of it where a key hash does not tell which record is meant.
     */
    List<FileEntry> thin(String snapshot, Content content) {
        String folder = snapshot + "/" + ThinCapture.FOLDER;
        boolean useful = content.duplicateKeys() == 0;
        for (Store.Stored file : store.files(folder)) {
            if (!useful || !content.thin().containsKey(file.name().substring(folder.length() + 1))) {
                store.delete(file.name());
            }
        }
        if (!useful) {
            store.delete(folder);
            return List.of();
        }
        store.settle(folder);
        return hashed(snapshot, ThinCapture.FOLDER, FileEntry.Side.THIN).stream()
                .map(file -> {
                    Content.FileContent found =
                            content.thin().get(file.path().substring(file.path().lastIndexOf('/') + 1));
                    if (found == null) {
                        throw new IllegalStateException(file.path() + " was written by no task");
                    }
                    return new FileEntry(
                            file.path(), file.side(), file.bytes(), file.sha256(), found.records(), found.keys());
                })
                .toList();
    }

    /** Writes digests by bucket, and says what the manifest says of them. */
    Manifest.BucketFile sidecar(String snapshot, String path, Buckets buckets) {
        Manifest.BucketFile sidecar = Manifest.BucketFile.of(path, buckets);
        try (OutputStream out = store.create(snapshot + "/" + path)) {
            out.write(buckets.encode());
        } catch (IOException e) {
            throw new StoreUnavailable("could not write " + snapshot + "/" + path, e);
        }
        return sidecar;
    }

    /** The files with what was counted in them. */
    static List<FileEntry> counted(List<FileEntry> files, Content content) {
        return files.stream()
                .map(file -> {
                    Content.FileContent found = content.files()
                            .get(file.path().substring(file.path().lastIndexOf('/') + 1));
                    return new FileEntry(
                            file.path(),
                            file.side(),
                            file.bytes(),
                            file.sha256(),
                            found == null ? 0L : found.records(),
                            found == null ? null : found.keys());
                })
                .toList();
    }
}
