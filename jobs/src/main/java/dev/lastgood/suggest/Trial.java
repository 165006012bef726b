package dev.lastgood.suggest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;

import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Records;
import dev.lastgood.audit.Side;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Rows;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Asks rules whether they see damage: samples are damaged in twenty ways, and audited by them against what they were. All
 * twenty are audited at once. What tells them apart is a field more, which is part of the key, and of what brings records
 * together, so that no damage meets another.
 */
final class Trial {
    /** Ways of damage. */
    static final int MUTATIONS = Mutation.values().length;

    private static final int UNHARMED = 0;

    private final Auditing auditing;
    private final Map<String, Profile> profiles;
    private final FieldPath trial;
    private final FieldPath number;

    /** @param profiles by dataset, each with the sample to damage */
    Trial(Auditing auditing, Collection<Profile> profiles) {
        this.auditing = auditing;
        this.profiles = new LinkedHashMap<>();
        profiles.forEach(profile -> this.profiles.put(profile.name(), profile));
        this.trial = FieldPath.of(free("_trial"));
        this.number = FieldPath.of(free("_number"));
    }

    /** A name that no field has. */
    private String free(String name) {
        boolean taken = profiles.values().stream()
                .anyMatch(profile -> List.of(profile.view().fieldNames()).contains(name));
        return taken ? free("_" + name) : name;
    }

    /** By rule how many of the ways of damage it sees: where it finds more than in the unharmed sample. */
    Map<String, Integer> seen(List<Rule> rules) {
        Map<String, DatasetSpec> datasets = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        List<Side> sides = new ArrayList<>();
        boolean across = rules.stream().anyMatch(Rule::isCrossTime);
        for (Profile profile : profiles.values()) {
            DatasetSpec dataset = apart(profile.dataset());
            StructType type = profile.view()
                    .add(trial.root(), DataTypes.LongType)
                    .add(number.root(), DataTypes.LongType);
            Shape shape = Shape.of(type);
            datasets.put(profile.name(), dataset);
            shapes.put(profile.name(), shape);
            Frame after = frame(damaged(profile), shape);
            sides.add(
                    across
                            ? new Side(dataset, after, frame(unharmed(profile), shape), null, 0)
                            : Side.alone(dataset, after));
        }
        Problems problems = new Problems();
        List<CompiledRule> compiled = new RuleCompiler(datasets, shapes, auditing.now(), problems)
                .compile(rules.stream().map(this::apart).toList());
        if (compiled.size() < rules.size()) {
            throw new IllegalStateException("rules that fit the snapshot do not fit its sample: " + problems.list());
        }
        return auditing.audit(sides, compiled, this::seen);
    }

    private Map<String, Integer> seen(Auditor.Findings findings) {
        Map<String, Map<Long, Long>> found = new HashMap<>();
        for (String location : findings.records().values()) {
            auditing.session()
                    .read()
                    .schema(Records.SCHEMA)
                    .parquet(ReadPaths.literal(location))
                    .select(
                            get_json_object(col("key"), "$." + trial.root())
                                    .cast("bigint")
                                    .alias("t"),
                            explode(col("findings.rule")).alias("r"))
                    .groupBy("r", "t")
                    .agg(count(lit(1)))
                    .collectAsList()
                    .forEach(row -> found.computeIfAbsent(row.getString(0), any -> new HashMap<>())
                            .merge(row.getLong(1), row.getLong(2), Long::sum));
        }
        Map<String, Integer> seen = new HashMap<>();
        found.forEach((rule, byTrial) -> {
            long before = byTrial.getOrDefault((long) UNHARMED, 0L);
            long more = byTrial.values().stream().filter(count -> count > before).count();
            seen.put(rule, (int) more);
        });
        return seen;
    }

    // ---- records

    private static Stream<Mutation> mutations() {
        return Stream.of(Mutation.values());
    }

    private List<Image> damaged(Profile profile) {
        List<Field> fields = profile.fields().stream().map(FieldProfile::field).toList();
        Mutations mutations = new Mutations(fields, profile.sample());
        List<Image> all = new ArrayList<>(marked(profile.sample(), UNHARMED));
        mutations().forEach(mutation -> mutations
                .after(mutation)
                .forEach((index, record) -> all.add(marked(record, index, 1 + mutation.ordinal()))));
        return all;
    }

    private List<Image> unharmed(Profile profile) {
        List<Image> all = new ArrayList<>();
        for (int i = 0; i <= MUTATIONS; i++) {
            all.addAll(marked(profile.sample(), i));
        }
        return all;
    }

    private List<Image> marked(List<Image> records, int of) {
        List<Image> marked = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            marked.add(marked(records.get(i), i, of));
        }
        return marked;
    }

    private Image marked(Image record, int index, int of) {
        return record.with(trial.root(), Value.of(of)).with(number.root(), Value.of(index));
    }

    private Frame frame(List<Image> records, Shape shape) {
        List<Row> rows = records.stream()
                .map(record -> Rows.row(record, shape.stored()))
                .toList();
        return new Frame(auditing.session().createDataFrame(rows, shape.stored()), shape);
    }

    // ---- apart from each other

    private DatasetSpec apart(DatasetSpec dataset) {
        return new DatasetSpec(
                dataset.name(),
                dataset.source(),
                dataset.location(),
                Map.of(),
                Map.of(),
                null,
                List.of(trial, number),
                null,
                null,
                null,
                List.of(),
                dataset.ignore(),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of(),
                null,
                null,
                List.of(),
                dataset.restore(),
                dataset.places());
    }

    private Rule apart(Rule rule) {
        return new Rule(
                rule.id(),
                rule.dataset(),
                apart(rule.constraint()),
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

    private Constraint apart(Constraint constraint) {
        if (constraint instanceof Constraint.Unique unique) {
            return new Constraint.Unique(with(unique.fields()));
        }
        if (constraint instanceof Constraint.Depends depends) {
            return new Constraint.Depends(with(depends.from()), depends.to(), depends.blame());
        }
        if (constraint instanceof Constraint.Reference reference) {
            return new Constraint.Reference(
                    with(reference.fields()), reference.to(), with(reference.key()), reference.cardinality());
        }
        return constraint;
    }

    private List<FieldPath> with(List<FieldPath> fields) {
        return Stream.concat(Stream.of(trial), fields.stream()).toList();
    }
}
