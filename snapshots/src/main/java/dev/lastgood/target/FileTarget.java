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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A text file of records, or a folder of such files, on a local file system. A file is the unit, as {@link WholeFile} has
 * it: its records have its token as theirs. Only what changes is written anew, every other byte is copied.
 *
 * <p>A file keeps no tombstones, so absent records have no token.
 */
public final class FileTarget implements Target {

    private final Path path;
    private final List<FieldPath> key;
    private final TextFormat format;
    private final WholeFile.Originals originals;
    private final KeyTypes types;
    private final Map<Path, Loaded> loaded = new HashMap<>();

    private FileTarget(Path path, List<FieldPath> key, TextFormat format, WholeFile.Originals originals) {
        this(path, key, format, originals, (field, written) -> written);
    }

    private FileTarget(
            Path path, List<FieldPath> key, TextFormat format, WholeFile.Originals originals, KeyTypes types) {
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
            Path path,
            List<FieldPath> key,
            String delimiter,
            @Nullable String nullText,
            WholeFile.Originals originals) {
        return new FileTarget(path, key, new CsvFormat(CsvFormat.Header.NAMES, delimiter, nullText), originals);
    }

    /** CSV without a header: fields are {@code _c0}, {@code _c1} and so on. */
    public static FileTarget csvWithoutHeader(
            Path path,
            List<FieldPath> key,
            String delimiter,
            @Nullable String nullText,
            WholeFile.Originals originals) {
        return new FileTarget(path, key, new CsvFormat(CsvFormat.Header.NONE, delimiter, nullText), originals);
    }

    /** One JSON object a line. */
    public static FileTarget jsonLines(Path path, List<FieldPath> key, WholeFile.Originals originals) {
        return new FileTarget(path, key, new JsonLinesFormat(), originals);
    }

    /** A file as read, its records found by key; several records of one key are listed. */
    private record Loaded(WholeFile file, Text text, Map<Key, List<Row>> rows) {
        String token() {
            return file.token();
        }
    }

    @Override
    public String identity() {
        return "file " + path;
    }

    @Override
    public String schema() {
        Set<String> headers = new TreeSet<>();
        files().forEach(file -> headers.add(String.join("\n", load(file).text().fields())));
        return WholeFile.sha256(String.join("\0", headers).getBytes(StandardCharsets.UTF_8));
    }

    private List<Path> files() {
        return WholeFile.in(path);
    }

    private Loaded load(Path file) {
        WholeFile whole = WholeFile.read(path, file);
        Loaded known = loaded.get(file);
        if (known != null && known.token().equals(whole.token())) {
            return known;
        }
        try {
            Text text = format.parse(whole.bytes());
            Map<Key, List<Row>> rows = new HashMap<>();
            for (Row row : text.rows()) {
                rows.computeIfAbsent(key(row.image()), any -> new ArrayList<>(1))
                        .add(row);
            }
            Loaded fresh = new Loaded(whole, text, rows);
            loaded.put(file, fresh);
            return fresh;
        } catch (Malformed e) {
            throw WholeFile.unavailable("read the records", file, e);
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
                byte[] fresh = asOriginal(old, spliced(old.text(), edits));
                Written written = old.file().replace(fresh, originals);
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

        private byte[] asOriginal(Loaded old, byte[] fresh) {
            for (byte[] original : originals.of(old.file().name())) {
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
}
