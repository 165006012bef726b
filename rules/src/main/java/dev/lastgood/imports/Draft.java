package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Allow;
import dev.lastgood.rule.Severity;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A rule being written. Every method adds a part and hands the rule back. */
final class Draft {

    /** The keys of a rule after its id and dataset, in the order they are written. */
    private static final List<String> ORDER = List.of(
            "because",
            "where",
            "each",
            "field",
            "assert",
            "unique",
            "reference",
            "metric",
            "required",
            "in",
            "not_in",
            "min",
            "max",
            "matches",
            "min_length",
            "max_length",
            "format",
            "severity",
            "allow",
            "on_null",
            "tags");

    private final Origin origin;
    private final Set<String> notes = new LinkedHashSet<>();
    private final Map<String, String> keys = new HashMap<>();

    Draft(Origin origin) {
        this.origin = origin;
    }

    Origin origin() {
        return origin;
    }

    /** What a reader must know who compares the rule with the check. */
    Draft note(String note) {
        notes.add(note);
        return this;
    }

    Draft because(@Nullable String reason) {
        if (reason != null && !reason.isBlank()) {
            keys.put("because", YamlText.text(reason.strip().replaceAll("\\s+", " ")));
        }
        return this;
    }

    Draft severity(Severity severity) {
        if (severity != Severity.ERROR) {
            keys.put("severity", severity.text());
        }
        return this;
    }

    Draft tags(List<String> tags) {
        if (!tags.isEmpty()) {
            keys.put("tags", YamlText.texts(tags));
        }
        return this;
    }

    /** Narrows the rule to records of which the SQL is true. */
    Draft where(@Nullable String sql) {
        if (sql != null) {
            keys.put("where", YamlText.text(sql));
        }
        return this;
    }

    /** Of every element of an array, not of the record. */
    Draft each(Optional<FieldPath> array) {
        array.ifPresent(path -> keys.put("each", YamlText.text(path.toString())));
        return this;
    }

    Draft condition(Condition condition) {
        condition.field().ifPresent(field -> keys.put("field", YamlText.text(field.toString())));
        if (condition.field().isPresent()) {
            keys.putAll(condition.checks());
        } else {
            keys.put("assert", YamlText.text(condition.sql()));
        }
        return onNull(condition.nulls());
    }

    Draft onNull(Condition.Nulls nulls) {
        if (nulls == Condition.Nulls.PASS) {
            keys.put("on_null", "pass");
        }
        return this;
    }

    Draft unique(List<FieldPath> fields) {
        keys.put("unique", paths(fields));
        return this;
    }

    Draft reference(List<FieldPath> fields, String to, List<FieldPath> key) {
        keys.put("reference", "{fields: %s, to: %s, key: %s}".formatted(flow(fields), YamlText.inner(to), flow(key)));
        return this;
    }

    private static String paths(List<FieldPath> paths) {
        return YamlText.texts(paths.stream().map(FieldPath::toString).toList());
    }

    private static String flow(List<FieldPath> paths) {
        return "["
                + String.join(
                        ", ",
                        paths.stream()
                                .map(path -> YamlText.inner(path.toString()))
                                .toList())
                + "]";
    }

    /**
     * The number is as demanded. Bounds of a metric are included; what they cannot say becomes part of the number, which
     * is then 1 or 0.
     *
     * @param nulls what it means that there is no such number
     */
    Draft metric(Measure measure, Demand demand, Condition.Nulls nulls) {
        Optional<Range> range = demand.range().map(measure.whole() ? Range::ofWholeNumbers : known -> known);
        if (range.filter(Range::isClosed).filter(Range::isPossible).isPresent()) {
            keys.put("metric", YamlText.text(measure.sql()));
            bounds(range.get());
            return onNull(nulls);
        }
        return holds(nulls.good(demand.sql(measure.sql())));
    }

    private void bounds(Range range) {
        range.least().ifPresent(bound -> keys.put("min", Numbers.text(bound.value())));
        range.most().ifPresent(bound -> keys.put("max", Numbers.text(bound.value())));
    }

    /** A sentence about the dataset as a whole. */
    Draft holds(String sql) {
        keys.put("metric", YamlText.text("if(%s, 1, 0)".formatted(sql)));
        keys.put("min", "1");
        return this;
    }

    Draft allow(Allow allow) {
        List<String> bounds = new ArrayList<>();
        if (allow.count() != null && (allow.count() > 0 || allow.ratio() != null)) {
            bounds.add("count: " + allow.count());
        }
        if (allow.ratio() != null) {
            bounds.add("ratio: " + Numbers.text(allow.ratio()));
            Allowed.excluded(allow.ratio())
                    .ifPresent(bound -> note("Less than %s of the records: the ratio stops just short of it."
                            .formatted(Numbers.text(bound))));
        }
        if (!bounds.isEmpty()) {
            keys.put("allow", "{" + String.join(", ", bounds) + "}");
        }
        return this;
    }

    /** As an item of a list of rules. */
    String yaml(String id) {
        var text = new StringBuilder();
        text.append("  # %s:%d: %s\n"
                .formatted(
                        YamlText.comment(origin.place().file().name()),
                        origin.place().line(),
                        YamlText.comment(origin.title())));
        notes.forEach(note -> text.append("  # ").append(YamlText.comment(note)).append('\n'));
        text.append("  - id: ").append(id).append('\n');
        text.append("    dataset: ").append(YamlText.text(origin.dataset())).append('\n');
        for (String key : ORDER) {
            String value = keys.get(key);
            if (value != null) {
                text.append("    ")
                        .append(key)
                        .append(value.startsWith("\n") ? ":" : ": ")
                        .append(value)
                        .append('\n');
            }
        }
        return text.toString();
    }
}
