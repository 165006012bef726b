package dev.lastgood.init;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables of a database, by what its driver says of them. Reads no record. */
public final class DatabaseTables {
    private static final Set<String> OF_THE_SYSTEM = Set.of(
            "information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys", "syscat", "sysibm");

    private static final Set<Integer> WHOLE =
            Set.of(Types.INTEGER, Types.BIGINT, Types.SMALLINT, Types.NUMERIC, Types.DECIMAL);
    private static final Set<Integer> TIMES = Set.of(Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, Types.DATE);

    private DatabaseTables() {}

    /**
     * All tables that this user sees, in the order of schema and name.
     *
     * @throws InvalidInput if there is no driver for the URL, or no connection comes about
     */
    public static List<Candidate> of(String url, @Nullable String user, @Nullable String password) {
        Properties login = new Properties();
        if (user != null) {
            login.setProperty("user", user);
        }
        if (password != null) {
            login.setProperty("password", password);
        }
        try (Connection connection = DriverManager.getConnection(url, login)) {
            return tables(connection);
        } catch (SQLException e) {
            // A driver's message may repeat the URL; the state says as much as is safe.
            throw InvalidInput.of(
                    "the database cannot be connected to (SQL state %s)".formatted(e.getSQLState()),
                    "Check the URL, and that --user and --password name environment variables that hold the right ones."
                            + " More drivers go into the folder jars of the distribution.");
        }
    }

    private record Table(@Nullable String catalog, @Nullable String schema, String name) {}

    private static List<Candidate> tables(Connection connection) throws SQLException {
        DatabaseMetaData meta = connection.getMetaData();
        List<Table> tables = new ArrayList<>();
        String[] types = {"TABLE", "BASE TABLE", "PARTITIONED TABLE"};
        try (ResultSet rows = meta.getTables(connection.getCatalog(), null, "%", types)) {
            while (rows.next()) {
                String schema = rows.getString("TABLE_SCHEM");
                if (schema == null || !OF_THE_SYSTEM.contains(schema.toLowerCase(Locale.ROOT))) {
                    tables.add(new Table(rows.getString("TABLE_CAT"), schema, rows.getString("TABLE_NAME")));
                }
            }
        }
        List<Candidate> candidates = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Table table : tables) {
            String plain = name(table.name());
            String name = plain;
            if (names.contains(name) && table.schema() != null) {
                name = name(table.schema() + "_" + table.name());
            }
            for (int again = 2; !names.add(name); again++) {
                name = plain + "_" + again;
            }
            candidates.add(candidate(meta, table, name));
        }
        return candidates;
    }

    /** As a dataset may be called. */
    static String name(String of) {
        String name = of.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]+", "_");
        return name.isEmpty() || name.startsWith("-") ? "_" + name : name;
    }

    private static Candidate candidate(DatabaseMetaData meta, Table table, String name) throws SQLException {
        List<FieldNames.Column> columns = new ArrayList<>();
        Set<String> required = new LinkedHashSet<>();
        try (ResultSet rows = meta.getColumns(
                table.catalog(),
                table.schema() == null ? null : literal(meta, table.schema()),
                literal(meta, table.name()),
                "%")) {
            while (rows.next()) {
                String column = rows.getString("COLUMN_NAME");
                int type = rows.getInt("DATA_TYPE");
                boolean whole = WHOLE.contains(type) && rows.getInt("DECIMAL_DIGITS") == 0;
                columns.add(new FieldNames.Column(column, whole, TIMES.contains(type)));
                if (rows.getInt("NULLABLE") == DatabaseMetaData.columnNoNulls) {
                    required.add(column);
                }
            }
        }
        List<String> key = primaryKey(meta, table);
        String why = "the primary key";
        if (key.isEmpty()) {
            key = uniqueIndex(meta, table, required);
            why = key.isEmpty()
                    ? "no primary key, and no unique index without NULLs: name what tells records apart, or nothing of it can be put back"
                    : "a unique index without NULLs; there is no primary key";
        }
        return new Candidate(
                name,
                Map.of("table", place(meta.getIdentifierQuoteString(), table)),
                key.stream().map(column -> FieldPath.of(column).toString()).toList(),
                why,
                Map.of(),
                FieldNames.version(columns),
                FieldNames.changedAt(columns),
                FieldNames.personal(columns));
    }

    /** As {@code table} takes it: parts with a dot or a quote in them are quoted, and then all are. */
    private static String place(String quote, Table table) {
        List<String> parts = table.schema() == null ? List.of(table.name()) : List.of(table.schema(), table.name());
        boolean plain = parts.stream().noneMatch(part -> part.contains(".") || part.contains(quote));
        return parts.stream()
                .map(part -> plain ? part : quote + part.replace(quote, quote + quote) + quote)
                .collect(Collectors.joining("."));
    }

    /** A name where a pattern is asked for. */
    private static String literal(DatabaseMetaData meta, String name) throws SQLException {
        String escape = meta.getSearchStringEscape();
        return escape == null || escape.isEmpty()
                ? name
                : name.replace(escape, escape + escape)
                        .replace("_", escape + "_")
                        .replace("%", escape + "%");
    }

    private static List<String> primaryKey(DatabaseMetaData meta, Table table) throws SQLException {
        Map<Integer, String> columns = new TreeMap<>();
        try (ResultSet rows = meta.getPrimaryKeys(table.catalog(), table.schema(), table.name())) {
            while (rows.next()) {
                columns.put(rows.getInt("KEY_SEQ"), rows.getString("COLUMN_NAME"));
            }
        }
        return List.copyOf(columns.values());
    }

    /** The narrowest whose columns are never null. */
    private static List<String> uniqueIndex(DatabaseMetaData meta, Table table, Set<String> required)
            throws SQLException {
        Map<String, Map<Integer, String>> indexes = new TreeMap<>();
        Set<String> partial = new LinkedHashSet<>();
        try (ResultSet rows = meta.getIndexInfo(table.catalog(), table.schema(), table.name(), true, false)) {
            while (rows.next()) {
                String index = rows.getString("INDEX_NAME");
                String column = rows.getString("COLUMN_NAME");
                if (index != null && column != null) {
                    indexes.computeIfAbsent(index, name -> new TreeMap<>())
                            .put(rows.getInt("ORDINAL_POSITION"), column);
                    // A condition makes it say nothing of the other records.
                    if (rows.getString("FILTER_CONDITION") != null) {
                        partial.add(index);
                    }
                }
            }
        }
        indexes.keySet().removeAll(partial);
        return indexes.values().stream()
                .map(columns -> List.copyOf(columns.values()))
                .filter(required::containsAll)
                .min(java.util.Comparator.comparingInt(List::size))
                .orElse(List.of());
    }
}
