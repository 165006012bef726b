package dev.lastgood.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.FieldChanges;
import dev.lastgood.audit.Records;
import dev.lastgood.audit.Side;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.TableVersion;
import dev.lastgood.diff.ProposedRename;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.report.Lines;
import dev.lastgood.report.Masks;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Compares two states of datasets: snapshots, live, folders of files, or versions of tables. */
public final class DiffJob {
    private final Workplace workplace;

    public DiffJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /** What to do with each line of differences, in the order of datasets and keys. */
    public interface Sink {
        void line(String json);
    }

    /**
     * Counts per dataset, and how the fields themselves differ.
     *
     * @param fields by dataset in how many records each field changed how
     * @param renames by dataset what may have been renamed
     */
    public record Difference(
            List<Auditor.DatasetTally> datasets,
            Map<String, List<FieldChanges>> fields,
            Map<String, List<SchemaChange>> schema,
            Map<String, List<ProposedRename>> renames) {
        /** Whether any record, or any field as such, differs. */
        public boolean isNone() {
            return schema.values().stream().allMatch(List::isEmpty)
                    && datasets.stream().allMatch(tally -> tally.added() + tally.removed() + tally.changed() == 0);
        }

        public ObjectNode json() {
            ObjectNode node = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
            ArrayNode counted = node.putArray("datasets");
            datasets.forEach(tally -> counted.addObject()
                    .put("name", tally.name())
                    .put("before", tally.before())
                    .put("after", tally.after())
                    .put("added", tally.added())
                    .put("removed", tally.removed())
                    .put("changed", tally.changed())
                    .put("unchanged", tally.unchanged()));
            node.set("fields", DiffJob.json(fields));
            ArrayNode drift = node.putArray("schema");
            schema.forEach((dataset, changes) -> changes.forEach(change -> drift.addObject()
                    .put("dataset", dataset)
                    .put("field", change.field())
                    .put("change", change.kind().name().toLowerCase(java.util.Locale.ROOT))
                    .put("before", change.before())
                    .put("after", change.after())));
            putRenames(node, renames);
            return node;
        }
    }

    /** What may have been renamed, if anything. */
    static void putRenames(ObjectNode node, Map<String, List<ProposedRename>> renames) {
        ArrayNode proposed = JsonNodeFactory.instance.arrayNode();
        renames.forEach((dataset, all) -> all.forEach(rename -> proposed.addObject()
                .put("dataset", dataset)
                .put("from", rename.from())
                .put("to", rename.to())
                .put("same", rename.same())
                .put("of", rename.of())));
        if (!proposed.isEmpty()) {
            node.set("renames", proposed);
        }
    }

    /** In how many records each field changed how, as JSON. */
    static ArrayNode json(Map<String, List<FieldChanges>> fields) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        fields.forEach((dataset, changes) -> changes.forEach(change -> array.addObject()
                .put("dataset", dataset)
                .put("path", change.path())
                .put("kind", change.kind())
                .put("records", change.records())));
        return array;
    }

    /**
     * Compares each dataset at one address with the same dataset at another.
     *
     * @param base {@code latest}, a snapshot id or its beginning, {@code live}, the URI of a folder, or a version of a table
     *     as {@link TableVersion} reads it
     */
    public Difference diff(List<DatasetSpec> datasets, String base, String other, Sink sink) {
        String folder = "tmp/" + UUID.randomUUID();
        List<Side> sides = new ArrayList<>();
        Map<String, List<SchemaChange>> schema = new LinkedHashMap<>();
        Map<String, List<ProposedRename>> renames = new LinkedHashMap<>();
        LiveLater later = new LiveLater(workplace.workspace(), workplace.sources(), RestoreJob::sleep);
        for (DatasetSpec dataset : datasets) {
            State before = at(dataset, base);
            State after = at(dataset, other);
            if (other.equals("live") && !base.equals("live")) {
                later.first(dataset, after.frame());
            }
            SchemaChange.Aligned aligned = SchemaChange.align(dataset, before.frame(), after.frame());
            schema.put(dataset.name(), aligned.changes());
            renames.put(dataset.name(), ProposedRename.of(dataset, before.frame(), after.frame(), aligned.changes()));
            sides.add(new Side(dataset, aligned.after(), aligned.before(), null, before.count()));
        }
        try {
            Auditor.Findings found = new Auditor(
                            workplace.session(),
                            workplace.store().location(folder),
                            workplace.clock().instant(),
                            Auditor.History.NONE)
                    .run(sides, List.of(), later);
            Map<String, List<FieldChanges>> fields = new LinkedHashMap<>();
            for (DatasetSpec dataset : datasets) {
                Dataset<Row> records = Records.read(
                        workplace.session(),
                        Objects.requireNonNull(found.records().get(dataset.name())));
                Lines.lines(new Lines(dataset.name(), null, new Masks(dataset)).changes(records))
                        .forEach(sink::line);
                fields.put(dataset.name(), FieldChanges.of(records));
            }
            return new Difference(found.datasets(), fields, schema, renames);
        } finally {
            workplace.store().delete(folder);
        }
    }

    /** @param records how many, if that is known without reading them */
    private record State(Frame frame, OptionalLong records) {
        static State uncounted(Frame frame) {
            return new State(frame, OptionalLong.empty());
        }

        long count() {
            return records.orElseGet(() -> frame.records().count());
        }
    }

    private State at(DatasetSpec dataset, String address) {
        if (address.equals("live")) {
            return State.uncounted(workplace.sources().live(dataset));
        }
        if (TableVersion.isOne(address)) {
            // As its own reader gives it: rows deleted in place are no more, whatever the files hold.
            Dataset<Row> records = Objects.requireNonNull(TableVersion.at(
                            address, workplace.session(), Thread.currentThread().getContextClassLoader())
                    .witness());
            return State.uncounted(upgraded(dataset, workplace.sources().frame(dataset, records, Map.of())));
        }
        if (address.contains("/")) {
            if (!(dataset.location() instanceof Location.Folder folder)) {
                throw InvalidInput.of(
                        "dataset '%s' is no dataset of files, so '%s' cannot be read like it"
                                .formatted(dataset.name(), address),
                        "Name a snapshot, or live.");
            }
            Frame frame = workplace.sources().folder(dataset, address, folder);
            return State.uncounted(upgraded(dataset, frame));
        }
        Snapshot snapshot = workplace.catalog().state().resolve(dataset.name(), address);
        var manifest = snapshot.manifest(workplace.store());
        Frame frame = new SnapshotReader(workplace.session(), workplace.store())
                .frame(dataset, manifest, workplace.sources());
        return new State(frame, OptionalLong.of(manifest.counts().records()));
    }

    /** A folder has no capture time; what has old names is read as old. */
    private Frame upgraded(DatasetSpec dataset, Frame frame) {
        boolean old = dataset.upgrades().stream()
                .anyMatch(upgrade -> List.of(frame.records().columns())
                                .containsAll(upgrade.rename().keySet())
                        && !upgrade.rename().isEmpty());
        return old
                ? workplace
                        .sources()
                        .ofThen(
                                dataset,
                                SnapshotReader.upgraded(dataset, frame.records(), java.time.Instant.EPOCH),
                                Map.of())
                : frame;
    }
}
