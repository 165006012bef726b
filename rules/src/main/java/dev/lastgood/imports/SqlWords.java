package dev.lastgood.imports;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Splits SQL of any dialect into words: enough to see what it is made of, not to understand it. */
final class SqlWords {

    enum Kind {
        /** A name without quotes, or a keyword. */
        NAME,
        NUMBER,
        /** In single quotes. */
        TEXT,
        /** In double quotes: a name in some dialects, a text in others. */
        DOUBLE_QUOTED,
        /** In backticks. */
        BACKTICKED,
        SYMBOL
    }

    /**
     * A word.
     *
     * @param text as written, quotes included
     * @param spaced whether something invisible stands before it
     */
    record Word(Kind kind, String text, boolean spaced) {

        /** Whether it is this keyword, in lower case. */
        boolean is(String keyword) {
            return kind == Kind.NAME && text.toLowerCase(Locale.ROOT).equals(keyword);
        }

        boolean isSymbol(String symbol) {
            return kind == Kind.SYMBOL && text.equals(symbol);
        }
    }

    private final String sql;
    private final List<Word> words = new ArrayList<>();
    private int at;
    private boolean spaced;

    private SqlWords(String sql) {
        this.sql = sql;
    }

    /** The words without comments; none if a quote, a comment or a bracket is not closed. */
    static Optional<List<Word>> of(String sql) {
        var words = new SqlWords(sql);
        return words.read() && isBalanced(words.words) ? Optional.of(List.copyOf(words.words)) : Optional.empty();
    }

    private static boolean isBalanced(List<Word> words) {
        int depth = 0;
        for (Word word : words) {
            depth += word.isSymbol("(") ? 1 : word.isSymbol(")") ? -1 : 0;
            if (depth < 0) {
                return false;
            }
        }
        return depth == 0;
    }

    private boolean read() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            boolean closed = true;
            if (Character.isWhitespace(c)) {
                skip(at + 1);
            } else if (sql.startsWith("--", at)) {
                int end = sql.indexOf('\n', at);
                skip(end < 0 ? sql.length() : end);
            } else if (sql.startsWith("/*", at)) {
                int end = sql.indexOf("*/", at + 2);
                closed = end >= 0;
                skip(closed ? end + 2 : sql.length());
            } else if (c == '\'') {
                closed = quoted(Kind.TEXT);
            } else if (c == '"') {
                closed = quoted(Kind.DOUBLE_QUOTED);
            } else if (c == '`') {
                closed = quoted(Kind.BACKTICKED);
            } else {
                bare(c);
            }
            if (!closed) {
                return false;
            }
        }
        return true;
    }

    private void skip(int to) {
        at = to;
        spaced = true;
    }

    /** Up to the same quote, unless a backslash stands before it in a text, or it is doubled. */
    private boolean quoted(Kind kind) {
        char quote = sql.charAt(at);
        int end = at + 1;
        while (end < sql.length()) {
            char c = sql.charAt(end);
            if (c == '\\' && kind != Kind.BACKTICKED) {
                end += 2;
            } else if (c != quote) {
                end++;
            } else if (end + 1 < sql.length() && sql.charAt(end + 1) == quote) {
                end += 2;
            } else {
                add(kind, end + 1);
                return true;
            }
        }
        return false;
    }

    private void bare(char c) {
        int end = at + 1;
        if (isNamePart(c)) {
            boolean number = Character.isDigit(c);
            while (end < sql.length() && (isNamePart(sql.charAt(end)) || (number && sql.charAt(end) == '.'))) {
                end++;
            }
            add(number ? Kind.NUMBER : Kind.NAME, end);
        } else {
            add(Kind.SYMBOL, sql.offsetByCodePoints(at, 1));
        }
    }

    private static boolean isNamePart(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private void add(Kind kind, int end) {
        words.add(new Word(kind, sql.substring(at, end), spaced && !words.isEmpty()));
        spaced = false;
        at = end;
    }

    /** The words as one line, with a blank where something invisible stood. */
    static String text(List<Word> words) {
        var text = new StringBuilder();
        for (Word word : words) {
            if (word.spaced() && text.length() > 0) {
                text.append(' ');
            }
            text.append(word.text());
        }
        return text.toString();
    }
}
