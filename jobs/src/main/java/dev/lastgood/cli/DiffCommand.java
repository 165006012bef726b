package dev.lastgood.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.audit.Auditor;
import dev.lastgood.diff.ProposedRename;
import dev.lastgood.diff.Strategy;
import dev.lastgood.job.DiffJob;
import dev.lastgood.job.Workplace;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What differs between two states. */
@Command(
        name = "diff",
        description = "Lists what differs between two states of the datasets.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "An address is latest, a snapshot id or its beginning, live, the path or URI of a folder, or a version of a table: "
                    + "delta:URI@v12, iceberg:URI@ID. DATASET@ADDRESS is one of one dataset."
        })
final class DiffCommand extends LastgoodCommand {
    private static final int SHOWN = 20;

    @Parameters(index = "0", paramLabel = "BASE", description = "the state before")
    String base = "";

    @Parameters(index = "1", paramLabel = "OTHER", arity = "0..1", description = "the state after (default: live)")
    String other = "live";

    @Option(names = "--dataset", paramLabel = "NAME", description = "only this dataset; may be given several times")
    List<String> datasets = new ArrayList<>();

    @Option(names = "--out", paramLabel = "FILE", description = "write every difference there, as JSON Lines")
    @Nullable
    Path out;

    @Option(names = "--explain", description = "say how they would be compared, and why so; nothing is compared")
    boolean explain;

    @Override
    int run(Console console) {
        Workplace workplace = common.workplace();
        return explain ? explained(workplace, console) : compared(workplace, console);
    }

    private int explained(Workplace workplace, Console console) {
        if (out != null) {
            throw InvalidInput.of(
                    "--explain compares nothing, so there is nothing for --out", "Leave one of them out.");
        }
        Set<String> names = new LinkedHashSet<>(datasets);
        String before = address(base, workplace, names);
        String after = address(other, workplace, names);
        Map<String, DiffJob.Explained> explained =
                new DiffJob(workplace).explain(workplace.datasets(names), before, after);
        List<List<String>> rows = new ArrayList<>();
        explained.forEach((dataset, one) -> rows.add(List.of(
                dataset,
                one.strategy().way().text(),
                Long.toString(one.strategy().records()),
                Long.toString(one.strategy().bytes() >> 20),
                Long.toString(one.strategy().memory() >> 20),
                one.reads(),
                one.strategy().why())));
        console.table(List.of("dataset", "way", "before", "hashes MB", "memory MB", "after as", "why"), rows);
        console.document(DiffJob.json(explained));
        return ExitCode.PASS;
    }

    private int compared(Workplace workplace, Console console) {
        AtomicLong shown = new AtomicLong();
        try (LineFile file = LineFile.to(out)) {
            console.working("comparing");
            Set<String> names = new LinkedHashSet<>(datasets);
            String before = address(base, workplace, names);
            String after = address(other, workplace, names);
            DiffJob.Difference difference = new DiffJob(workplace)
                    .diff(workplace.datasets(names), before, after, line -> {
                        file.line(line);
                        if (out == null && shown.getAndIncrement() < SHOWN) {
                            console.line(line);
                        }
                    });
            file.finish();
            if (out == null && shown.get() > SHOWN) {
                console.line("… and %d more; --out FILE writes all of them".formatted(shown.get() - SHOWN));
            }
            List<List<String>> rows = new ArrayList<>();
            for (Auditor.DatasetTally tally : difference.datasets()) {
                rows.add(List.of(
                        tally.name(),
                        Long.toString(tally.before()),
                        Long.toString(tally.after()),
                        Long.toString(tally.added()),
                        Long.toString(tally.removed()),
                        Long.toString(tally.changed()),
                        Long.toString(tally.unchanged())));
            }
            console.table(List.of("dataset", "before", "after", "added", "removed", "changed", "unchanged"), rows);
            fields(difference.json().get("fields"), console);
            difference.ways().forEach((dataset, way) -> {
                if (way.way() != Strategy.Way.KEPT) {
                    console.line("compared: %s by %s, %s"
                            .formatted(dataset, way.way().text(), way.why()));
                }
                if (difference.unread().contains(dataset)) {
                    console.line("compared: %s, %s".formatted(dataset, DiffJob.UNREAD));
                }
            });
            difference
                    .schema()
                    .forEach((dataset, changes) -> changes.forEach(change -> console.line(schema(
                            dataset,
                            change.field(),
                            change.kind().name().toLowerCase(java.util.Locale.ROOT),
                            change.before(),
                            change.after()))));
            renames(difference.json().path("renames"), workplace.clock().instant(), console);
            console.document(difference.json());
            return difference.isNone() ? ExitCode.PASS : ExitCode.FINDINGS;
        }
    }

    /** An address without the dataset in front of it, which is added to the names. */
    private static String address(String address, Workplace workplace, Set<String> names) {
        int at = address.indexOf('@');
        if (at < 0 || workplace.workspace().dataset(address.substring(0, at)).isEmpty()) {
            return address;
        }
        names.add(address.substring(0, at));
        if (names.size() > 1) {
            throw InvalidInput.of(
                    "'%s' is of one dataset, and these are several: %s".formatted(address, String.join(", ", names)),
                    "Compare them one after the other.");
        }
        return address.substring(at + 1);
    }

    /** In how many records each field changed how, the commonest first. */
    static void fields(JsonNode fields, Console console) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode field : fields) {
            if (rows.size() == SHOWN) {
                break;
            }
            rows.add(List.of(
                    field.get("dataset").asText() + "." + field.get("path").asText(),
                    field.get("kind").asText(),
                    field.get("records").asText()));
        }
        if (!rows.isEmpty()) {
            console.line("");
            console.table(List.of("field", "change", "records"), rows);
        }
        if (fields.size() > SHOWN) {
            console.line("… and %d more; --json has them".formatted(fields.size() - SHOWN));
        }
    }

    /** What may have been renamed, as it would stand in the workspace. */
    static void renames(JsonNode proposed, Instant now, Console console) {
        Map<String, List<ProposedRename>> byDataset = new LinkedHashMap<>();
        proposed.forEach(one -> byDataset
                .computeIfAbsent(one.get("dataset").asText(), any -> new ArrayList<>())
                .add(new ProposedRename(
                        one.get("from").asText(),
                        one.get("to").asText(),
                        one.get("same").asLong(),
                        one.get("of").asLong())));
        byDataset.forEach((dataset, renames) -> {
            renames.forEach(rename -> console.line("%s.%s may be what was %s: %d of %d records hold the same"
                    .formatted(dataset, rename.to(), rename.from(), rename.same(), rename.of())));
            console.line("If so, write below dataset '%s' in lastgood.yaml:".formatted(dataset));
            ProposedRename.yaml(renames, now).forEach(line -> console.line("    " + line));
        });
    }

    /** What became of a field between two states: {@code schema: orders.total retyped int -> bigint}. */
    static String schema(String dataset, String field, String change, String before, String after) {
        String types = before.isEmpty() || after.isEmpty() ? before + after : before + " -> " + after;
        return "schema: %s.%s %s, %s".formatted(dataset, field, change, types);
    }
}
