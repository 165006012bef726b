package dev.lastgood.incident.scenario;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A release takes the currency of the head office for that of the customers of a region. */
final class CurrencySwap implements Kind {
    private static final Map<String, List<String>> COUNTRIES = Map.of(
            "eu", List.of("DE", "FR", "GB", "CH"), "us", List.of("US", "CA"), "ap", List.of("JP", "AU", "SG", "HK"));
    private static final Map<String, List<String>> CURRENCIES = Map.of(
            "DE", List.of("EUR"),
            "FR", List.of("EUR"),
            "GB", List.of("GBP", "EUR"),
            "CH", List.of("CHF", "EUR"),
            "US", List.of("USD"),
            "CA", List.of("CAD", "USD"),
            "JP", List.of("JPY"),
            "AU", List.of("AUD"),
            "SG", List.of("SGD", "USD"),
            "HK", List.of("HKD", "USD"));

    @Override
    public String name() {
        return "currency swap";
    }

    @Override
    public Table table() {
        return Table.explained(
                "invoices", "country string, currency string, amount decimal(12,2), status string, sent_to string");
    }

    @Override
    public String rules() {
        return """
            - {id: invoice-status, dataset: invoices, field: status, in: [OPEN, SENT, PAID]}
            - id: invoice-currency
              dataset: invoices
              where: country in ('DE', 'FR', 'US', 'JP', 'AU')
              assert: currency = map('DE', 'EUR', 'FR', 'EUR', 'US', 'USD', 'JP', 'JPY', 'AU', 'AUD')[country]
              fields: [currency]
            """;
    }

    private static String currency(String country, RandomGenerator random) {
        return Made.one(CURRENCIES.getOrDefault(country, List.of()), random);
    }

    @Override
    public Fields born(String region, Instant at, RandomGenerator random) {
        String country = Made.one(COUNTRIES.getOrDefault(region, List.of()), random);
        return Fields.of("country", country, "currency", currency(country, random), "status", "OPEN")
                .with(Fields.of("amount", Made.money(20, 5000, random), "sent_to", Made.email(random)));
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.of(
                        "send",
                        4,
                        (invoice, random, at) ->
                                Fields.of("status", invoice.text("status").equals("OPEN") ? "SENT" : "PAID")),
                Operation.of("amount", 2, (invoice, random, at) -> Fields.of("amount", Made.money(20, 5000, random))),
                Operation.of("address", 2, (invoice, random, at) -> Fields.of("sent_to", Made.email(random))),
                // What looks like the damage and is none: also from one to the other, where both are right.
                Operation.of(
                                "agree",
                                0.5,
                                (invoice, random, at) ->
                                        Fields.of("currency", currency(invoice.text("country"), random)))
                        .by("app_version", Actor.OLD));
    }

    @Override
    public List<Bug> bugs(Days days) {
        return List.of(Bug.instead(
                "head office",
                days.afterLast(4),
                days.afterLast(11),
                Map.of("app_version", Actor.NEW, "region", "ap"),
                Set.of(Operation.CREATE, "send", "amount"),
                (invoice, past, random) -> invoice.with("currency", "EUR")));
    }
}
