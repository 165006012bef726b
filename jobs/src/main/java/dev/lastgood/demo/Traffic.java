package dev.lastgood.demo;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What customers, clerks and the shop's own routines do all day. Every act reads what is there and goes on from it, as
 * a naive application does: it has no idea that a record may be damaged, pays what the lines say, adds to whatever
 * balance it finds, and deletes what it is told to.
 */
final class Traffic {
    private static final int MOST_LINES = 8;

    private final Ledger ledger;
    private final Random random;
    private final Fiction fiction;
    private final LocalDate today;
    private final List<Fiction.Price> prices;
    private final List<Act> acts;
    private Releases releases;

    /** Two releases side by side: the share of writes that go through the new one. */
    record Releases(String old, String fresh, double share) {
        static Releases only(String version) {
            return new Releases(version, version, 0);
        }
    }

    @FunctionalInterface
    interface Doing {
        boolean done() throws SQLException;
    }

    private record Act(int weight, Doing doing) {}

    Traffic(Ledger ledger, Random random, LocalDate today, Releases releases) throws SQLException {
        this.ledger = ledger;
        this.random = random;
        this.fiction = new Fiction(random);
        this.today = today;
        this.releases = releases;
        this.prices = ledger.prices();
        this.acts = acts();
    }

    private List<Act> acts() {
        return List.of(
                new Act(14, this::order),
                new Act(14, () -> onOrder("status = 'NEW'", this::pay)),
                new Act(14, () -> onOrder("status = 'PAID'", this::ship)),
                new Act(6, () -> onOrder("status = 'SHIPPED'", this::deliver)),
                new Act(3, () -> onOrder("status in ('NEW', 'PAID')", this::cancel)),
                new Act(2, () -> onOrder("true", this::delete)),
                new Act(12, () -> onOrder("true", this::note)),
                new Act(9, () -> onOrder("status in ('NEW', 'PAID')", this::changeLine)),
                new Act(4, () -> onOrder("status = 'NEW'", this::changeShipping)),
                new Act(4, this::register),
                new Act(6, () -> onCustomer(this::changeEmail)),
                new Act(4, () -> onCustomer(this::move)),
                new Act(3, () -> onCustomer(this::changeTier)),
                new Act(9, () -> onCustomer(this::book)),
                new Act(6, () -> on(Table.PAYMENTS, "status = 'CAPTURED'", this::settle)),
                new Act(6, () -> on(Table.PRODUCTS, "true", this::restock)),
                new Act(2, () -> on(Table.PRODUCTS, "true", this::reprice)));
    }

    void through(Releases other) {
        releases = other;
    }

    /** Some act, by chance. */
    boolean act() throws SQLException {
        int at = random.nextInt(acts.stream().mapToInt(Act::weight).sum());
        for (Act act : acts) {
            at -= act.weight();
            if (at < 0) {
                return act.doing().done();
            }
        }
        throw new IllegalStateException("weights do not sum up");
    }

    boolean order() throws SQLException {
        Optional<Row> customer = ledger.any(Table.CUSTOMERS, "true", random);
        if (customer.isEmpty()) {
            return false;
        }
        long key = ledger.nextKey(Table.ORDERS);
        ledger.insert(by("order"), fiction.order(key, customer.get().key(), today, "NEW", prices));
        return true;
    }

    /** Checkout charges what the lines say; an order that already has a payment is only marked as paid. */
    boolean pay(Row order) throws SQLException {
        Writer writer = by("pay");
        BigDecimal due = order.due();
        var changes = new LinkedHashMap<String, Object>();
        changes.put("status", "PAID");
        changes.put("total", due);
        ledger.update(writer, order, changes);
        if (ledger.children(Table.PAYMENTS, "order_id", order.key()).isEmpty()) {
            var charged = new LinkedHashMap<String, @Nullable Object>(order.values());
            charged.put("total", due);
            Row paid = new Row(Table.ORDERS, order.key(), charged);
            ledger.insert(writer, fiction.payment(ledger.nextKey(Table.PAYMENTS), paid, "CAPTURED"));
        }
        return true;
    }

    boolean ship(Row order) throws SQLException {
        return ledger.update(by("ship"), order, Map.of("status", "SHIPPED"));
    }

    boolean deliver(Row order) throws SQLException {
        return ledger.update(by("deliver"), order, Map.of("status", "DELIVERED"));
    }

    boolean cancel(Row order) throws SQLException {
        Writer writer = by("cancel");
        for (Row payment : ledger.children(Table.PAYMENTS, "order_id", order.key())) {
            ledger.update(writer, payment, Map.of("status", "REFUNDED"));
        }
        return ledger.update(writer, order, Map.of("status", "CANCELLED"));
    }

    /** Deletes an order with its payments. One that was deleted before, and entered again, is left alone. */
    boolean delete(Row order) throws SQLException {
        if (ledger.find(Table.ORDER_DELETES, order.key()).isPresent()) {
            return false;
        }
        Writer writer = by("delete");
        for (Row payment : ledger.children(Table.PAYMENTS, "order_id", order.key())) {
            ledger.delete(writer, payment);
        }
        ledger.delete(writer, order);
        String who = random.nextBoolean() ? "clerk " + (1 + random.nextInt(9)) : "shop " + writer.version();
        ledger.insert(writer, new Row(Table.ORDER_DELETES, order.key(), Map.of("deleted_by", who)));
        return true;
    }

    boolean note(Row order) throws SQLException {
        return ledger.update(by("note"), order, Map.of("note", fiction.note()));
    }

    boolean changeLine(Row order) throws SQLException {
        Lines lines = order.lines();
        Line line = fiction.one(lines.all());
        int what = random.nextInt(4);
        if (what == 0 && lines.nextLineNo() <= MOST_LINES) {
            return charge(by("add line"), order, lines.plus(fiction.line(lines.nextLineNo(), prices)));
        }
        if (what == 1 && lines.all().size() > 1) {
            return charge(by("drop line"), order, lines.without(line.lineNo()));
        }
        return changeQuantity(order, line);
    }

    /** Orders another number of pieces, at today's price. */
    boolean changeQuantity(Row order, Line line) throws SQLException {
        int qty = 1 + (line.qty() + random.nextInt(4)) % 5;
        BigDecimal each = prices.stream()
                .filter(price -> price.sku().equals(line.sku()))
                .map(Fiction.Price::each)
                .findFirst()
                .orElse(line.amount());
        Line changed = new Line(line.lineNo(), line.sku(), qty, each.multiply(BigDecimal.valueOf(qty)));
        return charge(by("change line"), order, order.lines().with(changed));
    }

    boolean changeShipping(Row order) throws SQLException {
        return charge(by("shipping"), order, order.lines(), fiction.fee());
    }

    /** Sets the total anew from the lines: nothing to do on an order that is in order. */
    boolean recalculate(Row order) throws SQLException {
        return charge(by("recalculate"), order, order.lines());
    }

    private boolean charge(Writer writer, Row order, Lines lines) throws SQLException {
        return charge(writer, order, lines, order.decimal("shipping"));
    }

    private boolean charge(Writer writer, Row order, Lines lines, BigDecimal shipping) throws SQLException {
        BigDecimal total = lines.sum().add(shipping);
        for (Row payment : ledger.children(Table.PAYMENTS, "order_id", order.key())) {
            ledger.update(writer, payment, Map.of("amount", total));
        }
        var changes = new LinkedHashMap<String, Object>();
        changes.put("total", total);
        changes.put("shipping", shipping);
        changes.put(Table.LINES, lines.json());
        return ledger.update(writer, order, changes);
    }

    /** A clerk enters a lost order again under its old number, from what the payment tells. */
    boolean enterAgain(Row payment) throws SQLException {
        long key = payment.number("order_id");
        Line line = new Line(1, fiction.one(prices).sku(), 1, payment.decimal("amount"));
        var order = new LinkedHashMap<String, @Nullable Object>();
        for (String field : List.of("customer_id", "region", "channel", "currency")) {
            order.put(field, ledger.lastOld(Table.ORDERS, key, field));
        }
        order.put("ordered_on", today);
        order.put("status", "PAID");
        order.put("total", line.amount());
        order.put("shipping", new BigDecimal("0.00"));
        order.put(Table.LINES, new Lines(List.of(line)).json());
        order.put("note", "entered again");
        ledger.insert(by("enter again"), new Row(Table.ORDERS, key, order));
        return true;
    }

    boolean register() throws SQLException {
        ledger.insert(by("register"), fiction.customer(ledger.nextKey(Table.CUSTOMERS)));
        return true;
    }

    boolean changeEmail(Row customer) throws SQLException {
        var names = new ArrayList<>(List.of(customer.text("name").split(" ")));
        String email =
                fiction.email(names.get(0) + "." + (char) ('a' + random.nextInt(26)), names.get(1), customer.key());
        return ledger.update(by("email"), customer, Map.of("email", email));
    }

    boolean move(Row customer) throws SQLException {
        return ledger.update(by("move"), customer, Map.of("address", fiction.address()));
    }

    /** Credit is neither given nor taken in passing: it is the one tier that may owe. */
    boolean changeTier(Row customer) throws SQLException {
        if (customer.text("tier").equals("credit")) {
            return false;
        }
        return ledger.update(by("tier"), customer, Map.of("tier", fiction.one(List.of("standard", "silver", "gold"))));
    }

    /** Pays in, or spends what is there. */
    boolean book(Row customer) throws SQLException {
        BigDecimal balance = customer.decimal("balance");
        BigDecimal amount = fiction.cents(100, 10_000);
        boolean spends = random.nextBoolean() && balance.compareTo(amount) >= 0;
        return ledger.update(
                by("book"), customer, Map.of("balance", spends ? balance.subtract(amount) : balance.add(amount)));
    }

    boolean settle(Row payment) throws SQLException {
        return ledger.update(by("settle"), payment, Map.of("status", "SETTLED"));
    }

    /** A clerk sees that a payment is not what the order says, and types the order's total. */
    boolean correct(Row payment) throws SQLException {
        Optional<Row> order = ledger.find(Table.ORDERS, payment.number("order_id"));
        return order.isPresent()
                && ledger.update(
                        by("correct"), payment, Map.of("amount", order.get().decimal("total")));
    }

    boolean restock(Row product) throws SQLException {
        return ledger.update(by("restock"), product, Map.of("stock", random.nextInt(500)));
    }

    boolean reprice(Row product) throws SQLException {
        BigDecimal price = fiction.price();
        prices.replaceAll(old -> old.sku().equals(product.text("sku")) ? new Fiction.Price(old.sku(), price) : old);
        return ledger.update(by("reprice"), product, Map.of("price", price));
    }

    @FunctionalInterface
    interface OnRow {
        boolean done(Row row) throws SQLException;
    }

    private boolean onOrder(String condition, OnRow act) throws SQLException {
        return on(Table.ORDERS, condition, act);
    }

    private boolean onCustomer(OnRow act) throws SQLException {
        return on(Table.CUSTOMERS, "true", act);
    }

    private boolean on(Table table, String condition, OnRow act) throws SQLException {
        Optional<Row> row = ledger.any(table, condition, random);
        return row.isPresent() && act.done(row.get());
    }

    private Writer by(String kind) {
        return Writer.legitimate(random.nextDouble() < releases.share() ? releases.fresh() : releases.old(), kind);
    }
}
