package dev.lastgood.incident.scenario;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** One release, two mistakes at the same time: totals a hundred times too high in a region, addresses cut in a channel. */
final class TwoBugs implements Kind {
    static final String CENTS = "cents";
    static final String FORM = "form";

    @Override
    public String name() {
        return "two bugs";
    }

    @Override
    public Table table() {
        return Table.explained(
                "deliveries", "total decimal(12,2), address string, status string, driver string, note string");
    }

    @Override
    public String rules() {
        return """
            - {id: delivery-total, dataset: deliveries, field: total, min: 0, max: 3000}
            - {id: delivery-address, dataset: deliveries, field: address, matches: '.*, [0-9]{5} .*'}
            """;
    }

    private static BigDecimal total(RandomGenerator random) {
        return Made.chance(0.4, random) ? Made.money(4, 30, random) : Made.money(30.01, 400, random);
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("total", total(random), "address", TruncatedText.address(random), "status", "NEW")
                .with(Fields.of("driver", Made.firstName(random), "note", Made.note(random)));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of("load", 4, (one, random, at) -> Fields.of("status", "LOADED")),
                Operation.of("price", 1, (one, random, at) -> Fields.of("total", total(random))),
                Operation.of("ask", 4, (one, random, at) -> Fields.of("note", Made.note(random))),
                Operation.of("move", 1, (one, random, at) -> Fields.of("address", TruncatedText.address(random))),
                Operation.of("drive", 2, (one, random, at) -> Fields.of("driver", Made.firstName(random))));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(
                Bug.instead(
                        CENTS,
                        days.afterLast(3),
                        days.afterLast(9),
                        Map.of("app_version", Actor.NEW, "region", "eu"),
                        Set.of("load", "price"),
                        (one, past, random) -> one.with("total", Made.times(one.amount("total"), 100))),
                Bug.instead(
                        FORM,
                        days.afterLast(5),
                        days.afterLast(11),
                        Map.of("app_version", Actor.NEW, "channel", "web"),
                        Set.of("ask", "move"),
                        (one, past, random) -> one.with("address", TruncatedText.cut(one.text("address")))));
    }
}
