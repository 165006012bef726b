package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step.Name;
import dev.lastgood.record.Paths;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Places of one record that are put back together or not at all: those of the declared fields of one rule, within one
 * element if all of the rule's fields lie in the elements of one array.
 */
final class Coupling {
    static final Coupling NONE = new Coupling(List.of());

    private final List<Set<FieldPath>> groups;

    private Coupling(List<Set<FieldPath>> groups) {
        this.groups = groups;
    }

    /** Only damaged places are coupled: coupling never adds one. */
    static Coupling of(Collection<RuleFacts> rules, Collection<FieldPath> damaged) {
        List<Set<FieldPath>> groups = new ArrayList<>();
        rules.stream()
                .sorted(Comparator.comparing(RuleFacts::id))
                .filter(rule -> rule.declared().size() > 1)
                .forEach(rule -> groups.addAll(groups(rule, damaged)));
        return new Coupling(groups);
    }

    private static Collection<Set<FieldPath>> groups(RuleFacts rule, Collection<FieldPath> damaged) {
        int shared = sharedElement(rule.declared());
        Map<String, Set<FieldPath>> byElement = new TreeMap<>();
        for (FieldPath place : damaged) {
            if (rule.declared().stream().anyMatch(field -> Paths.touch(field, place))) {
                int length = Math.min(shared, place.steps().size());
                String element = place.steps().subList(0, length).toString();
                byElement.computeIfAbsent(element, any -> new HashSet<>()).add(place);
            }
        }
        return byElement.values();
    }

    /** How many steps lead to the innermost element that all the fields lie in; 0 if they lie in no common one. */
    private static int sharedElement(Set<FieldPath> fields) {
        List<FieldPath> all = List.copyOf(fields);
        List<dev.lastgood.path.Step> first = all.get(0).steps();
        int shared = 0;
        for (int i = 0; i < first.size(); i++) {
            int length = i + 1;
            boolean common = all.stream()
                    .allMatch(field -> field.steps().size() >= length
                            && field.steps().subList(0, length).equals(first.subList(0, length)));
            if (!common) {
                break;
            }
            if (!(first.get(i) instanceof Name)) {
                shared = length;
            }
        }
        return shared;
    }

    /** The places that cannot be put back because one they are coupled with cannot. */
    Set<FieldPath> heldBackBy(Collection<FieldPath> blocked) {
        Set<FieldPath> all = new HashSet<>(blocked);
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Set<FieldPath> group : groups) {
                if (group.stream().anyMatch(all::contains)) {
                    grown |= all.addAll(group);
                }
            }
        }
        all.removeAll(blocked);
        return all;
    }
}
