package dev.lastgood.snapshot;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where snapshots, catalog, plans and runs lie: files by name below one root.
 *
 * <p>A name is made of segments joined by {@code /}, relative to the root: {@code catalog/000000000042.json}; see {@link
 * StoreName}. There are two kinds of files. <em>Published</em> ones appear at once and whole, are never replaced and never
 * changed: they come from {@link #publish}. <em>Unpublished</em> ones are written with {@link #create}, or by Spark under
 * {@link #location}, in a folder that one writer owns; nobody may rely on them until something published names them with
 * their digest.
 *
 * <p>A store has no state besides its files: it is safe for use by many threads, processes and machines at once. Every
 * method throws {@link StoreUnavailable} when the world is in the way, and {@link IllegalArgumentException} for what is
 * not a name.
 */
public interface Store {

    /** A file that is there. */
    record Stored(String name, long bytes, Instant modified) {}

    /** The address of the root, as people write it in {@code store:} of a workspace; no slash at the end. */
    String root();

    /** Whose signatures count here: what no such key has signed is no snapshot for whoever reads it through this store. */
    Trust trust();

    /** Publishes an entry; see {@link Publication}, which every store uses. */
    Published publish(String name, byte[] bytes);

    /**
     * The whole content, or nothing if there is no such file. For documents: refuses more than {@value #LARGEST_DOCUMENT}
     * bytes.
     */
    Optional<byte[]> read(String name);

    /** The content from its beginning, or nothing if there is no such file. The caller closes it. */
    Optional<InputStream> open(String name);

    /** How many bytes the file has, or nothing if there is no such file. A folder is no file. */
    OptionalLong size(String name);

    default boolean exists(String name) {
        return size(name).isPresent();
    }

    /** The plain names directly in a folder, in order, those of folders with a {@code /} behind; none if it is absent. */
    List<String> list(String folder);

    /** All files in and below a folder, by full name, in order; none if it is absent. */
    List<Stored> files(String folder);

    /**
     * A new unpublished file in a folder owned by the caller. It is refused if there is one of this name. The bytes are
     * durable once {@code close} has returned; after a crash before that, part of them may be there.
     */
    OutputStream create(String name);

    /**
     * Makes everything in and below a folder, written by whomever, as durable as a published file is. To be called for
     * data before the entry that names it is published.
     */
    void settle(String folder);

    /**
     * Removes a file, or a folder with all that is in it; nothing happens if it is absent. Not one act: after a failure
     * some files are gone. For prune and for one's own temporary files; what is in the catalog cannot be deleted.
     */
    void delete(String name);

    /**
     * Removes an entry of a catalog that was given up, if a copy of it lies in {@code lost/}; nothing happens if the entry is
     * absent. Throws {@link IllegalArgumentException} otherwise; see {@link Deletable#isRetired}, which every store asks.
     * For {@link CatalogRebuild} alone.
     */
    void retire(String entry, String copy);

    /** Where a file or folder lies, as Hadoop and Spark take it: a URI in which nothing is percent-encoded. */
    String location(String name);

    int LARGEST_DOCUMENT = 256 << 20;
}
