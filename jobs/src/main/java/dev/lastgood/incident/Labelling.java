package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.diff.Pattern;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
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

    /** Learns which descriptions fit many of the corrupt records. */
    static Labelling of(Dataset<Row> facts) {
        // The empty description fits every change at a path.
        List<Row> counted = facts.where(isCorrupt())
                .select(explode(col(Facts.FAULTS)).alias("f"))
                .select(explode(concat(array(concat(col("f.path"), lit(Label.SEPARATOR))), col("f.places")))
                        .alias("place"))
                .groupBy("place")
                .agg(count(lit(1)).alias("records"))
                .orderBy(col("records").desc(), col("place"))
                .limit(MOST_COUNTED)
                .collectAsList();
        Map<String, Long> atPath = new HashMap<>();
        Map<Label.Place, Long> places = new LinkedHashMap<>();
        for (Row row : counted) {
            Label.Place place = Label.Place.of(row.getString(0));
            if (place.pattern().isEmpty()) {
                atPath.put(place.path(), row.getLong(1));
            } else {
                places.put(place, row.getLong(1));
            }
        }
        return new Labelling(places.entrySet().stream()
                .filter(one -> one.getValue()
                        >= Math.max(
                                FEWEST,
                                LEAST_SHARE * atPath.getOrDefault(one.getKey().path(), 0L)))
                .sorted(TELLING_FIRST)
                .limit(MOST_PLACES)
                .map(Map.Entry::getKey)
                .toList());
    }

    /** Of those that fit equally many, what hardly happens on purpose says most. */
    private static final Comparator<Map.Entry<Label.Place, Long>> TELLING_FIRST =
            Map.Entry.<Label.Place, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(one -> !Pattern.of(one.getKey().pattern()).isTelling());

    /** The facts with their {@link #LABEL}. */
    Dataset<Row> labelled(Dataset<Row> facts) {
        Column label = concat(
                col(Facts.RULES),
                lit(Label.SEPARATOR),
                col(Facts.CHANGE),
                lit(Label.SEPARATOR),
                coalesce(first(col(Facts.PLACES_AT_FAULT)), lit("")));
        return facts.withColumn(LABEL, when(isCorrupt(), label).otherwise(lit("")));
    }

    /** Whether a record has changed at this place like this. */
    static Column changedLike(Label.Place place) {
        return array_contains(col(Facts.PLACES), place.text());
    }

    /** The best description of the change of a field at fault, with its path; with its kind, if none fits many. */
    Column described(Column fault) {
        return coalesce(
                first(fault.getField("places")),
                concat(fault.getField("path"), lit(Label.SEPARATOR), fault.getField("kind")));
    }

    private Column first(Column described) {
        return get(
                filter(
                        lit(places.stream().map(Label.Place::text).toArray(String[]::new)),
                        place -> array_contains(described, place)),
                lit(0));
    }

    static Column isCorrupt() {
        return col(Facts.RULES).notEqual("");
    }
}
