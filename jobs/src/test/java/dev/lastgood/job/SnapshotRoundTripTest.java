package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.record.Image;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is taken is read back as it was, from every kind of source. */
@ExtendWith(SparkForTests.class)
final class SnapshotRoundTripTest {

    @TempDir
    Path folder;

    @Test
    void every_record_of_every_kind_of_source_is_read_back_as_it_was_written() throws Exception {
        var backups = new BackupsForTests(folder, "roundtrip");
        backups.write(1);
        SnapshotId first = backups.take();
        backups.write(2);
        SnapshotId second = backups.take();

        for (String dataset : BackupsForTests.DATASETS) {
            assertThat(records(backups, dataset, first)).as(dataset).isEqualTo(BackupsForTests.expected(dataset, 1));
            assertThat(records(backups, dataset, second)).as(dataset).isEqualTo(BackupsForTests.expected(dataset, 2));
        }
        assertSound(backups, BackupsForTests.DATASETS, second);
    }

    /** What is in the folder's name is no pattern to Spark. */
    @Test
    void a_store_in_a_folder_with_an_odd_name_is_written_read_and_verified() throws Exception {
        var backups = new BackupsForTests(folder, "oddly", "shop [1-2]{a,b} 100% + ü*?");
        backups.write(1);
        SnapshotId id = backups.take("json");

        assertThat(records(backups, "json", id)).isEqualTo(BackupsForTests.expected("json", 1));
        assertSound(backups, List.of("json"), id);
    }

    @Test
    void a_file_that_the_manifest_does_not_list_is_named_and_not_read() throws Exception {
        var backups = new BackupsForTests(folder, "extra");
        backups.write(1);
        SnapshotId id = backups.take("orc");
        Path data = backups.snapshot("orc", id).resolve("data");
        List<Path> files = Damages.files(data);
        Files.copy(files.get(0), data.resolve("part-00009-extra.zstd.parquet"));

        assertThat(records(backups, "orc", id)).isEqualTo(BackupsForTests.expected("orc", 1));
        Workplace workplace = backups.workplace();
        List<VerifyJob.Verified> verified =
                new VerifyJob(workplace).verify(workplace.datasets(List.of("orc")), id.text(), Level.L0);
        assertThat(verified).hasSize(1);
        assertThat(verified.get(0).report().damages())
                .hasToString("[data/part-00009-extra.zstd.parquet: EXTRA, the manifest does not list it]");
    }

    private static void assertSound(BackupsForTests backups, List<String> datasets, SnapshotId id) {
        Workplace workplace = backups.workplace();
        List<VerifyJob.Verified> verified =
                new VerifyJob(workplace).verify(workplace.datasets(datasets), id.text(), Level.L3);
        assertThat(verified).hasSize(4 * datasets.size()).allSatisfy(one -> {
            assertThat(one.report().verdict())
                    .as("%s %s", one.snapshot().dataset(), one.report())
                    .isEqualTo(Verdict.PASS);
            assertThat(one.report().damages()).isEmpty();
        });
        assertThat(verified.stream()
                        .filter(one -> one.report().level() == Level.L3)
                        .mapToLong(one -> one.report().recordsExamined()))
                .containsOnly(BackupsForTests.RECORDS);
    }

    private static Map<Long, Image> records(BackupsForTests backups, String dataset, SnapshotId id) {
        Workplace workplace = backups.workplace();
        return stored(
                workplace,
                dataset,
                workplace.catalog().state().resolve(dataset, id.text()).manifest(workplace.store()));
    }

    /** The records of a snapshot by their id. */
    static Map<Long, Image> stored(Workplace workplace, String dataset, Manifest manifest) {
        DatasetSpec spec = workplace.datasets(List.of(dataset)).get(0);
        Frame frame =
                new SnapshotReader(workplace.session(), workplace.store()).frame(spec, manifest, workplace.sources());
        Map<Long, Image> images = new TreeMap<>();
        List<Row> rows = frame.records().collectAsList();
        assertThat(rows).hasSize((int) BackupsForTests.RECORDS);
        for (Row row : rows) {
            Image image = frame.shape().image(row);
            images.put(Long.valueOf(String.valueOf(image.field("id"))), image);
        }
        return images;
    }
}
