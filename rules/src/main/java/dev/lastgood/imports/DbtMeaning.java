package dev.lastgood.imports;

import java.util.List;

/**
 * What generic tests of dbt mean, read off the SQL they run. Most of that looks for records of which something is false, so
 * that a null passes.
 */
final class DbtMeaning {

    private DbtMeaning() {}

    /** What the test claims; several claims must all hold. */
    static List<DbtClaim> of(DbtTest test, DbtArguments arguments) throws Untranslatable {
        int dot = test.test().indexOf('.');
        String pack = dot < 0 ? "" : test.test().substring(0, dot);
        List<DbtClaim> claims = switch (pack) {
            case "" -> core(test.shortName(), arguments);
            case "dbt_utils" -> new DbtUtils(arguments).claims(test.shortName());
            case "dbt_expectations" -> new DbtExpectations(arguments).claims(test.shortName());
            default -> throw new Untranslatable(DbtParts.PROJECT);
        };
        arguments.done();
        return claims;
    }

    private static List<DbtClaim> core(String test, DbtArguments arguments) throws Untranslatable {
        var parts = new DbtParts(arguments);
        return switch (test) {
            case "unique" -> List.of(new DbtClaim.Unique(List.of(arguments.column()), null));
            case "not_null" -> DbtParts.records(Condition.required(arguments.column()));
            case "accepted_values" -> parts.values(Condition.Nulls.PASS, "values", "quote");
            case "relationships" -> List.of(parts.refers());
            default -> throw new Untranslatable(DbtParts.PROJECT);
        };
    }
}
