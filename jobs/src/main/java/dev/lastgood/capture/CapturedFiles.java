package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Writes the files of a snapshot that is being taken, and hashes them from what the store gives back. */
final class CapturedFiles {
    /** Where hashes lie in the folder of a snapshot. */
    private static final String THIN = "thin";

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
     * What the records of a snapshot add up to.
     *
     * @param thin the files with their hashes; none where a key hash does not tell which record is meant
     */
    record Read(Content content, List<FileEntry> thin) {}

    /** Reads all records of a snapshot once, as {@link Content#of} does, and keeps their hashes in files of side THIN. */
    Read read(DatasetSpec dataset, Frame frame, String snapshot, Configuration hadoop) {
        String attempts = "tmp/" + UUID.randomUUID();
        try {
            ThinCapture capture = new ThinCapture(store.location(attempts), hadoop);
            Content content = Content.of(dataset, frame, capture);
            boolean useful = content.duplicateKeys() == 0 && !content.thin().isEmpty();
            return new Read(content, useful ? thin(snapshot, capture, content.thin()) : List.of());
        } finally {
            store.delete(attempts);
        }
    }

    /** Moves what tasks have written to a snapshot. It must be there, as they wrote it, and nothing else. */
    private List<FileEntry> thin(String snapshot, ThinCapture capture, Map<String, Content.ThinContent> written) {
        String folder = snapshot + "/" + THIN;
        capture.move(written.keySet(), store.location(folder));
        store.settle(folder);
        List<FileEntry> files = new ArrayList<>();
        for (FileEntry file : hashed(snapshot, THIN, FileEntry.Side.THIN)) {
            Content.ThinContent found = written.get(file.path().substring(THIN.length() + 1));
            if (found == null || !found.sha256().equals(file.sha256().hex())) {
                throw new StoreUnavailable(
                        "%s/%s is not what was written".formatted(snapshot, file.path()), null, null);
            }
            Content.FileContent content = found.content();
            files.add(new FileEntry(
                    file.path(), file.side(), file.bytes(), file.sha256(), content.records(), content.keys()));
        }
        if (files.size() < written.size()) {
            throw new StoreUnavailable(
                    "of %d files written to %s %d are there".formatted(written.size(), folder, files.size()),
                    null,
                    null);
        }
        return files;
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
