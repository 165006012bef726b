package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Examiner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** What is counted of the corrupt records of a dataset's causes, by their number. */
final class Counted {
    /** Stretches of time that are told apart between the first and the last change. */
    private static final int STRETCHES = 400;

    /** Causes of which the window is searched; of the others, it is from the first to the last record. */
    private static final int MOST_SEARCHED = 30;

    private static final int MOST_COUNTED = 10_000;

    /** Sets of fields that changed together which are told, and fields of the largest that is. */
    private static final int MOST_SETS = 3;

    private static final int MOST_TOGETHER = 20;

    private final Map<Integer, Row> sums;
    private final Map<Integer, Map<String, Long>> said;
    private final Map<Integer, List<Incident.Together>> together;
    private final Map<Integer, Window> windows;

    private Counted(
            Map<Integer, Row> sums,
            Map<Integer, Map<String, Long>> said,
            Map<Integer, List<Incident.Together>> together,
            Map<Integer, Window> windows) {
        this.sums = sums;
        this.said = said;
        this.together = together;
        this.windows = windows;
    }

    /**
     * What was counted of one.
     *
     * @param fields fields that differ, and in how many records
     * @param patterns places, as texts, and how many records changed there like that
     * @param added records that are new
     */
    record Of(
            Map<String, Long> fields,
            Map<String, Long> patterns,
            List<Incident.Together> together,
            Incident.@Nullable When when,
            long added) {
        Of {
            together = List.copyOf(together);
        }
    }

    /** @param assigned changed records, those of a cause with its number */
    static Counted of(Dataset<Row> assigned, Labelling labelling, List<Cause> causes) {
        Map<Integer, Row> sums = new HashMap<>();
        Instant first = null;
        Instant last = null;
        for (Row row : assigned.groupBy(Incidents.NUMBER)
                .agg(
                        count(lit(1)),
                        min("changedAt"),
                        max("changedAt"),
                        count_if(col("change").equalTo(Examiner.Change.ADDED.text())))
                .collectAsList()) {
            first = earlier(first, row.getAs(2));
            last = later(last, row.getAs(3));
            if (!row.isNullAt(0)) {
                sums.put(row.getInt(0), row);
            }
        }
        Dataset<Row> corrupt = assigned.where(col(Incidents.NUMBER).isNotNull());
        // A path has no separator in it, a description with its path has one.
        Column said = concat(col(Facts.PATHS), array_distinct(transform(col(Facts.FAULTS), labelling::described)));
        Map<Integer, Map<String, Long>> counts = new HashMap<>();
        corrupt.select(col(Incidents.NUMBER), explode(said).alias("value"))
                .groupBy(col(Incidents.NUMBER), col("value"))
                .agg(count(lit(1)).alias("records"))
                .orderBy(col("records").desc(), col("value"))
                .limit(MOST_COUNTED)
                .collectAsList()
                .forEach(row -> counts.computeIfAbsent(row.getInt(0), number -> new LinkedHashMap<>())
                        .put(row.getString(1), row.getLong(2)));
        return new Counted(
                sums,
                counts,
                together(corrupt),
                first == null || last == null ? Map.of() : windows(assigned, causes, first, last));
    }

    /** The commonest sets of fields that changed in a record, of those that are not too large to be told. */
    private static Map<Integer, List<Incident.Together>> together(Dataset<Row> corrupt) {
        Map<Integer, List<Incident.Together>> together = new HashMap<>();
        corrupt.where(col("change")
                        .equalTo(Examiner.Change.CHANGED.text())
                        .and(size(col(Facts.PATHS)).between(1, MOST_TOGETHER)))
                .groupBy(col(Incidents.NUMBER), array_sort(col(Facts.PATHS)).alias("paths"))
                .agg(count(lit(1)).alias("records"))
                .orderBy(col("records").desc(), col("paths"))
                .limit(MOST_COUNTED)
                .collectAsList()
                .forEach(row -> {
                    List<Incident.Together> of = together.computeIfAbsent(row.getInt(0), number -> new ArrayList<>());
                    if (of.size() < MOST_SETS) {
                        of.add(new Incident.Together(row.getList(1), row.getLong(2)));
                    }
                });
        return together;
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isAfter(one)) ? other : one;
    }

    // ---- windows

    /**
     * When each cause was at work: among what was written with its values, if it has any, between the first and the last
     * change of all.
     */
    private static Map<Integer, Window> windows(
            Dataset<Row> assigned, List<Cause> causes, Instant first, Instant last) {
        int searched = Math.min(MOST_SEARCHED, causes.size());
        long start = micros(first);
        long length = Math.max(1, (micros(last) - start) / STRETCHES + 1);
        Column stretch =
                floor(unix_micros(col("changedAt")).minus(start).divide(length)).cast("int");
        List<Column> counts = new ArrayList<>();
        for (int i = 0; i < searched; i++) {
            Column has = Signature.has(causes.get(i).values());
            Column corrupt =
                    coalesce(col(Incidents.NUMBER).equalTo(i), lit(false)).and(has);
            Column other = col(Incidents.NUMBER).isNull().and(has);
            counts.add(count_if(corrupt));
            counts.add(count_if(other));
            counts.add(min(when(corrupt, col("changedAt"))));
            counts.add(max(when(corrupt, col("changedAt"))));
        }
        Window.Stretch[][] stretches = new Window.Stretch[searched][STRETCHES + 1];
        for (Window.Stretch[] of : stretches) {
            Arrays.fill(of, new Window.Stretch(0, 0, null, null));
        }
        assigned.where(col("changedAt").isNotNull().and(not(col("change").equalTo(Examiner.Change.REMOVED.text()))))
                .groupBy(stretch.alias("stretch"))
                .agg(lit(0).alias("_"), counts.toArray(Column[]::new))
                .collectAsList()
                .forEach(row -> {
                    for (int i = 0; i < searched; i++) {
                        int at = 2 + 4 * i;
                        stretches[i][row.getInt(0)] = new Window.Stretch(
                                row.getLong(at),
                                row.getLong(at) + row.getLong(at + 1),
                                row.getAs(at + 2),
                                row.getAs(at + 3));
                    }
                });
        Map<Integer, Window> windows = new HashMap<>();
        for (int i = 0; i < searched; i++) {
            int number = i;
            Window.of(List.of(stretches[i])).ifPresent(window -> windows.put(number, window));
        }
        return windows;
    }

    private static long micros(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    }

    /** When the cause was at work; null if the dataset does not say when records are written. */
    @Nullable
    Window window(int number) {
        return windows.get(number);
    }

    /** Paths of fields that are at fault, and how many records changed there. */
    Map<String, Long> damaged(int number) {
        Map<String, Long> damaged = new LinkedHashMap<>();
        only(number, Counted::isDescription)
                .forEach((text, records) -> damaged.merge(Label.Place.of(text).path(), records, Long::sum));
        return damaged;
    }

    private static boolean isDescription(String text) {
        return text.contains(Label.SEPARATOR);
    }

    private Map<String, Long> only(int number, Predicate<String> wanted) {
        Map<String, Long> only = new LinkedHashMap<>(said.getOrDefault(number, Map.of()));
        only.keySet().removeIf(wanted.negate());
        return only;
    }

    Of of(int number) {
        Row row = sums.get(number);
        Window window = windows.get(number);
        Incident.When when = row == null || window == null
                ? null
                : new Incident.When(window.from(), window.to(), row.getAs(2), row.getAs(3));
        return new Of(
                only(number, text -> !text.contains(Label.SEPARATOR)),
                only(number, Counted::isDescription),
                together.getOrDefault(number, List.of()),
                when,
                row == null ? 0 : row.getLong(4));
    }
}
