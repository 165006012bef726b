package dev.lastgood.restore;

import dev.lastgood.target.Target;
import dev.lastgood.workspace.RestorePolicy;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a write to a dataset sets off: consumers that are declared, and what the store itself tells of. Pure. */
public final class SideEffects {
    private SideEffects() {}

    /**
     * What the store tells of and no consumer is declared for, by the name under which it is acknowledged: {@code trigger
     * outbox}, {@code row-level security}. A trigger is declared if its name is the {@code name} of a consumer, or a
     * word of its {@code by}.
     */
    public static List<String> undeclared(List<Target.Fact> facts, List<RestorePolicy.Consumer> declared) {
        Set<String> effects = new TreeSet<>();
        for (Target.Fact fact : facts) {
            if (fact.concern() == Target.Concern.TRIGGER
                    && declared.stream().noneMatch(consumer -> isBy(consumer, fact.name()))) {
                effects.add("trigger " + fact.name());
            } else if (fact.concern() == Target.Concern.ROW_SECURITY) {
                effects.add(fact.name());
            }
        }
        return List.copyOf(effects);
    }

    /** What must be acknowledged before these steps are carried out. */
    public static SortedSet<String> toAcknowledge(Map<String, Plan.Bound> bound, Collection<Step> steps) {
        SortedSet<String> open = new TreeSet<>();
        for (Step step : steps) {
            Plan.Bound of = bound.get(step.dataset());
            if (of != null) {
                open.addAll(of.consumers());
            }
            if (step.evidence() == Step.Evidence.NONE) {
                open.add(PlanApproval.NO_DELETE_EVIDENCE);
            }
        }
        return open;
    }

    private static boolean isBy(RestorePolicy.Consumer consumer, String trigger) {
        return consumer.name().equals(trigger)
                || (consumer.by() != null
                        && Arrays.asList(consumer.by().split("[^\\w$]+")).contains(trigger));
    }
}
