package dev.lastgood.incident;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.diff.Pattern;
import dev.lastgood.diff.Patterns;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.restore.ChangePattern;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The changes that incidents made, as far as they are such as nobody makes on purpose: the total of a record of the incident
 * that is a hundred times what it was is the bug's, whichever of several fields a rule accuses.
 */
public final class KnownChanges implements ChangePattern {
    /** So many records of an incident must have changed like that, and so large a part of them. */
    private static final long FEWEST = 5;

    private static final double LEAST_SHARE = 0.5;

    /** By dataset, incident and path. */
    private final Map<String, Map<String, Map<String, Set<String>>>> changes = new HashMap<>();

    /** By dataset, the incident of each record. */
    private final Map<String, Map<Key, String>> members = new HashMap<>();

    /** @param incidents as the audit's document has them */
    public KnownChanges(Collection<JsonNode> incidents) {
        for (JsonNode incident : incidents) {
            double enough =
                    Math.max(FEWEST, LEAST_SHARE * incident.path("records").asLong());
            incident.path("damaged").forEach(damaged -> {
                String path = damaged.asText();
                incident.path("patterns").properties().forEach(one -> {
                    String pattern =
                            one.getKey().startsWith(path + " ") ? one.getKey().substring(path.length() + 1) : "";
                    if (one.getValue().asLong() >= enough && isTelling(pattern)) {
                        changes.computeIfAbsent(incident.path("dataset").asText(), any -> new HashMap<>())
                                .computeIfAbsent(incident.path("id").asText(), any -> new HashMap<>())
                                .computeIfAbsent(path, any -> new HashSet<>())
                                .add(pattern);
                    }
                });
            });
        }
    }

    /** Those of a dataset that made such changes. */
    public Set<String> incidents(String dataset) {
        return Set.copyOf(changes.getOrDefault(dataset, Map.of()).keySet());
    }

    /** That a record is of an incident. Of no other record anything is known. */
    public void add(String dataset, Key key, String incident) {
        members.computeIfAbsent(dataset, any -> new HashMap<>()).put(key, incident);
    }

    /**
     * The text may be no pattern at all: of what is masked, only the kind of change is told. And a time may be moved by some
     * hours more than once.
     */
    private static boolean isTelling(String text) {
        try {
            return Pattern.of(text).isTelling() && !text.equals("some hours");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public boolean matches(String dataset, Key key, FieldPath path, @Nullable Value good, @Nullable Value bad) {
        String incident = members.getOrDefault(dataset, Map.of()).getOrDefault(key, "");
        Set<String> known = changes.getOrDefault(dataset, Map.of())
                .getOrDefault(incident, Map.of())
                .getOrDefault(path.toString(), Set.of());
        return !known.isEmpty()
                && Patterns.of(path, good, bad, null, null).stream()
                        .map(Pattern::text)
                        .anyMatch(known::contains);
    }
}
