package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import java.util.ArrayList;
import java.util.List;

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

    /** The same check, for a further rule. */
    Origin part(String word) {
        List<String> more = new ArrayList<>(words);
        more.add(word);
        return new Origin(place, dataset, more, title);
    }
}
