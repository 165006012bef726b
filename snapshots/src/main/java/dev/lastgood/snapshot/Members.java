package dev.lastgood.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The members of a JSON object that somebody may have tampered with: what is not as it must be is a {@link UnusableEntry}. */
final class Members {

    private final String entry;
    private final String path;
    private final ObjectNode node;

    private Members(String entry, String path, ObjectNode node) {
        this.entry = entry;
        this.path = path;
        this.node = node;
    }

    static Members of(String entry, ObjectNode node) {
        return new Members(entry, "", node);
    }

    UnusableEntry damaged(String member, String defect) {
        return new UnusableEntry(entry, "'%s%s' %s".formatted(path, member, defect));
    }

    boolean has(String member) {
        return node.has(member);
    }

    /** Refuses members of other names. */
    void only(String... known) {
        for (var names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!List.of(known).contains(name)) {
                throw damaged(name, "is nothing this program knows");
            }
        }
    }

    String text(String member) {
        JsonNode value = required(member);
        if (!value.isTextual()) {
            throw damaged(member, "is not text");
        }
        return value.textValue();
    }

    @Nullable
    String textOrNull(String member) {
        return has(member) ? text(member) : null;
    }

    /** A whole number from 0 to 2⁵³ − 1. */
    long count(String member) {
        return count(member, required(member));
    }

    /** An array of them. */
    List<Long> counts(String member) {
        List<Long> counts = new ArrayList<>();
        for (JsonNode value : array(member)) {
            counts.add(count(member, value));
        }
        return List.copyOf(counts);
    }

    private long count(String member, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw damaged(member, "is not a whole number");
        }
        long count = value.longValue();
        if (count < 0 || count > CanonicalJson.LARGEST_INTEGER) {
            throw damaged(member, "is not a number of things");
        }
        return count;
    }

    boolean truth(String member) {
        JsonNode value = required(member);
        if (!value.isBoolean()) {
            throw damaged(member, "is neither true nor false");
        }
        return value.booleanValue();
    }

    Instant instant(String member) {
        String text = text(member);
        try {
            Instant instant = Instant.parse(text);
            if (instant.toString().equals(text)) {
                return instant;
            }
        } catch (DateTimeException e) {
            throw damaged(member, "is not a time in UTC");
        }
        throw damaged(member, "is not a time in UTC as this program writes it");
    }

    @Nullable
    Instant instantOrNull(String member) {
        return has(member) ? instant(member) : null;
    }

    /** A value written as text, read by something that throws IllegalArgumentException for what it does not know. */
    <T> T parsed(String member, Function<String, T> parser, String what) {
        try {
            return parser.apply(text(member));
        } catch (IllegalArgumentException e) {
            throw damaged(member, "is not " + what);
        }
    }

    Sha256 digest(String member) {
        return parsed(member, Sha256::parse, "a SHA-256");
    }

    SnapshotId snapshot(String member) {
        return parsed(member, SnapshotId::new, "the id of a snapshot");
    }

    Members object(String member) {
        if (!(required(member) instanceof ObjectNode object)) {
            throw damaged(member, "is not an object");
        }
        return new Members(entry, path + member + ".", object);
    }

    @Nullable
    Members objectOrNull(String member) {
        return has(member) ? object(member) : null;
    }

    /** The objects of an array. */
    <T> List<T> objects(String member, Function<Members, T> reader) {
        List<T> items = new ArrayList<>();
        ArrayNode array = array(member);
        for (int i = 0; i < array.size(); i++) {
            if (!(array.get(i) instanceof ObjectNode object)) {
                throw damaged(member + "[" + i + "]", "is not an object");
            }
            items.add(reader.apply(new Members(entry, "%s%s[%d].".formatted(path, member, i), object)));
        }
        return List.copyOf(items);
    }

    /** The texts of an array, each read as in {@link #parsed}. */
    <T> List<T> texts(String member, Function<String, T> parser, String what) {
        List<T> items = new ArrayList<>();
        ArrayNode array = array(member);
        for (int i = 0; i < array.size(); i++) {
            if (!array.get(i).isTextual()) {
                throw damaged(member + "[" + i + "]", "is not text");
            }
            try {
                items.add(parser.apply(array.get(i).textValue()));
            } catch (IllegalArgumentException e) {
                throw damaged(member + "[" + i + "]", "is not " + what);
            }
        }
        return List.copyOf(items);
    }

    /** An object whose members are named by data: each read from the object that holds it. */
    <T> SortedMap<String, T> map(String member, MemberReader<T> reader) {
        Members object = object(member);
        SortedMap<String, T> map = new TreeMap<>();
        for (var names = object.node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            map.put(name, reader.read(object, name));
        }
        return map;
    }

    @FunctionalInterface
    interface MemberReader<T> {
        T read(Members object, String name);
    }

    private ArrayNode array(String member) {
        if (!(required(member) instanceof ArrayNode array)) {
            throw damaged(member, "is not an array");
        }
        return array;
    }

    private JsonNode required(String member) {
        JsonNode value = node.get(member);
        if (value == null) {
            throw damaged(member, "is missing");
        }
        return value;
    }
}
