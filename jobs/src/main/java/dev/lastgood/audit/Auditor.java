package dev.lastgood.audit;

import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static dev.lastgood.judge.CompiledRule.AFTER;
import static dev.lastgood.judge.CompiledRule.BEFORE;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.diff.Pairs;
import dev.lastgood.diff.Probe;
import dev.lastgood.diff.Strategy;
import dev.lastgood.diff.ThinDamaged;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.Codes;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.FitsType;
import dev.lastgood.judge.Share;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import dev.lastgood.rule.Accepted;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.SnapshotId;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.ReadPaths;
import dev.lastgood.spark.Reason;
import dev.lastgood.spark.Shape;
import dev.lastgood.spark.Together;
import dev.lastgood.workspace.Comparisons;
import dev.lastgood.workspace.DatasetSpec;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Runs an audit: one pass over each dataset writes a stage (hashes, codes of the rules, tuples of the relations); all counts,
 * joins and relations read the stage; full records are fetched only for keys that changed or are accused, and judged again
 * on what was fetched. Nothing of a result comes from an accumulator or a cache.
 */
public final class Auditor {
    /** The part of the folder that nobody needs once the audit has run. */
    public static final String WORK = "work";

    /** The column of the stage that holds the codes of the rules about single records. */
    private static final String CODES = "_codes";

    private static final String PAIR_CODES = "_pair_codes";

    /** Violations, errors, pre-existing ones, accepted ones, those that are one of both. */
    private static final int COUNTS = 5;

    private final SparkSession session;
    private final String folder;
    private final Instant now;
    private final History history;
    private final Map<String, Strategy> strategies = new HashMap<>();
    private final Map<String, Strategy> taken = new HashMap<>();
    private final Map<String, Told.Line> lines = new HashMap<>();
    private final Map<String, Strategy.Kept> kept = new HashMap<>();
    private final Map<String, String> distrusted = new LinkedHashMap<>();

    /** Numbers of metrics in earlier audits. */
    public interface History {
        History NONE = (rule, last) -> List.of();

        /** The newest first, at most so many. */
        List<BigDecimal> values(Rule rule, int last);
    }

    /**
     * @param folder a fresh folder for stage and records, as a URI
     * @param now the time of the audit
     */
    public Auditor(SparkSession session, String folder, Instant now, History history) {
        this.session = session;
        this.folder = folder;
        this.now = now;
        this.history = history;
    }

    /** From now on datasets without rules are compared in these ways, as far as they turn out to do. */
    public Auditor comparing(Map<String, Strategy> ways) {
        strategies.putAll(ways);
        return this;
    }

    /**
     * From now on the hashes that baselines have kept, of what is no less than all of a record, tell which records of these
     * datasets changed; else those of the baseline are made in a scan of it, and joined.
     */
    public Auditor holding(Map<String, Strategy.Kept> ofBaselines) {
        kept.putAll(ofBaselines);
        return this;
    }

    /** By dataset what is wrong with the hashes its baseline has kept, which were not used. */
    public Map<String, String> distrusted() {
        return Map.copyOf(distrusted);
    }

    /**
     * From now on what differs of datasets without rules is {@linkplain Findings#told told} and not kept, unless others write
     * to them meanwhile: then it is to be read again, and what was found is needed for that.
     */
    public Auditor telling(Map<String, Told.Line> ofDatasets) {
        lines.putAll(ofDatasets);
        return this;
    }

    /** How datasets were compared at last, of those that were told how to. */
    public Map<String, Strategy> compared() {
        return Map.copyOf(taken);
    }

    /**
     * How one dataset came out. Without a baseline nothing is added, removed, changed or unchanged.
     *
     * @param added keys, as removed and changed are; of a key with several records all of them are one
     * @param unchanged records of keys none of whose records is another
     * @param shared keys that several records have now, among those that changed or are accused
     */
    public record DatasetTally(
            String name,
            long before,
            long after,
            long added,
            long removed,
            long changed,
            long unchanged,
            long shared) {}

    /**
     * How one rule came out, as counts.
     *
     * @param examined records it was about and could look at
     * @param violations findings, one a record or element; of a metric 1 if it breaks a bound
     * @param errors records on which it could not be evaluated
     * @param preExisting violations that were there in the baseline
     * @param accepted violations that somebody has accepted
     * @param known violations that were there in the baseline or are accepted
     * @param measure of a metric
     * @param failure why it could not be evaluated at all; null if it could
     */
    public record RuleTally(
            CompiledRule rule,
            long examined,
            long violations,
            long errors,
            long preExisting,
            long accepted,
            long known,
            @Nullable Measure measure,
            @Nullable String failure) {}

    /**
     * What an audit found.
     *
     * @param records by dataset, where its {@link Records} lie; not of those that are told
     * @param told by dataset of which it was wanted so
     * @param unsettled by rule the records that broke it at some readings and not at others, and were never left alone in
     *     between; they are no violations
     * @param followed what was taken over from an earlier audit
     */
    public record Findings(
            List<DatasetTally> datasets,
            List<RuleTally> rules,
            Map<String, String> records,
            Map<String, Told> told,
            Map<String, Long> unsettled,
            Followed followed) {}

    /**
     * What an audit may go on from, and whether one can go on from it.
     *
     * @param folder of the earlier audit, as a URI; empty without one
     * @param stages what it left, by dataset
     * @param timed the rules that may say something else of the same records at another time
     * @param left is told of each stage that this audit leaves as soon as it is written; null if it leaves none
     */
    public record Since(
            String folder,
            Map<String, Stage> stages,
            Set<String> timed,
            @Nullable BiConsumer<String, Stage> left) {
        /** Everything is judged, and nothing is left behind. */
        public static final Since NOTHING = new Since("", Map.of(), Set.of(), null);

        public Since {
            stages = Map.copyOf(stages);
            timed = Set.copyOf(timed);
        }

        boolean keeps() {
            return left != null;
        }
    }

    /**
     * What came of going on from an earlier audit.
     *
     * @param judged by dataset that was not judged whole how many keys were, whose records are others than they were
     * @param narrowed relations that were asked only of the groups in which records changed
     * @param stages what is left behind, by dataset
     */
    public record Followed(Map<String, Long> judged, Set<String> narrowed, Map<String, Stage> stages) {}

    /** The sides after as they are some time later. */
    public interface Later {
        /** Nobody writes to what is audited. */
        Later SAME = new Later() {
            @Override
            public boolean moves(DatasetSpec dataset) {
                return false;
            }

            @Override
            public int most(DatasetSpec dataset) {
                return 0;
            }

            @Override
            public Frame of(Side side, @Nullable List<Key> keys) {
                return side.after();
            }

            @Override
            public void await() {
                // What does not move need not be waited for.
            }
        };

        /** Whether others may write to it. */
        boolean moves(DatasetSpec dataset);

        /** How many records of it are read by their keys. */
        int most(DatasetSpec dataset);

        /**
         * The side after as it is when it is read, with the shape it had.
         *
         * @param keys it may hold more than the records with these; null: all
         */
        Frame of(Side side, @Nullable List<Key> keys);

        /** Returns when something that was in the middle of being written when it was last read should be done. */
        void await();
    }

    /** A dataset, its rules, and the references of other datasets to it, which may blame a record that is missing. */
    private final class Subject {
        final Side side;
        final List<CompiledRule> own = new ArrayList<>();
        final List<CompiledRule> children = new ArrayList<>();
        final List<Shares.Of> given = new ArrayList<>();
        Dataset<Row> stage;
        Probe.@Nullable Candidates candidates;

        @Nullable
        Told told;

        /** What the rows of the stage depend on beside the records. */
        String identity = "";

        @Nullable
        Carried carried;

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

        String atWork(String part) {
            return at(WORK + "/" + part);
        }

        /** Those of which a record on its own says something, in the order in which the stage holds their codes. */
        List<CompiledRule> staged() {
            return own.stream()
                    .filter(rule -> rule.kind() != CompiledRule.Kind.PAIR)
                    .toList();
        }

        /** Those about pairs that are not about all of them, in the order in which the stage holds their codes. */
        List<CompiledRule> conditional() {
            return own.stream().filter(CompiledRule::isConditional).toList();
        }

        /** Those whose records are counted again where they changed, in the order of their codes. */
        List<CompiledRule> recounted() {
            return own.stream().filter(CompiledRule::isRecounted).toList();
        }

        int number(CompiledRule rule) {
            return own.indexOf(rule);
        }

        /** Of a reference to this dataset; one of its own has two numbers, for its records are children and parents. */
        int numberAsParent(CompiledRule rule) {
            return own.size() + children.indexOf(rule);
        }

        /** By number; first those of its own. */
        List<CompiledRule> rules() {
            List<CompiledRule> all = new ArrayList<>(own);
            all.addAll(children);
            return all;
        }

        /** Called by the threads that relate. */
        synchronized void accuse(Dataset<Row> accused, int rule) {
            accusations.add(accused.select(
                    col(KEY_HASH),
                    col(KEY),
                    struct(
                                    lit(rule).alias("rule"),
                                    lit(false).alias("staged"),
                                    col(Accusations.CODE).alias("code"),
                                    col(Accusations.AT).alias("at"),
                                    col(Accusations.DETAIL).alias("detail"),
                                    col(Accusations.WAS).alias("was"))
                            .cast(Records.ACCUSATION)
                            .alias("_accusation")));
        }

        /** The columns of the stage that hold the keys of shares, by what they are alike in. */
        final Map<String, String> together = new LinkedHashMap<>();

        /** The columns of the stage that hold what records give to relations. */
        List<Column> shares() {
            List<Column> columns = new ArrayList<>();
            for (Shares.Of of : given) {
                Share share = of.share();
                Column key = share.key();
                String alike = share.alike().isEmpty() ? of.rule().id() + " " + of.number() : share.alike();
                if (key != null && !together.containsKey(alike)) {
                    together.put(alike, "_g" + together.size());
                    columns.add(key.alias(togetherOf(of)));
                }
                columns.add(share.value().alias(valueOf(of)));
            }
            return columns;
        }

        String togetherOf(Shares.Of of) {
            String alike = of.share().alike();
            return Objects.requireNonNull(
                    together.get(alike.isEmpty() ? of.rule().id() + " " + of.number() : alike));
        }

        String valueOf(Shares.Of of) {
            return "_s" + given.indexOf(of);
        }
    }

    /** Audits the sides by the rules, which are compiled against the shapes of the sides after. */
    public Findings run(List<Side> sides, List<CompiledRule> rules) {
        return run(sides, rules, Later.SAME);
    }

    /** The same, where what is found in sides that move counts only if it is found again. */
    public Findings run(List<Side> sides, List<CompiledRule> rules, Later later) {
        return run(sides, rules, later, Since.NOTHING);
    }

    /**
     * The same, where what an earlier audit has found is taken over of records that are as they were. Comes to the same as
     * judging everything.
     */
    public Findings run(List<Side> sides, List<CompiledRule> rules, Later later, Since since) {
        Map<String, Subject> subjects = subjects(sides, rules);
        Predicate<Subject> again =
                subject -> later.moves(subject.dataset()) && subject.dataset().hasKey();
        for (Subject subject : subjects.values()) {
            if (lines.containsKey(subject.name()) && subject.rules().isEmpty() && !again.test(subject)) {
                subject.told = Told.nothing(session);
            }
        }
        Related related =
                read(subjects, since, subject -> again.test(subject) ? subject.atWork("found") : subject.at("records"));
        Followed followed = followed(subjects, related, since);
        Map<String, String> records = new LinkedHashMap<>();
        Map<String, Long> unsettled = new HashMap<>();
        Map<String, Told> told = new LinkedHashMap<>();
        for (Subject subject : subjects.values()) {
            if (subject.told == null) {
                records.put(subject.name(), subject.at("records"));
            } else {
                told.put(subject.name(), subject.told);
            }
        }
        List<Settling.Open> open = subjects.values().stream()
                .filter(again)
                .map(subject -> new Settling.Open(subject.side, subject.atWork("found"), subject.at("records")))
                .toList();
        if (!open.isEmpty()) {
            unsettled.putAll(new Settling(
                            session,
                            folder + "/" + WORK,
                            sides,
                            rules,
                            later,
                            datasets -> digests(subjects, datasets),
                            this::again)
                    .settle(open));
        }
        return tally(subjects, records, told, related, unsettled, followed);
    }

    private static Followed followed(Map<String, Subject> subjects, Related related, Since since) {
        Map<String, Long> judged = new LinkedHashMap<>();
        Map<String, Stage> stages = new LinkedHashMap<>();
        subjects.forEach((name, subject) -> {
            if (subject.carried != null) {
                judged.put(name, subject.carried.judged());
            }
            if (since.keeps()) {
                Set<String> silent = subject.own.stream()
                        .map(CompiledRule::id)
                        .filter(related.silent()::contains)
                        .collect(Collectors.toSet());
                stages.put(name, new Stage(subject.identity, baseline(subject.side), silent));
            }
        });
        return new Followed(judged, Set.copyOf(related.narrowed()), stages);
    }

    /** The records that differ or are at fault, by dataset, read and judged in a folder of their own. */
    private Settling.Read again(String at, List<Side> sides, List<CompiledRule> rules, Set<String> whole) {
        Auditor again = new Auditor(session, at, now, history);
        Map<String, Subject> subjects = again.subjects(sides, rules);
        Related related = again.read(subjects, Since.NOTHING, subject -> subject.at("records"));
        Map<String, String> records = new LinkedHashMap<>();
        subjects.values().forEach(subject -> records.put(subject.name(), subject.at("records")));
        return new Settling.Read(records, Set.copyOf(related.failures().keySet()), digests(subjects, whole));
    }

    /** What tells two stages of a dataset apart. */
    private static Map<String, String> digests(Map<String, Subject> subjects, Set<String> datasets) {
        Map<String, String> digests = new HashMap<>();
        Column record = xxhash64(col(KEY_HASH), col(Fingerprint.CONTENT_1), col(Fingerprint.CONTENT_2));
        for (Subject subject : subjects.values()) {
            if (datasets.contains(subject.name())) {
                Row row = subject.stage
                        .agg(count(lit(1)), bit_xor(record), sum(pmod(record, lit(1L << 32))))
                        .head();
                digests.put(subject.name(), row.mkString(" "));
            }
        }
        return digests;
    }

    /** One pass over each dataset, the relations, and the records that differ or are accused, in full. */
    private Related read(Map<String, Subject> subjects, Since since, Function<Subject, String> records) {
        for (Subject subject : childrenFirst(subjects)) {
            if (!isProbed(subject)) {
                stage(subject, subjects, since);
            }
        }
        Related related = relate(subjects, since);
        subjects.values().forEach(subject -> examine(subject, since, records.apply(subject)));
        return related;
    }

    private Map<String, Subject> subjects(List<Side> sides, List<CompiledRule> rules) {
        Map<String, Subject> subjects = new LinkedHashMap<>();
        sides.forEach(side -> subjects.put(side.dataset().name(), new Subject(side)));
        for (CompiledRule rule : rules) {
            Optional.ofNullable(subjects.get(rule.rule().dataset())).ifPresent(subject -> subject.own.add(rule));
        }
        for (CompiledRule rule : rules) {
            if (rule.kind() == CompiledRule.Kind.RELATION) {
                others(rule, subjects).forEach(other -> other.children.add(rule));
                List<Share> shares = rule.related().shares();
                for (int i = 0; i < shares.size(); i++) {
                    subject(shares.get(i).dataset(), subjects).given.add(new Shares.Of(rule, i));
                }
            }
        }
        return subjects;
    }

    /** Of the datasets a relation looks at beside its own, those whose records it may accuse. */
    private static List<Subject> others(CompiledRule rule, Map<String, Subject> subjects) {
        Constraint constraint = rule.rule().constraint();
        boolean accuses = constraint instanceof Constraint.Reference || constraint instanceof Constraint.Reconcile;
        return accuses ? List.of(subject(rule.related().shares().get(1).dataset(), subjects)) : List.of();
    }

    private static Subject subject(String dataset, Map<String, Subject> subjects) {
        Subject subject = subjects.get(dataset);
        if (subject == null) {
            throw new IllegalStateException("dataset '%s' is not part of the audit".formatted(dataset));
        }
        return subject;
    }

    /**
     * A record that comes with its parent between two stages is then missed, and not taken for an orphan; and one that goes
     * with its parent is gone when it is fetched.
     */
    private static Collection<Subject> childrenFirst(Map<String, Subject> subjects) {
        Set<Subject> ordered = new LinkedHashSet<>();
        Set<Subject> begun = new HashSet<>();
        subjects.values().forEach(subject -> after(subject, subjects, begun, ordered));
        return ordered;
    }

    private static void after(
            Subject subject, Map<String, Subject> subjects, Set<Subject> begun, Set<Subject> ordered) {
        if (!begun.add(subject)) {
            return;
        }
        subject.given.forEach(
                of -> Optional.ofNullable(subjects.get(of.rule().rule().dataset()))
                        .ifPresent(other -> after(other, subjects, begun, ordered)));
        ordered.add(subject);
    }

    // ---- without rules

    /** Whether what differs was found by hashes in memory. Where no rule asks, there is nothing to stage. */
    private boolean isProbed(Subject subject) {
        Strategy strategy = strategies.get(subject.name());
        Frame before = subject.side.before();
        if (strategy == null || before == null) {
            return false;
        }
        if (!subject.rules().isEmpty() || !subject.given.isEmpty()) {
            strategy = strategy.instead(Strategy.Way.JOIN, "rules are asked of every record");
        }
        while (strategy.way() != Strategy.Way.JOIN) {
            String at = subject.atWork(strategy.way().text());
            try {
                subject.candidates =
                        new Probe(session, at).candidates(subject.dataset(), strategy, before, subject.side.after());
                taken.put(subject.name(), strategy);
                return true;
            } catch (ThinDamaged e) {
                strategy = strategy.way() == Strategy.Way.KEPT
                        ? strategy.instead(
                                Strategy.Way.MADE, "the hashes the snapshot has kept cannot be used, " + e.getMessage())
                        : strategy.instead(Strategy.Way.JOIN, String.valueOf(e.getMessage()));
            } catch (Probe.Undecided e) {
                strategy = strategy.instead(Strategy.Way.JOIN, String.valueOf(e.getMessage()));
            }
        }
        strategy.kept().fetching().run();
        taken.put(subject.name(), strategy);
        return false;
    }

    // ---- the pass over live

    private void stage(Subject subject, Map<String, Subject> subjects, Since since) {
        List<Column> columns = new ArrayList<>(
                List.of(col(KEY_HASH), col(KEY), col(Fingerprint.CONTENT_1), col(Fingerprint.CONTENT_2)));
        columns.add(codes(subject.staged()).alias(CODES));
        columns.add(codes(subject.conditional()).alias(PAIR_CODES));
        columns.addAll(subject.shares());
        Frame live = subject.side.after();
        Dataset<Row> viewed = viewed(subject.dataset(), live);
        Dataset<Row> judged = viewed.select(columns.toArray(Column[]::new));
        subject.identity = identity(subject, subjects, judged.schema());
        Stage earlier = since.stages().get(subject.name());
        if (earlier != null && earlier.identity().equals(subject.identity)) {
            Carried.Timed timed = timed(subject, since.timed());
            Dataset<Row> rows = written(judged, at(since.folder(), Stage.ROWS, subject.name()));
            Carried carried = Carried.of(
                    subject.dataset(),
                    live,
                    viewed,
                    timed,
                    rows,
                    earlier.baseline() == null
                            ? rows.select(KEY_HASH).limit(0)
                            : written(rows.select(KEY_HASH), at(since.folder(), Stage.HASHES, subject.name())),
                    baseline(subject.side).equals(earlier.baseline()),
                    kept("carried-" + part(subject.name())));
            subject.carried = carried;
            judged = carried.same(timed)
                    .unionAll(viewed(subject.dataset(), carried.fresh()).select(columns.toArray(Column[]::new)));
        }
        if (subject.given.isEmpty()
                && subject.own.stream().noneMatch(rule -> rule.kind() == CompiledRule.Kind.RELATION)) {
            // Only of accused records it is asked.
            judged = judged.withColumn(KEY, when(Codes.accuse(col(CODES)), col(KEY)));
        }
        DataFrameWriter<Row> stage = judged.write().option("compression", "lz4_raw");
        for (String hash : List.of(KEY_HASH, Fingerprint.CONTENT_1, Fingerprint.CONTENT_2)) {
            // No two are alike, so there is nothing to look up, and nothing to compress.
            stage.option("parquet.enable.dictionary#" + hash, "false");
        }
        String at = since.keeps() ? subject.at(Stage.ROWS) : subject.atWork("stage");
        stage.parquet(at);
        subject.stage = written(judged, at);
        BiConsumer<String, Stage> left = since.left();
        if (left != null) {
            left.accept(subject.name(), new Stage(subject.identity, null, Set.of()));
        }
    }

    /** Records with their digests, and as rules see them. */
    private static Dataset<Row> viewed(DatasetSpec dataset, Frame frame) {
        Shape shape = frame.shape();
        Dataset<Row> viewed = Fingerprint.hashed(dataset, frame)
                .select(
                        col(KEY_HASH),
                        col(KEY),
                        col(Fingerprint.CONTENT_1),
                        col(Fingerprint.CONTENT_2),
                        FitsType.misfits(shape, "").alias(FitsType.MISFITS_AFTER),
                        shape.view("").alias(AFTER));
        // To a rule about pairs every record looks unchanged here: what counts of it is which ones it is about.
        return viewed.withColumn(BEFORE, col(AFTER));
    }

    private static String at(String folder, String part, String dataset) {
        return folder + "/" + part + "/" + part(dataset);
    }

    /** What says something else of a record at another time. */
    private static Carried.Timed timed(Subject subject, Set<String> timed) {
        Map<String, Column> columns = new LinkedHashMap<>();
        Map<String, List<Integer>> places = new HashMap<>();
        Map.of(CODES, subject.staged(), PAIR_CODES, subject.conditional()).forEach((name, rules) -> {
            List<CompiledRule> asking =
                    rules.stream().filter(rule -> timed.contains(rule.id())).toList();
            if (!asking.isEmpty()) {
                columns.put(name, codes(asking));
                places.put(name, asking.stream().map(rules::indexOf).toList());
            }
        });
        for (Shares.Of of : subject.given) {
            if (timed.contains(of.rule().id())) {
                Column key = of.share().key();
                if (key != null) {
                    columns.put(subject.togetherOf(of), key);
                }
                columns.put(subject.valueOf(of), of.share().value());
            }
        }
        return new Carried.Timed(columns, places);
    }

    /** Raised when what a stage holds is made or meant in another way. */
    private static final int FORMAT_OF_STAGES = 1;

    private static String identity(Subject subject, Map<String, Subject> subjects, StructType columns) {
        StringJoiner parts = new StringJoiner("\n");
        parts.add("%d %s".formatted(FORMAT_OF_STAGES, org.apache.spark.package$.MODULE$.SPARK_VERSION()));
        parts.add(columns.json());
        parts.add(subject.dataset().key().toString());
        parts.add(subject.dataset().ignore().toString());
        Set<String> seen = new TreeSet<>(Set.of(subject.name()));
        for (Shares.Of of : subject.given) {
            of.rule().related().shares().forEach(share -> seen.add(share.dataset()));
            parts.add("share %d of %s".formatted(of.number(), meaning(of.rule())));
        }
        seen.forEach(name -> {
            Shape shape = subject(name, subjects).side.after().shape();
            parts.add("%s %s %s %s %s"
                    .formatted(
                            name,
                            shape.stored().json(),
                            shape.view().json(),
                            new TreeSet<>(shape.json()),
                            new TreeSet<>(shape.numbers())));
        });
        subject.staged().forEach(rule -> parts.add("of a record " + meaning(rule)));
        subject.conditional().forEach(rule -> parts.add("of a pair " + meaning(rule)));
        return Sha256.of(parts.toString().getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static String meaning(CompiledRule rule) {
        return rule.id() + " " + rule.rule().hash();
    }

    /** The baseline, and how it is read. */
    private static String baseline(Side side) {
        SnapshotId baseline = side.baseline();
        if (baseline == null) {
            return Stage.NO_BASELINE;
        }
        StringJoiner parts = new StringJoiner("; ");
        parts.add(baseline.text());
        side.dataset()
                .upgrades()
                .forEach(upgrade -> parts.add("%s %s %s"
                        .formatted(
                                upgrade.until(), new TreeMap<>(upgrade.rename()), new TreeMap<>(upgrade.upgrade()))));
        return parts.toString();
    }

    private static Column codes(List<CompiledRule> rules) {
        return Codes.of(rules.stream().map(CompiledRule::after).toList());
    }

    // ---- relations

    /** What came of the relations apart from accusations, by rule. */
    private record Related(
            Map<String, Measure> measures,
            Map<String, String> failures,
            Map<String, Long> parents,
            Set<String> silent,
            Set<String> narrowed) {
        static Related nothing() {
            return new Related(
                    new ConcurrentHashMap<>(),
                    new ConcurrentHashMap<>(),
                    new ConcurrentHashMap<>(),
                    ConcurrentHashMap.newKeySet(),
                    ConcurrentHashMap.newKeySet());
        }
    }

    /** Shares as they lie in the stages. */
    private Shares staged(Map<String, Subject> subjects) {
        return new Shares() {
            @Override
            public Dataset<Row> rows(List<Of> shares) {
                Subject subject = subject(shares.get(0).share().dataset(), subjects);
                List<Column> columns = new ArrayList<>(
                        List.of(col(KEY_HASH), col(KEY), col(Fingerprint.CONTENT_1), col(Fingerprint.CONTENT_2)));
                if (shares.get(0).share().key() != null) {
                    columns.add(col(subject.togetherOf(shares.get(0))).alias(TOGETHER));
                }
                for (int i = 0; i < shares.size(); i++) {
                    columns.add(col(subject.valueOf(shares.get(i))).alias(Shares.value(i)));
                }
                return subject.stage.select(columns.toArray(Column[]::new));
            }

            @Override
            public Dataset<Row> said(List<CompiledRule> rules, Code code) {
                Subject subject = subject(rules.get(0).rule().dataset(), subjects);
                List<Column> columns = new ArrayList<>(List.of(col(KEY_HASH), col(KEY)));
                for (int i = 0; i < rules.size(); i++) {
                    int number = subject.staged().indexOf(rules.get(i));
                    columns.add(Codes.is(col(CODES), number, code).alias(Shares.said(i)));
                }
                return subject.stage.select(columns.toArray(Column[]::new));
            }

            @Override
            public Map<String, Dataset<Row>> views() {
                Map<String, Dataset<Row>> views = new LinkedHashMap<>();
                subjects.forEach((dataset, subject) -> views.put(dataset, Shares.view(subject.side.after())));
                return views;
            }
        };
    }

    /** Shares of the baseline; null if not all datasets have one. */
    private static @Nullable Shares before(Map<String, Subject> subjects) {
        Map<String, Frame> frames = new LinkedHashMap<>();
        subjects.forEach((dataset, subject) -> {
            Frame frame = subject.side.before();
            if (frame != null) {
                frames.put(dataset, frame);
            }
        });
        return frames.size() < subjects.size() ? null : Shares.of(specs(subjects), frames);
    }

    private static Map<String, DatasetSpec> specs(Map<String, Subject> subjects) {
        Map<String, DatasetSpec> specs = new LinkedHashMap<>();
        subjects.forEach((dataset, subject) -> specs.put(dataset, subject.dataset()));
        return specs;
    }

    /** An account of what changed in between needs both sides of every dataset it looks at. */
    private static boolean lacksBaseline(CompiledRule rule, Subject subject, @Nullable Shares before) {
        return rule.rule().constraint() instanceof Constraint.Explained
                && before == null
                && subject.side.before() != null;
    }

    private Related relate(Map<String, Subject> subjects, Since since) {
        Related related = Related.nothing();
        Shares now = staged(subjects);
        Shares before = before(subjects);
        Map<String, DatasetSpec> specs = specs(subjects);
        Relating live = new Relating(session, specs, this.now, now, before, kept("relations"));
        Relating then =
                before == null ? null : new Relating(session, specs, this.now, before, null, kept("relations-before"));
        try (Together together = new Together()) {
            List<Supplier<Boolean>> work = new ArrayList<>();
            for (Subject subject : subjects.values()) {
                work.add(together.start(() -> measure(subject, now, before, related)));
                subject.own.stream()
                        .filter(rule -> lacksBaseline(rule, subject, before))
                        .forEach(rule ->
                                related.failures().put(rule.id(), "not every dataset it looks at has a baseline"));
                int number = 0;
                for (List<CompiledRule> alike : Relating.grouped(subject.own)) {
                    String name = "group-%s-%d".formatted(part(subject.name()), number++);
                    work.add(together.start(() -> {
                        Relating asked = narrowed(alike, name, now, subjects, since)
                                .map(few -> {
                                    alike.forEach(rule -> related.narrowed().add(rule.id()));
                                    return new Relating(session, specs, this.now, few, before, kept("relations"));
                                })
                                .orElse(live);
                        return relate(alike, name, asked, live, then, subjects, related);
                    }));
                }
            }
            Together.all(work);
        }
        return related;
    }

    /**
     * The shares of the groups in which something changed since an audit in which the rules accused nobody: what they say of
     * a group depends on nothing but what is in it. Empty if that is not known, or not so of one of the rules.
     *
     * @param rules whose records are brought together at once
     */
    private Optional<Shares> narrowed(
            List<CompiledRule> rules, String name, Shares now, Map<String, Subject> subjects, Since since) {
        if (!rules.stream().allMatch(rule -> isNarrowed(rule, subjects, since))) {
            return Optional.empty();
        }
        List<Share> shares = rules.get(0).related().shares();
        Dataset<Row> touched = null;
        for (int i = 0; i < shares.size(); i++) {
            Subject subject = subject(shares.get(i).dataset(), subjects);
            Dataset<Row> groups = Objects.requireNonNull(subject.carried)
                    .touched(subject.togetherOf(new Shares.Of(rules.get(0), i)), subject.stage)
                    .toDF("_touched");
            touched = touched == null ? groups : touched.unionAll(groups);
        }
        Dataset<Row> few =
                kept("touched").kept(name, Objects.requireNonNull(touched).distinct());
        return Optional.of(Shares.within(now, few));
    }

    private static boolean isNarrowed(CompiledRule rule, Map<String, Subject> subjects, Since since) {
        Constraint constraint = rule.rule().constraint();
        boolean ofGroups = constraint instanceof Constraint.Unique
                || constraint instanceof Constraint.Depends
                || constraint instanceof Constraint.Reference
                || constraint instanceof Constraint.Reconcile;
        Stage earlier = since.stages().get(rule.rule().dataset());
        return ofGroups
                && earlier != null
                && earlier.silent().contains(rule.id())
                && !since.timed().contains(rule.id())
                && rule.related().shares().stream()
                        .allMatch(share -> share.key() != null && subject(share.dataset(), subjects).carried != null);
    }

    private static String part(String name) {
        return dev.lastgood.snapshot.StoreName.segment(name);
    }

    private Relating.Kept kept(String part) {
        return (name, rows) -> {
            String at = folder + "/" + WORK + "/" + part + "/" + part(name);
            rows.write().parquet(at);
            return written(rows, at);
        };
    }

    /**
     * Relates rules whose records are brought together at once; if that fails, each by itself. Whether all could be.
     *
     * @param asked of what may accuse, which is all that is live or a part of it
     */
    private boolean relate(
            List<CompiledRule> rules,
            String name,
            Relating asked,
            Relating live,
            @Nullable Relating then,
            Map<String, Subject> subjects,
            Related related) {
        List<List<Accusations>> accused;
        try {
            accused = asked.accused(name, rules);
        } catch (Exception e) {
            rethrown(e);
            if (rules.size() == 1) {
                related.failures().put(rules.get(0).id(), Reason.of(e));
                return false;
            }
            for (int i = 0; i < rules.size(); i++) {
                relate(List.of(rules.get(i)), name + "-" + i, asked, live, then, subjects, related);
            }
            return false;
        }
        boolean all = true;
        for (int i = 0; i < rules.size(); i++) {
            all &= accuse(rules.get(i), accused.get(i), live, then, subjects, related);
        }
        return all;
    }

    private boolean accuse(
            CompiledRule rule,
            List<Accusations> accused,
            Relating live,
            @Nullable Relating then,
            Map<String, Subject> subjects,
            Related related) {
        try {
            accuse(rule, accused, then, subjects, related);
            if (isAboutParents(rule.rule())) {
                related.parents().put(rule.id(), live.parents(rule));
            }
            return true;
        } catch (Exception e) {
            rethrown(e);
            related.failures().put(rule.id(), Reason.of(e));
            return false;
        }
    }

    /** Takes down what a relation accuses, all of it or, if it cannot be computed, nothing. */
    private void accuse(
            CompiledRule rule,
            List<Accusations> accused,
            @Nullable Relating then,
            Map<String, Subject> subjects,
            Related related) {
        List<Dataset<Row>> written = new ArrayList<>();
        for (int i = 0; i < accused.size(); i++) {
            written.add(kept("accused").kept(rule.id() + "-" + i, accused.get(i).rows()));
        }
        boolean accuses = written.stream().anyMatch(rows -> !rows.isEmpty());
        if (!accuses) {
            related.silent().add(rule.id());
        }
        boolean tells = !rule.rule().isCrossTime() && accuses;
        List<Accusations> were = then != null && tells ? then(rule, then) : List.of();
        for (int i = 0; i < accused.size(); i++) {
            int share = accused.get(i).share();
            Subject of = subject(
                    share == 0
                            ? rule.rule().dataset()
                            : rule.related().shares().get(share).dataset(),
                    subjects);
            int number = share == 0 ? of.number(rule) : of.numberAsParent(rule);
            of.accuse(new Accusations(share, written.get(i)).since(were), number);
        }
    }

    /** What a relation says of the baseline; if nobody can tell, nothing was there. */
    private List<Accusations> then(CompiledRule rule, Relating baseline) {
        try {
            List<Accusations> were = new ArrayList<>();
            for (Accusations one : baseline.accused(rule.id(), List.of(rule)).get(0)) {
                String name = rule.id() + "-" + were.size();
                were.add(new Accusations(one.share(), kept("accused-before").kept(name, one.rows())));
            }
            return were;
        } catch (Exception e) {
            rethrown(e);
            return List.of();
        }
    }

    /** What no relation can be blamed for ends the audit. */
    private static void rethrown(Exception failure) {
        if (failure instanceof IllegalStateException bug) {
            throw bug;
        } else if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("interrupted", failure);
        }
    }

    private static final Metrics.Value DOUBTFUL =
            new Metrics.Value(null, "'where' could not be evaluated on a record of the baseline");

    private boolean measure(Subject subject, Shares now, @Nullable Shares before, Related related) {
        List<CompiledRule> metrics = subject.own.stream()
                .filter(rule -> rule.rule().constraint() instanceof Constraint.Metric)
                .toList();
        if (metrics.isEmpty()) {
            return true;
        }
        Map<String, Metrics.Value> values = Metrics.of(metrics, now);
        Map<String, Metrics.Value> then = before == null ? Map.of() : Metrics.of(metrics, before);
        Set<String> doubtful = before == null ? Set.of() : Metrics.doubtful(metrics, before);
        for (CompiledRule rule : metrics) {
            Constraint.Metric metric = (Constraint.Metric) rule.rule().constraint();
            Metrics.Value value = Objects.requireNonNull(values.get(rule.id()));
            Metrics.Value was = doubtful.contains(rule.id())
                    ? DOUBTFUL
                    : then.getOrDefault(rule.id(), new Metrics.Value(null, null));
            String failure = value.failure() == null && metric.vsBaseline() != null ? was.failure() : value.failure();
            if (failure != null) {
                related.failures().put(rule.id(), failure);
                continue;
            }
            Constraint.History bound = metric.vsHistory();
            List<BigDecimal> earlier = bound == null ? List.of() : history.values(rule.rule(), bound.last());
            boolean known = before != null && was.failure() == null;
            related.measures().put(rule.id(), Measure.of(rule.rule(), value.value(), known, was.value(), earlier));
        }
        return true;
    }

    // ---- full records

    private void examine(Subject subject, Since since, String records) {
        Probe.Candidates candidates = subject.candidates;
        if (candidates != null && candidates.none()) {
            if (subject.told != null) {
                return;
            }
            session.createDataFrame(List.of(), Records.SCHEMA).write().parquet(records);
            return;
        }
        if (candidates != null) {
            Dataset<Row> pairs = Pairs.of(subject.dataset(), candidates.before(), candidates.after());
            judge(subject, accused(pairs, Optional.empty()), records);
            return;
        }
        Side side = subject.side;
        Frame before = side.before();
        Carried carried = subject.carried;
        Column accused = Codes.accuse(col(CODES));
        Dataset<Row> accusedHashes = subject.stage.where(accused).select(KEY_HASH);
        boolean sameBaseline = carried != null && carried.isOfSameBaseline();
        Dataset<Row> hashes = before == null
                ? accusedHashes
                : sameBaseline
                        ? Objects.requireNonNull(carried).needed().unionAll(accusedHashes)
                        : differing(subject)
                                .map(accusedHashes::unionAll)
                                .orElseGet(() -> Pairs.candidates(
                                        Fingerprint.thin(subject.dataset(), before), subject.stage, accused));
        Optional<Dataset<Row>> accusations = accusations(subject);
        if (accusations.isPresent()) {
            hashes = hashes.unionAll(accusations.get().select(KEY_HASH));
        }
        String at = since.keeps() ? subject.at(Stage.HASHES) : subject.atWork("hashes");
        (since.keeps() ? hashes.distinct() : hashes).write().parquet(at);
        Dataset<Row> fetched = written(hashes, at);
        Frame nothing = new Frame(
                session.createDataFrame(List.of(), side.after().shape().stored()),
                side.after().shape());
        Dataset<Row> pairs = Pairs.fetch(
                subject.dataset(),
                before == null ? nothing : before,
                carried == null ? side.after() : carried.holding(fetched),
                fetched);
        judge(subject, accused(pairs, accusations), records);
    }

    /** The key hashes of records that differ from the baseline, if the hashes that it has kept can tell. */
    private Optional<Dataset<Row>> differing(Subject subject) {
        Strategy.Kept hashes = kept.get(subject.name());
        if (hashes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Probe(session, subject.atWork("kept"))
                    .differing(
                            hashes,
                            subject.stage.select(
                                    col(KEY_HASH), col(Fingerprint.CONTENT_1), col(Fingerprint.CONTENT_2))));
        } catch (ThinDamaged e) {
            distrusted.put(subject.name(), String.valueOf(e.getMessage()));
            return Optional.empty();
        } catch (Probe.Undecided e) {
            return Optional.empty();
        }
    }

    /** Compares the records of each key, asks the rules of them, and writes what came of it. */
    private void judge(Subject subject, Dataset<Row> pairs, String records) {
        Dataset<Row> judged = judged(subject, pairs);
        Examiner examiner = new Examiner(
                Comparisons.of(subject.dataset()),
                subject.dataset().ignore(),
                Stream.concat(
                                subject.own.stream().map(rule -> RuleInfo.of(rule, accepted(subject, rule))),
                                subject.children.stream().map(RuleInfo::ofOther))
                        .toList());
        DatasetSpec dataset = subject.dataset();
        Records.Examination examination = new Records.Examination(
                examiner,
                subject.side.after().shape(),
                dataset.key().stream().map(FieldPath::toString).toList(),
                text(dataset.version()),
                text(dataset.changedAt()),
                // Nobody asks what explains a diff.
                subject.candidates == null && subject.told == null ? Dimensions.of(dataset) : Dimensions.NONE,
                subject.told == null);
        if (subject.told != null) {
            subject.told =
                    Told.written(judged, examination, Objects.requireNonNull(lines.get(subject.name())), records);
            return;
        }
        judged.mapPartitions(examination, Encoders.row(Records.SCHEMA))
                .write()
                .options(Records.WRITTEN)
                .parquet(records);
    }

    /** The violations of a rule that are still accepted. */
    private List<RuleInfo.AcceptedAt> accepted(Subject subject, CompiledRule rule) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        List<RuleInfo.AcceptedAt> accepted = new ArrayList<>();
        for (Accepted one : rule.rule().accepted()) {
            FieldPath path = one.path();
            if (one.holds(today)) {
                Keys.read(subject.dataset(), subject.side.after().shape(), one.key())
                        .ifPresent(key -> accepted.add(
                                new RuleInfo.AcceptedAt(Records.text(key), path == null ? null : path.toString())));
            }
        }
        return accepted;
    }

    /** What the stage says against records, by key: of several records that share one only the first is judged again. */
    private static Dataset<Row> staged(Subject subject) {
        Dataset<Row> accused =
                subject.stage.where(Codes.accuse(col(CODES))).select(col(KEY_HASH), col(KEY), col(CODES));
        StructType accusations = new StructType()
                .add(accused.schema().apply(KEY_HASH))
                .add(accused.schema().apply(KEY))
                .add("_accusation", Records.ACCUSATION, true);
        List<Integer> numbers = subject.staged().stream().map(subject::number).toList();
        return accused.mapPartitions(new Accusing(numbers), Encoders.row(accusations));
    }

    /** A row a rule that accuses the record. */
    private record Accusing(List<Integer> numbers) implements MapPartitionsFunction<Row, Row> {
        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            Iterable<Row> all = () -> rows;
            return StreamSupport.stream(all.spliterator(), false)
                    .flatMap(row -> IntStream.range(0, numbers.size())
                            .filter(i -> accuses(Codes.at(row.getAs(2), i)))
                            .mapToObj(i -> RowFactory.create(
                                    row.get(0),
                                    row.get(1),
                                    RowFactory.create(
                                            numbers.get(i),
                                            true,
                                            Codes.at(row.getAs(2), i).number(),
                                            null,
                                            null,
                                            false))))
                    .iterator();
        }

        private static boolean accuses(Code code) {
            return code == Code.FALSE || code == Code.UNKNOWN || code == Code.ERROR;
        }
    }

    /** By key the rules that accuse it, read back from where they were written. */
    private Optional<Dataset<Row>> accusations(Subject subject) {
        List<Dataset<Row>> accusing = new ArrayList<>(subject.accusations);
        if (!subject.staged().isEmpty()) {
            accusing.add(staged(subject));
        }
        return accusing.stream().reduce(Dataset::unionAll).map(all -> {
            Dataset<Row> byKey = all.groupBy(col(KEY_HASH), col(KEY))
                    .agg(collect_set("_accusation").alias(Records.ACCUSATIONS));
            byKey.write().parquet(subject.atWork("accusations"));
            return written(byKey, subject.atWork("accusations"));
        });
    }

    /** Rows from where they were written. */
    private Dataset<Row> written(Dataset<Row> rows, String at) {
        return session.read().schema(rows.schema()).parquet(ReadPaths.literal(at));
    }

    private static Dataset<Row> accused(Dataset<Row> pairs, Optional<Dataset<Row>> accusations) {
        if (accusations.isEmpty()) {
            return pairs.withColumn(Records.ACCUSATIONS, lit(null).cast(DataTypes.createArrayType(Records.ACCUSATION)));
        }
        Dataset<Row> of = accusations.get();
        Column same =
                pairs.col(KEY_HASH).equalTo(of.col(KEY_HASH)).and(pairs.col(KEY).eqNullSafe(of.col(KEY)));
        return pairs.join(of, same, "left_outer")
                .select(pairs.col(KEY), col(Pairs.RECORDS_BEFORE), col(Pairs.RECORDS_AFTER), col(Records.ACCUSATIONS));
    }

    private static @Nullable String text(@Nullable FieldPath path) {
        return path == null ? null : path.toString();
    }

    /** A row a copy of a key: the first before with the first after, and so on. Those of a key follow each other. */
    private static Dataset<Row> judged(Subject subject, Dataset<Row> pairs) {
        List<CompiledRule> rules = subject.rules();
        Dataset<Row> fetched = pairs.select(
                col(KEY),
                col(Pairs.RECORDS_BEFORE),
                col(Pairs.RECORDS_AFTER),
                col(Records.ACCUSATIONS),
                explode(sequence(lit(1), greatest(size(col(Pairs.RECORDS_BEFORE)), size(col(Pairs.RECORDS_AFTER)))))
                        .alias(Records.COPY));
        if (rules.isEmpty()) {
            Column nobody = codes(List.of());
            return fetched.select(
                    col("*"),
                    nobody.alias(Records.CODES_STAGED),
                    nobody.alias(Records.CODES_AFTER),
                    nobody.alias(Records.CODES_BEFORE),
                    elements(List.of()).alias(Records.ELEMENTS),
                    elements(List.of()).alias(Records.ELEMENTS_BEFORE));
        }
        Shape shape = subject.side.after().shape();
        Dataset<Row> copies = fetched.withColumn(
                        "_one_b",
                        get(col(Pairs.RECORDS_BEFORE), col(Records.COPY).minus(1)))
                .withColumn(
                        "_one_a",
                        get(col(Pairs.RECORDS_AFTER), col(Records.COPY).minus(1)));
        Dataset<Row> viewed = copies.select(
                col(KEY),
                col(Pairs.RECORDS_BEFORE),
                col(Pairs.RECORDS_AFTER),
                col(Records.ACCUSATIONS),
                col(Records.COPY),
                FitsType.misfits(shape, "_one_b").alias(FitsType.MISFITS_BEFORE),
                FitsType.misfits(shape, "_one_a").alias(FitsType.MISFITS_AFTER),
                when(col("_one_b").isNotNull(), shape.view("_one_b")).alias(BEFORE),
                when(col("_one_a").isNotNull(), shape.view("_one_a")).alias(AFTER));
        List<Column> after = new ArrayList<>();
        List<Column> before = new ArrayList<>();
        List<Column> elements = new ArrayList<>();
        List<Column> elementsBefore = new ArrayList<>();
        Column none = lit(null).cast(CompiledRule.ELEMENTS);
        Column outside = lit(Code.OUTSIDE.number());
        for (int i = 0; i < rules.size(); i++) {
            CompiledRule rule = rules.get(i);
            boolean applies =
                    i < subject.own.size() && (rule.kind() != CompiledRule.Kind.PAIR || subject.side.before() != null);
            after.add(applies ? rule.after() : outside);
            before.add(applies ? rule.before() : outside);
            elements.add(applies ? rule.elements() : none);
            elementsBefore.add(applies ? rule.elementsBefore() : none);
        }
        // The stage saw every record as one that stayed as it was.
        Column staged = codes(subject.recounted());
        Dataset<Row> both = viewed.withColumn("_then", col(BEFORE))
                .withColumn(BEFORE, col(AFTER))
                .withColumn(Records.CODES_STAGED, staged)
                .withColumn(BEFORE, col("_then"));
        return both.select(
                col(KEY),
                col(Pairs.RECORDS_BEFORE),
                col(Pairs.RECORDS_AFTER),
                col(Records.ACCUSATIONS),
                col(Records.COPY),
                col(Records.CODES_STAGED),
                Codes.of(after).alias(Records.CODES_AFTER),
                Codes.of(before).alias(Records.CODES_BEFORE),
                elements(elements).alias(Records.ELEMENTS),
                elements(elementsBefore).alias(Records.ELEMENTS_BEFORE));
    }

    private static Column elements(List<Column> ofRules) {
        return array(ofRules.toArray(Column[]::new)).cast("array<" + CompiledRule.ELEMENTS + ">");
    }

    // ---- counts

    private Findings tally(
            Map<String, Subject> subjects,
            Map<String, String> records,
            Map<String, Told> told,
            Related related,
            Map<String, Long> unsettled,
            Followed followed) {
        List<DatasetTally> datasets = new ArrayList<>();
        Map<String, long[]> broken = new HashMap<>();
        Map<String, Map<String, Long>> examined = new HashMap<>();
        for (Subject subject : subjects.values()) {
            Told tells = subject.told;
            Dataset<Row> found = tells == null
                    ? Records.all(session, subject.at("records"))
                    : session.createDataFrame(List.of(), Records.SCHEMA);
            Map<String, Long> changes = new HashMap<>();
            Map<String, Long> copies = new HashMap<>();
            long shared = 0;
            Map<String, Told.Changes> changed =
                    tells == null ? changes(found) : tells.counts().changes();
            for (Map.Entry<String, Told.Changes> one : changed.entrySet()) {
                changes.put(one.getKey(), one.getValue().records());
                shared += one.getValue().shared();
                copies.put(one.getKey(), one.getValue().copies());
            }
            for (Row row : subject.rules().isEmpty()
                    ? List.<Row>of()
                    : found.select(explode(col("findings")).alias("f"))
                            .groupBy(col("f.rule"))
                            .agg(
                                    count_if(col("f.code").notEqual(Code.ERROR.name())),
                                    count_if(col("f.code").equalTo(Code.ERROR.name())),
                                    count_if(col("f.preExisting")
                                            .and(col("f.code").notEqual(Code.ERROR.name()))),
                                    count_if(col("f.accepted").and(col("f.code").notEqual(Code.ERROR.name()))),
                                    count_if(col("f.accepted")
                                            .or(col("f.preExisting"))
                                            .and(col("f.code").notEqual(Code.ERROR.name()))))
                            .collectAsList()) {
                long[] sums = broken.computeIfAbsent(row.getString(0), id -> new long[COUNTS]);
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += row.getLong(i + 1);
                }
            }
            Map<String, Long> looked =
                    subject.candidates == null ? looked(subject) : Map.of("", subject.candidates.records());
            long after = looked.getOrDefault("", 0L);
            boolean alone = subject.side.before() == null;
            long fresh = copies.getOrDefault("added", 0L);
            // Of a dataset that moves these were read later than how many there are.
            long there = subject.side.beforeCount()
                    - changes.getOrDefault("removed", 0L)
                    - changes.getOrDefault("changed", 0L);
            examined.put(subject.name(), examined(subject, looked, after - fresh, recounts(subject, found), broken));
            datasets.add(new DatasetTally(
                    subject.name(),
                    subject.side.beforeCount(),
                    after,
                    alone ? 0 : changes.getOrDefault("added", 0L),
                    changes.getOrDefault("removed", 0L),
                    changes.getOrDefault("changed", 0L),
                    alone ? 0 : Math.max(0, Math.min(after - fresh - copies.getOrDefault("changed", 0L), there)),
                    shared));
        }
        List<RuleTally> rules = new ArrayList<>();
        for (Subject subject : subjects.values()) {
            Map<String, Long> looked = examined.getOrDefault(subject.name(), Map.of());
            for (CompiledRule rule : subject.own) {
                long[] sums = broken.getOrDefault(rule.id(), new long[COUNTS]);
                Measure measure = related.measures().get(rule.id());
                boolean breaks = measure != null && measure.isBroken();
                boolean before = measure != null && breaks && measure.before();
                rules.add(new RuleTally(
                        rule,
                        related.parents().getOrDefault(rule.id(), looked.getOrDefault(rule.id(), 0L)),
                        breaks ? 1 : sums[0],
                        sums[1],
                        before ? 1 : sums[2],
                        sums[3],
                        before ? 1 : sums[4],
                        measure,
                        related.failures().get(rule.id())));
            }
        }
        return new Findings(datasets, rules, records, told, unsettled, followed);
    }

    private static Map<String, Told.Changes> changes(Dataset<Row> found) {
        return found
                .groupBy("change")
                .agg(count(lit(1)), count_if(col("copiesAfter").gt(1)), sum("copiesAfter"))
                .collectAsList()
                .stream()
                .collect(Collectors.toMap(
                        row -> row.getString(0),
                        row -> new Told.Changes(row.getLong(1), row.getLong(2), row.getLong(3))));
    }

    /** By rule how many records of the stage it is about, and under the empty name how many there are. In one job. */
    private static Map<String, Long> looked(Subject subject) {
        List<CompiledRule> staged = subject.staged();
        List<CompiledRule> conditional = subject.conditional();
        // Most records have the same codes, so there is far less to take apart than to count.
        long[] sums = subject
                .stage
                .groupBy(CODES, PAIR_CODES)
                .agg(count(lit(1)))
                .mapPartitions(new Looked(staged.size(), conditional.size()), Encoders.javaSerialization(long[].class))
                .collectAsList()
                .stream()
                .reduce(new long[1 + staged.size() + conditional.size()], Looked::plus);
        Map<String, Long> looked = new HashMap<>();
        looked.put("", sums[0]);
        for (int i = 0; i < staged.size(); i++) {
            looked.put(staged.get(i).id(), sums[1 + i]);
        }
        for (int i = 0; i < conditional.size(); i++) {
            looked.put(conditional.get(i).id(), sums[1 + staged.size() + i]);
        }
        return looked;
    }

    /** By number of the rule how many records more it examined than the stage counted. */
    private static Map<Integer, Long> recounts(Subject subject, Dataset<Row> found) {
        Map<Integer, Long> recounts = new HashMap<>();
        if (!subject.recounted().isEmpty()) {
            found.select(explode(col("recounts")).alias("r"))
                    .groupBy(col("r.rule"))
                    .agg(sum("r.by"))
                    .collectAsList()
                    .forEach(row -> recounts.put(row.getInt(0), row.getLong(1)));
        }
        return recounts;
    }

    /**
     * By rule how many records it examined.
     *
     * @param both records there are on both sides
     */
    private static Map<String, Long> examined(
            Subject subject,
            Map<String, Long> looked,
            long both,
            Map<Integer, Long> recounts,
            Map<String, long[]> broken) {
        Map<String, Long> examined = new HashMap<>(looked);
        Side side = subject.side;
        for (CompiledRule rule : subject.own) {
            Constraint constraint = rule.rule().constraint();
            if (constraint instanceof Constraint.Metric) {
                // Records outside of it count as well: it has looked whether they are inside.
                examined.put(rule.id(), looked.getOrDefault("", 0L));
            } else if (rule.rule().isCrossTime() && side.before() == null) {
                examined.put(rule.id(), 0L);
            } else if (rule.isRecounted()) {
                examined.merge(rule.id(), recounts.getOrDefault(subject.number(rule), 0L), Long::sum);
            } else if (rule.kind() == CompiledRule.Kind.PAIR) {
                long pairs = constraint instanceof Constraint.NoDelete
                        ? side.beforeCount()
                        : constraint instanceof Constraint.NoInsert ? looked.getOrDefault("", 0L) : both;
                examined.put(rule.id(), pairs - broken.getOrDefault(rule.id(), new long[COUNTS])[1]);
            }
        }
        return examined;
    }

    /** Whether the records that a rule examines are those of the other dataset. */
    static boolean isAboutParents(Rule rule) {
        return rule.constraint() instanceof Constraint.Reference reference
                && reference.cardinality() == Constraint.Cardinality.AT_LEAST_ONE_CHILD;
    }

    /** Adds up rows of codes and how many records have them. */
    private record Looked(int staged, int conditional) implements MapPartitionsFunction<Row, long[]> {
        @Override
        public Iterator<long[]> call(Iterator<Row> rows) {
            long[] sums = new long[1 + staged + conditional];
            while (rows.hasNext()) {
                Row row = rows.next();
                byte[] codes = row.getAs(0);
                byte[] pairCodes = row.getAs(1);
                long records = row.getLong(2);
                sums[0] += records;
                for (int i = 0; i < staged; i++) {
                    sums[1 + i] += Records.counts(CompiledRule.Kind.RECORD, Codes.at(codes, i)) ? records : 0;
                }
                for (int i = 0; i < conditional; i++) {
                    sums[1 + staged + i] +=
                            Records.counts(CompiledRule.Kind.PAIR, Codes.at(pairCodes, i)) ? records : 0;
                }
            }
            return List.of(sums).iterator();
        }

        static long[] plus(long[] one, long[] other) {
            long[] sums = one.clone();
            for (int i = 0; i < sums.length; i++) {
                sums[i] += other[i];
            }
            return sums;
        }
    }
}
