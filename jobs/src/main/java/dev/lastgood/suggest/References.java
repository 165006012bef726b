package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.yaml.YamlText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;

/**
 * Fields that name records of other datasets, by their names and types: small numbers are in each other's range by chance,
 * so values alone prove nothing. The audit counts those that are missing. Pure.
 */
final class References {
    /** Names that any dataset may have for what is its own. */
    private static final Set<String> COMMON =
            Set.of("id", "key", "code", "name", "no", "nr", "number", "uuid", "guid", "index");

    private References() {}

    /**
     * @param profiles by dataset, all that may refer to each other
     * @param unique fields of a dataset by which its records can be named, beside its key
     */
    static List<Suggestion> of(Map<String, Profile> profiles, Map<String, List<Field>> unique) {
        List<Suggestion> all = new ArrayList<>();
        for (Profile child : profiles.values()) {
            for (Profile parent : profiles.values()) {
                List<Field> key = declared(parent);
                Stream<List<Field>> keys = Stream.concat(
                        Stream.of(key).filter(fields -> !fields.isEmpty()),
                        unique.getOrDefault(parent.name(), List.of()).stream()
                                .map(List::of)
                                .filter(fields -> !fields.equals(key)));
                keys.forEach(to -> all.addAll(from(child, parent, to)));
            }
        }
        return all;
    }

    private static List<Field> declared(Profile profile) {
        List<Field> key = profile.fields().stream()
                .map(FieldProfile::field)
                .filter(profile::isOfKey)
                .sorted(Comparator.comparing(field -> profile.dataset().key().indexOf(field.path())))
                .toList();
        return key.size() == profile.dataset().key().size() ? key : List.of();
    }

    private static List<Suggestion> from(Profile child, Profile parent, List<Field> key) {
        List<Suggestion> found = new ArrayList<>();
        Field last = key.get(key.size() - 1);
        for (FieldProfile values : child.fields()) {
            Field field = values.field();
            boolean enough = values.values() >= Evidence.ENOUGH && values.distinct() > 1;
            if (!enough || !names(field, last, parent) || isOwnKey(child, field, parent)) {
                continue;
            }
            List<Field> fields = new ArrayList<>();
            for (Field part : key.subList(0, key.size() - 1)) {
                beside(child, field, part, parent).ifPresent(fields::add);
            }
            fields.add(field);
            boolean itself = child.name().equals(parent.name()) && fields.equals(key);
            if (fields.size() == key.size() && !itself) {
                found.add(suggestion(values, fields, parent, key));
            }
        }
        return found;
    }

    /** What names another part of a key stands in the same element or in the record. */
    private static Optional<Field> beside(Profile child, Field field, Field part, Profile parent) {
        return child.fields().stream()
                .map(FieldProfile::field)
                .filter(other -> other.of().equals(field.of()) || other.of().isRecords())
                .filter(other -> !other.equals(field) && isLike(other, part))
                .filter(other -> other.words().equals(part.words()) || names(other, part, parent))
                .findFirst();
    }

    private static boolean isLike(Field one, Field other) {
        return one.kind() == other.kind()
                || (one.kind().isNumber() && other.kind().isNumber());
    }

    private static boolean names(Field field, Field part, Profile parent) {
        if (field.equals(part) || !isLike(field, part)) {
            return false;
        }
        List<String> stem = stem(parent.name());
        List<String> words = field.words();
        boolean whole = field.of().plain() && !field.of().isRecords();
        List<String> named = whole ? array(field) : words;
        List<String> full = new ArrayList<>(stem);
        full.addAll(part.words());
        boolean common =
                part.words().size() == 1 && COMMON.contains(part.words().get(0));
        return endsWith(named, full)
                || (common && (named.equals(stem) || (whole && named.equals(words(parent.name())))))
                || (!common
                        && named.equals(part.words())
                        && !field.of().dataset().equals(parent.name()));
    }

    private static List<String> array(Field field) {
        return new Field(
                        field.of(),
                        field.of().elements().orElseThrow().parent().orElseThrow(),
                        field.type(),
                        field.kind())
                .words();
    }

    private static boolean endsWith(List<String> words, List<String> end) {
        return words.size() >= end.size()
                && words.subList(words.size() - end.size(), words.size()).equals(end);
    }

    /** A record that is named by its own key and shares the name of it with others says nothing of who depends on whom. */
    private static boolean isOwnKey(Profile child, Field field, Profile parent) {
        boolean own = child.dataset().key().equals(List.of(field.path()));
        return own && !endsWith(field.words().subList(0, field.words().size() - 1), stem(parent.name()));
    }

    private static List<String> words(String name) {
        return new Field(Subject.records(name), FieldPath.of(name), DataTypes.StringType, Field.Kind.TEXT).words();
    }

    /** The words of a dataset's name, for one of its records: {@code order_lines} are {@code order_line}s. */
    static List<String> stem(String dataset) {
        List<String> words = new ArrayList<>(words(dataset));
        int last = words.size() - 1;
        if (last >= 0) {
            words.set(last, one(words.get(last)));
        }
        return words;
    }

    private static String one(String many) {
        if (many.endsWith("ies") && many.length() > 4) {
            return many.substring(0, many.length() - 3) + "y";
        }
        if (many.matches(".*(ss|x|ch|sh)es")) {
            return many.substring(0, many.length() - 2);
        }
        return many.endsWith("s") && !many.endsWith("ss") ? many.substring(0, many.length() - 1) : many;
    }

    private static Suggestion suggestion(FieldProfile values, List<Field> fields, Profile parent, List<Field> key) {
        List<FieldPath> from = fields.stream().map(Field::whole).toList();
        List<FieldPath> to = key.stream().map(Field::path).toList();
        List<String> words =
                new ArrayList<>(from.stream().map(FieldPath::toString).toList());
        words.add(parent.name());
        return Suggestion.of(
                values.field().of().dataset(),
                words,
                "exists",
                new LinkedHashMap<>(Map.of(
                        "reference",
                        "{fields: %s, to: %s, key: %s}"
                                .formatted(Suggestion.flow(from), YamlText.inner(parent.name()), Suggestion.flow(to)))),
                new Evidence(
                        "About %,d different values, all of them there in %s"
                                .formatted(values.distinct(), parent.name()),
                        values.values(),
                        values.field().of().things()));
    }
}
