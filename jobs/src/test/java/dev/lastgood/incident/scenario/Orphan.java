package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A release of the mobile client sends the number an order had in the old system, where shipments name the order. */
final class Orphan implements Kind {
    private static final long ORDERS = 500;
    private static final Table PARENTS = Table.plain("shop_orders", "customer bigint");

    @Override
    public String name() {
        return "orphan";
    }

    @Override
    public Table table() {
        return Table.unexplained(
                "shipments", "order_id bigint, carrier string, weight decimal(12,2), status string, label string");
    }

    @Override
    public String rules() {
        return """
            - id: shipment-order
              dataset: shipments
              where: status <> 'DRAFT'
              reference: {fields: [order_id], to: shop_orders, key: [id]}
            - {id: shipment-weight, dataset: shipments, field: weight, min: 0}
            """;
    }

    private static long order(RandomGenerator random) {
        return random.nextLong(1, ORDERS + 1);
    }

    private static String carrier(RandomGenerator random) {
        return Made.one(List.of("post", "courier", "own van", "freight"), random);
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("order_id", order(random), "carrier", carrier(random), "weight", Made.money(0.1, 40, random))
                .with(Fields.of("status", Made.chance(0.35, random) ? "DRAFT" : "READY"))
                .with("label", Made.digits(14, random));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of("plan", 5, (shipment, random, at) -> Fields.of("carrier", carrier(random))),
                Operation.of("move", 1, (shipment, random, at) -> Fields.of("order_id", order(random))),
                Operation.of("weigh", 2, (shipment, random, at) -> Fields.of("weight", Made.money(0.1, 40, random))),
                Operation.of("print", 2, (shipment, random, at) -> Fields.of("label", Made.digits(14, random))));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "old number",
                days.afterLast(4),
                days.afterLast(10),
                Map.of("app_version", Actor.NEW, "channel", "app"),
                Set.of(Operation.CREATE, "plan", "move"),
                (shipment, past, random) -> shipment.with("order_id", 900_000 + random.nextLong(90_000))));
    }

    @Override
    public Map<Table, Map<Long, Fields>> others(List<Story.Write> writes) {
        Map<Long, Fields> orders = new TreeMap<>();
        for (long id = 1; id <= ORDERS; id++) {
            orders.put(id, Fields.of("customer", id % 97));
        }
        Map<Table, Map<Long, Fields>> others = new LinkedHashMap<>();
        others.put(PARENTS, orders);
        return others;
    }
}
