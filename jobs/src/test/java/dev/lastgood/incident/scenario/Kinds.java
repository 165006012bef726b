package dev.lastgood.incident.scenario;

import java.util.List;

/** All there are. */
final class Kinds {
    private Kinds() {}

    static final List<Kind> ALL = List.of(
            new UnitChange(),
            new SignFlip(),
            new CurrencySwap(),
            new LostUpdate(),
            new Duplicate(),
            new Orphan(),
            new WrongTenant(),
            new TruncatedText(),
            new TimeZone(),
            new PartialMigration(),
            new DoubleApply(),
            new StaleCache());
}
