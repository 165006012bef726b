package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** What there is, per dataset. */
@Command(
        name = "status",
        description = "Shows the last snapshot and verification of each dataset.",
        mixinStandardHelpOptions = true)
final class StatusCommand extends LastgoodCommand {
    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        CatalogState state = workplace.catalog().state();
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        ArrayNode all = document.putArray("datasets");
        List<List<String>> rows = new ArrayList<>();
        boolean missing = false;
        for (DatasetSpec dataset : workplace.datasets(List.of())) {
            Optional<Snapshot> latest = state.latest(dataset.name());
            String id = latest.map(snapshot -> snapshot.id().text()).orElse("none");
            boolean verified = latest.map(snapshot -> state.isVerified(dataset.name(), snapshot.id(), Level.L2))
                    .orElse(false);
            missing |= !verified;
            all.addObject()
                    .put("name", dataset.name())
                    .put("latest", latest.isPresent() ? id : null)
                    .put("verifiedL2", verified);
            rows.add(List.of(
                    dataset.name(),
                    id,
                    latest.map(snapshot -> Long.toString(snapshot.records())).orElse(""),
                    verified
                            ? "L2"
                            : latest.flatMap(snapshot -> state.damaged(dataset.name(), snapshot.id()))
                                    .map(level -> "damaged at " + level)
                                    .orElse("not verified")));
        }
        console.table(List.of("dataset", "last snapshot", "records", "verified"), rows);
        console.document(document);
        return missing ? ExitCode.INCONCLUSIVE : ExitCode.PASS;
    }
}
