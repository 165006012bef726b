package dev.lastgood.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The only way to the shop's tables: every write moves the record's version and time, and is logged value by value in
 * the same transaction. Not thread-safe; whoever commits decides what one transaction is.
 */
final class Ledger implements AutoCloseable {
    /** The log's field for the record as such: it came into being, or went. */
    static final String RECORD = "*";

    static final String PRESENT = "present";

    private static final String LOG = "insert into truth.write_log"
            + " (seq, written_at, writer, app_version, kind, tab, record_key, field, op, old_value, new_value)"
            + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final Connection connection;
    private final PreparedStatement log;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final Map<Table, Long> lastKeys = new EnumMap<>(Table.class);
    private long seq;
    private Instant now;

    Ledger(Connection connection, Instant now) throws SQLException {
        this.connection = connection;
        this.now = now;
        connection.setAutoCommit(false);
        log = connection.prepareStatement(LOG);
        seq = number("select coalesce(max(seq), 0) from truth.write_log");
    }

    /** The number of the last value written. */
    long seq() {
        return seq;
    }

    Instant now() {
        return now;
    }

    /** How many values a side wrote since; a deleted record is one. */
    long values(String side, long since) throws SQLException {
        return number("select count(*) from truth.write_log where seq > " + since + " and writer = '" + side
                + "' and (op = 'delete') = (field = '" + RECORD + "')");
    }

    void moveTo(Instant instant) {
        now = instant;
    }

    void insert(Writer writer, Row fresh) throws SQLException {
        Table table = fresh.table();
        PreparedStatement statement = statement(table.insertSql());
        fresh.bind(statement, stamps(writer, table, 1));
        statement.executeUpdate();
        note(writer, table, fresh.key(), RECORD, "insert", null, PRESENT);
        for (var cell : fresh.cells().entrySet()) {
            note(writer, table, fresh.key(), cell.getKey(), "insert", null, cell.getValue());
        }
    }

    /** Writes the changes that are changes; nothing is written, and no version moves, if none is. */
    boolean update(Writer writer, Row before, Map<String, ?> changes) throws SQLException {
        Table table = before.table();
        var changed = changed(before, changes);
        if (changed.isEmpty()) {
            return false;
        }
        var set = new LinkedHashMap<String, @Nullable Object>(changes);
        set.putAll(stamps(writer, table, before.number("row_version") + 1));
        String sql = "update " + table.sql() + " set " + String.join(" = ?, ", set.keySet()) + " = ? where "
                + table.key() + " = ?";
        PreparedStatement statement = statement(sql);
        int at = 1;
        for (Object value : set.values()) {
            statement.setObject(at++, value);
        }
        statement.setLong(at, before.key());
        statement.executeUpdate();
        for (var cell : changed.entrySet()) {
            Change change = cell.getValue();
            note(writer, table, before.key(), cell.getKey(), "update", change.old(), change.fresh());
        }
        return true;
    }

    void delete(Writer writer, Row before) throws SQLException {
        Table table = before.table();
        PreparedStatement statement = statement("delete from " + table.sql() + " where " + table.key() + " = ?");
        statement.setLong(1, before.key());
        statement.executeUpdate();
        note(writer, table, before.key(), RECORD, "delete", PRESENT, null);
        for (var cell : before.cells().entrySet()) {
            note(writer, table, before.key(), cell.getKey(), "delete", cell.getValue(), null);
        }
    }

    void commit() throws SQLException {
        log.executeBatch();
        connection.commit();
    }

    Optional<Row> find(Table table, long key) throws SQLException {
        return first(table, table.key() + " = ?", key);
    }

    Optional<Row> first(Table table, String condition, long argument) throws SQLException {
        PreparedStatement statement = statement("select * from " + table.sql() + " where " + condition + " order by "
                + table.key() + " fetch first row only");
        statement.setLong(1, argument);
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(row(table, rows)) : Optional.empty();
        }
    }

    /** Some record of which the condition is true, found by a random key and the next one that fits. */
    Optional<Row> any(Table table, String condition, Random random) throws SQLException {
        long from = 1 + random.nextLong(Math.max(1, lastKey(table)));
        String fits = table.key() + " >= ? and (" + condition + ")";
        Optional<Row> found = first(table, fits, from);
        return found.isPresent() ? found : first(table, fits, 0);
    }

    List<Row> children(Table table, String parent, long key) throws SQLException {
        PreparedStatement statement =
                statement("select * from " + table.sql() + " where " + parent + " = ? order by " + table.key());
        statement.setLong(1, key);
        var children = new ArrayList<Row>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                children.add(row(table, rows));
            }
        }
        return children;
    }

    /** What every product costs now; the caller keeps it up to date. */
    List<Fiction.Price> prices() throws SQLException {
        var prices = new ArrayList<Fiction.Price>();
        try (ResultSet rows =
                statement("select sku, price from products order by id").executeQuery()) {
            while (rows.next()) {
                prices.add(new Fiction.Price(rows.getString(1), rows.getBigDecimal(2)));
            }
        }
        return prices;
    }

    /** A key no record has, or ever had. */
    long nextKey(Table table) throws SQLException {
        long next = lastKey(table) + 1;
        lastKeys.put(table, next);
        return next;
    }

    /** One column of numbers, in the order of the query. The log is in it up to the last commit. */
    List<Long> numbers(String sql) throws SQLException {
        var numbers = new ArrayList<Long>();
        try (ResultSet rows = statement(sql).executeQuery()) {
            while (rows.next()) {
                numbers.add(rows.getLong(1));
            }
        }
        return numbers;
    }

    long number(String sql) throws SQLException {
        return numbers(sql).get(0);
    }

    /** What the deleted record held in this field. */
    String lastOld(Table table, long key, String field) throws SQLException {
        PreparedStatement statement = statement("select old_value from truth.write_log where tab = ? and record_key = ?"
                + " and field = ? and op = 'delete' order by seq desc fetch first row only");
        statement.setString(1, table.sql());
        statement.setLong(2, key);
        statement.setString(3, field);
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new IllegalStateException("%s %d was never deleted".formatted(table.sql(), key));
            }
            return rows.getString(1);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private record Change(@Nullable String old, @Nullable String fresh) {}

    private static Map<String, Change> changed(Row before, Map<String, ?> changes) {
        var changed = new LinkedHashMap<String, Change>();
        for (var change : changes.entrySet()) {
            String field = change.getKey();
            var old = Row.cells(field, before.values().get(field));
            var fresh = Row.cells(field, change.getValue());
            var paths = new LinkedHashSet<>(old.keySet());
            paths.addAll(fresh.keySet());
            for (String path : paths) {
                var moved = new Change(old.get(path), fresh.get(path));
                if (!Objects.equals(moved.old(), moved.fresh())) {
                    changed.put(path, moved);
                }
            }
        }
        return changed;
    }

    private Map<String, Object> stamps(Writer writer, Table table, long version) {
        OffsetDateTime time = now.atOffset(ZoneOffset.UTC);
        var stamps = new LinkedHashMap<String, Object>();
        if (table.isStamped()) {
            stamps.put("app_version", writer.version());
            stamps.put("row_version", version);
            stamps.put("updated_at", time);
        } else {
            stamps.put("deleted_at", time);
        }
        return stamps;
    }

    private void note(
            Writer writer, Table table, long key, String field, String op, @Nullable String old, @Nullable String fresh)
            throws SQLException {
        log.setLong(1, ++seq);
        log.setObject(2, now.atOffset(ZoneOffset.UTC));
        log.setString(3, writer.sideName());
        log.setString(4, writer.version());
        log.setString(5, writer.kind());
        log.setString(6, table.sql());
        log.setLong(7, key);
        log.setString(8, field);
        log.setString(9, op);
        log.setString(10, old);
        log.setString(11, fresh);
        log.addBatch();
    }

    private long lastKey(Table table) throws SQLException {
        Long known = lastKeys.get(table);
        if (known == null) {
            known = number("select greatest((select coalesce(max(" + table.key() + "), 0) from " + table.sql()
                    + "), (select coalesce(max(record_key), 0) from truth.write_log where tab = '" + table.sql()
                    + "'))");
            lastKeys.put(table, known);
        }
        return known;
    }

    private PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    private static Row row(Table table, ResultSet rows) throws SQLException {
        var values = new LinkedHashMap<String, @Nullable Object>();
        for (String column : table.columns()) {
            values.put(column, rows.getObject(column));
        }
        return new Row(table, rows.getLong(table.key()), values);
    }
}
