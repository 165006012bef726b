package dev.lastgood.init;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What fields are likely for, by their names. A guess, written into a file that a person reads before it counts. */
final class FieldNames {
    private static final Pattern VERSION =
            Pattern.compile("(row|lock|record)?_?version|version_?(no|number)|revision|rev");
    private static final Pattern CHANGED = Pattern.compile(
            "((last_?)?(updated|changed|modified)(_?(at|on|date|time|timestamp))?|last_?(update|change)|(update|change|modification)_?(time|date|timestamp))");
    private static final Pattern PERSONAL = Pattern.compile(
            ".*(e_?mail|phone|mobile|iban|passport|ssn|tax_?id|birth|street|address|first_?name|last_?name|surname|full_?name|password|secret|card_?number).*");
    private static final Pattern ID = Pattern.compile("(.*_)?(id|key|uuid|guid|no|number|code)");

    private FieldNames() {}

    /** A field as a source describes it. */
    record Column(String name, boolean isWhole, boolean isTime) {}

    static @Nullable String version(List<Column> columns) {
        return first(columns.stream().filter(Column::isWhole).map(Column::name).toList(), VERSION);
    }

    static @Nullable String changedAt(List<Column> columns) {
        return first(columns.stream().filter(Column::isTime).map(Column::name).toList(), CHANGED);
    }

    static List<String> personal(List<Column> columns) {
        return columns.stream()
                .map(Column::name)
                .filter(name -> PERSONAL.matcher(snake(name)).matches())
                .toList();
    }

    /** How well a name suits a key of that dataset, the best first. */
    static int rank(String name, String dataset) {
        String snake = snake(name);
        String one = dataset.replaceFirst("s$", "");
        List<String> best = List.of("id", dataset + "_id", one + "_id", dataset + "_no", one + "_no", "uuid", "key");
        int at = best.indexOf(snake);
        return at >= 0 ? at : ID.matcher(snake).matches() ? best.size() : best.size() + 1;
    }

    private static @Nullable String first(List<String> names, Pattern pattern) {
        Optional<String> found = names.stream()
                .filter(name -> pattern.matcher(snake(name)).matches())
                .findFirst();
        return found.orElse(null);
    }

    /** {@code lastModified}, {@code LAST-MODIFIED} and {@code last modified} are {@code last_modified}. */
    private static String snake(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("[^\\p{L}\\p{N}]+", "_")
                .toLowerCase(Locale.ROOT);
    }
}
