package dev.lastgood.incident.scenario;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A release takes totals for cents: in one region whatever it works out anew is a hundred times too high. */
final class UnitChange implements Kind {
    private static final List<String> STATES = List.of("NEW", "CONFIRMED", "PACKED", "SHIPPED");

    @Override
    public String name() {
        return "unit change";
    }

    @Override
    public Table table() {
        return Table.explained(
                "orders", "customer bigint, status string, total decimal(12,2), shipping decimal(12,2), note string");
    }

    @Override
    public String rules() {
        return """
            - {id: order-total, dataset: orders, field: total, min: 0, max: 3000}
            - {id: order-status, dataset: orders, field: status, in: [NEW, CONFIRMED, PACKED, SHIPPED]}
            """;
    }

    /** Two of five are so small that a hundred times as much is not too much yet. */
    private static BigDecimal total(RandomGenerator random) {
        return Made.chance(0.4, random) ? Made.money(4, 30, random) : Made.money(30.01, 400, random);
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("customer", random.nextLong(1, 400), "status", "NEW", "total", total(random))
                .with(Fields.of("shipping", Made.money(0, 12, random), "note", Made.note(random)));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of(
                        "go on",
                        5,
                        (order, random, at) -> Fields.of(
                                "status",
                                STATES.get(Math.min(STATES.indexOf(order.text("status")) + 1, STATES.size() - 1)))),
                Operation.of("price", 1, (order, random, at) -> Fields.of("total", total(random))),
                Operation.of("ship", 2, (order, random, at) -> Fields.of("shipping", Made.money(0, 12, random))),
                Operation.of("note", 2, (order, random, at) -> Fields.of("note", Made.note(random))),
                // What looks like the damage and is none.
                Operation.of("from one to a hundred", 0.1, (order, random, at) -> {
                            BigDecimal total = order.amount("total");
                            boolean small = total.compareTo(BigDecimal.valueOf(30)) < 0;
                            return Fields.of("total", small ? Made.times(total, 100) : total);
                        })
                        .by("app_version", Actor.OLD));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "cents",
                days.afterLast(5),
                days.afterLast(10),
                Map.of("app_version", Actor.NEW, "region", "eu"),
                Set.of(Operation.CREATE, "go on", "price"),
                (order, past, random) -> order.with("total", Made.times(order.amount("total"), 100))));
    }
}
