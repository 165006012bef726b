package dev.lastgood.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosContainer;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.cosmos.contract.CosmosServer;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Refusal;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.Target;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import dev.lastgood.target.TargetUnavailable;
import dev.lastgood.workspace.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a write when the service does not answer as one would like. */
class CosmosFaultsTest {
    private static final CosmosForTests COSMOS = CosmosForTests.standIn();
    private static final CosmosServer SERVER = COSMOS.server();

    private final CosmosContainer container = COSMOS.container("/tenant");

    @AfterEach
    void calm() {
        SERVER.behave();
        SERVER.rotateKey(CosmosForTests.KEY);
        SERVER.writeRegions(List.of("Here"));
        SERVER.consistency("Session");
    }

    private Target target(Source.Requests requests) {
        return CosmosTarget.open(
                CosmosTargetTest.reached(COSMOS, container),
                List.of(FieldPath.of("tenant"), FieldPath.of("id")),
                requests);
    }

    private static Key key(String tenant, String id) {
        Map<String, Value> parts = new LinkedHashMap<>();
        parts.put("tenant", Value.of(tenant));
        parts.put("id", Value.of(id));
        return new Key(parts);
    }

    private void put(String tenant, String id, int total) {
        CosmosForTests.put(container, "{\"id\":\"%s\",\"tenant\":\"%s\",\"total\":%d}".formatted(id, tenant, total));
    }

    private static Change total(Target.Batch batch, Key key, int total) {
        Seen seen = Objects.requireNonNull(batch.seen().get(key));
        Image live = Objects.requireNonNull(seen.image());
        return new Change(key, seen, live.with("total", Value.of(total)), Set.of("total"));
    }

    /** Sets the total of these documents of one call. */
    private List<Written> totals(Source.Requests requests, int total, Key... keys) {
        try (Target target = target(requests);
                Target.Batch batch = target.open(List.of(keys))) {
            List<Change> changes = new ArrayList<>();
            for (Key key : keys) {
                changes.add(total(batch, key, total));
            }
            Map<Key, Written> written = batch.write(changes);
            return List.of(keys).stream()
                    .map(key -> Objects.requireNonNull(written.get(key)))
                    .toList();
        }
    }

    private List<String> everything() {
        return CosmosForTests.everything(container);
    }

    private static String document(String tenant, String id, int total) {
        return "{\"id\":\"%s\",\"tenant\":\"%s\",\"total\":%d}".formatted(id, tenant, total);
    }

    @ParameterizedTest
    @EnumSource
    void a_storm_of_too_many_requests_is_waited_out(Source.Requests requests) {
        put("a", "1", 10);
        put("b", "2", 10);
        SERVER.answer(CosmosServer.Asked.READ, 429, 20);
        SERVER.answer(CosmosServer.Asked.WRITE, 429, 20);

        assertThat(totals(requests, 20, key("a", "1"), key("b", "2"))).allMatch(one -> one instanceof Written.Done);

        assertThat(everything()).containsExactly(document("a", "1", 20), document("b", "2", 20));
    }

    @ParameterizedTest
    @EnumSource
    void what_is_not_known_to_be_refused_is_not_said_to_be(Source.Requests requests) {
        put("a", "1", 10);
        put("b", "2", 10);
        SERVER.answer(CosmosServer.Asked.WRITE, 503, 1_000);
        long before = SERVER.writes();

        assertThat(totals(requests, 20, key("a", "1"), key("b", "2")))
                .allSatisfy(one -> assertThat(one).isInstanceOf(Written.Unknown.class));

        assertThat(SERVER.writes() - before).as("requests, none sent again").isBetween(1L, 2L);
        assertThat(everything()).containsExactly(document("a", "1", 10), document("b", "2", 10));
    }

    @ParameterizedTest
    @EnumSource
    void an_answer_that_is_lost_after_the_write_leaves_it_open(Source.Requests requests) {
        put("a", "1", 10);
        put("b", "2", 10);
        SERVER.dropAnswersOfWrites(1_000);
        long before = SERVER.writes();

        List<Written> written = totals(requests, 20, key("a", "1"), key("b", "2"));
        SERVER.behave();

        assertThat(SERVER.writes() - before).as("requests, none sent again").isBetween(1L, 2L);
        assertThat(written).allSatisfy(one -> assertThat(one).isInstanceOf(Written.Unknown.class));
        assertThat(everything()).containsExactly(document("a", "1", 20), document("b", "2", 20));
    }

    @ParameterizedTest
    @EnumSource
    void who_writes_between_read_and_write_is_not_overwritten(Source.Requests requests) {
        put("a", "1", 10);
        put("b", "2", 10);
        SERVER.beforeNextWrite(() -> {
            put("a", "1", 11);
            put("b", "2", 11);
        });

        assertThat(totals(requests, 20, key("a", "1"), key("b", "2")))
                .containsOnly(new Written.Refused("the document has been written since it was read (412)"));

        assertThat(everything()).containsExactly(document("a", "1", 11), document("b", "2", 11));
    }

    @Test
    void a_document_that_was_written_and_holds_what_was_to_be_written_may_have_been_by_us() {
        put("a", "1", 10);
        SERVER.beforeNextWrite(() -> put("a", "1", 20));

        assertThat(totals(Source.Requests.POINT, 20, key("a", "1")))
                .containsExactly(new Written.Unknown(
                        "the document has been written since it was read (412), and yet holds what was to be written"));
    }

    @Test
    void a_replica_that_has_not_caught_up_does_not_make_a_document_absent() {
        put("a", "1", 10);
        Target target = target(Source.Requests.POINT);
        SERVER.answer(CosmosServer.Asked.READ, 404, 1002, 1_000);

        assertThatThrownBy(() -> target.open(List.of(key("a", "1"))))
                .isInstanceOf(TargetUnavailable.class)
                .hasMessageContaining("the replica that was asked has not caught up (404/1002)")
                .hasNoCause();

        SERVER.behave();
        try (Target.Batch batch = target.open(List.of(key("a", "1")))) {
            SERVER.beforeNextWrite(() -> {
                put("a", "1", 11);
                SERVER.answer(CosmosServer.Asked.READ, 404, 1002, 1_000);
            });
            assertThat(batch.write(List.of(total(batch, key("a", "1"), 20))))
                    .containsEntry(
                            key("a", "1"),
                            new Written.Unknown("the document has been written since it was read (412), and cannot be"
                                    + " looked at"));
        }
    }

    private static Change gone(Target.Batch batch, Key key) {
        return new Change(key, Objects.requireNonNull(batch.seen().get(key)), null, Set.of());
    }

    @ParameterizedTest
    @EnumSource
    void a_write_that_was_sent_twice_on_its_way_is_not_said_to_be_refused(Source.Requests requests) {
        put("a", "1", 10);
        put("b", "2", 10);
        try (Target target = target(requests);
                Target.Batch batch = target.open(List.of(key("a", "1"), key("b", "2")))) {
            SERVER.repeatWrites(10);

            assertThat(batch.write(List.of(gone(batch, key("a", "1")), total(batch, key("b", "2"), 20)))
                            .values())
                    .allSatisfy(one -> assertThat(one).isInstanceOf(Written.Unknown.class));
        }
        assertThat(everything()).containsExactly(document("b", "2", 20));
    }

    @Test
    void a_transaction_that_was_sent_twice_on_its_way_is_not_said_to_be_refused() {
        put("a", "1", 10);
        put("a", "2", 10);
        put("a", "3", 10);
        Key[] keys = {key("a", "1"), key("a", "2"), key("a", "3")};

        SERVER.repeatWrites(1);
        assertThat(totals(Source.Requests.POINT, 20, keys))
                .allSatisfy(one -> assertThat(one).isInstanceOf(Written.Unknown.class));
        assertThat(everything())
                .containsExactly(document("a", "1", 20), document("a", "2", 20), document("a", "3", 20));

        try (Target target = target(Source.Requests.POINT);
                Target.Batch batch = target.open(List.of(keys))) {
            SERVER.repeatWrites(1);
            assertThat(batch.write(List.of(
                                    gone(batch, key("a", "1")),
                                    gone(batch, key("a", "2")),
                                    total(batch, key("a", "3"), 30)))
                            .values())
                    .hasSize(3)
                    .allSatisfy(one -> assertThat(one).isInstanceOf(Written.Unknown.class));
        }
        assertThat(everything()).containsExactly(document("a", "3", 30));
    }

    @Test
    void an_account_that_may_answer_with_what_was_before_a_write_is_refused() {
        CosmosTarget target = (CosmosTarget) target(Source.Requests.POINT);
        assertThat(target.requireOwnWritesSeen()).isSameAs(target);

        SERVER.consistency("Eventual");
        assertThatThrownBy(target::requireOwnWritesSeen)
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("does not promise that a write is seen by the next read of its writer");
    }

    @Test
    void a_patch_is_as_large_as_what_it_changes() {
        String filling = "x".repeat(900_000);
        for (String id : List.of("1", "2", "3")) {
            CosmosForTests.put(
                    container,
                    "{\"id\":\"%s\",\"tenant\":\"a\",\"total\":10,\"filling\":\"%s\"}".formatted(id, filling));
        }

        assertThat(totals(Source.Requests.POINT, 20, key("a", "1"), key("a", "2"), key("a", "3")))
                .allMatch(one -> one instanceof Written.Done);
    }

    @Test
    void a_document_that_appears_is_not_overwritten_and_one_that_goes_is_not_brought_back() {
        put("b", "2", 10);
        try (Target target = target(Source.Requests.POINT);
                Target.Batch batch = target.open(List.of(key("a", "1"), key("b", "2")))) {
            SERVER.beforeNextWrite(() -> {
                put("a", "1", 11);
                container.deleteItem("2", new com.azure.cosmos.models.PartitionKey("b"), null);
            });
            Image missing = Image.of(Map.of("id", Value.of("1"), "tenant", Value.of("a"), "total", Value.of(10)));

            Map<Key, Written> written = batch.write(List.of(
                    new Change(key("a", "1"), Seen.ABSENT, missing, Set.of("id", "tenant", "total")),
                    total(batch, key("b", "2"), 20)));

            assertThat(written)
                    .containsEntry(key("a", "1"), new Written.Refused("there is a document with that key (409)"))
                    .containsEntry(key("b", "2"), new Written.Refused("there is no such thing (404)"));
        }
        assertThat(everything()).containsExactly(document("a", "1", 11));
    }

    @Test
    void what_lies_in_one_partition_is_written_together_or_not_at_all() {
        put("a", "1", 10);
        put("a", "2", 10);
        put("a", "3", 10);
        Key[] keys = {key("a", "1"), key("a", "2"), key("a", "3")};

        SERVER.beforeNextWrite(() -> put("a", "2", 11));
        assertThat(totals(Source.Requests.POINT, 20, keys))
                .containsExactly(
                        new Written.Refused("another write of its transaction was refused (424)"),
                        new Written.Refused("the document has been written since it was read (412)"),
                        new Written.Refused("another write of its transaction was refused (424)"));
        assertThat(everything())
                .containsExactly(document("a", "1", 10), document("a", "2", 11), document("a", "3", 10));

        assertThat(totals(Source.Requests.POINT, 20, keys)).allMatch(one -> one instanceof Written.Done);
        assertThat(everything())
                .containsExactly(document("a", "1", 20), document("a", "2", 20), document("a", "3", 20));

        SERVER.dropAnswersOfWrites(1_000);
        assertThat(totals(Source.Requests.POINT, 30, keys))
                .allSatisfy(one -> assertThat(one).isInstanceOf(Written.Unknown.class));
    }

    @Test
    void a_container_that_is_gone_is_said_to_be() {
        put("a", "1", 10);
        Target target = target(Source.Requests.POINT);
        container.delete();

        assertThatThrownBy(() -> target.open(List.of(key("a", "1"))))
                .isInstanceOf(TargetUnavailable.class)
                .hasMessageContaining("there is no such container (404/1003)");
        assertThatThrownBy(() -> target(Source.Requests.POINT)).isInstanceOf(TargetUnavailable.class);
    }

    @Test
    void a_key_that_is_no_longer_accepted_writes_nothing_and_is_not_shown() {
        put("a", "1", 10);
        try (Target target = target(Source.Requests.POINT);
                Target.Batch batch = target.open(List.of(key("a", "1")))) {
            SERVER.rotateKey("cm90YXRlZA==");

            assertThat(batch.write(List.of(total(batch, key("a", "1"), 20))))
                    .containsEntry(key("a", "1"), new Written.Refused("the key or identity is not accepted (401)"));
            assertThatThrownBy(() -> target.open(List.of(key("a", "1"))))
                    .isInstanceOf(TargetUnavailable.class)
                    .hasMessage(
                            "could not read container '%s' of Cosmos DB %s: the key or identity is not accepted (401)",
                            container.getId(), COSMOS.endpoint());
        }
        SERVER.rotateKey(CosmosForTests.KEY);
        assertThat(everything()).containsExactly(document("a", "1", 10));
    }

    @Test
    void an_account_that_takes_writes_in_several_regions_is_refused() {
        SERVER.writeRegions(List.of("West Europe", "North Europe"));
        CosmosForTests several = COSMOS;
        CosmosAccess access = new CosmosAccess(several.endpoint(), several.key(), null, List.of("West Europe"), null);
        CosmosTarget target = CosmosTarget.open(
                new dev.lastgood.cosmos.CosmosContainer(access, CosmosForTests.DATABASE, container.getId(), 0),
                List.of(FieldPath.of("tenant"), FieldPath.of("id")),
                Source.Requests.POINT);

        assertThatThrownBy(target::requireOneWriteRegion)
                .isInstanceOf(Refusal.class)
                .hasMessage(
                        "the account of container '%s' takes writes in 2 regions (West Europe, North Europe), and a write"
                                + " that succeeds in one may be overwritten from another; nothing was applied",
                        container.getId());

        SERVER.writeRegions(List.of("Here"));
        assertThat(target.requireOneWriteRegion()).isSameAs(target);
    }
}
