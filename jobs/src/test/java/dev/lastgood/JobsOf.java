package dev.lastgood;

import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/** How many jobs of Spark something takes. A promise about speed is a test that counts. */
public final class JobsOf {
    private JobsOf() {}

    /** What came of it, and the jobs it took. */
    public record Counted<T>(T result, int jobs) {}

    /** Counts the jobs that this thread, and threads it starts meanwhile, run. */
    public static <T> Counted<T> counted(SparkSession spark, Supplier<T> work) {
        SparkContext context = spark.sparkContext();
        String group = UUID.randomUUID().toString();
        context.setJobGroup(group, "counted", false);
        try {
            T result = work.get();
            return new Counted<>(result, context.statusTracker().getJobIdsForGroup(group).length);
        } finally {
            context.clearJobGroup();
        }
    }

    /** The same of what gives nothing. */
    public static int of(SparkSession spark, Runnable work) {
        return counted(spark, () -> {
                    work.run();
                    return List.of();
                })
                .jobs();
    }
}
