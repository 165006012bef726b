package dev.lastgood.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.sum;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.JsonValues;
import dev.lastgood.spark.ReadPaths;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.util.LineReader;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What differs, as it is to be shown: a line a record, in the order of keys, and in how many records what changed how. Where
 * that is all somebody asks for, records need not be written down whole to be read again.
 *
 * <p>Tasks write text, each a file of its own in the order of its keys: a line is a key, a tab and what is shown; or, behind
 * {@value #COUNT}, counts. Nothing that is written as JSON has a tab or the end of a line in it. The files are merged as they
 * are read, so that of a million lines a few are held.
 */
public final class Told {
    private static final String COUNT = "#";
    private static final String SORT = "sort";
    private static final String VALUE = "value";
    private static final String RECORDS = "records";
    private static final String SHARED = "shared";
    private static final String COPIES = "copies";
    static final StructType LINE =
            new StructType().add(SORT, DataTypes.StringType).add(VALUE, DataTypes.StringType);

    /** Of a change of records, or of a field. */
    private static final StructType COUNTED = new StructType()
            .add("change", DataTypes.StringType)
            .add("path", DataTypes.StringType)
            .add("kind", DataTypes.StringType)
            .add(RECORDS, DataTypes.LongType)
            .add(SHARED, DataTypes.LongType)
            .add(COPIES, DataTypes.LongType);

    /** More are not open at once: on some stores each has a buffer of megabytes. */
    private static final int MOST_FILES = 64;

    private final SparkSession session;
    private final String location;
    private final int mostFiles;
    private @Nullable Counts counts;

    private Told(SparkSession session, String location, int mostFiles) {
        this.session = session;
        this.location = location;
        this.mostFiles = mostFiles;
    }

    /** What is shown of a record: a row of {@link Records#SCHEMA}, in which images are null if it changed and has a key. */
    public interface Line extends Serializable {
        /** Without the end of a line or a tab in it. */
        String of(Row record);
    }

    /** Nothing differs. */
    static Told nothing(SparkSession session) {
        return new Told(session, "", MOST_FILES);
    }

    /** What was written there; no more than so many of its files are open at once. */
    static Told at(SparkSession session, String location, int mostFiles) {
        return new Told(session, location, mostFiles);
    }

    /**
     * Examines records and writes what there is to tell.
     *
     * @param location a fresh folder, as a URI
     */
    static Told written(Dataset<Row> judged, Records.Examination examination, Line line, String location) {
        write(judged.mapPartitions(new Telling(examination, line), Encoders.row(LINE)), location);
        return at(judged.sparkSession(), location, MOST_FILES);
    }

    /** @param rows of {@link #LINE} */
    static void write(Dataset<Row> rows, String location) {
        rows.sortWithinPartitions(SORT).select(VALUE).write().text(location);
    }

    /** A line behind its key, which is null where the dataset has none. */
    static Row line(@Nullable String key, String shown) {
        String sort = key == null ? "" : key;
        return RowFactory.create(sort, sort + '\t' + shown);
    }

    /**
     * How many keys changed in a way.
     *
     * @param shared of them those that several records have now
     * @param copies records they have now
     */
    record Changes(long records, long shared, long copies) {}

    /**
     * In how many records what changed.
     *
     * @param changes by what became of a record
     * @param fields the commonest first
     */
    public record Counts(Map<String, Changes> changes, List<FieldChanges> fields) {
        public Counts {
            changes = Map.copyOf(changes);
            fields = List.copyOf(fields);
        }
    }

    /** What tasks have counted together. */
    public Counts counts() {
        if (counts == null) {
            counts = counted();
        }
        return counts;
    }

    /** In one job. */
    private Counts counted() {
        Map<String, Changes> changes = new HashMap<>();
        List<FieldChanges> fields = new ArrayList<>();
        if (location.isEmpty()) {
            return new Counts(changes, fields);
        }
        for (Row row : text().where(col(VALUE).startsWith(COUNT))
                .select(from_json(substring(col(VALUE), COUNT.length() + 1, Integer.MAX_VALUE), COUNTED)
                        .alias("one"))
                .select("one.*")
                .groupBy("change", "path", "kind")
                .agg(sum(RECORDS).alias(RECORDS), sum(SHARED), sum(COPIES))
                .orderBy(col("path").isNotNull(), col(RECORDS).desc(), col("path"), col("kind"))
                .limit(Examiner.Change.values().length + FieldChanges.MOST)
                .collectAsList()) {
            if (row.isNullAt(1)) {
                changes.put(row.getString(0), new Changes(row.getLong(3), row.getLong(4), row.getLong(5)));
            } else if (fields.size() < FieldChanges.MOST) {
                fields.add(new FieldChanges(row.getString(1), row.getString(2), row.getLong(3)));
            }
        }
        return new Counts(changes, fields);
    }

    private Dataset<Row> text() {
        return session.read().text(ReadPaths.literal(location));
    }

    /** Hands over each line, in the order of keys. */
    public void lines(Consumer<String> sink) {
        if (location.isEmpty()) {
            return;
        }
        try {
            Path folder = new Path(location);
            FileSystem files = folder.getFileSystem(session.sparkContext().hadoopConfiguration());
            List<Path> parts = Arrays.stream(files.listStatus(folder))
                    .map(FileStatus::getPath)
                    .filter(path -> path.getName().startsWith("part-"))
                    .sorted()
                    .toList();
            if (parts.size() <= mostFiles) {
                merged(files, parts, sink);
                return;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        text().where(not(col(VALUE).startsWith(COUNT)))
                .orderBy(substring_index(col(VALUE), "\t", 1))
                .toLocalIterator()
                .forEachRemaining(row -> {
                    String value = row.getString(0);
                    sink.accept(value.substring(value.indexOf('\t') + 1));
                });
    }

    private static void merged(FileSystem files, List<Path> parts, Consumer<String> sink) throws IOException {
        // In the order in which Spark sorts texts, that of their bytes; the same in each run where keys are the same.
        PriorityQueue<Part> next =
                new PriorityQueue<>(Comparator.<Part>naturalOrder().thenComparing(part -> part.number));
        List<Part> open = new ArrayList<>();
        try {
            for (Path path : parts) {
                Part part = new Part(files, path, open.size());
                open.add(part);
                if (part.advance()) {
                    next.add(part);
                }
            }
            for (Part part = next.poll(); part != null; part = next.poll()) {
                sink.accept(part.line());
                if (part.advance()) {
                    next.add(part);
                }
            }
        } finally {
            for (Part part : open) {
                part.close();
            }
        }
    }

    /** A file, and where in it we are. */
    private static final class Part implements Comparable<Part>, Closeable {
        private final LineReader reader;
        private final int number;
        private final Text current = new Text();
        private int key;

        Part(FileSystem files, Path path, int number) throws IOException {
            this.reader = new LineReader(files.open(path), "\n".getBytes(StandardCharsets.UTF_8));
            this.number = number;
        }

        /** Goes to the next line that is shown; false if there is none. */
        boolean advance() throws IOException {
            do {
                if (reader.readLine(current) == 0) {
                    return false;
                }
            } while (current.getLength() > 0 && current.getBytes()[0] == COUNT.charAt(0));
            key = current.find("\t");
            return true;
        }

        String line() throws IOException {
            return Text.decode(current.getBytes(), key + 1, current.getLength() - key - 1);
        }

        @Override
        public int compareTo(Part other) {
            return Arrays.compareUnsigned(current.getBytes(), 0, key, other.current.getBytes(), 0, other.key);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }

    /** Examines the records of a task, and tells of each. */
    private record Telling(Records.Examination examination, Line line) implements MapPartitionsFunction<Row, Row> {
        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            Iterator<Row> examined = examination.call(rows);
            Counting counting = new Counting(Counting.MOST);
            Queue<Row> ready = new ArrayDeque<>();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    while (ready.isEmpty() && examined.hasNext()) {
                        Row record = examined.next();
                        counting.add(record);
                        if (!record.getAs("change").equals(Examiner.Change.NONE.text())) {
                            ready.add(Told.line(record.getAs("keyTagged"), line.of(record)));
                        }
                        if (counting.isFull()) {
                            counting.drain(ready);
                        }
                    }
                    if (ready.isEmpty()) {
                        counting.drain(ready);
                    }
                    return !ready.isEmpty();
                }

                @Override
                public Row next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    return ready.remove();
                }
            };
        }
    }

    /** Counts of a task so far. What is counted by may be without end, as the keys of maps are. */
    static final class Counting {
        private static final int MOST = 10_000;
        private final int most;

        Counting(int most) {
            this.most = most;
        }

        private record Field(String path, String kind) {}

        private final Map<String, Changes> changes = new HashMap<>();
        private final Map<Field, Long> fields = new HashMap<>();
        private final Set<Field> ofOne = new HashSet<>();

        void add(Row record) {
            long copies = record.<Long>getAs("copiesAfter");
            changes.merge(
                    record.getAs("change"),
                    new Changes(1, copies > 1 ? 1 : 0, copies),
                    (some, one) -> new Changes(
                            some.records() + one.records(),
                            some.shared() + one.shared(),
                            some.copies() + one.copies()));
            List<Row> changed = record.getList(record.fieldIndex("fields"));
            for (Row field : changed) {
                ofOne.add(new Field(field.getAs("schemaPath"), field.getAs("kind")));
            }
            ofOne.forEach(field -> fields.merge(field, 1L, Long::sum));
            ofOne.clear();
        }

        boolean isFull() {
            return fields.size() >= most;
        }

        void drain(Queue<Row> to) {
            changes.forEach((change, counted) -> to.add(count(node(counted.records())
                    .put("change", change)
                    .put(SHARED, counted.shared())
                    .put(COPIES, counted.copies()))));
            fields.forEach((field, records) ->
                    to.add(count(node(records).put("path", field.path()).put("kind", field.kind()))));
            changes.clear();
            fields.clear();
        }

        private static ObjectNode node(long records) {
            return JsonValues.MAPPER.createObjectNode().put(RECORDS, records);
        }

        private static Row count(ObjectNode counted) {
            return RowFactory.create("", COUNT + JsonValues.write(counted));
        }
    }
}
