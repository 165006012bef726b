package dev.lastgood.snapshot;

import dev.lastgood.problem.InvalidInput;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * The append-only list of everything that happened: entries numbered without gaps, each published once and holding the
 * digest of the one before. So every decision is taken on all that happened before it, by whatever process, and nothing
 * that happened can be changed, left out or put in between without being found.
 *
 * <p>What cannot be found from the catalog alone: that its last entries were cut off, or that somebody rewrote all of it.
 *
 * <p>Safe for use by many threads; any number of processes may each have one on the same store.
 */
public final class Catalog {

    private final Store store;
    private final Clock clock;
    private final String by;
    private final List<Entry> entries = new ArrayList<>();
    private CatalogState state;
    private long first = 1;

    private Catalog(Store store, Clock clock, String by, CatalogState state) {
        this.store = store;
        this.clock = clock;
        this.by = by;
        this.state = state;
    }

    /**
     * Reads the whole catalog of a workspace's store. Throws {@link InvalidInput} as {@link StoreFormat#open} does, and
     * {@link UnusableEntry}, naming the entry, if one is missing, torn, edited, or not the successor of the one before.
     *
     * @param by who, for the entries to come
     */
    public static Catalog open(Store store, String workspace, Clock clock, String by) {
        StoreFormat.open(store, workspace);
        byte[] format = store.read(StoreFormat.NAME)
                .orElseThrow(() -> new UnusableEntry(StoreFormat.NAME, "it was there a moment ago, and is missing"));
        Catalog catalog = new Catalog(store, clock, by, CatalogState.empty(Sha256.of(format)));
        catalog.readAll();
        return catalog;
    }

    /** The state as of now: reads what others have appended since. Throws as {@link #open} does. */
    public synchronized CatalogState state() {
        readOn();
        return state;
    }

    /** All entries, in order; reads on as {@link #state} does. */
    public synchronized List<Entry> entries() {
        readOn();
        return List.copyOf(entries);
    }

    /**
     * Appends the event that is decided on the state as it is, and returns its entry, which is durable. If somebody else
     * appends first, reads on and decides again; so the decision must have no effects. It refuses by throwing; {@link
     * CatalogState#check} refuses what nobody may decide.
     *
     * <p>When {@link StoreUnavailable} is thrown, the message says whether the entry is certainly not there; if that could
     * not be found out, {@link #state} shows it later.
     */
    public synchronized Entry append(Function<CatalogState, Event> decide) {
        while (true) {
            readOn();
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            Event event = state.check(decide.apply(state), now);
            long number = state.number() + 1;
            Entry entry = new Entry(number, UUID.randomUUID().toString(), now, by, state.digest(), event);
            byte[] bytes = entry.bytes();
            Published published = store.publish(Entry.name(number), bytes);
            if (published instanceof Published.Lost lost) {
                // Read from the answer, so that every loss is progress.
                take(number, lost.existing());
            } else {
                add(entry, bytes);
                return entry;
            }
        }
    }

    /** Appends an event that does not depend on the state. */
    public Entry append(Event event) {
        return append(state -> event);
    }

    /** A missing entry shows only when later ones are there, so this looks at the names first. */
    private synchronized void readAll() {
        List<Long> numbers = store.list(Entry.FOLDER).stream()
                .map(Catalog::number)
                .filter(number -> number > 0)
                .sorted()
                .toList();
        if (!numbers.isEmpty() && beginsAnew(numbers.get(0))) {
            state = CatalogState.before(numbers.get(0), state.digest());
        }
        first = state.number() + 1;
        readOn();
        long last = numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1);
        if (state.number() < last) {
            throw new UnusableEntry(
                    Entry.name(state.number() + 1),
                    "it is missing, though entry %d is there".formatted(last),
                    "Bring it back from a copy of the store; nothing is published until the catalog is whole."
                            + " 'lastgood doctor' shows all that is wrong with it.");
        }
    }

    /** Whether the first entry there is begins a new catalog, and not with number 1 as any other. */
    private boolean beginsAnew(long number) {
        return number > 1
                && store.read(Entry.name(number))
                        .map(bytes -> Entry.read(Entry.name(number), bytes).event() instanceof Event.Rebuilt)
                        .orElse(false);
    }

    /** The number in the name of an entry, 0 for other names. */
    private static long number(String name) {
        return name.matches("[0-9]{12}\\.json") ? Long.parseLong(name.substring(0, 12)) : 0;
    }

    private void readOn() {
        Optional<byte[]> next = store.read(Entry.name(state.number() + 1));
        while (next.isPresent()) {
            take(state.number() + 1, next.get());
            next = store.read(Entry.name(state.number() + 1));
        }
    }

    private void take(long number, byte[] bytes) {
        String name = Entry.name(number);
        Entry entry = Entry.read(name, bytes);
        if (entry.number() != number) {
            throw new UnusableEntry(name, "it is entry %d".formatted(entry.number()));
        }
        if (entry.event() instanceof Event.Rebuilt && number != first) {
            throw new UnusableEntry(
                    name,
                    "a new catalog begins with it, and entries of the one before it are still there",
                    "Run 'lastgood doctor --rebuild-catalog' again: it was interrupted.");
        }
        if (!entry.previous().equals(state.digest())) {
            String before = number == first ? StoreFormat.NAME : Entry.name(number - 1);
            throw new UnusableEntry(
                    before,
                    "its digest is %s, and %s says %s".formatted(state.digest(), name, entry.previous()),
                    "One of the two was changed after it was published. Bring it back from a copy of the store."
                            + " 'lastgood doctor' shows all that is wrong.");
        }
        add(entry, bytes);
    }

    private void add(Entry entry, byte[] bytes) {
        state = state.plus(entry, bytes);
        entries.add(entry);
    }
}
