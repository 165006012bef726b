package dev.lastgood.capture;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftright;
import static org.apache.spark.sql.functions.sum;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.record.Digest128;
import dev.lastgood.snapshot.Buckets;
import dev.lastgood.source.Frame;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;

/** What records add up to, wherever they lie: equal for equal records in any order, as the totals of a manifest are. */
public final class Totals {
    private Totals() {}

    private static final List<String> LANES = List.of(
            Fingerprint.KEY_HASH,
            Fingerprint.CONTENT_1,
            Fingerprint.CONTENT_2,
            Fingerprint.COMPARE_1,
            Fingerprint.COMPARE_2);

    /** One aggregation over all records. A dataset without a key has key hashes all the same, which mean nothing. */
    public static Buckets.Sums of(DatasetSpec dataset, Frame frame) {
        List<Column> sums = new ArrayList<>();
        for (String lane : LANES) {
            // A sum of longs fails when it overflows; those of halves do not before there are 2³¹ records.
            sums.add(coalesce(sum(col(lane).bitwiseAND(0xffff_ffffL)), lit(0L)));
            sums.add(coalesce(sum(shiftright(col(lane), 32)), lit(0L)));
        }
        Row row = Fingerprint.hashed(dataset, frame)
                .agg(count(lit(1)), sums.toArray(Column[]::new))
                .head();
        return new Buckets.Sums(
                row.getLong(0),
                new Digest128(lane(row, 0), 0),
                new Digest128(lane(row, 1), lane(row, 2)),
                new Digest128(lane(row, 3), lane(row, 4)));
    }

    private static long lane(Row row, int number) {
        return row.getLong(1 + 2 * number) + (row.getLong(2 + 2 * number) << 32);
    }
}
