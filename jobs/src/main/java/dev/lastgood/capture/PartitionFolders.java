package dev.lastgood.capture;

import dev.lastgood.problem.InvalidInput;
import dev.lastgood.problem.Suggestions;
import dev.lastgood.snapshot.FileEntry;
import dev.lastgood.snapshot.Manifest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Fields whose values stand in the names of folders, {@code day=2026-11-20/}, between a root and its files. */
final class PartitionFolders {
    private PartitionFolders() {}

    /**
     * The names of the fields in the order of the folders, which is the same for all files; none if no folder has a value.
     *
     * @param root without a slash at its end
     * @throws InvalidInput if files lie in folders of different fields
     */
    static List<String> names(String root, Collection<String> files) {
        List<String> first = null;
        String of = "";
        for (String file : files) {
            List<String> names = names(root, file);
            if (first == null) {
                first = names;
                of = file;
            } else if (!first.equals(names)) {
                throw InvalidInput.of(
                        "files lie in folders of different fields: %s in %s and %s in %s"
                                .formatted(first, of, names, file),
                        "Adopt each part by itself, or bring the folders into one form.");
            }
        }
        List<String> names = first == null ? List.of() : first;
        names.stream().filter(name -> name.contains("%")).findFirst().ifPresent(name -> {
            throw InvalidInput.of(
                    "the name of a field in folders below %s is not plain: '%s'".formatted(root, name),
                    "Rename the folders.");
        });
        return names;
    }

    private static List<String> names(String root, String file) {
        List<String> names = new ArrayList<>();
        List<String> plain = new ArrayList<>();
        for (String folder : folders(root, file)) {
            int sign = folder.indexOf('=');
            (sign > 0 ? names : plain).add(sign > 0 ? folder.substring(0, sign) : folder);
        }
        if (!names.isEmpty() && !plain.isEmpty()) {
            throw InvalidInput.of(
                    "%s lies in folders with and without a value: %s has none".formatted(file, plain),
                    "Name the folder below which every folder is named like field=value.");
        }
        return names;
    }

    private static List<String> folders(String root, String file) {
        if (!file.startsWith(root + "/")) {
            return List.of();
        }
        List<String> path = List.of(file.substring(root.length() + 1).split("/"));
        return path.subList(0, path.size() - 1);
    }

    /** Throws {@link InvalidInput} for a declared field that stands in no folder. */
    static void requireDeclared(String root, List<String> names, Map<String, String> types) {
        for (String name : types.keySet()) {
            if (!names.contains(name)) {
                throw InvalidInput.of(
                        "no folder below %s is named '%s=…'".formatted(root, name),
                        Suggestions.nearest(name, names)
                                        .map("Did you mean '%s'? "::formatted)
                                        .orElse("")
                                + (names.isEmpty()
                                        ? "No folder has a value in its name."
                                        : "The fields in folders are %s.".formatted(String.join(", ", names))));
            }
        }
    }

    /** What lies in each folder; none if no folder has a value in its name. */
    static List<Manifest.Partition> of(String root, List<FileEntry> files) {
        SortedMap<String, Manifest.Partition> partitions = new TreeMap<>();
        for (FileEntry file : files) {
            String path = String.join("/", folders(root, file.path()));
            if (!path.contains("=")) {
                return List.of();
            }
            partitions.merge(
                    path,
                    new Manifest.Partition(path, 1, Objects.requireNonNull(file.records())),
                    (one, other) ->
                            new Manifest.Partition(path, one.files() + other.files(), one.records() + other.records()));
        }
        return List.copyOf(partitions.values());
    }
}
