package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Examiner;
import dev.lastgood.diff.Pattern;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Puts a {@link Label} on the corrupt records of a dataset, after the descriptions of change that fit many of them. */
final class Labelling {
    /** The column of the label; empty: not corrupt. */
    static final String LABEL = "_label";

    /** A description must fit so many of the records that are corrupt at its path. */
    private static final double LEAST_SHARE = 0.05;

    private static final long FEWEST = 2;

    /** Descriptions that are told apart, in a dataset. */
    private static final int MOST_PLACES = 40;

    private static final int MOST_COUNTED = 10_000;

    private final List<Label.Place> places;

    private Labelling(List<Label.Place> places) {
        this.places = List.copyOf(places);
    }

    /** Learns from an audit's records which descriptions fit many of the corrupt ones. */
    static Labelling of(Dataset<Row> records) {
        Dataset<Row> damaged = records.where(isCorrupt())
                .select(explode(filter(col("fields"), Labelling::isAtFault)).alias("f"))
                .select(
                        schemaPath(col("f.path")).alias("path"),
                        col("f.patterns").alias("patterns"));
        // The empty description fits every change at a path.
        Column patterns = concat(array(lit("")), col("patterns"));
        List<Row> counted = damaged.select(col("path"), explode(patterns).alias("pattern"))
                .groupBy("path", "pattern")
                .agg(count(lit(1)).alias("records"))
                .orderBy(col("records").desc(), col("path"), col("pattern"))
                .limit(MOST_COUNTED)
                .collectAsList();
        Map<String, Long> atPath = new HashMap<>();
        counted.stream()
                .filter(row -> row.getString(1).isEmpty())
                .forEach(row -> atPath.put(row.getString(0), row.getLong(2)));
        return new Labelling(counted.stream()
                .filter(row -> !row.getString(1).isEmpty())
                .filter(row ->
                        row.getLong(2) >= Math.max(FEWEST, LEAST_SHARE * atPath.getOrDefault(row.getString(0), 0L)))
                .sorted(TELLING_FIRST)
                .limit(MOST_PLACES)
                .map(row -> new Label.Place(row.getString(0), row.getString(1)))
                .toList());
    }

    /** Of those that fit equally many, what hardly happens on purpose says most. */
    private static final Comparator<Row> TELLING_FIRST = Comparator.comparingLong((Row row) -> row.getLong(2))
            .reversed()
            .thenComparing(row -> !Pattern.of(row.getString(1)).isTelling());

    /** The descriptions that fit many, the one that fits most first. */
    List<Label.Place> places() {
        return places;
    }

    /** The records with their {@link #LABEL}. */
    Dataset<Row> labelled(Dataset<Row> records) {
        Column label = concat(
                rules(),
                lit(Label.SEPARATOR),
                change(),
                lit(Label.SEPARATOR),
                coalesce(first(all(col("fields"), true)), lit("")));
        return records.withColumn(LABEL, when(isCorrupt(), label).otherwise(lit("")));
    }

    /** How a record changed; one that did not, and breaks a rule about what others became, as one that did. */
    static Column change() {
        return when(col("change").equalTo(Examiner.Change.NONE.text()), Examiner.Change.CHANGED.text())
                .otherwise(col("change"));
    }

    /** Whether a record has changed at this place like this. */
    static Column changedLike(Label.Place place) {
        return array_contains(all(col("fields"), false), place.text());
    }

    /** The best description of a field's change, with its path; with its kind, if none fits many. */
    Column described(Column field) {
        Column path = schemaPath(field.getField("path"));
        Column known =
                first(transform(field.getField("patterns"), pattern -> concat(path, lit(Label.SEPARATOR), pattern)));
        return coalesce(known, concat(path, lit(Label.SEPARATOR), field.getField("kind")));
    }

    private Column first(Column described) {
        return get(
                filter(
                        lit(places.stream().map(Label.Place::text).toArray(String[]::new)),
                        place -> array_contains(described, place)),
                lit(0));
    }

    private static Column all(Column fields, boolean onlyAtFault) {
        Column of = onlyAtFault ? filter(fields, Labelling::isAtFault) : fields;
        return flatten(transform(
                of,
                field -> transform(
                        field.getField("patterns"),
                        pattern -> concat(schemaPath(field.getField("path")), lit(Label.SEPARATOR), pattern))));
    }

    private static Column isAtFault(Column field) {
        return field.getField("fault").equalTo(Examiner.Fault.CORRUPT.text());
    }

    /** Whether a record is corrupt: it breaks a rule anew. */
    static Column isCorrupt() {
        return col("fault").equalTo(Examiner.Fault.CORRUPT.text()).and(rules().notEqual(""));
    }

    /** The rules a record breaks anew, joined. */
    private static Column rules() {
        Column broken = filter(
                col("findings"),
                finding -> not(finding.getField("preExisting"))
                        .and(not(finding.getField("accepted")))
                        .and(finding.getField("code").notEqual("ERROR")));
        return array_join(array_sort(array_distinct(transform(broken, finding -> finding.getField("rule")))), ",");
    }

    /** Indexes and keys of elements do not count: {@code lines[7].amount} is {@code lines[].amount}. */
    static Column schemaPath(Column path) {
        return regexp_replace(path, lit("\\[[^\\]]*\\]"), lit("[]"));
    }
}
