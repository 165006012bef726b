package dev.lastgood.init;

import dev.lastgood.cosmos.CosmosAccess;
import dev.lastgood.cosmos.CosmosContainer;
import dev.lastgood.cosmos.CosmosFailure;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The containers of a database of Cosmos DB, by what the service says of them. Reads no document. */
public final class Containers {
    private Containers() {}

    /**
     * All of them, in the order of their names.
     *
     * @param key null: azure-identity's default chain
     * @throws InvalidInput if the service does not answer, or refuses
     */
    public static List<Candidate> of(String endpoint, String database, @Nullable String key) {
        CosmosAccess access = new CosmosAccess(endpoint, key, null, List.of(), null);
        List<Candidate> candidates = new ArrayList<>();
        try {
            Set<String> names = new LinkedHashSet<>();
            for (CosmosContainer container : CosmosContainer.in(access, database)) {
                String plain = DatabaseTables.name(container.name());
                String name = plain;
                for (int again = 2; !names.add(name); again++) {
                    name = plain + "_" + again;
                }
                candidates.add(new Candidate(
                        name,
                        Map.of("container", container.name()),
                        container.described().key().stream()
                                .map(FieldPath::toString)
                                .toList(),
                        "the partition key, and the id, which is unique within it",
                        Map.of(),
                        null,
                        "_ts",
                        List.of()));
            }
        } catch (RuntimeException e) {
            throw InvalidInput.of(
                    "database '%s' of %s cannot be looked at: %s".formatted(database, access, CosmosFailure.told(e)),
                    "Check --cosmos, --database, and that --key names an environment variable that holds the account's"
                            + " key. An identity without a key wants a role that may read metadata.");
        }
        return candidates;
    }
}
