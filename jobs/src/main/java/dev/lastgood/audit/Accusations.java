package dev.lastgood.audit;

import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import dev.lastgood.judge.Code;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * Records of one dataset that a relation accuses, with the columns of an accusation.
 *
 * @param share the number of the share of whose dataset they are records
 */
record Accusations(int share, Dataset<Row> rows) {
    /** Columns: the indexes that lead to the element at fault, or NULL; the {@link Code}; JSON by path, or NULL. */
    static final String AT = "_at";

    static final String CODE = "_code";
    static final String DETAIL = "_detail";
    /** What it is about beside the record, and by which an element is known, which may move; NULL if nothing. */
    static final String ABOUT = "_about";
    /** Whether the same was so in the baseline. */
    static final String WAS = "_was";

    static final String AT_TYPE = "array<int>";

    private static final String COUNT = "_n";

    /** Of records with their keys. */
    static Accusations of(int share, Dataset<Row> rows, Column at, Column code, Column detail) {
        return of(share, rows, at, lit(null), code, detail);
    }

    /** Of records, or elements of them, with what else it is {@link #ABOUT}. */
    static Accusations of(int share, Dataset<Row> rows, Column at, Column about, Column code, Column detail) {
        return new Accusations(
                share,
                rows.select(
                        col(KEY_HASH),
                        col(KEY),
                        at.cast(AT_TYPE).alias(AT),
                        about.cast("string").alias(ABOUT),
                        code.cast("int").alias(CODE),
                        detail.cast("string").alias(DETAIL)));
    }

    static Accusations of(int share, Dataset<Row> rows) {
        return of(share, rows, lit(null), lit(Code.FALSE.number()), lit(null));
    }

    /** The rows, each with whether the baseline says the same of the record or the element; what is an error is new. */
    Dataset<Row> since(List<Accusations> baseline) {
        Optional<Dataset<Row>> then = baseline.stream()
                .filter(accusations -> accusations.share() == share)
                .map(Accusations::rows)
                .reduce(Dataset::unionAll);
        if (then.isEmpty()) {
            return rows.withColumn(WAS, lit(false));
        }
        Dataset<Row> known = counted(then.get().where(accuses()))
                .select(
                        col(KEY_HASH).alias("_h"),
                        col(KEY).alias("_k"),
                        col(ABOUT).alias("_then"),
                        col(COUNT).alias("_m"));
        Column same = col(KEY_HASH)
                .equalTo(col("_h"))
                .and(col(KEY).eqNullSafe(col("_k")))
                .and(col(ABOUT).eqNullSafe(col("_then")))
                .and(col(COUNT).equalTo(col("_m")));
        return counted(rows)
                .join(known, same, "left_outer")
                .withColumn(WAS, accuses().and(col("_h").isNotNull()))
                .drop("_h", "_k", "_then", "_m", COUNT);
    }

    private static Column accuses() {
        return col(CODE).isin(Code.FALSE.number(), Code.UNKNOWN.number());
    }

    /** Elements may be alike: the first of them is told from the second by the order in which they stand. */
    private static Dataset<Row> counted(Dataset<Row> rows) {
        return rows.withColumn(
                COUNT,
                row_number().over(Window.partitionBy(KEY_HASH, KEY, ABOUT).orderBy(col(AT))));
    }
}
