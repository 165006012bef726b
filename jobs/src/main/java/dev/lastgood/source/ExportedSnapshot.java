package dev.lastgood.source;

import dev.lastgood.workspace.Source;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One moment of a PostgreSQL that many connections see: a transaction of this class exports its snapshot and stays open, and
 * the transactions that read import it. While it is open, the tables can be written but not truncated, rewritten or dropped,
 * which no snapshot would hide. If its connection is lost, who comes later fails: nobody reads another moment by it.
 */
public final class ExportedSnapshot implements AutoCloseable {
    /** How long a table may be locked by others before the moment is given up; they queue behind us meanwhile. */
    private static final int LOCK_SECONDS = 10;

    /** So often something is said on the connection, lest somebody between here and there takes it for dead. */
    private static final int ALIVE_SECONDS = 20;

    private static final int CURRENT_SNAPSHOT_SINCE = 13;
    private static final String QUOTE = "\"";

    private final Connection connection;
    private final String id;
    private final String seen;
    private final String seenSql;
    private final Instant serverTime;
    private final Map<String, String> apart;
    private final ScheduledExecutorService alive = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "lastgood-exported-snapshot");
        thread.setDaemon(true);
        return thread;
    });

    private ExportedSnapshot(
            Connection connection,
            String id,
            String seen,
            String seenSql,
            Instant serverTime,
            Map<String, String> apart) {
        this.connection = connection;
        this.id = id;
        this.seen = seen;
        this.seenSql = seenSql;
        this.serverTime = serverTime;
        this.apart = new TreeMap<>(apart);
        var unused = alive.scheduleWithFixedDelay(this::sayAnything, ALIVE_SECONDS, ALIVE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * What came of the attempt.
     *
     * @param snapshot to be closed; null if there is none
     * @param reason why there is none, empty if there is one
     * @param answersFromOneMoment whether one query of this database sees one moment, without any snapshot exported
     */
    public record Attempt(@Nullable ExportedSnapshot snapshot, String reason, boolean answersFromOneMoment) {
        private static Attempt none(String reason, boolean answersFromOneMoment) {
            return new Attempt(null, reason, answersFromOneMoment);
        }
    }

    /**
     * Exports a snapshot in which those tables can be read. Never throws for the database's sake: what cannot be had is
     * told, and whoever reads next finds out what else is wrong with the source.
     */
    public static Attempt open(Source.Jdbc source, Collection<String> tables) {
        try {
            Connection connection = DriverManager.getConnection(source.url(), JdbcReader.login(source));
            Attempt attempt = attempt(connection, source, tables);
            if (attempt.snapshot() == null) {
                connection.close();
            }
            return attempt;
        } catch (SQLException e) {
            return Attempt.none("no connection for a snapshot: " + JdbcReader.first(e), false);
        }
    }

    private static Attempt attempt(Connection connection, Source.Jdbc source, Collection<String> tables) {
        boolean fromOneMoment = false;
        try {
            Database database = Database.of(connection);
            fromOneMoment = database.answersFromOneMoment();
            if (database != Database.POSTGRESQL) {
                String product = connection.getMetaData().getDatabaseProductName();
                return Attempt.none(product + " exports no snapshot", fromOneMoment);
            }
            if (Integer.valueOf(1).equals(source.limit().connections())) {
                return Attempt.none("the limit of one connection leaves none that could hold a snapshot", true);
            }
            ExportedSnapshot exported = export(connection, tables);
            Optional<String> problem = exported.problemOfAnother(source);
            if (problem.isPresent()) {
                exported.alive.shutdownNow();
                return Attempt.none(problem.get(), true);
            }
            return new Attempt(exported, "", true);
        } catch (SQLException e) {
            return Attempt.none("no snapshot could be exported: " + JdbcReader.first(e), fromOneMoment);
        }
    }

    /** Locks come first: a transaction sees what was there when its first query began, and until then asks for none. */
    private static ExportedSnapshot export(Connection connection, Collection<String> tables) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET LOCAL lock_timeout = '" + LOCK_SECONDS + "s'");
            statement.execute("SET LOCAL statement_timeout = 0");
            statement.execute("SET LOCAL idle_in_transaction_session_timeout = 0");
            Map<String, String> apart = new TreeMap<>();
            for (String table : tables) {
                lock(statement, table).ifPresent(why -> apart.put(table, why));
            }
            String seenSql = seenSql(connection);
            String id;
            String seen;
            Instant serverTime;
            try (ResultSet exported = statement.executeQuery("SELECT pg_export_snapshot(), " + seenSql
                    + ", (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint")) {
                exported.next();
                id = exported.getString(1);
                seen = exported.getString(2);
                serverTime = Instant.EPOCH.plus(exported.getLong(3), ChronoUnit.MICROS);
            }
            for (String table : tables) {
                if (!apart.containsKey(table) && holdsForeign(connection, table)) {
                    apart.put(table, "some of its records are in another database, which the snapshot does not reach");
                }
            }
            return new ExportedSnapshot(connection, id, seen, seenSql, serverTime, apart);
        }
    }

    /** Why the table cannot be locked, if it cannot. One that is not there is nothing to lock; reading it will tell. */
    private static Optional<String> lock(Statement statement, String table) throws SQLException {
        statement.execute("SAVEPOINT lastgood");
        try {
            statement.execute("LOCK TABLE %s IN ACCESS SHARE MODE".formatted(JdbcReader.parts(table, QUOTE)));
            statement.execute("RELEASE SAVEPOINT lastgood");
            return Optional.empty();
        } catch (SQLException e) {
            statement.execute("ROLLBACK TO SAVEPOINT lastgood");
            statement.execute("RELEASE SAVEPOINT lastgood");
            return Optional.of("it could not be kept from being truncated meanwhile: " + JdbcReader.first(e));
        }
    }

    /** What a transaction sees, as the database writes it: equal in two transactions that see the same. */
    private static String seenSql(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() >= CURRENT_SNAPSHOT_SINCE
                ? "pg_current_snapshot()::text"
                : "txid_current_snapshot()::text";
    }

    /** Whether a table, what it inherits to, or what a view is made of, is foreign. */
    private static boolean holdsForeign(Connection connection, String table) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("""
                WITH RECURSIVE part(id) AS (
                  SELECT to_regclass(?)::oid
                  UNION
                  SELECT next.id FROM part, LATERAL (
                    SELECT d.refobjid AS id
                      FROM pg_rewrite r
                      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                       AND d.refclassid = 'pg_class'::regclass
                     WHERE r.ev_class = part.id
                    UNION ALL
                    SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = part.id) next)
                SELECT count(*) FROM part JOIN pg_class c ON c.oid = part.id WHERE c.relkind = 'f'
                """)) {
            query.setString(1, JdbcReader.parts(table, QUOTE));
            try (ResultSet foreign = query.executeQuery()) {
                foreign.next();
                return foreign.getLong(1) > 0;
            }
        }
    }

    /** What keeps another connection from seeing the same; a pooler or a balancer may lead it elsewhere. */
    private Optional<String> problemOfAnother(Source.Jdbc source) {
        try (Connection other = DriverManager.getConnection(source.url(), JdbcReader.login(source))) {
            enter(other);
            try (Statement statement = other.createStatement();
                    ResultSet seenThere = statement.executeQuery("SELECT " + seenSql)) {
                seenThere.next();
                return seen.equals(seenThere.getString(1))
                        ? Optional.empty()
                        : Optional.of("another connection does not see what the exported snapshot sees");
            }
        } catch (SQLException e) {
            return Optional.of("another connection cannot import the exported snapshot: " + JdbcReader.first(e));
        }
    }

    /** Begins a transaction of that connection which sees this moment; to be done before anything else with it. */
    void enter(Connection other) throws SQLException {
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            statement.execute(entrance());
        }
    }

    /** The statements that a transaction must begin with to see this moment. */
    String entrance() {
        return "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '%s'"
                .formatted(id.replace("'", "''"));
    }

    /**
     * A condition that is true of every row for a transaction that sees this moment, and an error for any other. That the
     * entrance was used and was heard is not taken for granted: outside of a transaction it is a mere warning.
     */
    String guard() {
        return "CASE WHEN %1$s = '%2$s' THEN TRUE ELSE ('not the moment exported but ' || %1$s)::boolean END"
                .formatted(seenSql, seen.replace("'", "''"));
    }

    /** Why records of that table are not sure to be of this moment, if they are not. */
    public Optional<String> apart(String table) {
        return Optional.ofNullable(apart.get(table));
    }

    /** As PostgreSQL calls it. */
    public String id() {
        return id;
    }

    /** When it was exported, by the clock of the database. */
    public Instant serverTime() {
        return serverTime;
    }

    private synchronized void sayAnything() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
        } catch (SQLException e) {
            // Who imports it next is told by the database that it is gone.
            alive.shutdown();
        }
    }

    @Override
    public synchronized void close() {
        alive.shutdownNow();
        try {
            connection.close();
        } catch (SQLException e) {
            // It was only read by.
            return;
        }
    }
}
