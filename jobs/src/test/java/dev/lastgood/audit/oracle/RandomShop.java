package dev.lastgood.audit.oracle;

import dev.lastgood.audit.oracle.Shop.Field;
import dev.lastgood.audit.oracle.Shop.Item;
import dev.lastgood.audit.oracle.Shop.Table;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A shop before and after: records that stay, change, vanish and appear, most of whose values occur several times. */
final class RandomShop {
    private final Random random;
    private final Map<String, List<Item>> before = new LinkedHashMap<>();
    private final Map<String, List<Item>> after = new LinkedHashMap<>();

    private RandomShop(Random random) {
        this.random = random;
    }

    /** The two moments. */
    record Sides(Shop before, Shop after) {}

    static Sides sides(Random random) {
        RandomShop shop = new RandomShop(random);
        Shop.TABLES.forEach(shop::fill);
        shop.account(
                Shop.PRODUCTS,
                "stock",
                Shop.MOVES,
                "delta",
                product -> move -> product.at("sku") != null && Objects.equals(product.at("sku"), move.at("sku")));
        shop.account(
                Shop.CUSTOMERS,
                "balance",
                Shop.PAYMENTS,
                "amount",
                customer -> payment -> Objects.equals(customer.at("id"), payment.at("customer"))
                        && Objects.equals(customer.at("region"), payment.at("region")));
        shop.settle();
        shop.before.values().forEach(items -> Collections.shuffle(items, random));
        shop.after.values().forEach(items -> Collections.shuffle(items, random));
        return new Sides(new Shop(shop.before), new Shop(shop.after));
    }

    private boolean once(int in) {
        return random.nextInt(in) == 0;
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    // ---- records

    private void fill(Table table) {
        List<Item> then = new ArrayList<>();
        List<Item> now = new ArrayList<>();
        // Now and then there is nothing, or next to nothing.
        int share = once(25) ? 12 : 1;
        for (Map<String, @Nullable Object> key : keys(table, 0)) {
            boolean was = !once(4) && once(share);
            Map<String, @Nullable Object> record = record(table, key);
            if (was) {
                then.add(Item.of(table, record));
            }
            Map<String, @Nullable Object> changed = was ? changed(table, record) : record;
            if (was ? !once(6) : once(2) && once(share)) {
                now.add(Item.of(table, changed));
            }
        }
        before.put(table.name(), then);
        after.put(table.name(), now);
    }

    private static List<Map<String, @Nullable Object>> keys(Table table, int from) {
        if (from == table.key().size()) {
            return List.of(Map.of());
        }
        List<Map<String, @Nullable Object>> keys = new ArrayList<>();
        boolean last = from == table.key().size() - 1;
        Field field = table.field(table.key().get(from));
        for (Object part : last ? field.many() : field.pool()) {
            for (Map<String, @Nullable Object> rest : keys(table, from + 1)) {
                Map<String, @Nullable Object> key = new LinkedHashMap<>(rest);
                key.put(table.key().get(from), part);
                keys.add(key);
            }
        }
        return keys;
    }

    private Map<String, @Nullable Object> record(Table table, Map<String, @Nullable Object> key) {
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        for (Field field : table.fields()) {
            if (key.containsKey(field.path())) {
                record.put(field.path(), key.get(field.path()));
            } else {
                set(table, record, field);
            }
        }
        if (table.equals(Shop.ORDERS)) {
            setLines(record);
            setTags(record);
        }
        return record;
    }

    /** Any value, null, or where it is a document none. */
    @SuppressWarnings("unchecked")
    private void set(Table table, Map<String, @Nullable Object> record, Field field) {
        String[] names = field.path().split("\\.", 2);
        if (names.length > 1) {
            Object inner = record.get(names[0]);
            if (!(inner instanceof Map)) {
                inner = new LinkedHashMap<String, @Nullable Object>();
                record.put(names[0], once(10) ? null : inner);
            }
            set(table, (Map<String, @Nullable Object>) inner, new Field(names[1], field.type(), field.pool()));
            return;
        }
        record.remove(field.path());
        if (!table.documents() || !once(14)) {
            record.put(field.path(), value(field));
        }
    }

    private @Nullable Object value(Field field) {
        return once(8) ? null : any(field.pool());
    }

    private void setLines(Map<String, @Nullable Object> record) {
        record.remove("lines");
        if (!once(9)) {
            record.put("lines", once(9) ? null : array(this::line));
        }
    }

    private void setTags(Map<String, @Nullable Object> record) {
        record.remove("tags");
        if (!once(9)) {
            record.put("tags", once(9) ? null : array(() -> value(Shop.TAGS.get(0))));
        }
    }

    private List<@Nullable Object> array(java.util.function.Supplier<@Nullable Object> item) {
        List<@Nullable Object> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            items.add(item.get());
        }
        return items;
    }

    private @Nullable Object line() {
        if (once(20)) {
            return null;
        }
        Map<String, @Nullable Object> line = element(Shop.LINES);
        if (!once(8)) {
            line.put("taxes", once(8) ? null : array(() -> once(15) ? null : element(Shop.TAXES)));
        }
        return line;
    }

    private Map<String, @Nullable Object> element(List<Field> fields) {
        Map<String, @Nullable Object> element = new LinkedHashMap<>();
        for (Field field : fields) {
            if (!once(12)) {
                element.put(field.path(), value(field));
            }
        }
        return element;
    }

    // ---- changes

    @SuppressWarnings("unchecked")
    private Map<String, @Nullable Object> changed(Table table, Map<String, @Nullable Object> record) {
        Map<String, @Nullable Object> changed =
                (Map<String, @Nullable Object>) Objects.requireNonNull(Shop.copy(record));
        if (once(2)) {
            return changed;
        }
        List<Field> free = table.fields().stream()
                .filter(field -> !table.key().contains(field.path()))
                .toList();
        for (int i = random.nextInt(3); i >= 0; i--) {
            if (table.equals(Shop.ORDERS) && once(3)) {
                changeArray(changed);
            } else {
                set(table, changed, any(free));
            }
        }
        return changed;
    }

    @SuppressWarnings("unchecked")
    private void changeArray(Map<String, @Nullable Object> record) {
        boolean lines = once(2);
        Object array = record.get(lines ? "lines" : "tags");
        if (!(array instanceof List) || once(8)) {
            if (lines) {
                setLines(record);
            } else {
                setTags(record);
            }
            return;
        }
        List<@Nullable Object> items = (List<@Nullable Object>) array;
        Object item = lines ? line() : value(Shop.TAGS.get(0));
        switch (random.nextInt(4)) {
            case 0 -> items.add(item);
            case 1 -> items.add(0, item);
            case 2 -> {
                if (!items.isEmpty()) {
                    items.remove(random.nextInt(items.size()));
                }
            }
            default -> {
                if (!items.isEmpty()) {
                    items.set(random.nextInt(items.size()), item);
                }
            }
        }
    }

    // ---- numbers that agree with other records, as random ones hardly ever would

    /** Lets some numbers grow by what others add up to. */
    private void account(
            Table table,
            String field,
            Table by,
            String sum,
            java.util.function.Function<Item, Predicate<Item>> goesWith) {
        for (Item now : items(after, table)) {
            Item then = find(items(before, table), now.key());
            if (then != null && then.at(field) instanceof BigDecimal was && !once(3)) {
                BigDecimal net = sum(items(after, by), sum, goesWith.apply(now))
                        .subtract(sum(items(before, by), sum, goesWith.apply(now)));
                now.fields().put(field, Shop.normal(was.add(net)));
            }
        }
    }

    /** Lets some orders cost what was paid for them. */
    private void settle() {
        for (Map<String, List<Item>> side : List.of(before, after)) {
            for (Item order : items(side, Shop.ORDERS)) {
                if (once(3)) {
                    BigDecimal paid = sum(
                            items(side, Shop.PAYMENTS),
                            "amount",
                            payment -> order.key().equals(payment.at("order_id")));
                    order.fields().put("total", Shop.normal(paid));
                }
            }
        }
    }

    private static List<Item> items(Map<String, List<Item>> side, Table table) {
        return Objects.requireNonNull(side.get(table.name()));
    }

    private static @Nullable Item find(List<Item> items, String key) {
        return items.stream().filter(item -> item.key().equals(key)).findFirst().orElse(null);
    }

    private static BigDecimal sum(List<Item> items, String field, Predicate<Item> which) {
        return items.stream()
                .filter(which)
                .map(item -> item.at(field) instanceof BigDecimal number ? number : BigDecimal.ZERO)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
