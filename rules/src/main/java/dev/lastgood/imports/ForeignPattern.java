package dev.lastgood.imports;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of another dialect. What Java would read as something else is objected to.
 *
 * @param text as written, which Java reads alike if there is no objection
 */
record ForeignPattern(String text, Optional<String> objection) {

    /** A rule file refuses longer ones. */
    private static final int LONGEST = 1000;

    static ForeignPattern of(String pattern) {
        return new ForeignPattern(pattern, objectionTo(pattern));
    }

    private static Optional<String> objectionTo(String pattern) {
        if (pattern.isBlank()) {
            return Optional.of("its pattern is empty");
        }
        if (pattern.length() > LONGEST - 4) {
            return Optional.of("its pattern is longer than a rule takes");
        }
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            return Optional.of(
                    "its pattern is none of Java's: " + e.getDescription().toLowerCase(Locale.ROOT));
        }
        return readsAlike(pattern)
                ? Optional.empty()
                : Optional.of("'[' or '&&' inside brackets of its pattern means something else in Java");
    }

    /** Java knows sets within sets, others know names like {@code [:alpha:]}, or take both for characters. */
    private static boolean readsAlike(String pattern) {
        boolean inside = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
            } else if (inside && (c == '[' || pattern.startsWith("&&", i))) {
                return false;
            } else if (c == '[') {
                inside = true;
            } else if (c == ']') {
                inside = false;
            }
        }
        return true;
    }

    /** What stands between {@code ^} and {@code $}, if the whole text must match. */
    Optional<String> anchored() {
        boolean ends = text.startsWith("^") && text.length() > 2 && text.endsWith("$") && !isEscaped(text.length() - 1);
        // Java counts how often an anchor stands there; without the anchor there is nothing to count.
        boolean counted = text.length() > 1 && "+*?{".indexOf(text.charAt(1)) >= 0;
        if (!ends || counted || text.contains("(?") || hasAlternatives()) {
            return Optional.empty();
        }
        return Optional.of(text.substring(1, text.length() - 1));
    }

    private boolean isEscaped(int at) {
        int backslashes = 0;
        while (backslashes < at && text.charAt(at - backslashes - 1) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    /** Whether a {@code |} stands outside brackets, so that what is put around the pattern goes to one side of it only. */
    boolean hasAlternatives() {
        int depth = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (inside) {
                inside = c != ']';
            } else if (c == '[') {
                inside = true;
            } else {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (c == '|' && depth == 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
