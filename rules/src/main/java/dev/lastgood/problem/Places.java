package dev.lastgood.problem;

import java.util.Map;

/**
 * Where a thing and its parts are written.
 *
 * @param whole what to point at for the thing itself
 * @param parts by their text, for instance a field path; of a part written twice the first place
 */
public record Places(Place whole, Map<String, Place> parts) {

    public Places {
        parts = Map.copyOf(parts);
    }

    public static Places of(Place whole) {
        return new Places(whole, Map.of());
    }

    /** Where that part is written first; the whole, if nobody knows. */
    public Place of(Object part) {
        return parts.getOrDefault(part.toString(), whole);
    }
}
