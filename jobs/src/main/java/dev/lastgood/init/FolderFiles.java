package dev.lastgood.init;

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

/** What lies in a folder on this machine: each file, and each folder of files of one format, is a dataset. */
public final class FolderFiles {
    private static final Map<String, String> FORMATS = Map.of(
            "csv", "csv", "jsonl", "json", "ndjson", "json", "json", "json", "parquet", "parquet", "orc", "orc", "avro",
            "avro");

    private FolderFiles() {}

    /** In the order of their names. What is of no format that can be read is left out. Opens no file. */
    public static List<Candidate> of(Path folder) {
        List<Candidate> candidates = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Path one : children(folder)) {
            format(one).ifPresent(format -> {
                String file = one.getFileName().toString();
                String plain = Files.isDirectory(one) ? file : file.replaceFirst("\\.[^.]*$", "");
                String name = DatabaseTables.name(plain);
                for (int again = 2; !names.add(name); again++) {
                    name = DatabaseTables.name(plain) + "_" + again;
                }
                Map<String, String> place = new LinkedHashMap<>();
                place.put("path", file);
                place.put("format", format);
                candidates.add(new Candidate(name, place, List.of(), "", Map.of(), null, null, List.of()));
            });
        }
        return candidates;
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

    /** Of a file by its name, of a folder that of all files in it. */
    private static Optional<String> format(Path path) {
        if (!Files.isDirectory(path)) {
            String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
            return Optional.ofNullable(FORMATS.get(name.substring(name.lastIndexOf('.') + 1)));
        }
        Set<Optional<String>> formats = new LinkedHashSet<>();
        children(path).forEach(child -> formats.add(format(child)));
        return formats.size() == 1 ? formats.iterator().next() : Optional.empty();
    }
}
