package dev.lastgood.job;

import dev.lastgood.SparkForTests;
import io.delta.sql.DeltaSparkSessionExtension;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.runtime.BoxedUnit;

/** Another session of the same Spark, as one is that was told of Delta and Iceberg. */
final class TablesForTests {
    private TablesForTests() {}

    /** Makes it the one that everybody gets, until {@link #close}. */
    static SparkSession open() {
        SparkForTests.session();
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
        return SparkSession.builder()
                .withExtensions(extensions -> {
                    new DeltaSparkSessionExtension().apply(extensions);
                    return BoxedUnit.UNIT;
                })
                .config("spark.sql.extensions", DeltaSparkSessionExtension.class.getName())
                .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
                .config("spark.sql.catalog.default_iceberg", "org.apache.iceberg.spark.SparkCatalog")
                .config("spark.sql.catalog.default_iceberg.type", "hadoop")
                .config("spark.sql.catalog.default_iceberg.warehouse", "target/iceberg")
                .config("spark.sql.catalog.default_iceberg.cache-enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .config("spark.databricks.delta.snapshotPartitions", "2")
                .getOrCreate();
    }

    /** The others have theirs again. */
    static void close() {
        // Delta keeps what it knows of a table in memory.
        new JavaSparkContext(SparkForTests.session().sparkContext())
                .getPersistentRDDs()
                .values()
                .forEach(kept -> kept.unpersist(true));
        SparkSession.setActiveSession(SparkForTests.session());
        SparkSession.setDefaultSession(SparkForTests.session());
    }
}
