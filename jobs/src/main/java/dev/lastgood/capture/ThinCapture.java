package dev.lastgood.capture;

import dev.lastgood.diff.ThinFile;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Writes the hashes of the records of a snapshot, as they are read back: a file a task, sorted as they are by key hash.
 * A task that fails leaves a file that nobody names.
 */
final class ThinCapture implements Serializable {
    private static final long serialVersionUID = 1;

    /** In the folder of the snapshot. */
    static final String FOLDER = "thin";

    private final String location;
    private final boolean wide;
    private final SerializableConfiguration hadoop;

    /**
     * @param location of {@link #FOLDER}
     * @param wide whether what is compared of a record is not all of it
     */
    ThinCapture(String location, boolean wide, Configuration hadoop) {
        this.location = location;
        this.wide = wide;
        this.hadoop = new SerializableConfiguration(hadoop);
    }

    /** A file of the calling task; closed at the latest when that ends. */
    Open open() {
        String name = UUID.randomUUID() + ".bin";
        Path path = new Path(location, name);
        try {
            ThinFile.Writer writer =
                    new ThinFile.Writer(path.getFileSystem(hadoop.value()).create(path, false), wide);
            Open open = new Open(name, writer);
            Optional.ofNullable(TaskContext.get())
                    .ifPresent(task -> task.addTaskCompletionListener((TaskCompletionListener) done -> open.close()));
            return open;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file that is being written. */
    final class Open {
        private final String name;
        private final ThinFile.Writer writer;

        private Open(String name, ThinFile.Writer writer) {
            this.name = name;
            this.writer = writer;
        }

        void record(long keyHash, long one, long two, long compareOne, long compareTwo) {
            if (wide) {
                writer.record(keyHash, one, two, compareOne, compareTwo);
            } else {
                writer.record(keyHash, one, two);
            }
        }

        /** The plain name of the file, which is whole now. */
        String close() {
            try {
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return name;
        }
    }
}
