package dev.lastgood.cli;

import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.demo.Shop;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The demo's shop with its records in containers of Cosmos DB. Its people and its bug write to the shop's own tables, where
 * every write is logged for the truth; {@link #written} then writes to the containers what they wrote, record by record, and
 * {@link #readBack} puts into the tables what the containers hold, for the truth to judge. What is tried sees containers alone.
 */
final class ShopInCosmos implements AutoCloseable {
    private static final int PRECONDITION_FAILED = 412;

    /** What is a dataset, and by which field its documents are spread; ids of other records are texts, as ids are. */
    enum Kind {
        CUSTOMERS("id"),
        ORDERS("id"),
        PAYMENTS("order_id"),
        PRODUCTS("id");

        private static final List<String> IDS = List.of("id", "customer_id", "order_id");

        private final String partition;

        Kind(String partition) {
            this.partition = partition;
        }

        String table() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The document of a record as it was last written, and the one to write. Null: there is none. */
    record Write(
            Kind kind,
            @Nullable ObjectNode before,
            @Nullable ObjectNode after) {}

    private final Connection connection;
    private final Map<Kind, CosmosContainer> containers = new EnumMap<>(Kind.class);
    private final Map<Kind, Map<String, ObjectNode>> known = new EnumMap<>(Kind.class);

    ShopInCosmos(Path folder, CosmosForTests cosmos) throws SQLException {
        connection = DriverManager.getConnection(Shop.jdbcUrl(folder), Shop.GUEST, Shop.PASSWORD);
        for (Kind kind : Kind.values()) {
            containers.put(kind, cosmos.container("/" + kind.partition));
            known.put(kind, Map.of());
        }
    }

    String container(Kind kind) {
        return container(kind, containers).getId();
    }

    private static <T> T container(Kind kind, Map<Kind, T> of) {
        return Objects.requireNonNull(of.get(kind));
    }

    /** What was written to the tables since this was last asked, in the order of tables and ids. */
    List<Write> written() throws SQLException {
        List<Write> writes = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Map<String, ObjectNode> before = container(kind, known);
            Map<String, ObjectNode> now = rows(kind);
            now.forEach((id, document) -> {
                if (!document.equals(before.get(id))) {
                    writes.add(new Write(kind, before.get(id), document));
                }
            });
            before.forEach((id, document) -> {
                if (!now.containsKey(id)) {
                    writes.add(new Write(kind, document, null));
                }
            });
            known.put(kind, now);
        }
        return writes;
    }

    private Map<String, ObjectNode> rows(Kind kind) throws SQLException {
        Map<String, ObjectNode> rows = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select * from public." + kind.table())) {
            ResultSetMetaData columns = result.getMetaData();
            while (result.next()) {
                ObjectNode document = JsonNodeFactory.instance.objectNode();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    String name = columns.getColumnName(i);
                    document.set(name, json(name, result.getObject(i)));
                }
                rows.put(document.get("id").asText(), document);
            }
        }
        return rows;
    }

    private static JsonNode json(String name, @Nullable Object value) {
        if (value == null) {
            return NullNode.getInstance();
        }
        if (name.equals("lines")) {
            return WorkspaceForTests.json(value.toString());
        }
        if (value instanceof BigDecimal decimal) {
            return DecimalNode.valueOf(decimal);
        }
        if (value instanceof Number number && !Kind.IDS.contains(name)) {
            return LongNode.valueOf(number.longValue());
        }
        return TextNode.valueOf(
                value instanceof OffsetDateTime time ? time.toInstant().toString() : value.toString());
    }

    // ---- the application's writes

    /** Does to the containers what was done to the tables. What somebody else wrote to a document meanwhile stays. */
    void write(Iterable<Write> writes) {
        writes.forEach(this::write);
    }

    void write(Write write) {
        CosmosContainer container = container(write.kind(), containers);
        ObjectNode before = write.before();
        ObjectNode after = write.after();
        ObjectNode one = Objects.requireNonNull(after == null ? before : after);
        String id = one.get("id").asText();
        PartitionKey partition =
                new PartitionKey(one.get(write.kind().partition).asText());
        if (after == null) {
            container.deleteItem(id, partition, new CosmosItemRequestOptions());
        } else if (before == null) {
            container.createItem(after, partition, new CosmosItemRequestOptions());
        } else {
            change(container, id, partition, before, after);
        }
    }

    /** The fields that were written, on the condition that nobody else wrote meanwhile, or again. */
    private static void change(
            CosmosContainer container, String id, PartitionKey partition, ObjectNode before, ObjectNode after) {
        while (true) {
            CosmosItemResponse<ObjectNode> read = container.readItem(id, partition, ObjectNode.class);
            ObjectNode document = read.getItem();
            after.properties().forEach(field -> {
                if (!field.getValue().equals(before.get(field.getKey()))) {
                    document.set(field.getKey(), field.getValue());
                }
            });
            try {
                container.replaceItem(
                        document, id, partition, new CosmosItemRequestOptions().setIfMatchETag(read.getETag()));
                return;
            } catch (CosmosException e) {
                if (e.getStatusCode() != PRECONDITION_FAILED) {
                    throw e;
                }
            }
        }
    }

    // ---- for the truth

    /** Puts what the containers hold into the tables. */
    void readBack() throws SQLException {
        connection.setAutoCommit(false);
        for (Kind kind : Kind.values()) {
            Map<String, ObjectNode> tables = rows(kind);
            Map<String, ObjectNode> held = new TreeMap<>();
            container(kind, containers)
                    .queryItems("SELECT * FROM c", new CosmosQueryRequestOptions(), ObjectNode.class)
                    .forEach(document -> held.put(document.get("id").asText(), document));
            for (Map.Entry<String, ObjectNode> table : tables.entrySet()) {
                if (!held.containsKey(table.getKey())) {
                    delete(kind, table.getKey());
                }
            }
            for (Map.Entry<String, ObjectNode> one : held.entrySet()) {
                delete(kind, one.getKey());
                insert(kind, one.getValue());
            }
            known.put(kind, rows(kind));
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private void delete(Kind kind, String id) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from public." + kind.table() + " where id = ?")) {
            delete.setLong(1, Long.parseLong(id));
            delete.executeUpdate();
        }
    }

    private void insert(Kind kind, ObjectNode document) throws SQLException {
        try (PreparedStatement columns =
                connection.prepareStatement("select * from public." + kind.table() + " where false")) {
            ResultSetMetaData described = columns.executeQuery().getMetaData();
            List<String> names = new ArrayList<>();
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 1; i <= described.getColumnCount(); i++) {
                String name = described.getColumnName(i);
                names.add(name);
                values.add(value(name, described.getColumnType(i), document.path(name)));
            }
            try (PreparedStatement insert = connection.prepareStatement("insert into public." + kind.table() + " ("
                    + String.join(", ", names) + ") values (" + "?, ".repeat(names.size() - 1) + "?)")) {
                for (int i = 0; i < values.size(); i++) {
                    insert.setObject(i + 1, values.get(i));
                }
                insert.executeUpdate();
            }
        }
    }

    /** The text of lines as the shop writes it: the tables are compared by it. */
    private static @Nullable Object value(String name, int type, JsonNode node) {
        if (node.isNull() || node.isMissingNode()) {
            return null;
        }
        if (name.equals("lines")) {
            List<String> lines = new ArrayList<>();
            for (Iterator<JsonNode> line = node.elements(); line.hasNext(); ) {
                JsonNode one = line.next();
                lines.add("{\"line_no\":%s,\"sku\":%s,\"qty\":%s,\"amount\":%s}"
                        .formatted(
                                one.get("line_no").decimalValue().toBigInteger(),
                                one.get("sku"),
                                one.get("qty").decimalValue().toBigInteger(),
                                one.get("amount").decimalValue().setScale(2).toPlainString()));
            }
            return "[" + String.join(",", lines) + "]";
        }
        return switch (type) {
            case Types.DECIMAL, Types.NUMERIC -> node.decimalValue().setScale(2);
            case Types.BIGINT, Types.INTEGER -> Long.valueOf(node.asText().replaceFirst("\\.0$", ""));
            case Types.DATE -> LocalDate.parse(node.asText());
            case Types.TIMESTAMP_WITH_TIMEZONE -> Instant.parse(node.asText()).atOffset(ZoneOffset.UTC);
            default -> node.asText();
        };
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
