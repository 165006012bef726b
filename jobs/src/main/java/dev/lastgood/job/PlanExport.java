package dev.lastgood.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.restore.Action;
import dev.lastgood.restore.Export;
import dev.lastgood.restore.JsonPatch;
import dev.lastgood.restore.Mode;
import dev.lastgood.target.JdbcTarget;
import dev.lastgood.target.SqlScript;
import dev.lastgood.target.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a restore would write, as lines for whoever may write it. With real values: masked ones could not be put back. */
public final class PlanExport {
    private PlanExport() {}

    /** How it is written down. */
    public enum Format {
        /** A line a record: as it is and as it is to become, whole. */
        JSONL,
        /** A line a record with an RFC 6902 patch that tests what it replaces. */
        PATCH,
        /** Statements in one transaction, each of which leaves a row alone that is not as it was. */
        SQL
    }

    /**
     * The lines, in the order in which records are to be written.
     *
     * @param mode whether records of one group are written together or not at all
     * @param sources by dataset the source it is in
     */
    static List<String> lines(
            Format format, Mode mode, Export.Result result, Map<String, Target> targets, Map<String, String> sources) {
        return switch (format) {
            case JSONL ->
                result.items().stream()
                        .map(item -> JsonValues.write(whole(item)))
                        .toList();
            case PATCH ->
                result.items().stream()
                        .map(item -> JsonValues.write(patch(item)))
                        .toList();
            case SQL -> statements(mode, result, targets, sources);
        };
    }

    private static ObjectNode line(Export.Item item) {
        ObjectNode line = JsonNodeFactory.instance
                .objectNode()
                .put("step", item.step().number())
                .put("dataset", item.step().dataset());
        line.set("key", JsonValues.json(item.step().key()));
        line.put("action", item.step().action().name().toLowerCase(Locale.ROOT));
        return item.step().group().isEmpty()
                ? line
                : line.put("group", item.step().group());
    }

    private static ObjectNode whole(Export.Item item) {
        ObjectNode line = line(item);
        line.set("live", json(item.live()));
        line.set("desired", json(item.desired()));
        if (item.step().action() == Action.UPDATE) {
            var fields = line.putArray("fields");
            new TreeSet<>(item.change().fields()).forEach(fields::add);
        }
        return line;
    }

    private static @Nullable JsonNode json(@Nullable Image image) {
        return image == null ? null : JsonValues.json(image.object());
    }

    private static ObjectNode patch(Export.Item item) {
        ObjectNode line = line(item);
        line.set("patch", JsonPatch.of(item.live(), item.desired()));
        return line;
    }

    /** A statement leaves its own row alone if that has moved, and cannot hold back those of its group. */
    private static void requireNoGroups(Export.Result result) {
        Set<String> groups = new HashSet<>();
        for (Export.Item item : result.items()) {
            String group = item.step().group();
            if (!group.isEmpty() && !groups.add(group)) {
                throw new Refusal(
                        "several records of one group would be written, and statements cannot hold back a group;"
                                + " nothing was exported",
                        "Export as jsonl or patch, where each record names its group, or plan with --mode skip.");
            }
        }
    }

    private static List<String> statements(
            Mode mode, Export.Result result, Map<String, Target> targets, Map<String, String> sources) {
        Map<String, SqlScript> scripts = new HashMap<>();
        for (Export.Item item : result.items()) {
            scripts.computeIfAbsent(item.step().dataset(), dataset -> script(dataset, targets));
        }
        if (mode == Mode.BLOCK && !scripts.values().stream().allMatch(SqlScript::isWhole)) {
            requireNoGroups(result);
        }
        Set<String> databases = new TreeSet<>();
        scripts.keySet().forEach(dataset -> databases.add(String.valueOf(sources.get(dataset))));
        if (databases.size() > 1) {
            throw new Refusal(
                    "the plan is for several databases: %s; nothing was exported"
                            .formatted(String.join(", ", databases)),
                    "Make a plan for each with 'lastgood restore plan --dataset'.");
        }
        List<String> lines = new ArrayList<>();
        if (scripts.isEmpty()) {
            return lines;
        }
        SqlScript first = scripts.values().iterator().next();
        lines.addAll(first.begin());
        for (Export.Item item : result.items()) {
            SqlScript script =
                    java.util.Objects.requireNonNull(scripts.get(item.step().dataset()));
            lines.add("-- step %d of dataset %s: %s"
                    .formatted(
                            item.step().number(),
                            item.step().dataset(),
                            String.join(", ", item.step().reasons())));
            lines.addAll(script.statements(item.change()));
            lines.addAll(script.counted());
        }
        lines.addAll(first.end(result.items().size()));
        return lines;
    }

    private static SqlScript script(String dataset, Map<String, Target> targets) {
        if (targets.get(dataset) instanceof JdbcTarget table) {
            return table.script();
        }
        throw new Refusal(
                "dataset '%s' is not in a database; nothing was exported".formatted(dataset),
                "Export as jsonl or patch.");
    }
}
