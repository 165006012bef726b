package dev.lastgood;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import org.apache.spark.sql.execution.exchange.ReusedExchangeExec;
import org.apache.spark.sql.util.QueryExecutionListener;
import scala.jdk.javaapi.CollectionConverters;

/** What Spark does for something: jobs, stages, the files it scans, the records it reads, the bytes it moves. */
public final class WorkOf {
    private static final int PATIENCE_MILLIS = 60_000;

    private WorkOf() {}

    /**
     * Work done.
     *
     * @param stages those that ran; what an exchange could be reused for did not
     * @param scans the folder of each scan of files, a folder as often as it was scanned
     * @param recordsRead from files, on the way into a stage
     * @param shuffledBytes written for exchanges
     * @param spilledBytes written because memory was short
     */
    public record Work(
            int jobs, int stages, List<String> scans, long recordsRead, long shuffledBytes, long spilledBytes) {
        public Work {
            scans = List.copyOf(scans);
        }

        /** How often files in folders of that path were scanned. */
        public long scansOf(String path) {
            return scans.stream().filter(scan -> scan.contains(path)).count();
        }
    }

    /** What came of it, and what it took. */
    public record Done<T>(T result, Work work) {}

    /** Counts what this thread, and threads it starts meanwhile, have Spark do. Nothing else may use the session. */
    public static <T> Done<T> done(SparkSession spark, Supplier<T> what) {
        SparkContext context = spark.sparkContext();
        String group = UUID.randomUUID().toString();
        settle(context);
        var jobs = new Jobs(group);
        var scans = new Scans();
        context.addSparkListener(jobs);
        spark.listenerManager().register(scans);
        context.setJobGroup(group, "counted", false);
        try {
            T result = what.get();
            settle(context);
            return new Done<>(result, jobs.work(scans.found));
        } finally {
            context.clearJobGroup();
            context.removeSparkListener(jobs);
            spark.listenerManager().unregister(scans);
        }
    }

    /** Events come late, by a thread of their own. */
    private static void settle(SparkContext context) {
        try {
            context.listenerBus().waitUntilEmpty(PATIENCE_MILLIS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("Spark's events did not arrive", e);
        }
    }

    private static final class Jobs extends SparkListener {
        private final String group;
        private final Set<Object> stages = new HashSet<>();
        private int jobs;
        private int ran;
        private long read;
        private long shuffled;
        private long spilled;

        Jobs(String group) {
            this.group = group;
        }

        @Override
        public void onJobStart(SparkListenerJobStart job) {
            if (group.equals(job.properties().getProperty("spark.jobGroup.id"))) {
                jobs++;
                stages.addAll(CollectionConverters.asJava(job.stageIds()));
            }
        }

        @Override
        public void onStageCompleted(SparkListenerStageCompleted stage) {
            if (stages.contains(stage.stageInfo().stageId())) {
                TaskMetrics metrics = stage.stageInfo().taskMetrics();
                ran++;
                read += metrics.inputMetrics().recordsRead();
                shuffled += metrics.shuffleWriteMetrics().bytesWritten();
                spilled += metrics.diskBytesSpilled();
            }
        }

        Work work(List<String> scans) {
            return new Work(jobs, ran, scans, read, shuffled, spilled);
        }
    }

    private static final class Scans implements QueryExecutionListener {
        private final List<String> found = new ArrayList<>();

        @Override
        public void onSuccess(String action, QueryExecution query, long nanos) {
            collect(query.executedPlan());
        }

        @Override
        public void onFailure(String action, QueryExecution query, Exception failure) {}

        private void collect(SparkPlan plan) {
            if (plan instanceof AdaptiveSparkPlanExec adaptive) {
                collect(adaptive.executedPlan());
            } else if (plan instanceof QueryStageExec stage) {
                collect(stage.plan());
            } else if (plan instanceof FileSourceScanExec scan) {
                found.add(scan.relation().location().rootPaths().head().toString());
            } else if (!(plan instanceof ReusedExchangeExec)) {
                CollectionConverters.asJava(plan.children()).forEach(this::collect);
                CollectionConverters.asJava(plan.subqueries()).forEach(this::collect);
            }
        }
    }
}
