package dev.lastgood.target;

import dev.lastgood.snapshot.Store;
import dev.lastgood.target.Target.Written;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A file on a local file system, as read, that can be replaced as a whole if it still is as it was. Its size and SHA-256
 * are its token. The new file is prepared aside, the old one hashed again, and moved over in one act. Between hashing and
 * moving, another writer's file could be lost: a file system has no act for both.
 *
 * @param name its path below the dataset's folder, or its plain name
 * @param bytes what was read; handed over, never changed
 */
@SuppressWarnings("ArrayRecordComponent")
public record WholeFile(Path path, String name, byte[] bytes, String sha256) {

    private static final int LARGEST = Store.LARGEST_DOCUMENT;

    /** Files as they were before the run. */
    public interface Originals {
        /** Keeps a file's bytes before it is first written; called before every write. */
        void keep(String file, byte[] bytes);

        /**
         * The bytes that files of this name had. A write whose result has the same records takes these bytes: so an undo
         * gives back the file, not only its content.
         */
        List<byte[]> of(String file);

        /** Keeps nothing. */
        Originals NONE = new Originals() {
            @Override
            public void keep(String file, byte[] bytes) {
                // Whoever wants the file back byte for byte keeps it.
            }

            @Override
            public List<byte[]> of(String file) {
                return List.of();
            }
        };
    }

    /**
     * The files of a folder, and of the partitions in it ({@code field=value}), in the order of their paths; or the file
     * itself. What Spark takes for hidden is none, nor is what lies in any other folder.
     */
    public static List<Path> in(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> inside = Files.list(path)) {
            for (Path one : inside.sorted(Comparator.comparing(Path::toString)).toList()) {
                if (isPartition(one)) {
                    files.addAll(in(one));
                } else if (Files.isRegularFile(one)
                        && !name(one).startsWith(".")
                        && !name(one).startsWith("_")) {
                    files.add(one);
                }
            }
        } catch (IOException e) {
            throw unavailable("list the files", path, e);
        }
        return files;
    }

    /** Whether it is a folder whose name says the value of a field. */
    public static boolean isPartition(Path path) {
        return name(path).contains("=") && !name(path).startsWith(".") && Files.isDirectory(path);
    }

    /**
     * Reads a file of a dataset.
     *
     * @param dataset the folder, or the file itself
     * @throws TargetUnavailable if it cannot be read
     */
    public static WholeFile read(Path dataset, Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String name =
                    dataset.equals(file) ? name(file) : dataset.relativize(file).toString();
            return new WholeFile(file, name, bytes, sha256(bytes));
        } catch (IOException e) {
            throw unavailable("read", file, e);
        }
    }

    /** Size and SHA-256. */
    public String token() {
        return token(bytes, sha256);
    }

    private static String token(byte[] bytes, String sha256) {
        return bytes.length + " " + sha256;
    }

    static String name(Path file) {
        return Objects.requireNonNull(file.getFileName()).toString();
    }

    static TargetUnavailable unavailable(String what, Path file, Exception e) {
        String why = e instanceof NoSuchFileException ? "there is no such file" : e.getMessage();
        return new TargetUnavailable("%s: could not %s: %s; nothing was written".formatted(file, what, why), e);
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Puts the new bytes in the place of the old ones, if those are there still. Nothing else is left behind. */
    public Written replace(byte[] fresh, Originals originals) {
        if (bytes.length > LARGEST) {
            return new Written.Refused(
                    "the file has %d bytes, more than can be kept for an undo".formatted(bytes.length));
        }
        Path aside = path.resolveSibling("." + name(path) + "." + UUID.randomUUID());
        try {
            originals.keep(name, bytes);
            Optional<Written> refused = prepare(aside, fresh);
            return refused.isPresent() ? refused.get() : move(aside, fresh);
        } finally {
            removeQuietly(aside);
        }
    }

    private Optional<Written> prepare(Path aside, byte[] fresh) {
        try {
            Files.write(aside, fresh, StandardOpenOption.CREATE_NEW);
            copyPermissions(path, aside);
            force(aside);
            if (!sha256(Files.readAllBytes(aside)).equals(sha256(fresh))) {
                return Optional.of(new Written.Refused("other bytes were read back than were written"));
            }
            return sha256(Files.readAllBytes(path)).equals(sha256)
                    ? Optional.empty()
                    : Optional.of(new Written.Refused("the file has been written since"));
        } catch (IOException e) {
            return Optional.of(new Written.Refused("the new file could not be written: " + e.getMessage()));
        }
    }

    private Written move(Path aside, byte[] fresh) {
        try {
            // Hadoop's checksum of the old bytes would make the new ones unreadable; without one it checks nothing.
            Files.deleteIfExists(path.resolveSibling("." + name(path) + ".crc"));
            Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceFolder(path);
            return new Written.Done(token(fresh, sha256(fresh)));
        } catch (IOException e) {
            return moved(fresh, e);
        }
    }

    /** After a move without a clear answer: what lies there now tells. */
    private Written moved(byte[] fresh, IOException cause) {
        Optional<String> now;
        try {
            now = Optional.of(sha256(Files.readAllBytes(path)));
        } catch (IOException e) {
            cause.addSuppressed(e);
            now = Optional.empty();
        }
        if (now.filter(sha256(fresh)::equals).isPresent()) {
            return new Written.Done(token(fresh, sha256(fresh)));
        }
        return now.filter(sha256::equals).isPresent()
                ? new Written.Refused("the new file could not be moved: " + cause.getMessage())
                : new Written.Unknown(String.valueOf(cause.getMessage()));
    }

    private static void copyPermissions(Path from, Path to) throws IOException {
        if (Files.getFileStore(from).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
        }
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private static void forceFolder(Path file) throws IOException {
        try (FileChannel folder = FileChannel.open(Objects.requireNonNull(file.getParent()), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static void removeQuietly(Path aside) {
        try {
            Files.deleteIfExists(aside);
        } catch (IOException e) {
            // A file whose name begins with a dot is no part of the dataset.
            return;
        }
    }
}
