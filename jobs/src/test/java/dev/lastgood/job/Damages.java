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
final class Damages {
    private Damages() {}

    /** What is done to one file of a snapshot. */
    enum Kind {
        BIT_FLIPPED,
        BYTES_SCRAMBLED,
        BLOCK_ZEROED,
        TRUNCATED,
        APPENDED,
        EMPTIED,
        DELETED,
        DUPLICATED,
        SWAPPED,
        OLDER
    }

    /**
     * What was done, and what must be found, as {@code FILE KIND} in the order of files.
     *
     * @param what for the reader of a failure
     */
    record Done(String what, List<String> l0, List<String> l2) {
        boolean isSeenByStructure() {
            return !l0.isEmpty();
        }
    }

    /**
     * Damages a file of a snapshot.
     *
     * @param older the same dataset in an older snapshot
     * @param file path in the snapshot's folder
     */
    static Done to(Path snapshot, Path older, String file, Kind kind, Random random) throws IOException {
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
                List<String> others = files(snapshot.resolve("data")).stream()
                        .map(one -> "data/" + one.getFileName())
                        .filter(one -> !one.equals(file))
                        .toList();
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
                String part = file.replaceFirst("^data/(part-\\d+)-.*", "$1");
                Path then = files(older.resolve("data")).stream()
                        .filter(one -> one.getFileName().toString().startsWith(part))
                        .findFirst()
                        .orElseThrow();
                Files.copy(then, path, StandardCopyOption.REPLACE_EXISTING);
                return Files.size(then) == bytes.length ? inPlace(what, file) : inSize(what, file, "WRONG_SIZE");
            }
        }
        throw new IllegalStateException(kind.name());
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

    /** Makes one folder what another is. */
    static void restore(Path pristine, Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
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
