package dev.lastgood.incident.scenario;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A release settles what comes from the tills with the wrong sign. It was so already in the last night. */
final class SignFlip implements Kind {

    @Override
    public String name() {
        return "sign flip";
    }

    @Override
    public Table table() {
        return Table.explained(
                "payments", "type string, amount decimal(12,2), fee decimal(12,2), status string, reference string");
    }

    @Override
    public String rules() {
        return """
            - {id: charge-amount, dataset: payments, where: type = 'CHARGE', field: amount, min: 0}
            - {id: payment-status, dataset: payments, field: status, in: [OPEN, SETTLED, BOOKED]}
            """;
    }

    /** Charges are positive, refunds negative; what is adjusted may be either, and no rule is about these two. */
    private static BigDecimal amount(String type, RandomGenerator random) {
        BigDecimal amount = Made.money(1, 900, random);
        boolean down = Made.chance(0.5, random);
        return switch (type) {
            case "CHARGE" -> amount;
            case "REFUND" -> amount.negate();
            default -> down ? amount.negate() : amount;
        };
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        String type = Made.chance(0.65, random) ? "CHARGE" : Made.chance(0.6, random) ? "REFUND" : "ADJUSTMENT";
        return Fields.of("type", type, "amount", amount(type, random), "fee", Made.money(0, 5, random))
                .with(Fields.of("status", "OPEN", "reference", Made.digits(12, random)));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of(
                        "settle",
                        5,
                        (payment, random, at) ->
                                Fields.of("status", payment.text("status").equals("OPEN") ? "SETTLED" : "BOOKED")),
                Operation.of(
                        "correct",
                        1,
                        (payment, random, at) -> Fields.of("amount", amount(payment.text("type"), random))),
                Operation.of("fee", 2, (payment, random, at) -> Fields.of("fee", Made.money(0, 5, random))),
                Operation.of("refer", 2, (payment, random, at) -> Fields.of("reference", Made.digits(12, random))),
                // What looks like the damage and is none.
                Operation.of(
                                "reverse",
                                0.1,
                                (payment, random, at) -> payment.text("type").equals("CHARGE")
                                        ? Fields.of(
                                                "type",
                                                "REFUND",
                                                "amount",
                                                payment.amount("amount").negate())
                                        : Fields.NONE)
                        .by("app_version", Actor.OLD));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "tills",
                days.afterLast(-9),
                days.afterLast(8),
                Map.of("app_version", Actor.NEW, "channel", "pos"),
                Set.of(Operation.CREATE, "settle", "correct"),
                (payment, past, random) ->
                        payment.with("amount", payment.amount("amount").negate())));
    }
}
