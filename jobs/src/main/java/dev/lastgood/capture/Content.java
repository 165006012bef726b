package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftleft;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.record.Digest128;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * What the records of a snapshot add up to, computed by reading them: digests by bucket, nulls by field, records and key
 * range by file, keys.
 *
 * @param nulls by stored field
 * @param files by the plain name of the file
 * @param thin the same of the files of side THIN that were written on the way
 */
record Content(
        long records,
        long distinctKeys,
        long duplicateKeys,
        Buckets buckets,
        Map<String, Long> nulls,
        Map<String, FileContent> files,
        Map<String, ThinContent> thin) {

    /** How many buckets the key hashes fall into, by their highest bits. */
    static final int BUCKETS = 1024;

    private static final int BUCKET_SHIFT = 54;

    /** How many fields share a column of null marks. */
    private static final int MARKS = 63;

    record FileContent(long records, FileEntry.KeyRange keys) {}

    /** @param sha256 of its bytes, in hex */
    record ThinContent(FileContent content, String sha256) {}

    /** The bucket of a record, from the column {@link Fingerprint#KEY_HASH}. */
    static Column bucket() {
        return functions
                .shiftrightunsigned(col(Fingerprint.KEY_HASH), BUCKET_SHIFT)
                .cast("int");
    }

    /**
     * Reads all records once. Files as a snapshot has them are sorted by key hash, and then that pass shows as well that no
     * two keys are equal; only where it does not, keys are counted in a second one. The frame is one of files.
     */
    static Content of(DatasetSpec dataset, Frame frame) {
        return of(dataset, frame, col("_metadata.file_name"), null);
    }

    /** The same, which writes down the hashes of each record on the way. */
    static Content of(DatasetSpec dataset, Frame frame, ThinCapture thin) {
        return of(dataset, frame, col("_metadata.file_name"), thin);
    }

    /** The same of records that several snapshots hold together; of no file anything is known then. */
    static Content ofChain(DatasetSpec dataset, Frame frame) {
        return of(dataset, frame, lit(""), null);
    }

    private static Content of(DatasetSpec dataset, Frame frame, Column file, @Nullable ThinCapture thin) {
        List<String> fields = List.of(frame.shape().stored().fieldNames());
        List<Part> parts = parts(Fingerprint.hashed(dataset, frame, file.alias("_file")), fields, thin);
        Keys keys = !dataset.hasKey()
                ? new Keys(0, 0)
                : areDistinct(parts)
                        ? new Keys(
                                parts.stream().mapToLong(part -> part.records).sum(), 0)
                        : Keys.counted(dataset, frame);
        return of(parts, fields, keys);
    }

    /** What the lines of files of side REMOVED add up to. Keys are not counted, and nulls are none. */
    static Content ofRemoved(Dataset<Row> lines) {
        Column[] columns = Stream.concat(
                        Stream.of(col("_metadata.file_name").alias("_file")),
                        Arrays.stream(lines.columns()).map(functions::col))
                .toArray(Column[]::new);
        return of(parts(lines.select(columns), List.of(), null), List.of(), new Keys(0, 0));
    }

    private static List<Part> parts(Dataset<Row> hashed, List<String> fields, @Nullable ThinCapture thin) {
        return hashed.select(summed(fields))
                .mapPartitions(new Summing(fields.size(), thin), Encoders.javaSerialization(Part.class))
                .collectAsList();
    }

    private static Content of(List<Part> parts, List<String> fields, Keys keys) {
        Buckets.Builder buckets = Buckets.builder(BUCKETS);
        long[] nulls = new long[fields.size()];
        Map<String, FileContent> files = new HashMap<>();
        Map<String, ThinContent> thin = new HashMap<>();
        long records = 0;
        for (Part part : parts) {
            records += part.records;
            buckets.add(part.bucket, part.sums());
            for (int i = 0; i < nulls.length; i++) {
                nulls[i] += part.nulls[i];
            }
            FileEntry.KeyRange range = new FileEntry.KeyRange(part.least, part.greatest);
            files.merge(part.file, new FileContent(part.records, range), Content::joined);
            if (!part.thin.isEmpty()) {
                thin.merge(
                        part.thin,
                        new ThinContent(new FileContent(part.records, range), part.sha256),
                        (one, other) -> new ThinContent(joined(one.content(), other.content()), one.sha256()));
            }
        }
        Map<String, Long> nullsByField = new LinkedHashMap<>();
        for (int i = 0; i < nulls.length; i++) {
            nullsByField.put(fields.get(i), nulls[i]);
        }
        return new Content(records, keys.distinct(), keys.duplicate(), buckets.build(), nullsByField, files, thin);
    }

    /**
     * The same of files that others wrote, in any order, many, and several of one name: files by their URI, without key
     * ranges. Reads all records once, and their keys a second time.
     */
    static Content ofForeign(DatasetSpec dataset, Frame frame) {
        List<String> fields = List.of(frame.shape().stored().fieldNames());
        List<Part> parts = Fingerprint.hashed(
                        dataset, frame, col("_metadata.file_path").alias("_file"))
                .select(summed(fields))
                .mapPartitions(new Tallying(fields.size()), Encoders.javaSerialization(Part.class))
                .toJavaRDD()
                .mapToPair(part -> new Tuple2<>(part.bucket + " " + part.file, part))
                .reduceByKey(Part::plus)
                .values()
                .collect();
        Buckets.Builder buckets = Buckets.builder(BUCKETS);
        long[] nulls = new long[fields.size()];
        Map<String, FileContent> files = new HashMap<>();
        long records = 0;
        for (Part part : parts) {
            if (part.bucket == Tallying.NO_BUCKET) {
                files.put(part.file, new FileContent(part.records, new FileEntry.KeyRange(part.least, part.greatest)));
                continue;
            }
            records += part.records;
            buckets.add(part.bucket, part.sums());
            for (int i = 0; i < nulls.length; i++) {
                nulls[i] += part.nulls[i];
            }
        }
        Map<String, Long> nullsByField = new LinkedHashMap<>();
        for (int i = 0; i < nulls.length; i++) {
            nullsByField.put(fields.get(i), nulls[i]);
        }
        Keys keys = dataset.hasKey() ? Keys.counted(dataset, frame) : new Keys(0, 0);
        return new Content(records, keys.distinct(), keys.duplicate(), buckets.build(), nullsByField, files, Map.of());
    }

    private static Column[] summed(List<String> fields) {
        List<Column> columns = new ArrayList<>(List.of(
                col("_file"),
                col(Fingerprint.KEY_HASH),
                col(Fingerprint.CONTENT_1),
                col(Fingerprint.CONTENT_2),
                col(Fingerprint.COMPARE_1),
                col(Fingerprint.COMPARE_2)));
        for (int from = 0; from < fields.size(); from += MARKS) {
            Column marks = lit(0L);
            for (int i = from; i < Math.min(fields.size(), from + MARKS); i++) {
                Column isNull = col(Shape.quoted(fields.get(i))).isNull().cast("bigint");
                marks = marks.bitwiseOR(shiftleft(isNull, i - from));
            }
            columns.add(marks.alias("_nulls" + from));
        }
        return columns.toArray(Column[]::new);
    }

    /** Equal keys have equal hashes, so keys are distinct if the hashes are: each part ascends, and no two parts overlap. */
    private static boolean areDistinct(List<Part> parts) {
        List<Part> ordered = new ArrayList<>(parts);
        ordered.sort(Comparator.comparingLong(part -> part.least));
        @Nullable Part last = null;
        for (Part part : ordered) {
            boolean apart = last == null || last.greatest < part.least;
            if (!part.ascends || !apart) {
                return false;
            }
            last = part;
        }
        return true;
    }

    private static FileContent joined(FileContent a, FileContent b) {
        FileEntry.KeyRange keys = new FileEntry.KeyRange(
                Math.min(a.keys().from(), b.keys().from()),
                Math.max(a.keys().to(), b.keys().to()));
        return new FileContent(a.records() + b.records(), keys);
    }

    private record Keys(long distinct, long duplicate) {
        static Keys counted(DatasetSpec dataset, Frame frame) {
            Dataset<Row> copies = Fingerprint.thin(dataset, frame)
                    .groupBy(col(Fingerprint.KEY_HASH), col(Fingerprint.KEY))
                    .agg(count(lit(1)).alias("n"));
            Row keys = copies.agg(count(lit(1)), functions.count_if(col("n").gt(1)))
                    .head();
            return new Keys(keys.getLong(0), keys.getLong(1));
        }
    }

    /**
     * What those records of one bucket of one file add up to that one task has read. Sums are modulo 2⁶⁴.
     * Public because Spark serializes no other classes.
     */
    public static final class Part implements Serializable {
        private static final long serialVersionUID = 1;

        private final String file;
        private final int bucket;
        private final long[] nulls;
        private long records;
        private long keys;
        private long content1;
        private long content2;
        private long compare1;
        private long compare2;
        private long least;
        private long greatest;
        private long last;
        private boolean ascends = true;
        private String thin = "";
        private String sha256 = "";

        Part(String file, int bucket, int fields) {
            this.file = file;
            this.bucket = bucket;
            this.nulls = new long[fields];
        }

        boolean holds(String ofFile, int ofBucket) {
            return bucket == ofBucket && file.equals(ofFile);
        }

        void add(long keyHash, Row row) {
            if (records == 0) {
                least = keyHash;
                greatest = keyHash;
            } else {
                ascends &= last < keyHash;
                least = Math.min(least, keyHash);
                greatest = Math.max(greatest, keyHash);
            }
            last = keyHash;
            records++;
            keys += keyHash;
            content1 += row.getLong(2);
            content2 += row.getLong(3);
            compare1 += row.getLong(4);
            compare2 += row.getLong(5);
            for (int from = 0, at = 6; from < nulls.length; from += MARKS, at++) {
                for (long marks = row.getLong(at); marks != 0; marks &= marks - 1) {
                    nulls[from + Long.numberOfTrailingZeros(marks)]++;
                }
            }
        }

        /** Both together, of which neither has to be first. */
        Part plus(Part other) {
            records += other.records;
            keys += other.keys;
            content1 += other.content1;
            content2 += other.content2;
            compare1 += other.compare1;
            compare2 += other.compare2;
            least = Math.min(least, other.least);
            greatest = Math.max(greatest, other.greatest);
            ascends = false;
            for (int i = 0; i < nulls.length; i++) {
                nulls[i] += other.nulls[i];
            }
            return this;
        }

        Buckets.Sums sums() {
            return new Buckets.Sums(
                    records,
                    new Digest128(keys, 0),
                    new Digest128(content1, content2),
                    new Digest128(compare1, compare2));
        }
    }

    /** Sums up the rows of a partition. Where files are sorted by key hash, each part's rows come one after the other. */
    private static final class Summing implements MapPartitionsFunction<Row, Part> {
        private static final long serialVersionUID = 1;

        private final int fields;
        private final @Nullable ThinCapture thin;

        Summing(int fields, @Nullable ThinCapture thin) {
            this.fields = fields;
            this.thin = thin;
        }

        private record Place(String file, int bucket) {}

        @Override
        public Iterator<Part> call(Iterator<Row> rows) {
            Map<Place, Part> parts = new LinkedHashMap<>();
            @Nullable Part part = null;
            ThinCapture.@Nullable Open written = thin == null || !rows.hasNext() ? null : thin.open();
            while (rows.hasNext()) {
                Row row = rows.next();
                long keyHash = row.getLong(1);
                int bucket = (int) (keyHash >>> BUCKET_SHIFT);
                String file = row.getString(0);
                if (part == null || !part.holds(file, bucket)) {
                    part = parts.computeIfAbsent(new Place(file, bucket), place -> new Part(file, bucket, fields));
                }
                part.add(keyHash, row);
                if (written != null) {
                    written.record(keyHash, row.getLong(4), row.getLong(5));
                }
            }
            if (written != null) {
                written.close();
                for (Part one : parts.values()) {
                    one.thin = written.name();
                    one.sha256 = written.sha256();
                }
            }
            return parts.values().iterator();
        }
    }

    /** Sums up the rows of a partition by bucket, and apart from that by file, so that there are few parts of many files. */
    private static final class Tallying implements MapPartitionsFunction<Row, Part> {
        private static final long serialVersionUID = 1;

        private static final int NO_BUCKET = -1;

        private final int fields;

        Tallying(int fields) {
            this.fields = fields;
        }

        @Override
        public Iterator<Part> call(Iterator<Row> rows) {
            Map<Integer, Part> buckets = new LinkedHashMap<>();
            Map<String, Part> files = new LinkedHashMap<>();
            while (rows.hasNext()) {
                Row row = rows.next();
                long keyHash = row.getLong(1);
                buckets.computeIfAbsent((int) (keyHash >>> BUCKET_SHIFT), bucket -> new Part("", bucket, fields))
                        .add(keyHash, row);
                files.computeIfAbsent(row.getString(0), file -> new Part(file, NO_BUCKET, 0))
                        .add(keyHash, row);
            }
            List<Part> parts = new ArrayList<>(buckets.values());
            parts.addAll(files.values());
            return parts.iterator();
        }
    }
}
