package dev.lastgood.demo;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;

/**
 * A web shop whose life is the demo's story, told in phases: {@link #create}, days of traffic, {@link #buggyRelease},
 * {@link #afterFourthNight}; whoever tells it takes a snapshot after each but the last. Everything follows from the
 * seed, times included: the clock is virtual.
 *
 * <p>Every phase opens the database and closes it again, so that between phases it is free for other processes. Keep a
 * connection open if many phases and readers follow in one process: opening costs more than most phases.
 */
public final class Shop {
    /** The user whose tables these are. */
    public static final String OWNER = "sa";

    /** A user who may read and write the shop's tables and nothing else: not the truth. */
    public static final String GUEST = "LASTGOOD";

    /** Of both users. */
    public static final String PASSWORD = "shop";

    /** What an e-mail address looks like in clean data. */
    public static final String EMAIL = "^[^@ ]+@[^@ ]+\\.[a-z]{2,}$";

    /** The evening before the first day, unless said otherwise. */
    public static final Instant OPENING = Instant.parse("2026-03-01T22:00:00Z");

    private static final int PRODUCTS = 8_000;
    private static final int CUSTOMERS = 40_000;
    private static final int ORDERS = 81_000;
    private static final int ACTS_A_DAY = 4_000;

    private static final String BEFORE = "4.2.0";
    private static final String FIXED = "4.2.2";

    private static final LocalTime OPENS = LocalTime.of(8, 0);
    private static final LocalTime RELEASED = LocalTime.of(10, 2);
    private static final LocalTime ROLLED_BACK = LocalTime.of(10, 47);
    private static final LocalTime CLOSES = LocalTime.of(22, 0);

    private final Path dir;
    private final double scale;
    private final Instant opening;

    /** @param scale 1 is the shop of about 200,000 records; tests take less */
    public Shop(Path dir, double scale) {
        this(dir, scale, OPENING);
    }

    public Shop(Path dir, double scale, Instant opening) {
        if (!(scale > 0)) {
            throw new IllegalArgumentException("a shop of scale " + scale);
        }
        this.dir = dir;
        this.scale = scale;
        this.opening = opening;
    }

    /** Where the shop in this folder is. Names are lower-case as they stand, so that nobody has to quote them. */
    public static String jdbcUrl(Path dir) {
        return "jdbc:h2:file:" + dir.toAbsolutePath().resolve("shop") + ";DATABASE_TO_LOWER=TRUE;LOCK_TIMEOUT=10000";
    }

    /** Makes and fills the database, which must not exist. */
    public void create(long seed) throws SQLException {
        try (Connection connection = connect(dir)) {
            try (Statement statement = connection.createStatement()) {
                for (String sql : Schema.statements()) {
                    statement.execute(sql);
                }
            }
            connection.setAutoCommit(false);
            new Opening(connection, new Random(seed), opening).fill(sized(PRODUCTS), sized(CUSTOMERS), sized(ORDERS));
            try (Statement statement = connection.createStatement()) {
                for (String sql : Schema.indexes()) {
                    statement.execute(sql);
                }
            }
            new Scenario(seed, 0, opening).save(connection);
            connection.commit();
        }
    }

    /** A day of legitimate traffic of the usual size. */
    public Written day() throws SQLException {
        return day(sized(ACTS_A_DAY));
    }

    /** A day of so many legitimate acts, each of which writes one or several values. */
    public Written day(int acts) throws SQLException {
        return phase(BEFORE, stage -> stage.play(OPENS, CLOSES, List.of(), acts));
    }

    /**
     * A day on which release 4.2.1 runs from 10:02 to 10:47 beside 4.2.0, and damages records beside legitimate writes
     * of both. Legitimate writers were at work since the morning, and go on until the evening, on damaged records too.
     */
    public Written buggyRelease() throws SQLException {
        return phase(BEFORE, stage -> {
            long morning = stage.ledger().seq();
            stage.play(OPENS, RELEASED, List.of(), sized(3_000));
            stage.traffic().through(new Traffic.Releases(BEFORE, BuggyRelease.VERSION, 0.3));
            var bug = new BuggyRelease(stage.ledger(), stage.random(), scale, morning);
            var kinds = List.of(
                    Damage.TOTAL_TIMES_100,
                    Damage.LINE_AMOUNT_ROUNDED,
                    Damage.BALANCE_SIGN_FLIPPED,
                    Damage.EMAIL_CUT_SHORT,
                    Damage.STATUS_SET_BACK,
                    Damage.ORDER_DELETED);
            stage.play(RELEASED, ROLLED_BACK, bug.strikes(kinds), sized(1_200));
            stage.traffic().through(Traffic.Releases.only(BEFORE));
            var aftermath = new Aftermath(stage.ledger(), stage.random(), stage.traffic());
            stage.play(ROLLED_BACK, CLOSES, aftermath.sameDay(), sized(3_000));
        });
    }

    /**
     * The day after: legitimate writes on damaged records, an instance of 4.2.1 that had been forgotten and zeroes
     * payments, and some more legitimate writes.
     */
    public Written afterFourthNight() throws SQLException {
        return phase(FIXED, stage -> {
            long morning = stage.ledger().seq();
            var aftermath = new Aftermath(stage.ledger(), stage.random(), stage.traffic());
            stage.play(OPENS, RELEASED, aftermath.nextDay(), sized(2_000));
            var bug = new BuggyRelease(stage.ledger(), stage.random(), scale, morning);
            stage.play(RELEASED, ROLLED_BACK, bug.strikes(List.of(Damage.PAYMENT_ZEROED)), sized(600));
            stage.play(ROLLED_BACK, LocalTime.of(12, 0), aftermath.lastHours(), sized(600));
        });
    }

    /** The virtual time: that of the last write, or of closing. */
    public Instant now() throws SQLException {
        try (Connection connection = connect(dir)) {
            return Scenario.load(connection).now();
        }
    }

    public Truth truth() {
        return new Truth(dir);
    }

    /** How many values each side wrote in a phase; a deleted record counts as one. */
    public record Written(long legitimate, long bug) {}

    static Connection connect(Path dir) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(dir), OWNER, PASSWORD);
    }

    @FunctionalInterface
    private interface Play {
        void on(Stage stage) throws SQLException;
    }

    private Written phase(String release, Play play) throws SQLException {
        try (Connection connection = connect(dir);
                Ledger ledger = new Ledger(connection, opening)) {
            Scenario last = Scenario.load(connection);
            Scenario next = last.next();
            LocalDate today = LocalDate.ofInstant(next.now(), ZoneOffset.UTC);
            var random = new Random(next.seed() * 1_000_003 + next.phase());
            long before = ledger.seq();
            play.on(new Stage(
                    today, ledger, random, new Traffic(ledger, random, today, Traffic.Releases.only(release))));
            next.at(ledger.now()).save(connection);
            connection.commit();
            return new Written(ledger.values("legitimate", before), ledger.values("bug", before));
        }
    }

    private int sized(int full) {
        return (int) Math.max(1, Math.round(full * scale));
    }

    /** Where the story is. Kept in the database, so that it can go on in another process. */
    private record Scenario(long seed, int phase, Instant now) {
        Scenario next() {
            LocalDate tomorrow = LocalDate.ofInstant(now, ZoneOffset.UTC).plusDays(1);
            return new Scenario(seed, phase + 1, tomorrow.atTime(OPENS).toInstant(ZoneOffset.UTC));
        }

        Scenario at(Instant instant) {
            return new Scenario(seed, phase, instant);
        }

        static Scenario load(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("select seed, phase, reached from truth.scenario")) {
                if (!rows.next()) {
                    throw new IllegalStateException("the shop was not created");
                }
                return new Scenario(
                        rows.getLong(1),
                        rows.getInt(2),
                        rows.getObject(3, OffsetDateTime.class).toInstant());
            }
        }

        void save(Connection connection) throws SQLException {
            String sql = "merge into truth.scenario (id, seed, phase, reached) key (id) values (1, ?, ?, ?)";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setLong(1, seed);
                statement.setInt(2, phase);
                statement.setObject(3, now.atOffset(ZoneOffset.UTC));
                statement.executeUpdate();
            }
        }
    }
}
