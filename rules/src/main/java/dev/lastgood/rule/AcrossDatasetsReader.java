package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads constraints that the records of several datasets decide. */
final class AcrossDatasetsReader {

    /** What SQL calls the two sides of a record across time. */
    private static final Set<String> SIDES = Set.of("before", "after");

    private final Fields fields;
    private final PartReader parts;
    private final Problems problems;

    AcrossDatasetsReader(Fields fields, PartReader parts, Problems problems) {
        this.fields = fields;
        this.parts = parts;
        this.problems = problems;
    }

    Optional<Constraint> reference() {
        Optional<Fields> reference =
                fields.mapping("reference", "Write {fields: [customer_id], to: customers, key: [id]}.");
        if (reference.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = reference.get();
        boolean complete = inner.require("fields", "to", "key");
        List<FieldPath> children = parts.paths(inner, "fields");
        parts.refuseEmpty(inner, "fields");
        boolean alike = areOfOneArray(inner, children);
        Optional<String> to = parts.dataset(inner, "to", "reference.to");
        Optional<List<FieldPath>> key = parts.plainPaths(inner, "key", "reference.key ");
        Optional<Constraint.Cardinality> cardinality = parts.insideOrBeside(
                inner,
                "reference",
                "cardinality",
                Arrays.asList(Constraint.Cardinality.values()),
                Constraint.Cardinality::text);
        if (!inner.done() || !complete || !alike || children.isEmpty() || to.isEmpty() || key.isEmpty()) {
            return Optional.empty();
        }
        if (!parts.areAsMany(inner, "key", "fields", children.size(), key.get().size())) {
            return Optional.empty();
        }
        fields.addPlaces(inner);
        return Optional.of(new Constraint.Reference(
                children, to.get(), key.get(), cardinality.orElse(Constraint.Cardinality.EXACTLY_ONE_PARENT)));
    }

    private boolean areOfOneArray(Fields from, List<FieldPath> paths) {
        Optional<FieldPath> first = Optional.empty();
        for (FieldPath path : paths) {
            Optional<FieldPath> array = array(path);
            if (first.isPresent() && array.isPresent() && !array.equals(first)) {
                problems.error(
                        from.placeOf(path),
                        "'fields' run through two arrays, '%s' and '%s'".formatted(first.get(), array.get()),
                        "They are values of one record, or of it and one element of an array.");
                return false;
            }
            first = first.or(() -> array);
        }
        return true;
    }

    /** The innermost array whose elements the path leads into; none for a value of the record itself. */
    private static Optional<FieldPath> array(FieldPath path) {
        int last = path.steps().lastIndexOf(new Step.Each());
        return last < 0
                ? Optional.empty()
                : Optional.of(new FieldPath(path.steps().subList(0, last + 1)));
    }

    /** {@code join} and the {@code assert} beside it. */
    Optional<Constraint> join() {
        Optional<Map<String, Constraint.Joined>> joined = fields.mapping(
                        "join", "Write {c: {dataset: customers, on: c.id = customer_id}}.")
                .flatMap(this::joined);
        Optional<Sql> condition = PartReader.sql(fields, "assert");
        return joined.isEmpty() || condition.isEmpty()
                ? Optional.empty()
                : Optional.of(new Constraint.Join(joined.get(), condition.get()));
    }

    private Optional<Map<String, Constraint.Joined>> joined(Fields join) {
        List<YamlNode.Scalar> aliases =
                join.entries().stream().map(YamlNode.Entry::key).toList();
        if (aliases.isEmpty()) {
            problems.error(join.place(), "'join' names no dataset");
        }
        boolean sound = parts.areNames(aliases);
        sound &= !nameSides(aliases);
        Map<String, Constraint.Joined> joined = new LinkedHashMap<>();
        for (YamlNode.Scalar alias : aliases) {
            join.mapping(alias.text(), "Write {dataset: customers, on: %s.id = customer_id}.".formatted(alias.shown()))
                    .flatMap(inner -> joined(inner, alias.text()))
                    .ifPresent(one -> joined.put(alias.text(), one));
        }
        return sound && !joined.isEmpty() && joined.size() == aliases.size() ? Optional.of(joined) : Optional.empty();
    }

    /** Whether one of them is what SQL calls a side of a record; reported if so. */
    private boolean nameSides(List<YamlNode.Scalar> aliases) {
        List<YamlNode.Scalar> sides = aliases.stream()
                .filter(alias -> SIDES.contains(alias.text().toLowerCase(Locale.ROOT)))
                .toList();
        for (YamlNode.Scalar side : sides) {
            problems.error(
                    side.place(),
                    "'%s' cannot be the name of what is joined".formatted(side.text()),
                    "In rules across time it is a side of the record.");
        }
        return !sides.isEmpty();
    }

    private Optional<Constraint.Joined> joined(Fields inner, String alias) {
        boolean complete = inner.require("dataset", "on");
        Optional<String> dataset = parts.dataset(inner, "dataset", "join." + alias);
        Optional<Sql> on = PartReader.sql(inner, "on");
        return !inner.done() || !complete || dataset.isEmpty() || on.isEmpty()
                ? Optional.empty()
                : Optional.of(new Constraint.Joined(dataset.get(), on.get()));
    }

    Optional<Constraint> reconcile() {
        Optional<Fields> reconcile = fields.mapping(
                "reconcile", "Write {by: [day], left: {sum: total}, right: {dataset: payments, sum: amount}}.");
        if (reconcile.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = reconcile.get();
        boolean complete = inner.require("by", "left", "right");
        Optional<List<FieldPath>> by = parts.plainPaths(inner, "by", "reconcile.by ");
        Optional<Fields> left = inner.mapping("left", "Write {sum: total}.");
        Optional<Fields> right = inner.mapping("right", "Write {dataset: payments, sum: amount}.");
        Optional<Constraint.Sum> mine = left.flatMap(side -> sum(side, ownDataset(side), "", inner, by));
        Optional<Constraint.Sum> theirs = right.flatMap(side -> {
            side.require("dataset");
            return sum(side, parts.dataset(side, "dataset", "reconcile.right"), "reconcile.right ", inner, by);
        });
        if (!inner.done() || !complete || by.isEmpty() || mine.isEmpty() || theirs.isEmpty()) {
            return Optional.empty();
        }
        left.ifPresent(fields::addPlaces);
        right.ifPresent(fields::addPlaces);
        return Optional.of(new Constraint.Reconcile(by.get(), mine.get(), theirs.get()));
    }

    /** The rule's; it may be written once more. */
    private Optional<String> ownDataset(Fields left) {
        Optional<String> own = fields.text("dataset");
        Optional<YamlNode.Scalar> written = left.scalar("dataset");
        if (own.isPresent() && written.isPresent() && !written.get().text().equals(own.get())) {
            problems.error(
                    written.get().place(),
                    "'left' is of the rule's dataset '%s', not of '%s'"
                            .formatted(own.get(), written.get().shown()),
                    "Leave 'dataset' out, or change the rule's.");
            return Optional.empty();
        }
        return own;
    }

    private Optional<Constraint.Sum> sum(
            Fields side, Optional<String> dataset, String prefix, Fields whole, Optional<List<FieldPath>> by) {
        boolean complete = side.require("sum");
        Optional<Sql> where = PartReader.sql(side, "where");
        Optional<List<FieldPath>> own = parts.plainPaths(side, "key", prefix);
        Optional<Sql> sum = PartReader.sql(side, "sum");
        if (!side.done() || !complete || dataset.isEmpty() || by.isEmpty() || sum.isEmpty()) {
            return Optional.empty();
        }
        if (!side.has("key")) {
            by.get().forEach(path -> side.place(prefix + path, whole.placeOf("reconcile.by " + path)));
        }
        Optional<List<FieldPath>> key = side.has("key") ? own : by;
        return key.filter(fields -> parts.areAsMany(side, "key", "by", by.get().size(), fields.size()))
                .map(fields -> new Constraint.Sum(dataset.get(), where.orElse(null), fields, sum.get()));
    }

    Optional<Constraint> query() {
        return PartReader.sql(fields, "query").map(Constraint.Query::new);
    }
}
