package dev.lastgood.suggest;

import dev.lastgood.audit.Census;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.judge.SparkJudge;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.restore.Judge;
import dev.lastgood.restore.Ruling;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Asks rules whether they see damage: samples are damaged in twenty ways, and judged by the rules as an audit compiles
 * them. Rules about single records are asked about those that were touched. Rules about many are asked about all twenty
 * damaged samples at once; what tells these apart is a field more, which is part of the key and of what brings records
 * together, so that no damage meets another.
 */
final class Trial {
    private static final long UNHARMED = 0;

    private final SparkSession session;
    private final Instant now;
    private final Map<String, DatasetSpec> datasets;
    private final Map<String, Damaged> damaged = new LinkedHashMap<>();
    private final Map<String, Set<Mutation>> seen = new HashMap<>();

    /** A sample and what became of it, records by their numbers. */
    private record Damaged(Profile profile, Map<Mutation, SortedMap<Integer, Image>> after) {
        static Damaged of(Profile profile) {
            List<Field> fields =
                    profile.fields().stream().map(FieldProfile::field).toList();
            Mutations mutations = new Mutations(fields, profile.sample());
            Map<Mutation, SortedMap<Integer, Image>> after = new EnumMap<>(Mutation.class);
            Mutation.ALL.forEach(mutation -> after.put(mutation, mutations.after(mutation)));
            return new Damaged(profile, after);
        }

        /** The records that are not as they were, or were not there. */
        Map<Mutation, List<Judge.Pair>> touched() {
            Map<Mutation, List<Judge.Pair>> touched = new EnumMap<>(Mutation.class);
            List<Image> sample = profile.sample();
            after.forEach((mutation, records) -> records.forEach((number, record) -> {
                Image before = number < sample.size() ? sample.get(number) : null;
                if (!record.equals(before)) {
                    touched.computeIfAbsent(mutation, any -> new ArrayList<>()).add(new Judge.Pair(before, record));
                }
            }));
            return touched;
        }
    }

    /**
     * @param datasets of the workspace, by name
     * @param profiles those to damage the samples of
     */
    Trial(SparkSession session, Instant now, Map<String, DatasetSpec> datasets, Collection<Profile> profiles) {
        this.session = session;
        this.now = now;
        this.datasets = datasets;
        profiles.forEach(profile -> damaged.put(profile.name(), Damaged.of(profile)));
    }

    /** By rule the ways of damage that it sees; a rule that sees none is left out. */
    Map<String, Set<Mutation>> seen(List<Rule> rules) {
        List<Rule> local = rules.stream().filter(Rule::isLocal).toList();
        List<Rule> relations = rules.stream().filter(rule -> !rule.isLocal()).toList();
        if (!local.isEmpty()) {
            judge(local);
        }
        if (!relations.isEmpty()) {
            relate(relations);
        }
        return seen;
    }

    private void saw(String rule, Mutation mutation) {
        seen.computeIfAbsent(rule, any -> EnumSet.noneOf(Mutation.class)).add(mutation);
    }

    private List<CompiledRule> compiled(Map<String, DatasetSpec> specs, Map<String, Shape> shapes, List<Rule> rules) {
        Problems problems = new Problems();
        List<CompiledRule> compiled = new RuleCompiler(specs, shapes, now, problems).compile(rules);
        if (compiled.size() < rules.size()) {
            throw new IllegalStateException("rules that fit a snapshot do not fit its sample: " + problems.list());
        }
        return compiled;
    }

    private Map<String, Shape> shapes(Function<Profile, StructType> type) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        damaged.forEach((name, one) -> shapes.put(name, Shape.of(type.apply(one.profile()))));
        return shapes;
    }

    // ---- rules about single records, before and after

    private void judge(List<Rule> rules) {
        Map<String, Shape> shapes = shapes(Profile::view);
        SparkJudge judge = new SparkJudge(session, shapes, compiled(datasets, shapes, rules));
        damaged.forEach((dataset, one) -> {
            List<Mutation> mutations = new ArrayList<>();
            List<Judge.Pair> pairs = new ArrayList<>();
            one.touched().forEach((mutation, touched) -> {
                mutations.addAll(Collections.nCopies(touched.size(), mutation));
                pairs.addAll(touched);
            });
            List<Map<String, Ruling>> rulings = judge.judge(dataset, pairs);
            for (int i = 0; i < rulings.size(); i++) {
                Mutation mutation = mutations.get(i);
                rulings.get(i).forEach((rule, ruling) -> {
                    if (ruling == Ruling.FAIL || ruling == Ruling.UNKNOWN) {
                        saw(rule, mutation);
                    }
                });
            }
        });
    }

    // ---- rules about many records

    private void relate(List<Rule> rules) {
        FieldPath trial = FieldPath.of(free("_trial"));
        FieldPath number = FieldPath.of(free("_number"));
        Map<String, Shape> shapes = shapes(
                profile -> profile.view().add(trial.root(), DataTypes.LongType).add(number.root(), DataTypes.LongType));
        Map<String, DatasetSpec> specs = new LinkedHashMap<>();
        Map<String, Frame> frames = new LinkedHashMap<>();
        damaged.forEach((name, one) -> {
            Shape shape = Optional.ofNullable(shapes.get(name)).orElseThrow();
            List<Row> rows = new ArrayList<>();
            List<Image> sample = one.profile().sample();
            for (int i = 0; i < sample.size(); i++) {
                rows.add(row(sample.get(i), trial, UNHARMED, number, i, shape));
            }
            one.after()
                    .forEach((mutation, records) -> records.forEach(
                            (index, record) -> rows.add(row(record, trial, mutation.number(), number, index, shape))));
            specs.put(name, one.profile().dataset().plain(List.of(trial, number)));
            frames.put(name, new Frame(session.createDataFrame(rows, shape.stored()), shape));
        });
        List<Rule> apart = rules.stream().map(rule -> apart(rule, trial)).toList();
        Census.findingsBy(trial.root(), session, specs, frames, compiled(specs, shapes, apart), now)
                .forEach((rule, findings) -> {
                    long before = findings.getOrDefault(UNHARMED, 0L);
                    for (Mutation mutation : Mutation.ALL) {
                        if (findings.getOrDefault((long) mutation.number(), 0L) > before) {
                            saw(rule, mutation);
                        }
                    }
                });
    }

    /** A name that no field has. */
    private String free(String name) {
        boolean taken = damaged.values().stream()
                .anyMatch(one -> List.of(one.profile().view().fieldNames()).contains(name));
        return taken ? free("_" + name) : name;
    }

    private static Row row(Image record, FieldPath trial, long of, FieldPath number, long index, Shape shape) {
        Image marked = record.with(trial.root(), Value.of(of)).with(number.root(), Value.of(index));
        return Rows.row(marked, shape.stored());
    }

    private static Rule apart(Rule rule, FieldPath trial) {
        return new Rule(
                rule.id(),
                rule.dataset(),
                apart(rule.constraint(), trial),
                rule.where(),
                rule.severity(),
                rule.allow(),
                rule.tolerance(),
                rule.onNull(),
                rule.because(),
                rule.owner(),
                rule.tags(),
                rule.fields(),
                rule.restore(),
                rule.allowEmpty(),
                rule.accepted(),
                rule.tests(),
                rule.places());
    }

    private static Constraint apart(Constraint constraint, FieldPath trial) {
        if (constraint instanceof Constraint.Unique unique) {
            return new Constraint.Unique(with(trial, unique.fields()));
        }
        if (constraint instanceof Constraint.Depends depends) {
            return new Constraint.Depends(with(trial, depends.from()), depends.to(), depends.blame());
        }
        if (constraint instanceof Constraint.Reference reference) {
            return new Constraint.Reference(
                    with(trial, reference.fields()),
                    reference.to(),
                    with(trial, reference.key()),
                    reference.cardinality());
        }
        throw new IllegalStateException("'%s' is never suggested".formatted(constraint.keyword()));
    }

    private static List<FieldPath> with(FieldPath trial, List<FieldPath> fields) {
        return Stream.concat(Stream.of(trial), fields.stream()).toList();
    }
}
