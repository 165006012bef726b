package dev.lastgood.evidence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a period, from the catalog's entries alone: whoever has the entries can make them again.
 *
 * <p>What was captured, when, and the longest time between two captures, which is how much could have been lost (recovery
 * point); what was verified to which level; what audits came to; and restores with how long they took (recovery time), drills
 * among them as verifications to L5.
 */
final class Summary {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Period period;
    private final SortedMap<String, List<Capture>> captures = new TreeMap<>();
    private final SortedMap<String, ObjectNode> levels = new TreeMap<>();
    private final ArrayNode audits = NODES.arrayNode();
    private final ArrayNode plans = NODES.arrayNode();
    private final Map<String, ObjectNode> runs = new LinkedHashMap<>();
    private final Map<String, Instant> started = new LinkedHashMap<>();
    private final ArrayNode pruned = NODES.arrayNode();

    private record Capture(String snapshot, String how, Instant from, Instant to, long records) {}

    private Summary(Period period) {
        this.period = period;
    }

    /** @param entries those of the period, in order */
    static ObjectNode of(List<Entry> entries, Period period) {
        Summary summary = new Summary(period);
        entries.forEach(summary::add);
        return summary.document();
    }

    private void add(Entry entry) {
        Event event = entry.event();
        if (event instanceof Event.Taken taken) {
            captured(taken.snapshot().text(), "taken", taken.datasets());
        } else if (event instanceof Event.Adopted adopted) {
            captured(adopted.snapshot().text(), "adopted", adopted.datasets());
        } else if (event instanceof Event.Verified verified) {
            verified(verified);
        } else if (event instanceof Event.Audited audited) {
            audits.addObject()
                    .put("audit", audited.audit())
                    .put("at", entry.at().toString())
                    .put("by", entry.by())
                    .put("verdict", audited.verdict().name())
                    .put("document", audited.document().toString());
        } else if (event instanceof Event.Planned planned) {
            plans.addObject()
                    .put("plan", planned.plan())
                    .put("at", entry.at().toString())
                    .put("by", entry.by())
                    .put("audit", planned.audit())
                    .put("steps", planned.steps())
                    .put("conflicts", planned.conflicts());
        } else if (event instanceof Event.Started start) {
            started(entry, start);
        } else if (event instanceof Event.Ended end) {
            ended(entry, end);
        } else if (event instanceof Event.Pruned gone) {
            gone.snapshots().forEach(snapshot -> pruned.add(snapshot.text()));
        }
    }

    private void captured(String snapshot, String how, Map<String, Event.Captured> datasets) {
        datasets.forEach((dataset, one) -> captures.computeIfAbsent(dataset, name -> new ArrayList<>())
                .add(new Capture(snapshot, how, one.from(), one.to(), one.records())));
    }

    private void verified(Event.Verified verified) {
        String level = verified.report().level().name();
        ObjectNode node = levels.computeIfAbsent(
                verified.dataset() + " " + level,
                name -> NODES.objectNode()
                        .put("dataset", verified.dataset())
                        .put("level", level)
                        .put("drill", verified.report().level() == Level.L5)
                        .put("PASS", 0)
                        .put("FAIL", 0)
                        .put("INCONCLUSIVE", 0)
                        .put("damaged", 0L));
        Verdict verdict = verified.report().verdict();
        node.put(verdict.name(), node.get(verdict.name()).asInt() + 1);
        node.put("damaged", node.get("damaged").asLong() + verified.report().damaged());
    }

    private void started(Entry entry, Event.Started start) {
        // A run that goes on has begun when it began first.
        started.putIfAbsent(start.run(), entry.at());
        runs.putIfAbsent(
                start.run(),
                NODES.objectNode()
                        .put("run", start.run())
                        .put("plan", start.plan())
                        .put("undoes", start.undoes())
                        .put("by", entry.by())
                        .put("started", entry.at().toString())
                        .putNull("ended")
                        .putNull("seconds")
                        .putNull("end"));
    }

    private void ended(Entry entry, Event.Ended end) {
        ObjectNode run = runs.computeIfAbsent(
                end.run(), name -> NODES.objectNode().put("run", name).putNull("started"));
        Instant begun = started.get(end.run());
        run.put("ended", entry.at().toString());
        run.put(
                "seconds",
                begun == null ? null : Duration.between(begun, entry.at()).toSeconds());
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
        levels.values().forEach(verifications::add);
        document.set("audits", audits);
        document.set("plans", plans);
        ArrayNode restores = document.putArray("restores");
        runs.values().forEach(restores::add);
        document.put("longestRestoreSeconds", longest(restores));
        document.set("pruned", pruned);
        return document;
    }

    private ObjectNode dataset(String dataset, List<Capture> all) {
        ObjectNode node = NODES.objectNode().put("dataset", dataset).put("snapshots", all.size());
        Capture last = all.get(all.size() - 1);
        node.put("first", all.get(0).snapshot())
                .put("last", last.snapshot())
                .put(
                        "adopted",
                        all.stream().filter(one -> one.how().equals("adopted")).count())
                .put("records", last.records());
        long longest = 0;
        // A backup that was adopted may be of before the period; what it holds is of its own time.
        List<Instant> times =
                all.stream().map(Capture::from).filter(period::holds).sorted().toList();
        for (int i = 1; i < times.size(); i++) {
            longest = Math.max(
                    longest, Duration.between(times.get(i - 1), times.get(i)).toSeconds());
        }
        node.put("longestGapSeconds", times.size() < 2 ? null : longest);
        return node;
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
