package dev.lastgood.suggest;

import dev.lastgood.WorkspaceForTests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A shop with two snapshots. Some things are true of it because they must be, others by half: a code that occurs twice, a
 * city that contradicts its zip, a reference that dangles, a number that went back.
 */
final class ShopToLearnFrom {
    static final String DATASETS = """
            customers:
              source: here
              path: customers.csv
              format: csv
              key: [id]
              schema: {id: int, balance: "decimal(10,2)", born: date}
              mask: {secret: full}
            products:
              source: here
              path: products.csv
              format: csv
              key: [sku]
              schema: {price: "decimal(10,2)"}
            orders:
              source: here
              path: orders.jsonl
              format: json
              key: [id]
            empty:
              source: here
              path: empty.csv
              format: csv
              key: [id]
            """;

    private static final int CUSTOMERS = 200;
    private static final int PRODUCTS = 60;
    private static final int ORDERS = 240;
    private static final List<String> ZIPS = List.of("0150", "0250", "5003", "7010", "9008", "4006");
    private static final List<String> CITIES = List.of("Oslo", "Oslo", "Bergen", "Trondheim", "Tromso", "Stavanger");
    private static final List<String> STATES = List.of("NEW", "PAID", "SHIPPED", "DELIVERED");

    private ShopToLearnFrom() {}

    /** Taken twice; between the snapshots a quarter of the orders moves on. */
    static WorkspaceForTests in(Path folder) {
        WorkspaceForTests shop = WorkspaceForTests.in(folder, DATASETS);
        shop.file("customers.csv", customers());
        shop.file("products.csv", products());
        shop.file("empty.csv", "id,name");
        shop.file("orders.jsonl", orders(0));
        shop.take();
        shop.file("orders.jsonl", orders(1));
        shop.take();
        return shop;
    }

    private static String[] customers() {
        Random random = new Random(1);
        List<String> lines = new ArrayList<>(List.of("id,email,country,zip,city,area,balance,born,code,nick,secret"));
        for (int i = 1; i <= CUSTOMERS; i++) {
            int place = random.nextInt(ZIPS.size());
            // One of them is in the wrong area: what a zip says of it is no rule.
            String area = i == 77 ? "Nowhere" : CITIES.get(place).substring(0, 3);
            lines.add(String.join(
                    ",",
                    Integer.toString(i),
                    "user%d@shop%d.example".formatted(i, random.nextInt(5)),
                    random.nextInt(4) == 0 ? "SE" : "NO",
                    ZIPS.get(place),
                    CITIES.get(place),
                    area,
                    String.format(Locale.ROOT, "%.2f", random.nextInt(90_000) / 100.0),
                    "19%02d-%02d-11".formatted(50 + random.nextInt(50), 1 + random.nextInt(12)),
                    // Two of them have the same.
                    "C-%04d".formatted(i == 200 ? 199 : i),
                    random.nextInt(3) == 0 ? "" : "nick " + random.nextInt(1_000),
                    "s3cret-%d".formatted(random.nextInt(3))));
        }
        return lines.toArray(String[]::new);
    }

    private static String[] products() {
        Random random = new Random(2);
        List<String> lines = new ArrayList<>(List.of("sku,title,price"));
        for (int i = 1; i <= PRODUCTS; i++) {
            lines.add("SKU-%05d,Thing %s,%.2f"
                    .formatted(i * 7, i % 7, (100 + random.nextInt(9_900)) / 100.0)
                    .replace(",%", ","));
        }
        return lines.toArray(String[]::new);
    }

    /** @param day 0 or 1 */
    private static String[] orders(int day) {
        Random random = new Random(3);
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= ORDERS; i++) {
            boolean moves = day == 1 && i % 4 == 0;
            int state = random.nextInt(3) + (moves ? 1 : 0);
            int customer = 1 + random.nextInt(CUSTOMERS);
            // Nobody has written that one.
            int author = i == 13 ? 9_999 : 1 + random.nextInt(CUSTOMERS);
            int quantity = 1 + random.nextInt(9);
            int version = 1 + random.nextInt(5) + (moves ? 1 : 0);
            int stock = 50 + random.nextInt(40) + (moves ? (i % 8 == 0 ? 5 : -5) : 0);
            lines.add(
                    ("{\"id\":%d,\"customer_id\":%d,\"author_customer_id\":%d,\"status\":\"%s\",\"version\":%d,\"stock\":%d,"
                                    + "\"placed_at\":\"2026-0%d-%02dT10:00:00Z\",\"lines\":[{\"sku\":\"SKU-%05d\",\"quantity\":%d},"
                                    + "{\"sku\":\"SKU-%05d\",\"quantity\":%d}],\"tags\":[\"%s\"]}")
                            .formatted(
                                    i,
                                    customer,
                                    author,
                                    STATES.get(state),
                                    version,
                                    stock,
                                    1 + random.nextInt(9),
                                    1 + random.nextInt(28),
                                    7 * (1 + random.nextInt(PRODUCTS)),
                                    quantity,
                                    7 * (1 + random.nextInt(PRODUCTS)),
                                    1 + random.nextInt(5),
                                    random.nextBoolean() ? "gift" : "plain"));
        }
        return lines.toArray(String[]::new);
    }
}
