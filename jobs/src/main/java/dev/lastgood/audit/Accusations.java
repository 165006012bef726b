package dev.lastgood.audit;

import static dev.lastgood.diff.Fingerprint.KEY;
import static dev.lastgood.diff.Fingerprint.KEY_HASH;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.lastgood.judge.Code;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

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
    /** Whether the same was so in the baseline. */
    static final String WAS = "_was";

    static final String AT_TYPE = "array<int>";

    /** Of records with their keys. */
    static Accusations of(int share, Dataset<Row> rows, Column at, Column code, Column detail) {
        return new Accusations(
                share,
                rows.select(
                        col(KEY_HASH),
                        col(KEY),
                        at.cast(AT_TYPE).alias(AT),
                        code.cast("int").alias(CODE),
                        detail.cast("string").alias(DETAIL)));
    }

    static Accusations of(int share, Dataset<Row> rows) {
        return of(share, rows, lit(null), lit(Code.FALSE.number()), lit(null));
    }
}
