package dev.lastgood.yaml;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a text that is not YAML, in our words.
 *
 * @param where what to point at
 */
record Syntax(String message, @Nullable String hint, Where where) {

    /** Where such a mistake is, as far as the YAML library can tell. */
    enum Where {
        /** Where the library found out. */
        FOUND,
        /** Where it began to read what it could not finish. */
        BEGUN,
        /** The first character of the line in which it found out. */
        LINE
    }

    private static final Pattern ONLY_A_KEY = Pattern.compile("\\s+[\\w.'\"-]+\\s*");

    private record Known(String theirs, Syntax ours) {}

    private static final Syntax INDENTED_MORE = new Syntax(
            "this line is indented more than the key before it",
            "Keys of one mapping begin in the same column.",
            Where.LINE);

    private static final List<Known> KNOWN = List.of(
            known(
                    "\\t(TAB)",
                    "a tab cannot stand here",
                    "Indent with spaces: YAML does not allow tabs for that.",
                    Where.FOUND),
            known(
                    "mapping values are not allowed",
                    "a second ':' in one line",
                    "A text with ': ' in it stands in quotes; a mapping begins on a line of its own.",
                    Where.FOUND),
            known(
                    "could not find expected ':'",
                    "a ':' is missing after this key",
                    "A text over several lines is indented more than its key.",
                    Where.BEGUN),
            known(
                    "but found '<block mapping start>'",
                    "this line is indented differently from the ones it belongs to",
                    "Keys of one mapping begin in the same column.",
                    Where.FOUND),
            known(
                    "expected <block end>",
                    "this does not fit what is around it",
                    "Look at the indentation, and at quotes and brackets of the lines before.",
                    Where.FOUND),
            known(
                    "expected ',' or",
                    "a ',' or the closing bracket is missing",
                    "A text with one of , [ ] { } in it stands in quotes inside brackets.",
                    Where.FOUND),
            known(
                    "cannot start any token",
                    "this character cannot begin a text",
                    "Put the text in quotes.",
                    Where.FOUND),
            known(
                    "escape",
                    "this escape is not known",
                    "In double quotes a backslash begins an escape; use single quotes to keep it as it is.",
                    Where.FOUND),
            known(
                    "block sequence entries are not allowed",
                    "a list cannot begin here",
                    "Begin it on a line of its own.",
                    Where.FOUND));

    private static Known known(String theirs, String message, String hint, Where where) {
        return new Known(theirs, new Syntax(message, hint, where));
    }

    /**
     * @param problem what the YAML library says
     * @param before what stands in the line before the place it names
     */
    static Syntax of(String problem, String before) {
        if (problem.contains("mapping values are not allowed")
                && ONLY_A_KEY.matcher(before).matches()) {
            return INDENTED_MORE;
        }
        for (Known known : KNOWN) {
            if (problem.contains(known.theirs)) {
                return known.ours;
            }
        }
        return new Syntax(problem.replaceAll("\\s+", " ").strip(), null, Where.FOUND);
    }
}
