package dev.lastgood.cosmos.contract;

import com.azure.cosmos.implementation.Undefined;
import com.azure.cosmos.implementation.routing.PartitionKeyInternal;
import com.azure.cosmos.implementation.routing.PartitionKeyInternalHelper;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The documents of one container, by partition key and id, each with an entity tag that moves with every write; and the log
 * of writes, for the change feed. All methods are atomic.
 */
final class Documents {
    private static final int MOST_BYTES = 2 << 20;
    private static final int MOST_OPERATIONS = 100;
    private static final Pattern ID = Pattern.compile("[^/\\\\?#]{1,1023}");
    private static final Set<String> SYSTEM = Set.of("id", "_rid", "_self", "_etag", "_attachments", "_ts");

    /** A document, and the place of its partition key among all hashes. */
    record Stored(ObjectNode body, String epk) {
        String etag() {
            return body.get("_etag").asText();
        }
    }

    /** A write; the document is null if it was deleted. */
    record Written(long number, String key, @Nullable Stored document, Stored before) {}

    final ObjectNode definition;
    private final List<String> paths = new ArrayList<>();
    private final LongSupplier seconds;
    private final Map<String, Stored> documents = new LinkedHashMap<>();
    private final List<Written> log = new ArrayList<>();
    private long number;

    Documents(ObjectNode definition, LongSupplier seconds) {
        this.definition = definition;
        this.seconds = seconds;
        definition.path("partitionKey").path("paths").forEach(path -> paths.add(path.asText()));
    }

    // ---- partition keys

    private List<@Nullable Object> partitionKey(JsonNode document) {
        List<@Nullable Object> values = new ArrayList<>();
        for (String path : paths) {
            values.add(component(document.at(path.replace("\"", ""))));
        }
        return values;
    }

    private static @Nullable Object component(JsonNode node) {
        if (node.isTextual()) {
            return node.asText();
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return node.isNull() ? null : Undefined.value();
    }

    /** The partition key of a header, {@code ["a", 7]}; fewer components than paths mean all that begin so. */
    static String named(String header) {
        List<@Nullable Object> values = new ArrayList<>();
        Json.read(header).forEach(node -> values.add(component(node)));
        return named(values);
    }

    private static String named(List<@Nullable Object> values) {
        StringBuilder name = new StringBuilder();
        for (Object value : values) {
            name.append(
                            value instanceof String text
                                    ? JsonNodeFactory.instance.textNode(text).toString()
                                    : value instanceof Undefined ? "{}" : String.valueOf(value))
                    .append('\u0001');
        }
        return name.toString();
    }

    private static String epk(List<@Nullable Object> values) {
        StringBuilder hash = new StringBuilder();
        for (Object value : values) {
            List<@Nullable Object> one = new ArrayList<>();
            one.add(value);
            hash.append(PartitionKeyInternalHelper.getEffectivePartitionKeyForHashPartitioningV2(
                    PartitionKeyInternal.fromObjectArray(one, true)));
        }
        return hash.toString();
    }

    // ---- documents

    enum Put {
        CREATE,
        UPSERT,
        REPLACE
    }

    /** @param in the partition key the request says; null: it says none */
    synchronized Answer put(
            ObjectNode body, Put how, @Nullable String in, @Nullable String id, @Nullable String ifMatch) {
        if (!ID.matcher(body.path("id").asText()).matches() || !body.path("id").isTextual()) {
            return Answer.refused(400, "a document has an id that is text, without / \\ ? #");
        }
        if (Json.write(body).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            return Answer.refused(413, "a document has at most two megabytes");
        }
        List<@Nullable Object> partition = partitionKey(body);
        if (in == null || !named(in).equals(named(partition))) {
            return Answer.refused(400, 1001, "the partition key is another than that of the document");
        }
        if (how == Put.REPLACE && !body.get("id").asText().equals(id)) {
            return Answer.refused(400, "the document has another id");
        }
        String key = named(partition) + body.get("id").asText();
        Stored before = documents.get(key);
        if (how == Put.CREATE && before != null) {
            return Answer.refused(409, "there is a document with that id");
        }
        if (how == Put.REPLACE && before == null) {
            return Answer.refused(404, "there is no such document");
        }
        if (ifMatch != null && before != null && !ifMatch.equals(before.etag())) {
            return Answer.refused(412, "the document has another entity tag");
        }
        return Answer.document(before == null ? 201 : 200, store(key, partition, body, before));
    }

    private ObjectNode store(
            String key, List<@Nullable Object> partition, ObjectNode body, @Nullable Stored before) {
        number++;
        ObjectNode kept = body.deepCopy();
        String rid = before == null
                ? "d" + number
                : before.body().get("_rid").asText();
        kept.put("_rid", rid)
                .put("_self", definition.get("_self").asText() + "docs/" + rid + "/")
                .put("_etag", "\"" + UUID.randomUUID() + "\"")
                .put("_attachments", "attachments/")
                .put("_ts", seconds.getAsLong());
        Stored stored = new Stored(kept, epk(partition));
        documents.put(key, stored);
        log.add(new Written(number, key, stored, before == null ? stored : before));
        return kept;
    }

    synchronized Answer delete(String id, String partition, @Nullable String ifMatch) {
        String key = named(partition) + id;
        Stored before = documents.get(key);
        if (before == null) {
            return Answer.refused(404, "there is no such document");
        }
        if (ifMatch != null && !ifMatch.equals(before.etag())) {
            return Answer.refused(412, "the document has another entity tag");
        }
        documents.remove(key);
        number++;
        log.add(new Written(number, key, null, before));
        return Answer.of(204, null);
    }

    synchronized Answer get(String id, String partition) {
        Stored found = documents.get(named(partition) + id);
        return found == null
                ? Answer.refused(404, "there is no such document")
                : Answer.document(200, found.body());
    }

    /** Sets and removes top-level members; what else a patch may say is refused. */
    synchronized Answer patch(String id, String partition, JsonNode patch, @Nullable String ifMatch) {
        Stored before = documents.get(named(partition) + id);
        if (before == null) {
            return Answer.refused(404, "there is no such document");
        }
        if (ifMatch != null && !ifMatch.equals(before.etag())) {
            return Answer.refused(412, "the document has another entity tag");
        }
        if (patch.has("condition") || patch.path("operations").size() > 10) {
            return Answer.refused(400, "a condition, or more than ten operations");
        }
        ObjectNode changed = before.body().deepCopy();
        for (JsonNode operation : patch.path("operations")) {
            String name = operation.get("path").asText().substring(1);
            if (name.isEmpty() || name.contains("/")) {
                return Answer.refused(400, "only top-level members are patched here");
            }
            if (SYSTEM.contains(name)) {
                return Answer.refused(400, "what the service writes is not patched");
            }
            switch (operation.get("op").asText()) {
                case "set" -> changed.set(name, operation.get("value"));
                case "remove" -> {
                    if (changed.remove(name) == null) {
                        return Answer.refused(400, "there is nothing to remove");
                    }
                }
                default -> {
                    return Answer.refused(400, "no such operation here");
                }
            }
        }
        return put(changed, Put.REPLACE, partition, id, ifMatch);
    }

    /** All or nothing if atomic, else one after the other. One answer an operation. */
    synchronized Answer batch(ArrayNode operations, @Nullable String partition, boolean atomic, boolean goOn) {
        if (operations.size() > MOST_OPERATIONS) {
            return Answer.refused(400, "a batch has at most a hundred operations");
        }
        if (Json.write(operations).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            return Answer.refused(413, "a batch has at most two megabytes");
        }
        Map<String, Stored> documentsBefore = new LinkedHashMap<>(documents);
        int logBefore = log.size();
        ArrayNode answers = JsonNodeFactory.instance.arrayNode();
        int refused = -1;
        for (JsonNode operation : operations) {
            if (refused >= 0 && !goOn) {
                answers.addObject().put("statusCode", 424).put("requestCharge", 0);
                continue;
            }
            Answer answer = operation(operation, partition);
            ObjectNode told = answers.addObject().put("statusCode", answer.status()).put("requestCharge", 1);
            if (answer.isRefused()) {
                refused = refused < 0 ? answers.size() - 1 : refused;
            } else if (answer.body() != null) {
                told.put("eTag", answer.etag()).set("resourceBody", answer.body());
            }
        }
        if (refused >= 0 && atomic) {
            documents.clear();
            documents.putAll(documentsBefore);
            log.subList(logBefore, log.size()).clear();
            for (int i = 0; i < answers.size(); i++) {
                if (i != refused) {
                    ((ObjectNode) answers.get(i)).removeAll().put("statusCode", 424).put("requestCharge", 0);
                }
            }
        }
        return Answer.of(refused >= 0 ? 207 : 200, answers);
    }

    private Answer operation(JsonNode operation, @Nullable String ofBatch) {
        String partition = operation.has("partitionKey")
                ? operation.get("partitionKey").asText()
                : ofBatch == null ? "[]" : ofBatch;
        String ifMatch = operation.has("ifMatch") ? operation.get("ifMatch").asText() : null;
        String id = operation.path("id").asText();
        JsonNode body = operation.path("resourceBody");
        return switch (operation.get("operationType").asText()) {
            case "Create" -> put((ObjectNode) body, Put.CREATE, partition, null, null);
            case "Upsert" -> put((ObjectNode) body, Put.UPSERT, partition, null, ifMatch);
            case "Replace" -> put((ObjectNode) body, Put.REPLACE, partition, id, ifMatch);
            case "Patch" -> patch(id, partition, body, ifMatch);
            case "Delete" -> delete(id, partition, ifMatch);
            case "Read" -> get(id, partition);
            default -> Answer.refused(400, "no such operation here");
        };
    }

    // ---- reading many

    synchronized long number() {
        return number;
    }

    /** All documents in a scope, in the order of their hashes. */
    synchronized List<ObjectNode> all(Predicate<Stored> scope) {
        return documents.values().stream()
                .filter(scope)
                .sorted(java.util.Comparator.comparing(Stored::epk))
                .map(Stored::body)
                .toList();
    }

    /** The scope of a partition key of which the first components are given. */
    Predicate<Stored> inPartition(String header) {
        String prefix = named(header);
        return document -> named(partitionKey(document.body())).startsWith(prefix);
    }

    /** The newest state of each document that was written after that write and is there, with the number of that write. */
    synchronized List<ObjectNode> changedSince(long write, Predicate<Stored> scope) {
        List<ObjectNode> changed = new ArrayList<>();
        for (Written one : log) {
            Stored document = one.document();
            if (one.number() > write
                    && document != null
                    && isNewest(one.key(), document)
                    && scope.test(document)) {
                changed.add(document.body().deepCopy().put("_lsn", one.number()));
            }
        }
        return changed;
    }

    private boolean isNewest(String key, Stored document) {
        Stored now = documents.get(key);
        return now != null && now.etag().equals(document.etag());
    }
}
