package dev.lastgood.record;

import dev.lastgood.path.FieldPath;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Random records of every kind, with nested objects and arrays; few values, so that two are often alike. */
public final class RandomRecords {
    private final Random random;

    public RandomRecords(Random random) {
        this.random = random;
    }

    /** Tolerances, a set, keyed arrays one within the other, and something ignored, for {@link #image}. */
    public static final Comparison DECLARED = Comparison.builder()
            .ignore(FieldPath.of("noise"))
            .ignore(FieldPath.valueOf("lines[].noise"))
            .abs(FieldPath.of("total"), new BigDecimal("0.005"))
            .rel(FieldPath.valueOf("plain[]"), new BigDecimal("0.001"))
            .within(FieldPath.of("at"), Duration.ofSeconds(1))
            .set(FieldPath.of("tags"))
            .keyed(FieldPath.of("lines"), List.of("no"))
            .keyed(FieldPath.valueOf("lines[].taxes"), List.of("kind", "zone"))
            .build();

    public Image image() {
        TreeMap<String, Value> fields = new TreeMap<>();
        maybe(fields, "id", Value.of(random.nextInt(2)));
        maybe(fields, "total", number());
        maybe(fields, "at", new Value.Moment(Instant.ofEpochSecond(random.nextInt(3))));
        maybe(fields, "name", scalar());
        maybe(fields, "noise", scalar());
        maybe(fields, "address", object(2));
        maybe(fields, "plain", array(2));
        maybe(fields, "tags", array(0));
        maybe(fields, "lines", random.nextInt(8) == 0 ? array(2) : lines());
        return Image.of(fields);
    }

    /** The same record after a change or two somewhere. */
    public Image changed(Image image) {
        Image changed = image;
        for (int i = random.nextInt(3); i >= 0; i--) {
            Image other = image();
            List<String> names = new ArrayList<>(other.fields().keySet());
            names.add("name");
            String name = names.get(random.nextInt(names.size()));
            changed = changed.with(name, random.nextInt(6) == 0 ? null : other.field(name));
        }
        return changed;
    }

    private void maybe(Map<String, Value> fields, String name, Value value) {
        if (random.nextInt(6) > 0) {
            fields.put(name, value);
        }
    }

    private Value number() {
        return Value.number(List.of("1", "1.00", "1.004", "1.01", "-3", "1e400").get(random.nextInt(6)));
    }

    public Value scalar() {
        return switch (random.nextInt(9)) {
            case 0 -> Value.NULL;
            case 1 -> Value.of(random.nextBoolean());
            case 2 -> number();
            case 3 -> new Value.Real(List.of(0.0, -0.0, 1.0, Double.NaN).get(random.nextInt(4)));
            case 4 -> Value.of(List.of("", "a", "b.c", "null", "\ud800").get(random.nextInt(5)));
            case 5 -> new Value.Bytes(new byte[random.nextInt(3)]);
            case 6 -> new Value.Day(LocalDate.ofEpochDay(random.nextInt(2)));
            case 7 -> new Value.Moment(Instant.ofEpochSecond(random.nextInt(2)));
            default -> new Value.LocalMoment(LocalDate.EPOCH.atTime(0, random.nextInt(2)));
        };
    }

    private Value value(int depth) {
        int kind = random.nextInt(depth > 0 ? 6 : 4);
        return kind == 4 ? object(depth - 1) : kind == 5 ? array(depth - 1) : scalar();
    }

    private Value object(int depth) {
        TreeMap<String, Value> fields = new TreeMap<>();
        for (String name : List.of("a", "b.b", "c`", "")) {
            if (random.nextInt(3) > 0) {
                fields.put(name, value(depth));
            }
        }
        return new Value.Obj(fields);
    }

    private Value array(int depth) {
        List<Value> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            items.add(value(depth));
        }
        return new Value.Array(items);
    }

    private Value lines() {
        List<Value> lines = new ArrayList<>();
        for (int no = 0; no < 4; no++) {
            if (random.nextInt(3) > 0) {
                TreeMap<String, Value> line = new TreeMap<>();
                line.put("no", random.nextInt(12) == 0 ? scalar() : Value.of(no));
                maybe(line, "amount", number());
                maybe(line, "noise", scalar());
                maybe(line, "taxes", taxes());
                lines.add(new Value.Obj(line));
            }
        }
        Collections.shuffle(lines, random);
        return new Value.Array(lines);
    }

    private Value taxes() {
        List<Value> taxes = new ArrayList<>();
        for (String kind : List.of("vat", "it's, [so]")) {
            if (random.nextBoolean()) {
                taxes.add(Value.Obj.of(
                        Map.of("kind", Value.of(kind), "zone", new Value.Day(LocalDate.EPOCH), "rate", number())));
            }
        }
        return new Value.Array(taxes);
    }
}
