package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one rule: its name and qualifiers here, its constraint by {@link ConstraintReader}. */
final class RuleReader {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final int LONGEST_ID = 100;

    private final Fields fields;
    private final AcceptedReader accepted;
    private final Problems problems;
    private final PartReader parts;

    private RuleReader(Fields fields, AcceptedReader accepted, Problems problems) {
        this.fields = fields;
        this.accepted = accepted;
        this.problems = problems;
        this.parts = new PartReader(fields, problems);
    }

    /** The rule, if enough of it could be read to be one. */
    static Optional<Rule> read(Fields unnamed, String number, AcceptedReader accepted, Problems problems) {
        // a rule is called by its id as soon as there is one
        String what = unnamed.entries().stream()
                .filter(entry -> entry.key().text().equals("id"))
                .map(YamlNode.Entry::value)
                .filter(value -> value instanceof YamlNode.Scalar scalar && isId(scalar.text()))
                .map(value -> "rule '" + ((YamlNode.Scalar) value).text() + "'")
                .findFirst()
                .orElse(number);
        var mapping = new YamlNode.Mapping(unnamed.entries(), unnamed.place());
        return new RuleReader(new Fields(mapping, what, problems), accepted, problems).rule();
    }

    private Optional<Rule> rule() {
        Optional<String> id = id();
        Optional<YamlNode.Scalar> dataset = dataset();
        Optional<Sql> where = PartReader.sql(fields, "where");
        Optional<Severity> severity = fields.choice("severity", Severity.class);
        Allow allow = allow();
        Tolerance tolerance = tolerance();
        Optional<OnNull> onNull = fields.choice("on_null", OnNull.class);
        Optional<String> because = fields.text("because");
        Optional<String> owner = fields.text("owner");
        List<String> tags = fields.texts("tags");
        List<FieldPath> footprint = parts.paths(fields, "fields");
        Optional<Boolean> restore = fields.truth("restore");
        Optional<Boolean> allowEmpty = fields.truth("allow_empty");
        List<YamlNode> tests = fields.list("tests");
        List<Accepted> known = fields.scalar("accepted").map(accepted::named).orElse(List.of());

        Optional<Constraint> constraint = new ConstraintReader(fields, problems).constraint();
        List<RuleTest> read = constraint.map(sound -> tests(tests, sound)).orElse(List.of());
        if (id.isEmpty() || dataset.isEmpty() || constraint.isEmpty()) {
            return Optional.empty();
        }
        Place whole = fields.node("id").map(YamlNode::place).orElse(fields.place());
        return Optional.of(new Rule(
                id.get(),
                dataset.get().text(),
                constraint.get(),
                where.orElse(null),
                severity.orElse(Severity.ERROR),
                allow,
                tolerance,
                onNull.orElse(OnNull.FAIL),
                because.orElse(null),
                owner.orElse(null),
                tags,
                footprint,
                restore.orElse(true),
                allowEmpty.orElse(false),
                known,
                read,
                fields.places(whole)));
    }

    private Optional<String> id() {
        fields.require("id");
        Optional<YamlNode.Scalar> id = fields.scalar("id");
        if (id.isPresent() && !isId(id.get().text())) {
            problems.error(
                    id.get().place(),
                    "'%s' cannot be the id of a rule".formatted(id.get().text()),
                    "An id has letters, digits, '.', '_' and '-', begins with a letter or digit, and has at most %d characters."
                            .formatted(LONGEST_ID));
            return Optional.empty();
        }
        return id.map(YamlNode.Scalar::text);
    }

    private static boolean isId(String text) {
        return text.length() <= LONGEST_ID && ID.matcher(text).matches();
    }

    private Optional<YamlNode.Scalar> dataset() {
        fields.require("dataset");
        Optional<YamlNode.Scalar> dataset = fields.scalar("dataset");
        dataset.ifPresent(name -> fields.place("dataset", name.place()));
        return dataset;
    }

    private Allow allow() {
        Optional<Fields> allow = fields.mapping(
                "allow", "Write {count: 3} for so many findings, {ratio: 0.01} for a share of the records.");
        if (allow.isEmpty()) {
            return Allow.NONE;
        }
        Optional<Long> count = allow.get().integer("count", 0, Long.MAX_VALUE);
        Optional<BigDecimal> ratio = allow.get().decimal("ratio", BigDecimal.ONE);
        if (allow.get().done()) {
            PartReader.requireEither(allow.get(), "count", "ratio", problems);
        }
        return new Allow(count.orElse(null), ratio.orElse(null));
    }

    private Tolerance tolerance() {
        Optional<Fields> tolerance = fields.mapping(
                "tolerance", "Write {abs: 0.01} for a difference, {rel: 0.001} for a share of the number.");
        if (tolerance.isEmpty()) {
            return Tolerance.NONE;
        }
        Optional<BigDecimal> abs = tolerance.get().decimal("abs", null);
        Optional<BigDecimal> rel = tolerance.get().decimal("rel", BigDecimal.ONE);
        if (tolerance.get().done()) {
            PartReader.requireEither(tolerance.get(), "abs", "rel", problems);
        }
        return new Tolerance(abs.orElse(null), rel.orElse(null));
    }

    private List<RuleTest> tests(List<YamlNode> nodes, Constraint constraint) {
        List<RuleTest> tests = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Fields.of(nodes.get(i), "test %d of %s".formatted(i + 1, fields.what()), problems)
                    .flatMap(test -> test(test, constraint))
                    .ifPresent(tests::add);
        }
        return tests;
    }

    private Optional<RuleTest> test(Fields test, Constraint constraint) {
        YamlNode.@Nullable Mapping record = tree(test, "record");
        YamlNode.@Nullable Mapping before = tree(test, "before");
        YamlNode.@Nullable Mapping after = tree(test, "after");
        test.require("expect");
        Optional<RuleTest.Expect> expect = test.choice("expect", RuleTest.Expect.class);
        boolean known = test.done();
        boolean crossTime = constraint instanceof Constraint.AcrossTime;
        if (!constraint.isLocal()) {
            problems.error(
                    test.place(),
                    "one record cannot decide '%s', so %s cannot be run".formatted(constraint.keyword(), test.what()),
                    "Tests go with rules that one record, or its before and after, decides.");
            return Optional.empty();
        }
        boolean sides = test.has("before") || test.has("after");
        boolean fits = crossTime ? sides && !test.has("record") : test.has("record") && !sides;
        if (!fits && known) {
            problems.error(
                    test.place(),
                    crossTime
                            ? "%s needs 'before' or 'after' or both, and no 'record'".formatted(test.what())
                            : "%s needs 'record', and neither 'before' nor 'after'".formatted(test.what()),
                    "'%s' is about %s."
                            .formatted(
                                    constraint.keyword(),
                                    crossTime ? "a record before and after" : "a record as it is"));
        }
        if (!fits || expect.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new RuleTest(record, before, after, expect.get(), test.place()));
    }

    private YamlNode.@Nullable Mapping tree(Fields test, String key) {
        Optional<YamlNode> node = test.node(key);
        if (node.isPresent() && !(node.get() instanceof YamlNode.Mapping)) {
            test.mapping(key, "Write the fields of a record: {status: NEW, total: 12.50}.");
        }
        return node.orElse(null) instanceof YamlNode.Mapping mapping ? mapping : null;
    }
}
