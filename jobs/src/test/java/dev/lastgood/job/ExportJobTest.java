package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.Totals;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkForTests.class)
final class ExportJobTest {
    @TempDir
    static Path folder;

    private static BackupsForTests backups;
    private static SnapshotId id;

    @BeforeAll
    static void a_snapshot() throws Exception {
        backups = new BackupsForTests(folder.resolve("backups"), "exported");
        backups.write(1);
        id = backups.take();
    }

    private static Buckets.Sums captured(Workplace workplace, DatasetSpec dataset) {
        return Totals.of(
                dataset,
                new SnapshotReader(workplace.session(), workplace.store())
                        .frame(
                                dataset,
                                workplace
                                        .catalog()
                                        .state()
                                        .resolve(dataset.name(), id.text())
                                        .manifest(workplace.store()),
                                workplace.sources()));
    }

    /** Every kind of source, in the format in which the product itself reads it back: the very same records. */
    @Test
    void what_is_exported_is_what_was_captured() throws Exception {
        Workplace workplace = backups.workplace();
        Map<String, ExportJob.Format> formats = Map.of(
                "csv", ExportJob.Format.CSV,
                "json", ExportJob.Format.JSON,
                "orc", ExportJob.Format.ORC,
                "parquet", ExportJob.Format.PARQUET,
                "table", ExportJob.Format.PARQUET);
        for (DatasetSpec dataset : workplace.datasets(List.of())) {
            ExportJob.Format format = java.util.Objects.requireNonNull(formats.get(dataset.name()));
            String to = folder.resolve("to-" + dataset.name()).toString();

            ExportJob.Exported exported = new ExportJob(workplace).export(dataset, "latest", to, format);

            assertThat(exported.records()).isEqualTo(BackupsForTests.RECORDS);
            Frame read = workplace
                    .sources()
                    .folder(
                            dataset,
                            to,
                            new Location.Folder(
                                    to, Location.FileFormat.valueOf(format.name()), Location.Csv.DEFAULT, Map.of()));
            assertThat(Totals.of(dataset, read)).as(dataset.name()).isEqualTo(captured(workplace, dataset));
        }
        assertThat(left()).isEmpty();
    }

    @Test
    void any_dataset_can_be_exported_as_lines_of_json_and_cells() throws Exception {
        Workplace workplace = backups.workplace();
        for (ExportJob.Format format : List.of(ExportJob.Format.JSON, ExportJob.Format.CSV)) {
            for (DatasetSpec dataset : workplace.datasets(List.of("parquet", "table"))) {
                Path to = folder.resolve("as-" + format + dataset.name());
                new ExportJob(workplace).export(dataset, id.text(), to.toString(), format);
                String text = texts(to);
                assertThat(text).contains("thing").contains("2026-03-29T01:30");
                assertThat(text).contains("0.0123456789");
            }
        }
        assertThat(texts(folder.resolve("as-CSVparquet")))
                .contains(",2026-03-29T01:30:01.123456Z,2026-03-29T01:30:01.123456,2024-03-01,AAH/,0.1,")
                .contains("\"[{\"\"sku\"\":\"\"a1\"\",\"\"n\"\":1},{\"\"sku\"\":null,\"\"n\"\":2}]\"");
        assertThat(texts(folder.resolve("as-JSONparquet")))
                .contains("\"lines\":[{\"sku\":\"a1\",\"n\":1},{\"sku\":null,\"n\":2}]")
                .contains("\"name\":null")
                .contains("\"at\":\"2026-03-29T01:30:01.123456Z\"");
    }

    private static String texts(Path to) throws Exception {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(to)) {
            for (Path file : files.filter(one -> one.getFileName().toString().startsWith("part-"))
                    .toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    @Test
    void nothing_is_written_over_and_a_damaged_snapshot_leaves_nothing_behind() throws Exception {
        Workplace workplace = backups.workplace();
        DatasetSpec dataset = workplace.datasets(List.of("orc")).get(0);
        Path there = Files.createDirectories(folder.resolve("there"));
        assertThatThrownBy(() ->
                        new ExportJob(workplace).export(dataset, "latest", there.toString(), ExportJob.Format.PARQUET))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("there is something at " + there + " already");
        Path file = Damages.files(backups.snapshot("orc", id).resolve("data")).get(0);
        byte[] sound = Files.readAllBytes(file);
        byte[] other = sound.clone();
        other[other.length / 2] ^= 1;
        Files.write(file, other);
        Path to = folder.resolve("damaged");
        assertThatThrownBy(() ->
                        new ExportJob(workplace).export(dataset, "latest", to.toString(), ExportJob.Format.PARQUET))
                .hasMessageContaining("CORRUPT");
        Files.write(file, sound);
        assertThat(to).doesNotExist();
        assertThat(left()).isEmpty();
    }

    private static List<Path> left() throws Exception {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.getFileName().toString().startsWith(".lastgood"))
                    .toList();
        }
    }
}
