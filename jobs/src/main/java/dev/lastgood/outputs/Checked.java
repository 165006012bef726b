package dev.lastgood.outputs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 * @param passed how many more passed, which have no name in the document
 * @param volumes of the datasets of an audit
 * @param captures of the datasets of a status
 * @param incidents of an audit
 */
public record Checked(
        Run run,
        String id,
        Verdict verdict,
        List<Check> checks,
        long passed,
        List<Volume> volumes,
        List<Capture> captures,
        long incidents) {
    private static final int MOST_DAMAGES = 20;

    /** {@code rules/shop.yaml:8:9}. */
    private static final Pattern PLACE = Pattern.compile("(.+):([0-9]+):[0-9]+");

    public Checked {
        checks = List.copyOf(checks);
        volumes = List.copyOf(volumes);
        captures = List.copyOf(captures);
    }

    private Checked(Run run, Verdict verdict, List<Check> checks, long passed) {
        this(run, "", verdict, checks, passed, List.of(), List.of(), 0);
    }

    /**
     * A rule, or a level of a verification.
     *
     * @param series what it is called from run to run; of the verification of a snapshot, its level
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
            String series,
            String dataset,
            Outcome outcome,
            String severity,
            boolean decides,
            long examined,
            long violations,
            String reason,
            String file,
            int line) {

        /** With a say, and written nowhere. */
        Check(
                String id,
                String series,
                String dataset,
                Outcome outcome,
                long examined,
                long violations,
                String reason) {
            this(id, series, dataset, outcome, "", true, examined, violations, reason, "", 0);
        }

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

    /** When the last snapshot of a dataset was taken; the beginning of 1970 if there is none. */
    public record Capture(String dataset, Instant at) {}

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
                0,
                volumes,
                List.of(),
                document.path("incidents").size());
    }

    /** A verification of snapshots, at once or in portions. */
    public static Checked verification(Run run, JsonNode document) {
        // In portions a snapshot may be told of several times: it is as it was found last.
        Map<String, Check> last = new LinkedHashMap<>();
        for (JsonNode one : document.path("verifications")) {
            Check check = level(one);
            last.put(check.dataset() + " " + check.id(), check);
        }
        List<Check> checks = new ArrayList<>(last.values());
        for (JsonNode one : document.path("damaged")) {
            String snapshot = text(one, "snapshot");
            String dataset = text(one, "dataset");
            boolean told = last.values().stream()
                    .anyMatch(check -> check.outcome() == Outcome.FAIL
                            && check.dataset().equals(dataset)
                            && check.id().startsWith(snapshot + " "));
            if (!told) {
                String reason = "it was found damaged before, at " + text(one, "level");
                checks.add(new Check(snapshot + " known", "known", dataset, Outcome.FAIL, 0, 0, reason));
            }
        }
        document.path("coverage").forEach(one -> checks.add(coverage(one)));
        return new Checked(run, verdict(document), checks, 0);
    }

    private static Check level(JsonNode one) {
        List<String> damages = new ArrayList<>();
        one.path("damages")
                .forEach(damage -> damages.add(
                        "%s %s: %s".formatted(text(damage, "kind"), text(damage, "file"), text(damage, "detail"))));
        int more = damages.size() - MOST_DAMAGES;
        String reason = String.join("; ", damages.subList(0, Math.min(damages.size(), MOST_DAMAGES)))
                + (more > 0 ? "; and %d more".formatted(more) : "");
        long files = one.path("files").asLong();
        Outcome outcome = switch (Verdict.valueOf(text(one, "verdict"))) {
            case PASS -> Outcome.PASS;
            case FAIL -> Outcome.FAIL;
            // What has read files has examined something, and yet does not know.
            case INCONCLUSIVE -> files == 0 ? Outcome.SKIP : Outcome.ERROR;
        };
        return new Check(
                text(one, "snapshot") + " " + text(one, "level"),
                text(one, "level"),
                text(one, "dataset"),
                outcome,
                files,
                damages.size(),
                reason);
    }

    /** How much of all snapshots was looked at within the age. */
    private static Check coverage(JsonNode one) {
        long units = one.path("units").asLong();
        long covered = one.path("covered").asLong();
        long damaged = one.path("damaged").asLong();
        boolean complete = units > 0 && covered == units;
        String name = text(one, "level") + " of all";
        return new Check(
                name,
                name,
                "",
                damaged > 0 ? Outcome.FAIL : complete ? Outcome.PASS : Outcome.SKIP,
                units,
                damaged,
                complete ? "" : "%d of %d were looked at and are sound".formatted(covered, units));
    }

    /** How the backups stand. */
    public static Checked status(Run run, JsonNode document) {
        List<Check> checks = new ArrayList<>();
        List<Capture> captures = new ArrayList<>();
        for (JsonNode dataset : document.path("datasets")) {
            List<String> reasons = new ArrayList<>();
            dataset.path("damaged").forEach(one -> reasons.add("damaged: " + one.asText()));
            dataset.path("due").forEach(one -> reasons.add("due: " + one.asText()));
            checks.add(new Check(
                    text(dataset, "name") + " backups",
                    "backups",
                    text(dataset, "name"),
                    switch (verdict(dataset)) {
                        case PASS -> Outcome.PASS;
                        case FAIL -> Outcome.FAIL;
                        case INCONCLUSIVE -> Outcome.SKIP;
                    },
                    dataset.path("snapshots").asLong(),
                    dataset.path("damaged").size(),
                    String.join("; ", reasons)));
            JsonNode captured = dataset.path("latest").path("captured");
            captures.add(new Capture(
                    text(dataset, "name"), captured.isTextual() ? Instant.parse(captured.asText()) : Instant.EPOCH));
        }
        return new Checked(run, "", verdict(document), checks, 0, List.of(), captures, 0);
    }

    /**
     * Tests of rules: those that failed, how many passed, and rules without a test, which are only told.
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
            String id = known ? written.file() + ":" + written.line() : text(failure, "place");
            checks.add(new Check(
                    id,
                    id,
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
            String id = untested.asText();
            checks.add(new Check(id, id, "", Outcome.SKIP, "", false, 0, 0, "it has no test", "", 0));
        }
        long failed = document.path("failures").size();
        return new Checked(
                run, verdict(document), checks, document.path("tests").asLong() - failed);
    }

    /** A run that came to no end: nothing was checked, and no output of an earlier run may stand for it. */
    public static Checked failed(Run run, String message) {
        Check check = new Check(run.command(), run.command(), "", Outcome.ERROR, 0, 0, message);
        return new Checked(run, Verdict.INCONCLUSIVE, List.of(check), 0);
    }

    /** How many of them became that; only those with a say in the verdict. */
    public long deciding(Outcome outcome) {
        return checks.stream()
                        .filter(check -> check.decides() && check.outcome() == outcome)
                        .count()
                + (outcome == Outcome.PASS ? passed : 0);
    }

    private static Verdict verdict(JsonNode document) {
        return Verdict.valueOf(text(document, "verdict"));
    }

    private static String text(JsonNode node, String member) {
        return node.path(member).asText("");
    }
}
