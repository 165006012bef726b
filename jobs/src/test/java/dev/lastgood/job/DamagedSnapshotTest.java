package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.capture.ContentVerification;
import dev.lastgood.diff.Strategy;
import dev.lastgood.job.Damages.Done;
import dev.lastgood.job.Damages.Kind;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.ByteVerification;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotFiles;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Snapshots of every kind of source, damaged file by file: each damage is found by the level that has to find it, named by
 * file and kind, and nothing that reads a baseline takes it for sound.
 */
@ExtendWith(SparkForTests.class)
final class DamagedSnapshotTest {
    private static final boolean FULL = Boolean.getBoolean("lastgood.full");

    /** No folder of what this program writes stands for a value. */
    private static final List<Kind> KINDS =
            Arrays.stream(Kind.values()).filter(kind -> !kind.isOfPartitions()).toList();

    @TempDir
    static Path folder;

    private static BackupsForTests backups;
    private static SnapshotId older;
    private static SnapshotId latest;
    private static String audit;

    private final long seed = Long.getLong("seed", new Random().nextLong());
    private final Random random = new Random(seed);

    @BeforeAll
    static void two_snapshots_and_an_audit() throws Exception {
        backups = new BackupsForTests(folder.resolve("backups"), "damaged");
        backups.write(1);
        older = backups.take();
        backups.write(2);
        latest = backups.take();
        String live = Files.readString(backups.folder().resolve("data/csv/part.csv"));
        backups.write("data/csv/part.csv", live.replaceFirst("of version 2", "of version 3"));
        Workplace workplace = backups.workplace();
        audit = workplace
                .auditJob()
                .run(workplace.datasets(List.of("csv")), latest.text(), Severity.ERROR)
                .id();
        Damages.restore(store(), folder.resolve("pristine"));
    }

    private static Path store() {
        return backups.folder().resolve("store");
    }

    @AfterEach
    void nothing_stays_damaged() throws IOException {
        Damages.restore(folder.resolve("pristine"), store());
    }

    private static void undo(String dataset) throws IOException {
        Path snapshot = backups.snapshot(dataset, latest);
        Damages.restore(folder.resolve("pristine").resolve(store().relativize(snapshot)), snapshot);
    }

    private Done damage(String dataset, Kind kind) throws IOException {
        List<Path> files = Damages.files(backups.snapshot(dataset, latest).resolve("data"));
        String file = "data/" + files.get(random.nextInt(files.size())).getFileName();
        return Damages.to(backups.snapshot(dataset, latest), backups.snapshot(dataset, older), file, kind, random);
    }

    private static List<String> found(VerificationReport report) {
        return report.damages().stream()
                .map(damage -> damage.file() + " " + damage.kind())
                .toList();
    }

    // ---- verify

    @Test
    void every_damage_of_a_data_file_is_named_by_the_level_that_sees_it() throws IOException {
        Workplace workplace = backups.workplace();
        CatalogState state = workplace.catalog().state();
        int damaged = 0;
        for (String dataset : BackupsForTests.DATASETS) {
            Snapshot snapshot = state.resolve(dataset, latest.text());
            SnapshotFiles files = SnapshotFiles.in(workplace.store(), snapshot.folder());
            for (Kind kind : KINDS) {
                for (int i = 0; i < times(kind); i++) {
                    Done done = damage(dataset, kind);
                    String what = "%s: %s, -Dseed=%d".formatted(dataset, done.what(), seed);

                    VerificationReport l0 = ByteVerification.structure(snapshot, workplace.store(), files, state);
                    VerificationReport l2 = ByteVerification.bytes(snapshot, workplace.store(), files);

                    assertThat(found(l0)).as("L0 of " + what).isEqualTo(done.l0());
                    assertThat(found(l2)).as("L2 of " + what).isEqualTo(done.l2());
                    assertThat(l0.verdict()).isEqualTo(done.isSeenByStructure() ? Verdict.FAIL : Verdict.PASS);
                    assertThat(l2.verdict()).isEqualTo(Verdict.FAIL);
                    damaged++;
                    undo(dataset);
                }
            }
        }
        assertThat(damaged).isGreaterThanOrEqualTo(400);
    }

    private static int times(Kind kind) {
        int times = switch (kind) {
            case BIT_FLIPPED -> 40;
            case BYTES_SCRAMBLED, BLOCK_ZEROED, TRUNCATED, APPENDED -> 10;
            default -> 4;
        };
        return FULL ? 10 * times : times;
    }

    @Test
    void every_damage_of_manifest_and_bucket_digests_is_named_by_both_levels() throws IOException {
        Workplace workplace = backups.workplace();
        CatalogState state = workplace.catalog().state();
        for (String dataset : BackupsForTests.DATASETS) {
            Snapshot snapshot = state.resolve(dataset, latest.text());
            SnapshotFiles files = SnapshotFiles.in(workplace.store(), snapshot.folder());
            Path place = backups.snapshot(dataset, latest);
            for (String file : List.of(Manifest.NAME, "buckets.bin")) {
                for (Kind kind : List.of(
                        Kind.BIT_FLIPPED,
                        Kind.BYTES_SCRAMBLED,
                        Kind.BLOCK_ZEROED,
                        Kind.TRUNCATED,
                        Kind.EMPTIED,
                        Kind.DELETED)) {
                    Done done = Damages.to(place, place, file, kind, random);
                    String what = "%s: %s, -Dseed=%d".formatted(dataset, done.what(), seed);
                    List<String> expected = done.l2();
                    if (file.equals(Manifest.NAME) && kind != Kind.DELETED) {
                        expected = List.of(file + " UNUSABLE");
                    }

                    assertThat(found(ByteVerification.structure(snapshot, workplace.store(), files, state)))
                            .as("L0 of " + what)
                            .isEqualTo(expected);
                    assertThat(found(ByteVerification.bytes(snapshot, workplace.store(), files)))
                            .as("L2 of " + what)
                            .isEqualTo(expected);
                    undo(dataset);
                }
            }
            Files.write(
                    place.resolve(Manifest.NAME),
                    Files.readAllBytes(backups.snapshot(dataset, older).resolve(Manifest.NAME)));
            assertThat(found(ByteVerification.structure(snapshot, workplace.store(), files, state)))
                    .isEqualTo(List.of("manifest.json UNUSABLE"));
        }
    }

    @Test
    void verify_names_the_damage_of_each_dataset_at_its_level_and_leaves_none_out() throws IOException {
        for (List<Kind> kinds : List.of(
                List.of(Kind.BIT_FLIPPED, Kind.BLOCK_ZEROED, Kind.OLDER, Kind.SWAPPED, Kind.BYTES_SCRAMBLED),
                List.of(Kind.TRUNCATED, Kind.APPENDED, Kind.EMPTIED, Kind.DELETED, Kind.DUPLICATED))) {
            Map<String, Done> damages = new LinkedHashMap<>();
            for (int i = 0; i < kinds.size(); i++) {
                String dataset = BackupsForTests.DATASETS.get(i);
                damages.put(dataset, damage(dataset, kinds.get(i)));
            }
            Workplace workplace = backups.workplace();

            List<VerifyJob.Verified> verified =
                    new VerifyJob(workplace).verify(workplace.datasets(List.of()), latest.text(), Level.L3);

            damages.forEach((dataset, done) -> {
                Map<Level, VerificationReport> reports = new LinkedHashMap<>();
                verified.stream()
                        .filter(one -> one.snapshot().dataset().equals(dataset))
                        .forEach(one -> reports.put(one.report().level(), one.report()));
                String what = "%s: %s, -Dseed=%d: %s".formatted(dataset, done.what(), seed, reports);
                assertThat(found(Objects.requireNonNull(reports.get(Level.L0))))
                        .as(what)
                        .isEqualTo(done.l0());
                assertThat(found(Objects.requireNonNull(reports.get(Level.L2))))
                        .as(what)
                        .isEqualTo(done.l2());
                assertThat(reports).hasSize(done.isSeenByStructure() ? 2 : 4);
                assertThat(workplace.catalog().state().isVerified(dataset, latest, Level.L2))
                        .isFalse();
            });
            Damages.restore(folder.resolve("pristine"), store());
        }
    }

    /** L3 on its own: files that are whole, and others. */
    @Test
    void records_of_an_older_snapshot_are_found_by_their_content() throws IOException {
        Workplace workplace = backups.workplace();
        CatalogState state = workplace.catalog().state();
        for (String dataset : BackupsForTests.DATASETS) {
            Done done = damage(dataset, Kind.OLDER);
            Manifest manifest = state.resolve(dataset, latest.text()).manifest(workplace.store());

            VerificationReport report = new ContentVerification(
                            workplace.session(), workplace.store(), workplace.sources())
                    .content(workplace.datasets(List.of(dataset)).get(0), manifest);

            assertThat(report.verdict()).as(dataset + ": " + done.what()).isEqualTo(Verdict.FAIL);
            assertThat(found(report)).as(done.what()).contains("buckets.bin CONTENT");
        }
    }

    @Test
    void what_reads_through_the_engine_survives_any_damage_and_passes_none_that_changes_a_record() throws IOException {
        Workplace workplace = backups.workplace();
        Manifest manifest =
                workplace.catalog().state().resolve("parquet", latest.text()).manifest(workplace.store());
        var verification = new ContentVerification(workplace.session(), workplace.store(), workplace.sources());
        List<String> sound = rows(workplace, manifest);
        int failed = 0;
        int flips = FULL ? 300 : 20;
        for (int i = 0; i < flips; i++) {
            Done done = damage("parquet", i % 4 == 0 ? Kind.BLOCK_ZEROED : Kind.BIT_FLIPPED);

            VerificationReport footers = verification.footers(manifest);
            VerificationReport content =
                    verification.content(workplace.datasets(List.of("parquet")).get(0), manifest);

            if (content.verdict() == Verdict.PASS) {
                assertThat(rows(workplace, manifest))
                        .as("%s, -Dseed=%d", done.what(), seed)
                        .isEqualTo(sound);
            } else {
                failed++;
            }
            assertThat(footers.verdict()).isIn(Verdict.PASS, Verdict.FAIL);
            undo("parquet");
        }
        // Some damage lies where nothing is read; how much is chance.
        assertThat(failed).isGreaterThan(flips / 4);
    }

    /** What Spark makes of the files without any of our checks, but for the fields, which are the manifest's. */
    private static List<String> rows(Workplace workplace, Manifest manifest) {
        String[] paths = manifest.files(FileEntry.Side.DATA).stream()
                .map(file -> workplace.store().location(manifest.folder() + "/" + file.path()))
                .toArray(String[]::new);
        StructType fields = StructType.fromDDL(manifest.schema().fields().stream()
                .map(field -> "`%s` %s".formatted(field.name(), field.type()))
                .collect(Collectors.joining(", ")));
        return workplace.session().read().schema(fields).parquet(paths).collectAsList().stream()
                .map(Row::json)
                .sorted()
                .toList();
    }

    // ---- baselines

    @Test
    void no_damaged_snapshot_is_read_as_a_baseline() throws IOException {
        Workplace workplace = backups.workplace();
        int i = 0;
        for (Kind kind : KINDS) {
            if (kind == Kind.DUPLICATED) {
                continue; // the list of files is the manifest's, and all of those are whole
            }
            for (int n = 0; n < 2; n++) {
                String dataset = BackupsForTests.DATASETS.get(i++ % BackupsForTests.DATASETS.size());
                var datasets = workplace.datasets(List.of(dataset));
                Done done = damage(dataset, kind);
                String what = "%s: %s, -Dseed=%d".formatted(dataset, done.what(), seed);
                String file = done.l2().get(0).split(" ", 2)[0];

                refused(what, file, () -> workplace.auditJob().run(datasets, "", Severity.ERROR));
                refused(what, file, () -> workplace.auditJob().run(datasets, latest.text(), Severity.ERROR));
                if (done.isSeenByStructure()) {
                    refused(what, file, () -> new DiffJob(workplace).diff(datasets, "latest", "live", line -> {}));
                } else {
                    refusedUnlessSame(what, file, workplace, datasets);
                }
                refused(what, file, () -> new DiffJob(workplace).diff(datasets, older.text(), "latest", line -> {}));
                refused(what, file, () -> new HistoryJob(workplace).history(datasets.get(0), "1"));
                undo(dataset);
            }
        }
    }

    @Test
    void no_plan_is_made_from_a_damaged_snapshot() throws IOException {
        for (Kind kind : List.of(Kind.BIT_FLIPPED, Kind.OLDER, Kind.DELETED)) {
            Done done = damage("csv", kind);
            Selection changed = new Selection(
                    audit,
                    Set.of(),
                    Set.of(),
                    Set.of(),
                    Set.of("csv"),
                    List.of("1"),
                    "",
                    false,
                    false,
                    Set.of(),
                    "",
                    dev.lastgood.restore.Mode.BLOCK);

            refused(
                    "%s, -Dseed=%d".formatted(done.what(), seed),
                    done.l2().get(0).split(" ", 2)[0],
                    () -> new PlanJob(backups.workplace()).plan(changed));
            undo("csv");
        }
    }

    @Test
    void a_baseline_whose_manifest_is_damaged_or_gone_is_refused() throws IOException {
        Workplace workplace = backups.workplace();
        for (Kind kind : List.of(Kind.BIT_FLIPPED, Kind.TRUNCATED, Kind.EMPTIED, Kind.DELETED)) {
            Path place = backups.snapshot("orc", latest);
            Done done = Damages.to(place, place, Manifest.NAME, kind, random);
            refused(
                    "%s, -Dseed=%d".formatted(done.what(), seed),
                    Manifest.NAME,
                    () -> workplace.auditJob().run(workplace.datasets(List.of("orc")), "", Severity.ERROR));
            undo("orc");
        }
    }

    /** Where the hashes that are kept say that nothing differs, no record of a snapshot is read, and that is said. */
    private static void refusedUnlessSame(String what, String file, Workplace workplace, List<DatasetSpec> datasets)
            throws IOException {
        List<String> lines = new ArrayList<>();
        try {
            var difference = new DiffJob(workplace).diff(datasets, "latest", "live", lines::add);
            assertThat(lines).as(what).isEmpty();
            assertThat(difference.unread())
                    .as(what)
                    .containsExactly(datasets.get(0).name());
            assertThat(difference.ways().values()).as(what).allMatch(way -> way.way() == Strategy.Way.KEPT);
        } catch (UnusableEntry e) {
            refused(what, file, () -> {
                throw e;
            });
        }
    }

    private static void refused(String what, String file, ThrowingCallable reading) throws IOException {
        List<Path> audits = Damages.files(store().resolve("audits"));
        assertThatThrownBy(reading)
                .as(what)
                .isInstanceOf(UnusableEntry.class)
                .hasMessageContaining(file + " cannot be used: ");
        assertThat(Damages.files(store().resolve("audits"))).isEqualTo(new ArrayList<>(audits));
    }
}
