package dev.lastgood.diff;

import dev.lastgood.record.Value;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What became of a date or time, or of a text that is one. */
final class TimePatterns {
    private TimePatterns() {}

    private static final java.util.regex.Pattern ISO = java.util.regex.Pattern.compile(
            "([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
                    + "(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?");

    private static final List<DateTimeFormatter> DATES = Stream.of(
                    "uuuu-MM-dd",
                    "uuuuMMdd",
                    "uuuu/MM/dd",
                    "dd.MM.uuuu",
                    "d.M.uuuu",
                    "dd/MM/uuuu",
                    "MM/dd/uuuu",
                    "dd-MM-uuuu")
            .map(format -> DateTimeFormatter.ofPattern(format).withResolverStyle(ResolverStyle.STRICT))
            .toList();

    private static final int SHORTEST_DATE = 8;
    private static final int LONGEST_DATE = 10;

    private static final Map<String, ChronoUnit> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("cut to days", ChronoUnit.DAYS);
        PARTS.put("cut to hours", ChronoUnit.HOURS);
        PARTS.put("cut to minutes", ChronoUnit.MINUTES);
        PARTS.put("cut to seconds", ChronoUnit.SECONDS);
        PARTS.put("cut to milliseconds", ChronoUnit.MILLIS);
    }

    /**
     * A time as it is written.
     *
     * @param offset null if it is in no time zone
     */
    private record Time(LocalDateTime local, @Nullable ZoneOffset offset, boolean isDay) {
        LocalDateTime inUtc() {
            return offset == null ? local : local.minusSeconds(offset.getTotalSeconds());
        }
    }

    static void add(Value before, Value after, Consumer<Pattern> add) {
        try {
            Time from = time(before).orElse(null);
            Time to = time(after).orElse(null);
            if (from != null && to != null && from.isDay() == to.isDay()) {
                LocalDateTime a = from.inUtc();
                LocalDateTime b = to.inUtc();
                if (a.equals(b)) {
                    add.accept(Pattern.Kind.DATE_FORMAT.pattern("date format"));
                    return;
                }
                ofDayAndMonth(a, b).ifPresent(add);
                PARTS.forEach((text, unit) -> {
                    if (a.truncatedTo(unit).equals(b)) {
                        add.accept(Pattern.Kind.CUT.pattern(text));
                    }
                });
                shift(Duration.between(a, b), add);
            } else if (before instanceof Value.Text one && after instanceof Value.Text other) {
                ofTexts(one.value(), other.value()).ifPresent(add);
            }
        } catch (DateTimeException | ArithmeticException e) {
            // At the ends of what a date can be there is nothing to say.
        }
    }

    private static void shift(Duration by, Consumer<Pattern> add) {
        Duration size = by.abs();
        String sign = by.isNegative() ? "- " : "+ ";
        long seconds = size.getSeconds();
        long micros = size.getNano() / 1000;
        String amount;
        if (micros != 0) {
            amount = seconds > 1_000_000 ? "" : ofMicros(seconds * 1_000_000 + micros);
        } else if (seconds % 86_400 == 0) {
            amount = seconds / 86_400 + " d";
        } else if (seconds % 3600 == 0) {
            amount = seconds / 3600 + " h";
        } else {
            amount = seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
        }
        if (!amount.isEmpty()) {
            add.accept(Pattern.of(sign + amount));
        }
        // Summer and winter: the same time zone, and not the same hours.
        if (micros == 0 && seconds % 3600 == 0 && seconds > 0 && seconds <= 14 * 3600) {
            add.accept(Pattern.Kind.ZONE.pattern("some hours"));
        }
    }

    private static String ofMicros(long micros) {
        return micros % 1000 == 0 ? micros / 1000 + " ms" : micros + " µs";
    }

    private static Optional<Pattern> ofDayAndMonth(LocalDateTime before, LocalDateTime after) {
        boolean swapped = before.getDayOfMonth() != before.getMonthValue()
                && before.getDayOfMonth() == after.getMonthValue()
                && before.getMonthValue() == after.getDayOfMonth()
                && before.getYear() == after.getYear()
                && before.toLocalTime().equals(after.toLocalTime());
        return swapped ? Optional.of(Pattern.Kind.DAY_FOR_MONTH.pattern("day and month swapped")) : Optional.empty();
    }

    private static Optional<Time> time(Value value) {
        if (value instanceof Value.Moment moment) {
            return Optional.of(
                    new Time(LocalDateTime.ofInstant(moment.value(), ZoneOffset.UTC), ZoneOffset.UTC, false));
        }
        if (value instanceof Value.LocalMoment moment) {
            return Optional.of(new Time(moment.value(), null, false));
        }
        if (value instanceof Value.Day day) {
            return Optional.of(new Time(day.value().atStartOfDay(), null, true));
        }
        return value instanceof Value.Text text ? iso(text.value()) : Optional.empty();
    }

    private static Optional<Time> iso(String text) {
        if (text.length() < LONGEST_DATE || text.length() > 40) {
            return Optional.empty();
        }
        var parts = ISO.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            LocalDate day = LocalDate.parse(parts.group(1));
            String clock = parts.group(2);
            String zone = parts.group(3);
            return Optional.of(new Time(
                    clock == null
                            ? day.atStartOfDay()
                            : day.atTime(
                                    LocalTime.parse(clock.replace(',', '.')).truncatedTo(ChronoUnit.MICROS)),
                    zone == null ? null : ZoneOffset.of(zone),
                    clock == null));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The same date, or day and month for each other, in one of the formats or from one to another. */
    private static Optional<Pattern> ofTexts(String before, String after) {
        Set<LocalDate> from = dates(before);
        Set<LocalDate> to = from.isEmpty() ? Set.of() : dates(after);
        if (from.stream().anyMatch(to::contains)) {
            return Optional.of(Pattern.Kind.DATE_FORMAT.pattern("date format"));
        }
        return from.stream()
                .flatMap(a -> to.stream().flatMap(b -> ofDayAndMonth(a.atStartOfDay(), b.atStartOfDay()).stream()))
                .findFirst();
    }

    private static Set<LocalDate> dates(String text) {
        Set<LocalDate> dates = new HashSet<>();
        if (text.length() >= SHORTEST_DATE && text.length() <= LONGEST_DATE && Character.isDigit(text.charAt(0))) {
            for (DateTimeFormatter format : DATES) {
                try {
                    dates.add(LocalDate.parse(text, format));
                } catch (DateTimeException e) {
                    // Not in this format.
                }
            }
        }
        return dates;
    }
}
