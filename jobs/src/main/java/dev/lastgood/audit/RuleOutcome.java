package dev.lastgood.audit;

import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a rule.
 *
 * @param value of a metric its number; null if it has none, or it is another rule
 * @param reason why it is not simply passed or failed, empty if there is nothing to say
 */
public record RuleOutcome(
        Rule rule,
        Outcome outcome,
        long examined,
        long violations,
        long preExisting,
        long accepted,
        @Nullable BigDecimal value,
        String reason) {

    /** Which violations count. */
    public enum Counting {
        /** All that nobody has accepted. */
        ALL,
        /** Those of them that the baseline did not have. */
        ONLY_NEW
    }

    /** A rule that was not judged, which is an error. */
    public static RuleOutcome unjudged(Rule rule, String reason) {
        return new RuleOutcome(rule, Outcome.ERROR, 0, 0, 0, 0, null, reason);
    }

    /** A rule that nothing was looked at for. */
    public static RuleOutcome skipped(Rule rule, String reason) {
        return new RuleOutcome(rule, Outcome.SKIP, 0, 0, 0, 0, null, reason);
    }

    /** The outcome that the counts come to. Absence of evidence is never a pass. */
    public static RuleOutcome of(Auditor.RuleTally tally, Counting counting) {
        Rule rule = tally.rule().rule();
        Measure measure = tally.measure();
        if (tally.failure() != null) {
            return outcome(tally, Outcome.ERROR, "could not be evaluated: " + tally.failure());
        }
        if (tally.errors() > 0) {
            return outcome(
                    tally,
                    Outcome.ERROR,
                    "could not be evaluated on %d %s"
                            .formatted(tally.errors(), tally.errors() == 1 ? "record" : "records"));
        }
        long counted = tally.violations() - (counting == Counting.ONLY_NEW ? tally.known() : tally.accepted());
        String accepted = tally.accepted() > 0 ? "%d are accepted".formatted(tally.accepted()) : "";
        String told = joined(measure == null ? "" : measure.text(), accepted);
        if (!rule.allow().covers(counted, tally.examined())) {
            return outcome(tally, Outcome.FAIL, told);
        }
        if (tally.examined() == 0) {
            return outcome(tally, Outcome.SKIP, nothing(rule));
        }
        if (measure != null && !measure.open().isEmpty()) {
            return outcome(tally, Outcome.SKIP, told);
        }
        String allowed = counted > 0 ? "%d violations are allowed".formatted(counted) : "";
        return outcome(tally, Outcome.PASS, joined(told, allowed));
    }

    private static String joined(String one, String other) {
        return one.isEmpty() || other.isEmpty() ? one + other : one + "; " + other;
    }

    private static String nothing(Rule rule) {
        return !rule.isCrossTime()
                ? "no record is inside of it"
                : rule.where() == null
                        ? "there is no baseline record to compare with"
                        : "no record to compare is inside of it";
    }

    private static RuleOutcome outcome(Auditor.RuleTally tally, Outcome outcome, String reason) {
        Measure measure = tally.measure();
        return new RuleOutcome(
                tally.rule().rule(),
                outcome,
                tally.examined(),
                tally.violations(),
                tally.preExisting(),
                tally.accepted(),
                measure == null ? null : measure.value(),
                reason);
    }

    /** Whether it has a say in the verdict: not if it is broken and below the line, and not as a skip that is allowed. */
    public boolean decides(Severity failOn) {
        boolean below = rule.severity().compareTo(failOn) < 0;
        boolean allowedSkip = outcome == Outcome.SKIP && rule.allowEmpty();
        return !allowedSkip && !(below && outcome == Outcome.FAIL);
    }

    /**
     * The verdict of all: findings of rules below the line are told and do not count, and a skip that is allowed is none.
     * A workspace without any rule has proven nothing.
     */
    public static Verdict verdict(List<RuleOutcome> outcomes, Severity failOn) {
        List<Outcome> counted = new ArrayList<>();
        for (RuleOutcome one : outcomes) {
            if (one.decides(failOn)) {
                counted.add(one.outcome());
            }
        }
        boolean onlyTold = counted.isEmpty() && !outcomes.isEmpty();
        return onlyTold ? Verdict.PASS : Verdict.of(counted);
    }
}
