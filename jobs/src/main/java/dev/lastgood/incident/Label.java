package dev.lastgood.incident;

import dev.lastgood.audit.Examiner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes corrupt records of a dataset alike at first sight.
 *
 * @param rules those it breaks anew, in order
 * @param change as {@link dev.lastgood.audit.Examiner.Change#text}
 * @param place where the change is that describes most of its kind; null if no description fits many records
 */
record Label(List<String> rules, String change, @Nullable Place place) {
    private static final String BETWEEN = ",";

    /** No field path and no pattern holds it. */
    static final String SEPARATOR = "\u001f";

    Label {
        rules = List.copyOf(rules);
    }

    /**
     * A description of changes at a path.
     *
     * @param path the schema path of the field
     * @param pattern as {@link dev.lastgood.diff.Patterns} says it
     */
    record Place(String path, String pattern) {
        String text() {
            return path + SEPARATOR + pattern;
        }

        static Place of(String text) {
            int at = text.indexOf(SEPARATOR);
            return new Place(text.substring(0, at), text.substring(at + 1));
        }
    }

    /** As a column holds it: the rules, the change and the place, with separators between them. */
    String text() {
        return String.join(BETWEEN, rules) + SEPARATOR + change + SEPARATOR + (place == null ? "" : place.text());
    }

    static Label of(String text) {
        String[] parts = text.split(SEPARATOR, 3);
        return new Label(
                List.of(parts[0].split(BETWEEN, -1)), parts[1], parts[2].isEmpty() ? null : Place.of(parts[2]));
    }

    /**
     * Whether one cause may be behind both: the same change, or a rule in common where not both are known to have changed in
     * their own way.
     */
    boolean isAkinTo(Label other) {
        if (isGone() != other.isGone()) {
            return false;
        }
        if (place != null && place.equals(other.place)) {
            return true;
        }
        boolean together = rules.stream().anyMatch(other.rules::contains);
        return together && (place == null || other.place == null || place.path().equals(other.place.path()));
    }

    /** When a record was last written says nothing of who deleted it. */
    boolean isGone() {
        return change.equals(Examiner.Change.REMOVED.text());
    }

    /** Whether both are the same change. */
    boolean changesLike(Label other) {
        return place != null && place.equals(other.place);
    }
}
