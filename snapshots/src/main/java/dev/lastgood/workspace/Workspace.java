package dev.lastgood.workspace;

import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.RuleSet;
import dev.lastgood.snapshot.Retention;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A folder with {@code lastgood.yaml}, as read and checked. Nothing has been connected to. Maps keep the order written.
 *
 * @param name part of every target identity
 * @param folder where the file lies; absolute
 * @param store URI, or absolute path on this machine
 * @param hadoop handed to Hadoop as they stand
 * @param rules of every rule file
 * @param retention null: nothing is ever pruned
 * @param signing null: nothing is signed
 * @param file the workspace file itself
 */
public record Workspace(
        String name,
        Path folder,
        String store,
        Map<String, Secret> hadoop,
        Map<String, Source> sources,
        Map<String, DatasetSpec> datasets,
        RuleSet rules,
        @Nullable Retention retention,
        Due due,
        @Nullable Signing signing,
        Approval approval,
        SourceFile file) {

    public Workspace {
        hadoop = ordered(hadoop);
        sources = ordered(sources);
        datasets = ordered(datasets);
    }

    /**
     * Reads the file and all it names.
     *
     * @throws dev.lastgood.problem.InvalidInput with every problem, if there is an error
     */
    public static Workspace read(Path file, Map<String, String> env) {
        var problems = new Problems();
        Optional<Workspace> workspace = WorkspaceReader.read(file, env, problems);
        problems.throwIfErrors();
        return workspace.orElseThrow(() -> new IllegalStateException("neither a workspace nor a problem: " + file));
    }

    public Optional<DatasetSpec> dataset(String dataset) {
        return Optional.ofNullable(datasets.get(dataset));
    }

    /** The source a dataset of this workspace names. */
    public Source source(DatasetSpec dataset) {
        Source source = sources.get(dataset.source());
        if (source == null) {
            throw new IllegalStateException("dataset %s of an unchecked workspace".formatted(dataset.name()));
        }
        return source;
    }

    public List<String> datasetNames() {
        return List.copyOf(datasets.keySet());
    }

    static <K, V> Map<K, V> ordered(Map<K, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
