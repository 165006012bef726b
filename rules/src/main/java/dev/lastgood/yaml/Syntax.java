package dev.lastgood.yaml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says in our words what the YAML library says of a text that is not YAML. */
final class Syntax {

    private record Known(String theirs, String ours, String hint) {}

    private static final List<Known> KNOWN = List.of(
            new Known("\\t(TAB)", "a tab cannot stand here", "Indent with spaces: YAML does not allow tabs for that."),
            new Known(
                    "mapping values are not allowed",
                    "a second ':' in one line",
                    "A text with ': ' in it stands in quotes; a mapping begins on a line of its own."),
            new Known(
                    "could not find expected ':'",
                    "a ':' is missing after this key",
                    "A text over several lines is indented more than its key."),
            new Known(
                    "but found '<block mapping start>'",
                    "this line is indented differently from the ones it belongs to",
                    "Keys of one mapping begin in the same column."),
            new Known(
                    "expected <block end>",
                    "this does not fit what is around it",
                    "Look at the indentation, and at quotes and brackets of the lines before."),
            new Known(
                    "expected ',' or",
                    "a ',' or the closing bracket is missing",
                    "A text with one of , [ ] { } in it stands in quotes inside brackets."),
            new Known("cannot start any token", "this character cannot begin a text", "Put the text in quotes."),
            new Known(
                    "escape",
                    "this escape is not known",
                    "In double quotes a backslash begins an escape; use single quotes to keep it as it is."),
            new Known(
                    "block sequence entries are not allowed",
                    "a list cannot begin here",
                    "Begin it on a line of its own."));

    private Syntax() {}

    static String message(String problem) {
        for (Known known : KNOWN) {
            if (problem.contains(known.theirs)) {
                return known.ours;
            }
        }
        return problem.replaceAll("\\s+", " ").strip();
    }

    static @Nullable String hint(String problem) {
        for (Known known : KNOWN) {
            if (problem.contains(known.theirs)) {
                return known.hint;
            }
        }
        return null;
    }
}
