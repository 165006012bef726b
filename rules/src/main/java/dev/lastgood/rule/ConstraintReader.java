package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the one constraint of a rule, and the keys that stand beside it because they belong to it. Finds out here which
 * constraint it is; each family has a reader of its own.
 */
final class ConstraintReader {

    /** In the order of the language's reference. */
    private static final List<String> CONSTRAINTS = List.of(
            "assert",
            "field",
            "each",
            "unique",
            "depends",
            "deny",
            "metric",
            "reference",
            "join",
            "reconcile",
            "unchanged",
            "transition",
            "increasing",
            "append_only",
            "no_delete",
            "no_insert",
            "frozen_when",
            "silent_change",
            "explained",
            "assert_change",
            "query");

    /** What may stand beside a constraint, and beside which. */
    private static final List<Beside> BESIDE = beside();

    private record Beside(String key, List<String> homes) {}

    private static List<Beside> beside() {
        List<Beside> beside = new ArrayList<>(List.of(
                new Beside("each", List.of("assert", "field")),
                new Beside("join", List.of("assert")),
                new Beside("blame", List.of("depends")),
                new Beside("vs_baseline", List.of("metric")),
                new Beside("vs_history", List.of("metric")),
                new Beside("cardinality", List.of("reference")),
                new Beside("strict", List.of("increasing")),
                new Beside("unless", List.of("no_delete", "no_insert")),
                new Beside("except", List.of("frozen_when"))));
        for (String check : CheckReader.CHECKS) {
            boolean bound = check.equals("min") || check.equals("max");
            beside.add(new Beside(check, bound ? List.of("field", "metric") : List.of("field")));
        }
        return List.copyOf(beside);
    }

    private final Fields fields;
    private final Problems problems;
    private final PartReader parts;

    ConstraintReader(Fields fields, Problems problems) {
        this.fields = fields;
        this.problems = problems;
        this.parts = new PartReader(fields, problems);
    }

    /** The constraint, if there is exactly one and it could be read. Reports unknown keys of the rule as well. */
    Optional<Constraint> constraint() {
        List<String> written = new ArrayList<>(fields.entries().stream()
                .map(entry -> entry.key().text())
                .filter(CONSTRAINTS::contains)
                .toList());
        CONSTRAINTS.forEach(fields::ignore);
        CheckReader.CHECKS.forEach(fields::ignore);
        BESIDE.forEach(beside -> fields.ignore(beside.key()));
        boolean known = fields.done();
        boolean each = written.remove("each");
        boolean join = written.remove("join");
        if (each && join) {
            problems.error(fields.keyPlace("join"), "'join' goes with 'assert', not with 'each'");
            return Optional.empty();
        }
        if (written.isEmpty()) {
            reportNone(each, join, known);
            return Optional.empty();
        }
        if (written.size() > 1) {
            problems.error(
                    fields.keyPlace(written.get(1)),
                    "%s has two constraints, '%s' and '%s'".formatted(fields.what(), written.get(0), written.get(1)),
                    "Write a rule for each.");
            return Optional.empty();
        }
        String keyword = written.get(0);
        boolean fits = refuseMisplaced(keyword);
        Optional<? extends Constraint> constraint = read(keyword, each, join);
        return fits ? constraint.map(read -> read) : Optional.empty();
    }

    private void reportNone(boolean each, boolean join, boolean known) {
        if (each) {
            problems.error(
                    fields.keyPlace("each"),
                    "'each' alone says nothing",
                    "Write 'assert' or 'field' beside it: what must be true of every element.");
        } else if (join) {
            problems.error(
                    fields.keyPlace("join"),
                    "'join' alone says nothing",
                    "Write 'assert' beside it: what must be true of a record and those that go with it.");
        } else if (known) {
            problems.error(
                    fields.place(),
                    "%s has no constraint".formatted(fields.what()),
                    "Write one of %s.".formatted(String.join(", ", CONSTRAINTS)));
        }
    }

    /** Whether all that stands beside the constraint belongs to it. */
    private boolean refuseMisplaced(String keyword) {
        boolean fits = true;
        for (Beside beside : BESIDE) {
            if (fields.has(beside.key()) && !beside.homes().contains(keyword)) {
                fits = false;
                problems.error(
                        fields.keyPlace(beside.key()),
                        "'%s' goes with '%s', not with '%s'"
                                .formatted(beside.key(), String.join("' or '", beside.homes()), keyword));
            }
        }
        return fits;
    }

    private Optional<? extends Constraint> read(String keyword, boolean each, boolean join) {
        var checks = new CheckReader(fields, parts, problems);
        var ofDataset = new OfDatasetReader(fields, parts, problems);
        var acrossDatasets = new AcrossDatasetsReader(fields, parts, problems);
        var acrossTime = new AcrossTimeReader(fields, parts, problems);
        return switch (keyword) {
            case "assert" -> join ? acrossDatasets.join() : ofRecord(each, condition());
            case "field" -> ofRecord(each, checks.fieldCheck());
            case "unique" -> ofDataset.unique();
            case "depends" -> ofDataset.depends();
            case "deny" -> ofDataset.deny();
            case "metric" -> ofDataset.metric();
            case "reference" -> acrossDatasets.reference();
            case "reconcile" -> acrossDatasets.reconcile();
            case "query" -> acrossDatasets.query();
            case "unchanged" -> acrossTime.unchanged();
            case "transition" -> acrossTime.transition();
            case "increasing" -> acrossTime.increasing();
            case "append_only" -> acrossTime.appendOnly();
            case "no_delete" -> acrossTime.noDelete();
            case "no_insert" -> acrossTime.noInsert();
            case "frozen_when" -> acrossTime.frozenWhen();
            case "silent_change" -> acrossTime.silentChange();
            case "explained" -> acrossTime.explained();
            case "assert_change" -> acrossTime.assertChange();
            default -> throw new IllegalStateException(keyword);
        };
    }

    private Optional<Constraint.Assert> condition() {
        return PartReader.sql(fields, "assert").map(Constraint.Assert::new);
    }

    /** Of the record, or of every element of an array of it. */
    private Optional<Constraint> ofRecord(boolean each, Optional<? extends Constraint.OfRecord> constraint) {
        if (!each) {
            return constraint.map(known -> known);
        }
        Optional<FieldPath> array = fields.path("each").filter(this::namesElements);
        return array.isEmpty() || constraint.isEmpty()
                ? Optional.empty()
                : Optional.of(new Constraint.Each(array.get(), constraint.get()));
    }

    private boolean namesElements(FieldPath array) {
        if (parts.refuseSingleElements(fields, array)) {
            return false;
        }
        if (array.last() instanceof Step.Each) {
            return true;
        }
        problems.error(
                fields.placeOf(array),
                "'each' must end with [], not '%s'".formatted(array),
                "Write %s[] for every element of %s.".formatted(array, array));
        return false;
    }
}
