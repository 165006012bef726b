package dev.lastgood.evidence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.VerificationReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a period, from the catalog's entries alone: whoever has the entries can make them again.
 *
 * <p>What was captured, when, and the longest time without a capture, which is how much could have been lost (recovery
 * point): from the last capture before the period, or its start if there is none, to its end, or when the evidence was made.
 * What was verified: of each snapshot the last verdict at each level. What audits came to; and restores with how long they
 * took (recovery time), drills among them as verifications to L5.
 */
final class Summary {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Period period;
    private final Instant made;
    private final SortedMap<String, List<Capture>> captures = new TreeMap<>();
    private final SortedMap<String, SortedMap<Level, Tested>> tested = new TreeMap<>();
    private final ArrayNode audits = NODES.arrayNode();
    private final ArrayNode plans = NODES.arrayNode();
    private final Map<String, ObjectNode> runs = new LinkedHashMap<>();
    private final Map<String, Instant> started = new LinkedHashMap<>();
    private final ArrayNode pruned = NODES.arrayNode();

    /** @param counts whether it is of the period */
    private record Capture(String snapshot, boolean adopted, Instant from, long records, boolean counts) {}

    /** What verifications of a dataset at one level have come to. */
    private static final class Tested {
        int verifications;
        final SortedMap<SnapshotId, VerificationReport> last = new TreeMap<>();
    }

    private Summary(Period period, Instant made) {
        this.period = period;
        this.made = made;
    }

    /**
     * @param before those with the last captures before the period
     * @param entries those of the period, in order
     * @param datasets that were declared
     */
    static ObjectNode of(
            List<Entry> before, List<Entry> entries, Collection<String> datasets, Period period, Instant made) {
        Summary summary = new Summary(period, made);
        datasets.forEach(dataset -> summary.captures.put(dataset, new ArrayList<>()));
        before.forEach(entry -> summary.captured(entry.event(), false));
        entries.forEach(summary::add);
        return summary.document();
    }

    /** Of which time an entry has captured which dataset, at last. */
    static Map<String, Instant> captures(Entry entry) {
        Map<String, Instant> times = new TreeMap<>();
        for (Event event : entry.event() instanceof Event.Rebuilt rebuilt
                ? rebuilt.kept().stream().map(Event.Kept::event).toList()
                : List.of(entry.event())) {
            SortedMap<String, Event.Captured> captured = event instanceof Event.Taken taken
                    ? taken.datasets()
                    : event instanceof Event.Adopted adopted ? adopted.datasets() : new TreeMap<>();
            captured.forEach((dataset, one) -> times.merge(dataset, one.from(), (a, b) -> a.isAfter(b) ? a : b));
        }
        return times;
    }

    private void add(Entry entry) {
        if (entry.event() instanceof Event.Rebuilt rebuilt) {
            for (Event.Kept kept : rebuilt.kept()) {
                if (period.holds(kept.at())) {
                    add(kept.at(), kept.by(), kept.event());
                } else {
                    captured(kept.event(), false);
                }
            }
        } else {
            add(entry.at(), entry.by(), entry.event());
        }
    }

    private void add(Instant at, String by, Event event) {
        captured(event, true);
        if (event instanceof Event.Verified verified) {
            Tested level = tested.computeIfAbsent(verified.dataset(), name -> new TreeMap<>())
                    .computeIfAbsent(verified.report().level(), name -> new Tested());
            level.verifications++;
            level.last.put(verified.snapshot(), verified.report());
        } else if (event instanceof Event.Audited audited) {
            audits.addObject()
                    .put("audit", audited.audit())
                    .put("at", at.toString())
                    .put("by", by)
                    .put("verdict", audited.verdict().name())
                    .put("document", audited.document().toString());
        } else if (event instanceof Event.Planned planned) {
            plans.addObject()
                    .put("plan", planned.plan())
                    .put("at", at.toString())
                    .put("by", by)
                    .put("audit", planned.audit())
                    .put("steps", planned.steps())
                    .put("conflicts", planned.conflicts());
        } else if (event instanceof Event.Started start) {
            started(at, by, start);
        } else if (event instanceof Event.Ended end) {
            ended(at, end);
        } else if (event instanceof Event.Pruned gone) {
            gone.snapshots().forEach(snapshot -> pruned.add(snapshot.text()));
        }
    }

    private void captured(Event event, boolean counts) {
        if (event instanceof Event.Rebuilt rebuilt) {
            rebuilt.kept().forEach(kept -> captured(kept.event(), counts));
        } else if (event instanceof Event.Taken taken) {
            captured(taken.snapshot(), false, taken.datasets(), counts);
        } else if (event instanceof Event.Adopted adopted) {
            captured(adopted.snapshot(), true, adopted.datasets(), counts);
        }
    }

    private void captured(SnapshotId snapshot, boolean adopted, Map<String, Event.Captured> datasets, boolean counts) {
        datasets.forEach((dataset, one) -> captures.computeIfAbsent(dataset, name -> new ArrayList<>())
                .add(new Capture(snapshot.text(), adopted, one.from(), one.records(), counts)));
    }

    private void started(Instant at, String by, Event.Started start) {
        // A run that goes on has begun when it began first.
        started.putIfAbsent(start.run(), at);
        runs.putIfAbsent(
                start.run(),
                NODES.objectNode()
                        .put("run", start.run())
                        .put("plan", start.plan())
                        .put("undoes", start.undoes())
                        .put("by", by)
                        .put("started", at.toString())
                        .putNull("ended")
                        .putNull("seconds")
                        .putNull("end"));
    }

    private void ended(Instant at, Event.Ended end) {
        ObjectNode run = runs.computeIfAbsent(
                end.run(), name -> NODES.objectNode().put("run", name).putNull("started"));
        Instant begun = started.get(end.run());
        run.put("ended", at.toString());
        run.put("seconds", begun == null ? null : Duration.between(begun, at).toSeconds());
        run.put("end", end.end().name());
        ObjectNode counts = run.putObject("counts");
        end.counts().forEach(counts::put);
        run.put("receipt", end.receipt().toString());
    }

    private ObjectNode document() {
        ObjectNode document = NODES.objectNode();
        ArrayNode datasets = document.putArray("datasets");
        captures.forEach((dataset, all) -> datasets.add(dataset(dataset, all)));
        ArrayNode verifications = document.putArray("verifications");
        tested.forEach(
                (dataset, levels) -> levels.forEach((level, one) -> verifications.add(tested(dataset, level, one))));
        document.set("audits", audits);
        document.set("plans", plans);
        ArrayNode restores = document.putArray("restores");
        runs.values().forEach(restores::add);
        document.put("longestRestoreSeconds", longest(restores));
        document.set("pruned", pruned);
        return document;
    }

    private ObjectNode dataset(String dataset, List<Capture> all) {
        List<Capture> counted = all.stream().filter(Capture::counts).toList();
        Capture last = counted.isEmpty() ? null : counted.get(counted.size() - 1);
        return NODES.objectNode()
                .put("dataset", dataset)
                .put("snapshots", counted.size())
                .put("first", last == null ? null : counted.get(0).snapshot())
                .put("last", last == null ? null : last.snapshot())
                .put("adopted", counted.stream().filter(Capture::adopted).count())
                .put("records", last == null ? null : Long.valueOf(last.records()))
                .put("longestGapSeconds", gap(all));
    }

    /** The longest time of the period without a capture; null if there is none up to its end. */
    private @Nullable Long gap(List<Capture> all) {
        Instant end = made.isBefore(period.end()) ? made : period.end();
        // A backup that was adopted may be of before the period; what it holds is of its own time.
        List<Instant> times = all.stream()
                .map(Capture::from)
                .filter(time -> time.isBefore(end))
                .sorted()
                .toList();
        if (times.isEmpty()) {
            return null;
        }
        Instant since = times.get(0).isBefore(period.start()) ? times.get(0) : period.start();
        long longest = 0;
        for (Instant time : times) {
            if (!time.isBefore(period.start())) {
                longest = Math.max(longest, Duration.between(since, time).toSeconds());
            }
            since = time;
        }
        return Math.max(longest, Duration.between(since, end).toSeconds());
    }

    private static ObjectNode tested(String dataset, Level level, Tested tested) {
        ObjectNode node = NODES.objectNode()
                .put("dataset", dataset)
                .put("level", level.name())
                .put("drill", level == Level.L5)
                .put("verifications", tested.verifications);
        for (Verdict verdict : Verdict.values()) {
            node.put(
                    verdict.name(),
                    tested.last.values().stream()
                            .filter(report -> report.verdict() == verdict)
                            .count());
        }
        return node.put(
                "damaged",
                tested.last.values().stream()
                        .mapToLong(VerificationReport::damaged)
                        .sum());
    }

    private static @Nullable Long longest(ArrayNode restores) {
        Long longest = null;
        for (JsonNode run : restores) {
            if (run.path("seconds").isNumber()) {
                long seconds = run.get("seconds").asLong();
                longest = longest == null ? Long.valueOf(seconds) : Long.valueOf(Math.max(longest, seconds));
            }
        }
        return longest;
    }
}
