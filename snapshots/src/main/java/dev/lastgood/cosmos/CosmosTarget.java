package dev.lastgood.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosBatch;
import com.azure.cosmos.models.CosmosBatchItemRequestOptions;
import com.azure.cosmos.models.CosmosBatchOperationResult;
import com.azure.cosmos.models.CosmosBatchPatchItemRequestOptions;
import com.azure.cosmos.models.CosmosBatchResponse;
import com.azure.cosmos.models.CosmosBulkItemRequestOptions;
import com.azure.cosmos.models.CosmosBulkOperationResponse;
import com.azure.cosmos.models.CosmosBulkOperations;
import com.azure.cosmos.models.CosmosBulkPatchItemRequestOptions;
import com.azure.cosmos.models.CosmosItemOperation;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.CosmosPatchItemRequestOptions;
import com.azure.cosmos.models.CosmosPatchOperations;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.JsonValues;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target;
import dev.lastgood.target.TargetUnavailable;
import dev.lastgood.workspace.Location;
import dev.lastgood.workspace.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A container of Cosmos DB. The token of a document is its entity tag, and every write is made on the condition that it has
 * not moved. Writes of one call that lie in one partition are one transaction; the others are requests of their own, or go
 * in bulk, which is no transaction. What the service adds to a document is no part of its image.
 *
 * <p>A deleted document leaves nothing behind, so absent records have no token.
 */
public final class CosmosTarget implements Target {
    private static final int AT_ONCE = 16;

    /** What one transaction takes. */
    private static final int MOST_OF_TRANSACTION = 100;

    private static final int MOST_BYTES = 1_900_000;

    /** Names, id, tag and partition key around what an operation holds. */
    private static final int BYTES_OF_OPERATION = 300;

    /** What one patch takes. */
    private static final int MOST_OF_PATCH = 10;

    /** Other names are written as a whole document, for what a pointer to them looks like is not agreed upon. */
    private static final Pattern PATCHED = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final CosmosContainer container;
    private final CosmosContainer.Described described;
    private final PartitionKeys keys;
    private final Source.Requests requests;

    private CosmosTarget(
            CosmosContainer container,
            CosmosContainer.Described described,
            PartitionKeys keys,
            Source.Requests requests) {
        this.container = container;
        this.described = described;
        this.keys = keys;
        this.requests = requests;
    }

    /**
     * Asks the service what the container is.
     *
     * @throws TargetUnavailable if it cannot be asked
     * @throws InvalidInput if the key does not name every document
     */
    public static CosmosTarget open(CosmosContainer container, List<FieldPath> key, Source.Requests requests) {
        CosmosContainer.Described described;
        try {
            described = container.described();
        } catch (RuntimeException e) {
            throw unavailable("open", container, e);
        }
        PartitionKeys keys = PartitionKeys.of(described, key)
                .orElseThrow(() -> InvalidInput.of(
                        "container '%s' has other keys than the workspace says".formatted(container.name()),
                        "Write 'key: %s': the partition key, and the id.".formatted(described.key())));
        return new CosmosTarget(container, described, keys, requests);
    }

    /**
     * Throws {@link Refusal} if the condition of a write is checked in one region while others take writes as well: theirs
     * may win later, over a write that has succeeded.
     */
    public CosmosTarget requireOneWriteRegion() {
        CosmosContainer.Account account;
        try {
            account = container.account();
        } catch (RuntimeException e) {
            throw unavailable("ask", container, e);
        }
        if (account.writeRegions().size() > 1) {
            throw new Refusal(
                    "the account of container '%s' takes writes in %d regions (%s), and a write that succeeds in one may be"
                                    .formatted(
                                            container.name(),
                                            account.writeRegions().size(),
                                            String.join(", ", account.writeRegions()))
                            + " overwritten from another; nothing was applied",
                    "Have the application write in one region meanwhile, and then say 'multi_region_writes: acknowledged'"
                            + " under 'write' of its source.");
        }
        return this;
    }

    /**
     * Throws {@link Refusal} if the account may answer with a document as it was before our own write: neither what is
     * to be overwritten nor what came of a write could then be told.
     */
    public CosmosTarget requireOwnWritesSeen() {
        CosmosContainer.Account account;
        try {
            account = container.account();
        } catch (RuntimeException e) {
            throw unavailable("ask", container, e);
        }
        if (account.isWeak()) {
            throw new Refusal(
                    "the account of container '%s' does not promise that a write is seen by the next read of its writer;"
                                    .formatted(container.name())
                            + " nothing was applied",
                    "Set the account's default consistency to Session or a stronger one.");
        }
        return this;
    }

    private static TargetUnavailable unavailable(String doing, CosmosContainer container, Throwable cause) {
        return new TargetUnavailable(
                "could not %s container '%s' of %s: %s"
                        .formatted(doing, container.name(), container.access(), CosmosFailure.told(cause)),
                // What the client says may hold what a document holds.
                null);
    }

    @Override
    public String identity() {
        return "cosmos %s %s/%s"
                .formatted(
                        container.access().endpoint().replaceFirst("/+$", ""), container.database(), container.name());
    }

    @Override
    public String schema() {
        return "partition key " + described.key();
    }

    @Override
    public List<Fact> facts() {
        Integer seconds = described.secondsToLive();
        return seconds == null
                ? List.of()
                : List.of(new Fact(
                        Concern.TRIGGER,
                        "ttl",
                        seconds < 0
                                ? "documents with a 'ttl' expire, and a write starts its time anew"
                                : "documents expire %d seconds after their last write, and a restored one is written anew"
                                        .formatted(seconds)));
    }

    @Override
    public void close() {
        // The client serves the whole JVM.
    }

    // ---- reading

    /** A document that was found, and where. */
    private record Found(PartitionKeys.Place place, Seen seen) {}

    private record Wanted(Key key, PartitionKeys.Place place) {}

    private record Got(Wanted wanted, Found found) {}

    @Override
    public Batch open(List<Key> wanted) {
        List<Wanted> places = new ArrayList<>();
        Set<Key> unnamed = new HashSet<>();
        for (Key key : wanted) {
            List<PartitionKeys.Place> known = keys.places(key);
            known.forEach(place -> places.add(new Wanted(key, place)));
            if (known.isEmpty()) {
                unnamed.add(key);
            }
        }
        RequestUnits budget = container.budget();
        budget.await();
        List<Got> got;
        try {
            got = Objects.requireNonNull(Flux.fromIterable(places)
                    .flatMap(one -> read(one.place()).map(found -> new Got(one, found)), AT_ONCE)
                    .collectList()
                    .block());
        } catch (RuntimeException e) {
            throw unavailable("read", container, e);
        }
        Map<Key, Found> found = new HashMap<>();
        Map<Key, Seen> seen = new LinkedHashMap<>();
        // What cannot be asked for is not absent: it is written as little as what several documents may be.
        wanted.forEach(key -> seen.put(key, unnamed.contains(key) ? Seen.several(Image.of(Map.of())) : Seen.ABSENT));
        for (Got one : got) {
            Key key = one.wanted().key();
            if (found.put(key, one.found()) == null) {
                seen.put(key, one.found().seen());
            } else {
                seen.put(
                        key,
                        Seen.several(Objects.requireNonNull(one.found().seen().image())));
            }
        }
        return new DocumentBatch(seen, found, unnamed);
    }

    /** Empty if there is no such document. */
    private Mono<Found> read(PartitionKeys.Place place) {
        return client().readItem(place.id(), place.partition(), ObjectNode.class)
                .doOnNext(answer -> container.budget().spent(answer.getRequestCharge()))
                .map(answer -> new Found(place, new Seen(image(answer.getItem()), answer.getETag())))
                .onErrorResume(
                        CosmosException.class,
                        failure -> CosmosFailure.isAbsent(failure.getStatusCode(), failure.getSubStatusCode())
                                ? Mono.empty()
                                : Mono.error(failure));
    }

    private CosmosAsyncContainer client() {
        return container.client();
    }

    private static Image image(ObjectNode document) {
        try {
            Value.Obj object = (Value.Obj) JsonValues.parse(CosmosContainer.text(document));
            return withoutSystemFields(new Image(object));
        } catch (JsonValues.NotJson e) {
            throw new IllegalStateException("the client wrote what is not JSON", e);
        }
    }

    private static Image withoutSystemFields(Image image) {
        Image own = image;
        for (FieldPath field : Location.Container.SYSTEM) {
            own = own.field(field.root()) == null ? own : own.with(field.root(), null);
        }
        return own;
    }

    // ---- writing

    private enum Kind {
        CREATE,
        REPLACE,
        PATCH,
        DELETE
    }

    /** One write: a whole document, or the fields of one that change. */
    private record Write(
            Change change,
            PartitionKeys.Place place,
            Kind kind,
            @Nullable ObjectNode body) {
        String id() {
            return place.id();
        }

        String etag() {
            return change.seen().token();
        }

        ObjectNode document() {
            return Objects.requireNonNull(body, "a whole document");
        }

        CosmosPatchOperations patch() {
            CosmosPatchOperations operations = CosmosPatchOperations.create();
            ObjectNode values = document();
            for (String field : change.fields()) {
                if (values.has(field)) {
                    operations.set("/" + field, values.get(field));
                } else if (isThere(field)) {
                    operations.remove("/" + field);
                }
            }
            return operations;
        }

        private boolean isThere(String field) {
            Image image = change.seen().image();
            return image != null && image.field(field) != null;
        }

        /** What of it is sent, in a transaction; at least. */
        int bytes() {
            if (body == null) {
                return BYTES_OF_OPERATION;
            }
            if (kind != Kind.PATCH) {
                return BYTES_OF_OPERATION + utf8(JsonValues.write(body));
            }
            int bytes = BYTES_OF_OPERATION;
            for (String field : change.fields()) {
                JsonNode value = body.get(field);
                bytes += BYTES_OF_OPERATION + utf8(field) + (value == null ? 0 : utf8(JsonValues.write(value)));
            }
            return bytes;
        }

        private static int utf8(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }
    }

    private record Answered(Key key, Written written) {}

    private final class DocumentBatch implements Batch {
        private final Map<Key, Seen> seen;
        private final Map<Key, Found> found;
        private final Set<Key> unnamed;

        DocumentBatch(Map<Key, Seen> seen, Map<Key, Found> found, Set<Key> unnamed) {
            this.seen = seen;
            this.found = found;
            this.unnamed = unnamed;
        }

        @Override
        public Map<Key, Seen> seen() {
            return seen;
        }

        @Override
        public Map<Key, Written> write(List<Change> changes) {
            Map<Key, Written> answers = new LinkedHashMap<>();
            Map<List<PartitionKeys.Component>, List<Write>> byPartition = new LinkedHashMap<>();
            for (Change change : changes) {
                if (unnamed.contains(change.key())) {
                    answers.put(
                            change.key(),
                            new Written.Refused(
                                    "its key does not tell its partition: a level is null or missing, or of another type"));
                } else if (change.seen().isSeveral()) {
                    answers.put(change.key(), new Written.Refused("several documents have this key"));
                } else {
                    Write write = written(change);
                    byPartition
                            .computeIfAbsent(write.place().components(), any -> new ArrayList<>())
                            .add(write);
                }
            }
            List<Write> alone = new ArrayList<>();
            List<Flux<Answered>> transactions = new ArrayList<>();
            byPartition.forEach((partition, writes) -> {
                if (writes.size() == 1) {
                    alone.add(writes.get(0));
                } else {
                    transactions.add(transaction(writes));
                }
            });
            container.budget().await();
            Flux<Answered> single = requests == Source.Requests.BULK && alone.size() > 1
                    ? bulk(alone)
                    : Flux.fromIterable(alone).flatMap(CosmosTarget.this::point, AT_ONCE);
            Flux.merge(single, Flux.merge(Flux.fromIterable(transactions), AT_ONCE))
                    .toIterable()
                    .forEach(answer -> answers.put(answer.key(), answer.written()));
            return answers;
        }

        private Write written(Change change) {
            Image desired = change.desired();
            Found at = found.get(change.key());
            Image live = change.seen().image();
            if (at == null || live == null) {
                Image document = withoutSystemFields(Objects.requireNonNull(desired));
                return new Write(change, keys.place(document), Kind.CREATE, json(document));
            }
            if (desired == null) {
                return new Write(change, at.place(), Kind.DELETE, null);
            }
            boolean patched = change.fields().size() <= MOST_OF_PATCH
                    && change.fields().stream()
                            .allMatch(field -> PATCHED.matcher(field).matches());
            Image document = live;
            for (String field : change.fields()) {
                document = document.with(field, desired.field(field));
            }
            return new Write(change, at.place(), patched ? Kind.PATCH : Kind.REPLACE, json(document));
        }

        @Override
        public void close() {
            // Nothing is held: the entity tag is the guard.
        }
    }

    private static ObjectNode json(Image document) {
        return (ObjectNode) JsonValues.json(document.object());
    }

    private Mono<Answered> point(Write write) {
        CosmosItemRequestOptions guarded = new CosmosItemRequestOptions().setIfMatchETag(write.etag());
        PartitionKey partition = write.place().partition();
        Mono<? extends CosmosItemResponse<?>> request = switch (write.kind()) {
            case CREATE -> client().createItem(write.document(), partition, new CosmosItemRequestOptions());
            case REPLACE -> client().replaceItem(write.document(), write.id(), partition, guarded);
            case PATCH ->
                client().patchItem(
                                write.id(),
                                partition,
                                write.patch(),
                                (CosmosPatchItemRequestOptions)
                                        new CosmosPatchItemRequestOptions().setIfMatchETag(write.etag()),
                                ObjectNode.class);
            case DELETE -> client().deleteItem(write.id(), partition, guarded);
        };
        return request.doOnNext(answer -> container.budget().spent(answer.getRequestCharge()))
                .map(answer -> done(write, answer.getETag()))
                .onErrorResume(failure -> failed(write, failure))
                .map(written -> new Answered(write.change().key(), written));
    }

    private static Written done(Write write, @Nullable String etag) {
        return new Written.Done(write.kind() == Kind.DELETE || etag == null ? "" : etag);
    }

    private Mono<Written> failed(Write write, Throwable failure) {
        return failure instanceof CosmosException answered
                ? refused(write, answered.getStatusCode(), answered.getSubStatusCode())
                : Mono.just(new Written.Unknown(CosmosFailure.told(failure)));
    }

    /**
     * What an answer that is no success says. A write that was sent twice on its way is refused the second time for what it
     * did the first time: so the document is looked at before somebody else is said to have written it, and one that was
     * there to be deleted and is gone may have been deleted by us.
     */
    private Mono<Written> refused(Write write, int status, int subStatus) {
        String reason = CosmosFailure.told(status, subStatus);
        if (write.kind() == Kind.DELETE && CosmosFailure.isAbsent(status, subStatus)) {
            return Mono.just(new Written.Unknown(reason + ", as it was to be"));
        }
        if (status != CosmosFailure.PRECONDITION && status != CosmosFailure.CONFLICT) {
            return Mono.just(
                    CosmosFailure.isRefusal(status) ? new Written.Refused(reason) : new Written.Unknown(reason));
        }
        Written unknown = new Written.Unknown(reason + ", and yet holds what was to be written");
        return isThereAsDesired(write)
                .map(yes -> yes ? unknown : new Written.Refused(reason))
                .onErrorResume(again -> Mono.just(new Written.Unknown(reason + ", and cannot be looked at")));
    }

    /** Whether live is now what the write was to make of it, by whomever. */
    private Mono<Boolean> isThereAsDesired(Write write) {
        return read(write.place())
                .map(now -> isAsDesired(write, now.seen()))
                .defaultIfEmpty(write.kind() == Kind.DELETE);
    }

    private static boolean isAsDesired(Write write, Seen now) {
        Image desired = write.change().desired();
        Image image = now.image();
        if (desired == null || image == null) {
            return false;
        }
        Set<String> fields = write.kind() == Kind.CREATE
                ? withoutSystemFields(desired).fields().keySet()
                : write.change().fields();
        return fields.stream().allMatch(field -> Objects.equals(desired.field(field), image.field(field)));
    }

    // ---- transactions

    private Flux<Answered> transaction(List<Write> writes) {
        int bytes = writes.stream().mapToInt(Write::bytes).sum();
        if (writes.size() > MOST_OF_TRANSACTION || bytes > MOST_BYTES) {
            return all(
                    writes,
                    new Written.Refused("more than one transaction of Cosmos DB takes: %d writes, %d bytes"
                            .formatted(writes.size(), bytes)));
        }
        CosmosBatch batch = CosmosBatch.createCosmosBatch(writes.get(0).place().partition());
        for (Write write : writes) {
            CosmosBatchItemRequestOptions guarded = new CosmosBatchItemRequestOptions().setIfMatchETag(write.etag());
            switch (write.kind()) {
                case CREATE -> batch.createItemOperation(write.document());
                case REPLACE -> batch.replaceItemOperation(write.id(), write.document(), guarded);
                case PATCH ->
                    batch.patchItemOperation(
                            write.id(),
                            write.patch(),
                            new CosmosBatchPatchItemRequestOptions().setIfMatchETag(write.etag()));
                case DELETE -> batch.deleteItemOperation(write.id(), guarded);
            }
        }
        return client().executeCosmosBatch(batch)
                .doOnNext(answer -> container.budget().spent(answer.getRequestCharge()))
                .flatMapMany(answer -> answered(writes, answer))
                .onErrorResume(failure -> failure instanceof CosmosException answered
                        ? refused(
                                writes,
                                Collections.nCopies(
                                        writes.size(),
                                        new Status(answered.getStatusCode(), answered.getSubStatusCode())))
                        : all(writes, new Written.Unknown(CosmosFailure.told(failure))));
    }

    private record Status(int code, int subCode) {
        boolean isRefusal() {
            return CosmosFailure.isRefusal(code);
        }

        /** Whether the document is said to be another than the one that was read. */
        boolean isMoved() {
            return code == CosmosFailure.PRECONDITION
                    || code == CosmosFailure.CONFLICT
                    || CosmosFailure.isAbsent(code, subCode);
        }

        String told() {
            return CosmosFailure.told(code, subCode);
        }
    }

    /**
     * A transaction has one outcome. Sent twice on its way it is refused the second time for what it did the first time,
     * and that may be seen at any of its documents.
     */
    private Flux<Answered> refused(List<Write> writes, List<Status> statuses) {
        Optional<Status> lost =
                statuses.stream().filter(status -> !status.isRefusal()).findFirst();
        if (lost.isPresent()) {
            return all(writes, new Written.Unknown(lost.get().told()));
        }
        Flux<Answered> refused = Flux.range(0, writes.size())
                .map(i -> new Answered(
                        writes.get(i).change().key(),
                        new Written.Refused(statuses.get(i).told())));
        Optional<Status> moved = statuses.stream().filter(Status::isMoved).findFirst();
        if (moved.isEmpty()) {
            return refused;
        }
        String reason = moved.get().told();
        return Flux.fromIterable(writes)
                .flatMap(this::isThereAsDesired, AT_ONCE)
                .any(yes -> yes)
                .flatMapMany(yes -> yes
                        ? all(
                                writes,
                                new Written.Unknown(reason + ", and yet its transaction holds what was to be written"))
                        : refused)
                .onErrorResume(again -> all(writes, new Written.Unknown(reason + ", and cannot be looked at")));
    }

    private static Flux<Answered> all(List<Write> writes, Written written) {
        return Flux.fromIterable(writes)
                .map(write -> new Answered(write.change().key(), written));
    }

    private Flux<Answered> answered(List<Write> writes, CosmosBatchResponse response) {
        List<CosmosBatchOperationResult> results = response.getResults();
        if (results.size() != writes.size()) {
            return refused(
                    writes,
                    Collections.nCopies(
                            writes.size(), new Status(response.getStatusCode(), response.getSubStatusCode())));
        }
        if (response.isSuccessStatusCode()
                && results.stream().allMatch(CosmosBatchOperationResult::isSuccessStatusCode)) {
            return Flux.range(0, writes.size())
                    .map(i -> new Answered(
                            writes.get(i).change().key(),
                            done(writes.get(i), results.get(i).getETag())));
        }
        return refused(
                writes,
                results.stream()
                        .map(result -> new Status(result.getStatusCode(), result.getSubStatusCode()))
                        .toList());
    }

    // ---- bulk

    private Flux<Answered> bulk(List<Write> writes) {
        Flux<CosmosItemOperation> operations = Flux.fromIterable(writes).map(CosmosTarget::operation);
        Flux<Answered> answers = client().executeBulkOperations(operations).flatMap(this::answered, AT_ONCE);
        // Whatever is not answered for when all of it fails, nobody knows of.
        return answers.collectMap(Answered::key, Answered::written)
                .onErrorReturn(Map.of())
                .flatMapMany(known -> Flux.fromIterable(writes).map(write -> {
                    Key key = write.change().key();
                    return new Answered(
                            key, Optional.ofNullable(known.get(key)).orElseGet(() -> new Written.Unknown("no answer")));
                }));
    }

    private static CosmosItemOperation operation(Write write) {
        PartitionKey partition = write.place().partition();
        CosmosBulkItemRequestOptions guarded = new CosmosBulkItemRequestOptions().setIfMatchETag(write.etag());
        return switch (write.kind()) {
            case CREATE -> CosmosBulkOperations.getCreateItemOperation(write.document(), partition, write);
            case REPLACE ->
                CosmosBulkOperations.getReplaceItemOperation(write.id(), write.document(), partition, guarded, write);
            case PATCH ->
                CosmosBulkOperations.getPatchItemOperation(
                        write.id(),
                        partition,
                        write.patch(),
                        new CosmosBulkPatchItemRequestOptions().setIfMatchETag(write.etag()),
                        write);
            case DELETE -> CosmosBulkOperations.getDeleteItemOperation(write.id(), partition, guarded, write);
        };
    }

    private Mono<Answered> answered(CosmosBulkOperationResponse<Object> response) {
        Write write = Objects.requireNonNull(response.getOperation().<Write>getContext());
        var answer = response.getResponse();
        Mono<Written> written;
        if (answer == null) {
            written = failed(write, Objects.requireNonNullElseGet(response.getException(), IllegalStateException::new));
        } else {
            container.budget().spent(answer.getRequestCharge());
            written = answer.isSuccessStatusCode()
                    ? Mono.just(done(write, answer.getETag()))
                    : refused(write, answer.getStatusCode(), answer.getSubStatusCode());
        }
        return written.map(one -> new Answered(write.change().key(), one));
    }
}
