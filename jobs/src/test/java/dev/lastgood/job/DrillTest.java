package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Damage;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.VerificationReport;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot of every kind of source is restored for trial, damaged there, and put right again. */
@ExtendWith(SparkForTests.class)
final class DrillTest {
    @TempDir
    static Path folder;

    private static BackupsForTests backups;
    private static SnapshotId id;

    @BeforeAll
    static void a_snapshot() throws Exception {
        backups = new BackupsForTests(folder.resolve("backups"), "drilled");
        backups.write(1);
        id = backups.take();
    }

    private static List<String> sandboxes() throws Exception {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("lastgood-drill"))
                    .toList();
        }
    }

    @Test
    void everything_comes_back_and_only_what_was_planted_is_found_and_put_right() throws Exception {
        List<String> before = sandboxes();
        Workplace workplace = backups.workplace();
        var source = Damages.files(backups.snapshot("csv", id).resolve("data"));

        List<VerifyJob.Verified> verified =
                new VerifyJob(workplace).verify(workplace.datasets(List.of()), id.text(), Level.L5);

        List<String> notes = new ArrayList<>();
        Map<String, VerificationReport> drilled = new LinkedHashMap<>();
        verified.stream().filter(one -> one.report().level() == Level.L5).forEach(one -> {
            drilled.put(one.snapshot().dataset(), one.report());
            notes.addAll(one.notes());
        });
        String all = String.join("\n", notes);
        assertThat(drilled.keySet()).as(all).containsExactlyElementsOf(BackupsForTests.DATASETS);
        drilled.forEach((dataset, report) ->
                assertThat(report.damages()).as("%s%n%s", dataset, all).isEmpty());
        drilled.values().forEach(report -> assertThat(report.verdict()).isEqualTo(Verdict.PASS));
        assertThat(notes)
                .contains(
                        "csv: restored 60 records in 0 s, the same as in the snapshot",
                        "json: damaged 54 records, removed 6",
                        "table: found by the audit 54 changed, 6 removed, 0 added",
                        "plan: 300 steps, 0 conflicts; 300 steps expected",
                        "apply: 300 of 300 steps done, 300 seen to be",
                        "parquet: after the restore 0 changed, 0 removed, 0 added",
                        "undo: 300 of 300 steps done, 300 seen to be",
                        "orc: after the undo 0 changed, 0 removed, 0 added");
        assertThat(all).doesNotContain("NOT");
        assertThat(workplace.catalog().state().isVerified("orc", id, Level.L5)).isTrue();
        assertThat(sandboxes()).isEqualTo(before);
        assertThat(Damages.files(backups.snapshot("csv", id).resolve("data"))).isEqualTo(source);
        // Neither the workspace's own store nor its live data has seen anything of it.
        assertThat(workplace.catalog().state().plans()).isEmpty();
        assertThat(workplace.catalog().state().runs()).isEmpty();
    }

    // ---- what goes wrong in there is noticed

    private static Drill.Drilled drilled(Sandbox sandbox) {
        Workplace workplace = backups.workplace();
        Map<DatasetSpec, Snapshot> snapshots = new LinkedHashMap<>();
        workplace
                .datasets(List.of("json", "parquet"))
                .forEach(dataset ->
                        snapshots.put(dataset, workplace.catalog().state().resolve(dataset.name(), id.text())));
        return new Drill(workplace, real -> sandbox).run(snapshots);
    }

    private static List<Damage.Kind> kinds(Drill.Drilled drilled, String dataset) {
        return Objects.requireNonNull(drilled.reports().get(dataset)).damages().stream()
                .map(Damage::kind)
                .distinct()
                .toList();
    }

    @Test
    void a_restore_that_loses_a_record_is_noticed() throws Exception {
        Path place = Files.createDirectories(folder.resolve("losing"));
        Drill.Drilled drilled = drilled(new Sandbox(backups.workplace(), place) {
            @Override
            void restore(DatasetSpec dataset, Frame records, long count, long bytes) {
                boolean loses = dataset.name().equals("parquet");
                Frame some = loses
                        ? new Frame(records.records().where(functions.col("id").notEqual(7)), records.shape())
                        : records;
                super.restore(dataset, some, count, bytes);
            }
        });

        assertThat(kinds(drilled, "parquet")).contains(Damage.Kind.CONTENT, Damage.Kind.COUNT);
        assertThat(kinds(drilled, "json")).isEmpty();
        assertThat(Objects.requireNonNull(drilled.reports().get("parquet")).verdict())
                .isEqualTo(Verdict.FAIL);
        assertThat(place).doesNotExist();
    }

    @Test
    void a_restore_that_changes_a_value_is_noticed() throws Exception {
        Path place = Files.createDirectories(folder.resolve("changing"));
        Drill.Drilled drilled = drilled(new Sandbox(backups.workplace(), place) {
            @Override
            void restore(DatasetSpec dataset, Frame records, long count, long bytes) {
                Frame other = dataset.name().equals("parquet")
                        ? new Frame(
                                records.records()
                                        .withColumn(
                                                "name",
                                                functions
                                                        .when(
                                                                functions
                                                                        .col("id")
                                                                        .equalTo(8),
                                                                functions.lit("another"))
                                                        .otherwise(functions.col("name"))),
                                records.shape())
                        : records;
                super.restore(dataset, other, count, bytes);
            }
        });

        assertThat(kinds(drilled, "parquet")).containsExactly(Damage.Kind.CONTENT);
    }

    @Test
    void damage_that_is_not_found_or_not_put_right_is_noticed() throws Exception {
        Path place = Files.createDirectories(folder.resolve("missing"));
        Drill.Drilled drilled = drilled(new Sandbox(backups.workplace(), place) {
            @Override
            Planted damage(DatasetSpec dataset, Frame live, int most) {
                Planted planted = super.damage(dataset, live, most);
                return dataset.name().equals("json") ? new Planted(planted.changed() + 1, planted.removed()) : planted;
            }
        });

        assertThat(kinds(drilled, "json")).containsExactly(Damage.Kind.DRILL);
        assertThat(String.join("\n", drilled.notes()))
                .contains("json: found by the audit 54 changed, 6 removed, 0 added: NOT as it must be")
                .contains("plan: 120 steps, 0 conflicts; 121 steps expected: NOT as it must be");
    }
}
