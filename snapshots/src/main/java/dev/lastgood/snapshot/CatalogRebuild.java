package dev.lastgood.snapshot;

import dev.lastgood.problem.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes a new catalog where the old one is damaged: from the entries that can still be believed, and from the manifests of
 * snapshots that none of them names. {@link #plan} decides and changes nothing; {@link #carryOut} does it.
 *
 * <p>The new catalog begins with one entry, numbered after the last of the old ones, that holds everything taken over: it
 * is there whole or not at all, and no number is ever used twice. Before that every old entry is copied to {@code lost/},
 * and only after it is removed from {@code catalog/}. Until the last of them is gone the catalog cannot be opened; doing
 * it again ends what was interrupted.
 */
public final class CatalogRebuild {

    /** Where the entries of catalogs that were given up lie. */
    static final String LOST = "lost";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /**
     * What becomes of what was there.
     *
     * @param takenOver how many events the new catalog takes over
     * @param dropped how many were left behind because what they say must be proven again: verifications, approvals
     * @param takenUp snapshots that only their manifest names
     * @param lost entries that are missing, cannot be read or are contradicted by the next one
     * @param leftOut folders of snapshots whose manifest cannot be relied on
     */
    public record Outcome(long takenOver, long dropped, List<String> takenUp, List<Damage> lost, List<Damage> leftOut) {
        public Outcome {
            takenUp = List.copyOf(takenUp);
            lost = List.copyOf(lost);
            leftOut = List.copyOf(leftOut);
        }
    }

    private final Store store;
    private final CatalogRemains remains;
    private final Entry beginning;
    private final boolean isThere;
    private final Outcome outcome;

    private CatalogRebuild(Store store, CatalogRemains remains, Entry beginning, boolean isThere, Outcome outcome) {
        this.store = store;
        this.remains = remains;
        this.beginning = beginning;
        this.isThere = isThere;
        this.outcome = outcome;
    }

    /**
     * What can be done. Throws {@link Refusal} if nothing has to be: every entry is there, and every sound manifest is named
     * by one. Throws {@link dev.lastgood.problem.InvalidInput} and {@link UnusableEntry} as {@link StoreFormat#open} does.
     *
     * @param by who, for the new entry
     */
    public static CatalogRebuild plan(Store store, String workspace, Clock clock, String by) {
        StoreFormat.open(store, workspace);
        byte[] content = store.read(StoreFormat.NAME)
                .orElseThrow(() -> new UnusableEntry(StoreFormat.NAME, "it was there a moment ago, and is missing"));
        Sha256 format = Sha256.of(content);
        CatalogRemains remains = CatalogRemains.read(store, format);
        Optional<Entry> begun = remains.beginning();
        if (begun.isPresent() && !remains.damages().isEmpty() && isInterrupted(store, remains, begun.get())) {
            return new CatalogRebuild(
                    store,
                    remains,
                    begun.get(),
                    true,
                    new Outcome(kept(begun.get()).size(), 0, List.of(), List.of(), List.of()));
        }
        CatalogSalvage salvage =
                new CatalogSalvage(store, remains, clock.instant().truncatedTo(ChronoUnit.MILLIS), by);
        if (remains.damages().isEmpty() && salvage.outcome().takenUp().isEmpty()) {
            throw new Refusal(
                    "the catalog is whole, and nothing was changed: every entry is there, and names every snapshot"
                            + " whose manifest is sound",
                    "'lastgood doctor' shows what else there is.");
        }
        String lost = "%s/%s-%s".formatted(LOST, TIME.format(clock.instant()), UUID.randomUUID());
        Entry beginning = new Entry(
                number(remains),
                UUID.randomUUID().toString(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                by,
                format,
                new Event.Rebuilt(lost, salvage.kept()));
        if (beginning.bytes().length > CanonicalJson.LARGEST) {
            throw new Refusal(
                    "the events of this catalog are more than one entry can hold; nothing was changed",
                    "Bring the damaged entries back from a copy of the store.");
        }
        return new CatalogRebuild(store, remains, beginning, false, salvage.outcome());
    }

    private static long number(CatalogRemains remains) {
        long number = remains.last() + 1;
        if (number > Entry.LAST) {
            throw new Refusal(
                    "there is no number left after entry %d; nothing was changed".formatted(remains.last()),
                    "Nobody has so many entries: look at %s, and remove it if it is none."
                            .formatted(Entry.name(remains.last())));
        }
        return number;
    }

    private static List<Event.Kept> kept(Entry beginning) {
        return beginning.event() instanceof Event.Rebuilt rebuilt ? rebuilt.kept() : List.of();
    }

    private static String lost(Entry beginning) {
        if (beginning.event() instanceof Event.Rebuilt rebuilt) {
            return rebuilt.lost();
        }
        throw new IllegalStateException("entry %d begins no catalog".formatted(beginning.number()));
    }

    /** Whether the new catalog is there and whole, and nothing is left to do but to remove what was copied. */
    private static boolean isInterrupted(Store store, CatalogRemains remains, Entry beginning) {
        return remains.isWholeFrom(beginning.number())
                && remains.pieces().stream()
                        .filter(piece -> piece.number() < beginning.number())
                        .allMatch(piece -> isCopied(store, piece, beginning));
    }

    /** Whether an entry lies where the beginning of a new catalog says the old one does, as it is. */
    static boolean isCopied(Store store, CatalogRemains.Piece piece, Entry beginning) {
        Optional<Sha256> found =
                piece.digest() != null ? Optional.of(piece.digest()) : Deletable.digest(store, piece.name());
        return found.isPresent() && found.equals(Deletable.digest(store, copy(piece, beginning)));
    }

    private static String copy(CatalogRemains.Piece piece, Entry beginning) {
        return "%s/%s".formatted(lost(beginning), piece.name().substring(Entry.FOLDER.length() + 1));
    }

    /** What will come of it, or has. */
    public Outcome outcome() {
        return outcome;
    }

    /** Where the old entries are copied to. */
    public String lost() {
        return lost(beginning);
    }

    /** The number of the entry that the new catalog begins with. */
    public long number() {
        return beginning.number();
    }

    /** Whether it was all done before but for the removal of old entries. */
    public boolean isResumed() {
        return isThere;
    }

    /**
     * Does it. Throws {@link Refusal} if the catalog has changed since it was planned, and then the old one is as it was.
     * After {@link StoreUnavailable} it may be planned and carried out again.
     */
    public void carryOut() {
        if (!isThere) {
            remains.pieces().forEach(this::copy);
            store.settle(lost());
            Published published = store.publish(Entry.name(beginning.number()), beginning.bytes());
            if (!published.won()) {
                throw changed();
            }
        }
        for (CatalogRemains.Piece piece : remains.pieces()) {
            if (piece.number() < beginning.number()) {
                store.retire(piece.name(), copy(piece, beginning));
            }
        }
    }

    private static Refusal changed() {
        return new Refusal(
                "somebody has changed the catalog in the meantime; nothing was removed from it",
                "See to it that no other lastgood works with this store, and run it again.");
    }

    private void copy(CatalogRemains.Piece piece) {
        Optional<InputStream> content = store.open(piece.name());
        if (content.isEmpty()) {
            throw changed();
        }
        String copy = copy(piece, beginning);
        try (InputStream in = content.get();
                OutputStream out = store.create(copy)) {
            in.transferTo(out);
        } catch (IOException e) {
            throw new StoreUnavailable(
                    "could not copy %s to %s: %s; the catalog is as it was"
                            .formatted(piece.name(), copy, StoreUnavailable.reason(e)),
                    e);
        }
        Optional<Sha256> copied = Deletable.digest(store, copy);
        if (piece.digest() != null && !copied.equals(Optional.of(piece.digest()))) {
            throw changed();
        }
    }
}
