package dev.lastgood.store;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.StoreUnavailable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * A folder with files that others wrote, or one such file, wherever Hadoop reaches. Nothing in it is ever written. Names
 * that begin with {@code .} or {@code _} are no records to whoever writes such folders, nor to Spark, and are left out;
 * folders named like {@code _field=value} are not among them.
 */
public final class BackupFolder {
    private final FileSystem system;
    private final Path root;

    private BackupFolder(FileSystem system, Path root) {
        this.system = system;
        this.root = root;
    }

    /**
     * A file in it.
     *
     * @param uri absolute, percent-encoded
     */
    public record Found(String uri, long bytes, Instant modified) {}

    /**
     * What is in it.
     *
     * @param files in the order of their URIs
     * @param leftOut names below the root whose files are no records, each with all below it
     */
    public record Listing(List<Found> files, List<String> leftOut) {
        public Listing {
            files = List.copyOf(files);
            leftOut = List.copyOf(leftOut);
        }
    }

    /**
     * The folder at an address.
     *
     * @param address a URI, or a path
     * @param base what a relative path starts from
     * @throws InvalidInput if the address holds what must not be written down, or there is nothing
     */
    public static BackupFolder at(String address, java.nio.file.Path base, Configuration hadoop) {
        boolean isUri = address.matches("[A-Za-z][A-Za-z0-9+.-]+:.*");
        try {
            Path path = isUri
                    ? new Path(address)
                    : new Path(base.resolve(address).normalize().toUri());
            requireNoSecret(path);
            FileSystem system = system(path, hadoop);
            Path root = new Path(system.makeQualified(path).toString());
            system.getFileStatus(root);
            return new BackupFolder(system, root);
        } catch (FileNotFoundException e) {
            throw InvalidInput.of("there is nothing at %s".formatted(address), "Name a folder of files, or one file.");
        } catch (IllegalArgumentException e) {
            throw InvalidInput.of("'%s' is no address of a folder".formatted(address), "Write a path or a URI.");
        } catch (IOException e) {
            throw new StoreUnavailable(
                    "could not reach %s: %s".formatted(address, StoreUnavailable.reason(e)),
                    "The 'hadoop' section of lastgood.yaml says how to sign in.",
                    e);
        }
    }

    /** Addresses are written into manifests, and into messages. */
    private static void requireNoSecret(Path path) {
        String user = path.toUri().getUserInfo();
        String name = path.toUri().getPath();
        if ((user != null && user.contains(":")) || name.matches(".*\\?.*\\bsig=.*")) {
            throw InvalidInput.of(
                    "the address of the folder holds a secret, which would be written into the manifest",
                    "Leave it out; the 'hadoop' section of lastgood.yaml says how to sign in.");
        }
    }

    /** What lies now at the URI of a root. */
    public static Listing listing(String uri, Configuration hadoop) {
        return of(uri, hadoop).listing();
    }

    /** What the folder of a table has in it, whose files are of many versions, by the table's kind. */
    private static final Map<String, String> TABLES = Map.of("delta", "_delta_log", "hudi", ".hoodie");

    /** The nearest folder around this one that is the folder of a table, and the table's kind; nothing if none is. */
    public Optional<Map.Entry<String, String>> tableAround() {
        try {
            for (Path folder = root.getParent(); folder != null; folder = folder.getParent()) {
                for (Map.Entry<String, String> table : TABLES.entrySet()) {
                    if (system.exists(new Path(folder, table.getValue()))) {
                        return Optional.of(Map.entry(table.getKey(), uri(folder)));
                    }
                }
                Path metadata = new Path(folder, "metadata");
                if (system.exists(metadata) && hasTableMetadata(metadata)) {
                    return Optional.of(Map.entry("iceberg", uri(folder)));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw failed("look around", root, e);
        }
    }

    private boolean hasTableMetadata(Path folder) throws IOException {
        for (FileStatus one : system.listStatus(folder)) {
            if (one.getPath().getName().endsWith(".metadata.json")) {
                return true;
            }
        }
        return false;
    }

    /** The folder with this URI, whether it is there or not. */
    static BackupFolder of(String uri, Configuration hadoop) {
        Path root = new Path(URI.create(uri));
        try {
            return new BackupFolder(system(root, hadoop), root);
        } catch (IOException | IllegalArgumentException e) {
            throw failed("reach", root, e);
        }
    }

    /** Of a local file system the one that gives bytes as they are: damage is for digests to find, and to be named. */
    private static FileSystem system(Path path, Configuration hadoop) throws IOException {
        FileSystem system = path.getFileSystem(hadoop);
        return system instanceof ChecksumFileSystem checked ? checked.getRawFileSystem() : system;
    }

    /** The absolute URI of the root, without a slash at its end. */
    public String uri() {
        return uri(root);
    }

    private static String uri(Path path) {
        URI uri = path.toUri();
        String authority = uri.getRawAuthority();
        return uri.getScheme() + ":" + (authority == null ? "" : "//" + authority) + uri.getRawPath();
    }

    /** One spelling of a URI of which there are several: {@code file:/a}, {@code file:///a}. */
    public static String plain(String uri) {
        return uri(new Path(URI.create(uri)));
    }

    /** All files in and below it. Throws {@link StoreUnavailable} if it cannot be listed. */
    public Listing listing() {
        List<Found> files = new ArrayList<>();
        TreeSet<String> leftOut = new TreeSet<>();
        try {
            for (FileStatus file : all()) {
                Optional<String> hidden = hidden(below(file.getPath()));
                if (hidden.isPresent()) {
                    leftOut.add(hidden.get());
                } else {
                    files.add(found(file));
                }
            }
        } catch (FileNotFoundException e) {
            return new Listing(List.of(), List.of());
        } catch (IOException e) {
            throw failed("list", root, e);
        }
        files.sort(Comparator.comparing(Found::uri));
        // The checksum beside a local file is a part of it to Hadoop.
        leftOut.removeIf(name -> name.endsWith(".crc"));
        return new Listing(files, List.copyOf(leftOut));
    }

    /** Object stores list all in one go. The local file system would start a process for each file, to ask for its owner. */
    private List<FileStatus> all() throws IOException {
        List<FileStatus> files = new ArrayList<>();
        if (!(system instanceof RawLocalFileSystem)) {
            RemoteIterator<LocatedFileStatus> found = system.listFiles(root, true);
            while (found.hasNext()) {
                files.add(found.next());
            }
            return files;
        }
        Deque<Path> folders = new ArrayDeque<>(List.of(root));
        while (!folders.isEmpty()) {
            for (FileStatus child : system.listStatus(folders.remove())) {
                if (child.isDirectory()) {
                    folders.add(child.getPath());
                } else {
                    files.add(child);
                }
            }
        }
        return files;
    }

    private Found found(FileStatus file) {
        return new Found(uri(file.getPath()), file.getLen(), Instant.ofEpochMilli(file.getModificationTime()));
    }

    /** The names from the root down; of the root itself, only its own. */
    private List<String> below(Path file) {
        String path = file.toUri().getPath();
        String top = root.toUri().getPath();
        return path.equals(top)
                ? List.of(file.getName())
                : Arrays.asList(path.substring(top.endsWith("/") ? top.length() : top.length() + 1)
                        .split("/"));
    }

    /** The path down to the first name that hides a file. */
    private static Optional<String> hidden(List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name.startsWith(".") || (name.startsWith("_") && !name.contains("="))) {
                boolean isFolder = i < names.size() - 1;
                return Optional.of(String.join("/", names.subList(0, i + 1)) + (isFolder ? "/" : ""));
            }
        }
        return Optional.empty();
    }

    /** A file somewhere, by its URI: how many bytes it has, or nothing if it is not there. */
    static OptionalLong size(String uri, Configuration hadoop) {
        return status(uri, hadoop).map(file -> OptionalLong.of(file.bytes())).orElseGet(OptionalLong::empty);
    }

    /** A file somewhere, by its URI. */
    public static Optional<Found> status(String uri, Configuration hadoop) {
        Path path = new Path(URI.create(uri));
        try {
            FileStatus status = system(path, hadoop).getFileStatus(path);
            return status.isDirectory()
                    ? Optional.empty()
                    : Optional.of(new Found(uri, status.getLen(), Instant.ofEpochMilli(status.getModificationTime())));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw failed("look up", path, e);
        }
    }

    /** Its content, or nothing if it is not there. The caller closes it. */
    public static Optional<InputStream> open(String uri, Configuration hadoop) {
        Path path = new Path(URI.create(uri));
        try {
            FileSystem system = system(path, hadoop);
            return system.getFileStatus(path).isDirectory() ? Optional.empty() : Optional.of(system.open(path));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw failed("read", path, e);
        }
    }

    private static StoreUnavailable failed(String act, Path path, Exception e) {
        return new StoreUnavailable(
                "could not %s %s: %s".formatted(act, path, StoreUnavailable.reason(e)),
                "Check that it is there, that this user may read it, and the 'hadoop' section of lastgood.yaml.",
                e);
    }
}
