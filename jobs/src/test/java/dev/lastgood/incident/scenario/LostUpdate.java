package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A nightly job reads accounts in the evening and writes them back as a whole in the morning, in one region: what was booked
 * and edited in between is undone. In the other regions it reads what it writes, and does no harm.
 */
final class LostUpdate implements Kind {
    private static final Table BOOKINGS = Table.plain(
            "bookings", "account_id bigint, account_type string, amount decimal(12,2), booked_at timestamp");

    @Override
    public String name() {
        return "lost update";
    }

    @Override
    public Table table() {
        return Table.explained(
                "accounts",
                "holder string, email string, phone string, type string, balance decimal(12,2), score bigint");
    }

    @Override
    public String rules() {
        return """
            - id: balance-is-booked
              dataset: accounts
              reconcile:
                by: [account_id]
                left: {where: type <> 'CREDIT', key: [id], sum: balance}
                right: {dataset: bookings, where: account_type <> 'CREDIT', sum: amount}
            - {id: account-email, dataset: accounts, field: email, format: email}
            """;
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("holder", Made.firstName(random) + " " + Made.lastName(random), "email", Made.email(random))
                .with(Fields.of("phone", Made.digits(9, random), "type", Made.chance(0.2, random) ? "CREDIT" : "DEBIT"))
                .with(Fields.of("balance", Made.money(0, 900, random), "score", random.nextLong(1, 100)));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of(
                        "book",
                        8,
                        (account, random, at) ->
                                Fields.of("balance", account.amount("balance").add(Made.money(-80, 90, random)))),
                Operation.of("email", 1, (account, random, at) -> Fields.of("email", Made.email(random))),
                Operation.of("phone", 1, (account, random, at) -> Fields.of("phone", Made.digits(9, random))),
                Operation.of("score", 0, (account, random, at) -> Fields.of("score", random.nextLong(1, 100))));
    }

    @Override
    public List<Job> jobs(Days days) {
        return List.of("eu", "us", "ap").stream()
                .flatMap(region -> List.of(-23.8, 0.2).stream()
                        .map(hours -> new Job(
                                "score",
                                days.afterLast(hours),
                                days.afterLast(hours + 1.5),
                                new Actor(Actor.NEW, region, "batch", "batch"),
                                0.8)))
                .toList();
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "stale read",
                days.afterLast(0),
                days.afterLast(3),
                Map.of("region", "us", "channel", "batch"),
                Set.of("score"),
                (account, past, random) -> past.asOf(days.afterLast(-9)).with(account.only(Set.of("score")))));
    }

    @Override
    public boolean removes() {
        return false;
    }

    /** A booking for whatever moved a balance, and one for what it was at first. */
    @Override
    public Map<Table, Map<Long, Fields>> others(List<Story.Write> writes) {
        Map<Long, Fields> bookings = new TreeMap<>();
        long id = 0;
        for (Story.Write write : writes) {
            Fields right = write.right();
            boolean books =
                    write.operation().equals("book") || write.operation().equals(Operation.CREATE);
            if (right != null && books) {
                Fields before = write.before();
                var moved = before == null
                        ? right.amount("balance")
                        : right.amount("balance").subtract(before.amount("balance"));
                bookings.put(
                        ++id,
                        Fields.of("account_id", write.id(), "account_type", right.text("type"))
                                .with(Fields.of("amount", moved, "booked_at", write.at())));
            }
        }
        Map<Table, Map<Long, Fields>> others = new LinkedHashMap<>();
        others.put(BOOKINGS, bookings);
        return others;
    }
}
