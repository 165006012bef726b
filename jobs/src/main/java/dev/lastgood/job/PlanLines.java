package dev.lastgood.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.FieldChange;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.report.Masks;
import dev.lastgood.restore.Conflict;
import dev.lastgood.restore.Plan;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Recheck;
import dev.lastgood.restore.Step;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A plan as JSON Lines for people and programs, masked as the workspace declares. */
public final class PlanLines {
    private final Map<String, Masks> masks = new HashMap<>();

    public PlanLines(Workplace workplace) {
        workplace.datasets(List.of()).forEach(dataset -> masks.put(dataset.name(), new Masks(dataset)));
    }

    /** One line a step, in order. */
    public List<String> steps(PlanFiles.Stored plan) {
        return plan.plan().steps().stream()
                .map(step -> JsonValues.write(step(step)))
                .toList();
    }

    /** One line a conflict. */
    public List<String> conflicts(PlanFiles.Stored stored) {
        return stored.plan().conflicts().stream()
                .map(conflict -> JsonValues.write(conflict(conflict)))
                .toList();
    }

    /**
     * What is damaged or changed and is in no step, and why: conflicts, records held back with their group, records without
     * a good image, and changed places that nothing accuses. One line each.
     */
    public List<String> left(PlanFiles.Stored stored) {
        Plan plan = stored.plan();
        List<ObjectNode> lines = new ArrayList<>();
        plan.conflicts().forEach(conflict -> lines.add(conflict(conflict)));
        plan.heldBack()
                .forEach(held -> lines.add(line(held.dataset(), held.key())
                        .put("left", "held_back")
                        .put("group", held.group())
                        .put("conflict", held.cause().type().name())));
        for (Plan.Unrecoverable one : plan.unrecoverable()) {
            ObjectNode line = line(one.dataset(), one.key()).put("left", "unrecoverable");
            one.reasons().forEach(line.putArray("reasons")::add);
            if (one.live() != null) {
                line.set(
                        "live",
                        of(one.dataset())
                                .maskedRecord(JsonValues.json(one.live().object())));
            }
            lines.add(line);
        }
        for (Plan.Unattributed one : plan.unattributed()) {
            ObjectNode line = line(one.dataset(), one.key())
                    .put("left", "unattributed")
                    .put("path", of(one.dataset()).masked(one.path()));
            put(line, "before", one.dataset(), one.path(), one.change().before());
            put(line, "after", one.dataset(), one.path(), one.change().after());
            lines.add(line);
        }
        return lines.stream().map(JsonValues::write).toList();
    }

    /** One line of what was found of a step that a run has done. */
    public String line(Recheck one) {
        ObjectNode line = line(one.step().dataset(), one.step().key())
                .put("step", one.step().number())
                .put("found", one.found().name().toLowerCase(Locale.ROOT));
        one.moved().forEach(line.putArray("moved")::add);
        return JsonValues.write(line);
    }

    /** The conflicts of a plan as a file of decisions, in which each is decided as it stands: for live. Keys are not masked. */
    public List<String> decisions(PlanFiles.Stored stored) {
        List<String> lines = new ArrayList<>();
        lines.add("# The conflicts of plan %s. 'take: good' wants what the good image has, over what was written since;"
                .formatted(stored.id()));
        lines.add(
                "# 'take: live' leaves what is there, so that it holds nothing else back. Leave out what stays open.");
        lines.add("# An entry without key, field or dataset is about all conflicts of its kind.");
        if (stored.plan().conflicts().isEmpty()) {
            lines.add("# It has none: there is nothing to decide.");
        }
        lines.add("format: 1");
        lines.add("by: ''");
        lines.add("decisions:");
        for (Conflict conflict : stored.plan().conflicts()) {
            StringBuilder line = new StringBuilder("  - {conflict: ").append(conflict.type());
            line.append(", dataset: ").append(YamlText.inner(conflict.dataset()));
            line.append(", key: {")
                    .append(conflict.key().parts().entrySet().stream()
                            .map(part -> YamlText.inner(part.getKey()) + ": " + value(part.getValue()))
                            .collect(Collectors.joining(", ")));
            line.append('}');
            if (conflict.path() != null) {
                line.append(", field: ").append(YamlText.inner(conflict.path().toString()));
            }
            lines.add(line.append(", take: live, why: ''}").toString());
        }
        return lines;
    }

    private static String value(Value value) {
        return value instanceof Value.Num || value instanceof Value.Bool || value.isNull()
                ? value.toString()
                : YamlText.inner(value.toString());
    }

    private ObjectNode line(String dataset, Key key) {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("dataset", dataset);
        line.set("key", of(dataset).maskedPaths(JsonValues.json(key)));
        return line;
    }

    private Masks of(String dataset) {
        Masks found = masks.get(dataset);
        if (found == null) {
            throw new dev.lastgood.problem.Refusal(
                    "the plan is about dataset '%s', which the workspace does not have".formatted(dataset), null);
        }
        return found;
    }

    private ObjectNode step(Step step) {
        ObjectNode line = line(step.dataset(), step.key());
        line.put("step", step.number()).put("action", step.action().name().toLowerCase(Locale.ROOT));
        ArrayNode fields = line.putArray("fields");
        for (FieldChange change : step.fields()) {
            ObjectNode field = fields.addObject().put("path", of(step.dataset()).masked(change.path()));
            put(field, "live", step.dataset(), change.path(), change.before());
            put(field, "desired", step.dataset(), change.path(), change.after());
        }
        ArrayNode reasons = line.putArray("reasons");
        step.reasons().forEach(reasons::add);
        line.put("goodAt", step.goodAt().toString()).put("goodSnapshot", step.goodSnapshot());
        line.put("proof", step.proof().name().toLowerCase(Locale.ROOT))
                .put("origin", step.origin().name());
        line.put("guard", step.guard());
        return line;
    }

    private void put(ObjectNode node, String member, String dataset, FieldPath path, @Nullable Value value) {
        if (value != null) {
            node.set(member, of(dataset).masked(path, JsonValues.json(value)));
        }
    }

    private void known(ObjectNode line, String member, Conflict conflict, @Nullable Value value) {
        FieldPath path = conflict.path();
        if (path != null) {
            put(line, member, conflict.dataset(), path, value);
        } else if (value instanceof Value.Obj record) {
            line.set(member, of(conflict.dataset()).maskedRecord(JsonValues.json(record)));
        }
    }

    private ObjectNode conflict(Conflict conflict) {
        ObjectNode line = line(conflict.dataset(), conflict.key());
        line.put("left", "conflict").put("conflict", conflict.type().name());
        line.put("path", conflict.path() == null ? null : of(conflict.dataset()).masked(conflict.path()));
        line.put("explanation", conflict.explanation());
        Conflict.Found found = conflict.found();
        if (found != null) {
            known(line, "good", conflict, found.good());
        }
        Conflict.Stale stale = conflict.stale();
        if (stale != null) {
            known(line, "good", conflict, stale.good());
            known(line, "later", conflict, stale.later());
            line.put("laterFrom", stale.source()).put("laterAt", stale.at().toString());
        }
        if (found != null) {
            known(line, "bad", conflict, found.bad());
            known(line, "live", conflict, found.live());
        }
        return line;
    }
}
