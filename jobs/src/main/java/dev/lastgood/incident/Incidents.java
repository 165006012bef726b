package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Examiner;
import dev.lastgood.audit.Records;
import dev.lastgood.judge.CompiledRule;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Explains the corrupt records of an audit: which have one probable cause, what is telling of them, when they were written,
 * how they changed, and which other records changed the same way and break no rule.
 */
public final class Incidents {
    /** The number of a record's incident within its dataset. */
    static final String NUMBER = "_number";

    private static final String ROLE = "_role";

    /** Stretches of time that are told apart between the first and the last corrupt record. */
    private static final int STRETCHES = 400;

    private static final int MOST_COUNTED = 10_000;

    private final SparkSession session;
    private final Map<String, DatasetSpec> datasets;
    private final Reach reach;

    /**
     * @param live by dataset, as the rules are compiled for it
     * @param rules all of the audit
     */
    public Incidents(
            SparkSession session,
            Map<String, DatasetSpec> datasets,
            Map<String, Frame> live,
            List<CompiledRule> rules) {
        this.session = session;
        this.datasets = Map.copyOf(datasets);
        this.reach = new Reach(live, rules);
    }

    /**
     * The incidents in an audit's records, the largest first.
     *
     * @param records by dataset where they lie
     * @param membersAt by dataset where its {@link Members} are to lie; nothing is written if it has no incident
     */
    public List<Incident> of(Map<String, String> records, UnaryOperator<String> membersAt) {
        List<Studied> all = new ArrayList<>();
        records.forEach((dataset, location) -> all.addAll(study(dataset, Records.read(session, location))));
        all.sort(Comparator.comparingLong((Studied one) -> one.incident.records())
                .reversed()
                .thenComparing(one -> one.incident.dataset())
                .thenComparing(one -> String.join(",", one.incident.effect().rules()))
                .thenComparing(one -> one.number));
        List<Incident> numbered = new ArrayList<>();
        Map<String, Map<Integer, String>> ids = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            Studied one = all.get(i);
            String id = "i" + (i + 1);
            numbered.add(one.incident.numbered(id));
            ids.computeIfAbsent(one.incident.dataset(), dataset -> new HashMap<>())
                    .put(one.number, id);
        }
        ids.forEach((dataset, byNumber) -> {
            Dataset<Row> members = all.stream()
                    .filter(one -> one.incident.dataset().equals(dataset))
                    .findFirst()
                    .orElseThrow()
                    .members;
            write(members, byNumber, membersAt.apply(dataset));
        });
        return numbered;
    }

    /** An incident that has no id yet, and the members of all incidents of its dataset. */
    private record Studied(int number, Incident incident, Dataset<Row> members) {}

    private static void write(Dataset<Row> members, Map<Integer, String> ids, String location) {
        Column id = lit(null).cast("string");
        for (Map.Entry<Integer, String> one : ids.entrySet()) {
            id = when(col(NUMBER).equalTo(one.getKey()), one.getValue()).otherwise(id);
        }
        members.select(
                        Members.record().alias(Members.RECORD),
                        col("keyTagged"),
                        col("key"),
                        id.alias("incident"),
                        col(ROLE).alias("role"),
                        col("_reason").alias("reason"),
                        lit(null).cast("string").alias("goodSnapshot"),
                        lit(null).cast("timestamp").alias("goodAt"),
                        lit(null).cast("string").alias("badSnapshot"),
                        lit(null).cast("timestamp").alias("badAt"),
                        array().cast("array<string>").alias("marks"))
                .write()
                .parquet(location);
    }

    private List<Studied> study(String dataset, Dataset<Row> records) {
        if (records.where(Labelling.isCorrupt()).isEmpty()) {
            return List.of();
        }
        Labelling labelling = Labelling.of(records);
        Dataset<Row> labelled = labelling
                .labelled(records)
                .where(col(Labelling.LABEL).notEqual("").or(isOther()));
        Contingency table = Tables.of(labelled);
        List<Cause> causes = Causes.in(table);
        if (causes.isEmpty()) {
            return List.of();
        }
        Dataset<Row> assigned = labelled.withColumn(NUMBER, number(causes));
        Counted counted = Counted.of(assigned, labelling);
        Map<Label, Long> sizes = Causes.sizes(table);
        List<Signature> signatures = new ArrayList<>();
        for (int i = 0; i < causes.size(); i++) {
            signatures.add(new Signature(
                    causes.get(i).values(),
                    causes.get(i).place(sizes),
                    isGone(causes.get(i)) ? null : counted.windows.get(i),
                    counted.added(i) == causes.get(i).records()));
        }
        Map<Integer, Long> suspects = suspects(assigned, signatures, causes);
        Dataset<Row> members = members(assigned, signatures, suspects);
        Map<Integer, List<Incident.Affected>> affected = reach.of(dataset, members);
        List<Studied> studied = new ArrayList<>();
        for (int i = 0; i < causes.size(); i++) {
            Incident incident = new Teller(spec(dataset), table)
                    .incident(
                            causes.get(i),
                            signatures.get(i),
                            suspects.getOrDefault(i, 0L),
                            counted.of(i, isGone(causes.get(i))))
                    .affecting(affected.getOrDefault(i, List.of()));
            studied.add(new Studied(i, incident, members));
        }
        return studied;
    }

    /** When a record was written last does not say when it was deleted. */
    private static boolean isGone(Cause cause) {
        return cause.parts().get(0).label().change().equals(Examiner.Change.REMOVED.text());
    }

    private DatasetSpec spec(String dataset) {
        return Optional.ofNullable(datasets.get(dataset)).orElseThrow();
    }

    /** Whether a record has changed, and no rule has anything against it. */
    private static Column isOther() {
        return col("change")
                .notEqual(Examiner.Change.NONE.text())
                .and(col("fault").isin(Examiner.Fault.CONSISTENT.text(), Examiner.Fault.UNATTRIBUTED.text()));
    }

    /** The first cause a corrupt record is in a part of; parts that ask for values come first. */
    private static Column number(List<Cause> causes) {
        Column number = lit(null).cast("int");
        for (boolean any : new boolean[] {true, false}) {
            for (int i = causes.size() - 1; i >= 0; i--) {
                for (Cause.Part part : causes.get(i).parts()) {
                    if (part.values().isEmpty() == any) {
                        Column in = col(Labelling.LABEL).equalTo(part.label().text());
                        number = when(in.and(Signature.has(part.values())), i).otherwise(number);
                    }
                }
            }
        }
        return number;
    }

    // ---- suspects

    private static Column suspected(List<Signature> signatures, java.util.Set<Integer> wanted) {
        Column number = lit(null).cast("int");
        for (int i = signatures.size() - 1; i >= 0; i--) {
            if (wanted.contains(i)) {
                number = when(signatures.get(i).matches(), i).otherwise(number);
            }
        }
        return when(col(Labelling.LABEL).equalTo(""), number);
    }

    /** How many there are, of the signatures that can be believed. */
    private static Map<Integer, Long> suspects(Dataset<Row> assigned, List<Signature> signatures, List<Cause> causes) {
        java.util.Set<Integer> usable = new java.util.TreeSet<>();
        for (int i = 0; i < signatures.size(); i++) {
            if (signatures.get(i).isUsable()) {
                usable.add(i);
            }
        }
        Map<Integer, Long> found = new HashMap<>();
        if (usable.isEmpty()) {
            return found;
        }
        assigned.select(suspected(signatures, usable).alias(NUMBER))
                .where(col(NUMBER).isNotNull())
                .groupBy(NUMBER)
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> {
                    int number = row.getInt(0);
                    long corrupt = causes.get(number).records();
                    double share = (double) corrupt / (corrupt + row.getLong(1));
                    if (share >= signatures.get(number).leastShare()) {
                        found.put(number, row.getLong(1));
                    }
                });
        return found;
    }

    private static Dataset<Row> members(
            Dataset<Row> assigned, List<Signature> signatures, Map<Integer, Long> suspects) {
        Column reason = lit(null).cast("string");
        for (int number : suspects.keySet()) {
            reason = when(col(NUMBER).equalTo(number), signatures.get(number).reason())
                    .otherwise(reason);
        }
        Column suspected = suspected(signatures, suspects.keySet());
        return assigned.withColumn(
                        ROLE,
                        when(col(Labelling.LABEL).equalTo(""), Members.SUSPECT).otherwise(Members.CORRUPT))
                .withColumn(
                        NUMBER,
                        when(col(Labelling.LABEL).equalTo(""), suspected).otherwise(col(NUMBER)))
                .where(col(NUMBER).isNotNull())
                .withColumn("_reason", when(col(ROLE).equalTo(Members.SUSPECT), reason));
    }

    // ---- counts

    /** What is counted of the corrupt records of a dataset's incidents, by their number. */
    static final class Counted {
        private final Map<Integer, Row> sums = new HashMap<>();
        private final Map<Integer, Map<String, Long>> fields;
        private final Map<Integer, Map<String, Long>> patterns;
        private final Map<Integer, Window> windows;

        private Counted(
                Map<Integer, Map<String, Long>> fields,
                Map<Integer, Map<String, Long>> patterns,
                Map<Integer, Window> windows) {
            this.fields = fields;
            this.patterns = patterns;
            this.windows = windows;
        }

        static Counted of(Dataset<Row> assigned, Labelling labelling) {
            Dataset<Row> corrupt = assigned.where(col(NUMBER).isNotNull());
            Column damaged =
                    filter(col("fields"), field -> field.getField("fault").equalTo(Examiner.Fault.CORRUPT.text()));
            // A path has no separator in it, a description with its path has one.
            Column said = concat(
                    transform(col("fields"), field -> Labelling.schemaPath(field.getField("path"))),
                    transform(damaged, labelling::described));
            Map<Integer, Map<String, Long>> counts = counts(
                    corrupt.select(col(NUMBER), explode(said).alias("value")).groupBy(col(NUMBER), col("value")));
            Map<Integer, Row> sums = new HashMap<>();
            Instant first = null;
            Instant last = null;
            for (Row row : assigned.groupBy(NUMBER)
                    .agg(
                            count(lit(1)),
                            min("changedAt"),
                            max("changedAt"),
                            count_if(col("change").equalTo(Examiner.Change.ADDED.text())))
                    .collectAsList()) {
                if (!row.isNullAt(0)) {
                    sums.put(row.getInt(0), row);
                    first = earlier(first, row.getAs(2));
                    last = later(last, row.getAs(3));
                }
            }
            Counted counted = new Counted(
                    only(counts, text -> !text.contains(Label.SEPARATOR)),
                    only(counts, text -> text.contains(Label.SEPARATOR)),
                    first == null || last == null ? Map.of() : windows(assigned, first, last));
            counted.sums.putAll(sums);
            return counted;
        }

        private static Map<Integer, Map<String, Long>> only(
                Map<Integer, Map<String, Long>> counts, Predicate<String> wanted) {
            Map<Integer, Map<String, Long>> only = new HashMap<>();
            counts.forEach((number, of) -> {
                Map<String, Long> some = new LinkedHashMap<>(of);
                some.keySet().removeIf(wanted.negate());
                only.put(number, some);
            });
            return only;
        }

        private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
            return one == null || (other != null && other.isBefore(one)) ? other : one;
        }

        private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
            return one == null || (other != null && other.isAfter(one)) ? other : one;
        }

        private static Map<Integer, Map<String, Long>> counts(org.apache.spark.sql.RelationalGroupedDataset grouped) {
            Map<Integer, Map<String, Long>> counts = new HashMap<>();
            grouped.agg(count(lit(1)).alias("records"))
                    .orderBy(col("records").desc(), col("value"))
                    .limit(MOST_COUNTED)
                    .collectAsList()
                    .forEach(row -> counts.computeIfAbsent(row.getInt(0), number -> new LinkedHashMap<>())
                            .put(row.getString(1), row.getLong(2)));
            return counts;
        }

        /** When each incident was, among all that was written between the first and the last corrupt record. */
        private static Map<Integer, Window> windows(Dataset<Row> assigned, Instant first, Instant last) {
            long start = micros(first);
            long length = Math.max(1, (micros(last) - start) / STRETCHES + 1);
            Column stretch = floor(unix_micros(col("changedAt")).minus(start).divide(length))
                    .cast("int");
            Map<Integer, long[]> corrupt = new HashMap<>();
            Map<Integer, Instant[]> firsts = new HashMap<>();
            Map<Integer, Instant[]> lasts = new HashMap<>();
            long[] changed = new long[STRETCHES + 1];
            assigned.where(col("changedAt").between(lit(first), lit(last)))
                    .groupBy(col(NUMBER), stretch.alias("stretch"))
                    .agg(count(lit(1)), min("changedAt"), max("changedAt"))
                    .collectAsList()
                    .forEach(row -> {
                        int at = row.getInt(1);
                        changed[at] += row.getLong(2);
                        if (!row.isNullAt(0)) {
                            corrupt.computeIfAbsent(row.getInt(0), number -> new long[STRETCHES + 1])[at] =
                                    row.getLong(2);
                            firsts.computeIfAbsent(row.getInt(0), number -> new Instant[STRETCHES + 1])[at] =
                                    row.getAs(3);
                            lasts.computeIfAbsent(row.getInt(0), number -> new Instant[STRETCHES + 1])[at] =
                                    row.getAs(4);
                        }
                    });
            Map<Integer, Window> windows = new HashMap<>();
            corrupt.forEach((number, counts) -> {
                List<Window.Stretch> stretches = new ArrayList<>();
                for (int i = 0; i <= STRETCHES; i++) {
                    stretches.add(
                            new Window.Stretch(counts[i], changed[i], firsts.get(number)[i], lasts.get(number)[i]));
                }
                Window.of(stretches).ifPresent(window -> windows.put(number, window));
            });
            return windows;
        }

        private static long micros(Instant instant) {
            return Duration.between(Instant.EPOCH, instant).toNanos() / 1_000;
        }

        long added(int number) {
            Row row = sums.get(number);
            return row == null ? 0 : row.getLong(4);
        }

        Of of(int number, boolean gone) {
            Row row = sums.get(number);
            Window window = gone ? null : windows.get(number);
            Incident.When when = row == null || window == null
                    ? null
                    : new Incident.When(window.from(), window.to(), row.getAs(2), row.getAs(3));
            return new Of(
                    fields.getOrDefault(number, Map.of()),
                    patterns.getOrDefault(number, Map.of()),
                    when,
                    added(number));
        }

        /** What was counted of one. */
        record Of(Map<String, Long> fields, Map<String, Long> patterns, Incident.@Nullable When when, long added) {}
    }
}
