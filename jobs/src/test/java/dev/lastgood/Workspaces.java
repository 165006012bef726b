package dev.lastgood;

import dev.lastgood.problem.Problems;
import dev.lastgood.workspace.DatasetSpec;
import dev.lastgood.workspace.Workspace;
import dev.lastgood.workspace.WorkspaceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Workspaces of tests, from what a person would write. */
public final class Workspaces {
    private Workspaces() {}

    /** The workspace of a file {@code lastgood.yaml} with that text in the folder. */
    public static Workspace in(Path folder, String yaml) {
        try {
            Files.createDirectories(folder);
            Path file = Files.writeString(folder.resolve(WorkspaceReader.FILE_NAME), yaml);
            Problems problems = new Problems();
            Workspace workspace = WorkspaceReader.read(file, Map.of(), problems).orElse(null);
            problems.throwIfErrors();
            if (workspace == null) {
                throw new IllegalStateException("no workspace, and no problem either");
            }
            return workspace;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A dataset of files that are never read, with these further lines of its declaration. */
    public static DatasetSpec dataset(Path folder, String... lines) {
        String yaml = """
            format: 1
            workspace: test
            store: store
            sources:
              here: {files: .}
            datasets:
              things:
                source: here
                path: things
                format: parquet
            """;
        Workspace workspace = in(folder, yaml + "    " + String.join("\n    ", lines) + "\n");
        return workspace.dataset("things").orElseThrow();
    }
}
