package dev.lastgood.restore;

import dev.lastgood.path.FieldPath;
import dev.lastgood.record.Comparison;
import dev.lastgood.record.Image;
import dev.lastgood.record.Key;
import dev.lastgood.record.Value;
import dev.lastgood.target.InMemoryTarget;
import dev.lastgood.target.Target.Change;
import dev.lastgood.target.Target.Seen;
import dev.lastgood.target.Target.Written;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A live dataset that remembers who wrote what: the application, the bug, a restore or an undo. Every legitimate value is
 * written once in a world, so that a value tells its writer.
 */
final class World {
    enum Writer {
        LEGITIMATE,
        BUG,
        RESTORE,
        UNDO
    }

    /** One write that took effect. */
    record Deed(
            Key key,
            Writer writer,
            @Nullable Image before,
            @Nullable Image after) {}

    static final Comparison COMPARISON =
            Comparison.builder().keyed(FieldPath.of("lines"), List.of("no")).build();

    final InMemoryTarget memory = new InMemoryTarget("orders");
    final List<Deed> deeds = new ArrayList<>();
    private final Map<Key, Map<String, Writer>> lastWriters = new HashMap<>();
    private final Map<Key, Writer> lastDeleters = new HashMap<>();
    private final Random random;
    private long fresh = 1000;

    World(Random random) {
        this.random = random;
    }

    /** A number nobody has used. */
    Value unused() {
        return Value.of(++fresh);
    }

    @Nullable
    Image image(Key key) {
        return memory.see(key).image();
    }

    void put(Key key, @Nullable Image image, Writer writer) {
        Image before = image(key);
        memory.put(key, image);
        note(key, writer, before, image);
    }

    /** A guarded write of a restore or an undo, which takes effect or not. */
    Written write(Change change, Writer writer) {
        Image before = image(change.key());
        Written written = memory.write(change);
        if (written instanceof Written.Done) {
            note(change.key(), writer, before, image(change.key()));
        }
        return written;
    }

    private void note(Key key, Writer writer, @Nullable Image before, @Nullable Image after) {
        deeds.add(new Deed(key, writer, before, after));
        Map<String, Writer> writers = lastWriters.computeIfAbsent(key, any -> new HashMap<>());
        changedLeaves(before, after).forEach(leaf -> writers.put(leaf, writer));
        if (after == null) {
            lastDeleters.put(key, writer);
        }
    }

    /** The record, or what it was when it was deleted. */
    @Nullable
    Image lastImage(Key key) {
        Image last = null;
        for (Deed deed : deeds) {
            if (deed.key().equals(key)) {
                last = deed.after() == null ? deed.before() : deed.after();
            }
        }
        return last;
    }

    @Nullable
    Writer lastWriter(Key key, String leaf) {
        return lastWriters.getOrDefault(key, Map.of()).get(leaf);
    }

    @Nullable
    Writer lastDeleter(Key key) {
        return lastDeleters.get(key);
    }

    /** The leaves that differ, by a naive flattening of its own. */
    static List<String> changedLeaves(@Nullable Image before, @Nullable Image after) {
        Map<String, Value> a = before == null ? Map.of() : leaves(before);
        Map<String, Value> b = after == null ? Map.of() : leaves(after);
        TreeSet<String> names = new TreeSet<>(a.keySet());
        names.addAll(b.keySet());
        names.removeIf(name -> Objects.equals(a.get(name), b.get(name)));
        return List.copyOf(names);
    }

    static Map<String, Value> leaves(Image image) {
        Map<String, Value> leaves = new TreeMap<>();
        flatten("", image.object(), leaves);
        return leaves;
    }

    private static void flatten(String at, Value value, Map<String, Value> leaves) {
        if (value instanceof Value.Obj object) {
            object.fields().forEach((name, inner) -> flatten(at + "." + name, inner, leaves));
        } else if (value instanceof Value.Array array) {
            for (Value item : array.items()) {
                Value no = item instanceof Value.Obj object ? object.fields().get("no") : null;
                flatten(at + "[" + no + "]", item, leaves);
            }
        } else {
            leaves.put(at, value);
        }
    }

    // ---- what the application does

    /** The version of a record that is made again goes on where it was: a counter that restarts would prove nothing. */
    Image newRecord(int id) {
        Image image = Image.of(Map.of(
                "id", Value.of(id),
                "v", Value.of(1 + 1000L * deeds.size()),
                "a", unused(),
                "b", unused(),
                "note", unused(),
                "by", Value.NULL));
        image = image.with("address", Value.Obj.of(Map.of("zip", unused(), "city", unused())));
        List<Value> lines = new ArrayList<>();
        for (int no = 1; no <= random.nextInt(4); no++) {
            lines.add(line(no));
        }
        return priced(image.with("lines", new Value.Array(lines)));
    }

    private Value line(int no) {
        return Value.Obj.of(Map.of("no", Value.of(no), "amount", unused(), "text", unused()));
    }

    private Image priced(Image image) {
        long qty = ++fresh;
        long price = ++fresh;
        return image.with("qty", Value.of(qty)).with("price", Value.of(price)).with("total", Value.of(qty * price));
    }

    /** A legitimate write of one record, or its delete, or its creation. */
    void legitimateWrite(Key key) {
        Image image = image(key);
        if (image == null) {
            if (random.nextInt(4) == 0) {
                put(key, newRecord(id(key)), Writer.LEGITIMATE);
            }
            return;
        }
        if (random.nextInt(12) == 0) {
            put(key, null, Writer.LEGITIMATE);
            return;
        }
        Image changed = image;
        for (int i = random.nextInt(2); i >= 0; i--) {
            changed = edited(changed);
        }
        put(key, counted(changed), Writer.LEGITIMATE);
    }

    private static int id(Key key) {
        return number(Objects.requireNonNull(key.parts().get("id")));
    }

    private static int number(Value value) {
        return ((Value.Num) value).value().intValueExact();
    }

    /** Every writer of the application moves the version. */
    static Image counted(Image image) {
        Value version = Objects.requireNonNull(image.field("v"));
        return image.with("v", Value.of(number(version) + 1));
    }

    private Image edited(Image image) {
        return switch (random.nextInt(8)) {
            case 0 -> image.with("a", unused());
            case 1 -> image.with("b", unused());
            case 2 -> priced(image);
            case 3 -> image.with("note", random.nextInt(4) == 0 ? null : unused());
            case 4 -> address(image, "zip", unused());
            case 5 -> address(image, "city", unused());
            case 6 -> image.with("lines", lines(image));
            default -> requantified(image);
        };
    }

    /** Computes the total anew from the price as it is, be that damaged. */
    private Image requantified(Image image) {
        long qty = ++fresh;
        return image.field("price") instanceof Value.Num price
                ? image.with("qty", Value.of(qty))
                        .with("total", new Value.Num(price.value().multiply(java.math.BigDecimal.valueOf(qty))))
                : image;
    }

    private static Image address(Image image, String field, Value value) {
        Map<String, Value> address =
                new TreeMap<>(image.field("address") instanceof Value.Obj object ? object.fields() : new TreeMap<>());
        address.put(field, value);
        return image.with("address", Value.Obj.of(address));
    }

    private Value lines(Image image) {
        List<Value> lines =
                new ArrayList<>(image.field("lines") instanceof Value.Array array ? array.items() : List.of());
        if (lines.isEmpty() || random.nextInt(3) == 0) {
            lines.add(line((int) ++fresh));
        } else if (random.nextInt(3) == 0) {
            lines.remove(random.nextInt(lines.size()));
        } else {
            int index = random.nextInt(lines.size());
            lines.set(index, with(lines.get(index), random.nextBoolean() ? "amount" : "text", unused()));
        }
        return new Value.Array(lines);
    }

    private static Value with(Value object, String field, Value value) {
        return new Image((Value.Obj) object).with(field, value).object();
    }

    // ---- what the bug does

    private Value negative() {
        return Value.of(- ++fresh);
    }

    /** A write of the bug to a record, its delete, or a record that should not be. */
    void damage(Key key) {
        Image image = image(key);
        if (image == null) {
            put(key, newRecord(id(key)).with("a", negative()).with("origin", Value.of("bug")), Writer.BUG);
            return;
        }
        if (random.nextInt(8) == 0) {
            put(key, null, Writer.BUG);
            return;
        }
        Image damaged = broken(image);
        if (random.nextInt(3) == 0) {
            damaged = broken(damaged);
        }
        put(key, counted(damaged), Writer.BUG);
    }

    private Image broken(Image image) {
        switch (random.nextInt(9)) {
            case 0:
                return image.with("a", negative());
            case 1:
                return image.with("a", negative()).with("b", negative());
            case 2:
                return image.with("total", unused());
            case 3:
                return image.with("qty", unused());
            case 4:
                return image.with("price", null);
            case 5:
                return image.with("note", unused());
            case 6:
                return address(image, "zip", negative());
            case 7:
                return image.with("address", Value.NULL);
            default:
                if (image.field("lines") instanceof Value.Array array
                        && !array.items().isEmpty()) {
                    List<Value> lines = new ArrayList<>(array.items());
                    int index = random.nextInt(lines.size());
                    if (random.nextInt(4) == 0) {
                        lines.remove(index);
                    } else {
                        lines.set(index, with(lines.get(index), "amount", negative()));
                    }
                    return image.with("lines", new Value.Array(lines));
                }
                return image.with("b", negative());
        }
    }

    Seen see(Key key) {
        return memory.see(key);
    }
}
