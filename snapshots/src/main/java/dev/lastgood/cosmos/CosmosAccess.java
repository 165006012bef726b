package dev.lastgood.cosmos;

import com.azure.core.credential.TokenCredential;
import com.azure.cosmos.ConsistencyLevel;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.ThrottlingRetryOptions;
import com.azure.identity.DefaultAzureCredentialBuilder;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.workspace.Source;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An account as one identity reaches it. Serializable, so that tasks elsewhere can sign in; prints no secret.
 *
 * @param key the account's key; null: azure-identity's default chain
 * @param clientId of a managed identity, for that chain
 * @param regions preferred, in order
 * @param consistency of reads, as {@link ConsistencyLevel} has it; null: the account's own
 */
public record CosmosAccess(
        String endpoint,
        @Nullable String key,
        @Nullable String clientId,
        List<String> regions,
        @Nullable String consistency)
        implements Serializable {

    /** How long a request that is told to wait is tried again, as often as the service says. */
    private static final Duration MOST_WAIT = Duration.ofMinutes(2);

    private static final int MOST_TRIES = 1_000;

    /** One client an account and identity for the life of the JVM, as its makers advise. */
    private static final Map<CosmosAccess, CosmosAsyncClient> CLIENTS = new ConcurrentHashMap<>();

    public CosmosAccess {
        regions = List.copyOf(regions);
    }

    /** For reading. Throws {@link InvalidInput} if a secret is not there, or a connection string is no such thing. */
    public static CosmosAccess reader(Source.Cosmos source) {
        Source.Consistency consistency = source.consistency();
        return of(source, source.auth(), consistency == null ? null : consistency.name());
    }

    /** For writing, with what the account's own consistency lets it read; the reader's identity if there is no other. */
    public static CosmosAccess writer(Source.Cosmos source) {
        Source.CosmosWriter write = source.write();
        return of(source, write == null ? source.auth() : write.auth(), null);
    }

    /** With what the account itself grants its readers, whatever the source says. */
    public CosmosAccess withAccountsConsistency() {
        return new CosmosAccess(endpoint, key, clientId, regions, null);
    }

    private static CosmosAccess of(Source.Cosmos source, Source.Auth auth, @Nullable String consistency) {
        String key = null;
        String clientId = null;
        if (auth instanceof Source.Auth.AccountKey account) {
            key = account.key().reveal().strip();
        } else if (auth instanceof Source.Auth.ConnectionString connection) {
            key = keyOf(source, connection.text().reveal());
        } else if (auth instanceof Source.Auth.Default chain && chain.clientId() != null) {
            clientId = chain.clientId().reveal();
        }
        return new CosmosAccess(source.endpoint(), key, clientId, source.regions(), consistency);
    }

    private static String keyOf(Source.Cosmos source, String connection) {
        String endpoint = "";
        String key = "";
        for (String part : connection.strip().split(";", -1)) {
            int at = part.indexOf('=');
            String name = at < 0 ? "" : part.substring(0, at).strip().toLowerCase(Locale.ROOT);
            if (name.equals("accountendpoint")) {
                endpoint = part.substring(at + 1).strip();
            } else if (name.equals("accountkey")) {
                key = part.substring(at + 1).strip();
            }
        }
        if (key.isEmpty()) {
            throw InvalidInput.of(
                    "source '%s': the connection string has no AccountKey".formatted(source.name()),
                    "It looks like AccountEndpoint=https://ACCOUNT.documents.azure.com:443/;AccountKey=KEY;");
        }
        if (!endpoint.isEmpty() && !host(endpoint).equals(host(source.endpoint()))) {
            throw InvalidInput.of(
                    "source '%s': the connection string is of another account than 'cosmos' names"
                            .formatted(source.name()),
                    "'cosmos' is %s.".formatted(source.endpoint()));
        }
        return key;
    }

    private static String host(String endpoint) {
        try {
            return String.valueOf(URI.create(endpoint).getAuthority()).replaceFirst(":443$", "");
        } catch (IllegalArgumentException e) {
            return endpoint;
        }
    }

    /**
     * The client. Requests go through the account's gateway, so that nothing but its https port need be open. It waits as
     * long as it is told to when there were too many requests; of itself it does not send a write again that may have
     * been carried out, except to an account with failover by partition, which no client can switch off: so an answer
     * that refuses a write is not the proof that an earlier one did not carry it out.
     */
    CosmosAsyncClient client() {
        return CLIENTS.computeIfAbsent(this, CosmosAccess::connected);
    }

    private static CosmosAsyncClient connected(CosmosAccess access) {
        CosmosClientBuilder builder = new CosmosClientBuilder()
                .endpoint(access.endpoint)
                .gatewayMode()
                .contentResponseOnWriteEnabled(false)
                .multipleWriteRegionsEnabled(false)
                .userAgentSuffix("lastgood")
                .throttlingRetryOptions(new ThrottlingRetryOptions()
                        .setMaxRetryAttemptsOnThrottledRequests(MOST_TRIES)
                        .setMaxRetryWaitTime(MOST_WAIT));
        if (!access.regions.isEmpty()) {
            builder.preferredRegions(access.regions);
        }
        if (access.consistency != null) {
            builder.consistencyLevel(ConsistencyLevel.valueOf(access.consistency));
        }
        return access.key == null
                ? builder.credential(chain(access.clientId)).buildAsyncClient()
                : builder.key(access.key).buildAsyncClient();
    }

    private static TokenCredential chain(@Nullable String clientId) {
        DefaultAzureCredentialBuilder builder = new DefaultAzureCredentialBuilder();
        return clientId == null
                ? builder.build()
                : builder.managedIdentityClientId(clientId).build();
    }

    @Override
    public String toString() {
        return "Cosmos DB " + endpoint;
    }
}
