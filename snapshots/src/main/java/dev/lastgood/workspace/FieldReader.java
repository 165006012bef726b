package dev.lastgood.workspace;

import dev.lastgood.path.FieldPath;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads what a dataset says of single fields: how they are compared, and what is shown of them. */
final class FieldReader {

    private final Fields dataset;
    private final PathChecks checks;
    private final Problems problems;

    FieldReader(Fields dataset, PathChecks checks, Problems problems) {
        this.dataset = dataset;
        this.checks = checks;
        this.problems = problems;
    }

    /** {@code compare}: what counts as the same, by field. */
    Map<FieldPath, Sameness> compare() {
        Map<FieldPath, Sameness> compare = new LinkedHashMap<>();
        dataset.mapping("compare", "Write {total: {abs: 0.005}, tags: set}.").ifPresent(inner -> {
            for (YamlNode.Entry entry : inner.entries()) {
                Optional<FieldPath> path =
                        inner.path(entry.key(), "").filter(known -> checks.namesEveryElement(inner, known));
                Optional<Sameness> sameness = sameness(inner, entry);
                if (path.isPresent() && sameness.isPresent()) {
                    compare.put(path.get(), sameness.get());
                }
            }
            inner.places(dataset.place()).parts().forEach((part, at) -> dataset.place("compare " + part, at));
            dataset.addPlaces(inner);
        });
        return compare;
    }

    private Optional<Sameness> sameness(Fields compare, YamlNode.Entry entry) {
        String key = entry.key().text();
        if (!(entry.value() instanceof YamlNode.Mapping)) {
            return compare.choice(
                    key,
                    List.<Sameness>of(new Sameness.AsSet(), new Sameness.AsText()),
                    sameness -> sameness instanceof Sameness.AsSet ? "set" : "text");
        }
        Fields inner = compare.mapping(key).orElseThrow();
        var abs = inner.decimal("abs", null);
        var rel = inner.decimal("rel", BigDecimal.ONE);
        var within = inner.duration("within");
        List<FieldPath> keyed = inner.paths("keyed").stream()
                .filter(path -> checks.isPlain(inner, "keyed", path))
                .toList();
        List<String> words = inner.texts("ignoring");
        boolean near = inner.has("abs") || inner.has("rel");
        long ways = Stream.of(near, inner.has("within"), inner.has("keyed"), inner.has("ignoring"))
                .filter(has -> has)
                .count();
        if (!inner.done()) {
            return Optional.empty();
        }
        if (ways != 1) {
            problems.error(
                    compare.keyPlace(key),
                    ways == 0
                            ? "nothing says how '%s' is compared".formatted(key)
                            : "'%s' is compared in two ways".formatted(key),
                    "Write one of {abs: 0.01}, {rel: 0.001}, {within: 1s}, {keyed: [line_no]}, {ignoring: [case]}, set and text.");
            return Optional.empty();
        }
        if (near) {
            return Optional.of(new Sameness.Near(abs.orElse(null), rel.orElse(null)));
        }
        if (inner.has("within")) {
            return within.map(Sameness.Within::new);
        }
        if (inner.has("ignoring")) {
            return alike(inner, words);
        }
        return keyed.isEmpty() ? Optional.empty() : Optional.of(new Sameness.Keyed(keyed));
    }

    private Optional<Sameness> alike(Fields inner, List<String> words) {
        Set<Sameness.Ignored> ignored = EnumSet.noneOf(Sameness.Ignored.class);
        for (Sameness.Ignored one : Sameness.Ignored.values()) {
            if (words.contains(one.name().toLowerCase(Locale.ROOT))) {
                ignored.add(one);
            }
        }
        if (ignored.isEmpty() || ignored.size() < words.size()) {
            problems.error(
                    inner.keyPlace("ignoring"),
                    "'ignoring' names what two texts may differ in, each once",
                    "Write some of [case, blanks, unicode].");
            return Optional.empty();
        }
        return Optional.of(new Sameness.Alike(ignored));
    }

    /** {@code mask}: what people do not get to see, by field. */
    Map<FieldPath, Mask> mask() {
        Map<FieldPath, Mask> masks = new LinkedHashMap<>();
        dataset.mapping("mask", "Write {email: full, phone: {keep_last: 2}}.").ifPresent(inner -> {
            for (YamlNode.Entry entry : inner.entries()) {
                Optional<FieldPath> path =
                        inner.path(entry.key(), "").filter(known -> checks.namesEveryElement(inner, known));
                Optional<Mask> mask = mask(inner, entry);
                if (path.isPresent() && mask.isPresent()) {
                    masks.put(path.get(), mask.get());
                }
            }
            dataset.addPlaces(inner);
        });
        return masks;
    }

    private static Optional<Mask> mask(Fields masks, YamlNode.Entry entry) {
        String key = entry.key().text();
        if (!(entry.value() instanceof YamlNode.Mapping)) {
            return masks.choice(key, List.<Mask>of(new Mask.Full()), mask -> "full");
        }
        Fields inner = masks.mapping(key).orElseThrow();
        inner.require("keep_last");
        Optional<Long> characters = inner.integer("keep_last", 1, 100);
        inner.done();
        return characters.map(number -> new Mask.KeepLast(number.intValue()));
    }
}
