package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Place;
import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A violation that somebody knows of and has accepted: it is told and does not count.
 *
 * @param key of the record, by the names of its key fields
 * @param path of the value at fault, as a finding names it; null for all of the rule's findings on the record
 * @param reason why it is accepted
 * @param until the last day, in UTC, on which it is
 */
public record Accepted(
        Map<String, Literal> key, @Nullable FieldPath path, String reason, LocalDate until, Place place) {
    public Accepted {
        key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
    }

    /** Whether it still is on that day. */
    public boolean holds(LocalDate day) {
        return !day.isAfter(until);
    }
}
