package dev.lastgood.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ShopTest {
    private static final double SCALE = 0.03;

    /** The whole story up to the restore, told once; each test has a copy. */
    @TempDir
    static Path story;

    @TempDir
    Path dir;

    @BeforeAll
    static void tell() throws SQLException {
        var shop = new Shop(story, SCALE);
        try (Connection open = Shop.connect(createdIn(story, SCALE, 7))) {
            Truth truth = shop.truth();
            truth.captured("first night");
            shop.day();
            truth.captured("second night");
            shop.day();
            truth.captured("third night");
            keepAside(open);
            shop.buggyRelease();
            truth.captured("fourth night");
            shop.afterFourthNight();
            truth.beforeRestore();
        }
    }

    @BeforeEach
    void copy() throws IOException {
        Files.copy(story.resolve("shop.mv.db"), dir.resolve("shop.mv.db"));
    }

    @Test
    void clean_data_keep_every_rule_of_the_shop(@TempDir Path clean) throws SQLException {
        try (Connection open = Shop.connect(createdIn(clean, SCALE, 3))) {
            new Shop(clean, SCALE).day();
            new Shop(clean, SCALE).day();

            var rules = new SoftAssertions();
            rules.assertThat(ordersWithWrongTotal(open)).isEmpty();
            rules.assertThat(count(
                            open,
                            "select count(*) from orders o where status in ('PAID', 'SHIPPED', 'DELIVERED')"
                                    + " and not exists (select 1 from payments p where p.order_id = o.id and p.amount = o.total"
                                    + " and p.currency = o.currency)"))
                    .isZero();
            rules.assertThat(count(
                            open,
                            "select count(*) from payments where amount <= 0"
                                    + " or order_id not in (select id from orders)"))
                    .isZero();
            rules.assertThat(count(
                            open,
                            "select count(*) from orders where customer_id not in"
                                    + " (select id from customers) or id in (select order_id from order_deletes)"))
                    .isZero();
            rules.assertThat(count(
                            open,
                            "select count(*) from customers where balance < 0 and tier <> 'credit'"
                                    + " or not regexp_like(email, '" + Shop.EMAIL + "')"))
                    .isZero();
            rules.assertThat(count(open, "select count(*) from order_deletes")).isPositive();
            rules.assertAll();
        }
    }

    @Test
    void every_write_moves_version_time_and_release_once() throws SQLException {
        try (Connection open = Shop.connect(dir)) {
            String writes = " from orders o join truth.write_log w on w.tab = 'orders' and w.record_key = o.id";

            assertThat(count(
                            open,
                            "select count(*) from (select o.id, o.row_version, count(distinct w.written_at) writes"
                                    + writes + " where o.id > " + Math.round(81_000 * SCALE)
                                    + " group by o.id, o.row_version)"
                                    + " where row_version <> writes"))
                    .isZero();
            assertThat(count(
                            open,
                            "select count(*) from (select o.id, o.updated_at, max(w.written_at) last" + writes
                                    + " group by o.id, o.updated_at) where updated_at <> last"))
                    .isZero();
            assertThat(count(
                            open,
                            "select count(*)" + writes + " where w.written_at = o.updated_at"
                                    + " and w.app_version <> o.app_version"))
                    .isZero();
        }
    }

    @Test
    void the_same_seed_tells_the_same_story(@TempDir Path one, @TempDir Path two, @TempDir Path three)
            throws SQLException {
        assertThat(log(one, 5)).hasSizeGreaterThan(100).isEqualTo(log(two, 5)).isNotEqualTo(log(three, 6));
    }

    @Test
    void the_guest_sees_the_shop_and_not_the_truth() throws SQLException {
        try (Connection guest = DriverManager.getConnection(Shop.jdbcUrl(dir), Shop.GUEST, Shop.PASSWORD);
                Statement statement = guest.createStatement()) {
            assertThat(statement.executeUpdate("update orders set restored_by = 'me' where id = 1"))
                    .isEqualTo(1);
            assertThatThrownBy(() -> statement.executeQuery("select * from truth.write_log"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("Not enough rights");
        }
    }

    @Test
    void before_a_restore_all_damage_is_there_and_the_sums_agree() throws SQLException {
        var shop = new Shop(dir, SCALE);
        Figures figures = shop.truth().figures();

        assertThat(figures.sumsAgree()).isTrue();
        assertThat(figures.damagedRecords()).isGreaterThan(80);
        assertThat(figures.fieldsDamaged()).isGreaterThanOrEqualTo(figures.damagedRecords());
        assertThat(figures.fieldsRestored() + figures.fieldsStale() + figures.legitimateWritesLost())
                .isZero();
        assertThat(figures.fieldsInConflict()).isPositive();
        assertThat(figures.leftWithoutCapture()).isPositive();
        assertThat(figures.leftBesideLegitimateWork()).isPositive();
        assertThat(figures.leftThoughCaptured()).isGreaterThan(figures.fieldsDamaged() / 2);
        assertThat(shop.truth().kinds()).extracting(Truth.Kind::kind).hasSize(Damage.values().length);
        assertThat(shop.truth().kinds().stream().mapToLong(Truth.Kind::damaged).sum())
                .isEqualTo(figures.fieldsDamaged());
    }

    @Test
    void half_of_the_flipped_balances_and_cut_emails_break_no_rule() throws SQLException {
        try (Connection open = Shop.connect(dir)) {
            new Shop(dir, SCALE).truth().figures();
            String left = "select count(*) from truth.damage d join customers c on c.id = d.record_key"
                    + " where d.outcome = 'unrecoverable' and d.kind = ";

            assertThat(count(open, left + "'balance_sign_flipped' and c.balance < 0 and c.tier <> 'credit'"))
                    .isBetween(4L, 8L);
            assertThat(count(open, left + "'balance_sign_flipped' and c.tier = 'credit'"))
                    .isBetween(4L, 8L);
            assertThat(count(open, left + "'email_cut_short' and not regexp_like(c.email, '" + Shop.EMAIL + "')"))
                    .isBetween(4L, 8L);
            assertThat(count(open, left + "'email_cut_short' and regexp_like(c.email, '" + Shop.EMAIL + "')"))
                    .isBetween(4L, 8L);
        }
    }

    @Test
    void records_found_are_told_from_false_alarms() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        truth.figures();
        var found = new ArrayList<Found>(List.of(new Found("products", 1), new Found("products", 2)));
        try (Connection open = Shop.connect(dir)) {
            for (String key : texts(open, "select record_key from truth.damage where kind = 'order_deleted'")) {
                found.add(new Found("orders", Long.parseLong(key)));
            }
        }

        truth.found(found);

        assertThat(truth.figures().damagedFound()).isEqualTo(found.size() - 2);
        assertThat(truth.figures().falsePositives()).isEqualTo(2);
    }

    @Test
    void a_perfect_restore_loses_nothing_and_leaves_only_conflicts() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        Figures before = truth.figures();

        try (Connection open = Shop.connect(dir)) {
            restorePerfectly(open);
        }
        Figures after = truth.figures();

        assertThat(truth.losses(5)).isEmpty();
        assertThat(after.sumsAgree()).isTrue();
        assertThat(after.fieldsInConflict()).isEqualTo(before.fieldsInConflict());
        assertThat(after.fieldsRestored()).isEqualTo(before.fieldsUnrecoverable());
        assertThat(after.legitimateWrites()).isEqualTo(before.legitimateWrites());
    }

    @Test
    void a_restore_as_of_the_third_night_is_restored_or_stale_and_loses_nothing() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        Figures before = truth.figures();
        String left = " from truth.damage where outcome = 'unrecoverable' and tab = ";

        try (Connection open = Shop.connect(dir)) {
            long back = update(
                    open,
                    "insert into orders select * from aside.orders where id in (select record_key" + left
                            + "'orders' and field = '*')");
            for (String field : List.of("orders.total", "orders.status", "customers.balance", "customers.email")) {
                var parts = List.of(field.split("\\."));
                String table = parts.get(0);
                back += update(
                        open,
                        "update " + table + " t set " + parts.get(1) + " = (select " + parts.get(1)
                                + " from aside." + table + " a where a.id = t.id) where id in (select id from aside."
                                + table
                                + ") and id in (select record_key" + left + "'" + table + "' and field = '"
                                + parts.get(1)
                                + "')");
            }
            Figures after = truth.figures();

            assertThat(after.sumsAgree()).isTrue();
            assertThat(after.fieldsRestored() + after.fieldsStale()).isBetween(back - 2, back);
            assertThat(after.fieldsStale()).isPositive();
            assertThat(after.fieldsInConflict()).isEqualTo(before.fieldsInConflict());
            assertThat(truth.losses(5)).isEmpty();
            assertThat(texts(open, "select distinct outcome from truth.damage where field = '*'"))
                    .contains("restored", "stale");
        }
    }

    @Test
    void a_value_as_of_an_older_capture_is_stale() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        truth.figures();
        try (Connection open = Shop.connect(dir)) {
            String older = "select w.old_value from truth.write_log w where w.tab = 'customers' and w.field = 'balance'"
                    + " and w.record_key = customers.id order by seq fetch first row only";
            long changed = update(
                    open,
                    "update customers set balance = (" + older + ") where id in ("
                            + "select d.record_key from truth.damage d where d.field = 'balance'"
                            + " and d.outcome = 'unrecoverable' and d.good <> (select w.old_value from truth.write_log w"
                            + " where w.tab = 'customers' and w.field = 'balance' and w.record_key = d.record_key"
                            + " order by seq fetch first row only))");

            assertThat(changed).isPositive();
            assertThat(truth.figures().fieldsStale()).isEqualTo(changed);
            assertThat(truth.figures().sumsAgree()).isTrue();
            assertThat(truth.figures().legitimateWritesLost()).isZero();
        }
    }

    @Test
    void a_value_nobody_wrote_is_foreign_and_the_sums_do_not_agree() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        truth.figures();
        try (Connection open = Shop.connect(dir)) {
            update(
                    open,
                    "update orders set total = 1.23 where id = (select min(record_key) from truth.damage"
                            + " where kind = 'total_times_100' and outcome = 'unrecoverable')");
        }

        assertThat(truth.figures().fieldsForeign()).isEqualTo(1);
        assertThat(truth.figures().sumsAgree()).isFalse();
    }

    @Test
    void overwriting_whole_records_with_old_ones_is_seen_to_lose_legitimate_writes() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        truth.figures();
        try (Connection open = Shop.connect(dir)) {
            for (Table table : List.of(Table.ORDERS, Table.CUSTOMERS, Table.PAYMENTS)) {
                String keys = "id in (select record_key from truth.damage where tab = '" + table.sql() + "')";
                update(
                        open,
                        "delete from " + table.sql() + " where " + keys + " and id in (select id from aside."
                                + table.sql() + ")");
                update(open, "insert into " + table.sql() + " select * from aside." + table.sql() + " where " + keys);
            }
        }

        assertThat(truth.figures().legitimateWritesLost()).isGreaterThan(20);
        assertThat(truth.losses(3)).hasSize(3);
    }

    @Test
    void bringing_back_what_was_rightly_deleted_is_a_loss() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        try (Connection open = Shop.connect(dir)) {
            long revived = update(
                    open,
                    "insert into payments select * from aside.payments where id = (select"
                            + " min(record_key) from truth.write_log where tab = 'payments' and op = 'delete'"
                            + " and record_key in (select id from aside.payments))");

            assertThat(revived).isEqualTo(1);
            assertThat(truth.figures().legitimateWritesLost()).isPositive();
        }
    }

    @Test
    void an_undo_is_exact_to_the_cell() throws SQLException {
        var truth = new Shop(dir, SCALE).truth();
        assertThat(truth.undoDifferences(Set.of())).isZero();

        try (Connection open = Shop.connect(dir)) {
            update(open, "update customers set row_version = row_version + 1, restored_by = 'me' where id = 3");
            assertThat(truth.undoDifferences(Set.of())).isEqualTo(2);
            assertThat(truth.undoDifferences(Truth.SYSTEM)).isZero();

            update(open, "update orders set note = 'x' where id = 4");
            assertThat(truth.undoDifferences(Truth.SYSTEM)).isEqualTo(1);

            update(open, "delete from products where id = 5");
            assertThat(truth.undoDifferences(Truth.SYSTEM)).isEqualTo(1 + 5);
        }
    }

    @Test
    void figures_without_a_copy_from_before_the_restore_are_refused(@TempDir Path fresh) throws SQLException {
        createdIn(fresh, 0.001, 1);

        assertThatThrownBy(() -> new Shop(fresh, 0.001).truth().figures())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no copy of the tables was made before the restore");
    }

    private static Path createdIn(Path dir, double scale, long seed) throws SQLException {
        new Shop(dir, scale).create(seed);
        return dir;
    }

    private static void keepAside(Connection open) throws SQLException {
        update(open, "create schema aside");
        for (Table table : Table.values()) {
            update(open, "create table aside." + table.sql() + " as select * from public." + table.sql());
        }
    }

    private static List<String> log(Path dir, long seed) throws SQLException {
        var shop = new Shop(dir, 0.005);
        shop.create(seed);
        try (Connection open = Shop.connect(dir)) {
            shop.day();
            shop.buggyRelease();
            shop.afterFourthNight();
            return texts(
                    open,
                    "select concat_ws('|', seq, written_at, writer, app_version, kind, tab, record_key, field,"
                            + " op, old_value, new_value) from truth.write_log order by seq");
        }
    }

    private static List<String> ordersWithWrongTotal(Connection open) throws SQLException {
        var wrong = new ArrayList<String>();
        try (Statement statement = open.createStatement();
                ResultSet rows = statement.executeQuery("select id, lines, shipping, total from orders")) {
            while (rows.next()) {
                BigDecimal due = Lines.parse(rows.getString(2)).sum().add(rows.getBigDecimal(3));
                if (due.compareTo(rows.getBigDecimal(4)) != 0) {
                    wrong.add(rows.getString(1));
                }
            }
        }
        return wrong;
    }

    /** What no product can: puts every damaged value that is still there back, as the log knows it. */
    private static void restorePerfectly(Connection open) throws SQLException {
        for (String field : List.of("total", "status", "balance", "email", "amount")) {
            for (String table : List.of("orders", "customers", "payments")) {
                String damage = "truth.damage d where d.tab = '" + table + "' and d.field = '" + field
                        + "' and d.outcome = 'unrecoverable'";
                if (count(open, "select count(*) from " + damage) > 0) {
                    update(
                            open,
                            "update " + table + " set " + field + " = (select good from " + damage
                                    + " and d.record_key = id) where id in (select record_key from " + damage + ")");
                }
            }
        }
        restoreLines(open);
        restoreDeleted(open);
    }

    private static void restoreLines(Connection open) throws SQLException {
        for (String damage : texts(
                open,
                "select record_key || ';' || field || ';' || good || ';' || cell"
                        + " from truth.damage where field like 'lines%' and outcome = 'unrecoverable'")) {
            var parts = List.of(damage.split(";"));
            String lines = texts(open, "select lines from orders where id = " + parts.get(0))
                    .get(0);
            int lineNo = Integer.parseInt(parts.get(1).replaceAll("\\D", ""));
            Lines restored = Lines.parse(lines);
            for (Line line : restored.all()) {
                if (line.lineNo() == lineNo) {
                    restored = restored.with(line.withAmount(new BigDecimal(parts.get(2))));
                }
            }
            update(open, "update orders set lines = '" + restored.json() + "' where id = " + parts.get(0));
        }
    }

    private static void restoreDeleted(Connection open) throws SQLException {
        for (String key : texts(
                open, "select record_key from truth.damage where field = '*'" + " and outcome = 'unrecoverable'")) {
            var values = new LinkedHashMap<String, @Nullable Object>();
            var lines = new TreeMap<String, Map<String, String>>();
            try (Statement statement = open.createStatement();
                    ResultSet cells = statement.executeQuery("select field, old_value from truth.write_log"
                            + " where writer = 'bug' and op = 'delete' and tab = 'orders' and field <> '*'"
                            + " and record_key = " + key)) {
                while (cells.next()) {
                    String field = cells.getString(1);
                    if (field.startsWith("lines")) {
                        lines.computeIfAbsent(field.replaceAll("\\D", ""), no -> new LinkedHashMap<>())
                                .put(field.substring(field.indexOf("].") + 2), cells.getString(2));
                    } else {
                        values.put(field, cells.getString(2));
                    }
                }
            }
            values.put(Table.LINES, "[" + String.join(", ", json(lines)) + "]");
            var row = new Row(Table.ORDERS, Long.parseLong(key), values);
            try (var insert = open.prepareStatement(Table.ORDERS.insertSql())) {
                row.bind(insert, Map.of("app_version", "x", "row_version", 1, "updated_at", "2026-03-09 00:00:00+00"));
                insert.executeUpdate();
            }
        }
    }

    /** Members in another order, amounts without closing zeros: the same lines all the same. */
    private static List<String> json(Map<String, Map<String, String>> lines) {
        var json = new ArrayList<String>();
        lines.forEach((no, line) ->
                json.add("{\"amount\": " + line.getOrDefault("amount", "").replaceAll("0$", "") + ", \"qty\": "
                        + line.get("qty") + ", \"sku\": \"" + line.get("sku") + "\", \"line_no\": " + no + "}"));
        return json;
    }

    private static long count(Connection open, String sql) throws SQLException {
        return Long.parseLong(texts(open, sql).get(0));
    }

    private static long update(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private static List<String> texts(Connection open, String sql) throws SQLException {
        var texts = new ArrayList<String>();
        try (Statement statement = open.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }
}
