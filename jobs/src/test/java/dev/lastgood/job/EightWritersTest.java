package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.PostgresForTests;
import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight writers write to the very records that are audited, four of them to the fields under rules, in two transactions where
 * one would do: between the two a rule is broken. What is true of a record is what its writers wrote down about it.
 */
@ExtendWith(SparkForTests.class)
final class EightWritersTest {
    private static final long SEED = Long.getLong("writers.seed", new Random().nextLong());

    /** {@code -Dwriters.confirm=never} shows what would be found without. */
    private static final String CONFIRM = System.getProperty("writers.confirm", "1s");

    private static final int RECORDS = 400;
    private static final int AUDITS = 2;

    /** Broken for so long is not between two writes. */
    private static final long LONG = Duration.ofMillis(900).toNanos();

    /** Between two writes of a writer, who would otherwise leave no processor to the audit. */
    private static final long PACE = Duration.ofMillis(20).toNanos();

    private static final String DATASETS = """
        customers: {source: db, table: writers.customers, key: [id]}
        orders: {source: db, table: writers.orders, key: [id], version: seq, split: {by: id, into: 3}, json: [lines]}
        """;

    private static final String RULES = """
        - {id: total, dataset: orders, assert: total = price * quantity, fields: [total]}
        - {id: code, dataset: orders, unique: [code]}
        - {id: customer, dataset: orders, reference: {fields: [customer], to: customers, key: [id]}}
        """;

    /** Broken from before the audit until after it. */
    private static final Map<String, Set<Integer>> DAMAGED = Map.of(
            "total", numbers(1, 20),
            "code", numbers(21, 30),
            "customer", numbers(31, 40));

    @TempDir
    Path folder;

    private static Set<Integer> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().collect(Collectors.toCollection(TreeSet::new));
    }

    @BeforeEach
    void orders_and_their_customers() throws SQLException {
        sql(
                "drop schema if exists writers cascade",
                "create schema writers",
                "create table writers.customers (id int primary key)",
                "create table writers.orders (id int primary key, customer int, price int, quantity int, total int,"
                        + " code text, note text, visits int, seq int not null default 0, amount numeric, lines jsonb)",
                "insert into writers.customers select i from generate_series(1, %d) i".formatted(RECORDS),
                "insert into writers.orders select i, i, 7, 2, 14, 'c' || i, 'n', 0, 0, i / 3.0, '[{\"no\": 1}]'"
                        + " from generate_series(1, %d) i".formatted(RECORDS));
    }

    private static void sql(String... statements) throws SQLException {
        try (Connection connection = PostgresForTests.connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    @Test
    void no_finding_is_false_and_none_is_missed() throws Exception {
        WorkspaceForTests shop = WorkspaceForTests.in(folder, DATASETS)
                .rules(RULES)
                .source("db: {jdbc: \"%s\", user: %s, confirm: %s}\n"
                        .formatted(PostgresForTests.url(), PostgresForTests.USER, CONFIRM));
        shop.take();
        sql(
                "update writers.orders set total = 9 where id between 1 and 20",
                "update writers.orders set code = 'd' || ((id + 1) / 2) where id between 21 and 30",
                "update writers.orders set customer = -id where id between 31 and 40");
        Writers writers = new Writers();
        try {
            writers.start();
            for (int i = 0; i < AUDITS; i++) {
                long from = System.nanoTime();
                WorkspaceForTests.Audited audit = shop.audit();
                long to = System.nanoTime();
                for (String rule : DAMAGED.keySet()) {
                    Set<Integer> found = audit.findings(rule).stream()
                            .map(line -> Integer.valueOf(line.substring(0, line.indexOf(' '))))
                            .collect(Collectors.toCollection(TreeSet::new));
                    assertThat(found)
                            .as("rule %s, -Dwriters.seed=%d", rule, SEED)
                            .containsAll(DAMAGED.get(rule))
                            .isSubsetOf(writers.brokenForLong(rule, from, to));
                }
            }
        } finally {
            writers.stop();
        }
        assertThat(writers.writes)
                .hasSize(8)
                .allSatisfy((writer, writes) -> assertThat(writes).as(writer).isGreaterThan(50));
        assertThat(writers.log).as("times a rule was broken between two writes").hasSizeGreaterThan(50);
    }

    /** Eight threads with a connection each, and what they write down. */
    private static final class Writers {
        private final AtomicBoolean done = new AtomicBoolean();
        private final ExecutorService threads = Executors.newFixedThreadPool(8);
        private final List<Future<?>> working = new ArrayList<>();
        private final CountDownLatch wrote = new CountDownLatch(8);
        final Map<String, Integer> writes = new ConcurrentHashMap<>();
        final Queue<Broken> log = new ConcurrentLinkedQueue<>();

        /** A rule that is broken by a record, at the longest from when it was about to be until it was known not to be. */
        private static final class Broken {
            final String rule;
            final int record;
            final long from = System.nanoTime();

            /** Null: it may still be broken. */
            private volatile @Nullable Long to;

            Broken(String rule, int record) {
                this.rule = rule;
                this.record = record;
            }

            void end() {
                to = System.nanoTime();
            }

            long until() {
                Long end = to;
                return end == null ? System.nanoTime() : end;
            }
        }

        private Broken begun(String rule, int record) {
            Broken broken = new Broken(rule, record);
            log.add(broken);
            return broken;
        }

        private interface Work {
            void write(Statement statement, Random random) throws SQLException;
        }

        void start() throws Exception {
            begin("prices", this::prices);
            begin("quantities", this::quantities);
            begin("codes", this::codes);
            begin("customers", this::customers);
            for (int i = 1; i <= 2; i++) {
                begin(
                        "notes " + i,
                        (statement, random) ->
                                statement.execute("update writers.orders set note = 'n%d', seq = seq + 1 where id = %d"
                                        .formatted(random.nextInt(), any(random))));
                begin(
                        "visits " + i,
                        (statement, random) -> statement.execute(
                                "update writers.orders set visits = visits + 1, seq = seq + 1 where id = %d"
                                        .formatted(any(random))));
            }
            wrote.await();
        }

        /** Half of them to what is damaged. */
        private static int any(Random random) {
            return 1 + (random.nextBoolean() ? random.nextInt(40) : random.nextInt(RECORDS));
        }

        private static int sound(Random random) {
            return 41 + random.nextInt(RECORDS - 40);
        }

        private void begin(String name, Work work) {
            working.add(threads.submit(() -> {
                Random random = new Random(SEED + name.hashCode());
                try (Connection connection = PostgresForTests.connect();
                        Statement statement = connection.createStatement()) {
                    do {
                        work.write(statement, random);
                        if (writes.merge(name, 1, Integer::sum) == 1) {
                            wrote.countDown();
                        }
                        LockSupport.parkNanos(PACE);
                    } while (!done.get());
                }
                return null;
            }));
        }

        /** At once; what is damaged gets another wrong total each time. */
        private void prices(Statement statement, Random random) throws SQLException {
            int id = random.nextInt(4) == 0 ? 1 + random.nextInt(20) : sound(random);
            statement.execute(("update writers.orders set price = %d, total = %d * quantity + %d, seq = seq + 1"
                            + " where id = %d")
                    .formatted(1 + id % 90, 1 + id % 90, id <= 20 ? 1 + random.nextInt(99) : 0, id));
        }

        private void between(String rule, int id, SqlAct first, SqlAct then) throws SQLException {
            Broken broken = begun(rule, id);
            first.run();
            then.run();
            broken.end();
        }

        private interface SqlAct {
            void run() throws SQLException;
        }

        private void quantities(Statement statement, Random random) throws SQLException {
            int id = sound(random);
            between(
                    "total",
                    id,
                    () -> statement.execute("update writers.orders set quantity = quantity % 9 + 1 where id = " + id),
                    () -> {
                        LockSupport.parkNanos(random.nextInt(4) * PACE);
                        statement.execute("update writers.orders set total = price * quantity where id = " + id);
                    });
        }

        /** Two orders change their codes, one after the other. */
        private void codes(Statement statement, Random random) throws SQLException {
            int one = sound(random);
            int other = 41 + (one - 41 + 7) % (RECORDS - 40);
            Broken first = begun("code", one);
            Broken second = begun("code", other);
            statement.execute("update writers.orders set code = (select code from writers.orders where id = %d) || ''"
                            .formatted(other)
                    + " where id = " + one);
            statement.execute(
                    "update writers.orders set code = 'x%d' where id = %d".formatted(random.nextLong(), other));
            first.end();
            second.end();
        }

        /** The order first, its customer then. */
        private void customers(Statement statement, Random random) throws SQLException {
            int id = sound(random);
            int customer = RECORDS + 1 + random.nextInt(1_000_000_000);
            between(
                    "customer",
                    id,
                    () -> statement.execute(
                            "update writers.orders set customer = %d where id = %d".formatted(customer, id)),
                    () -> statement.execute(
                            "insert into writers.customers values (%d) on conflict do nothing".formatted(customer)));
        }

        /** What is broken all the time, and what was for long at a time that meets the audit; two breaks of one record may be one. */
        Set<Integer> brokenForLong(String rule, long from, long to) {
            Set<Integer> broken = new TreeSet<>(DAMAGED.get(rule));
            log.stream()
                    .filter(one -> one.rule.equals(rule) && one.from < to && one.until() > from)
                    .filter(one -> one.until() - one.from >= LONG)
                    .forEach(one -> broken.add(one.record));
            return broken;
        }

        void stop() throws Exception {
            done.set(true);
            for (Future<?> one : working) {
                one.get();
            }
            threads.shutdown();
        }
    }
}
