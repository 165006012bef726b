package dev.lastgood.cosmos;

import com.azure.cosmos.ConsistencyLevel;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosBridgeInternal;
import com.azure.cosmos.implementation.DatabaseAccount;
import com.azure.cosmos.implementation.DatabaseAccountLocation;
import com.azure.cosmos.implementation.RxDocumentClientImpl;
import com.azure.cosmos.models.CosmosChangeFeedRequestOptions;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosContainerResponse;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.FeedRange;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.PartitionKeyDefinition;
import com.azure.cosmos.models.SqlParameter;
import com.azure.cosmos.models.SqlQuerySpec;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lastgood.path.FieldPath;
import java.io.Serializable;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A container, as one identity reaches it. Serializable. What fails throws what the client throws; {@link CosmosFailure}
 * says it in our words.
 *
 * @param unitsPerSecond what this JVM may ask for; 0: no limit
 */
public record CosmosContainer(CosmosAccess access, String database, String name, double unitsPerSecond)
        implements Serializable {

    private static final int PAGE = 1_000;

    /**
     * What a container is made of.
     *
     * @param partition the names on the path of each field of the partition key, in order
     * @param secondsToLive how long a document lives after its last write if it does not say so itself; null: for ever
     * @param resource what the service calls it, and never calls another, whatever that one's name
     * @param asked the second in which the service was asked, by its clock; null: it does not tell
     */
    public record Described(
            List<List<String>> partition,
            @Nullable Integer secondsToLive,
            String resource,
            @Nullable Instant asked) {

        /** Whether a document was written to this container, by the address the service gave it. */
        public boolean holds(@Nullable String self) {
            return self != null && self.contains("/colls/" + resource + "/");
        }

        /** Whether these key fields name every document: all of the partition key, and the id, which is unique within it. */
        public boolean isNamedBy(List<FieldPath> key) {
            return PartitionKeys.of(this, key).isPresent();
        }

        /** The key fields that do. */
        public List<FieldPath> key() {
            return Stream.concat(partition.stream(), Stream.of(List.of("id")))
                    .distinct()
                    .map(names -> {
                        FieldPath path = FieldPath.of(names.get(0));
                        for (String name : names.subList(1, names.size())) {
                            path = path.child(name);
                        }
                        return path;
                    })
                    .toList();
        }
    }

    /** What bears on writing, of the account. */
    public record Account(List<String> writeRegions, boolean isWeak) {}

    /** A number of a document that the client cannot hold. */
    public static final class Inexact extends RuntimeException {
        private static final long serialVersionUID = 1;

        Inexact(String id) {
            super("document '%s' holds a number beyond what a double holds".formatted(id));
        }
    }

    CosmosAsyncContainer client() {
        return access.client().getDatabase(database).getContainer(name);
    }

    RequestUnits budget() {
        return RequestUnits.of(access.endpoint(), unitsPerSecond);
    }

    /** All containers of a database, by name. Asks the service. */
    public static List<CosmosContainer> in(CosmosAccess access, String database) {
        List<CosmosContainerProperties> all = Objects.requireNonNull(access.client()
                .getDatabase(database)
                .readAllContainers()
                .collectList()
                .block());
        return all.stream()
                .map(CosmosContainerProperties::getId)
                .sorted()
                .map(name -> new CosmosContainer(access, database, name, 0))
                .toList();
    }

    /** Asks the service. */
    public Described described() {
        CosmosContainerResponse response =
                Objects.requireNonNull(client().read().block());
        CosmosContainerProperties properties = response.getProperties();
        PartitionKeyDefinition definition = properties.getPartitionKeyDefinition();
        List<List<String>> partition = new ArrayList<>();
        definition.getPaths().forEach(path -> partition.add(names(path)));
        Integer seconds = properties.getDefaultTimeToLiveInSeconds();
        return new Described(
                partition,
                seconds,
                properties.getResourceId(),
                instant(response.getResponseHeaders().get("date")));
    }

    private static @Nullable Instant instant(@Nullable String httpDate) {
        try {
            return httpDate == null ? null : DateTimeFormatter.RFC_1123_DATE_TIME.parse(httpDate, Instant::from);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** The names of a path such as {@code /address/"zip/code"}. */
    static List<String> names(String path) {
        List<String> names = new ArrayList<>();
        int at = 0;
        while (at < path.length()) {
            boolean quoted = path.startsWith("/\"", at);
            int from = at + (quoted ? 2 : 1);
            int end = path.indexOf(quoted ? '"' : '/', from);
            end = end < 0 ? path.length() : end;
            names.add(path.substring(from, end));
            at = quoted ? end + 1 : end;
        }
        return names;
    }

    /** Asks the service; the client has no public method for it. */
    public Account account() {
        // The other method that asks wants headers of the answer that not every service sends.
        RxDocumentClientImpl client =
                (RxDocumentClientImpl) CosmosBridgeInternal.getAsyncDocumentClient(access.client());
        DatabaseAccount account =
                Objects.requireNonNull(client.getDatabaseAccountFromEndpoint(client.getServiceEndpoint())
                        .blockFirst());
        List<String> regions = new ArrayList<>();
        for (DatabaseAccountLocation location : account.getWritableLocations()) {
            regions.add(location.getName());
        }
        ConsistencyLevel level = account.getConsistencyPolicy().getDefaultConsistencyLevel();
        return new Account(
                account.getEnableMultipleWriteLocations() ? regions : regions.subList(0, Math.min(1, regions.size())),
                level == ConsistencyLevel.EVENTUAL || level == ConsistencyLevel.CONSISTENT_PREFIX);
    }

    /** Parts of the container that together hold every document once, as text. */
    public List<String> feedRanges() {
        List<String> ranges = new ArrayList<>();
        Objects.requireNonNull(client().getFeedRanges().block()).forEach(range -> ranges.add(range.toString()));
        return ranges;
    }

    /**
     * Which documents are asked for, and what of them.
     *
     * @param since those written from that second on, by the service's clock; null: all
     * @param members at the top of each; empty: all of it
     */
    public record Wanted(@Nullable Long since, List<String> members) implements Serializable {
        public static final Wanted ALL = new Wanted(null, List.of());

        public Wanted {
            members = List.copyOf(members);
        }

        public static Wanted since(long second) {
            return new Wanted(second, List.of());
        }

        public static Wanted members(List<String> members) {
            return new Wanted(null, members);
        }

        SqlQuerySpec query() {
            String what = members.isEmpty()
                    ? "*"
                    : members.stream()
                            .map(name -> "c[" + TextNode.valueOf(name) + "]")
                            .collect(Collectors.joining(", "));
            String all = "SELECT " + what + " FROM c";
            return since == null
                    ? new SqlQuerySpec(all)
                    : new SqlQuerySpec(all + " WHERE c._ts >= @since", new SqlParameter("@since", since));
        }
    }

    /** The documents of a feed range, each as the JSON text the client's parser makes of it, page by page. */
    public Iterator<String> documents(String feedRange, Wanted wanted) {
        CosmosQueryRequestOptions options = new CosmosQueryRequestOptions()
                .setFeedRange(FeedRange.fromString(feedRange))
                .setMaxDegreeOfParallelism(1);
        RequestUnits budget = budget();
        budget.await();
        Iterator<FeedResponse<ObjectNode>> pages = client().queryItems(wanted.query(), options, ObjectNode.class)
                .byPage(PAGE)
                .toIterable(1)
                .iterator();
        return new Pages<>(pages, budget, CosmosContainer::text);
    }

    /**
     * What the change feed of a feed range has: the documents that were written from that second on and are there, as they are
     * now. One that is written while they are read may come again, later. Ends with what had been written when it began.
     */
    public Iterator<Version> written(String feedRange, Instant since) {
        CosmosChangeFeedRequestOptions options = CosmosChangeFeedRequestOptions.createForProcessingFromPointInTime(
                        since, FeedRange.fromString(feedRange))
                .setMaxItemCount(PAGE)
                .setCompleteAfterAllCurrentChangesRetrieved(true);
        RequestUnits budget = budget();
        budget.await();
        Iterator<FeedResponse<ObjectNode>> pages = client().queryChangeFeed(options, ObjectNode.class)
                .byPage()
                .toIterable(1)
                .iterator();
        return new Pages<>(pages, budget, Version::of);
    }

    /**
     * A document as it was at some time.
     *
     * @param resource what the service calls it, in all its versions
     */
    public record Version(String resource, String document) {
        private static Version of(ObjectNode document) {
            // The number of the write, which only the change feed tells.
            document.remove("_lsn");
            return new Version(document.path("_rid").asText(), text(document));
        }
    }

    private static final class Pages<T> implements Iterator<T> {
        private final Iterator<FeedResponse<ObjectNode>> pages;
        private final RequestUnits budget;
        private final Function<ObjectNode, T> made;
        private Iterator<ObjectNode> page = Collections.emptyIterator();

        Pages(Iterator<FeedResponse<ObjectNode>> pages, RequestUnits budget, Function<ObjectNode, T> made) {
            this.pages = pages;
            this.budget = budget;
            this.made = made;
        }

        @Override
        public boolean hasNext() {
            while (!page.hasNext()) {
                budget.await();
                if (!pages.hasNext()) {
                    return false;
                }
                FeedResponse<ObjectNode> next = pages.next();
                budget.spent(next.getRequestCharge());
                page = next.getResults().iterator();
            }
            return true;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return made.apply(page.next());
        }
    }

    /**
     * A document as text. What the client reads as infinite would be written as a text that says so, and is refused.
     */
    static String text(ObjectNode document) {
        String text = document.toString();
        if (text.contains("Infinity\"") && hasInfinity(document)) {
            throw new Inexact(document.path("id").asText());
        }
        return text;
    }

    private static boolean hasInfinity(JsonNode node) {
        if (node.isContainerNode()) {
            for (JsonNode inner : node) {
                if (hasInfinity(inner)) {
                    return true;
                }
            }
        }
        return node.isFloatingPointNumber() && !node.isBigDecimal() && Double.isInfinite(node.doubleValue());
    }
}
