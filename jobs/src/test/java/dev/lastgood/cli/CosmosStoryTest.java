package dev.lastgood.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.cosmos.contract.CosmosServer;
import dev.lastgood.cosmos.contract.Tier;
import dev.lastgood.record.JsonValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the snapshot to the undo, by the command line, on documents that other people go on writing to. */
class CosmosStoryTest {
    private static final String YAML = """
        format: 1
        workspace: story
        store: store
        rules: [rules.yaml]
        sources:
          db:
            cosmos: ${env:STORY_COSMOS}
            database: %s
            key: ${env:STORY_KEY}
            write:
              key: ${env:STORY_KEY}
        datasets:
          orders:
            source: db
            container: %s
            key: [tenant, id]
            compare: {lines: {keyed: [no]}}
            restore: {write: in_place}
        """;

    private static final String RULES = """
        rules:
          - {id: total, dataset: orders, assert: total = price * quantity, fields: [total]}
          - {id: weight, dataset: orders, assert: weight = array_sum(lines.grams), fields: ['lines[].grams']}
        """;

    private final Path folder;
    private final CosmosForTests cosmos = cosmos();
    private final CosmosContainer container = cosmos.container("/tenant");
    private final StoryForTests story;

    CosmosStoryTest(@TempDir Path folder) {
        this.folder = folder;
        this.story = new StoryForTests(folder, Map.of("STORY_COSMOS", cosmos.endpoint(), "STORY_KEY", cosmos.key()));
    }

    /** The service it is tried on. */
    CosmosForTests cosmos() {
        return CosmosForTests.shared();
    }

    @BeforeEach
    void sixty_orders() throws IOException {
        Files.writeString(folder.resolve("lastgood.yaml"), YAML.formatted(CosmosForTests.DATABASE, container.getId()));
        Files.writeString(folder.resolve("rules.yaml"), RULES);
        for (int i = 1; i <= 60; i++) {
            order(i);
        }
    }

    private void order(int i) {
        CosmosForTests.put(container, """
            {"id": "%1$d", "tenant": "%2$s", "price": %1$d.25, "quantity": 2, "total": %3$s, "note": "n%1$d",
             "weight": %4$d, "visits": 0,
             "lines": [{"no": 1, "grams": %1$d, "what": {"sku": "a%1$d"}}, {"no": 2, "grams": 100, "what": null}]}
            """.formatted(i, tenant(i), i * 2 + 0.5, i + 100));
    }

    /** Some share a partition with others, some are alone in theirs. */
    private static String tenant(int i) {
        return i % 3 == 0 ? "t" + i : "shared" + i % 3;
    }

    /** A write by the application, on the condition that nobody else wrote meanwhile. */
    private void change(int i, Consumer<ObjectNode> act) {
        PartitionKey partition = new PartitionKey(tenant(i));
        String id = Integer.toString(i);
        while (true) {
            CosmosItemResponse<ObjectNode> read = container.readItem(id, partition, ObjectNode.class);
            act.accept(read.getItem());
            try {
                container.replaceItem(
                        read.getItem(), id, partition, new CosmosItemRequestOptions().setIfMatchETag(read.getETag()));
                return;
            } catch (CosmosException e) {
                if (e.getStatusCode() != 412) {
                    throw e;
                }
            }
        }
    }

    private void each(int from, int to, Consumer<ObjectNode> act) {
        for (int i = from; i <= to; i++) {
            change(i, act);
        }
    }

    private void delete(int i) {
        container.deleteItem(Integer.toString(i), new PartitionKey(tenant(i)), new CosmosItemRequestOptions());
    }

    /** Orders as people see them, in the order of their numbers, without their visits. */
    private List<String> orders() {
        List<ObjectNode> all = new ArrayList<>();
        CosmosForTests.everything(container)
                .forEach(document -> all.add((ObjectNode) WorkspaceForTests.json(document)));
        all.sort(Comparator.comparing(order -> order.get("id").asInt()));
        return all.stream()
                .map(order -> "%s %s %s %s %s %s"
                        .formatted(
                                order.get("id").asText(),
                                order.get("price").decimalValue(),
                                order.get("quantity"),
                                order.get("total")
                                        .decimalValue()
                                        .stripTrailingZeros()
                                        .toPlainString(),
                                order.get("note").asText(),
                                sorted(order.get("lines"))))
                .toList();
    }

    /** Members in one order: an object that was written by a restore has them in another. */
    private static String sorted(JsonNode lines) {
        try {
            return JsonValues.text(JsonValues.parse(lines.toString()));
        } catch (JsonValues.NotJson e) {
            throw new IllegalStateException(e);
        }
    }

    private long visits() {
        return CosmosForTests.everything(container).stream()
                .mapToLong(document ->
                        WorkspaceForTests.json(document).get("visits").asLong())
                .sum();
    }

    private static String lines(int i, int grams) {
        return "[{\"grams\":%d,\"no\":1,\"what\":{\"sku\":\"a%d\"}},{\"grams\":%d,\"no\":2,\"what\":null}]"
                .formatted(i, i, grams);
    }

    @Test
    void a_bug_is_found_and_put_back_while_others_write_and_taken_back_again() throws Exception {
        story.run(0, "snapshot", "take");
        JsonNode verified = story.run(0, "snapshot", "verify", "latest", "--level", "L3");
        assertThat(verified.toString()).contains("PASS");

        // a bug, and people beside it
        each(1, 20, order -> order.put("total", order.get("total").asDouble() * 100));
        each(5, 10, order -> order.put("note", "called"));
        change(30, order -> order.put("quantity", 3).put("total", 90.75));
        delete(60);
        CosmosForTests.put(
                container,
                "{\"id\":\"61\",\"tenant\":\"t\",\"price\":1.5,\"quantity\":1,\"total\":1.5,\"note\":\"new\",\"weight\":1,"
                        + "\"visits\":0,\"lines\":[{\"no\":1,\"grams\":1}]}");
        List<String> damaged = orders();

        JsonNode diff = story.run(1, "diff", "latest", "live");
        assertThat(diff.toString()).contains("\"changed\":21");
        JsonNode audit = story.run(1, "audit");
        assertThat(audit.get("verdict").asText()).isEqualTo("FAIL");
        assertThat(audit.get("rules").get(0).get("violations").asInt()).isEqualTo(20);
        assertThat(audit.get("datasets").get(0).toString())
                .isEqualTo("{\"name\":\"orders\",\"before\":60,\"after\":60,\"added\":1,\"removed\":1,\"changed\":21,"
                        + "\"unchanged\":38}");
        assertThat(audit.get("incidents")).hasSize(1);
        assertThat(story.ended(0, "history", "orders", tenant(1) + ",1").out()).contains("250");

        change(1, order -> order.put("total", 2.5)); // somebody has noticed
        JsonNode plan = story.run(0, "restore", "plan");
        assertThat(plan.get("steps").toString()).isEqualTo("{\"insert\":0,\"update\":19,\"delete\":0}");
        assertThat(plan.get("healed").asInt()).isEqualTo(1);
        assertThat(plan.get("fields").asInt()).isEqualTo(19);
        String id = plan.get("plan").asText();
        story.run(5, "restore", "apply", id, "--yes");
        story.run(0, "restore", "approve", id);

        change(2, order -> order.put("price", 9.25).put("total", 18.5)); // and somebody since
        Visitors visitors = new Visitors();
        JsonNode receipt = visitors.during(() -> story.run(1, "restore", "apply", id, "--yes"));
        assertThat(counts(receipt)).isEqualTo("18 done 0 noop 1 conflict 0 failed 0 ambiguous 0 pending, 18 verified");

        List<String> restored = new ArrayList<>(damaged);
        for (int i = 3; i <= 20; i++) {
            restored.set(i - 1, damaged.get(i - 1).replaceFirst(" 2 [0-9.]+ ", " 2 " + (i * 2) + ".5 "));
        }
        restored.set(0, "1 1.25 2 2.5 n1 " + lines(1, 100));
        restored.set(1, "2 9.25 2 18.5 n2 " + lines(2, 100));
        assertThat(orders()).isEqualTo(restored);
        assertThat(visits()).isEqualTo(visitors.count());
        assertThat(story.run(0, "audit").get("verdict").asText()).isEqualTo("PASS");
        assertThat(counts(story.run(1, "restore", "apply", id, "--yes")))
                .as("again")
                .isEqualTo(counts(receipt));

        change(3, order -> order.put("total", 7.5).put("quantity", 2).put("price", 3.75)); // a later write
        JsonNode undone = visitors.during(() -> story.run(1, "restore", "undo", id, "--yes"));
        assertThat(counts(undone)).isEqualTo("17 done 0 noop 1 conflict 0 failed 0 ambiguous 0 pending, 17 verified");
        List<String> back = new ArrayList<>(damaged);
        back.set(0, restored.get(0));
        back.set(1, restored.get(1));
        back.set(2, "3 3.75 2 7.5 n3 " + lines(3, 100));
        assertThat(orders()).isEqualTo(back);
        assertThat(visits()).isEqualTo(visitors.count());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(cosmos.key()))
                        .as("the key in %s", file)
                        .isFalse();
            }
        }
    }

    @Test
    void a_key_that_is_not_accepted_is_not_repeated() {
        String planted = "cGxhbnRlZC1jYW5hcnk=";
        StoryForTests other =
                new StoryForTests(folder, Map.of("STORY_COSMOS", cosmos.endpoint(), "STORY_KEY", planted));

        for (String verbose : List.of("-v", "--json")) {
            CommandLineForTests.Ended ended = other.ended(4, "snapshot", "take", verbose);
            assertThat(ended.err())
                    .contains("of Cosmos DB %s could not be read: the key or identity is not accepted (401)"
                            .formatted(cosmos.endpoint()));
            assertThat(ended.out() + ended.err()).doesNotContain(planted);
        }
    }

    /** The account's own backup, restored beside it, is captured in its stead: howto/cosmos-account-restored-beside.md. */
    @Test
    void without_a_snapshot_of_ones_own_the_services_backup_serves() throws IOException {
        CosmosForTests backup = CosmosForTests.standIn();
        CosmosContainer restored = backup.container(new CosmosContainerProperties(container.getId(), "/tenant"));
        CosmosForTests.everything(container).forEach(document -> CosmosForTests.put(restored, document));
        each(1, 5, order -> order.put("total", 0));
        Path copy = folder.resolve("before.yaml");
        Files.writeString(
                copy,
                Files.readString(folder.resolve("lastgood.yaml"))
                        .replace("cosmos: ${env:STORY_COSMOS}", "cosmos: " + backup.endpoint()));
        Iterator<String> page = Howtos.run()
                .getOrDefault("cosmos-account-restored-beside.md", List.of())
                .iterator();
        assertThat(page.next()).isEqualTo("snapshot take -w before.yaml --captured 2026-11-22T01:00:00Z");
        StoryForTests beside = new StoryForTests(copy, Map.of("STORY_KEY", backup.key()));
        JsonNode taken = beside.run(0, "snapshot", "take", "--captured", "2026-11-22T01:00:00Z");
        assertThat(taken.get("datasets").get(0).get("to").asText()).isEqualTo("2026-11-22T01:00:00Z");
        String before = taken.get("snapshot").asText();
        assertThat(beside.ended(2, "snapshot", "take", "--captured", "2027-01-01T00:00:00Z")
                        .err())
                .contains("what is read would be as it was at 2027-01-01T00:00:00Z, which is in the future");
        assertThat(beside.ended(2, "snapshot", "take", "--captured", "2026-11-22T01:00:00Z", "--incremental")
                        .err())
                .contains("'--captured' and '--incremental' do not go together");
        JsonNode night = story.run(0, "snapshot", "take", "--incremental");
        assertThat(night.toString())
                .as("a night that builds on nothing another account wrote")
                .contains("snapshot " + before + " was captured elsewhere, of " + backup.endpoint());

        assertThat(said(page.next(), before, "", 0).toString()).contains(backup.endpoint());
        assertThat(said(page.next(), before, "", 1).toString()).contains("\"changed\":5");
        assertThat(said(page.next(), before, "", 1)
                        .get("datasets")
                        .get(0)
                        .get("changed")
                        .asInt())
                .isEqualTo(5);
        said(page.next(), before, "", 0);
        String id = said(page.next(), before, "", 0).get("plan").asText();
        said(page.next(), before, id, 0);
        if (cosmos.tier() == Tier.STAND_IN) {
            cosmos.server().writeRegions(List.of("West Europe", "North Europe"));
            assertThat(story.ended(5, "restore", "apply", id, "--yes").err())
                    .contains("takes writes in 2 regions (West Europe, North Europe)");
            cosmos.server().writeRegions(List.of("Here"));
            // Answers that are lost, and a service that is busy: found out, and waited for.
            cosmos.server().dropAnswersOfWrites(2);
            cosmos.server().answer(CosmosServer.Asked.WRITE, 503, 1);
            cosmos.server().answer(CosmosServer.Asked.READ, 429, 20);
        }
        // Nobody is here to be asked.
        assertThat(counts(said(page.next() + " --yes", before, id, 0)))
                .isEqualTo("5 done 0 noop 0 conflict 0 failed 0 ambiguous 0 pending, 5 verified");
        said(page.next(), before, id, 0);
        assertThat(page).isExhausted();
        assertThat(orders().get(4)).isEqualTo("5 5.25 2 10.5 n5 " + lines(5, 100));
    }

    /** What a command of that page comes to. */
    private JsonNode said(String command, String snapshot, String plan, int code) {
        return story.run(
                code,
                ShopForTests.words(command.replaceFirst("\\b[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}\\b", snapshot)
                                .replaceFirst("\\b9f3c\\b", plan))
                        .toArray(String[]::new));
    }

    @Test
    void an_element_is_put_back_by_its_key_among_others_that_were_written_since() {
        story.run(0, "snapshot", "take");
        assertThat(story.run(0, "rules", "suggest").get("yaml").asText())
                .contains("field: note")
                .doesNotContain("_etag", "_rid", "_ts", "_self", "_attachments");
        each(31, 35, order -> ((ObjectNode) order.get("lines").get(1)).put("grams", 1));
        assertThat(story.run(1, "audit").get("incidents")).hasSize(1);
        JsonNode plan = story.run(0, "restore", "plan");
        assertThat(plan.get("fields").asInt()).isEqualTo(5);
        String id = plan.get("plan").asText();
        story.run(0, "restore", "approve", id);

        // the first line becomes the second, and says something else
        change(31, order -> {
            ObjectNode first = (ObjectNode) order.withArray("lines").remove(0);
            order.withArray("lines").add(first.put("what", "later"));
        });
        assertThat(counts(story.run(0, "restore", "apply", id, "--yes")))
                .isEqualTo("5 done 0 noop 0 conflict 0 failed 0 ambiguous 0 pending, 5 verified");

        assertThat(orders().get(31)).isEqualTo("32 32.25 2 64.5 n32 " + lines(32, 100));
        assertThat(orders().get(30))
                .isEqualTo("31 31.25 2 62.5 n31 [{\"grams\":100,\"no\":2,\"what\":null},"
                        + "{\"grams\":31,\"no\":1,\"what\":\"later\"}]");
    }

    /** What the drill writes to is no container: a folder of its own. */
    @Test
    @Tag("full")
    void a_snapshot_of_documents_is_restored_for_trial() {
        story.run(0, "snapshot", "take");
        assertThat(story.ended(0, "snapshot", "verify", "latest", "--level", "L5")
                        .out())
                .contains("PASS");
    }

    private static String counts(JsonNode receipt) {
        StringBuilder text = new StringBuilder();
        for (String state : List.of("done", "noop", "conflict", "failed", "ambiguous", "pending")) {
            text.append(receipt.get(state)).append(' ').append(state).append(' ');
        }
        return text.toString().strip() + ", " + receipt.get("verified") + " verified";
    }

    /**
     * People who look at orders, each look a write to the very documents that are being restored. To no order more of them than
     * there are tries of a write but one: however fast they are, and the restore slow, one try meets nobody.
     */
    private final class Visitors {
        private static final int LOOKS = 3;
        private static final int ORDERS = 20;

        private long count;

        long count() {
            return count;
        }

        JsonNode during(Supplier<JsonNode> act) throws ExecutionException, InterruptedException {
            CountDownLatch done = new CountDownLatch(1);
            CountDownLatch begun = new CountDownLatch(1);
            ExecutorService visitor = Executors.newSingleThreadExecutor();
            try {
                Future<Long> visits = visitor.submit(() -> visit(done, begun));
                begun.await();
                JsonNode document;
                try {
                    document = act.get();
                } finally {
                    done.countDown();
                    count += visits.get();
                }
                return document;
            } finally {
                visitor.shutdown();
            }
        }

        private long visit(CountDownLatch done, CountDownLatch begun) throws InterruptedException {
            long visits = 0;
            try {
                do {
                    change(
                            (int) (visits % ORDERS + 1),
                            order -> order.put("visits", order.get("visits").asLong() + 1));
                    visits++;
                    begun.countDown();
                } while (visits < LOOKS * ORDERS && !done.await(40, TimeUnit.MILLISECONDS));
            } finally {
                begun.countDown();
            }
            return visits;
        }
    }
}
