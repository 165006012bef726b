package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A job moves phone numbers from one field into two. In one region it cannot read those with an extension: it clears the old
 * field and leaves the new ones empty.
 */
final class PartialMigration implements Kind {

    @Override
    public String name() {
        return "partial migration";
    }

    @Override
    public Table table() {
        return Table.explained(
                "contacts",
                "name string, tier string, phone string, phone_country string, phone_number string, city string");
    }

    /** Guests need no number. */
    @Override
    public String rules() {
        return """
            - id: contact-phone
              dataset: contacts
              where: tier <> 'GUEST'
              assert: coalesce(phone, phone_number) is not null
              fields: [phone, phone_country, phone_number]
            - {id: contact-name, dataset: contacts, field: name, required: true, min_length: 3}
            """;
    }

    private static String phone(String country, RandomGenerator random) {
        String number = country + " " + Made.digits(9, random);
        String extension = " x" + Made.digits(2, random);
        return Made.chance(0.6, random) ? number + extension : number;
    }

    private static String city(RandomGenerator random) {
        return Made.one(List.of("Oslo", "Lyon", "Graz", "Osaka", "Perth", "Austin", "Denver"), random);
    }

    private static String name(RandomGenerator random) {
        return Made.firstName(random) + " " + Made.lastName(random);
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        String country = Map.of("eu", "+49", "us", "+1", "ap", "+81").getOrDefault(region, "");
        return Fields.of("name", name(random), "tier", Made.chance(0.35, random) ? "GUEST" : "CLIENT")
                .with(Fields.of("phone", phone(country, random), "city", city(random)));
    }

    private static boolean isMoved(Fields contact) {
        return !contact.has("phone");
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of("city", 4, (contact, random, at) -> Fields.of("city", city(random))),
                Operation.of("name", 4, (contact, random, at) -> Fields.of("name", name(random))),
                Operation.of("phone", 2, (contact, random, at) -> {
                    String phone = phone("+44", random);
                    return isMoved(contact) ? moved(phone) : Fields.of("phone", phone);
                }),
                // What looks like the damage and is none.
                Operation.of(
                                "forget",
                                0.1,
                                (contact, random, at) -> contact.text("tier").equals("GUEST")
                                        ? Fields.of("phone", Operation.CLEARED)
                                                .with(Fields.of("phone_country", Operation.CLEARED))
                                                .with(Fields.of("phone_number", Operation.CLEARED))
                                        : Fields.NONE)
                        .by("app_version", Actor.OLD),
                Operation.of(
                        "migrate",
                        0,
                        (contact, random, at) -> isMoved(contact)
                                ? Fields.NONE
                                : moved(contact.text("phone")).with("phone", Operation.CLEARED)));
    }

    private static Fields moved(String phone) {
        int blank = phone.indexOf(' ');
        return Fields.of("phone_country", phone.substring(0, blank), "phone_number", phone.substring(blank + 1));
    }

    /** A small part first, everywhere and without harm. */
    @Override
    public List<Job> jobs(Days days) {
        return List.of("eu", "us", "ap").stream()
                .map(region -> new Actor(Actor.NEW, region, "batch", "batch"))
                .flatMap(actor -> Stream.of(
                        new Job("migrate", days.afterLast(-30), days.afterLast(-29), actor, 0.1),
                        new Job("migrate", days.afterLast(-4), days.afterLast(4), actor, 0.7)))
                .toList();
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "extensions",
                days.afterLast(-4),
                days.afterLast(4),
                Map.of("region", "ap", "channel", "batch"),
                Set.of("migrate"),
                (contact, past, random) -> contact.has("phone_number")
                                && contact.text("phone_number").contains("x")
                        ? contact.without("phone_country", "phone_number")
                        : contact));
    }
}
