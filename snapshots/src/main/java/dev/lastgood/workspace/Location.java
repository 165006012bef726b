package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where in its source a dataset is. */
public sealed interface Location {

    <R> R accept(Visitor<R> visitor);

    /** Reads a location from outside, one method a kind. */
    interface Visitor<R> {
        R table(Table location);

        R container(Container location);

        R folder(Folder location);
    }

    /** A table of a database, with its schema if one is written: {@code public.orders}. */
    record Table(String name) implements Location {

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.table(this);
        }
    }

    /** A container of Cosmos DB. */
    record Container(String name) implements Location {

        /** What the service adds to every document: captured, and never compared or written. */
        public static final List<FieldPath> SYSTEM = Stream.of("_rid", "_self", "_etag", "_attachments", "_ts")
                .map(FieldPath::of)
                .toList();

        /** When a document was last written, by the service's clock, in whole seconds since 1970. */
        public static final FieldPath WRITTEN = FieldPath.of("_ts");

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.container(this);
        }
    }

    /**
     * A file, or a folder of files of one format.
     *
     * @param path relative to its source's root, or absolute
     * @param csv how CSV is written; of no meaning for other formats
     * @param partitions types of the fields that stand in folder names, in the order of the folders
     */
    record Folder(String path, FileFormat format, Csv csv, Map<String, DatasetSpec.TypeText> partitions)
            implements Location {

        public Folder {
            partitions = Workspace.ordered(partitions);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.folder(this);
        }
    }

    /** Formats of files. JSON is one value a line. */
    enum FileFormat {
        CSV,
        JSON,
        PARQUET,
        ORC,
        AVRO,
        DELTA,
        ICEBERG
    }

    /**
     * How CSV is written.
     *
     * @param header whether the first line of each file names the fields
     * @param delimiter one character
     * @param nullText an unquoted text that means null; null: an unquoted empty field does
     */
    record Csv(boolean header, String delimiter, @Nullable String nullText) {

        public static final Csv DEFAULT = new Csv(true, ",", null);
    }
}
