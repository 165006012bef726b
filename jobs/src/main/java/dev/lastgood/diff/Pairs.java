package dev.lastgood.diff;

import static dev.lastgood.diff.Fingerprint.CONTENT_1;
import static dev.lastgood.diff.Fingerprint.CONTENT_2;
import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which records to look at, and those in full. A key hash is a candidate if its thin rows do not cancel out: one row a side
 * with equal content, which covers the key. So a hash that two keys share is one too; hashes only lead, and what is fetched
 * is told apart by its keys.
 */
public final class Pairs {
    /** Columns of pairs: arrays of stored records, one element where the key is unique. */
    public static final String RECORDS_BEFORE = "_b";

    public static final String RECORDS_AFTER = "_a";

    private static final String SIDE = "_side";
    private static final byte OF_BEFORE = 0;
    private static final byte OF_AFTER = 1;
    private static final byte ACCUSED = 2;

    private Pairs() {}

    /**
     * The hashes of keys whose records differ between two thin frames, or are accused.
     *
     * @param accused a boolean over a row after: look at it though nothing changed
     */
    public static Dataset<Row> candidates(Dataset<Row> before, Dataset<Row> after, Column accused) {
        Column side = when(accused, lit(ACCUSED)).otherwise(lit(OF_AFTER));
        Dataset<Row> sides = thin(before, lit(OF_BEFORE)).unionAll(thin(after, side));
        // Sent first, added up where both sides meet: before that there is hardly a hash twice.
        return sides.repartition(col(KEY_HASH))
                .groupBy(col(KEY_HASH))
                .agg(
                        count_if(col(SIDE).equalTo(OF_BEFORE)).alias("_nb"),
                        count_if(col(SIDE).notEqual(OF_BEFORE)).alias("_na"),
                        bit_xor(col(CONTENT_1)).alias("_x1"),
                        bit_xor(col(CONTENT_2)).alias("_x2"),
                        max(SIDE).alias(SIDE))
                .where(not(col("_nb")
                                .equalTo(1)
                                .and(col("_na").equalTo(1))
                                .and(col("_x1").equalTo(0))
                                .and(col("_x2").equalTo(0)))
                        .or(col(SIDE).equalTo(ACCUSED)))
                .select(KEY_HASH);
    }

    private static Dataset<Row> thin(Dataset<Row> thin, Column side) {
        return thin.select(col(KEY_HASH), col(CONTENT_1), col(CONTENT_2), side.alias(SIDE));
    }

    /**
     * The records on both sides whose key has one of the hashes, by key, as {@link #RECORDS_BEFORE} and
     * {@link #RECORDS_AFTER}. There may be none on a side, and several where a key occurs more than once.
     */
    public static Dataset<Row> fetch(DatasetSpec dataset, Frame before, Frame after, Dataset<Row> hashes) {
        Dataset<Row> ofBefore = records(dataset, before, lit(false));
        Dataset<Row> ofAfter = records(dataset, after, lit(true));
        return paired(wanted(ofBefore, hashes).unionAll(wanted(ofAfter, hashes)));
    }

    /** All records on both sides, paired in the same way. */
    public static Dataset<Row> of(DatasetSpec dataset, Frame before, Frame after) {
        return paired(records(dataset, before, lit(false)).unionAll(records(dataset, after, lit(true))));
    }

    private static Dataset<Row> wanted(Dataset<Row> records, Dataset<Row> hashes) {
        return records.join(hashes, records.col(KEY_HASH).equalTo(hashes.col(KEY_HASH)), "left_semi");
    }

    private static Dataset<Row> paired(Dataset<Row> tagged) {
        return tagged.groupBy(col(KEY_HASH), col(KEY))
                .agg(
                        collect_list(when(not(col(SIDE)), col("_record"))).alias(RECORDS_BEFORE),
                        collect_list(when(col(SIDE), col("_record"))).alias(RECORDS_AFTER));
    }

    private static Dataset<Row> records(DatasetSpec dataset, Frame frame, Column side) {
        List<Column> stored = Arrays.stream(frame.shape().stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toList();
        return Fingerprint.hashed(dataset, frame)
                .select(
                        col(KEY_HASH),
                        col(KEY),
                        side.alias(SIDE),
                        struct(stored.toArray(Column[]::new)).alias("_record"));
    }
}
