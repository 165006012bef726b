package dev.lastgood.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the buggy release does to records, one kind of damage each. */
@SuppressWarnings("ImmutableEnumChecker") // its list is unmodifiable
enum Damage {
    /** Cents taken for euros, in one region: total is no longer lines plus shipping. */
    TOTAL_TIMES_100(
            Table.ORDERS,
            "total",
            600,
            new Prey(1, "select id from orders where region = 'eu' and status <> 'CANCELLED' order by id")) {
        @Override
        boolean strike(Ledger ledger, Row order) throws SQLException {
            BigDecimal times = order.decimal("total").multiply(BigDecimal.valueOf(100));
            return ledger.update(writer(), order, Map.of("total", times));
        }
    },
    /** The cents of one line lost, inside the JSON of an order that came by the app; the total stays as it was. */
    LINE_AMOUNT_ROUNDED(
            Table.ORDERS,
            "lines[%].amount",
            500,
            new Prey(
                    1,
                    "select id from orders where channel = 'app' and status <> 'CANCELLED'"
                            + " and regexp_like(lines, '\\.(0[1-9]|[1-9][0-9])}') order by id")) {
        @Override
        boolean strike(Ledger ledger, Row order) throws SQLException {
            Lines lines = order.lines();
            for (Line line : lines.all()) {
                BigDecimal whole = line.amount().setScale(0, RoundingMode.DOWN).setScale(2);
                if (whole.compareTo(line.amount()) != 0) {
                    Lines rounded = lines.with(line.withAmount(whole));
                    return ledger.update(writer(), order, Map.of(Table.LINES, rounded.json()));
                }
            }
            return false;
        }
    },
    /** Breaks balance >= 0 of most customers, and no rule of those in tier credit, who may owe: half of the records. */
    BALANCE_SIGN_FLIPPED(
            Table.CUSTOMERS,
            "balance",
            450,
            new Prey(1, "select id from customers where tier <> 'credit' and balance > 0 order by id"),
            new Prey(1, "select id from customers where tier = 'credit' and balance <> 0 order by id")) {
        @Override
        boolean strike(Ledger ledger, Row customer) throws SQLException {
            BigDecimal negated = customer.decimal("balance").negate();
            return ledger.update(writer(), customer, Map.of("balance", negated));
        }
    },
    /** Cut to 22 characters: of half of them what is left still looks like an address. */
    EMAIL_CUT_SHORT(
            Table.CUSTOMERS,
            "email",
            450,
            new Prey(
                    1,
                    "select id from customers where length(email) > 22"
                            + " and not regexp_like(substring(email, 1, 22), '" + Shop.EMAIL + "') order by id"),
            new Prey(
                    1,
                    "select id from customers where length(email) > 22" + " and regexp_like(substring(email, 1, 22), '"
                            + Shop.EMAIL + "') order by id")) {
        @Override
        boolean strike(Ledger ledger, Row customer) throws SQLException {
            String email = customer.text("email");
            String cut = email.substring(0, Math.min(22, email.length()));
            return ledger.update(writer(), customer, Map.of("email", cut));
        }
    },
    /** Shipped orders are new again. */
    STATUS_SET_BACK(
            Table.ORDERS, "status", 500, new Prey(1, "select id from orders where status = 'SHIPPED' order by id")) {
        @Override
        boolean strike(Ledger ledger, Row order) throws SQLException {
            return order.text("status").equals("SHIPPED") && ledger.update(writer(), order, Map.of("status", "NEW"));
        }
    },
    /** Orders are gone and their payments are not; one in twelve had no payment, so that nothing tells of it. */
    ORDER_DELETED(
            Table.ORDERS,
            "%",
            300,
            new Prey(
                    11,
                    "select id from orders o where status <> 'CANCELLED'"
                            + " and exists (select 1 from payments p where p.order_id = o.id) order by id"),
            new Prey(1, "select id from orders where status = 'NEW' order by id")) {
        @Override
        boolean strike(Ledger ledger, Row order) throws SQLException {
            ledger.delete(writer(), order);
            Map<String, Object> evidence = new LinkedHashMap<>(Map.of("deleted_by", "shop " + BuggyRelease.VERSION));
            ledger.insert(writer(), new Row(Table.ORDER_DELETES, order.key(), evidence));
            return true;
        }
    },
    /** The last kind: after the fourth night, so that no snapshot holds it. */
    PAYMENT_ZEROED(
            Table.PAYMENTS,
            "amount",
            400,
            new Prey(1, "select id from payments where status <> 'REFUNDED' and amount > 0 order by id")) {
        @Override
        boolean strike(Ledger ledger, Row payment) throws SQLException {
            return ledger.update(writer(), payment, Map.of("amount", new BigDecimal("0.00")));
        }
    };

    /** Which records it falls upon, and in how many parts of the whole. */
    record Prey(int parts, String keys) {}

    private final Table table;
    private final String field;
    private final int records;
    private final List<Prey> prey;

    Damage(Table table, String field, int records, Prey... prey) {
        this.table = table;
        this.field = field;
        this.records = records;
        this.prey = List.of(prey);
    }

    /** Writes the damage; false if the record is no longer one that can be damaged in this way. */
    abstract boolean strike(Ledger ledger, Row row) throws SQLException;

    boolean strike(Ledger ledger, long key) throws SQLException {
        Optional<Row> row = ledger.find(table, key);
        return row.isPresent() && strike(ledger, row.get());
    }

    String kind() {
        return name().toLowerCase(Locale.ROOT);
    }

    Table table() {
        return table;
    }

    /** The damaged field, as a LIKE pattern over the log. */
    String field() {
        return field;
    }

    /** How many records in a shop of full size. */
    int records() {
        return records;
    }

    List<Prey> prey() {
        return prey;
    }

    Writer writer() {
        return Writer.bug(kind());
    }
}
