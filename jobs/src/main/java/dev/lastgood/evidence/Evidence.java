package dev.lastgood.evidence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.UnusableEntry;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A document about a period: its figures, and the catalog's entries they come from, word for word. Each entry holds the
 * digest of the one before, so none can be left out, put in or changed without being found, by whoever has nothing but the
 * document; that the chain is the store's own is found with the store.
 *
 * <p>What the document cannot show: that the program told the catalog the truth, and what was done beside it.
 */
public final class Evidence {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Evidence() {}

    /**
     * The evidence of a period; entries before and after it are not part of it.
     *
     * @param all the whole catalog, in order
     * @param version of the product
     */
    public static ObjectNode of(List<Entry> all, Period period, String workspace, String version, Instant made) {
        List<Entry> entries = of(all, period);
        ObjectNode document = NODES.objectNode().put("formatVersion", 1).put("evidence", "lastgood");
        document.put("workspace", workspace)
                .put("from", period.from().toString())
                .put("to", period.to().toString())
                .put("made", made.toString())
                .put("version", version);
        document.set("summary", Summary.of(entries, period));
        ArrayNode chain = document.putArray("entries");
        for (Entry entry : entries) {
            byte[] bytes = entry.bytes();
            chain.addObject()
                    .put("number", entry.number())
                    .put("digest", Sha256.of(bytes).toString())
                    .put("entry", new String(bytes, StandardCharsets.UTF_8));
        }
        document.put("digest", digest(document).toString());
        return document;
    }

    /** From the first of the period to the last: what lies between is part of the chain, whatever its clock said. */
    private static List<Entry> of(List<Entry> all, Period period) {
        int first = -1;
        int last = -1;
        for (int i = 0; i < all.size(); i++) {
            if (period.holds(all.get(i).at())) {
                first = first < 0 ? i : first;
                last = i;
            }
        }
        return first < 0 ? List.of() : all.subList(first, last + 1);
    }

    private static Sha256 digest(ObjectNode document) {
        ObjectNode without = document.deepCopy();
        without.remove("digest");
        return Sha256.of(JsonValues.write(without).getBytes(StandardCharsets.UTF_8));
    }

    /** What is wrong with a document by itself, in lines; empty if nothing is. Whatever it is, this does not throw. */
    public static List<String> problems(JsonNode document) {
        if (!(document instanceof ObjectNode object)
                || !document.path("evidence").asText().equals("lastgood")) {
            return List.of("this is no evidence of lastgood");
        }
        if (document.path("formatVersion").asInt() != 1) {
            return List.of("it is of a format this version does not know");
        }
        List<String> problems = new ArrayList<>();
        if (!digest(object).toString().equals(document.path("digest").asText())) {
            problems.add("its digest is not that of what it says");
        }
        List<Entry> entries = entries(document, problems);
        try {
            Period period = new Period(
                    LocalDate.parse(document.path("from").asText()),
                    LocalDate.parse(document.path("to").asText()));
            if (!JsonValues.write(Summary.of(entries, period)).equals(JsonValues.write(document.path("summary")))) {
                problems.add("its figures are not those of its entries");
            }
            boolean outside = !entries.isEmpty()
                    && !(period.holds(entries.get(0).at())
                            && period.holds(entries.get(entries.size() - 1).at()));
            if (outside) {
                problems.add("its entries are of another period");
            }
        } catch (DateTimeException | IllegalArgumentException e) {
            problems.add("it has no period");
        }
        return List.copyOf(problems);
    }

    /** The entries as far as they can be read; what is wrong with them and their chain is added to the problems. */
    private static List<Entry> entries(JsonNode document, List<String> problems) {
        List<Entry> entries = new ArrayList<>();
        Sha256 before = null;
        for (JsonNode node : document.path("entries")) {
            long number = node.path("number").asLong();
            byte[] bytes = node.path("entry").asText().getBytes(StandardCharsets.UTF_8);
            Sha256 digest = Sha256.of(bytes);
            if (!digest.toString().equals(node.path("digest").asText())) {
                problems.add("entry %d was changed: it has another digest".formatted(number));
            }
            Optional<Entry> read = read(number, bytes);
            if (read.isEmpty() || read.get().number() != number) {
                problems.add("entry %d is none of a catalog".formatted(number));
            } else {
                Entry entry = read.get();
                Entry last = entries.isEmpty() ? null : entries.get(entries.size() - 1);
                if (last != null
                        && (entry.number() != last.number() + 1
                                || !entry.previous().equals(before))) {
                    problems.add("entry %d does not follow entry %d".formatted(number, last.number()));
                }
                entries.add(entry);
            }
            before = digest;
        }
        return entries;
    }

    private static Optional<Entry> read(long number, byte[] bytes) {
        try {
            return Optional.of(Entry.read("entry " + number, bytes));
        } catch (UnusableEntry e) {
            return Optional.empty();
        }
    }

    /**
     * Where a document that is sound by itself is not what a catalog says; empty if it is. More than the document has may
     * have been written to the catalog since, but not within its entries.
     */
    public static List<String> differences(JsonNode document, List<Entry> catalog, String workspace) {
        List<String> differences = new ArrayList<>();
        if (!document.path("workspace").asText().equals(workspace)) {
            differences.add("it is of workspace '%s', and this is '%s'"
                    .formatted(document.path("workspace").asText(), workspace));
        }
        Period period = new Period(
                LocalDate.parse(document.path("from").asText()),
                LocalDate.parse(document.path("to").asText()));
        JsonNode entries = document.path("entries");
        long last = entries.path(entries.size() - 1).path("number").asLong();
        Instant made = Instant.parse(document.path("made").asText());
        List<Entry> expected = of(catalog, period).stream()
                .filter(entry -> entry.number() <= last || entry.at().isBefore(made))
                .toList();
        if (entries.size() != expected.size()) {
            differences.add("it has %d entries, and the catalog has %d of that period"
                    .formatted(entries.size(), expected.size()));
        }
        for (int i = 0; i < Math.min(entries.size(), expected.size()); i++) {
            Entry entry = expected.get(i);
            if (!Sha256.of(entry.bytes())
                    .toString()
                    .equals(entries.get(i).path("digest").asText())) {
                differences.add("entry %d is another one in the catalog".formatted(entry.number()));
            }
        }
        return differences;
    }
}
