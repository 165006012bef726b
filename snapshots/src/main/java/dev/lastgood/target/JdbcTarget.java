package dev.lastgood.target;

import dev.lastgood.record.Canonical;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.JdbcValues.Column;
import dev.lastgood.target.JdbcValues.Kind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A table of PostgreSQL, H2, MySQL or MariaDB. A batch is one transaction: its rows are locked when they are read, so what
 * was read is what is written over. Values are compared by whoever reads them, never by the database, whose {@code =}
 * knows collations, padding and rounding.
 */
public final class JdbcTarget implements Target {

    /** Where connections come from. Each is closed by the target. */
    public interface Connections {
        Connection open() throws SQLException;
    }

    /**
     * Which table, and how it is read.
     *
     * @param table as written in the workspace: {@code orders}, {@code public.orders}
     * @param key its key columns, in order
     * @param token the column that changes with every write; empty: the database's own, else the digest of the row
     * @param json columns whose text holds JSON
     * @param deletes where it is written down that a row was deleted; null if nowhere
     * @param lock how long to wait for a lock
     * @param answer how long to wait for an answer
     */
    public record Table(
            String table,
            List<String> key,
            String token,
            Set<String> json,
            @Nullable Deletes deletes,
            @Nullable Deletes erasures,
            Duration lock,
            Duration answer) {
        public Table {
            key = List.copyOf(key);
            json = Set.copyOf(json);
        }

        public static Table of(String table, List<String> key) {
            return new Table(table, key, "", Set.of(), null, null, Duration.ofSeconds(10), Duration.ofSeconds(60));
        }

        public Table json(Set<String> columns) {
            return new Table(table, key, token, columns, deletes, erasures, lock, answer);
        }

        public Table deletes(Deletes evidence) {
            return new Table(table, key, token, json, evidence, erasures, lock, answer);
        }

        public Table erasures(Deletes list) {
            return new Table(table, key, token, json, deletes, list, lock, answer);
        }

        public Table waiting(Duration forLock, Duration forAnswer) {
            return new Table(table, key, token, json, deletes, erasures, forLock, forAnswer);
        }
    }

    /**
     * A table with a row a deleted record.
     *
     * @param key the columns that hold the key, in the order of the key
     * @param at the column with the time; empty if there is none
     */
    public record Deletes(String table, List<String> key, String at) {
        public Deletes {
            key = List.copyOf(key);
        }
    }

    private static final int MOST_TRIES = 5;

    private final Connections connections;
    private final Table table;
    private @Nullable Session session;
    /** Whether the driver does not tell of each of several statements how many rows it wrote. */
    private boolean singly;
    /** Tables that were last written together with this one, through its connection. */
    private final Map<JdbcTarget, Session> guests = new HashMap<>();

    private final String store;

    /** A table on its own. */
    public JdbcTarget(Connections connections, Table table) {
        this(connections, table, "");
    }

    /**
     * A table that can be written in one transaction with others of the same store.
     *
     * @param store names a database and who writes to it: connections to equal ones can stand for each other
     */
    public JdbcTarget(Connections connections, Table table, String store) {
        this.connections = connections;
        this.table = table;
        this.store = store;
    }

    @Override
    public String identity() {
        return use("tell what it is", Session::identity);
    }

    @Override
    public String schema() {
        return use("read the columns", Session::schema);
    }

    /** The columns, in their order. */
    public List<Column> columns() {
        return use("read the columns", open -> List.copyOf(open.columns.values()));
    }

    /** Changes of this table as statements. Throws {@link dev.lastgood.problem.Refusal} where none are written. */
    public SqlScript script() {
        return use(
                "read the columns",
                open -> open.script((column, key) -> use("read a text", again -> again.currentText(column, key))));
    }

    @Override
    public List<Fact> facts() {
        return use("ask about keys and triggers", Session::facts);
    }

    /** Without locks, so that who may only read can. */
    @Override
    public Map<Key, Seen> read(List<Key> keys) {
        return use("read %d records".formatted(keys.size()), open -> open.read(keys, ""));
    }

    @Override
    public String store() {
        return store;
    }

    @Override
    public boolean countsWrites() {
        // Asked amid a transaction, whose locks it must not let go.
        return !session().tokenExpression.isEmpty();
    }

    @Override
    public Batch open(List<Key> keys) {
        Together together = open(Map.of(this, keys));
        return new Batch() {
            @Override
            public Map<Key, Seen> seen() {
                return together.seen(JdbcTarget.this);
            }

            @Override
            public Map<Key, Written> write(List<Change> changes) {
                List<Written> answers = together.write(changes.stream()
                        .map(change -> new Placed(JdbcTarget.this, change))
                        .toList());
                Map<Key, Written> written = new LinkedHashMap<>();
                for (int i = 0; i < answers.size(); i++) {
                    written.put(changes.get(i).key(), answers.get(i));
                }
                return written;
            }

            @Override
            public void close() {
                together.close();
            }
        };
    }

    @Override
    public Together open(Map<Target, List<Key>> keys) {
        SortedMap<String, JdbcTarget> tables = new TreeMap<>();
        for (Target target : keys.keySet()) {
            if (!(target instanceof JdbcTarget other)
                    || (keys.size() > 1 && (store.isEmpty() || !other.store.equals(store)))
                    || tables.put(other.table.table(), other) != null) {
                throw new IllegalArgumentException(
                        "table %s: no transaction holds these %d targets".formatted(table.table(), keys.size()));
            }
        }
        for (int tries = 1; ; tries++) {
            Session host = session();
            try {
                return new Transaction(host, locked(host, tables.values(), keys));
            } catch (SQLException e) {
                drop(e);
                if (tries == MOST_TRIES || !isPassing(e)) {
                    throw unavailable(
                            "read %d records"
                                    .formatted(keys.values().stream()
                                            .mapToInt(List::size)
                                            .sum()),
                            e);
                }
            }
        }
    }

    /** Locks table by table and in each key by key, so that nobody who does so too waits for what another holds. */
    private Map<Target, Part> locked(Session host, Collection<JdbcTarget> tables, Map<Target, List<Key>> keys)
            throws SQLException {
        List<Session> sessions = new ArrayList<>();
        for (JdbcTarget target : tables) {
            sessions.add(target == this ? host : guest(host, target));
        }
        host.connection.rollback();
        // They hold for all statements of the transaction, so none of its tables is given less time than it was to
        // have.
        Comparator<Duration> longest = Comparator.naturalOrder();
        try (Statement statement = host.connection.createStatement()) {
            host.dialect.limit(
                    statement,
                    tables.stream()
                            .map(target -> target.table.lock())
                            .max(longest)
                            .orElseThrow(),
                    tables.stream()
                            .map(target -> target.table.answer())
                            .max(longest)
                            .orElseThrow());
        }
        Map<Target, Part> parts = new HashMap<>();
        for (JdbcTarget target : tables) {
            Session open = sessions.get(parts.size());
            parts.put(target, new Part(open, open.lock(Objects.requireNonNull(keys.get(target)))));
        }
        return parts;
    }

    /** Another table of the same database, through the connection of this one. */
    private Session guest(Session host, JdbcTarget target) throws SQLException {
        Session known = guests.get(target);
        if (known == null || known.connection != host.connection) {
            known = new Session(host.connection, host.dialect, target.table);
            guests.put(target, known);
        }
        return known;
    }

    private interface Question<R> {
        R ask(Session open) throws SQLException;
    }

    private <R> R use(String what, Question<R> question) {
        Session open = session();
        try {
            R answer = question.ask(open);
            open.connection.rollback();
            return answer;
        } catch (SQLException e) {
            drop(e);
            throw unavailable(what, e);
        }
    }

    private Session session() {
        Session open = session;
        if (open == null) {
            try {
                open = Session.of(connections.open(), table);
                session = open;
            } catch (SQLException e) {
                throw unavailable("connect", e);
            }
        }
        return open;
    }

    /** A connection that has failed is not used again. */
    private void drop(Exception cause) {
        Session open = session;
        session = null;
        guests.clear();
        if (open != null) {
            try {
                open.connection.rollback();
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
            closeQuietly(open, cause);
        }
    }

    private static void closeQuietly(Session open, Exception cause) {
        try {
            open.connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private TargetUnavailable unavailable(String what, SQLException e) {
        return new TargetUnavailable(
                "table %s: could not %s: %s; nothing was written".formatted(table.table(), what, brief(e)), e);
    }

    /** What kind of failure it is. Databases like to quote values in their messages, which belong in no report. */
    private static String brief(SQLException e) {
        if (e instanceof NoColumn || e instanceof NotGuarded) {
            return String.valueOf(e.getMessage());
        }
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        String kind = switch (state.length() < 2 ? "" : state.substring(0, 2)) {
            case "08", "28", "3D" ->
                String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            case "22" -> "a value does not fit its column";
            case "23" -> "a constraint does not hold";
            case "40" -> "the database rolled the transaction back";
            case "42" -> "a table or column is not there, or may not be used";
            case "55", "HY" -> "a lock was not to be had";
            case "57" -> "the database stopped the statement";
            default -> e.getClass().getSimpleName();
        };
        return state.isEmpty() ? kind : "%s (%s)".formatted(kind, state);
    }

    /** Deadlocks, serialization failures and lock timeouts: certain not to have changed anything, and to pass. */
    private static boolean isPassing(SQLException e) {
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        return e instanceof SQLTransactionRollbackException
                // A lock that was not to be had, and a statement that took too long, by their numbers in MySQL and
                // MariaDB.
                || e.getErrorCode() == 1205
                || e.getErrorCode() == 1969
                || e.getErrorCode() == 3024
                || e instanceof SQLTimeoutException
                || state.startsWith("40")
                || state.equals("55P03")
                || state.equals("57014")
                || state.equals("HYT00")
                || state.equals("90131");
    }

    @Override
    public void close() {
        Session open = session;
        session = null;
        if (open != null) {
            closeQuietly(open, new SQLException("closing"));
        }
    }

    /** A table in a transaction, and its records as they were locked. */
    private record Part(Session session, Map<Key, Seen> seen) {}

    /** One transaction with its rows locked. */
    private final class Transaction implements Together {
        private final Session host;
        private final Map<Target, Part> parts;
        private boolean written;

        Transaction(Session host, Map<Target, Part> parts) {
            this.host = host;
            this.parts = parts;
        }

        private Part part(Target target) {
            return Objects.requireNonNull(parts.get(target), "not read");
        }

        @Override
        public Map<Key, Seen> seen(Target of) {
            return part(of).seen();
        }

        @Override
        public List<Written> write(List<Placed> changes) {
            if (written) {
                throw new IllegalStateException("a batch is written once");
            }
            written = true;
            List<Written> done;
            try {
                for (List<Placed> run : runs(changes)) {
                    Optional<NotOneRow> refusal = part(run.get(0).target())
                            .session()
                            .write(run.stream().map(Placed::change).toList(), singly);
                    if (refusal.isPresent()) {
                        singly |= refusal.get().isUntold();
                        host.connection.rollback();
                        return refused(changes, refusal.get());
                    }
                }
                done = tokens(changes);
            } catch (SQLException e) {
                // Without a commit nothing is there, whether the rollback reaches the server or not.
                drop(e);
                return all(changes, new Written.Refused(brief(e)));
            }
            try {
                host.connection.commit();
                return done;
            } catch (SQLException e) {
                drop(e);
                return all(changes, isDefinite(e) ? new Written.Refused(brief(e)) : new Written.Unknown(brief(e)));
            }
        }

        /** Neighbours of one target. */
        private static List<List<Placed>> runs(List<Placed> changes) {
            List<List<Placed>> runs = new ArrayList<>();
            for (Placed change : changes) {
                if (runs.isEmpty() || runs.get(runs.size() - 1).get(0).target() != change.target()) {
                    runs.add(new ArrayList<>());
                }
                runs.get(runs.size() - 1).add(change);
            }
            return runs;
        }

        private List<Written> tokens(List<Placed> changes) throws SQLException {
            Map<Target, List<Key>> keys = new LinkedHashMap<>();
            changes.forEach(placed -> keys.computeIfAbsent(placed.target(), any -> new ArrayList<>())
                    .add(placed.change().key()));
            Map<Target, Map<Key, Seen>> now = new HashMap<>();
            for (Map.Entry<Target, List<Key>> one : keys.entrySet()) {
                now.put(one.getKey(), part(one.getKey()).session().read(one.getValue(), ""));
            }
            List<Written> tokens = new ArrayList<>();
            for (Placed placed : changes) {
                Seen record = Objects.requireNonNull(Objects.requireNonNull(now.get(placed.target()))
                        .get(placed.change().key()));
                tokens.add(new Written.Done(record.token()));
            }
            return tokens;
        }

        /** A commit that was refused with a reason has not happened; one that got no answer may have. */
        private static boolean isDefinite(SQLException e) {
            String state = Objects.requireNonNullElse(e.getSQLState(), "");
            return (state.startsWith("40") && !state.equals("40003")) || state.startsWith("23");
        }

        private static List<Written> refused(List<Placed> changes, NotOneRow refusal) {
            Written others =
                    new Written.Refused("another record of the same transaction was refused: " + refusal.reason());
            return changes.stream()
                    .map(placed ->
                            placed.change().equals(refusal.change()) ? new Written.Refused(refusal.reason()) : others)
                    .toList();
        }

        private static List<Written> all(List<Placed> changes, Written answer) {
            return changes.stream().map(placed -> answer).toList();
        }

        @Override
        public void close() {
            try {
                if (!host.connection.isClosed()) {
                    host.connection.rollback();
                }
            } catch (SQLException e) {
                drop(e);
            }
        }
    }

    /** What locks and transactions are no guard for is not written. */
    private static final class NotGuarded extends SQLException {
        private static final long serialVersionUID = 1;

        NotGuarded(String table, @Nullable String engine) {
            super(
                    engine == null
                            ? "%s is no table".formatted(table)
                            : "table %s is of engine %s, which has no transactions: use 'restore export'"
                                    .formatted(table, engine));
        }
    }

    private static final class NoColumn extends SQLException {
        private static final long serialVersionUID = 1;

        NoColumn(String table, String column) {
            super("table %s has no column '%s'".formatted(table, column));
        }
    }

    /**
     * A change that did not write exactly one row, for which its whole transaction is given up.
     *
     * @param isUntold whether the driver says of several statements at once only that all have gone well
     */
    private record NotOneRow(Change change, String reason, boolean isUntold) {
        static NotOneRow of(Change change, String reason) {
            return new NotOneRow(change, reason, false);
        }

        static NotOneRow untold(Change change) {
            return new NotOneRow(change, "the driver does not tell the rows of each statement of several", true);
        }

        static Optional<NotOneRow> check(Change change, int rows) {
            if (rows == 1) {
                return Optional.empty();
            }
            return Optional.of(
                    rows == Statement.SUCCESS_NO_INFO
                            ? untold(change)
                            : of(change, "%d rows have this key, not one".formatted(rows)));
        }
    }

    /** What is bound to a parameter. */
    private interface Bound {
        void to(PreparedStatement statement, int index) throws SQLException;
    }

    /** A change as a statement, with what is bound to its parameters in turn. */
    private record Bidden(Change change, String sql, List<Bound> parameters) {
        boolean isInsert() {
            return change.seen().absent();
        }

        void bind(PreparedStatement statement) throws SQLException {
            int index = 1;
            for (Bound parameter : parameters) {
                parameter.to(statement, index++);
            }
        }
    }

    /** A connection, and what is known of the table through it. */
    private static final class Session {
        /** So many keys are asked for in one statement. */
        private static final int KEYS_AT_ONCE = 100;

        private final Connection connection;
        private final Table table;
        private final Dialect dialect;
        private final Map<String, Column> columns;
        private final List<Column> keyColumns;
        private final String tokenExpression;
        private @Nullable List<Cascade> cascades;
        private @Nullable Set<String> restless;
        private boolean guarded;
        /** The texts of JSON columns as they were when their rows were locked. */
        private final Map<Key, Map<String, String>> texts = new HashMap<>();

        /** A table through a connection that has been told how to work. */
        Session(Connection connection, Dialect dialect, Table table) throws SQLException {
            this.connection = connection;
            this.dialect = dialect;
            this.table = table;
            columns = describe();
            keyColumns = new ArrayList<>();
            for (String name : table.key()) {
                keyColumns.add(column(name));
            }
            tokenExpression = table.token().isEmpty() || dialect.keeps(table.token())
                    ? dialect.token()
                    : dialect.quote(column(table.token()).name());
        }

        /** A table through a new connection, which is closed if this fails. */
        static Session of(Connection connection, Table table) throws SQLException {
            try {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                Dialect dialect = Dialect.of(connection);
                try (Statement statement = connection.createStatement()) {
                    dialect.begin(statement);
                }
                return new Session(connection, dialect, table);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }

        String identity() throws SQLException {
            String url = connection.getMetaData().getURL();
            int parameters = Math.max(url.indexOf('?'), url.indexOf(';'));
            return (parameters < 0 ? url : url.substring(0, parameters)) + " " + table.table();
        }

        SqlScript script(SqlScript.Texts texts) throws SQLException {
            boolean declared = !table.token().isEmpty() && !dialect.keeps(table.token());
            return new SqlScript(
                    dialect,
                    table,
                    this::qualified,
                    columns,
                    keyColumns,
                    declared ? column(table.token()) : null,
                    cascades(),
                    restless(),
                    texts);
        }

        /** Who runs a script may have other schemas on their path. */
        private String qualified(String name) {
            try {
                String schema = dialect.hasCatalogs() ? connection.getCatalog() : connection.getSchema();
                return parts(name).size() > 1 || schema == null
                        ? dialect.table(name)
                        : dialect.quote(schema) + "." + dialect.table(name);
            } catch (SQLException e) {
                return dialect.table(name);
            }
        }

        String schema() {
            StringJoiner text = new StringJoiner("\n");
            columns.values().forEach(column -> text.add(column.name() + " " + column.type() + " " + column.kind()));
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256")
                                .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        private Map<String, Column> describe() throws SQLException {
            Set<String> generated = generated();
            Map<String, Column> described = new LinkedHashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet none =
                            statement.executeQuery("select * from " + dialect.table(table.table()) + " where 1 = 0")) {
                var metadata = none.getMetaData();
                for (int i = 1; i <= metadata.getColumnCount(); i++) {
                    String name = metadata.getColumnLabel(i);
                    String type = metadata.getColumnTypeName(i);
                    boolean nested = table.json().stream().anyMatch(name::equalsIgnoreCase);
                    Kind kind = nested ? Kind.NESTED : dialect.kind(metadata, i);
                    described.put(name, new Column(name, kind, type, generated.contains(name)));
                }
            }
            return described;
        }

        /** The columns that the database computes. Not what MySQL's driver calls so: those with a computed default too. */
        private Set<String> generated() throws SQLException {
            if (dialect.hasCatalogs()) {
                return columnsWhere("generation_expression <> ''");
            }
            Set<String> generated = new HashSet<>();
            List<String> parts = parts(table.table());
            try (ResultSet found = connection
                    .getMetaData()
                    .getColumns(catalog(parts), schemaPattern(parts), tablePattern(parts), null)) {
                while (found.next()) {
                    if ("YES".equals(found.getString("IS_GENERATEDCOLUMN"))
                            && !"YES".equals(found.getString("IS_AUTOINCREMENT"))) {
                        generated.add(found.getString("COLUMN_NAME"));
                    }
                }
            }
            return generated;
        }

        private Set<String> columnsWhere(String condition) throws SQLException {
            Set<String> names = new LinkedHashSet<>();
            try (PreparedStatement statement = about("select column_name from information_schema.columns"
                            + " where table_schema = ? and table_name = ? and " + condition);
                    ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    names.add(found.getString(1));
                }
            }
            return names;
        }

        /** A question about this table to a database that keeps tables in catalogs. */
        private PreparedStatement about(String sql) throws SQLException {
            List<String> parts = parts(table.table());
            PreparedStatement statement = connection.prepareStatement(sql);
            statement.setString(1, catalog(parts));
            statement.setString(2, tablePattern(parts));
            return statement;
        }

        /** The columns that the database sets by itself whenever a row is written. */
        private Set<String> restless() throws SQLException {
            Set<String> known = restless;
            if (known == null) {
                known = dialect.hasCatalogs() ? columnsWhere("extra like '%on update%'") : Set.of();
                restless = known;
            }
            return known;
        }

        private void requireTransactions() throws SQLException {
            if (!dialect.hasCatalogs() || guarded) {
                return;
            }
            try (PreparedStatement statement = about("select t.engine, e.transactions from information_schema.tables t"
                            + " left join information_schema.engines e on e.engine = t.engine"
                            + " where t.table_schema = ? and t.table_name = ?");
                    ResultSet found = statement.executeQuery()) {
                String engine = found.next() ? found.getString(1) : null;
                if (engine == null || !"YES".equals(found.getString(2))) {
                    throw new NotGuarded(table.table(), engine);
                }
            }
            guarded = true;
        }

        /** The parts of a name with dots. */
        private static List<String> parts(String name) {
            return List.of(name.replace("\"", "").replace("`", "").split("\\.", -1));
        }

        private String tablePattern(List<String> parts) {
            return parts.get(parts.size() - 1);
        }

        private @Nullable String catalog(List<String> parts) throws SQLException {
            return dialect.hasCatalogs() && parts.size() > 1 ? parts.get(parts.size() - 2) : connection.getCatalog();
        }

        private @Nullable String schemaPattern(List<String> parts) throws SQLException {
            if (dialect.hasCatalogs()) {
                return null;
            }
            return parts.size() > 1 ? parts.get(parts.size() - 2) : connection.getSchema();
        }

        private Column column(String name) throws SQLException {
            Column exact = columns.get(name);
            if (exact != null) {
                return exact;
            }
            return columns.values().stream()
                    .filter(column -> column.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> new NoColumn(table.table(), name));
        }

        Map<Key, Seen> lock(List<Key> keys) throws SQLException {
            requireTransactions();
            texts.clear();
            return read(keys, " for update");
        }

        Map<Key, Seen> read(List<Key> keys, String suffix) throws SQLException {
            Map<Key, Seen> seen = new LinkedHashMap<>();
            keys.forEach(key -> seen.put(key, Seen.ABSENT));
            List<Key> sorted = keys.stream().sorted().toList();
            for (int from = 0; from < sorted.size(); from += KEYS_AT_ONCE) {
                read(sorted.subList(from, Math.min(sorted.size(), from + KEYS_AT_ONCE)), suffix, seen);
            }
            Set<Key> erased = erased(sorted);
            for (Key key : sorted) {
                Seen found = Objects.requireNonNull(seen.get(key));
                if (erased.contains(key)) {
                    seen.put(key, found.absent() ? Seen.ERASED : new Seen(found.image(), found.token(), true));
                } else if (found.absent() && table.deletes() != null) {
                    seen.put(key, new Seen(null, tombstone(table.deletes(), key)));
                }
            }
            return seen;
        }

        /** Those on the list of erasures. Hardly ever is one, so many are asked about at once, and each only if some are. */
        private Set<Key> erased(List<Key> keys) throws SQLException {
            Set<Key> erased = new HashSet<>();
            if (table.erasures() == null) {
                return erased;
            }
            for (int from = 0; from < keys.size(); from += KEYS_AT_ONCE) {
                List<Key> some = keys.subList(from, Math.min(keys.size(), from + KEYS_AT_ONCE));
                if (isOneListed(table.erasures(), some)) {
                    for (Key key : some) {
                        if (!tombstone(table.erasures(), key).isEmpty()) {
                            erased.add(key);
                        }
                    }
                }
            }
            return erased;
        }

        private boolean isOneListed(Deletes list, List<Key> keys) throws SQLException {
            StringJoiner any = new StringJoiner(" or ");
            keys.forEach(key -> any.add(listed(list, key)));
            try (PreparedStatement statement = connection.prepareStatement(
                    "select count(*) from " + dialect.table(list.table()) + " where " + any)) {
                int at = 1;
                for (Key key : keys) {
                    at = bindKey(statement, at, key);
                }
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1) > 0;
                }
            }
        }

        private String listed(Deletes list, Key key) {
            StringJoiner wanted = new StringJoiner(" and ", "(", ")");
            int i = 0;
            for (Value part : key.parts().values()) {
                wanted.add(dialect.quote(list.key().get(i++)) + (part.isNull() ? " is null" : " = ?"));
            }
            return wanted.toString();
        }

        private void read(List<Key> keys, String suffix, Map<Key, Seen> seen) throws SQLException {
            Map<List<Value>, Key> byParts = new HashMap<>();
            keys.forEach(key -> byParts.put(List.copyOf(key.parts().values()), key));
            StringJoiner selected = new StringJoiner(", ", "select ", "");
            columns.values().forEach(column -> selected.add(dialect.expression(column)));
            if (!tokenExpression.isEmpty()) {
                selected.add(tokenExpression);
            }
            StringJoiner wanted = new StringJoiner(" or ");
            keys.forEach(key -> wanted.add(condition(key)));
            StringJoiner order = new StringJoiner(", ", " order by ", "");
            keyColumns.forEach(column -> order.add(dialect.quote(column.name())));
            String sql = selected + " from " + dialect.table(table.table()) + " where " + wanted + order + suffix;
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                int index = 1;
                for (Key key : keys) {
                    index = bindKey(statement, index, key);
                }
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        Image image = image(rows);
                        List<Value> parts = keyColumns.stream()
                                .map(column -> Objects.requireNonNull(image.field(column.name())))
                                .toList();
                        Key key = byParts.get(parts);
                        // The database may call keys equal that are not, as some collations do.
                        if (key != null) {
                            if (!suffix.isEmpty()) {
                                keepTexts(key, rows);
                            }
                            String token = tokenExpression.isEmpty()
                                    ? Canonical.hex(image.object()).substring(0, 32)
                                    : String.valueOf(rows.getString(columns.size() + 1));
                            seen.merge(
                                    key,
                                    new Seen(image, token),
                                    (before, now) -> before.absent() ? now : Seen.several(image));
                        }
                    }
                }
            }
        }

        private void keepTexts(Key key, ResultSet rows) throws SQLException {
            int index = 1;
            for (Column column : columns.values()) {
                if (column.kind() == Kind.NESTED) {
                    texts.computeIfAbsent(key, any -> new HashMap<>())
                            .put(column.name(), Objects.requireNonNullElse(rows.getString(index), ""));
                }
                index++;
            }
        }

        private String condition(Key key) {
            StringJoiner condition = new StringJoiner(" and ", "(", ")");
            int i = 0;
            for (Value part : key.parts().values()) {
                String column = dialect.quote(keyColumns.get(i++).name());
                condition.add(column + (part.isNull() ? " is null" : " = " + dialect.parameter(keyColumns.get(i - 1))));
            }
            return condition.toString();
        }

        private int bindKey(PreparedStatement statement, int from, Key key) throws SQLException {
            int index = from;
            int i = 0;
            for (Value part : key.parts().values()) {
                Column column = keyColumns.get(i++);
                if (!part.isNull()) {
                    dialect.bind(statement, index++, column, part);
                }
            }
            return index;
        }

        private Image image(ResultSet rows) throws SQLException {
            TreeMap<String, Value> fields = new TreeMap<>();
            int index = 1;
            for (Column column : columns.values()) {
                fields.put(column.name(), dialect.read(rows, index++, column));
            }
            return new Image(new Value.Obj(fields));
        }

        /** A time as an instant, if it is one; local times are those of UTC. */
        private static String time(@Nullable Object at) {
            if (at instanceof OffsetDateTime moment) {
                return moment.toInstant().toString();
            }
            if (at instanceof Timestamp moment) {
                return moment.toInstant().toString();
            }
            return at instanceof LocalDateTime local
                    ? local.toInstant(ZoneOffset.UTC).toString()
                    : String.valueOf(at);
        }

        /** How often, and when last, the record is known to have been deleted; empty if never. */
        private String tombstone(Deletes deletes, Key key) throws SQLException {
            String at = deletes.at().isEmpty() ? "''" : "max(" + dialect.quote(deletes.at()) + ")";
            String sql = "select count(*), " + at + " from " + dialect.table(deletes.table()) + " where "
                    + listed(deletes, key);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                bindKey(statement, 1, key);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    long count = row.getLong(1);
                    return count == 0 ? "" : "deleted %d %s".formatted(count, time(row.getObject(2)));
                }
            }
        }

        /**
         * Writes within the transaction, in the order given but for updates, of which those of the same columns go together. The
         * first change that did not write exactly one row, if there is one.
         *
         * @param singly whether each statement goes alone
         */
        Optional<NotOneRow> write(List<Change> changes, boolean singly) throws SQLException {
            Map<String, List<Bidden>> waiting = new LinkedHashMap<>();
            Act act = Act.UPDATE;
            for (Change change : changes) {
                Optional<String> unwritable = unwritable(change);
                if (unwritable.isPresent()) {
                    return Optional.of(NotOneRow.of(change, unwritable.get()));
                }
                Act next = Act.of(change);
                Bidden bidden = bidden(next, change);
                boolean joins = next == act && (next == Act.UPDATE || waiting.containsKey(bidden.sql()));
                // Whom a delete reaches may be deleted before it.
                if (!joins || (next == Act.DELETE && !cascades().isEmpty())) {
                    Optional<NotOneRow> refusal = execute(waiting, singly);
                    if (refusal.isPresent()) {
                        return refusal;
                    }
                }
                Optional<String> reached = next == Act.DELETE ? reached(change.key()) : Optional.empty();
                if (reached.isPresent()) {
                    return Optional.of(NotOneRow.of(change, reached.get()));
                }
                waiting.computeIfAbsent(bidden.sql(), any -> new ArrayList<>()).add(bidden);
                act = next;
            }
            return execute(waiting, singly);
        }

        private enum Act {
            UPDATE,
            INSERT,
            DELETE;

            static Act of(Change change) {
                return change.desired() == null ? DELETE : change.seen().absent() ? INSERT : UPDATE;
            }
        }

        /** Executes what waits, and empties it. */
        private Optional<NotOneRow> execute(Map<String, List<Bidden>> waiting, boolean singly) throws SQLException {
            for (List<Bidden> alike : waiting.values()) {
                boolean together = !singly
                        && alike.size() > 1
                        && (dialect.tellsRowsOfInserts() || !alike.get(0).isInsert());
                Optional<NotOneRow> refusal = together ? together(alike) : oneByOne(alike);
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
            waiting.clear();
            return Optional.empty();
        }

        private Optional<NotOneRow> together(List<Bidden> alike) throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement(alike.get(0).sql())) {
                for (Bidden one : alike) {
                    one.bind(statement);
                    statement.addBatch();
                }
                int[] rows = statement.executeBatch();
                if (rows.length != alike.size()) {
                    return Optional.of(NotOneRow.untold(alike.get(0).change()));
                }
                for (int i = 0; i < rows.length; i++) {
                    Optional<NotOneRow> refusal = NotOneRow.check(alike.get(i).change(), rows[i]);
                    if (refusal.isPresent()) {
                        return refusal;
                    }
                }
            }
            return Optional.empty();
        }

        private Optional<NotOneRow> oneByOne(List<Bidden> alike) throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement(alike.get(0).sql())) {
                for (Bidden one : alike) {
                    one.bind(statement);
                    Optional<NotOneRow> refusal = NotOneRow.check(one.change(), statement.executeUpdate());
                    if (refusal.isPresent()) {
                        return refusal;
                    }
                }
            }
            return Optional.empty();
        }

        private Optional<String> unwritable(Change change) {
            Image desired = change.desired();
            if (desired == null) {
                return Optional.empty();
            }
            boolean isUpdate = !change.seen().absent();
            Set<String> gone = new TreeSet<>(change.fields());
            if (!isUpdate) {
                gone.retainAll(desired.fields().keySet());
            }
            gone.removeAll(columns.keySet());
            if (!gone.isEmpty()) {
                return Optional.of("table %s has no column '%s'"
                        .formatted(table.table(), gone.iterator().next()));
            }
            return isUpdate && updated(change).isEmpty()
                    ? Optional.of("table %s computes all that was to be written".formatted(table.table()))
                    : Optional.empty();
        }

        private Bidden bidden(Act act, Change change) throws SQLException {
            return switch (act) {
                case DELETE ->
                    new Bidden(
                            change,
                            "delete from " + dialect.table(table.table()) + " where " + condition(change.key()),
                            keyed(change.key()));
                case INSERT -> insert(change, Objects.requireNonNull(change.desired()));
                case UPDATE -> update(change, Objects.requireNonNull(change.desired()));
            };
        }

        /** What is bound for the key in {@link #condition}. */
        private List<Bound> keyed(Key key) {
            List<Bound> bound = new ArrayList<>();
            int i = 0;
            for (Value part : key.parts().values()) {
                Column column = keyColumns.get(i++);
                if (!part.isNull()) {
                    bound.add((statement, index) -> dialect.bind(statement, index, column, part));
                }
            }
            return bound;
        }

        /** The foreign keys of others by which a delete reaches further than its row. */
        private List<Cascade> cascades() throws SQLException {
            List<Cascade> known = cascades;
            if (known == null) {
                known = askedCascades();
                cascades = known;
            }
            return known;
        }

        private List<Cascade> askedCascades() throws SQLException {
            List<String> parts = parts(table.table());
            if (dialect.hasCatalogs()) {
                return cascadesAcrossCatalogs();
            }
            // The columns of two keys of one table may come in turn.
            Map<List<String>, Cascade> found = new LinkedHashMap<>();
            try (ResultSet rows = connection
                    .getMetaData()
                    .getExportedKeys(catalog(parts), schemaPattern(parts), tablePattern(parts))) {
                while (rows.next()) {
                    short rule = rows.getShort("DELETE_RULE");
                    boolean cascades = rule == DatabaseMetaData.importedKeyCascade
                            || rule == DatabaseMetaData.importedKeySetNull
                            || rule == DatabaseMetaData.importedKeySetDefault;
                    if (!cascades) {
                        continue;
                    }
                    String schema = rows.getString("FKTABLE_SCHEM");
                    String child = rows.getString("FKTABLE_NAME");
                    boolean isSelf = child.equals(rows.getString("PKTABLE_NAME"))
                            && Objects.equals(schema, rows.getString("PKTABLE_SCHEM"));
                    String column = rows.getString("FKCOLUMN_NAME");
                    String referred = rows.getString("PKCOLUMN_NAME");
                    List<String> key =
                            List.of(String.valueOf(schema), child, String.valueOf(rows.getString("FK_NAME")));
                    Cascade begun = found.get(key);
                    found.put(
                            key,
                            new Cascade(
                                    (schema == null ? "" : dialect.quote(schema) + ".") + dialect.quote(child),
                                    child,
                                    begun == null ? List.of(column) : plus(begun.columns(), column),
                                    begun == null ? List.of(referred) : plus(begun.referred(), referred),
                                    isSelf));
                }
            }
            return List.copyOf(found.values());
        }

        /** A driver may look for them in the catalog of the table only. */
        private List<Cascade> cascadesAcrossCatalogs() throws SQLException {
            Map<List<String>, Cascade> found = new LinkedHashMap<>();
            try (PreparedStatement statement =
                            about("select k.table_schema, k.table_name, k.constraint_name, k.column_name,"
                                    + " k.referenced_column_name, k.referenced_table_schema, k.referenced_table_name"
                                    + " from information_schema.key_column_usage k"
                                    + " join information_schema.referential_constraints r"
                                    + " on r.constraint_schema = k.constraint_schema"
                                    + " and r.constraint_name = k.constraint_name and r.table_name = k.table_name"
                                    + " where k.referenced_table_schema = ? and k.referenced_table_name = ?"
                                    + " and r.delete_rule not in ('RESTRICT', 'NO ACTION')"
                                    + " order by k.table_schema, k.table_name, k.constraint_name, k.ordinal_position");
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String schema = rows.getString(1);
                    String child = rows.getString(2);
                    List<String> key = List.of(schema, child, rows.getString(3));
                    Cascade begun = found.get(key);
                    found.put(
                            key,
                            new Cascade(
                                    dialect.quote(schema) + "." + dialect.quote(child),
                                    child,
                                    begun == null
                                            ? List.of(rows.getString(4))
                                            : plus(begun.columns(), rows.getString(4)),
                                    begun == null
                                            ? List.of(rows.getString(5))
                                            : plus(begun.referred(), rows.getString(5)),
                                    schema.equals(rows.getString(6)) && child.equals(rows.getString(7))));
                }
            }
            return List.copyOf(found.values());
        }

        private static List<String> plus(List<String> list, String more) {
            List<String> longer = new ArrayList<>(list);
            longer.add(more);
            return longer;
        }

        private List<String> keyNames() {
            return keyColumns.stream().map(Column::name).toList();
        }

        /** The row is locked, so none can come to refer to it before it is deleted. */
        private Optional<String> reached(Key key) throws SQLException {
            for (Cascade cascade : cascades()) {
                String sql = "select count(*) from (select 1) one where "
                        + cascade.reaches(dialect, dialect.table(table.table()), condition(key), keyNames());
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    bindKey(statement, 1, key);
                    try (ResultSet row = statement.executeQuery()) {
                        row.next();
                        if (row.getLong(1) > 0) {
                            return Optional.of(cascade.refusal());
                        }
                    }
                }
            }
            return Optional.empty();
        }

        /** The text of a JSON column as it is now; the row is locked. */
        private String currentText(Column column, Key key) throws SQLException {
            String sql = "select %s from %s where %s"
                    .formatted(dialect.quote(column.name()), dialect.table(table.table()), condition(key));
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                bindKey(statement, 1, key);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Objects.requireNonNullElse(row.getString(1), "") : "";
                }
            }
        }

        private Bidden insert(Change change, Image desired) {
            StringJoiner names = new StringJoiner(", ", "(", ")");
            StringJoiner values = new StringJoiner(", ", "(", ")");
            List<Bound> bound = new ArrayList<>();
            for (Column column : columns.values()) {
                Value value = desired.field(column.name());
                if (!column.generated() && value != null) {
                    names.add(dialect.quote(column.name()));
                    values.add(dialect.parameter(column));
                    bound.add((statement, index) -> dialect.bind(statement, index, column, value));
                }
            }
            String sql = "insert into %s %s%s values %s"
                    .formatted(dialect.table(table.table()), names, dialect.overriding(), values);
            return new Bidden(change, sql, bound);
        }

        /** What is written of a record that is there. What the database computes follows from it. */
        private List<Column> updated(Change change) {
            return columns.values().stream()
                    .filter(column -> !column.generated() && change.fields().contains(column.name()))
                    .toList();
        }

        private Bidden update(Change change, Image desired) throws SQLException {
            StringJoiner assignments = new StringJoiner(", ");
            List<Bound> bound = new ArrayList<>();
            for (Column column : updated(change)) {
                assignments.add(dialect.quote(column.name()) + " = " + dialect.parameter(column));
                Value value = Objects.requireNonNullElse(desired.field(column.name()), Value.NULL);
                if (column.kind() == Kind.NESTED && !value.isNull()) {
                    // Bound as the text it is, so that what did not change keeps its notation.
                    String older = texts.getOrDefault(change.key(), Map.of()).getOrDefault(column.name(), "");
                    bound.add((statement, index) -> JdbcValues.bindNested(statement, index, column, value, older));
                } else {
                    bound.add((statement, index) -> dialect.bind(statement, index, column, value));
                }
            }
            // What nobody has approved stays as it is.
            restless().stream()
                    .filter(name -> !change.fields().contains(name))
                    .forEach(name -> assignments.add("%1$s = %1$s".formatted(dialect.quote(name))));
            bound.addAll(keyed(change.key()));
            String sql = "update %s set %s where %s"
                    .formatted(dialect.table(table.table()), assignments, condition(change.key()));
            return new Bidden(change, sql, bound);
        }

        List<Fact> facts() throws SQLException {
            List<Fact> facts = new ArrayList<>();
            List<String> parts = parts(table.table());
            DatabaseMetaData metadata = connection.getMetaData();
            try (ResultSet children =
                    metadata.getExportedKeys(catalog(parts), schemaPattern(parts), tablePattern(parts))) {
                while (children.next()) {
                    String child = children.getString("FKTABLE_NAME");
                    facts.add(new Fact(Concern.REFERENCE, child, "%s refers to it".formatted(child)));
                }
            }
            try (ResultSet parents =
                    metadata.getImportedKeys(catalog(parts), schemaPattern(parts), tablePattern(parts))) {
                while (parents.next()) {
                    String parent = parents.getString("PKTABLE_NAME");
                    facts.add(new Fact(Concern.REFERENCE, parent, "it refers to " + parent));
                }
            }
            columns.values().stream()
                    .filter(Column::generated)
                    .forEach(column -> facts.add(
                            new Fact(Concern.GENERATED, column.name(), "the database computes " + column.name())));
            if (dialect.hasCatalogs() && !seesTriggers()) {
                facts.add(new Fact(
                        Concern.TRIGGER,
                        "of which this user sees none",
                        "this user may not see what triggers there are"));
            }
            triggers(parts).forEach(trigger -> facts.add(new Fact(Concern.TRIGGER, trigger, "trigger " + trigger)));
            if (dialect == Dialect.POSTGRESQL && hasRowSecurity()) {
                facts.add(new Fact(Concern.ROW_SECURITY, "row-level security", "row-level security hides rows"));
            }
            return facts.stream().distinct().toList();
        }

        /** MySQL shows triggers to those only who may make some; MariaDB to all who may write the table. */
        private boolean seesTriggers() throws SQLException {
            if (Dialect.isMariaDb(connection)) {
                return true;
            }
            String grantee = "replace(grantee, '''', '') = current_user() and privilege_type = 'TRIGGER'";
            try (PreparedStatement statement = about(
                            "select (select count(*) from information_schema.schema_privileges where table_schema = ?"
                                    + " and " + grantee
                                    + ") + (select count(*) from information_schema.table_privileges"
                                    + " where table_name = ? and " + grantee
                                    + ") + (select count(*) from information_schema.user_privileges where " + grantee
                                    + ")");
                    ResultSet row = statement.executeQuery()) {
                return row.next() && row.getLong(1) > 0;
            }
        }

        private Set<String> triggers(List<String> parts) throws SQLException {
            Set<String> triggers = new TreeSet<>();
            // The standard's view shows them only to those who may write.
            boolean isPostgres = dialect == Dialect.POSTGRESQL;
            String sql = isPostgres
                    ? "select tgname from pg_trigger where tgrelid = ?::regclass and not tgisinternal"
                    : "select trigger_name from information_schema.triggers where event_object_table = ?"
                            + " and event_object_schema = ?";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                if (isPostgres) {
                    statement.setString(1, dialect.table(table.table()));
                } else {
                    statement.setString(1, tablePattern(parts));
                    statement.setString(2, dialect.hasCatalogs() ? catalog(parts) : schemaPattern(parts));
                }
                try (ResultSet found = statement.executeQuery()) {
                    while (found.next()) {
                        triggers.add(found.getString(1));
                    }
                }
            }
            return triggers;
        }

        private boolean hasRowSecurity() throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement("select relrowsecurity from pg_class where oid = ?::regclass")) {
                statement.setString(1, dialect.table(table.table()));
                try (ResultSet found = statement.executeQuery()) {
                    return found.next() && found.getBoolean(1);
                }
            }
        }
    }
}
