package dev.lastgood.snapshot;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How files that others wrote are read: all that a later reader must know and that the files themselves do not say. The
 * types of all fields are in the schema of the manifest.
 *
 * @param root absolute URI of what was adopted: a folder, a file, or the folder of a table
 * @param csv how CSV is written; null for other formats
 * @param partitions the fields whose values stand in the names of folders below the root, in the order of the folders
 */
public record Reading(
        Format format,
        Compression compression,
        String root,
        @Nullable Csv csv,
        List<String> partitions) {

    /** What the files are. JSON is one document a line. */
    public enum Format {
        PARQUET,
        ORC,
        AVRO,
        JSON,
        CSV
    }

    /** How files are packed as a whole. */
    public enum Compression {
        /** They are not, or their format packs parts of them and says so in the file. */
        NONE,
        GZIP,
        /** Those named {@code .gz} with gzip, the others are not. */
        BY_NAME
    }

    /**
     * How CSV is written, beyond RFC 4180.
     *
     * @param header whether the first line of each file names the fields
     * @param delimiter one character
     * @param quote what cells may be put in, and is doubled inside of them
     * @param nullText an unquoted text that means null; null: an unquoted empty cell does
     */
    public record Csv(
            boolean header,
            String delimiter,
            String quote,
            @Nullable String nullText) {
        /** The only one this program reads. */
        public static final String QUOTE = "\"";

        public Csv {
            if (delimiter.length() != 1 || delimiter.equals(QUOTE)) {
                throw new IllegalArgumentException("'%s' cannot stand between cells".formatted(delimiter));
            }
            if (!quote.equals(QUOTE)) {
                throw new IllegalArgumentException("there is no way to read cells quoted by '%s'".formatted(quote));
            }
        }
    }

    public Reading {
        partitions = List.copyOf(partitions);
        if (!isAbsolute(root)) {
            throw new IllegalArgumentException("'%s' is no absolute URI".formatted(root));
        }
        if ((format == Format.CSV) != (csv != null)) {
            throw new IllegalArgumentException("%s with %s of CSV".formatted(format, csv == null ? "no way" : "a way"));
        }
        boolean isText = format == Format.CSV || format == Format.JSON;
        if (!isText && compression != Compression.NONE) {
            throw new IllegalArgumentException("%s files are not packed as a whole".formatted(format));
        }
        if (new HashSet<>(partitions).size() < partitions.size() || partitions.contains("")) {
            throw new IllegalArgumentException("partitions %s".formatted(partitions));
        }
    }

    /** Whether a file lies where a value of each partition can be read from its path. */
    boolean reaches(String file) {
        return isAbsolute(file) && (partitions.isEmpty() || file.startsWith(root.replaceAll("/$", "") + "/"));
    }

    private static boolean isAbsolute(String uri) {
        try {
            return new URI(uri).isAbsolute();
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
