package dev.lastgood.job;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Retrospect;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.restore.Conflict;
import dev.lastgood.restore.Relations;
import dev.lastgood.restore.Simulated;
import dev.lastgood.rule.Constraint;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Sources;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What all relations of the rules say of live with all the writes laid over it, against what they say of live: asked once
 * nothing is left that {@link LiveRelations} finds by looking at a few values. Both are judged in one pass over live, a record
 * that is not written standing in it twice, so that what others write meanwhile accuses nobody; only queries are asked of
 * each by itself.
 *
 * <p>A record that is accused with the writes and not without them stops the write of it. If it is not written itself, it stops
 * the writes of what the relation brings together with it; if it cannot be told what that is, all writes that touch the relation. Metrics,
 * and {@code explained}, which asks where a change came from, accuse no record and are not asked.
 */
final class Simulation implements Relations {
    private static final int WITHOUT = 0;
    private static final int WITH = 1;
    private static final String WRITTEN = "_lastgood_written";
    private static final String NUMBER = "_lastgood_no";
    private static final String WAS = "_was";
    private static final String IS = "_is";
    private static final String NEW = "_new";
    /** So often it is asked again what is left once some writes are left out; then all that touch a broken relation are. */
    private static final int ROUNDS = 6;

    private final Workplace workplace;
    private final Map<String, Frame> live;
    private final Relations few;
    private final List<CompiledRule> relations;
    private @Nullable Told told;
    private int rounds;

    /** @param few asked first, about what takes no pass over live */
    Simulation(Workplace workplace, Map<String, Frame> live, Relations few) {
        this.workplace = workplace;
        this.live = Map.copyOf(live);
        this.few = few;
        Map<String, Shape> shapes = new HashMap<>();
        live.forEach((name, frame) -> shapes.put(name, frame.shape()));
        Problems problems = new Problems();
        this.relations = new RuleCompiler(
                        workplace.workspace().datasets(),
                        shapes,
                        workplace.clock().instant(),
                        problems)
                .compile(workplace.workspace().rules().rules()).stream()
                        .filter(rule -> rule.kind() == CompiledRule.Kind.RELATION)
                        .filter(rule -> !(rule.rule().constraint() instanceof Constraint.Metric)
                                && !(rule.rule().constraint() instanceof Constraint.Explained))
                        .toList();
        problems.throwIfErrors();
    }

    private record Told(List<Laid> writes, List<Simulated> counts, List<Breach> breaches) {}

    @Override
    public List<Breach> breaches(List<Laid> writes) {
        List<Breach> found = few.breaches(writes);
        return found.isEmpty() ? told(writes).breaches() : found;
    }

    @Override
    public List<Simulated> simulated(List<Laid> writes) {
        return told(writes).counts();
    }

    private Told told(List<Laid> writes) {
        Told before = told;
        if (before != null && before.writes().equals(writes)) {
            return before;
        }
        Map<Integer, CompiledRule> touched = new TreeMap<>();
        for (int number = 0; number < relations.size(); number++) {
            CompiledRule rule = relations.get(number);
            if (writes.stream().anyMatch(write -> touches(write, rule))) {
                touched.put(number, rule);
            }
        }
        Told now = touched.isEmpty() ? new Told(writes, List.of(), List.of()) : new Laying(writes, touched).told();
        told = now;
        return now;
    }

    private static boolean touches(Laid write, CompiledRule rule) {
        if (RuleCompiler.reaches(rule.rule()).contains(write.dataset())) {
            return true;
        }
        if (!rule.rule().dataset().equals(write.dataset())) {
            return false;
        }
        Image before = write.live();
        Image after = write.desired();
        return rule.rule().constraint() instanceof Constraint.Query
                || before == null
                || after == null
                || rule.reads().stream()
                        .map(FieldPath::root)
                        .anyMatch(field -> !Objects.equals(before.field(field), after.field(field)));
    }

    private Set<String> datasets(Collection<CompiledRule> rules) {
        return rules.stream()
                .flatMap(rule ->
                        Stream.concat(Stream.of(rule.rule().dataset()), RuleCompiler.reaches(rule.rule()).stream()))
                .filter(live::containsKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private DatasetSpec spec(String dataset) {
        return workplace.workspace().dataset(dataset).orElseThrow();
    }

    private Shape shape(String dataset) {
        return Objects.requireNonNull(live.get(dataset)).shape();
    }

    /** One set of writes, laid over live. */
    private final class Laying {
        private final List<Laid> writes;
        private final Map<Integer, CompiledRule> rules;
        private final Map<String, Map<Key, Laid>> byKey = new HashMap<>();
        private final Map<Integer, long[]> counts = new TreeMap<>();
        private final Map<List<Object>, Breach> breaches = new LinkedHashMap<>();

        Laying(List<Laid> writes, Map<Integer, CompiledRule> rules) {
            this.writes = writes;
            this.rules = rules;
            writes.forEach(write -> byKey.computeIfAbsent(write.dataset(), any -> new TreeMap<>())
                    .put(write.key(), write));
        }

        Told told() {
            if (!ask(rules)) {
                counts.clear();
                breaches.clear();
                rules.forEach((number, rule) -> {
                    if (!ask(Map.of(number, rule))) {
                        counts.remove(number);
                        stopAll(
                                rule,
                                "it could not be evaluated over live, so nothing says that this would not break it");
                    }
                });
            }
            if (!breaches.isEmpty()) {
                rounds++;
            }
            List<Simulated> simulated = new ArrayList<>();
            counts.forEach((number, count) -> simulated.add(new Simulated(
                    Objects.requireNonNull(rules.get(number)).id(), Simulated.Over.LIVE, count[0], count[1])));
            return new Told(writes, simulated, List.copyOf(breaches.values()));
        }

        /** Whether they could be asked. */
        private boolean ask(Map<Integer, CompiledRule> some) {
            Map<String, Frame> laid = new LinkedHashMap<>();
            datasets(some.values()).forEach(name -> laid.put(name, laid(name)));
            Retrospect retrospect = Retrospect.of(
                    workplace.session(),
                    workplace.workspace().datasets(),
                    laid,
                    List.of(WITHOUT, WITH),
                    workplace.clock().instant());
            try {
                for (String dataset : laid.keySet()) {
                    retrospect.accused(dataset, some).ifPresent(accused -> accused(dataset, accused, retrospect));
                }
            } catch (Exception e) {
                if (!Retrospect.isOfRule(e)) {
                    throw e;
                }
                return false;
            }
            some.keySet().forEach(number -> counts.computeIfAbsent(number, any -> new long[2]));
            return true;
        }

        /** Live, and live with the writes laid over it. */
        private Frame laid(String dataset) {
            Frame frame = Objects.requireNonNull(live.get(dataset));
            Map<Key, Laid> written = byKey.getOrDefault(dataset, Map.of());
            Column[] stored = Arrays.stream(frame.shape().stored().fieldNames())
                    .map(name -> col(Shape.quoted(name)))
                    .toArray(Column[]::new);
            Column both = array(lit(WITHOUT), lit(WITH));
            if (written.isEmpty()) {
                return new Frame(
                        frame.records().select(beside(explode(both).alias(Retrospect.MOMENT), stored)), frame.shape());
            }
            StructType type = Keys.type(spec(dataset), frame.shape());
            Column moments = when(col(WRITTEN).isNull(), both).otherwise(array(lit(WITHOUT)));
            Dataset<Row> before = frame.records()
                    .join(
                            written(dataset),
                            Keys.same(Sources.key(spec(dataset), frame.shape(), ""), col(WRITTEN), type),
                            "left_outer")
                    .select(beside(explode(moments).alias(Retrospect.MOMENT), stored));
            List<Row> rows = written.values().stream()
                    .flatMap(write -> Stream.ofNullable(write.desired()))
                    .map(frame.shape()::row)
                    .toList();
            Dataset<Row> after = workplace
                    .session()
                    .createDataFrame(rows, frame.shape().stored())
                    .select(beside(lit(WITH).alias(Retrospect.MOMENT), stored));
            return new Frame(before.unionAll(after), frame.shape());
        }

        private Column[] beside(Column moment, Column... stored) {
            return Stream.concat(Stream.of(moment), Arrays.stream(stored)).toArray(Column[]::new);
        }

        /** The keys of what is written, as {@link #WRITTEN}, each with its number among {@link #keys}. */
        private Dataset<Row> written(String dataset) {
            StructType type = Keys.type(spec(dataset), shape(dataset));
            List<Row> rows = new ArrayList<>();
            List<Key> keys = keys(dataset);
            for (int i = 0; i < keys.size(); i++) {
                int number = i;
                Keys.as(keys.get(i), type)
                        .ifPresent(typed -> rows.add(RowFactory.create(
                                number,
                                RowFactory.create(Keys.cells(typed, type).toArray()))));
            }
            return workplace
                    .session()
                    .createDataFrame(
                            rows,
                            new StructType()
                                    .add(NUMBER, DataTypes.IntegerType, false)
                                    .add(WRITTEN, type, true));
        }

        private List<Key> keys(String dataset) {
            return List.copyOf(byKey.getOrDefault(dataset, Map.of()).keySet());
        }

        private void accused(String dataset, Dataset<Row> accused, Retrospect retrospect) {
            Column moment = col(Retrospect.MOMENT);
            // A second element at fault is new beside a first that was.
            Dataset<Row> records = accused.groupBy(col(Retrospect.RULE), col(Retrospect.ACCUSED), col(Retrospect.OF))
                    .agg(
                            count_if(moment.equalTo(WITHOUT)).alias(WAS),
                            count_if(moment.equalTo(WITH)).alias(IS))
                    .groupBy(Retrospect.RULE, Retrospect.ACCUSED)
                    .agg(
                            max(col(IS).gt(col(WAS))).alias(NEW),
                            max(col(WAS).gt(0)).alias(WAS),
                            max(col(IS).gt(0)).alias(IS));
            Column isNew = col(NEW);
            for (Row row : records.groupBy(Retrospect.RULE)
                    .agg(count_if(col(WAS)), count_if(col(IS)), count_if(isNew))
                    .collectAsList()) {
                long[] count = counts.computeIfAbsent(row.getInt(0), any -> new long[2]);
                count[0] += row.getLong(1);
                count[1] += row.getLong(2);
                if (row.getLong(3) > 0) {
                    CompiledRule rule = Objects.requireNonNull(rules.get(row.getInt(0)));
                    Dataset<Row> fresh = records.where(
                                    isNew.and(col(Retrospect.RULE).equalTo(row.getInt(0))))
                            .select(Retrospect.ACCUSED);
                    stop(rule, dataset, fresh, row.getLong(3), retrospect);
                }
            }
        }

        private void stop(CompiledRule rule, String dataset, Dataset<Row> fresh, long records, Retrospect retrospect) {
            String others = "records of '%s' that are not written would break it".formatted(dataset);
            if (rounds >= ROUNDS) {
                stopAll(rule, others);
                return;
            }
            Set<Key> own = keys(dataset, fresh);
            own.forEach(key -> stop(rule, dataset, key, "this would break it, with all of the plan laid over live"));
            if (own.size() < records && !stopTogether(rule, dataset, fresh, others, retrospect) && own.isEmpty()) {
                stopAll(rule, others);
            }
        }

        /** Stops what is brought together with those records; false if nothing is. */
        private boolean stopTogether(
                CompiledRule rule, String dataset, Dataset<Row> fresh, String why, Retrospect retrospect) {
            List<Retrospect.Together> together = retrospect.together(rule);
            StructType type =
                    (StructType) fresh.schema().apply(Retrospect.ACCUSED).dataType();
            Dataset<Row> accused = fresh.select(col(Retrospect.ACCUSED).alias("_fresh"));
            boolean stopped = false;
            for (Retrospect.Together of : together) {
                if (!of.dataset().equals(dataset)) {
                    continue;
                }
                Dataset<Row> groups = of.rows()
                        .join(accused, Keys.same(col(Retrospect.ACCUSED), col("_fresh"), type), "left_semi")
                        .select(col(Retrospect.GROUP).alias("_group"))
                        .distinct();
                for (Retrospect.Together other : together) {
                    Dataset<Row> rows = other.rows()
                            .join(groups, col(Retrospect.GROUP).equalTo(col("_group")), "left_semi")
                            .select(Retrospect.ACCUSED)
                            .distinct();
                    for (Key key : keys(other.dataset(), rows)) {
                        stop(rule, other.dataset(), key, why);
                        stopped = true;
                    }
                }
            }
            return stopped;
        }

        /** Which of these records are written; no more than there are writes. */
        private Set<Key> keys(String dataset, Dataset<Row> records) {
            Set<Key> found = new HashSet<>();
            if (byKey.containsKey(dataset)) {
                List<Key> keys = keys(dataset);
                StructType type = Keys.type(spec(dataset), shape(dataset));
                records.join(written(dataset), Keys.same(col(Retrospect.ACCUSED), col(WRITTEN), type))
                        .select(NUMBER)
                        .distinct()
                        .collectAsList()
                        .forEach(row -> found.add(keys.get(row.getInt(0))));
            }
            return found;
        }

        private void stopAll(CompiledRule rule, String why) {
            writes.stream()
                    .filter(write -> touches(write, rule))
                    .forEach(write -> stop(rule, write.dataset(), write.key(), why));
        }

        private void stop(CompiledRule rule, String dataset, Key key, String why) {
            breaches.putIfAbsent(
                    List.of(dataset, key),
                    new Breach(
                            Conflict.Type.UNSAFE_MERGE, dataset, key, "rule '%s': %s".formatted(rule.id(), why), null));
        }
    }
}
