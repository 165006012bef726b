package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Cases;
import dev.lastgood.rule.Verdict;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CatalogRebuildTest {

    private static final Clock CLOCK = Clock.fixed(Examples.NOON, ZoneOffset.UTC);
    private static final SnapshotId OLD = new SnapshotId("20261101T020000Z-0001");
    private static final SnapshotId DEAD = new SnapshotId("20261102T020000Z-0002");
    private static final SnapshotId GOING = new SnapshotId("20261103T020000Z-0003");
    private static final Sha256 DIGEST = Sha256.of(new byte[] {1});

    private final MemoryStore store = new MemoryStore();
    private final List<Entry> entries = new ArrayList<>();
    private Map<String, byte[]> before = Map.of();

    /** A store in which everything has happened that a catalog can tell. */
    @BeforeEach
    void begin() throws IOException {
        StoreFormat.establish(store, "shop");
        Catalog catalog = Catalog.open(store, "shop", CLOCK, "ada");
        Random random = new Random(3);
        for (SnapshotId id : List.of(OLD, GOING, Examples.FIRST, Examples.SECOND, Examples.THIRD)) {
            catalog.append(Examples.taking(id));
            Manifest manifest = Examples.write(store, id, random, 1);
            catalog.append(new Event.Taken(id, new TreeMap<>(Map.of("orders", Event.Captured.of(manifest)))));
        }
        catalog.append(Examples.taking(DEAD));
        VerificationReport report = VerificationReport.of(Level.L2, 3, 100, 0, List.of());
        catalog.append(new Event.Verified(Examples.FIRST, "orders", report));
        Entry hold = catalog.append(Examples.held(Examples.FIRST));
        catalog.append(Examples.held(Examples.SECOND, Examples.THIRD));
        catalog.append(new Event.Released(hold.id()));
        catalog.append(new Event.Pruning(List.of(OLD)));
        store.delete(Manifest.folder("orders", OLD));
        catalog.append(new Event.Pruned(List.of(OLD)));
        catalog.append(new Event.Pruning(List.of(GOING)));
        store.delete(Manifest.folder("orders", GOING) + "/data");
        catalog.append(
                new Event.Audited("audit-1", Verdict.FAIL, new TreeMap<>(Map.of("orders", Examples.FIRST)), DIGEST));
        catalog.append(new Event.Planned("9f3c00000000", DIGEST, "audit-1", 5, 1, Examples.NOON.plusSeconds(99)));
        catalog.append(new Event.Approved("9f3c00000000", DIGEST, Examples.NOON.plusSeconds(99), null));
        catalog.append(new Event.Started("run-1", "9f3c00000000", null));
        catalog.append(new Event.Paused("run-1", "flag file"));
        entries.addAll(catalog.entries());
        before = new TreeMap<>(store.content);
    }

    private void reset() {
        store.content.clear();
        store.content.putAll(before);
    }

    private static CatalogRebuild plan(Store in) {
        return CatalogRebuild.plan(in, "shop", CLOCK, "doctor");
    }

    private CatalogRebuild.Outcome rebuild() {
        CatalogRebuild rebuild = plan(store);
        rebuild.carryOut();
        return rebuild.outcome();
    }

    private CatalogState state() {
        return Catalog.open(store, "shop", CLOCK, "reader").state();
    }

    private Checkup checkup() {
        return Checkup.of(store, "shop", CLOCK);
    }

    /** What the events of these entries come to, without what must be proven again. */
    private CatalogState expected(Predicate<Entry> survives) {
        CatalogState state = CatalogState.empty(DIGEST);
        for (Entry entry : entries) {
            boolean proof = entry.event() instanceof Event.Verified || entry.event() instanceof Event.Approved;
            if (!proof && survives.test(entry)) {
                state = state.plus(entry, entry.bytes());
            }
        }
        return state;
    }

    private static final List<SnapshotId> ALL = List.of(Examples.FIRST, Examples.SECOND, Examples.THIRD);

    /** All that the entries said which are there, and every snapshot whose files are. */
    private void assertRebuilt(Predicate<Entry> survives) {
        CatalogState expected = expected(survives);
        CatalogState state = state();
        assertThat(state.snapshots()).extracting(Snapshot::id).containsAll(ALL);
        assertThat(state.holds()).isEqualTo(expected.holds());
        assertThat(state.pruning()).isEqualTo(expected.pruning());
        assertThat(state.pruned()).isEqualTo(expected.pruned());
        assertThat(state.audits()).isEqualTo(expected.audits());
        assertThat(state.plans()).isEqualTo(expected.plans());
        assertThat(state.runs()).isEqualTo(expected.runs());
        for (SnapshotId id : ALL) {
            Snapshot snapshot = state.snapshot("orders", id).orElseThrow();
            assertThat(state.verifications("orders", id)).isEmpty();
            SnapshotFiles files = SnapshotFiles.in(store, snapshot.folder());
            assertThat(ByteVerification.structure(snapshot, store, files, state).verdict())
                    .isEqualTo(Verdict.PASS);
            assertThat(ByteVerification.bytes(snapshot, store, files).verdict()).isEqualTo(Verdict.PASS);
        }
        assertThat(store.list("catalog")).hasSize(1);
        assertNothingOfTheOldIsLost();
    }

    /** What lay in the folder of the catalog lies in lost/, and everything else where it was. */
    private void assertNothingOfTheOldIsLost() {
        Set<Sha256> copies = new HashSet<>();
        store.files("lost").forEach(file -> copies.add(Sha256.of(file(file.name()))));
        before.forEach((name, bytes) -> {
            if (name.startsWith("catalog/")) {
                assertThat(copies).as(name).contains(Sha256.of(bytes));
            } else {
                assertThat(store.content.get(name)).as(name).isEqualTo(bytes);
            }
        });
    }

    private byte[] file(String name) {
        return store.read(name).orElseThrow();
    }

    private void damage(String name, byte[] bytes) {
        store.content.put(name, bytes);
        before = new TreeMap<>(store.content);
    }

    private void remove(String name) {
        store.content.remove(name);
        before = new TreeMap<>(store.content);
    }

    // At every position

    @Test
    void a_catalog_with_a_missing_torn_or_edited_entry_anywhere_is_made_anew() {
        Map<String, byte[]> whole = before;
        for (Entry entry : entries) {
            String name = Entry.name(entry.number());
            boolean last = entry.number() == entries.size();
            for (String kind : List.of("missing", "torn", "empty", "edited", "another")) {
                before = whole;
                reset();
                switch (kind) {
                    case "missing" -> remove(name);
                    case "torn" -> damage(name, Arrays.copyOf(file(name), 60));
                    case "empty" -> damage(name, new byte[0]);
                    case "edited" ->
                        damage(
                                name,
                                new String(file(name), java.nio.charset.StandardCharsets.UTF_8)
                                        .replace("\"by\":\"ada\"", "\"by\":\"eve\"")
                                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                    default -> damage(name, file(Entry.name(last ? 1 : entry.number() + 1)));
                }
                if (last && kind.equals("missing")) {
                    assertThat(checkup().verdict()).isEqualTo(Verdict.PASS);
                    continue;
                }
                assertThat(checkup().verdict()).isEqualTo(Verdict.FAIL);
                assertThat(checkup().rebuildable()).isTrue();

                CatalogRebuild.Outcome outcome = rebuild();

                assertRebuilt(one -> one.number() != entry.number());
                assertThat(outcome.lost()).extracting(Damage::file).containsExactly(name);
                assertThat(checkup().rebuildable()).isFalse();
            }
        }
    }

    @Test
    void an_entry_edited_with_its_digest_is_not_believed() {
        Map<String, byte[]> whole = before;
        for (Entry entry : entries.subList(0, entries.size() - 1)) {
            before = whole;
            reset();
            Entry forged = new Entry(
                    entry.number(), entry.id(), entry.at(), "eve", entry.previous(), Examples.held(Examples.FIRST));
            damage(Entry.name(entry.number()), forged.bytes());

            CatalogRebuild.Outcome outcome = rebuild();

            assertRebuilt(one -> one.number() != entry.number());
            assertThat(outcome.lost())
                    .containsExactly(
                            new Damage(
                                    Entry.name(entry.number()),
                                    Damage.Kind.CHAIN,
                                    "the next entry says that it was another; it is one of eve at 2026-11-22T12:00:00Z, 'held'"));
        }
    }

    @Test
    void a_catalog_whose_end_was_cut_off_is_found_by_the_snapshots_it_does_not_name() {
        Map<String, byte[]> whole = before;
        for (int length = 0; length < entries.size(); length++) {
            before = whole;
            reset();
            int left = length;
            entries.stream().filter(one -> one.number() > left).forEach(one -> remove(Entry.name(one.number())));
            CatalogState cut = Catalog.open(store, "shop", CLOCK, "reader").state();
            boolean all = cut.snapshots().stream().map(Snapshot::id).toList().containsAll(ALL);

            assertThat(checkup().rebuildable()).isEqualTo(!all);
            if (all) {
                assertThatThrownBy(this::rebuild).isInstanceOf(Refusal.class);
            } else {
                rebuild();
                assertRebuilt(one -> one.number() <= left);
            }
        }
    }

    @Test
    void a_catalog_that_is_lost_as_a_whole_is_made_of_manifests() {
        entries.forEach(entry -> store.content.remove(Entry.name(entry.number())));
        before = new TreeMap<>(store.content);

        CatalogRebuild rebuild = plan(store);
        rebuild.carryOut();

        assertThat(rebuild.number()).isEqualTo(1);
        assertThat(rebuild.outcome().takenOver()).isZero();
        assertThat(rebuild.outcome().takenUp())
                .containsExactly(
                        "snapshots/orders/" + GOING,
                        "snapshots/orders/" + Examples.FIRST,
                        "snapshots/orders/" + Examples.SECOND,
                        "snapshots/orders/" + Examples.THIRD);
        assertRebuilt(one -> false);
        assertThat(state().snapshots()).hasSize(4);
    }

    @Test
    void a_format_made_anew_does_not_cost_the_events() {
        store.content.remove(StoreFormat.NAME);
        StoreFormat.establish(store, "shop");
        before = new TreeMap<>(store.content);

        CatalogRebuild.Outcome outcome = rebuild();

        assertThat(outcome.lost()).isEmpty();
        assertRebuilt(one -> true);
    }

    // What is refused, left out, taken up

    @Test
    void a_catalog_that_is_whole_stays_as_it_is() {
        assertThat(checkup().verdict()).isEqualTo(Verdict.PASS);
        assertThatThrownBy(this::rebuild)
                .isInstanceOf(Refusal.class)
                .hasMessage("the catalog is whole, and nothing was changed: every entry is there, and names every"
                        + " snapshot whose manifest is sound");
        assertThat(store.content).isEqualTo(before);
        Catalog catalog = Catalog.open(store, "shop", CLOCK, "ada");
        assertThatThrownBy(() -> catalog.append(new Event.Rebuilt("lost/x", List.of())))
                .isInstanceOf(Refusal.class)
                .hasMessage("only a damaged catalog begins anew");
    }

    @Test
    void the_new_catalog_goes_on_and_can_be_made_anew_again() {
        remove(Entry.name(12));
        rebuild();
        Catalog catalog = Catalog.open(store, "shop", CLOCK, "ada");
        long first = entries.size() + 1L;
        assertThat(catalog.state().number()).isEqualTo(first);
        Entry hold = catalog.append(Examples.held(Examples.THIRD));
        catalog.append(new Event.Audited("audit-2", Verdict.PASS, new TreeMap<>(), DIGEST));
        List<CatalogState.Hold> holds = catalog.state().holds();
        assertThat(hold.number()).isEqualTo(first + 1);
        assertThat(state().holds()).isEqualTo(holds);
        store.content.put(Entry.name(first + 2), new byte[] {1});

        CatalogRebuild.Outcome outcome = rebuild();

        assertThat(outcome.lost()).extracting(Damage::file).containsExactly(Entry.name(first + 2));
        assertThat(state().number()).isEqualTo(first + 3);
        assertThat(state().holds()).isEqualTo(holds);
        assertThat(state().audits()).extracting(CatalogState.Audit::id).containsExactly("audit-1");
        assertThat(state().snapshots()).extracting(Snapshot::id).isEqualTo(ALL);
        assertThat(store.list("lost")).hasSize(2);

        store.content.put(Entry.name(first + 3), new byte[] {1});
        CatalogRebuild.Outcome last = rebuild();
        assertThat(last.takenUp()).hasSize(4);
        assertThat(state().snapshots()).extracting(Snapshot::id).containsAll(ALL);
    }

    @Test
    void a_snapshot_whose_manifest_cannot_be_relied_on_is_listed_and_left_out() {
        String first = Manifest.folder("orders", Examples.FIRST) + "/manifest.json";
        String second = Manifest.folder("orders", Examples.SECOND) + "/manifest.json";
        String third = Manifest.folder("orders", Examples.THIRD) + "/manifest.json";
        byte[] whole = file(first);
        store.content.put(first, new byte[] {1});
        store.content.remove(second);
        ObjectNode other = Mutations.document(file(third));
        other.put("zz", 1);
        other.remove("manifest");
        other.put("manifest", Sha256.of(CanonicalJson.bytes(other)).toString());
        Sha256 original = Manifest.read(third, file(third)).digest();
        store.content.put(third, CanonicalJson.bytes(other));
        Sha256 changed = Manifest.read(third, file(third)).digest();
        remove(Entry.name(1));

        CatalogRebuild.Outcome outcome = rebuild();

        assertThat(outcome.leftOut())
                .containsExactly(
                        new Damage(first, Damage.Kind.UNUSABLE, "it is not JSON"),
                        new Damage(second, Damage.Kind.UNUSABLE, "it is missing"),
                        new Damage(
                                third,
                                Damage.Kind.UNUSABLE,
                                "its digest is %s, and the catalog says %s".formatted(changed, original)));
        assertThat(state().snapshots()).isEmpty();
        assertThat(state().takes()).extracting(CatalogState.Take::snapshot).doesNotContain(Examples.FIRST);
        assertThat(state().holds()).hasSize(1);

        store.content.put(first, whole);
        assertThat(checkup().rebuildable()).isTrue();
        assertThat(rebuild().takenUp()).contains("snapshots/orders/" + Examples.FIRST);
    }

    @Test
    void only_what_a_trusted_key_has_signed_is_taken_up() {
        KeyPair pair = KeysForTests.pair();
        Trust trust = Trust.in(List.of(pair.getPublic()));
        Signer signer = Signer.of(pair.getPrivate(), trust).orElseThrow();
        String first = Manifest.folder("orders", Examples.FIRST) + "/manifest.json";
        store.content.put(
                first, signer.signed(Manifest.read(first, file(first))).bytes());
        entries.forEach(entry -> store.content.remove(Entry.name(entry.number())));

        CatalogRebuild rebuild = plan(new TrustingStore(store, trust));
        rebuild.carryOut();

        assertThat(state().snapshots()).extracting(Snapshot::id).containsExactly(Examples.FIRST);
        assertThat(rebuild.outcome().leftOut())
                .hasSize(3)
                .allSatisfy(one -> assertThat(one.detail())
                        .isEqualTo("it is not signed, and 'signing.trust' asks for a signature"));
    }

    @Test
    void a_take_that_is_running_is_none_that_was_lost() throws IOException {
        SnapshotId id = new SnapshotId("20261122T110000Z-0004");
        Catalog catalog = Catalog.open(store, "shop", CLOCK, "ada");
        catalog.append(new Event.Taking(id, List.of("orders", "items")));
        Manifest manifest = Examples.write(store, id, new Random(4), 1);

        assertThat(checkup().verdict()).isEqualTo(Verdict.PASS);
        assertThatThrownBy(this::rebuild).isInstanceOf(Refusal.class);

        store.content.put(Entry.name(entries.size()), new byte[] {1});
        rebuild();
        assertThat(state().snapshot("orders", id).orElseThrow().manifest()).isEqualTo(manifest.digest());
    }

    // Crashes and others

    @Test
    void a_rebuild_that_crashes_anywhere_is_ended_by_the_next_and_no_backup_is_lost() {
        damage(Entry.name(4), new byte[] {1});
        int crashes = 0;
        for (FaultyStore.When when : FaultyStore.When.values()) {
            for (FaultyStore.HowOften howOften : FaultyStore.HowOften.values()) {
                boolean failed = true;
                for (int failing = 1; failed; failing++) {
                    reset();
                    var faulty = new FaultyStore(store, failing, when, howOften);
                    try {
                        plan(faulty).carryOut();
                    } catch (StoreUnavailable e) {
                        crashes++;
                    }
                    failed = faulty.hasFailed();
                    assertWholeOrRefused();
                    if (checkup().rebuildable()) {
                        rebuild();
                    }
                    assertRebuilt(one -> one.number() != 4);
                }
            }
        }
        assertThat(crashes).isGreaterThan(400);
    }

    /** In whatever state a crash has left it, the catalog says all or nothing. */
    private void assertWholeOrRefused() {
        try {
            assertThat(state().snapshots()).extracting(Snapshot::id).containsAll(ALL);
            assertThat(state().holds()).hasSize(1);
        } catch (UnusableEntry e) {
            assertThat(e.name()).startsWith("catalog/");
        }
    }

    @Test
    void of_two_rebuilds_that_were_planned_at_once_one_is_done() {
        damage(Entry.name(4), new byte[] {1});
        CatalogRebuild one = plan(store);
        CatalogRebuild other = plan(store);
        one.carryOut();

        assertThatThrownBy(other::carryOut)
                .isInstanceOf(Refusal.class)
                .hasMessage("somebody has changed the catalog in the meantime; nothing was removed from it");
        assertRebuilt(entry -> entry.number() != 4);
    }

    @Test
    void rebuilds_at_the_same_time_end_in_one_catalog() throws Exception {
        damage(Entry.name(4), new byte[] {1});
        ExecutorService pool = Executors.newFixedThreadPool(2);
        int done = 0;
        try {
            for (int i = 0; i < Cases.heavy(200, 5_000); i++) {
                reset();
                Callable<Integer> doctor = () -> {
                    try {
                        plan(store).carryOut();
                        return 1;
                    } catch (Refusal e) {
                        return 0;
                    }
                };
                for (var result : pool.invokeAll(List.of(doctor, doctor))) {
                    done += result.get();
                }
                if (checkup().rebuildable()) {
                    rebuild();
                }
                assertRebuilt(one -> one.number() != 4);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(done).isPositive();
    }

    /** A process that knows the old catalog can spoil the new one, which shows, and what it said is taken over. */
    @Test
    void who_goes_on_with_the_old_catalog_is_found() {
        Catalog stale = Catalog.open(store, "shop", CLOCK, "stale");
        damage(Entry.name(4), new byte[] {1});
        rebuild();
        assertThatThrownBy(() -> stale.append(Examples.held(Examples.THIRD)))
                .isInstanceOf(UnusableEntry.class)
                .hasMessage(
                        Entry.name(entries.size() + 1)
                                + " cannot be used: a new catalog begins with it, and entries of the one before it are still there");
        assertRebuilt(one -> one.number() != 4);
    }

    @Test
    void a_stray_entry_of_an_old_catalog_is_taken_over() {
        remove(Entry.name(4));
        rebuild();
        Entry stray = new Entry(7, "stray", Examples.NOON, "late", DIGEST, Examples.held(Examples.THIRD));
        store.content.put(Entry.name(7), stray.bytes());
        assertThatThrownBy(this::state)
                .isInstanceOf(UnusableEntry.class)
                .hasMessage("catalog/000000000001.json cannot be used: it is missing, though entry %d is there"
                        .formatted(entries.size() + 1));

        rebuild();

        assertThat(state().holds())
                .extracting(CatalogState.Hold::id)
                .contains("stray")
                .hasSize(2);
        assertThat(state().snapshots()).extracting(Snapshot::id).isEqualTo(ALL);
    }

    // Hostile

    @Test
    void a_hostile_catalog_is_made_anew_and_no_backup_is_lost() {
        Map<String, byte[]> whole = before;
        List<String> names =
                entries.stream().map(entry -> Entry.name(entry.number())).toList();
        Cases.run(Cases.heavy(500, 50_000), random -> {
            store.content.clear();
            store.content.putAll(whole);
            for (int i = random.nextInt(4); i >= 0; i--) {
                String name = names.get(random.nextInt(names.size()));
                byte[] content = store.content.getOrDefault(name, new byte[0]);
                switch (random.nextInt(5)) {
                    case 0 -> store.content.remove(name);
                    case 1 -> store.content.put(name, whole.get(names.get(random.nextInt(names.size()))));
                    case 2 -> store.content.put(Entry.name(1 + random.nextInt(1_000_000)), content);
                    case 3 ->
                        store.content.put(
                                name,
                                Examples.entry(random, 1 + random.nextInt(20), DIGEST, forged(random))
                                        .bytes());
                    default -> store.content.put(name, Mutations.ofBytes(content, random));
                }
            }
            Checkup checkup = checkup();
            assertThat(checkup.verdict()).isNotEqualTo(Verdict.INCONCLUSIVE);
            try {
                rebuild();
                assertThat(checkup.rebuildable()).isTrue();
            } catch (Refusal e) {
                assertThat(checkup.rebuildable()).isFalse();
            }
            CatalogState state = state();
            for (SnapshotId id : ALL) {
                boolean pruned = state.isGoing(id);
                assertThat(pruned || state.snapshot("orders", id).isPresent()).isTrue();
            }
            assertThat(checkup().rebuildable()).isFalse();
        });
    }

    private static Event forged(Random random) {
        List<Event> events = Examples.events(random);
        return events.get(random.nextInt(events.size()));
    }
}
