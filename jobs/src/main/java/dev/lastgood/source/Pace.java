package dev.lastgood.source;

import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF0;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Lets records through no faster than so many a second, each task for itself: whoever reads waits, and so does the source,
 * which sends no more than is asked for.
 */
final class Pace implements UDF0<Boolean> {
    private static final long serialVersionUID = 1;
    private static final double NANOS = 1e9;

    private final double perSecond;
    private transient long passed;
    private transient long begun;

    private Pace(double perSecond) {
        this.perSecond = perSecond;
    }

    /**
     * The records at that pace, over all tasks that read them at once.
     *
     * @param tasks how many may
     */
    static Dataset<Row> of(Dataset<Row> records, long perSecond, int tasks) {
        Column through = functions
                .udf(new Pace((double) perSecond / tasks), DataTypes.BooleanType)
                .asNondeterministic()
                .apply();
        return records.where(through);
    }

    @Override
    public Boolean call() {
        long now = System.nanoTime();
        if (passed == 0) {
            begun = now;
        }
        passed++;
        long early = early(passed, now - begun, perSecond);
        if (early > 0) {
            LockSupport.parkNanos(early);
        }
        return true;
    }

    /** By how many nanoseconds so many records are too early after so many. */
    static long early(long records, long elapsed, double perSecond) {
        return (long) (records / perSecond * NANOS) - elapsed;
    }
}
