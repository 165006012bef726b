package dev.lastgood.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastgood.SparkForTests;
import dev.lastgood.WorkspaceForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A rule set of every family over the demo's data: what is planted is found, each by its rule, and nothing else. */
@Tag("full")
@ExtendWith(SparkForTests.class)
final class RulesOfTheShopTest {
    private static final Path RULES =
            Path.of("src", "test", "resources", "dev", "lastgood", "demo", "every-family.yaml");

    private static final String DATASETS = """
        customers: {source: shop, table: public.customers, key: [id]}
        orders: {source: shop, table: public.orders, key: [id], json: [lines]}
        payments: {source: shop, table: public.payments, key: [id]}
        products: {source: shop, table: public.products, key: [id]}
        """;

    /** A record that breaks a rule, and how it comes to. */
    private record Planted(String rule, List<String> findings) {}

    @TempDir
    Path folder;

    private final List<Planted> planted = new ArrayList<>();
    private final Set<String> used = new HashSet<>();

    private String one(Connection shop, String sql) throws SQLException {
        try (Statement statement = shop.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                if (used.add(sql.replaceAll(".* from (\\w+).*", "$1") + " " + rows.getString(1))) {
                    return rows.getString(1);
                }
            }
        }
        throw new IllegalStateException("no record left: " + sql);
    }

    private static void run(Connection shop, String sql) throws SQLException {
        try (Statement statement = shop.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Changes a record of which nothing is wrong yet, of those that fulfil a condition; gives back its id. */
    private String plant(Connection shop, String rule, String path, String table, String where, String set)
            throws SQLException {
        String id = one(shop, "select id from " + table + " where " + where + " order by id");
        run(shop, "update " + table + " set " + set + " where id = " + id);
        planted.add(new Planted(rule, List.of(id + " " + path)));
        return id;
    }

    private void plantAll(Connection shop) throws SQLException {
        run(shop, "alter table customers alter column address set null");
        run(shop, "alter table orders alter column channel set null");
        plant(shop, "balance", "-", "customers", "tier = 'standard'", "balance = -5");
        plant(shop, "address-required", "address", "customers", "tier = 'silver'", "address = null");
        plant(shop, "tier-in", "tier", "customers", "tier = 'silver'", "tier = 'vip'");
        plant(shop, "country-not-in", "country", "customers", "true", "country = 'XX'");
        plant(shop, "balance-max", "balance", "customers", "true", "balance = 20000");
        plant(shop, "phone-matches", "phone", "customers", "true", "phone = '12'");
        plant(shop, "email-format", "email", "customers", "true", "email = 'nobody'");
        plant(shop, "name-min-length", "name", "customers", "true", "name = 'A'");
        plant(shop, "name-max-length", "name", "customers", "true", "name = repeat('Ann ', 14)");
        plant(shop, "birthday", "birthday", "customers", "true", "birthday = date '2025-01-01'");
        plant(shop, "no-short-cut", "tier", "customers", "tier = 'standard'", "tier = 'gold'");
        plant(shop, "no-testers", "-", "customers", "true", "name = 'Test Account'");
        plant(shop, "channel-unknown", "channel", "orders", "status = 'NEW'", "channel = null");
        plant(shop, "order-currency", "currency", "orders", "status = 'NEW'", "currency = 'CHF'");
        plant(shop, "ordered-on", "ordered_on", "orders", "status = 'NEW'", "ordered_on = date '2099-01-01'");
        plant(shop, "note-length", "note", "orders", "status = 'NEW'", "note = repeat('ten chars ', 16)");
        plant(shop, "order-total", "total", "orders", "status = 'NEW'", "total = total + 1");
        plant(shop, "region-of-currency", "-", "orders", "status = 'NEW' and region = 'eu'", "region = 'us'");
        plant(shop, "order-customer", "-", "orders", "status = 'NEW'", "customer_id = 999999");
        plant(shop, "order-status", "status", "orders", "status = 'CANCELLED'", "status = 'NEW'");
        plant(shop, "delivered", "-", "orders", "status = 'DELIVERED'", "channel = 'kiosk'");
        lines(shop);
        plant(shop, "payment-reference", "reference", "payments", "true", "reference = 'zz'");
        plant(shop, "payment-status", "status", "payments", "id = 7", "status = 'OPEN'");
        plant(shop, "payment-currency", "-", "payments", "true", "currency = 'JPY'");
        plant(shop, "paid-in-full", "-", "payments", "status <> 'REFUNDED'", "amount = amount + 1");
        plant(shop, "method-unchanged", "method", "payments", "method = 'card'", "method = 'cash'");
        plant(shop, "refund-explained", "-", "payments", "status = 'REFUNDED'", "amount = amount + 1");
        plant(shop, "product-silent", "-", "products", "true", "name = 'silent'");
        plant(shop, "product-version", "row_version", "products", "true", "row_version = row_version - 1");
        pairs(shop);
        run(
                shop,
                "update products set price = 500, row_version = row_version + 1 where id = "
                        + one(shop, "select id from products order by id"));
        run(
                shop,
                "update products set stock = 100000, row_version = row_version + 1 where id = "
                        + one(shop, "select id from products order by id"));
    }

    /** Changes lines of new orders that are not sold in stores, and in stores takes one away. */
    private void lines(Connection shop) throws SQLException {
        String elsewhere = "status = 'NEW' and channel <> 'store'";
        plant(shop, "line-quantity", "lines[0].qty", "orders", elsewhere, first("qty", "[0-9]+", "-1"));
        plant(shop, "line-number", "lines[0].line_no", "orders", elsewhere, first("line_no", "[0-9]+", "0"));
        plant(shop, "line-product", "lines[0].sku", "orders", elsewhere, first("sku", "\"[^\"]*\"", "\"P999999\""));
        plant(
                shop,
                "lines-only-added",
                "lines",
                "orders",
                "channel = 'store' and status <> 'DELIVERED'",
                first("sku", "\"[^\"]*\"", "\"P100001\""));
    }

    private static String first(String member, String value, String other) {
        return "lines = regexp_replace(lines, '^(\\[\\{.*?\"%s\":)%s', '$1%s')".formatted(member, value, other);
    }

    /** What takes two records, or one that comes or goes. */
    private void pairs(Connection shop) throws SQLException {
        twins(shop, "email-unique", "email = (select email from customers where id = %s)");
        twins(
                shop,
                "phone-unique",
                "(country, phone) = ('DE', '+49 30 0000001')",
                "phone = '+49 30 0000001', country = 'DE'");
        twins(
                shop,
                "same-person",
                "(name, address) = (select name, address from customers where id = %s), country = 'ZZ'");
        String homeless = one(shop, "select id from orders where status = 'NEW' order by id");
        run(shop, "update orders set note = 'Two Doors' where id = " + homeless);
        for (int i = 0; i < 2; i++) {
            run(
                    shop,
                    "update customers set address = 'Two Doors' where id = "
                            + one(shop, "select id from customers order by id"));
        }
        planted.add(new Planted("one-home", List.of(homeless + " -")));
        String gone = one(shop, "select id from orders where status = 'NEW' order by id desc");
        run(shop, "delete from orders where id = " + gone);
        planted.add(new Planted("orders-stay", List.of(gone + " -")));
        run(
                shop,
                "insert into customers select 77777, 'New One', 'new.one@mail.example.com', null, '1 New Street', 'SE',"
                        + " null, 'gold', 1, app_version, row_version, updated_at, null from customers where id = 1");
        planted.add(new Planted("customers-of-old", List.of("77777 -")));
        run(
                shop,
                "insert into products select 77777, 'P777777', 'unsold', price, 0, app_version, row_version, updated_at,"
                        + " null from products where id = (select min(id) from products)");
        planted.add(new Planted("product-is-sold", List.of("77777 -")));
    }

    private void twins(Connection shop, String rule, String... sets) throws SQLException {
        String one = one(shop, "select id from customers where tier = 'gold' order by id");
        String other = one(shop, "select id from customers where tier = 'gold' order by id");
        if (sets.length > 1) {
            run(shop, "update customers set " + sets[1] + " where id in (%s, %s)".formatted(one, other));
        } else {
            run(shop, "update customers set " + sets[0].formatted(one) + " where id = " + other);
        }
        planted.add(new Planted(rule, List.of(one + " -", other + " -")));
    }

    @Test
    void each_planted_violation_is_found_by_its_rule_and_nothing_else_is() throws SQLException, IOException {
        Path shop = Files.createDirectories(folder.resolve("shop"));
        Files.writeString(shop.resolve("password"), Shop.PASSWORD);
        new Shop(shop, 0.01).create(5);
        String rules = Files.readString(RULES);
        WorkspaceForTests workspace = WorkspaceForTests.in(folder, DATASETS)
                .source("shop: {jdbc: '%s', user: %s, password: '${file:%s}', confirm: never}"
                        .formatted(Shop.jdbcUrl(shop), Shop.GUEST, shop.resolve("password")))
                .file("../accepted.yaml", "accepted:", "  - {key: {id: 7}, reason: still open, until: 2099-01-01}")
                .rules(rules.substring(rules.indexOf("rules:") + 7));
        workspace.take();
        assertThat(wrong(workspace.audit())).isEmpty();
        try (Connection connection = Shop.connect(shop)) {
            plantAll(connection);
        }
        planted.add(new Planted("payment-method", found("method-unchanged")));

        WorkspaceForTests.Audited audited = workspace.audit();

        Map<String, String> found = new TreeMap<>();
        Map<String, String> expected = new TreeMap<>();
        planted.forEach(one -> expected.put(
                one.rule(), String.join(", ", one.findings().stream().sorted().toList())));
        audited.audit().document().get("rules").forEach(rule -> {
            String id = rule.get("id").asText();
            List<String> findings = audited.findings(id).stream()
                    .map(finding -> finding.split(" ", -1)[0] + " " + finding.split(" ", -1)[1])
                    .sorted()
                    .toList();
            if (!findings.isEmpty()) {
                found.put(id, String.join(", ", findings));
            }
        });
        assertThat(found).isEqualTo(expected);
        assertThat(outcomes(audited)).isEqualTo(Map.of("FAIL", 41L, "PASS", 2L));
        assertThat(audited.rule("dearest-product").get("reason").asText())
                .isEqualTo("it is 500.00: at most 200 is asked for");
        assertThat(audited.rule("payment-status").get("reason").asText()).isEqualTo("1 are accepted");
    }

    private List<String> found(String rule) {
        return planted.stream()
                .filter(one -> one.rule().equals(rule))
                .findFirst()
                .orElseThrow()
                .findings();
    }

    private static Map<String, Long> outcomes(WorkspaceForTests.Audited audited) {
        Map<String, Long> outcomes = new TreeMap<>();
        audited.audit()
                .document()
                .get("rules")
                .forEach(rule -> outcomes.merge(rule.get("outcome").asText(), 1L, Long::sum));
        return outcomes;
    }

    /** Rules that did not pass, or found something. */
    private static Map<String, String> wrong(WorkspaceForTests.Audited audited) {
        Map<String, String> wrong = new LinkedHashMap<>();
        audited.audit().document().get("rules").forEach(rule -> {
            String id = rule.get("id").asText();
            if (!rule.get("outcome").asText().equals("PASS")
                    || rule.get("violations").asLong() > 0) {
                wrong.put(id, audited.outcome(id) + " " + audited.findings(id));
            }
        });
        return wrong;
    }
}
