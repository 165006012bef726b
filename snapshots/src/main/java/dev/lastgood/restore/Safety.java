package dev.lastgood.restore;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Whether rules prove a write safe. Pure. */
final class Safety {
    private Safety() {}

    /**
     * What the rules have against writing a record; empty if nothing. Every broken rule is fine with the good image and
     * with the result, and no rule that is fine with live, or has no live record to look at, is not fine with the result.
     */
    static Optional<String> objection(
            List<String> broken, Map<String, Ruling> onGood, Map<String, Ruling> onLive, Map<String, Ruling> onResult) {
        for (String rule : broken.stream().sorted().toList()) {
            if (onGood.containsKey(rule) && !isFine(onGood, rule)) {
                return Optional.of("rule '%s' is broken by the good image too".formatted(rule));
            }
            if (!isFine(onResult, rule)) {
                return Optional.of("rule '%s' would still be broken".formatted(rule));
            }
        }
        for (String rule : new TreeMap<>(onResult).keySet()) {
            if (!isFine(onResult, rule) && (!onLive.containsKey(rule) || isFine(onLive, rule))) {
                return Optional.of("rule '%s' would be newly broken".formatted(rule));
            }
        }
        return Optional.empty();
    }

    private static boolean isFine(Map<String, Ruling> rulings, String rule) {
        Ruling ruling = rulings.get(rule);
        return ruling != null && ruling.isFine();
    }
}
