package dev.lastgood.audit;

import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a rule.
 *
 * @param reason why it is not simply passed or failed, empty if there is nothing to say
 */
public record RuleOutcome(Rule rule, Outcome outcome, long examined, long violations, long preExisting, String reason) {

    /** The outcome that the counts come to. Absence of evidence is never a pass. */
    public static RuleOutcome of(Auditor.RuleTally tally) {
        Rule rule = tally.rule().rule();
        if (tally.errors() > 0) {
            return outcome(
                    tally,
                    Outcome.ERROR,
                    "could not be evaluated on %d %s"
                            .formatted(tally.errors(), tally.errors() == 1 ? "record" : "records"));
        }
        if (!rule.allow().covers(tally.violations(), tally.examined())) {
            return outcome(tally, Outcome.FAIL, "");
        }
        if (tally.examined() == 0) {
            String nothing = !rule.isCrossTime()
                    ? "no record is inside of it"
                    : rule.where() == null
                            ? "there is no baseline record to compare with"
                            : "no record to compare is inside of it";
            return outcome(tally, Outcome.SKIP, nothing);
        }
        String allowed = tally.violations() > 0 ? "%d violations are allowed".formatted(tally.violations()) : "";
        return outcome(tally, Outcome.PASS, allowed);
    }

    private static RuleOutcome outcome(Auditor.RuleTally tally, Outcome outcome, String reason) {
        return new RuleOutcome(
                tally.rule().rule(), outcome, tally.examined(), tally.violations(), tally.preExisting(), reason);
    }

    /**
     * The verdict of all: findings of rules below the line are told and do not count, and a skip that is allowed is none.
     * A workspace without any rule has proven nothing.
     */
    public static Verdict verdict(List<RuleOutcome> outcomes, Severity failOn) {
        List<Outcome> counted = new ArrayList<>();
        for (RuleOutcome one : outcomes) {
            boolean below = one.rule().severity().compareTo(failOn) < 0;
            boolean allowedSkip = one.outcome() == Outcome.SKIP && one.rule().allowEmpty();
            if (!allowedSkip && !(below && one.outcome() == Outcome.FAIL)) {
                counted.add(one.outcome());
            }
        }
        boolean onlyTold = counted.isEmpty() && !outcomes.isEmpty();
        return onlyTold ? Verdict.PASS : Verdict.of(counted);
    }
}
