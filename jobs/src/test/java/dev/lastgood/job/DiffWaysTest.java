package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.Compiled;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkOf;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.diff.Strategy;
import dev.lastgood.diff.WeakHash;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.UnusableEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whichever way two sides are compared, the join of their hashes finds the same. */
@ExtendWith({SparkForTests.class, Compiled.class})
class DiffWaysTest {
    /** Not even for no record at all. */
    private static final long NO_MEMORY = -100;

    @TempDir
    Path folder;

    /** What a diff found, and how. */
    private record Found(List<String> lines, Strategy way, boolean isSnapshotRead) {
        String how() {
            return way.way() + ": " + way.why();
        }
    }

    private static Found diff(WorkspaceForTests bench, String base, String other, long memory) {
        Workplace workplace = bench.workplace();
        List<String> lines = new ArrayList<>();
        DiffJob.Difference difference =
                new DiffJob(workplace, () -> memory).diff(workplace.datasets(List.of()), base, other, lines::add);
        Strategy way = difference.ways().values().iterator().next();
        assertThat(difference.json().get("compared").get(0).has("note"))
                .isEqualTo(!difference.unread().isEmpty());
        return new Found(List.copyOf(lines), way, difference.unread().isEmpty());
    }

    /** Compares as it thinks best, and by a join, and gives the former. */
    private static Found diff(WorkspaceForTests bench, String base, String other) {
        Found found = diff(bench, base, other, 1 << 20);
        Found joined = diff(bench, base, other, NO_MEMORY);
        assertThat(joined.way().way()).isEqualTo(Strategy.Way.JOIN);
        assertThat(found.lines()).isEqualTo(joined.lines());
        return found;
    }

    private WorkspaceForTests parquet(String settings) {
        return WorkspaceForTests.in(folder, "t: {source: here, path: t, format: parquet, " + settings + "}\n");
    }

    private void live(SparkSession session, String... selects) {
        Dataset<Row> rows = session.sql(String.join(" union all ", selects));
        rows.coalesce(1)
                .write()
                .mode("overwrite")
                .parquet(folder.resolve("data/t").toString());
    }

    private static String rows(int from, int to, String value) {
        return "select cast(id as int) as k, if(id %% 7 = 0, null, 'n') as l, %s as v, id * 2 as w from range(%d, %d)"
                .formatted(value, from, to);
    }

    private static String changes(Found found) {
        return found.lines().stream()
                .map(line -> WorkspaceForTests.json(line))
                .map(line -> line.get("change").asText().charAt(0)
                        + line.get("key").get("k").asText()
                        + (line.has("copies") ? line.get("copies").toString() : ""))
                .sorted()
                .toList()
                .toString();
    }

    @Test
    void kept_hashes_are_used_and_live_is_read_once(SparkSession session) {
        WorkspaceForTests bench = parquet("key: [k, l]");
        live(session, rows(0, 1000, "'a'"));
        bench.take();
        WorkOf.Done<Found> same = WorkOf.done(session, () -> diff(bench, "latest", "live", 1 << 20));
        assertThat(same.result().lines()).isEmpty();
        assertThat(same.result().how()).isEqualTo("KEPT: the snapshot keeps its hashes, and they fit into memory");
        // Beside the thousand of live there is what each task says, and nothing of the snapshot.
        assertThat(same.work().recordsRead()).isBetween(1000L, 1020L);
        assertThat(same.work().shuffledBytes()).isZero();
        assertThat(same.result().isSnapshotRead()).isFalse();
        assertThat(diff(bench, "latest", "latest", 1 << 20).isSnapshotRead()).isTrue();

        live(session, rows(2, 500, "if(id = 21, 'b', 'a')"), rows(500, 1003, "'a'"));
        Found found = diff(bench, "latest", "live");
        assertThat(found.way().way()).isEqualTo(Strategy.Way.KEPT);
        assertThat(found.isSnapshotRead()).isTrue();
        assertThat(changes(found)).isEqualTo("[a1000, a1001, a1002, c21, r0, r1]");

        live(session, rows(0, 0, "'a'"));
        assertThat(diff(bench, "latest", "live").lines()).hasSize(1000);
    }

    @Test
    void what_is_ignored_makes_no_candidate_and_other_settings_make_other_hashes(SparkSession session) {
        live(session, rows(0, 50, "'a'"));
        parquet("key: [k], ignore: [v]").take();
        live(session, rows(0, 50, "'b'"), rows(50, 51, "'b'"));
        Found ignoring = diff(parquet("key: [k], ignore: [v]"), "latest", "live");
        assertThat(ignoring.way().way()).isEqualTo(Strategy.Way.KEPT);
        assertThat(changes(ignoring)).isEqualTo("[a50]");
        Found other = diff(parquet("key: [k]"), "latest", "live");
        assertThat(other.how())
                .isEqualTo("MADE: key, ignored fields or types are not what they were when the snapshot was taken,"
                        + " so they are made");
        assertThat(other.lines()).hasSize(51);
        live(session, rows(0, 50, "'a'").replace("id * 2 as w", "cast(id * 2 as int) as w"));
        Found retyped = diff(parquet("key: [k], ignore: [v]"), "latest", "live");
        assertThat(retyped.how())
                .isEqualTo("MADE: fields are not what they were when the snapshot was taken, so they are made");
        assertThat(retyped.lines()).isEmpty();
    }

    @Test
    void hashes_along_a_chain_make_those_of_its_last_snapshot(SparkSession session) {
        WorkspaceForTests bench = parquet("key: [k], ignore: [t], changed_at: t");
        live(session, timed(0, 100, "'a'", "2026-11-22 01:00:00"));
        bench.take();
        // Some are gone, some are back as they were, some changed twice.
        List<String> changed = List.of("id % 10 = 0", "id % 20 = 0", "id % 15 = 0");
        for (int round = 0; round < changed.size(); round++) {
            String value = "if(%s, 'b', 'a')".formatted(changed.get(round));
            live(session, timed(5, 103, value, "2026-11-22 0%d:30:00".formatted(3 + round)));
            Workplace workplace = bench.workplace();
            SnapshotTaker.Taken taken = workplace
                    .taker()
                    .take(
                            workplace.datasets(List.of()),
                            captured -> Verdict.INCONCLUSIVE,
                            Set.of(SnapshotTaker.Demand.INCREMENTAL));
            assertThat(taken.whole()).isEmpty();
        }
        Found same = diff(bench, "latest", "live");
        assertThat(same.how()).isEqualTo("KEPT: the snapshot keeps its hashes, and they fit into memory");
        assertThat(same.lines()).isEmpty();
        live(session, timed(4, 100, "if(id % 30 = 0, 'b', 'a')", "2026-11-22 08:00:00"));
        Found found = diff(bench, "latest", "live");
        assertThat(found.way().way()).isEqualTo(Strategy.Way.KEPT);
        assertThat(changes(found)).isEqualTo("[a4, c15, c45, c75, r100, r101, r102]");
        Found crowded = diff(bench, "latest", "live", 28 * 100);
        assertThat(crowded.how())
                .matches("MADE: hashes of 98 records and of \\d+ that were removed do not fit into 0 MB,"
                        + " so they are made");
        assertThat(crowded.lines()).isEqualTo(found.lines());
    }

    @Test
    void files_of_the_snapshot_are_there_even_if_none_of_them_need_be_read(SparkSession session) throws IOException {
        WorkspaceForTests bench = parquet("key: [k]");
        live(session, rows(0, 100, "'a'"));
        bench.take();
        Path data = stored("/data/");
        byte[] bytes = Files.readAllBytes(data);

        Files.write(data, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> diff(bench, "latest", "live"))
                .isInstanceOf(UnusableEntry.class)
                .hasMessageContaining("cannot be used: WRONG_SIZE, expected " + bytes.length);
        Files.delete(data);
        assertThatThrownBy(() -> diff(bench, "latest", "live"))
                .isInstanceOf(UnusableEntry.class)
                .hasMessageContaining("cannot be used: MISSING, expected " + bytes.length);

        bytes[bytes.length / 2] ^= 1;
        Files.write(data, bytes);
        assertThat(diff(bench, "latest", "live", 1 << 20).isSnapshotRead()).isFalse();
        live(session, rows(0, 101, "'a'"));
        assertThatThrownBy(() -> diff(bench, "latest", "live"))
                .isInstanceOf(UnusableEntry.class)
                .hasMessageContaining("cannot be used: CORRUPT");
    }

    private Path stored(String folderName) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("store/snapshots"))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains(folderName))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Half of the records were written to at that time. */
    private static String timed(int from, int to, String value, String time) {
        return rows(from, to, value)
                .replace(
                        "id * 2 as w",
                        "if(id % 2 = 0 or id % 15 = 0, timestamp'" + time + "', timestamp'2026-11-20 00:00:00') as t");
    }

    @Test
    void of_a_folder_hashes_are_made(SparkSession session) throws IOException {
        WorkspaceForTests bench = parquet("key: [k]");
        live(session, rows(0, 300, "'a'"));
        Path before = folder.resolve("before");
        Files.move(folder.resolve("data/t"), before);
        live(session, rows(1, 299, "if(id % 100 = 0, 'b', 'a')"));
        Found found = diff(bench, before.toString(), "live");
        assertThat(found.way().way()).isEqualTo(Strategy.Way.MADE);
        assertThat(changes(found)).isEqualTo("[c100, c200, r0, r299]");
        live(session, rows(0, 0, "'a'"));
        assertThat(diff(bench, "live", before.toString()).lines()).hasSize(300);
    }

    @Test
    void damaged_hashes_fail_verification_and_are_not_believed(SparkSession session) throws IOException {
        WorkspaceForTests bench = parquet("key: [k]");
        live(session, rows(0, 100, "'a'"));
        String taken = bench.take();
        live(session, rows(0, 100, "if(id = 7, 'b', 'a')"));
        Path hashes = stored("/thin/");
        byte[] bytes = Files.readAllBytes(hashes);
        bytes[bytes.length - 1] ^= 1;
        Files.write(hashes, bytes);
        Found found = diff(bench, "latest", "live");
        assertThat(found.how())
                .startsWith("MADE: the hashes the snapshot has kept cannot be used, ")
                .endsWith(hashes.getFileName() + " is not the file that was written");
        assertThat(changes(found)).isEqualTo("[c7]");
        Workplace workplace = bench.workplace();
        Verdict verdict = new VerifyJob(workplace)
                .only(workplace.datasets(List.of()).get(0), taken, Level.L2)
                .report()
                .verdict();
        assertThat(verdict).isEqualTo(Verdict.FAIL);
    }

    @Test
    void keys_that_collide_are_told_apart(SparkSession session) {
        WorkspaceForTests bench = parquet("key: [k]");
        WeakHash.of(0, () -> {
            live(session, rows(1, 2, "'a'"));
            bench.take();
            live(session, rows(2, 3, "'a'"));
            Found across = diff(bench, "latest", "live");
            assertThat(across.way().way()).isEqualTo(Strategy.Way.KEPT);
            assertThat(changes(across)).isEqualTo("[a2, r1]");

            live(session, rows(1, 3, "'a'"));
            Found after = diff(bench, "latest", "live");
            assertThat(after.how()).isEqualTo("JOIN: several records after share a key, or the hash of one");
            assertThat(changes(after)).isEqualTo("[a2]");

            live(session, rows(2, 4, "'a'"));
            assertThat(changes(diff(bench, "latest", "live"))).isEqualTo("[a2, a3, r1]");

            live(session, rows(1, 5, "'a'"));
            bench.take();
            live(session, rows(1, 4, "if(id = 2, 'b', 'a')"));
            Found before = diff(bench, "latest", "live");
            assertThat(before.how()).isEqualTo("JOIN: several records before share a key, or the hash of one");
            assertThat(changes(before)).isEqualTo("[c2, r4]");
        });
        live(session, rows(0, 64, "'a'"));
        WeakHash.of(0x8000_0000_0000_0007L, () -> {
            bench.take();
            live(session, rows(3, 70, "if(id = 9, 'b', 'a')"));
            assertThat(changes(diff(bench, "latest", "live")))
                    .isEqualTo("[a64, a65, a66, a67, a68, a69, c9, r0, r1, r2]");
        });
    }

    @Test
    void records_that_share_a_key_are_groups(SparkSession session) {
        WorkspaceForTests bench = parquet("key: [k]");
        live(session, rows(0, 10, "'a'"));
        bench.take();
        live(session, rows(0, 10, "'a'"), rows(3, 4, "'a'"));
        assertThat(changes(diff(bench, "latest", "live"))).isEqualTo("[c3{\"before\":1,\"after\":2}]");
        live(session, rows(0, 10, "'a'"), rows(3, 4, "'b'"), rows(5, 5, "'b'"));
        assertThat(changes(diff(bench, "latest", "live"))).isEqualTo("[c3{\"before\":1,\"after\":2}]");
        live(session, rows(0, 3, "'a'"), rows(4, 10, "'a'"), rows(3, 4, "'b'"), rows(3, 4, "'c'"));
        Found kept = diff(bench, "latest", "live");
        assertThat(kept.way().way()).isEqualTo(Strategy.Way.KEPT);
        assertThat(changes(kept)).isEqualTo("[c3{\"before\":1,\"after\":2}]");
        bench.take();
        live(session, rows(0, 10, "'a'"));
        Found shared = diff(bench, "latest", "live");
        assertThat(shared.how()).isEqualTo("JOIN: records share keys, and are compared as groups");
        assertThat(changes(shared)).isEqualTo("[c3{\"before\":2,\"after\":1}]");
    }

    @Test
    void documents_are_compared_by_kept_hashes_too() {
        WorkspaceForTests bench = WorkspaceForTests.in(
                folder, "d: {source: here, path: d, format: json, key: [id, n.k], ignore: [at]}\n");
        bench.file(
                "d/1.jsonl",
                "{\"id\":1,\"n\":{\"k\":null},\"x\":[1,2],\"at\":1}",
                "{\"id\":2,\"n\":{\"k\":\"a\"},\"x\":1.0}",
                "{\"id\":3}");
        bench.take();
        bench.file(
                "d/1.jsonl",
                "{\"at\":2,\"n\":{\"k\":null},\"x\":[1,2],\"id\":1}",
                "{\"id\":2,\"n\":{\"k\":\"a\"},\"x\":1}",
                "{\"id\":3,\"y\":null}");
        Found found = diff(bench, "latest", "live");
        assertThat(found.way().way()).isEqualTo(Strategy.Way.KEPT);
        assertThat(found.lines()).hasSize(1);
        assertThat(found.lines().get(0)).contains("\"key\":{\"id\":3,\"n.k\":null}");
    }

    @Test
    void it_is_told_how_without_doing_it(SparkSession session) {
        WorkspaceForTests bench = parquet("key: [k]");
        live(session, rows(0, 10, "'a'"));
        bench.take();
        Workplace workplace = bench.workplace();
        WorkOf.Done<Map<String, DiffJob.Explained>> told = WorkOf.done(
                session, () -> new DiffJob(workplace).explain(workplace.datasets(List.of()), "latest", "live"));
        assertThat(told.work().recordsRead()).isZero();
        assertThat(DiffJob.json(told.result()).get("datasets").get(0).toString())
                .startsWith(
                        "{\"name\":\"t\",\"way\":\"kept\",\"why\":\"the snapshot keeps its hashes, and they fit into"
                                + " memory\",\"before\":10,\"hashBytes\":280,")
                .endsWith("\"reads\":\"columns\"}");
    }
}
