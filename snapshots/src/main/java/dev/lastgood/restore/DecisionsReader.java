package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Literal;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.SourceFile;
import dev.lastgood.rule.KeyReader;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import dev.lastgood.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a file of decisions about conflicts. */
public final class DecisionsReader {
    private DecisionsReader() {}

    /**
     * A decision as it is written: its key is that of a dataset of which it is not yet known what a key is.
     *
     * @param key by field; null: of any record
     */
    public record Written(
            Conflict.Type type,
            @Nullable String dataset,
            @Nullable Map<String, Literal> key,
            @Nullable FieldPath path,
            Decision.Take take,
            String by,
            String why,
            Place place) {}

    /** What stands in the file; entries with problems are left out. */
    public static List<Written> read(SourceFile file, Problems problems) {
        return YamlReader.read(file, problems)
                .flatMap(root -> Fields.of(root, "a file of decisions", problems))
                .map(top -> entries(top, problems))
                .orElse(List.of());
    }

    private static List<Written> entries(Fields top, Problems problems) {
        top.require("format", "by", "decisions");
        top.integer("format", 1, 1);
        Optional<String> by = top.text("by");
        List<YamlNode> items = top.list("decisions");
        top.done();
        List<Written> entries = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Fields.of(items.get(i), "entry %d of 'decisions'".formatted(i + 1), problems)
                    .flatMap(entry -> entry(entry, by.orElse(""), problems))
                    .ifPresent(entries::add);
        }
        return List.copyOf(entries);
    }

    private static Optional<Written> entry(Fields entry, String by, Problems problems) {
        entry.require("conflict", "take", "why");
        Optional<Conflict.Type> type = entry.choice("conflict", List.of(Conflict.Type.values()), Conflict.Type::name);
        Optional<String> dataset = entry.text("dataset");
        Optional<Map<String, Literal>> key = entry.mapping("key", "Write the fields of the record's key: {id: 7}.")
                .flatMap(fields -> KeyReader.read(fields, problems));
        Optional<FieldPath> path = entry.path("field");
        Optional<Decision.Take> take = entry.choice("take", Decision.Take.class);
        Optional<String> why = entry.text("why");
        boolean sound =
                entry.done() && (!entry.has("key") || key.isPresent()) && (!entry.has("field") || path.isPresent());
        if (key.isPresent() && dataset.isEmpty() && sound) {
            problems.error(
                    entry.keyPlace("key"),
                    "a key without its dataset names no record",
                    "Say which 'dataset' it is of.");
            return Optional.empty();
        }
        if (!sound || type.isEmpty() || take.isEmpty() || why.isEmpty()) {
            return Optional.empty();
        }
        if (take.get() == Decision.Take.GOOD && !Decision.isForGood(type.get())) {
            problems.error(
                    entry.keyPlace("take"),
                    "%s cannot be decided for the good image: %s"
                            .formatted(type.get(), type.get().meaning()),
                    "Write 'live' to leave what is there.");
            return Optional.empty();
        }
        return Optional.of(new Written(
                type.get(),
                dataset.orElse(null),
                key.orElse(null),
                path.orElse(null),
                take.get(),
                by,
                why.get(),
                entry.place()));
    }
}
