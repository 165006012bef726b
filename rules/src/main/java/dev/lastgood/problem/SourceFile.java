package dev.lastgood.problem;

import java.util.Optional;

/**
 * A text a person wrote, under the name to show for it. A byte order mark at the start is no part of the text.
 *
 * @param name as shown in problems, for instance {@code rules/orders.yaml}
 * @param text the whole text; a line ends with {@code \n}, {@code \r\n} or {@code \r}
 */
public record SourceFile(String name, String text) {

    public SourceFile {
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
    }

    /** The line of that number, counted from 1, without its end. */
    public Optional<String> line(int number) {
        int start = lineStart(number);
        return start < 0 ? Optional.empty() : Optional.of(text.substring(start, lineEnd(start)));
    }

    /**
     * Where a place begins, as an index into {@link #text}. A place beyond the text is its end.
     *
     * @param line from 1
     * @param column in code points, from 1
     */
    public int offset(int line, int column) {
        int start = lineStart(line);
        if (start < 0) {
            return text.length();
        }
        int end = lineEnd(start);
        int codePoints = text.codePointCount(start, end);
        return text.offsetByCodePoints(start, Math.min(Math.max(column - 1, 0), codePoints));
    }

    /** The place of a stretch of the text; start is an index into {@link #text}, length is in code points. */
    public Place place(int start, int length) {
        int bounded = Math.min(Math.max(start, 0), text.length());
        int line = 1;
        int lineStart = 0;
        int end = lineEnd(lineStart);
        while (end < bounded) {
            lineStart = afterBreak(end);
            if (lineStart > bounded) {
                // between \r and \n: still the line they end
                lineStart = Math.max(0, end - 1);
                break;
            }
            line++;
            end = lineEnd(lineStart);
        }
        return new Place(this, line, text.codePointCount(lineStart, bounded) + 1, Math.max(length, 0));
    }

    /** The place of the file as a whole: its beginning. */
    public Place start() {
        return new Place(this, 1, 1, 0);
    }

    private int lineStart(int number) {
        int start = 0;
        for (int line = 1; line < number; line++) {
            int end = lineEnd(start);
            if (end == text.length()) {
                return -1;
            }
            start = afterBreak(end);
        }
        return number < 1 ? -1 : start;
    }

    private int lineEnd(int start) {
        int end = start;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            end++;
        }
        return end;
    }

    private int afterBreak(int end) {
        return text.startsWith("\r\n", end) ? end + 2 : end + 1;
    }

    @Override
    public String toString() {
        return name;
    }
}
