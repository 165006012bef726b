package dev.lastgood.judge;

import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.rule.Accepted;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.parser.ParseException;

/**
 * Binds rules to the shapes of their datasets and compiles them, with Spark's parser and analyzer and without a session.
 * Nothing is read from any source. All problems of all rules go to one {@link Problems}, each at its place; a rule with a
 * problem is left out of the result.
 */
public final class RuleCompiler {
    private final Map<String, DatasetSpec> datasets;
    private final Map<String, Shape> shapes;
    private final Instant now;
    private final Problems problems;
    private final List<Consumer<Problems>> remarks = new ArrayList<>();
    private final Set<String> timed = new TreeSet<>();

    /**
     * @param datasets by name; those of the shapes are among them
     * @param shapes by dataset
     * @param now what {@code now()} in a rule means
     */
    public RuleCompiler(Map<String, DatasetSpec> datasets, Map<String, Shape> shapes, Instant now, Problems problems) {
        this.datasets = Map.copyOf(datasets);
        this.shapes = Map.copyOf(shapes);
        this.now = now;
        this.problems = problems;
    }

    /** The datasets beside its own that a rule looks at; of SQL that is no query none, which is reported when it is bound. */
    public static Set<String> reaches(Rule rule) {
        if (!(rule.constraint() instanceof Constraint.Query query)) {
            return rule.constraint().reaches();
        }
        try {
            return KeysQuery.parse(query.sql().text()).relations();
        } catch (ParseException e) {
            return Set.of();
        }
    }

    /** The rules of datasets whose shape is known, in order. */
    public List<CompiledRule> compile(List<Rule> rules) {
        List<CompiledRule> compiled = new ArrayList<>();
        for (Rule rule : rules) {
            if (shapes.containsKey(rule.dataset())) {
                checkAccepted(rule);
                Binding binding = new Binding(rule, datasets, shapes, now, problems, remarks);
                rule.constraint()
                        .accept(new ConstraintCompiler(binding))
                        .filter(any -> binding.isSound())
                        .ifPresent(compiled::add);
                if (binding.isTimed()) {
                    timed.add(rule.id());
                }
            }
        }
        return compiled;
    }

    /**
     * What can be judged and yet says nothing, of the rules compiled so far: sentences that are true of every record, or of
     * none.
     */
    public List<Problem> remarks() {
        Problems all = new Problems();
        remarks.forEach(remark -> remark.accept(all));
        return all.list();
    }

    /** The ids of the rules compiled so far that may say something else of the same records at another time. */
    public Set<String> timed() {
        return Set.copyOf(timed);
    }

    /** An accepted violation that names no record would never be one. */
    private void checkAccepted(Rule rule) {
        DatasetSpec dataset = Objects.requireNonNull(datasets.get(rule.dataset()));
        Shape shape = Objects.requireNonNull(shapes.get(rule.dataset()));
        for (Accepted accepted : rule.accepted()) {
            if (!dataset.hasKey()) {
                problems.error(
                        accepted.place(),
                        "dataset '%s' has no key by which to accept a violation".formatted(dataset.name()));
            } else if (Keys.read(dataset, shape, accepted.key()).isEmpty()) {
                problems.error(
                        accepted.place(),
                        "this is no key of dataset '%s'".formatted(dataset.name()),
                        Keys.hint(dataset, shape));
            }
        }
    }
}
