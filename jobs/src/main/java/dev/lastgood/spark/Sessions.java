package dev.lastgood.spark;

import dev.lastgood.problem.InvalidInput;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TimeZone;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** Makes the session every job runs in. What is set here decides what is read and how it is judged, so it is one place. */
public final class Sessions {
    private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\*|\\d{1,6})(?:,.*)?])?");
    private static final int PARTITIONS_A_CORE = 8;

    private Sessions() {}

    /** What is not negotiable: another value of one of these gives other results. */
    static Map<String, String> meaning() {
        Map<String, String> conf = new LinkedHashMap<>();
        conf.put("spark.sql.session.timeZone", "UTC");
        conf.put("spark.sql.timestampType", "TIMESTAMP_LTZ");
        conf.put("spark.sql.ansi.enabled", "true");
        conf.put("spark.sql.ansi.doubleQuotedIdentifiers", "false");
        conf.put("spark.sql.ansi.enforceReservedKeywords", "false");
        conf.put("spark.sql.caseSensitive", "true");
        conf.put("spark.sql.datetime.java8API.enabled", "true");
        // A partition value is text unless declared: 01 and 1 are two partitions.
        conf.put("spark.sql.sources.partitionColumnTypeInference.enabled", "false");
        conf.put("spark.sql.files.ignoreCorruptFiles", "false");
        conf.put("spark.sql.files.ignoreMissingFiles", "false");
        conf.put("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED");
        conf.put("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED");
        conf.put("spark.sql.parquet.int96RebaseModeInRead", "CORRECTED");
        conf.put("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED");
        conf.put("spark.sql.parquet.inferTimestampNTZ.enabled", "true");
        conf.put("spark.sql.parquet.binaryAsString", "false");
        conf.put("spark.sql.legacy.parquet.nanosAsLong", "false");
        conf.put("spark.sql.legacy.timeParserPolicy", "CORRECTED");
        conf.put("spark.sql.mapKeyDedupPolicy", "EXCEPTION");
        // One member that does not fit must not take the others with it.
        conf.put("spark.sql.json.enablePartialResults", "true");
        conf.put("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        conf.put("spark.sql.parquet.compression.codec", "zstd");
        // Without it a flipped bit in a page is returned as data in three of four cases.
        conf.put("spark.hadoop.parquet.page.verify-checksum.enabled", "true");
        conf.put("spark.hadoop.parquet.page.write-checksum.enabled", "true");
        conf.put("spark.executor.defaultJavaOptions", "-Duser.timezone=UTC");
        conf.put("spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false");
        return conf;
    }

    /**
     * The session of this process.
     *
     * @param master where to run, as Spark names it
     * @param extra the user's configuration; what decides meaning cannot be set by it
     * @throws InvalidInput if this JVM does not run in UTC: drivers of databases take local times for times of its zone
     */
    public static SparkSession open(String master, Map<String, String> extra) {
        requireUtc(TimeZone.getDefault());
        SparkSession.Builder builder = SparkSession.builder().master(master).appName("lastgood");
        // What plans and pages show of options: those of Cosmos DB and of stores hold keys under other names, too.
        builder.config(
                "spark.redaction.regex",
                "(?i)secret|password|token|access[.]?key|accountkey|fs[.]azure[.]account[.]key|sas|connectionstring");
        // Nothing is ever kept in the session's own catalog; its folder must not appear where the user happens to
        // stand.
        builder.config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir") + "/lastgood-warehouse");
        builder.config("spark.ui.enabled", "false");
        builder.config("spark.ui.showConsoleProgress", "false");
        builder.config("spark.extraListeners", TaskCounts.class.getName());
        // Plans of what has run are for its pages: without them there is no need to write each out in full, and to keep
        // it.
        builder.config("spark.sql.ui.explainMode", "simple");
        builder.config("spark.sql.ui.retainedExecutions", "10");
        builder.config("spark.ui.retainedJobs", "100");
        builder.config("spark.ui.retainedStages", "100");
        builder.config("spark.ui.retainedTasks", "1000");
        if (master.startsWith("local")) {
            builder.config("spark.hadoop.fs.file.impl", LocalFiles.class.getName());
            builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1");
            // Many small partitions at first, of which adaptive execution makes as many as there is work for.
            builder.config("spark.sql.shuffle.partitions", Integer.toString(PARTITIONS_A_CORE * cores(master)));
            builder.config("spark.default.parallelism", Integer.toString(cores(master)));
            // One process lists files as fast as jobs of its own would.
            builder.config("spark.sql.sources.parallelPartitionDiscovery.threshold", "10000");
        }
        // Every class that Spark generates is compiled once, and stays compiled; its own limit holds not one audit.
        builder.config("spark.sql.codegen.cache.maxEntries", "2000");
        // A longer method is never compiled by the JVM, only interpreted; Spark then makes several of it.
        builder.config("spark.sql.codegen.hugeMethodLimit", "8000");
        // A few rows are taken in one job, not in one for the first partition and more for the others.
        builder.config("spark.sql.limit.initialNumPartitions", "64");
        builder.config("spark.sql.adaptive.enabled", "true");
        // Filters inferred from aliases of aliases are a set that grows with each renamed field until no heap holds it.
        builder.config("spark.sql.constraintPropagation.enabled", "false");
        extra.forEach(builder::config);
        meaning().forEach(builder::config);
        SparkSession session = builder.getOrCreate();
        meaning().forEach((name, value) -> {
            if (name.startsWith("spark.sql.")) {
                session.conf().set(name, value);
            }
        });
        return session;
    }

    /** The cores of a local master: {@code local[2]}, {@code local[*]}, {@code local}. */
    static int cores(String master) {
        Matcher matcher = LOCAL.matcher(master);
        if (!matcher.matches() || matcher.group(1) == null) {
            return 1;
        }
        String cores = matcher.group(1);
        return cores.equals("*") ? Runtime.getRuntime().availableProcessors() : Math.max(1, Integer.parseInt(cores));
    }

    static void requireUtc(TimeZone zone) {
        if (!zone.hasSameRules(TimeZone.getTimeZone("UTC"))) {
            throw InvalidInput.of(
                    "Java runs in time zone %s, not in UTC".formatted(zone.getID()),
                    "Start it with -Duser.timezone=UTC, as the launcher does.");
        }
    }
}
