package dev.lastgood.audit;

import static dev.lastgood.diff.Fingerprint.KEY;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.to_json;

import dev.lastgood.judge.Code;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.Share;
import dev.lastgood.rule.Constraint;
import dev.lastgood.source.Frame;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * The records of datasets at many moments, all together and yet apart: what relations say of each moment takes one pass over
 * all of them. All frames of a dataset have one shape.
 */
public final class Retrospect {
    /** The column that tells of which moment a record is, beside the stored columns. */
    public static final String MOMENT = Shares.MOMENT;

    /** Columns of what is accused, beside {@link #MOMENT}: the key as a struct, and the number of the rule. */
    public static final String ACCUSED = "_accused";

    public static final String RULE = "_rule";

    /** What of a record is accused, as a text that is the same at all moments; NULL if it is the record. */
    public static final String OF = "_of";

    private static final String OF_MOMENT = "\"" + Shares.MOMENT + "\":-?\\d+,?";

    /** A text that is the same of records that a relation brings together. */
    public static final String GROUP = "_together";

    private final SparkSession session;
    private final Map<String, DatasetSpec> datasets;
    private final Map<String, Frame> all;
    private final SortedMap<Integer, Map<String, Frame>> moments;
    private final Map<String, Frame> baseline;
    private final Instant now;

    private Retrospect(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Frame> all,
            SortedMap<Integer, Map<String, Frame>> moments,
            Map<String, Frame> baseline,
            Instant now) {
        this.session = session;
        this.datasets = Map.copyOf(datasets);
        this.all = Map.copyOf(all);
        this.moments = moments;
        this.baseline = Map.copyOf(baseline);
        this.now = now;
    }

    /** The same where all moments have this baseline, for rules that compare with one. */
    public Retrospect since(Map<String, Frame> earlier) {
        return new Retrospect(session, datasets, all, moments, earlier, now);
    }

    /**
     * @param datasets by name, those of the frames among them
     * @param frames by dataset and moment; those of one dataset have one shape
     * @param now what {@code now()} in a rule means
     */
    public Retrospect(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Map<Integer, Frame>> frames,
            Instant now) {
        this(session, datasets, together(frames), apart(frames), Map.of(), now);
    }

    private static Map<String, Frame> together(Map<String, Map<Integer, Frame>> frames) {
        Map<String, Frame> all = new LinkedHashMap<>();
        frames.forEach((name, byMoment) -> all.put(
                name,
                new Frame(records(byMoment), byMoment.values().iterator().next().shape())));
        return all;
    }

    private static SortedMap<Integer, Map<String, Frame>> apart(Map<String, Map<Integer, Frame>> frames) {
        SortedMap<Integer, Map<String, Frame>> moments = new TreeMap<>();
        frames.forEach((name, byMoment) -> byMoment.forEach((moment, frame) ->
                moments.computeIfAbsent(moment, any -> new LinkedHashMap<>()).put(name, frame)));
        return moments;
    }

    /**
     * The same of records that say of which moment they are, in a column {@link #MOMENT} beside the stored ones.
     *
     * @param moments those that occur
     */
    public static Retrospect of(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Frame> records,
            Collection<Integer> moments,
            Instant now) {
        SortedMap<Integer, Map<String, Frame>> apart = new TreeMap<>();
        for (int moment : moments) {
            Map<String, Frame> then = new LinkedHashMap<>();
            records.forEach((name, frame) -> then.put(
                    name,
                    new Frame(frame.records().where(col(MOMENT).equalTo(moment)).drop(MOMENT), frame.shape())));
            apart.put(moment, then);
        }
        return new Retrospect(session, datasets, records, apart, Map.of(), now);
    }

    /** The records of several frames of one shape, with the numbers they have here as {@link #MOMENT}. */
    public static Dataset<Row> records(Map<Integer, Frame> frames) {
        return frames.entrySet().stream()
                .map(one -> {
                    Frame frame = one.getValue();
                    List<Column> columns =
                            new ArrayList<>(List.of(lit(one.getKey()).alias(MOMENT)));
                    Arrays.stream(frame.shape().stored().fieldNames())
                            .forEach(name -> columns.add(col(Shape.quoted(name))));
                    return frame.records().select(columns.toArray(Column[]::new));
                })
                .reduce(Dataset::unionAll)
                .orElseThrow();
    }

    /** The shapes to compile rules against, by dataset. */
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        all.forEach((dataset, frame) -> shapes.put(dataset, frame.shape()));
        return shapes;
    }

    /**
     * The records of one dataset that relations accuse, a row a record, moment and rule, not yet computed: {@link #MOMENT},
     * {@link #ACCUSED}, {@link #RULE} and {@link #OF}; of elements a row each. What could not be evaluated on a record accuses it too. Computing it throws if a
     * rule as a whole cannot be evaluated; so may this, of queries.
     *
     * @param rules relations compiled against {@link #shapes()}, by the number they are to have; metrics accuse nobody, and
     *     what asks where changes came from accuses nobody without a baseline of all it is about
     */
    public Optional<Dataset<Row>> accused(String dataset, Map<Integer, CompiledRule> rules) {
        List<CompiledRule> queries = rules.values().stream()
                .filter(rule -> rule.rule().constraint() instanceof Constraint.Query)
                .toList();
        List<CompiledRule> ofChanges = rules.values().stream()
                .filter(rule -> rule.rule().constraint() instanceof Constraint.Explained)
                .toList();
        List<CompiledRule> others = rules.values().stream()
                .filter(rule -> !queries.contains(rule) && !ofChanges.contains(rule))
                .toList();
        Stream<Dataset<Row>> together = Stream.concat(
                ofAll(dataset, others, null, rules).stream(),
                ofChanges.stream()
                        .filter(rule -> baseline.keySet()
                                .containsAll(rule.rule().constraint().reaches()))
                        .filter(rule -> baseline.containsKey(rule.rule().dataset()))
                        .flatMap(rule -> ofAll(dataset, List.of(rule), earlier(), rules).stream()));
        Stream<Dataset<Row>> each = queries.isEmpty()
                ? Stream.of()
                : moments.keySet().stream().flatMap(moment -> ofOne(dataset, moment, queries, rules).stream());
        return Stream.concat(together, each).reduce(Dataset::unionAll);
    }

    /** The baseline, at each of the moments. */
    private Shares earlier() {
        Column each =
                explode(array(moments.keySet().stream().map(functions::lit).toArray(Column[]::new)));
        Map<String, Frame> then = new LinkedHashMap<>();
        baseline.forEach((name, frame) -> {
            List<Column> columns = new ArrayList<>(List.of(each.alias(MOMENT)));
            Arrays.stream(frame.shape().stored().fieldNames()).forEach(field -> columns.add(col(Shape.quoted(field))));
            then.put(name, new Frame(frame.records().select(columns.toArray(Column[]::new)), frame.shape()));
        });
        return Shares.ofMoments(datasets, then);
    }

    /**
     * What is said of a metric at each moment. Throws if its number cannot be told.
     *
     * @param history its numbers in earlier audits
     */
    public Map<Integer, Measure> measured(CompiledRule rule, Auditor.History history) {
        String dataset = rule.rule().dataset();
        Constraint.Metric metric = (Constraint.Metric) rule.rule().constraint();
        Constraint.History bound = metric.vsHistory();
        List<BigDecimal> earlier = bound == null ? List.of() : history.values(rule.rule(), bound.last());
        boolean compares = metric.vsBaseline() != null
                && baseline.containsKey(dataset)
                && baseline.keySet().containsAll(metric.reaches());
        BigDecimal then = compares ? number(rule, Shares.of(datasets, baseline)) : null;
        Map<Integer, Measure> measured = new LinkedHashMap<>();
        moments.forEach((moment, frames) -> measured.put(
                moment, Measure.of(rule.rule(), number(rule, Shares.of(datasets, frames)), compares, then, earlier)));
        return measured;
    }

    private static @Nullable BigDecimal number(CompiledRule rule, Shares shares) {
        if (!Metrics.doubtful(List.of(rule), shares).isEmpty()) {
            throw new Relating.NotEvaluated("'where' could not be evaluated on a record");
        }
        return Metrics.number(rule, shares);
    }

    private Optional<Dataset<Row>> ofAll(
            String dataset,
            Collection<CompiledRule> rules,
            @Nullable Shares before,
            Map<Integer, CompiledRule> numbers) {
        return accused(
                dataset,
                Shares.ofMoments(datasets, all),
                before,
                rules,
                numbers,
                col(KEY).getField(MOMENT),
                col(KEY).getField(Shares.OF_RECORD));
    }

    private Optional<Dataset<Row>> ofOne(
            String dataset, int moment, Collection<CompiledRule> rules, Map<Integer, CompiledRule> numbers) {
        Map<String, Frame> then = Optional.ofNullable(moments.get(moment)).orElseThrow();
        return accused(dataset, Shares.of(datasets, then), null, rules, numbers, lit(moment), col(KEY));
    }

    private Optional<Dataset<Row>> accused(
            String dataset,
            Shares shares,
            @Nullable Shares before,
            Collection<CompiledRule> rules,
            Map<Integer, CompiledRule> numbers,
            Column moment,
            Column key) {
        Relating relating = new Relating(session, datasets, now, shares, before, (name, rows) -> rows);
        List<Dataset<Row>> all = new ArrayList<>();
        List<CompiledRule> concerned =
                rules.stream().filter(rule -> mayAccuse(rule, dataset)).toList();
        for (List<CompiledRule> alike : Relating.grouped(concerned)) {
            List<List<Accusations>> accused = relating.accused("", alike);
            for (int i = 0; i < alike.size(); i++) {
                CompiledRule rule = alike.get(i);
                for (Accusations one : accused.get(i)) {
                    if (accused(rule, one.share()).equals(dataset)) {
                        Dataset<Row> rows = one.rows()
                                .where(col(Accusations.CODE).between(Code.FALSE.number(), Code.ERROR.number()))
                                .select(
                                        moment.alias(MOMENT),
                                        key.alias(ACCUSED),
                                        lit(number(rule, numbers)).alias(RULE),
                                        regexp_replace(col(Accusations.ABOUT), OF_MOMENT, "")
                                                .alias(OF));
                        all.add(rows);
                    }
                }
            }
        }
        return all.stream().reduce(Dataset::unionAll);
    }

    /**
     * By what a relation brings records of a dataset together: rows of {@link #ACCUSED} and {@link #GROUP}, several of a record
     * that is not the same at all moments.
     */
    public record Together(String dataset, Dataset<Row> rows) {}

    /** By what a relation brings records together, a share of it each; those that have no such key are left out. */
    public List<Together> together(CompiledRule rule) {
        Shares shares = Shares.ofMoments(datasets, all);
        List<Together> together = new ArrayList<>();
        for (int number = 0; number < rule.related().shares().size(); number++) {
            Share share = rule.related().shares().get(number);
            if (share.key() != null) {
                together.add(new Together(
                        share.dataset(),
                        shares.rows(rule, number)
                                .where(col(Shares.TOGETHER).isNotNull())
                                .select(
                                        col(KEY).getField(Shares.OF_RECORD).alias(ACCUSED),
                                        to_json(col(Shares.TOGETHER).getField(Shares.OF_KEY))
                                                .alias(GROUP))));
            }
        }
        return together;
    }

    /** The dataset whose records a share accuses; a query has none and accuses those of its rule. */
    private static String accused(CompiledRule rule, int share) {
        return share == 0
                ? rule.rule().dataset()
                : rule.related().shares().get(share).dataset();
    }

    /** Only a reference and a reconciliation accuse records of another dataset than their own. */
    private static boolean mayAccuse(CompiledRule rule, String dataset) {
        Constraint constraint = rule.rule().constraint();
        return rule.rule().dataset().equals(dataset)
                || ((constraint instanceof Constraint.Reference || constraint instanceof Constraint.Reconcile)
                        && rule.related().shares().stream()
                                .anyMatch(share -> share.dataset().equals(dataset)));
    }

    /**
     * Whether a failure of {@link #accused} or {@link #measured}, or of computing it, says that a rule cannot be evaluated
     * there. It does not if a source could not be read.
     */
    public static boolean isOfRule(Exception failure) {
        if (Thread.currentThread().isInterrupted() || SourceUnreadable.isBehind(failure)) {
            return false;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Relating.NotEvaluated
                    || (cause instanceof SparkThrowable spark && isOfExpression(spark.getSqlState()))) {
                return true;
            }
        }
        return false;
    }

    /** Of data, of cardinality, of syntax and names, or raised by the expression itself; not of files, memory or bugs. */
    private static boolean isOfExpression(@Nullable String state) {
        return state != null && Stream.of("21", "22", "42", "P0").anyMatch(state::startsWith);
    }

    private static int number(CompiledRule rule, Map<Integer, CompiledRule> numbers) {
        return numbers.entrySet().stream()
                .filter(one -> one.getValue().id().equals(rule.id()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }
}
