package dev.lastgood.path;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the text form of a {@link FieldPath} from left to right. */
final class PathParser {

    /** Deeper data than this is refused elsewhere too. */
    private static final int MOST_STEPS = 200;

    private final String text;
    private int at;

    PathParser(String text) {
        this.text = text;
    }

    FieldPath path() throws InvalidPath {
        if (text.isEmpty()) {
            throw new InvalidPath(0, 0, "a field path is missing");
        }
        List<Step> steps = new ArrayList<>();
        steps.add(name());
        while (at < text.length()) {
            if (steps.size() == MOST_STEPS) {
                throw new InvalidPath(at, text.length() - at, "a path of more than %d steps".formatted(MOST_STEPS));
            }
            if (text.charAt(at) == '[') {
                steps.add(element());
            } else if (text.charAt(at) == '.') {
                at++;
                steps.add(name());
            } else {
                throw unexpected("'.' or '['");
            }
        }
        return new FieldPath(steps);
    }

    private Step.Name name() throws InvalidPath {
        if (at < text.length() && text.charAt(at) == '`') {
            return new Step.Name(quoted('`'));
        }
        int start = at;
        while (at < text.length() && Step.Name.isPlain(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        if (at == start) {
            throw unexpected("a name");
        }
        return new Step.Name(text.substring(start, at));
    }

    private String quoted(char quote) throws InvalidPath {
        int start = at;
        at++;
        var content = new StringBuilder();
        while (at < text.length()) {
            char character = text.charAt(at);
            at++;
            if (character != quote) {
                content.append(character);
            } else if (at < text.length() && text.charAt(at) == quote) {
                content.append(quote);
                at++;
            } else {
                return content.toString();
            }
        }
        throw new InvalidPath(start, text.length() - start, "the closing %s is missing".formatted(quote));
    }

    private Step element() throws InvalidPath {
        int start = at;
        at++;
        if (at < text.length() && text.charAt(at) == ']') {
            at++;
            return new Step.Each();
        }
        int close = text.indexOf(']', at);
        String inner = close < 0 ? "" : text.substring(at, close);
        if (!inner.isEmpty() && inner.chars().allMatch(c -> c >= '0' && c <= '9')) {
            at = close + 1;
            return new Step.Index(index(start + 1, inner));
        }
        return keyed(start);
    }

    private static int index(int start, String digits) throws InvalidPath {
        if (digits.length() > 1 && digits.startsWith("0")) {
            throw new InvalidPath(start, digits.length(), "an index has no leading zero");
        }
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new InvalidPath(start, digits.length(), "an index is at most " + Integer.MAX_VALUE);
        }
    }

    private Step keyed(int start) throws InvalidPath {
        Map<String, Literal> key = new LinkedHashMap<>();
        while (true) {
            int nameStart = at;
            String name = name().name();
            if (key.containsKey(name)) {
                throw new InvalidPath(nameStart, at - nameStart, "'%s' stands twice in one key".formatted(name));
            }
            expect('=');
            key.put(name, literal());
            if (at == text.length()) {
                throw new InvalidPath(start, at - start, "the closing ] is missing");
            }
            if (text.charAt(at) == ']') {
                at++;
                return new Step.Keyed(key);
            }
            expect(',');
        }
    }

    private Literal literal() throws InvalidPath {
        if (at < text.length() && text.charAt(at) == '\'') {
            return Literal.text(quoted('\''));
        }
        int start = at;
        while (at < text.length() && ",]'".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String plain = text.substring(start, at);
        Literal literal = Literal.plain(plain);
        if (literal.kind() == Literal.Kind.TEXT) {
            throw new InvalidPath(start, at - start, "a text in a key stands in single quotes");
        }
        return literal;
    }

    private void expect(char character) throws InvalidPath {
        if (at == text.length() || text.charAt(at) != character) {
            throw unexpected("'" + character + "'");
        }
        at++;
    }

    private InvalidPath unexpected(String expected) {
        if (at == text.length()) {
            return new InvalidPath(at, 0, expected + " is missing at the end");
        }
        String found = Character.toString(text.codePointAt(at));
        return new InvalidPath(at, found.length(), "%s expected, not '%s'".formatted(expected, found));
    }
}
