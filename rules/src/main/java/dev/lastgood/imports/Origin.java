package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A check as it stands in the file.
 *
 * @param dataset what the workspace calls the dataset
 * @param words what the ids of its rules are made of
 * @param title what its own language calls it
 */
record Origin(Place place, String dataset, List<String> words, String title) {

    Origin {
        words = List.copyOf(words);
    }

    /** A name of theirs as one of ours: {@code nullValues} is {@code null_values}. */
    static String snake(String camel) {
        return camel.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    /** The same check, for a further rule. */
    Origin part(String word) {
        List<String> more = new ArrayList<>(words);
        more.add(word);
        return new Origin(place, dataset, more, title);
    }
}
