package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.Workplace;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Level;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Reading;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.Trust;
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
            SnapshotTakeCommand.class,
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
            List<String> head =
                    new ArrayList<>(List.of("snapshot", "dataset", "captured", "records", "bytes", "verified"));
            boolean asks = workplace.store().trust().asks();
            if (asks) {
                head.add("signature");
            }
            for (DatasetSpec dataset : workplace.datasets(datasets)) {
                for (Snapshot snapshot : state.snapshots(dataset.name())) {
                    String verified = verified(state, snapshot);
                    String damaged = state.damaged(snapshot.dataset(), snapshot.id())
                            .map(Level::name)
                            .orElse(null);
                    ObjectNode node = all.addObject()
                            .put("snapshot", snapshot.id().text())
                            .put("dataset", dataset.name())
                            .put("origin", snapshot.origin().name())
                            .put("from", snapshot.from().toString())
                            .put("to", snapshot.to().toString())
                            .put("records", snapshot.records())
                            .put("bytes", snapshot.bytes())
                            .put("verified", verified)
                            .put("damaged", damaged);
                    List<String> row = new ArrayList<>(List.of(
                            snapshot.id().text(),
                            dataset.name(),
                            snapshot.to().toString(),
                            Long.toString(snapshot.records()),
                            Long.toString(snapshot.bytes()),
                            (damaged == null ? verified : "damaged at " + damaged)
                                    + (snapshot.origin() == Manifest.Origin.ADOPTED ? ", adopted" : "")));
                    if (asks) {
                        String standing = Signatures.standing(snapshot, workplace.store());
                        node.put("signature", standing);
                        row.add(Signatures.cell(standing));
                    }
                    rows.add(row);
                }
            }
            console.table(head, rows);
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
            ArrayNode signatures = document.putArray("signatures");
            Trust trust = workplace.store().trust();
            boolean relied = true;
            for (DatasetSpec dataset : workplace.datasets(datasets)) {
                Snapshot snapshot = state.resolve(dataset.name(), address);
                Manifest manifest = snapshot.shown(workplace.store());
                manifests.add(json(manifest));
                Trust.Standing standing = trust.standing(manifest);
                relied &= standing.damage() == null;
                signatures.addObject().put("dataset", dataset.name()).put("signature", standing.name());
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
                console.line("  signature %s".formatted(Signatures.line(manifest, trust)));
                List<List<String>> fields = new ArrayList<>();
                manifest.schema()
                        .fields()
                        .forEach(field ->
                                fields.add(List.of("   ", field.name(), field.type(), Long.toString(field.nulls()))));
                console.table(List.of("   ", "field", "type", "nulls"), fields);
            }
            console.document(document);
            return relied ? ExitCode.PASS : ExitCode.FINDINGS;
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
