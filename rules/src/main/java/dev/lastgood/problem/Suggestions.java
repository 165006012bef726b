package dev.lastgood.problem;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** Guesses what was meant by a word nobody knows. */
public final class Suggestions {

    /** Longer words are not compared: nobody mistypes them, and the comparison is quadratic. */
    private static final int LONGEST = 200;

    private Suggestions() {}

    /**
     * The candidate a person most probably meant, if one is near: at most one mistake in three letters, and words of one
     * or two letters are near nothing. A mistake is a letter too many, missing, or wrong, or two neighbours swapped; case does not count. Of equally near ones the first.
     */
    public static Optional<String> nearest(String word, Collection<String> candidates) {
        Optional<String> nearest = Optional.empty();
        long best = Long.MAX_VALUE;
        for (String candidate : candidates) {
            long distance = distance(fold(word), fold(candidate));
            int bound = Math.max(1, Math.max(word.length(), candidate.length()) / 3);
            int shorter = Math.min(word.length(), candidate.length());
            boolean alike = shorter > 2 && 2 * distance <= shorter;
            if (distance <= bound && alike && distance < best) {
                best = distance;
                nearest = Optional.of(candidate);
            }
        }
        return nearest;
    }

    /**
     * An error for each name that is not known, with the one that was probably meant, and all there are.
     *
     * @param message what is wrong with a name, which follows it in quotes
     */
    public static void refuseUnknown(
            Collection<String> names, Collection<String> known, String message, Problems problems) {
        for (String name : new TreeSet<>(names)) {
            if (!known.contains(name)) {
                String guess = nearest(name, known)
                        .map("Did you mean '%s'? "::formatted)
                        .orElse("");
                problems.error(
                        null,
                        "%s '%s'".formatted(message, name),
                        guess + (known.isEmpty() ? "There is none." : "There is: " + String.join(", ", known) + "."));
            }
        }
    }

    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** Optimal string alignment: Boytsov, "Indexing Methods for Approximate Dictionary Searching", 2011, section 2.1. */
    static int distance(String one, String other) {
        if (one.length() > LONGEST || other.length() > LONGEST) {
            return one.equals(other) ? 0 : Integer.MAX_VALUE;
        }
        int[] beforeLast = new int[other.length() + 1];
        int[] last = new int[other.length() + 1];
        int[] row = new int[other.length() + 1];
        Arrays.setAll(last, j -> j);
        for (int i = 1; i <= one.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int wrong = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(last[j] + 1, row[j - 1] + 1), last[j - 1] + wrong);
                boolean swapped = i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1);
                if (swapped) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[other.length()];
    }
}
