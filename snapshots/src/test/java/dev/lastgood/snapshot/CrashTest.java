package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.rule.Verdict;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every call of the store fails once, before or after its effect, while a snapshot is taken or removed. */
class CrashTest {

    private static final Clock CLOCK = Clock.fixed(Examples.NOON, ZoneOffset.UTC);

    private final MemoryStore store = new MemoryStore();
    private final Random random = new Random(1);

    /** What the product does in the order of its promises. */
    private Snapshot take(Store in) throws IOException {
        StoreFormat.establish(in, "shop");
        Catalog catalog = Catalog.open(in, "shop", CLOCK, "taker");
        SnapshotId id = SnapshotId.next(CLOCK, random);
        catalog.append(new Event.Taking(id, List.of("orders")));
        Manifest manifest = Examples.write(in, id, random, 2);
        SnapshotFiles files = SnapshotFiles.in(in, manifest.folder());
        for (FileEntry entry : manifest.files()) {
            assertThat(FileCheck.of(entry, files).damage()).isNull();
        }
        catalog.append(new Event.Taken(id, new TreeMap<>(Map.of("orders", Event.Captured.of(manifest)))));
        return Examples.snapshot(manifest);
    }

    private static final Retention NEWEST = new Retention(1, 0, 0, 0, 0, 0, null, 1);

    /** What `snapshot prune` does. */
    private static List<SnapshotId> prune(Store in) {
        Clock later = Clock.fixed(Examples.NOON.plusSeconds(3600), ZoneOffset.UTC);
        Pruner pruner = new Pruner(in, Catalog.open(in, "shop", later, "pruner"), later);
        return pruner.prune(pruner.outlook(NEWEST), NEWEST);
    }

    @Test
    void a_take_that_crashes_anywhere_leaves_a_sound_catalog_and_no_half_snapshot() throws IOException {
        int crashes = 0;
        for (FaultyStore.When when : FaultyStore.When.values()) {
            for (FaultyStore.HowOften howOften : FaultyStore.HowOften.values()) {
                boolean failed = true;
                for (int failing = 1; failed; failing++) {
                    store.content.clear();
                    var faulty = new FaultyStore(store, failing, when, howOften);
                    try {
                        take(faulty);
                    } catch (StoreUnavailable | AssertionError e) {
                        crashes++;
                    }
                    failed = faulty.hasFailed();
                    int before = checkSound();
                    take(store);
                    assertThat(checkSound()).isEqualTo(before + 1);
                }
            }
        }
        assertThat(crashes).isGreaterThan(80);
    }

    /** Every snapshot the catalog names is whole to the last byte. */
    private int checkSound() {
        StoreFormat.establish(store, "shop");
        CatalogState state = Catalog.open(store, "shop", CLOCK, "reader").state();
        for (Snapshot snapshot : state.snapshots()) {
            SnapshotFiles files = SnapshotFiles.in(store, snapshot.folder());
            assertThat(ByteVerification.structure(snapshot, store, files, state).verdict())
                    .isEqualTo(Verdict.PASS);
            assertThat(ByteVerification.bytes(snapshot, store, files).verdict()).isEqualTo(Verdict.PASS);
        }
        return state.snapshots().size();
    }

    @Test
    void a_prune_that_crashes_anywhere_is_finished_by_the_next() throws IOException {
        int crashes = 0;
        for (FaultyStore.When when : FaultyStore.When.values()) {
            boolean failed = true;
            for (int failing = 1; failed; failing++) {
                store.content.clear();
                SnapshotId one = take(store).id();
                SnapshotId other = take(store).id();
                SnapshotId old = one.compareTo(other) < 0 ? one : other;
                SnapshotId kept = old.equals(one) ? other : one;
                var faulty = new FaultyStore(store, failing, when, FaultyStore.HowOften.FOR_GOOD);
                try {
                    prune(faulty);
                } catch (StoreUnavailable e) {
                    crashes++;
                }
                failed = faulty.hasFailed();
                checkSound();
                prune(store);
                CatalogState state =
                        Catalog.open(store, "shop", CLOCK, "reader").state();
                assertThat(state.snapshots()).extracting(Snapshot::id).containsExactly(kept);
                assertThat(state.pruned()).containsExactly(old);
                assertThat(state.pruning()).isEmpty();
                assertThat(store.files("snapshots"))
                        .noneMatch(file -> file.name().contains(old.text()));
                checkSound();
            }
        }
        assertThat(crashes).isGreaterThan(8);
    }
}
