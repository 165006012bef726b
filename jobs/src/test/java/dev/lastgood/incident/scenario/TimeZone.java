package dev.lastgood.incident.scenario;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A release takes the start of appointments for local time, two hours off. It was so already in the last night. */
final class TimeZone implements Kind {
    private static final Duration OFF = Duration.ofHours(2);

    @Override
    public String name() {
        return "time zone";
    }

    @Override
    public Table table() {
        return Table.explained(
                "appointments", "starts_at timestamp, ends_at timestamp, room string, title string, status string");
    }

    /** Appointments that are long enough still end after they start. */
    @Override
    public String rules() {
        return """
            - {id: appointment-ends, dataset: appointments, assert: ends_at > starts_at, fields: [starts_at]}
            - {id: appointment-room, dataset: appointments, field: room, matches: 'R[0-9]+'}
            """;
    }

    private static Fields times(Instant at, RandomGenerator random) {
        Instant start = at.truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(random.nextInt(24, 24 * 14)));
        List<Integer> minutes = List.of(30, 45, 60, 60, 90, 90, 150, 180, 180, 240);
        Duration length = Duration.ofMinutes(minutes.get(random.nextInt(minutes.size())));
        return Fields.of("starts_at", start, "ends_at", start.plus(length));
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return times(at, random)
                .with(Fields.of("room", "R" + random.nextInt(1, 60), "title", Made.note(random), "status", "ASKED"));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of(
                        "confirm",
                        4,
                        (one, random, at) ->
                                Fields.of("status", one.text("status").equals("ASKED") ? "CONFIRMED" : "REMINDED")),
                Operation.of("move", 1, (one, random, at) -> times(at, random)),
                Operation.of("room", 3, (one, random, at) -> Fields.of("room", "R" + random.nextInt(1, 60))),
                Operation.of("title", 2, (one, random, at) -> Fields.of("title", Made.note(random))),
                // What looks like the damage and is none.
                Operation.of(
                                "two hours later",
                                0.2,
                                (one, random, at) -> Fields.of(
                                        "starts_at", one.moment("starts_at").plus(OFF),
                                        "ends_at", one.moment("ends_at").plus(OFF)))
                        .by("app_version", Actor.OLD));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "local time",
                days.afterLast(-8),
                days.afterLast(6),
                Map.of("app_version", Actor.NEW, "region", "eu"),
                Set.of(Operation.CREATE, "confirm", "move"),
                (one, past, random) ->
                        one.with("starts_at", one.moment("starts_at").plus(OFF))));
    }
}
