package dev.lastgood.capture;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.record.Digest128;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What the records of a snapshot add up to, computed by reading them: digests by bucket, nulls by field, records and key
 * range by file, keys.
 *
 * @param nulls by stored field
 * @param files by the plain name of the file
 */
record Content(
        long records,
        long distinctKeys,
        long duplicateKeys,
        Buckets buckets,
        Map<String, Long> nulls,
        Map<String, FileContent> files) {

    /** How many buckets the key hashes fall into, by their highest bits. */
    static final int BUCKETS = 1024;

    private static final int BUCKET_SHIFT = 54;
    private static final long LOW_HALF = 0xffff_ffffL;

    record FileContent(long records, FileEntry.KeyRange keys) {}

    /** The bucket of a record, from the column {@link Fingerprint#KEY_HASH}. */
    static Column bucket() {
        return functions
                .shiftrightunsigned(col(Fingerprint.KEY_HASH), BUCKET_SHIFT)
                .cast("int");
    }

    /** Reads all records once for the sums, and their keys once more for duplicates. The frame is one of files. */
    static Content of(DatasetSpec dataset, Frame frame) {
        Dataset<Row> hashed =
                Fingerprint.hashed(dataset, frame, col("_metadata.file_name").alias("_file"));
        List<String> fields = List.of(frame.shape().stored().fieldNames());
        List<Row> sums = hashed.groupBy(col("_file"), bucket().alias("_bucket"))
                .agg(count(lit(1)).alias("_records"), aggregates(fields))
                .collectAsList();
        Buckets.Builder buckets = Buckets.builder(BUCKETS);
        Map<String, Long> nulls = new LinkedHashMap<>();
        fields.forEach(field -> nulls.put(field, 0L));
        Map<String, FileContent> files = new HashMap<>();
        long records = 0;
        for (Row row : sums) {
            long count = row.<Long>getAs("_records");
            records += count;
            buckets.add(
                    row.<Integer>getAs("_bucket"),
                    new Buckets.Sums(
                            count,
                            new Digest128(wrapped(row, "_k"), 0),
                            new Digest128(wrapped(row, "_a"), wrapped(row, "_b")),
                            new Digest128(wrapped(row, "_c"), wrapped(row, "_d"))));
            for (int i = 0; i < fields.size(); i++) {
                nulls.merge(fields.get(i), row.<Long>getAs("_n" + i), Long::sum);
            }
            FileEntry.KeyRange keys = new FileEntry.KeyRange(
                    row.<Long>getAs("_min") ^ Long.MIN_VALUE, row.<Long>getAs("_max") ^ Long.MIN_VALUE);
            files.merge(row.getAs("_file"), new FileContent(count, keys), Content::joined);
        }
        long duplicates = 0;
        long distinct = 0;
        if (dataset.hasKey()) {
            Row keys = Fingerprint.thin(dataset, frame)
                    .groupBy(col(Fingerprint.KEY_HASH), col(Fingerprint.KEY))
                    .agg(count(lit(1)).alias("n"))
                    .agg(count(lit(1)), functions.count_if(col("n").gt(1)))
                    .head();
            distinct = keys.getLong(0);
            duplicates = keys.getLong(1);
        }
        return new Content(records, distinct, duplicates, buckets.build(), nulls, files);
    }

    private static FileContent joined(FileContent a, FileContent b) {
        long from = Long.compareUnsigned(a.keys().from(), b.keys().from()) < 0
                ? a.keys().from()
                : b.keys().from();
        long to = Long.compareUnsigned(a.keys().to(), b.keys().to()) > 0
                ? a.keys().to()
                : b.keys().to();
        return new FileContent(a.records() + b.records(), new FileEntry.KeyRange(from, to));
    }

    private static Column[] aggregates(List<String> fields) {
        List<Column> columns = new ArrayList<>();
        Map<String, String> lanes = Map.of(
                "_k", Fingerprint.KEY_HASH,
                "_a", Fingerprint.CONTENT_1,
                "_b", Fingerprint.CONTENT_2,
                "_c", Fingerprint.COMPARE_1,
                "_d", Fingerprint.COMPARE_2);
        // A sum of longs throws on overflow; the sums of their halves do not, below two billion records a bucket.
        lanes.forEach((name, lane) -> {
            columns.add(sum(functions.shiftrightunsigned(col(lane), 32)).alias(name + "high"));
            columns.add(sum(col(lane).bitwiseAND(lit(LOW_HALF))).alias(name + "low"));
        });
        Column unsigned = col(Fingerprint.KEY_HASH).bitwiseXOR(lit(Long.MIN_VALUE));
        columns.add(min(unsigned).alias("_min"));
        columns.add(max(unsigned).alias("_max"));
        for (int i = 0; i < fields.size(); i++) {
            columns.add(functions
                    .count(when(col(Shape.quoted(fields.get(i))).isNull(), lit(1)))
                    .alias("_n" + i));
        }
        return columns.toArray(Column[]::new);
    }

    /** The sum modulo 2⁶⁴ from the sums of the halves. */
    private static long wrapped(Row row, String name) {
        return (row.<Long>getAs(name + "high") << 32) + row.<Long>getAs(name + "low");
    }
}
