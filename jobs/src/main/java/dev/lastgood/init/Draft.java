package dev.lastgood.init;

import dev.lastgood.path.FieldPath;
import dev.lastgood.yaml.YamlText;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A commented workspace file, from what was found.
 *
 * @param source lines of the one source, without indentation
 * @param leftOut names of what lies there and is no dataset
 */
public record Draft(String workspace, List<String> source, List<Candidate> candidates, List<String> leftOut) {

    public Draft {
        source = List.copyOf(source);
        candidates = List.copyOf(candidates);
        leftOut = List.copyOf(leftOut);
    }

    /** Lines of a database as source, with references where the secrets are. */
    public static List<String> database(String url, @Nullable String user, @Nullable String password) {
        return List.of(
                "jdbc: " + YamlText.text(url),
                user == null ? "# user: ${env:NAME}" : "user: ${env:%s}".formatted(user),
                password == null ? "# password: ${env:NAME}" : "password: ${env:%s}".formatted(password),
                "# write: {user: ${env:NAME}, password: ${env:NAME}}   # another user; without it nothing is ever written");
    }

    /** Lines of a database of Cosmos DB as source, with a reference where the key is. */
    public static List<String> documents(String endpoint, String database, @Nullable String key) {
        return List.of(
                "cosmos: " + YamlText.text(endpoint),
                "database: " + YamlText.text(database),
                key == null ? "auth: default" : "key: ${env:%s}".formatted(key),
                "# limit: {request_units_per_second: 400}   # of what the account has, for this reader",
                "# write: {key: '${env:NAME}'}   # another key or identity; without it nothing is ever written");
    }

    /** Lines of a folder as source. */
    public static List<String> folder(String root) {
        return List.of("files: " + YamlText.text(root), "# write: {}   # without it nothing in it is ever changed");
    }

    /** The text of {@code lastgood.yaml}. */
    public String yaml() {
        return """
                # What is audited, where snapshots lie, and who may write. Read it before the first snapshot: keys above all.
                format: 1
                workspace: %s
                store: store                      # a folder, or abfss://, hdfs://: better on another machine than the data
                rules: [rules/*.yaml]

                sources:
                  main:
                %s
                datasets:
                %s
                # What 'status' calls late; it starts nothing.
                due: {snapshot: 24h, verify: {L2: 7d}}
                # What 'snapshot prune' keeps. Without it nothing is ever pruned.
                # retention: {keep_last: 3, daily: 14, weekly: 8, monthly: 12, minimum: 3}
                """.formatted(
                        YamlText.text(workspace),
                        source.stream().map(line -> "    " + line + "\n").collect(Collectors.joining()),
                        candidates.stream().map(Draft::yaml).collect(Collectors.joining("\n")));
    }

    private static String yaml(Candidate candidate) {
        StringBuilder text = new StringBuilder("  %s:\n    source: main\n".formatted(YamlText.text(candidate.name())));
        candidate.place().forEach((name, value) -> line(text, name + ": " + YamlText.text(value)));
        line(text, "key: [%s]   # %s".formatted(paths(candidate.key()), YamlText.comment(candidate.keyIsKnown())));
        String version = candidate.version();
        line(
                text,
                version == null
                        ? "# version: FIELD      # grows with every write: orders a record's states"
                        : "version: %s   # by its name: does it grow with every write?".formatted(path(version)));
        String changedAt = candidate.changedAt();
        line(
                text,
                changedAt == null
                        ? "# changed_at: FIELD   # when a record was last written: says since when something broke"
                        : "changed_at: %s   # %s"
                                .formatted(
                                        path(changedAt),
                                        candidate.place().containsKey("container")
                                                ? "the service sets it at every write"
                                                : "by its name: is it set by every write?"));
        if (!candidate.schema().isEmpty()) {
            line(
                    text,
                    "schema: {%s}   # all cells have this form"
                            .formatted(joined(candidate.schema(), name -> path(name))));
        }
        if (!candidate.personal().isEmpty()) {
            line(
                    text,
                    "mask: {%s}   # by their names: not shown in reports"
                            .formatted(candidate.personal().stream()
                                    .map(name -> path(name) + ": full")
                                    .collect(Collectors.joining(", "))));
        } else if (candidate.place().containsKey("container")) {
            line(text, "# mask: {FIELD: full}   # no document was read: which fields tell of a person?");
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String line) {
        text.append("    ").append(line).append('\n');
    }

    private static String joined(Map<String, String> values, java.util.function.UnaryOperator<String> name) {
        return values.entrySet().stream()
                .map(entry -> name.apply(entry.getKey()) + ": " + YamlText.inner(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String paths(List<String> paths) {
        return paths.stream().map(YamlText::inner).collect(Collectors.joining(", "));
    }

    private static String path(String name) {
        return YamlText.inner(FieldPath.of(name).toString());
    }

    /** The text of a first rule file, which says nothing yet. */
    public String rules() {
        Candidate first = candidates.get(0);
        String field =
                first.key().isEmpty() ? "FIELD" : YamlText.inner(first.key().get(0));
        return """
                # What must be true of the data. 'lastgood rules suggest --out rules/suggested.yaml' learns rules from a snapshot;
                # 'lastgood rules import FILE' takes them over from dbt, a data contract or DQDL.
                rules: []
                #  - id: %1$s-positive
                #    dataset: %1$s
                #    assert: %2$s > 0
                #    because: an example to write over
                #    tests:
                #      - {record: {%2$s: 1}, expect: pass}
                #      - {record: {%2$s: 0}, expect: fail}
                """.formatted(first.name(), field);
    }
}
