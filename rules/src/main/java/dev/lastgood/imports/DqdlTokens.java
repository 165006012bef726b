package dev.lastgood.imports;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Splits DQDL into tokens; comments are left out. What is no token is kept as one, for the parser to report. */
final class DqdlTokens {

    enum Kind {
        /** Letters, digits, dots and underscores. */
        WORD,
        NUMBER,
        /** In double quotes. */
        TEXT,
        /** A text whose end is missing. */
        OPEN_TEXT,
        SYMBOL,
        END
    }

    /**
     * A token.
     *
     * @param text of a text what stands between the quotes, escapes included
     * @param start index into the file's text
     * @param end the index after it
     */
    record Token(Kind kind, String text, int start, int end) {

        boolean is(String wordOrSymbol) {
            return (kind == Kind.WORD || kind == Kind.SYMBOL) && text.equals(wordOrSymbol);
        }

        /** For a message. */
        String shown() {
            return switch (kind) {
                case END -> "the end of the file";
                case TEXT, OPEN_TEXT -> "a text";
                default -> "'" + text + "'";
            };
        }
    }

    private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)?");
    private static final List<String> LONG_SYMBOLS = List.of(">=", "<=");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private DqdlTokens(String text) {
        this.text = text;
    }

    static List<Token> of(SourceFile file) {
        var tokens = new DqdlTokens(file.text());
        while (tokens.at < tokens.text.length()) {
            tokens.next();
        }
        tokens.tokens.add(new Token(Kind.END, "", tokens.at, tokens.at));
        return List.copyOf(tokens.tokens);
    }

    private void next() {
        char c = text.charAt(at);
        if (Character.isWhitespace(c)) {
            at++;
        } else if (c == '#') {
            int end = text.indexOf('\n', at);
            at = end < 0 ? text.length() : end;
        } else if (c == '"') {
            quoted();
        } else if (isWordPart(c)) {
            int end = at;
            while (end < text.length() && isWordPart(text.charAt(end))) {
                end++;
            }
            String word = text.substring(at, end);
            add(NUMBER.matcher(word).matches() ? Kind.NUMBER : Kind.WORD, word, end);
        } else {
            Optional<String> symbol = LONG_SYMBOLS.stream()
                    .filter(known -> text.startsWith(known, at))
                    .findFirst();
            int end = symbol.isPresent() ? at + 2 : text.offsetByCodePoints(at, 1);
            add(Kind.SYMBOL, text.substring(at, end), end);
        }
    }

    private static boolean isWordPart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    }

    private void quoted() {
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != '"') {
            boolean escape = text.startsWith("\\\"", end) || text.startsWith("\\\\", end);
            end += escape ? 2 : 1;
        }
        if (end < text.length()) {
            add(Kind.TEXT, text.substring(at + 1, end), end + 1);
        } else {
            add(Kind.OPEN_TEXT, text.substring(at + 1), text.length());
        }
    }

    private void add(Kind kind, String word, int end) {
        tokens.add(new Token(kind, word, at, end));
        at = end;
    }

    /** From the beginning of one token to the end of another. */
    static Place place(SourceFile file, Token first, Token last) {
        int end = Math.max(first.start(), last.end());
        return file.place(first.start(), file.text().codePointCount(first.start(), end));
    }
}
