package dev.lastgood.yaml;

import dev.lastgood.path.FieldPath;
import dev.lastgood.path.InvalidPath;
import dev.lastgood.problem.Place;
import dev.lastgood.problem.Places;
import dev.lastgood.problem.Problems;
import dev.lastgood.problem.Suggestions;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a mapping key by key. A value that is not as asked for is reported and counts as missing. At the end
 * {@link #done} reports keys nobody asked for.
 */
public final class Fields {

    /** So many keys are worth listing beside a guess. */
    private static final int FEW = 12;

    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?[0-9]{1,100}(\\.[0-9]{1,100})?([eE][-+]?[0-9]{1,3})?");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Set<String> OLD_TRUTHS = Set.of("yes", "no", "on", "off", "y", "n");

    private final YamlNode.Mapping mapping;
    private final Map<String, YamlNode.Entry> entries = new HashMap<>();
    private final String what;
    private final Problems problems;
    private final Set<String> asked = new LinkedHashSet<>();
    private final Set<String> missing = new LinkedHashSet<>();
    private final Map<String, Place> places = new HashMap<>();

    /** @param what the thing this mapping describes, for messages: {@code rule 'order-total'} */
    public Fields(YamlNode.Mapping mapping, String what, Problems problems) {
        this.mapping = mapping;
        this.what = what;
        this.problems = problems;
        mapping.entries().forEach(entry -> entries.put(entry.key().text(), entry));
    }

    /** The mapping a node should be. */
    public static Optional<Fields> of(YamlNode node, String what, Problems problems) {
        if (node instanceof YamlNode.Mapping mapping) {
            return Optional.of(new Fields(mapping, what, problems));
        }
        problems.error(node.place(), "%s must be a mapping, not %s".formatted(what, shown(node)));
        return Optional.empty();
    }

    /** All of it, unread. */
    public YamlNode.Mapping mapping() {
        return mapping;
    }

    public String what() {
        return what;
    }

    public Place place() {
        return mapping.place();
    }

    /** Every entry, in the order written. Asks for none of them. */
    public List<YamlNode.Entry> entries() {
        return mapping.entries();
    }

    /** Whether the key is there, whatever its value. Does not ask for it. */
    public boolean has(String key) {
        return entries.containsKey(key);
    }

    /** Where the key is written; the mapping, if it is not. */
    public Place keyPlace(String key) {
        YamlNode.Entry entry = entries.get(key);
        return entry == null ? mapping.place() : entry.key().place();
    }

    /** Marks a key as known without reading it. */
    public void ignore(String key) {
        asked.add(key);
    }

    /** Whatever stands there. */
    public Optional<YamlNode> node(String key) {
        asked.add(key);
        return Optional.ofNullable(entries.get(key)).map(YamlNode.Entry::value);
    }

    /** Whether each key is there. Those that are not are reported by {@link #done}; reading them is another matter. */
    public boolean require(String... keys) {
        for (String key : keys) {
            asked.add(key);
            if (!has(key)) {
                missing.add(key);
            }
        }
        return missing.isEmpty();
    }

    /** A single value that is not empty. */
    public Optional<YamlNode.Scalar> scalar(String key) {
        return node(key).flatMap(node -> scalar(key, node, "a text"));
    }

    private Optional<YamlNode.Scalar> scalar(String key, YamlNode node, String wanted) {
        if (!(node instanceof YamlNode.Scalar scalar)) {
            wrongKind(key, node, wanted, null);
            return Optional.empty();
        }
        if (scalar.isNull() || scalar.text().isBlank()) {
            empty(key, scalar);
            return Optional.empty();
        }
        return Optional.of(scalar);
    }

    public Optional<String> text(String key) {
        return scalar(key).map(YamlNode.Scalar::text);
    }

    /** A whole number between the bounds, both included. */
    public Optional<Long> integer(String key, long least, long most) {
        Optional<YamlNode.Scalar> scalar = node(key).flatMap(node -> scalar(key, node, "a whole number"));
        if (scalar.isEmpty()) {
            return Optional.empty();
        }
        String text = scalar.get().text();
        if (!scalar.get().plain() || !INTEGER.matcher(text).matches()) {
            wrongValue(key, scalar.get(), "a whole number", null);
            return Optional.empty();
        }
        long number = Long.parseLong(text);
        if (number < least || number > most) {
            String range = least == most ? "" + least : "from %d to %d".formatted(least, most);
            String bounds = most == Long.MAX_VALUE ? "at least " + least : range;
            wrongValue(key, scalar.get(), bounds, null);
            return Optional.empty();
        }
        return Optional.of(number);
    }

    /** A number, exactly as written, not negative and at most the bound if there is one. */
    public Optional<BigDecimal> decimal(String key, @Nullable BigDecimal most) {
        Optional<BigDecimal> number = number(key);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        if (number.get().signum() < 0 || (most != null && number.get().compareTo(most) > 0)) {
            wrongNumber(key, most == null ? "at least 0" : "from 0 to " + most);
            return Optional.empty();
        }
        return number;
    }

    /** A number, exactly as written, greater than 0. */
    public Optional<BigDecimal> positive(String key) {
        Optional<BigDecimal> number = number(key);
        if (number.isPresent() && number.get().signum() <= 0) {
            wrongNumber(key, "greater than 0");
            return Optional.empty();
        }
        return number;
    }

    /** A number, exactly as written. */
    public Optional<BigDecimal> number(String key) {
        Optional<YamlNode.Scalar> scalar = node(key).flatMap(node -> scalar(key, node, "a number"));
        if (scalar.isEmpty()) {
            return Optional.empty();
        }
        String text = scalar.get().text();
        if (!scalar.get().plain() || !DECIMAL.matcher(text).matches()) {
            wrongValue(key, scalar.get(), "a number", null);
            return Optional.empty();
        }
        return Optional.of(new BigDecimal(text));
    }

    private void wrongNumber(String key, String wanted) {
        scalar(key).ifPresent(scalar -> wrongValue(key, scalar, wanted, null));
    }

    /** A day, written as in {@code 2026-12-31}. */
    public Optional<LocalDate> date(String key) {
        Optional<YamlNode.Scalar> scalar = node(key).flatMap(node -> scalar(key, node, "a date"));
        if (scalar.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (DATE.matcher(scalar.get().text()).matches()) {
                return Optional.of(LocalDate.parse(scalar.get().text()));
            }
        } catch (DateTimeParseException e) {
            // no day of the calendar: told below
        }
        wrongValue(key, scalar.get(), "a date", "Write year, month and day, as in 2026-12-31.");
        return Optional.empty();
    }

    public Optional<Boolean> truth(String key) {
        Optional<YamlNode.Scalar> scalar = node(key).flatMap(node -> scalar(key, node, "true or false"));
        if (scalar.isEmpty()) {
            return Optional.empty();
        }
        String text = scalar.get().text();
        if (scalar.get().plain() && (text.equals("true") || text.equals("false"))) {
            return Optional.of(text.equals("true"));
        }
        boolean old = OLD_TRUTHS.contains(text.toLowerCase(Locale.ROOT));
        wrongValue(key, scalar.get(), "true or false", old ? "In YAML 1.2 '%s' is a text.".formatted(text) : null);
        return Optional.empty();
    }

    /** One of the constants, written in lower case. */
    public <E extends Enum<E>> Optional<E> choice(String key, Class<E> type) {
        return choice(
                key,
                Arrays.asList(type.getEnumConstants()),
                constant -> constant.name().toLowerCase(Locale.ROOT));
    }

    /** One of the choices, by how each is written. */
    public <E> Optional<E> choice(String key, List<E> choices, Function<E, String> written) {
        Optional<YamlNode.Scalar> scalar = scalar(key);
        if (scalar.isEmpty()) {
            return Optional.empty();
        }
        String text = scalar.get().text();
        for (E choice : choices) {
            if (written.apply(choice).equals(text)) {
                return Optional.of(choice);
            }
        }
        List<String> words = choices.stream().map(written).toList();
        String wanted = words.size() == 1 ? "'" + words.get(0) + "'" : "one of " + String.join(", ", words);
        wrongValue(
                key,
                scalar.get(),
                wanted,
                Suggestions.nearest(text, words)
                        .map("Did you mean '%s'?"::formatted)
                        .orElse(null));
        return Optional.empty();
    }

    /** A number and a unit: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 24h}, {@code 7d}, {@code 2w}. More than 0. */
    public Optional<Duration> duration(String key) {
        Optional<YamlNode.Scalar> scalar = node(key).flatMap(node -> scalar(key, node, "a duration"));
        if (scalar.isEmpty()) {
            return Optional.empty();
        }
        Optional<Duration> duration = Durations.parse(scalar.get().text());
        if (duration.isEmpty()) {
            wrongValue(key, scalar.get(), "a duration", Durations.HINT);
        }
        return duration;
    }

    /** The items of a list; none if the key is missing. */
    public List<YamlNode> list(String key) {
        Optional<YamlNode> node = node(key);
        if (node.isEmpty()) {
            return List.of();
        }
        if (node.get() instanceof YamlNode.Sequence sequence) {
            return sequence.items();
        }
        boolean single = node.get() instanceof YamlNode.Scalar scalar && !scalar.isNull();
        String hint = single ? "Write [%s].".formatted(((YamlNode.Scalar) node.get()).text()) : null;
        wrongKind(key, node.get(), "a list", hint);
        return List.of();
    }

    /** A list of single values, none of them empty. */
    public List<YamlNode.Scalar> scalars(String key) {
        List<YamlNode.Scalar> scalars = new ArrayList<>();
        for (YamlNode item : list(key)) {
            if (!(item instanceof YamlNode.Scalar scalar)) {
                problems.error(item.place(), "'%s' must be a list of texts; this is %s".formatted(key, item.kind()));
            } else if (scalar.isNull() || scalar.text().isBlank()) {
                problems.error(scalar.place(), "an empty text in '%s'".formatted(key));
            } else {
                scalars.add(scalar);
            }
        }
        return scalars;
    }

    /** A list of texts, none of them empty. */
    public List<String> texts(String key) {
        return scalars(key).stream().map(YamlNode.Scalar::text).toList();
    }

    /** A mapping inside, described by its key. */
    public Optional<Fields> mapping(String key) {
        return mapping(key, null);
    }

    /** A mapping inside, with a hint for those who write something else. */
    public Optional<Fields> mapping(String key, @Nullable String hint) {
        Optional<YamlNode> node = node(key);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        if (node.get() instanceof YamlNode.Mapping inner) {
            return Optional.of(new Fields(inner, "'%s' of %s".formatted(key, what), problems));
        }
        wrongKind(key, node.get(), "a mapping", hint);
        return Optional.empty();
    }

    /** A field path; its place is remembered under its text, and under its text after the key and a blank. */
    public Optional<FieldPath> path(String key) {
        Optional<FieldPath> path = scalar(key).flatMap(scalar -> path(scalar, key + " "));
        path.ifPresent(known -> alsoPlain(key + " ", known));
        return path;
    }

    /** Different paths; places are remembered under their texts, and under their texts after the key and a blank. */
    public List<FieldPath> paths(String key) {
        List<FieldPath> paths = paths(key, key + " ");
        paths.forEach(path -> alsoPlain(key + " ", path));
        return paths;
    }

    private void alsoPlain(String prefix, FieldPath path) {
        Place place = places.get(prefix + path);
        if (place != null) {
            places.putIfAbsent(path.toString(), place);
        }
    }

    /** Different paths; places are remembered under their texts after the prefix. */
    public List<FieldPath> paths(String key, String prefix) {
        Set<FieldPath> paths = new LinkedHashSet<>();
        for (YamlNode.Scalar scalar : scalars(key)) {
            Optional<FieldPath> path = path(scalar, prefix);
            if (path.isPresent() && !paths.add(path.get())) {
                problems.error(scalar.place(), "'%s' stands twice in '%s'".formatted(path.get(), key));
            }
        }
        return List.copyOf(paths);
    }

    /** The path a scalar is; its place is remembered under its text with a prefix. */
    public Optional<FieldPath> path(YamlNode.Scalar scalar, String prefix) {
        try {
            FieldPath path = FieldPath.parse(scalar.text());
            places.putIfAbsent(prefix + path, scalar.place());
            return Optional.of(path);
        } catch (InvalidPath e) {
            problems.error(
                    e.length() == 0 ? scalar.place() : scalar.at(e.start(), e.length()),
                    "'%s' is no field path: %s".formatted(scalar.shown(), e.getMessage()),
                    "Names are joined by dots; other characters than letters, digits and _ stand in `backticks`.");
            return Optional.empty();
        }
    }

    /** Remembers where a part is written. */
    public void place(String part, Place place) {
        places.putIfAbsent(part, place);
    }

    /** Where that part is written; the mapping, if nobody remembered. */
    public Place placeOf(Object part) {
        return places.getOrDefault(part.toString(), mapping.place());
    }

    /** Where the parts read so far are written. */
    public Places places(Place whole) {
        return new Places(whole, places);
    }

    /** Takes over what another mapping, read as a part of this one, knows of places. */
    public void addPlaces(Fields part) {
        part.places.forEach(places::putIfAbsent);
    }

    /**
     * Reports every key nobody asked for, and every required one that is missing. A required key that was only
     * misspelt is reported once, where it stands. Whether there was nothing to report.
     */
    public boolean done() {
        List<String> absent = asked.stream().filter(key -> !has(key)).toList();
        boolean clean = true;
        for (YamlNode.Entry entry : mapping.entries()) {
            if (!asked.contains(entry.key().text())) {
                clean = false;
                unknown(entry.key(), absent);
            }
        }
        for (String key : missing) {
            clean = false;
            problems.error(mapping.place(), "%s has no '%s'".formatted(what, key));
        }
        missing.clear();
        return clean;
    }

    private void unknown(YamlNode.Scalar key, List<String> absent) {
        Optional<String> nearest =
                Suggestions.nearest(key.text(), missing).or(() -> Suggestions.nearest(key.text(), absent));
        String all = "The keys are %s.".formatted(String.join(", ", asked));
        String hint = nearest.map(known -> "Did you mean '%s'?%s".formatted(known, asked.size() > FEW ? "" : " " + all))
                .orElse(all);
        nearest.ifPresent(missing::remove);
        problems.error(key.place(), "unknown key '%s' in %s".formatted(key.shown(), what), hint);
    }

    private void empty(String key, YamlNode.Scalar scalar) {
        // what is not there has no length to mark
        problems.error(
                scalar.place().length() == 0 ? keyPlace(key) : scalar.place(),
                "'%s' is empty".formatted(key),
                "Write a value, or leave the key out.");
    }

    private void wrongKind(String key, YamlNode node, String wanted, @Nullable String hint) {
        if (node instanceof YamlNode.Scalar scalar && scalar.isNull()) {
            empty(key, scalar);
            return;
        }
        problems.error(node.place(), "'%s' must be %s, not %s".formatted(key, wanted, shown(node)), hint);
    }

    private static String shown(YamlNode node) {
        boolean text = node instanceof YamlNode.Scalar scalar && !scalar.isNull();
        return text ? "'" + ((YamlNode.Scalar) node).shown() + "'" : node.kind();
    }

    private void wrongValue(String key, YamlNode.Scalar scalar, String wanted, @Nullable String hint) {
        problems.error(scalar.place(), "'%s' must be %s, not '%s'".formatted(key, wanted, scalar.shown()), hint);
    }
}
