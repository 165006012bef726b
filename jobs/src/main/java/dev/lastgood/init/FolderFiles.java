package dev.lastgood.init;

import dev.lastgood.problem.InvalidInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What lies in a folder on this machine: each file, each folder of files of one format, and each table of Delta or Iceberg
 * is a dataset.
 *
 * @param candidates in the order of their names
 * @param leftOut names of what is of no format that can be read, or of several
 */
public record FolderFiles(List<Candidate> candidates, List<String> leftOut) {
    private static final Map<String, String> FORMATS = Map.of(
            "csv", "csv", "jsonl", "json", "ndjson", "json", "json", "json", "parquet", "parquet", "orc", "orc", "avro",
            "avro");

    public FolderFiles {
        candidates = List.copyOf(candidates);
        leftOut = List.copyOf(leftOut);
    }

    /** Opens no file. Throws {@link InvalidInput} for a folder that is a table itself. */
    public static FolderFiles of(Path folder) {
        if (table(folder).isPresent()) {
            throw InvalidInput.of("%s is a table itself".formatted(folder), "Name the folder that it lies in.");
        }
        List<Candidate> candidates = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Path one : children(folder)) {
            String file = one.getFileName().toString();
            Optional<String> format = table(one).or(() -> format(one, Set.of()));
            if (format.isEmpty()) {
                leftOut.add(file);
                continue;
            }
            String plain = Files.isDirectory(one) ? file : file.replaceFirst("\\.[^.]*$", "");
            String name = DatabaseTables.name(plain);
            for (int again = 2; !names.add(name); again++) {
                name = DatabaseTables.name(plain) + "_" + again;
            }
            Map<String, String> place = new LinkedHashMap<>();
            place.put("path", file);
            place.put("format", format.get());
            candidates.add(new Candidate(name, place, List.of(), "", Map.of(), null, null, List.of()));
        }
        return new FolderFiles(candidates, leftOut);
    }

    /** The format of a folder that is a table: its files alone would show records that were removed long ago. */
    private static Optional<String> table(Path folder) {
        if (Files.isDirectory(folder.resolve("_delta_log"))) {
            return Optional.of("delta");
        }
        Path metadata = folder.resolve("metadata");
        return Files.isDirectory(metadata)
                        && children(metadata).stream()
                                .anyMatch(file -> file.getFileName().toString().endsWith(".metadata.json"))
                ? Optional.of("iceberg")
                : Optional.empty();
    }

    /** Whether it is a table that is more than its files. */
    public static boolean isTable(Candidate candidate) {
        return Set.of("delta", "iceberg").contains(candidate.place().getOrDefault("format", ""));
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(path -> !path.getFileName().toString().matches("[._].*"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("could not look into " + folder, e);
        }
    }

    /**
     * Of a file by its name, of a folder that of all files in it; of none if a table lies in it, or a link leads around.
     *
     * @param around the folders it lies in
     */
    private static Optional<String> format(Path path, Set<Path> around) {
        if (!Files.isDirectory(path)) {
            String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
            return Optional.ofNullable(FORMATS.get(name.substring(name.lastIndexOf('.') + 1)));
        }
        Path real = real(path);
        if (around.contains(real) || table(path).isPresent()) {
            return Optional.empty();
        }
        Set<Path> here = new LinkedHashSet<>(around);
        here.add(real);
        Set<Optional<String>> formats = new LinkedHashSet<>();
        children(path).forEach(child -> formats.add(format(child, here)));
        return formats.size() == 1 ? formats.iterator().next() : Optional.empty();
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException("could not look into " + path, e);
        }
    }
}
