package dev.lastgood.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lastgood.record.Cases;
import dev.lastgood.rule.Verdict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ByteVerificationTest {

    private static final CatalogState NOTHING = CatalogState.empty(Sha256.of(new byte[0]));

    private final MemoryStore store = new MemoryStore();
    private Manifest manifest = Examples.manifest(new Random(1));
    private Snapshot snapshot = Examples.snapshot(manifest);

    @BeforeEach
    void write() throws IOException {
        write(new Random(2));
    }

    private void write(Random random) throws IOException {
        store.content.clear();
        manifest = Examples.write(store, Examples.FIRST, random, 4);
        snapshot = Examples.snapshot(manifest);
    }

    private SnapshotFiles files() {
        return SnapshotFiles.in(store, snapshot.folder());
    }

    private VerificationReport l0() {
        return ByteVerification.structure(snapshot, store, files(), NOTHING);
    }

    private VerificationReport l2() {
        return ByteVerification.bytes(snapshot, store, files());
    }

    private String name(String path) {
        return snapshot.folder() + "/" + path;
    }

    private byte[] content(String path) {
        return store.read(name(path)).orElseThrow();
    }

    private void put(String path, byte[] content) {
        store.content.put(name(path), content);
    }

    @Test
    void a_whole_snapshot_passes_and_the_report_says_what_was_examined() {
        long data = manifest.counts().bytes();
        long sidecar = content("buckets.bin").length;
        long document = content("manifest.json").length;

        assertThat(l0())
                .isEqualTo(new VerificationReport(Level.L0, Verdict.PASS, 9, document + sidecar, 0, 0, List.of()));
        assertThat(l2())
                .isEqualTo(
                        new VerificationReport(Level.L2, Verdict.PASS, 9, document + sidecar + data, 0, 0, List.of()));
    }

    private static final String A = "data/b0000.parquet";
    private static final String B = "thin/b0002.parquet";

    /** Ways to damage file A, what L0 and L2 call it, and what they say. */
    private enum Fault {
        FLIPPED_BIT(null, Damage.Kind.CORRUPT),
        ZEROED_BLOCK(null, Damage.Kind.CORRUPT),
        TRUNCATED(Damage.Kind.WRONG_SIZE, Damage.Kind.WRONG_SIZE),
        APPENDED(Damage.Kind.WRONG_SIZE, Damage.Kind.WRONG_SIZE),
        EMPTIED(Damage.Kind.EMPTY, Damage.Kind.EMPTY),
        DELETED(Damage.Kind.MISSING, Damage.Kind.MISSING),
        REPLACED_BY_ANOTHER(Damage.Kind.WRONG_SIZE, Damage.Kind.MISPLACED);

        final Damage.@Nullable Kind l0;
        final Damage.Kind l2;

        Fault(Damage.@Nullable Kind l0, Damage.Kind l2) {
            this.l0 = l0;
            this.l2 = l2;
        }

        void befall(ByteVerificationTest test, String path, Random random) {
            byte[] content = test.content(path);
            switch (this) {
                case FLIPPED_BIT -> {
                    content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
                    test.put(path, content);
                }
                case ZEROED_BLOCK -> {
                    Arrays.fill(content, 16, 80, (byte) 0);
                    test.put(path, content);
                }
                case TRUNCATED -> test.put(path, Arrays.copyOf(content, content.length - 1 - random.nextInt(100)));
                case APPENDED -> test.put(path, Arrays.copyOf(content, content.length + 1 + random.nextInt(100)));
                case EMPTIED -> test.put(path, new byte[0]);
                case DELETED -> test.store.content.remove(test.name(path));
                case REPLACED_BY_ANOTHER -> test.put(path, test.other(path));
            }
        }
    }

    /** The content of a file of another size. */
    private byte[] other(String path) {
        long bytes = content(path).length;
        return manifest.files().stream()
                .filter(entry -> entry.bytes() != bytes)
                .findFirst()
                .map(entry -> content(entry.path()))
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void every_fault_is_named_with_file_and_kind(Fault fault) {
        fault.befall(this, A, new Random(3));

        if (fault.l0 == null) {
            assertThat(l0().verdict()).isEqualTo(Verdict.PASS);
        } else {
            assertThat(l0().verdict()).isEqualTo(Verdict.FAIL);
            assertThat(l0().damages()).extracting(Damage::file, Damage::kind).containsExactly(tuple(A, fault.l0));
        }
        assertThat(l2().verdict()).isEqualTo(Verdict.FAIL);
        assertThat(l2().damages()).extracting(Damage::file, Damage::kind).containsExactly(tuple(A, fault.l2));
    }

    @Test
    void details_say_what_was_expected_and_what_was_found() {
        FileEntry entry = manifest.files().get(0);
        assertThat(entry.path()).isEqualTo(A);
        byte[] flipped = content(A);
        flipped[7] ^= 1;
        put(A, flipped);
        assertThat(l2().damages())
                .containsExactly(new Damage(
                        A,
                        Damage.Kind.CORRUPT,
                        "expected %s, found %s, twice".formatted(entry.sha256(), Sha256.of(flipped))));

        put(A, new byte[17]);
        assertThat(l2().damages())
                .containsExactly(
                        new Damage(A, Damage.Kind.WRONG_SIZE, "expected %d bytes, found 17".formatted(entry.bytes())));

        store.content.remove(name(A));
        assertThat(l2().damages())
                .containsExactly(new Damage(
                        A, Damage.Kind.MISSING, "expected %d bytes, found no file".formatted(entry.bytes())));
    }

    @Test
    void two_swapped_files_are_both_misplaced() {
        byte[] a = content(A);
        put(A, content(B));
        put(B, a);

        assertThat(l2().damages())
                .containsExactly(
                        new Damage(A, Damage.Kind.MISPLACED, "it has the bytes of " + B),
                        new Damage(B, Damage.Kind.MISPLACED, "it has the bytes of " + A));
    }

    @Test
    void files_nobody_listed_are_named_and_copies_as_copies() {
        put("data/b0000-copy.parquet", content(A));
        put("data/_SUCCESS", new byte[0]);
        put("thin/other", new byte[content(A).length]);

        assertThat(l0().damages())
                .containsExactly(
                        new Damage("data/_SUCCESS", Damage.Kind.EXTRA, "the manifest does not list it"),
                        new Damage("data/b0000-copy.parquet", Damage.Kind.EXTRA, "the manifest does not list it"),
                        new Damage("thin/other", Damage.Kind.EXTRA, "the manifest does not list it"));
        assertThat(l2().damages())
                .containsExactly(
                        new Damage("data/_SUCCESS", Damage.Kind.EXTRA, "the manifest does not list it"),
                        new Damage(
                                "data/b0000-copy.parquet",
                                Damage.Kind.DUPLICATE,
                                "the manifest does not list it; a copy of " + A),
                        new Damage("thin/other", Damage.Kind.EXTRA, "the manifest does not list it"));
        assertThat(l2().verdict()).isEqualTo(Verdict.FAIL);
    }

    /** Those whose name does not depend on what happens to other files. */
    private static final List<Fault> SIMPLE = List.copyOf(EnumSet.complementOf(EnumSet.of(Fault.REPLACED_BY_ANOTHER)));

    /** Several faults at once in one snapshot: all are listed, and nothing else is. */
    @Test
    void all_damage_is_listed_not_the_first() {
        Cases.run(Cases.heavy(1_000, 50_000), random -> {
            write(random);
            TreeMap<String, Damage.Kind> expected = new TreeMap<>();
            for (FileEntry entry : manifest.files()) {
                if (random.nextInt(3) == 0) {
                    Fault fault = SIMPLE.get(random.nextInt(SIMPLE.size()));
                    fault.befall(this, entry.path(), random);
                    expected.put(entry.path(), fault.l2);
                }
            }
            if (random.nextBoolean()) {
                put("data/extra", new byte[] {1});
                expected.put("data/extra", Damage.Kind.EXTRA);
            }

            VerificationReport report = l2();

            TreeMap<String, Damage.Kind> found = new TreeMap<>();
            report.damages().forEach(damage -> found.put(damage.file(), damage.kind()));
            assertThat(found).isEqualTo(expected);
            assertThat(report.damaged()).isEqualTo(expected.size());
            assertThat(report.verdict()).isEqualTo(expected.isEmpty() ? Verdict.PASS : Verdict.FAIL);
        });
    }

    // The manifest and the sidecar

    @Test
    void without_a_manifest_nothing_is_known() {
        store.content.remove(name("manifest.json"));

        assertThat(l0()).isEqualTo(l2At(Level.L0));
        assertThat(l2()).isEqualTo(l2At(Level.L2));
    }

    private static VerificationReport l2At(Level level) {
        return new VerificationReport(
                level,
                Verdict.FAIL,
                0,
                0,
                0,
                1,
                List.of(new Damage("manifest.json", Damage.Kind.MISSING, "expected a manifest, found none")));
    }

    @Test
    void a_manifest_that_is_not_the_one_of_the_catalog_is_not_believed() throws IOException {
        Sha256 digest = manifest.digest();
        store.content.clear();
        Manifest other = Examples.write(store, Examples.FIRST, new Random(99), 4);

        assertThat(l2().damages())
                .containsExactly(new Damage(
                        "manifest.json",
                        Damage.Kind.UNUSABLE,
                        "expected %s, found %s".formatted(digest, other.digest())));
        assertThat(l0().damages()).isEqualTo(l2().damages());
    }

    @Test
    void a_damaged_manifest_is_said_to_be_that() {
        byte[] content = content("manifest.json");
        content[0] = 'x';
        put("manifest.json", content);

        assertThat(l2().damages()).containsExactly(new Damage("manifest.json", Damage.Kind.UNUSABLE, "it is not JSON"));
    }

    @Test
    void a_sidecar_is_verified_at_both_levels() {
        byte[] content = content("buckets.bin");
        content[100] ^= 1;
        put("buckets.bin", content);

        assertThat(l0().damages())
                .extracting(Damage::file, Damage::kind)
                .containsExactly(tuple("buckets.bin", Damage.Kind.CORRUPT));
        assertThat(l2().damages()).isEqualTo(l0().damages());
    }

    @Test
    void sums_that_do_not_agree_are_all_named() {
        Manifest.Counts counts = manifest.counts();
        rewrite(new Manifest.Counts(
                counts.records() + 1, counts.records() + 2, 0, 0, counts.files() - 1, counts.bytes() + 5));

        assertThat(l0().damages())
                .extracting(Damage::file, Damage::kind, Damage::detail)
                .containsExactly(
                        sums("expected %d bytes, found %d".formatted(counts.bytes() + 5, counts.bytes())),
                        sums("expected 41 records in buckets, found 40"),
                        sums("expected 41 records in files of side DATA, found 40"),
                        sums("expected 41 records in files of side THIN, found 40"),
                        sums("expected 7 files, found 8"),
                        sums("expected at most 41 distinct keys, found 42"));
    }

    private static Tuple sums(String detail) {
        return tuple("manifest.json", Damage.Kind.SUMS, detail);
    }

    /** Publishes the manifest with other counts, as a program with a bug would. */
    private void rewrite(Manifest.Counts counts) {
        rewrite(manifest.chain(), manifest.schema(), counts, manifest.buckets(), manifest.partitions());
    }

    private void rewrite(
            Manifest.Chain chain,
            Manifest.Schema schema,
            Manifest.Counts counts,
            Manifest.@Nullable BucketFile buckets,
            List<Manifest.Partition> partitions) {
        manifest = new Manifest(
                manifest.snapshot(),
                manifest.dataset(),
                manifest.origin(),
                manifest.source(),
                manifest.capture(),
                chain,
                schema,
                manifest.hashing(),
                counts,
                buckets,
                partitions,
                manifest.files(),
                null,
                null,
                UnknownMembers.NONE);
        put("manifest.json", manifest.bytes());
        snapshot = Examples.snapshot(manifest);
    }

    @Test
    void records_nobody_counted_are_not_summed_up() {
        List<FileEntry> uncounted = new ArrayList<>(manifest.files());
        FileEntry first = uncounted.get(0);
        uncounted.set(0, new FileEntry(first.path(), first.side(), first.bytes(), first.sha256(), null, null));
        manifest = new Manifest(
                manifest.snapshot(),
                manifest.dataset(),
                manifest.origin(),
                manifest.source(),
                manifest.capture(),
                manifest.chain(),
                manifest.schema(),
                manifest.hashing(),
                manifest.counts(),
                manifest.buckets(),
                List.of(),
                uncounted,
                null,
                null,
                UnknownMembers.NONE);
        put("manifest.json", manifest.bytes());
        snapshot = Examples.snapshot(manifest);

        assertThat(l0().verdict()).isEqualTo(Verdict.PASS);
    }

    @Test
    void more_keys_twice_than_keys_cannot_be() {
        Manifest.Counts counts = manifest.counts();
        rewrite(new Manifest.Counts(counts.records(), 3, 4, 0, counts.files(), counts.bytes()));

        assertThat(l0().damages())
                .extracting(Damage::file, Damage::kind, Damage::detail)
                .containsExactly(sums("expected at most 3 duplicate keys, found 4"));
    }

    /** An extra file of a size no listed file has can be no copy of one. */
    @Test
    void extra_files_are_read_only_if_they_may_be_copies() {
        put("data/huge", new byte[12_345]);
        put("data/copy", content(A));
        List<String> opened = new ArrayList<>();
        SnapshotFiles files = files();
        l2(new SnapshotFiles() {
            @Override
            public SortedMap<String, Long> list() {
                return files.list();
            }

            @Override
            public OptionalLong size(String path) {
                return files.size(path);
            }

            @Override
            public Optional<InputStream> open(String path) {
                opened.add(path);
                return files.open(path);
            }
        });

        assertThat(opened).contains("data/copy").doesNotContain("data/huge");
    }

    @Test
    void partitions_and_fields_must_add_up_too() {
        var field = new Manifest.Field("note", "string", null, null, true, 30, 11);
        rewrite(
                manifest.chain(),
                new Manifest.Schema(List.of("id"), List.of(field)),
                manifest.counts(),
                manifest.buckets(),
                List.of(new Manifest.Partition("day=1", 2, 10), new Manifest.Partition("day=2", 1, 29)));

        assertThat(l0().damages())
                .extracting(Damage::file, Damage::kind, Damage::detail)
                .containsExactly(
                        sums("expected 4 files of partitions, found 3"),
                        sums("expected 40 records of partitions, found 39"),
                        sums("expected at most 40 nulls and absences of field 'note', found 41"));
    }

    @Test
    void without_bucket_digests_there_is_no_sidecar_to_verify() {
        rewrite(manifest.chain(), manifest.schema(), manifest.counts(), null, List.of());

        assertThat(l0().damages())
                .containsExactly(new Damage("buckets.bin", Damage.Kind.EXTRA, "the manifest does not list it"));
        store.content.remove(name("buckets.bin"));
        assertThat(l0().verdict()).isEqualTo(Verdict.PASS);
    }

    /** A sidecar whose bytes are those the manifest lists. */
    private void rewriteSidecar(byte[] content, int buckets, Buckets.Sums totals) {
        put("buckets.bin", content);
        var sidecar = new Manifest.BucketFile(buckets, "buckets.bin", content.length, Sha256.of(content), totals);
        rewrite(manifest.chain(), manifest.schema(), manifest.counts(), sidecar, List.of());
    }

    @Test
    void a_sidecar_must_hold_what_the_manifest_sums_up() {
        var totals = new Buckets.Sums(
                40, Buckets.Sums.ZERO.keys(), Buckets.Sums.ZERO.content(), Buckets.Sums.ZERO.compare());
        byte[] sidecar = Buckets.builder(8).add(3, totals).build().encode();
        rewriteSidecar(sidecar, 8, totals);
        assertThat(l0().verdict()).isEqualTo(Verdict.PASS);

        rewriteSidecar(sidecar, 9, totals);
        assertThat(l0().damages())
                .containsExactly(new Damage("buckets.bin", Damage.Kind.SUMS, "expected 9 buckets, found 8"));

        Buckets.Sums twice = new Buckets.Sums(40, Examples.lanes(new Random(1)), totals.content(), totals.compare());
        rewriteSidecar(sidecar, 8, twice);
        assertThat(l0().damages())
                .containsExactly(
                        new Damage("buckets.bin", Damage.Kind.SUMS, "expected %s, found %s".formatted(twice, totals)));

        rewriteSidecar(new byte[] {1, 2, 3}, 8, totals);
        assertThat(l0().damages())
                .containsExactly(new Damage("buckets.bin", Damage.Kind.UNUSABLE, "it ends too early"));
    }

    @Test
    void a_manifest_in_the_folder_of_another_snapshot_is_misplaced() {
        String folder = Manifest.folder("customers", Examples.SECOND);
        store.content.put(folder + "/manifest.json", content("manifest.json"));
        snapshot = Snapshot.of(Examples.SECOND, "customers", Manifest.Origin.TAKEN, Event.Captured.of(manifest));

        assertThat(l2().damages())
                .containsExactly(new Damage(
                        "manifest.json",
                        Damage.Kind.MISPLACED,
                        "expected customers@20261121T020000Z-bbbb, found orders@20261120T020000Z-aaaa"));
    }

    @Test
    void a_manifest_that_cannot_be_read_proves_nothing() {
        Store failing = new FaultyStore(store, 1, FaultyStore.When.BEFORE, FaultyStore.HowOften.FOR_GOOD);

        VerificationReport report = ByteVerification.structure(snapshot, failing, files(), NOTHING);

        assertThat(report.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(report.damages())
                .containsExactly(
                        new Damage("manifest.json", Damage.Kind.UNREADABLE, "StoreUnavailable: call 1 failed"));
    }

    @Test
    void a_sidecar_that_goes_between_two_readings_proves_nothing() {
        for (FaultyStore.When when : FaultyStore.When.values()) {
            Store failing = new FaultyStore(store, 2, when, FaultyStore.HowOften.FOR_GOOD);
            assertThat(ByteVerification.structure(snapshot, failing, files(), NOTHING)
                            .damages())
                    .extracting(Damage::file, Damage::kind)
                    .containsExactly(tuple("buckets.bin", Damage.Kind.UNREADABLE));
        }
    }

    @Test
    void the_manifest_of_a_snapshot_is_the_one_the_catalog_names() {
        assertThat(snapshot.manifest(store)).isEqualTo(manifest);

        Snapshot other =
                Snapshot.of(snapshot.id(), "orders", Manifest.Origin.TAKEN, Examples.captured(snapshot.id(), null));
        assertThatThrownBy(() -> other.manifest(store))
                .isInstanceOf(UnusableEntry.class)
                .hasMessage("%s/manifest.json cannot be used: its digest is %s, and the catalog says %s"
                        .formatted(snapshot.folder(), manifest.digest(), other.manifest()));

        store.content.remove(name("manifest.json"));
        assertThatThrownBy(() -> snapshot.manifest(store))
                .hasMessage(snapshot.folder() + "/manifest.json cannot be used: it is missing");
    }

    // What could not be looked at

    @Test
    void a_file_nobody_read_is_no_pass() {
        VerificationReport report = ByteVerification.bytes(
                snapshot,
                store,
                files(),
                entries -> entries.stream()
                        .filter(entry -> !entry.path().equals(A))
                        .map(entry -> FileCheck.of(entry, files()))
                        .toList());

        assertThat(report.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(report.damages()).containsExactly(new Damage(A, Damage.Kind.NOT_EXAMINED, "nobody has read it"));
        assertThat(report.filesExamined()).isEqualTo(8);
    }

    @Test
    void nothing_examined_is_no_pass() {
        assertThat(VerificationReport.of(Level.L3, 0, 0, 0, List.of()).verdict())
                .isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(VerificationReport.of(Level.L3, 0, 0, 1, List.of()).verdict())
                .isEqualTo(Verdict.PASS);
    }

    private static final InputStream BROKEN = new InputStream() {
        @Override
        public int read() throws IOException {
            throw new IOException("the disk says no");
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            return read();
        }
    };

    private static InputStream in(byte[] content) {
        return new ByteArrayInputStream(content);
    }

    /** Files of which A is read so, one time after the other. */
    private SnapshotFiles reading(InputStream... readings) {
        SnapshotFiles files = files();
        Iterator<InputStream> next = List.of(readings).iterator();
        return new SnapshotFiles() {
            @Override
            public SortedMap<String, Long> list() {
                return files.list();
            }

            @Override
            public OptionalLong size(String path) {
                return files.size(path);
            }

            @Override
            public Optional<InputStream> open(String path) {
                return path.equals(A) ? Optional.of(next.next()) : files.open(path);
            }
        };
    }

    private VerificationReport l2(SnapshotFiles files) {
        return ByteVerification.bytes(snapshot, store, files);
    }

    @Test
    void two_readings_that_differ_prove_nothing() {
        byte[] right = content(A);
        byte[] wrong = new byte[right.length];
        var flaky = new Damage(A, Damage.Kind.FLAKY_READ, "two readings of it differ");

        for (SnapshotFiles files : List.of(
                reading(in(wrong), in(right)), reading(in(wrong), in(new byte[3])), reading(BROKEN, in(right)))) {
            VerificationReport report = l2(files);
            assertThat(report.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
            assertThat(report.damages()).containsExactly(flaky);
        }
        assertThat(l2(reading(in(wrong), in(wrong))).damages())
                .extracting(Damage::kind)
                .containsExactly(Damage.Kind.CORRUPT);
    }

    @Test
    void what_cannot_be_read_twice_is_unreadable_and_no_proof_of_damage() {
        VerificationReport report = l2(reading(BROKEN, BROKEN));

        assertThat(report.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
        assertThat(report.damages())
                .containsExactly(new Damage(A, Damage.Kind.UNREADABLE, "IOException: the disk says no"));
        assertThat(report.filesExamined()).isEqualTo(8);
    }

    @Test
    void damage_that_is_certain_outweighs_what_could_not_be_read() {
        store.content.remove(name(B));

        assertThat(l2(reading(BROKEN, BROKEN)).verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void what_a_listing_lacks_is_looked_up_before_it_is_missing() {
        SnapshotFiles files = files();
        SnapshotFiles forgetful = new SnapshotFiles() {
            @Override
            public SortedMap<String, Long> list() {
                SortedMap<String, Long> listed = files.list();
                listed.remove(A);
                return listed;
            }

            @Override
            public OptionalLong size(String path) {
                return files.size(path);
            }

            @Override
            public Optional<InputStream> open(String path) {
                return files.open(path);
            }
        };

        assertThat(ByteVerification.structure(snapshot, store, forgetful, NOTHING)
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    @Test
    void reports_go_into_the_catalog_with_their_number_and_a_bounded_list() {
        List<Damage> many = IntStream.range(0, 1500)
                .mapToObj(i -> new Damage("data/b%04d".formatted(i), Damage.Kind.MISSING, "x"))
                .toList();
        VerificationReport report = VerificationReport.of(Level.L2, 10, 10, 0, many);

        VerificationReport kept = new Event.Verified(Examples.FIRST, "orders", report).report();

        assertThat(report.damages()).hasSize(1500);
        assertThat(kept.damaged()).isEqualTo(1500);
        assertThat(kept.damages()).hasSize(1000).isEqualTo(report.damages().subList(0, 1000));
    }
}
