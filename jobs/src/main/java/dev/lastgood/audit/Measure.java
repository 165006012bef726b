package dev.lastgood.audit;

import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.OnNull;
import dev.lastgood.rule.Rule;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The number of a metric, and what is said of it.
 *
 * @param value null if it is NULL or no number
 * @param baseline what it was in the baseline; null if there is none, or it was NULL there
 * @param breaches which of its bounds it breaks, each for people; empty if it holds
 * @param open which of its bounds could not be looked at, and why
 * @param before whether it was NULL, or broke the same ones of {@code min} and {@code max}, in the baseline too
 */
public record Measure(
        @Nullable BigDecimal value,
        @Nullable BigDecimal baseline,
        List<String> breaches,
        List<String> open,
        boolean before) {
    /** Fewer say nothing about how much a number varies. */
    public static final int LEAST_HISTORY = 3;

    public Measure {
        breaches = List.copyOf(breaches);
        open = List.copyOf(open);
    }

    public boolean isBroken() {
        return !breaches.isEmpty();
    }

    /** What there is to say of it, in one line. */
    public String text() {
        List<String> all = new ArrayList<>(breaches);
        all.addAll(open);
        String number = value == null ? "it is null" : "it is " + value.toPlainString();
        return all.isEmpty() ? number : number + ": " + String.join("; ", all);
    }

    /** Judges the number by the bounds that need nothing to compare with. */
    static Measure alone(Rule rule, @Nullable BigDecimal value) {
        Measure measure = of(rule, value, false, null, List.of());
        return new Measure(measure.value(), null, measure.breaches(), List.of(), false);
    }

    /**
     * Judges the number of a metric.
     *
     * @param hasBaseline whether there is one
     * @param history values of earlier audits, the newest first; not more than the metric asks for
     */
    static Measure of(
            Rule rule,
            @Nullable BigDecimal value,
            boolean hasBaseline,
            @Nullable BigDecimal baseline,
            List<BigDecimal> history) {
        Constraint.Metric metric = (Constraint.Metric) rule.constraint();
        List<String> breaches = new ArrayList<>();
        List<String> open = new ArrayList<>();
        if (value == null) {
            if (rule.onNull() == OnNull.FAIL) {
                breaches.add("a number is asked for");
            }
            return new Measure(null, baseline, breaches, open, hasBaseline && baseline == null);
        }
        breaches.addAll(bounds(value, metric.min(), metric.max(), ""));
        int own = breaches.size();
        compareWithBaseline(metric.vsBaseline(), value, hasBaseline, baseline, breaches, open);
        compareWithHistory(metric.vsHistory(), value, history, breaches, open);
        // A bound of another kind is broken against the baseline or since, whatever the baseline was by itself.
        boolean then = hasBaseline
                && baseline != null
                && breaksToo(baseline, value, metric.min(), null)
                && breaksToo(baseline, value, null, metric.max());
        return new Measure(value, baseline, breaches, open, then && own > 0 && breaches.size() == own);
    }

    /** Whether the baseline broke a bound if the value does. */
    private static boolean breaksToo(
            BigDecimal baseline, BigDecimal value, @Nullable BigDecimal min, @Nullable BigDecimal max) {
        return bounds(value, min, max, "").isEmpty()
                || !bounds(baseline, min, max, "").isEmpty();
    }

    private static List<String> bounds(
            BigDecimal value, @Nullable BigDecimal min, @Nullable BigDecimal max, String of) {
        List<String> breaches = new ArrayList<>();
        if (min != null && value.compareTo(min) < 0) {
            breaches.add("at least %s%s is asked for".formatted(min.toPlainString(), of));
        }
        if (max != null && value.compareTo(max) > 0) {
            breaches.add("at most %s%s is asked for".formatted(max.toPlainString(), of));
        }
        return breaches;
    }

    private static void compareWithBaseline(
            Constraint.@Nullable Ratio ratio,
            BigDecimal value,
            boolean hasBaseline,
            @Nullable BigDecimal baseline,
            List<String> breaches,
            List<String> open) {
        if (ratio == null) {
            return;
        }
        if (!hasBaseline) {
            open.add("there is no baseline to compare it with");
        } else if (baseline == null) {
            open.add("in the baseline it was null");
        } else {
            // Multiplied and not divided: a baseline of 0 is one too. Of a negative number the bounds change sides.
            BigDecimal least = ratio.min() == null ? null : baseline.multiply(ratio.min());
            BigDecimal most = ratio.max() == null ? null : baseline.multiply(ratio.max());
            boolean turned = baseline.signum() < 0;
            List<String> found = bounds(value, turned ? most : least, turned ? least : most, "");
            found.forEach(breach ->
                    breaches.add("%s, for it was %s in the baseline".formatted(breach, baseline.toPlainString())));
        }
    }

    private static void compareWithHistory(
            Constraint.@Nullable History history,
            BigDecimal value,
            List<BigDecimal> earlier,
            List<String> breaches,
            List<String> open) {
        if (history == null) {
            return;
        }
        if (earlier.size() < LEAST_HISTORY) {
            open.add("%d of the %d earlier values that are needed are there".formatted(earlier.size(), LEAST_HISTORY));
            return;
        }
        double mean =
                earlier.stream().mapToDouble(BigDecimal::doubleValue).average().orElseThrow();
        double squares = earlier.stream()
                .mapToDouble(one -> Math.pow(one.doubleValue() - mean, 2))
                .sum();
        double deviation = Math.sqrt(squares / (earlier.size() - 1));
        double apart = Math.abs(value.doubleValue() - mean);
        if (apart > history.maxSigma().doubleValue() * deviation) {
            breaches.add("at most %s standard deviations from the %d values before it are asked for, which are %s ± %s"
                    .formatted(history.maxSigma().toPlainString(), earlier.size(), rounded(mean), rounded(deviation)));
        }
    }

    private static String rounded(double number) {
        return BigDecimal.valueOf(number)
                .round(new MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
