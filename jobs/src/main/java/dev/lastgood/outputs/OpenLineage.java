package dev.lastgood.outputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.outputs.Checked.Check;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * An audit as an OpenLineage run event: its datasets are inputs, each with what the rules said of it and how many records it
 * has. Only a pass is a success there; the name of another outcome is in {@code actual}.
 */
public final class OpenLineage {
    private static final String PRODUCER = "urn:lastgood:";
    private static final String SCHEMA = "https://openlineage.io/spec/";

    private OpenLineage() {}

    /** How lineage knows a dataset, by OpenLineage's conventions of naming. */
    public record Name(String namespace, String name) {}

    /**
     * The event, as a document.
     *
     * @param names of the datasets, by those of the workspace; others are named after the workspace
     */
    public static JsonNode of(Checked checked, Map<String, Name> names) {
        Run run = checked.run();
        String producer = PRODUCER + run.version();
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("eventTime", run.at().toString());
        event.put("eventType", checked.verdict() == Verdict.INCONCLUSIVE ? "FAIL" : "COMPLETE");
        event.put("producer", producer);
        event.put("schemaURL", SCHEMA + "2-0-2/OpenLineage.json#/$defs/RunEvent");
        String id = "%s %s %s %s".formatted(run.workspace(), run.command(), checked.id(), run.at());
        event.putObject("run")
                .put(
                        "runId",
                        UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8))
                                .toString());
        event.putObject("job").put("namespace", "lastgood://" + run.workspace()).put("name", run.command());
        ArrayNode inputs = event.putArray("inputs");
        Set<String> datasets = new LinkedHashSet<>();
        checked.volumes().forEach(volume -> datasets.add(volume.dataset()));
        checked.checks().stream()
                .map(Check::dataset)
                .filter(name -> !name.isEmpty())
                .forEach(datasets::add);
        for (String dataset : datasets) {
            Name name = names.getOrDefault(dataset, new Name("lastgood://" + run.workspace(), dataset));
            ObjectNode facets = inputs.addObject()
                    .put("namespace", name.namespace())
                    .put("name", name.name())
                    .putObject("inputFacets");
            checked.volumes().stream()
                    .filter(volume -> volume.dataset().equals(dataset))
                    .forEach(volume -> facet(
                                    facets, "dataQualityMetrics", "1-0-3/DataQualityMetricsInputDatasetFacet", producer)
                            .put("rowCount", volume.after())
                            .putObject("columnMetrics"));
            ArrayNode assertions = facet(
                            facets, "dataQualityAssertions", "1-1-0/DataQualityAssertionsDatasetFacet", producer)
                    .putArray("assertions");
            checked.checks().stream()
                    .filter(check -> check.dataset().equals(dataset))
                    .forEach(check -> assertion(assertions, check));
        }
        event.putArray("outputs");
        return event;
    }

    private static ObjectNode facet(ObjectNode facets, String name, String schema, String producer) {
        return facets.putObject(name)
                .put("_producer", producer)
                .put("_schemaURL", SCHEMA + "facets/%s.json#/$defs/%s".formatted(schema, schema.replaceAll(".*/", "")));
    }

    private static void assertion(ArrayNode assertions, Check check) {
        assertions
                .addObject()
                .put("assertion", check.id())
                .put("success", check.outcome() == Outcome.PASS)
                // OpenLineage knows these two; a rule without a say in the verdict is never more than a warning.
                .put("severity", check.decides() ? "error" : "warn")
                .put("name", check.id())
                .put("description", check.said())
                .put("expected", "PASS")
                .put("actual", check.outcome().name());
    }
}
