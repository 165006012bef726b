package dev.lastgood.incident.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A worker that takes orders from the queue tries again, and places each a second time under a new id. */
final class Duplicate implements Kind {

    @Override
    public String name() {
        return "duplicate";
    }

    @Override
    public Table table() {
        return Table.explained(
                "purchases", "customer bigint, total decimal(12,2), placed_at timestamp, status string, note string");
    }

    /** Placed again later than that it is not seen. */
    @Override
    public String rules() {
        return """
            - id: purchase-once
              dataset: purchases
              query: |
                select b.id from purchases a join purchases b
                on a.customer = b.customer and a.total = b.total and a.id < b.id
                and b.placed_at between a.placed_at and a.placed_at + interval 10 minutes
            - {id: purchase-status, dataset: purchases, field: status, in: [NEW, ACCEPTED, SHIPPED]}
            """;
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("customer", random.nextLong(1, 3000), "total", Made.money(5, 900, random), "status", "NEW")
                .with(Fields.of("placed_at", at, "note", Made.note(random)));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of("accept", 2, (order, random, at) -> Fields.of("status", "ACCEPTED"))
                        .by("channel", "queue", "writer", "worker"),
                Operation.of("ship", 4, (order, random, at) -> Fields.of("status", "SHIPPED")),
                Operation.of("note", 4, (order, random, at) -> Fields.of("note", Made.note(random))),
                Operation.of("price", 1, (order, random, at) -> Fields.of("total", Made.money(5, 900, random))));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.beside(
                "retry",
                days.afterLast(3),
                days.afterLast(9),
                Map.of("app_version", Actor.NEW, "channel", "queue"),
                Set.of("accept"),
                (order, at, random) -> {
                    boolean stampedAnew = Made.chance(0.35, random);
                    boolean isOld = order.moment("placed_at")
                            .plus(Duration.ofMinutes(10))
                            .isBefore(at);
                    return order.with("status", "NEW")
                            .with("placed_at", stampedAnew && isOld ? at : order.moment("placed_at"));
                }));
    }
}
