package dev.lastgood.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.models.CosmosContainerProperties;
import dev.lastgood.cosmos.contract.CosmosForTests;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.workspace.Secret;
import dev.lastgood.workspace.Source;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CosmosAccessTest {
    private static final Place NOWHERE = new Place(new SourceFile("lastgood.yaml", ""), 1, 1, 0);
    private static final String ENDPOINT = "https://acme.documents.azure.com:443/";

    private static Source.Cosmos source(Source.Auth auth) {
        return new Source.Cosmos(
                "shop", ENDPOINT, "shop", auth, List.of("West Europe"), null, Source.Limit.NONE, null, NOWHERE);
    }

    private static Source.Auth connection(String text) {
        return new Source.Auth.ConnectionString(Secret.of(text));
    }

    @Test
    void a_connection_string_holds_the_key() {
        CosmosAccess access = CosmosAccess.reader(
                source(connection("AccountEndpoint=https://acme.documents.azure.com/;AccountKey=Y2FuYXJ5==;\n")));

        assertThat(access.key()).isEqualTo("Y2FuYXJ5==");
        assertThat(access.toString()).isEqualTo("Cosmos DB " + ENDPOINT);
    }

    @Test
    void one_of_another_account_is_refused_and_not_shown() {
        assertThatThrownBy(() -> CosmosAccess.reader(source(
                        connection("AccountEndpoint=https://other.documents.azure.com:443/;AccountKey=Y2FuYXJ5;"))))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("source 'shop': the connection string is of another account than 'cosmos' names")
                .hasMessageNotContaining("Y2FuYXJ5");
        assertThatThrownBy(() -> CosmosAccess.reader(source(connection("Y2FuYXJ5"))))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("source 'shop': the connection string has no AccountKey")
                .hasMessageNotContaining("Y2FuYXJ5");
    }

    @Test
    void paths_of_a_partition_key_may_be_quoted() {
        assertThat(CosmosContainer.names("/a")).containsExactly("a");
        assertThat(CosmosContainer.names("/a/b")).containsExactly("a", "b");
        assertThat(CosmosContainer.names("/a/\"b/c\"/d")).containsExactly("a", "b/c", "d");
    }

    private static List<String> read(
            CosmosForTests cosmos, com.azure.cosmos.CosmosContainer made, List<String> regions, String level) {
        CosmosAccess access = new CosmosAccess(cosmos.endpoint(), cosmos.key(), null, regions, level);
        var container = new CosmosContainer(access, CosmosForTests.DATABASE, made.getId(), 0);
        List<String> ids = new ArrayList<>();
        for (String range : container.feedRanges()) {
            container
                    .documents(range, CosmosContainer.Wanted.ALL)
                    .forEachRemaining(text -> ids.add(text.replaceAll(".*\"id\":\"(\\w+)\".*", "$1")));
        }
        return ids;
    }

    @Test
    void reads_go_to_the_region_that_is_preferred() {
        CosmosForTests here = CosmosForTests.standIn();
        CosmosForTests there = CosmosForTests.standIn();
        here.server().readRegion("There", there.endpoint());
        com.azure.cosmos.CosmosContainer written = here.container(new CosmosContainerProperties("regions", "/id"));
        CosmosForTests.put(written, "{\"id\":\"here\"}");
        CosmosForTests.put(there.container(new CosmosContainerProperties("regions", "/id")), "{\"id\":\"there\"}");

        assertThat(read(here, written, List.of("Here"), "SESSION")).containsExactly("here");
        assertThat(read(here, written, List.of("There"), "SESSION")).containsExactly("there");
    }

    @Test
    void reads_ask_for_the_consistency_that_is_said() {
        CosmosForTests cosmos = CosmosForTests.standIn();
        com.azure.cosmos.CosmosContainer container = cosmos.container("/id");
        CosmosForTests.put(container, "{\"id\":\"a\"}");

        assertThat(read(cosmos, container, List.of(), "EVENTUAL")).containsExactly("a");
        assertThat(cosmos.server().consistencyAsked()).isEqualTo("Eventual");
    }
}
