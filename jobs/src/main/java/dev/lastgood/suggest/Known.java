package dev.lastgood.suggest;

import dev.lastgood.rule.Check;
import dev.lastgood.rule.Constraint;
import dev.lastgood.rule.Rule;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the rules of a workspace say already. Whoever has bounded a field needs no other bounds for it, whatever was seen:
 * a suggestion is known if they say something of its kind about what it is about. Pure.
 */
final class Known {
    private final Set<String> hashes = new HashSet<>();
    private final Set<String> said = new HashSet<>();

    Known(Collection<Rule> rules) {
        for (Rule rule : rules) {
            hashes.add(rule.hash());
            // What is about some of the records leaves the others open.
            if (rule.where() == null) {
                said.addAll(sayings(rule));
            }
        }
    }

    boolean says(Rule suggestion) {
        List<String> sayings = sayings(suggestion);
        // Of several checks the first is what it is suggested for.
        List<String> needed = isOfField(suggestion) ? sayings.subList(0, 1) : sayings;
        return hashes.contains(suggestion.hash()) || (!needed.isEmpty() && said.containsAll(needed));
    }

    private static boolean isOfField(Rule rule) {
        Constraint constraint = rule.constraint();
        return constraint instanceof Constraint.FieldCheck
                || (constraint instanceof Constraint.Each each && each.element() instanceof Constraint.FieldCheck);
    }

    private static List<String> sayings(Rule rule) {
        return sayings(rule.constraint(), rule.constraint()).stream()
                .map(saying -> rule.dataset() + ": " + saying)
                .toList();
    }

    /** @param whole names the fields from the record */
    private static List<String> sayings(Constraint constraint, Constraint whole) {
        if (constraint instanceof Constraint.Each each) {
            return sayings(each.element(), each);
        }
        if (constraint instanceof Constraint.FieldCheck check) {
            return check.checks().stream()
                    .map(one -> whole.fields().get(0) + " " + kind(one))
                    .toList();
        }
        if (constraint instanceof Constraint.Unique unique) {
            return List.of("unique " + new TreeSet<>(unique.fields()));
        }
        if (constraint instanceof Constraint.Depends depends) {
            return depends.to().stream()
                    .map(to -> new TreeSet<>(depends.from()) + " determines " + to)
                    .toList();
        }
        if (constraint instanceof Constraint.Reference reference) {
            return List.of(reference.fields() + " in " + reference.to() + " " + reference.key());
        }
        if (constraint instanceof Constraint.Unchanged unchanged) {
            return unchanged.fields().stream().map(path -> path + " unchanged").toList();
        }
        if (constraint instanceof Constraint.Increasing increasing) {
            return List.of(increasing.field() + " increasing");
        }
        return List.of();
    }

    private static String kind(Check check) {
        return switch (check.keyword()) {
            case "in", "matches", "format", "type" -> "written";
            case "min", "max" -> "bounded";
            default -> check.keyword();
        };
    }
}
