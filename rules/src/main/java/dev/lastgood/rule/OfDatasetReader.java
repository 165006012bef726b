package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads constraints that all records of one dataset decide. */
final class OfDatasetReader {

    /** What bounds a metric. */
    private static final List<String> BOUNDS = List.of("min", "max", "vs_baseline", "vs_history");

    private static final int HISTORY = 10;
    private static final int SHORTEST_HISTORY = 3;
    private static final int LONGEST_HISTORY = 1000;

    private final Fields fields;
    private final PartReader parts;
    private final Problems problems;

    OfDatasetReader(Fields fields, PartReader parts, Problems problems) {
        this.fields = fields;
        this.parts = parts;
        this.problems = problems;
    }

    Optional<Constraint> unique() {
        return parts.plainPaths(fields, "unique", "").map(Constraint.Unique::new);
    }

    Optional<Constraint> depends() {
        Optional<Fields> depends = fields.mapping("depends", "Write {from: [zip], to: [city, state]}.");
        if (depends.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = depends.get();
        boolean complete = inner.require("from", "to");
        Optional<List<FieldPath>> from = parts.plainPaths(inner, "from", "");
        Optional<List<FieldPath>> to = parts.plainPaths(inner, "to", "depends.to ");
        Optional<Constraint.Blame> blame = parts.insideOrBeside(
                inner, "depends", "blame", Arrays.asList(Constraint.Blame.values()), Constraint.Blame::text);
        if (!inner.done() || !complete || from.isEmpty() || to.isEmpty()) {
            return Optional.empty();
        }
        Optional<FieldPath> both =
                to.get().stream().filter(from.get()::contains).findFirst();
        if (both.isPresent()) {
            problems.error(
                    inner.placeOf("depends.to " + both.get()),
                    "'%s' stands in 'from' and in 'to'".formatted(both.get()),
                    "Every field depends on itself.");
            return Optional.empty();
        }
        to.get().forEach(path -> inner.place(path.toString(), inner.placeOf("depends.to " + path)));
        fields.addPlaces(inner);
        return Optional.of(new Constraint.Depends(from.get(), to.get(), blame.orElse(Constraint.Blame.MINORITY)));
    }

    Optional<Constraint> deny() {
        Optional<Fields> deny =
                fields.mapping("deny", "Write {pair: [a, b], join: a.room = b.room, if: a.start < b.end}.");
        if (deny.isEmpty()) {
            return Optional.empty();
        }
        Fields inner = deny.get();
        boolean complete = inner.require("pair", "join", "if");
        Optional<List<String>> pair = pair(inner);
        Optional<Sql> join = PartReader.sql(inner, "join");
        Optional<Sql> condition = PartReader.sql(inner, "if");
        if (!inner.done() || !complete || pair.isEmpty() || join.isEmpty() || condition.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Constraint.Deny(pair.get().get(0), pair.get().get(1), join.get(), condition.get()));
    }

    private Optional<List<String>> pair(Fields deny) {
        List<YamlNode.Scalar> pair = deny.scalars("pair");
        boolean names = parts.areNames(pair);
        if (deny.node("pair").orElse(null) instanceof YamlNode.Sequence list
                && list.items().size() != 2) {
            problems.error(
                    list.place(),
                    "'pair' must have two names, not %d".formatted(list.items().size()),
                    "Write [a, b]: what the SQL calls one record and the other.");
        }
        return names && pair.size() == 2
                ? Optional.of(pair.stream().map(YamlNode.Scalar::text).toList())
                : Optional.empty();
    }

    Optional<Constraint> metric() {
        Optional<Sql> aggregate = PartReader.sql(fields, "metric");
        Optional<BigDecimal> min = fields.number("min");
        Optional<BigDecimal> max = fields.number("max");
        parts.refuseReverse(fields, "min", "max", min, max);
        Optional<Constraint.Ratio> ratio = fields.mapping("vs_baseline", "Write {min_ratio: 0.9, max_ratio: 1.1}.")
                .flatMap(this::ratio);
        Optional<Constraint.History> history =
                fields.mapping("vs_history", "Write {max_sigma: 3, last: 10}.").flatMap(this::history);
        if (BOUNDS.stream().noneMatch(fields::has)) {
            problems.error(
                    fields.keyPlace("metric"),
                    "'metric' alone says nothing",
                    "Write one or more of %s beside it: what the number may be.".formatted(String.join(", ", BOUNDS)));
        }
        boolean bounded = Stream.of(min, max, ratio, history).anyMatch(Optional::isPresent);
        return bounded
                ? aggregate.map(sql -> new Constraint.Metric(
                        sql, min.orElse(null), max.orElse(null), ratio.orElse(null), history.orElse(null)))
                : Optional.empty();
    }

    private Optional<Constraint.Ratio> ratio(Fields ratio) {
        Optional<BigDecimal> min = ratio.decimal("min_ratio", null);
        Optional<BigDecimal> max = ratio.decimal("max_ratio", null);
        parts.refuseReverse(ratio, "min_ratio", "max_ratio", min, max);
        boolean known = ratio.done() && PartReader.requireEither(ratio, "min_ratio", "max_ratio", problems);
        return known && (min.isPresent() || max.isPresent())
                ? Optional.of(new Constraint.Ratio(min.orElse(null), max.orElse(null)))
                : Optional.empty();
    }

    private Optional<Constraint.History> history(Fields history) {
        history.require("max_sigma");
        Optional<BigDecimal> maxSigma = history.positive("max_sigma");
        Optional<Long> last = history.integer("last", SHORTEST_HISTORY, LONGEST_HISTORY);
        return history.done()
                ? maxSigma.map(sigma ->
                        new Constraint.History(sigma, last.map(Long::intValue).orElse(HISTORY)))
                : Optional.empty();
    }
}
