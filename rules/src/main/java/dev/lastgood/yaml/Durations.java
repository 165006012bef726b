package dev.lastgood.yaml;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: a number above 0 and a unit, {@code 500ms}, {@code 30s}, {@code 5m}, {@code 24h}. */
public final class Durations {
    private Durations() {}

    /** How to write one, for hints. */
    public static final String HINT = "Write a number above 0 and one of ms, s, m, h, d, w, as in 30s.";

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d|w)");

    /** The duration, or nothing if the text is none. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || matcher.group(1).matches("0+")) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    case "d" -> Duration.ofDays(number);
                    default -> Duration.ofDays(7 * number);
                });
    }

    /** As people would write it, in the largest unit that says it exactly: {@code 36h}, {@code 7d}. */
    public static String shown(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 86_400_000 == 0) {
            return millis / 86_400_000 + "d";
        }
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    /** How long ago something was, to the larger unit: {@code 5m}, {@code 36h}, {@code 12d}; {@code 0m} below a minute. */
    public static String age(Duration age) {
        if (age.compareTo(Duration.ofHours(2)) < 0) {
            return Math.max(0, age.toMinutes()) + "m";
        }
        return age.compareTo(Duration.ofDays(2)) < 0 ? age.toHours() + "h" : age.toDays() + "d";
    }
}
