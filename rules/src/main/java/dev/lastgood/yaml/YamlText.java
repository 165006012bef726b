package dev.lastgood.yaml;

import dev.lastgood.path.Literal;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Values as YAML 1.2 writes them. */
public final class YamlText {

    /** What begins like this and holds no mark of YAML's needs no quotes. */
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}_(][^\\p{C}\\p{Zl}\\p{Zp}\\u0085]*");

    private static final Set<String> WORDS = Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");
    private static final int WIDEST_LIST = 90;

    private YamlText() {}

    /** A text that is a value of a mapping, or an item of a list in lines. */
    public static String text(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !text.endsWith(" ")
                && !text.endsWith(":")
                && !text.contains(": ")
                && !text.contains(" #")
                && !WORDS.contains(text.toLowerCase(Locale.ROOT));
        return plain ? text : quoted(text);
    }

    /** A text inside brackets. */
    public static String inner(String text) {
        boolean plain = text.chars().noneMatch(c -> ",[]{}:#".indexOf(c) >= 0);
        return plain ? text(text) : quoted(text);
    }

    private static String quoted(String text) {
        boolean visible = text.codePoints().noneMatch(YamlText::needsEscape);
        return visible ? "'" + text.replace("'", "''") + "'" : escaped(text);
    }

    private static boolean needsEscape(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static String escaped(String text) {
        var escaped = new StringBuilder("\"");
        text.codePoints().forEach(codePoint -> {
            if (codePoint == '"' || codePoint == '\\') {
                escaped.append('\\').appendCodePoint(codePoint);
            } else if (codePoint == '\n') {
                escaped.append("\\n");
            } else if (needsEscape(codePoint)) {
                escaped.append(codePoint > 0xFFFF ? "\\U%08X".formatted(codePoint) : "\\u%04X".formatted(codePoint));
            } else {
                escaped.appendCodePoint(codePoint);
            }
        });
        return escaped.append('"').toString();
    }

    /** Texts as a list; in lines of their own if they are many. */
    public static String texts(List<String> texts) {
        return list(
                texts.stream().map(YamlText::inner).toList(),
                texts.stream().map(YamlText::text).toList());
    }

    /** Values as a list; in lines of their own if they are many. */
    public static String literals(List<Literal> literals) {
        return list(
                literals.stream().map(literal -> literal(literal, true)).toList(),
                literals.stream().map(literal -> literal(literal, false)).toList());
    }

    private static String list(List<String> inner, List<String> items) {
        String flow = "[" + String.join(", ", inner) + "]";
        return flow.length() <= WIDEST_LIST
                ? flow
                : items.stream().map(item -> "\n      - " + item).collect(Collectors.joining());
    }

    /** A number as it is, a text so that it is not taken for one. */
    public static String literal(Literal literal) {
        return literal(literal, false);
    }

    private static String literal(Literal literal, boolean inside) {
        if (literal.kind() != Literal.Kind.TEXT) {
            return literal.text();
        }
        return inside ? inner(literal.text()) : text(literal.text());
    }

    /** Text from elsewhere for a comment: one line, and nothing in it that YAML forbids. */
    public static String comment(String text) {
        var shown = new StringBuilder();
        text.codePoints()
                .map(codePoint -> Character.isWhitespace(codePoint) ? ' ' : needsEscape(codePoint) ? 0xFFFD : codePoint)
                .forEach(shown::appendCodePoint);
        return shown.toString().strip();
    }
}
