package dev.lastgood.audit.oracle;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The datasets of a shop at one moment. A value is null, a BigDecimal without trailing zeros, a String, a Boolean, a
 * LocalDate, a List or a Map; a field that is absent is not in its map.
 */
record Shop(Map<String, List<Item>> items) {

    /** What a scalar field holds. */
    enum Scalar {
        INT,
        DECIMAL,
        TEXT,
        FLAG,
        DAY
    }

    /**
     * A scalar field of a dataset, or of the elements of an array.
     *
     * @param path names from the record or element
     * @param pool what its values are taken from
     */
    record Field(String path, Scalar type, List<?> pool) {

        /** Values of a key: those of the pool, which others name, and more. */
        List<?> many() {
            Stream<?> more = IntStream.range(0, MORE_KEYS)
                    .mapToObj(i -> type == Scalar.INT ? BigDecimal.valueOf(100 + i) : (Object) ("z" + i));
            return Stream.concat(pool.stream(), more).toList();
        }
    }

    /** A dataset of the workspace. */
    record Table(String name, List<String> key, List<Field> fields, boolean documents) {
        Field field(String path) {
            return fields.stream()
                    .filter(field -> field.path().equals(path))
                    .findFirst()
                    .orElseThrow();
        }

        List<Field> of(Scalar... types) {
            return fields.stream()
                    .filter(field -> List.of(types).contains(field.type()))
                    .toList();
        }

        /** The names at the top of a record. */
        List<String> roots() {
            return fields.stream()
                    .map(field -> field.path().split("\\.", 2)[0])
                    .distinct()
                    .toList();
        }
    }

    private static final List<?> NUMBERS = numbers("0", "1", "2", "3", "5", "-1");
    private static final List<?> AMOUNTS = numbers("0", "10", "9.99", "10.01", "20.5", "-5", "30");
    private static final int MORE_KEYS = 16;
    private static final List<String> IDS = List.of("o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8", "o9");
    private static final List<String> SKUS = List.of("s1", "s2", "s3", "s4");
    private static final List<String> REGIONS = List.of("eu", "us");
    private static final List<String> NOTES = List.of("", "a", "b", "12", "3", "\u00e9", "a b");
    static final List<String> STATES = List.of("NEW", "PAID", "SHIPPED", "CLOSED", "LOST");
    private static final List<String> EMAILS = List.of("a@b.de", "c@d.example.com", "a@b", "x", "");

    static final List<Field> TAXES =
            List.of(new Field("code", Scalar.TEXT, List.of("x", "y", "")), new Field("rate", Scalar.INT, NUMBERS));

    static final List<Field> LINES = List.of(
            new Field("sku", Scalar.TEXT, SKUS),
            new Field("qty", Scalar.INT, NUMBERS),
            new Field("amount", Scalar.DECIMAL, AMOUNTS));

    static final List<Field> TAGS = List.of(new Field("element", Scalar.TEXT, List.of("s1", "s2", "s9", "")));

    /** The field that the workspace says is ignored where records are compared. */
    static final String IGNORED = "seen";

    static final Table ORDERS = new Table(
            "orders",
            List.of("id"),
            List.of(
                    new Field("id", Scalar.TEXT, IDS),
                    new Field("region", Scalar.TEXT, REGIONS),
                    new Field("customer", Scalar.INT, numbers("1", "2", "3", "4")),
                    new Field("status", Scalar.TEXT, STATES),
                    new Field("total", Scalar.DECIMAL, AMOUNTS),
                    new Field("qty", Scalar.INT, NUMBERS),
                    new Field("version", Scalar.INT, numbers("1", "2", "3")),
                    new Field("note", Scalar.TEXT, NOTES),
                    new Field("parent", Scalar.TEXT, IDS),
                    new Field("contact.email", Scalar.TEXT, EMAILS),
                    new Field("contact.zip", Scalar.TEXT, List.of("10115", "8001", "x")),
                    new Field("paid", Scalar.FLAG, List.of(true, false)),
                    new Field("day", Scalar.DAY, days("2026-01-01", "2026-01-02", "2026-03-01")),
                    new Field(IGNORED, Scalar.INT, NUMBERS)),
            true);

    static final Table CUSTOMERS = new Table(
            "customers",
            List.of("region", "id"),
            List.of(
                    new Field("region", Scalar.TEXT, REGIONS),
                    new Field("id", Scalar.INT, numbers("1", "2", "3", "4")),
                    new Field("name", Scalar.TEXT, NOTES),
                    new Field("level", Scalar.INT, NUMBERS),
                    new Field("balance", Scalar.DECIMAL, AMOUNTS),
                    new Field("since", Scalar.DAY, days("2026-01-01", "2026-01-02"))),
            false);

    static final Table PRODUCTS = new Table(
            "products",
            List.of("sku"),
            List.of(
                    new Field("sku", Scalar.TEXT, SKUS),
                    new Field("family", Scalar.TEXT, REGIONS),
                    new Field("stock", Scalar.INT, NUMBERS)),
            false);

    static final Table PAYMENTS = new Table(
            "payments",
            List.of("id"),
            List.of(
                    new Field("id", Scalar.INT, numbers("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")),
                    new Field("order_id", Scalar.TEXT, IDS),
                    new Field("region", Scalar.TEXT, REGIONS),
                    new Field("customer", Scalar.INT, numbers("1", "2", "3", "4")),
                    new Field("amount", Scalar.DECIMAL, AMOUNTS),
                    new Field("refunded", Scalar.FLAG, List.of(true, false))),
            true);

    static final Table MOVES = new Table(
            "moves",
            List.of("id"),
            List.of(
                    new Field("id", Scalar.INT, numbers("1", "2", "3", "4", "5", "6", "7", "8")),
                    new Field("sku", Scalar.TEXT, SKUS),
                    new Field("delta", Scalar.INT, NUMBERS)),
            false);

    static final List<Table> TABLES = List.of(ORDERS, CUSTOMERS, PRODUCTS, PAYMENTS, MOVES);

    /** What stands in the workspace below its datasets. */
    static final String DATASETS = """
        orders:
          source: here
          path: orders
          format: json
          key: [id]
          ignore: [seen]
          schema:
            id: string
            region: string
            customer: int
            status: string
            total: decimal(10,2)
            qty: int
            version: int
            note: string
            parent: string
            contact: "struct<email:string,zip:string>"
            paid: boolean
            day: date
            seen: int
            lines: "array<struct<sku:string,qty:int,amount:decimal(10,2),taxes:array<struct<code:string,rate:int>>>>"
            tags: "array<string>"
        customers:
          source: here
          path: customers
          format: csv
          key: [region, id]
          schema: {id: int, level: int, balance: "decimal(12,2)", since: date}
        products: {source: here, path: products, format: csv, key: [sku], schema: {stock: int}}
        payments:
          source: here
          path: payments
          format: json
          key: [id]
          schema:
            id: int
            order_id: string
            region: string
            customer: int
            amount: decimal(10,2)
            refunded: boolean
        moves: {source: here, path: moves, format: csv, key: [id], schema: {id: int, delta: int}}
        """;

    static Table table(String name) {
        return TABLES.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    List<Item> of(String table) {
        return items.getOrDefault(table, List.of());
    }

    @Nullable
    Item item(String table, String key) {
        return of(table).stream()
                .filter(item -> item.key().equals(key))
                .findFirst()
                .orElse(null);
    }

    /** A record, and the values of its key joined by commas. */
    record Item(String key, Map<String, @Nullable Object> fields) {

        static Item of(Table table, Map<String, @Nullable Object> fields) {
            return new Item(
                    table.key().stream().map(name -> text(fields.get(name))).collect(Collectors.joining(",")), fields);
        }

        @Nullable
        Object at(String path) {
            return Shop.at(fields, path);
        }
    }

    /** The value at a path of names; null where there is none. */
    static @Nullable Object at(@Nullable Object from, String path) {
        Object value = from;
        for (String name : path.split("\\.", -1)) {
            value = value instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return value;
    }

    static List<?> list(Object value) {
        return (List<?>) value;
    }

    private static List<?> numbers(String... texts) {
        return java.util.Arrays.stream(texts).map(Shop::number).toList();
    }

    private static List<?> days(String... texts) {
        return java.util.Arrays.stream(texts).map(LocalDate::parse).toList();
    }

    /** Equal numbers are equal objects. */
    static BigDecimal number(String text) {
        return normal(new BigDecimal(text));
    }

    static BigDecimal normal(BigDecimal number) {
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    static String text(@Nullable Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : String.valueOf(value);
    }

    // ---- as files

    /** The records of a dataset as the lines of a file. */
    static List<String> lines(Table table, List<Item> items) {
        List<String> lines = new ArrayList<>();
        if (!table.documents()) {
            lines.add(String.join(",", table.roots()));
        }
        for (Item item : items) {
            lines.add(
                    table.documents()
                            ? json(item.fields())
                            : table.roots().stream()
                                    .map(name -> cell(item.fields().get(name)))
                                    .collect(Collectors.joining(",")));
        }
        return lines;
    }

    private static String cell(@Nullable Object value) {
        return value == null ? "" : value instanceof String text ? '"' + text + '"' : text(value);
    }

    static String json(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> json(entry.getKey()) + ":" + json(entry.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        } else if (value instanceof List<?> list) {
            return list.stream().map(Shop::json).collect(Collectors.joining(",", "[", "]"));
        }
        return value instanceof String || value instanceof LocalDate ? "\"" + value + "\"" : text(value);
    }

    /** A copy of a value that can be changed. */
    static @Nullable Object copy(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((name, member) -> copy.put((String) name, copy(member)));
            return copy;
        } else if (value instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(member -> copy.add(copy(member)));
            return copy;
        }
        return value;
    }
}
