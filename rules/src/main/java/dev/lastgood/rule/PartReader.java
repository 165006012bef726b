package dev.lastgood.rule;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.Step;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads what constraints are made of: SQL, field paths, names, and keys that stand inside a constraint or beside it. */
final class PartReader {

    private static final Pattern SQL_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");

    private final Fields rule;
    private final Problems problems;

    /** @param rule the rule as a whole, which keeps the places of its parts */
    PartReader(Fields rule, Problems problems) {
        this.rule = rule;
        this.problems = problems;
    }

    static Optional<Sql> sql(Fields from, String key) {
        return from.scalar(key).map(scalar -> new Sql(scalar.text(), scalar.place()));
    }

    /** A path to one value of a record. */
    Optional<FieldPath> plainPath(Fields from, String key) {
        return from.path(key).filter(path -> isPlain(from, key, path, ""));
    }

    /** A list of paths that lead to one value of a record each; at least one. */
    Optional<List<FieldPath>> plainPaths(Fields from, String key, String prefix) {
        List<FieldPath> paths = from.paths(key, prefix);
        refuseEmpty(from, key);
        boolean plain = true;
        for (FieldPath path : paths) {
            plain &= isPlain(from, key, path, prefix);
        }
        return paths.isEmpty() || !plain ? Optional.empty() : Optional.of(paths);
    }

    /** A list of paths that may lead to every element of an array, but not to a single one. */
    List<FieldPath> paths(Fields from, String key) {
        List<FieldPath> paths = from.paths(key);
        paths.forEach(path -> refuseSingleElements(from, path));
        return paths;
    }

    void refuseEmpty(Fields from, String key) {
        if (from.node(key).orElse(null) instanceof YamlNode.Sequence list
                && list.items().isEmpty()) {
            problems.error(from.keyPlace(key), "'%s' names no field".formatted(key));
        }
    }

    private boolean isPlain(Fields from, String key, FieldPath path, String prefix) {
        if (path.isPlain()) {
            return true;
        }
        problems.error(
                from.placeOf(prefix + path),
                "'%s' must name one value of a record, not '%s'".formatted(key, path),
                "Brackets lead into an array; without them it is the array as a whole.");
        return false;
    }

    /** Whether the path names a single element of an array, as findings and plans do; it is then reported. */
    boolean refuseSingleElements(Fields from, FieldPath path) {
        if (path.steps().stream().noneMatch(step -> step instanceof Step.Index || step instanceof Step.Keyed)) {
            return false;
        }
        problems.error(
                from.placeOf(path),
                "'%s' names one element; a rule names every element".formatted(path),
                "Write [] without a number or key.");
        return true;
    }

    /** The key of another dataset; its place is remembered under the part's name, and under the dataset's. */
    Optional<String> dataset(Fields from, String key, String part) {
        Optional<YamlNode.Scalar> dataset = from.scalar(key);
        dataset.ifPresent(name -> {
            rule.place(part, name.place());
            rule.place("dataset " + name.text(), name.place());
        });
        return dataset.map(YamlNode.Scalar::text);
    }

    /** One of the choices, written inside a constraint or beside it, but not both. */
    <E> Optional<E> insideOrBeside(
            Fields inner, String keyword, String key, List<E> choices, Function<E, String> written) {
        Optional<E> inside = inner.choice(key, choices, written);
        refuseTwice(inner, keyword, key);
        return inside.isPresent() ? inside : rule.choice(key, choices, written);
    }

    /** Reports a key that stands both inside a constraint and beside it. */
    void refuseTwice(Fields inner, String keyword, String key) {
        if (inner.has(key) && rule.has(key)) {
            problems.error(rule.keyPlace(key), "'%s' stands inside '%s' and beside it".formatted(key, keyword));
        }
    }

    /** Whether one of two keys is there; reported if not. */
    static boolean requireEither(Fields inner, String one, String other, Problems problems) {
        if (inner.has(one) || inner.has(other)) {
            return true;
        }
        problems.error(inner.place(), "%s has neither '%s' nor '%s'".formatted(inner.what(), one, other));
        return false;
    }

    /** Whether the texts can be names in SQL, and different ones; reported if not. */
    boolean areNames(List<YamlNode.Scalar> names) {
        List<YamlNode.Scalar> sound = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (YamlNode.Scalar name : names) {
            if (!SQL_NAME.matcher(name.text()).matches()) {
                problems.error(
                        name.place(),
                        "'%s' cannot be a name in SQL".formatted(name.shown()),
                        "It has letters, digits and '_', does not begin with a digit, and has at most 100 characters.");
            } else if (!taken.add(name.text().toLowerCase(Locale.ROOT))) {
                problems.error(
                        name.place(),
                        "the name '%s' is taken".formatted(name.text()),
                        "SQL does not tell upper from lower case.");
            } else {
                sound.add(name);
            }
        }
        return sound.size() == names.size();
    }

    /** Reports a lower bound above its upper bound. */
    void refuseReverse(Fields from, String least, String most, Optional<BigDecimal> min, Optional<BigDecimal> max) {
        if (min.isPresent() && max.isPresent() && min.get().compareTo(max.get()) > 0) {
            problems.error(from.keyPlace(least), "'%s' is greater than '%s'".formatted(least, most));
        }
    }

    /** Whether two lists whose items go together are equally long; reported if not. */
    boolean areAsMany(Fields from, String key, String other, int one, int two) {
        if (one == two) {
            return true;
        }
        problems.error(
                from.keyPlace(key),
                "'%s' and '%s' differ in number: %d and %d".formatted(other, key, one, two),
                "They go together, first with first.");
        return false;
    }
}
