package dev.lastgood.audit;

import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.diff.Pairs;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.Comparisons;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * Runs an audit: one pass over each dataset writes a stage (hashes, codes of the rules, tuples of the relations); all counts,
 * joins and relations read the stage; full records are fetched only for keys that changed or are accused, and judged again
 * on what was fetched. Nothing of a result comes from an accumulator or a cache.
 */
public final class Auditor {
    private final SparkSession session;
    private final String folder;

    /** @param folder a fresh folder for stage and records, as a URI */
    public Auditor(SparkSession session, String folder) {
        this.session = session;
        this.folder = folder;
    }

    /** How one dataset came out. */
    public record DatasetTally(
            String name, long before, long after, long added, long removed, long changed, long unchanged) {}

    /**
     * How one rule came out, as counts.
     *
     * @param examined records it was about and could look at
     * @param violations findings, one a record or element
     * @param errors records on which it could not be evaluated
     */
    public record RuleTally(CompiledRule rule, long examined, long violations, long errors, long preExisting) {}

    /**
     * What an audit found.
     *
     * @param records by dataset, where its {@link Records} lie
     */
    public record Findings(List<DatasetTally> datasets, List<RuleTally> rules, Map<String, String> records) {}

    /** A dataset, its rules, and the references of other datasets to it, which may blame a record that is missing. */
    private final class Subject {
        final Side side;
        final List<CompiledRule> own = new ArrayList<>();
        final List<CompiledRule> children = new ArrayList<>();
        Dataset<Row> stage;
        final List<Dataset<Row>> accusations = new ArrayList<>();

        Subject(Side side) {
            this.side = side;
            this.stage = session.emptyDataFrame();
        }

        DatasetSpec dataset() {
            return side.dataset();
        }

        String name() {
            return side.dataset().name();
        }

        String at(String part) {
            return folder + "/" + part + "/" + dev.lastgood.snapshot.StoreName.segment(name());
        }

        int number(CompiledRule rule) {
            int mine = own.indexOf(rule);
            return mine >= 0 ? mine : own.size() + children.indexOf(rule);
        }

        List<CompiledRule> rules() {
            List<CompiledRule> all = new ArrayList<>(own);
            all.addAll(children);
            return all;
        }

        void accuse(Dataset<Row> keys, CompiledRule rule) {
            accusations.add(
                    keys.select(col(KEY_HASH), col(KEY), lit(number(rule)).alias("_rule")));
        }
    }

    /** Audits the sides by the rules, which are compiled against the shapes of the sides after. */
    public Findings run(List<Side> sides, List<CompiledRule> rules) {
        Map<String, Subject> subjects = new LinkedHashMap<>();
        sides.forEach(side -> subjects.put(side.dataset().name(), new Subject(side)));
        for (CompiledRule rule : rules) {
            Optional.ofNullable(subjects.get(rule.rule().dataset())).ifPresent(subject -> subject.own.add(rule));
        }
        for (CompiledRule rule : rules) {
            parent(rule, subjects).ifPresent(parent -> parent.children.add(rule));
        }
        subjects.values().forEach(this::stage);
        for (Subject subject : subjects.values()) {
            for (CompiledRule rule : subject.own) {
                relate(rule, subject, subjects);
            }
        }
        Map<String, String> records = new LinkedHashMap<>();
        for (Subject subject : subjects.values()) {
            examine(subject);
            records.put(subject.name(), subject.at("records"));
        }
        return tally(subjects, records);
    }

    private static Optional<Subject> parent(CompiledRule rule, Map<String, Subject> subjects) {
        return rule.rule().constraint() instanceof Constraint.Reference reference
                ? Optional.ofNullable(subjects.get(reference.to()))
                : Optional.empty();
    }

    // ---- the pass over live

    private void stage(Subject subject) {
        Side side = subject.side;
        Shape shape = side.after().shape();
        Dataset<Row> hashed = Fingerprint.hashed(subject.dataset(), side.after());
        Dataset<Row> viewed = hashed.select(
                col(KEY_HASH),
                col(KEY),
                col(Fingerprint.CONTENT_1),
                col(Fingerprint.CONTENT_2),
                shape.view("").alias(AFTER),
                lit(null).cast(shape.view()).alias(BEFORE));
        List<Column> columns = new ArrayList<>(
                List.of(col(KEY_HASH), col(KEY), col(Fingerprint.CONTENT_1), col(Fingerprint.CONTENT_2)));
        for (int i = 0; i < subject.own.size(); i++) {
            CompiledRule rule = subject.own.get(i);
            if (rule.kind() == CompiledRule.Kind.RECORD) {
                columns.add(rule.after().cast("tinyint").alias(code(i)));
            } else if (rule.tuple() != null) {
                columns.add(rule.tuple().alias(tuple(i)));
            }
        }
        for (int i = 0; i < subject.children.size(); i++) {
            columns.add(parentTuple(subject.children.get(i), AFTER).alias(parentColumn(i)));
        }
        viewed.select(columns.toArray(Column[]::new)).write().parquet(subject.at("stage"));
        subject.stage = session.read().parquet(ReadPaths.literal(subject.at("stage")));
    }

    private static String code(int rule) {
        return "_r" + rule;
    }

    private static String tuple(int rule) {
        return "_t" + rule;
    }

    private static String parentColumn(int child) {
        return "_p" + child;
    }

    /** The parent's side of a reference, with the same names as the child's tuple. */
    private static Column parentTuple(CompiledRule rule, String side) {
        Constraint.Reference reference = (Constraint.Reference) rule.rule().constraint();
        List<Column> values = new ArrayList<>();
        for (int i = 0; i < reference.key().size(); i++) {
            Column value = col(side);
            for (Step step : reference.key().get(i).steps()) {
                value = value.getField(((Step.Name) step).name());
            }
            values.add(value.alias("_" + i));
        }
        return functions.struct(values.toArray(Column[]::new));
    }

    // ---- relations

    private void relate(CompiledRule rule, Subject subject, Map<String, Subject> subjects) {
        if (rule.kind() != CompiledRule.Kind.RELATION) {
            return;
        }
        String tuple = tuple(subject.number(rule));
        Dataset<Row> related = subject.stage.where(col(tuple).isNotNull());
        if (rule.rule().constraint() instanceof Constraint.Unique) {
            Dataset<Row> twice = related.groupBy(col(tuple).alias("_value"))
                    .agg(count(lit(1)).alias("_copies"))
                    .where(col("_copies").gt(1));
            subject.accuse(related.join(twice, col(tuple).equalTo(col("_value")), "left_semi"), rule);
            return;
        }
        Subject parent = parent(rule, subjects).orElseThrow();
        Constraint.Reference reference = (Constraint.Reference) rule.rule().constraint();
        Dataset<Row> parents = parent.stage.select(
                col(parentColumn(parent.children.indexOf(rule))).alias("_parent"));
        Dataset<Row> orphans = related.select(
                        col(KEY_HASH), col(KEY), col(tuple).alias("_child"))
                .join(parents, same("_child", "_parent", reference.key().size()), "left_anti");
        orphans.write().parquet(subject.at("orphans-" + subject.number(rule)));
        Dataset<Row> found = session.read().parquet(ReadPaths.literal(subject.at("orphans-" + subject.number(rule))));
        Optional<Dataset<Row>> blamed =
                blamed(rule, found, subject, parent, reference.key().size());
        if (blamed.isEmpty()) {
            subject.accuse(found, rule);
            return;
        }
        parent.accuse(blamed.get(), rule);
        subject.accuse(
                found.join(
                        blamed.get().select(col("_parent")),
                        same("_child", "_parent", reference.key().size()),
                        "left_anti"),
                rule);
    }

    private static Column same(String one, String other, int fields) {
        Column same = lit(true);
        for (int i = 0; i < fields; i++) {
            same = same.and(col(one).getField("_" + i).equalTo(col(other).getField("_" + i)));
        }
        return same;
    }

    /**
     * Parents that were there in the baseline and are missing now, while a child names them as it did before: it is the
     * parent that is at fault. Empty if there is no baseline to tell.
     */
    private Optional<Dataset<Row>> blamed(
            CompiledRule rule, Dataset<Row> orphans, Subject child, Subject parent, int fields) {
        Frame childBefore = child.side.before();
        Frame parentBefore = parent.side.before();
        if (childBefore == null || parentBefore == null || rule.tupleBefore() == null) {
            return Optional.empty();
        }
        Dataset<Row> then = before(child.dataset(), childBefore)
                .select(col(KEY_HASH), col(KEY), rule.tupleBefore().alias("_then"));
        Column sameRecord = then.col(KEY_HASH)
                .equalTo(orphans.col(KEY_HASH))
                .and(then.col(KEY).eqNullSafe(orphans.col(KEY)));
        Dataset<Row> unmoved = orphans.join(then, sameRecord, "inner")
                .where(same("_child", "_then", fields))
                .select(col("_child"))
                .distinct();
        Dataset<Row> were = before(parent.dataset(), parentBefore)
                .select(col(KEY_HASH), col(KEY), parentTuple(rule, BEFORE).alias("_parent"));
        return Optional.of(were.join(unmoved, same("_child", "_parent", fields), "left_semi"));
    }

    private static Dataset<Row> before(DatasetSpec dataset, Frame frame) {
        return Fingerprint.hashed(dataset, frame)
                .select(
                        col(KEY_HASH),
                        col(KEY),
                        frame.shape().view("").alias(BEFORE),
                        lit(null).cast(frame.shape().view()).alias(AFTER));
    }

    // ---- full records

    private void examine(Subject subject) {
        Side side = subject.side;
        Column accused = lit(false);
        for (int i = 0; i < subject.own.size(); i++) {
            if (subject.own.get(i).kind() == CompiledRule.Kind.RECORD) {
                accused = accused.or(col(code(i)).between(Code.FALSE.number(), Code.ERROR.number()));
            }
        }
        Frame before = side.before();
        Dataset<Row> candidates = before == null
                ? subject.stage.where(accused)
                : Pairs.candidates(Fingerprint.thin(subject.dataset(), before), subject.stage, accused);
        Dataset<Row> keys =
                candidates.select(col(KEY_HASH), col(KEY), lit(null).cast("int").alias("_rule"));
        for (Dataset<Row> accusation : subject.accusations) {
            keys = keys.unionAll(accusation);
        }
        keys.groupBy(col(KEY_HASH), col(KEY))
                .agg(collect_set("_rule").alias(Records.ACCUSATIONS))
                .write()
                .parquet(subject.at("keys"));
        Dataset<Row> wanted = session.read().parquet(ReadPaths.literal(subject.at("keys")));
        Frame nothing = new Frame(
                session.createDataFrame(List.of(), side.after().shape().stored()),
                side.after().shape());
        Dataset<Row> pairs = Pairs.fetch(subject.dataset(), before == null ? nothing : before, side.after(), wanted);
        Dataset<Row> judged = judged(subject, pairs, wanted);
        Examiner examiner = new Examiner(
                Comparisons.of(subject.dataset()),
                subject.rules().stream().map(rule -> info(rule, subject)).toList());
        DatasetSpec dataset = subject.dataset();
        judged.mapPartitions(
                        new Records.Examination(
                                examiner,
                                side.after().shape(),
                                dataset.key().stream().map(FieldPath::toString).toList(),
                                text(dataset.version()),
                                text(dataset.changedAt()),
                                dataset.explain().stream()
                                        .map(FieldPath::toString)
                                        .toList()),
                        Encoders.row(Records.SCHEMA))
                .write()
                .parquet(subject.at("records"));
    }

    private static @Nullable String text(@Nullable FieldPath path) {
        return path == null ? null : path.toString();
    }

    /** A reference that blames its parent blames no field of it, but that it is not there. */
    private static RuleInfo info(CompiledRule rule, Subject subject) {
        RuleInfo info = RuleInfo.of(rule);
        return subject.own.contains(rule)
                ? info
                : new RuleInfo(
                        info.id(),
                        info.hash(),
                        info.severity(),
                        info.kind(),
                        List.of(),
                        rule.rule().dataset() + "." + info.sentence(),
                        null);
    }

    private static Dataset<Row> judged(Subject subject, Dataset<Row> pairs, Dataset<Row> wanted) {
        Shape shape = subject.side.after().shape();
        Column same = pairs.col(KEY_HASH)
                .equalTo(wanted.col(KEY_HASH))
                .and(pairs.col(KEY).eqNullSafe(wanted.col(KEY)));
        Dataset<Row> joined = pairs.join(wanted, same)
                .select(
                        pairs.col(KEY),
                        col(Pairs.RECORDS_BEFORE),
                        col(Pairs.RECORDS_AFTER),
                        col(Records.ACCUSATIONS),
                        get(col(Pairs.RECORDS_BEFORE), lit(0)).alias("_one_b"),
                        get(col(Pairs.RECORDS_AFTER), lit(0)).alias("_one_a"));
        Dataset<Row> viewed = joined.select(
                col(KEY),
                col(Pairs.RECORDS_BEFORE),
                col(Pairs.RECORDS_AFTER),
                col(Records.ACCUSATIONS),
                when(col("_one_b").isNotNull(), shape.view("_one_b")).alias(BEFORE),
                when(col("_one_a").isNotNull(), shape.view("_one_a")).alias(AFTER));
        List<Column> after = new ArrayList<>();
        List<Column> before = new ArrayList<>();
        List<Column> elements = new ArrayList<>();
        Column outside = lit(Code.OUTSIDE.number());
        for (CompiledRule rule : subject.rules()) {
            boolean applies = subject.own.contains(rule)
                    && (rule.kind() != CompiledRule.Kind.PAIR || subject.side.before() != null);
            after.add(applies ? rule.after() : outside);
            before.add(applies ? rule.before() : outside);
            elements.add(applies ? rule.elements() : lit(null).cast("array<int>"));
        }
        return viewed.select(
                col(KEY),
                col(Pairs.RECORDS_BEFORE),
                col(Pairs.RECORDS_AFTER),
                col(Records.ACCUSATIONS),
                arrayOf(after, "array<int>").alias(Records.CODES_AFTER),
                arrayOf(before, "array<int>").alias(Records.CODES_BEFORE),
                arrayOf(elements, "array<array<int>>").alias(Records.ELEMENTS));
    }

    private static Column arrayOf(List<Column> columns, String type) {
        return array(columns.toArray(Column[]::new)).cast(type);
    }

    // ---- counts

    private Findings tally(Map<String, Subject> subjects, Map<String, String> records) {
        List<DatasetTally> datasets = new ArrayList<>();
        Map<String, long[]> broken = new HashMap<>();
        Map<String, Map<String, Long>> examined = new HashMap<>();
        for (Subject subject : subjects.values()) {
            Dataset<Row> found =
                    session.read().schema(Records.SCHEMA).parquet(ReadPaths.literal(subject.at("records")));
            Map<String, Long> changes = new HashMap<>();
            found.groupBy("change")
                    .agg(count(lit(1)))
                    .collectAsList()
                    .forEach(row -> changes.put(row.getString(0), row.getLong(1)));
            for (Row row : found.select(explode(col("findings")).alias("f"))
                    .groupBy(col("f.rule"))
                    .agg(
                            count_if(col("f.code").notEqual(Code.ERROR.name())),
                            count_if(col("f.code").equalTo(Code.ERROR.name())),
                            count_if(col("f.preExisting")))
                    .collectAsList()) {
                long[] sums = broken.computeIfAbsent(row.getString(0), id -> new long[3]);
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += row.getLong(i + 1);
                }
            }
            Map<String, Long> looked = examined(subject);
            examined.put(subject.name(), looked);
            long after = looked.getOrDefault("", 0L);
            long added = changes.getOrDefault("added", 0L);
            long changed = changes.getOrDefault("changed", 0L);
            datasets.add(new DatasetTally(
                    subject.name(),
                    subject.side.beforeCount(),
                    after,
                    added,
                    changes.getOrDefault("removed", 0L),
                    changed,
                    subject.side.before() == null ? 0 : Math.max(0, after - added - changed)));
        }
        List<RuleTally> rules = new ArrayList<>();
        for (Subject subject : subjects.values()) {
            Map<String, Long> looked = examined.getOrDefault(subject.name(), Map.of());
            for (CompiledRule rule : subject.own) {
                long[] sums = broken.getOrDefault(rule.id(), new long[3]);
                rules.add(new RuleTally(rule, looked.getOrDefault(rule.id(), 0L), sums[0], sums[1], sums[2]));
            }
        }
        return new Findings(datasets, rules, records);
    }

    /** By rule how many records it looked at, and under the empty name how many there are. From the stage, in one job. */
    private Map<String, Long> examined(Subject subject) {
        List<Column> counts = new ArrayList<>(List.of(count(lit(1))));
        List<CompiledRule> counted = new ArrayList<>();
        for (int i = 0; i < subject.own.size(); i++) {
            CompiledRule rule = subject.own.get(i);
            if (rule.kind() == CompiledRule.Kind.RECORD) {
                counted.add(rule);
                counts.add(count_if(col(code(i)).lt(Code.ERROR.number())));
            } else if (rule.kind() == CompiledRule.Kind.RELATION) {
                counted.add(rule);
                counts.add(count(col(tuple(i))));
            }
        }
        Row row = subject.stage
                .agg(counts.get(0), counts.subList(1, counts.size()).toArray(Column[]::new))
                .head();
        Map<String, Long> examined = new HashMap<>();
        examined.put("", row.getLong(0));
        for (int i = 0; i < counted.size(); i++) {
            examined.put(counted.get(i).id(), row.getLong(i + 1));
        }
        for (CompiledRule rule : subject.own) {
            if (rule.kind() == CompiledRule.Kind.PAIR) {
                examined.put(rule.id(), pairsExamined(rule.rule(), subject.side, row.getLong(0)));
            }
        }
        return examined;
    }

    /** A cross-time rule looks at all records of the baseline, or of live if it is about what appears; none without one. */
    private static long pairsExamined(Rule rule, Side side, long after) {
        if (side.before() == null) {
            return 0;
        }
        return rule.constraint() instanceof Constraint.NoInsert ? after : side.beforeCount();
    }
}
