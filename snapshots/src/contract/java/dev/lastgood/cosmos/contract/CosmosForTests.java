package dev.lastgood.cosmos.contract;

import com.azure.cosmos.CosmosClient;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.PartitionKeyDefinition;
import com.azure.cosmos.models.PartitionKeyDefinitionVersion;
import com.azure.cosmos.models.PartitionKind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A Cosmos DB for tests: one for each {@link Tier} and JVM. The stand-in is always there; the others are started, or found,
 * where they can be, and the tests that ask for them are else aborted, saying why. A real account is named by
 * {@code LASTGOOD_TEST_COSMOS} and {@code LASTGOOD_TEST_COSMOS_KEY}; tests make containers in a database of their own and
 * delete them. Which one was used is said once on standard error.
 */
public final class CosmosForTests {
    /** The key everybody knows, of every emulator. */
    public static final String KEY =
            "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    public static final String DATABASE = "lastgood-tests";

    private static final Map<Tier, CosmosForTests> RUNNING = new EnumMap<>(Tier.class);
    private static final Map<String, List<String>> PARTITIONS = new ConcurrentHashMap<>();
    private static final AtomicInteger CONTAINERS = new AtomicInteger();

    private final Tier tier;
    private final @Nullable CosmosServer server;
    private final String endpoint;
    private final String key;
    private final CosmosClient client;

    private CosmosForTests(Tier tier, @Nullable CosmosServer server, String endpoint, String key) {
        this.tier = tier;
        this.server = server;
        this.endpoint = endpoint;
        this.key = key;
        this.client =
                new CosmosClientBuilder().endpoint(endpoint).key(key).gatewayMode().buildClient();
        client.createDatabaseIfNotExists(DATABASE);
        System.err.printf("Cosmos DB of these tests: %s, at %s%n", tier, endpoint);
    }

    /** The stand-in. */
    public static CosmosForTests shared() {
        return of(Tier.STAND_IN);
    }

    /** Starts it, or finds it; aborts the test that asks where it cannot be had. */
    public static synchronized CosmosForTests of(Tier tier) {
        CosmosForTests one = RUNNING.get(tier);
        if (one == null) {
            try {
                one = started(tier);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("could not start " + tier, e);
            }
            RUNNING.put(tier, one);
        }
        return one;
    }

    private static CosmosForTests started(Tier tier) throws IOException, InterruptedException {
        return switch (tier) {
            case STAND_IN -> standIn();
            case NPM -> new CosmosForTests(tier, null, NpmServer.start(KEY), KEY);
            case EMULATOR -> new CosmosForTests(tier, null, DockerServer.start(), KEY);
            case ACCOUNT -> {
                String account = System.getenv("LASTGOOD_TEST_COSMOS");
                String key = System.getenv("LASTGOOD_TEST_COSMOS_KEY");
                Assumptions.assumeTrue(
                        account != null && key != null,
                        "LASTGOOD_TEST_COSMOS and LASTGOOD_TEST_COSMOS_KEY name no account: nothing was tried on a real one");
                yield new CosmosForTests(tier, null, account, key);
            }
        };
    }

    /** A stand-in of one's own, for what is done to a server and not to a container. */
    public static CosmosForTests standIn() {
        CosmosServer server = new CosmosServer(4, KEY);
        return new CosmosForTests(Tier.STAND_IN, server, server.endpoint(), KEY);
    }

    public Tier tier() {
        return tier;
    }

    /** The stand-in; aborts a test that needs what no other service does on demand. */
    public CosmosServer server() {
        Assumptions.assumeTrue(server != null, "needs what only the stand-in does on demand, and this is " + tier);
        return Objects.requireNonNull(server);
    }

    public String endpoint() {
        return endpoint;
    }

    public String key() {
        return key;
    }

    /** A new container with these paths of its partition key. */
    public CosmosContainer container(String... partition) {
        PartitionKeyDefinition definition = new PartitionKeyDefinition();
        definition.setPaths(List.of(partition));
        definition.setKind(partition.length > 1 ? PartitionKind.MULTI_HASH : PartitionKind.HASH);
        definition.setVersion(PartitionKeyDefinitionVersion.V2);
        return container(new CosmosContainerProperties(
                "c%d-%d".formatted(ProcessHandle.current().pid(), CONTAINERS.incrementAndGet()), definition));
    }

    public CosmosContainer container(CosmosContainerProperties properties) {
        client.getDatabase(DATABASE).createContainer(properties);
        CosmosContainer container = client.getDatabase(DATABASE).getContainer(properties.getId());
        PARTITIONS.put(
                properties.getId(), properties.getPartitionKeyDefinition().getPaths());
        if (tier == Tier.ACCOUNT) {
            Runtime.getRuntime().addShutdownHook(new Thread(container::delete));
        }
        return container;
    }

    /** Writes a document whatever was there; its partition key is found in it, of several levels if they are texts. */
    public static void put(CosmosContainer container, String json) {
        ObjectNode document = (ObjectNode) Json.read(json);
        List<String> paths = Objects.requireNonNull(PARTITIONS.get(container.getId()), "made here");
        if (paths.size() > 1) {
            container.upsertItem(document);
        } else {
            container.upsertItem(document, partition(document.at(paths.get(0).replace("\"", ""))), null);
        }
    }

    /** The client itself finds none where there is a null, or a number that is kept digit by digit. */
    private static PartitionKey partition(JsonNode value) {
        if (value.isTextual()) {
            return new PartitionKey(value.asText());
        }
        if (value.isNumber()) {
            return new PartitionKey(value.doubleValue());
        }
        if (value.isBoolean()) {
            return new PartitionKey(value.booleanValue());
        }
        return value.isNull() ? new PartitionKey(null) : PartitionKey.NONE;
    }

    /** The same where the partition key is to be said: where there is none. */
    public static void put(CosmosContainer container, String json, PartitionKey partition) {
        container.upsertItem((ObjectNode) Json.read(json), partition, new CosmosItemRequestOptions());
    }

    /** All documents without what the service adds, as text in the order of that text. */
    public static List<String> everything(CosmosContainer container) {
        List<String> all = new ArrayList<>();
        container
                .queryItems("SELECT * FROM c", new CosmosQueryRequestOptions(), ObjectNode.class)
                .forEach(document -> all.add(plain(document)));
        all.sort(null);
        return all;
    }

    private static String plain(ObjectNode document) {
        return document.remove(List.of("_rid", "_self", "_etag", "_attachments", "_ts"))
                .toString();
    }
}
