package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.capture.ContentVerification;
import dev.lastgood.job.Damages.Done;
import dev.lastgood.job.Damages.Kind;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.ByteVerification;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotFiles;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.store.AdoptedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Adopted backups in every format, damaged in every way: no damage is accepted silently, each damaged file is named with its
 * kind, and all of a snapshot in one run.
 */
@ExtendWith(SparkForTests.class)
final class DamagedBackupTest {
    private static final boolean FULL = Boolean.getBoolean("lastgood.full");
    private static final long RECORDS = 240;

    @TempDir
    static Path folder;

    private static Workplace workplace;
    private static final Map<BackupFormat, Snapshot> SNAPSHOTS = new EnumMap<>(BackupFormat.class);

    private final long seed = Long.getLong("seed", new Random().nextLong());
    private final Random random = new Random(seed);

    @BeforeAll
    static void an_adopted_backup_of_each_format() throws IOException {
        StringBuilder datasets = new StringBuilder();
        for (BackupFormat format : BackupFormat.values()) {
            format.write(SparkForTests.session(), place("older", format), 1, RECORDS);
            format.write(SparkForTests.session(), place("pristine", format), 2, RECORDS);
            Damages.restore(place("pristine", format), place("backups", format));
            Damages.restore(place("pristine", format), place("live", format));
            datasets.append("  %1$s: {source: lake, path: %1$s, format: %2$s, key: [id]}\n"
                    .formatted(format.dataset(), format.format()));
        }
        Files.writeString(
                folder.resolve("lastgood.yaml"),
                "format: 1\nworkspace: shop\nstore: store\nsources: {lake: {files: live}}\ndatasets:\n" + datasets);
        workplace = new Workplace(
                Workplace.read(folder.resolve("lastgood.yaml"), Map.of()),
                Clock.fixed(Instant.parse("2026-12-01T02:00:00Z"), ZoneOffset.UTC),
                "test",
                "local[2]",
                Map.of());
        for (BackupFormat format : BackupFormat.values()) {
            Manifest adopted = new AdoptJob(workplace)
                    .adopt(
                            workplace.datasets(List.of(format.dataset())).get(0),
                            new AdoptJob.Said(
                                    place("backups", format).toString(),
                                    null,
                                    null,
                                    null,
                                    null,
                                    Map.of(),
                                    Instant.parse("2026-11-20T02:00:00Z")))
                    .manifest();
            SNAPSHOTS.put(
                    format,
                    workplace
                            .catalog()
                            .state()
                            .resolve(format.dataset(), adopted.snapshot().text()));
        }
    }

    @AfterEach
    void nothing_stays_damaged() throws IOException {
        for (BackupFormat format : BackupFormat.values()) {
            undo(format);
        }
    }

    private static Path place(String what, BackupFormat format) {
        return folder.resolve(what).resolve(format.dataset());
    }

    private static void undo(BackupFormat format) throws IOException {
        Damages.restore(place("pristine", format), place("backups", format));
    }

    private static Snapshot snapshot(BackupFormat format) {
        return java.util.Objects.requireNonNull(SNAPSHOTS.get(format));
    }

    private static SnapshotFiles files(BackupFormat format) {
        Snapshot snapshot = snapshot(format);
        return AdoptedFiles.of(
                workplace.store(),
                snapshot.folder(),
                snapshot.origin(),
                () -> snapshot.manifest(workplace.store()),
                new Configuration());
    }

    private Done damage(BackupFormat format, String file, Kind kind) throws IOException {
        return Damages.to(place("backups", format), place("older", format), file, kind, random);
    }

    private <T> T any(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    /** As in {@link Done}: files by their path from the backup's folder on. */
    private static List<String> found(BackupFormat format, VerificationReport report) {
        String root = "file:" + place("backups", format) + "/";
        return report.damages().stream()
                .map(damage -> damage.file().replace(root, "") + " " + damage.kind())
                .toList();
    }

    private static int times(Kind kind) {
        int times = switch (kind) {
            case BIT_FLIPPED -> 40;
            case BYTES_SCRAMBLED, BLOCK_ZEROED -> 25;
            case TRUNCATED, APPENDED, MISDIRECTED, OLDER_PIECE -> 15;
            default -> 6;
        };
        return FULL ? 8 * times : times;
    }

    @ParameterizedTest
    @EnumSource
    void every_damage_is_named_with_its_file_and_kind(BackupFormat format) throws IOException {
        CatalogState state = workplace.catalog().state();
        List<String> names = Damages.records(place("pristine", format));
        SnapshotFiles files = files(format);
        int damaged = 0;
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < times(kind); i++) {
                Done done = damage(format, any(names), kind);
                String what = "%s: %s, -Dseed=%d".formatted(format, done.what(), seed);

                VerificationReport l0 = ByteVerification.structure(snapshot(format), workplace.store(), files, state);
                VerificationReport l2 = ByteVerification.bytes(snapshot(format), workplace.store(), files);

                assertThat(found(format, l0)).as("L0 of " + what).isEqualTo(done.l0());
                assertThat(found(format, l2)).as("L2 of " + what).isEqualTo(done.l2());
                assertThat(l0.verdict()).isEqualTo(done.isSeenByStructure() ? Verdict.FAIL : Verdict.PASS);
                assertThat(l2.verdict()).isEqualTo(Verdict.FAIL);
                damaged++;
                undo(format);
            }
        }
        // Of eight formats together 1,500 at least, of a full run 12,000.
        assertThat(damaged).isGreaterThanOrEqualTo(FULL ? 1500 : 188);
        assertThat(ByteVerification.bytes(snapshot(format), workplace.store(), files)
                        .verdict())
                .isEqualTo(Verdict.PASS);
    }

    @ParameterizedTest
    @EnumSource
    void every_damaged_file_of_a_snapshot_is_named_in_one_run(BackupFormat format) throws IOException {
        List<Kind> kinds = List.of(
                Kind.BIT_FLIPPED,
                Kind.BYTES_SCRAMBLED,
                Kind.BLOCK_ZEROED,
                Kind.TRUNCATED,
                Kind.APPENDED,
                Kind.EMPTIED,
                Kind.DELETED,
                Kind.OLDER_PIECE);
        for (int round = 0; round < (FULL ? 100 : 10); round++) {
            TreeSet<String> l0 = new TreeSet<>();
            TreeSet<String> l2 = new TreeSet<>();
            List<String> what = new ArrayList<>();
            for (String file : Damages.records(place("pristine", format))) {
                Done done = damage(format, file, any(kinds));
                l0.addAll(done.l0());
                l2.addAll(done.l2());
                what.add(done.what());
            }
            Files.writeString(place("backups", format).resolve("day=2026-11-01/more"), "x");
            l0.add("day=2026-11-01/more EXTRA");
            l2.add("day=2026-11-01/more EXTRA");

            VerificationReport structure = ByteVerification.structure(
                    snapshot(format),
                    workplace.store(),
                    files(format),
                    workplace.catalog().state());
            VerificationReport bytes = ByteVerification.bytes(snapshot(format), workplace.store(), files(format));

            assertThat(found(format, structure)).as("%s, -Dseed=%d", what, seed).containsExactlyElementsOf(l0);
            assertThat(found(format, bytes)).as("%s, -Dseed=%d", what, seed).containsExactlyElementsOf(l2);
            assertThat(l2).hasSize(BackupFormat.FILES + 1);
            undo(format);
        }
    }

    /** Through the engine alone: whatever it says, what passes are the records that were adopted. */
    @ParameterizedTest
    @EnumSource
    void what_the_engine_passes_are_the_records_that_were_adopted(BackupFormat format) throws IOException {
        Manifest manifest = snapshot(format).manifest(workplace.store());
        var dataset = workplace.datasets(List.of(format.dataset())).get(0);
        var verification = new ContentVerification(workplace.session(), workplace.store(), workplace.sources());
        List<String> names = Damages.records(place("pristine", format));
        List<Kind> kinds = new ArrayList<>(List.of(Kind.TRUNCATED, Kind.OLDER, Kind.EMPTIED, Kind.DELETED));
        Collections.shuffle(kinds, random);
        for (Kind kind : FULL ? kinds : kinds.subList(0, 2)) {
            Done done = damage(format, any(names), kind);
            String what = "%s: %s, -Dseed=%d".formatted(format, done.what(), seed);

            VerificationReport content = verification.content(dataset, manifest);
            assertThat(content.verdict())
                    .as("L3 of %s: %s", what, content.damages())
                    .isEqualTo(Verdict.FAIL);
            if (kind != Kind.OLDER) {
                VerificationReport footers = verification.footers(manifest);
                String file = done.l2().get(0).split(" ", 2)[0];
                assertThat(footers.verdict())
                        .as("L1 of %s: %s", what, footers.damages())
                        .isEqualTo(Verdict.FAIL);
                assertThat(found(format, footers)).as("L1 of " + what).allMatch(one -> one.startsWith(file + " "));
            }
            undo(format);
        }
    }

    @ParameterizedTest
    @EnumSource
    void no_damaged_backup_is_read_as_a_baseline(BackupFormat format) throws IOException {
        var datasets = workplace.datasets(List.of(format.dataset()));
        List<String> names = Damages.records(place("pristine", format));
        for (Kind kind : List.of(Kind.BIT_FLIPPED, Kind.OLDER, Kind.PARTITION_MISSING)) {
            Done done = damage(format, any(names), kind);
            String file = done.l2().get(0).split(" ", 2)[0];

            assertThatThrownBy(() -> workplace.auditJob().run(datasets, "", Severity.ERROR))
                    .as("%s: %s, -Dseed=%d", format, done.what(), seed)
                    .isInstanceOf(UnusableEntry.class)
                    .hasMessageStartingWith("file:%s/%s cannot be used: ".formatted(place("backups", format), file));
            undo(format);
        }
    }

    @Test
    void what_lies_in_the_folder_beside_the_files_is_no_damage_if_its_name_hides_it() throws IOException {
        Path backup = place("backups", BackupFormat.CSV);
        Files.writeString(backup.resolve("_SUCCESS"), "");
        Files.writeString(backup.resolve("day=2026-11-01/.part.crc"), "x");

        assertThat(ByteVerification.structure(
                                snapshot(BackupFormat.CSV),
                                workplace.store(),
                                files(BackupFormat.CSV),
                                workplace.catalog().state())
                        .damages())
                .isEmpty();
    }
}
