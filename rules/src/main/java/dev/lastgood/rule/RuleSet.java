package dev.lastgood.rule;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules with different ids, in the order of their files. */
public final class RuleSet {

    private final Map<String, Rule> byId;

    private RuleSet(Map<String, Rule> byId) {
        this.byId = Collections.unmodifiableMap(byId);
    }

    /** Of rules with the same id the first counts. */
    public static RuleSet of(Collection<Rule> rules) {
        Map<String, Rule> byId = new LinkedHashMap<>();
        rules.forEach(rule -> byId.putIfAbsent(rule.id(), rule));
        return new RuleSet(byId);
    }

    public List<Rule> rules() {
        return List.copyOf(byId.values());
    }

    public Optional<Rule> rule(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** The rules about that dataset. */
    public List<Rule> about(String dataset) {
        return byId.values().stream()
                .filter(rule -> rule.dataset().equals(dataset))
                .toList();
    }

    public boolean isEmpty() {
        return byId.isEmpty();
    }

    @Override
    public String toString() {
        return byId.keySet().toString();
    }
}
