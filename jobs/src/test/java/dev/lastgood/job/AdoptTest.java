package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.capture.Adopter;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.record.Value;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.source.SourceUnreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
        assertThat(manifest.files())
                .hasSize(BackupFormat.FILES)
                .allMatch(file -> Long.valueOf(10).equals(file.records()));
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

    /** A workspace with one dataset of typed records, which lie somewhere else than the backup. */
    private Workplace alone(Path place, String dataset) throws IOException {
        Files.createDirectories(place);
        Files.writeString(
                place.resolve("lastgood.yaml"),
                "format: 1\nworkspace: shop\nstore: store\nsources: {lake: {files: live, write: {}}}\ndatasets:\n"
                        + "  things: {source: lake, path: things, key: [id], %s}\n".formatted(dataset));
        now = now.plusSeconds(3600);
        return new Workplace(
                Workplace.read(place.resolve("lastgood.yaml"), Map.of()),
                Clock.fixed(now, ZoneOffset.UTC),
                "test",
                "local[2]",
                Map.of());
    }

    private static Adopter.Adopted adopt(Workplace workplace, Path backup, Map<String, String> partitions) {
        return new AdoptJob(workplace)
                .adopt(
                        workplace.datasets(List.of("things")).get(0),
                        new AdoptJob.Said(backup.toString(), null, null, null, null, partitions, CAPTURED));
    }

    @Test
    void names_that_mean_something_elsewhere_mean_nothing_here(@TempDir Path place) throws IOException {
        Workplace workplace = alone(place, "format: parquet");
        Path backup = place.resolve("odd [name] {a,b} %20 #é+");
        BackupFormat.records(workplace.session(), 1, 20)
                .withColumn(
                        "day",
                        org.apache.spark.sql.functions.expr("case id % 4 when 0 then null when 1 then 'a b/c%[1]'"
                                + " when 2 then 'é=ü' else '01' end"))
                .write()
                .partitionBy("day")
                .parquet(backup.toString());

        Manifest manifest = adopt(workplace, backup, Map.of()).manifest();

        List<Row> read = new SnapshotReader(workplace.session(), workplace.store())
                .frame(workplace.datasets(List.of("things")).get(0), manifest, workplace.sources())
                .records()
                .groupBy("day")
                .count()
                .collectAsList();
        assertThat(rows(read)).containsExactly("[01,5]", "[a b/c%[1],5]", "[null,5]", "[é=ü,5]");
        assertThat(new VerifyJob(workplace)
                        .verify(
                                workplace.datasets(List.of("things")),
                                manifest.snapshot().text(),
                                Level.L3))
                .extracting(one -> one.report().level() + " " + one.report().damages())
                .containsExactly("L0 []", "L1 []", "L2 []", "L3 []");
    }

    @Test
    void one_file_is_a_backup_too_and_another_beside_it_is_none_of_it(@TempDir Path place) throws IOException {
        Workplace workplace = alone(place, "format: csv, options: {delimiter: ';', \"null\": NA}");
        Path backup = Files.createDirectories(place.resolve("backup")).resolve("things.csv");
        Files.writeString(backup, "id;name\n1;\"a;b\nc\"\n2;NA\n3;\n");
        Files.writeString(backup.resolveSibling("other.csv"), "id;name\n4;d\n");

        Manifest manifest = adopt(workplace, backup, Map.of()).manifest();

        assertThat(manifest.files()).extracting(file -> file.path()).containsExactly("file:" + backup);
        assertThat(manifest.reading())
                .isEqualTo(new Reading(
                        Reading.Format.CSV,
                        Reading.Compression.NONE,
                        "file:" + backup,
                        new Reading.Csv(true, ";", "\"", "NA"),
                        List.of()));
        assertThat(rows(new SnapshotReader(workplace.session(), workplace.store())
                        .frame(workplace.datasets(List.of("things")).get(0), manifest, workplace.sources())
                        .records()
                        .collectAsList()))
                .containsExactly("[1,a;b\nc]", "[2,null]", "[3,null]");
    }

    @Test
    void what_is_older_than_a_change_of_schema_is_read_as_of_today(@TempDir Path place) throws IOException {
        Workplace workplace = alone(
                place,
                "format: csv, map: [{until: 2026-11-25T00:00:00Z, rename: {number: id}, upgrade: {cents:"
                        + " 'cast(cents as int) * 100'}}]");
        Path live = Files.createDirectories(place.resolve("live/things"));
        Files.writeString(live.resolve("a.csv"), "id,cents\n1,100\n2,300\n");
        Path backup = Files.createDirectories(place.resolve("backup"));
        Files.writeString(backup.resolve("a.csv"), "number,cents\n1,1\n2,2\n");

        Manifest manifest = adopt(workplace, backup, Map.of()).manifest();

        assertThat(manifest.schema().key()).isEmpty();
        List<String> differing = new ArrayList<>();
        new DiffJob(workplace)
                .diff(
                        workplace.datasets(List.of("things")),
                        manifest.snapshot().text(),
                        "live",
                        line -> differing.add(line.toString()));
        assertThat(differing).hasSize(1).first().asString().contains("\"id\":\"2\"");
    }

    @Test
    void a_record_is_put_back_from_an_adopted_backup(@TempDir Path place) throws IOException {
        Workplace workplace = alone(place, "format: csv, restore: {write: in_place}");
        Path live = Files.createDirectories(place.resolve("live/things"));
        Path backup = Files.createDirectories(place.resolve("backup"));
        Files.writeString(backup.resolve("a.csv"), "id,name\n1,one\n2,two\n");
        Files.writeString(live.resolve("a.csv"), "id,name\n1,one\n2,TWO\n");
        Manifest manifest = adopt(workplace, backup, Map.of()).manifest();

        AuditJob.Audit audit = workplace
                .auditJob()
                .run(workplace.datasets(List.of("things")), manifest.snapshot().text(), Severity.ERROR);
        var plan = new PlanJob(workplace)
                .plan(new Selection(
                        audit.id(),
                        java.util.Set.of(),
                        java.util.Set.of(),
                        java.util.Set.of(),
                        java.util.Set.of("things"),
                        List.of("2"),
                        "",
                        false,
                        false,
                        java.util.Set.of(),
                        "",
                        dev.lastgood.restore.Mode.BLOCK))
                .plan();

        assertThat(plan.header().snapshots())
                .containsExactly(manifest.snapshot().text());
        assertThat(plan.conflicts()).isEmpty();
        assertThat(plan.steps()).hasSize(1).first().asString().isEqualTo("step 1 (things, id 2)");
        assertThat(Objects.requireNonNull(plan.steps().get(0).good()).field("name"))
                .isEqualTo(Value.of("two"));
        assertThat(plan.steps().get(0).goodSnapshot())
                .isEqualTo(manifest.snapshot().text());
    }

    @Test
    void prune_takes_the_manifest_and_leaves_the_files(@TempDir Path place) throws IOException {
        Workplace workplace = alone(place, "format: csv");
        Path backup = Files.createDirectories(place.resolve("backup"));
        Files.writeString(backup.resolve("a.csv"), "id,name\n1,one\n");
        Manifest manifest = adopt(workplace, backup, Map.of()).manifest();

        workplace.store().delete(manifest.folder());

        assertThat(place.resolve("store").resolve(manifest.folder())).doesNotExist();
        assertThat(backup.resolve("a.csv")).hasContent("id,name\n1,one\n");
    }

    @Test
    void files_that_hold_the_same_are_told_of(@TempDir Path place) throws IOException {
        Workplace workplace = alone(place, "format: csv");
        Path backup = Files.createDirectories(place.resolve("backup"));
        Files.writeString(backup.resolve("a.csv"), "id,name\n1,one\n");
        Files.writeString(backup.resolve("b.csv"), "id,name\n1,one\n");

        assertThat(adopt(workplace, backup, Map.of()).remarks())
                .containsExactly(
                        "these files have the same bytes, so their records count more than once:"
                                + " file:%1$s/a.csv, file:%1$s/b.csv".formatted(backup),
                        "1 keys occur more than once");
    }

    @Test
    void packed_text_that_is_not_named_so_is_refused(@TempDir Path place) throws IOException {
        Workplace workplace = alone(place, "format: csv");
        Path backup = Files.createDirectories(place.resolve("backup")).resolve("a.csv");
        try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(backup))) {
            out.write("id,name\n1,one\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        assertThatThrownBy(() -> adopt(workplace, Objects.requireNonNull(backup.getParent()), Map.of()))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage("1 of 1 files cannot be adopted:\n  file:%s: UNUSABLE, it is packed with gzip, and its name"
                                .formatted(backup)
                        + " does not end in .gz");
    }
}
