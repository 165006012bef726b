package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.rule.ExitCode;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Event;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.yaml.Durations;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keeps a snapshot from being pruned. */
@Command(
        name = "hold",
        description = "Holds a snapshot: no prune removes it, nor what it builds on, until it is released.",
        mixinStandardHelpOptions = true)
final class SnapshotHoldCommand extends LastgoodCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = "latest, an id or its beginning")
    String address = "";

    @Option(names = "--note", paramLabel = "TEXT", required = true, description = "why, for whoever finds it later")
    String note = "";

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description = "30d, or 2027-01-31T00:00:00Z (default: until it is released)")
    @Nullable
    String until;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        Instant end = until == null ? null : end(until, workplace.clock().instant());
        SnapshotId id = found(workplace.catalog().state(), address);
        Entry entry = workplace.catalog().append(new Event.Held(List.of(id), Event.Reason.MANUAL, end, note));
        console.line("snapshot %s is held%s: %s".formatted(id, end == null ? "" : " until " + end, entry.id()));
        console.document(JsonNodeFactory.instance
                .objectNode()
                .put("formatVersion", 1)
                .put("hold", entry.id())
                .put("snapshot", id.text())
                .put("until", end == null ? null : end.toString()));
        console.next("lastgood snapshot release " + brief(entry.id()));
        return ExitCode.PASS;
    }

    private static Instant end(String text, Instant now) {
        Instant end = Durations.parse(text).map(now::plus).orElseGet(() -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw InvalidInput.of(
                        "--until: '%s' is neither a duration nor a time".formatted(text),
                        "Write 30d, or 2027-01-31T00:00:00Z.");
            }
        });
        if (!end.isAfter(now)) {
            throw InvalidInput.of(
                    "--until: %s is over already".formatted(end), "A hold keeps nothing after that time.");
        }
        return end;
    }

    /** The snapshot of that address, whatever its datasets. */
    static SnapshotId found(CatalogState state, String address) {
        List<SnapshotId> all =
                state.snapshots().stream().map(one -> one.id()).distinct().toList();
        if (all.isEmpty()) {
            throw InvalidInput.of("there is no snapshot", "Run 'lastgood snapshot take' first.");
        }
        if (address.equals("latest")) {
            return all.get(all.size() - 1);
        }
        List<SnapshotId> matching = address.isEmpty()
                ? List.of()
                : all.stream().filter(id -> id.text().startsWith(address)).toList();
        if (matching.size() != 1) {
            throw InvalidInput.of(
                    matching.isEmpty()
                            ? "there is no snapshot '%s'".formatted(address)
                            : "'%s' is the beginning of %d snapshots".formatted(address, matching.size()),
                    "'lastgood snapshot list' shows what there is.");
        }
        return matching.get(0);
    }

    /** Enough of the id of a hold to name it. */
    private static String brief(String id) {
        return id.substring(0, Math.min(8, id.length()));
    }

    /** The holds there are, for people and programs. */
    static void list(CatalogState state, Instant now, Console console, ObjectNode document) {
        ArrayNode all = document.putArray("holds");
        for (CatalogState.Hold hold : state.holds()) {
            ObjectNode node = all.addObject()
                    .put("hold", hold.id())
                    .put("reason", hold.reason().name().toLowerCase(Locale.ROOT))
                    .put("note", hold.note())
                    .put("until", hold.until() == null ? null : hold.until().toString())
                    .put("active", hold.isActive(now));
            ArrayNode snapshots = node.putArray("snapshots");
            hold.snapshots().forEach(id -> snapshots.add(id.text()));
            if (hold.isActive(now)) {
                console.line("held %s: %s, %s"
                        .formatted(
                                hold.snapshots().stream().map(SnapshotId::text).collect(Collectors.joining(", ")),
                                hold.shown(),
                                brief(hold.id())));
            }
        }
    }

    /** Ends a hold that a person made. */
    @Command(
            name = "release",
            description = "Ends a hold; prune may remove the snapshot then.",
            mixinStandardHelpOptions = true)
    static final class Release extends LastgoodCommand {
        @Parameters(paramLabel = "HOLD", description = "id of the hold or its beginning, as 'snapshot list' shows it")
        String address = "";

        @Override
        int run(Console console) {
            Workplace workplace = common.workplace();
            List<CatalogState.Hold> matching = workplace.catalog().state().holds().stream()
                    .filter(hold -> !address.isEmpty() && hold.id().startsWith(address))
                    .toList();
            if (matching.size() != 1) {
                throw InvalidInput.of(
                        matching.isEmpty()
                                ? "there is no hold '%s'".formatted(address)
                                : "'%s' is the beginning of %d holds".formatted(address, matching.size()),
                        "'lastgood snapshot list' shows the holds.");
            }
            CatalogState.Hold hold = matching.get(0);
            if (hold.reason() != Event.Reason.MANUAL) {
                throw new Refusal(
                        "hold %s is not a person's: %s".formatted(hold.id(), hold.shown()),
                        "It ends with what it is for.");
            }
            workplace.catalog().append(new Event.Released(hold.id()));
            console.line("released: %s".formatted(hold.shown()));
            console.document(JsonNodeFactory.instance
                    .objectNode()
                    .put("formatVersion", 1)
                    .put("hold", hold.id()));
            return ExitCode.PASS;
        }
    }
}
