package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must be true. One kind a family member of the rule language. */
public sealed interface Constraint
        permits Constraint.OfRecord, Constraint.OfDataset, Constraint.AcrossDatasets, Constraint.AcrossTime {

    /** The word it is written with in a rule file. */
    String keyword();

    /** The fields it names outside SQL, paths from the record; what SQL names is known once it is parsed. */
    List<FieldPath> fields();

    <R> R accept(Visitor<R> visitor);

    /** Decided by one record. */
    sealed interface OfRecord extends Constraint {}

    /** Decided by all records of one dataset. */
    sealed interface OfDataset extends Constraint {}

    /** Decided by the records of several datasets. */
    sealed interface AcrossDatasets extends Constraint {}

    /** Decided by a record before and after. */
    sealed interface AcrossTime extends Constraint {}

    /** Reads a constraint from outside, one method a kind. */
    interface Visitor<R> {
        R assertion(Assert constraint);

        R fieldCheck(FieldCheck constraint);

        R each(Each constraint);

        R unique(Unique constraint);

        R reference(Reference constraint);

        R unchanged(Unchanged constraint);

        R transition(Transition constraint);

        R increasing(Increasing constraint);

        R noDelete(NoDelete constraint);

        R noInsert(NoInsert constraint);

        R assertChange(AssertChange constraint);
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

        @Override
        public String keyword() {
            return "reference";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.reference(this);
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
