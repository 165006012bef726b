package dev.lastgood.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
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
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
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
        List<String> datasets =
                Boolean.getBoolean("lastgood.full") ? BackupsForTests.DATASETS : List.of("json", "parquet", "table");
        int steps = 60 * datasets.size();
        var source = Damages.files(backups.snapshot("csv", id).resolve("data"));

        List<VerifyJob.Verified> verified =
                new VerifyJob(workplace).verify(workplace.datasets(datasets), id.text(), Level.L5);

        List<String> notes = new ArrayList<>();
        Map<String, VerificationReport> drilled = new LinkedHashMap<>();
        verified.stream().filter(one -> one.report().level() == Level.L5).forEach(one -> {
            drilled.put(one.snapshot().dataset(), one.report());
            notes.addAll(one.notes());
        });
        String all = String.join("\n", notes);
        assertThat(drilled.keySet()).as(all).containsExactlyElementsOf(datasets);
        drilled.forEach((dataset, report) ->
                assertThat(report.damages()).as("%s%n%s", dataset, all).isEmpty());
        drilled.values().forEach(report -> assertThat(report.verdict()).isEqualTo(Verdict.PASS));
        assertThat(notes)
                .contains(
                        "json: restored 60 records in 0 s, the same as in the snapshot",
                        "json: damaged 54 records, removed 6",
                        "table: found by the audit 54 changed, 6 removed, 0 added",
                        "plan: %d steps, 0 conflicts; %d steps expected".formatted(steps, steps),
                        "apply: %d of %d steps done, %d seen to be".formatted(steps, steps, steps),
                        "parquet: after the restore 0 changed, 0 removed, 0 added",
                        "undo: %d of %d steps done, %d seen to be".formatted(steps, steps, steps),
                        "table: after the undo 0 changed, 0 removed, 0 added");
        assertThat(all).doesNotContain("NOT");
        assertThat(workplace.catalog().state().isVerified("table", id, Level.L5))
                .isTrue();
        assertThat(sandboxes()).isEqualTo(before);
        assertThat(Damages.files(backups.snapshot("csv", id).resolve("data"))).isEqualTo(source);
        // Neither the workspace's own store nor its live data has seen anything of it.
        assertThat(workplace.catalog().state().plans()).isEmpty();
        assertThat(workplace.catalog().state().runs()).isEmpty();
    }

    private static List<Damage.Kind> kinds(Drill.Drilled drilled, String dataset) {
        return Objects.requireNonNull(drilled.reports().get(dataset)).damages().stream()
                .map(Damage::kind)
                .distinct()
                .toList();
    }

    /** Loses a record of one dataset and changes a value of it, and plants other damage in the other than it says. */
    private static final class Faulty extends Sandbox {
        Faulty(Workplace real, Path place) {
            super(real, place);
        }

        @Override
        void restore(DatasetSpec dataset, Frame records, long count, long bytes) {
            Dataset<Row> rows = records.records();
            Dataset<Row> others = switch (dataset.name()) {
                case "parquet" -> rows.where(col("id").notEqual(7));
                case "orc" ->
                    rows.withColumn(
                            "name", when(col("id").equalTo(8), lit("another")).otherwise(col("name")));
                default -> rows;
            };
            super.restore(dataset, new Frame(others, records.shape()), count, bytes);
        }

        @Override
        Planted damage(DatasetSpec dataset, Frame live, int most) {
            Planted planted = super.damage(dataset, live, most);
            return dataset.name().equals("json") ? new Planted(planted.changed() + 1, planted.removed()) : planted;
        }
    }

    @Test
    void what_goes_wrong_in_it_is_noticed() throws Exception {
        Path place = Files.createDirectories(folder.resolve("faulty"));
        Workplace workplace = backups.workplace();
        Map<DatasetSpec, Snapshot> snapshots = new LinkedHashMap<>();
        workplace
                .datasets(List.of("json", "parquet"))
                .forEach(dataset ->
                        snapshots.put(dataset, workplace.catalog().state().resolve(dataset.name(), id.text())));

        Drill.Drilled drilled = new Drill(workplace, real -> new Faulty(real, place)).run(snapshots);

        assertThat(kinds(drilled, "parquet")).contains(Damage.Kind.CONTENT, Damage.Kind.COUNT);
        assertThat(kinds(drilled, "json")).containsExactly(Damage.Kind.DRILL);
        assertThat(drilled.reports().values()).allMatch(report -> report.verdict() == Verdict.FAIL);
        assertThat(drilled.notes())
                .contains(
                        "parquet: restored 59 records in 0 s, NOT the same as in the snapshot",
                        "json: found by the audit 54 changed, 6 removed, 0 added: NOT as it must be")
                .anyMatch(note -> note.endsWith("steps expected: NOT as it must be"));
        assertThat(place).doesNotExist();
    }
}
