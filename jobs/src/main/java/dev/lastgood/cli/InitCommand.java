package dev.lastgood.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.init.Candidate;
import dev.lastgood.init.Draft;
import dev.lastgood.job.InitJob;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.rule.ExitCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The first workspace of a source. */
@Command(
        name = "init",
        description =
                "Writes a commented workspace for a source it is pointed at, with keys and what else it can tell.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Of a database it reads what the driver says of its tables, of Cosmos DB what the service says of containers, of files every record. It writes lastgood.yaml and "
                    + "rules/rules.yaml, for a person to read and change, and never over what is there."
        })
final class InitCommand extends LastgoodCommand {
    private static final int MOST_SHOWN = 20;

    @Option(names = "--jdbc", paramLabel = "URL", description = "a database: H2, PostgreSQL, MariaDB or another")
    @Nullable
    String jdbc;

    @Option(names = "--user", paramLabel = "VARIABLE", description = "environment variable with the user's name")
    @Nullable
    String user;

    @Option(names = "--password", paramLabel = "VARIABLE", description = "environment variable with the password")
    @Nullable
    String password;

    @Option(names = "--cosmos", paramLabel = "URL", description = "an account of Cosmos DB, of the NoSQL API")
    @Nullable
    String cosmos;

    @Option(names = "--database", paramLabel = "NAME", description = "with --cosmos: whose containers")
    @Nullable
    String database;

    @Option(
            names = "--key",
            paramLabel = "VARIABLE",
            description =
                    "with --cosmos: environment variable with the account's key (default: azure-identity's chain)")
    @Nullable
    String key;

    @Option(
            names = "--files",
            paramLabel = "FOLDER",
            description = "a folder of CSV, JSON Lines, Parquet, ORC, Avro, Delta or Iceberg")
    @Nullable
    Path files;

    @Option(names = "--name", paramLabel = "NAME", description = "of the workspace (default: that of its folder)")
    @Nullable
    String name;

    @Override
    int run(Console console) {
        Path folder = common.workspace.toAbsolutePath().normalize();
        long sources = Stream.of(jdbc, cosmos, files).filter(Objects::nonNull).count();
        if (sources != 1) {
            throw InvalidInput.of(
                    "say one of --jdbc, --cosmos and --files", "'lastgood init --help' has an example of each.");
        }
        if (jdbc == null && (user != null || password != null)) {
            throw InvalidInput.of("--user and --password go with --jdbc", "Leave them out.");
        }
        if (cosmos == null ? database != null || key != null : database == null) {
            throw InvalidInput.of(
                    "--cosmos and --database go together, and --key with them", "Name the database whose containers.");
        }
        InitJob job = new InitJob(folder, common.environment());
        String called = name == null ? named(folder) : name;
        console.working("looking");
        Draft draft = jdbc != null
                ? job.database(called, jdbc, user, password)
                : cosmos != null
                        ? job.documents(called, cosmos, Objects.requireNonNull(database), key)
                        : job.files(
                                called,
                                Objects.requireNonNull(files),
                                common.clock(),
                                "init",
                                common.master,
                                common.conf);
        tell(draft, folder, console);
        return ExitCode.PASS;
    }

    private static String named(Path folder) {
        Path last = folder.getFileName();
        String name = last == null
                ? ""
                : last.toString().replaceAll("[^A-Za-z0-9_-]+", "-").replaceAll("^-+", "");
        return name.isEmpty() ? "workspace" : name;
    }

    private static void tell(Draft draft, Path folder, Console console) {
        ObjectNode document = JsonNodeFactory.instance.objectNode().put("formatVersion", 1);
        document.put("workspace", folder.resolve("lastgood.yaml").toString());
        ArrayNode datasets = document.putArray("datasets");
        List<List<String>> rows = new ArrayList<>();
        for (Candidate one : draft.candidates()) {
            ArrayNode key = datasets.addObject().put("name", one.name()).putArray("key");
            one.key().forEach(key::add);
            rows.add(List.of(one.name(), String.join(", ", one.key()), one.keyIsKnown()));
        }
        console.table(List.of("dataset", "key", "because"), rows);
        ArrayNode leftOut = document.putArray("leftOut");
        draft.leftOut().forEach(leftOut::add);
        console.line("");
        if (!draft.leftOut().isEmpty()) {
            List<String> shown =
                    draft.leftOut().subList(0, Math.min(draft.leftOut().size(), MOST_SHOWN));
            console.line("left out %d, as of no format that can be read, or of several: %s%s"
                    .formatted(
                            draft.leftOut().size(),
                            String.join(", ", shown),
                            shown.size() < draft.leftOut().size() ? " …" : ""));
        }
        console.line("wrote " + folder.resolve("lastgood.yaml") + " and rules/rules.yaml: read them first");
        console.document(document);
        console.next("lastgood snapshot take, then lastgood rules suggest --out rules/suggested.yaml");
    }
}
