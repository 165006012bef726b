package dev.lastgood.incident;

import dev.lastgood.audit.Retrospect;
import dev.lastgood.judge.FitsType;
import dev.lastgood.judge.RuleCompiler;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import dev.lastgood.rule.RuleSet;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rules that records of one dataset are accused by, by how a capture can be asked about them. The numbers of rules are
 * those of their places in the lists.
 *
 * @param ofRecords ids of those that a record alone decides; the built-in one among them
 * @param ofPairs those about a record before and after
 * @param relations those that all records of a moment decide, asked by {@link Retrospect}
 */
record Questions(
        String dataset, List<String> ofRecords, List<Rule> ofPairs, List<Rule> relations, Map<String, Rule> rules) {

    /**
     * What a record is asked.
     *
     * @param ofPairs ids
     * @param sinceBaseline whether one of its rules only says something of what has changed since the baseline
     * @param unanswerable whether one of its rules says nothing of any capture, so that none is known to be clean
     */
    record Asked(BitSet ofRecord, Set<String> ofPairs, BitSet relations, boolean sinceBaseline, boolean unanswerable) {}

    static Questions of(String dataset, RuleSet all, Collection<Set<String>> accusing) {
        Map<String, Rule> rules = new HashMap<>();
        all.rules().forEach(rule -> rules.put(rule.id(), rule));
        Set<String> ids = new TreeSet<>();
        accusing.forEach(ids::addAll);
        List<String> ofRecords = new ArrayList<>();
        List<Rule> ofPairs = new ArrayList<>();
        List<Rule> relations = new ArrayList<>();
        for (String id : ids) {
            Rule rule = rules.get(id);
            if (FitsType.is(id)) {
                ofRecords.add(id);
            } else if (rule != null && isAnswerable(rule) && !rule.isLocal()) {
                relations.add(rule);
            } else if (rule != null && isAnswerable(rule) && rule.dataset().equals(dataset)) {
                if (rule.isCrossTime()) {
                    ofPairs.add(rule);
                } else {
                    ofRecords.add(id);
                }
            }
        }
        return new Questions(dataset, List.copyOf(ofRecords), List.copyOf(ofPairs), List.copyOf(relations), rules);
    }

    /** Whether a capture alone, or together with an older one, tells something of it. */
    private static boolean isAnswerable(Rule rule) {
        return !(rule.constraint() instanceof Constraint.Metric)
                && !(rule.constraint() instanceof Constraint.Explained);
    }

    /**
     * What a record is asked that these rules accuse. One that is missed as the parent of others is well wherever it is there.
     *
     * @param missing whether it is accused of not being there
     */
    Asked asked(Set<String> accusing, boolean missing) {
        BitSet ofRecord = new BitSet();
        Set<String> pairs = new TreeSet<>();
        BitSet related = new BitSet();
        boolean sinceBaseline = false;
        boolean unanswerable = false;
        for (String id : accusing) {
            Rule rule = rules.get(id);
            if (ofRecords.contains(id)) {
                ofRecord.set(ofRecords.indexOf(id));
            } else if (rule == null) {
                unanswerable = true;
            } else if (ofPairs.contains(rule)) {
                pairs.add(id);
            } else if (rule.constraint() instanceof Constraint.Explained) {
                sinceBaseline = true;
            } else if (!relations.contains(rule)) {
                unanswerable = true;
            } else if (!missing || !leadsHere(rule)) {
                related.set(relations.indexOf(rule));
            }
        }
        return new Asked(ofRecord, pairs, related, sinceBaseline, unanswerable);
    }

    private boolean leadsHere(Rule rule) {
        return rule.constraint() instanceof Constraint.Reference reference
                && reference.to().equals(dataset)
                && reference.cardinality() != Constraint.Cardinality.AT_LEAST_ONE_CHILD;
    }

    /** By the datasets whose records they need, the relations and their numbers. */
    Map<Set<String>, Map<Integer, Rule>> byDatasets() {
        Map<Set<String>, Map<Integer, Rule>> grouped = new LinkedHashMap<>();
        for (int i = 0; i < relations.size(); i++) {
            Rule rule = relations.get(i);
            Set<String> needed = new TreeSet<>(RuleCompiler.reaches(rule));
            needed.add(rule.dataset());
            needed.add(dataset);
            grouped.computeIfAbsent(needed, any -> new LinkedHashMap<>()).put(i, rule);
        }
        return grouped;
    }
}
