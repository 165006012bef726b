package dev.lastgood.cosmos.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A Cosmos DB account in this JVM, as far as the tests need one: it speaks the REST protocol to the real client library.
 * Documents with entity tags, queries of one form by feed range, bulk, transactional batches, patches, the change feed of
 * latest versions. What it does not know it refuses with 400. It is our reading of the protocol, not the service.
 *
 * <p>What cost time to find out: bounds of ranges have 32 hex digits; a container says version 2 of its partition key, or
 * the client hashes by version 1; {@code _rid}s are real ones, of which the client makes paths and signatures.
 */
public final class CosmosServer implements AutoCloseable {
    private static final Pattern SELECT = Pattern.compile(
            "SELECT (?<what>\\*|c\\[\"\\w+\"\\](, c\\[\"\\w+\"\\])*) FROM (?<c>\\w+)( WHERE \\k<c>\\._ts >= (?<since>@\\w+))?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\"");

    private final HttpServer server;
    private final String[] bounds;
    private final Map<String, ObjectNode> databases = new ConcurrentHashMap<>();
    private final Map<String, Documents> containers = new ConcurrentHashMap<>();
    private final AtomicInteger resources = new AtomicInteger();
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong whole = new AtomicLong();
    private volatile String key;
    private volatile List<String> writeRegions = List.of("Here");
    private volatile String consistency = "Session";
    private final Map<String, String> readRegions = new ConcurrentHashMap<>();
    private volatile String asked = "";
    private volatile int largestPage = Integer.MAX_VALUE;
    private final AtomicReference<@Nullable Runnable> afterPage = new AtomicReference<>();
    private volatile LongSupplier seconds = () -> java.time.Clock.systemUTC().millis() / 1000;

    /** @param ranges into how many feed ranges every container is cut */
    public CosmosServer(int ranges, String key) {
        this.key = key;
        this.bounds = new String[ranges + 1];
        for (int i = 0; i <= ranges; i++) {
            bounds[i] = i == 0
                    ? ""
                    : i == ranges
                            ? "FF"
                            : String.format(
                                    "%032X",
                                    BigInteger.ONE
                                            .shiftLeft(126)
                                            .multiply(BigInteger.valueOf(i))
                                            .divide(BigInteger.valueOf(ranges)));
        }
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newFixedThreadPool(8, task -> {
            Thread thread = new Thread(task, "cosmos server");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", this::serve);
        server.start();
    }

    public String endpoint() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
    }

    // ---- hooks

    /** What happens to the product's requests for documents instead of, or beside, what they ask for. */
    private record Fault(Predicate<Asked> when, AtomicInteger times, Happening happening) {
        boolean takes(Asked asked) {
            return when.test(asked) && times.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        }
    }

    private sealed interface Happening {
        /** Nothing is done, and this is the answer. */
        record Answered(int status, int subStatus) implements Happening {}

        /** It is done, and nobody is told. */
        record Dropped() implements Happening {}

        /** It is done, and sent on once more: this answer is told. */
        record Repeated() implements Happening {}

        /** Something else is done first. */
        record Preceded(Runnable act) implements Happening {}
    }

    /** What kind of request is made for documents. */
    public enum Asked {
        READ,
        QUERY,
        WRITE
    }

    /** Answers the next requests of that kind with a status, and does nothing. */
    public void answer(Asked kind, int status, int times) {
        answer(kind, status, 0, times);
    }

    /** The same with a sub-status. */
    public void answer(Asked kind, int status, int subStatus, int times) {
        faults.add(new Fault(kind::equals, new AtomicInteger(times), new Happening.Answered(status, subStatus)));
    }

    /** Carries out the next writes twice, and answers as the second time deserves: they were sent again on their way. */
    public void repeatWrites(int times) {
        faults.add(new Fault(Asked.WRITE::equals, new AtomicInteger(times), new Happening.Repeated()));
    }

    /** Carries out the next writes, and closes the connection instead of answering. */
    public void dropAnswersOfWrites(int times) {
        faults.add(new Fault(Asked.WRITE::equals, new AtomicInteger(times), new Happening.Dropped()));
    }

    /** Does something right before the next write is carried out: somebody was faster. */
    public void beforeNextWrite(Runnable act) {
        faults.add(new Fault(Asked.WRITE::equals, new AtomicInteger(1), new Happening.Preceded(act)));
    }

    /** Does something right after a page of changes was made that is not the last. */
    public void afterNextPageOfChanges(Runnable act) {
        afterPage.set(act);
    }

    /** No more faults. */
    public void behave() {
        faults.clear();
    }

    /** From now on requests are signed by another key, or refused. */
    public void rotateKey(String other) {
        key = other;
    }

    /** The regions that take writes. */
    public void writeRegions(List<String> regions) {
        writeRegions = List.copyOf(regions);
    }

    /** A region more that is only read, where another server is. */
    public void readRegion(String region, String endpoint) {
        readRegions.put(region, endpoint);
    }

    /** The consistency the last query asked for, empty if for none of its own. */
    public String consistencyAsked() {
        return asked;
    }

    /** The consistency every reader is granted. */
    public void consistency(String level) {
        consistency = level;
    }

    /** The service's clock. */
    public void clock(LongSupplier epochSeconds) {
        seconds = epochSeconds;
    }

    /** Pages have no more documents than that. */
    public void largestPage(int documents) {
        largestPage = documents;
    }

    /** How many requests to write the product made, each being one document or more. */
    public long writes() {
        return writes.get();
    }

    /** How many documents queries gave as a whole. */
    public long wholeDocuments() {
        return whole.get();
    }

    /** How many requests for documents were made. */
    public long requests() {
        return requests.get();
    }

    // ---- protocol

    private void serve(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Request request = new Request(exchange, new String(body, StandardCharsets.UTF_8));
        Answer answer;
        try {
            answer = isSigned(request) ? answered(request) : Answer.refused(401, "the signature is of another key");
        } catch (RuntimeException e) {
            answer = Answer.refused(400, "not understood here: " + e);
        } catch (Dropped e) {
            exchange.close();
            return;
        }
        Headers out = exchange.getResponseHeaders();
        out.set("content-type", "application/json");
        out.set("x-ms-request-charge", "1");
        out.set("x-ms-activity-id", UUID.randomUUID().toString());
        if (answer.subStatus() != 0) {
            out.set("x-ms-substatus", Integer.toString(answer.subStatus()));
        }
        if (answer.etag() != null) {
            out.set("etag", answer.etag());
        }
        JsonNode told = answer.status() == 204 || answer.status() == 304 ? null : answer.body();
        byte[] bytes = told == null ? new byte[0] : Json.write(told).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private static final class Dropped extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** A request, its path cut into decoded names. */
    private record Request(HttpExchange exchange, String body) {
        List<String> path() {
            return Arrays.stream(exchange.getRequestURI().getRawPath().split("/", -1))
                    .filter(part -> !part.isEmpty())
                    .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
                    .toList();
        }

        String method() {
            return exchange.getRequestMethod();
        }

        @Nullable
        String header(String name) {
            return exchange.getRequestHeaders().getFirst(name);
        }

        boolean says(String name) {
            return "true".equalsIgnoreCase(header(name));
        }

        void tell(String name, String value) {
            exchange.getResponseHeaders().set(name, value);
        }

        JsonNode json() {
            return Json.read(body);
        }
    }

    /** What is signed is the address by names, or the resource id alone, in lower case. */
    private boolean isSigned(Request request) {
        List<String> path = request.path();
        boolean feed = path.size() % 2 == 1;
        String type = path.isEmpty() ? "" : path.get(path.size() - (feed ? 1 : 2));
        List<String> parent = feed ? path.subList(0, path.size() - 1) : path;
        String rid = parent.isEmpty() ? "" : parent.get(parent.size() - 1).toLowerCase(Locale.ROOT);
        String sent = URLDecoder.decode(
                Objects.requireNonNullElse(request.header("authorization"), ""), StandardCharsets.UTF_8);
        String date =
                Objects.requireNonNullElse(request.header("x-ms-date"), "").toLowerCase(Locale.ROOT);
        for (String link : List.of(String.join("/", parent), rid)) {
            String text = "%s\n%s\n%s\n%s\n\n".formatted(request.method().toLowerCase(Locale.ROOT), type, link, date);
            byte[] expected = ("type=master&ver=1.0&sig=" + signature(text)).getBytes(StandardCharsets.UTF_8);
            if (MessageDigest.isEqual(expected, sent.getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }

    private String signature(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Answer answered(Request request) throws Dropped {
        List<String> path = request.path();
        if (path.isEmpty()) {
            return Answer.of(200, account());
        }
        request.tell(
                "x-ms-alt-content-path",
                String.join("/", path.subList(0, path.size() - (path.size() % 2 == 1 ? 1 : 2))));
        if (!path.get(0).equals("dbs")) {
            return Answer.refused(400, "no such resource here");
        }
        if (path.size() <= 2) {
            return database(request, path);
        }
        if (path.size() <= 4) {
            return container(request, path);
        }
        Documents documents = find(path);
        if (documents == null) {
            return Answer.refused(404, 1003, "there is no such container");
        }
        return switch (path.get(4)) {
            case "pkranges" -> ranges(request, documents);
            case "docs" -> documents(request, path, documents);
            default -> Answer.refused(400, "no such resource here");
        };
    }

    private ObjectNode account() {
        ObjectNode account = JsonNodeFactory.instance.objectNode();
        account.put("id", "stand-in").put("_rid", "stand-in");
        for (String locations : List.of("writableLocations", "readableLocations")) {
            ArrayNode listed = account.putArray(locations);
            writeRegions.forEach(
                    region -> listed.addObject().put("name", region).put("databaseAccountEndpoint", endpoint()));
        }
        ArrayNode readable = (ArrayNode) account.get("readableLocations");
        readRegions.forEach(
                (region, at) -> readable.addObject().put("name", region).put("databaseAccountEndpoint", at));
        account.put("enableMultipleWriteLocations", writeRegions.size() > 1);
        account.putObject("userConsistencyPolicy").put("defaultConsistencyLevel", consistency);
        for (String policy : List.of("userReplicationPolicy", "systemReplicationPolicy")) {
            account.putObject(policy).put("minReplicaSetSize", 1).put("maxReplicasetSize", 4);
        }
        account.putObject("readPolicy").put("primaryReadCoefficient", 1).put("secondaryReadCoefficient", 1);
        account.put("queryEngineConfiguration", "{}");
        return account;
    }

    private Answer database(Request request, List<String> path) {
        if (request.method().equals("POST")) {
            ObjectNode body = (ObjectNode) request.json();
            int number = resources.incrementAndGet();
            body.put("_rid", rid(new byte[] {(byte) (number >> 8), (byte) number, 0, 1}))
                    .put("_self", "dbs/x/")
                    .put("_etag", "\"e\"")
                    .put("_ts", 1);
            return databases.putIfAbsent(body.get("id").asText(), body) == null
                    ? Answer.of(201, body)
                    : Answer.refused(409, "there is such a database");
        }
        ObjectNode database = path.size() == 1 ? null : databases.get(path.get(1));
        if (database == null) {
            return Answer.refused(404, "there is no such database");
        }
        return switch (request.method()) {
            case "GET" -> Answer.of(200, database);
            case "DELETE" -> {
                databases.remove(path.get(1));
                containers.keySet().removeIf(name -> name.startsWith(path.get(1) + "/"));
                yield Answer.of(204, null);
            }
            default -> Answer.refused(405, "not here");
        };
    }

    private static String rid(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private Answer container(Request request, List<String> path) {
        ObjectNode database = databases.get(path.get(1));
        if (request.method().equals("POST")) {
            if (database == null) {
                return Answer.refused(404, "there is no such database");
            }
            ObjectNode body = (ObjectNode) request.json();
            ((ObjectNode) body.get("partitionKey")).put("version", 2);
            byte[] id = Arrays.copyOf(
                    Base64.getDecoder().decode(database.get("_rid").asText()), 8);
            int number = resources.incrementAndGet();
            id[4] = (byte) 0x80;
            id[6] = (byte) (number >> 8);
            id[7] = (byte) number;
            body.put("_rid", rid(id))
                    .put(
                            "_self",
                            "dbs/%s/colls/%s/".formatted(database.get("_rid").asText(), rid(id)))
                    .put("_etag", "\"e\"")
                    .put("_ts", 1);
            Documents documents = new Documents(body, () -> seconds.getAsLong());
            return containers.putIfAbsent(path.get(1) + "/" + body.get("id").asText(), documents) == null
                    ? Answer.of(201, body)
                    : Answer.refused(409, "there is such a container");
        }
        if (path.size() == 3 && database != null && request.method().equals("GET")) {
            return listed(path.get(1), database);
        }
        Documents documents = path.size() == 3 ? null : find(path);
        if (documents == null) {
            return Answer.refused(404, "there is no such container");
        }
        return switch (request.method()) {
            case "GET" -> Answer.of(200, documents.definition);
            case "DELETE" -> {
                containers.values().remove(documents);
                yield Answer.of(204, null);
            }
            default -> Answer.refused(405, "not here");
        };
    }

    private Answer listed(String name, ObjectNode database) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.set("_rid", database.get("_rid"));
        ArrayNode all = list.putArray("DocumentCollections");
        containers.forEach((place, documents) -> {
            if (place.startsWith(name + "/")) {
                all.add(documents.definition);
            }
        });
        return Answer.of(200, list.put("_count", all.size()));
    }

    private @Nullable Documents find(List<String> path) {
        Documents named = containers.get(path.get(1) + "/" + path.get(3));
        return named != null
                ? named
                : containers.values().stream()
                        .filter(one -> one.definition.get("_rid").asText().equals(path.get(3)))
                        .findFirst()
                        .orElse(null);
    }

    private Answer ranges(Request request, Documents documents) {
        String etag = "\"ranges\"";
        if (etag.equals(request.header("if-none-match"))) {
            return new Answer(304, 0, null, etag);
        }
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        ArrayNode all = list.putArray("PartitionKeyRanges");
        for (int i = 0; i < bounds.length - 1; i++) {
            all.addObject()
                    .put("_rid", "x")
                    .put("id", Integer.toString(i))
                    .put("minInclusive", bounds[i])
                    .put("maxExclusive", bounds[i + 1])
                    .put("status", "online")
                    .putArray("parents");
        }
        list.put("_count", all.size())
                .put("_rid", documents.definition.get("_rid").asText());
        return new Answer(200, 0, list, etag);
    }

    private Answer documents(Request request, List<String> path, Documents documents) throws Dropped {
        requests.incrementAndGet();
        if (request.says("x-ms-cosmos-is-query-plan-request")) {
            return plan(request.json());
        }
        Asked asked = asked(request, path);
        if (asked == Asked.WRITE && !isApplication(request)) {
            writes.incrementAndGet();
        }
        Planted planted = planted(request, asked);
        if (planted.answer() != null) {
            return planted.answer();
        }
        if (find(path) != documents) {
            return Answer.refused(404, 1003, "there is no such container any more");
        }
        Answer answer = carriedOut(request, path, documents, asked);
        if (planted.again()) {
            answer = carriedOut(request, path, documents, asked);
        }
        request.tell("x-ms-session-token", "0:-1#" + documents.number());
        request.tell("lsn", Long.toString(documents.number()));
        if (planted.drop()) {
            throw new Dropped();
        }
        return answer;
    }

    /** What comes of the hooks: an answer instead of the real one, that there shall be none, or that of a second time. */
    private record Planted(@Nullable Answer answer, boolean drop, boolean again) {}

    private static boolean isApplication(Request request) {
        return !String.valueOf(request.header("user-agent")).contains("lastgood");
    }

    /** One after the other, and only for the product: the application's own requests may come from within a hook. */
    private Planted planted(Request request, Asked asked) {
        if (isApplication(request) || faults.isEmpty()) {
            return new Planted(null, false, false);
        }
        boolean drop = false;
        boolean again = false;
        synchronized (faults) {
            for (Fault fault : faults) {
                if (!fault.takes(asked)) {
                    continue;
                }
                Happening happening = fault.happening();
                if (happening instanceof Happening.Answered answered) {
                    if (answered.status() == 429) {
                        request.tell("x-ms-retry-after-ms", "2");
                    }
                    return new Planted(
                            Answer.refused(answered.status(), answered.subStatus(), "planted"), false, false);
                }
                if (happening instanceof Happening.Preceded preceded) {
                    preceded.act().run();
                }
                drop |= happening instanceof Happening.Dropped;
                again |= happening instanceof Happening.Repeated;
            }
        }
        return new Planted(null, drop, again);
    }

    private static Asked asked(Request request, List<String> path) {
        boolean query = request.says("x-ms-documentdb-isquery")
                || String.valueOf(request.header("content-type")).contains("query+json");
        if (query || (request.method().equals("GET") && path.size() == 5)) {
            return Asked.QUERY;
        }
        return request.method().equals("GET") ? Asked.READ : Asked.WRITE;
    }

    private Answer carriedOut(Request request, List<String> path, Documents documents, Asked asked) {
        String partition = request.header("x-ms-documentdb-partitionkey");
        String ifMatch = request.header("if-match");
        if (asked == Asked.QUERY) {
            return request.header("a-im") == null ? query(request, documents) : changes(request, documents);
        }
        if (path.size() == 6) {
            String id = path.get(5);
            String in = Objects.requireNonNull(partition, "a partition key");
            return switch (request.method()) {
                case "GET" -> documents.get(id, in);
                case "DELETE" -> documents.delete(id, in, ifMatch);
                case "PUT" -> documents.put((ObjectNode) request.json(), Documents.Put.REPLACE, in, id, ifMatch);
                case "PATCH" -> documents.patch(id, in, request.json(), ifMatch);
                default -> Answer.refused(405, "not here");
            };
        }
        if (request.says("x-ms-cosmos-is-batch-request")) {
            return documents.batch(
                    (ArrayNode) request.json(),
                    partition,
                    request.says("x-ms-cosmos-batch-atomic"),
                    request.says("x-ms-cosmos-batch-continue-on-error"));
        }
        boolean upsert = request.says("x-ms-documentdb-is-upsert");
        return documents.put(
                (ObjectNode) request.json(),
                upsert ? Documents.Put.UPSERT : Documents.Put.CREATE,
                partition,
                null,
                ifMatch);
    }

    private static Answer plan(JsonNode query) {
        if (!SELECT.matcher(query.get("query").asText()).matches()) {
            return Answer.refused(
                    400, "no such query here: " + query.get("query").asText());
        }
        return Answer.of(200, Json.read("""
                {"partitionedQueryExecutionInfoVersion": 2,
                 "queryInfo": {"distinctType": "None", "orderBy": [], "orderByExpressions": [],
                   "groupByExpressions": [], "groupByAliases": [], "aggregates": [],
                   "groupByAliasToAggregateType": {}, "rewrittenQuery": "", "hasSelectValue": false},
                 "queryRanges": [{"min": "", "max": "FF", "isMinInclusive": true, "isMaxInclusive": false}]}
                """));
    }

    private Answer query(Request request, Documents documents) {
        asked = Objects.requireNonNullElse(request.header("x-ms-consistency-level"), "");
        List<ObjectNode> found = documents.all(scope(request, documents));
        List<String> members = List.of();
        if (request.method().equals("POST")) {
            JsonNode query = request.json();
            Matcher select = SELECT.matcher(query.get("query").asText());
            if (!select.matches()) {
                return Answer.refused(
                        400, "no such query here: " + query.get("query").asText());
            }
            String since = select.group("since");
            if (since != null) {
                long from = parameter(query, since);
                found = found.stream()
                        .filter(document -> document.get("_ts").asLong() >= from)
                        .toList();
            }
            members = MEMBER.matcher(select.group("what"))
                    .results()
                    .map(member -> member.group(1))
                    .toList();
        }
        if (!members.isEmpty()) {
            Collection<String> kept = members;
            found = found.stream()
                    .map(document -> document.deepCopy().retain(kept))
                    .toList();
        }
        ObjectNode page = page(request, documents, found);
        if (members.isEmpty()) {
            whole.addAndGet(page.get("_count").asLong());
        }
        return Answer.of(200, page);
    }

    private static long parameter(JsonNode query, String name) {
        for (JsonNode parameter : query.path("parameters")) {
            if (parameter.get("name").asText().equals(name)) {
                return parameter.get("value").asLong();
            }
        }
        throw new IllegalArgumentException("no parameter " + name);
    }

    /** A page may be smaller than it was asked for. */
    private int most(Request request) {
        int size = Integer.parseInt(Objects.requireNonNullElse(request.header("x-ms-max-item-count"), "100"));
        return Math.min(size <= 0 ? 1000 : size, largestPage);
    }

    private ObjectNode page(Request request, Documents documents, List<ObjectNode> found) {
        int most = most(request);
        String continuation = request.header("x-ms-continuation");
        String place = continuation == null ? "" : continuation.replaceAll("\\D", "");
        int from = place.isEmpty() ? 0 : Integer.parseInt(place);
        List<ObjectNode> page = found.subList(Math.min(from, found.size()), Math.min(found.size(), from + most));
        if (from + most < found.size()) {
            request.tell("x-ms-continuation", "{\"token\":\"from:%d\"}".formatted(from + most));
        }
        return listed(request, documents, page);
    }

    private static ObjectNode listed(Request request, Documents documents, List<ObjectNode> page) {
        request.tell("x-ms-item-count", Integer.toString(page.size()));
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("_rid", documents.definition.get("_rid").asText());
        list.putArray("Documents").addAll(page);
        return list.put("_count", page.size());
    }

    private Answer changes(Request request, Documents documents) {
        if (!"Incremental feed".equalsIgnoreCase(request.header("a-im"))) {
            return Answer.refused(400, "only the feed of latest versions is kept here");
        }
        String after =
                Objects.requireNonNullElse(request.header("if-none-match"), "").replace("\"", "");
        long number = documents.number();
        long from = after.isEmpty() ? 0 : after.equals("*") ? number : Long.parseLong(after);
        long since = after.isEmpty() ? second(request.header("if-modified-since")) : 0;
        List<ObjectNode> changed = new ArrayList<>(documents.changedSince(from, scope(request, documents)));
        changed.removeIf(document -> document.get("_ts").asLong() < since);
        if (changed.isEmpty()) {
            return new Answer(304, 0, null, "\"" + number + "\"");
        }
        List<ObjectNode> page = changed.subList(0, Math.min(most(request), changed.size()));
        whole.addAndGet(page.size());
        Runnable act = page.size() < changed.size() ? afterPage.getAndSet(null) : null;
        if (act != null) {
            act.run();
        }
        String etag = "\"" + page.get(page.size() - 1).get("_lsn").asLong() + "\"";
        return new Answer(200, 0, listed(request, documents, page), etag);
    }

    private static long second(@Nullable String date) {
        return date == null
                ? 0
                : DateTimeFormatter.RFC_1123_DATE_TIME
                        .parse(date, Instant::from)
                        .getEpochSecond();
    }

    private Predicate<Documents.Stored> scope(Request request, Documents documents) {
        String partition = request.header("x-ms-documentdb-partitionkey");
        if (partition != null) {
            return documents.inPartition(partition);
        }
        String low = "";
        String high = "FF";
        String range = request.header("x-ms-documentdb-partitionkeyrangeid");
        if (range != null) {
            int number = Integer.parseInt(range.substring(range.lastIndexOf(',') + 1));
            low = bounds[number];
            high = bounds[number + 1];
        }
        String start = request.header("x-ms-start-epk");
        String end = request.header("x-ms-end-epk");
        String from = start != null && start.compareTo(low) > 0 ? start : low;
        String to = end != null && end.compareTo(high) < 0 ? end : high;
        return document -> from.equals(to)
                ? document.epk().equals(from)
                : document.epk().compareTo(from) >= 0 && document.epk().compareTo(to) < 0;
    }
}
