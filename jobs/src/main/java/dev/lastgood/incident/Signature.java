package dev.lastgood.incident;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_intersect;
import static org.apache.spark.sql.functions.array_union;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.audit.Examiner;
import dev.lastgood.diff.Pattern;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * What the corrupt records of an incident have in common, turned round to ask it of records that break no rule.
 *
 * @param values by dimension; empty if nothing is telling
 * @param path the field in which the damage is seen; null if there is no one field
 * @param patterns how it changed; empty if there is no one way
 * @param added whether its records are new
 * @param window null if the dataset does not say when records are written
 * @param learned what was learned from the records that match, and from those that look alike and cannot be of it
 */
record Signature(
        SortedMap<String, String> values,
        @Nullable String path,
        Set<String> patterns,
        boolean added,
        @Nullable Window window,
        Learned learned) {

    /** So large a part of the changes of the field must be wrong for a new record to be suspected of it. */
    private static final double ALWAYS = 0.9;

    /** The same for another change of the field: right values may have been written before the wrong one. */
    private static final double MOSTLY = 0.5;

    private static final long OFTEN_ENOUGH = 20;

    Signature {
        patterns = Set.copyOf(patterns);
    }

    /**
     * What is known beyond the corrupt records themselves.
     *
     * @param alike records that break no rule, changed the same way, and were written by others before the end of the window
     * @param changesOfField changes of the field inside window and values, corrupt or not
     * @param wrongChanges those of them that break a rule or are of the kind
     * @param others fields that the corrupt records hardly ever change, and the others that match often do
     * @param returning fields that went back to what they once held, as they do not elsewhere
     * @param believed whether how a record changed is reason enough to suspect it
     */
    record Learned(
            long alike,
            long changesOfField,
            long wrongChanges,
            SortedSet<String> others,
            SortedSet<String> returning,
            boolean believed) {
        static final Learned NOTHING = new Learned(0, 0, 0, new TreeSet<>(), new TreeSet<>(), true);

        Learned {
            others = Collections.unmodifiableSortedSet(new TreeSet<>(others));
            returning = Collections.unmodifiableSortedSet(new TreeSet<>(returning));
        }
    }

    Signature counting(long alike, long changesOfField, long wrongChanges) {
        return with(
                new Learned(alike, changesOfField, wrongChanges, learned.others, learned.returning, learned.believed));
    }

    Signature leaving(SortedSet<String> others) {
        return with(new Learned(
                learned.alike,
                learned.changesOfField,
                learned.wrongChanges,
                others,
                learned.returning,
                learned.believed));
    }

    Signature returning(SortedSet<String> returning) {
        return with(new Learned(
                learned.alike,
                learned.changesOfField,
                learned.wrongChanges,
                learned.others,
                returning,
                learned.believed));
    }

    Signature unbelieved() {
        return with(new Learned(
                learned.alike, learned.changesOfField, learned.wrongChanges, learned.others, learned.returning, false));
    }

    private Signature with(Learned more) {
        return new Signature(values, path, patterns, added, window, more);
    }

    /**
     * How far a signature is to be believed: the least share of corrupt records among all that match it. A change that nobody
     * makes on purpose speaks for itself, and a mere change of the same field says little.
     */
    double leastShare() {
        if (isTelling()) {
            return 0;
        }
        return patterns.isEmpty() ? MOSTLY : MOSTLY / 2;
    }

    /** Whether records of it can be told from others at all. */
    boolean isUsable() {
        return isTelling() || !values.isEmpty();
    }

    /** Whether its changes speak for themselves. */
    boolean isTelling() {
        return !patterns.isEmpty()
                && patterns.stream().allMatch(text -> Pattern.of(text).isTelling());
    }

    /** Whether the field changed, in whatever way. */
    Column changesField() {
        return path == null ? lit(true) : array_contains(col(Facts.PATHS), path);
    }

    /** Whether a record changed as those of the incident, whoever wrote it and when. */
    Column changedLikeIt() {
        if (path == null) {
            return added ? col("change").equalTo(Examiner.Change.ADDED.text()) : lit(false);
        }
        Column any = lit(false);
        for (String pattern : new TreeSet<>(patterns)) {
            any = any.or(Labelling.changedLike(new Label.Place(path, pattern)));
        }
        return patterns.isEmpty() ? changesField() : any;
    }

    /** Whether a record was written in the window, as its last writer says by those it names. */
    Column inside() {
        return window == null ? has(values) : within().and(has(values));
    }

    private Column within() {
        return window == null
                ? lit(true)
                : coalesce(
                        col("changedAt")
                                .between(
                                        lit(window.from().minus(window.margin())),
                                        lit(window.to().plus(window.margin()))),
                        lit(false));
    }

    /** Whether a record that changed like it can be of somebody else: written before the end of the window, by others. */
    Column byOthers() {
        Column before = window == null
                ? lit(true)
                : coalesce(col("changedAt").leq(lit(window.to().plus(window.margin()))), lit(false));
        return values.isEmpty() ? not(within()).and(before) : not(has(values)).and(before);
    }

    /** Whether a record matches, whatever rules say of it. */
    Column matches() {
        return usual().or(returns());
    }

    /**
     * Whether a record matches by how it changed. A record may have been written to since, and what it says of its
     * writer is of the last one: where nobody else makes such changes, it is seen by the change alone. A right value may have
     * been written before the wrong one, so that how it changed cannot be seen: where most changes of the field are wrong, any
     * is suspected; and where nearly all are, what was written there for the first time is hardly right.
     */
    Column usual() {
        if (!learned.believed()) {
            return lit(false);
        }
        Column matches = changedLikeIt().and(inside());
        if (isTelling() && learned.alike() == 0 && window != null) {
            matches = matches.or(changedLikeIt().and(col("changedAt").gt(lit(window.from()))));
        }
        if (strikes(MOSTLY)) {
            matches = matches.or(changesField().and(inside()));
        }
        if (strikes(ALWAYS)) {
            Column added = col("change").equalTo(Examiner.Change.ADDED.text());
            matches = matches.or(added.and(inside()));
        }
        for (String other : learned.others()) {
            matches = matches.and(not(array_contains(col(Facts.PATHS), other)));
        }
        return matches;
    }

    /** Whether a field of a record that was written as those of the incident went back to what it once held. */
    Column returns() {
        return learned.returning().isEmpty() || values.isEmpty()
                ? lit(false)
                : inside().and(size(returned()).gt(0));
    }

    /** The fields of a record that did. */
    private Column returned() {
        Column wanted = lit(learned.returning().toArray(String[]::new));
        return array_intersect(wanted, coalesce(col(Returned.RETURNED), array().cast("array<string>")));
    }

    /** The fields that make a record a suspect; none: it is suspected as a whole, as it is new. */
    Column suspectedIn() {
        Column none = array().cast("array<string>");
        Column changed = path == null
                ? none
                : when(usual().and(changesField()), array(lit(path))).otherwise(none);
        return when(returns(), array_union(changed, returned())).otherwise(changed);
    }

    private boolean strikes(double share) {
        return path != null
                && !values.isEmpty()
                && learned.changesOfField() >= OFTEN_ENOUGH
                && learned.wrongChanges() >= share * learned.changesOfField();
    }

    static Column has(Map<String, String> values) {
        Column all = lit(true);
        for (Map.Entry<String, String> one : values.entrySet()) {
            all = all.and(coalesce(element_at(col("dimensions"), one.getKey()).equalTo(one.getValue()), lit(false)));
        }
        return all;
    }

    /** Why a record that matches is suspected, in words. */
    Column reason() {
        String changed = patterns.isEmpty() ? "changed" : String.join(" or ", List.copyOf(new TreeSet<>(patterns)));
        Column usual = lit(path == null ? "is new" : path + " " + changed);
        Column returned = concat(concat_ws(", ", returned()), lit(" went " + Returned.PATTERN));
        return concat(lit("breaks no rule, and "), when(usual(), usual).otherwise(returned), lit(circumstances()));
    }

    private String circumstances() {
        StringBuilder reason = new StringBuilder();
        values.forEach((dimension, value) ->
                reason.append(", ").append(dimension).append(' ').append(value));
        if (window != null) {
            reason.append(", written from ").append(window.from());
        }
        return reason.toString();
    }

    /**
     * The signature of a cause.
     *
     * @param sizes how many records each label has
     * @param damaged paths of fields that a rule blames and how many of its records changed there
     */
    static Signature of(Cause cause, Map<Label, Long> sizes, Map<String, Long> damaged, @Nullable Window window) {
        Map<String, Long> atPath = new java.util.TreeMap<>();
        for (Label label : cause.labels()) {
            if (label.place() != null) {
                atPath.merge(label.place().path(), sizes.getOrDefault(label, 0L), Long::sum);
            }
        }
        String path = most(atPath);
        if (path == null) {
            String blamed = most(damaged);
            long changed = changed(cause, sizes);
            boolean usual = blamed != null && changed > 0 && damaged.getOrDefault(blamed, 0L) >= 0.8 * changed;
            return new Signature(
                    cause.values(), usual ? blamed : null, Set.of(), isAdded(cause), window, Learned.NOTHING);
        }
        Set<String> patterns = new TreeSet<>();
        long largest = 0;
        for (Label label : cause.labels()) {
            if (label.place() != null && label.place().path().equals(path)) {
                patterns.add(label.place().pattern());
                largest = Math.max(largest, sizes.getOrDefault(label, 0L));
            }
        }
        // Many constants are none.
        boolean oneWay = largest >= 0.6 * atPath.getOrDefault(path, 0L);
        return new Signature(
                cause.values(), path, oneWay ? patterns : Set.of(), isAdded(cause), window, Learned.NOTHING);
    }

    private static boolean isAdded(Cause cause) {
        return cause.labels().stream().allMatch(label -> label.change().equals(Examiner.Change.ADDED.text()));
    }

    private static long changed(Cause cause, Map<Label, Long> sizes) {
        return cause.labels().stream()
                .filter(label -> label.change().equals(Examiner.Change.CHANGED.text()))
                .mapToLong(label -> sizes.getOrDefault(label, 0L))
                .sum();
    }

    private static @Nullable String most(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .max(Map.Entry.<String, Long>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(java.util.Comparator.reverseOrder())))
                .map(Map.Entry::getKey)
                .orElse(null);
    }
}
