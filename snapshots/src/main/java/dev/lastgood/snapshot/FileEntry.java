package dev.lastgood.snapshot;

import java.io.Serializable;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file of a snapshot as it was when the snapshot was published.
 *
 * @param path relative to the snapshot's folder; of an adopted snapshot, an absolute URI of a file that stays where it is
 * @param records null where nobody has counted them
 * @param keys which key hashes it holds; null if they are in no order, or there are none
 */
public record FileEntry(
        String path,
        Side side,
        long bytes,
        Sha256 sha256,
        @Nullable Long records,
        @Nullable KeyRange keys) implements Serializable {

    private static final long serialVersionUID = 1L;

    /** What a file is for. */
    public enum Side {
        /** Whole records. */
        DATA,
        /** A line of digests a record, for comparing. */
        THIN,
        /** Of an incremental snapshot, a line for each image of the parent that was replaced or is gone. */
        REMOVED
    }

    /** From the lowest to the highest key hash in a file, both included, in the order of signed numbers as Spark has it. */
    public record KeyRange(long from, long to) implements Serializable {
        private static final long serialVersionUID = 1L;

        public KeyRange {
            if (from > to) {
                throw new IllegalArgumentException("key hashes from %s to %s".formatted(hex(from), hex(to)));
            }
        }

        static String hex(long hash) {
            return HexFormat.of().toHexDigits(hash);
        }
    }

    public FileEntry {
        if (path.isEmpty() || path.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("not the path of a file: '%s'".formatted(path));
        }
        if (bytes < 0 || (records != null && records < 0)) {
            throw new IllegalArgumentException("%s: %d bytes, %s records".formatted(path, bytes, records));
        }
    }
}
