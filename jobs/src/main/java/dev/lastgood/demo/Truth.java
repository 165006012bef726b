package dev.lastgood.demo;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What really happened, from the log of all writes and the tables as they are: SQL, and no code of the product. The
 * order is {@link #captured} with every snapshot, {@link #found} after the audit, {@link #beforeRestore}, the restore,
 * {@link #figures}, the undo, {@link #undoDifferences}.
 *
 * <p>Tables are compared in cells: a field of a record, or one value inside its lines by the line's number. System
 * columns are in no cell.
 */
public final class Truth {
    /** Columns that move with every write, and that an undo may leave moved. */
    public static final Set<String> SYSTEM =
            Set.of("row_version", "updated_at", "app_version", "restored_by", "deleted_at");

    private static final int BATCH = 1_000;

    private final Path dir;

    Truth(Path dir) {
        this.dir = dir;
    }

    /** Notes that a snapshot of the tables as they are was taken. */
    public void captured(String name) throws SQLException {
        try (Connection connection = Shop.connect(dir);
                PreparedStatement insert = connection.prepareStatement("insert into truth.captures (name, seq)"
                        + " values (?, (select coalesce(max(seq), 0) from truth.write_log))")) {
            insert.setString(1, name);
            insert.executeUpdate();
        }
    }

    /** Takes down what the audit found, in place of what it found before. */
    public void found(Iterable<Found> records) throws SQLException {
        try (Connection connection = Shop.connect(dir);
                Statement statement = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement(
                        "merge into truth.found (tab, record_key) key (tab, record_key) values (?, ?)")) {
            connection.setAutoCommit(false);
            statement.execute("delete from truth.found");
            int pending = 0;
            for (Found record : records) {
                insert.setString(1, record.table());
                insert.setLong(2, record.key());
                insert.addBatch();
                if (++pending % BATCH == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
            connection.commit();
        }
    }

    /** Copies the tables, to compare with after the restore and again after the undo. */
    public void beforeRestore() throws SQLException {
        try (Connection connection = Shop.connect(dir);
                Statement statement = connection.createStatement()) {
            for (Table table : Table.values()) {
                String copy = copyOf(table);
                statement.execute("drop table if exists " + copy);
                statement.execute("create table " + copy + " as select * from public." + table.sql());
                statement.execute("alter table " + copy + " alter column " + table.key() + " set not null");
                statement.execute("alter table " + copy + " add primary key (" + table.key() + ")");
            }
        }
    }

    /** The figures of the tables as they are now, against the copy made before the restore. */
    public Figures figures() throws SQLException {
        try (Connection connection = Shop.connect(dir);
                Statement statement = connection.createStatement()) {
            judge(statement);
            long lost = lost(statement);
            try (ResultSet row = statement.executeQuery(FIGURES)) {
                row.next();
                return new Figures(
                        row.getLong("damaged_records"),
                        row.getLong("damaged_found"),
                        row.getLong("false_positives"),
                        row.getLong("damaged"),
                        row.getLong("restored"),
                        row.getLong("stale"),
                        row.getLong("in_conflict"),
                        row.getLong("unrecoverable"),
                        row.getLong("without_capture"),
                        row.getLong("beside_work"),
                        row.getLong("though_captured"),
                        row.getLong("foreign_values"),
                        row.getLong("legitimate_writes"),
                        lost);
            }
        }
    }

    /** One kind of damage: its fields, and what became of them. */
    public record Kind(
            String kind,
            long records,
            long found,
            long damaged,
            long restored,
            long stale,
            long inConflict,
            long unrecoverable,
            long leftWithoutCapture,
            long leftBesideLegitimateWork,
            long leftThoughCaptured,
            long foreign) {}

    /** The figures again, a row for every kind of damage. */
    public List<Kind> kinds() throws SQLException {
        try (Connection connection = Shop.connect(dir);
                Statement statement = connection.createStatement()) {
            judge(statement);
            var kinds = new ArrayList<Kind>();
            try (ResultSet row = statement.executeQuery(KINDS)) {
                while (row.next()) {
                    kinds.add(new Kind(
                            row.getString("kind"),
                            row.getLong("records"),
                            row.getLong("found"),
                            row.getLong("damaged"),
                            row.getLong("restored"),
                            row.getLong("stale"),
                            row.getLong("in_conflict"),
                            row.getLong("unrecoverable"),
                            row.getLong("without_capture"),
                            row.getLong("beside_work"),
                            row.getLong("though_captured"),
                            row.getLong("foreign_values")));
                }
            }
            return kinds;
        }
    }

    /** Some values the restore lost, or made up, for people who have to find out why. */
    public List<String> losses(int most) throws SQLException {
        try (Connection connection = Shop.connect(dir);
                Statement statement = connection.createStatement()) {
            lost(statement);
            return texts(
                    statement,
                    "select tab || ' ' || record_key || ' ' || field || ': ' || coalesce(held, 'null')"
                            + " || ' -> ' || coalesce(holds, 'null') from truth.lost order by 1 fetch first " + most
                            + " rows only");
        }
    }

    /**
     * How many cells differ from the copy made before the restore, columns as they are stored (lines as their text).
     * Zero is an exact undo. A record that is on one side only counts with all its columns.
     *
     * @param except columns that may differ, say {@link #SYSTEM}
     */
    public long undoDifferences(Set<String> except) throws SQLException {
        try (Connection connection = Shop.connect(dir);
                Statement statement = connection.createStatement()) {
            long differences = 0;
            for (Table table : Table.values()) {
                var columns = new ArrayList<>(table.columns());
                columns.removeAll(except);
                differences += number(statement, differences(table, columns));
            }
            return differences;
        }
    }

    private static String differences(Table table, List<String> columns) {
        String cells = columns.stream()
                .map(column -> "case when a." + column + " is distinct from b." + column + " then 1 else 0 end")
                .collect(Collectors.joining(" + "));
        String key = table.key();
        String live = "public." + table.sql();
        return "select coalesce(sum(" + cells + "), 0)"
                + " + " + columns.size() + " * (select count(*) from " + live + " l where not exists"
                + " (select 1 from " + copyOf(table) + " c where c." + key + " = l." + key + "))"
                + " + " + columns.size() + " * (select count(*) from " + copyOf(table) + " c where not exists"
                + " (select 1 from " + live + " l where l." + key + " = c." + key + "))"
                + " from " + live + " a join " + copyOf(table) + " b on a." + key + " = b." + key;
    }

    /** Fills truth.damage: every damaged field, its class, and why it was left. */
    private static void judge(Statement statement) throws SQLException {
        for (String table : List.of("damage", "bounds", "damaged", "live", "facts", "reborn", "judged")) {
            run(statement, "drop table if exists truth." + table);
        }
        run(statement, Judgement.BOUNDS);
        run(statement, Judgement.DAMAGED);
        cells(statement, "truth.live", "(select distinct tab, record_key from truth.damaged)", "public.");
        run(statement, Judgement.FACTS);
        run(statement, Judgement.REBORN);
        run(statement, Judgement.JUDGED);
        run(statement, Judgement.DAMAGE);
    }

    /** Fills truth.lost, a row for every legitimate value that is gone. */
    private static long lost(Statement statement) throws SQLException {
        if (number(
                        statement,
                        "select count(*) from information_schema.tables where table_schema = 'truth'"
                                + " and table_name = 'before_orders'")
                == 0) {
            throw new IllegalStateException("no copy of the tables was made before the restore");
        }
        run(statement, "create table truth.touched (tab varchar(20), record_key bigint)");
        for (Table table : Table.values()) {
            run(statement, touched(table));
        }
        cells(statement, "truth.held", "truth.touched", "truth.before_");
        cells(statement, "truth.holds", "truth.touched", "public.");
        run(statement, "drop table if exists truth.lost");
        run(statement, LOST);
        for (String table : List.of("touched", "held", "holds")) {
            run(statement, "drop table truth." + table);
        }
        return number(statement, "select count(*) from truth.lost");
    }

    /** Records that are not the same before and after, on one side only included. */
    private static String touched(Table table) {
        String key = table.key();
        String moved = table.fields().stream()
                .map(field -> "a." + field + " is distinct from b." + field)
                .collect(Collectors.joining(" or "));
        String join = " join " + copyOf(table) + " b on a." + key + " = b." + key;
        String live = " from public." + table.sql() + " a";
        return "insert into truth.touched"
                + " select '" + table.sql() + "', a." + key + live + join + " where " + moved
                + " union all select '" + table.sql() + "', a." + key + live + " left" + join + " where b." + key
                + " is null"
                + " union all select '" + table.sql() + "', b." + key + live + " right" + join + " where a." + key
                + " is null";
    }

    /** Takes the named records apart into cells, a row each, as the log writes them. */
    private static void cells(Statement statement, String into, String keys, String source) throws SQLException {
        run(
                statement,
                "create table " + into
                        + " (tab varchar(20) not null, record_key bigint not null, field varchar(60) not null, cell varchar(200))");
        for (Table table : Table.values()) {
            String from = " from " + source + table.sql() + " t join " + keys + " k on k.tab = '" + table.sql()
                    + "' and k.record_key = t." + table.key();
            var selects = new LinkedHashSet<String>();
            selects.add(cell(table, "'" + Ledger.RECORD + "'", "'" + Ledger.PRESENT + "'") + from);
            for (String field : table.fields()) {
                if (!field.equals(Table.LINES)) {
                    selects.add(cell(table, "'" + field + "'", "cast(t." + field + " as varchar)") + from);
                }
            }
            run(statement, "insert into " + into + " " + String.join(" union all ", selects));
            if (table.hasLines()) {
                run(statement, "insert into " + into + " " + lineCells(table, from));
            }
        }
        run(statement, "alter table " + into + " add primary key (record_key, tab, field)");
    }

    private static String cell(Table table, String field, String value) {
        return "select '" + table.sql() + "', t." + table.key() + ", " + field + ", " + value;
    }

    private static String lineCells(Table table, String from) {
        String lines = "(select t." + table.key() + " as record_key, (t.lines format json)[r.n] as line" + from
                + ", system_range(1, 12) r(n) where (t.lines format json)[r.n] is not null)";
        String path = "'lines[line_no=' || cast((line).line_no as varchar) || ']";
        return "select 'orders', record_key, " + path + ".sku', trim(both '\"' from cast((line).sku as varchar)) from "
                + lines
                + " union all select 'orders', record_key, " + path + ".qty', cast((line).qty as varchar) from "
                + lines
                + " union all select 'orders', record_key, " + path + ".amount',"
                + " cast(cast(cast((line).amount as varchar) as decimal(12,2)) as varchar) from " + lines;
    }

    private static String copyOf(Table table) {
        return "truth.before_" + table.sql();
    }

    private static void run(Statement statement, String sql) throws SQLException {
        statement.execute(sql);
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static List<String> texts(Statement statement, String sql) throws SQLException {
        var texts = new ArrayList<String>();
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }

    /**
     * Cells that are not as they were, and were last written by a legitimate writer; never written means written before
     * the log, legitimately. What a record held while the bug had it deleted is nobody's value.
     */
    private static final String LOST = """
            create table truth.lost as
            with changed as (
                select h.tab, h.record_key, h.field, h.cell as held, n.cell as holds
                from truth.held h
                left join truth.holds n
                    on n.record_key = h.record_key and n.tab = h.tab and n.field = h.field
                where h.field <> '*' and (n.field is null or n.cell is distinct from h.cell)
                union all
                select n.tab, n.record_key, n.field, null, n.cell
                from truth.holds n
                where n.field <> '*' and not exists (select 1 from truth.held h
                    where h.record_key = n.record_key and h.tab = n.tab and h.field = n.field)
            )
            select c.* from changed c
            where coalesce((select w.writer from truth.write_log w where w.seq = (
                    select max(m.seq) from truth.write_log m
                    where m.record_key = c.record_key and m.tab = c.tab and m.field = c.field)), 'legitimate')
                    = 'legitimate'
                and not (coalesce((select w.writer from truth.write_log w where w.seq = (
                        select max(m.seq) from truth.write_log m
                        where m.record_key = c.record_key and m.tab = c.tab and m.field = '*')), 'legitimate') = 'bug'
                    and not exists (select 1 from truth.held h
                        where h.record_key = c.record_key and h.tab = c.tab and h.field = '*'))""";

    private static final String CLASSES = """
                count(*) as damaged,
                count(case outcome when 'restored' then 1 end) as restored,
                count(case outcome when 'stale' then 1 end) as stale,
                count(case outcome when 'conflict' then 1 end) as in_conflict,
                count(case outcome when 'unrecoverable' then 1 end) as unrecoverable,
                count(case outcome when 'foreign' then 1 end) as foreign_values,
                count(case reason when 'without capture' then 1 end) as without_capture,
                count(case reason when 'beside work' then 1 end) as beside_work,
                count(case reason when 'though captured' then 1 end) as though_captured
            from truth.damage""";

    private static final String FIGURES = """
            select
                (select count(*) from (select distinct tab, record_key from truth.damage)) as damaged_records,
                (select count(*) from (select distinct d.tab, d.record_key from truth.damage d
                    join truth.found f on f.record_key = d.record_key and f.tab = d.tab)) as damaged_found,
                (select count(*) from truth.found f where not exists (select 1 from truth.damage d
                    where d.record_key = f.record_key and d.tab = f.tab)) as false_positives,
                (select count(*) from truth.write_log
                    where writer = 'legitimate' and (op = 'delete') = (field = '*')) as legitimate_writes,
            """ + CLASSES;

    private static final String KINDS = """
            select kind,
                count(distinct record_key) as records,
                count(distinct case when exists (select 1 from truth.found f
                    where f.record_key = damage.record_key and f.tab = damage.tab) then record_key end) as found,
            """ + CLASSES + " group by kind order by kind";
}
