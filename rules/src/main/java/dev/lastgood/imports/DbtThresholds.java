package dev.lastgood.imports;

import dev.lastgood.rule.Severity;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When a test of dbt fails and when it warns: {@code severity}, {@code error_if} and {@code warn_if}.
 *
 * @see <a href="https://docs.getdbt.com/reference/resource-configs/severity">the reference</a>
 */
final class DbtThresholds {

    private static final Demand NONE = Range.exactly(BigDecimal.ZERO);
    private static final Pattern COMPARISON = Pattern.compile("(!=|<>|>=|<=|=|==|>|<)\\s*([0-9]{1,18})");
    private static final Pattern BETWEEN = Pattern.compile("(?i)between\\s+([0-9]{1,18})\\s+and\\s+([0-9]{1,18})");

    private DbtThresholds() {}

    /** How many failures there may be, and how bad it is if there are others. */
    record Threshold(Severity severity, Demand failures) {}

    /** One or two thresholds, the worse first. */
    static List<Threshold> of(DbtTest test) throws Untranslatable {
        if (test.config("fail_calc").isPresent()) {
            throw new Untranslatable("it counts failures in its own way, 'fail_calc'");
        }
        Demand error = allowed(test, "error_if");
        Demand warn = allowed(test, "warn_if");
        String severity = test.config("severity")
                .map(scalar -> scalar.text().toLowerCase(Locale.ROOT))
                .orElse("error");
        List<Threshold> thresholds = new ArrayList<>();
        switch (severity) {
            case "error" -> thresholds.add(new Threshold(Severity.ERROR, error));
            case "warn" -> thresholds.add(new Threshold(Severity.WARN, warn));
            default -> throw new Untranslatable("its severity is neither error nor warn");
        }
        if (severity.equals("error") && !warn.equals(error)) {
            thresholds.add(new Threshold(Severity.WARN, warn));
        }
        refuseLimit(test, thresholds);
        return thresholds;
    }

    /** With a limit dbt counts no further than that, so that greater thresholds are never reached. */
    private static void refuseLimit(DbtTest test, List<Threshold> thresholds) throws Untranslatable {
        Optional<YamlNode.Scalar> limit = test.config("limit");
        if (limit.isEmpty()) {
            return;
        }
        BigDecimal most = Numbers.read(limit.get().text()).orElse(BigDecimal.ZERO);
        for (Threshold threshold : thresholds) {
            Optional<Range> failures = threshold.failures().range();
            boolean reached = failures.flatMap(Range::most)
                    .filter(bound -> bound.value().compareTo(most) < 0)
                    .isPresent();
            if (!reached) {
                throw new Untranslatable("it counts failures up to a limit only");
            }
        }
    }

    /** How many failures there are if the threshold is not reached. */
    private static Demand allowed(DbtTest test, String key) throws Untranslatable {
        Optional<String> condition =
                test.config(key).map(scalar -> scalar.text().strip());
        if (condition.isEmpty()) {
            return NONE;
        }
        Demand reached = reached(condition.get())
                .orElseThrow(
                        () -> new Untranslatable("its threshold '%s' is no comparison with a number".formatted(key)));
        Demand allowed = reached.negated();
        // there are no fewer failures than none
        boolean none = allowed.range()
                .map(Range::ofWholeNumbers)
                .flatMap(Range::most)
                .filter(most -> most.value().signum() == 0)
                .isPresent();
        return none && allowed.holds(BigDecimal.ZERO) ? NONE : allowed;
    }

    private static Optional<Demand> reached(String condition) {
        Matcher between = BETWEEN.matcher(condition);
        if (between.matches()) {
            return Optional.of(new Range(
                    new Range.Bound(new BigDecimal(between.group(1)), true),
                    new Range.Bound(new BigDecimal(between.group(2)), true)));
        }
        Matcher comparison = COMPARISON.matcher(condition);
        if (!comparison.matches()) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(comparison.group(2));
        return Optional.of(
                switch (comparison.group(1)) {
                    case "!=", "<>" -> new Demand.Not(Range.exactly(number));
                    case "=", "==" -> Range.exactly(number);
                    case ">" -> Range.above(number);
                    case ">=" -> Range.atLeast(number);
                    case "<" -> Range.below(number);
                    default -> Range.atMost(number);
                });
    }
}
