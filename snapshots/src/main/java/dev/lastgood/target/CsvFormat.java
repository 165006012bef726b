package dev.lastgood.target;

import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * CSV as RFC 4180 has it, with {@code "} as quote, doubled inside. Every cell is text; an unquoted empty cell is null, a
 * quoted one the empty text. Blank lines are no records. Works on bytes, so that what is not touched stays as it is.
 */
final class CsvFormat implements TextFormat {
    private static final byte QUOTE = '"';
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final Header header;
    private final byte[] delimiter;
    private final @Nullable String nullText;

    /** Whether the first line names the fields. */
    enum Header {
        NAMES,
        NONE
    }

    CsvFormat(Header header, String delimiter, @Nullable String nullText) {
        this.header = header;
        this.delimiter = delimiter.getBytes(StandardCharsets.UTF_8);
        this.nullText = nullText;
    }

    @Override
    public Text parse(byte[] bytes) throws Malformed {
        return new Parser(bytes).parse();
    }

    /** Reads from left to right. */
    private final class Parser {
        private final byte[] bytes;
        private int at;
        private int line = 1;
        private String lineEnd = "";

        Parser(byte[] bytes) {
            this.bytes = bytes;
        }

        Text parse() throws Malformed {
            if (matches(0, BYTE_ORDER_MARK)) {
                at = BYTE_ORDER_MARK.length;
            }
            List<String> fields = new ArrayList<>();
            List<Row> rows = new ArrayList<>();
            boolean named = false;
            while (at < bytes.length) {
                if (isLineEnd(at)) {
                    skipLineEnd();
                    continue;
                }
                int first = line;
                int start = at;
                List<Cell> cells = cells();
                int end = at;
                skipLineEnd();
                if (!named) {
                    named = true;
                    name(cells, fields, first);
                    if (header == Header.NAMES) {
                        continue;
                    }
                }
                if (cells.size() != fields.size()) {
                    throw new Malformed(first, "%d cells, where %d are named".formatted(cells.size(), fields.size()));
                }
                rows.add(new Row(start, end, at, image(fields, cells), cells));
            }
            return new Text(bytes, fields, rows, lineEnd.isEmpty() ? "\n" : lineEnd);
        }

        private void name(List<Cell> cells, List<String> fields, int first) throws Malformed {
            for (int i = 0; i < cells.size(); i++) {
                String name = header == Header.NAMES ? content(cells.get(i)) : "_c" + i;
                if (fields.contains(name)) {
                    throw new Malformed(first, "field '" + name + "' is named twice");
                }
                fields.add(name);
            }
        }

        private List<Cell> cells() throws Malformed {
            List<Cell> cells = new ArrayList<>();
            while (true) {
                cells.add(cell());
                if (!matches(at, delimiter)) {
                    return cells;
                }
                at += delimiter.length;
            }
        }

        private Cell cell() throws Malformed {
            int start = at;
            if (at < bytes.length && bytes[at] == QUOTE) {
                skipQuoted();
                if (at < bytes.length && !isLineEnd(at) && !matches(at, delimiter)) {
                    throw new Malformed(line, "text behind a closing quote");
                }
                return new Cell(start, at, true);
            }
            while (at < bytes.length && !isLineEnd(at) && !matches(at, delimiter)) {
                at++;
            }
            return new Cell(start, at, false);
        }

        private void skipQuoted() throws Malformed {
            int opened = line;
            at++;
            while (at < bytes.length) {
                if (bytes[at] == QUOTE) {
                    at++;
                    if (at == bytes.length || bytes[at] != QUOTE) {
                        return;
                    }
                } else if (bytes[at] == '\n') {
                    line++;
                }
                at++;
            }
            throw new Malformed(opened, "a quote is not closed");
        }

        private boolean isLineEnd(int index) {
            return bytes[index] == '\n' || bytes[index] == '\r';
        }

        private void skipLineEnd() {
            int start = at;
            if (at < bytes.length && bytes[at] == '\r') {
                at++;
            }
            if (at < bytes.length && bytes[at] == '\n') {
                at++;
            }
            if (at > start) {
                line++;
                if (lineEnd.isEmpty()) {
                    lineEnd = new String(bytes, start, at - start, StandardCharsets.US_ASCII);
                }
            }
        }

        private boolean matches(int from, byte[] expected) {
            if (from + expected.length > bytes.length) {
                return false;
            }
            for (int i = 0; i < expected.length; i++) {
                if (bytes[from + i] != expected[i]) {
                    return false;
                }
            }
            return true;
        }

        private Image image(List<String> fields, List<Cell> cells) {
            Map<String, Value> values = new LinkedHashMap<>();
            for (int i = 0; i < cells.size(); i++) {
                values.put(fields.get(i), value(cells.get(i)));
            }
            return Image.of(values);
        }

        private Value value(Cell cell) {
            String content = content(cell);
            boolean isNull = (content.isEmpty() && !cell.quoted()) || content.equals(nullText);
            return isNull ? Value.NULL : Value.of(content);
        }

        private String content(Cell cell) {
            if (!cell.quoted()) {
                return new String(bytes, cell.start(), cell.end() - cell.start(), StandardCharsets.UTF_8);
            }
            return new String(bytes, cell.start() + 1, cell.end() - cell.start() - 2, StandardCharsets.UTF_8)
                    .replace("\"\"", "\"");
        }
    }

    @Override
    public byte[] replaced(Text text, Row row, Image desired, Set<String> fields) throws Unwritable {
        check(text, fields);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int copied = row.start();
        for (int i = 0; i < row.cells().size(); i++) {
            String name = text.fields().get(i);
            if (fields.contains(name)) {
                Cell cell = row.cells().get(i);
                line.write(text.bytes(), copied, cell.start() - copied);
                line.writeBytes(cell(name, desired.field(name), cell.quoted() ? Style.QUOTED : Style.PLAIN));
                copied = cell.end();
            }
        }
        line.write(text.bytes(), copied, row.end() - copied);
        return line.toByteArray();
    }

    @Override
    public byte[] added(Text text, Image desired) throws Unwritable {
        check(text, desired.fields().keySet());
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int i = 0; i < text.fields().size(); i++) {
            if (i > 0) {
                line.writeBytes(delimiter);
            }
            String name = text.fields().get(i);
            Value value = desired.field(name);
            line.writeBytes(cell(name, value == null ? Value.NULL : value, Style.PLAIN));
        }
        return line.toByteArray();
    }

    private static void check(Text text, Set<String> fields) throws Unwritable {
        for (String name : fields) {
            if (!text.fields().contains(name)) {
                throw new Unwritable("the file has no field '" + name + "'");
            }
        }
    }

    private enum Style {
        PLAIN,
        QUOTED
    }

    private byte[] cell(String name, @Nullable Value value, Style style) throws Unwritable {
        if (value == null) {
            throw new Unwritable("a cell cannot be absent: field '" + name + "'");
        }
        return cellText(name, value, style).getBytes(StandardCharsets.UTF_8);
    }

    private String cellText(String name, Value value, Style style) throws Unwritable {
        if (value.isNull()) {
            return nullText == null ? "" : nullText;
        }
        String content = value.toString();
        if (content.equals(nullText)) {
            throw new Unwritable("the text of field '" + name + "' would read as null");
        }
        String separator = new String(delimiter, StandardCharsets.UTF_8);
        boolean quoted = style == Style.QUOTED
                || content.isEmpty()
                || content.contains(separator)
                || content.contains("\"")
                || content.contains("\n")
                || content.contains("\r");
        return quoted ? "\"" + content.replace("\"", "\"\"") + "\"" : content;
    }
}
