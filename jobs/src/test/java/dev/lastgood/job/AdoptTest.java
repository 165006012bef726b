package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.capture.Adopter;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Backups that others made, in every format: adopted, verified, read, compared with live, and restored from. */
@ExtendWith(SparkForTests.class)
final class AdoptTest {
    private static final long RECORDS = 60;
    private static final Instant CAPTURED = Instant.parse("2026-11-20T02:00:00Z");

    @TempDir
    static Path folder;

    private static Instant now = Instant.parse("2026-12-01T02:00:00Z");

    @BeforeAll
    static void a_backup_of_each_format_and_what_became_of_its_dataset() throws IOException {
        StringBuilder datasets = new StringBuilder();
        for (BackupFormat format : BackupFormat.values()) {
            format.write(SparkForTests.session(), folder.resolve("backups").resolve(format.dataset()), 1, RECORDS);
            format.write(SparkForTests.session(), folder.resolve("live").resolve(format.dataset()), 1, RECORDS);
            String types = format.format().equals("json") ? "" : ", partitions: {day: date}";
            datasets.append("  %s: {source: lake, path: %s, format: %s, key: [id]%s%s}\n"
                    .formatted(
                            format.dataset(),
                            format.dataset(),
                            format.format(),
                            types,
                            format == BackupFormat.CSV ? ", schema: {id: bigint}" : ""));
        }
        Files.writeString(
                folder.resolve("lastgood.yaml"),
                "format: 1\nworkspace: shop\nstore: store\nsources: {lake: {files: live}}\ndatasets:\n" + datasets);
    }

    private static Workplace workplace() {
        now = now.plusSeconds(3600);
        return new Workplace(
                Workplace.read(folder.resolve("lastgood.yaml"), Map.of()),
                Clock.fixed(now, ZoneOffset.UTC),
                "test",
                "local[2]",
                Map.of());
    }

    private static AdoptJob.Said said(Path backup) {
        return new AdoptJob.Said(backup.toString(), null, null, null, null, Map.of(), CAPTURED);
    }

    private static Adopter.Adopted adopt(Workplace workplace, BackupFormat format) {
        return new AdoptJob(workplace)
                .adopt(
                        workplace.datasets(List.of(format.dataset())).get(0),
                        said(folder.resolve("backups").resolve(format.dataset())));
    }

    private static List<String> rows(List<Row> rows) {
        return rows.stream().map(Row::toString).sorted().toList();
    }

    @ParameterizedTest
    @EnumSource
    void a_backup_is_adopted_verified_read_and_compared(BackupFormat format) throws IOException {
        Workplace workplace = workplace();

        Adopter.Adopted adopted = adopt(workplace, format);

        Manifest manifest = adopted.manifest();
        Path backup = folder.resolve("backups").resolve(format.dataset());
        boolean isDocument = format.format().equals("json");
        assertThat(manifest.origin()).isEqualTo(Manifest.Origin.ADOPTED);
        assertThat(manifest.capture())
                .isEqualTo(new Manifest.Capture(
                        Manifest.Mode.FUZZY,
                        CAPTURED,
                        CAPTURED,
                        "none; the time is what was said when it was adopted",
                        "others",
                        java.time.Duration.ZERO));
        assertThat(manifest.reading())
                .isEqualTo(new Reading(
                        Reading.Format.valueOf(format.format().toUpperCase(java.util.Locale.ROOT)),
                        format == BackupFormat.JSON_GZIP ? Reading.Compression.GZIP : Reading.Compression.NONE,
                        "file:" + backup,
                        format == BackupFormat.CSV ? new Reading.Csv(true, ",", "\"", null) : null,
                        isDocument ? List.of() : List.of("day")));
        assertThat(manifest.counts().records()).isEqualTo(RECORDS);
        assertThat(manifest.counts().distinctKeys()).isEqualTo(RECORDS);
        assertThat(manifest.files()).hasSize(BackupFormat.FILES).allMatch(file -> file.records() == 10);
        assertThat(manifest.partitions())
                .containsExactly(
                        new Manifest.Partition("day=2026-11-01", 2, 20),
                        new Manifest.Partition("day=2026-11-02", 2, 20),
                        new Manifest.Partition("day=2026-11-03", 2, 20));
        List<String> fields = manifest.schema().fields().stream()
                .map(field -> field.name() + " " + field.type() + " " + field.nulls())
                .toList();
        assertThat(fields)
                .isEqualTo(
                        isDocument
                                ? List.of("_document STRING 0")
                                : format == BackupFormat.CSV
                                        ? List.of(
                                                "id STRING 0",
                                                "name STRING 12",
                                                "amount STRING 0",
                                                "at STRING 0",
                                                "day DATE 0")
                                        : List.of(
                                                "id BIGINT 0",
                                                "name STRING 12",
                                                "amount DECIMAL(12,2) 0",
                                                "at TIMESTAMP 0",
                                                "day DATE 0"));
        assertThat(adopted.remarks())
                .isEqualTo(
                        isDocument
                                ? List.of("what stands in the names of folders is no part of a document: [day]")
                                : List.of());

        List<VerifyJob.Verified> verified = new VerifyJob(workplace)
                .verify(
                        workplace.datasets(List.of(format.dataset())),
                        manifest.snapshot().text(),
                        Level.L3);
        assertThat(verified)
                .extracting(one -> one.report().level() + " " + one.report().verdict() + " "
                        + one.report().damages())
                .containsExactly("L0 PASS []", "L1 PASS []", "L2 PASS []", "L3 PASS []");

        var dataset = workplace.datasets(List.of(format.dataset())).get(0);
        if (!isDocument && format != BackupFormat.CSV) {
            List<Row> read = new SnapshotReader(workplace.session(), workplace.store())
                    .frame(dataset, manifest, workplace.sources())
                    .records()
                    .collectAsList();
            assertThat(rows(read))
                    .isEqualTo(rows(BackupFormat.records(workplace.session(), 1, RECORDS)
                            .selectExpr("id", "name", "amount", "at", "cast(day as date) day")
                            .collectAsList()));
        }
        List<String> differing = new ArrayList<>();
        new DiffJob(workplace)
                .diff(List.of(dataset), manifest.snapshot().text(), "live", line -> differing.add(line.toString()));
        assertThat(differing).isEmpty();
        assertThat(workplace
                        .auditJob()
                        .run(List.of(dataset), "", Severity.ERROR)
                        .verdict())
                .isNotEqualTo(Verdict.FAIL);
    }
}
