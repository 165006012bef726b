package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.KeysJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.suggest.KeyAdvisor;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Finds keys and proves them over all live records. */
@Command(
        name = "keys",
        description = "Finds which fields tell the records of a dataset apart, proven over all of live.",
        mixinStandardHelpOptions = true)
final class RulesKeysCommand extends LastgoodCommand {
    @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
    List<String> datasets = new ArrayList<>();

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        console.working("counting");
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        ArrayNode all = document.putArray("datasets");
        boolean each = true;
        console.line("datasets:");
        for (DatasetSpec dataset : workplace.datasets(datasets)) {
            KeyAdvisor.Advice advice = new KeysJob(workplace).advice(dataset);
            each &= advice.keys().stream().anyMatch(key -> key.nulls() == 0);
            console.line("  %s:".formatted(YamlText.text(dataset.name())));
            lines(advice).forEach(line -> console.line("    " + line));
            ObjectNode one = all.addObject().put("name", dataset.name()).put("records", advice.records());
            ArrayNode keys = one.putArray("keys");
            advice.keys().forEach(key -> {
                ObjectNode node = keys.addObject().put("nulls", key.nulls());
                ArrayNode fields = node.putArray("fields");
                key.fields().forEach(field -> fields.add(field.toString()));
            });
            one.put("untried", advice.untried());
        }
        console.document(document);
        return each ? ExitCode.PASS : ExitCode.FINDINGS;
    }

    private static List<String> lines(KeyAdvisor.Advice advice) {
        List<String> lines = new ArrayList<>();
        for (KeyAdvisor.Proven key : advice.keys()) {
            String fields = "key: [%s]"
                    .formatted(String.join(
                            ", ",
                            key.fields().stream()
                                    .map(field -> YamlText.inner(field.toString()))
                                    .toList()));
            boolean isFirst = lines.isEmpty() && key.nulls() == 0;
            lines.add("%s%s  # of %d records no two have the same; %s"
                    .formatted(
                            isFirst ? "" : "# ",
                            fields,
                            advice.records(),
                            key.nulls() == 0 ? "none is null" : "%d lack a value".formatted(key.nulls())));
        }
        if (lines.isEmpty()) {
            lines.add(
                    advice.records() == 0
                            ? "# there are no records, so nothing is proven"
                            : "# no three fields tell its %d records apart".formatted(advice.records()));
        }
        if (advice.untried() > 0) {
            lines.add("# %d combinations were not tried".formatted(advice.untried()));
        }
        return lines;
    }
}
