package dev.lastgood.snapshot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the folder of a catalog, each entry for itself, whatever is wrong with it or with others. {@link Catalog}
 * stops at the first defect; this one names all of them, and says which entries can still be believed.
 */
final class CatalogRemains {

    private static final Pattern ENTRY = Pattern.compile("[0-9]{12}\\.json");

    /**
     * An entry as it lies there.
     *
     * @param entry null if it cannot be read
     * @param digest of the file; null if it could not be read as a document
     * @param defect why it cannot be read; null if it can
     */
    record Piece(
            long number,
            @Nullable Entry entry,
            @Nullable Sha256 digest,
            @Nullable String defect) {
        String name() {
            return Entry.name(number);
        }

        boolean beginsAnew() {
            return entry != null && entry.event() instanceof Event.Rebuilt;
        }
    }

    private final Sha256 format;
    private final NavigableMap<Long, Piece> pieces;
    private final List<String> others;
    private final List<Damage> damages = new ArrayList<>();
    private final NavigableMap<Long, Entry> believed = new TreeMap<>();

    private CatalogRemains(Sha256 format, NavigableMap<Long, Piece> pieces, List<String> others) {
        this.format = format;
        this.pieces = pieces;
        this.others = others;
        believe();
        examine();
    }

    /**
     * Reads all there is; what cannot be used is read a second time before that counts.
     *
     * @param format digest of the store's format, which the first entry names
     */
    static CatalogRemains read(Store store, Sha256 format) {
        NavigableMap<Long, Piece> pieces = new TreeMap<>();
        List<String> others = new ArrayList<>();
        for (String name : store.list(Entry.FOLDER)) {
            if (ENTRY.matcher(name).matches()) {
                long number = Long.parseLong(name.substring(0, 12));
                pieces.put(number, piece(store, number));
            } else {
                others.add(name);
            }
        }
        return new CatalogRemains(format, pieces, others);
    }

    private static Piece piece(Store store, long number) {
        Piece first = pieceOnce(store, number);
        return first.entry() == null ? pieceOnce(store, number) : first;
    }

    private static Piece pieceOnce(Store store, long number) {
        String name = Entry.name(number);
        OptionalLong bytes = store.size(name);
        if (bytes.isPresent() && bytes.getAsLong() > CanonicalJson.LARGEST) {
            return new Piece(number, null, null, "it has %d bytes, more than any entry".formatted(bytes.getAsLong()));
        }
        Optional<byte[]> content = store.read(name);
        if (content.isEmpty()) {
            return new Piece(number, null, null, "it is listed, and no file");
        }
        Sha256 digest = Sha256.of(content.get());
        try {
            Entry entry = Entry.read(name, content.get());
            return entry.number() == number
                    ? new Piece(number, entry, digest, null)
                    : new Piece(number, null, digest, "it is entry %d".formatted(entry.number()));
        } catch (UnusableEntry e) {
            return new Piece(number, null, digest, e.defect());
        }
    }

    /**
     * From the end backwards: an entry is believed that can be read by itself, unless the next one is believed and says it
     * was another.
     */
    private void believe() {
        for (Piece piece : pieces.descendingMap().values()) {
            if (piece.entry() != null && contradiction(piece) == null) {
                believed.put(piece.number(), piece.entry());
            }
        }
    }

    /** What the next entry says this one was, if that is something else. */
    private @Nullable Entry contradiction(Piece piece) {
        Entry next = believed.get(piece.number() + 1);
        boolean agrees = next == null
                || next.event() instanceof Event.Rebuilt
                || next.previous().equals(piece.digest());
        return agrees ? null : next;
    }

    private void examine() {
        long expected = 1;
        for (Piece piece : pieces.values()) {
            boolean first = piece.number() == pieces.firstKey();
            if (piece.number() != expected && !(first && piece.beginsAnew())) {
                missing(expected, piece.number() - 1);
            }
            if (piece.defect() != null) {
                damages.add(new Damage(piece.name(), Damage.Kind.UNUSABLE, piece.defect()));
            }
            Entry entry = piece.entry();
            if (entry != null) {
                if (piece.beginsAnew() && !first) {
                    damages.add(new Damage(
                            piece.name(),
                            Damage.Kind.CHAIN,
                            "a new catalog begins here, and entries of the one before it are still there"));
                }
                boolean root = first || piece.beginsAnew();
                if (root
                        && (piece.beginsAnew() || piece.number() == 1)
                        && !entry.previous().equals(format)) {
                    damages.add(new Damage(
                            StoreFormat.NAME,
                            Damage.Kind.CHAIN,
                            "its digest is %s, and %s says %s".formatted(format, piece.name(), entry.previous())));
                }
            }
            Piece next = pieces.get(piece.number() + 1);
            if (next != null
                    && next.entry() != null
                    && !next.beginsAnew()
                    && piece.digest() != null
                    && piece.defect() == null
                    && !next.entry().previous().equals(piece.digest())) {
                damages.add(new Damage(
                        piece.name(),
                        Damage.Kind.CHAIN,
                        "its digest is %s, and %s says %s"
                                .formatted(
                                        piece.digest(),
                                        next.name(),
                                        next.entry().previous())));
            }
            expected = piece.number() + 1;
        }
    }

    private void missing(long from, long to) {
        String what = from == to ? "it is missing" : "it and all up to entry %d are missing".formatted(to);
        damages.add(new Damage(Entry.name(from), Damage.Kind.MISSING, what + ", though later ones are there"));
    }

    /** All that is wrong with the catalog; none if it can be opened. */
    List<Damage> damages() {
        return List.copyOf(damages);
    }

    /** The entries that are there, readable or not, in order. */
    Collection<Piece> pieces() {
        return pieces.values();
    }

    /** The number of the last entry, readable or not; 0 if there is none. */
    long last() {
        return pieces.isEmpty() ? 0 : pieces.lastKey();
    }

    /** Other files in the folder, by plain name. */
    List<String> others() {
        return others;
    }

    /** The entries that can be believed, by number. */
    NavigableMap<Long, Entry> believed() {
        return believed;
    }

    /** The newest entry that begins a catalog anew, if it can be believed. */
    Optional<Entry> beginning() {
        return believed.descendingMap().values().stream()
                .filter(entry -> entry.event() instanceof Event.Rebuilt)
                .findFirst();
    }

    /** Whether every entry from the beginning of a new catalog on is there and names the one before it. */
    boolean isWholeFrom(long number) {
        Entry first = believed.get(number);
        return first != null
                && first.previous().equals(format)
                && believed.tailMap(number).size() == last() - number + 1;
    }

    /** What the believed events come to. */
    CatalogState state() {
        CatalogState state = CatalogState.empty(format);
        for (Map.Entry<Long, Entry> one : believed.entrySet()) {
            state = state.plus(one.getValue(), one.getValue().bytes());
        }
        return state;
    }
}
