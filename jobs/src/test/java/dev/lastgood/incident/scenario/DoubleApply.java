package dev.lastgood.incident.scenario;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A release looks twice at who pays more than a little, and is so slow at it that the queue sends the payment again: it is
 * applied twice. It was so already in the last night.
 */
final class DoubleApply implements Kind {
    /** Less is not looked at. */
    private static final BigDecimal LITTLE = new BigDecimal("40.00");

    @Override
    public String name() {
        return "double apply";
    }

    @Override
    public Table table() {
        return Table.explained(
                "tabs",
                "customer bigint, total decimal(12,2), paid decimal(12,2), paid_at timestamp, status string, note string");
    }

    /** A part that is paid twice is not more than the whole. */
    @Override
    public String rules() {
        return """
            - {id: tab-paid, dataset: tabs, assert: paid between 0 and total, fields: [paid]}
            - {id: tab-status, dataset: tabs, field: status, in: [OPEN, PARTLY, PAID]}
            """;
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("customer", random.nextLong(1, 900), "total", Made.money(20, 600, random))
                .with(Fields.of("paid", BigDecimal.valueOf(0, 2), "status", "OPEN", "note", Made.note(random)));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of("pay", 5, (tab, random, at) -> {
                    boolean all = Made.chance(0.35, random);
                    BigDecimal rate = rate(tab, random);
                    return paid(tab, all ? rest(tab) : rate, at);
                }),
                Operation.of("order", 2, (tab, random, at) -> {
                    BigDecimal total = tab.amount("total").add(Made.money(5, 200, random));
                    return Fields.of("total", total, "status", status(tab.amount("paid"), total));
                }),
                Operation.of("note", 3, (tab, random, at) -> Fields.of("note", Made.note(random))),
                // What looks like the damage and is none.
                Operation.of("pay two rates", 0.3, (tab, random, at) -> {
                            BigDecimal rates = Made.times(rate(tab, random), 2);
                            return paid(tab, rates.min(rest(tab)), at);
                        })
                        .by("app_version", Actor.OLD));
    }

    private static BigDecimal rest(Fields tab) {
        return tab.amount("total").subtract(tab.amount("paid"));
    }

    private static BigDecimal rate(Fields tab, RandomGenerator random) {
        BigDecimal share = Made.money(0.1, 0.6, random);
        return rest(tab).multiply(share).setScale(2, RoundingMode.UP);
    }

    /** Nobody pays what is not owed. */
    private static Fields paid(Fields tab, BigDecimal amount, Instant at) {
        if (rest(tab).signum() <= 0) {
            return Fields.NONE;
        }
        BigDecimal paid = tab.amount("paid").add(amount);
        return Fields.of("paid", paid, "status", status(paid, tab.amount("total")), "paid_at", at);
    }

    private static String status(BigDecimal paid, BigDecimal total) {
        if (paid.signum() == 0) {
            return "OPEN";
        }
        return paid.compareTo(total) < 0 ? "PARTLY" : "PAID";
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "sent again",
                days.afterLast(-12),
                days.afterLast(9),
                Map.of("app_version", Actor.NEW, "region", "us"),
                Set.of("pay"),
                (tab, past, random) -> {
                    Instant at = tab.moment("changed_at");
                    BigDecimal amount =
                            tab.amount("paid").subtract(past.asOf(at).amount("paid"));
                    BigDecimal paid = tab.amount("paid").add(amount);
                    return amount.compareTo(LITTLE) < 0
                            ? tab
                            : tab.with(Fields.of("paid", paid, "status", status(paid, tab.amount("total"))));
                }));
    }
}
