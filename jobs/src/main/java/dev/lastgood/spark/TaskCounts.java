package dev.lastgood.spark;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Counts what Spark has done in this process, for whoever waits for it. Spark makes one, by its setting {@code
 * spark.extraListeners}; a process has one session. Safe for use by many threads.
 */
public final class TaskCounts extends SparkListener {
    private static final AtomicLong TASKS = new AtomicLong();
    private static final AtomicLong ENDED = new AtomicLong();
    private static final AtomicLong RECORDS = new AtomicLong();

    /**
     * What was done up to a moment.
     *
     * @param tasks that Spark knows of; they grow as stages come
     * @param ended of them
     * @param records read from files and databases
     */
    public record Counts(long tasks, long ended, long records) {
        /** What was done since another moment. */
        public Counts since(Counts other) {
            return new Counts(tasks - other.tasks, ended - other.ended, records - other.records);
        }
    }

    /** Up to now. */
    public static Counts now() {
        return new Counts(TASKS.get(), ENDED.get(), RECORDS.get());
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
        TASKS.addAndGet(event.stageInfo().numTasks());
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd event) {
        ENDED.incrementAndGet();
        if (event.taskMetrics() != null) {
            RECORDS.addAndGet(event.taskMetrics().inputMetrics().recordsRead());
        }
    }
}
