package dev.lastgood.diff;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of thin records: what a record is compared by, and nothing else. Behind a head of 16 bytes (eight that name the
 * format, and the number of longs a record) each record is its key hash and the two lanes of what is compared of it;
 * little-endian.
 *
 * @param location as Hadoop takes it
 * @param sha256 in hex, null where nobody has vouched for the file
 * @param first the lowest key hash of a file that is sorted by them; null if it need not be, or is empty
 */
public record ThinFile(
        String location,
        long records,
        @Nullable String sha256,
        @Nullable Long first) implements Serializable {

    private static final long serialVersionUID = 1;

    /** Whatever changes the hashes of a record, or how they are written, changes this. */
    static final String ALGORITHM = "lastgood-thin-1";

    private static final long MAGIC = 0x0a31_4e49_4854_474cL;
    private static final int HEAD = 16;

    private static final int LONGS = 3;

    private static final int BUFFERED = 8192;

    /** Takes in thin records one after the other. */
    interface Sink {
        void record(long keyHash, long one, long two);
    }

    /** Writes a file. Not for use by several threads. */
    public static final class Writer implements AutoCloseable {
        private final OutputStream out;
        private final java.security.MessageDigest digest = newDigest();
        private final ByteBuffer buffer =
                ByteBuffer.allocate(BUFFERED * LONGS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private boolean isClosed;
        private String sha256 = "";

        /** Closes the stream in the end. */
        public Writer(OutputStream out) {
            this.out = out;
            buffer.putLong(MAGIC).putLong(LONGS);
            flush();
        }

        public void record(long keyHash, long one, long two) {
            buffer.putLong(keyHash).putLong(one).putLong(two);
            flushed();
        }

        private void flushed() {
            if (!buffer.hasRemaining()) {
                flush();
            }
        }

        private void flush() {
            try {
                out.write(buffer.array(), 0, buffer.position());
                digest.update(buffer.array(), 0, buffer.position());
                buffer.clear();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            if (!isClosed) {
                isClosed = true;
                try (out) {
                    flush();
                }
                sha256 = HexFormat.of().formatHex(digest.digest());
            }
        }

        /** The digest of all that was written, in hex; empty until that is all. */
        public String sha256() {
            return sha256;
        }
    }

    /** The same file, for who has just proven what it holds. */
    ThinFile unproven() {
        return new ThinFile(location, records, null, first);
    }

    /**
     * Reads the file to its end.
     *
     * @throws ThinDamaged if it is not what it was
     */
    void read(Configuration hadoop, Sink sink) {
        Path path = new Path(location);
        try (InputStream in = path.getFileSystem(hadoop).open(path)) {
            read(in, sink);
        } catch (IOException e) {
            throw new ThinDamaged(location + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void read(InputStream in, Sink sink) throws IOException {
        java.security.MessageDigest digest = sha256 == null ? null : newDigest();
        byte[] head = in.readNBytes(HEAD);
        ByteBuffer begins = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        if (head.length < HEAD || begins.getLong() != MAGIC || begins.getLong() != LONGS) {
            throw new ThinDamaged(location + " is no file of hashes", null);
        }
        if (digest != null) {
            digest.update(head);
        }
        byte[] bytes = new byte[BUFFERED * LONGS * Long.BYTES];
        LongBuffer read = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        long found = 0;
        for (int count = in.readNBytes(bytes, 0, bytes.length);
                count > 0;
                count = in.readNBytes(bytes, 0, bytes.length)) {
            if (count % (LONGS * Long.BYTES) != 0) {
                throw new ThinDamaged(location + " ends in the middle of a record", null);
            }
            if (digest != null) {
                digest.update(bytes, 0, count);
            }
            int records = count / (LONGS * Long.BYTES);
            for (int i = 0, at = 0; i < records; i++, at += LONGS) {
                sink.record(read.get(at), read.get(at + 1), read.get(at + 2));
            }
            found += records;
        }
        if (found != records) {
            throw new ThinDamaged("%s has %d records, not %d".formatted(location, found, records), null);
        }
        if (digest != null && !HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
            throw new ThinDamaged(location + " is not the file that was written", null);
        }
    }

    private static java.security.MessageDigest newDigest() {
        try {
            return java.security.MessageDigest.getInstance("SHA-256");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
