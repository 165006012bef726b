package dev.lastgood.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.FieldChanges;
import dev.lastgood.audit.Records;
import dev.lastgood.audit.Side;
import dev.lastgood.audit.Told;
import dev.lastgood.capture.KeptThin;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.capture.TableVersion;
import dev.lastgood.diff.Probe;
import dev.lastgood.diff.ProposedRename;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.diff.Strategy;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.report.Lines;
import dev.lastgood.report.Masks;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Compares two states of datasets: snapshots, live, folders of files, or versions of tables. */
public final class DiffJob {
    private final Workplace workplace;
    private final LongSupplier memory;

    public DiffJob(Workplace workplace) {
        this(workplace, () -> Strategy.memory(workplace.session()));
    }

    /** @param memory bytes that hashes may take in memory */
    DiffJob(Workplace workplace, LongSupplier memory) {
        this.workplace = workplace;
        this.memory = memory;
    }

    /** What holds of {@link Difference#unread}. */
    public static final String UNREAD =
            "the snapshot was compared by the hashes kept with it, and its files are there but"
                    + " were not read; 'lastgood snapshot verify' reads them";

    /** What to do with each line of differences, in the order of datasets and keys. */
    public interface Sink {
        void line(String json);
    }

    /**
     * Counts per dataset, and how the fields themselves differ.
     *
     * @param fields by dataset in how many records each field changed how
     * @param renames by dataset what may have been renamed
     * @param ways by dataset how it was compared
     * @param unread datasets of whose snapshot before no file of records was read
     */
    public record Difference(
            List<Auditor.DatasetTally> datasets,
            Map<String, List<FieldChanges>> fields,
            Map<String, List<SchemaChange>> schema,
            Map<String, List<ProposedRename>> renames,
            Map<String, Strategy> ways,
            Set<String> unread) {
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
            node.set("fields", DiffJob.fields(fields));
            ArrayNode drift = node.putArray("schema");
            schema.forEach((dataset, changes) -> changes.forEach(change -> drift.addObject()
                    .put("dataset", dataset)
                    .put("field", change.field())
                    .put("change", change.kind().name().toLowerCase(java.util.Locale.ROOT))
                    .put("before", change.before())
                    .put("after", change.after())));
            putRenames(node, renames);
            ArrayNode compared = node.putArray("compared");
            ways.forEach((dataset, strategy) -> {
                ObjectNode one = compared.addObject()
                        .put("dataset", dataset)
                        .put("way", strategy.way().text())
                        .put("why", strategy.why());
                if (unread.contains(dataset)) {
                    one.put("note", UNREAD);
                }
            });
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
    static ArrayNode fields(Map<String, List<FieldChanges>> fields) {
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
        LiveLater later = new LiveLater(workplace.workspace(), workplace.sources(), RestoreJob::sleep);
        Compared compared = compared(datasets, base, other, later);
        compared.sound().forEach(Runnable::run);
        try {
            Auditor auditor = new Auditor(
                            workplace.session(),
                            workplace.store().location(folder),
                            workplace.clock().instant(),
                            Auditor.History.NONE)
                    .comparing(compared.ways())
                    .telling(datasets.stream()
                            .collect(Collectors.toMap(
                                    DatasetSpec::name,
                                    dataset -> new Lines(dataset.name(), null, new Masks(dataset))::change)));
            Auditor.Findings found = auditor.run(compared.sides(), List.of(), later);
            Map<String, List<FieldChanges>> fields = new LinkedHashMap<>();
            Map<String, List<ProposedRename>> renames = new LinkedHashMap<>();
            compared.renames().forEach((dataset, proposed) -> renames.put(dataset, proposed.get()));
            for (DatasetSpec dataset : datasets) {
                boolean same = found.datasets().stream()
                        .filter(tally -> tally.name().equals(dataset.name()))
                        .allMatch(tally -> tally.added() + tally.removed() + tally.changed() == 0);
                if (same) {
                    fields.put(dataset.name(), List.of());
                    continue;
                }
                Told told = found.told().get(dataset.name());
                if (told != null) {
                    told.lines(sink::line);
                    fields.put(dataset.name(), told.counts().fields());
                    continue;
                }
                Dataset<Row> records = Records.read(
                        workplace.session(),
                        Objects.requireNonNull(found.records().get(dataset.name())));
                Lines.lines(new Lines(dataset.name(), null, new Masks(dataset)).changes(records))
                        .forEach(sink::line);
                fields.put(dataset.name(), FieldChanges.of(records));
            }
            Map<String, Strategy> ways = new LinkedHashMap<>(compared.ways());
            ways.replaceAll(
                    (dataset, way) -> Objects.requireNonNull(auditor.compared().get(dataset)));
            Set<String> unread = new TreeSet<>();
            compared.before().forEach((dataset, intact) -> {
                if (!intact.isDone) {
                    unread.add(dataset);
                }
            });
            return new Difference(found.datasets(), fields, compared.schema(), renames, ways, unread);
        } finally {
            workplace.store().delete(folder);
        }
    }

    /**
     * How a dataset would be compared.
     *
     * @param columns whether the side after would be hashed column by column
     */
    public record Explained(Strategy strategy, boolean columns) {
        /** What the side after is read as. */
        public String reads() {
            return columns && strategy.way() != Strategy.Way.JOIN ? "columns" : "rows";
        }
    }

    /** How each dataset would be compared; sides are read for it only to count what nobody has counted, or to learn fields. */
    public Map<String, Explained> explain(List<DatasetSpec> datasets, String base, String other) {
        LiveLater later = new LiveLater(workplace.workspace(), workplace.sources(), RestoreJob::sleep);
        Compared compared = compared(datasets, base, other, later);
        Map<String, Explained> explained = new LinkedHashMap<>();
        for (Side side : compared.sides()) {
            Strategy strategy =
                    Objects.requireNonNull(compared.ways().get(side.dataset().name()));
            explained.put(
                    side.dataset().name(), new Explained(strategy, Probe.readsColumns(side.dataset(), side.after())));
        }
        return explained;
    }

    /** The same as JSON. */
    public static ObjectNode json(Map<String, Explained> explained) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        ArrayNode array = node.putArray("datasets");
        explained.forEach((dataset, one) -> array.addObject()
                .put("name", dataset)
                .put("way", one.strategy().way().text())
                .put("why", one.strategy().why())
                .put("before", one.strategy().records())
                .put("hashBytes", one.strategy().bytes())
                .put("memoryBytes", one.strategy().memory())
                .put("reads", one.reads()));
        return node;
    }

    /**
     * What is compared with what, and how.
     *
     * @param renames by dataset whose fields differ what reads its records and tells which may have been renamed
     * @param sound run before the sides after are read; fails if one is not what was captured
     * @param before of datasets with a snapshot before that is not the one after as well, what proves its records
     */
    private record Compared(
            List<Side> sides,
            Map<String, List<SchemaChange>> schema,
            Map<String, Supplier<List<ProposedRename>>> renames,
            Map<String, Strategy> ways,
            List<Runnable> sound,
            Map<String, Once> before) {}

    private Compared compared(List<DatasetSpec> datasets, String base, String other, LiveLater later) {
        List<Side> sides = new ArrayList<>();
        Map<String, List<SchemaChange>> schema = new LinkedHashMap<>();
        Map<String, Supplier<List<ProposedRename>>> renames = new LinkedHashMap<>();
        Map<String, Strategy> ways = new LinkedHashMap<>();
        List<Runnable> sound = new ArrayList<>();
        Map<String, Once> proofs = new LinkedHashMap<>();
        for (DatasetSpec dataset : datasets) {
            State before = at(dataset, base);
            State after = at(dataset, other);
            before.manifest()
                    .filter(manifest -> !after.is(manifest))
                    .ifPresent(manifest -> proofs.put(dataset.name(), before.intact()));
            sound.add(after.intact());
            if (other.equals("live") && !base.equals("live")) {
                later.first(dataset, after.frame());
            }
            SchemaChange.Aligned aligned = SchemaChange.align(dataset, before.frame(), after.frame());
            schema.put(dataset.name(), aligned.changes());
            if (!aligned.changes().isEmpty()) {
                renames.put(dataset.name(), () -> {
                    before.intact().run();
                    return ProposedRename.of(dataset, before.frame(), after.frame(), aligned.changes());
                });
            }
            long records = before.count();
            sides.add(new Side(dataset, aligned.after(), aligned.before(), null, records));
            Strategy way = Strategy.of(
                    dataset,
                    records,
                    before.manifest()
                            .filter(manifest -> sharesKeys(dataset, manifest))
                            .isPresent(),
                    kept(dataset, before, aligned),
                    memory.getAsLong());
            ways.put(dataset.name(), way);
        }
        return new Compared(sides, schema, renames, ways, sound, proofs);
    }

    /** What a manifest says of keys is of those at capture. */
    private static boolean sharesKeys(DatasetSpec dataset, Manifest manifest) {
        List<String> today = dataset.key().stream().map(Object::toString).toList();
        return manifest.counts().duplicateKeys() > 0 && manifest.schema().key().equals(today);
    }

    private Strategy.Kept kept(DatasetSpec dataset, State before, SchemaChange.Aligned aligned) {
        return before.manifest()
                .map(manifest -> KeptThin.of(
                        workplace.session(),
                        dataset,
                        manifest,
                        workplace.store(),
                        aligned.before(),
                        !aligned.changes().isEmpty(),
                        before.intact()))
                .orElseGet(() -> Strategy.Kept.nothing("nobody has kept hashes of the side before", before.intact()));
    }

    /**
     * @param manifest of a snapshot
     * @param intact run before records are read; fails if they are not what was captured
     */
    private record State(Frame frame, Optional<Manifest> manifest, Once intact) {
        static State uncounted(Frame frame) {
            return new State(frame, Optional.empty(), new Once(() -> {}));
        }

        /** Whether this is the state of a snapshot. */
        boolean is(Manifest snapshot) {
            return manifest.filter(one -> one.digest().equals(snapshot.digest()))
                    .isPresent();
        }

        long count() {
            return manifest.map(one -> one.counts().records())
                    .orElseGet(() -> frame.records().count());
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
        Manifest manifest = snapshot.manifest(workplace.store());
        SnapshotReader reader = new SnapshotReader(workplace.session(), workplace.store());
        Once intact = new Once(() -> reader.requireIntact(manifest));
        if (manifest.origin() == Manifest.Origin.ADOPTED
                || SnapshotReader.shape(dataset, manifest).isEmpty()) {
            // Nothing is kept of the one, and what is not known of the other's fields is learned from its records.
            intact.run();
        } else {
            reader.requirePresent(manifest);
        }
        return new State(reader.captured(dataset, manifest, workplace.sources()), Optional.of(manifest), intact);
    }

    /** What need not be done twice. */
    private static final class Once implements Runnable {
        private final Runnable act;
        private boolean isDone;

        Once(Runnable act) {
            this.act = act;
        }

        @Override
        public void run() {
            if (!isDone) {
                act.run();
                isDone = true;
            }
        }
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
