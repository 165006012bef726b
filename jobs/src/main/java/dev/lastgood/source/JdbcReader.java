package dev.lastgood.source;

import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.JDBCType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * A table of a database. What Spark's types cannot hold exactly is cast in the query: other types to text, times with a
 * zone to UTC. Reading is split into ranges of a field where the workspace says so.
 */
final class JdbcReader {
    private final SparkSession session;
    private final Source.Jdbc source;

    JdbcReader(SparkSession session, Source.Jdbc source) {
        this.session = session;
        this.source = source;
    }

    /** A column as the database has it. */
    private record Field(String name, int type, String typeName, int precision, int scale) {}

    Dataset<Row> read(DatasetSpec dataset) {
        String table = ((Location.Table) dataset.location()).name();
        try (Connection connection = connect()) {
            String quote = connection.getMetaData().getIdentifierQuoteString();
            String from = quoted(table, quote);
            List<Field> fields = fields(connection, from);
            boolean postgres = source.url().startsWith("jdbc:postgresql:");
            List<String> select = new ArrayList<>();
            for (Field field : fields) {
                String column = quote + field.name() + quote;
                select.add(expression(field, column, postgres) + " AS " + column);
            }
            DataFrameReader reader = session.read()
                    .format("jdbc")
                    .option("url", source.url())
                    .option("dbtable", "(SELECT " + String.join(", ", select) + " FROM " + from + ") lastgood_q")
                    .option("fetchsize", "5000")
                    .option("preferTimestampNTZ", "true")
                    .option("pushDownPredicate", "true");
            properties().forEach((name, value) -> reader.option((String) name, (String) value));
            split(connection, dataset, from, quote).forEach(reader::option);
            return typed(reader.load(), fields, postgres);
        } catch (SQLException e) {
            throw new SourceUnreadable(
                    "dataset '%s': table %s of source '%s' cannot be read: %s"
                            .formatted(dataset.name(), table, source.name(), e.getMessage()),
                    e);
        }
    }

    private Properties properties() {
        Properties properties = new Properties();
        if (source.user() != null) {
            properties.setProperty("user", source.user());
        }
        if (source.password() != null) {
            properties.setProperty("password", source.password().reveal());
        }
        return properties;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(source.url(), properties());
    }

    /** Each part of a dotted name quoted; a name the user quoted stays as it is. */
    static String quoted(String table, String quote) {
        if (table.contains(quote)) {
            return table;
        }
        List<String> parts = new ArrayList<>();
        for (String part : table.split("\\.", -1)) {
            parts.add(quote + part + quote);
        }
        return String.join(".", parts);
    }

    private static List<Field> fields(Connection connection, String from) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet none = statement.executeQuery("SELECT * FROM " + from + " WHERE 1 = 0")) {
            var meta = none.getMetaData();
            List<Field> fields = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                fields.add(new Field(
                        meta.getColumnLabel(i),
                        meta.getColumnType(i),
                        meta.getColumnTypeName(i).toLowerCase(Locale.ROOT),
                        meta.getPrecision(i),
                        meta.getScale(i)));
            }
            return fields;
        }
    }

    private static String expression(Field field, String column, boolean postgres) {
        switch (field.type()) {
            case Types.BIT, Types.BOOLEAN:
                return postgres && !field.typeName().equals("bool") ? text(column, postgres) : column;
            case Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.REAL, Types.FLOAT, Types.DOUBLE, Types.DATE:
            case Types.LONGVARCHAR, Types.CLOB, Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB:
                return column;
            case Types.VARCHAR:
                // PostgreSQL calls enums and other types of its own varchar as well.
                return postgres
                                && !field.typeName().equals("varchar")
                                && !field.typeName().equals("text")
                        ? text(column, postgres)
                        : column;
            case Types.TINYINT:
                return "CAST(" + column + " AS SMALLINT)";
            case Types.DECIMAL, Types.NUMERIC:
                boolean exact = field.precision() > 0 && field.precision() <= 38 && field.scale() >= 0;
                return exact ? column : postgres ? "trim_scale(" + column + ")::text" : text(column, postgres);
            case Types.CHAR:
                return "TRIM(TRAILING FROM " + text(column, postgres) + ")";
            case Types.TIMESTAMP:
                return column;
            case Types.TIMESTAMP_WITH_TIMEZONE:
                return postgres ? column : "CAST(" + column + " AT TIME ZONE 'UTC' AS TIMESTAMP(9))";
            default:
                return text(column, postgres);
        }
    }

    private static String text(String column, boolean postgres) {
        return postgres ? column + "::text" : "CAST(" + column + " AS VARCHAR)";
    }

    /** Times with a zone are points in time again. */
    private static Dataset<Row> typed(Dataset<Row> read, List<Field> fields, boolean postgres) {
        List<Column> columns = new ArrayList<>();
        for (Field field : fields) {
            Column column = functions.col(Shape.quoted(field.name()));
            boolean instant = field.type() == Types.TIMESTAMP_WITH_TIMEZONE
                    || (postgres && field.typeName().equals("timestamptz"));
            columns.add(instant ? column.cast("timestamp").alias(field.name()) : column);
        }
        return read.select(columns.toArray(Column[]::new));
    }

    /** Ranges over the field between its least and greatest value; everything in one go if there is no such field. */
    private Map<String, String> split(Connection connection, DatasetSpec dataset, String from, String quote)
            throws SQLException {
        DatasetSpec.Split split = dataset.split();
        if (split == null) {
            return Map.of();
        }
        String column = quote + split.by().root() + quote;
        try (Statement statement = connection.createStatement();
                ResultSet bounds =
                        statement.executeQuery("SELECT MIN(" + column + "), MAX(" + column + ") FROM " + from)) {
            if (!bounds.next() || bounds.getString(1) == null) {
                return Map.of();
            }
            int type = bounds.getMetaData().getColumnType(1);
            if (!List.of(
                            Types.SMALLINT,
                            Types.INTEGER,
                            Types.BIGINT,
                            Types.DATE,
                            Types.TIMESTAMP,
                            Types.DECIMAL,
                            Types.NUMERIC)
                    .contains(type)) {
                throw new SourceUnreadable("dataset '%s': it cannot be split by %s, which is of type %s"
                        .formatted(
                                dataset.name(),
                                split.by(),
                                JDBCType.valueOf(type).getName()));
            }
            Map<String, String> options = new LinkedHashMap<>();
            options.put("partitionColumn", column);
            options.put("lowerBound", bounds.getString(1));
            options.put("upperBound", bounds.getString(2));
            options.put("numPartitions", Integer.toString(split.into()));
            return options;
        }
    }
}
