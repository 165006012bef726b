package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What must be true. One kind a family member of the rule language. */
public sealed interface Constraint
        permits Constraint.OfRecord, Constraint.OfDataset, Constraint.AcrossDatasets, Constraint.AcrossTime {

    /** The word it is written with in a rule file. */
    String keyword();

    /** The fields it names outside SQL, paths from the record; what SQL names is known once it is parsed. */
    List<FieldPath> fields();

    <R> R accept(Visitor<R> visitor);

    /** The other datasets it looks at, each once; none for most. What a {@link Query} reads is known once it is parsed. */
    default Set<String> reaches() {
        return Set.of();
    }

    /** Whether one record, or its before and after, decides it. */
    boolean isLocal();

    /** Decided by one record. */
    sealed interface OfRecord extends Constraint {
        @Override
        default boolean isLocal() {
            return true;
        }
    }

    /** Decided by all records of one dataset. */
    sealed interface OfDataset extends Constraint {
        @Override
        default boolean isLocal() {
            return false;
        }
    }

    /** Decided by the records of several datasets. */
    sealed interface AcrossDatasets extends Constraint {
        @Override
        default boolean isLocal() {
            return false;
        }
    }

    /** Decided by a record before and after; of {@link Explained} with other records. */
    sealed interface AcrossTime extends Constraint {
        @Override
        default boolean isLocal() {
            return true;
        }
    }

    /** Reads a constraint from outside, one method a kind. */
    interface Visitor<R> {
        R assertion(Assert constraint);

        R fieldCheck(FieldCheck constraint);

        R each(Each constraint);

        R unique(Unique constraint);

        R depends(Depends constraint);

        R deny(Deny constraint);

        R metric(Metric constraint);

        R reference(Reference constraint);

        R join(Join constraint);

        R reconcile(Reconcile constraint);

        R unchanged(Unchanged constraint);

        R transition(Transition constraint);

        R increasing(Increasing constraint);

        R appendOnly(AppendOnly constraint);

        R noDelete(NoDelete constraint);

        R noInsert(NoInsert constraint);

        R frozenWhen(FrozenWhen constraint);

        R silentChange(SilentChange constraint);

        R explained(Explained constraint);

        R assertChange(AssertChange constraint);

        R query(Query constraint);
    }

    /** The condition is true for every record. */
    record Assert(Sql condition) implements OfRecord {

        @Override
        public String keyword() {
            return "assert";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.assertion(this);
        }
    }

    /** Every check holds for the value at the path. At least one check. */
    record FieldCheck(FieldPath path, List<Check> checks) implements OfRecord {

        public FieldCheck {
            checks = List.copyOf(checks);
        }

        @Override
        public String keyword() {
            return "field";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of(path);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.fieldCheck(this);
        }
    }

    /**
     * The same for every element of an array.
     *
     * @param array ends with {@code []}
     * @param element an {@link Assert} or a {@link FieldCheck}; its names and paths start at the element
     */
    record Each(FieldPath array, OfRecord element) implements OfRecord {

        @Override
        public String keyword() {
            return "each";
        }

        @Override
        public List<FieldPath> fields() {
            return element.fields().stream().map(array::resolve).toList();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.each(this);
        }
    }

    /** No two records are alike in these fields. */
    record Unique(List<FieldPath> fields) implements OfDataset {

        public Unique {
            fields = List.copyOf(fields);
        }

        @Override
        public String keyword() {
            return "unique";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.unique(this);
        }
    }

    /**
     * A functional dependency: records alike in some fields are alike in others.
     *
     * @param from a record with a null in one of these, or of those in to, takes no part
     * @param blame which records of a group that disagrees are at fault
     */
    record Depends(List<FieldPath> from, List<FieldPath> to, Blame blame) implements OfDataset {

        public Depends {
            from = List.copyOf(from);
            to = List.copyOf(to);
        }

        @Override
        public String keyword() {
            return "depends";
        }

        @Override
        public List<FieldPath> fields() {
            return Stream.concat(from.stream(), to.stream()).distinct().toList();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.depends(this);
        }
    }

    /**
     * There is no such pair of different records: a denial constraint.
     *
     * @param one what the SQL calls the first of the pair
     * @param other what it calls the second
     * @param join which records are compared at all; holds an equality between both
     * @param condition what is true of no pair; NULL is not true
     */
    record Deny(String one, String other, Sql join, Sql condition) implements OfDataset {

        @Override
        public String keyword() {
            return "deny";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.deny(this);
        }
    }

    /**
     * A number about the dataset as a whole.
     *
     * @param aggregate SQL with aggregate functions over its records
     * @param min the least it may be; null for no such bound
     * @param max the most it may be; null for no such bound
     * @param vsBaseline bounds of the number divided by what it was in the baseline; null for none
     * @param vsHistory how far it may be from what it was in earlier audits; null for no such bound
     */
    record Metric(
            Sql aggregate,
            @Nullable BigDecimal min,
            @Nullable BigDecimal max,
            @Nullable Ratio vsBaseline,
            @Nullable History vsHistory)
            implements OfDataset {

        /** Whether it has a bound of its own, which needs nothing to compare with. */
        public boolean standsAlone() {
            return min != null || max != null;
        }

        @Override
        public String keyword() {
            return "metric";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.metric(this);
        }
    }

    /** Bounds of a quotient; null for no such bound, and one of them is there. */
    record Ratio(@Nullable BigDecimal min, @Nullable BigDecimal max) {}

    /**
     * Earlier values of a number.
     *
     * @param maxSigma at most so many standard deviations from their mean
     * @param last so many audits back
     */
    record History(BigDecimal maxSigma, int last) {}

    /**
     * The record of another dataset that these fields name exists.
     *
     * @param to the parent's dataset
     * @param key the parent's fields, as many as fields, in the same order
     */
    record Reference(List<FieldPath> fields, String to, List<FieldPath> key, Cardinality cardinality)
            implements AcrossDatasets {

        public Reference {
            fields = List.copyOf(fields);
            key = List.copyOf(key);
        }

        /** Whether it leads from values of a record, not of its array elements, to the one parent they name. */
        public boolean isPlain() {
            return cardinality != Cardinality.AT_LEAST_ONE_CHILD
                    && fields.stream().allMatch(FieldPath::isPlain);
        }

        @Override
        public Set<String> reaches() {
            return Set.of(to);
        }

        @Override
        public String keyword() {
            return "reference";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.reference(this);
        }
    }

    /**
     * The condition is true of every record together with those of other datasets that go with it. Where none goes with it,
     * its fields are NULL.
     *
     * @param joined by the name the SQL calls it
     */
    record Join(Map<String, Joined> joined, Sql condition) implements AcrossDatasets {

        public Join {
            joined = Collections.unmodifiableMap(new LinkedHashMap<>(joined));
        }

        @Override
        public Set<String> reaches() {
            return joined.values().stream().map(Joined::dataset).collect(Collectors.toCollection(LinkedHashSet::new));
        }

        @Override
        public String keyword() {
            return "join";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.join(this);
        }
    }

    /**
     * Records that go with one.
     *
     * @param on which ones; holds an equality between both
     */
    record Joined(String dataset, Sql on) {}

    /**
     * Two sums agree for every key, not only in total. A key without records on a side has the sum 0 there.
     *
     * @param by what the key is called; where a side names no fields of its own, its fields
     * @param left of the rule's dataset
     */
    record Reconcile(List<FieldPath> by, Sum left, Sum right) implements AcrossDatasets {

        public Reconcile {
            by = List.copyOf(by);
        }

        @Override
        public Set<String> reaches() {
            return Set.of(right.dataset());
        }

        @Override
        public String keyword() {
            return "reconcile";
        }

        @Override
        public List<FieldPath> fields() {
            return left.key();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.reconcile(this);
        }
    }

    /**
     * One side of a reconciliation.
     *
     * @param where which records count; null for all
     * @param key the fields that make up the key; a record with a null in one of them takes no part
     * @param sum what of each record is added up
     */
    record Sum(String dataset, @Nullable Sql where, List<FieldPath> key, Sql sum) {
        public Sum {
            key = List.copyOf(key);
        }
    }

    /** These fields are the same before and after. */
    record Unchanged(List<FieldPath> fields) implements AcrossTime {

        public Unchanged {
            fields = List.copyOf(fields);
        }

        @Override
        public String keyword() {
            return "unchanged";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.unchanged(this);
        }
    }

    /**
     * The field goes from one of its states to another only as allowed. Staying is always allowed.
     *
     * @param allow for each state the states it may go to, both as texts of the field's values
     * @param reachable whether several allowed steps in a row are fine too, as happens between two snapshots
     */
    record Transition(FieldPath field, Map<String, List<String>> allow, boolean reachable) implements AcrossTime {

        public Transition {
            Map<String, List<String>> copy = new LinkedHashMap<>();
            allow.forEach((from, to) -> copy.put(from, List.copyOf(to)));
            allow = Collections.unmodifiableMap(copy);
        }

        /** Whether a record may be in the one state before and in the other after. */
        public boolean permits(String before, String after) {
            return before.equals(after) || successors(before).contains(after);
        }

        /** Every pair of different states that is permitted, in the order written: from each state to those after it. */
        public Map<String, Set<String>> permitted() {
            Map<String, Set<String>> permitted = new LinkedHashMap<>();
            for (String from : allow.keySet()) {
                Set<String> to = successors(from);
                to.remove(from);
                permitted.put(from, to);
            }
            return permitted;
        }

        /** Every state that occurs, in the order written. */
        public Set<String> states() {
            Set<String> states = new LinkedHashSet<>(allow.keySet());
            allow.values().forEach(states::addAll);
            return states;
        }

        private Set<String> successors(String from) {
            Set<String> found = new LinkedHashSet<>(allow.getOrDefault(from, List.of()));
            if (!reachable) {
                return found;
            }
            Deque<String> open = new ArrayDeque<>(found);
            while (!open.isEmpty()) {
                for (String next : allow.getOrDefault(open.remove(), List.of())) {
                    if (found.add(next)) {
                        open.add(next);
                    }
                }
            }
            return found;
        }

        @Override
        public String keyword() {
            return "transition";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of(field);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.transition(this);
        }
    }

    /**
     * The field never goes back.
     *
     * @param strictWhenChanged in a record whose content changed, the field has grown
     */
    record Increasing(FieldPath field, boolean strictWhenChanged) implements AcrossTime {

        @Override
        public String keyword() {
            return "increasing";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of(field);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.increasing(this);
        }
    }

    /** Of an array, elements are only added: those of before are there after, unchanged and in the same order. */
    record AppendOnly(FieldPath path) implements AcrossTime {

        @Override
        public String keyword() {
            return "append_only";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of(path);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.appendOnly(this);
        }
    }

    /** Records do not vanish, unless the condition is true of what they were before. */
    record NoDelete(@Nullable Sql unless) implements AcrossTime {

        @Override
        public String keyword() {
            return "no_delete";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.noDelete(this);
        }
    }

    /** Records do not appear, unless the condition is true of what they are after. */
    record NoInsert(@Nullable Sql unless) implements AcrossTime {

        @Override
        public String keyword() {
            return "no_insert";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.noInsert(this);
        }
    }

    /**
     * Nothing of a record changes once the condition is true of what it was before.
     *
     * @param except fields that may change all the same
     */
    record FrozenWhen(Sql condition, List<FieldPath> except) implements AcrossTime {

        public FrozenWhen {
            except = List.copyOf(except);
        }

        @Override
        public String keyword() {
            return "frozen_when";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.frozenWhen(this);
        }
    }

    /** A record whose content changed has another version as well; else something wrote that bypassed the application. */
    record SilentChange(FieldPath version) implements AcrossTime {

        @Override
        public String keyword() {
            return "silent_change";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of(version);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.silentChange(this);
        }
    }

    /**
     * The change of a number is the change of the sum of the records that account for it: those added in between, less
     * those removed.
     *
     * @param dataset of the records that account for it; the SQL calls one of them by its name
     * @param on which of them go with a record; holds an equality between both
     * @param sum what of each is added up
     */
    record Explained(FieldPath delta, String dataset, Sql on, Sql sum) implements AcrossTime {

        @Override
        public boolean isLocal() {
            return false;
        }

        @Override
        public Set<String> reaches() {
            return Set.of(dataset);
        }

        @Override
        public String keyword() {
            return "explained";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of(delta);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.explained(this);
        }
    }

    /** The condition over {@code before.} and {@code after.} is true of every record there is on both sides. */
    record AssertChange(Sql condition) implements AcrossTime {

        @Override
        public String keyword() {
            return "assert_change";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.assertChange(this);
        }
    }

    /** SQL over the datasets of the workspace that gives the keys of the records at fault. */
    record Query(Sql sql) implements AcrossDatasets {

        @Override
        public String keyword() {
            return "query";
        }

        @Override
        public List<FieldPath> fields() {
            return List.of();
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.query(this);
        }
    }

    /** Which records of a group that disagrees are at fault. */
    enum Blame {
        /** Those that differ from the most frequent values; all, if several are the most frequent. */
        MINORITY,
        /** Each of them. */
        ALL,
        /** Those that changed since the baseline; all, if none did or there is no baseline. */
        CHANGED;

        /** As written in a rule file. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How many records stand at the other end of a reference. */
    enum Cardinality {
        /** A record that names a parent has exactly one. */
        EXACTLY_ONE_PARENT("1"),
        /** A record that names a parent has one or none, never several. */
        AT_MOST_ONE_PARENT("0..1"),
        /** Looks from the parent: each has at least one record that names it. */
        AT_LEAST_ONE_CHILD("1..n");

        private final String text;

        Cardinality(String text) {
            this.text = text;
        }

        /** As written in a rule file. */
        public String text() {
            return text;
        }
    }
}
