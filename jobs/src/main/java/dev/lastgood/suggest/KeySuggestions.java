package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Suggestions that no two records are alike in a field or two. Pure; the audit counts. */
final class KeySuggestions {
    /** More pairs of fields are chance, or follow from the first ones. */
    private static final int MOST_PAIRS = 3;

    /** An estimate may be so much below the truth. */
    private static final double NEARLY = 0.9;

    private KeySuggestions() {}

    static List<Suggestion> of(Profile profile) {
        List<Suggestion> all = new ArrayList<>();
        List<FieldPath> declared = profile.dataset().key();
        boolean plain = !declared.isEmpty() && declared.stream().allMatch(FieldPath::isPlain);
        if (plain && profile.records() >= Evidence.ENOUGH) {
            all.add(unique(profile, declared, profile.records(), "The key of the dataset"));
        }
        for (Field field : alone(profile)) {
            if (!declared.equals(List.of(field.path()))) {
                all.add(unique(
                        profile, List.of(field.path()), values(profile, field).values(), "No value occurs twice"));
            }
        }
        all.addAll(pairs(profile));
        return all;
    }

    /** Fields by one of which records can be told apart, as far as a sample says. */
    static List<Field> alone(Profile profile) {
        return profile.fields().stream()
                .filter(values -> values.field().of().isRecords()
                        && values.values() >= Evidence.ENOUGH
                        && isManifold(values)
                        && names(profile, values.field()))
                .map(FieldProfile::field)
                .filter(field -> isUnique(profile, List.of(field)))
                .toList();
    }

    private static boolean isManifold(FieldProfile values) {
        return values.distinct() >= NEARLY * values.values();
    }

    private static FieldProfile values(Profile profile, Field field) {
        return profile.fields().stream()
                .filter(values -> values.field().equals(field))
                .findFirst()
                .orElseThrow();
    }

    /** Amounts, times and names of things may be different by chance. */
    private static boolean names(Profile profile, Field field) {
        return switch (field.kind()) {
            case WHOLE -> field.isNamedLikeAnId();
            case TEXT ->
                field.isNamedLikeAnId()
                        || profile.texts(field).stream()
                                .allMatch(text ->
                                        text.length() <= 100 && text.chars().noneMatch(Character::isWhitespace));
            case FRACTION, BOOLEAN, TIME -> false;
        };
    }

    /** Of fields none of which is unique alone, where chance would have brought many records together. */
    private static List<Suggestion> pairs(Profile profile) {
        List<FieldProfile> fields = profile.fields().stream()
                .filter(values -> values.field().of().isRecords()
                        && values.values() >= Evidence.ENOUGH
                        && values.distinct() > 1
                        && !isManifold(values)
                        && values.field().isNamedLikeAnId()
                        && values.field().kind() != Field.Kind.FRACTION)
                .toList();
        List<Suggestion> pairs = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            for (int j = i + 1; j < fields.size() && pairs.size() < MOST_PAIRS; j++) {
                List<Field> pair = List.of(fields.get(i).field(), fields.get(j).field());
                double possible =
                        (double) fields.get(i).distinct() * fields.get(j).distinct();
                double both = Math.min(fields.get(i).values(), fields.get(j).values());
                double chance = 0.5 * both * both / possible;
                if (possible >= NEARLY * both && chance >= Evidence.ENOUGH && isUnique(profile, pair)) {
                    pairs.add(unique(
                            profile,
                            pair.stream().map(Field::path).toList(),
                            profile.records(),
                            "No two records are alike in both"));
                }
            }
        }
        return pairs;
    }

    /** In the sample. */
    private static boolean isUnique(Profile profile, List<Field> fields) {
        Set<List<Value>> seen = new HashSet<>();
        for (Image record : profile.sample()) {
            List<Value> tuple = fields.stream()
                    .map(field -> Within.values(record, field).get(0))
                    .toList();
            if (tuple.stream().noneMatch(Value::isNull) && !seen.add(tuple)) {
                return false;
            }
        }
        return !seen.isEmpty();
    }

    private static Suggestion unique(Profile profile, List<FieldPath> fields, long witnesses, String seen) {
        return Suggestion.of(
                profile.name(),
                fields.stream().map(FieldPath::toString).toList(),
                "unique",
                new LinkedHashMap<>(Map.of("unique", Suggestion.list(fields))),
                // That two are alike is not a matter of each by itself.
                new Evidence(seen, witnesses, "records", false));
    }
}
