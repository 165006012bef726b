package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.capture.SchemaDrift;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Snapshots: take, list, show, verify. */
@Command(
        name = "snapshot",
        description = "Takes, lists, shows, verifies, holds, prunes and exports snapshots.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SnapshotCommand.Take.class,
            SnapshotCommand.ListAll.class,
            SnapshotCommand.Show.class,
            SnapshotVerifyCommand.class,
            SnapshotHoldCommand.class,
            SnapshotHoldCommand.Release.class,
            SnapshotPruneCommand.class,
            SnapshotExportCommand.class
        })
final class SnapshotCommand extends CommandGroup {
    @Command(name = "take", description = "Takes one snapshot of the datasets.", mixinStandardHelpOptions = true)
    static final class Take extends LastgoodCommand {
        @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
        List<String> datasets = new ArrayList<>();

        @Option(
                names = "--point-in-time",
                description = "take nothing unless each dataset can be read as it is at one moment of its source")
        boolean pointInTime;

        @Option(
                names = "--incremental",
                description = "take of each dataset only what has changed since its last snapshot")
        boolean incremental;

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            Set<SnapshotTaker.Demand> demands = EnumSet.noneOf(SnapshotTaker.Demand.class);
            if (pointInTime) {
                demands.add(SnapshotTaker.Demand.POINT_IN_TIME);
            }
            if (incremental) {
                demands.add(SnapshotTaker.Demand.INCREMENTAL);
            }
            List<DatasetSpec> chosen = workplace.childrenFirst(workplace.datasets(datasets));
            console.working("taking a snapshot");
            SnapshotTaker.Taken taken = workplace.taker().take(chosen, workplace.auditJob()::verdict, demands);
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("snapshot", taken.snapshot().text());
            ArrayNode manifests = document.putArray("datasets");
            List<List<String>> rows = new ArrayList<>();
            for (Manifest manifest : taken.manifests()) {
                Manifest.RuleVerdict rules = manifest.rules();
                String verdict = rules == null ? "" : rules.verdict().name();
                ObjectNode one = manifests
                        .addObject()
                        .put("name", manifest.dataset())
                        .put("records", manifest.counts().records())
                        .put("duplicateKeys", manifest.counts().duplicateKeys())
                        .put("bytes", manifest.counts().bytes())
                        .put("mode", manifest.capture().mode().name())
                        .put("from", manifest.capture().from().toString())
                        .put("to", manifest.capture().to().toString())
                        .put("consistency", manifest.capture().consistency())
                        .put("parent", parent(manifest))
                        .put("inserted", inserted(manifest))
                        .put("removed", removed(manifest))
                        .put("wholeBecause", taken.whole().get(manifest.dataset()))
                        .put("rules", rules == null ? null : verdict)
                        .put("manifest", manifest.digest().toString());
                drift(one, taken.drift().get(manifest.dataset()));
                rows.add(List.of(
                        manifest.dataset(),
                        Long.toString(manifest.counts().records()),
                        Long.toString(manifest.counts().bytes()),
                        manifest.capture().mode().name(),
                        verdict.isEmpty() ? "no rules" : verdict));
            }
            console.line("snapshot " + taken.snapshot());
            console.table(List.of("dataset", "records", "bytes", "mode", "rules"), rows);
            taken.whole()
                    .forEach((dataset, reason) ->
                            console.line("%s: a full snapshot, for %s".formatted(dataset, reason)));
            for (Manifest manifest : taken.manifests()) {
                SchemaDrift.Report drift = taken.drift().get(manifest.dataset());
                if (drift != null && !drift.unknown().isEmpty()) {
                    console.line("%s: fields could not be compared with those of %s: %s"
                            .formatted(manifest.dataset(), drift.since(), drift.unknown()));
                } else if (drift != null) {
                    drift.changes()
                            .forEach(change -> console.line(
                                    "%s: field %s, unlike in %s".formatted(manifest.dataset(), change, drift.since())));
                }
                if (manifest.chain().parent() != null) {
                    console.line("%s: %d records came or changed since %s, %d images of it were replaced, %d are gone"
                            .formatted(
                                    manifest.dataset(),
                                    inserted(manifest),
                                    parent(manifest),
                                    removed(manifest) - manifest.counts().tombstones(),
                                    manifest.counts().tombstones()));
                }
            }
            for (Manifest manifest : taken.manifests()) {
                if (manifest.capture().mode() != Manifest.Mode.POINT_IN_TIME) {
                    console.line("%s: each record as it was at some moment from %s to %s (%s)"
                            .formatted(
                                    manifest.dataset(),
                                    manifest.capture().from(),
                                    manifest.capture().to(),
                                    manifest.capture().consistency()));
                }
            }
            console.document(document);
            console.next("lastgood audit, or lastgood snapshot verify " + taken.snapshot());
            return ExitCode.PASS;
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

        private static @Nullable String parent(Manifest manifest) {
            Manifest.Parent parent = manifest.chain().parent();
            return parent == null ? null : parent.snapshot().text();
        }

        private static @Nullable Long inserted(Manifest manifest) {
            Manifest.Delta delta = manifest.chain().delta();
            return delta == null ? null : (Long) delta.inserted().totals().records();
        }

        private static @Nullable Long removed(Manifest manifest) {
            Manifest.Delta delta = manifest.chain().delta();
            return delta == null ? null : (Long) delta.removed().totals().records();
        }
    }

    @Command(name = "list", description = "Lists the snapshots.", mixinStandardHelpOptions = true)
    static final class ListAll extends LastgoodCommand {
        @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
        List<String> datasets = new ArrayList<>();

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            CatalogState state = workplace.catalog().state();
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            ArrayNode all = document.putArray("snapshots");
            List<List<String>> rows = new ArrayList<>();
            for (DatasetSpec dataset : workplace.datasets(datasets)) {
                for (Snapshot snapshot : state.snapshots(dataset.name())) {
                    String verified = verified(state, snapshot);
                    String damaged = state.damaged(snapshot.dataset(), snapshot.id())
                            .map(Level::name)
                            .orElse(null);
                    all.addObject()
                            .put("snapshot", snapshot.id().text())
                            .put("dataset", dataset.name())
                            .put("from", snapshot.from().toString())
                            .put("to", snapshot.to().toString())
                            .put("records", snapshot.records())
                            .put("bytes", snapshot.bytes())
                            .put("verified", verified)
                            .put("damaged", damaged);
                    rows.add(List.of(
                            snapshot.id().text(),
                            dataset.name(),
                            snapshot.to().toString(),
                            Long.toString(snapshot.records()),
                            Long.toString(snapshot.bytes()),
                            damaged == null ? verified : "damaged at " + damaged));
                }
            }
            console.table(List.of("snapshot", "dataset", "captured", "records", "bytes", "verified"), rows);
            SnapshotHoldCommand.list(state, workplace.clock().instant(), console, document);
            console.document(document);
            return ExitCode.PASS;
        }

        /** The highest level whose last verification passed. */
        private static String verified(CatalogState state, Snapshot snapshot) {
            String highest = "";
            for (Level level : Level.values()) {
                highest = state.isVerified(snapshot.dataset(), snapshot.id(), level) ? level.name() : highest;
            }
            return highest;
        }
    }

    @Command(name = "show", description = "Shows the manifest of a snapshot.", mixinStandardHelpOptions = true)
    static final class Show extends LastgoodCommand {
        @Parameters(paramLabel = "SNAPSHOT", description = "latest, an id or its beginning")
        String address = "";

        @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
        List<String> datasets = new ArrayList<>();

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            CatalogState state = workplace.catalog().state();
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            ArrayNode manifests = document.putArray("manifests");
            for (DatasetSpec dataset : workplace.datasets(datasets)) {
                Snapshot snapshot = state.resolve(dataset.name(), address);
                Manifest manifest = snapshot.manifest(workplace.store());
                manifests.add(json(manifest));
                console.line("%s of %s".formatted(manifest.snapshot(), manifest.dataset()));
                console.line("  captured  %s to %s, %s"
                        .formatted(
                                manifest.capture().from(),
                                manifest.capture().to(),
                                manifest.capture().mode()));
                console.line("  records   %d, %d distinct keys, %d duplicate keys"
                        .formatted(
                                manifest.counts().records(),
                                manifest.counts().distinctKeys(),
                                manifest.counts().duplicateKeys()));
                console.line("  files     %d, %d bytes"
                        .formatted(manifest.counts().files(), manifest.counts().bytes()));
                console.line("  rules     %s"
                        .formatted(
                                manifest.rules() == null
                                        ? "not asked"
                                        : manifest.rules().verdict()));
                console.line("  manifest  %s".formatted(manifest.digest()));
                List<List<String>> fields = new ArrayList<>();
                manifest.schema()
                        .fields()
                        .forEach(field ->
                                fields.add(List.of("   ", field.name(), field.type(), Long.toString(field.nulls()))));
                console.table(List.of("   ", "field", "type", "nulls"), fields);
            }
            console.document(document);
            return ExitCode.PASS;
        }

        private static com.fasterxml.jackson.databind.JsonNode json(Manifest manifest) {
            try {
                return dev.lastgood.record.JsonValues.MAPPER.readTree(
                        new String(manifest.bytes(), java.nio.charset.StandardCharsets.UTF_8));
            } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                throw new IllegalStateException("a manifest is JSON", e);
            }
        }
    }
}
