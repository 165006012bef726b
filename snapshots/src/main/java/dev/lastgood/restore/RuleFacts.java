package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a restore must know of a rule.
 *
 * @param hash of its meaning
 * @param alone fields each of which the rule is about by itself: a breach of the rule accuses their values
 * @param declared the fields it declares; of several, a breach does not say which one is wrong, and they are put back
 *     together or not at all
 * @param aboutMoves whether it is about how a field moves from one value to the next, not about its value
 * @param parent the dataset whose missing records the rule accuses; empty if it accuses none
 */
public record RuleFacts(
        String id,
        String hash,
        String dataset,
        Accuses accuses,
        Scope scope,
        Set<FieldPath> alone,
        Set<FieldPath> declared,
        boolean aboutMoves,
        String parent) {

    public RuleFacts {
        alone = Set.copyOf(alone);
        declared = Set.copyOf(declared);
    }

    /** What a breach is a breach of. */
    public enum Accuses {
        VALUES,
        /** That a record is not there. */
        ABSENCE,
        /** That a record is there. */
        EXISTENCE
    }

    /** Who can decide the rule. */
    public enum Scope {
        /** One record, or its before and after: a {@link Judge}. */
        LOCAL,
        /** Only many records. */
        RELATIONAL
    }

    /**
     * The facts of a rule.
     *
     * @param reads the fields its condition reads, as the parser of its SQL knows; not asked for if it has no condition
     */
    public static RuleFacts of(Rule rule, Collection<FieldPath> reads) {
        Constraint constraint = rule.constraint();
        boolean vanished = constraint instanceof Constraint.NoDelete;
        boolean appeared = constraint instanceof Constraint.NoInsert;
        // That a parent has no child is no reason to bring the parent back.
        boolean accusesParent = constraint instanceof Constraint.Reference reference
                && reference.cardinality() != Constraint.Cardinality.AT_LEAST_ONE_CHILD;
        String parent = accusesParent ? ((Constraint.Reference) constraint).to() : "";
        return new RuleFacts(
                rule.id(),
                rule.hash(),
                rule.dataset(),
                vanished ? Accuses.ABSENCE : appeared ? Accuses.EXISTENCE : Accuses.VALUES,
                rule.isLocal() ? Scope.LOCAL : Scope.RELATIONAL,
                alone(constraint, List.copyOf(reads)),
                Set.copyOf(rule.fields()),
                constraint instanceof Constraint.Transition
                        || constraint instanceof Constraint.Increasing
                        || constraint instanceof Constraint.AppendOnly
                        || constraint instanceof Constraint.SilentChange
                        || constraint instanceof Constraint.Explained
                        || constraint instanceof Constraint.AssertChange,
                parent);
    }

    private static Set<FieldPath> alone(Constraint constraint, List<FieldPath> reads) {
        if (constraint instanceof Constraint.Assert) {
            return reads.size() == 1 ? Set.copyOf(reads) : Set.of();
        }
        if (constraint instanceof Constraint.Each each) {
            return each.element() instanceof Constraint.Assert && reads.size() != 1
                    ? Set.of()
                    : Set.copyOf(each.element() instanceof Constraint.Assert ? reads : each.fields());
        }
        if (constraint instanceof Constraint.FrozenWhen frozen) {
            Set<FieldPath> kept = new HashSet<>(reads);
            frozen.except().forEach(kept::remove);
            return Set.copyOf(kept);
        }
        boolean byField = constraint instanceof Constraint.FieldCheck
                || constraint instanceof Constraint.Unchanged
                || constraint instanceof Constraint.Transition
                || constraint instanceof Constraint.Increasing
                || constraint instanceof Constraint.AppendOnly
                || constraint instanceof Constraint.Explained;
        return byField ? Set.copyOf(constraint.fields()) : Set.of();
    }
}
