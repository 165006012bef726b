package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.record.Digest128;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A full snapshot, one that builds on it, and one that builds on that: what is wrong with one is wrong with the next. */
class ChainVerificationTest {
    private static final SnapshotId THIRD = new SnapshotId("20261124T020000Z-9c5e");

    private final MemoryStore store = new MemoryStore();
    private final Random random = new Random(7);
    private long events;
    private CatalogState state = CatalogState.empty(Sha256.of(new byte[0]));
    private Manifest full;
    private Manifest child;
    private Manifest grandchild;

    ChainVerificationTest() throws IOException {
        full = Examples.write(store, Examples.FIRST, random, 4);
        child = increment(full, Examples.SECOND);
        grandchild = increment(child, THIRD);
    }

    @BeforeEach
    void all_of_them_are_taken() {
        taken(full);
        taken(child);
        taken(grandchild);
    }

    private void taken(Manifest manifest) {
        append(new Event.Taken(manifest.snapshot(), new TreeMap<>(Map.of("orders", Event.Captured.of(manifest)))));
    }

    private void append(Event event) {
        Entry entry = new Entry(++events, "id", Examples.NOON, "me", state.digest(), event);
        state = state.plus(entry, entry.bytes());
    }

    private Buckets buckets(Manifest manifest) {
        return Buckets.decode(
                "buckets.bin", store.read(manifest.folder() + "/buckets.bin").orElseThrow());
    }

    /** All records of one bucket of the parent are gone, and five came to another. */
    private Manifest increment(Manifest parent, SnapshotId id) throws IOException {
        Buckets before = buckets(parent);
        int gone = 0;
        while (before.get(gone).records() == 0) {
            gone++;
        }
        Buckets removed = Buckets.builder(64).add(gone, before.get(gone)).build();
        Buckets inserted = Buckets.builder(64)
                .add(random.nextInt(64), new Buckets.Sums(5, lanes(), lanes(), lanes()))
                .build();
        return write(
                parent,
                id,
                inserted,
                removed,
                before.plus(inserted).minus(removed),
                parent.chain().sequence() + 1);
    }

    private Digest128 lanes() {
        return Examples.lanes(random);
    }

    private Manifest write(
            Manifest parent, SnapshotId id, Buckets inserted, Buckets removed, Buckets whole, long sequence)
            throws IOException {
        String folder = Manifest.folder("orders", id);
        List<FileEntry> files = List.of(
                file(
                        folder,
                        "data/b0.parquet",
                        FileEntry.Side.DATA,
                        inserted.totals().records()),
                file(
                        folder,
                        "removed/b0.parquet",
                        FileEntry.Side.REMOVED,
                        removed.totals().records()));
        put(folder + "/inserted.bin", inserted.encode());
        put(folder + "/removed.bin", removed.encode());
        put(folder + "/buckets.bin", whole.encode());
        long records = whole.totals().records();
        Manifest manifest = new Manifest(
                id,
                "orders",
                Manifest.Origin.TAKEN,
                parent.source(),
                new Manifest.Capture(
                        Manifest.Mode.FUZZY, id.at(), id.at().plusSeconds(60), "none", "lastgood", Duration.ZERO),
                new Manifest.Chain(
                        sequence,
                        new Manifest.Parent(parent.snapshot(), parent.digest()),
                        new Manifest.Delta(
                                Manifest.BucketFile.of("inserted.bin", inserted),
                                Manifest.BucketFile.of("removed.bin", removed))),
                parent.schema(),
                parent.hashing(),
                new Manifest.Counts(
                        records,
                        records,
                        0,
                        removed.totals().records(),
                        files.size(),
                        files.stream().mapToLong(FileEntry::bytes).sum()),
                Manifest.BucketFile.of(whole),
                List.of(),
                files,
                null,
                null,
                UnknownMembers.NONE);
        put(folder + "/manifest.json", manifest.bytes());
        return manifest;
    }

    private FileEntry file(String folder, String path, FileEntry.Side side, long records) throws IOException {
        byte[] content = new byte[300];
        random.nextBytes(content);
        put(folder + "/" + path, content);
        return new FileEntry(path, side, content.length, Sha256.of(content), records, null);
    }

    private void put(String name, byte[] content) throws IOException {
        store.content.remove(name);
        try (OutputStream out = store.create(name)) {
            out.write(content);
        }
    }

    private List<String> l0(Manifest manifest) {
        return ByteVerification.structure(
                        Examples.snapshot(manifest), store, SnapshotFiles.in(store, manifest.folder()), state)
                .damages()
                .stream()
                .map(Damage::toString)
                .toList();
    }

    private List<String> l2(Manifest manifest) {
        return ByteVerification.bytes(Examples.snapshot(manifest), store, SnapshotFiles.in(store, manifest.folder()))
                .damages()
                .stream()
                .map(Damage::toString)
                .toList();
    }

    @Test
    void a_whole_chain_is_sound_and_reads_from_the_full_one_on() {
        assertThat(l0(grandchild)).isEmpty();
        assertThat(l2(grandchild)).isEmpty();
        assertThat(Lineage.of(grandchild, store)).containsExactly(full, child, grandchild);
        assertThat(Lineage.of(full, store)).containsExactly(full);
        assertThat(Manifest.read("m", grandchild.bytes())).isEqualTo(grandchild);
    }

    @Test
    void a_file_missing_of_the_full_one_is_missing_of_all() {
        String path = full.files().get(0).path();
        store.content.remove(full.folder() + "/" + path);

        String told = "%s/%s: CHAIN, MISSING, expected %d bytes, found no file"
                .formatted(full.folder(), path, full.files().get(0).bytes());
        assertThat(l0(child)).containsExactly(told);
        assertThat(l0(grandchild)).containsExactly(told);
        assertThat(l2(grandchild)).containsExactly(told);
    }

    @Test
    void a_byte_changed_in_the_one_between_is_found_by_reading() throws IOException {
        String name = child.folder() + "/removed/b0.parquet";
        byte[] content = store.read(name).orElseThrow().clone();
        content[17] ^= 4;
        put(name, content);

        assertThat(l0(grandchild)).isEmpty();
        assertThat(l2(grandchild))
                .singleElement()
                .satisfies(told -> assertThat(told).startsWith(name + ": CHAIN, CORRUPT, expected "));
        assertThat(l2(full)).isEmpty();
    }

    @Test
    void a_manifest_that_is_gone_breaks_the_chain() {
        store.content.remove(child.folder() + "/manifest.json");

        assertThat(l0(grandchild))
                .containsExactly(child.folder() + "/manifest.json: CHAIN, MISSING, expected a manifest, found none");
        assertThatThrownBy(() -> Lineage.of(grandchild, store))
                .isInstanceOf(UnusableEntry.class)
                .hasMessage("%s/manifest.json cannot be used: it is missing, and snapshot %s builds on it"
                        .formatted(child.folder(), THIRD));
    }

    @Test
    void another_manifest_in_its_place_breaks_the_chain() throws IOException {
        put(
                full.folder() + "/manifest.json",
                Examples.write(new MemoryStore(), Examples.FIRST, random, 4).bytes());

        assertThat(l0(grandchild))
                .singleElement()
                .satisfies(told ->
                        assertThat(told).startsWith(full.folder() + "/manifest.json: CHAIN, UNUSABLE, expected "));
        assertThatThrownBy(() -> Lineage.of(grandchild, store))
                .hasMessage("%s/manifest.json cannot be used: it is not the manifest that snapshot %s builds on"
                        .formatted(full.folder(), Examples.SECOND));
    }

    @Test
    void a_snapshot_the_catalog_does_not_know_breaks_the_chain() {
        state = CatalogState.empty(Sha256.of(new byte[0]));
        events = 0;
        taken(full);
        taken(grandchild);

        assertThat(l0(grandchild))
                .containsExactly("manifest.json: CHAIN, expected snapshot %s, found none in the catalog"
                        .formatted(Examples.SECOND));
        taken(write(Examples.SECOND));
        assertThat(l0(grandchild))
                .singleElement()
                .satisfies(told -> assertThat(told)
                        .startsWith("manifest.json: CHAIN, expected snapshot %s with manifest %s, found "
                                .formatted(Examples.SECOND, child.digest())));
    }

    private Manifest write(SnapshotId id) {
        try {
            return Examples.write(new MemoryStore(), id, random, 1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void digests_that_the_parent_and_the_changes_do_not_add_up_to_are_named() throws IOException {
        Buckets before = buckets(child);
        Buckets inserted = Buckets.builder(64)
                .add(3, new Buckets.Sums(1, lanes(), lanes(), lanes()))
                .build();
        Buckets elsewhere = Buckets.builder(64).add(4, inserted.get(3)).build();
        grandchild = write(child, THIRD, inserted, Buckets.empty(64), before.plus(elsewhere), 2);
        state = CatalogState.empty(Sha256.of(new byte[0]));
        events = 0;
        all_of_them_are_taken();

        assertThat(l0(grandchild))
                .containsExactly(
                        "buckets.bin: CHAIN, 2 of 64 buckets are not those of snapshot %s with what was inserted"
                                        .formatted(Examples.SECOND)
                                + " and without what was removed");
    }

    @Test
    void a_chain_has_no_gap_and_its_windows_are_in_order() throws IOException {
        Manifest gap = write(child, THIRD, Buckets.empty(64), Buckets.empty(64), buckets(child), 3);
        taken(gap);
        assertThat(l0(gap))
                .containsExactly("manifest.json: CHAIN, it is number 3 of its chain, and builds on number 1");
        assertThatThrownBy(() -> Lineage.of(gap, store))
                .hasMessage("%s/manifest.json cannot be used: it is number 3 of its chain, and builds on number 1"
                        .formatted(gap.folder()));

        SnapshotId early = new SnapshotId("20261101T020000Z-9c5e");
        Manifest before = write(child, early, Buckets.empty(64), Buckets.empty(64), buckets(child), 2);
        taken(before);
        assertThat(l0(before))
                .containsExactly("manifest.json: CHAIN, its capture began at %s, before that of snapshot %s ended at %s"
                        .formatted(early.at(), Examples.SECOND, child.capture().to()));
    }

    @Test
    void what_is_found_damaged_damages_all_that_build_on_it() {
        assertThat(state.damaged("orders", THIRD)).isEmpty();
        List<Damage> damages = List.of(new Damage("data/x", Damage.Kind.CORRUPT, ""));
        append(new Event.Verified(Examples.SECOND, "orders", VerificationReport.of(Level.L2, 1, 1, 0, damages)));

        assertThat(state.damaged("orders", THIRD)).contains(Level.L2);
        assertThat(state.damaged("orders", Examples.SECOND)).contains(Level.L2);
        assertThat(state.damaged("orders", Examples.FIRST)).isEmpty();
    }
}
