package dev.lastgood.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.cosmos.contract.CosmosServer;
import dev.lastgood.cosmos.contract.Tier;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SparkForTests.class)
class CosmosSourceTest {
    private final CosmosForTests cosmos = cosmos();
    private final SparkSession session;

    @TempDir
    Path folder;

    CosmosSourceTest(SparkSession session) {
        this.session = session;
    }

    /** The service it is tried on. */
    CosmosForTests cosmos() {
        return CosmosForTests.shared();
    }

    private Workspace workspace(CosmosForTests account, CosmosContainer container, String source, String dataset)
            throws IOException {
        Files.writeString(folder.resolve("key"), account.key());
        return Workspaces.in(
                folder, """
            format: 1
            workspace: documents
            store: store
            sources:
              db: {cosmos: '%s', database: %s, key: '${file:key}'%s}
            datasets:
              things: {source: db, container: %s, %s}
            """.formatted(account.endpoint(), CosmosForTests.DATABASE, source, container.getId(), dataset));
    }

    private Frame live(Workspace workspace) {
        return new Sources(session, workspace).live(things(workspace));
    }

    private static DatasetSpec things(Workspace workspace) {
        return workspace.dataset("things").orElseThrow();
    }

    private Frame live(CosmosContainer container, String dataset) throws IOException {
        return live(workspace(cosmos, container, "", dataset));
    }

    /** The documents without what the service adds. */
    private static List<String> documents(Frame frame) {
        return frame.records().as(Encoders.STRING()).collectAsList().stream()
                .map(text -> text.replaceAll(",\"_(rid|self|etag|attachments)\":\"(\\\\.|[^\"\\\\])*\"", "")
                        .replaceAll(",\"_ts\":\\d+", ""))
                .sorted()
                .toList();
    }

    private static List<String> fields(Frame frame) {
        return Stream.of(frame.shape().view().fieldNames())
                .filter(name -> !name.startsWith("_"))
                .toList();
    }

    @Test
    void every_document_is_read_once_and_its_fields_are_learned_from_all() throws IOException {
        CosmosContainer container = cosmos.container("/k");
        for (int i = 0; i < 40; i++) {
            CosmosForTests.put(container, "{\"id\":\"%1$d\",\"k\":%1$d,\"v\":\"x\"}".formatted(i));
        }
        CosmosForTests.put(container, "{\"id\":\"late\",\"k\":1000,\"v\":\"y\",\"only\":{\"here\":[1.5]}}");

        Frame live = live(container, "key: [k, id]");

        assertThat(documents(live)).hasSize(41).isEqualTo(CosmosForTests.everything(container));
        assertThat(live.records().rdd().getNumPartitions())
                .isEqualTo(container.getFeedRanges().size());
        assertThat(fields(live)).containsExactly("id", "k", "only", "v");
        assertThat(live.shape().view().apply("only").dataType().sql()).isEqualTo("STRUCT<here: ARRAY<DECIMAL(2,1)>>");
    }

    @Test
    void partition_keys_have_their_types() throws IOException {
        CosmosContainer container = cosmos.container("/k");
        List<String> keys = List.of("\"a\"", "7", "7.5", "true", "\"ключ\"");
        for (int i = 0; i < keys.size(); i++) {
            CosmosForTests.put(container, "{\"id\":\"%d\",\"k\":%s}".formatted(i, keys.get(i)));
        }
        CosmosForTests.put(container, "{\"id\":\"null\",\"k\":null}", new PartitionKey(null));
        CosmosForTests.put(container, "{\"id\":\"none\"}", PartitionKey.NONE);

        assertThat(documents(live(container, "key: [k, id]"))).isEqualTo(CosmosForTests.everything(container));
    }

    /** What of a number comes through the client: pinned, because the raw text is what a snapshot keeps. */
    @Test
    void numbers_are_what_the_client_makes_of_them() throws IOException {
        CosmosContainer container = cosmos.container("/id");
        CosmosForTests.put(
                container,
                "{\"id\":\"1\",\"whole\":9007199254740993,\"wide\":123456789012345678901234567890,\"zeros\":1.10,"
                        + "\"fraction\":0.1,\"large\":1e300,\"digits\":0.12345678901234567890,\"text\":\"\\u2028 \\ud83d\\ude00\"}");

        // Of the service itself nobody has seen it.
        Assumptions.assumeTrue(
                cosmos.tier().compareTo(Tier.EMULATOR) < 0, "what becomes of numbers is not known of " + cosmos.tier());
        String whole = cosmos.tier() == Tier.STAND_IN
                ? "\"whole\":9007199254740993,\"wide\":123456789012345678901234567890"
                : "\"whole\":9007199254740992,\"wide\":1.2345678901234568E29";
        assertThat(documents(live(container, "key: [id]")))
                .containsExactly("{\"id\":\"1\"," + whole
                        + ",\"zeros\":1.1,\"fraction\":0.1,\"large\":1.0E300,\"digits\":0.12345678901234568,"
                        + "\"text\":\"\u2028 \ud83d\ude00\"}");
    }

    @Test
    void a_number_the_client_cannot_hold_is_not_read_as_something_else() throws IOException {
        CosmosContainer container = cosmos.container("/id");
        cosmos.server();
        CosmosForTests.put(container, "{\"id\":\"big\",\"v\":{\"n\":[1e400]}}");

        assertThatThrownBy(() -> live(container, "key: [id]"))
                .hasStackTraceContaining("dataset 'things': document 'big' holds a number beyond what a double holds");
    }

    @Test
    void what_the_service_adds_is_kept_and_not_compared() throws IOException {
        CosmosContainer container = cosmos.container("/id");
        CosmosForTests.put(container, "{\"id\":\"1\",\"v\":1}");
        Workspace workspace = workspace(cosmos, container, "", "key: [id], ignore: [v]");

        assertThat(things(workspace).ignore().stream().map(FieldPath::toString))
                .containsExactly("v", "_rid", "_self", "_etag", "_attachments", "_ts");
        assertThat(things(workspace).changedAt()).isEqualTo(FieldPath.of("_ts"));
        Frame live = live(workspace);
        Row row = live.records()
                .select(
                        live.shape().field("", "_etag"),
                        live.shape().field("", "_ts"),
                        live.shape().misfits("", 0, 1))
                .head();
        assertThat(row.getString(0)).startsWith("\"");
        assertThat(row.get(1)).isInstanceOf(Instant.class);
        assertThat(row.isNullAt(2))
                .as("%s does not fit in %s of %s", row, live.shape().view().simpleString(), documents(live))
                .isTrue();
    }

    @Test
    void a_text_of_digits_is_a_text() throws IOException {
        CosmosContainer container = cosmos.container("/id");
        CosmosForTests.put(
                container,
                "{\"id\":\"007\",\"n\":\"1.50\",\"in\":[{\"12\":7,\"e\":\"+1e5\"}],\"esc\":\"\\\"1\",\"long\":\"%s\",\"empty\":\"\"}"
                        .formatted("7".repeat(5_000)));

        Frame live = live(container, "key: [id]");

        assertThat(fields(live)).containsExactly("empty", "esc", "id", "in", "long", "n");
        for (String text : List.of("empty", "esc", "id", "long", "n")) {
            assertThat(live.shape().view().apply(text).dataType().sql())
                    .as(text)
                    .isEqualTo("STRING");
        }
        assertThat(live.shape().view().apply("in").dataType().sql())
                .isEqualTo("ARRAY<STRUCT<`12`: BIGINT, e: STRING>>");
    }

    @Test
    void a_declared_view_is_not_learned_over() throws IOException {
        CosmosContainer container = cosmos.container("/id");
        CosmosForTests.put(container, "{\"id\":\"1\",\"balance\":1.5}");

        Frame live = live(container, "key: [id], view: {balance: 'decimal(18,2)', tier: string}");

        assertThat(live.shape().view().apply("balance").dataType().sql()).isEqualTo("DECIMAL(18,2)");
        assertThat(fields(live)).contains("tier");
    }

    @Test
    void a_key_is_not_seen_as_what_does_not_tell_it() {
        CosmosContainer container = cosmos.container("/day");
        CosmosForTests.put(container, "{\"id\":\"1\",\"day\":\"2026-01-02\"}");

        for (String type : List.of("date", "timestamp", "float")) {
            assertThatThrownBy(() -> live(container, "key: [day, id], view: {day: %s}".formatted(type)))
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageContaining(
                            "'day' is a key of a container, whose documents cannot be asked for by a '%s'", type);
        }
    }

    @Test
    void a_container_without_documents_is_read() throws IOException {
        Frame live = live(cosmos.container("/tenant"), "key: [tenant, id]");

        assertThat(documents(live)).isEmpty();
        assertThat(fields(live)).contains("tenant", "id");
    }

    @Test
    void a_key_without_the_partition_key_is_refused() {
        CosmosContainer container = cosmos.container("/tenant", "/user");

        assertThatThrownBy(() -> live(container, "key: [id]"))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("error: dataset 'things': an id is unique only together with the partition key, which 'key'"
                        + " leaves out\nhint: Write 'key: [tenant, user, id]'.");
    }

    @Test
    void deletes_of_the_change_feed_are_refused_by_name() {
        assertThatThrownBy(() -> live(cosmos.container("/id"), "key: [id], deletes: change_feed"))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("dataset 'things': this version does not read deletes from the change feed");
    }

    @Test
    void what_was_written_lately_is_asked_for_by_the_services_clock() throws IOException {
        CosmosForTests own = CosmosForTests.standIn();
        CosmosContainer container = own.container("/id");
        own.server().clock(() -> 1_000);
        CosmosForTests.put(container, "{\"id\":\"old\"}");
        own.server().clock(() -> 2_000);
        CosmosForTests.put(container, "{\"id\":\"new\"}");
        Workspace workspace = workspace(own, container, "", "key: [id]");

        Frame lately = new Sources(session, workspace)
                .since(things(workspace), Map.of(), FieldPath.of("_ts"), Instant.ofEpochSecond(1_500));

        assertThat(documents(lately)).containsExactly("{\"id\":\"new\"}");
    }

    @Test
    void too_many_requests_are_waited_out_and_a_failure_is_told_without_the_key() throws IOException {
        CosmosForTests own = CosmosForTests.standIn();
        CosmosContainer container = own.container("/id");
        CosmosForTests.put(container, "{\"id\":\"1\"}");
        Workspace workspace = workspace(own, container, ", limit: {request_units_per_second: 100000}", "key: [id]");
        own.server().answer(CosmosServer.Asked.QUERY, 429, 15);
        assertThat(documents(live(workspace))).containsExactly("{\"id\":\"1\"}");

        Frame opened = live(workspace);
        own.server().rotateKey("cm90YXRlZA==");
        assertThatThrownBy(() -> live(workspace))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessage(
                        "dataset 'things': container '%s' of Cosmos DB %s could not be read: the key or identity is not"
                                + " accepted (401)",
                        container.getId(), own.endpoint())
                .satisfies(e -> assertThat(((SourceUnreadable) e).hint())
                        .isEqualTo("Check the key of the source; it may have been rotated."));
        assertThatThrownBy(() -> opened.records().collectAsList())
                .isInstanceOf(SparkException.class)
                .hasStackTraceContaining("the key or identity is not accepted (401)")
                .satisfies(e -> assertThat(org.assertj.core.util.Throwables.getStackTrace(e))
                        .doesNotContain(own.key()));
        own.server().rotateKey(own.key());
        container.delete();
        assertThatThrownBy(() -> live(workspace))
                .isInstanceOf(SourceUnreadable.class)
                .hasMessageContaining("could not be read: there is no such thing (404)");
    }

    /** The stand-in is compiled here, and on the class path of this test alone. */
    @Test
    void the_connector_gives_the_same_documents_and_is_asked_nothing_it_may_not_know() throws Exception {
        CosmosContainer container = cosmos.container("/k");
        CosmosForTests.put(container, "{\"id\":\"1\",\"k\":1,\"n\":{\"a\":[1,{\"b\":null}]}}");
        CosmosForTests.put(container, "{\"id\":\"2\",\"k\":\"x\",\"v\":\"text\"}");
        Workspace workspace = workspace(cosmos, container, ", regions: [Here]", "key: [k, id]");
        Frame byClient = live(workspace);
        List<String> documents = byClient.records().as(Encoders.STRING()).collectAsList();
        Path source = folder.resolve("com/azure/cosmos/spark/CosmosItemsDataSource.java");
        Files.createDirectories(source.getParent());
        try (var text = Objects.requireNonNull(
                CosmosSourceTest.class.getResourceAsStream("/connector/CosmosItemsDataSource.java.txt"))) {
            Files.copy(text, source);
        }
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-nowarn",
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                source.toString()))
                .isZero();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            Frame byConnector = live(workspace);
            assertThat(byConnector.records().as(Encoders.STRING()).collectAsList())
                    .containsExactlyInAnyOrderElementsOf(documents);
            assertThat(byConnector.shape()).isEqualTo(byClient.shape());
            assertThat(System.clearProperty("lastgood.test.connector")).isEqualTo("used");

            CosmosForTests.put(container, "{\"id\":\"3\",\"k\":\"x\",\"v\":\"Infinity\"}");
            assertThatThrownBy(() -> live(workspace).records().collectAsList())
                    .hasStackTraceContaining(
                            "a document holds the text 'Infinity', or a number beyond what a double holds");
            container.deleteItem("3", new PartitionKey("x"), new CosmosItemRequestOptions());
            System.clearProperty("lastgood.test.connector");

            // What it has no option for, the client is asked for.
            Frame limited =
                    live(workspace(cosmos, container, ", limit: {request_units_per_second: 100000}", "key: [k, id]"));
            assertThat(limited.records().as(Encoders.STRING()).collectAsList())
                    .containsExactlyInAnyOrderElementsOf(documents);
            assertThat(System.getProperty("lastgood.test.connector")).isNull();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
