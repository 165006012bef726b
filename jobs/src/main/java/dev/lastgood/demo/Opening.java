package dev.lastgood.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The shop on the evening before the story begins. All of it was written by legitimate writers before the log begins;
 * the truth learns such a value from the old value of the first write that replaced it.
 */
final class Opening {
    private static final int BATCH = 2_000;
    private static final int DAYS_OF_HISTORY = 90;
    private static final List<String> RELEASES = List.of("4.1.7", "4.1.8", "4.2.0", "4.2.0");

    private final Connection connection;
    private final Random random;
    private final Fiction fiction;
    private final Instant evening;

    Opening(Connection connection, Random random, Instant evening) {
        this.connection = connection;
        this.random = random;
        this.fiction = new Fiction(random);
        this.evening = evening;
    }

    void fill(int products, int customers, int orders) throws SQLException {
        var prices = new ArrayList<Fiction.Price>();
        try (Bulk bulk = new Bulk(Table.PRODUCTS)) {
            for (long key = 1; key <= products; key++) {
                Row product = fiction.product(key);
                prices.add(new Fiction.Price(product.text("sku"), product.decimal("price")));
                bulk.add(product);
            }
        }
        try (Bulk bulk = new Bulk(Table.CUSTOMERS)) {
            for (long key = 1; key <= customers; key++) {
                bulk.add(fiction.customer(key));
            }
        }
        sell(orders, customers, prices);
    }

    private void sell(int count, int customers, List<Fiction.Price> prices) throws SQLException {
        LocalDate today = LocalDate.ofInstant(evening, ZoneOffset.UTC);
        long payment = 0;
        try (Bulk orders = new Bulk(Table.ORDERS);
                Bulk payments = new Bulk(Table.PAYMENTS)) {
            for (long key = 1; key <= count; key++) {
                LocalDate day = today.minusDays(1 + random.nextInt(DAYS_OF_HISTORY));
                String status = status();
                Row order = fiction.order(key, 1 + random.nextInt(customers), day, status, prices);
                orders.add(order);
                if (isPaid(status)) {
                    payments.add(fiction.payment(++payment, order, paymentStatus(status)));
                }
            }
        }
    }

    private String status() {
        int at = random.nextInt(100);
        return at < 8 ? "NEW" : at < 22 ? "PAID" : at < 62 ? "SHIPPED" : at < 95 ? "DELIVERED" : "CANCELLED";
    }

    private boolean isPaid(String status) {
        return status.equals("CANCELLED") ? random.nextBoolean() : !status.equals("NEW");
    }

    private String paymentStatus(String status) {
        return status.equals("CANCELLED") ? "REFUNDED" : random.nextInt(3) == 0 ? "SETTLED" : "CAPTURED";
    }

    /** Inserts in batches, with stamps of some time in the shop's history. */
    private final class Bulk implements AutoCloseable {
        private final PreparedStatement insert;
        private int pending;

        Bulk(Table table) throws SQLException {
            insert = connection.prepareStatement(table.insertSql());
        }

        void add(Row row) throws SQLException {
            row.bind(insert, stamps());
            insert.addBatch();
            if (++pending == BATCH) {
                flush();
            }
        }

        private Map<String, Object> stamps() {
            Duration ago = Duration.ofSeconds(
                    1 + random.nextInt((int) Duration.ofDays(DAYS_OF_HISTORY).toSeconds()));
            var stamps = new LinkedHashMap<String, Object>();
            stamps.put("app_version", fiction.one(RELEASES));
            stamps.put("row_version", 1L + random.nextInt(6));
            stamps.put("updated_at", evening.minus(ago).atOffset(ZoneOffset.UTC));
            return stamps;
        }

        private void flush() throws SQLException {
            insert.executeBatch();
            connection.commit();
            pending = 0;
        }

        @Override
        public void close() throws SQLException {
            flush();
            insert.close();
        }
    }
}
