package dev.lastgood.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What reading every byte of one file showed.
 *
 * @param bytes how many were read, the second reading not counted
 * @param found digest of what is there; null if it could not be read to its end, or two readings differ
 * @param damage null if the file is as it was
 */
public record FileCheck(
        String path,
        long bytes,
        @Nullable Sha256 found,
        @Nullable Damage damage) implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Whether the file was read to its end. */
    public boolean isExamined() {
        return found != null || (damage != null && damage.kind() == Damage.Kind.FLAKY_READ);
    }

    /** One reading of a file. */
    private sealed interface Reading {
        record Absent() implements Reading {}

        record Failed(String reason) implements Reading {}

        record Read(Sha256.Counted content) implements Reading {}
    }

    /**
     * Reads a file and compares it with its entry. What is not as it should be is read a second time before it counts, for
     * readings fail more often than files do. Depends on nothing but the file; never throws for the file's sake.
     */
    public static FileCheck of(FileEntry entry, SnapshotFiles files) {
        Reading first = read(entry.path(), files);
        if (first instanceof Reading.Read read && isIntact(entry, read.content())) {
            return new FileCheck(entry.path(), read.content().bytes(), entry.sha256(), null);
        }
        Reading second = read(entry.path(), files);
        if (first instanceof Reading.Absent && second instanceof Reading.Absent) {
            return missing(entry);
        }
        if (first instanceof Reading.Failed && second instanceof Reading.Failed failed) {
            return new FileCheck(
                    entry.path(), 0, null, new Damage(entry.path(), Damage.Kind.UNREADABLE, failed.reason()));
        }
        if (first instanceof Reading.Read one && second instanceof Reading.Read other) {
            return one.equals(other)
                    ? different(entry, one.content())
                    : flaky(entry, one.content().bytes());
        }
        long bytes = second instanceof Reading.Read read ? read.content().bytes() : 0;
        return flaky(entry, bytes);
    }

    /**
     * What is wrong with a file as far as its name and its size tell, without reading it; empty if nothing is.
     *
     * @param listed the files there are, with their sizes; what it lacks is looked up by name before it counts as missing
     */
    public static Optional<Damage> lookedUp(FileEntry entry, Map<String, Long> listed, SnapshotFiles files) {
        Long size = listed.get(entry.path());
        OptionalLong bytes = size == null ? files.size(entry.path()) : OptionalLong.of(size);
        if (bytes.isEmpty()) {
            return Optional.ofNullable(missing(entry).damage());
        } else if (bytes.getAsLong() == entry.bytes()) {
            return Optional.empty();
        }
        Damage.Kind kind = bytes.getAsLong() == 0 ? Damage.Kind.EMPTY : Damage.Kind.WRONG_SIZE;
        return Optional.of(
                Damage.of(entry.path(), kind, "%d bytes".formatted(entry.bytes()), Long.toString(bytes.getAsLong())));
    }

    private static FileCheck missing(FileEntry entry) {
        String size = "%d bytes".formatted(entry.bytes());
        return new FileCheck(entry.path(), 0, null, Damage.of(entry.path(), Damage.Kind.MISSING, size, "no file"));
    }

    private static FileCheck different(FileEntry entry, Sha256.Counted content) {
        long bytes = content.bytes();
        Sha256 found = content.digest();
        if (bytes == entry.bytes()) {
            Damage corrupt =
                    Damage.of(entry.path(), Damage.Kind.CORRUPT, entry.sha256().toString(), found + ", twice");
            return new FileCheck(entry.path(), bytes, found, corrupt);
        }
        Damage.Kind kind = bytes == 0 ? Damage.Kind.EMPTY : Damage.Kind.WRONG_SIZE;
        Damage size = Damage.of(entry.path(), kind, "%d bytes".formatted(entry.bytes()), Long.toString(bytes));
        return new FileCheck(entry.path(), bytes, found, size);
    }

    private static FileCheck flaky(FileEntry entry, long bytes) {
        Damage flaky = new Damage(entry.path(), Damage.Kind.FLAKY_READ, "two readings of it differ");
        return new FileCheck(entry.path(), bytes, null, flaky);
    }

    private static boolean isIntact(FileEntry entry, Sha256.Counted content) {
        return content.bytes() == entry.bytes() && content.digest().equals(entry.sha256());
    }

    private static Reading read(String path, SnapshotFiles files) {
        try {
            Optional<InputStream> content = files.open(path);
            if (content.isEmpty()) {
                return new Reading.Absent();
            }
            try (InputStream in = content.get()) {
                return new Reading.Read(Sha256.of(in));
            }
        } catch (IOException | StoreUnavailable e) {
            return new Reading.Failed(StoreUnavailable.reason(e));
        }
    }
}
