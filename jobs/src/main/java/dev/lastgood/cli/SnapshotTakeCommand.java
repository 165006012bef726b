package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.capture.SchemaDrift;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes a snapshot, and says how far it is of one moment, what it builds on, and how fields have changed. */
@Command(name = "take", description = "Takes one snapshot of the datasets.", mixinStandardHelpOptions = true)
final class SnapshotTakeCommand extends LastgoodCommand {
    @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
    List<String> datasets = new ArrayList<>();

    @Option(
            names = "--point-in-time",
            description = "take nothing unless each dataset can be read as it is at one moment of its source")
    boolean pointInTime;

    @Option(names = "--incremental", description = "take of each dataset only what has changed since its last snapshot")
    boolean incremental;

    @Option(
            names = "--captured",
            paramLabel = "TIME",
            description =
                    "what is read is as it was then, as 2026-11-20T02:00:00Z: of a source that was restored beside the live one")
    @Nullable
    String captured;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        List<DatasetSpec> chosen = workplace.childrenFirst(workplace.datasets(datasets));
        Instant restored = SnapshotAdoptCommand.time(captured);
        if (restored != null && incremental) {
            throw InvalidInput.of(
                    "'--captured' and '--incremental' do not go together",
                    "A restored source is read as a whole, and nothing builds on it.");
        }
        console.working("taking a snapshot");
        SnapshotTaker.Taken taken = workplace.taker().take(chosen, workplace.auditJob()::verdict, demands(), restored);
        console.line("snapshot " + taken.snapshot());
        console.table(
                List.of("dataset", "records", "bytes", "mode", "rules"),
                taken.manifests().stream().map(SnapshotTakeCommand::row).toList());
        taken.manifests().forEach(manifest -> remarks(console, manifest, taken));
        console.document(document(taken));
        console.next("lastgood audit, or lastgood snapshot verify " + taken.snapshot());
        return ExitCode.PASS;
    }

    private Set<SnapshotTaker.Demand> demands() {
        Set<SnapshotTaker.Demand> demands = EnumSet.noneOf(SnapshotTaker.Demand.class);
        if (pointInTime) {
            demands.add(SnapshotTaker.Demand.POINT_IN_TIME);
        }
        if (incremental) {
            demands.add(SnapshotTaker.Demand.INCREMENTAL);
        }
        return demands;
    }

    private static List<String> row(Manifest manifest) {
        Manifest.RuleVerdict rules = manifest.rules();
        return List.of(
                manifest.dataset(),
                Long.toString(manifest.counts().records()),
                Long.toString(manifest.counts().bytes()),
                manifest.capture().mode().name(),
                rules == null ? "no rules" : rules.verdict().name());
    }

    /** What the table has no room for. Of files there is nothing to say: nobody can read them as of one moment. */
    private static void remarks(Console console, Manifest manifest, SnapshotTaker.Taken taken) {
        Manifest.Capture capture = manifest.capture();
        String dataset = manifest.dataset();
        boolean asked = manifest.source().kind().equals("jdbc");
        if (asked && capture.mode() != Manifest.Mode.POINT_IN_TIME) {
            console.line("%s: each record as it was at some moment from %s to %s (%s)"
                    .formatted(dataset, capture.from(), capture.to(), capture.consistency()));
        }
        String whole = taken.whole().get(dataset);
        if (whole != null) {
            console.line("%s: a full snapshot, for %s".formatted(dataset, whole));
        }
        Manifest.Parent parent = manifest.chain().parent();
        Manifest.Delta delta = manifest.chain().delta();
        if (parent != null && delta != null) {
            long gone = manifest.counts().tombstones();
            console.line("%s: since %s %d images are new, %d were replaced, %d are gone"
                    .formatted(
                            dataset,
                            parent.snapshot(),
                            delta.inserted().totals().records(),
                            delta.removed().totals().records() - gone,
                            gone));
        }
        SchemaDrift.Report drift = taken.drift().get(dataset);
        if (drift != null && !drift.unknown().isEmpty()) {
            console.line("%s: fields could not be compared with those of %s: %s"
                    .formatted(dataset, drift.since(), drift.unknown()));
        } else if (drift != null) {
            drift.changes()
                    .forEach(change ->
                            console.line("%s: field %s, unlike in %s".formatted(dataset, change, drift.since())));
        }
    }

    private static ObjectNode document(SnapshotTaker.Taken taken) {
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        document.put("snapshot", taken.snapshot().text());
        ArrayNode manifests = document.putArray("datasets");
        for (Manifest manifest : taken.manifests()) {
            Manifest.RuleVerdict rules = manifest.rules();
            Manifest.Parent parent = manifest.chain().parent();
            Manifest.Delta delta = manifest.chain().delta();
            ObjectNode dataset = manifests
                    .addObject()
                    .put("name", manifest.dataset())
                    .put("records", manifest.counts().records())
                    .put("duplicateKeys", manifest.counts().duplicateKeys())
                    .put("bytes", manifest.counts().bytes())
                    .put("mode", manifest.capture().mode().name())
                    .put("from", manifest.capture().from().toString())
                    .put("to", manifest.capture().to().toString())
                    .put("consistency", manifest.capture().consistency())
                    .put("rules", rules == null ? null : rules.verdict().name())
                    .put("manifest", manifest.digest().toString())
                    .put("parent", parent == null ? null : parent.snapshot().text());
            if (delta != null) {
                dataset.put("inserted", delta.inserted().totals().records())
                        .put("removed", delta.removed().totals().records())
                        .put("tombstones", manifest.counts().tombstones());
            }
            String whole = taken.whole().get(manifest.dataset());
            if (whole != null) {
                dataset.put("wholeBecause", whole);
            }
            drift(dataset, taken.drift().get(manifest.dataset()));
        }
        return document;
    }

    private static void drift(ObjectNode dataset, SchemaDrift.@Nullable Report drift) {
        if (drift == null) {
            return;
        }
        ObjectNode schema =
                dataset.putObject("schema").put("since", drift.since().text());
        if (!drift.unknown().isEmpty()) {
            schema.put("unknown", drift.unknown());
            return;
        }
        ArrayNode changes = schema.putArray("changes");
        for (SchemaDrift change : drift.changes()) {
            ObjectNode node = changes.addObject()
                    .put("kind", change.kind().name())
                    .put("field", change.field())
                    .put("before", change.before().isEmpty() ? null : change.before())
                    .put("after", change.after().isEmpty() ? null : change.after());
            if (!change.evidence().isEmpty()) {
                node.put("evidence", change.evidence());
            }
        }
    }
}
