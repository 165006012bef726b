package dev.lastgood.incident;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Retrospect;
import dev.lastgood.diff.Fingerprint;
import dev.lastgood.judge.Code;
import dev.lastgood.judge.Codes;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.judge.FitsType;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.problem.Problems;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.rule.Rule;
import dev.lastgood.source.Frame;
import dev.lastgood.source.Keys;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What captures hold of some records of one dataset, and what rules say of it. Captures of one shape are read in one job,
 * and of a record that stayed as it was comes one row, however many they are.
 */
final class Reading {
    private static final String NUMBER = "_lastgood_no";
    private static final String WANTED = "_lastgood_wanted";
    private static final String IMAGE = "_lastgood_image";
    private static final String CODES = "_codes";
    private static final String RECORD = "_record";
    private static final String MOMENT = Retrospect.MOMENT;

    private final SparkSession session;
    private final Map<String, DatasetSpec> datasets;
    private final DatasetSpec dataset;
    private final Questions questions;
    private final List<Key> keys;
    private final List<Boolean> images;
    private final Instant now;
    private final List<Course> courses = new ArrayList<>();
    private final Map<Integer, BitSet> answered = new HashMap<>();

    /**
     * @param keys of the records, whose numbers are their places in the list
     * @param images whether the image of the record is wanted as well
     */
    Reading(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            DatasetSpec dataset,
            Questions questions,
            List<Key> keys,
            List<Boolean> images,
            Instant now) {
        this.session = session;
        this.datasets = datasets;
        this.dataset = dataset;
        this.questions = questions;
        this.keys = keys;
        this.images = images;
        this.now = now;
        keys.forEach(key -> courses.add(new Course()));
    }

    Course course(int record) {
        return courses.get(record);
    }

    /** Whether a relation could not be asked about a capture. */
    boolean isUnanswered(int rule, int capture) {
        BitSet captures = answered.get(rule);
        return captures == null || !captures.get(capture);
    }

    // ---- single records

    /** Reads the records of captures, by the numbers of these. */
    void records(Map<Integer, Frame> frames) {
        Map<Shape, Map<Integer, Frame>> alike = new LinkedHashMap<>();
        frames.forEach((capture, frame) -> alike.computeIfAbsent(frame.shape(), any -> new LinkedHashMap<>())
                .put(capture, frame));
        alike.forEach(this::records);
    }

    private void records(Shape shape, Map<Integer, Frame> frames) {
        Map<Integer, CompiledRule> rules = ofRecords(shape);
        StructType type = Keys.type(dataset, shape);
        Dataset<Row> found = Fingerprint.hashed(dataset, new Frame(Retrospect.records(frames), shape), col(MOMENT))
                .join(wanted(type), Keys.same(col(Fingerprint.KEY), col(WANTED), type));
        Column[] stored = Arrays.stream(shape.stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        Dataset<Row> seen = found.select(
                col(NUMBER),
                col(MOMENT),
                col(Fingerprint.CONTENT_1),
                col(Fingerprint.CONTENT_2),
                when(col(IMAGE), struct(stored)).alias(RECORD),
                FitsType.misfits(shape, "").alias(FitsType.MISFITS_AFTER),
                shape.view("").alias(CompiledRule.AFTER),
                lit(null).cast(shape.view()).alias(CompiledRule.BEFORE));
        Dataset<Row> judged = seen.select(
                col(NUMBER),
                col(MOMENT),
                col(Fingerprint.CONTENT_1),
                col(Fingerprint.CONTENT_2),
                Codes.of(rules.values().stream().map(CompiledRule::after).toList())
                        .alias(CODES),
                col(RECORD));
        List<Integer> numbers = List.copyOf(rules.keySet());
        Runs runs = new Runs(Runs.type(shape.stored()));
        for (Row row : judged.repartition(col(NUMBER))
                .sortWithinPartitions(NUMBER, MOMENT)
                .mapPartitions(runs, Encoders.row(runs.type))
                .collectAsList()) {
            Image image = row.isNullAt(5) ? null : shape.image(row.getStruct(5));
            course(row.getInt(0))
                    .add(new Course.Run(
                            row.getInt(1), row.getInt(2), image, row.getBoolean(3), broken(row.getAs(4), numbers)));
        }
    }

    /** By number; those that cannot be bound to the shape are left out. */
    private Map<Integer, CompiledRule> ofRecords(Shape shape) {
        Map<Integer, CompiledRule> compiled = new LinkedHashMap<>();
        for (int i = 0; i < questions.ofRecords().size(); i++) {
            int number = i;
            String id = questions.ofRecords().get(i);
            if (FitsType.is(id)) {
                FitsType.of(dataset.name(), shape).ifPresent(rule -> compiled.put(number, rule));
            } else {
                Rule rule = Optional.ofNullable(questions.rules().get(id)).orElseThrow();
                compiled(rule, Map.of(dataset.name(), shape)).ifPresent(one -> compiled.put(number, one));
            }
        }
        return compiled;
    }

    private Optional<CompiledRule> compiled(Rule rule, Map<String, Shape> shapes) {
        return new RuleCompiler(datasets, shapes, now, new Problems())
                .compile(List.of(rule)).stream().findFirst();
    }

    /** The rules that a record does not keep; one that could not be asked is not kept. */
    private BitSet broken(byte[] codes, List<Integer> numbers) {
        BitSet broken = new BitSet();
        for (int i = 0; i < questions.ofRecords().size(); i++) {
            boolean fits = FitsType.is(questions.ofRecords().get(i));
            int at = numbers.indexOf(i);
            Code code = at >= 0 ? Codes.at(codes, at) : fits ? Code.TRUE : Code.ERROR;
            broken.set(i, code != Code.TRUE && code != Code.OUTSIDE);
        }
        return broken;
    }

    /** The records looked for: number, whether with image, and the key as it is seen in that type. */
    private Dataset<Row> wanted(StructType type) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            int number = i;
            Keys.as(keys.get(i), type)
                    .ifPresent(key -> rows.add(RowFactory.create(
                            number,
                            images.get(number),
                            RowFactory.create(Keys.cells(key, type).toArray()))));
        }
        StructType columns = new StructType()
                .add(NUMBER, DataTypes.IntegerType, false)
                .add(IMAGE, DataTypes.BooleanType, false)
                .add(WANTED, type, true);
        return session.createDataFrame(rows, columns);
    }

    /** Makes one row of captures in a row in which a record is the same. */
    private static final class Runs implements MapPartitionsFunction<Row, Row>, Serializable {
        private static final long serialVersionUID = 1;

        private final StructType type;

        Runs(StructType type) {
            this.type = type;
        }

        static StructType type(StructType stored) {
            return new StructType()
                    .add(NUMBER, DataTypes.IntegerType, false)
                    .add("from", DataTypes.IntegerType, false)
                    .add("to", DataTypes.IntegerType, false)
                    .add("shared", DataTypes.BooleanType, false)
                    .add(CODES, DataTypes.BinaryType)
                    .add(RECORD, stored);
        }

        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            return new Iterator<>() {
                private @Nullable Row next = rows.hasNext() ? rows.next() : null;
                private boolean isTwin;

                @Override
                public boolean hasNext() {
                    return next != null;
                }

                @Override
                public Row next() {
                    Row first = next;
                    if (first == null) {
                        throw new NoSuchElementException();
                    }
                    int to = first.getInt(1);
                    boolean shared = isTwin;
                    isTwin = false;
                    next = rows.hasNext() ? rows.next() : null;
                    while (next != null && next.getInt(0) == first.getInt(0)) {
                        boolean again = next.getInt(1) == to;
                        if (again && to > first.getInt(1)) {
                            // It was alone until now, so the capture with two of them is a run by itself.
                            to--;
                            isTwin = true;
                            break;
                        }
                        if (!again && (shared || next.getInt(1) != to + 1 || !isSame(first, next))) {
                            break;
                        }
                        shared |= again;
                        to = next.getInt(1);
                        next = rows.hasNext() ? rows.next() : null;
                    }
                    return RowFactory.create(first.getInt(0), first.getInt(1), to, shared, first.get(4), first.get(5));
                }
            };
        }

        private static boolean isSame(Row one, Row other) {
            return one.getLong(2) == other.getLong(2) && one.getLong(3) == other.getLong(3);
        }
    }

    // ---- relations

    /**
     * Asks relations about captures.
     *
     * @param moments by capture the records of all datasets they need
     * @param rules by number
     */
    void relations(Map<Integer, Map<String, Frame>> moments, Map<Integer, Rule> rules) {
        Map<List<Shape>, Map<Integer, Map<String, Frame>>> alike = new LinkedHashMap<>();
        moments.forEach((capture, frames) -> alike.computeIfAbsent(
                        frames.values().stream().map(Frame::shape).toList(), any -> new LinkedHashMap<>())
                .put(capture, frames));
        alike.values().forEach(together -> {
            if (!asked(together, rules) && rules.size() > 1) {
                rules.forEach((number, rule) -> asked(together, Map.of(number, rule)));
            }
        });
    }

    /** Whether they could be asked. */
    private boolean asked(Map<Integer, Map<String, Frame>> moments, Map<Integer, Rule> rules) {
        Map<String, Map<Integer, Frame>> frames = new LinkedHashMap<>();
        moments.forEach((capture, byDataset) -> byDataset.forEach((name, frame) ->
                frames.computeIfAbsent(name, any -> new LinkedHashMap<>()).put(capture, frame)));
        Retrospect retrospect = new Retrospect(session, datasets, frames, now);
        Map<Integer, CompiledRule> compiled = new LinkedHashMap<>();
        rules.forEach(
                (number, rule) -> compiled(rule, retrospect.shapes()).ifPresent(one -> compiled.put(number, one)));
        try {
            retrospect.accused(dataset.name(), compiled).ifPresent(accused -> accused(accused, retrospect));
        } catch (Exception e) {
            if (!Retrospect.isOfRule(e)) {
                throw e;
            }
            return false;
        }
        compiled.keySet()
                .forEach(number -> answered.computeIfAbsent(number, any -> new BitSet())
                        .or(bits(moments.keySet().stream().mapToInt(Integer::intValue))));
        return true;
    }

    private static BitSet bits(IntStream numbers) {
        BitSet bits = new BitSet();
        numbers.forEach(bits::set);
        return bits;
    }

    private void accused(Dataset<Row> accused, Retrospect retrospect) {
        Shape shape =
                Optional.ofNullable(retrospect.shapes().get(dataset.name())).orElseThrow();
        StructType type = Keys.type(dataset, shape);
        List<Row> rows = accused.join(wanted(type), Keys.same(col(Retrospect.ACCUSED), col(WANTED), type))
                .groupBy(col(NUMBER), col(Retrospect.RULE))
                .agg(collect_set(col(MOMENT)))
                .collectAsList();
        for (Row row : rows) {
            row.<Integer>getList(2).forEach(capture -> course(row.getInt(0)).accused(row.getInt(1), capture));
        }
    }
}
