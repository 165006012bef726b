package dev.lastgood.suggest;

import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.approx_percentile;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.record.Image;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Rows;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Location;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a snapshot: one aggregation over its records and one over the elements of each array, which give a row; one
 * count of texts that are few; and a sample. What comes back is bounded by the number of fields, not of records.
 */
final class Profiler {
    /** Records of a sample. */
    static final int SAMPLE = 2_000;

    /** Of records with many fields it is smaller, so that it holds no more values than these; but never smaller than that. */
    private static final int MOST_VALUES = 200_000;

    private static final int LEAST_SAMPLE = 300;

    /** A field with more different texts has no list of them. */
    static final int MOST_TEXTS = 20;

    /** Longer ones are prose. */
    private static final int LONGEST_TEXT = 60;

    private static final String RECORD = "_r";

    private final DatasetSpec dataset;
    private final Frame frame;
    private final StructType view;
    private final List<Field> fields;

    private Profiler(DatasetSpec dataset, Frame frame) {
        this.dataset = dataset;
        this.frame = frame;
        this.view = frame.shape().view();
        this.fields = Field.of(dataset.name(), view).stream()
                .filter(field -> !isOfTheService(dataset, field))
                .toList();
    }

    static Profile of(DatasetSpec dataset, Frame frame) {
        return new Profiler(dataset, frame).profile();
    }

    private Profile profile() {
        Map<Subject, Long> absent = new HashMap<>();
        Map<Subject, List<Field>> bySubject = new LinkedHashMap<>();
        bySubject.put(Subject.records(dataset.name()), new ArrayList<>());
        fields.forEach(field ->
                bySubject.computeIfAbsent(field.of(), any -> new ArrayList<>()).add(field));
        Map<Subject, Long> counts = new HashMap<>();
        Map<Field, FieldProfile> profiles = new HashMap<>();
        bySubject.forEach((subject, own) -> {
            Dataset<Row> rows = rows(subject);
            List<Column> figures = new ArrayList<>(List.of(count(lit(1))));
            own.forEach(field -> figures.addAll(figures(field)));
            List<Subject> arrays = subject.isRecords()
                    ? bySubject.keySet().stream()
                            .filter(one -> !one.isRecords())
                            .toList()
                    : List.of();
            arrays.forEach(array -> figures.add(count_if(elements(array).isNull())));
            Row row = rows.agg(
                            figures.get(0), figures.subList(1, figures.size()).toArray(Column[]::new))
                    .head();
            counts.put(subject, row.getLong(0));
            int at = 1;
            for (Field field : own) {
                profiles.put(field, profile(field, row, at));
                at += figures(field).size();
            }
            for (Subject array : arrays) {
                absent.put(array, row.getLong(at++));
            }
            texts(
                            rows,
                            own.stream()
                                    .map(profiles::get)
                                    .filter(this::hasFewTexts)
                                    .toList())
                    .forEach((field, found) -> profiles.computeIfPresent(field, (any, profile) -> profile.with(found)));
        });
        return new Profile(
                dataset,
                view,
                counts,
                absent,
                fields.stream().map(profiles::get).toList(),
                sample());
    }

    /** A column {@link #RECORD} with a struct of the fields. */
    private Dataset<Row> rows(Subject subject) {
        Dataset<Row> records = frame.records().select(frame.shape().view("").alias(RECORD));
        if (subject.array() == null) {
            return records;
        }
        Dataset<Row> exploded = records.select(explode(elements(subject)).alias(RECORD));
        return subject.plain()
                ? exploded.select(
                        struct(col(RECORD).alias(Subject.ELEMENT.root())).alias(RECORD))
                : exploded;
    }

    private static Column elements(Subject array) {
        List<Step> steps = array.elements().orElseThrow().steps();
        return at(new FieldPath(steps.subList(0, steps.size() - 1)));
    }

    static Column at(Column record, FieldPath path) {
        Column value = record;
        for (Step step : path.steps()) {
            value = value.getField(((Step.Name) step).name());
        }
        return value;
    }

    private static Column at(FieldPath path) {
        return at(col(RECORD), path);
    }

    private static List<Column> figures(Field field) {
        Column value = at(field.path());
        List<Column> figures = new ArrayList<>(List.of(count(value), approx_count_distinct(value)));
        switch (field.kind()) {
            case WHOLE, FRACTION -> {
                figures.add(min(value).cast("string"));
                figures.add(max(value).cast("string"));
                figures.add(approx_percentile(value, lit(0.99), lit(1_000)).cast("string"));
            }
            case TEXT -> {
                figures.add(min(length(value)));
                figures.add(max(length(value)));
            }
            case TIME -> figures.add(max(value).cast("timestamp"));
            case BOOLEAN -> {}
        }
        return figures;
    }

    private FieldProfile profile(Field field, Row row, int at) {
        boolean number = field.kind().isNumber();
        boolean text = field.kind() == Field.Kind.TEXT;
        return new FieldProfile(
                field,
                row.getLong(at),
                row.getLong(at + 1),
                number ? number(row.getString(at + 2)) : null,
                number ? number(row.getString(at + 3)) : null,
                number ? number(row.getString(at + 4)) : null,
                text && !row.isNullAt(at + 2) ? (Integer) row.getInt(at + 2) : null,
                text && !row.isNullAt(at + 3) ? (Integer) row.getInt(at + 3) : null,
                field.kind() == Field.Kind.TIME ? row.<Instant>getAs(at + 2) : null,
                new TreeMap<>());
    }

    /** Neither NaN nor infinity is one. */
    private static @Nullable BigDecimal number(@Nullable String digits) {
        try {
            return digits == null ? null : new BigDecimal(digits);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private boolean hasFewTexts(FieldProfile profile) {
        Integer longest = profile.longest();
        return longest != null
                && longest <= LONGEST_TEXT
                // About so many: the count says exactly.
                && profile.distinct() <= 2 * MOST_TEXTS
                && !profile.field().isMasked(dataset);
    }

    /** How often each text occurs; nothing of fields of which there turn out to be many. */
    private static Map<Field, SortedMap<String, Long>> texts(Dataset<Row> rows, List<FieldProfile> few) {
        if (few.isEmpty()) {
            return Map.of();
        }
        Column[] each = new Column[few.size()];
        for (int i = 0; i < each.length; i++) {
            each[i] = struct(lit(i).alias("f"), at(few.get(i).field().path()).alias("v"));
        }
        Map<Field, SortedMap<String, Long>> texts = new HashMap<>();
        rows.select(explode(array(each)).alias("_t"))
                .where(col("_t.v").isNotNull())
                .groupBy(col("_t.f"), col("_t.v"))
                .count()
                // By the estimates there are fewer; were they wrong, lists would be cut short and proved wrong later.
                .limit(4 * MOST_TEXTS * few.size())
                .collectAsList()
                .forEach(row -> texts.computeIfAbsent(few.get(row.getInt(0)).field(), any -> new TreeMap<>())
                        .put(row.getString(1), row.getLong(2)));
        texts.values().removeIf(found -> found.size() > MOST_TEXTS);
        return texts;
    }

    /** By the hash of the key, so that it is the same every time and has nothing to do with when a record was written. */
    private List<Image> sample() {
        return Fingerprint.hashed(dataset, frame)
                .orderBy(col(Fingerprint.KEY_HASH), col(Fingerprint.CONTENT_1), col(Fingerprint.CONTENT_2))
                .limit(Math.max(LEAST_SAMPLE, Math.min(SAMPLE, MOST_VALUES / Math.max(1, fields.size()))))
                .select(frame.shape().view("").alias(RECORD))
                .select(RECORD + ".*")
                .collectAsList()
                .stream()
                .map(Rows::image)
                .toList();
    }

    /** Records of another sample's parents: those whose values at the paths are among the rows, in the order of the paths. */
    static List<Image> among(Frame frame, List<FieldPath> paths, Dataset<Row> tuples) {
        Dataset<Row> records = frame.records().select(frame.shape().view("").alias(RECORD));
        Column same = lit(true);
        for (int i = 0; i < paths.size(); i++) {
            same = same.and(at(paths.get(i)).equalTo(tuples.col(tuples.columns()[i])));
        }
        return records
                .join(tuples, same, "left_semi")
                .orderBy(to_json(col(RECORD)))
                .select(RECORD + ".*")
                .collectAsList()
                .stream()
                .map(Rows::image)
                .toList();
    }

    /**
     * Of what a field may determine, that which it does: no two records with the same value of it differ there. With how many
     * records could have contradicted: those that repeat a value of it and have one there. One aggregation.
     */
    static Map<Field, Long> determined(Frame frame, Field by, List<Field> candidates) {
        Dataset<Row> records = frame.records().select(frame.shape().view("").alias(RECORD));
        List<Column> differ = new ArrayList<>();
        List<Column> broken = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            Column value = at(candidates.get(i).path());
            differ.add(min(value).notEqual(max(value)).alias("_" + i));
            differ.add(greatest(count(value).minus(1), lit(0L)).alias("_w" + i));
            broken.add(count_if(col("_" + i)));
            broken.add(coalesce(sum(col("_w" + i)), lit(0L)));
        }
        Row row = records.where(at(by.path()).isNotNull())
                .groupBy(at(by.path()).alias("_by"))
                .agg(differ.get(0), differ.subList(1, differ.size()).toArray(Column[]::new))
                .agg(broken.get(0), broken.subList(1, broken.size()).toArray(Column[]::new))
                .head();
        Map<Field, Long> determined = new LinkedHashMap<>();
        for (int i = 0; i < candidates.size(); i++) {
            if (row.getLong(2 * i) == 0) {
                determined.put(candidates.get(i), row.getLong(2 * i + 1));
            }
        }
        return determined;
    }

    /** What Cosmos DB adds to a document says nothing of the data. */
    private static boolean isOfTheService(DatasetSpec dataset, Field field) {
        return dataset.location() instanceof Location.Container
                && field.of().isRecords()
                && Location.Container.SYSTEM.contains(field.path());
    }
}
