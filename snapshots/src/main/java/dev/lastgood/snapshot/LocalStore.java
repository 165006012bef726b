package dev.lastgood.snapshot;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store in a folder of a local file system or of an NFS share. An entry gets its name by a hard link, which the system
 * refuses if the name is taken (a plain rename would replace it), so a file system without hard links cannot hold a store.
 */
public final class LocalStore implements Store {

    private final Path root;
    private final Publication.Medium medium = new Medium();

    private LocalStore(Path root) {
        this.root = root;
    }

    /** The store in a folder, which comes into being with the first file. */
    public static LocalStore at(Path folder) {
        return new LocalStore(folder.toAbsolutePath().normalize());
    }

    @Override
    public Trust trust() {
        return Trust.ANYONE;
    }

    @Override
    public String root() {
        return "file:" + root;
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
            return Files.isDirectory(file) ? Optional.empty() : Optional.of(Files.newInputStream(file));
        } catch (IOException e) {
            if (isAbsent(file, e)) {
                return Optional.empty();
            }
            throw failed("read", name, e);
        }
    }

    @Override
    public OptionalLong size(String name) {
        Path file = path(name);
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isDirectory() ? OptionalLong.empty() : OptionalLong.of(attributes.size());
        } catch (IOException e) {
            if (isAbsent(file, e)) {
                return OptionalLong.empty();
            }
            throw failed("look up", name, e);
        }
    }

    /** Whether this is what a missing file looks like; below a file, "not a directory" has no exception of its own. */
    private static boolean isAbsent(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return true;
        }
        for (Path parent = file.getParent(); parent != null; parent = parent.getParent()) {
            if (Files.isRegularFile(parent)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<String> list(String folder) {
        try (Stream<Path> children = Files.list(path(folder))) {
            return children.map(child -> child.getFileName() + (Files.isDirectory(child) ? "/" : ""))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException | java.io.UncheckedIOException e) {
            throw failed("list", folder, e);
        }
    }

    @Override
    public List<Stored> files(String folder) {
        Path top = path(folder);
        if (!Files.isDirectory(top)) {
            return List.of();
        }
        List<Stored> files = new ArrayList<>();
        try {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    String name = root.relativize(file).toString().replace('\\', '/');
                    files.add(new Stored(
                            name,
                            attributes.size(),
                            attributes.lastModifiedTime().toInstant()));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    // Gone between being listed and being looked at: not there.
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }
            });
        } catch (IOException e) {
            throw failed("list", folder, e);
        }
        files.sort(Comparator.comparing(Stored::name));
        return files;
    }

    @Override
    public OutputStream create(String name) {
        Path file = path(name);
        try {
            makeFolder(folderOf(file));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new Durable(channel, file);
        } catch (IOException e) {
            throw failed("create", name, e);
        }
    }

    @Override
    public void settle(String folder) {
        Path top = path(folder);
        if (!Files.exists(top)) {
            return;
        }
        try {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                        channel.force(true);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    force(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
            for (Path parent = top.getParent();
                    parent != null && parent.startsWith(root);
                    parent = parent.getParent()) {
                force(parent);
            }
        } catch (IOException e) {
            throw failed("make durable", folder, e);
        }
    }

    @Override
    public void delete(String name) {
        Path top = path(Deletable.checked(name));
        try {
            Files.walkFileTree(top, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    Files.deleteIfExists(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw failed("delete", name, e);
        }
    }

    @Override
    public void retire(String entry, String copy) {
        if (!Deletable.isRetired(this, entry, copy)) {
            return;
        }
        Path file = path(entry);
        try {
            Files.deleteIfExists(file);
            force(folderOf(file));
        } catch (IOException e) {
            throw failed("remove", entry, e);
        }
    }

    @Override
    public String location(String name) {
        return "file:" + path(name);
    }

    @Override
    public String toString() {
        return root();
    }

    private Path path(String name) {
        return root.resolve(StoreName.checked(name));
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.getParent(), "a file of a store lies in a folder");
    }

    private StoreUnavailable failed(String act, String name, Exception e) {
        return new StoreUnavailable(
                "could not %s %s in the store %s: %s".formatted(act, name, root(), StoreUnavailable.reason(e)), e);
    }

    /** Creates a folder and those above it, and makes the new names durable. */
    private static void makeFolder(Path folder) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path one = folder; one != null && !Files.isDirectory(one); one = one.getParent()) {
            missing.add(one);
        }
        for (int i = missing.size() - 1; i >= 0; i--) {
            Path one = missing.get(i);
            Files.createDirectories(one);
            Path parent = one.getParent();
            if (parent != null) {
                force(parent);
            }
        }
    }

    private static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");

    /** Makes the names in a folder durable. Windows cannot open a folder, and has no need to. */
    private static void force(Path folder) throws IOException {
        if (WINDOWS) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private final class Medium implements Publication.Medium {
        @Override
        public void write(String name, byte[] bytes) throws IOException {
            Path file = root.resolve(name);
            makeFolder(folderOf(file));
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
        }

        @Override
        public Optional<byte[]> read(String name) throws IOException {
            Path file = root.resolve(name);
            try {
                if (Files.isDirectory(file)) {
                    return Optional.empty();
                }
                long bytes = Files.size(file);
                if (bytes > LARGEST_DOCUMENT) {
                    throw new IOException("it has %d bytes, more than any document".formatted(bytes));
                }
                return Optional.of(Files.readAllBytes(file));
            } catch (IOException e) {
                if (isAbsent(file, e)) {
                    return Optional.empty();
                }
                throw e;
            }
        }

        @Override
        public void move(String from, String to) throws IOException {
            Path target = root.resolve(to);
            makeFolder(folderOf(target));
            try {
                Files.createLink(target, root.resolve(from));
            } catch (UnsupportedOperationException e) {
                throw new IOException("this file system has no hard links, without which nothing can be published", e);
            }
            force(folderOf(target));
        }

        @Override
        public void harden(String name) throws IOException {
            force(folderOf(root.resolve(name)));
        }

        @Override
        public void remove(String name) throws IOException {
            Files.deleteIfExists(root.resolve(name));
        }
    }

    /** Makes bytes and name durable when it is closed. */
    private static final class Durable extends FilterOutputStream {
        private final FileChannel channel;
        private final Path file;

        Durable(FileChannel channel, Path file) {
            super(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
            this.channel = channel;
            this.file = file;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            if (!channel.isOpen()) {
                return;
            }
            try (channel) {
                out.flush();
                channel.force(true);
            }
            force(folderOf(file));
        }
    }
}
