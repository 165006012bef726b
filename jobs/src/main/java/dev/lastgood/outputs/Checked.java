package dev.lastgood.outputs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a run has checked, taken from the document that its command prints with {@code --json}. Every output is made from
 * this, so that all of them say the same.
 *
 * @param id of the audit; empty if there is none
 * @param checks what was to be checked, whatever became of it
 * @param volumes of the datasets of an audit
 * @param incidents of an audit
 */
public record Checked(Run run, String id, Verdict verdict, List<Check> checks, List<Volume> volumes, long incidents) {
    private static final int MOST_DAMAGES = 20;

    /** {@code rules/shop.yaml:8:9}. */
    private static final Pattern PLACE = Pattern.compile("(.+):([0-9]+):[0-9]+");

    public Checked {
        checks = List.copyOf(checks);
        volumes = List.copyOf(volumes);
    }

    /**
     * A rule, or a level of a verification.
     *
     * @param dataset empty if it is about none in particular
     * @param severity empty if it has none
     * @param decides whether it has a say in the verdict
     * @param examined records, of a verification files
     * @param reason empty if there is nothing to say
     * @param file where it is written, as a repository would name it; empty if nobody knows
     * @param line from 1; 0 if nobody knows
     */
    public record Check(
            String id,
            String dataset,
            Outcome outcome,
            String severity,
            boolean decides,
            long examined,
            long violations,
            String reason,
            String file,
            int line) {

        /** What became of it in a line: {@code FAIL, 3 of 40: 2 are accepted}. */
        public String said() {
            return outcome
                    + (examined > 0 ? ", %d of %d".formatted(violations, examined) : "")
                    + (reason.isEmpty() ? "" : ": " + reason);
        }

        /** Whether somebody has to do something about it. Only a pass is good, and what has no say is only told. */
        public boolean isTrouble() {
            return decides && outcome != Outcome.PASS;
        }
    }

    /** How many records a dataset had and has. */
    public record Volume(String dataset, long before, long after, long added, long removed, long changed) {}

    /** Where something is written. */
    public record Written(String file, int line) {
        static final Written NOWHERE = new Written("", 0);

        /** Named from that folder if it lies below it. */
        public static Written of(String file, int line, Path from) {
            Path path = Path.of(file);
            return new Written(path.startsWith(from) ? from.relativize(path).toString() : file, line);
        }
    }

    /**
     * An audit.
     *
     * @param places of the rules by their ids
     */
    public static Checked audit(Run run, JsonNode document, Map<String, Written> places) {
        List<Check> checks = new ArrayList<>();
        for (JsonNode rule : document.path("rules")) {
            Written place = places.getOrDefault(text(rule, "id"), Written.NOWHERE);
            checks.add(new Check(
                    text(rule, "id"),
                    text(rule, "dataset"),
                    Outcome.valueOf(text(rule, "outcome")),
                    text(rule, "severity"),
                    rule.path("decides").asBoolean(true),
                    rule.path("examined").asLong(),
                    rule.path("violations").asLong(),
                    text(rule, "reason"),
                    place.file(),
                    place.line()));
        }
        List<Volume> volumes = new ArrayList<>();
        for (JsonNode dataset : document.path("datasets")) {
            volumes.add(new Volume(
                    text(dataset, "name"),
                    dataset.path("before").asLong(),
                    dataset.path("after").asLong(),
                    dataset.path("added").asLong(),
                    dataset.path("removed").asLong(),
                    dataset.path("changed").asLong()));
        }
        return new Checked(
                run,
                text(document, "audit"),
                verdict(document),
                checks,
                volumes,
                document.path("incidents").size());
    }

    /** A verification of snapshots, at once or in portions. */
    public static Checked verification(Run run, JsonNode document) {
        List<Check> checks = new ArrayList<>();
        for (JsonNode one : document.path("verifications")) {
            List<String> damages = new ArrayList<>();
            one.path("damages")
                    .forEach(damage -> damages.add(
                            "%s %s: %s".formatted(text(damage, "kind"), text(damage, "file"), text(damage, "detail"))));
            int more = damages.size() - MOST_DAMAGES;
            String reason = String.join("; ", damages.subList(0, Math.min(damages.size(), MOST_DAMAGES)))
                    + (more > 0 ? "; and %d more".formatted(more) : "");
            checks.add(new Check(
                    text(one, "snapshot") + " " + text(one, "level"),
                    text(one, "dataset"),
                    switch (Verdict.valueOf(text(one, "verdict"))) {
                        case PASS -> Outcome.PASS;
                        case FAIL -> Outcome.FAIL;
                        case INCONCLUSIVE -> Outcome.SKIP;
                    },
                    "",
                    true,
                    one.path("files").asLong(),
                    damages.size(),
                    reason,
                    "",
                    0));
        }
        return new Checked(run, "", verdict(document), checks, List.of(), 0);
    }

    /**
     * Tests of rules: those that failed, and rules without a test, which are only told.
     *
     * @param from files below it are named from there, as a repository names its own
     */
    public static Checked tests(Run run, JsonNode document, Path from) {
        List<Check> checks = new ArrayList<>();
        for (JsonNode failure : document.path("failures")) {
            Matcher place = PLACE.matcher(text(failure, "place"));
            boolean known = place.matches();
            Written written =
                    known ? Written.of(place.group(1), Integer.parseInt(place.group(2)), from) : Written.NOWHERE;
            checks.add(new Check(
                    known ? written.file() + ":" + written.line() : text(failure, "place"),
                    "",
                    Outcome.FAIL,
                    "",
                    true,
                    0,
                    0,
                    text(failure, "message"),
                    written.file(),
                    written.line()));
        }
        for (JsonNode untested : document.path("untested")) {
            checks.add(new Check(untested.asText(), "", Outcome.SKIP, "", false, 0, 0, "it has no test", "", 0));
        }
        return new Checked(run, "", verdict(document), checks, List.of(), 0);
    }

    /** A run that came to no end: nothing was checked, and no output of an earlier run may stand for it. */
    public static Checked failed(Run run, String message) {
        Check check = new Check(run.command(), "", Outcome.ERROR, "", true, 0, 0, message, "", 0);
        return new Checked(run, "", Verdict.INCONCLUSIVE, List.of(check), List.of(), 0);
    }

    /** How many of them became that; only those with a say in the verdict. */
    public long deciding(Outcome outcome) {
        return checks.stream()
                .filter(check -> check.decides() && check.outcome() == outcome)
                .count();
    }

    private static Verdict verdict(JsonNode document) {
        return Verdict.valueOf(text(document, "verdict"));
    }

    private static String text(JsonNode node, String member) {
        return node.path(member).asText("");
    }
}
