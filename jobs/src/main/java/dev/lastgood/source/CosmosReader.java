package dev.lastgood.source;

import com.azure.cosmos.CosmosException;
import dev.lastgood.cosmos.CosmosAccess;
import dev.lastgood.cosmos.CosmosContainer;
import dev.lastgood.cosmos.CosmosContainer.Wanted;
import dev.lastgood.cosmos.CosmosFailure;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Deletes;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a container, each as its raw JSON text: by the Spark connector of Cosmos DB where that is on the class
 * path, else by the client library, one task a feed range. No schema is ever inferred by the connector, which looks at a
 * sample and drops what it has not seen.
 */
final class CosmosReader {
    /** By its class, for another data source may have the short name. */
    static final String CONNECTOR = "com.azure.cosmos.spark.CosmosItemsDataSource";

    private static final String RAW = "_rawBody";

    private final SparkSession session;
    private final Source.Cosmos source;

    CosmosReader(SparkSession session, Source.Cosmos source) {
        this.session = session;
        this.source = source;
    }

    /** @param since null: all documents; else those written from that second on */
    Dataset<Row> read(DatasetSpec dataset, @Nullable Instant since) {
        return read(dataset, since == null ? Wanted.ALL : Wanted.since(since.getEpochSecond()));
    }

    /** All documents, of which only the members that are the key, or hold a part of it, are asked for. */
    Dataset<Row> keys(DatasetSpec dataset) {
        return read(
                dataset,
                Wanted.members(
                        dataset.key().stream().map(FieldPath::root).distinct().toList()));
    }

    /** What the service says of the container. */
    CosmosContainer.Described described(DatasetSpec dataset) {
        CosmosContainer container = container(dataset, CosmosAccess.reader(source));
        try {
            return container.described();
        } catch (RuntimeException e) {
            throw unreadable(dataset.name(), container, e);
        }
    }

    private CosmosContainer container(DatasetSpec dataset, CosmosAccess access) {
        return new CosmosContainer(
                access, source.database(), ((Location.Container) dataset.location()).name(), unitsPerSecond());
    }

    private static void refuseDeletes(DatasetSpec dataset) {
        if (dataset.deletes() instanceof Deletes.ChangeFeed) {
            throw InvalidInput.of(
                    "dataset '%s': this version does not read deletes from the change feed".formatted(dataset.name()),
                    "Leave 'deletes' out: what was deleted is found by comparing keys.");
        }
    }

    /** The documents written from that second on that are there, by the change feed of latest versions. */
    Dataset<Row> written(DatasetSpec dataset, Instant since) {
        refuseDeletes(dataset);
        CosmosContainer container = container(dataset, CosmosAccess.reader(source));
        try {
            requireKey(dataset, container);
            List<String> ranges = container.feedRanges();
            JavaRDD<Row> versions = JavaSparkContext.fromSparkContext(session.sparkContext())
                    .parallelize(ranges, ranges.size())
                    .flatMap(new VersionsOfRange(dataset.name(), container, since));
            Column newest = functions.max_by(functions.col(Shape.DOCUMENT), functions.col("at"));
            return session.createDataFrame(versions, VersionsOfRange.TYPE)
                    .groupBy("document_rid")
                    .agg(newest.alias(Shape.DOCUMENT))
                    .select(Shape.DOCUMENT);
        } catch (InvalidInput | SourceUnreadable e) {
            throw e;
        } catch (RuntimeException e) {
            throw unreadable(dataset.name(), container, e);
        }
    }

    private Dataset<Row> read(DatasetSpec dataset, Wanted wanted) {
        refuseDeletes(dataset);
        CosmosAccess access = CosmosAccess.reader(source);
        CosmosContainer container = container(dataset, access);
        try {
            requireKey(dataset, container);
            String key = access.key();
            // What the connector has no option for, in all its versions, it is not asked for.
            boolean plain =
                    wanted.equals(Wanted.ALL) && access.consistency() == null && container.unitsPerSecond() == 0;
            return plain && key != null && isConnectorThere()
                    ? byConnector(dataset, container, key)
                    : byClient(dataset, container, wanted);
        } catch (InvalidInput | SourceUnreadable e) {
            throw e;
        } catch (RuntimeException e) {
            throw unreadable(dataset.name(), container, e);
        }
    }

    /**
     * The rate of the workspace is that of all JVMs that read together: those that there are, or as many as the
     * configuration lets there be.
     */
    private double unitsPerSecond() {
        Long limit = source.limit().requestUnitsPerSecond();
        SparkConf conf = session.sparkContext().getConf();
        int configured = conf.getBoolean("spark.dynamicAllocation.enabled", false)
                ? conf.getInt("spark.dynamicAllocation.maxExecutors", 0)
                : conf.getInt("spark.executor.instances", 0);
        int executors =
                Math.max(configured, session.sparkContext().statusTracker().getExecutorInfos().length);
        return limit == null ? 0 : (double) limit / Math.max(1, executors);
    }

    private static void requireKey(DatasetSpec dataset, CosmosContainer container) {
        CosmosContainer.Described described = container.described();
        if (dataset.hasKey() && !described.isNamedBy(dataset.key())) {
            throw InvalidInput.of(
                    "dataset '%s': an id is unique only together with the partition key, which 'key' leaves out"
                            .formatted(dataset.name()),
                    "Write 'key: %s'.".formatted(described.key()));
        }
    }

    private static SourceUnreadable unreadable(String dataset, CosmosContainer container, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CosmosContainer.Inexact inexact) {
                return new SourceUnreadable("dataset '%s': %s".formatted(dataset, inexact.getMessage()), failure);
            }
        }
        return new SourceUnreadable(
                "dataset '%s': container '%s' of %s could not be read: %s"
                        .formatted(dataset, container.name(), container.access(), CosmosFailure.told(failure)),
                hint(failure),
                // What the client says may hold what a document holds.
                null);
    }

    private static @Nullable String hint(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CosmosException answered) {
                return switch (answered.getStatusCode()) {
                    case 401 -> "Check the key of the source; it may have been rotated.";
                    case 403 -> "The identity needs a role that may read data, such as Cosmos DB Built-in Data Reader.";
                    case CosmosFailure.NOT_FOUND -> "Check 'database' of the source and 'container' of the dataset.";
                    default -> null;
                };
            }
        }
        return null;
    }

    // ---- client library

    private Dataset<Row> byClient(DatasetSpec dataset, CosmosContainer container, Wanted wanted) {
        List<String> ranges = container.feedRanges();
        JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
        return session.createDataset(
                        context.parallelize(ranges, ranges.size())
                                .flatMap(new OfRange(dataset.name(), container, wanted))
                                .rdd(),
                        Encoders.STRING())
                .toDF(Shape.DOCUMENT);
    }

    /** The documents of a feed range. */
    private static final class OfRange implements FlatMapFunction<String, String> {
        private static final long serialVersionUID = 1;

        private final String dataset;
        private final CosmosContainer container;
        private final Wanted wanted;

        OfRange(String dataset, CosmosContainer container, Wanted wanted) {
            this.dataset = dataset;
            this.container = container;
            this.wanted = wanted;
        }

        @Override
        public Iterator<String> call(String range) {
            return told(dataset, container, () -> container.documents(range, wanted));
        }
    }

    /** The versions of the documents of a feed range that were written lately, a later one of a document with a higher number. */
    private static final class VersionsOfRange implements FlatMapFunction<String, Row> {
        private static final long serialVersionUID = 1;

        static final StructType TYPE = new StructType()
                .add("document_rid", DataTypes.StringType)
                .add("at", DataTypes.LongType, false)
                .add(Shape.DOCUMENT, DataTypes.StringType, false);

        private final String dataset;
        private final CosmosContainer container;
        private final Instant since;

        VersionsOfRange(String dataset, CosmosContainer container, Instant since) {
            this.dataset = dataset;
            this.container = container;
            this.since = since;
        }

        @Override
        public Iterator<Row> call(String range) {
            Iterator<CosmosContainer.Version> versions =
                    told(dataset, container, () -> container.written(range, since));
            return new Iterator<>() {
                private long at;

                @Override
                public boolean hasNext() {
                    return versions.hasNext();
                }

                @Override
                public Row next() {
                    CosmosContainer.Version version = versions.next();
                    return RowFactory.create(version.resource(), at++, version.document());
                }
            };
        }
    }

    /** What is read from a container, of which failures are told in our words. */
    private static <T> Iterator<T> told(String dataset, CosmosContainer container, Supplier<Iterator<T>> reading) {
        Iterator<T> read;
        try {
            read = reading.get();
        } catch (RuntimeException e) {
            throw unreadable(dataset, container, e);
        }
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                try {
                    return read.hasNext();
                } catch (RuntimeException e) {
                    throw unreadable(dataset, container, e);
                }
            }

            @Override
            public T next() {
                try {
                    return read.next();
                } catch (CosmosContainer.Inexact e) {
                    throw unreadable(dataset, container, e);
                }
            }
        };
    }

    // ---- connector

    private static boolean isConnectorThere() {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try {
            Class.forName(CONNECTOR, false, loader == null ? CosmosReader.class.getClassLoader() : loader);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** An option that a version does not know is refused by the connector, so only old ones are given. */
    private Dataset<Row> byConnector(DatasetSpec dataset, CosmosContainer container, String key) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("spark.cosmos.accountEndpoint", source.endpoint());
        options.put("spark.cosmos.database", container.database());
        options.put("spark.cosmos.container", container.name());
        options.put("spark.cosmos.read.inferSchema.enabled", "false");
        options.put("spark.cosmos.read.forceEventualConsistency", "false");
        options.put("spark.cosmos.useGatewayMode", "true");
        if (!source.regions().isEmpty()) {
            options.put("spark.cosmos.preferredRegionsList", String.join(",", source.regions()));
        }
        options.put("spark.cosmos.accountKey", key);
        Dataset<Row> read = session.read().format(CONNECTOR).options(options).load();
        if (!List.of(read.columns()).contains(RAW) || !(read.schema().apply(RAW).dataType() instanceof StringType)) {
            throw new SourceUnreadable(
                    "dataset '%s': the connector of Cosmos DB on the class path gives no column '%s'"
                            .formatted(dataset.name(), RAW),
                    "Leave it off the class path: the container is then read by the client library.",
                    null);
        }
        return read.select(functions.col(RAW))
                .as(Encoders.STRING())
                .map(new Exact(dataset.name()), Encoders.STRING())
                .toDF(Shape.DOCUMENT);
    }

    /**
     * Refuses a document in which a number may have been too large: the connector writes a text for it, which nothing
     * tells from a text of the document.
     */
    private static final class Exact implements MapFunction<String, String> {
        private static final long serialVersionUID = 1;

        private static final Pattern INFINITE = Pattern.compile("\"-?Infinity\"\\s*[,}\\]]");

        private final String dataset;

        Exact(String dataset) {
            this.dataset = dataset;
        }

        @Override
        public String call(String document) {
            if (document.contains("Infinity\"") && INFINITE.matcher(document).find()) {
                throw new SourceUnreadable(
                        "dataset '%s': a document holds the text 'Infinity', or a number beyond what a double holds"
                                .formatted(dataset),
                        "Leave the connector of Cosmos DB off the class path: the client library tells them apart.",
                        null);
            }
            return document;
        }
    }
}
