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
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The Cosmos DB of this JVM's tests: a real account where the environment names one ({@code LASTGOOD_TEST_COSMOS} and
 * {@code LASTGOOD_TEST_COSMOS_KEY}; tests make containers in a database of their own and delete them), else the
 * stand-in. Which it was is said once on standard error, and by {@link #tier()}.
 */
public final class CosmosForTests {
    /** The key everybody knows, of every emulator. */
    public static final String KEY =
            "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    public static final String DATABASE = "lastgood-tests";

    private static @Nullable CosmosForTests running;
    private static final AtomicInteger CONTAINERS = new AtomicInteger();

    private final @Nullable CosmosServer server;
    private final String endpoint;
    private final String key;
    private final CosmosClient client;

    private CosmosForTests(@Nullable CosmosServer server, String endpoint, String key) {
        this.server = server;
        this.endpoint = endpoint;
        this.key = key;
        this.client =
                new CosmosClientBuilder().endpoint(endpoint).key(key).gatewayMode().buildClient();
        client.createDatabaseIfNotExists(DATABASE);
        System.err.println("Cosmos DB of these tests: " + tier());
    }

    public static synchronized CosmosForTests shared() {
        CosmosForTests one = running;
        if (one == null) {
            String real = System.getenv("LASTGOOD_TEST_COSMOS");
            if (real == null || real.isEmpty()) {
                one = standIn();
            } else {
                one = new CosmosForTests(null, real, System.getenv("LASTGOOD_TEST_COSMOS_KEY"));
            }
            running = one;
        }
        return one;
    }

    /** A stand-in of one's own, whatever the environment says, for what is done to a server and not to a container. */
    public static CosmosForTests standIn() {
        CosmosServer server = new CosmosServer(4, KEY);
        return new CosmosForTests(server, server.endpoint(), KEY);
    }

    public String tier() {
        return server == null ? "tier 4, the account at " + endpoint : "tier 1, a stand-in in this JVM";
    }

    public boolean isStandIn() {
        return server != null;
    }

    /** The stand-in; aborts a test that needs what a real account does not do on demand. */
    public CosmosServer server() {
        Assumptions.assumeTrue(server != null, "needs the stand-in, and this is " + tier());
        return java.util.Objects.requireNonNull(server);
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
        if (server == null) {
            Runtime.getRuntime().addShutdownHook(new Thread(container::delete));
        }
        return container;
    }

    /** Writes a document whatever was there; its partition key is found in it. */
    public static void put(CosmosContainer container, String json) {
        container.upsertItem((ObjectNode) Json.read(json));
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
