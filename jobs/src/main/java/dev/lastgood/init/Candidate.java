package dev.lastgood.init;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dataset that lies in a source, and how it may be declared.
 *
 * @param name of the dataset
 * @param place lines that say where it is: {@code table}, {@code container}, or {@code path} and {@code format}
 * @param key paths of fields; empty if nothing is known to tell its records apart
 * @param keyIsKnown why the key is one, or why there is none
 * @param schema types of the cells of a CSV file that hold more than text
 * @param version a number that grows with every write; null if no name looks like one
 * @param changedAt when a record was last written; null if no name looks like it
 * @param personal fields that may tell of a person
 */
public record Candidate(
        String name,
        Map<String, String> place,
        List<String> key,
        String keyIsKnown,
        Map<String, String> schema,
        @Nullable String version,
        @Nullable String changedAt,
        List<String> personal) {

    public Candidate {
        key = List.copyOf(key);
        personal = List.copyOf(personal);
    }

    /** One that could not be read, and why. */
    public Candidate unread(String why) {
        return with(List.of(), "not read (%s): name what tells records apart".formatted(why), Map.of());
    }

    Candidate with(List<String> newKey, String why, Map<String, String> newSchema) {
        return new Candidate(name, place, newKey, why, newSchema, version, changedAt, personal);
    }
}
