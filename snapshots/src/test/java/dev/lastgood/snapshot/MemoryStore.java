package dev.lastgood.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;

/** A store in memory, for tests that need thousands of them. Passes the same contract as the real ones. */
public final class MemoryStore implements Store {

    /** What is there, to look at and to damage. */
    public final SortedMap<String, byte[]> content = new ConcurrentSkipListMap<>();

    private final Publication.Medium medium = new Medium();

    @Override
    public Trust trust() {
        return Trust.ANYONE;
    }

    @Override
    public String root() {
        return "memory:";
    }

    @Override
    public Published publish(String name, byte[] bytes) {
        return Publication.publish(medium, name, bytes);
    }

    @Override
    public Optional<byte[]> read(String name) {
        return Optional.ofNullable(content.get(StoreName.checked(name))).map(byte[]::clone);
    }

    @Override
    public Optional<InputStream> open(String name) {
        return read(name).map(ByteArrayInputStream::new);
    }

    @Override
    public OptionalLong size(String name) {
        return read(name).map(bytes -> OptionalLong.of(bytes.length)).orElse(OptionalLong.empty());
    }

    @Override
    public List<String> list(String folder) {
        TreeSet<String> names = new TreeSet<>();
        for (Stored file : files(folder)) {
            String below = file.name().substring(folder.length() + 1);
            int slash = below.indexOf('/');
            names.add(slash < 0 ? below : below.substring(0, slash + 1));
        }
        return List.copyOf(names);
    }

    @Override
    public List<Stored> files(String folder) {
        String prefix = StoreName.checked(folder) + "/";
        List<Stored> files = new ArrayList<>();
        content.forEach((name, bytes) -> {
            if (name.startsWith(prefix)) {
                files.add(new Stored(name, bytes.length, Instant.parse("2026-11-22T02:00:00Z")));
            }
        });
        return files;
    }

    @Override
    public OutputStream create(String name) {
        if (content.putIfAbsent(StoreName.checked(name), new byte[0]) != null) {
            throw new StoreUnavailable("could not create %s: it is there".formatted(name), null, null);
        }
        return new ByteArrayOutputStream() {
            @Override
            public void close() {
                content.put(name, toByteArray());
            }
        };
    }

    @Override
    public void settle(String folder) {
        StoreName.checked(folder);
    }

    @Override
    public void delete(String name) {
        String folder = Deletable.checked(name) + "/";
        content.keySet().removeIf(one -> one.equals(name) || one.startsWith(folder));
    }

    @Override
    public void retire(String entry, String copy) {
        if (Deletable.isRetired(this, entry, copy)) {
            content.remove(entry);
        }
    }

    @Override
    public String location(String name) {
        return root() + "/" + StoreName.checked(name);
    }

    private final class Medium implements Publication.Medium {
        @Override
        public void write(String name, byte[] bytes) throws IOException {
            if (content.putIfAbsent(name, bytes.clone()) != null) {
                throw new FileAlreadyExistsException(name);
            }
        }

        @Override
        public Optional<byte[]> read(String name) {
            return Optional.ofNullable(content.get(name)).map(byte[]::clone);
        }

        @Override
        public void move(String from, String to) throws IOException {
            byte[] bytes = content.get(from);
            if (bytes == null || content.putIfAbsent(to, bytes) != null) {
                throw new FileAlreadyExistsException(to);
            }
            content.remove(from);
        }

        @Override
        public void harden(String name) {}

        @Override
        public void remove(String name) {
            content.remove(name);
        }
    }
}
