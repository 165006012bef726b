package dev.lastgood.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.workspace.Secret;
import dev.lastgood.workspace.Source;
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
}
