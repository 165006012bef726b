package dev.lastgood.diff;

import static dev.lastgood.diff.Fingerprint.CONTENT_1;
import static dev.lastgood.diff.Fingerprint.CONTENT_2;
import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
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
 * Which keys to look at, and the full records of just those. A key is a candidate if its thin rows do not cancel out: one
 * row a side with equal content. Both steps treat keys as equal if their values are, hashes only lead there.
 */
public final class Pairs {
    /** Columns of candidates and pairs. */
    public static final String COPIES_BEFORE = "_nb";

    public static final String COPIES_AFTER = "_na";
    public static final String ACCUSED = "_accused";

    /** Columns of pairs: arrays of stored records, one element where the key is unique. */
    public static final String RECORDS_BEFORE = "_b";

    public static final String RECORDS_AFTER = "_a";

    private Pairs() {}

    /**
     * The keys whose records differ between two thin frames, or that are accused.
     *
     * @param accused a boolean over a row after: look at its key though nothing changed
     */
    public static Dataset<Row> candidates(Dataset<Row> before, Dataset<Row> after, Column accused) {
        Dataset<Row> sides =
                side(before, lit(1L), lit(0L), lit(false)).unionAll(side(after, lit(0L), lit(1L), accused));
        Dataset<Row> keys = sides.groupBy(col(KEY_HASH), col(KEY))
                .agg(
                        sum("_before").alias(COPIES_BEFORE),
                        sum("_after").alias(COPIES_AFTER),
                        bit_xor(col(CONTENT_1)).alias("_x1"),
                        bit_xor(col(CONTENT_2)).alias("_x2"),
                        max(ACCUSED).alias(ACCUSED));
        Column equal = col(COPIES_BEFORE)
                .equalTo(1)
                .and(col(COPIES_AFTER).equalTo(1))
                .and(col("_x1").equalTo(0))
                .and(col("_x2").equalTo(0));
        return keys.where(col(ACCUSED).or(org.apache.spark.sql.functions.not(equal)))
                .select(col(KEY_HASH), col(KEY), col(COPIES_BEFORE), col(COPIES_AFTER));
    }

    private static Dataset<Row> side(Dataset<Row> thin, Column before, Column after, Column accused) {
        return thin.select(
                col(KEY_HASH),
                col(KEY),
                col(CONTENT_1),
                col(CONTENT_2),
                before.alias("_before"),
                after.alias("_after"),
                accused.alias(ACCUSED));
    }

    /**
     * The records of the candidates on both sides, as {@link #RECORDS_BEFORE} and {@link #RECORDS_AFTER}. A candidate may
     * have none on a side, and several where a key occurs more than once.
     */
    public static Dataset<Row> fetch(DatasetSpec dataset, Frame before, Frame after, Dataset<Row> candidates) {
        Dataset<Row> keys = candidates.select(col(KEY_HASH), col(KEY));
        Dataset<Row> tagged =
                records(dataset, before, keys, lit(false)).unionAll(records(dataset, after, keys, lit(true)));
        return tagged.groupBy(col(KEY_HASH), col(KEY))
                .agg(
                        collect_list(when(org.apache.spark.sql.functions.not(col("_side")), col("_record")))
                                .alias(RECORDS_BEFORE),
                        collect_list(when(col("_side"), col("_record"))).alias(RECORDS_AFTER));
    }

    private static Dataset<Row> records(DatasetSpec dataset, Frame frame, Dataset<Row> keys, Column side) {
        List<Column> stored = Arrays.stream(frame.shape().stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toList();
        Dataset<Row> full = Fingerprint.hashed(dataset, frame)
                .select(
                        col(KEY_HASH),
                        col(KEY),
                        side.alias("_side"),
                        struct(stored.toArray(Column[]::new)).alias("_record"));
        Column same =
                full.col(KEY_HASH).equalTo(keys.col(KEY_HASH)).and(full.col(KEY).eqNullSafe(keys.col(KEY)));
        return full.join(keys, same, "left_semi");
    }
}
