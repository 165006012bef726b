package dev.lastgood.incident;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;

import dev.lastgood.audit.Examiner;
import dev.lastgood.diff.Pattern;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * What the corrupt records of an incident have in common, turned round to ask it of records that break no rule.
 *
 * @param values by dimension; empty if nothing is telling
 * @param place how they changed; null if no description fits
 * @param window null if the dataset does not say when records are written
 * @param added whether they are all new
 */
record Signature(
        SortedMap<String, String> values,
        Label.@Nullable Place place,
        @Nullable Window window,
        boolean added) {

    /**
     * How far a signature is to be believed: the least share of corrupt records among all that match it. A change that nobody
     * makes on purpose speaks for itself, and a mere change of the same field says little.
     */
    double leastShare() {
        if (isTelling()) {
            return 0;
        }
        return place != null ? 0.25 : 0.5;
    }

    /** Whether records of it can be told from others at all. */
    boolean isUsable() {
        return isTelling() || (!values.isEmpty() && (place != null || added));
    }

    private boolean isTelling() {
        return place != null && Pattern.of(place.pattern()).isTelling();
    }

    /**
     * Whether a record matches, whatever rules say of it. A record may have been written to since, by another writer, and
     * what it says of its writer is of that one; a change that is telling by itself is still seen then.
     */
    Column matches() {
        Column changed =
                place == null ? col("change").equalTo(Examiner.Change.ADDED.text()) : Labelling.changedLike(place);
        if (window == null) {
            return changed.and(has(values));
        }
        Instant from = window.from().minus(window.margin());
        Instant to = window.to().plus(window.margin());
        Column within = col("changedAt").between(lit(from), lit(to)).and(has(values));
        return changed.and(isTelling() ? within.or(col("changedAt").gt(lit(to))) : within);
    }

    static Column has(Map<String, String> values) {
        Column all = lit(true);
        for (Map.Entry<String, String> one : values.entrySet()) {
            all = all.and(org.apache.spark.sql.functions.coalesce(
                    element_at(col("dimensions"), one.getKey()).equalTo(one.getValue()), lit(false)));
        }
        return all;
    }

    /** Why a record that matches is suspected, in words. */
    String reason() {
        StringBuilder reason = new StringBuilder("breaks no rule, and ");
        if (place != null) {
            reason.append(place.path()).append(' ').append(place.pattern());
        } else {
            reason.append("is new");
        }
        values.forEach((dimension, value) ->
                reason.append(", ").append(dimension).append(' ').append(value));
        if (window != null) {
            reason.append(", written from ").append(window.from());
        }
        return reason.toString();
    }
}
