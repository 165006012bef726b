package dev.lastgood.imports;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the file does not say.
 *
 * @param dataset what a file is about that names no dataset, as those of {@link Format#DQDL}; null if nobody said
 * @param datasets the workspace's names of datasets by the names in the file; a name that is missing here stays as it is
 */
public record Options(@Nullable String dataset, Map<String, String> datasets) {

    public static final Options NONE = new Options(null, Map.of());

    public Options {
        datasets = Map.copyOf(datasets);
    }

    /** For a file that is about one dataset and does not name it. */
    public static Options about(String dataset) {
        return new Options(dataset, Map.of());
    }

    /** What the workspace calls a dataset of the file. */
    String renamed(String name) {
        return datasets.getOrDefault(name, name);
    }
}
