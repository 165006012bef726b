package dev.lastgood.capture;

import dev.lastgood.diff.ThinFile;
import dev.lastgood.snapshot.StoreUnavailable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Writes the hashes of the records of a snapshot, as they are read back: a file a task, sorted as they are by key hash.
 * Tasks write to a folder that belongs to no snapshot, and what those that came to their end have named is moved into one:
 * what a task leaves behind that failed, or that still runs when another has done its work, never gets there.
 */
final class ThinCapture implements Serializable {
    private static final long serialVersionUID = 1;

    private final String location;
    private final SerializableConfiguration hadoop;

    /** @param location a fresh folder for what tasks write, as a URI */
    ThinCapture(String location, Configuration hadoop) {
        this.location = location;
        this.hadoop = new SerializableConfiguration(hadoop);
    }

    /** A file of the calling task; closed at the latest when that ends. */
    Open open() {
        String name = UUID.randomUUID() + ".bin";
        Path path = new Path(location, name);
        try {
            ThinFile.Writer writer =
                    new ThinFile.Writer(path.getFileSystem(hadoop.value()).create(path, false));
            Open open = new Open(name, writer);
            Optional.ofNullable(TaskContext.get())
                    .ifPresent(task -> task.addTaskCompletionListener((TaskCompletionListener) done -> open.close()));
            return open;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Moves files that are whole, by plain name, to a folder, which is made. */
    void move(Collection<String> names, String folder) {
        Path to = new Path(folder);
        try {
            FileSystem files = to.getFileSystem(hadoop.value());
            files.mkdirs(to);
            for (String name : names) {
                Path from = new Path(location, name);
                if (!files.rename(from, new Path(to, name))) {
                    throw new FileNotFoundException(from + " could not be moved");
                }
            }
        } catch (IOException e) {
            throw new StoreUnavailable("could not move files of hashes to " + folder, e);
        }
    }

    /** A file that is being written. */
    static final class Open {
        private final String name;
        private final ThinFile.Writer writer;

        private Open(String name, ThinFile.Writer writer) {
            this.name = name;
            this.writer = writer;
        }

        void record(long keyHash, long one, long two) {
            writer.record(keyHash, one, two);
        }

        /** Writes what is left. */
        void close() {
            try {
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The plain name of the file. */
        String name() {
            return name;
        }

        /** The digest of its bytes in hex, once it is closed. */
        String sha256() {
            return writer.sha256();
        }
    }
}
