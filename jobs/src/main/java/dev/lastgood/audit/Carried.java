package dev.lastgood.audit;

import static dev.lastgood.diff.Fingerprint.CONTENT_1;
import static dev.lastgood.diff.Fingerprint.CONTENT_2;
import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.lastgood.diff.Fingerprint;
import dev.lastgood.diff.Pairs;
import dev.lastgood.judge.Codes;
import dev.lastgood.source.Frame;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What of an earlier {@link Stage} still holds of a dataset. One pass over live takes its digests; rows of records whose
 * digests are as they were are taken over, the others are read in full and judged. What a rule says that asks for the time
 * is asked of all records in that pass.
 */
final class Carried {
    private final DatasetSpec dataset;
    private final Frame live;
    private final Dataset<Row> earlier;
    private final Dataset<Row> now;
    private final Dataset<Row> changed;
    private final Dataset<Row> needed;
    private final Frame pulled;
    private final boolean sameBaseline;

    private Carried(
            DatasetSpec dataset,
            Frame live,
            Dataset<Row> earlier,
            Dataset<Row> now,
            Dataset<Row> changed,
            Dataset<Row> needed,
            Frame pulled,
            boolean sameBaseline) {
        this.dataset = dataset;
        this.live = live;
        this.earlier = earlier;
        this.now = now;
        this.changed = changed;
        this.needed = needed;
        this.pulled = pulled;
        this.sameBaseline = sameBaseline;
    }

    /** What of a row depends on the time at which the rules are asked: columns of the stage by name, and codes by place. */
    record Timed(Map<String, Column> columns, Map<String, List<Integer>> codes) {
        boolean isNone() {
            return columns.isEmpty();
        }

        List<Integer> placesOf(String column) {
            return codes.getOrDefault(column, List.of());
        }

        /** Whether the column holds the codes of more rules than those. */
        boolean isPart(String column) {
            return codes.containsKey(column);
        }
    }

    /**
     * Reads live once for its digests, and what differs a second time.
     *
     * @param viewed live with its digests and as rules see it
     * @param earlier the rows of the earlier stage
     * @param known the hashes of keys that it found to differ from the baseline, or accused
     * @param sameBaseline whether that was the baseline of this audit
     */
    static Carried of(
            DatasetSpec dataset,
            Frame live,
            Dataset<Row> viewed,
            Timed timed,
            Dataset<Row> earlier,
            Dataset<Row> known,
            boolean sameBaseline,
            Relating.Kept kept) {
        List<Column> digests = new ArrayList<>(List.of(col(KEY_HASH), col(CONTENT_1), col(CONTENT_2)));
        if (!timed.isNone()) {
            digests.add(col(KEY));
            timed.columns().forEach((name, column) -> digests.add(column.alias(name)));
        }
        Dataset<Row> now = kept.kept("now", viewed.select(digests.toArray(Column[]::new)));
        Dataset<Row> changed = kept.kept("changed", Pairs.candidates(earlier, now, lit(false)));
        Dataset<Row> needed =
                kept.kept("needed", changed.unionAll(known.select(KEY_HASH)).distinct());
        Frame pulled = new Frame(kept.kept("pulled", records(dataset, live, needed, "left_semi")), live.shape());
        return new Carried(dataset, live, earlier, now, changed, needed, pulled, sameBaseline);
    }

    /** The stored columns of the records whose key has one of the hashes. */
    private static Dataset<Row> records(DatasetSpec dataset, Frame frame, Dataset<Row> hashes, String join) {
        Column[] stored = Arrays.stream(frame.shape().stored().fieldNames())
                .map(name -> col(Shape.quoted(name)))
                .toArray(Column[]::new);
        Dataset<Row> hashed = Fingerprint.hashed(dataset, frame);
        return hashed.join(hashes, hashed.col(KEY_HASH).equalTo(hashes.col(KEY_HASH)), join)
                .select(stored);
    }

    /** The records that have to be judged. */
    Frame fresh() {
        return new Frame(records(dataset, pulled, changed, "left_semi"), pulled.shape());
    }

    /** The rows that are as they were, but for what depends on the time. */
    Dataset<Row> same(Timed timed) {
        Dataset<Row> same = of(earlier, "left_anti");
        if (timed.isNone()) {
            return same;
        }
        // One on each side: a hash that several records have is always among those that changed.
        Dataset<Row> asked = now.withColumnRenamed(KEY_HASH, "_h").drop(CONTENT_1, CONTENT_2);
        for (String name : asked.columns()) {
            asked = name.equals("_h") ? asked : asked.withColumnRenamed(name, "_now" + name);
        }
        Column[] columns = Arrays.stream(same.columns())
                .map(name -> name.equals(KEY)
                        ? col("_now" + KEY).alias(KEY)
                        : timed.isPart(name)
                                ? Codes.with(col(name), col("_now" + name), timed.placesOf(name))
                                        .alias(name)
                                : timed.columns().containsKey(name)
                                        ? col("_now" + name).alias(name)
                                        : col(name))
                .toArray(Column[]::new);
        return same.join(asked, col(KEY_HASH).equalTo(col("_h"))).select(columns);
    }

    /** Of the rows of an earlier stage or of this one those of records that changed. */
    private Dataset<Row> of(Dataset<Row> rows, String join) {
        Dataset<Row> hashes = changed.select(col(KEY_HASH).alias("_changed"));
        return rows.join(hashes, col(KEY_HASH).equalTo(col("_changed")), join);
    }

    /** The values of a column that records have, or had, that changed. */
    Dataset<Row> touched(String column, Dataset<Row> stage) {
        return of(earlier, "left_semi")
                .select(col(column))
                .unionAll(of(stage, "left_semi").select(col(column)))
                .where(col(column).isNotNull());
    }

    long judged() {
        return changed.count();
    }

    boolean isOfSameBaseline() {
        return sameBaseline;
    }

    /** All keys whose records may differ from the baseline, if it is the same. */
    Dataset<Row> needed() {
        return needed;
    }

    /** Live, as far as the records of those keys are in it; what has not been read yet is read now. */
    Frame holding(Dataset<Row> hashes) {
        Dataset<Row> known = needed.select(col(KEY_HASH).alias("_needed"));
        Dataset<Row> missing = hashes.join(known, col(KEY_HASH).equalTo(col("_needed")), "left_anti")
                .select(KEY_HASH);
        return missing.isEmpty()
                ? pulled
                : new Frame(pulled.records().unionAll(records(dataset, live, missing, "left_semi")), pulled.shape());
    }
}
