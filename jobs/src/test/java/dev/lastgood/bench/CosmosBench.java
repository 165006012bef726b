package dev.lastgood.bench;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.FeedRange;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.cosmos.contract.Tier;
import dev.lastgood.job.PlanJob;
import dev.lastgood.job.RestoreJob;
import dev.lastgood.job.Selection;
import dev.lastgood.job.Workplace;
import dev.lastgood.restore.Applier;
import dev.lastgood.restore.PlanFiles;
import dev.lastgood.restore.Receipt;
import dev.lastgood.rule.Severity;
import dev.lastgood.rule.Verdict;
import dev.lastgood.spark.Shape;
import dev.lastgood.workspace.DatasetSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What reading, capturing and applying on Cosmos DB cost against Microsoft's client alone that does as much: reads all feed
 * ranges; reads them and writes their texts to files; reads and replaces the same documents under a condition. All against one
 * server on this machine, which is as busy as either; in one run, because only such figures can be compared.
 */
@Command(name = "cosmos-bench", description = "Measures Cosmos DB.", mixinStandardHelpOptions = true)
public final class CosmosBench implements Callable<Integer> {
    @Option(names = "--documents", paramLabel = "N", description = "documents (default: ${DEFAULT-VALUE})")
    int documents = 20_000;

    @Option(names = "--steps", paramLabel = "N", description = "damaged ones (default: ${DEFAULT-VALUE})")
    int steps = 2_000;

    @Option(names = "--runs", paramLabel = "N", description = "measured runs, after one (default: ${DEFAULT-VALUE})")
    int runs = 3;

    @Option(names = "--tier", paramLabel = "TIER", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    Tier tier = Tier.STAND_IN;

    @Option(names = "--folder", paramLabel = "DIR", description = "emptied, and used (default: ${DEFAULT-VALUE})")
    Path folder = Path.of("target", "cosmos-bench");

    @Option(names = "--master", paramLabel = "URL", description = "where Spark runs (default: ${DEFAULT-VALUE})")
    String master = "local[*]";

    /** As many writes as a restore has under way. */
    private static final int AT_ONCE = 16;

    private static final int PAGE = 1_000;
    private static final int PARTITIONS = 500;

    private final PrintWriter out;

    CosmosBench(PrintWriter out) {
        this.out = out;
    }

    public static void main(String[] args) {
        // Read when the classes of client and server are loaded.
        System.setProperty("COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED", "true");
        System.setProperty("sun.net.httpserver.nodelay", "true");
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new CosmosBench(out)).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        empty();
        CosmosForTests cosmos = CosmosForTests.of(tier);
        CosmosContainer container = cosmos.container("/tenant");
        try (var client = new CosmosClientBuilder()
                .endpoint(cosmos.endpoint())
                .key(cosmos.key())
                .gatewayMode()
                .buildAsyncClient()) {
            CosmosAsyncContainer plain =
                    client.getDatabase(CosmosForTests.DATABASE).getContainer(container.getId());
            each(documents, i -> plain.createItem(document(i)));
            measured(cosmos, container.getId(), plain);
        }
        return 0;
    }

    private void measured(CosmosForTests cosmos, String container, CosmosAsyncContainer plain) throws IOException {
        Workplace workplace = workplace(cosmos, container);
        DatasetSpec dataset = workplace.datasets(List.of()).get(0);
        workplace.taker().take(List.of(dataset), captured -> Verdict.PASS);
        out.printf("%d documents, %d steps, %s, %s; median of %d after 1%n%n", documents, steps, tier, master, runs);
        Map<String, Runnable> reading = new LinkedHashMap<>();
        reading.put("the client reads", () -> all(read(plain, text -> {})));
        reading.put(
                "read",
                () -> all(workplace
                        .sources()
                        .live(dataset, Map.of(Shape.DOCUMENT, org.apache.spark.sql.types.DataTypes.StringType))
                        .records()
                        .count()));
        Rounds.of(reading, runs).table("the client", out);
        Map<String, Runnable> capturing = new LinkedHashMap<>();
        capturing.put("the client reads, to a file", () -> all(toFile(plain)));
        capturing.put("capture", () -> workplace.taker().take(List.of(dataset), captured -> Verdict.PASS));
        Rounds.of(capturing, runs).table("the client", out);
        Map<String, Runnable> applying = new LinkedHashMap<>();
        damage(plain);
        workplace.auditJob().run(List.of(dataset), "", Severity.ERROR);
        applying.put("the client reads, replaces", () -> each(steps, i -> replaced(plain, i, i * 2)));
        RestoreJob restore = new RestoreJob(workplace);
        String[] plan = new String[1];
        applying.put("plan (after a damage)", () -> {
            damage(plain);
            PlanFiles.Stored stored = new PlanJob(workplace).plan(Selection.all());
            restore.approve(stored.id(), Set.of(), null);
            plan[0] = stored.id();
        });
        applying.put("apply, with its verification", () -> done(restore.apply(plan[0], new Applier.Watch() {})));
        Rounds.of(applying, runs).table("the client", out);
    }

    private void empty() throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted(Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
        Files.createDirectories(folder);
    }

    private Workplace workplace(CosmosForTests cosmos, String container) throws IOException {
        Files.writeString(
                folder.resolve("rules.yaml"),
                "rules:\n  - {id: total, dataset: orders, assert: total = quantity * 2, fields: [total]}\n");
        Path file = folder.resolve("lastgood.yaml");
        Files.writeString(file, """
            format: 1
            workspace: bench
            store: store
            rules: [rules.yaml]
            sources:
              db: {cosmos: '%s', database: %s, key: '${env:BENCH_KEY}', write: {key: '${env:BENCH_KEY}'}}
            datasets:
              orders: {source: db, container: %s, key: [tenant, id], restore: {write: in_place}}
            """.formatted(cosmos.endpoint(), CosmosForTests.DATABASE, container));
        return new Workplace(
                Workplace.read(file, Map.of("BENCH_KEY", cosmos.key())), Clock.systemUTC(), "bench", master, Map.of());
    }

    // ---- the client alone

    private static ObjectNode document(int i) {
        ObjectNode document = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
        document.put("id", Integer.toString(i))
                .put("tenant", tenant(i))
                .put("quantity", i)
                .put("total", i * 2)
                .put("status", "PAID")
                .put("note", "note of order " + i + " ".repeat(200));
        document.putArray("lines").addObject().put("no", 1).put("sku", "s" + i).put("grams", i);
        return document;
    }

    private static String tenant(int i) {
        return "t" + i % PARTITIONS;
    }

    private void damage(CosmosAsyncContainer plain) {
        each(steps, i -> replaced(plain, i, 0));
    }

    /** Reads one, and writes it on the condition that it has not changed. */
    private static Mono<CosmosItemResponse<ObjectNode>> replaced(CosmosAsyncContainer plain, int i, int total) {
        String id = Integer.toString(i);
        PartitionKey partition = new PartitionKey(tenant(i));
        return plain.readItem(id, partition, ObjectNode.class)
                .flatMap(read -> plain.replaceItem(
                        read.getItem().put("total", total),
                        id,
                        partition,
                        new CosmosItemRequestOptions().setIfMatchETag(read.getETag())));
    }

    private static <T> void each(int many, Function<Integer, Mono<T>> act) {
        Flux.fromStream(IntStream.rangeClosed(1, many).boxed())
                .flatMap(act, AT_ONCE)
                .blockLast();
    }

    /** All feed ranges, as many at once as there are cores; gives how many documents there were. */
    private static long read(CosmosAsyncContainer plain, Consumer<String> with) {
        List<FeedRange> ranges = Objects.requireNonNull(plain.getFeedRanges().block());
        return ranges.parallelStream()
                .mapToLong(range -> {
                    long read = 0;
                    CosmosQueryRequestOptions options =
                            new CosmosQueryRequestOptions().setFeedRange(range).setMaxDegreeOfParallelism(1);
                    for (FeedResponse<ObjectNode> page : plain.queryItems("SELECT * FROM c", options, ObjectNode.class)
                            .byPage(PAGE)
                            .toIterable(1)) {
                        for (ObjectNode document : page.getResults()) {
                            with.accept(document.toString());
                            read++;
                        }
                    }
                    return read;
                })
                .sum();
    }

    private long toFile(CosmosAsyncContainer plain) {
        try (Writer file = Files.newBufferedWriter(folder.resolve("plain.jsonl"))) {
            return read(plain, text -> {
                synchronized (file) {
                    try {
                        file.append(text).append('\n');
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void all(long read) {
        if (read != documents) {
            throw new IllegalStateException(read + " documents were read");
        }
    }

    private void done(Receipt receipt) {
        if (receipt.done() != steps || receipt.verified() != steps) {
            throw new IllegalStateException(receipt.json().toString());
        }
    }
}
