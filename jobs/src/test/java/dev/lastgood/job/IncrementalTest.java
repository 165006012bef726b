package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.PostgresForTests;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an incremental snapshot says a dataset held is what it held, whatever was done to it before. */
@ExtendWith(SparkForTests.class)
final class IncrementalTest {
    private static final Set<SnapshotTaker.Demand> INCREMENTAL = EnumSet.of(SnapshotTaker.Demand.INCREMENTAL);
    private static final String SHOWN =
            "concat_ws('|', coalesce(grp, '-'), id, coalesce(v, '-'), coalesce(cast(n as string), '-'))";

    @TempDir
    Path folder;

    // ---- random writes

    /** A table that a seeded crowd writes to: what moves the time of the last write, and what does not. */
    private static final class Crowd {
        private final Random random;
        private final Statement statement;
        private int next = 1;

        Crowd(long seed, Statement statement) {
            this.random = new Random(seed);
            this.statement = statement;
        }

        void write(int writes, Instant after) throws SQLException {
            for (int i = 0; i < writes; i++) {
                Instant at = after.plusSeconds(random.nextInt(3_500));
                String time = "timestamp with time zone '"
                        + at.toString().replace('T', ' ').replace("Z", "+00:00") + "'";
                int id = 1 + random.nextInt(Math.max(1, next - 1));
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> insert(next++, time);
                    case 3, 4, 5, 6 ->
                        sql("update t set v = 'w%d', n = n + 0.25, changed = %s where id = %d"
                                .formatted(random.nextInt(1_000), time, id));
                    case 7 -> sql("delete from t where id = " + id);
                    case 8 -> {
                        sql("delete from t where id = " + id);
                        insert(id, time);
                    }
                    default -> {
                        // Times that tell nothing: of long ago, and none at all.
                        insert(next++, "timestamp with time zone '2020-01-01 00:00:00+00:00'");
                        insert(next++, "null");
                    }
                }
            }
        }

        private void insert(int id, String time) throws SQLException {
            String group = id % 7 == 0 ? "null" : "'g" + id % 3 + "'";
            String text = random.nextInt(5) == 0 ? "null" : "'v" + random.nextInt(1_000) + "'";
            sql("insert into t (grp, id, v, n, changed) values (%s, %d, %s, %d.5, %s)"
                    .formatted(group, id, text, random.nextInt(100), time));
        }

        private void sql(String sql) throws SQLException {
            statement.execute(sql);
        }

        List<String> rows() throws SQLException {
            List<String> rows = new ArrayList<>();
            try (ResultSet found = statement.executeQuery("select grp, id, v, n from t order by id")) {
                while (found.next()) {
                    String group = found.getString(1);
                    String text = found.getString(3);
                    rows.add((group == null ? "-" : group) + "|" + found.getInt(2) + "|" + (text == null ? "-" : text)
                            + "|" + found.getBigDecimal(4).setScale(2));
                }
            }
            return rows;
        }
    }

    private static List<String> rows(Workplace workplace, Manifest manifest) {
        DatasetSpec dataset = workplace.datasets(List.of(manifest.dataset())).get(0);
        return new SnapshotReader(workplace.session(), workplace.store())
                        .frame(dataset, manifest, workplace.sources())
                        .records()
                        .toDF("grp", "id", "v", "n", "changed")
                        .orderBy("id")
                        .select(functions.expr(SHOWN))
                        .collectAsList()
                        .stream()
                        .map(row -> row.getString(0))
                        .toList();
    }

    private static SnapshotTaker.Taken take(WorkspaceForTests bench, Set<SnapshotTaker.Demand> demands) {
        Workplace workplace = bench.workplace();
        return workplace.taker().take(workplace.datasets(List.of()), workplace.auditJob()::verdict, demands);
    }

    private static Instant now(WorkspaceForTests bench) {
        // A workplace begins an hour later than the one before.
        bench.later(Duration.ofHours(-1));
        return bench.workplace().clock().instant();
    }

    private void holdsInEveryTake(WorkspaceForTests bench, Connection connection, int rounds, long seed)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            Crowd crowd = new Crowd(seed, statement);
            crowd.write(80, Instant.parse("2026-11-22T01:00:00Z"));
            Map<Manifest, List<String>> truth = new LinkedHashMap<>();
            for (int round = 0; round <= rounds; round++) {
                Manifest taken = take(bench, INCREMENTAL).manifests().get(0);
                assertThat(taken.chain().sequence()).isEqualTo(round);
                truth.put(taken, crowd.rows());
                crowd.write(round == 2 ? 0 : 30, now(bench));
            }
            Workplace workplace = bench.workplace();
            truth.forEach((manifest, rows) -> {
                assertThat(rows(workplace, manifest))
                        .as("seed %d, take %d", seed, manifest.chain().sequence())
                        .isEqualTo(rows);
                assertThat(manifest.counts().records()).isEqualTo(rows.size());
                assertThat(manifest.counts().distinctKeys()).isEqualTo(rows.size());
            });
            Manifest changes = take(bench, INCREMENTAL).manifests().get(0);
            Manifest full = take(bench, Set.of()).manifests().get(0);
            assertThat(changes.chain().sequence()).isEqualTo(rounds + 1L);
            assertThat(full.chain()).isEqualTo(Manifest.Chain.FULL);
            assertThat(changes.buckets()).isEqualTo(full.buckets());
            assertThat(changes.schema()).isEqualTo(full.schema());
            assertThat(changes.counts().bytes()).isLessThan(full.counts().bytes() * 2);
            List<VerifyJob.Verified> verified = new VerifyJob(bench.workplace())
                    .verify(
                            bench.workplace().datasets(List.of()),
                            changes.snapshot().text(),
                            Level.L3);
            assertThat(verified)
                    .hasSize(4)
                    .allSatisfy(one -> assertThat(one.report().damages())
                            .as("%s", one.report().level())
                            .isEmpty());
            assertThat(verified.get(3).report().recordsExamined())
                    .isEqualTo(changes.counts().records());
        }
    }

    @Test
    void every_take_holds_what_was_there_by_h2() throws SQLException {
        long seed = 1;
        String url = "jdbc:h2:mem:incremental%d;DB_CLOSE_DELAY=-1;DATABASE_TO_UPPER=FALSE".formatted(seed);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("create table t (grp varchar, id int, v varchar, n numeric(12,2),"
                    + " changed timestamp(6) with time zone)");
            WorkspaceForTests bench = WorkspaceForTests.in(
                            folder.resolve("h2-" + seed),
                            "t: {source: db, table: t, key: [grp, id], changed_at: changed}\n")
                    .source("db: {jdbc: \"%s\"}\n".formatted(url));
            holdsInEveryTake(bench, connection, 2, seed);
        }
    }

    @Test
    void every_take_holds_what_was_there_by_postgres_in_partitions() throws SQLException {
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    drop schema if exists crowd cascade;
                    create schema crowd;
                    set search_path to crowd;
                    create table t (grp varchar, id int, v varchar, n numeric(12,2), changed timestamptz);
                    """);
            WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                            t: {source: db, table: crowd.t, key: [grp, id], changed_at: changed, split: {by: id, into: 3}}
                            """)
                    .source("db: {jdbc: \"%s\", user: %s}\n".formatted(PostgresForTests.url(), PostgresForTests.USER));
            holdsInEveryTake(bench, connection, 2, 3);
        }
    }

    // ---- deletes that are written down

    @Test
    void what_was_deleted_is_found_where_it_is_written_down_and_only_if_it_is_gone() throws SQLException {
        String url = "jdbc:h2:mem:deletes;DB_CLOSE_DELAY=-1;DATABASE_TO_UPPER=FALSE";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    create table t (grp varchar, id int primary key, v varchar, n numeric(12,2),
                      changed timestamp(6) with time zone);
                    create table gone (t_id bigint, deleted_at timestamp);
                    insert into t select null, "X", 'v', 1, timestamp with time zone '2026-11-20 01:00:00+00:00'
                      from system_range(1, 20);
                    """);
            WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                            t:
                              source: db
                              table: t
                              key: [id]
                              changed_at: changed
                              deletes: {table: gone, key: {id: t_id}, at: deleted_at}
                            """).source("db: {jdbc: \"%s\"}\n".formatted(url));
            take(bench, Set.of());
            statement.execute("""
                    delete from t where id in (3, 4, 5, 6);
                    insert into gone select "X", timestamp '2026-11-22 03:30:00' from system_range(3, 5);
                    insert into gone values (7, timestamp '2026-11-22 03:30:00'), (99, timestamp '2026-11-22 03:30:00');
                    insert into t values (null, 4, 'again', 1, timestamp with time zone '2026-11-22 03:40:00+00:00');
                    """);

            Manifest manifest = take(bench, INCREMENTAL).manifests().get(0);

            assertThat(manifest.counts().tombstones())
                    .as("3 and 5; of 6 nothing is written")
                    .isEqualTo(2);
            assertThat(manifest.counts().records()).isEqualTo(18);
            assertThat(rows(bench.workplace(), manifest))
                    .contains("-|4|again|1.00", "-|6|v|1.00", "-|7|v|1.00")
                    .doesNotContain("-|3|v|1.00", "-|4|v|1.00", "-|5|v|1.00");
        }
    }

    // ---- files

    private static final String ITEMS = "items: {source: here, path: items.csv, key: [id], changed_at: at,"
            + " schema: {at: timestamp, no: int}%s}\n";

    private WorkspaceForTests items(String more, String... lines) {
        List<String> all = new ArrayList<>(List.of("id,no,at"));
        all.addAll(List.of(lines));
        return WorkspaceForTests.in(folder, ITEMS.formatted(more)).file("items.csv", all.toArray(String[]::new));
    }

    @Test
    void an_audit_against_changes_is_one_against_the_whole() {
        WorkspaceForTests bench = items(
                "",
                "a,1,2026-11-22T01:00:00Z",
                "b,2,2026-11-22T01:00:00Z",
                "c,3,2026-11-22T01:00:00Z",
                "d,4,2026-11-22T01:00:00Z");
        take(bench, Set.of());
        items("", "a,1,2026-11-22T01:00:00Z", "b,7,2026-11-22T03:30:00Z", "c,3,2026-11-22T01:00:00Z");
        SnapshotTaker.Taken taken = take(bench, INCREMENTAL);
        Manifest manifest = taken.manifests().get(0);
        assertThat(taken.whole()).isEmpty();
        assertThat(manifest.counts().records()).isEqualTo(3);
        assertThat(manifest.counts().tombstones()).isEqualTo(1);
        assertThat(manifest.files(dev.lastgood.snapshot.FileEntry.Side.DATA))
                .extracting(file -> file.records())
                .containsExactly(1L);
        items("", "a,1,2026-11-22T01:00:00Z", "b,8,2026-11-22T04:30:00Z", "d,4,2026-11-22T01:00:00Z");

        WorkspaceForTests.Audited audited = bench.audit();

        assertThat(audited.audit().document().get("baseline").get("items").asText())
                .isEqualTo(manifest.snapshot().text());
        assertThat(audited.changes("items"))
                .containsExactlyInAnyOrder(
                        "b changed unattributed at:unattributed no:unattributed",
                        "c removed unattributed",
                        "d added unattributed");
    }

    /** Known and told: only a full snapshot shows it. */
    @Test
    void a_write_that_does_not_move_its_time_is_seen_by_the_next_full_one() {
        WorkspaceForTests bench = items("", "a,1,2026-11-20T01:00:00Z", "b,2,2026-11-22T01:00:00Z");
        Manifest full = take(bench, Set.of()).manifests().get(0);
        items("", "a,9,2026-11-20T01:00:00Z", "b,2,2026-11-22T01:00:00Z");

        Manifest changes = take(bench, INCREMENTAL).manifests().get(0);
        Manifest again = take(bench, Set.of()).manifests().get(0);

        assertThat(changes.buckets()).isEqualTo(full.buckets());
        assertThat(again.buckets()).isNotEqualTo(full.buckets());
    }

    @Test
    void a_damaged_ancestor_makes_its_children_unusable_and_the_next_take_a_full_one() throws IOException {
        WorkspaceForTests bench = items("", "a,1,2026-11-22T01:00:00Z", "b,2,2026-11-22T01:00:00Z");
        Manifest full = take(bench, INCREMENTAL).manifests().get(0);
        items("", "a,2,2026-11-22T03:30:00Z", "b,2,2026-11-22T01:00:00Z");
        Manifest child = take(bench, INCREMENTAL).manifests().get(0);
        String file = full.files().stream()
                .filter(entry -> entry.records() != null && entry.records() > 0)
                .findFirst()
                .orElseThrow()
                .path();
        Path damaged = folder.resolve("store").resolve(full.folder()).resolve(file);
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        Files.write(damaged, bytes);

        Workplace workplace = bench.workplace();
        assertThatThrownBy(() -> rows(workplace, child))
                .isInstanceOf(UnusableEntry.class)
                .hasMessageStartingWith(full.folder() + "/" + file + " cannot be used: CORRUPT, ");
        SnapshotTaker.Taken taken = take(bench, INCREMENTAL);
        assertThat(taken.whole().get("items"))
                .startsWith("what it would build on is damaged: %s/%s cannot be used: CORRUPT"
                        .formatted(full.folder(), file));
        assertThat(taken.manifests().get(0).chain()).isEqualTo(Manifest.Chain.FULL);

        List<VerifyJob.Verified> verified = new VerifyJob(bench.workplace())
                .verify(bench.workplace().datasets(List.of()), child.snapshot().text(), Level.L2);
        assertThat(verified.get(2).report().verdict()).isEqualTo(Verdict.FAIL);
        assertThat(verified.get(2).report().damages())
                .singleElement()
                .satisfies(damage -> assertThat(damage)
                        .asString()
                        .startsWith("%s/%s: CHAIN, CORRUPT, ".formatted(full.folder(), file)));
        Files.delete(damaged);
        assertThat(new VerifyJob(bench.workplace())
                        .verify(
                                bench.workplace().datasets(List.of()),
                                child.snapshot().text(),
                                Level.L0)
                        .get(0)
                        .report()
                        .damages())
                .singleElement()
                .satisfies(damage -> assertThat(damage)
                        .asString()
                        .startsWith("%s/%s: CHAIN, MISSING, ".formatted(full.folder(), file)));
    }

    @Test
    void changed_fields_are_refused_by_name() {
        WorkspaceForTests bench = items("", "a,1,2026-11-22T01:00:00Z");
        Manifest full = take(bench, Set.of()).manifests().get(0);
        bench.file("items.csv", "id,number,at", "a,1,2026-11-22T01:00:00Z");
        WorkspaceForTests changed = WorkspaceForTests.in(
                        folder, ITEMS.formatted("").replace(", no: int", ""))
                .later(Duration.ofHours(2));

        assertThatThrownBy(() -> take(changed, INCREMENTAL))
                .isInstanceOf(Refusal.class)
                .hasMessage("the fields of dataset 'items' are not those of snapshot %s, on which it would build:"
                                .formatted(full.snapshot())
                        + " 'number' has come (string), 'no' is gone (string); nothing was taken");
    }

    @Test
    void what_an_incremental_take_needs_is_said_before_anything_is_read() {
        String[] rows = {"a,1,2026-11-22T01:00:00Z", "a,2,2026-11-22T01:00:00Z"};
        WorkspaceForTests bench = items("", rows);
        assertThat(take(bench, INCREMENTAL).whole()).containsEntry("items", "there is no snapshot yet");
        assertThatThrownBy(() -> take(bench, INCREMENTAL))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining(
                        "dataset 'items' cannot be captured incrementally: several of its records share a key");

        for (String[] one : new String[][] {
            {"key: [id], changed_at: at,", "key: [id],", "nothing says when a record was last written"},
            {"key: [id],", "key: [],", "it has no key"},
            {"key: [id],", "key: [lines.id], json: [lines],", "key field 'lines.id' is inside another field"},
        }) {
            WorkspaceForTests without =
                    WorkspaceForTests.in(folder, ITEMS.formatted("").replace(one[0], one[1]));
            assertThatThrownBy(() -> take(without, INCREMENTAL))
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageContaining("dataset 'items' cannot be captured incrementally: " + one[2]);
        }
    }

    @Test
    void without_a_recent_full_one_nothing_is_taken() {
        WorkspaceForTests bench = items(", incremental: {overlap: 30m, full_every: 2d}", "a,1,2026-11-22T01:00:00Z");
        Manifest full = take(bench, Set.of()).manifests().get(0);
        bench.later(Duration.ofHours(40));
        assertThat(take(bench, INCREMENTAL).manifests().get(0).chain().sequence())
                .isEqualTo(1);
        bench.later(Duration.ofHours(10));

        assertThatThrownBy(() -> take(bench, INCREMENTAL))
                .isInstanceOf(Refusal.class)
                .hasMessage("the last full snapshot of dataset 'items', %s, is older than PT48H; nothing was taken"
                        .formatted(full.snapshot()));
    }
}
