package dev.lastgood.job;

import dev.lastgood.init.Candidate;
import dev.lastgood.init.Containers;
import dev.lastgood.init.DatabaseTables;
import dev.lastgood.init.Draft;
import dev.lastgood.init.FolderFiles;
import dev.lastgood.init.Learner;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the first workspace of a source. What is there already is never touched, and nothing is left of one that fails. */
public final class InitJob {
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String NAMES =
            "--user, --password and --key take names of variables, so that no secret is on the command line or in the file.";

    private final Path folder;
    private final Map<String, String> env;

    /** @param folder of the workspace to be; made if it is not there */
    public InitJob(Path folder, Map<String, String> env) {
        this.folder = folder;
        this.env = env;
    }

    /**
     * A workspace of all tables of a database.
     *
     * @param user variable of the environment that holds it; null if the driver finds it out
     * @param password likewise
     */
    public Draft database(String name, String url, @Nullable String user, @Nullable String password) {
        requireNew();
        List<Candidate> tables = DatabaseTables.of(url, held(user), held(password));
        return written(new Draft(
                name, Draft.database(url, user, password), some(tables, "the database has no table"), List.of()));
    }

    /**
     * A workspace of all containers of a database of Cosmos DB.
     *
     * @param key variable of the environment that holds the account's; null: azure-identity's default chain
     */
    public Draft documents(String name, String endpoint, String database, @Nullable String key) {
        requireNew();
        List<Candidate> containers = Containers.of(endpoint, database, stripped(held(key)));
        return written(new Draft(
                name,
                Draft.documents(endpoint, database, key),
                some(containers, "the database has no container"),
                List.of()));
    }

    /** A workspace of all files of a folder, which are read to find what tells their records apart. */
    public Draft files(String name, Path data, Clock clock, String by, String master, Map<String, String> conf) {
        requireNew();
        if (!Files.isDirectory(data)) {
            throw InvalidInput.of("%s is no folder".formatted(data), "Name the folder that holds the files.");
        }
        FolderFiles found = FolderFiles.of(data);
        List<Candidate> files = some(found.candidates(), "%s holds no file that can be read".formatted(data));
        List<String> source = Draft.folder(root(data));
        List<Candidate> learned = new ArrayList<>();
        Path aside = temporary();
        try {
            // The files are read as the workspace will read them, from a draft of it without keys.
            List<String> absolute =
                    Draft.folder(data.toAbsolutePath().normalize().toString());
            Workspace draft = parsed(new Draft(name, absolute, files, found.leftOut()), aside);
            Workplace workplace = new Workplace(draft, clock, by, master, conf);
            for (Candidate candidate : files) {
                DatasetSpec dataset = draft.dataset(candidate.name()).orElseThrow();
                learned.add(learned(candidate, dataset, workplace));
            }
        } finally {
            delete(aside);
        }
        return written(new Draft(name, source, learned, found.leftOut()));
    }

    /** A table whose reader is not there is a dataset all the same: its key is for a person to name. */
    private static Candidate learned(Candidate candidate, DatasetSpec dataset, Workplace workplace) {
        try {
            return Learner.learned(candidate, workplace.sources().live(dataset));
        } catch (InvalidInput e) {
            if (!FolderFiles.isTable(candidate)) {
                throw e;
            }
            return candidate.unread(e.problems().get(0).message());
        }
    }

    /** Relative to the workspace where that is shorter: then both can move together. */
    private String root(Path data) {
        Path from = folder.toAbsolutePath().normalize();
        Path to = data.toAbsolutePath().normalize();
        return !to.startsWith(from)
                ? to.toString()
                : to.equals(from) ? "." : from.relativize(to).toString();
    }

    private static List<Candidate> some(List<Candidate> candidates, String none) {
        if (candidates.isEmpty()) {
            throw InvalidInput.of(none, "Point at another one; this user may not see all there is.");
        }
        return candidates;
    }

    private static @Nullable String stripped(@Nullable String key) {
        return key == null ? null : key.strip();
    }

    private @Nullable String held(@Nullable String variable) {
        if (variable == null) {
            return null;
        }
        if (!VARIABLE.matcher(variable).matches()) {
            // It is not shown: it may be the secret itself.
            throw InvalidInput.of("what --user, --password or --key says is no name of an environment variable", NAMES);
        }
        String value = env.get(variable);
        if (value == null) {
            throw InvalidInput.of("environment variable '%s' is not set".formatted(variable), NAMES);
        }
        return value;
    }

    private void requireNew() {
        Path file = folder.resolve(WorkspaceReader.FILE_NAME);
        if (Files.exists(file)) {
            throw InvalidInput.of(
                    "%s is there already".formatted(file), "Edit that one, or name another folder with -w.");
        }
    }

    private Draft written(Draft draft) {
        Path aside = temporary();
        try {
            parsed(draft, aside);
        } finally {
            delete(aside);
        }
        try {
            Files.createDirectories(folder.resolve("rules"));
            Path rules = folder.resolve("rules/rules.yaml");
            if (!Files.exists(rules)) {
                Files.writeString(rules, draft.rules());
            }
            Files.writeString(folder.resolve(WorkspaceReader.FILE_NAME), draft.yaml());
        } catch (IOException e) {
            throw InvalidInput.of("%s cannot be written to".formatted(folder), "Name another folder with -w.");
        }
        return draft;
    }

    /** What a person gets to read is read here first. */
    private Workspace parsed(Draft draft, Path aside) {
        try {
            Files.createDirectories(aside.resolve("rules"));
            Files.writeString(aside.resolve("rules/rules.yaml"), draft.rules());
            return Workplace.read(Files.writeString(aside.resolve(WorkspaceReader.FILE_NAME), draft.yaml()), env);
        } catch (IOException e) {
            throw new UncheckedIOException("could not write to " + aside, e);
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("lastgood-init");
        } catch (IOException e) {
            throw new UncheckedIOException("could not make a folder for temporary files", e);
        }
    }

    private static void delete(Path aside) {
        try (Stream<Path> all = Files.walk(aside)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not remove " + aside, e);
        }
    }
}
