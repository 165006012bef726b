package dev.lastgood.incident;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastgood.diff.ChangeKind;
import dev.lastgood.diff.Pattern;
import dev.lastgood.path.FieldPath;
import dev.lastgood.report.Masks;
import dev.lastgood.workspace.DatasetSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells people of a cause: the incident, its sentence, and how to check it. What is masked is masked. Pure. */
final class Teller {
    /** Values so many of the records share are told where hardly anything else has changed. */
    private static final double TELLING_SHARE = 0.8;

    /** So few other changed records are nothing to compare with, by number or by share of the corrupt ones. */
    private static final long FEWEST_OTHERS = 10;

    private static final double LEAST_OTHERS = 0.05;
    private static final int MOST_EXPLANATIONS = 5;

    private final DatasetSpec dataset;
    private final Masks masks;
    private final Contingency table;

    Teller(DatasetSpec dataset, Contingency table) {
        this.dataset = dataset;
        this.masks = new Masks(dataset);
        this.table = table;
    }

    /** @param returned by path of a field, in how many records it went back to what it once held */
    Incident incident(
            Cause cause, Signature signature, long suspects, Counted.Of counted, SortedMap<String, Long> returned) {
        SortedMap<String, String> signed = cause.isExplained() ? cause.values() : shared(cause);
        Incident.Why why = new Incident.Why(shown(signed), explained(cause));
        Incident.Effect effect = new Incident.Effect(
                rules(cause),
                counted.fields(),
                damaged(signature, returned),
                patterns(counted.patterns(), returned),
                counted.together());
        return new Incident(
                "",
                dataset.name(),
                sentence(cause, signature, effect, counted.when(), why, suspects),
                cause.isExplained() ? check(signature) : "",
                cause.records(),
                suspects,
                effect,
                counted.when(),
                why,
                new Incident.Older(null, null, 0, counted.added()),
                List.of());
    }

    private List<String> rules(Cause cause) {
        Map<Label, Long> sizes = Causes.sizes(table);
        Map<String, Long> broken = new HashMap<>();
        cause.labels()
                .forEach(label ->
                        label.rules().forEach(rule -> broken.merge(rule, sizes.getOrDefault(label, 0L), Long::sum)));
        return broken.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** What most of the records share; that is all there is to tell where hardly anything else has changed. */
    private SortedMap<String, String> shared(Cause cause) {
        SortedMap<String, String> shared = new TreeMap<>();
        String change = cause.parts().get(0).label().change();
        long others = table.records(cell -> !cell.isCorrupt() && cell.change().equals(change));
        if (others >= FEWEST_OTHERS && others >= LEAST_OTHERS * cause.records()) {
            return shared;
        }
        for (int d = 0; d < table.dimensions().size(); d++) {
            String dimension = table.dimensions().get(d);
            for (String value : table.values().get(d)) {
                long having = table.records(cell -> isOf(cause, cell) && table.has(cell, Map.of(dimension, value)));
                if (having >= TELLING_SHARE * cause.records()) {
                    shared.put(dimension, value);
                }
            }
        }
        return shared;
    }

    private boolean isOf(Cause cause, Contingency.Cell cell) {
        return cause.parts().stream()
                .anyMatch(part -> part.label().text().equals(cell.label()) && table.has(cell, part.values()));
    }

    private List<Incident.Explained> explained(Cause cause) {
        List<Incident.Explained> explained = new ArrayList<>();
        for (Explanation one : cause.explanations()) {
            if (explained.size() < MOST_EXPLANATIONS) {
                long corrupt = table.records(cell -> isOf(cause, cell) && table.has(cell, one.values()));
                explained.add(new Incident.Explained(
                        shown(one.values()),
                        corrupt,
                        one.changed() - one.corrupt() + corrupt,
                        cause.records(),
                        one.elsewhere(),
                        one.riskRatio(),
                        one.atLeast()));
            }
        }
        return explained;
    }

    private SortedMap<String, String> shown(SortedMap<String, String> values) {
        SortedMap<String, String> shown = new TreeMap<>();
        values.forEach((dimension, value) -> shown.put(
                dimension,
                masks.masked(FieldPath.valueOf(dimension), JsonNodeFactory.instance.textNode(value))
                        .asText()));
        return shown;
    }

    private static List<String> damaged(Signature signature, SortedMap<String, Long> returned) {
        Set<String> damaged = new LinkedHashSet<>();
        Optional.ofNullable(signature.path()).ifPresent(damaged::add);
        returned.forEach((path, records) -> {
            if (records > 0) {
                damaged.add(path);
            }
        });
        return List.copyOf(damaged);
    }

    private Map<String, Long> patterns(Map<String, Long> counted, SortedMap<String, Long> returned) {
        Map<String, Long> shown = new LinkedHashMap<>();
        counted.forEach((text, records) -> {
            Label.Place place = Label.Place.of(text);
            shown.merge(place.path() + " " + shown(place), records, Long::sum);
        });
        returned.forEach((path, records) -> {
            if (records > 0) {
                shown.put(path + " " + Returned.PATTERN, records);
            }
        });
        return shown;
    }

    /** A description of change without the values nobody gets to see. */
    private String shown(Label.Place place) {
        boolean isKind =
                Arrays.stream(ChangeKind.values()).anyMatch(kind -> kind.text().equals(place.pattern()));
        String masked = masks.masked(FieldPath.valueOf(place.path()), JsonNodeFactory.instance.textNode("v"))
                .asText();
        return isKind || masked.equals("v") || !Pattern.of(place.pattern()).showsValue()
                ? place.pattern()
                : ChangeKind.VALUE.text();
    }

    // ---- words

    private String sentence(
            Cause cause,
            Signature signature,
            Incident.Effect effect,
            Incident.@Nullable When when,
            Incident.Why why,
            long suspects) {
        StringBuilder text = new StringBuilder();
        text.append(cause.records() == 1 ? "1 record of " : cause.records() + " records of ")
                .append(dataset.name())
                .append(cause.records() == 1 ? " breaks " : " break ")
                .append(String.join(" and ", effect.rules()));
        if (signature.path() != null && signature.patterns().isEmpty()) {
            long changed = effect.fields().getOrDefault(signature.path(), 0L);
            text.append(": ").append(signature.path()).append(" changed in ").append(changed);
            effect.patterns().entrySet().stream()
                    .filter(one -> one.getKey().endsWith(" " + Returned.PATTERN))
                    .max(Map.Entry.comparingByValue())
                    .ifPresent(one -> text.append(", ")
                            .append(one.getKey())
                            .append(cause.records() > Returned.MOST ? " in at least " : " in ")
                            .append(one.getValue()));
        } else {
            effect.patterns().entrySet().stream()
                    .findFirst()
                    .ifPresent(first -> text.append(": ")
                            .append(first.getKey())
                            .append(" in ")
                            .append(first.getValue()));
        }
        String between = when == null ? "" : "written between " + seconds(when.from()) + " and " + seconds(when.to());
        if (why.isExplained()) {
            Incident.Explained best = why.explanations().get(0);
            text.append("; ")
                    .append(best.corrupt() == best.of() ? "all" : best.corrupt() + " of them")
                    .append(" (%s) have ".formatted(percent(best.share())))
                    .append(words(why.signature()))
                    .append(between.isEmpty() ? "" : ", " + between)
                    .append("; of what changed elsewhere %s is corrupt".formatted(percent(best.elsewhere())));
        } else {
            if (!between.isEmpty()) {
                text.append("; ").append(between);
            }
            if (!why.signature().isEmpty()) {
                text.append("; at least %d %% with ".formatted(Math.round(100 * TELLING_SHARE)))
                        .append(words(why.signature()))
                        .append(", and hardly anything else has changed to compare with");
            }
        }
        if (suspects > 0) {
            text.append(suspects == 1 ? "; 1 more matches" : "; %d more match".formatted(suspects))
                    .append(suspects == 1 ? " and breaks no rule" : " and break no rule");
        }
        return text.append('.').toString();
    }

    private static String words(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(" and "));
    }

    static String percent(double share) {
        double percent = 100 * share;
        if (percent == 0 || percent >= 99.95) {
            return Math.round(percent) + " %";
        }
        return percent < 0.1
                ? "less than 0.1 %"
                : String.format(Locale.ROOT, percent < 10 ? "%.1f %%" : "%.0f %%", Math.min(percent, 99));
    }

    private static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** A condition that people can ask of live; empty if it would show what is masked. */
    private String check(Signature signature) {
        if (!shown(signature.values()).equals(signature.values())) {
            return "";
        }
        List<String> conditions = new ArrayList<>();
        signature
                .values()
                .forEach((dimension, value) ->
                        conditions.add("%s = '%s'".formatted(dimension, value.replace("'", "''"))));
        Window window = signature.window();
        FieldPath changedAt = dataset.changedAt();
        if (window != null && changedAt != null) {
            conditions.add(
                    "%s between timestamp '%s' and timestamp '%s'".formatted(changedAt, window.from(), window.to()));
        }
        return String.join(" and ", conditions);
    }
}
