package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads constraints that a record before and after decides. */
final class AcrossTimeReader {

    private static final List<String> STRICT = List.of("when_changed");

    private final Fields fields;
    private final PartReader parts;
    private final Problems problems;

    AcrossTimeReader(Fields fields, PartReader parts, Problems problems) {
        this.fields = fields;
        this.parts = parts;
        this.problems = problems;
    }

    Optional<Constraint> unchanged() {
        return parts.plainPaths(fields, "unchanged", "").map(Constraint.Unchanged::new);
    }

    Optional<Constraint> transition() {
        Optional<Fields> transition = fields.mapping(
                "transition", "Write {field: status, allow: {NEW: [PAID, CANCELLED], PAID: [SHIPPED]}}.");
        if (transition.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = transition.get();
        boolean complete = inner.require("field", "allow");
        Optional<FieldPath> field = parts.plainPath(inner, "field");
        Optional<Map<String, List<String>>> allow = inner.mapping("allow").flatMap(this::states);
        Optional<Boolean> reachable = inner.truth("reachable");
        if (!inner.done() || !complete || field.isEmpty() || allow.isEmpty()) {
            return Optional.empty();
        }
        fields.addPlaces(inner);
        return Optional.of(new Constraint.Transition(field.get(), allow.get(), reachable.orElse(false)));
    }

    private Optional<Map<String, List<String>>> states(Fields allow) {
        if (allow.entries().isEmpty()) {
            problems.error(
                    allow.place(), "'allow' names no state", "Write {NEW: [PAID], PAID: [SHIPPED], SHIPPED: []}.");
            return Optional.empty();
        }
        Map<String, List<String>> states = new LinkedHashMap<>();
        for (YamlNode.Entry entry : allow.entries()) {
            states.put(entry.key().text(), allow.texts(entry.key().text()));
        }
        return Optional.of(states);
    }

    /** {@code increasing: FIELD} or {@code increasing: {field: FIELD}}; strict stands inside or beside. */
    Optional<Constraint> increasing() {
        if (!isMapping("increasing")) {
            Optional<FieldPath> field = parts.plainPath(fields, "increasing");
            boolean strict =
                    fields.choice("strict", STRICT, Function.identity()).isPresent();
            return field.map(path -> new Constraint.Increasing(path, strict));
        }
        Fields inner = fields.mapping("increasing").orElseThrow();
        boolean complete = inner.require("field");
        Optional<FieldPath> field = parts.plainPath(inner, "field");
        boolean strict = parts.insideOrBeside(inner, "increasing", "strict", STRICT, Function.identity())
                .isPresent();
        if (!inner.done() || !complete || field.isEmpty()) {
            return Optional.empty();
        }
        fields.addPlaces(inner);
        return Optional.of(new Constraint.Increasing(field.get(), strict));
    }

    Optional<Constraint> appendOnly() {
        return fields.path("append_only").filter(this::isWholeArray).map(Constraint.AppendOnly::new);
    }

    private boolean isWholeArray(FieldPath path) {
        if (path.isPlain()) {
            return true;
        }
        List<Step> names = path.steps().stream()
                .takeWhile(step -> step instanceof Step.Name)
                .toList();
        problems.error(
                fields.placeOf(path),
                "'append_only' must name an array, not '%s'".formatted(path),
                "Write %s for the array as a whole.".formatted(new FieldPath(names)));
        return false;
    }

    Optional<Constraint> noDelete() {
        return unless("no_delete", Constraint.NoDelete::new);
    }

    Optional<Constraint> noInsert() {
        return unless("no_insert", Constraint.NoInsert::new);
    }

    /** {@code no_delete:} alone, {@code no_delete: true} or {@code no_delete: {unless: SQL}}; unless may stand beside. */
    private Optional<Constraint> unless(String keyword, Function<@Nullable Sql, Constraint> constraint) {
        YamlNode node = fields.node(keyword).orElseThrow();
        Optional<Sql> beside = PartReader.sql(fields, "unless");
        if (node instanceof YamlNode.Mapping) {
            Fields inner = fields.mapping(keyword).orElseThrow();
            Optional<Sql> within = PartReader.sql(inner, "unless");
            parts.refuseTwice(inner, keyword, "unless");
            return inner.done()
                    ? Optional.of(constraint.apply(within.or(() -> beside).orElse(null)))
                    : Optional.empty();
        }
        if (node instanceof YamlNode.Scalar scalar && scalar.isNull()) {
            return Optional.of(constraint.apply(beside.orElse(null)));
        }
        Optional<Boolean> truth = fields.truth(keyword);
        if (truth.isPresent() && !truth.get()) {
            problems.error(node.place(), "'%s: false' says nothing".formatted(keyword), "Leave the rule out.");
            return Optional.empty();
        }
        return truth.map(on -> constraint.apply(beside.orElse(null)));
    }

    Optional<Constraint> frozenWhen() {
        Optional<Sql> condition = PartReader.sql(fields, "frozen_when");
        List<FieldPath> except = parts.paths(fields, "except");
        parts.refuseEmpty(fields, "except");
        return condition.map(sql -> new Constraint.FrozenWhen(sql, except));
    }

    /** {@code silent_change: FIELD} or {@code silent_change: {version: FIELD}}. */
    Optional<Constraint> silentChange() {
        if (!isMapping("silent_change")) {
            return parts.plainPath(fields, "silent_change").map(Constraint.SilentChange::new);
        }
        Fields inner = fields.mapping("silent_change").orElseThrow();
        boolean complete = inner.require("version");
        Optional<FieldPath> version = parts.plainPath(inner, "version");
        if (!inner.done() || !complete) {
            return Optional.empty();
        }
        fields.addPlaces(inner);
        return version.map(Constraint.SilentChange::new);
    }

    Optional<Constraint> explained() {
        Optional<Fields> explained = fields.mapping(
                "explained",
                "Write {delta: balance, by: {dataset: bookings, on: bookings.account = id, sum: amount}}.");
        if (explained.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = explained.get();
        boolean complete = inner.require("delta", "by");
        Optional<FieldPath> delta = parts.plainPath(inner, "delta");
        Optional<Fields> by = inner.mapping("by", "Write {dataset: bookings, on: bookings.account = id, sum: amount}.");
        if (by.isEmpty()) {
            inner.done();
            return Optional.empty();
        }
        complete &= by.get().require("dataset", "on", "sum");
        Optional<String> dataset = parts.dataset(by.get(), "dataset", "explained.by");
        Optional<Sql> on = PartReader.sql(by.get(), "on");
        Optional<Sql> sum = PartReader.sql(by.get(), "sum");
        by.get().choice("window", List.of("between"), Function.identity());
        complete &= by.get().done();
        complete &= inner.done();
        if (!complete || delta.isEmpty() || dataset.isEmpty() || on.isEmpty() || sum.isEmpty()) {
            return Optional.empty();
        }
        fields.addPlaces(inner);
        return Optional.of(new Constraint.Explained(delta.get(), dataset.get(), on.get(), sum.get()));
    }

    Optional<Constraint> assertChange() {
        return PartReader.sql(fields, "assert_change").map(Constraint.AssertChange::new);
    }

    private boolean isMapping(String keyword) {
        return fields.node(keyword).orElse(null) instanceof YamlNode.Mapping;
    }
}
