package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;

/** Which field paths a workspace may hold. */
final class PathChecks {

    private final Problems problems;

    PathChecks(Problems problems) {
        this.problems = problems;
    }

    /** Whether it leads to one value of a record; reported if not. */
    boolean isPlain(Fields from, String key, FieldPath path) {
        if (path.isPlain()) {
            return true;
        }
        problems.error(from.placeOf(path), "'%s' must name one value of a record, not '%s'".formatted(key, path));
        return false;
    }

    /** Whether it names elements of arrays by [] only; reported if not. */
    boolean namesEveryElement(Fields from, FieldPath path) {
        boolean one = path.steps().stream().anyMatch(step -> step instanceof Step.Index || step instanceof Step.Keyed);
        if (one) {
            problems.error(
                    from.placeOf(path),
                    "'%s' names one element; a workspace names every element".formatted(path),
                    "Write [] without a number or key.");
        }
        return !one;
    }
}
