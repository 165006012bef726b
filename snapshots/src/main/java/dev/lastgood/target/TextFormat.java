package dev.lastgood.target;

import dev.lastgood.record.Image;
import java.util.List;
import java.util.Set;

/** A format of text files whose records can be replaced one by one while every other byte stays. */
interface TextFormat {

    /** The records of a file, in order. */
    Text parse(byte[] bytes) throws Malformed;

    /** The record's bytes, without line end, with the named fields as they shall be. */
    byte[] replaced(Text text, Row row, Image desired, Set<String> fields) throws Unwritable;

    /** A new record's bytes, without line end. */
    byte[] added(Text text, Image desired) throws Unwritable;

    /**
     * A file as read.
     *
     * @param fields names in its header; empty if it has none
     * @param lineEnd what ends a line in it
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never changed
    record Text(byte[] bytes, List<String> fields, List<Row> rows, String lineEnd) {
        public Text {
            fields = List.copyOf(fields);
            rows = List.copyOf(rows);
        }
    }

    /**
     * A record of a file.
     *
     * @param start index of its first byte
     * @param end behind its last byte, before the line end
     * @param next behind its line end
     * @param cells where its cells are, if it has any
     */
    record Row(int start, int end, int next, Image image, List<Cell> cells) {
        public Row {
            cells = List.copyOf(cells);
        }
    }

    record Cell(int start, int end, boolean quoted) {}

    /** The file is not of this format. */
    final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(int line, String what) {
            super("line " + line + ": " + what);
        }
    }

    /** The format cannot express the record. */
    final class Unwritable extends Exception {
        private static final long serialVersionUID = 1;

        Unwritable(String what) {
            super(what);
        }
    }
}
