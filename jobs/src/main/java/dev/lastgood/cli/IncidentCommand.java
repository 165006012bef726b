package dev.lastgood.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.Audits;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The incidents of an audit. */
@Command(
        name = "incident",
        description = "Lists and shows the incidents of an audit.",
        mixinStandardHelpOptions = true,
        subcommands = {IncidentCommand.ListAll.class, IncidentCommand.Show.class})
final class IncidentCommand extends CommandGroup {
    @Command(name = "list", description = "Lists the incidents of an audit.", mixinStandardHelpOptions = true)
    static final class ListAll extends LastgoodCommand {
        @Option(names = "--audit", paramLabel = "AUDIT", description = "id or its beginning (default: the last one)")
        String audit = "";

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            Audits audits = new Audits(workplace);
            String id = audits.audit(audit).id();
            List<JsonNode> incidents = audits.incidents(id);
            ObjectNode document = JsonNodeFactory.instance
                    .objectNode()
                    .put("formatVersion", 1)
                    .put("audit", id);
            ArrayNode all = document.putArray("incidents");
            all.addAll(incidents);
            for (JsonNode incident : incidents) {
                console.line("%-3s %s"
                        .formatted(
                                incident.get("id").asText(),
                                incident.get("sentence").asText()));
            }
            if (incidents.isEmpty()) {
                console.line("audit %s has no incident".formatted(id));
            }
            console.document(document);
            console.next(
                    incidents.isEmpty()
                            ? "lastgood report"
                            : "lastgood incident show "
                                    + incidents.get(0).get("id").asText());
            return ExitCode.PASS;
        }
    }

    @Command(name = "show", description = "Shows one incident.", mixinStandardHelpOptions = true)
    static final class Show extends LastgoodCommand {
        private static final int MOST_ROWS = 20;

        @Parameters(paramLabel = "ID", description = "the incident's id within its audit")
        String id = "";

        @Option(names = "--audit", paramLabel = "AUDIT", description = "id or its beginning (default: the last one)")
        String audit = "";

        @Override
        int run(Console console) {
            Audits audits = new Audits(common.workplace());
            List<JsonNode> incidents = audits.incidents(audits.audit(audit).id());
            JsonNode found = incidents.stream()
                    .filter(incident -> incident.get("id").asText().equals(id))
                    .findFirst()
                    .orElseThrow(() -> InvalidInput.of(
                            "there is no incident '%s'".formatted(id),
                            "'lastgood incident list' shows what there is."));
            print(found, console);
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.set("incident", found);
            console.document(document);
            console.next(
                    found.get("suspects").asLong() == 0
                            ? "lastgood restore plan --incident " + id
                            : "lastgood restore plan --incident %s, then lastgood restore plan --suspects %s"
                                    .formatted(id, id));
            return ExitCode.PASS;
        }

        private static void print(JsonNode incident, Console console) {
            console.line(incident.get("sentence").asText());
            console.line("");
            fact("dataset", incident.get("dataset").asText(), console);
            fact("rules", joined(incident.get("rules")), console);
            fact("fields", joined(incident.get("fields")), console);
            fact("together", together(incident), console);
            fact("records", incident.get("records").asText(), console);
            fact("suspects", incident.get("suspects").asText(), console);
            fact("unrecoverable", incident.get("unrecoverable").asText(), console);
            fact("flapping", incident.get("flapping").asText(), console);
            fact("written", between(incident, "from", "to"), console);
            fact("all of them", between(incident, "first", "last"), console);
            fact("last good", capture(incident.get("lastGood"), "none is known"), console);
            fact("first bad", capture(incident.get("firstBad"), "none is known"), console);
            fact("to check", incident.get("check").asText(), console);
            table("What tells", explanations(incident), console);
            table("What became of the fields", patterns(incident), console);
            table("In reach of the damage", affected(incident), console);
        }

        private static void fact(String name, String value, Console console) {
            if (!value.isEmpty() && !value.equals("0")) {
                console.line("  %-14s %s".formatted(name, value));
            }
        }

        private static String joined(JsonNode texts) {
            List<String> all = new ArrayList<>();
            texts.forEach(text -> all.add(text.asText()));
            return String.join(", ", all);
        }

        /** What changed together, the commonest first. */
        private static String together(JsonNode incident) {
            List<String> sets = new ArrayList<>();
            incident.path("together")
                    .forEach(one -> sets.add(joined(one.get("fields")) + " in "
                            + one.get("records").asText()));
            return String.join("; ", sets);
        }

        private static String between(JsonNode incident, String from, String to) {
            return incident.get(from).isNull()
                    ? ""
                    : "%s to %s"
                            .formatted(
                                    incident.get(from).asText(),
                                    incident.get(to).asText());
        }

        private static String capture(JsonNode capture, String none) {
            return capture.isNull()
                    ? none
                    : "%s, captured by %s"
                            .formatted(
                                    capture.get("snapshot").asText(),
                                    capture.get("at").asText());
        }

        private static void table(String title, List<List<String>> rows, Console console) {
            if (rows.size() > 1) {
                console.line("");
                console.line(title);
                console.table(rows.get(0), rows.subList(1, rows.size()));
            }
        }

        private static List<List<String>> explanations(JsonNode incident) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("values", "corrupt", "of", "changed", "elsewhere", "ratio", "at least"));
            incident.get("explanations").forEach(one -> {
                List<String> values = new ArrayList<>();
                one.get("values")
                        .properties()
                        .forEach(value -> values.add(
                                value.getKey() + " " + value.getValue().asText()));
                rows.add(List.of(
                        String.join(" and ", values),
                        one.get("corrupt").asText(),
                        one.get("of").asText(),
                        one.get("changed").asText(),
                        String.format(
                                Locale.ROOT,
                                "%.1f %%",
                                100 * one.get("elsewhere").asDouble()),
                        String.format(Locale.ROOT, "%.1f", one.get("ratio").asDouble()),
                        String.format(Locale.ROOT, "%.1f", one.get("atLeast").asDouble())));
            });
            return rows;
        }

        private static List<List<String>> patterns(JsonNode incident) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("change", "records"));
            incident.get("patterns").properties().stream()
                    .limit(MOST_ROWS)
                    .forEach(
                            one -> rows.add(List.of(one.getKey(), one.getValue().asText())));
            return rows;
        }

        private static List<List<String>> affected(JsonNode incident) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("dataset", "records", "same value", "how", "by rule"));
            incident.get("affected")
                    .forEach(one -> rows.add(List.of(
                            one.get("dataset").asText(),
                            one.get("records").asText(),
                            one.path("sameValue").asText(),
                            one.get("how").asText(),
                            one.get("rule").asText())));
            return rows;
        }
    }
}
