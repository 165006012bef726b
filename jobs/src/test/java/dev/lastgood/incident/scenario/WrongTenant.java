package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A release serves a region from a session that another tenant has left behind, for a night; two snapshots have the damage.
 */
final class WrongTenant implements Kind {
    private static final List<String> TENANTS =
            List.of("T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10", "T11", "T12");

    @Override
    public String name() {
        return "wrong tenant";
    }

    @Override
    public Table table() {
        return Table.explained(
                "tickets", "tenant string, account string, subject string, priority bigint, status string");
    }

    /** Accounts of before do not name their tenant. */
    @Override
    public String rules() {
        return """
            - id: ticket-tenant
              dataset: tickets
              assert: account like 'ACC-%' or startswith(account, tenant)
              fields: [tenant]
            - {id: ticket-priority, dataset: tickets, field: priority, min: 1, max: 5}
            """;
    }

    private static Fields owner(RandomGenerator random) {
        String tenant = Made.one(TENANTS, random);
        String number = Made.digits(6, random);
        return Fields.of("tenant", tenant, "account", (Made.chance(0.35, random) ? "ACC" : tenant) + "-" + number);
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return owner(random)
                .with(Fields.of("subject", Made.note(random), "priority", random.nextLong(1, 6), "status", "OPEN"));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of(
                        "answer",
                        5,
                        (ticket, random, at) ->
                                Fields.of("status", ticket.text("status").equals("OPEN") ? "ANSWERED" : "OPEN")),
                Operation.of("rank", 2, (ticket, random, at) -> Fields.of("priority", random.nextLong(1, 6))),
                Operation.of("subject", 2, (ticket, random, at) -> Fields.of("subject", Made.note(random))),
                // What looks like the damage and is none.
                Operation.of("hand over", 0.3, (ticket, random, at) -> owner(random)));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "session",
                days.afterLast(-30),
                days.afterLast(-18),
                Map.of("app_version", Actor.NEW, "region", "us"),
                Set.of(Operation.CREATE, "answer", "rank"),
                (ticket, past, random) -> ticket.with("tenant", Made.one(TENANTS, random))));
    }
}
