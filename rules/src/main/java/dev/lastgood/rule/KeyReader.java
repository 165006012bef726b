package dev.lastgood.rule;

import dev.lastgood.path.Literal;
import dev.lastgood.problem.Problems;
import dev.lastgood.yaml.Fields;
import dev.lastgood.yaml.YamlNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the key of a record as people write it: {@code {id: 7}}. */
public final class KeyReader {
    private KeyReader() {}

    /** The values by field; empty, with the problems reported, if one cannot be read or there is none. */
    public static Optional<Map<String, Literal>> read(Fields key, Problems problems) {
        if (key.entries().isEmpty()) {
            problems.error(key.place(), "'key' names no field", "Write the fields of the record's key: {id: 7}.");
            return Optional.empty();
        }
        Map<String, Literal> values = new LinkedHashMap<>();
        for (YamlNode.Entry entry : key.entries()) {
            value(entry, problems).ifPresent(value -> values.put(entry.key().text(), value));
        }
        return values.size() == key.entries().size() ? Optional.of(values) : Optional.empty();
    }

    private static Optional<Literal> value(YamlNode.Entry entry, Problems problems) {
        String name = entry.key().shown();
        if (!(entry.value() instanceof YamlNode.Scalar scalar)) {
            problems.error(
                    entry.value().place(),
                    "'%s' must be a plain value, not %s"
                            .formatted(name, entry.value().kind()));
            return Optional.empty();
        }
        if (scalar.plain() && scalar.text().isEmpty()) {
            problems.error(entry.key().place(), "'%s' is empty".formatted(name), "Write a value, or null for none.");
            return Optional.empty();
        }
        return Optional.of(scalar.isNull() ? Literal.NULL : CheckReader.literal(scalar));
    }
}
