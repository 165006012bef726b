package dev.lastgood.incident.scenario;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A release of the web shop keeps subscriptions for hours, does not hear that they change, and writes back all of what it
 * keeps with what it was asked to change: whatever was changed in between is undone. Who was not changed meanwhile is well.
 */
final class StaleCache implements Kind {
    private static final Table CONTRACTS = Table.plain("contracts", "plan string");
    private static final Table POINTS =
            Table.plain("point_entries", "subscription_id bigint, points bigint, earned_at timestamp");

    private static final List<String> CITIES = List.of("Oslo", "Lyon", "Graz", "Osaka", "Perth", "Austin", "Denver");
    private static final List<String> PLANS = List.of("FREE", "BASIC", "FAMILY", "PRO", "TEAM");
    private static final Map<String, BigDecimal> PRICES = Map.of(
            "FREE", new BigDecimal("0.00"),
            "BASIC", new BigDecimal("4.90"),
            "FAMILY", new BigDecimal("9.90"),
            "PRO", new BigDecimal("19.00"),
            "TEAM", new BigDecimal("49.00"));

    @Override
    public String name() {
        return "stale cache write";
    }

    @Override
    public Table table() {
        return Table.explained(
                "subscriptions",
                "email string, phone string, street string, city string, second_street string, second_city string, "
                        + "plan string, price decimal(12,2), points bigint");
    }

    /** Other systems have heard of plans and points; how to reach somebody is known here alone. */
    @Override
    public String rules() {
        return """
            - id: subscription-contract
              dataset: subscriptions
              query: |
                select s.id from subscriptions s join contracts c on s.id = c.id
                where s.plan <> c.plan
            - id: points-are-earned
              dataset: subscriptions
              reconcile:
                by: [subscription_id]
                left: {key: [id], sum: points}
                right: {dataset: point_entries, sum: points}
            - {id: subscription-email, dataset: subscriptions, field: email, format: email}
            """;
    }

    /** Who asks for a change asks for another value. */
    private static String other(Object now, List<String> of, RandomGenerator random) {
        int chosen = random.nextInt(of.size());
        return of.get(chosen).equals(now) ? of.get((chosen + 1) % of.size()) : of.get(chosen);
    }

    private static Fields plan(Object now, RandomGenerator random) {
        String plan = other(now, PLANS, random);
        return Fields.of("plan", plan, "price", Objects.requireNonNull(PRICES.get(plan)));
    }

    private static String street(RandomGenerator random) {
        return Made.lastName(random) + " Street " + random.nextInt(1, 200);
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("street", street(random), "city", Made.one(CITIES, random))
                .with(Fields.of("second_street", street(random), "second_city", Made.one(CITIES, random)))
                .with(Fields.of("email", Made.email(random), "phone", Made.digits(9, random)))
                .with(plan("", random))
                .with("points", random.nextLong(0, 500));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of(
                        "earn",
                        3,
                        (one, random, at) -> Fields.of("points", one.number("points") + random.nextLong(1, 120))),
                Operation.of("plan", 1.5, (one, random, at) -> plan(one.text("plan"), random)),
                Operation.of(
                        "address",
                        2,
                        (one, random, at) -> Fields.of("street", street(random))
                                .with("city", other(one.text("city"), CITIES, random))),
                Operation.of("email", 1.5, (one, random, at) -> Fields.of("email", Made.email(random))),
                Operation.of("phone", 1.5, (one, random, at) -> Fields.of("phone", Made.digits(9, random))),
                // What looks like the damage and is none.
                Operation.of(
                                "other home",
                                0.3,
                                (one, random, at) -> Fields.of(
                                                "street", one.text("second_street"), "city", one.text("second_city"))
                                        .with(Fields.of(
                                                "second_street", one.text("street"), "second_city", one.text("city"))))
                        .by("app_version", Actor.OLD));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "not heard",
                days.afterLast(2),
                days.afterLast(10),
                Map.of("app_version", Actor.NEW, "channel", "web"),
                Set.of("earn", "plan", "address", "email", "phone"),
                (right, past, random) -> {
                    Instant at = right.moment("changed_at");
                    Duration age = Duration.ofMinutes(random.nextLong(3 * 60, 12 * 60));
                    return asked(past.asOf(at), right, past.asOf(at.minus(age)));
                }));
    }

    /** What is kept, changed as what was before was to be. */
    private Fields asked(Fields before, Fields right, Fields kept) {
        List<String> changed = table().names().stream()
                .filter(name -> !Objects.equals(before.get(name), right.get(name)))
                .toList();
        long earned = right.number("points") - before.number("points");
        return kept.with(right.only(changed)).with("points", kept.number("points") + earned);
    }

    /** The plans that were agreed on, and an entry for whatever moved points and for what they were at first. */
    @Override
    public Map<Table, Map<Long, Fields>> others(List<Story.Write> writes) {
        Map<Long, Fields> contracts = new TreeMap<>();
        Map<Long, Fields> entries = new TreeMap<>();
        long id = 0;
        for (Story.Write write : writes) {
            Fields right = write.right();
            if (right == null) {
                contracts.remove(write.id());
                entries.values().removeIf(entry -> entry.number("subscription_id") == write.id());
                continue;
            }
            contracts.put(write.id(), Fields.of("plan", right.text("plan")));
            Fields before = write.before();
            long moved = right.number("points") - (before == null ? 0 : before.number("points"));
            boolean earns =
                    write.operation().equals("earn") || write.operation().equals(Operation.CREATE);
            if (earns) {
                entries.put(++id, Fields.of("subscription_id", write.id(), "points", moved, "earned_at", write.at()));
            }
        }
        Map<Table, Map<Long, Fields>> others = new LinkedHashMap<>();
        others.put(CONTRACTS, contracts);
        others.put(POINTS, entries);
        return others;
    }
}
