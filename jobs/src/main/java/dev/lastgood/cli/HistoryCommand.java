package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.HistoryJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Value;
import dev.lastgood.report.Masks;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.workspace.DatasetSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The states of one record. */
@Command(
        name = "history",
        description = "Shows every captured state of a record and its live state.",
        mixinStandardHelpOptions = true)
final class HistoryCommand extends LastgoodCommand {
    @Parameters(index = "0", paramLabel = "DATASET", description = "the dataset")
    String dataset = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "the values of the key fields, joined by commas")
    String key = "";

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        DatasetSpec spec = workplace.datasets(List.of(dataset)).get(0);
        Masks masks = new Masks(spec);
        ObjectNode document =
                JsonNodeFactory.instance.objectNode().put("formatVersion", 1).put("dataset", dataset);
        ArrayNode states = document.putArray("states");
        console.working("looking into the snapshots");
        boolean first = true;
        for (HistoryJob.Step step : new HistoryJob(workplace).history(spec, key)) {
            ObjectNode state = states.addObject().put("snapshot", step.where()).put("at", step.at());
            console.line("%s  %s%s".formatted(step.where(), step.at(), step.image() == null ? "  absent" : ""));
            if (step.image() != null) {
                state.set(
                        "record",
                        masks.maskedRecord(JsonValues.json(step.image().object())));
                if (first) {
                    console.line("    " + JsonValues.write(state.get("record")));
                }
                first = false;
            }
            ArrayNode changes = state.putArray("changes");
            for (FieldChange change : step.changes()) {
                ObjectNode node = changes.addObject().put("path", masks.masked(change.path()));
                String before = shown(masks, change, change.before(), node, "before");
                String after = shown(masks, change, change.after(), node, "after");
                console.line("    %s: %s -> %s".formatted(masks.masked(change.path()), before, after));
            }
        }
        console.document(document);
        return ExitCode.PASS;
    }

    private static String shown(
            Masks masks, FieldChange change, @Nullable Value value, ObjectNode node, String member) {
        if (value == null) {
            return "absent";
        }
        node.set(member, masks.masked(change.path(), JsonValues.json(value)));
        return JsonValues.write(node.get(member));
    }
}
