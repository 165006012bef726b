package dev.lastgood.demo;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Invents customers, products and baskets, the same ones for the same seed. */
final class Fiction {
    private static final List<String> FIRST = List.of(
            "Ann",
            "Bo",
            "Li",
            "Max",
            "Eva",
            "Tom",
            "Ida",
            "Jan",
            "Mia",
            "Leo",
            "Christine",
            "Alexander",
            "Katharina",
            "Sebastian",
            "Francesca",
            "Nathaniel",
            "Wilhelmina",
            "Bartholomew");
    private static final List<String> LAST = List.of(
            "Ek",
            "Fox",
            "Lam",
            "Roy",
            "Diaz",
            "Berg",
            "Kim",
            "Rossi",
            "Novak",
            "Meyer",
            "Papadopoulos",
            "Lindqvist",
            "Fitzgerald",
            "Montgomery",
            "Schwarzenberg");
    private static final List<String> STREETS =
            List.of("High Street", "Mill Lane", "Station Road", "Lindenweg", "Rue du Port", "Via Roma");
    private static final List<String> COUNTRIES = List.of("DE", "FR", "IT", "NL", "SE", "US", "CA", "SG", "GB");
    private static final List<String> GOODS =
            List.of("Lamp", "Kettle", "Chair", "Rug", "Mug", "Shelf", "Clock", "Blanket", "Vase", "Basket");
    private static final List<String> MATERIALS = List.of("oak", "steel", "linen", "glass", "cork", "wool");
    private static final List<String> CENTS = List.of(".00", ".25", ".50", ".90", ".95", ".99");
    private static final List<String> FEES = List.of("0.00", "4.90", "9.90");
    private static final List<String> CHANNELS = List.of("web", "web", "app", "app", "store", "partner");
    private static final List<String> METHODS = List.of("card", "card", "transfer", "wallet");
    private static final List<String> NOTES = List.of(
            "leave at the door",
            "gift wrapping",
            "call before delivery",
            "second floor",
            "no substitutes",
            "deliver on Saturday",
            "invoice by post");

    private final Random random;

    Fiction(Random random) {
        this.random = random;
    }

    /** What something costs, and under which name it is ordered. */
    record Price(String sku, BigDecimal each) {}

    Row product(long key) {
        var product = new LinkedHashMap<String, @Nullable Object>();
        product.put("sku", "P" + (100_000 + key));
        product.put("name", one(MATERIALS) + " " + one(GOODS));
        product.put("price", price());
        product.put("stock", random.nextInt(500));
        return new Row(Table.PRODUCTS, key, product);
    }

    Row customer(long key) {
        String first = one(FIRST);
        String last = one(LAST);
        var customer = new LinkedHashMap<String, @Nullable Object>();
        customer.put("name", first + " " + last);
        customer.put("email", email(first, last, key));
        customer.put("phone", one(4) == 0 ? null : "+49 30 " + (1_000_000 + one(9_000_000)));
        customer.put("address", address());
        customer.put("country", one(COUNTRIES));
        customer.put("birthday", one(3) == 0 ? null : LocalDate.of(1945 + one(60), 1 + one(12), 1 + one(28)));
        String tier = tier();
        customer.put("tier", tier);
        customer.put("balance", tier.equals("credit") ? cents(-100_000, 50_000) : cents(0, 50_000));
        return new Row(Table.CUSTOMERS, key, customer);
    }

    /** An order as it comes in: its total is what its lines and the shipping come to. */
    Row order(long key, long customer, LocalDate day, String status, List<Price> prices) {
        var lines = new ArrayList<Line>();
        int count = 1 + one(4);
        for (int i = 1; i <= count; i++) {
            lines.add(line(i, prices));
        }
        var basket = new Lines(lines);
        var shipping = new BigDecimal(one(FEES));
        int region = one(4);
        var order = new LinkedHashMap<String, @Nullable Object>();
        order.put("customer_id", customer);
        order.put("ordered_on", day);
        order.put("status", status);
        order.put("region", List.of("eu", "us", "apac", "uk").get(region));
        order.put("channel", one(CHANNELS));
        order.put("currency", List.of("EUR", "USD", "SGD", "GBP").get(region));
        order.put("total", basket.sum().add(shipping));
        order.put("shipping", shipping);
        order.put(Table.LINES, basket.json());
        order.put("note", one(3) == 0 ? note() : null);
        return new Row(Table.ORDERS, key, order);
    }

    Row payment(long key, Row order, String status) {
        var payment = new LinkedHashMap<String, @Nullable Object>();
        payment.put("order_id", order.key());
        payment.put("amount", order.decimal("total"));
        payment.put("currency", order.text("currency"));
        payment.put("method", one(METHODS));
        payment.put("status", status);
        payment.put("reference", one(2) == 0 ? null : "R-" + (10_000_000 + one(90_000_000)));
        return new Row(Table.PAYMENTS, key, payment);
    }

    Line line(int lineNo, List<Price> prices) {
        Price price = one(prices);
        int qty = 1 + one(4);
        return new Line(lineNo, price.sku(), qty, price.each().multiply(BigDecimal.valueOf(qty)));
    }

    BigDecimal price() {
        return new BigDecimal(2 + one(150) + one(CENTS));
    }

    String email(String first, String last, long key) {
        return (first + "." + last + key + "@mail.example.com").toLowerCase(Locale.ROOT);
    }

    String address() {
        return (1 + one(200)) + " " + one(STREETS);
    }

    String note() {
        return one(NOTES) + ", ref " + one(100_000);
    }

    BigDecimal fee() {
        return new BigDecimal(one(FEES));
    }

    BigDecimal cents(int from, int to) {
        return BigDecimal.valueOf(from + (long) one(to - from), 2);
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    int one(int bound) {
        return random.nextInt(bound);
    }

    private String tier() {
        int at = one(100);
        return at < 68 ? "standard" : at < 82 ? "silver" : at < 92 ? "gold" : "credit";
    }
}
