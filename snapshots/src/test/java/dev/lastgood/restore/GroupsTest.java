package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.Store;
import dev.lastgood.target.JdbcTarget;
import dev.lastgood.target.Postgres;
import dev.lastgood.target.Target;
import dev.lastgood.target.contract.MariaDb;
import dev.lastgood.workspace.RestorePolicy;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Orders and their lines in two tables of one database, written together or not at all. */
final class GroupsTest {
    private static final String SHOP = "shop";

    enum Database {
        H2,
        POSTGRESQL,
        MARIADB;

        Connection connect() throws SQLException {
            return switch (this) {
                case H2 -> DriverManager.getConnection("jdbc:h2:mem:groups;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE");
                case POSTGRESQL -> Postgres.connect();
                case MARIADB -> MariaDb.connect("restored_groups");
            };
        }
    }

    private final Scene scene = new Scene();
    private final Map<String, Target> targets = new HashMap<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private Database database = Database.H2;
    private String linesAreIn = SHOP;
    private String groupedBy = "no";
    /** Whether 'v' grows with every write, and the policy says so. */
    private boolean isCounted = true;

    @AfterEach
    void close() {
        targets.values().forEach(Target::close);
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private long count(String condition) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select (select count(*) from group_orders where " + condition
                        + ") + (select count(*) from group_lines where " + condition + ")")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Orders with so many lines each, all of them with negative totals that were positive when they were captured. */
    private void damage(int orders, int lines) throws SQLException {
        sql(
                "drop table if exists group_lines",
                "drop table if exists group_orders",
                "create table group_orders(id int primary key, no int, total int, v int)",
                "create table group_lines(id int primary key, no int, total int, v int)");
        targets.put("orders", target("group_orders", SHOP));
        targets.put("lines", target("group_lines", linesAreIn));
        for (int no = 1; no <= orders; no++) {
            accuse("orders", no, no);
            for (int line = 1; line <= lines; line++) {
                accuse("lines", 1000 * line + no, no);
            }
        }
    }

    private Target target(String table, String store) {
        return new JdbcTarget(
                database::connect,
                JdbcTarget.Table.of(table, List.of("id")).waiting(Duration.ofSeconds(5), Duration.ofSeconds(20)),
                store);
    }

    private void accuse(String dataset, int id, int no) throws SQLException {
        sql("insert into group_%s values (%d, %d, %d, 1)".formatted(dataset, id, no, -id));
        Image bad = row(id, no, -id);
        Key key = Key.of("id", Value.of(id));
        Target target = Objects.requireNonNull(targets.get(dataset));
        candidates.add(new Candidate(
                dataset,
                key,
                List.of(),
                Candidate.Named.WHOLE,
                History.of(
                        new History.Good(
                                bad.with("total", Value.of(id)), "20261121T020000Z-7f3a", Scene.NOON.minusSeconds(60)),
                        bad,
                        History.Origin.OBSERVED),
                Objects.requireNonNull(target.read(List.of(key)).get(key))));
    }

    private static Image row(int id, int no, int total) {
        return Image.of(Map.of("id", Value.of(id), "no", Value.of(no), "total", Value.of(total), "v", Value.of(1)));
    }

    private Policy policy(String dataset) {
        Policy plain = Policy.plain(dataset);
        return new Policy(
                dataset,
                plain.comparison(),
                isCounted ? FieldPath.of("v") : null,
                List.of(),
                isCounted ? List.of(FieldPath.of("v")) : List.of(),
                null,
                List.of(),
                groupedBy.isEmpty() ? Map.of() : Map.of("order", FieldPath.of(groupedBy)),
                RestorePolicy.Write.IN_PLACE,
                List.of(),
                plain.limits());
    }

    private PlanFiles.Stored plan() {
        Map<String, Planner.Dataset> datasets = new HashMap<>();
        targets.forEach((name, target) -> datasets.put(
                name,
                new Planner.Dataset(
                        policy(name),
                        target.identity(),
                        target.schema(),
                        List.of(),
                        OptionalLong.empty(),
                        target.store())));
        Plan plan = new Planner(scene.judge())
                .plan(new Planner.Request(
                        "shop",
                        "ada",
                        Scene.NOON,
                        Duration.ofHours(24),
                        Mode.BLOCK,
                        candidates,
                        List.of(),
                        Map.of(),
                        datasets,
                        List.of(new Planner.Reference("lines", List.of(FieldPath.of("no")), "orders"))));
        return PlanFiles.write(scene.store, plan);
    }

    private Applier applier(PlanFiles.Stored plan, String name) {
        return applier(Run.of(plan), plan, name, new Applier.Watch() {});
    }

    private Applier applier(Run run, PlanFiles.Stored plan, String name, Applier.Watch watch) {
        return new Applier(
                run,
                Scene.approved(plan, "no_delete_evidence"),
                new Applier.Site(
                        scene.store,
                        Map.of("orders", policy("orders"), "lines", policy("lines")),
                        targets,
                        scene.judge(),
                        Relations.NONE,
                        Scene.CLOCK),
                new Applier.Manner(100, 50, Applier.Breaker.OFF, Scene.owner(name), name, watch));
    }

    @Test
    void a_group_stands_together_in_the_plan_over_all_its_datasets() throws SQLException {
        damage(3, 2);

        assertThat(plan().plan().steps())
                .extracting(step -> step.group() + " " + step.dataset() + " " + step.key())
                .containsExactly(
                        "order=1 orders id 1",
                        "order=1 lines id 1001",
                        "order=1 lines id 2001",
                        "order=2 orders id 2",
                        "order=2 lines id 1002",
                        "order=2 lines id 2002",
                        "order=3 orders id 3",
                        "order=3 lines id 1003",
                        "order=3 lines id 2003");
    }

    @Test
    void what_is_in_another_store_is_written_on_its_own() throws SQLException {
        linesAreIn = "elsewhere";
        damage(2, 2);

        assertThat(plan().plan().steps())
                .extracting(Step::dataset)
                .containsExactly("orders", "orders", "lines", "lines", "lines", "lines");
        assertThat(plan().plan().groupsInPieces(dataset -> dataset))
                .hasToString("{order=1=[lines, orders], order=2=[lines, orders]}");
        assertThat(plan().plan().groupsInPieces(dataset -> "")).hasSize(2);
        assertThat(plan().plan().groupsInPieces(dataset -> SHOP))
                .as("for its records are no neighbours")
                .hasSize(2);
        assertThat(applier(plan(), "a").apply().done()).isEqualTo(6);
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    void one_row_that_the_database_refuses_keeps_back_its_whole_group_and_no_other(Database where) throws SQLException {
        database = where;
        damage(4, 2);
        PlanFiles.Stored plan = plan();
        sql("alter table group_lines add constraint not_so check (total <> 2003)");

        Receipt receipt = applier(plan, "a").apply();

        assertThat(List.of(receipt.done(), receipt.failed())).containsExactly(9, 3);
        assertThat(count("total < 0 and no = 3")).isEqualTo(3);
        assertThat(count("total > 0")).isEqualTo(9);
        sql("alter table group_lines drop constraint not_so");
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    void one_row_that_somebody_has_worked_on_keeps_back_its_whole_group(Database where) throws SQLException {
        database = where;
        damage(3, 2);
        PlanFiles.Stored plan = plan();
        sql("update group_lines set total = 7 where id = 1002");

        Receipt receipt = applier(plan, "a").apply();

        assertThat(List.of(receipt.done(), receipt.conflict())).containsExactly(6, 3);
        assertThat(count("no = 2 and (total < 0 or total = 7)")).isEqualTo(3);
    }

    /** The process is no more. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Dies at its n-th call: of a publication before it or after it, of a write before it or after it. */
    private static final class Mortal {
        private int left;

        Mortal(int left) {
            this.left = left;
        }

        void step() {
            if (--left == 0) {
                throw new Killed();
            }
        }
    }

    private Applier mortal(PlanFiles.Stored plan, Mortal mortal, String name) {
        Map<String, Target> dying = new HashMap<>();
        Target orders = Objects.requireNonNull(targets.get("orders"));
        Target lines = Objects.requireNonNull(targets.get("lines"));
        dying.put("orders", new Dying(orders, mortal));
        dying.put("lines", new Dying(lines, mortal));
        return new Applier(
                Run.of(plan),
                Scene.approved(plan, "no_delete_evidence"),
                new Applier.Site(
                        publishing(scene.store, mortal),
                        Map.of("orders", policy("orders"), "lines", policy("lines")),
                        dying,
                        scene.judge(),
                        Relations.NONE,
                        Scene.CLOCK),
                new Applier.Manner(20, 20, Applier.Breaker.OFF, Scene.owner(name), name, new Applier.Watch() {}));
    }

    /** Three groups of 61 records, a batch being 20: wherever the process dies, a group is whole, and a second one ends the run. */
    @Test
    void a_group_of_several_segments_is_whole_wherever_the_process_dies() throws SQLException {
        int deaths = 0;
        for (int at = 1; ; at++) {
            scene.store.content.clear();
            candidates.clear();
            targets.values().forEach(Target::close);
            targets.clear();
            damage(3, 60);
            PlanFiles.Stored plan = plan();
            try {
                mortal(plan, new Mortal(at), "dead" + at).apply();
                break;
            } catch (Killed killed) {
                deaths++;
            }
            targets.values().forEach(Target::close);
            for (int no = 1; no <= 3; no++) {
                assertThat(count("total > 0 and no = " + no))
                        .as("written of group %d after death %d", no, at)
                        .isIn(0L, 61L);
            }
            Receipt receipt = applier(plan, "a").apply();
            assertThat(List.of(receipt.done(), receipt.verified())).containsExactly(183, 183);
            assertThat(count("total > 0")).isEqualTo(183);
        }
        assertThat(deaths).isGreaterThan(20);
    }

    @Test
    void all_intents_of_a_group_are_published_before_its_first_write() throws SQLException {
        damage(1, 250);
        PlanFiles.Stored plan = plan();
        Mortal immortal = new Mortal(-1);
        Applier applier = mortal(plan, immortal, "a");
        Dying.beforeWrite = () -> assertThat(Journal.open(scene.store, plan.id()).entries().stream()
                        .filter(entry -> entry instanceof Entry.Intent))
                .hasSize(251);
        try {
            assertThat(applier.apply().done()).isEqualTo(251);
        } finally {
            Dying.beforeWrite = () -> {};
        }
        assertThat(scene.store.list(Journal.folder(plan.id()))).hasSizeGreaterThan(7);
    }

    @Test
    void targets_of_two_stores_are_not_opened_together() throws SQLException {
        linesAreIn = "elsewhere";
        damage(1, 1);

        assertThatThrownBy(() -> Objects.requireNonNull(targets.get("orders"))
                        .open(Map.of(
                                Objects.requireNonNull(targets.get("orders")),
                                List.of(Key.of("id", Value.of(1))),
                                Objects.requireNonNull(targets.get("lines")),
                                List.of(Key.of("id", Value.of(1001))))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The line is gone that was there when it was captured. */
    private void deleteLine(int id, int no) throws SQLException {
        Image good = row(id, no, id);
        Key key = Key.of("id", Value.of(id));
        sql("delete from group_lines where id = " + id);
        candidates.removeIf(candidate ->
                candidate.dataset().equals("lines") && candidate.key().equals(key));
        candidates.add(new Candidate(
                "lines",
                key,
                List.of(),
                Candidate.Named.WHOLE_OR_GONE,
                History.of(
                        new History.Good(good, "20261121T020000Z-7f3a", Scene.NOON.minusSeconds(60)),
                        null,
                        History.Origin.OBSERVED),
                Objects.requireNonNull(Objects.requireNonNull(targets.get("lines"))
                        .read(List.of(key))
                        .get(key))));
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    void a_group_with_a_record_to_be_inserted_is_whole_wherever_the_process_dies(Database where) throws SQLException {
        database = where;
        for (int at = 1; ; at++) {
            scene.store.content.clear();
            candidates.clear();
            targets.values().forEach(Target::close);
            targets.clear();
            damage(2, 2);
            deleteLine(2001, 1);
            PlanFiles.Stored plan = plan();
            assertThat(plan.plan().count(Action.INSERT)).isEqualTo(1);
            try {
                mortal(plan, new Mortal(at), "dead" + at).apply();
                break;
            } catch (Killed killed) {
                targets.values().forEach(Target::close);
            }
            assertThat(count("total > 0 and no = 1")).isIn(0L, 3L);
            Receipt receipt = applier(plan, "a").apply();
            assertThat(List.of(receipt.done(), receipt.verified()))
                    .as("after death %d", at)
                    .containsExactly(6, 6);
            assertThat(count("total > 0")).isEqualTo(6);
        }
    }

    /** An answer is lost, and the rest of the group is as it was: is the record absent because it was never inserted? */
    private Receipt afterALostAnswer(boolean carriedOut, String... since) throws SQLException {
        damage(1, 2);
        deleteLine(2001, 1);
        PlanFiles.Stored plan = plan();
        Dying.beforeWrite = () -> {
            Dying.beforeWrite = () -> {};
            if (!carriedOut) {
                throw new Killed();
            }
        };
        // Dies after its first write, or before it.
        assertThatThrownBy(() ->
                        mortal(plan, new Mortal(carriedOut ? 6 : -1), "dead").apply())
                .isInstanceOf(Killed.class);
        assertThat(count("total > 0")).isEqualTo(carriedOut ? 3 : 0);
        targets.values().forEach(Target::close);
        sql(since);
        return applier(plan, "a").apply();
    }

    @Test
    void without_a_counter_a_record_that_was_deleted_again_and_its_group_set_back_does_not_come_again()
            throws SQLException {
        isCounted = false;

        Receipt receipt = afterALostAnswer(
                true,
                "delete from group_lines where id = 2001",
                "update group_lines set total = -total where id = 1001",
                "update group_orders set total = -total where id = 1");

        assertThat(List.of(receipt.ambiguous(), receipt.conflict())).containsExactly(1, 2);
        assertThat(count("total > 0")).isZero();
    }

    @Test
    void without_a_counter_nobody_can_tell_whether_a_record_was_inserted() throws SQLException {
        isCounted = false;

        Receipt receipt = afterALostAnswer(false);

        assertThat(List.of(receipt.ambiguous(), receipt.conflict())).containsExactly(1, 2);
        assertThat(count("total > 0")).isZero();
    }

    @Test
    void what_the_database_counts_by_itself_shows_that_a_record_was_not_inserted() throws SQLException {
        isCounted = false;
        database = Database.POSTGRESQL;

        assertThat(afterALostAnswer(false).done()).isEqualTo(3);
        assertThat(count("total > 0")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    void of_a_group_that_a_crash_left_open_only_what_moved_since_is_ambiguous(Database where) throws SQLException {
        database = where;
        damage(1, 3);
        PlanFiles.Stored plan = plan();
        Dying.beforeWrite = () -> {
            throw new Killed();
        };
        try {
            assertThatThrownBy(() -> mortal(plan, new Mortal(-1), "dead").apply())
                    .isInstanceOf(Killed.class);
        } finally {
            Dying.beforeWrite = () -> {};
        }
        targets.values().forEach(Target::close);
        sql("update group_lines set total = 7 where id = 2001");

        Receipt receipt = applier(plan, "a").apply();

        assertThat(List.of(receipt.ambiguous(), receipt.conflict())).containsExactly(1, 3);
        assertThat(count("total < 0")).isEqualTo(3);
        Journal journal = Journal.open(scene.store, plan.id());
        assertThat(receipt.outcomes())
                .as("what was certainly not written is open no more")
                .allSatisfy(one -> assertThat(journal.progress(one.step()).openIntents())
                        .hasSize(one.state() == State.AMBIGUOUS ? 1 : 0));
    }

    @Test
    void of_a_group_that_a_crash_left_open_a_record_that_was_written_elsewhere_since_is_ambiguous()
            throws SQLException {
        damage(1, 3);
        PlanFiles.Stored plan = plan();
        Dying.beforeWrite = () -> {
            throw new Killed();
        };
        try {
            assertThatThrownBy(() -> mortal(plan, new Mortal(-1), "dead").apply())
                    .isInstanceOf(Killed.class);
        } finally {
            Dying.beforeWrite = () -> {};
        }
        targets.values().forEach(Target::close);
        sql("update group_lines set total = 7, v = 2 where id = 2001", "update group_lines set v = 2 where id = 3001");

        Receipt receipt = applier(plan, "a").apply();

        assertThat(List.of(receipt.ambiguous(), receipt.conflict())).containsExactly(2, 2);
    }

    @ParameterizedTest
    @EnumSource(Database.class)
    void a_group_with_a_record_that_was_written_since_is_not_taken_back(Database where) throws SQLException {
        database = where;
        damage(3, 2);
        deleteLine(1003, 3);
        PlanFiles.Stored plan = plan();
        assertThat(applier(plan, "a").apply().done()).isEqualTo(9);
        sql("update group_lines set total = 7 where id = 1002");

        Run undo = Undo.of(plan, Journal.open(scene.store, plan.id()));
        Receipt receipt = applier(undo, plan, "b", new Applier.Watch() {}).apply();

        assertThat(List.of(receipt.done(), receipt.conflict())).containsExactly(6, 3);
        assertThat(count("no = 2 and total > 0")).isEqualTo(3);
        assertThat(count("no <> 2 and total < 0"))
                .as("one was inserted, and is gone again")
                .isEqualTo(5);
        assertThat(count("id = 1003")).isZero();
    }

    @Test
    void a_commit_without_an_answer_is_found_out_for_the_whole_group() throws SQLException {
        for (boolean carriedOut : List.of(true, false)) {
            scene.store.content.clear();
            candidates.clear();
            damage(2, 2);
            deleteLine(2001, 1);
            PlanFiles.Stored plan = plan();
            Dying.unanswered = 1;
            Dying.carriesOut = carriedOut;

            Receipt receipt = mortal(plan, new Mortal(-1), "a").apply();

            assertThat(List.of(receipt.done(), receipt.verified()))
                    .as("carried out: " + carriedOut)
                    .containsExactly(6, 6);
            assertThat(count("total > 0")).isEqualTo(6);
            targets.values().forEach(Target::close);
        }
    }

    @Test
    void groups_that_need_each_other_are_written_in_the_order_of_their_records() throws SQLException {
        groupedBy = "total";
        damage(0, 0);
        accuse("orders", 1, 1);
        accuse("orders", 2, 2);
        accuse("lines", 1, 2);
        accuse("lines", 2, 1);
        PlanFiles.Stored plan = plan();

        assertThat(plan.plan().steps()).extracting(Step::dataset).containsExactly("orders", "orders", "lines", "lines");
        assertThat(plan.plan().groupsInPieces(dataset -> SHOP)).hasSize(2);
        assertThat(applier(plan, "a").apply().done()).isEqualTo(4);
    }

    @Test
    void a_group_larger_than_a_transaction_may_be_is_refused_by_its_name() throws SQLException {
        damage(1, Batches.MOST_OF_GROUP);

        assertThatThrownBy(this::plan)
                .isInstanceOf(dev.lastgood.problem.Refusal.class)
                .hasMessageContaining("of at most 1000 records, and there is order=1 of 1001 records");
    }

    @Test
    void records_in_no_group_do_not_wait_for_another_dataset() throws SQLException {
        groupedBy = "";
        damage(2, 2);
        PlanFiles.Stored plan = plan();
        Applier.Watch night = new Applier.Watch() {
            @Override
            public java.util.Optional<String> pause(String dataset, int steps) {
                return dataset.equals("lines") ? java.util.Optional.of("by night only") : java.util.Optional.empty();
            }
        };

        Receipt receipt = applier(Run.of(plan), plan, "a", night).apply();

        assertThat(List.of(receipt.done(), receipt.pending())).containsExactly(2, 4);
        assertThat(receipt.stopped()).isEqualTo("by night only");
    }

    /** A table whose process dies. */
    private record Dying(Target target, Mortal mortal) implements Target {
        private static Runnable beforeWrite = () -> {};
        private static int unanswered;
        private static boolean carriesOut;

        @Override
        public String identity() {
            return target.identity();
        }

        @Override
        public String schema() {
            return target.schema();
        }

        @Override
        public String store() {
            return target.store();
        }

        @Override
        public boolean countsWrites() {
            return target.countsWrites();
        }

        @Override
        public Map<Key, Seen> read(List<Key> keys) {
            return target.read(keys);
        }

        @Override
        public Batch open(List<Key> keys) {
            return target.open(keys);
        }

        private Target real(Target of) {
            return ((Dying) of).target();
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public Together open(Map<Target, List<Key>> keys) {
            Map<Target, List<Key>> open = new HashMap<>();
            keys.forEach((of, some) -> open.put(real(of), some));
            Together together = target.open(open);
            return new Together() {
                @Override
                public Map<Key, Seen> seen(Target of) {
                    return together.seen(real(of));
                }

                @Override
                public List<Written> write(List<Placed> changes) {
                    beforeWrite.run();
                    mortal.step();
                    boolean isAnswered = unanswered-- <= 0;
                    if (!isAnswered && !carriesOut) {
                        return lost(changes);
                    }
                    List<Written> written = together.write(changes.stream()
                            .map(placed -> new Placed(real(placed.target()), placed.change()))
                            .toList());
                    mortal.step();
                    return isAnswered ? written : lost(changes);
                }

                private List<Written> lost(List<Placed> changes) {
                    return changes.stream()
                            .map(placed -> (Written) new Written.Unknown("no answer"))
                            .toList();
                }

                @Override
                public void close() {
                    together.close();
                }
            };
        }

        @Override
        public void close() {
            target.close();
        }
    }

    /** A store whose process dies before or after it has published something. */
    private static Store publishing(Store store, Mortal mortal) {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    boolean publishes = method.getName().equals("publish");
                    if (publishes) {
                        mortal.step();
                    }
                    Object answer = method.invoke(store, arguments);
                    if (publishes) {
                        mortal.step();
                    }
                    return answer;
                });
    }
}
