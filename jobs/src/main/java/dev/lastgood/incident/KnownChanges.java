package dev.lastgood.incident;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.diff.Pattern;
import dev.lastgood.diff.Patterns;
import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Value;
import dev.lastgood.restore.ChangePattern;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The changes that the incidents of an audit made, as far as they are such as nobody makes on purpose: a total that is a
 * hundred times what it was is the bug's, whichever of several fields a rule accuses. A value that somebody has worked on
 * since is no exact match, and so is none.
 */
public final class KnownChanges implements ChangePattern {
    /** So many records of an incident must have changed like that, and so large a part of them. */
    private static final long FEWEST = 5;

    private static final double LEAST_SHARE = 0.5;

    private final Map<String, Map<String, Set<String>>> changes = new HashMap<>();

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
                                .computeIfAbsent(path, any -> new HashSet<>())
                                .add(pattern);
                    }
                });
            });
        }
    }

    /** The text may be no pattern at all: of what is masked, only the kind of change is told. */
    private static boolean isTelling(String text) {
        try {
            return Pattern.of(text).isTelling();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public boolean matches(String dataset, FieldPath path, @Nullable Value good, @Nullable Value bad) {
        Set<String> known = changes.getOrDefault(dataset, Map.of()).getOrDefault(path.toString(), Set.of());
        return !known.isEmpty()
                && Patterns.of(path, good, bad, null, null).stream()
                        .map(Pattern::text)
                        .anyMatch(known::contains);
    }
}
