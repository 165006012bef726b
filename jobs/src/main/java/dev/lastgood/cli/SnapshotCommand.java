package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Snapshots: take, adopt, list, show, verify. */
@Command(
        name = "snapshot",
        description = "Takes, adopts, lists, shows, verifies, holds, prunes and exports snapshots.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SnapshotCommand.Take.class,
            SnapshotAdoptCommand.class,
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

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            List<DatasetSpec> chosen = workplace.parentsFirst(workplace.datasets(datasets));
            console.working("taking a snapshot");
            SnapshotTaker.Taken taken = workplace.taker().take(chosen, workplace.auditJob()::verdict);
            ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            document.put("snapshot", taken.snapshot().text());
            ArrayNode manifests = document.putArray("datasets");
            List<List<String>> rows = new ArrayList<>();
            for (Manifest manifest : taken.manifests()) {
                Manifest.RuleVerdict rules = manifest.rules();
                String verdict = rules == null ? "" : rules.verdict().name();
                manifests
                        .addObject()
                        .put("name", manifest.dataset())
                        .put("records", manifest.counts().records())
                        .put("duplicateKeys", manifest.counts().duplicateKeys())
                        .put("bytes", manifest.counts().bytes())
                        .put("mode", manifest.capture().mode().name())
                        .put("rules", rules == null ? null : verdict)
                        .put("manifest", manifest.digest().toString());
                rows.add(List.of(
                        manifest.dataset(),
                        Long.toString(manifest.counts().records()),
                        Long.toString(manifest.counts().bytes()),
                        manifest.capture().mode().name(),
                        verdict.isEmpty() ? "no rules" : verdict));
            }
            console.line("snapshot " + taken.snapshot());
            console.table(List.of("dataset", "records", "bytes", "mode", "rules"), rows);
            console.document(document);
            console.next("lastgood audit, or lastgood snapshot verify " + taken.snapshot());
            return ExitCode.PASS;
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
                            .put("origin", snapshot.origin().name())
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
                            (damaged == null ? verified : "damaged at " + damaged)
                                    + (snapshot.origin() == Manifest.Origin.ADOPTED ? ", adopted" : "")));
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
                Reading reading = manifest.reading();
                if (reading != null) {
                    console.line("  adopted   from %s, %s"
                            .formatted(
                                    manifest.source().address(),
                                    reading.format().name().toLowerCase(Locale.ROOT)));
                }
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
