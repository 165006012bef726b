package dev.lastgood.suggest;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.spark.Together;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Which fields determine which others: candidates by a sample, what is left of them without what follows from others. Pure. */
final class Dependencies {
    /** Fields that are looked at as ones that determine others; each is an aggregation over the snapshot. */
    private static final int MOST = 12;

    private static final int LONGEST_TEXT = 100;

    private final Profile profile;
    private final Map<Field, FieldProfile> profiles = new LinkedHashMap<>();

    private Dependencies(Profile profile) {
        this.profile = profile;
        profile.fields().stream()
                .filter(values -> values.field().of().isRecords())
                .forEach(values -> profiles.put(values.field(), values));
    }

    /**
     * @param exact of a field and what it may determine, that which it determines in all records, and how many of these could
     *     have contradicted
     */
    static List<Suggestion> of(Profile profile, BiFunction<Field, List<Field>, Map<Field, Long>> exact) {
        Dependencies dependencies = new Dependencies(profile);
        Map<Field, List<Field>> candidates = new LinkedHashMap<>();
        dependencies.determining().forEach(by -> candidates.put(by, dependencies.candidates(by)));
        candidates.values().removeIf(List::isEmpty);
        List<Field> order = List.copyOf(candidates.keySet());
        List<Map<Field, Long>> found =
                Together.each(order, by -> exact.apply(by, candidates.getOrDefault(by, List.of())));
        Map<Field, List<Field>> determined = new LinkedHashMap<>();
        Map<Field, Map<Field, Long>> witnesses = new LinkedHashMap<>();
        for (int i = 0; i < order.size(); i++) {
            Map<Field, Long> enough = new LinkedHashMap<>(found.get(i));
            enough.values().removeIf(count -> count < Evidence.ENOUGH);
            determined.put(order.get(i), List.copyOf(enough.keySet()));
            witnesses.put(order.get(i), enough);
        }
        determined.values().removeIf(List::isEmpty);
        List<Suggestion> suggestions = new ArrayList<>();
        reduced(determined).forEach((by, to) -> {
            Map<Long, List<Field>> together = new TreeMap<>(Comparator.reverseOrder());
            to.forEach(field -> together.computeIfAbsent(
                            Optional.ofNullable(witnesses.get(by)).orElseThrow().getOrDefault(field, 0L),
                            any -> new ArrayList<>())
                    .add(field));
            // A record without one of them takes no part: what has other gaps is said apart.
            together.forEach((count, fields) -> suggestions.add(dependencies.suggestion(by, fields, count)));
        });
        return suggestions;
    }

    /** Those with the best names first, and then those that say most. */
    private List<Field> determining() {
        return profiles.values().stream()
                .filter(this::mayDetermine)
                .map(FieldProfile::field)
                .sorted(Comparator.comparing((Field field) -> !field.isNamedLikeAnId())
                        .thenComparing(field -> values(field).distinct(), Comparator.reverseOrder()))
                .limit(MOST)
                .toList();
    }

    private boolean mayDetermine(FieldProfile values) {
        Field field = values.field();
        Integer longest = values.longest();
        boolean kind = field.kind() == Field.Kind.TEXT
                ? longest != null && longest <= LONGEST_TEXT
                : field.kind() == Field.Kind.WHOLE && field.isNamedLikeAnId();
        return kind
                && !profile.isStamp(field)
                && values.distinct() >= 2
                && values.distinct() <= values.values() / 2
                && repeated(values) >= Evidence.ENOUGH;
    }

    private FieldProfile values(Field field) {
        return Optional.ofNullable(profiles.get(field)).orElseThrow();
    }

    /** Records that have a value which another one has as well: those that could contradict. */
    private static long repeated(FieldProfile values) {
        return values.values() - values.distinct();
    }

    private List<Field> candidates(Field by) {
        return profiles.values().stream()
                .filter(values -> !values.field().equals(by)
                        && values.distinct() >= 2
                        && !profile.isOfKey(values.field())
                        && !profile.isStamp(values.field()))
                .map(FieldProfile::field)
                .filter(to -> isSurprising(by, to) && holdsInSample(by, to))
                .toList();
    }

    /** Whether chance would have shown so many contradictions that their absence says something. */
    private boolean isSurprising(Field by, Field to) {
        List<Value> values = profile.values(to);
        Map<Value, Long> counts = new HashMap<>();
        values.forEach(value -> counts.merge(value, 1L, Long::sum));
        double alike = counts.values().stream()
                .mapToDouble(count -> Math.pow((double) count / values.size(), 2))
                .sum();
        return (1 - alike) * repeated(values(by)) >= Evidence.ENOUGH;
    }

    private boolean holdsInSample(Field by, Field to) {
        Map<Value, Value> first = new HashMap<>();
        for (Image record : profile.sample()) {
            Value from = Within.values(record, by).get(0);
            Value value = Within.values(record, to).get(0);
            if (!from.isNull() && !value.isNull()) {
                Value known = first.putIfAbsent(from, value);
                if (known != null && !known.equals(value)) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Without what follows: of fields that determine each other the first determines the rest, and they only it; and what
     * is determined by something that is determined needs no second saying.
     */
    static Map<Field, List<Field>> reduced(Map<Field, List<Field>> determined) {
        List<Field> order = List.copyOf(determined.keySet());
        Map<Field, List<Field>> reduced = new LinkedHashMap<>();
        determined.forEach((by, to) -> {
            List<Field> before = order.subList(0, order.indexOf(by));
            List<Field> same = before.stream()
                    .filter(other -> to.contains(other) && determines(other, by, determined))
                    .limit(1)
                    .toList();
            reduced.put(
                    by,
                    same.isEmpty()
                            ? to.stream()
                                    .filter(field -> !follows(by, field, order, determined))
                                    .toList()
                            : same);
        });
        reduced.values().removeIf(List::isEmpty);
        return reduced;
    }

    private static boolean follows(Field by, Field to, List<Field> order, Map<Field, List<Field>> determined) {
        return determined.getOrDefault(by, List.of()).stream()
                .filter(between -> !between.equals(to))
                .filter(between -> determines(between, to, determined))
                .filter(between -> !determines(between, by, determined))
                .anyMatch(
                        between -> !determines(to, between, determined) || order.indexOf(between) < order.indexOf(to));
    }

    private static boolean determines(Field by, Field to, Map<Field, List<Field>> determined) {
        return determined.getOrDefault(by, List.of()).contains(to);
    }

    private Suggestion suggestion(Field by, List<Field> to, long witnesses) {
        List<FieldPath> paths = to.stream().map(Field::path).toList();
        String keys = "{from: %s, to: %s}".formatted(Suggestion.flow(List.of(by.path())), Suggestion.flow(paths));
        return Suggestion.of(
                profile.name(),
                List.of(by.path().toString()),
                "determines",
                new LinkedHashMap<>(Map.of("depends", keys)),
                new Evidence(
                        "About %,d different values in %,d records"
                                .formatted(values(by).distinct(), values(by).values()),
                        witnesses,
                        "records that repeat a value"));
    }
}
