package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.SuggestJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.suggest.Suggestions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Learns rules from snapshots, for people to read. */
@Command(
        name = "suggest",
        description = "Learns rules from trusted snapshots, and writes them with the evidence for each, to be read.",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit code 3 if nothing could be learned."})
final class RulesSuggestCommand extends LastgoodCommand {
    @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
    List<String> datasets = new ArrayList<>();

    @Option(
            names = "--snapshot",
            paramLabel = "SNAPSHOT",
            description =
                    "latest, an id or its beginning (default: the newest verified snapshot whose rules verdict is clean)")
    String snapshot = "";

    @Option(names = "--out", paramLabel = "FILE", description = "write the rules there (default: standard output)")
    @Nullable
    Path out;

    @Override
    int run(Console console) {
        if (out != null && Files.exists(out)) {
            throw InvalidInput.of(
                    "%s is there already".formatted(out),
                    "Name another file: only what the rules do not say yet is written, so what it holds would be lost.");
        }
        Workplace workplace = common.workplace();
        SuggestJob.Suggested suggested;
        // Opened first: what cannot be written is found out before anything is read for it.
        try (LineFile file = LineFile.to(out)) {
            console.working("learning");
            suggested = new SuggestJob(workplace).suggest(workplace.datasets(datasets), snapshot);
            if (!suggested.suggestions().entries().isEmpty()) {
                suggested.suggestions().yaml().lines().forEach(out == null ? console::line : file::line);
                file.finish();
            }
        }
        Suggestions suggestions = suggested.suggestions();
        suggested.remarks().forEach(console::warning);
        suggestions.remarks().forEach(console::warning);
        console.note(summary(suggestions));
        console.document(document(suggested));
        boolean nothing = suggestions.entries().isEmpty() && suggestions.known() == 0;
        return nothing ? ExitCode.INCONCLUSIVE : ExitCode.PASS;
    }

    private static String summary(Suggestions suggestions) {
        int rules = suggestions.entries().size();
        String known = suggestions.known() == 0
                ? ""
                : "; the workspace says %d more of its own".formatted(suggestions.known());
        if (rules > 0) {
            return "%d %s suggested%s".formatted(rules, rules == 1 ? "rule is" : "rules are", known);
        }
        return suggestions.known() > 0
                ? "nothing is suggested that the rules of the workspace do not say"
                : "nothing is suggested: nothing could be learned from these snapshots";
    }

    private static ObjectNode document(SuggestJob.Suggested suggested) {
        Suggestions suggestions = suggested.suggestions();
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        ObjectNode snapshots = document.putObject("snapshots");
        suggestions
                .learned()
                .forEach((dataset, from) -> snapshots
                        .putObject(dataset)
                        .put("snapshot", from.snapshot().text())
                        .put("records", from.records())
                        .put("compared", from.snapshots()));
        ArrayNode rules = document.putArray("rules");
        suggestions
                .entries()
                .forEach(entry -> rules.addObject()
                        .put("id", entry.rule().id())
                        .put("dataset", entry.rule().dataset())
                        .put("constraint", entry.rule().constraint().keyword())
                        .put("evidence", entry.evidence())
                        .put("witnesses", entry.witnesses())
                        .put("mutations", suggestions.mutations())
                        .put("failsOn", entry.seen()));
        document.put("known", suggestions.known()).put("dropped", suggestions.dropped());
        ArrayNode remarks = document.putArray("remarks");
        suggested.remarks().forEach(remarks::add);
        suggestions.remarks().forEach(remarks::add);
        document.put("yaml", suggestions.entries().isEmpty() ? null : suggestions.yaml());
        return document;
    }
}
