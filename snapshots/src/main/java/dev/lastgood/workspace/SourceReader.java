package dev.lastgood.workspace;

import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads one entry of {@code sources}. */
final class SourceReader {

    static final List<String> KINDS = List.of("jdbc", "cosmos", "files");

    private static final List<String> OTHER_KEYS = List.of(
            "user",
            "password",
            "database",
            "auth",
            "client_id",
            "key",
            "connection_string",
            "regions",
            "consistency",
            "limit",
            "confirm",
            "confirm_max",
            "write");

    private final String name;
    private final Place place;
    private final Fields fields;
    private final References references;
    private final Locations locations;
    private final Problems problems;

    SourceReader(
            String name, Place place, Fields fields, References references, Locations locations, Problems problems) {
        this.name = name;
        this.place = place;
        this.fields = fields;
        this.references = references;
        this.locations = locations;
        this.problems = problems;
    }

    Optional<Source> source() {
        List<String> kinds = KINDS.stream().filter(fields::has).toList();
        if (kinds.isEmpty()) {
            reportNoKind();
            return Optional.empty();
        }
        if (kinds.size() > 1) {
            problems.error(
                    fields.keyPlace(kinds.get(1)),
                    "source '%s' is both '%s' and '%s'".formatted(name, kinds.get(0), kinds.get(1)),
                    "Write a source for each.");
            return Optional.empty();
        }
        Optional<Source> source = switch (kinds.get(0)) {
            case "jdbc" -> jdbc();
            case "cosmos" -> cosmos();
            default -> files();
        };
        fields.done();
        return source;
    }

    private void reportNoKind() {
        KINDS.forEach(fields::ignore);
        OTHER_KEYS.forEach(fields::ignore);
        if (fields.done()) {
            problems.error(
                    place,
                    "source '%s' has none of 'jdbc', 'cosmos' and 'files'".formatted(name),
                    "Write jdbc: URL, cosmos: ENDPOINT, or files: FOLDER.");
        }
    }

    private Optional<Source> jdbc() {
        Optional<YamlNode.Scalar> url = fields.scalar("jdbc");
        Optional<String> user = fields.text("user");
        Optional<Secret> password = secret(fields, "password");
        Source.Limit limit = limit("connections", "records_per_second");
        Source.Confirm confirm = confirm();
        Optional<Source.Login> write = fields.mapping("write", "Write {user: ${env:NAME}, password: ${env:NAME}}.")
                .map(this::login);
        if (url.isEmpty()) {
            return Optional.empty();
        }
        if (!url.get().text().startsWith("jdbc:")) {
            problems.error(
                    url.get().place(),
                    "'jdbc' must be a JDBC URL, not '%s'".formatted(url.get().shown()),
                    "It begins with jdbc:, as in jdbc:postgresql://HOST:PORT/DATABASE.");
            return Optional.empty();
        }
        return Optional.of(new Source.Jdbc(
                name,
                locations.address(url.get()),
                user.orElse(null),
                password.orElse(null),
                limit,
                confirm,
                write.orElse(null),
                place));
    }

    private Source.Confirm confirm() {
        Source.Confirm otherwise = Source.Confirm.DEFAULT;
        boolean never = fields.node("confirm")
                .filter(node ->
                        node instanceof YamlNode.Scalar word && word.text().equals("never"))
                .isPresent();
        Duration after = never ? Duration.ZERO : fields.duration("confirm").orElse(otherwise.after());
        int max =
                fields.integer("confirm_max", 1, 1_000_000).map(Long::intValue).orElse(otherwise.max());
        return new Source.Confirm(after, max);
    }

    private Source.Login login(Fields write) {
        Optional<Secret> user = write.scalar("user").map(references::lateSecret);
        Optional<Secret> password = lateSecret(write, "password");
        write.done();
        return new Source.Login(user.orElse(null), password.orElse(null));
    }

    private Optional<Source> cosmos() {
        Optional<YamlNode.Scalar> endpoint = fields.scalar("cosmos");
        fields.require("database");
        Optional<String> database = fields.text("database");
        Source.Auth auth = auth(fields, references::secret);
        List<String> regions = fields.texts("regions");
        Optional<Source.Consistency> consistency = fields.choice("consistency", Source.Consistency.class);
        Source.Limit limit = limit("connections", "request_units_per_second");
        Optional<Source.CosmosWriter> write = fields.mapping("write", "Write {auth: default, client_id: ${env:NAME}}.")
                .map(inner -> {
                    Source.Auth late = auth(inner, references::lateSecret);
                    Optional<Source.Requests> requests = inner.choice("requests", Source.Requests.class);
                    Optional<String> regionsKnown =
                            inner.choice("multi_region_writes", List.of("acknowledged"), word -> word);
                    inner.done();
                    return new Source.CosmosWriter(
                            late, requests.orElse(Source.Requests.POINT), regionsKnown.isPresent());
                });
        if (endpoint.isEmpty() || database.isEmpty()) {
            return Optional.empty();
        }
        String shown = endpoint.get().shown();
        if (!Source.Cosmos.isEndpoint(endpoint.get().text())) {
            problems.error(
                    endpoint.get().place(),
                    // A connection string has the account's key in it.
                    "'cosmos' must be the endpoint of an account"
                            + (shown.matches("[^;=@]*") ? ", not '%s'".formatted(shown) : ""),
                    "It looks like https://ACCOUNT.documents.azure.com:443/.");
            return Optional.empty();
        }
        return Optional.of(new Source.Cosmos(
                name,
                locations.address(endpoint.get()),
                database.get(),
                auth,
                regions,
                consistency.orElse(null),
                limit,
                write.orElse(null),
                place));
    }

    private Source.Auth auth(Fields from, Function<YamlNode.Scalar, Secret> reading) {
        List<String> ways = List.of("auth", "key", "connection_string").stream()
                .filter(from::has)
                .toList();
        if (ways.size() > 1) {
            problems.error(
                    from.keyPlace(ways.get(1)),
                    "%s signs in twice, by '%s' and by '%s'".formatted(from.what(), ways.get(0), ways.get(1)),
                    "Write one of them.");
        }
        from.choice("auth", List.of("default"), word -> word);
        Optional<Secret> key =
                from.scalar("key").filter(SourceReader::isReference).map(reading);
        Optional<Secret> connection = from.scalar("connection_string")
                .filter(SourceReader::isReference)
                .map(reading);
        Optional<Secret> clientId = from.scalar("client_id").map(reading);
        if (clientId.isPresent() && (key.isPresent() || connection.isPresent())) {
            problems.error(from.keyPlace("client_id"), "'client_id' goes with 'auth: default'");
        }
        if (connection.isPresent()) {
            return new Source.Auth.ConnectionString(connection.get());
        }
        return key.isPresent() ? new Source.Auth.AccountKey(key.get()) : new Source.Auth.Default(clientId.orElse(null));
    }

    private Optional<Source> files() {
        Optional<YamlNode.Scalar> root = fields.scalar("files");
        Source.Limit limit = limit("records_per_second");
        Optional<Map<String, Secret>> write = fields.mapping("write", "Write {} if who runs lastgood may write there.")
                .map(inner -> {
                    Map<String, Secret> settings = inner.mapping("hadoop")
                            .map(hadoop -> settings(hadoop, references::lateSecret))
                            .orElse(Map.of());
                    inner.done();
                    return settings;
                });
        return root.flatMap(locations::folder)
                .map(folder -> new Source.Files(name, folder, limit, write.orElse(null), place));
    }

    /** Settings for Hadoop. Secrets among them that are written out have been reported. */
    static Map<String, Secret> settings(Fields hadoop, Function<YamlNode.Scalar, Secret> reading) {
        Map<String, Secret> settings = new LinkedHashMap<>();
        for (YamlNode.Entry entry : hadoop.entries()) {
            String key = entry.key().text();
            hadoop.scalar(key).ifPresent(value -> settings.put(key, reading.apply(value)));
        }
        return settings;
    }

    private Source.Limit limit(String... keys) {
        Optional<Fields> limit = fields.mapping("limit", "Write {%s: 4}.".formatted(keys[0]));
        if (limit.isEmpty()) {
            return Source.Limit.NONE;
        }
        Map<String, Long> limits = new LinkedHashMap<>();
        for (String key : keys) {
            long most = key.equals("connections") ? 1000 : Long.MAX_VALUE;
            limit.get().integer(key, 1, most).ifPresent(number -> limits.put(key, number));
        }
        limit.get().done();
        Long connections = limits.get("connections");
        return new Source.Limit(
                connections == null ? null : connections.intValue(),
                limits.get("records_per_second"),
                limits.get("request_units_per_second"));
    }

    private Optional<Secret> secret(Fields from, String key) {
        return from.scalar(key).filter(SourceReader::isReference).map(references::secret);
    }

    private Optional<Secret> lateSecret(Fields from, String key) {
        return from.scalar(key).filter(SourceReader::isReference).map(references::lateSecret);
    }

    /** What is not has been reported. */
    static boolean isReference(YamlNode.Scalar scalar) {
        return References.isOne(scalar.text());
    }
}
