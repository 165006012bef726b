package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.PostgresForTests;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.problem.Refusal;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.workspace.DatasetSpec;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Money that moves between two tables and their partitions while snapshots are taken is in each snapshot exactly once. */
@ExtendWith(SparkForTests.class)
final class PointInTimeTest {
    private static final int ACCOUNTS = 3_000;
    private static final long MONEY = 2L * ACCOUNTS * 100;
    private static final int TAKES = 4;

    private static final String DATASETS = """
        checking: {source: bank, table: bank.checking, key: [id], split: {by: id, into: 3}}
        savings: {source: bank, table: bank.savings, key: [id], split: {by: id, into: 2}}
        """;

    @TempDir
    Path folder;

    @BeforeEach
    void two_tables_of_accounts() throws SQLException {
        sql("""
            drop schema if exists bank cascade;
            create schema bank;
            create table bank.checking (id int primary key, balance bigint not null);
            create table bank.savings (id int primary key, balance bigint not null);
            insert into bank.checking select i, 100 from generate_series(1, 3000) i;
            insert into bank.savings select i, 100 from generate_series(1, 3000) i;
            """);
    }

    private static void sql(String statements) throws SQLException {
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private WorkspaceForTests bank(String user, String more) {
        return WorkspaceForTests.in(folder, DATASETS)
                .source("bank: {jdbc: \"%s\", user: %s%s}\n".formatted(PostgresForTests.url(), user, more));
    }

    private static List<Manifest> take(Workplace workplace, Set<SnapshotTaker.Demand> demands) {
        return workplace
                .taker()
                .take(workplace.childrenFirst(workplace.datasets(List.of())), workplace.auditJob()::verdict, demands)
                .manifests();
    }

    private static long money(Workplace workplace, List<Manifest> manifests) {
        long money = 0;
        for (Manifest manifest : manifests) {
            DatasetSpec dataset =
                    workplace.datasets(List.of(manifest.dataset())).get(0);
            money += new SnapshotReader(workplace.session(), workplace.store())
                    .frame(dataset, manifest, workplace.sources())
                    .records()
                    .agg(functions.sum("balance"))
                    .head()
                    .getLong(0);
        }
        return money;
    }

    @Test
    void no_money_is_made_or_lost_in_any_snapshot_while_it_moves() throws Exception {
        WorkspaceForTests bank = bank(PostgresForTests.USER, "");
        Transfers transfers = new Transfers();
        List<Long> sums = new ArrayList<>();
        try {
            transfers.start();
            for (int i = 0; i < TAKES; i++) {
                Workplace workplace = bank.workplace();
                List<Manifest> manifests = take(workplace, EnumSet.of(SnapshotTaker.Demand.POINT_IN_TIME));
                assertThat(manifests).hasSize(2).allSatisfy(manifest -> {
                    assertThat(manifest.capture().mode()).isEqualTo(Manifest.Mode.POINT_IN_TIME);
                    assertThat(manifest.capture().consistency())
                            .matches("every query imported snapshot [0-9A-F-]+, exported by PostgreSQL at"
                                    + " [0-9]{4}-[0-9-]+T[0-9:.]+Z of its clock");
                });
                assertThat(manifests.get(0).capture())
                        .isEqualTo(manifests.get(1).capture());
                sums.add(money(workplace, manifests));
            }
        } finally {
            assertThat(transfers.stop()).as("transfers").isGreaterThan(TAKES * 20L);
        }
        assertThat(sums).hasSize(TAKES).containsOnly(MONEY);
    }

    @Test
    void who_may_not_export_a_snapshot_is_told_that_what_was_taken_is_of_no_one_moment() throws Exception {
        sql("""
            drop role if exists teller;
            create role teller login;
            grant usage on schema bank to teller;
            grant select on all tables in schema bank to teller;
            revoke execute on function pg_export_snapshot() from public;
            """);
        try {
            Workplace workplace = bank("teller", "").workplace();
            List<Manifest> manifests = take(workplace, Set.of());
            assertThat(manifests).hasSize(2).allSatisfy(manifest -> {
                assertThat(manifest.capture().mode()).isEqualTo(Manifest.Mode.FUZZY);
                assertThat(manifest.capture().consistency())
                        .isEqualTo("one query a partition, each of its own time: no snapshot could be exported:"
                                + " ERROR: permission denied for function pg_export_snapshot");
            });
        } finally {
            sql("""
                grant execute on function pg_export_snapshot() to public;
                drop owned by teller;
                drop role teller;
                """);
        }
    }

    @Test
    void what_must_be_of_one_moment_and_cannot_be_is_not_taken() {
        WorkspaceForTests bank = bank(PostgresForTests.USER, ", limit: {connections: 1}");
        Workplace workplace = bank.workplace();

        assertThatThrownBy(() -> take(workplace, EnumSet.of(SnapshotTaker.Demand.POINT_IN_TIME)))
                .isInstanceOf(Refusal.class)
                .hasMessage(
                        "dataset 'checking' cannot be captured as it is at one moment: one query a partition, each of"
                                + " its own time: the limit of one connection leaves none that could hold a snapshot;"
                                + " nothing was taken");

        assertThat(workplace.catalog().state().snapshots("checking")).isEmpty();
        assertThat(take(bank.workplace(), Set.of()))
                .extracting(manifest -> manifest.capture().mode())
                .containsOnly(Manifest.Mode.FUZZY);
    }

    @Test
    void a_database_that_exports_no_snapshot_is_of_one_moment_only_for_one_query() {
        String url = "jdbc:h2:mem:pointintime;DB_CLOSE_DELAY=-1;INIT=CREATE TABLE IF NOT EXISTS T(ID INT PRIMARY KEY)";
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                        one: {source: h2, table: T, key: [ID]}
                        two: {source: h2, table: T, key: [ID]}
                        split: {source: h2, table: T, key: [ID], split: {by: ID, into: 2}}
                        """).source("h2: {jdbc: \"%s\"}\n".formatted(url));

        assertThat(captures(bench, "one")).containsExactly("POINT_IN_TIME one query of one dataset");
        assertThat(captures(bench, "split"))
                .containsExactly("FUZZY one query a partition, each of its own time: H2 exports no snapshot");
        assertThat(captures(bench, "one", "two"))
                .containsOnly("FUZZY one query a dataset, each of its own time: H2 exports no snapshot");
    }

    private static List<String> captures(WorkspaceForTests bench, String... names) {
        Workplace workplace = bench.workplace();
        return workplace
                .taker()
                .take(workplace.datasets(List.of(names)), workplace.auditJob()::verdict)
                .manifests()
                .stream()
                .map(manifest ->
                        manifest.capture().mode() + " " + manifest.capture().consistency())
                .toList();
    }

    @Test
    void children_are_captured_before_their_parents() {
        WorkspaceForTests bench = WorkspaceForTests.in(folder, """
                        customers: {source: here, path: customers.csv, key: [id]}
                        orders: {source: here, path: orders.csv, key: [id]}
                        lines: {source: here, path: lines.csv, key: [id]}
                        """).rules("""
                    - {id: of-order, dataset: lines, reference: {fields: [order_id], to: orders, key: [id]}}
                    - {id: of-customer, dataset: orders, reference: {fields: [customer_id], to: customers, key: [id]}}
                    """);
        Workplace workplace = bench.workplace();

        assertThat(workplace.childrenFirst(workplace.datasets(List.of())))
                .extracting(DatasetSpec::name)
                .containsExactly("lines", "orders", "customers");
    }

    /** Two tellers, each of whom moves money from one table to the other and from one end of a table to its other. */
    private static final class Transfers {
        private final AtomicBoolean done = new AtomicBoolean();
        private final CountDownLatch begun = new CountDownLatch(2);
        private final ExecutorService tellers = Executors.newFixedThreadPool(2);
        private final List<Future<Long>> moved = new ArrayList<>();

        void start() throws InterruptedException {
            moved.add(tellers.submit(() -> move(1)));
            moved.add(tellers.submit(() -> move(2)));
            begun.await();
        }

        private long move(long seed) throws SQLException {
            Random random = new Random(seed);
            long transfers = 0;
            try (Connection connection = PostgresForTests.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!done.get()) {
                    String from = random.nextBoolean() ? "checking" : "savings";
                    String to = random.nextBoolean() ? "checking" : "savings";
                    // Each teller has accounts of its own, so that they never wait for each other.
                    long one = 2L * random.nextInt(ACCOUNTS / 2) + seed;
                    long other = 2L * random.nextInt(ACCOUNTS / 2) + seed;
                    statement.execute("update bank.%s set balance = balance - 7 where id = %d".formatted(from, one));
                    statement.execute("update bank.%s set balance = balance + 7 where id = %d".formatted(to, other));
                    connection.commit();
                    transfers++;
                    begun.countDown();
                }
            } finally {
                begun.countDown();
            }
            return transfers;
        }

        long stop() throws Exception {
            done.set(true);
            long transfers = 0;
            for (Future<Long> each : moved) {
                transfers += each.get();
            }
            tellers.shutdown();
            return transfers;
        }
    }
}
