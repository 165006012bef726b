package dev.lastgood.source;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.record.Key;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A table of a database, each column as {@link Database} asks for it. Reading is split into ranges of a field where the
 * workspace says so; every record is in exactly one of them.
 */
final class JdbcReader {
    private static final int ROWS_AT_ONCE = 5_000;

    /** Beyond these years the databases' notations of a time differ; a range may as well end there. */
    private static final LocalDate FIRST_DAY = LocalDate.of(1, 1, 1);

    private static final LocalDate LAST_DAY = LocalDate.of(9999, 12, 31);

    private final SparkSession session;
    private final Source.Jdbc source;
    private final @Nullable ExportedSnapshot moment;

    /** @param moment what every query is to see; null: what is there when it is asked */
    JdbcReader(SparkSession session, Source.Jdbc source, @Nullable ExportedSnapshot moment) {
        this.session = session;
        this.source = source;
        this.moment = moment;
    }

    /** Records of which a field names no time before that one, or none at all. */
    record Since(FieldPath field, Instant time) {}

    /** @param since null: all records; a field that is no time the database can be asked for leaves out none either */
    Dataset<Row> read(DatasetSpec dataset, @Nullable Since since) {
        return read(dataset, since, null);
    }

    /**
     * The records with one of these keys, and perhaps others: asked for by key where the database surely takes for equal what
     * is, else all there are.
     */
    Dataset<Row> read(DatasetSpec dataset, Collection<Key> keys) {
        return read(dataset, null, keys);
    }

    private Dataset<Row> read(DatasetSpec dataset, @Nullable Since since, @Nullable Collection<Key> keys) {
        String table = ((Location.Table) dataset.location()).name();
        try (Connection connection = connect(dataset)) {
            try {
                if (moment != null) {
                    moment.enter(connection);
                }
                return read(dataset, new Table(connection, table), since, keys);
            } catch (SQLException e) {
                if (moment != null) {
                    // Nothing can be asked in a transaction that has failed.
                    connection.rollback();
                }
                throw unreadable(dataset, table, e, connection);
            }
        } catch (SQLException e) {
            throw new SourceUnreadable(
                    "dataset '%s': the connection to source '%s' failed: %s"
                            .formatted(dataset.name(), source.name(), first(e)),
                    e);
        }
    }

    /** The table as the database describes it. */
    private static final class Table {
        final Connection connection;
        final Database database;
        final String quote;
        final String from;
        final List<Database.Field> fields = new ArrayList<>();

        Table(Connection connection, String name) throws SQLException {
            this.connection = connection;
            this.database = Database.of(connection);
            this.quote = connection.getMetaData().getIdentifierQuoteString();
            this.from = parts(name, quote);
            try (Statement statement = connection.createStatement();
                    ResultSet none = statement.executeQuery("SELECT * FROM " + from + " WHERE 1 = 0")) {
                var meta = none.getMetaData();
                for (int i = 1; i <= meta.getColumnCount(); i++) {
                    fields.add(new Database.Field(
                            meta.getColumnLabel(i),
                            meta.getColumnType(i),
                            meta.getColumnTypeName(i).toLowerCase(Locale.ROOT),
                            meta.getPrecision(i),
                            meta.getScale(i)));
                }
            }
        }

        String quoted(String name) {
            return quote + name.replace(quote, quote + quote) + quote;
        }
    }

    /** Each part of a dotted name quoted; a name that is quoted already stays as it is. */
    static String parts(String name, String quote) {
        if (name.contains(quote)) {
            return name;
        }
        StringJoiner parts = new StringJoiner(".");
        for (String part : name.split("\\.", -1)) {
            parts.add(quote + part + quote);
        }
        return parts.toString();
    }

    private Dataset<Row> read(DatasetSpec dataset, Table table, @Nullable Since since, @Nullable Collection<Key> keys)
            throws SQLException {
        List<Database.Reading> readings = new ArrayList<>();
        List<String> select = new ArrayList<>();
        for (Database.Field field : table.fields) {
            Database.Reading reading = table.database.reading(field, table.quoted(field.name()));
            if (reading == null) {
                throw new SourceUnreadable(
                        "dataset '%s': field '%s' is of type %s, which cannot be read exactly from this database"
                                .formatted(dataset.name(), field.name(), field.typeName()),
                        "Let 'table' name a view that leaves it out, or casts it to text.",
                        null);
            }
            select.add(reading.sql() + " AS " + table.quoted(alias(readings.size())));
            readings.add(reading);
        }
        String[] wanted = keys == null
                ? new String[0]
                : KeyPredicates.of(dataset, keys, table.database, table::quoted, table.fields, readings);
        Split split = wanted.length > 0 ? null : split(dataset, table);
        if (split != null) {
            select.add(table.quoted(split.field().name()) + " AS " + table.quoted(SPLIT));
        }
        List<String> conditions = new ArrayList<>();
        if (moment != null) {
            conditions.add(moment.guard());
        }
        if (since != null) {
            written(since, table).ifPresent(conditions::add);
        }
        String query = "(SELECT " + String.join(", ", select) + " FROM " + table.from
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions)) + ") lastgood_q";
        Properties properties = login(source);
        String entrance = moment == null ? table.database.entrance() : moment.entrance();
        if (!entrance.isEmpty()) {
            properties.setProperty("sessionInitStatement", entrance);
        }
        properties.setProperty("fetchsize", Integer.toString(ROWS_AT_ONCE));
        properties.setProperty("preferTimestampNTZ", "true");
        if (wanted.length > 0) {
            int atOnce = Math.min(
                    wanted.length,
                    Math.min(connections(), session.sparkContext().defaultParallelism()));
            Dataset<Row> some =
                    session.read().jdbc(source.url(), query, wanted, properties).coalesce(atOnce);
            return named(paced(some, atOnce), table.fields, readings);
        }
        Dataset<Row> asked = split == null
                ? session.read().jdbc(source.url(), query, properties)
                : session.read().jdbc(source.url(), query, split.ranges(table.quoted(SPLIT)), properties);
        return named(paced(asked, split == null ? 1 : split.starts().size() + 1), table.fields, readings);
    }

    /** @param parts in how many it is read */
    private Dataset<Row> paced(Dataset<Row> asked, int parts) {
        Long limit = source.limit().recordsPerSecond();
        int atOnce = Math.max(1, Math.min(parts, session.sparkContext().defaultParallelism()));
        return limit == null ? asked : Pace.of(asked, limit, atOnce);
    }

    private static Optional<String> written(Since since, Table table) {
        return table.fields.stream()
                .filter(field -> field.name().equals(since.field().toString()))
                .findFirst()
                .flatMap(field -> {
                    String column = table.quoted(field.name());
                    Scale scale = scale(field, table.database, column);
                    boolean isDay = field.type() == Types.DATE;
                    boolean isTime = field.type() == Types.TIMESTAMP || field.type() == Types.TIMESTAMP_WITH_TIMEZONE;
                    if (scale == null || !(isDay || isTime)) {
                        return Optional.empty();
                    }
                    long from = isDay
                            ? LocalDate.ofInstant(since.time(), ZoneOffset.UTC).toEpochDay()
                            : ChronoUnit.MICROS.between(Instant.EPOCH, since.time());
                    String literal = scale.literal().apply(BigInteger.valueOf(from));
                    return Optional.of("(%1$s >= %2$s OR %1$s IS NULL)".formatted(column, literal));
                });
    }

    /** Names in the query are ours: not every one that a database allows can be told to Spark. */
    static String alias(int number) {
        return "c" + number;
    }

    private static Dataset<Row> named(
            Dataset<Row> asked, List<Database.Field> fields, List<Database.Reading> readings) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            Database.Reading reading = readings.get(i);
            Metadata metadata = reading.holds() == Database.Reading.Holds.NUMBER ? Shape.number() : Metadata.empty();
            columns.add(reading.toSpark()
                    .apply(functions.col(alias(i)))
                    .as(fields.get(i).name(), metadata));
        }
        return asked.select(columns.toArray(Column[]::new));
    }

    // ---- connecting

    static Properties login(Source.Jdbc source) {
        Properties properties = new Properties();
        if (source.user() != null) {
            properties.setProperty("user", source.user());
        }
        if (source.password() != null) {
            properties.setProperty("password", source.password().reveal());
        }
        return properties;
    }

    private Connection connect(DatasetSpec dataset) {
        try {
            return DriverManager.getConnection(source.url(), login(source));
        } catch (SQLException e) {
            String state = Objects.requireNonNullElse(e.getSQLState(), "");
            boolean refused = state.startsWith("28");
            throw new SourceUnreadable(
                    "dataset '%s': cannot connect to source '%s': %s"
                            .formatted(dataset.name(), source.name(), first(e)),
                    refused
                            ? "Check 'user' and 'password' of source '%s' in lastgood.yaml.".formatted(source.name())
                            : first(e).startsWith("No suitable driver")
                                    ? "Put the database's JDBC driver into the folder 'jars' of the distribution."
                                    : "Check 'jdbc' of source '%s' in lastgood.yaml, and that the database is running."
                                            .formatted(source.name()),
                    e);
        }
    }

    /** The first line of what the driver says; H2 adds the whole statement. */
    static String first(Throwable e) {
        String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return line.replaceFirst("; SQL statement:$", "").strip();
    }

    private SourceUnreadable unreadable(DatasetSpec dataset, String table, SQLException e, Connection connection) {
        if (isMissing(e)) {
            return new SourceUnreadable(
                    "dataset '%s': source '%s' has no table '%s'".formatted(dataset.name(), source.name(), table),
                    tables(table, connection),
                    e);
        }
        return new SourceUnreadable(
                "dataset '%s': table '%s' of source '%s' cannot be read: %s"
                        .formatted(dataset.name(), table, source.name(), first(e)),
                e);
    }

    private static boolean isMissing(SQLException e) {
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        return state.equals("42P01") || state.startsWith("42S0") || state.equals("3F000") || state.equals("90079");
    }

    /** What to write instead: table names count exactly as the database has them. */
    private static @Nullable String tables(String table, Connection connection) {
        TreeSet<String> names = new TreeSet<>();
        String own = Objects.requireNonNullElse(schema(connection), "");
        try (ResultSet found = connection.getMetaData().getTables(connection.getCatalog(), null, "%", new String[] {
            "TABLE", "BASE TABLE", "VIEW", "PARTITIONED TABLE", "MATERIALIZED VIEW"
        })) {
            while (found.next()) {
                String schema = Objects.requireNonNullElse(found.getString("TABLE_SCHEM"), "");
                String name = found.getString("TABLE_NAME");
                if (!schema.equalsIgnoreCase("information_schema")) {
                    names.add(schema.isEmpty() || schema.equals(own) ? name : schema + "." + name);
                }
            }
        } catch (SQLException e) {
            return null;
        }
        String wanted = table.startsWith(own + ".") ? table.substring(own.length() + 1) : table;
        return Suggestions.nearest(wanted, names)
                .map(near -> "Did you mean '%s'? Upper and lower case count.".formatted(near))
                .orElse(
                        names.isEmpty()
                                ? "Its user sees no tables at all."
                                : "It has "
                                        + names.stream().limit(20).collect(java.util.stream.Collectors.joining(", "))
                                        + (names.size() > 20 ? " and %,d more.".formatted(names.size() - 20) : "."));
    }

    private static @Nullable String schema(Connection connection) {
        try {
            return connection.getSchema();
        } catch (SQLException e) {
            return null;
        }
    }

    // ---- splitting

    private static final String SPLIT = "lastgood_split";

    /**
     * A field and the values at which its ranges begin, but for the first range, which has no beginning.
     *
     * @param starts in the database's notation, ascending
     */
    private record Split(Database.Field field, List<String> starts) {
        /** Conditions of which exactly one is true of every row, also where the field is NULL. */
        String[] ranges(String column) {
            List<String> ranges = new ArrayList<>();
            for (int i = 0; i <= starts.size(); i++) {
                String from = i == 0 ? "" : column + " >= " + starts.get(i - 1);
                String to = i == starts.size() ? "" : column + " < " + starts.get(i);
                String both = from + (from.isEmpty() || to.isEmpty() ? "" : " AND ") + to;
                ranges.add(i == 0 ? (both.isEmpty() ? "1 = 1" : both + " OR " + column + " IS NULL") : both);
            }
            return ranges.toArray(String[]::new);
        }
    }

    private @Nullable Split split(DatasetSpec dataset, Table table) throws SQLException {
        DatasetSpec.Split wanted = dataset.split();
        if (wanted == null) {
            return null;
        }
        Database.Field field = table.fields.stream()
                .filter(one -> one.name().equals(wanted.by().toString()))
                .findFirst()
                .orElseThrow(() -> unknown(dataset, wanted, table));
        String column = table.quoted(field.name());
        Scale scale = scale(field, table.database, column);
        if (scale == null) {
            throw refusal(
                    dataset,
                    wanted,
                    "dataset '%s' cannot be split by '%s', which is of type %s"
                            .formatted(dataset.name(), wanted.by(), field.typeName()),
                    "Ranges can be made of numbers, dates and times.");
        }
        int parts = Math.min(wanted.into(), connections());
        try (Statement statement = table.connection.createStatement();
                ResultSet bounds = statement.executeQuery(
                        "SELECT MIN(%s), MAX(%s) FROM %s".formatted(scale.sql(), scale.sql(), table.from))) {
            bounds.next();
            return new Split(field, starts(bounds.getString(1), bounds.getString(2), parts, scale));
        }
    }

    /** How many may read at once; one more holds the moment. */
    private int connections() {
        Integer limit = source.limit().connections();
        return limit == null ? Integer.MAX_VALUE : Math.max(1, moment == null ? limit : limit - 1);
    }

    private static InvalidInput unknown(DatasetSpec dataset, DatasetSpec.Split wanted, Table table) {
        StructType known = new StructType();
        for (Database.Field field : table.fields) {
            known = known.add(field.name(), "string");
        }
        FieldTypes.NoSuchField unknown = FieldTypes.unknown(wanted.by().root(), known, dataset.name(), null);
        return refusal(dataset, wanted, String.valueOf(unknown.getMessage()), unknown.hint());
    }

    private static InvalidInput refusal(DatasetSpec dataset, DatasetSpec.Split wanted, String message, String hint) {
        Problems problems = new Problems();
        problems.error(dataset.places().of(wanted.by()), message, hint);
        return new InvalidInput(problems.list());
    }

    /**
     * How values of a field lie on a line of integers.
     *
     * @param sql the place of a value on it
     * @param literal the value at a place
     */
    private record Scale(String sql, Function<BigInteger, String> literal) {
        static @Nullable Scale of(@Nullable String sql, Function<BigInteger, String> literal) {
            return sql == null ? null : new Scale(sql, literal);
        }
    }

    private static @Nullable Scale scale(Database.Field field, Database database, String column) {
        switch (field.type()) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.DECIMAL, Types.NUMERIC:
                return new Scale(column, BigInteger::toString);
            case Types.DATE:
                return Scale.of(database.days(column), days -> "DATE '" + day(days) + "'");
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE:
                boolean zoned = field.type() == Types.TIMESTAMP_WITH_TIMEZONE
                        || field.typeName().equals("timestamptz");
                return Scale.of(database.micros(column), micros -> time(micros, zoned));
            default:
                return null;
        }
    }

    private static LocalDate day(BigInteger days) {
        LocalDate day = LocalDate.ofEpochDay(days.longValue());
        return day.isBefore(FIRST_DAY) ? FIRST_DAY : day.isAfter(LAST_DAY) ? LAST_DAY : day;
    }

    private static String time(BigInteger micros, boolean zoned) {
        LocalDateTime time =
                LocalDateTime.ofInstant(Instant.EPOCH.plus(micros.longValue(), ChronoUnit.MICROS), ZoneOffset.UTC);
        LocalDate day = day(BigInteger.valueOf(time.toLocalDate().toEpochDay()));
        LocalDateTime near = day.equals(time.toLocalDate()) ? time : day.atStartOfDay();
        String text = near.toString().replace('T', ' ') + (near.getSecond() == 0 && near.getNano() == 0 ? ":00" : "");
        return zoned ? "TIMESTAMP WITH TIME ZONE '" + text + "+00:00'" : "TIMESTAMP '" + text + "'";
    }

    /** So many ranges of equal width between the least and the greatest value; fewer if they lie close together. */
    private static List<String> starts(@Nullable String least, @Nullable String greatest, int parts, Scale scale) {
        BigInteger from = integer(least);
        BigInteger to = integer(greatest);
        if (from == null || to == null) {
            return List.of();
        }
        BigInteger width = to.subtract(from);
        List<String> starts = new ArrayList<>();
        for (int i = 1; i < parts; i++) {
            String start = scale.literal()
                    .apply(from.add(width.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(parts))));
            if (!starts.contains(start)) {
                starts.add(start);
            }
        }
        return starts;
    }

    private static @Nullable BigInteger integer(@Nullable String number) {
        try {
            return number == null
                    ? null
                    : new BigDecimal(number).setScale(0, RoundingMode.FLOOR).toBigInteger();
        } catch (NumberFormatException e) {
            // NaN and the infinities of a number: one range it is.
            return null;
        }
    }
}
