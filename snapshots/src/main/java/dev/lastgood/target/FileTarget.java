package dev.lastgood.target;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Patch;
import dev.lastgood.record.Value;
import dev.lastgood.target.TextFormat.Malformed;
import dev.lastgood.target.TextFormat.Row;
import dev.lastgood.target.TextFormat.Text;
import dev.lastgood.target.TextFormat.Unwritable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A text file of records, or a folder of such files, on a local file system. A file is the unit: its records have its size
 * and SHA-256 as their token. Only what changes is written anew, every other byte is copied; the new file is prepared
 * aside, the old one hashed again, and moved over in one act. Between hashing and moving, another writer's file could be
 * lost: a file system has no act for both.
 *
 * <p>A file keeps no tombstones, so absent records have no token.
 */
public final class FileTarget implements Target {

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

    private final Path path;
    private final List<FieldPath> key;
    private final TextFormat format;
    private final Originals originals;
    private final KeyTypes types;
    private final Map<Path, Loaded> loaded = new HashMap<>();

    private FileTarget(Path path, List<FieldPath> key, TextFormat format, Originals originals) {
        this(path, key, format, originals, (field, written) -> written);
    }

    private FileTarget(Path path, List<FieldPath> key, TextFormat format, Originals originals, KeyTypes types) {
        this.path = path.toAbsolutePath().normalize();
        this.key = List.copyOf(key);
        this.format = format;
        this.originals = originals;
        this.types = types;
    }

    /** What a key field is, of what is written in a file: a cell that holds 7 may be the number 7. */
    public interface KeyTypes {
        Value typed(FieldPath field, Value written);
    }

    /** The same file, whose records are found by keys of these types. */
    public FileTarget withKeysOf(KeyTypes keys) {
        return new FileTarget(path, key, format, originals, keys);
    }

    /**
     * CSV with a header.
     *
     * @param nullText an unquoted text that means null; null: only an empty cell does
     */
    public static FileTarget csv(
            Path path, List<FieldPath> key, String delimiter, @Nullable String nullText, Originals originals) {
        return new FileTarget(path, key, new CsvFormat(CsvFormat.Header.NAMES, delimiter, nullText), originals);
    }

    /** CSV without a header: fields are {@code _c0}, {@code _c1} and so on. */
    public static FileTarget csvWithoutHeader(
            Path path, List<FieldPath> key, String delimiter, @Nullable String nullText, Originals originals) {
        return new FileTarget(path, key, new CsvFormat(CsvFormat.Header.NONE, delimiter, nullText), originals);
    }

    /** One JSON object a line. */
    public static FileTarget jsonLines(Path path, List<FieldPath> key, Originals originals) {
        return new FileTarget(path, key, new JsonLinesFormat(), originals);
    }

    /** A file as read, its records found by key; several records of one key are listed. */
    private record Loaded(String sha256, Text text, Map<Key, List<Row>> rows) {
        String token() {
            return text.bytes().length + " " + sha256;
        }
    }

    @Override
    public String identity() {
        return "file " + path;
    }

    @Override
    public String schema() {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (Path file : files()) {
            names.writeBytes(String.join("\n", load(file).text().fields()).getBytes(StandardCharsets.UTF_8));
            names.write(0);
        }
        return sha256(names.toByteArray());
    }

    private List<Path> files() {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> inside = Files.list(path)) {
            return inside.filter(Files::isRegularFile)
                    .filter(file -> !name(file).startsWith(".") && !name(file).startsWith("_"))
                    .sorted(Comparator.comparing(FileTarget::name))
                    .toList();
        } catch (IOException e) {
            throw unavailable("list the files", path, e);
        }
    }

    private static String name(Path file) {
        return Objects.requireNonNull(file.getFileName()).toString();
    }

    private Loaded load(Path file) {
        byte[] bytes = read(file);
        String sha256 = sha256(bytes);
        Loaded known = loaded.get(file);
        if (known != null && known.sha256().equals(sha256)) {
            return known;
        }
        try {
            Text text = format.parse(bytes);
            Map<Key, List<Row>> rows = new HashMap<>();
            for (Row row : text.rows()) {
                rows.computeIfAbsent(key(row.image()), any -> new ArrayList<>(1))
                        .add(row);
            }
            Loaded fresh = new Loaded(sha256, text, rows);
            loaded.put(file, fresh);
            return fresh;
        } catch (Malformed e) {
            throw unavailable("read the records", file, e);
        }
    }

    private Key key(Image image) {
        Map<String, Value> parts = new LinkedHashMap<>();
        for (FieldPath field : key) {
            Value value = Patch.at(image, field).value();
            parts.put(field.toString(), value == null ? Value.NULL : types.typed(field, value));
        }
        return new Key(parts);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unavailable("read", file, e);
        }
    }

    private static TargetUnavailable unavailable(String what, Path file, Exception e) {
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

    @Override
    public Batch open(List<Key> keys) {
        Map<Path, Loaded> files = new LinkedHashMap<>();
        files().forEach(file -> files.put(file, load(file)));
        Map<Key, Seen> seen = new LinkedHashMap<>();
        for (Key wanted : keys) {
            Seen found = Seen.ABSENT;
            for (Loaded file : files.values()) {
                List<Row> rows = file.rows().get(wanted);
                if (rows != null) {
                    found = new Seen(rows.get(0).image(), file.token());
                }
            }
            seen.put(wanted, found);
        }
        return new FileBatch(files, seen);
    }

    @Override
    public void close() {
        loaded.clear();
    }

    private final class FileBatch implements Batch {
        private final Map<Path, Loaded> files;
        private final Map<Key, Seen> seen;

        FileBatch(Map<Path, Loaded> files, Map<Key, Seen> seen) {
            this.files = files;
            this.seen = seen;
        }

        @Override
        public Map<Key, Seen> seen() {
            return seen;
        }

        @Override
        public Map<Key, Written> write(List<Change> changes) {
            Map<Key, Written> answers = new LinkedHashMap<>();
            Map<Path, List<Change>> byFile = new TreeMap<>();
            for (Change change : changes) {
                List<Path> holding = files.entrySet().stream()
                        .filter(file -> file.getValue().rows().containsKey(change.key()))
                        .map(Map.Entry::getKey)
                        .toList();
                long copies = holding.stream()
                        .mapToLong(file -> Objects.requireNonNull(Objects.requireNonNull(files.get(file))
                                        .rows()
                                        .get(change.key()))
                                .size())
                        .sum();
                if (copies > 1) {
                    answers.put(change.key(), new Written.Refused(copies + " records have this key"));
                } else if (holding.isEmpty() && files.isEmpty()) {
                    answers.put(change.key(), new Written.Refused("there is no file to write to"));
                } else {
                    Path file = holding.isEmpty() ? lastFile() : holding.get(0);
                    byFile.computeIfAbsent(file, any -> new ArrayList<>()).add(change);
                }
            }
            byFile.forEach((file, ofFile) -> answers.putAll(write(file, ofFile)));
            return answers;
        }

        @Override
        public void close() {
            // Nothing is held: the hash is the guard.
        }

        private Path lastFile() {
            List<Path> all = List.copyOf(files.keySet());
            return all.get(all.size() - 1);
        }

        private Map<Key, Written> write(Path file, List<Change> changes) {
            Loaded old = Objects.requireNonNull(files.get(file));
            Map<Key, Written> answers = new LinkedHashMap<>();
            List<Edit> edits = new ArrayList<>();
            List<Key> edited = new ArrayList<>();
            for (Change change : changes) {
                try {
                    edits.add(edit(old, change));
                    edited.add(change.key());
                } catch (Unwritable e) {
                    answers.put(change.key(), new Written.Refused(String.valueOf(e.getMessage())));
                }
            }
            if (!edits.isEmpty()) {
                byte[] fresh = asOriginal(file, spliced(old.text(), edits));
                Written written = replace(file, old, fresh);
                changes.stream()
                        .filter(change -> edited.contains(change.key()))
                        .forEach(change -> answers.put(
                                change.key(),
                                change.desired() == null && written instanceof Written.Done
                                        ? new Written.Done("")
                                        : written));
            }
            return answers;
        }

        private Edit edit(Loaded old, Change change) throws Unwritable {
            Image desired = change.desired();
            List<Row> rows = old.rows().get(change.key());
            if (rows == null) {
                Image added = Objects.requireNonNull(desired);
                int end = old.text().bytes().length;
                return new Edit(end, end, line(old.text(), format.added(old.text(), added)));
            }
            Row row = rows.get(0);
            return desired == null
                    ? new Edit(row.start(), row.next(), new byte[0])
                    : new Edit(row.start(), row.end(), format.replaced(old.text(), row, desired, change.fields()));
        }

        private static byte[] line(Text text, byte[] record) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            line.writeBytes(record);
            line.writeBytes(text.lineEnd().getBytes(StandardCharsets.US_ASCII));
            return line.toByteArray();
        }

        private byte[] asOriginal(Path file, byte[] fresh) {
            for (byte[] original : originals.of(name(file))) {
                if (sameRecords(original, fresh)) {
                    return original;
                }
            }
            return fresh;
        }

        private boolean sameRecords(byte[] a, byte[] b) {
            try {
                Text x = format.parse(a);
                Text y = format.parse(b);
                return x.fields().equals(y.fields()) && images(x).equals(images(y));
            } catch (Malformed e) {
                return false;
            }
        }

        /** How often each image occurs: the order of records means nothing. */
        private static Map<Image, Integer> images(Text text) {
            Map<Image, Integer> images = new HashMap<>();
            text.rows().forEach(row -> images.merge(row.image(), 1, Integer::sum));
            return images;
        }
    }

    /** Bytes to take the place of others. */
    @SuppressWarnings("ArrayRecordComponent") // made here, never changed
    private record Edit(int start, int end, byte[] bytes) {}

    private static byte[] spliced(Text text, List<Edit> edits) {
        byte[] old = text.bytes();
        Splice fresh = new Splice();
        int copied = 0;
        for (Edit edit :
                edits.stream().sorted(Comparator.comparing(Edit::start)).toList()) {
            fresh.put(old, copied, edit.start());
            if (edit.start() == old.length) {
                fresh.endLine(text.lineEnd());
            }
            fresh.put(edit.bytes(), 0, edit.bytes().length);
            copied = edit.end();
        }
        fresh.put(old, copied, old.length);
        return fresh.bytes.toByteArray();
    }

    private static final class Splice {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private byte last = '\n';

        void put(byte[] from, int start, int end) {
            if (end > start) {
                bytes.write(from, start, end - start);
                last = from[end - 1];
            }
        }

        /** What is added goes to a line of its own. */
        void endLine(String lineEnd) {
            if (last != '\n' && last != '\r') {
                byte[] end = lineEnd.getBytes(StandardCharsets.US_ASCII);
                put(end, 0, end.length);
            }
        }
    }

    /** Puts the new bytes in the place of the old ones, if those are there still. */
    private Written replace(Path file, Loaded old, byte[] fresh) {
        Path aside = file.resolveSibling("." + name(file) + "." + UUID.randomUUID());
        try {
            originals.keep(name(file), old.text().bytes());
            Files.write(aside, fresh, StandardOpenOption.CREATE_NEW);
            copyPermissions(file, aside);
            force(aside);
            if (!sha256(Files.readAllBytes(aside)).equals(sha256(fresh))) {
                return new Written.Refused("other bytes were read back than were written");
            }
            if (!sha256(Files.readAllBytes(file)).equals(old.sha256())) {
                return new Written.Refused("the file has been written since");
            }
        } catch (IOException e) {
            removeQuietly(aside);
            return new Written.Refused("the new file could not be written: " + e.getMessage());
        }
        try {
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceFolder(file);
            return new Written.Done(fresh.length + " " + sha256(fresh));
        } catch (IOException e) {
            return moved(file, old, fresh, e);
        } finally {
            removeQuietly(aside);
        }
    }

    /** After a move without a clear answer: what lies there now tells. */
    private static Written moved(Path file, Loaded old, byte[] fresh, IOException cause) {
        Optional<String> now;
        try {
            now = Optional.of(sha256(Files.readAllBytes(file)));
        } catch (IOException e) {
            cause.addSuppressed(e);
            now = Optional.empty();
        }
        if (now.filter(sha256(fresh)::equals).isPresent()) {
            return new Written.Done(fresh.length + " " + sha256(fresh));
        }
        return now.filter(old.sha256()::equals).isPresent()
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
