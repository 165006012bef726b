package dev.lastgood.job;

import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.judge.SparkJudge;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Level;
import dev.lastgood.problem.Problem;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
import dev.lastgood.rule.Lint;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.RuleTest;
import dev.lastgood.rule.Verdict;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.spark.FieldTypes;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.yaml.YamlNode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/** Checks rules against the fields of their datasets, and runs the tests that stand beside them. Reads no record. */
public final class RulesJob {
    private final Workplace workplace;

    public RulesJob(Workplace workplace) {
        this.workplace = workplace;
    }

    /**
     * Binds every rule, and looks for what says nothing, is said twice or excludes each other. Throws InvalidInput with all
     * problems; gives back the warnings if there is no error.
     */
    public List<Problem> check() {
        Problems problems = new Problems();
        List<Rule> rules = workplace.workspace().rules().rules();
        Lint.check(rules, problems);
        RuleCompiler compiler = compiler(problems);
        compiler.compile(rules);
        compiler.remarks().forEach(problems::add);
        problems.throwIfErrors();
        return problems.list();
    }

    private RuleCompiler compiler(Problems problems) {
        return new RuleCompiler(
                workplace.workspace().datasets(), shapes(), workplace.clock().instant(), problems);
    }

    /** As the newest snapshot has them; where there is none, as live has them. */
    private Map<String, Shape> shapes() {
        return shapes(workplace.datasets(List.of()));
    }

    Map<String, Shape> shapes(List<DatasetSpec> datasets) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        boolean taken = workplace.store().exists("format.json");
        for (DatasetSpec dataset : datasets) {
            Optional<Snapshot> latest = taken ? workplace.catalog().state().latest(dataset.name()) : Optional.empty();
            Shape shape = latest.map(snapshot -> shape(dataset, snapshot.manifest(workplace.store())))
                    .orElseGet(() -> workplace.sources().live(dataset).shape());
            shapes.put(dataset.name(), shape);
        }
        return shapes;
    }

    /** Spark is started only if it must be. */
    private Shape shape(DatasetSpec dataset, Manifest manifest) {
        return SnapshotReader.shape(dataset, manifest)
                .orElseGet(() -> new SnapshotReader(workplace.session(), workplace.store())
                        .shape(dataset, manifest, workplace.sources()));
    }

    /**
     * What became of the tests.
     *
     * @param untested ids of local rules without a test
     */
    public record Tested(int rules, int tests, List<Problem> failures, List<String> untested) {
        /** No test is no proof. */
        public Verdict verdict() {
            return tests == 0 ? Verdict.INCONCLUSIVE : failures.isEmpty() ? Verdict.PASS : Verdict.FAIL;
        }
    }

    /** Runs the tests of all rules. */
    public Tested test() {
        Problems problems = new Problems();
        List<CompiledRule> compiled =
                compiler(problems).compile(workplace.workspace().rules().rules());
        problems.throwIfErrors();
        Map<String, Shape> shapes = shapes();
        SparkJudge judge = new SparkJudge(workplace.session(), shapes, compiled);
        int tests = 0;
        List<Problem> failures = new ArrayList<>();
        List<String> untested = new ArrayList<>();
        for (CompiledRule rule : compiled) {
            List<RuleTest> all = rule.rule().tests();
            if (all.isEmpty() && rule.rule().isLocal()) {
                untested.add(rule.id());
            }
            Shape shape = shapes.get(rule.rule().dataset());
            for (RuleTest test : all) {
                tests++;
                if (shape != null) {
                    failure(rule.rule(), test, shape, judge).ifPresent(failures::add);
                }
            }
        }
        return new Tested(compiled.size(), tests, failures, untested);
    }

    private static Optional<Problem> failure(Rule rule, RuleTest test, Shape shape, Judge judge) {
        YamlNode.Mapping after = test.record() == null ? test.after() : test.record();
        Judge.Pair pair;
        try {
            pair = new Judge.Pair(image(test.before(), shape), image(after, shape));
        } catch (NoField e) {
            return Optional.of(new Problem(
                    test.place(), Level.ERROR, "the record of this test does not fit: " + e.getMessage(), e.hint()));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            return Optional.of(new Problem(
                    test.place(), Level.ERROR, "the record of this test does not fit: " + e.getMessage(), null));
        }
        Ruling ruling = judge.judge(rule.dataset(), List.of(pair)).get(0).getOrDefault(rule.id(), Ruling.OUTSIDE);
        String found = ruling.name().toLowerCase(java.util.Locale.ROOT);
        String expected = test.expect().name().toLowerCase(java.util.Locale.ROOT);
        boolean agrees = found.equals(expected) || (expected.equals("pass") && ruling == Ruling.OUTSIDE);
        return agrees
                ? Optional.empty()
                : Optional.of(new Problem(
                        test.place(),
                        Level.ERROR,
                        "rule '%s': this test expects %s, and the rule says %s".formatted(rule.id(), expected, found),
                        null));
    }

    private static final class NoField extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String hint;

        NoField(String name, List<String> fields) {
            super("there is no field '%s'".formatted(name));
            hint = Suggestions.nearest(name, fields)
                            .map("Did you mean '%s'? "::formatted)
                            .orElse("")
                    + "The fields are %s.".formatted(String.join(", ", fields));
        }

        String hint() {
            return hint;
        }
    }

    private static @Nullable Image image(YamlNode.@Nullable Mapping record, Shape shape) {
        if (record == null) {
            return null;
        }
        Map<String, Value> fields = new TreeMap<>();
        record.entries().forEach(entry -> {
            String name = entry.key().text();
            StructField field = List.of(shape.view().fields()).stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new NoField(name, List.of(shape.view().fieldNames())));
            boolean json = shape.json().contains(name) || shape.isDocument();
            fields.put(name, json ? free(entry.value()) : typed(entry.value(), stored(shape, field)));
        });
        return Image.of(fields);
    }

    /** What is text in the source and seen as something else is text here too, and is seen as it is there. */
    private static DataType stored(Shape shape, StructField field) {
        return FieldTypes.field(shape.stored(), field.name())
                .map(StructField::dataType)
                .filter(StringType.class::isInstance)
                .orElse(field.dataType());
    }

    private static Value free(YamlNode node) {
        if (node instanceof YamlNode.Sequence sequence) {
            return new Value.Array(sequence.items().stream().map(RulesJob::free).toList());
        }
        if (node instanceof YamlNode.Mapping mapping) {
            Map<String, Value> fields = new TreeMap<>();
            mapping.entries().forEach(entry -> fields.put(entry.key().text(), free(entry.value())));
            return Value.Obj.of(fields);
        }
        YamlNode.Scalar scalar = (YamlNode.Scalar) node;
        Literal literal = scalar.plain() ? Literal.plain(scalar.text()) : Literal.text(scalar.text());
        return switch (literal.kind()) {
            case NULL -> Value.NULL;
            case BOOLEAN -> Value.of(Boolean.parseBoolean(literal.text()));
            case NUMBER -> Value.number(literal.text());
            case TEXT -> Value.of(literal.text());
        };
    }

    private static Value typed(YamlNode node, DataType type) {
        if (!(node instanceof YamlNode.Scalar scalar)) {
            return free(node);
        }
        if (scalar.isNull()) {
            return Value.NULL;
        }
        String text = scalar.text();
        String name = type.simpleString();
        if (name.equals("string")) {
            return Value.of(text);
        }
        if (name.equals("date")) {
            return new Value.Day(LocalDate.parse(text));
        }
        if (name.equals("timestamp")) {
            return new Value.Moment(Instant.parse(text));
        }
        if (name.equals("timestamp_ntz")) {
            return new Value.LocalMoment(LocalDateTime.parse(text));
        }
        if (name.equals("double") || name.equals("float")) {
            return new Value.Real(Double.parseDouble(text));
        }
        return free(node);
    }
}
