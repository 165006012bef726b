package dev.lastgood.imports;

import dev.lastgood.problem.Place;

/**
 * A check that no rule was written for.
 *
 * @param what the dataset, the field if there is one, and the check as its own language calls it
 * @param why lower case, without a full stop
 */
public record Untranslated(Place place, String what, String why) {

    @Override
    public String toString() {
        return "%s: %s: %s".formatted(place, what, why);
    }
}
