package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Cases;
import dev.lastgood.rule.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CatalogTest {

    private static final SnapshotId FIRST = Examples.FIRST;
    private static final SnapshotId SECOND = Examples.SECOND;
    private static final SnapshotId THIRD = Examples.THIRD;

    private final MemoryStore store = new MemoryStore();
    private Instant now = Examples.NOON;

    @BeforeEach
    void begin() {
        StoreFormat.establish(store, "shop");
    }

    /** A clock that can be put forward. */
    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private Catalog open() {
        return Catalog.open(store, "shop", clock, "ada");
    }

    private Catalog with(SnapshotId... snapshots) {
        Catalog catalog = open();
        for (SnapshotId id : snapshots) {
            catalog.append(Examples.taking(id));
            catalog.append(Examples.taken(id));
        }
        return catalog;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            Catalog catalog, Event event, String message) {
        long before = catalog.state().number();
        var refused = assertThatThrownBy(() -> catalog.append(event))
                .isInstanceOf(Refusal.class)
                .hasMessage(message);
        assertThat(catalog.state().number()).isEqualTo(before);
        return refused;
    }

    // The sequence

    @Test
    void entries_are_numbered_and_each_holds_the_digest_of_the_one_before() {
        Catalog catalog = with(FIRST);

        Entry one = catalog.entries().get(0);
        Entry two = catalog.entries().get(1);
        assertThat(one.number()).isEqualTo(1);
        assertThat(one.previous()).isEqualTo(Sha256.of(file("format.json")));
        assertThat(two.number()).isEqualTo(2);
        assertThat(two.previous()).isEqualTo(Sha256.of(file("catalog/000000000001.json")));
        assertThat(two.at()).isEqualTo(Examples.NOON);
        assertThat(two.by()).isEqualTo("ada");
        assertThat(store.list("catalog")).containsExactly("000000000001.json", "000000000002.json");
    }

    private byte[] file(String name) {
        return store.read(name).orElseThrow();
    }

    @Test
    void an_entry_is_written_as_the_documentation_shows_it() {
        store.content.clear();
        store.publish(
                "format.json",
                "{\"format\":\"lastgood-store\",\"formatVersion\":1,\"id\":\"1\",\"workspace\":\"shop\"}"
                        .getBytes(StandardCharsets.UTF_8));
        Entry entry = open().append(Examples.taking(FIRST));

        assertThat(new String(file("catalog/000000000001.json"), StandardCharsets.UTF_8))
                .startsWith(
                        "{\"at\":\"2026-11-22T12:00:00Z\",\"by\":\"ada\",\"datasets\":[\"orders\"],\"digest\":\"sha256:")
                .endsWith(
                        "\",\"event\":\"taking\",\"formatVersion\":1,\"id\":\"%s\",\"number\":1,".formatted(entry.id())
                                + "\"previous\":\"sha256:ee6f52b02228a71e27877b19f7bee05376be9ad18b58d8c421d25264f9148696\","
                                + "\"snapshot\":\"20261120T020000Z-aaaa\"}");
    }

    @Test
    void every_kind_of_event_reads_back_equal() {
        Cases.run(Cases.heavy(200, 10_000), random -> {
            for (Event event : Examples.events(random)) {
                Entry entry = Examples.entry(random, 1 + random.nextInt(1000), Examples.digest(random), event);
                byte[] bytes = entry.bytes();

                Entry read = Entry.read("catalog/1.json", bytes);

                assertThat(read).isEqualTo(entry);
                assertThat(read.bytes()).isEqualTo(bytes);
            }
        });
    }

    @Test
    void another_catalog_on_the_same_store_sees_what_was_appended() {
        Catalog mine = open();
        Catalog theirs = open();

        theirs.append(Examples.taking(FIRST));

        assertThat(mine.state().takes()).extracting(CatalogState.Take::snapshot).containsExactly(FIRST);
        assertThat(mine.entries()).isEqualTo(theirs.entries());
    }

    @Test
    void who_was_overtaken_decides_again_on_what_is_there_now() {
        Catalog mine = with(FIRST);
        Catalog theirs = open();
        List<Long> decidedOn = new ArrayList<>();

        Entry entry = mine.append(state -> {
            if (decidedOn.isEmpty()) {
                theirs.append(Examples.held(FIRST));
            }
            decidedOn.add(state.number());
            return new Event.Held(List.of(FIRST), Event.Reason.MANUAL, null, "after " + state.number());
        });

        assertThat(decidedOn).containsExactly(2L, 3L);
        assertThat(entry.number()).isEqualTo(4);
        assertThat(((Event.Held) entry.event()).note()).isEqualTo("after 3");
        assertThat(open().entries()).isEqualTo(mine.entries());
    }

    @Test
    void threads_that_append_at_once_lose_nothing() throws Exception {
        int threads = 4;
        int times = Cases.heavy(200, 2_000);
        with(FIRST);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<List<Entry>>> appenders = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                appenders.add(() -> {
                    Catalog catalog = open();
                    List<Entry> entries = new ArrayList<>();
                    for (int j = 0; j < times; j++) {
                        entries.add(catalog.append(state ->
                                new Event.Held(List.of(FIRST), Event.Reason.MANUAL, null, "after " + state.number())));
                    }
                    return entries;
                });
            }
            Set<Entry> appended = new HashSet<>();
            for (var entries : pool.invokeAll(appenders)) {
                appended.addAll(entries.get());
            }

            List<Entry> all = open().entries();
            assertThat(all).hasSize(2 + threads * times);
            assertThat(appended).hasSize(threads * times).isSubsetOf(all);
            for (Entry entry : all.subList(2, all.size())) {
                assertThat(((Event.Held) entry.event()).note()).isEqualTo("after " + (entry.number() - 1));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void an_append_whose_answer_was_lost_is_there_once() {
        Catalog catalog = Catalog.open(
                new FaultyStore(store, 6, FaultyStore.When.AFTER, FaultyStore.HowOften.ONCE), "shop", clock, "ada");

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 9; i++) {
                        catalog.append(Examples.taking(new SnapshotId("20261120T02000%dZ-aaaa".formatted(i))));
                    }
                })
                .isInstanceOf(StoreUnavailable.class);

        assertThat(catalog.state().takes()).hasSize(1);
        assertThat(open().entries()).isEqualTo(catalog.entries());
    }

    // Damage

    private AbstractThrowableAssert<?, ? extends Throwable> assertUnusable(String message) {
        return assertThatThrownBy(this::open).isInstanceOf(UnusableEntry.class).hasMessage(message);
    }

    private void put(String name, byte[] bytes) {
        store.content.put(name, bytes);
    }

    @Test
    void a_missing_entry_is_named() {
        with(FIRST, SECOND);
        store.content.remove("catalog/000000000002.json");

        assertUnusable("catalog/000000000002.json cannot be used: it is missing, though entry 4 is there")
                .extracting(e -> ((UnusableEntry) e).hint())
                .isEqualTo("Bring it back from a copy of the store; nothing is published until the catalog is whole."
                        + " 'lastgood doctor' shows all that is wrong with it.");
    }

    @Test
    void a_torn_entry_is_named() {
        with(FIRST, SECOND);
        byte[] whole = file("catalog/000000000004.json");

        put("catalog/000000000004.json", Arrays.copyOf(whole, 50));
        assertUnusable("catalog/000000000004.json cannot be used: it is not JSON");

        put("catalog/000000000004.json", new byte[0]);
        assertUnusable("catalog/000000000004.json cannot be used: it is empty");
    }

    @Test
    void an_edited_entry_is_named_also_the_last() {
        with(FIRST, SECOND);
        String name = "catalog/000000000004.json";
        ObjectNode document = CanonicalJson.object(name, file(name));
        document.put("by", "eve");
        put(name, CanonicalJson.bytes(document));

        assertThatThrownBy(this::open)
                .isInstanceOf(UnusableEntry.class)
                .hasMessageMatching(name + " cannot be used: its digest is sha256:\\w{64}, and it says sha256:\\w{64}");
    }

    @Test
    void an_entry_edited_with_its_digest_is_found_by_the_next() {
        with(FIRST, SECOND);
        String name = "catalog/000000000003.json";
        Entry entry = Entry.read(name, file(name));
        byte[] forged = new Entry(3, entry.id(), entry.at(), "eve", entry.previous(), entry.event()).bytes();
        Sha256 original = Sha256.of(file(name));
        put(name, forged);

        assertUnusable("%s cannot be used: its digest is %s, and catalog/000000000004.json says %s"
                .formatted(name, Sha256.of(forged), original));
    }

    @Test
    void an_entry_in_the_place_of_another_is_named() {
        with(FIRST, SECOND);
        put("catalog/000000000002.json", file("catalog/000000000001.json"));

        assertUnusable("catalog/000000000002.json cannot be used: it is entry 1");
    }

    @Test
    void a_catalog_of_another_store_does_not_fit_the_format() {
        with(FIRST);
        put("format.json", new StoreFormat("shop", "another").bytes());

        assertThatThrownBy(this::open)
                .isInstanceOf(UnusableEntry.class)
                .hasMessageStartingWith("format.json cannot be used: its digest is sha256:")
                .hasMessageContaining(", and catalog/000000000001.json says sha256:");
    }

    @Test
    void an_event_this_program_does_not_know_stops_it() {
        with(FIRST);
        ObjectNode document = CanonicalJson.object("x", file("catalog/000000000002.json"));
        document.put("event", "merged");
        document.remove("digest");
        document.put("digest", Sha256.of(CanonicalJson.bytes(document)).toString());
        put("catalog/000000000002.json", CanonicalJson.bytes(document));

        assertUnusable(
                "catalog/000000000002.json cannot be used: 'event' is 'merged', which this program does not know");
    }

    @Test
    void other_files_in_the_folder_do_not_matter() {
        with(FIRST);
        put("catalog/checkpoint-000000001000.json", new byte[] {1});
        put("catalog/.000000000003.json.crc", new byte[] {1});

        assertThat(open().state().number()).isEqualTo(2);
    }

    @Test
    void hostile_entries_are_refused_in_words() {
        Cases.run(Cases.heavy(1_000, 50_000), random -> {
            for (Event event : Examples.events(random)) {
                byte[] bytes = Examples.entry(random, 7, Examples.digest(random), event)
                        .bytes();
                byte[] damaged = Mutations.ofBytes(bytes, random);
                if (!Arrays.equals(damaged, bytes)) {
                    assertThatThrownBy(() -> Entry.read("catalog/7.json", damaged))
                            .isInstanceOf(UnusableEntry.class);
                }
                ObjectNode document = Mutations.ofDocument(Mutations.document(bytes), random);
                readForged(document);
            }
        });
    }

    /** Somebody who changes an entry can also change its digest. What is read then is what stands there. */
    private static void readForged(ObjectNode document) {
        byte[] forged;
        try {
            document.remove("digest");
            document.put("digest", Sha256.of(CanonicalJson.bytes(document)).toString());
            forged = CanonicalJson.bytes(document);
        } catch (IllegalArgumentException e) {
            return;
        }
        try {
            Entry read = Entry.read("catalog/7.json", forged);
            ObjectNode known = CanonicalJson.object("again", read.bytes());
            UnknownMembers unknown = UnknownMembers.of(document, known);
            known.set("digest", document.get("digest"));
            // Members it does not know are all that it does not say.
            assertThat(CanonicalJson.bytes(unknown.addTo(known))).isEqualTo(forged);
        } catch (UnusableEntry e) {
            assertThat(e.defect()).isNotBlank();
        }
    }

    @Test
    void a_hostile_catalog_is_refused_or_the_same() {
        Catalog whole = with(FIRST, SECOND, THIRD);
        Map<String, byte[]> before = new TreeMap<>(store.content);
        Cases.run(Cases.heavy(3_000, 100_000), random -> {
            store.content.clear();
            store.content.putAll(before);
            List<String> names = new ArrayList<>(before.keySet());
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(4)) {
                case 0 -> store.content.remove(name);
                case 1 -> put(name, file(names.get(random.nextInt(names.size()))));
                default -> put(name, Mutations.ofBytes(file(name), random));
            }
            try {
                List<Entry> read = open().entries();
                // Cutting off the end cannot be seen from the catalog alone.
                assertThat(read).isEqualTo(whole.entries().subList(0, read.size()));
            } catch (UnusableEntry | InvalidInput e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        });
    }

    // Snapshots

    @Test
    void a_snapshot_exists_from_its_taken_event_on() {
        Catalog catalog = open();
        catalog.append(Examples.taking(FIRST));
        assertThat(catalog.state().snapshots("orders")).isEmpty();
        assertThat(catalog.state().latest("orders")).isEmpty();
        assertThat(catalog.state().takes())
                .containsExactly(new CatalogState.Take(FIRST, List.of("orders"), Examples.NOON, "ada"));

        catalog.append(Examples.taken(FIRST));
        assertThat(catalog.state().snapshots("orders"))
                .containsExactly(new Snapshot(
                        FIRST,
                        "orders",
                        Manifest.Origin.TAKEN,
                        Examples.captured(FIRST, null).manifest(),
                        FIRST.at(),
                        FIRST.at().plusSeconds(60),
                        10,
                        1000,
                        null));
        assertThat(catalog.state().takes()).isEmpty();
        assertThat(catalog.state().snapshots("customers")).isEmpty();
        assertThat(catalog.state().datasets()).containsExactly("orders");
    }

    @Test
    void an_adopted_snapshot_is_one_like_others() {
        Catalog catalog = open();
        assertRefused(
                catalog,
                new Event.Adopted(FIRST, Examples.taken(FIRST).datasets()),
                "snapshot 20261120T020000Z-aaaa ends without having begun");
        catalog.append(Examples.taking(FIRST));
        catalog.append(new Event.Adopted(FIRST, Examples.taken(FIRST).datasets()));

        assertThat(catalog.state().snapshots())
                .extracting(Snapshot::id, Snapshot::origin)
                .containsExactly(tuple(FIRST, Manifest.Origin.ADOPTED));
    }

    @Test
    void snapshots_are_ordered_by_capture() {
        CatalogState state = with(THIRD, FIRST, SECOND).state();

        assertThat(state.snapshots("orders")).extracting(Snapshot::id).containsExactly(FIRST, SECOND, THIRD);
        assertThat(state.latest("orders")).map(Snapshot::id).hasValue(THIRD);
    }

    @Test
    void an_id_is_used_once() {
        Catalog catalog = with(FIRST);
        catalog.append(Examples.taking(SECOND));

        assertRefused(catalog, Examples.taking(FIRST), "there is a snapshot 20261120T020000Z-aaaa already");
        assertRefused(catalog, Examples.taking(SECOND), "there is a snapshot 20261121T020000Z-bbbb already");
        assertRefused(catalog, Examples.taken(FIRST), "there is a snapshot 20261120T020000Z-aaaa already");
        assertRefused(catalog, Examples.taken(THIRD), "snapshot 20261122T020000Z-bbcc ends without having begun");
    }

    @Test
    void addresses_are_latest_an_id_or_its_beginning() {
        CatalogState state = with(FIRST, SECOND, THIRD).state();

        assertThat(state.resolve("orders", "latest").id()).isEqualTo(THIRD);
        assertThat(state.resolve("orders", FIRST.text()).id()).isEqualTo(FIRST);
        assertThat(state.resolve("orders", "20261121").id()).isEqualTo(SECOND);
        assertThatThrownBy(() -> state.resolve("orders", "202611"))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                        error: '202611' is the beginning of 3 snapshots of dataset 'orders'
                        hint: Write more of it: 20261122T020000Z-bbcc, 20261121T020000Z-bbbb, 20261120T020000Z-aaaa.""");
        assertThatThrownBy(() -> state.resolve("orders", "2025")).hasMessage("""
                        error: dataset 'orders' has no snapshot '2025'
                        hint: There is: 20261122T020000Z-bbcc, 20261121T020000Z-bbbb, 20261120T020000Z-aaaa.""");
        assertThatThrownBy(() -> state.resolve("orders", "")).isInstanceOf(InvalidInput.class);
        assertThatThrownBy(() -> state.resolve("customers", "latest")).hasMessage("""
                        error: dataset 'customers' has no snapshot
                        hint: Run 'lastgood snapshot take' first.""");
    }

    @Test
    void many_candidates_are_not_all_shown() {
        SnapshotId[] ids = new SnapshotId[13];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = new SnapshotId("202611%02dT020000Z-aaaa".formatted(i + 1));
        }
        CatalogState state = with(ids).state();

        assertThatThrownBy(() -> state.resolve("orders", "x"))
                .hasMessageEndingWith("20261105T020000Z-aaaa, 20261104T020000Z-aaaa and 3 more.");
    }

    // Verifications

    @Test
    void what_is_found_damaged_at_one_level_is_verified_at_none_until_it_passes_there() {
        Catalog catalog = with(FIRST);
        VerificationReport torn = VerificationReport.of(
                Level.L0, 3, 300, 0, List.of(new Damage("data/x", Damage.Kind.MISSING, "expected a, found none")));
        VerificationReport dirty = VerificationReport.of(
                Level.L4, 3, 300, 9, List.of(new Damage("data", Damage.Kind.RULE, "order-total: 3 of 9")));

        catalog.append(new Event.Verified(FIRST, "orders", VerificationReport.of(Level.L2, 3, 300, 0, List.of())));
        catalog.append(new Event.Verified(FIRST, "orders", dirty));
        assertThat(catalog.state().isVerified("orders", FIRST, Level.L2)).isTrue();
        assertThat(catalog.state().damaged("orders", FIRST)).isEmpty();

        catalog.append(new Event.Verified(FIRST, "orders", torn));
        assertThat(catalog.state().isVerified("orders", FIRST, Level.L2)).isFalse();
        assertThat(catalog.state().damaged("orders", FIRST)).contains(Level.L0);

        catalog.append(new Event.Verified(FIRST, "orders", VerificationReport.of(Level.L0, 3, 300, 0, List.of())));
        assertThat(catalog.state().isVerified("orders", FIRST, Level.L2)).isTrue();
    }

    @Test
    void the_last_verification_of_each_level_counts() {
        Catalog catalog = with(FIRST);
        VerificationReport bad = VerificationReport.of(
                Level.L2, 3, 300, 0, List.of(new Damage("data/x", Damage.Kind.CORRUPT, "expected a, found b")));
        VerificationReport good = VerificationReport.of(Level.L2, 3, 300, 0, List.of());

        catalog.append(new Event.Verified(FIRST, "orders", good));
        assertThat(catalog.state().isVerified("orders", FIRST, Level.L2)).isTrue();
        now = now.plusSeconds(1);
        catalog.append(new Event.Verified(FIRST, "orders", bad));

        CatalogState state = open().state();
        assertThat(state.isVerified("orders", FIRST, Level.L2)).isFalse();
        assertThat(state.verifications("orders", FIRST))
                .isEqualTo(Map.of(Level.L2, new CatalogState.Verification(now, "ada", bad)));
        assertThat(state.verification("orders", FIRST, Level.L0)).isEmpty();
        assertThat(state.verifications("orders", SECOND)).isEmpty();
        assertRefused(
                catalog,
                new Event.Verified(SECOND, "orders", good),
                "dataset 'orders' has no snapshot 20261121T020000Z-bbbb");
    }

    // Holds and prune

    @Test
    void a_held_snapshot_is_not_pruned() {
        Catalog catalog = with(FIRST, SECOND);
        Entry hold = catalog.append(Examples.held(FIRST));

        assertThat(catalog.state().heldBy(FIRST, now))
                .containsExactly(new CatalogState.Hold(
                        hold.id(), List.of(FIRST), Event.Reason.MANUAL, null, "ticket 7", now, "ada"));
        assertThat(catalog.state().heldBy(SECOND, now)).isEmpty();
        assertRefused(
                        catalog,
                        new Event.Pruning(List.of(FIRST)),
                        "snapshot 20261120T020000Z-aaaa cannot be pruned: it is held")
                .extracting(e -> ((Refusal) e).hint())
                .isEqualTo("Held by ticket 7 (manual, by ada).");

        catalog.append(new Event.Released(hold.id()));
        catalog.append(new Event.Pruning(List.of(FIRST)));
        assertThat(catalog.state().snapshots("orders")).extracting(Snapshot::id).containsExactly(SECOND);
        assertRefused(catalog, new Event.Released(hold.id()), "there is no hold '%s'".formatted(hold.id()));
    }

    @Test
    void what_is_being_pruned_cannot_be_held_read_or_verified() {
        Catalog catalog = with(FIRST, SECOND);
        catalog.append(new Event.Pruning(List.of(FIRST)));

        assertRefused(
                catalog, Examples.held(FIRST), "snapshot 20261120T020000Z-aaaa cannot be held: its removal has begun");
        assertRefused(catalog, Examples.held(THIRD), "snapshot 20261122T020000Z-bbcc cannot be held: there is none");
        assertRefused(catalog, Examples.held(), "a hold needs a snapshot");
        assertThat(catalog.state().snapshot("orders", FIRST)).isEmpty();
        assertThat(catalog.state().pruning()).containsExactly(FIRST);

        catalog.append(new Event.Pruned(List.of(FIRST)));
        assertThat(catalog.state().pruning()).isEmpty();
        assertThat(catalog.state().pruned()).containsExactly(FIRST);
        assertRefused(
                catalog, new Event.Pruning(List.of(FIRST)), "snapshot 20261120T020000Z-aaaa is being pruned already");
    }

    @Test
    void a_hold_whose_time_is_over_holds_no_more() {
        Catalog catalog = with(FIRST, SECOND);
        catalog.append(new Event.Held(List.of(FIRST), Event.Reason.UNDO, now.plusSeconds(60), ""));
        assertRefused(
                        catalog,
                        new Event.Pruning(List.of(FIRST)),
                        "snapshot 20261120T020000Z-aaaa cannot be pruned: it is held")
                .extracting(e -> String.valueOf(((Refusal) e).hint()))
                .asString()
                .endsWith(" (undo, by ada, until 2026-11-22T12:01:00Z).");

        now = now.plusSeconds(60);
        catalog.append(new Event.Pruning(List.of(FIRST)));

        assertThat(catalog.state().pruning()).containsExactly(FIRST);
    }

    @Test
    void of_a_hold_and_a_prune_at_once_one_wins() throws Exception {
        int held = 0;
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < Cases.heavy(300, 5_000); i++) {
                store.content.clear();
                begin();
                with(FIRST, SECOND);
                Catalog one = open();
                Catalog other = open();
                Callable<Boolean> hold = () -> isAppended(one, Examples.held(FIRST));
                Callable<Boolean> prune = () -> isAppended(other, new Event.Pruning(List.of(FIRST)));
                var results = pool.invokeAll(List.of(hold, prune));

                boolean isHeld = results.get(0).get();
                assertThat(results.get(1).get()).isEqualTo(!isHeld);
                CatalogState state = open().state();
                assertThat(state.heldBy(FIRST, now).isEmpty()).isEqualTo(!isHeld);
                assertThat(state.pruning().isEmpty()).isEqualTo(isHeld);
                held += isHeld ? 1 : 0;
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(held).isPositive();
    }

    private static boolean isAppended(Catalog catalog, Event event) {
        try {
            catalog.append(event);
            return true;
        } catch (Refusal e) {
            return false;
        }
    }

    @Test
    void nothing_removes_the_last_snapshot_of_a_dataset() {
        Catalog catalog = with(FIRST, SECOND);

        assertRefused(
                catalog,
                new Event.Pruning(List.of(FIRST, SECOND)),
                "this would remove every snapshot of dataset 'orders'");
        assertRefused(catalog, new Event.Pruning(List.of()), "nothing to prune");
        assertRefused(
                catalog,
                new Event.Pruning(List.of(THIRD)),
                "snapshot 20261122T020000Z-bbcc cannot be pruned: there is none");
    }

    @Test
    void chains_stay_whole() {
        Catalog catalog = with(FIRST);
        catalog.append(Examples.taking(SECOND));
        catalog.append(new Event.Taken(SECOND, new TreeMap<>(Map.of("orders", Examples.captured(SECOND, FIRST)))));

        assertRefused(
                catalog,
                new Event.Pruning(List.of(FIRST)),
                "snapshot 20261120T020000Z-aaaa cannot be pruned:"
                        + " 20261121T020000Z-bbbb of dataset 'orders' builds on it");

        catalog.append(Examples.taking(THIRD));
        SnapshotId gone = new SnapshotId("20261101T020000Z-0000");
        assertRefused(
                catalog,
                new Event.Taken(THIRD, new TreeMap<>(Map.of("orders", Examples.captured(THIRD, gone)))),
                "snapshot 20261122T020000Z-bbcc of dataset 'orders' builds on 20261101T020000Z-0000,"
                        + " which is not there any more");
        assertRefused(
                catalog, new Event.Taken(THIRD, new TreeMap<>()), "snapshot 20261122T020000Z-bbcc holds no dataset");
    }

    @Test
    void a_take_is_left_alone_for_a_week_and_cannot_end_once_it_is_pruned() {
        Catalog catalog = with(FIRST);
        catalog.append(Examples.taking(SECOND));

        now = now.plus(Duration.ofDays(7)).minusSeconds(1);
        assertRefused(
                catalog,
                new Event.Pruning(List.of(SECOND)),
                "snapshot 20261121T020000Z-bbbb cannot be pruned: it is being taken");
        now = now.plusSeconds(1);
        catalog.append(new Event.Pruning(List.of(SECOND)));
        assertRefused(
                catalog, Examples.taken(SECOND), "snapshot 20261121T020000Z-bbbb was pruned while it was being taken");

        catalog.append(new Event.Pruned(List.of(SECOND)));
        assertThat(catalog.state().takes()).isEmpty();
        assertRefused(
                catalog,
                new Event.Pruned(List.of(SECOND)),
                "the removal of snapshot 20261121T020000Z-bbbb has not begun");
    }

    // Audits, plans and runs

    private static final Sha256 DIGEST = Sha256.of(new byte[] {1});
    private static final Sha256 OTHER = Sha256.of(new byte[] {2});

    private Event.Planned planned(Sha256 digest) {
        return new Event.Planned("9f3c00000000", digest, "audit-1", 5, 1, now.plus(Duration.ofHours(24)));
    }

    @Test
    void audits_are_kept_with_their_verdict() {
        Catalog catalog = with(FIRST);
        var audited = new Event.Audited("audit-1", Verdict.FAIL, new TreeMap<>(Map.of("orders", FIRST)), DIGEST);
        catalog.append(audited);

        assertThat(catalog.state().audit("audit-1"))
                .hasValue(new CatalogState.Audit("audit-1", now, "ada", Verdict.FAIL, audited.baseline(), DIGEST));
        assertThat(catalog.state().audits()).hasSize(1);
        assertRefused(catalog, audited, "there is an audit 'audit-1' already");
    }

    @Test
    void a_plan_is_approved_by_its_digest_and_expires() {
        Catalog catalog = open();
        catalog.append(planned(DIGEST));
        assertThat(stage(catalog)).isEqualTo(CatalogState.PlanStage.PLANNED);
        assertRefused(
                catalog,
                new Event.Approved("9f3c00000000", OTHER, now, null),
                "the approval is for other bytes than plan '9f3c00000000' has");
        assertRefused(catalog, planned(OTHER), "there is another plan '9f3c00000000' already");

        catalog.append(new Event.Approved("9f3c00000000", DIGEST, now.plus(Duration.ofHours(1)), null));
        assertThat(stage(catalog)).isEqualTo(CatalogState.PlanStage.APPROVED);
        catalog.append(planned(DIGEST));
        assertThat(stage(catalog)).isEqualTo(CatalogState.PlanStage.APPROVED);

        now = now.plus(Duration.ofHours(1));
        assertThat(stage(catalog)).isEqualTo(CatalogState.PlanStage.EXPIRED);
        catalog.append(new Event.Approved("9f3c00000000", DIGEST, now.plus(Duration.ofDays(9)), null));
        assertThat(stage(catalog)).isEqualTo(CatalogState.PlanStage.APPROVED);
        now = now.plus(Duration.ofDays(2));
        assertThat(stage(catalog)).isEqualTo(CatalogState.PlanStage.EXPIRED);
        assertThat(catalog.state().plans()).hasSize(1);
    }

    private CatalogState.PlanStage stage(Catalog catalog) {
        return catalog.state().plan("9f3c00000000").orElseThrow().stage(now);
    }

    @Test
    void a_run_goes_through_its_stages_and_another_undoes_it() {
        Catalog catalog = open();
        assertRefused(catalog, new Event.Started("run-1", "9f3c00000000", null), "there is no plan '9f3c00000000'");
        catalog.append(planned(DIGEST));
        for (Event event : List.of(
                new Event.Paused("run-1", "flag file"),
                new Event.Ended("run-1", Event.End.APPLIED, new TreeMap<>(), DIGEST),
                new Event.Resolved("run-1", List.of(), "done", ""))) {
            assertRefused(catalog, event, "there is no run 'run-1'");
        }

        catalog.append(new Event.Started("run-1", "9f3c00000000", null));
        assertThat(run(catalog).stage()).isEqualTo(CatalogState.RunStage.APPLYING);
        catalog.append(new Event.Paused("run-1", "flag file"));
        assertThat(run(catalog).stage()).isEqualTo(CatalogState.RunStage.PAUSED);
        catalog.append(new Event.Started("run-1", "9f3c00000000", null));
        assertThat(run(catalog).stage()).isEqualTo(CatalogState.RunStage.APPLYING);
        catalog.append(new Event.Ended("run-1", Event.End.APPLIED, new TreeMap<>(Map.of("done", 5L)), DIGEST));
        assertThat(run(catalog).stage()).isEqualTo(CatalogState.RunStage.APPLIED);
        var resolved = new Event.Resolved("run-1", List.of(3L), "done", "looked it up");
        catalog.append(resolved);
        catalog.append(new Event.Ended("run-1", Event.End.VERIFIED, new TreeMap<>(Map.of("done", 5L)), OTHER));

        assertThat(run(catalog))
                .isEqualTo(new CatalogState.Run(
                        "run-1",
                        "9f3c00000000",
                        null,
                        now,
                        "ada",
                        CatalogState.RunStage.VERIFIED,
                        new TreeMap<>(Map.of("done", 5L)),
                        OTHER,
                        List.of(resolved)));
        assertRefused(catalog, new Event.Started("run-2", "9f3c00000000", "run-9"), "there is no run 'run-9' to undo");
        catalog.append(new Event.Planned("abcd00000000", OTHER, null, 1, 0, now));
        assertRefused(catalog, new Event.Started("run-1", "abcd00000000", null), "run 'run-1' is of another plan");
        catalog.append(new Event.Started("run-2", "9f3c00000000", "run-1"));
        assertThat(catalog.state().runs("abcd00000000")).isEmpty();
        catalog.append(new Event.Ended("run-2", Event.End.ABORTED, new TreeMap<>(), OTHER));
        assertThat(catalog.state().runs("9f3c00000000"))
                .extracting(CatalogState.Run::id, CatalogState.Run::undoes, CatalogState.Run::stage)
                .containsExactly(
                        tuple("run-1", null, CatalogState.RunStage.VERIFIED),
                        tuple("run-2", "run-1", CatalogState.RunStage.ABORTED));
        assertThat(open().state().runs()).isEqualTo(catalog.state().runs());
    }

    private static CatalogState.Run run(Catalog catalog) {
        return catalog.state().run("run-1").orElseThrow();
    }
}
