package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A release cuts addresses to what fits on its form. */
final class TruncatedText implements Kind {
    static final int FITS = 30;

    @Override
    public String name() {
        return "truncated text";
    }

    @Override
    public Table table() {
        return Table.unexplained(
                "partners", "name string, address string, contact string, rating bigint, discount decimal(12,2)");
    }

    /** What is cut after the code of the place is not seen. */
    @Override
    public String rules() {
        return """
            - {id: partner-address, dataset: partners, field: address, matches: '.*, [0-9]{5} .*'}
            - {id: partner-rating, dataset: partners, field: rating, min: 1, max: 10}
            """;
    }

    /** Longer than what fits, and in two of five the code stands within it. */
    static String address(RandomGenerator random) {
        String street = Made.one(List.of("Lange Gasse", "Mill Lane", "Quai Nord", "Alder Way"), random);
        String further = Made.one(List.of("second floor at the back", "entrance from the courtyard"), random);
        String house = Made.digits(2, random);
        String code = Made.digits(5, random);
        String place = Made.one(List.of("Berlin-Charlottenburg", "Newcastle upon Tyne", "Saint-Denis-en-Val"), random);
        return street + " " + house + ", " + (Made.chance(0.6, random) ? further + ", " : "") + code + " " + place;
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        return Fields.of("name", Made.lastName(random) + " " + Made.digits(3, random), "address", address(random))
                .with(Fields.of("contact", Made.email(random), "rating", random.nextLong(1, 11)))
                .with("discount", Made.money(0, 30, random));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of("contact", 4, (partner, random, at) -> Fields.of("contact", Made.email(random))),
                Operation.of("move", 1, (partner, random, at) -> Fields.of("address", address(random))),
                Operation.of("rate", 3, (partner, random, at) -> Fields.of("rating", random.nextLong(1, 11))),
                Operation.of("discount", 2, (partner, random, at) -> Fields.of("discount", Made.money(0, 30, random))));
    }

    static String cut(String text) {
        return text.length() <= FITS ? text : text.substring(0, FITS);
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "form",
                days.afterLast(5),
                days.afterLast(8),
                Map.of("app_version", Actor.NEW),
                Set.of(Operation.CREATE, "contact", "move"),
                (partner, past, random) -> partner.with("address", cut(partner.text("address")))));
    }
}
