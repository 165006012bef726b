package dev.lastgood.trend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.rule.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The outcomes of audits over time as one document. What the last audit does not have any more is in it as not judged. Pure.
 */
public final class Trends {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Trends() {}

    /** An audit, and the document it left. */
    public record Audit(String id, Instant at, JsonNode document) {}

    /** How a rule fared in one audit. */
    private record Fared(Audit audit, String outcome, long examined, long violations) {
        double rate() {
            return examined == 0 ? 0 : (double) violations / examined;
        }
    }

    /**
     * FAIL if a volume or a share of broken records of the last audit stands out; INCONCLUSIVE if nothing does, and of
     * something there are too few audits to tell, or the last one does not have it any more; else PASS.
     *
     * @param audits the oldest first; at least one
     */
    public static ObjectNode of(List<Audit> audits) {
        ObjectNode document = NODES.objectNode().put("formatVersion", 1);
        Audit last = audits.get(audits.size() - 1);
        ArrayNode datasets = NODES.arrayNode();
        volumes(audits).forEach((dataset, volumes) -> {
            datasets.add(dataset(dataset, volumes, !has(last.document().path("datasets"), "name", dataset)));
        });
        ArrayNode rules = NODES.arrayNode();
        fared(audits).forEach((rule, all) -> {
            rules.add(rule(rule, all, !has(last.document().path("rules"), "id", rule)));
        });
        document.put("verdict", verdict(datasets, rules).name())
                .put("from", audits.get(0).id())
                .put("to", last.id())
                .put("audits", audits.size());
        document.set("datasets", datasets);
        document.set("rules", rules);
        return document;
    }

    private static Verdict verdict(ArrayNode datasets, ArrayNode rules) {
        boolean odd = false;
        boolean open = datasets.isEmpty();
        for (ArrayNode all : List.of(datasets, rules)) {
            for (JsonNode one : all) {
                odd |= one.get("standsOut").asBoolean();
                open |= !one.get("enough").asBoolean();
            }
        }
        return odd ? Verdict.FAIL : open ? Verdict.INCONCLUSIVE : Verdict.PASS;
    }

    private static boolean has(JsonNode all, String member, String name) {
        for (JsonNode one : all) {
            if (one.path(member).asText().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, List<Usual.Volume>> volumes(List<Audit> audits) {
        Map<String, List<Usual.Volume>> volumes = new LinkedHashMap<>();
        audits.forEach(audit -> audit.document()
                .path("datasets")
                .forEach(dataset -> volumes.computeIfAbsent(dataset.path("name").asText(), name -> new ArrayList<>())
                        .add(new Usual.Volume(audit.at(), dataset.path("after").asLong()))));
        return volumes;
    }

    private static Map<String, List<Fared>> fared(List<Audit> audits) {
        Map<String, List<Fared>> fared = new LinkedHashMap<>();
        audits.forEach(audit -> audit.document()
                .path("rules")
                .forEach(rule -> fared.computeIfAbsent(rule.path("id").asText(), id -> new ArrayList<>())
                        .add(new Fared(
                                audit,
                                rule.path("outcome").asText(),
                                rule.path("examined").asLong(),
                                rule.path("violations").asLong()))));
        return fared;
    }

    private static ObjectNode dataset(String dataset, List<Usual.Volume> volumes, boolean missing) {
        Usual.Level level = missing ? new Usual.Level(Double.NaN, false) : Usual.level(volumes);
        ObjectNode node = NODES.objectNode().put("dataset", dataset);
        ArrayNode records = node.putArray("records");
        volumes.forEach(volume -> records.add(volume.records()));
        boolean enough = !Double.isNaN(level.expected());
        return node.put("last", volumes.get(volumes.size() - 1).records())
                .put("expected", enough ? Long.valueOf(Math.round(level.expected())) : null)
                .put("missing", missing)
                .put("enough", enough)
                .put("standsOut", level.isOdd());
    }

    private static ObjectNode rule(String id, List<Fared> all, boolean missing) {
        Fared last = all.get(all.size() - 1);
        int since = all.size() - 1;
        while (since > 0 && all.get(since - 1).outcome().equals(last.outcome())) {
            since--;
        }
        ObjectNode node = NODES.objectNode().put("rule", id).put("outcome", last.outcome());
        node.put("since", all.get(since).audit().at().toString());
        ArrayNode outcomes = node.putArray("outcomes");
        all.forEach(one -> outcomes.add(one.outcome()));
        // What could not be evaluated, or looked at nothing, has no share of broken records.
        List<Fared> judged = all.stream()
                .filter(one -> one.outcome().equals("PASS") || one.outcome().equals("FAIL"))
                .toList();
        List<Double> rates = judged.stream().map(Fared::rate).toList();
        ArrayNode shares = node.putArray("broken");
        rates.forEach(rate -> shares.add(Math.round(rate * 1e6) / 1e6));
        boolean isJudged = !missing && judged.contains(last);
        boolean enough = isJudged && rates.size() > Usual.ENOUGH;
        return node.put("missing", missing)
                .put("enough", enough)
                .put("standsOut", (isJudged && breaks(judged)) || (enough && Usual.isHigh(rates, last.examined())));
    }

    /** Whether the last one fails and the one before did not, or nothing was broken in most of them. */
    private static boolean breaks(List<Fared> judged) {
        int before = judged.size() - 1;
        long clean = judged.subList(0, before).stream()
                .filter(one -> one.outcome().equals("PASS"))
                .count();
        return judged.get(before).outcome().equals("FAIL")
                && before > 0
                && (judged.get(before - 1).outcome().equals("PASS") || 2 * clean > before);
    }
}
