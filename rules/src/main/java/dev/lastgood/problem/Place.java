package dev.lastgood.problem;

/**
 * A stretch of a source file.
 *
 * @param line from 1
 * @param column in code points, from 1
 * @param length in code points; may reach over the end of the line; 0 if only the beginning is known
 */
public record Place(SourceFile file, int line, int column, int length) {

    public Place {
        if (line < 1 || column < 1 || length < 0) {
            throw new IllegalArgumentException("no place: %s:%d:%d, length %d".formatted(file, line, column, length));
        }
    }

    /** Where this begins, as an index into the file's text. */
    public int offset() {
        return file.offset(line, column);
    }

    /** What the file says here, quotes and indentation included. */
    public String source() {
        String text = file.text();
        int start = offset();
        int rest = text.codePointCount(start, text.length());
        return text.substring(start, text.offsetByCodePoints(start, Math.min(length, rest)));
    }

    /**
     * The place of a part of a value that was read from here. A value that was changed by reading it (escapes, folded
     * lines) has no exact places inside; the answer is then the whole.
     *
     * @param value the value as read
     * @param start index into value
     * @param partLength in UTF-16 units of value
     */
    public Place inside(String value, int start, int partLength) {
        int from = Math.min(Math.max(start, 0), value.length());
        int to = Math.min(Math.max(from, from + partLength), value.length());
        int codePoints = value.codePointCount(from, to);
        String source = source();
        int at = offset();
        if (source.equals(value)) {
            return file.place(at + from, codePoints);
        }
        if (source.length() == value.length() + 2 && source.startsWith(value, 1) && isQuote(source.charAt(0))) {
            return file.place(at + 1 + from, codePoints);
        }
        if (source.startsWith("|")) {
            return insideBlock(value, from, to);
        }
        return this;
    }

    private static boolean isQuote(char character) {
        return character == '\'' || character == '"';
    }

    /** A literal block: line n of the value is line n after the header, moved right by one indentation. */
    private Place insideBlock(String value, int from, int to) {
        int valueLineStart = value.lastIndexOf('\n', from - 1) + 1;
        int valueLineEnd = value.indexOf('\n', valueLineStart);
        String valueLine = value.substring(valueLineStart, valueLineEnd < 0 ? value.length() : valueLineEnd);
        int lineNumber = line
                + 1
                + (int) value.substring(0, valueLineStart)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        String fileLine = file.line(lineNumber).orElse("");
        if (!fileLine.endsWith(valueLine) || valueLine.isEmpty()) {
            return this;
        }
        int indentation = fileLine.length() - valueLine.length();
        int columnsBefore = value.codePointCount(valueLineStart, from);
        int last = Math.min(to, valueLineStart + valueLine.length());
        return new Place(
                file, lineNumber, indentation + columnsBefore + 1, value.codePointCount(from, Math.max(from, last)));
    }

    /** As shown in problems: {@code rules/orders.yaml:4:13}. */
    @Override
    public String toString() {
        return file.name() + ":" + line + ":" + column;
    }
}
