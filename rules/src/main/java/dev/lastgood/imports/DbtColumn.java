package dev.lastgood.imports;

import dev.lastgood.path.FieldPath;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A column as a property file names it.
 *
 * @param quoted whether dbt puts it in quotes, so that it is one name whatever it holds
 */
record DbtColumn(String written, boolean quoted) {

    private static final Pattern PATH = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*(\\.[\\p{L}_][\\p{L}\\p{N}_]*)*");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"|`([^`]+)`");

    /** The field; none if it is no column but an expression. */
    Optional<FieldPath> field() {
        String name = written.strip();
        var matcher = QUOTED.matcher(name);
        if (matcher.matches()) {
            return Optional.of(FieldPath.of(matcher.group(1) == null ? matcher.group(2) : matcher.group(1)));
        }
        if (quoted && !name.isEmpty()) {
            return Optional.of(FieldPath.of(name));
        }
        return PATH.matcher(name).matches() ? Optional.of(FieldPath.valueOf(name)) : Optional.empty();
    }
}
