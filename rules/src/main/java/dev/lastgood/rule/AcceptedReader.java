package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the files of accepted violations that rules name by {@code accepted}, each once. */
final class AcceptedReader {

    private final Function<YamlNode.Scalar, Optional<SourceFile>> files;
    private final Problems problems;
    private final Map<SourceFile, List<Accepted>> read = new HashMap<>();

    /** @param files finds the file of that name; reports why not */
    AcceptedReader(Function<YamlNode.Scalar, Optional<SourceFile>> files, Problems problems) {
        this.files = files;
        this.problems = problems;
    }

    /** What the file of that name accepts; entries with problems are left out. */
    List<Accepted> named(YamlNode.Scalar name) {
        return files.apply(name)
                .map(file -> read.computeIfAbsent(file, this::accepted))
                .orElse(List.of());
    }

    private List<Accepted> accepted(SourceFile file) {
        return YamlReader.read(file, problems)
                .flatMap(root -> Fields.of(root, "a file of accepted violations", problems))
                .map(this::entries)
                .orElse(List.of());
    }

    private List<Accepted> entries(Fields top) {
        top.require("accepted");
        List<YamlNode> items = top.list("accepted");
        top.done();
        Map<Same, Accepted> entries = new LinkedHashMap<>();
        for (int i = 0; i < items.size(); i++) {
            Fields.of(items.get(i), "entry %d of 'accepted'".formatted(i + 1), problems)
                    .flatMap(this::entry)
                    .ifPresent(entry -> add(entry, entries));
        }
        return List.copyOf(entries.values());
    }

    /** What two entries must not have in common. */
    private record Same(Map<String, Literal> key, @Nullable FieldPath path) {}

    private void add(Accepted entry, Map<Same, Accepted> entries) {
        Accepted first = entries.putIfAbsent(new Same(entry.key(), entry.path()), entry);
        if (first != null) {
            problems.error(
                    entry.place(),
                    "this violation is accepted twice",
                    "It stands first at %s.".formatted(first.place()));
        }
    }

    private Optional<Accepted> entry(Fields entry) {
        entry.require("key", "reason", "until");
        Optional<Fields> named = entry.mapping("key", "Write the fields of the record's key: {id: 7}.");
        Optional<Map<String, Literal>> key = named.flatMap(fields -> KeyReader.read(fields, problems));
        Optional<FieldPath> path = entry.path("path");
        Optional<String> reason = entry.text("reason");
        Optional<LocalDate> until = entry.date("until");
        boolean sound = entry.done() && (!entry.has("path") || path.isPresent());
        if (!sound || key.isEmpty() || reason.isEmpty() || until.isEmpty()) {
            return Optional.empty();
        }
        Place place = named.map(Fields::place).orElse(entry.place());
        return Optional.of(new Accepted(key.get(), path.orElse(null), reason.get(), until.get(), place));
    }
}
