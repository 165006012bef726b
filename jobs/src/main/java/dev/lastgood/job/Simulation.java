package dev.lastgood.job;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import dev.lastgood.audit.Auditor;
import dev.lastgood.audit.Measure;
import dev.lastgood.audit.Retrospect;
import dev.lastgood.capture.SnapshotReader;
import dev.lastgood.diff.SchemaChange;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.restore.Action;
import dev.lastgood.restore.Conflict;
import dev.lastgood.restore.Relations;
import dev.lastgood.restore.Simulated;
import dev.lastgood.restore.Step;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.CatalogState;
import dev.lastgood.snapshot.Snapshot;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.snapshot.StoreUnavailable;
import dev.lastgood.snapshot.UnusableEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.source.Misread;
import dev.lastgood.source.SourceUnreadable;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * What all relations of the rules say of live with all the writes laid over it, against what they say of live: asked once
 * nothing is left that {@link LiveRelations} finds by looking at a few values, and of a run as a whole after its canary and at
 * its end. Live is read once, a record that is not written standing in it twice, so that what others write meanwhile accuses
 * nobody.
 *
 * <p>A record that is accused with the writes and not without them stops the write of it. If it is not written itself, it stops
 * the writes of what the relation brings together with it; if it cannot be told what that is, all writes that touch the relation:
 * so does a metric, which accuses no record. A rule that cannot be evaluated stops all writes that touch it; live that cannot be
 * read ends the planning.
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
    private final Then then;
    private final List<CompiledRule> relations;
    private final Map<String, Frame> opened = new HashMap<>();
    private @Nullable Told told;
    private int rounds;

    /**
     * What rules compare live with.
     *
     * @param baseline the datasets as they were, as far as there is a baseline of them; each is opened when a rule needs it
     * @param gone those of which an audit had a baseline that is no more
     * @param history numbers of metrics
     */
    record Then(Map<String, Supplier<Frame>> baseline, Set<String> gone, Auditor.History history) {
        static final Then UNKNOWN = new Then(Map.of(), Set.of(), Auditor.History.NONE);

        Then {
            baseline = Map.copyOf(baseline);
            gone = Set.copyOf(gone);
        }

        /** What an audit compared with. */
        static Then of(Workplace workplace, CatalogState.Audit audit, CatalogState state, Map<String, Frame> live) {
            Map<String, Supplier<Frame>> baseline = new HashMap<>();
            Set<String> gone = new HashSet<>();
            live.forEach((name, now) -> {
                SnapshotId id = audit.baseline().get(name);
                if (id != null) {
                    state.snapshots(name).stream()
                            .filter(one -> one.id().equals(id))
                            .findFirst()
                            .ifPresentOrElse(
                                    one -> baseline.put(name, () -> captured(workplace, one, now)),
                                    () -> gone.add(name));
                }
            });
            List<CatalogState.Audit> earlier = state.audits().stream()
                    .filter(one -> one.at().isBefore(audit.at()))
                    .toList();
            return new Then(baseline, gone, new EarlierAudits(workplace.store(), earlier));
        }

        /** Where nobody knows any more what an audit compared with. */
        static Then lost(Set<String> datasets) {
            return new Then(Map.of(), datasets, Auditor.History.NONE);
        }

        private static Frame captured(Workplace workplace, Snapshot snapshot, Frame live) {
            DatasetSpec dataset =
                    workplace.workspace().dataset(snapshot.dataset()).orElseThrow();
            Frame captured = new SnapshotReader(workplace.session(), workplace.store())
                    .frame(dataset, snapshot.manifest(workplace.store()), workplace.sources());
            return SchemaChange.align(dataset, captured, live).before();
        }
    }

    /** @param few asked first, about what takes no pass over live */
    Simulation(Workplace workplace, Map<String, Frame> live, Relations few, Then then) {
        this.workplace = workplace;
        this.live = Map.copyOf(live);
        this.few = few;
        this.then = then;
        Map<String, Shape> shapes = new HashMap<>();
        live.forEach((name, frame) -> shapes.put(name, frame.shape()));
        Problems problems = new Problems();
        this.relations = new RuleCompiler(
                        workplace.workspace().datasets(),
                        shapes,
                        workplace.clock().instant(),
                        problems)
                        .compile(workplace.workspace().rules().rules().stream()
                                .filter(rule -> shapes.keySet().containsAll(RuleCompiler.reaches(rule)))
                                .toList())
                        .stream()
                        .filter(rule -> rule.kind() == CompiledRule.Kind.RELATION)
                        .toList();
        problems.throwIfErrors();
    }

    /** The datasets whose baseline has been read. */
    Set<String> compared() {
        return Set.copyOf(opened.keySet());
    }

    /** The datasets whose baseline a rule compares with. */
    private static Set<String> comparedBy(Rule rule) {
        Set<String> compared = new TreeSet<>();
        if (rule.constraint() instanceof Constraint.Explained
                || (rule.constraint() instanceof Constraint.Metric metric && metric.vsBaseline() != null)) {
            compared.add(rule.dataset());
            compared.addAll(RuleCompiler.reaches(rule));
        }
        return compared;
    }

    /** Why a rule cannot be asked any more though an audit could ask it. */
    private Optional<String> lost(CompiledRule rule) {
        return comparedBy(rule.rule()).stream()
                .filter(then.gone()::contains)
                .findFirst()
                .map("the baseline of '%s' that its audit compared with is gone"::formatted);
    }

    /** Whether a rule asks about changes only, and there is nothing they could be changes from. */
    private boolean isOfNoChange(CompiledRule rule) {
        return rule.rule().constraint() instanceof Constraint.Explained
                && !then.baseline().keySet().containsAll(comparedBy(rule.rule()));
    }

    /** What there is of what the rules compare with. */
    private Map<String, Frame> baseline(Collection<CompiledRule> rules) {
        Map<String, Frame> baseline = new HashMap<>();
        for (CompiledRule rule : rules) {
            for (String name : comparedBy(rule.rule())) {
                Supplier<Frame> opener = then.baseline().get(name);
                if (opener != null) {
                    baseline.put(name, opened.computeIfAbsent(name, any -> opener.get()));
                }
            }
        }
        return baseline;
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

    @Override
    public boolean concerns(Step step) {
        Set<String> fields = new HashSet<>();
        step.paths().forEach(path -> fields.add(path.root()));
        return relations.stream().anyMatch(rule -> mayTouch(step, fields, rule));
    }

    private static boolean mayTouch(Step step, Set<String> fields, CompiledRule rule) {
        return RuleCompiler.reaches(rule.rule()).contains(step.dataset())
                || (rule.rule().dataset().equals(step.dataset())
                        && (step.action() != Action.UPDATE || isOfFields(rule, fields)));
    }

    private static boolean isOfFields(CompiledRule rule, Set<String> fields) {
        return rule.rule().constraint() instanceof Constraint.Query
                || rule.reads().stream().map(FieldPath::root).anyMatch(fields::contains);
    }

    @Override
    public List<Broken> broken(List<Laid> writes) {
        Map<Integer, CompiledRule> touched = touched(writes);
        return touched.isEmpty() ? List.of() : new Laying(writes, touched).broken();
    }

    private Told told(List<Laid> writes) {
        Told before = told;
        if (before != null && before.writes().equals(writes)) {
            return before;
        }
        Map<Integer, CompiledRule> touched = touched(writes);
        Told now = touched.isEmpty() ? new Told(writes, List.of(), List.of()) : new Laying(writes, touched).told();
        told = now;
        return now;
    }

    private Map<Integer, CompiledRule> touched(List<Laid> writes) {
        Map<Integer, CompiledRule> touched = new TreeMap<>();
        for (int number = 0; number < relations.size(); number++) {
            CompiledRule rule = relations.get(number);
            if (writes.stream().anyMatch(write -> touches(write, rule))) {
                touched.put(number, rule);
            }
        }
        return touched;
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
        return before == null || after == null || isOfFields(rule, changed(before, after));
    }

    private static Set<String> changed(Image before, Image after) {
        Set<String> fields = new HashSet<>(before.fields().keySet());
        fields.addAll(after.fields().keySet());
        fields.removeIf(field -> Objects.equals(before.field(field), after.field(field)));
        return fields;
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

    /**
     * What is newly broken.
     *
     * @param accused the keys of the records of the dataset; null: it is no record
     * @param records how many; one of a number
     */
    private record Newly(
            String dataset,
            @Nullable Dataset<Row> accused,
            long records,
            @Nullable Retrospect retrospect) {}

    /** Told what is newly broken of a rule. */
    private interface Fresh {
        void accept(CompiledRule rule, Newly newly);
    }

    /** One set of writes, laid over live. */
    private final class Laying {
        private final List<Laid> writes;
        private final Map<Integer, CompiledRule> rules;
        private final Map<String, Map<Key, Laid>> byKey = new HashMap<>();
        private final Map<String, Frame> laid = new LinkedHashMap<>();
        private final Map<Integer, long[]> counts = new TreeMap<>();
        private final Map<Integer, String> open = new HashMap<>();
        private final Map<List<Object>, Breach> breaches = new LinkedHashMap<>();

        Laying(List<Laid> writes, Map<Integer, CompiledRule> rules) {
            this.writes = writes;
            this.rules = rules;
            writes.forEach(write -> byKey.computeIfAbsent(write.dataset(), any -> new TreeMap<>())
                    .put(write.key(), write));
        }

        Told told() {
            return read(this::stopped);
        }

        private Told stopped() {
            Map<Integer, CompiledRule> asked = new TreeMap<>(rules);
            asked.values().removeIf(rule -> lost(rule).isPresent() || isOfNoChange(rule));
            try {
                ask(asked, this::stop);
            } catch (Exception all) {
                rethrown(all, asked.values());
                counts.clear();
                open.clear();
                breaches.clear();
                asked.forEach((number, rule) -> {
                    try {
                        ask(Map.of(number, rule), this::stop);
                    } catch (Exception one) {
                        rethrown(one, List.of(rule));
                        counts.remove(number);
                        stopAll(
                                rule,
                                "it could not be evaluated over live, so nothing says that this would not break it");
                    }
                });
            }
            rules.forEach((number, rule) -> {
                Optional<String> lost = lost(rule);
                if (lost.isPresent()) {
                    stopAll(rule, lost.get() + ", so nothing says that this would not break it");
                } else if (isOfNoChange(rule)) {
                    counts.put(number, new long[2]);
                    open.put(number, "there is no baseline to compare with");
                }
            });
            if (!breaches.isEmpty()) {
                rounds++;
            }
            List<Simulated> simulated = new ArrayList<>();
            counts.forEach((number, count) -> simulated.add(new Simulated(
                    rule(number).id(), Simulated.Over.LIVE, count[0], count[1], open.getOrDefault(number, ""))));
            return new Told(writes, simulated, List.copyOf(breaches.values()));
        }

        List<Broken> broken() {
            return read(() -> {
                List<Broken> broken = new ArrayList<>();
                rules.forEach((number, rule) -> {
                    lost(rule).ifPresent(why -> {
                        throw new SourceUnreadable("rule '%s' cannot be asked of live: %s".formatted(rule.id(), why));
                    });
                    if (isOfNoChange(rule)) {
                        return;
                    }
                    try {
                        ask(Map.of(number, rule), (of, newly) -> broken.add(new Broken(of.id(), newly.records())));
                    } catch (Exception e) {
                        rethrown(e, List.of(rule));
                        throw unreadable(List.of(rule), e);
                    }
                });
                return broken;
            });
        }

        /** Each dataset is read once, when it is first asked for: all rules see the same of it, with and without the writes. */
        private <T> T read(Supplier<T> asking) {
            try {
                datasets(rules.values()).forEach(name -> {
                    Frame frame = laid(name);
                    laid.put(name, new Frame(frame.records().persist(StorageLevel.DISK_ONLY()), frame.shape()));
                });
                return asking.get();
            } finally {
                laid.values().forEach(frame -> frame.records().unpersist());
            }
        }

        /** What is not the rule's own fault is the world's, and says nothing of any step. */
        private void rethrown(Exception failure, Collection<CompiledRule> asked) {
            if (failure instanceof RuntimeException ours
                    && (ours instanceof IllegalStateException
                            || ours instanceof SourceUnreadable
                            || ours instanceof UnusableEntry
                            || ours instanceof StoreUnavailable)) {
                throw ours;
            }
            if (!Retrospect.isOfRule(failure)) {
                throw unreadable(asked, failure);
            }
        }

        /** What Spark or a driver says may repeat a value; of that there is only what kind of thing it is. */
        private static SourceUnreadable unreadable(Collection<CompiledRule> asked, Exception failure) {
            String names = asked.stream().map(CompiledRule::id).collect(Collectors.joining("', '"));
            String why = Misread.of(failure)
                    .map(found -> String.valueOf(found.getMessage()))
                    .orElseGet(() -> "%s (%s)"
                            .formatted(
                                    Retrospect.isOfRule(failure)
                                            ? "the rule cannot be evaluated"
                                            : "live cannot be read",
                                    SourceUnreadable.kind(failure)));
            return new SourceUnreadable(
                    "%s '%s' could not be asked of live with the plan laid over it: %s"
                            .formatted(asked.size() == 1 ? "rule" : "rules", names, why),
                    "Run it again once live can be read; -v shows what the source says.",
                    failure);
        }

        private CompiledRule rule(int number) {
            return Objects.requireNonNull(rules.get(number));
        }

        private void ask(Map<Integer, CompiledRule> some, Fresh fresh) {
            if (some.isEmpty()) {
                return;
            }
            Map<String, Frame> frames = new LinkedHashMap<>();
            datasets(some.values()).forEach(name -> frames.put(name, Objects.requireNonNull(laid.get(name))));
            Retrospect retrospect = Retrospect.of(
                            workplace.session(),
                            workplace.workspace().datasets(),
                            frames,
                            List.of(WITHOUT, WITH),
                            workplace.clock().instant())
                    .since(baseline(some.values()));
            some.keySet().forEach(number -> counts.computeIfAbsent(number, any -> new long[2]));
            Map<Integer, CompiledRule> accusing = new TreeMap<>(some);
            accusing.values().removeIf(rule -> rule.rule().constraint() instanceof Constraint.Metric);
            for (String dataset : frames.keySet()) {
                retrospect
                        .accused(dataset, accusing)
                        .ifPresent(accused -> accused(dataset, accused, retrospect, fresh));
            }
            some.forEach((number, rule) -> {
                if (!accusing.containsKey(number)) {
                    measured(number, retrospect.measured(rule, then.history()), fresh);
                }
            });
        }

        /** A number accuses no record: it is all or nothing. */
        private void measured(int number, Map<Integer, Measure> measured, Fresh fresh) {
            Measure without = Objects.requireNonNull(measured.get(WITHOUT));
            Measure with = Objects.requireNonNull(measured.get(WITH));
            counts.put(number, new long[] {without.isBroken() ? 1 : 0, with.isBroken() ? 1 : 0});
            if (!with.open().isEmpty()) {
                open.put(number, String.join("; ", with.open()));
            }
            // That it was broken by the damage is no leave to break it otherwise.
            if (!without.breaches().containsAll(with.breaches())) {
                fresh.accept(rule(number), new Newly(rule(number).rule().dataset(), null, 1, null));
            }
        }

        /** Live without the writes, and live with them laid over it. */
        private Frame laid(String dataset) {
            Frame frame = Objects.requireNonNull(live.get(dataset));
            Map<Key, Laid> written = byKey.getOrDefault(dataset, Map.of());
            Column[] stored = Arrays.stream(frame.shape().stored().fieldNames())
                    .map(name -> col(Shape.quoted(name)))
                    .toArray(Column[]::new);
            Dataset<Row> rest = frame.records();
            if (!written.isEmpty()) {
                StructType type = Keys.type(spec(dataset), frame.shape());
                rest = rest.join(
                        written(dataset),
                        Keys.same(Sources.key(spec(dataset), frame.shape(), ""), col(WRITTEN), type),
                        "left_anti");
            }
            Column both = explode(array(lit(WITHOUT), lit(WITH)));
            Dataset<Row> all = rest.select(beside(both.alias(Retrospect.MOMENT), stored));
            if (!written.isEmpty()) {
                all = all.unionAll(images(frame.shape(), WITHOUT, written.values(), Laid::live, stored))
                        .unionAll(images(frame.shape(), WITH, written.values(), Laid::desired, stored));
            }
            return new Frame(all, frame.shape());
        }

        private Dataset<Row> images(
                Shape shape,
                int moment,
                Collection<Laid> written,
                Function<Laid, @Nullable Image> image,
                Column... stored) {
            List<Row> rows = written.stream()
                    .flatMap(write -> Stream.ofNullable(image.apply(write)))
                    .map(shape::row)
                    .toList();
            return workplace
                    .session()
                    .createDataFrame(rows, shape.stored())
                    .select(beside(lit(moment).alias(Retrospect.MOMENT), stored));
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

        private void accused(String dataset, Dataset<Row> accused, Retrospect retrospect, Fresh fresh) {
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
                    Dataset<Row> those = records.where(
                                    isNew.and(col(Retrospect.RULE).equalTo(row.getInt(0))))
                            .select(Retrospect.ACCUSED);
                    fresh.accept(rule(row.getInt(0)), new Newly(dataset, those, row.getLong(3), retrospect));
                }
            }
        }

        private void stop(CompiledRule rule, Newly newly) {
            String dataset = newly.dataset();
            Dataset<Row> fresh = newly.accused();
            Retrospect retrospect = newly.retrospect();
            if (fresh == null || retrospect == null) {
                stopAll(rule, "this would break it, with all of the plan laid over live");
                return;
            }
            String others = "records of '%s' that are not written would break it".formatted(dataset);
            if (rounds >= ROUNDS) {
                stopAll(rule, others);
                return;
            }
            Set<Key> own = keys(dataset, fresh);
            own.forEach(key -> stop(rule, dataset, key, "this would break it, with all of the plan laid over live"));
            if (own.size() < newly.records()
                    && !stopTogether(rule, dataset, fresh, others, retrospect)
                    && own.isEmpty()) {
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
