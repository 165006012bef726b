package dev.lastgood.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.snapshot.LocalStore;
import dev.lastgood.snapshot.Store;
import dev.lastgood.target.JdbcTarget;
import dev.lastgood.target.JdbcTarget.Deletes;
import dev.lastgood.target.Postgres;
import dev.lastgood.workspace.RestorePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Processes that apply and undo a plan are killed with SIGKILL at random moments, again and again, each time another one
 * goes on, and all the while one more process writes to the same rows. What it has written it has noted itself; from that,
 * the journals and the database it is told whether anything was lost, done twice or said wrongly.
 */
final class KilledApplierTest {
    private static final String ROWS = "killed_orders";

    /** Rows of which the bug has turned the sign of the total, has deleted, and has invented. */
    private enum Damage {
        CHANGED,
        DELETED,
        INVENTED;

        static Damage of(int id, int rows) {
            return id < rows * 2 / 3 ? CHANGED : id < rows * 5 / 6 ? DELETED : INVENTED;
        }
    }

    enum Database {
        H2 {
            @Override
            String url() throws SQLException {
                Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists");
                return "jdbc:h2:%s/mem:killed;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE"
                        .formatted(server.start().getURL());
            }
        },
        POSTGRESQL {
            @Override
            String url() {
                return Postgres.url();
            }
        };

        /** Where other processes find it. */
        abstract String url() throws SQLException;
    }

    @TempDir
    Path folder;

    private final Random random = new Random(7);
    private final Map<String, Integer> counts = new TreeMap<>();
    private String url = "";

    @Test
    void nothing_is_lost_or_done_twice_if_the_process_is_killed(TestReporter reporter) throws Exception {
        killed(Database.H2, 4, 60, reporter);
    }

    @Tag("full")
    @ParameterizedTest
    @EnumSource
    void nothing_is_lost_or_done_twice_however_often_the_process_is_killed(Database database, TestReporter reporter)
            throws Exception {
        killed(database, 100, 300, reporter);
    }

    private void killed(Database database, int kills, int rows, TestReporter reporter) throws Exception {
        url = database.url();
        for (int round = 0; counts.getOrDefault("kills", 0) < kills; round++) {
            round(round, rows, kills);
        }
        reporter.publishEntry("killed", database + ": " + counts);
        assertThat(counts).containsKeys("steps done", "steps undone", "writes of others", "kills while undoing");
    }

    private void round(int round, int rows, int kills) throws Exception {
        Path home = Files.createDirectory(folder.resolve("round-" + round));
        Store store = LocalStore.at(home.resolve("store"));
        PlanFiles.Stored plan = PlanFiles.write(store, damaged(rows));
        Path log = home.resolve("writer.log");
        Process writer = start(log, Writing.class, url, Integer.toString(rows), Integer.toString(round));
        try {
            // Half of the kills that are to go are for the undo.
            killed(home, plan, "applying", (counts.getOrDefault("kills", 0) + kills + 1) / 2);
            Journal applied = Journal.open(store, plan.id());
            Map<Key, Entry.Ended> ends = ends(Run.of(plan), applied);
            try (JdbcTarget target = target(url)) {
                assertThat(Recheck.of(Run.of(plan), site(store, target)))
                        .as("steps done, read again")
                        .hasSize((int) ends.values().stream()
                                .filter(end -> end.state() == State.DONE)
                                .count());
            }
            killed(home, plan, "undoing", kills);
        } finally {
            // It ends with its input.
            writer.getOutputStream().close();
        }
        assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(writer.exitValue()).as(Files.readString(errors(log))).isZero();
        check(plan, store, rows, Files.readAllLines(log));
    }

    private void count(String what, int by) {
        counts.merge(what, by, Integer::sum);
    }

    /** Runs it to its end, in as many processes as it takes; all but the last are killed, as long as there are kills to go. */
    private void killed(Path home, PlanFiles.Stored plan, String what, int until) throws Exception {
        for (int child = 0; ; child++) {
            Path out = home.resolve(what + "-" + child);
            Process process =
                    start(out, Applying.class, url, home.resolve("store").toString(), plan.id(), what);
            if (counts.getOrDefault("kills", 0) < until) {
                int batches = random.nextInt(6);
                boolean isOver = false;
                while (!isOver && Files.readAllLines(out).size() <= batches) {
                    isOver = process.waitFor(1, TimeUnit.MILLISECONDS);
                }
                if (!isOver && !process.waitFor(random.nextInt(20), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            }
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("it ends").isTrue();
            switch (process.exitValue()) {
                case 0 -> {
                    return;
                }
                case 137 -> {
                    count("kills", 1);
                    count("kills while " + what, 1);
                }
                default ->
                    throw new AssertionError("%s ended with %d: %s%s"
                            .formatted(
                                    what, process.exitValue(), Files.readString(out), Files.readString(errors(out))));
            }
        }
    }

    private static Path errors(Path out) {
        return out.resolveSibling(out.getFileName() + ".err");
    }

    private static Process start(Path out, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Duser.timezone=UTC",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(errors(out).toFile())
                .start();
    }

    // ---- the incident

    private void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, user(url), "");
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private static String user(String url) {
        return url.contains("postgresql") ? "postgres" : "";
    }

    private Plan damaged(int rows) throws SQLException {
        sql(
                "drop table if exists " + ROWS,
                "drop table if exists killed_deletes",
                "create table %s(id int primary key, no int, total int, visits int, v int)".formatted(ROWS),
                "create table killed_deletes(id int, at int)");
        Scene scene = scene();
        JdbcTarget target = target(url);
        for (int id = 0; id < rows; id++) {
            Image good = good(id);
            Image bad = good.with("total", Value.of(-(id + 1))).with("v", Value.of(2));
            switch (Damage.of(id, rows)) {
                case CHANGED -> {
                    insert(id, -(id + 1));
                    scene.accused(id, good, bad, target, "positive");
                }
                case DELETED -> {
                    sql("insert into killed_deletes values (%d, 0)".formatted(id));
                    scene.accused(id, good, null, target, "orders_stay");
                }
                case INVENTED -> {
                    insert(id, -(id + 1));
                    scene.accused(id, null, bad, target, "no_ghosts");
                }
            }
        }
        Plan plan = scene.plan(target);
        target.close();
        assertThat(plan.steps()).as("%s", plan.conflicts()).hasSize(rows);
        return plan;
    }

    private void insert(int id, int total) throws SQLException {
        sql("insert into %s values (%d, %d, %d, 0, 2)".formatted(ROWS, id, id / 2, total));
    }

    /** Two by two, rows are a group. */
    private static Image good(int id) {
        return Image.of(Map.of(
                "id", Value.of(id),
                "no", Value.of(id / 2),
                "total", Value.of(id + 1),
                "visits", Value.of(0),
                "v", Value.of(1)));
    }

    private static Scene scene() {
        Scene scene = new Scene();
        scene.alone(
                "positive",
                "total",
                image -> image.field("total") instanceof Value.Num total
                        && total.value().signum() > 0);
        scene.noDelete("orders_stay");
        scene.noInsert("no_ghosts");
        Policy plain = Policy.plain(Scene.ORDERS);
        scene.policy = PolicyForTests.bare(plain)
                .version(FieldPath.of("v"))
                .bump(List.of(FieldPath.of("v")))
                .groups(Map.of("order", FieldPath.of("no")))
                .write(RestorePolicy.Write.IN_PLACE)
                .policy();
        return scene;
    }

    private static JdbcTarget target(String url) {
        return new JdbcTarget(
                () -> DriverManager.getConnection(url, user(url), ""),
                JdbcTarget.Table.of(ROWS, List.of("id"))
                        .deletes(new Deletes("killed_deletes", List.of("id"), "at"))
                        .waiting(Duration.ofSeconds(20), Duration.ofSeconds(60)),
                "shop");
    }

    private static Applier.Site site(Store store, JdbcTarget target) {
        Scene scene = scene();
        return new Applier.Site(
                store,
                Map.of(Scene.ORDERS, scene.policy),
                Map.of(Scene.ORDERS, target),
                scene.judge(),
                Relations.NONE,
                Scene.CLOCK);
    }

    // ---- the other processes

    /** Where it is, the store, the plan, and whether to apply or to undo it. */
    static final class Applying {
        private Applying() {}

        public static void main(String[] arguments) {
            Store store = LocalStore.at(Path.of(arguments[1]));
            PlanFiles.Stored plan = PlanFiles.read(store, arguments[2]);
            Run run = Run.of(plan);
            String name = "applier " + ProcessHandle.current().pid();
            if (arguments[3].equals("undoing")) {
                Journal journal = Journal.open(store, plan.id());
                Undo.fence(journal, Owner.process(), name);
                run = Undo.of(plan, journal);
            }
            try (JdbcTarget target = target(arguments[0])) {
                Applier applier = new Applier(
                        run,
                        Scene.approved(plan, PlanApproval.NO_DELETE_EVIDENCE),
                        site(store, target),
                        new Applier.Manner(4, 4, Applier.Breaker.OFF, Owner.process(), name, new Applier.Watch() {
                            @Override
                            public Optional<String> pause(String dataset, int steps) {
                                System.out.println("a batch");
                                return Optional.empty();
                            }
                        }));
                Receipt receipt = applier.apply();
                System.out.println(receipt.json());
                System.exit(receipt.pending() == 0 ? 0 : 3);
            }
        }
    }

    /**
     * Where it is, how many rows, and a seed. Each line tells of a transaction that was committed: the row, what was done with
     * it, and the total it has got.
     */
    static final class Writing {
        private Writing() {}

        public static void main(String[] arguments) throws Exception {
            int rows = Integer.parseInt(arguments[1]);
            Random random = new Random(Long.parseLong(arguments[2]));
            PrintStream log = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            try (Connection connection = DriverManager.getConnection(arguments[0], user(arguments[0]), "");
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                AtomicBoolean over = new AtomicBoolean();
                Thread reader = new Thread(() -> over.set(isEnded(System.in)));
                reader.setDaemon(true);
                reader.start();
                for (int n = 1; !over.get(); n++) {
                    int id = random.nextInt(rows);
                    int total = 1_000_000 + n;
                    int dice = random.nextInt(1200);
                    String act = dice < 3
                            ? "total"
                            : dice < 4
                                    ? "delete"
                                    : dice < 6 && Damage.of(id, rows) == Damage.DELETED ? "create" : "visit";
                    if (act.equals("visit") && Damage.of(id, rows) != Damage.CHANGED) {
                        continue;
                    }
                    if (isDone(statement, act, id, total, n)) {
                        connection.commit();
                        log.printf("%d %s %d%n", id, act, total);
                    } else {
                        connection.rollback();
                    }
                    LockSupport.parkNanos(500_000);
                }
            }
        }

        private static boolean isEnded(InputStream in) {
            try {
                return in.read() < 0;
            } catch (IOException e) {
                return true;
            }
        }

        private static boolean isDone(Statement statement, String act, int id, int total, int n) {
            try {
                return switch (act) {
                    case "create" ->
                        statement.executeUpdate(
                                        "insert into %s values (%d, %d, %d, 0, 1)".formatted(ROWS, id, id / 2, total))
                                == 1;
                    case "delete" ->
                        statement.executeUpdate("delete from %s where id = %d".formatted(ROWS, id)) == 1
                                && statement.executeUpdate(
                                                "insert into killed_deletes values (%d, %d)".formatted(id, n))
                                        == 1;
                    case "total" ->
                        statement.executeUpdate(
                                        "update %s set total = %d, v = v + 1 where id = %d".formatted(ROWS, total, id))
                                == 1;
                    default ->
                        statement.executeUpdate("update %s set visits = visits + 1, v = v + 1 where id = %d"
                                        .formatted(ROWS, id))
                                == 1;
                };
            } catch (SQLException e) {
                // The row is there already, or locked.
                return false;
            }
        }
    }

    // ---- what is true

    /** What the writer has done with a row. */
    private static final class Told {
        /** Since the row was last made anew. */
        private int visits;
        /** All writes but deletes and creations. */
        private int writes;

        private @Nullable Integer total;
        private boolean isCreated;
        private boolean isDeleted;
        private boolean isGone;
        private String first = "";

        void add(String act, int value) {
            first = first.isEmpty() ? act : first;
            switch (act) {
                case "visit" -> visits++;
                case "total" -> total = value;
                case "create" -> {
                    isCreated = true;
                    isGone = false;
                    visits = 0;
                    total = value;
                }
                case "delete" -> {
                    isDeleted = true;
                    isGone = true;
                }
                default -> throw new IllegalArgumentException(act);
            }
            writes += act.equals("visit") || act.equals("total") ? 1 : 0;
        }

        /** Whether somebody worked on what a restore of the row would write. */
        boolean isWorkedOn() {
            return total != null || isDeleted || isCreated;
        }
    }

    private record Row(int total, int visits, int v) {}

    private Map<Integer, Row> rows() throws SQLException {
        Map<Integer, Row> found = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(url, user(url), "");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select id, total, visits, v from " + ROWS)) {
            while (result.next()) {
                found.put(result.getInt(1), new Row(result.getInt(2), result.getInt(3), result.getInt(4)));
            }
        }
        return found;
    }

    /** The one end of each step by its row; fails if one has none, or two. */
    private static Map<Key, Entry.Ended> ends(Run run, Journal journal) {
        assertThat(journal.isCompleted()).isTrue();
        List<Integer> ended = journal.entries().stream()
                .filter(Entry.Ended.class::isInstance)
                .map(entry -> ((Entry.Ended) entry).step())
                .toList();
        assertThat(ended)
                .as("every step has one outcome")
                .containsExactlyInAnyOrderElementsOf(
                        run.steps().stream().map(Step::number).toList());
        Map<Key, Entry.Ended> ends = new HashMap<>();
        run.steps()
                .forEach(step -> ends.put(
                        step.key(), journal.progress(step.number()).end().orElseThrow()));
        return ends;
    }

    private void check(PlanFiles.Stored plan, Store store, int rows, List<String> log) throws SQLException {
        Map<Integer, Told> told = new HashMap<>();
        for (String line : log) {
            String[] parts = line.split(" ", -1);
            told.computeIfAbsent(Integer.valueOf(parts[0]), any -> new Told())
                    .add(parts[1], Integer.parseInt(parts[2]));
        }
        Journal applied = Journal.open(store, plan.id());
        Run undo = Undo.of(plan, applied);
        Map<Key, Entry.Ended> done = ends(Run.of(plan), applied);
        Map<Key, Entry.Ended> undone = ends(undo, Journal.open(store, undo.id()));
        Map<Integer, Row> live = rows();
        for (int id = 0; id < rows; id++) {
            Key key = Scene.key(id);
            Entry.Ended end = Objects.requireNonNull(done.get(key));
            // Of what was not written there is nothing to undo.
            Entry.@Nullable Ended back = undone.get(key);
            assertThat(back == null)
                    .as("%s: %s", key, end)
                    .isEqualTo(end.state() != State.DONE && end.state() != State.AMBIGUOUS);
            Told own = told.getOrDefault(id, new Told());
            if (end.state() == State.NOOP) {
                assertThat(Damage.of(id, rows) == Damage.INVENTED && own.isDeleted)
                        .as("somebody else has deleted %s: %s", key, end)
                        .isTrue();
            }
            switch (Damage.of(id, rows)) {
                case CHANGED -> changed(id, end, back, own, live.get(id));
                case DELETED -> deleted(id, end, back, own, live.get(id));
                case INVENTED -> invented(id, end, back, own, live.get(id));
            }
        }
        groupsAreWhole(plan, done, told);
        for (Entry.Ended end : done.values()) {
            count("steps " + end.state().name().toLowerCase(java.util.Locale.ROOT), 1);
            count("found out to be done", end.recovered() ? 1 : 0);
        }
        for (Entry.Ended end : undone.values()) {
            count(
                    end.state() == State.DONE
                            ? "steps undone"
                            : "undo " + end.state().name().toLowerCase(java.util.Locale.ROOT),
                    1);
            count("found out to be undone", end.recovered() ? 1 : 0);
        }
        count("rounds", 1);
        count("steps", rows);
        count("writes of others", log.size());
    }

    private static int once(Entry.@Nullable Ended end) {
        return end != null && end.state() == State.DONE ? 1 : 0;
    }

    private static boolean isAmbiguous(Entry.@Nullable Ended end) {
        return end != null && end.state() == State.AMBIGUOUS;
    }

    private static void changed(int id, Entry.Ended end, Entry.@Nullable Ended back, Told told, @Nullable Row live) {
        String what = "row %d: %s, then %s; %s".formatted(id, end, back, live);
        assertThat(live == null).as(what).isEqualTo(told.isGone);
        if (live == null) {
            return;
        }
        assertThat(live.visits()).as(what).isEqualTo(told.visits);
        if (told.total != null) {
            assertThat(live.total()).as(what).isEqualTo(told.total);
        } else if (!isAmbiguous(end) && !isAmbiguous(back)) {
            boolean isGood = once(end) == 1 && once(back) == 0;
            assertThat(live.total()).as(what).isEqualTo(isGood ? id + 1 : -(id + 1));
        }
        if (!isAmbiguous(end) && !isAmbiguous(back)) {
            assertThat(live.v() - 2).as("each write once: " + what).isEqualTo(told.writes + once(end) + once(back));
        }
    }

    private static void deleted(int id, Entry.Ended end, Entry.@Nullable Ended back, Told told, @Nullable Row live) {
        String what = "row %d: %s, then %s; %s".formatted(id, end, back, live);
        if (told.first.equals("create") && end.state() == State.DONE) {
            assertThat(once(back) == 1 || isAmbiguous(back))
                    .as("only if the undo has taken it away could it be made anew: " + what)
                    .isTrue();
        }
        if (told.isCreated || told.isDeleted) {
            assertThat(live == null).as(what).isEqualTo(told.isGone);
        } else if (!told.first.isEmpty()) {
            assertThat(live).as(what).isNotNull();
        } else if (!isAmbiguous(end) && !isAmbiguous(back)) {
            assertThat(live == null).as(what).isEqualTo(once(end) == once(back));
        }
        if (live != null) {
            assertThat(live.total()).as(what).isEqualTo(told.total == null ? id + 1 : told.total);
        }
    }

    private static void invented(int id, Entry.Ended end, Entry.@Nullable Ended back, Told told, @Nullable Row live) {
        String what = "row %d: %s, then %s; %s".formatted(id, end, back, live);
        if (told.isDeleted) {
            assertThat(live).as(what).isNull();
        } else if (told.total != null) {
            assertThat(live).as(what).isNotNull();
            assertThat(Objects.requireNonNull(live).total()).as(what).isEqualTo(told.total);
        } else if (!isAmbiguous(end) && !isAmbiguous(back)) {
            assertThat(live == null).as(what).isEqualTo(once(end) == 1 && once(back) == 0);
        }
    }

    /** Rows of one transaction are written together; what is held back is so for the work of somebody on one of them. */
    private static void groupsAreWhole(PlanFiles.Stored plan, Map<Key, Entry.Ended> done, Map<Integer, Told> told) {
        Map<String, Set<State>> states = new HashMap<>();
        Map<String, Boolean> workedOn = new HashMap<>();
        for (Step step : plan.plan().steps()) {
            int id = ((Value.Num) Objects.requireNonNull(step.key().parts().get("id")))
                    .value()
                    .intValueExact();
            states.computeIfAbsent(step.group(), any -> new HashSet<>())
                    .add(Objects.requireNonNull(done.get(step.key())).state());
            workedOn.merge(step.group(), told.getOrDefault(id, new Told()).isWorkedOn(), Boolean::logicalOr);
        }
        states.forEach((group, ended) -> {
            assertThat(ended).as(group).doesNotContain(State.FAILED);
            assertThat(ended.contains(State.DONE) && ended.contains(State.CONFLICT))
                    .as("%s: %s", group, ended)
                    .isFalse();
            if (ended.contains(State.CONFLICT)) {
                assertThat(workedOn.get(group)).as("%s: %s", group, ended).isTrue();
            }
        });
    }
}
