package dev.lastgood.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.TrendsJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The outcomes of audits over time, as a person reads them. */
final class TrendsView {
    private TrendsView() {}

    static int run(Workplace workplace, int last, Console console) {
        if (last < 1) {
            throw InvalidInput.of("--last wants a number of at least 1, not %d".formatted(last), "Leave it out.");
        }
        ObjectNode document = new TrendsJob(workplace).trends(last);
        console.line("%s audits, %s to %s"
                .formatted(
                        document.get("audits"),
                        document.get("from").asText(),
                        document.get("to").asText()));
        console.line("");
        List<List<String>> datasets = new ArrayList<>();
        document.get("datasets")
                .forEach(one -> datasets.add(List.of(
                        one.get("dataset").asText(),
                        one.get("last").asText(),
                        one.get("expected").isNull() ? "" : one.get("expected").asText(),
                        said(one))));
        console.table(List.of("dataset", "records", "expected", ""), datasets);
        console.line("");
        List<List<String>> rules = new ArrayList<>();
        document.get("rules")
                .forEach(one -> rules.add(List.of(
                        one.get("rule").asText(),
                        one.get("outcome").asText(),
                        one.get("since").asText(),
                        outcomes(one.get("outcomes")),
                        share(one.get("broken")),
                        said(one))));
        if (!rules.isEmpty()) {
            console.table(List.of("rule", "outcome", "since", "all of them", "broken", ""), rules);
            console.line("");
        }
        console.line(document.get("verdict").asText());
        console.document(document);
        return ExitCode.of(Verdict.valueOf(document.get("verdict").asText()));
    }

    private static String said(JsonNode one) {
        if (one.get("missing").asBoolean()) {
            return "not in the last audit";
        }
        if (one.get("standsOut").asBoolean()) {
            return "stands out";
        }
        if (!one.get("enough").asBoolean()) {
            return "too few audits to tell";
        }
        return one.path("outcome").asText().equals("FAIL") ? "broken as before" : "as usual";
    }

    /** A letter an audit, the oldest first; a pass is a dot, so that what is none catches the eye. */
    private static String outcomes(JsonNode outcomes) {
        StringBuilder letters = new StringBuilder();
        outcomes.forEach(one ->
                letters.append(one.asText().equals("PASS") ? '.' : one.asText().charAt(0)));
        return letters.toString();
    }

    private static String share(JsonNode broken) {
        return broken.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%.2f %%",
                        100 * broken.get(broken.size() - 1).asDouble());
    }
}
