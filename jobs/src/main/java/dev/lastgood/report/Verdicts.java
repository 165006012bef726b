package dev.lastgood.report;

import static dev.lastgood.report.Json.items;
import static dev.lastgood.report.Json.sum;
import static dev.lastgood.report.Json.text;
import static dev.lastgood.report.Shown.count;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Badge;
import dev.lastgood.report.Page.Next;
import dev.lastgood.report.Page.Tone;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The verdict of an audit in words, and what follows from it. */
final class Verdicts {
    private final JsonNode audit;
    private final Verdict verdict;

    Verdicts(JsonNode audit) {
        this.audit = audit;
        this.verdict = Verdict.valueOf(text(audit, "verdict"));
    }

    Badge badge() {
        return new Badge(
                verdict.name(),
                switch (verdict) {
                    case PASS -> Tone.GOOD;
                    case FAIL -> Tone.BAD;
                    case INCONCLUSIVE -> Tone.UNSURE;
                });
    }

    private long rules(Outcome outcome) {
        return items(audit, "rules")
                .filter(rule -> text(rule, "outcome").equals(outcome.name()))
                .count();
    }

    String sentence() {
        long all = audit.path("rules").size();
        if (all == 0) {
            return "There is no rule, so nothing was proven.";
        }
        return switch (verdict) {
            case PASS -> passed(all);
            case FAIL -> failed(all);
            case INCONCLUSIVE -> inconclusive(all);
        };
    }

    private String passed(long all) {
        long passed = rules(Outcome.PASS);
        List<String> said = new ArrayList<>();
        said.add(
                passed == all
                        ? (all == 1 ? "The one rule holds." : "All %s hold.".formatted(count(all, "rule")))
                        : "%s of %s hold.".formatted(Shown.number(passed), count(all, "rule")));
        add(said, rules(Outcome.FAIL), "%s broken, below the severity that fails an audit.", "is", "are");
        add(said, rules(Outcome.SKIP), "%s allowed to examine nothing, and did.", "was", "were");
        return String.join(" ", said);
    }

    private static void add(List<String> said, long number, String sentence, String one, String many) {
        if (number > 0) {
            said.add(sentence.formatted(Shown.number(number) + " " + (number == 1 ? one : many)));
        }
    }

    private String failed(long all) {
        long failed = rules(Outcome.FAIL);
        long incidents = audit.path("incidents").size();
        String fail = "%s of %s %s."
                .formatted(Shown.number(failed), count(all, "rule"), failed == 1 ? "is broken" : "are broken");
        if (incidents > 0) {
            long records = sum(audit, "incidents", "records");
            return "%s %s corrupt, in %s."
                    .formatted(
                            fail,
                            count(records, "record") + (records == 1 ? " is" : " are"),
                            count(incidents, "incident"));
        }
        return audit.path("baseline").isEmpty()
                ? fail + " There was no baseline to tell what changed."
                : fail + " None of it by a record that changed since the baseline.";
    }

    private String inconclusive(long all) {
        List<String> said = new ArrayList<>();
        said.add("%s of %s hold.".formatted(Shown.number(rules(Outcome.PASS)), count(all, "rule")));
        add(said, rules(Outcome.ERROR), "%s not be evaluated.", "could", "could");
        add(said, rules(Outcome.SKIP), "%s nothing to examine.", "had", "had");
        said.add("What was not looked at has not passed.");
        return String.join(" ", said);
    }

    /** What to do next, the first thing first. */
    static List<Next> next(JsonNode audit, @Nullable JsonNode plan) {
        return plan == null ? new Verdicts(audit).next() : next(plan);
    }

    private List<Next> next() {
        String id = text(audit, "audit");
        if (!audit.path("incidents").isEmpty()) {
            return List.of(new Next(
                    "Plan what can be put back. Planning reads live and writes nothing to it.",
                    "lastgood restore plan --audit " + id));
        }
        return switch (verdict) {
            case PASS -> List.of(new Next("There is nothing to put back. Keep this state.", "lastgood snapshot take"));
            case FAIL ->
                List.of(new Next(
                        "Nothing broke since the baseline. See which older snapshots there are to compare with.",
                        "lastgood snapshot list"));
            case INCONCLUSIVE ->
                List.of(
                        new Next("See what keeps the rules from being evaluated.", "lastgood rules check"),
                        new Next("Then audit again.", "lastgood audit"));
        };
    }

    private static List<Next> next(JsonNode plan) {
        String id = text(plan, "plan");
        long conflicts = total(plan.path("conflicts"));
        long steps = total(plan.path("steps"));
        List<Next> next = new ArrayList<>();
        if (conflicts > 0) {
            next.add(new Next(
                    "Read the plan: in %s live stays as it is until somebody decides."
                            .formatted(count(conflicts, "conflict")),
                    "lastgood restore show " + id));
        }
        if (steps > 0) {
            next.add(new Next(
                    "Approve exactly this plan of %s.".formatted(count(steps, "step")),
                    "lastgood restore approve " + id));
            next.add(new Next("Then apply it. What it writes can be undone.", "lastgood restore apply " + id));
        }
        if (next.isEmpty()) {
            next.add(new Next("The plan has no step: there is nothing to write. Audit again.", "lastgood audit"));
        }
        return next;
    }

    /** The sum of an object's numbers. */
    static long total(JsonNode counts) {
        return counts.properties().stream()
                .mapToLong(count -> count.getValue().asLong())
                .sum();
    }
}
