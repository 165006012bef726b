package dev.lastgood.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.job.Workplace;
import dev.lastgood.record.Key;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Of a snapshot only the files are read that may hold the keys asked for, and whatever they hold is found. */
@ExtendWith(SparkForTests.class)
class SomeKeysTest {
    private static final String JSON = "rows: {source: here, path: rows.jsonl, format: json, key: %s}\n";
    private static final String CSV = "rows: {source: here, path: rows.csv, format: csv, key: [id]%s}\n";

    private static final int SOME = 6;

    @TempDir
    Path folder;

    private static Set<Key> keys(DatasetSpec dataset, Frame frame) {
        List<Row> rows =
                frame.records().select(Keys.column(dataset, frame.shape())).collectAsList();
        return rows.stream().map(row -> Keys.key(row.getStruct(0))).collect(Collectors.toSet());
    }

    /** What a workspace's only snapshot has for each of its keys alone, and in how many of its files the first of them were looked for. */
    private static int read(WorkspaceForTests bench, int all) {
        Workplace workplace = bench.workplace();
        DatasetSpec dataset = workplace.datasets(List.of()).get(0);
        Manifest manifest = workplace.catalog().state().snapshots("rows").get(0).manifest(workplace.store());
        SnapshotReader reader = new SnapshotReader(workplace.session(), workplace.store());
        Set<Key> keys = keys(dataset, reader.frame(dataset, manifest, workplace.sources()));
        assertThat(keys).hasSize(all);
        int files = 0;
        for (Key key : List.copyOf(keys).subList(0, SOME)) {
            Frame some = reader.frame(dataset, manifest, workplace.sources(), List.of(key));
            assertThat(keys(dataset, some)).as("of " + key).contains(key);
            files += some.records().inputFiles().length;
        }
        assertThat(keys(dataset, reader.frame(dataset, manifest, workplace.sources(), keys)))
                .isEqualTo(keys);
        return files;
    }

    private static int filesOf(WorkspaceForTests bench) {
        Workplace workplace = bench.workplace();
        return workplace
                .catalog()
                .state()
                .snapshots("rows")
                .get(0)
                .manifest(workplace.store())
                .files(FileEntry.Side.DATA)
                .size();
    }

    @Test
    void a_key_is_looked_for_in_one_file() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, JSON.formatted("[tenant, ref.no]"));
        bench.file(
                "rows.jsonl",
                IntStream.range(0, 20)
                        .mapToObj(i -> "{\"tenant\":\"t%d\",\"ref\":{\"no\":%d},\"total\":%d}".formatted(i % 3, i, i))
                        .toArray(String[]::new));
        bench.take();

        assertThat(filesOf(bench)).isEqualTo(4);
        assertThat(read(bench, 20)).isEqualTo(SOME);
    }

    /** What was hashed as one type is not looked for as another. */
    @Test
    void a_key_whose_type_is_declared_otherwise_since_is_looked_for_everywhere() throws IOException {
        String[] lines = IntStream.range(0, 21)
                .mapToObj(i -> i == 0 ? "id,total" : i + "," + i)
                .toArray(String[]::new);
        String none = "";
        String whole = ", schema: {id: int}";
        String cents = ", schema: {id: 'decimal(9,2)'}";
        record Case(String then, String now, int files) {}
        for (Case one : List.of(
                new Case(whole, whole, SOME),
                new Case(whole, none, 4 * SOME),
                new Case(none, whole, 4 * SOME),
                new Case(cents, whole, 4 * SOME))) {
            Path place = Files.createTempDirectory(folder, "case");
            WorkspaceForTests.in(place, CSV.formatted(one.then()))
                    .file("rows.csv", lines)
                    .take();

            int files = read(WorkspaceForTests.in(place, CSV.formatted(one.now())), 20);

            assertThat(files).as(one.toString()).isEqualTo(one.files());
        }
    }

    @Test
    void a_file_that_cannot_hold_them_may_be_damaged() throws IOException {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, JSON.formatted("[id]"));
        bench.file(
                "rows.jsonl",
                IntStream.range(0, 20).mapToObj("{\"id\":%d}"::formatted).toArray(String[]::new));
        bench.take();
        Workplace workplace = bench.workplace();
        DatasetSpec dataset = workplace.datasets(List.of()).get(0);
        Manifest manifest = workplace.catalog().state().snapshots("rows").get(0).manifest(workplace.store());
        SnapshotReader reader = new SnapshotReader(workplace.session(), workplace.store());
        List<Key> keys = new ArrayList<>(keys(dataset, reader.frame(dataset, manifest, workplace.sources())));
        FileEntry first = manifest.files(FileEntry.Side.DATA).get(0);
        Files.delete(folder.resolve("store").resolve(manifest.folder()).resolve(first.path()));

        // Whether keys are hashed as they were is asked of the first file that may hold one, so all can be told from
        // all.
        int found = 0;
        for (Key key : keys) {
            try {
                Frame frame = reader.frame(dataset, manifest, workplace.sources(), List.of(key));
                assertThat(keys(dataset, frame)).contains(key);
                found++;
            } catch (UnusableEntry e) {
                assertThat(e).hasMessageContaining(first.path());
            }
        }

        assertThat(found).isEqualTo(20 - Objects.requireNonNull(first.records()).intValue());
        assertThatThrownBy(() -> reader.frame(dataset, manifest, workplace.sources(), keys))
                .isInstanceOf(UnusableEntry.class);
    }
}
