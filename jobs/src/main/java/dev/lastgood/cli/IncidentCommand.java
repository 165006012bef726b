package dev.lastgood.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.RestoreJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import java.util.List;
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
            RestoreJob restore = new RestoreJob(workplace);
            String id = restore.audit(audit).id();
            List<JsonNode> incidents = restore.incidents(id);
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
            console.next("lastgood restore plan --incident ID");
            return ExitCode.PASS;
        }
    }

    @Command(name = "show", description = "Shows one incident.", mixinStandardHelpOptions = true)
    static final class Show extends LastgoodCommand {
        @Parameters(paramLabel = "ID", description = "the incident's id within its audit")
        String id = "";

        @Option(names = "--audit", paramLabel = "AUDIT", description = "id or its beginning (default: the last one)")
        String audit = "";

        @Override
        int run(Console console) {
            RestoreJob restore = new RestoreJob(common.workplace());
            List<JsonNode> incidents = restore.incidents(restore.audit(audit).id());
            JsonNode found = incidents.stream()
                    .filter(incident -> incident.get("id").asText().equals(id))
                    .findFirst()
                    .orElseThrow(() -> InvalidInput.of(
                            "there is no incident '%s'".formatted(id),
                            "'lastgood incident list' shows what there is."));
            console.line(found.get("sentence").asText());
            found.properties().forEach(member -> {
                if (!member.getKey().equals("sentence")) {
                    console.line("  %-14s %s"
                            .formatted(
                                    member.getKey(),
                                    member.getValue().isTextual()
                                            ? member.getValue().asText()
                                            : member.getValue()));
                }
            });
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.set("incident", found);
            console.document(document);
            return ExitCode.PASS;
        }
    }
}
