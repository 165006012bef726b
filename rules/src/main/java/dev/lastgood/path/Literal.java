package dev.lastgood.path;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A plain value as a person wrote it in a rule or a path. Keeps the text: {@code 1.50} stays {@code 1.50}.
 *
 * @param text without quotes; for a number its JSON form; {@code true}, {@code false}, {@code null}
 */
public record Literal(String text, Kind kind) {

    /** What a literal is before anything is known about the field it is compared with. */
    public enum Kind {
        NUMBER,
        TEXT,
        BOOLEAN,
        NULL
    }

    public static final Literal NULL = new Literal("null", Kind.NULL);

    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?");

    public Literal {
        boolean fits = switch (kind) {
            case NUMBER -> isNumber(text);
            case BOOLEAN -> text.equals("true") || text.equals("false");
            case NULL -> text.equals("null");
            case TEXT -> true;
        };
        if (!fits) {
            throw new IllegalArgumentException("not a %s: %s".formatted(kind, text));
        }
    }

    /** A text, whatever it looks like. */
    public static Literal text(String text) {
        return new Literal(text, Kind.TEXT);
    }

    /** What was meant by something written without quotes: {@code 12} is a number, {@code NEW} a text. */
    public static Literal plain(String text) {
        if (text.equals("null")) {
            return NULL;
        }
        if (text.equals("true") || text.equals("false")) {
            return new Literal(text, Kind.BOOLEAN);
        }
        return new Literal(text, isNumber(text) ? Kind.NUMBER : Kind.TEXT);
    }

    /** Written as JSON writes numbers, with at most 1,000 characters, and 4 digits in the exponent. */
    public static boolean isNumber(String text) {
        return text.length() <= 1000 && NUMBER.matcher(text).matches();
    }

    /** The exact number, if it is one. */
    public Optional<BigDecimal> number() {
        return kind == Kind.NUMBER ? Optional.of(new BigDecimal(text)) : Optional.empty();
    }

    /** Numbers, booleans and null as they are, texts in single quotes, doubled inside. */
    @Override
    public String toString() {
        return kind == Kind.TEXT ? "'" + text.replace("'", "''") + "'" : text;
    }
}
