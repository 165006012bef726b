package dev.lastgood.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Ways in which the files of a snapshot get damaged, and what byte verification must say of each. */
public final class Damages {
    private Damages() {}

    /** What is done to one file of a snapshot. */
    public enum Kind {
        BIT_FLIPPED,
        BYTES_SCRAMBLED,
        BLOCK_ZEROED,
        TRUNCATED,
        APPENDED,
        EMPTIED,
        DELETED,
        DUPLICATED,
        SWAPPED,
        /** The file of another snapshot. */
        OLDER,
        /** A piece of another file of the snapshot. */
        MISDIRECTED,
        /** A piece of what was in its place before. */
        OLDER_PIECE,
        /** A whole folder that stands for a value. */
        PARTITION_MISSING,
        /** One more of them. */
        PARTITION_EXTRA;

        /** What can be done only where folders have values in their names. */
        boolean isOfPartitions() {
            return this == PARTITION_MISSING || this == PARTITION_EXTRA;
        }
    }

    /**
     * What was done, and what must be found, as {@code FILE KIND} in the order of files.
     *
     * @param what for the reader of a failure
     */
    public record Done(String what, List<String> l0, List<String> l2) {
        public boolean isSeenByStructure() {
            return !l0.isEmpty();
        }
    }

    /**
     * Damages a file of a snapshot.
     *
     * @param snapshot the folder that its files lie in
     * @param older that of an older snapshot of the same dataset
     * @param file path in the snapshot's folder
     */
    public static Done to(Path snapshot, Path older, String file, Kind kind, Random random) throws IOException {
        Path path = snapshot.resolve(file);
        byte[] bytes = Files.readAllBytes(path);
        String what = "%s of %s (%d bytes)".formatted(kind, file, bytes.length);
        switch (kind) {
            case BIT_FLIPPED -> {
                int bit = random.nextInt(bytes.length * 8);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                Files.write(path, bytes);
                return inPlace(what + " at bit " + bit, file);
            }
            case BYTES_SCRAMBLED -> {
                int from = random.nextInt(bytes.length);
                int to = Math.min(bytes.length, from + 1 + random.nextInt(64));
                for (int i = from; i < to; i++) {
                    bytes[i] ^= (byte) (1 + random.nextInt(255));
                }
                Files.write(path, bytes);
                return inPlace("%s from %d to %d".formatted(what, from, to), file);
            }
            case BLOCK_ZEROED -> {
                // A block of zeros is no damage where there are zeros; one that begins elsewhere is.
                int from = random.nextInt(bytes.length);
                while (bytes[from] == 0) {
                    from = (from + 1) % bytes.length;
                }
                int to = Math.min(bytes.length, from + 512);
                Arrays.fill(bytes, from, to, (byte) 0);
                Files.write(path, bytes);
                return inPlace("%s from %d to %d".formatted(what, from, to), file);
            }
            case TRUNCATED -> {
                int length = 1 + random.nextInt(bytes.length - 1);
                Files.write(path, Arrays.copyOf(bytes, length));
                return inSize("%s to %d".formatted(what, length), file, "WRONG_SIZE");
            }
            case APPENDED -> {
                int length = bytes.length + 1 + random.nextInt(100);
                Files.write(path, Arrays.copyOf(bytes, length));
                return inSize("%s up to %d".formatted(what, length), file, "WRONG_SIZE");
            }
            case EMPTIED -> {
                Files.write(path, new byte[0]);
                return inSize(what, file, "EMPTY");
            }
            case DELETED -> {
                Files.delete(path);
                return inSize(what, file, "MISSING");
            }
            case DUPLICATED -> {
                String copy = file.replaceFirst("(\\.[a-z.]+)$", "-copy$1");
                Files.copy(path, snapshot.resolve(copy));
                return new Done(what, List.of(copy + " EXTRA"), List.of(copy + " DUPLICATE"));
            }
            case SWAPPED -> {
                List<String> others = others(snapshot, file);
                String other = others.get(random.nextInt(others.size()));
                byte[] theirs = Files.readAllBytes(snapshot.resolve(other));
                Files.write(path, theirs);
                Files.write(snapshot.resolve(other), bytes);
                List<String> both = Stream.of(file, other).sorted().toList();
                List<String> sizes = theirs.length == bytes.length
                        ? List.of()
                        : both.stream().map(one -> one + " WRONG_SIZE").toList();
                return new Done(
                        what + " with " + other,
                        sizes,
                        both.stream().map(one -> one + " MISPLACED").toList());
            }
            case OLDER -> {
                Path then = before(older, file);
                Files.copy(then, path, StandardCopyOption.REPLACE_EXISTING);
                return Files.size(then) == bytes.length ? inPlace(what, file) : inSize(what, file, "WRONG_SIZE");
            }
            case MISDIRECTED -> {
                List<String> others = others(snapshot, file);
                String other = others.get(random.nextInt(others.size()));
                byte[] theirs = Files.readAllBytes(snapshot.resolve(other));
                String where = piece(theirs, bytes, random);
                Files.write(path, bytes);
                return Arrays.equals(bytes, theirs)
                        ? new Done(what, List.of(), List.of(file + " MISPLACED"))
                        : inPlace("%s of %s, %s".formatted(what, other, where), file);
            }
            case OLDER_PIECE -> {
                String where = piece(Files.readAllBytes(before(older, file)), bytes, random);
                Files.write(path, bytes);
                return inPlace("%s, %s".formatted(what, where), file);
            }
            case PARTITION_MISSING -> {
                String folder = file.substring(0, file.indexOf('/'));
                List<String> gone = in(snapshot, folder);
                delete(snapshot.resolve(folder));
                List<String> found = gone.stream().map(one -> one + " MISSING").toList();
                return new Done(what, found, found);
            }
            case PARTITION_EXTRA -> {
                String folder = file.substring(0, file.indexOf('/'));
                String more = folder.substring(0, folder.indexOf('=') + 1) + "2026-11-09";
                restore(snapshot.resolve(folder), snapshot.resolve(more));
                List<String> there = in(snapshot, more);
                return new Done(
                        what + " as " + more,
                        there.stream().map(one -> one + " EXTRA").toList(),
                        there.stream().map(one -> one + " DUPLICATE").toList());
            }
        }
        throw new IllegalStateException(kind.name());
    }

    /** Writes a piece of other bytes over the same place, so that at least one byte is another one then. */
    private static String piece(byte[] other, byte[] bytes, Random random) {
        int common = Math.min(other.length, bytes.length);
        byte[] before = bytes.clone();
        for (int tries = 0; tries < 1000; tries++) {
            int from = random.nextInt(common);
            int to = Math.min(common, from + 1 + random.nextInt(Math.max(1, common / 2)));
            System.arraycopy(other, from, bytes, from, to - from);
            if (!Arrays.equals(before, bytes)) {
                return "from %d to %d".formatted(from, to);
            }
        }
        throw new IllegalStateException("both begin with the same %d bytes".formatted(common));
    }

    private static List<String> others(Path snapshot, String file) throws IOException {
        return records(snapshot).stream().filter(one -> !one.equals(file)).toList();
    }

    private static List<String> in(Path snapshot, String folder) throws IOException {
        return records(snapshot).stream()
                .filter(one -> one.startsWith(folder + "/"))
                .toList();
    }

    /** The file that was in its place in an older snapshot. */
    private static Path before(Path older, String file) throws IOException {
        String part = part(file);
        return records(older).stream()
                .filter(one -> part(one).equals(part))
                .map(older::resolve)
                .findFirst()
                .orElseThrow();
    }

    private static String part(String file) {
        return file.replaceFirst("(part-\\d+)-.*", "$1");
    }

    /** The files in a snapshot's folder that hold records, by their path from there on. */
    public static List<String> records(Path snapshot) throws IOException {
        return BackupFormat.files(snapshot).stream()
                .filter(file -> !file.equals("manifest.json") && !file.equals("buckets.bin"))
                .toList();
    }

    private static Done inPlace(String what, String file) {
        return new Done(what, List.of(), List.of(file + " CORRUPT"));
    }

    private static Done inSize(String what, String file, String kind) {
        return new Done(what, List.of(file + " " + kind), List.of(file + " " + kind));
    }

    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    public static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Makes one folder what another is. */
    public static void restore(Path pristine, Path folder) throws IOException {
        if (Files.exists(folder)) {
            delete(folder);
        }
        try (Stream<Path> all = Files.walk(pristine)) {
            for (Path path : all.toList()) {
                Path copy = folder.resolve(pristine.relativize(path).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(path, copy);
            }
        }
    }
}
