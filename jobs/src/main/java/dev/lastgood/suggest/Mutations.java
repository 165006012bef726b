package dev.lastgood.suggest;

import dev.lastgood.record.Image;
import dev.lastgood.record.Value;
import dev.lastgood.spark.Rows;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Damages a sample, each field of it in some records, by a seed: the same sample is always damaged in the same way. What
 * its type cannot hold does not happen to a field. Pure.
 */
final class Mutations {
    private static final long SEED = 20_260_101;

    /** So many values of a field, or records, are damaged at a time. */
    private static final int TIMES = 3;

    /** A record may have nothing there to damage; so often another one is tried. */
    private static final int TRIES = 40;

    private static final Duration CENTURY = Duration.ofDays(36_525);
    private static final Duration ZONE = Duration.ofHours(2);
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final List<Field> fields;
    private final List<Image> sample;
    private final Map<Field, List<Value>> values = new HashMap<>();

    Mutations(List<Field> fields, List<Image> sample) {
        this.fields = fields;
        this.sample = sample;
        for (Field field : fields) {
            values.put(
                    field,
                    sample.stream()
                            .flatMap(record -> Within.values(record, field).stream())
                            .filter(value -> !value.isNull())
                            .toList());
        }
    }

    /** The records by their numbers in the sample once that has happened to it; copies have numbers of their own. */
    SortedMap<Integer, Image> after(Mutation mutation) {
        SortedMap<Integer, Image> records = new TreeMap<>();
        for (int i = 0; i < sample.size(); i++) {
            records.put(i, sample.get(i));
        }
        if (sample.isEmpty()) {
            return records;
        }
        Random random = new Random(SEED + mutation.number());
        switch (mutation) {
            case COPIED -> copies(records, random);
            case LOST -> {
                // A tenth, and so that it is seen who refers to them, not less than a few.
                for (int i = 0; i < Math.max(TIMES, sample.size() / 10); i++) {
                    records.remove(random.nextInt(sample.size()));
                }
            }
            case COPIED_AND_CHANGED -> fields.forEach(field -> copyAndChange(records, field, random));
            default -> fields.forEach(field -> damage(records, field, mutation, random));
        }
        return records;
    }

    private void copies(SortedMap<Integer, Image> records, Random random) {
        for (int i = 0; i < TIMES; i++) {
            records.put(records.lastKey() + 1, sample.get(random.nextInt(sample.size())));
        }
    }

    private void copyAndChange(SortedMap<Integer, Image> records, Field field, Random random) {
        for (int i = 0; i < TRIES; i++) {
            Image copied = sample.get(random.nextInt(sample.size()));
            Optional<Image> changed = changed(copied, field, Mutation.SWAPPED, random);
            if (changed.isPresent()) {
                records.put(records.lastKey() + 1, changed.get());
                return;
            }
        }
    }

    private void damage(SortedMap<Integer, Image> records, Field field, Mutation mutation, Random random) {
        int left = TIMES;
        for (int i = 0; i < TRIES && left > 0; i++) {
            int number = random.nextInt(sample.size());
            Image record = records.getOrDefault(number, sample.get(number));
            Optional<Image> changed = changed(record, field, mutation, random);
            if (changed.isPresent()) {
                records.put(number, changed.get());
                left--;
            }
        }
    }

    private Optional<Image> changed(Image record, Field field, Mutation mutation, Random random) {
        List<Value> there = Within.values(record, field);
        if (there.isEmpty()) {
            return Optional.empty();
        }
        int element = random.nextInt(there.size());
        Value old = there.get(element);
        return damaged(record, field, element, old, mutation, random)
                .filter(value -> !value.equals(old) && fits(value, field))
                .map(value -> Within.with(record, field, element, value));
    }

    private static boolean fits(Value value, Field field) {
        try {
            Rows.object(value, field.type());
            return true;
        } catch (IllegalArgumentException | ArithmeticException e) {
            return false;
        }
    }

    private Optional<Value> damaged(
            Image record, Field field, int element, Value old, Mutation mutation, Random random) {
        if (mutation == Mutation.SWAPPED) {
            List<Value> all = values.getOrDefault(field, List.of());
            return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
        }
        if (old.isNull()) {
            return Optional.empty();
        }
        if (mutation == Mutation.MISSING) {
            return Optional.of(Value.NULL);
        }
        if (mutation == Mutation.MISPLACED) {
            return misplaced(record, field, element, random);
        }
        return switch (field.kind()) {
            case WHOLE, FRACTION -> number(field, old, mutation, random);
            case TEXT -> old instanceof Value.Text text ? text(text.value(), mutation, random) : Optional.empty();
            case TIME -> time(old, mutation, random);
            case BOOLEAN ->
                mutation == Mutation.FOREIGN && old instanceof Value.Bool bool
                        ? Optional.of(Value.of(!bool.value()))
                        : Optional.empty();
        };
    }

    private Optional<Value> misplaced(Image record, Field field, int element, Random random) {
        List<Field> others = fields.stream()
                .filter(other -> !other.equals(field) && other.of().equals(field.of()) && other.kind() == field.kind())
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(Within.values(record, others.get(random.nextInt(others.size())))
                                .get(element))
                        .filter(value -> !value.isNull());
    }

    // ---- numbers

    private Optional<Value> number(Field field, Value old, Mutation mutation, Random random) {
        Optional<BigDecimal> known = digits(old);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        BigDecimal number = known.get();
        BigDecimal other = switch (mutation) {
            case EMPTIED -> BigDecimal.ZERO;
            case PLACEHOLDER -> BigDecimal.ONE.negate();
            case TEN_TIMES -> number.multiply(BigDecimal.TEN);
            case OTHER_UNIT -> number.divide(HUNDRED);
            case NEGATED -> number.negate();
            case FAR_ABOVE -> beyond(field);
            case FAR_BELOW -> beyond(field).negate();
            case STEP_BACK -> number.subtract(BigDecimal.ONE);
            case FOREIGN -> beyond(field).subtract(BigDecimal.valueOf(random.nextInt(100)));
            default -> number;
        };
        if (old instanceof Value.Real) {
            return Optional.of(new Value.Real(other.doubleValue()));
        }
        int scale = field.kind() == Field.Kind.WHOLE ? 0 : Math.max(0, number.scale());
        return Optional.of(new Value.Num(other.setScale(scale, RoundingMode.HALF_UP)));
    }

    /** Well above all of the sample, and yet of a size that its type most likely holds. */
    private BigDecimal beyond(Field field) {
        return values.getOrDefault(field, List.of()).stream()
                .flatMap(value -> digits(value).stream())
                .map(BigDecimal::abs)
                .max(Comparator.naturalOrder())
                .orElse(BigDecimal.ONE)
                .max(BigDecimal.ONE)
                .multiply(BigDecimal.valueOf(7))
                .add(HUNDRED);
    }

    private static Optional<BigDecimal> digits(Value value) {
        if (value instanceof Value.Num number) {
            return Optional.of(number.value());
        }
        return value instanceof Value.Real real && Double.isFinite(real.value())
                ? Optional.of(BigDecimal.valueOf(real.value()))
                : Optional.empty();
    }

    // ---- texts

    private static Optional<Value> text(String text, Mutation mutation, Random random) {
        String other = switch (mutation) {
            case EMPTIED -> "";
            case PLACEHOLDER -> "N/A";
            case TEN_TIMES -> text + text;
            case NEGATED -> "-" + text;
            case FOREIGN -> foreign(text, random);
            case MISTYPED -> mistyped(text, random);
            case OTHER_CASE -> otherCase(text);
            case PADDED -> text + " ";
            case CUT -> text.substring(0, text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2));
            case GARBLED -> text + "\u00c3\u00a9";
            default -> text;
        };
        return Optional.of(new Value.Text(other));
    }

    /** Each digit and letter is another one. */
    private static String foreign(String text, Random random) {
        StringBuilder other = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character >= '0' && character <= '9') {
                other.append((char) ('0' + random.nextInt(10)));
            } else if (character >= 'a' && character <= 'z') {
                other.append((char) ('a' + random.nextInt(26)));
            } else if (character >= 'A' && character <= 'Z') {
                other.append((char) ('A' + random.nextInt(26)));
            } else {
                other.append(character);
            }
        }
        return other.toString();
    }

    private static String mistyped(String text, Random random) {
        if (text.isEmpty()) {
            return text;
        }
        int at = text.offsetByCodePoints(0, random.nextInt(text.codePointCount(0, text.length())));
        return text.substring(0, at) + "x" + text.substring(at + Character.charCount(text.codePointAt(at)));
    }

    private static String otherCase(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        return upper.equals(text) ? text.toLowerCase(Locale.ROOT) : upper;
    }

    // ---- times

    private static Optional<Value> time(Value old, Mutation mutation, Random random) {
        return switch (mutation) {
            case PLACEHOLDER ->
                moved(old, Duration.between(Instant.EPOCH, instant(old)).negated());
            case OTHER_UNIT -> moved(old, ZONE.negated());
            case FAR_ABOVE -> moved(old, CENTURY);
            case FAR_BELOW -> moved(old, CENTURY.negated());
            case STEP_BACK -> moved(old, Duration.ofSeconds(1).negated());
            case FOREIGN ->
                moved(old, Duration.ofSeconds(1 + random.nextInt(86_400)).plus(Duration.ofDays(40)));
            default -> Optional.empty();
        };
    }

    private static Instant instant(Value time) {
        if (time instanceof Value.Day day) {
            return day.value().atStartOfDay(ZoneOffset.UTC).toInstant();
        }
        if (time instanceof Value.LocalMoment local) {
            return local.value().toInstant(ZoneOffset.UTC);
        }
        return time instanceof Value.Moment moment ? moment.value() : Instant.EPOCH;
    }

    private static Optional<Value> moved(Value time, Duration by) {
        if (time instanceof Value.Moment moment) {
            return Optional.of(new Value.Moment(moment.value().plus(by)));
        }
        if (time instanceof Value.LocalMoment local) {
            LocalDateTime moved = local.value().plus(by);
            return Optional.of(new Value.LocalMoment(moved));
        }
        if (time instanceof Value.Day day) {
            LocalDate moved =
                    day.value().plusDays(by.isNegative() ? Math.min(-1, by.toDays()) : Math.max(1, by.toDays()));
            return Optional.of(new Value.Day(moved));
        }
        return Optional.empty();
    }
}
