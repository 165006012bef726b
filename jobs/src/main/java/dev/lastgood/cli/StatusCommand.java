package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.Standing;
import dev.lastgood.job.Workplace;
import dev.lastgood.outputs.Checked;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** How the backups stand, per dataset. */
@Command(
        name = "status",
        description = "Shows the snapshots and verifications of each dataset, and what is due.",
        mixinStandardHelpOptions = true)
final class StatusCommand extends CheckingCommand {
    @Override
    String name() {
        return "status";
    }

    @Override
    Concluded check(Console console) {
        Workplace workplace = common.workplace();
        CatalogState state = workplace.catalog().state();
        Instant now = workplace.clock().instant();
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        ArrayNode all = document.putArray("datasets");
        List<List<String>> rows = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        Verdict verdict = Verdict.PASS;
        for (DatasetSpec dataset : workplace.datasets(List.of())) {
            Standing standing =
                    Standing.of(dataset.name(), state, workplace.workspace().due(), now);
            verdict = verdict.and(standing.verdict());
            all.add(json(standing));
            rows.add(row(standing, now));
            standing.damaged()
                    .forEach(one -> lines.add("damaged: snapshot %s of %s, at %s"
                            .formatted(
                                    one.id(),
                                    one.dataset(),
                                    state.damaged(one.dataset(), one.id()).orElseThrow())));
            standing.due().forEach(due -> lines.add("due: %s, %s".formatted(standing.dataset(), due)));
        }
        document.put("verdict", verdict.name());
        List<String> head = new ArrayList<>(List.of("dataset", "last snapshot", "age", "records"));
        for (Level level : Level.values()) {
            head.add(level.name());
        }
        head.addAll(List.of("sound", "held", "verdict"));
        console.table(head, rows);
        lines.forEach(console::line);
        console.document(document);
        return new Concluded(Checked.status(thisRun(), document), ExitCode.of(verdict));
    }

    private static List<String> row(Standing standing, Instant now) {
        List<String> row = new ArrayList<>();
        row.add(standing.dataset());
        row.add(standing.latest().map(one -> one.id().text()).orElse("none"));
        row.add(standing.latest().map(one -> Standing.age(one.to(), now)).orElse(""));
        row.add(standing.latest().map(one -> Long.toString(one.records())).orElse(""));
        for (Level level : Level.values()) {
            Standing.Last last = standing.last().get(level);
            row.add(
                    last == null
                            ? "never"
                            : Standing.age(last.at(), now)
                                    + (last.verdict() == Verdict.PASS ? "" : " " + last.verdict()));
        }
        row.add("%d of %d".formatted(standing.covered(), standing.snapshots()));
        row.add(Long.toString(standing.held()));
        row.add(standing.verdict().name());
        return row;
    }

    private static ObjectNode json(Standing standing) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("name", standing.dataset())
                .put("snapshots", standing.snapshots());
        standing.latest()
                .ifPresentOrElse(
                        one -> node.putObject("latest")
                                .put("snapshot", one.id().text())
                                .put("captured", one.to().toString())
                                .put("records", one.records()),
                        () -> node.putNull("latest"));
        ObjectNode verified = node.putObject("verified");
        standing.last()
                .forEach((level, last) -> verified.putObject(level.name())
                        .put("snapshot", last.snapshot().id().text())
                        .put("at", last.at().toString())
                        .put("verdict", last.verdict().name()));
        node.put("sound", standing.covered()).put("held", standing.held());
        ArrayNode damaged = node.putArray("damaged");
        standing.damaged().forEach(one -> damaged.add(one.id().text()));
        ArrayNode due = node.putArray("due");
        standing.due().forEach(due::add);
        return node.put("verdict", standing.verdict().name());
    }
}
