package dev.lastgood.suggest;

import dev.lastgood.rule.Check;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** How texts of a field look: what all of a sample have in common. Pure. */
final class TextShape {
    /** Longer ones have no shape, they are prose. */
    private static final int LONGEST = 60;

    /** Nor have longer ones a form that is worth looking for. */
    private static final int LONGEST_FORM = 2_000;

    /** What nominates a form. Whether all texts have it, the rule itself finds out. */
    private static final Map<Check.Form, Pattern> SIGNS = new EnumMap<>(Map.of(
            Check.Form.UUID, Pattern.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
            Check.Form.EMAIL, Pattern.compile("[^\\s@]+@[^\\s@]+\\.[^\\s@]+"),
            Check.Form.DATE, Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
            Check.Form.TIME, Pattern.compile("[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?"),
            Check.Form.DATE_TIME, Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+([Zz]|[+-][0-9:]+)"),
            Check.Form.IPV4, Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}"),
            Check.Form.IPV6, Pattern.compile("[0-9A-Fa-f]*(:[0-9A-Fa-f]*){2,7}"),
            Check.Form.URI, Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://\\S+"),
            Check.Form.HOSTNAME, Pattern.compile("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*\\.[A-Za-z]{2,}"),
            Check.Form.JSON, Pattern.compile("\\s*[\\[{].*[\\]}]\\s*", Pattern.DOTALL)));

    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private TextShape() {}

    /** The well-known form that all of them seem to have. */
    static Optional<Check.Form> form(List<String> texts) {
        return SIGNS.entrySet().stream()
                .filter(sign -> !texts.isEmpty()
                        && texts.stream().allMatch(text -> text.length() <= LONGEST_FORM)
                        && texts.stream().allMatch(sign.getValue().asMatchPredicate()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    static boolean areNumbers(List<String> texts) {
        return !texts.isEmpty() && texts.stream().allMatch(NUMBER.asMatchPredicate());
    }

    /**
     * A regular expression of runs of digits and letters that all of them match; none if they have no shape in common, or
     * one that says nothing.
     *
     * @param literal whether it may name the characters with which all of them begin
     */
    static Optional<String> pattern(List<String> texts, boolean literal) {
        if (texts.isEmpty() || texts.stream().anyMatch(text -> text.isEmpty() || text.length() > LONGEST)) {
            return Optional.empty();
        }
        // Beyond ASCII there are no kinds of characters here: each would be named.
        if (!literal && texts.stream().anyMatch(text -> text.chars().anyMatch(character -> character > '~'))) {
            return Optional.empty();
        }
        String prefix = literal ? prefix(texts) : "";
        List<List<Run>> shapes = texts.stream()
                .map(text -> runs(text.substring(prefix.length())))
                .distinct()
                .toList();
        List<Run> first = shapes.get(0);
        boolean alike = shapes.stream().allMatch(shape -> isAlike(shape, first));
        if (!alike || first.isEmpty()) {
            return Optional.empty();
        }
        StringBuilder pattern = new StringBuilder(quoted(prefix));
        boolean fixed = true;
        for (int i = 0; i < first.size(); i++) {
            Run run = first.get(i);
            int at = i;
            boolean same = shapes.stream().allMatch(shape -> shape.get(at).length() == run.length());
            fixed &= same;
            // A single digit has not shown that it never becomes two.
            boolean open = !same || (run.length() == 1 && run.of() == Character.DECIMAL_DIGIT_NUMBER);
            pattern.append(run.text(open));
        }
        boolean digits = first.stream().anyMatch(run -> run.of() == Character.DECIMAL_DIGIT_NUMBER);
        boolean code = fixed && first.size() == 1 && first.get(0).length() >= 2;
        return digits || code ? Optional.of(pattern.toString()) : Optional.empty();
    }

    /** With what all begin, up to the first digit, and never in the middle of a word. */
    private static String prefix(List<String> texts) {
        String common = texts.get(0);
        for (String text : texts) {
            int same = 0;
            while (same < Math.min(common.length(), text.length()) && common.charAt(same) == text.charAt(same)) {
                same++;
            }
            common = common.substring(0, same);
        }
        int end = 0;
        while (end < common.length() && isPlain(common.charAt(end)) && !isDigit(common.charAt(end))) {
            end++;
        }
        while (end > 0 && Character.isLetter(common.charAt(end - 1)) && isFollowedByALetter(texts, end)) {
            end--;
        }
        return common.substring(0, end);
    }

    private static boolean isFollowedByALetter(List<String> texts, int at) {
        return texts.stream().anyMatch(text -> at < text.length() && Character.isLetter(text.charAt(at)));
    }

    private static boolean isPlain(char character) {
        return character > ' ' && character < 127;
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    /** So many characters of one kind in a row; a mark stands for itself. */
    private record Run(int of, char mark, int length) {

        static Run of(char character) {
            if (isDigit(character)) {
                return new Run(Character.DECIMAL_DIGIT_NUMBER, '0', 1);
            }
            if (character >= 'A' && character <= 'Z') {
                return new Run(Character.UPPERCASE_LETTER, 'A', 1);
            }
            return character >= 'a' && character <= 'z'
                    ? new Run(Character.LOWERCASE_LETTER, 'a', 1)
                    : new Run(Character.OTHER_SYMBOL, character, 1);
        }

        boolean isLike(Run other) {
            return of == other.of && mark == other.mark;
        }

        Run longer() {
            return new Run(of, mark, length + 1);
        }

        String text(boolean open) {
            String one = switch (of) {
                case Character.DECIMAL_DIGIT_NUMBER -> "[0-9]";
                case Character.UPPERCASE_LETTER -> "[A-Z]";
                case Character.LOWERCASE_LETTER -> "[a-z]";
                default -> quoted(String.valueOf(mark));
            };
            return one + (open ? "+" : length == 1 ? "" : "{" + length + "}");
        }
    }

    private static List<Run> runs(String text) {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            Run next = Run.of(text.charAt(i));
            int last = runs.size() - 1;
            if (last >= 0 && runs.get(last).isLike(next)) {
                runs.set(last, runs.get(last).longer());
            } else {
                runs.add(next);
            }
        }
        return runs;
    }

    private static boolean isAlike(List<Run> one, List<Run> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (!one.get(i).isLike(other.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            boolean word = Character.isLetterOrDigit(character)
                    || character == ' '
                    || "_-/:@#%&,;'\"<>=!~".indexOf(character) >= 0;
            quoted.append(word ? "" : "\\").append(character);
        }
        return quoted.toString();
    }
}
