package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Pruner;
import dev.lastgood.snapshot.Retention;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Removes snapshots that nothing keeps: shows first, then asks. */
@Command(
        name = "prune",
        description = "Removes the snapshots that 'retention' and no hold keeps; shows them and asks before.",
        mixinStandardHelpOptions = true)
final class SnapshotPruneCommand extends LastgoodCommand {
    @Option(names = "--yes", description = "do not ask")
    boolean yes;

    @Option(names = "--dry-run", description = "show what would go and what stays, and why; remove nothing")
    boolean dryRun;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        Retention retention = workplace.workspace().retention();
        Pruner pruner = new Pruner(workplace.store(), workplace.catalog(), workplace.clock());
        CatalogState state = workplace.catalog().state();
        Pruner.Outlook outlook = pruner.outlook(retention);
        if (retention == null && outlook.isEmpty()) {
            throw InvalidInput.of(
                    "the workspace has no 'retention', so every snapshot is kept",
                    "Say in lastgood.yaml what stays, as in retention: {keep_last: 3, daily: 14, minimum: 3}.");
        }
        console.table(List.of("snapshot", "datasets", "captured", "bytes", "", "why"), rows(outlook, state));
        List<SnapshotId> going = all(outlook);
        long bytes = bytes(going, state);
        if (going.isEmpty() || dryRun) {
            console.line(
                    going.isEmpty()
                            ? "nothing to remove"
                            : "%d of %d snapshots would be removed, %d bytes"
                                    .formatted(
                                            going.size(),
                                            going.size() + outlook.kept().size(),
                                            bytes));
            console.document(document(outlook, state, List.of()));
            return ExitCode.PASS;
        }
        Confirmation.require(
                "Remove %d snapshots, %d bytes?".formatted(going.size(), bytes), "nothing was removed", yes);
        console.working("removing");
        List<SnapshotId> removed = pruner.prune(outlook, retention);
        console.line("%d snapshots removed".formatted(removed.size()));
        Set<SnapshotId> left = new TreeSet<>(going);
        left.removeAll(removed);
        left.forEach(id -> console.line("%s stays: it was held, or removed by another prune, since".formatted(id)));
        console.document(document(outlook, state, removed));
        return ExitCode.PASS;
    }

    private static List<SnapshotId> all(Pruner.Outlook outlook) {
        Set<SnapshotId> all = new TreeSet<>(outlook.going());
        all.addAll(outlook.unfinished());
        all.addAll(outlook.abandoned());
        return List.copyOf(all);
    }

    private static long bytes(Collection<SnapshotId> ids, CatalogState state) {
        return state.snapshots().stream()
                .filter(one -> ids.contains(one.id()))
                .mapToLong(Snapshot::bytes)
                .sum();
    }

    private static List<List<String>> rows(Pruner.Outlook outlook, CatalogState state) {
        List<List<String>> rows = new ArrayList<>();
        outlook.kept().forEach((id, why) -> rows.add(row(id, state, "stays", String.join(", ", why))));
        outlook.going().forEach(id -> rows.add(row(id, state, "goes", "nothing keeps it")));
        outlook.unfinished().forEach(id -> rows.add(row(id, state, "goes", "its removal has begun")));
        outlook.abandoned().forEach(id -> rows.add(row(id, state, "goes", "its take never ended")));
        rows.sort((a, b) -> a.get(0).compareTo(b.get(0)));
        return rows;
    }

    private static List<String> row(SnapshotId id, CatalogState state, String what, String why) {
        List<Snapshot> parts =
                state.snapshots().stream().filter(one -> one.id().equals(id)).toList();
        return List.of(
                id.text(),
                parts.stream().map(Snapshot::dataset).collect(Collectors.joining(", ")),
                parts.stream()
                        .map(Snapshot::to)
                        .max(java.time.Instant::compareTo)
                        .map(Object::toString)
                        .orElse(""),
                parts.isEmpty()
                        ? ""
                        : Long.toString(
                                parts.stream().mapToLong(Snapshot::bytes).sum()),
                what,
                why);
    }

    private static ObjectNode document(Pruner.Outlook outlook, CatalogState state, List<SnapshotId> removed) {
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        ArrayNode kept = document.putArray("kept");
        outlook.kept().forEach((id, why) -> {
            ArrayNode reasons = kept.addObject().put("snapshot", id.text()).putArray("reasons");
            why.forEach(reasons::add);
        });
        ids(document.putArray("going"), outlook.going());
        ids(document.putArray("unfinished"), outlook.unfinished());
        ids(document.putArray("abandoned"), outlook.abandoned());
        document.put("bytes", bytes(all(outlook), state));
        ids(document.putArray("removed"), removed);
        return document;
    }

    private static void ids(ArrayNode array, List<SnapshotId> ids) {
        ids.forEach(id -> array.add(id.text()));
    }
}
