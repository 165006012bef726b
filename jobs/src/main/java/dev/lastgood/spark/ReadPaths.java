package dev.lastgood.spark;

/** Paths for Spark to read. It takes them for patterns, though not those that it writes to. */
public final class ReadPaths {
    private ReadPaths() {}

    /** The path of one file or folder, in which no character is a pattern. */
    public static String literal(String path) {
        return path.replaceAll("([\\[\\]{}*?\\\\])", "\\\\$1");
    }
}
