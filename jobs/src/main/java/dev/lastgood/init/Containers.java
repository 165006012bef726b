package dev.lastgood.init;

import dev.lastgood.cosmos.CosmosAccess;
import dev.lastgood.cosmos.CosmosContainer;
import dev.lastgood.cosmos.CosmosFailure;
import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.source.SourceUnreadable;
import dev.lastgood.workspace.Source;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The containers of a database of Cosmos DB, by what the service says of them. Reads no document. */
public final class Containers {
    /** Answers to what was asked, which stay the same however often it is asked again. */
    private static final Set<Integer> OURS = Set.of(400, 401, 403, 404);

    private Containers() {}

    /**
     * All of them, in the order of their names.
     *
     * @param key null: azure-identity's default chain
     * @throws InvalidInput if that is no endpoint, or the service says that the request is wrong, not that of anybody it
     *     knows, or of what is not there
     * @throws SourceUnreadable if it does not answer, or cannot now
     */
    public static List<Candidate> of(String endpoint, String database, @Nullable String key) {
        if (!Source.Cosmos.isEndpoint(endpoint)) {
            // It is not shown: what people paste is the connection string, which has the account's key in it.
            throw InvalidInput.of(
                    "--cosmos is no endpoint of an account",
                    "It looks like https://ACCOUNT.documents.azure.com:443/; a key goes into an environment variable, and --key names it.");
        }
        if (key != null && !isBase64(key)) {
            throw InvalidInput.of(
                    "the variable of --key holds no key of an account", "It is base64, as the portal shows it.");
        }
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
            String what =
                    "database '%s' of %s cannot be looked at: %s".formatted(database, access, CosmosFailure.told(e));
            String check =
                    "Check --cosmos, --database, and that --key names an environment variable that holds the account's"
                            + " key. An identity without a key wants a role that may read metadata.";
            if (OURS.contains(CosmosFailure.status(e))) {
                throw InvalidInput.of(what, check);
            }
            throw new SourceUnreadable(what, check, e);
        }
        return candidates;
    }

    private static boolean isBase64(String key) {
        try {
            return Base64.getDecoder().decode(key).length > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
