package dev.lastgood.store;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.Deletable;
import dev.lastgood.snapshot.LocalStore;
import dev.lastgood.snapshot.Publication;
import dev.lastgood.snapshot.Published;
import dev.lastgood.snapshot.Store;
import dev.lastgood.snapshot.StoreName;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.Trust;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * A store on a file system of Hadoop whose rename is one act that refuses an existing name: HDFS does, and ABFS sends
 * {@code If-None-Match: *}, on the Blob endpoint with a conditional copy. "Create if absent" is no publication on ABFS: it
 * is an empty file whose content comes later.
 */
public final class HadoopStore implements Store {

    /** File systems whose rename is known to refuse an existing name. */
    private static final Set<String> SCHEMES = Set.of("abfs", "abfss", "hdfs");

    private final FileSystem system;
    private final Path root;
    private final Publication.Medium medium = new Medium();

    private HadoopStore(FileSystem system, Path root) {
        this.system = system;
        // A path made from a URI may end in a slash, one made from text does not.
        this.root = new Path(root.toString());
    }

    /**
     * The store at an address: a URI of a file system on which entries can be published, or the path of a local folder.
     * Throws {@link InvalidInput} for others, naming what is possible, and {@link StoreUnavailable} if the file system
     * cannot be reached. The file system is Hadoop's shared one for this address, so the configuration counts that was
     * there first.
     *
     * @param base what a relative path starts from: the workspace's folder
     */
    public static Store open(String address, java.nio.file.Path base, Configuration configuration) {
        String scheme = scheme(address);
        if (scheme.isEmpty()) {
            return LocalStore.at(base.resolve(address));
        }
        if (scheme.equals("file")) {
            return LocalStore.at(base.resolve(localPath(address)));
        }
        if (!SCHEMES.contains(scheme)) {
            throw InvalidInput.of(
                    "a store cannot be at %s: on '%s' no way is known to move a file without replacing another"
                            .formatted(address, scheme),
                    "Use abfss:, abfs:, hdfs: or a local folder. Datasets may lie anywhere.");
        }
        Path root = new Path(address);
        try {
            return new HadoopStore(root.getFileSystem(configuration), root);
        } catch (IOException e) {
            throw new StoreUnavailable(
                    "could not reach the store at %s: %s".formatted(address, StoreUnavailable.reason(e)),
                    "The 'hadoop' section of lastgood.yaml says how to sign in.",
                    e);
        }
    }

    /** A store on a file system that is promised to rename as it must. */
    static Store on(FileSystem system, Path root) {
        return new HadoopStore(system, system.makeQualified(root));
    }

    private static String scheme(String address) {
        int colon = address.indexOf(':');
        // One letter is a drive.
        boolean isScheme = colon > 1 && address.substring(0, colon).matches("[A-Za-z][A-Za-z0-9+.-]*");
        return isScheme ? address.substring(0, colon).toLowerCase(Locale.ROOT) : "";
    }

    /** {@code file:/a b}, {@code file:///a%20b}: taken as it stands where it is no valid URI. */
    private static String localPath(String address) {
        try {
            String path = new URI(address).getPath();
            if (path != null) {
                return path;
            }
        } catch (URISyntaxException e) {
            return plainPath(address);
        }
        return plainPath(address);
    }

    private static String plainPath(String address) {
        return address.substring("file:".length()).replaceFirst("^//(?=/)", "");
    }

    @Override
    public Trust trust() {
        return Trust.ANYONE;
    }

    @Override
    public String root() {
        return root.toString().replaceAll("/$", "");
    }

    @Override
    public Published publish(String name, byte[] bytes) {
        return Publication.publish(medium, name, bytes);
    }

    @Override
    public Optional<byte[]> read(String name) {
        StoreName.checked(name);
        try {
            return medium.read(name);
        } catch (IOException e) {
            throw failed("read", name, e);
        }
    }

    @Override
    public Optional<InputStream> open(String name) {
        Path file = path(name);
        try {
            if (system.getFileStatus(file).isDirectory()) {
                return Optional.empty();
            }
            return Optional.of(system.open(file));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("read", name, e);
        }
    }

    @Override
    public OptionalLong size(String name) {
        try {
            FileStatus status = system.getFileStatus(path(name));
            return status.isDirectory() ? OptionalLong.empty() : OptionalLong.of(status.getLen());
        } catch (FileNotFoundException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw failed("look up", name, e);
        }
    }

    @Override
    public List<String> list(String folder) {
        try {
            // A listing may name a thing twice.
            TreeSet<String> names = new TreeSet<>();
            for (FileStatus child : system.listStatus(path(folder))) {
                boolean isItself = child.isFile() && child.getPath().equals(path(folder));
                if (!isItself) {
                    names.add(child.getPath().getName() + (child.isDirectory() ? "/" : ""));
                }
            }
            return List.copyOf(names);
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw failed("list", folder, e);
        }
    }

    @Override
    public List<Stored> files(String folder) {
        try {
            Map<String, Stored> files = new TreeMap<>();
            int prefix = system.makeQualified(path(folder)).toUri().getPath().length() - folder.length();
            RemoteIterator<LocatedFileStatus> found = system.listFiles(path(folder), true);
            while (found.hasNext()) {
                LocatedFileStatus file = found.next();
                String name = file.getPath().toUri().getPath().substring(prefix);
                if (!name.equals(folder)) {
                    files.put(name, new Stored(name, file.getLen(), Instant.ofEpochMilli(file.getModificationTime())));
                }
            }
            return List.copyOf(files.values());
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw failed("list", folder, e);
        }
    }

    @Override
    public OutputStream create(String name) {
        try {
            return new Durable(system.create(path(name), false));
        } catch (IOException e) {
            throw failed("create", name, e);
        }
    }

    /** Nothing to do: what these file systems have acknowledged is as durable as they make anything. */
    @Override
    public void settle(String folder) {
        StoreName.checked(folder);
    }

    @Override
    public void delete(String name) {
        Path path = path(Deletable.checked(name));
        try {
            system.delete(path, true);
        } catch (FileNotFoundException e) {
            return;
        } catch (IOException e) {
            throw failed("delete", name, e);
        }
    }

    @Override
    public void retire(String entry, String copy) {
        if (!Deletable.isRetired(this, entry, copy)) {
            return;
        }
        try {
            system.delete(path(entry), false);
        } catch (FileNotFoundException e) {
            return;
        } catch (IOException e) {
            throw failed("remove", entry, e);
        }
    }

    @Override
    public String location(String name) {
        return path(name).toString();
    }

    @Override
    public String toString() {
        return root();
    }

    private Path path(String name) {
        return new Path(root, StoreName.checked(name));
    }

    private StoreUnavailable failed(String act, String name, Exception e) {
        return new StoreUnavailable(
                "could not %s %s in the store %s: %s".formatted(act, name, root(), StoreUnavailable.reason(e)), e);
    }

    private final class Medium implements Publication.Medium {
        @Override
        public void write(String name, byte[] bytes) throws IOException {
            try (OutputStream out = new Durable(system.create(path(name), false))) {
                out.write(bytes);
            }
        }

        /** ABFS notices by 412 that a file went away, or was published, between looking it up and reading it. */
        @Override
        public Optional<byte[]> read(String name) throws IOException {
            for (int again = 0; ; again++) {
                try {
                    return content(name);
                } catch (IOException e) {
                    boolean changed = String.valueOf(e.getMessage()).contains("ConditionNotMet");
                    if (!changed || again == 2) {
                        throw e;
                    }
                }
            }
        }

        private Optional<byte[]> content(String name) throws IOException {
            try (FSDataInputStream in = system.open(path(name))) {
                byte[] bytes = in.readNBytes(LARGEST_DOCUMENT + 1);
                if (bytes.length > LARGEST_DOCUMENT) {
                    throw new IOException("it has more bytes than any document");
                }
                return Optional.of(bytes);
            } catch (FileNotFoundException e) {
                return Optional.empty();
            }
        }

        @Override
        public void move(String from, String to) throws IOException {
            Path target = path(to);
            system.mkdirs(target.getParent());
            if (!system.rename(path(from), target)) {
                throw new IOException("the file system refused to move a file to this name");
            }
        }

        /** Nothing to do: a rename that can be seen is in the name node's journal, or with the storage service. */
        @Override
        public void harden(String name) {}

        @Override
        public void remove(String name) throws IOException {
            system.delete(path(name), false);
        }
    }

    /** Asks for durability before it closes, where the file system knows of it. */
    private static final class Durable extends FilterOutputStream {
        private final FSDataOutputStream target;
        private boolean closed;

        Durable(FSDataOutputStream target) {
            super(target);
            this.target = target;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            target.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try (target) {
                if (target.hasCapability(StreamCapabilities.HSYNC)) {
                    target.hsync();
                }
            }
        }
    }
}
