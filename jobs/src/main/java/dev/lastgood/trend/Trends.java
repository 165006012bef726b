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

/** The outcomes of audits over time as one document; of rules and datasets as the last audit has them. Pure. */
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
     * something there are too few audits to tell; else PASS.
     *
     * @param audits the oldest first; at least one
     */
    public static ObjectNode of(List<Audit> audits) {
        ObjectNode document = NODES.objectNode().put("formatVersion", 1);
        Audit last = audits.get(audits.size() - 1);
        ArrayNode datasets = NODES.arrayNode();
        volumes(audits).forEach((dataset, volumes) -> {
            if (has(last.document().path("datasets"), "name", dataset)) {
                datasets.add(dataset(dataset, volumes));
            }
        });
        ArrayNode rules = NODES.arrayNode();
        fared(audits).forEach((rule, all) -> {
            if (has(last.document().path("rules"), "id", rule)) {
                rules.add(rule(rule, all));
            }
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

    private static Map<String, List<Long>> volumes(List<Audit> audits) {
        Map<String, List<Long>> volumes = new LinkedHashMap<>();
        audits.forEach(audit -> audit.document()
                .path("datasets")
                .forEach(dataset -> volumes.computeIfAbsent(dataset.path("name").asText(), name -> new ArrayList<>())
                        .add(dataset.path("after").asLong())));
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

    private static ObjectNode dataset(String dataset, List<Long> volumes) {
        double expected = Usual.expected(volumes);
        ObjectNode node = NODES.objectNode().put("dataset", dataset);
        ArrayNode records = node.putArray("records");
        volumes.forEach(records::add);
        node.put("last", volumes.get(volumes.size() - 1))
                .put("expected", Double.isNaN(expected) ? null : Long.valueOf(Math.round(expected)))
                .put("enough", !Double.isNaN(expected))
                .put("standsOut", Usual.isOdd(volumes));
        return node;
    }

    private static ObjectNode rule(String id, List<Fared> all) {
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
        boolean isJudged = judged.contains(last);
        boolean enough = isJudged && rates.size() > Usual.ENOUGH;
        node.put("enough", enough).put("standsOut", enough && Usual.isHigh(rates, last.examined()));
        return node;
    }
}
