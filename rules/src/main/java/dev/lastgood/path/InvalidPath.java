package dev.lastgood.path;

/** A text is no field path. The message says what is wrong there, in a few words. */
public final class InvalidPath extends Exception {

    private static final long serialVersionUID = 1L;

    private final int start;
    private final int length;

    InvalidPath(int start, int length, String message) {
        super(message);
        this.start = start;
        this.length = length;
    }

    /** Where, as an index into the text; its length if something is missing at the end. */
    public int start() {
        return start;
    }

    /** How much of the text is wrong, in UTF-16 units; 0 if something is missing. */
    public int length() {
        return length;
    }
}
