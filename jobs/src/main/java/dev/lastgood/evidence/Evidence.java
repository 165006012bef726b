package dev.lastgood.evidence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.record.JsonValues;
import dev.lastgood.snapshot.Entry;
import dev.lastgood.snapshot.Manifest;
import dev.lastgood.snapshot.Sha256;
import dev.lastgood.snapshot.Signer;
import dev.lastgood.snapshot.Trust;
import dev.lastgood.snapshot.UnusableEntry;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A document about a period: its figures, and the catalog's entries they come from, word for word. Each entry holds the
 * digest of the one before, so whoever has nothing but the document finds what was left out, put in or changed between its
 * first and its last entry. That nothing was left out before the first or after the last, and that the chain is the store's
 * own, is found with the store.
 *
 * <p>What the document cannot show: that the program told the catalog the truth, and what was done beside it.
 */
public final class Evidence {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int UNSIGNED = 1;
    private static final int SIGNED = 2;

    private Evidence() {}

    /**
     * The evidence of a period; of what was before it only the last capture of each dataset is part of it.
     *
     * @param all the whole catalog, in order
     * @param workspace its name
     * @param datasets that the workspace declares, whether anything was ever captured of them or not
     * @param version of the product
     */
    public static ObjectNode of(
            List<Entry> all,
            Period period,
            String workspace,
            Collection<String> datasets,
            String version,
            Instant made) {
        List<Entry> before = before(all, period);
        List<Entry> entries = of(all, period);
        ObjectNode document = NODES.objectNode().put("formatVersion", UNSIGNED).put("evidence", "lastgood");
        document.put("workspace", workspace)
                .put("from", period.from().toString())
                .put("to", period.to().toString())
                .put("made", made.toString())
                .put("version", version);
        ArrayNode declared = document.putArray("datasets");
        datasets.stream().sorted().forEach(declared::add);
        document.set("summary", Summary.of(before, entries, datasets, period, made));
        document.set("before", nodes(before));
        document.set("entries", nodes(entries));
        document.put("digest", digest(document).toString());
        return document;
    }

    private static ArrayNode nodes(List<Entry> entries) {
        ArrayNode nodes = NODES.arrayNode();
        for (Entry entry : entries) {
            byte[] bytes = entry.bytes();
            nodes.addObject()
                    .put("number", entry.number())
                    .put("digest", Sha256.of(bytes).toString())
                    .put("entry", new String(bytes, StandardCharsets.UTF_8));
        }
        return nodes;
    }

    /** From the first of the period to the last: what lies between is part of the chain, whatever its clock said. */
    private static List<Entry> of(List<Entry> all, Period period) {
        int first = -1;
        int last = -1;
        for (int i = 0; i < all.size(); i++) {
            if (period.holds(all.get(i))) {
                first = first < 0 ? i : first;
                last = i;
            }
        }
        return first < 0 ? List.of() : all.subList(first, last + 1);
    }

    /** The entries with the last capture of each dataset before the period, in order: a gap in the period began there. */
    private static List<Entry> before(List<Entry> all, Period period) {
        Map<String, Instant> last = new TreeMap<>();
        Map<String, Entry> entries = new TreeMap<>();
        for (Entry entry : all) {
            if (period.holds(entry)) {
                break;
            }
            Summary.captures(entry).forEach((dataset, at) -> {
                if (at.isBefore(period.start()) && (last.get(dataset) == null || at.isAfter(last.get(dataset)))) {
                    last.put(dataset, at);
                    entries.put(dataset, entry);
                }
            });
        }
        return entries.values().stream()
                .distinct()
                .sorted(Comparator.comparingLong(Entry::number))
                .toList();
    }

    private static Sha256 digest(ObjectNode document) {
        ObjectNode without = document.deepCopy();
        without.remove(List.of("digest", "signature"));
        return Sha256.of(JsonValues.write(without).getBytes(StandardCharsets.UTF_8));
    }

    /** The document with a signature of its digest: of format 2, as what knows only format 1 takes it for changed. */
    public static ObjectNode signed(ObjectNode document, Signer signer) {
        ObjectNode signed = document.deepCopy().put("formatVersion", SIGNED);
        signed.put("digest", digest(signed).toString());
        Manifest.Signature signature = signer.signature(message(signed));
        signed.putObject("signature")
                .put("algorithm", signature.algorithm())
                .put("key", signature.key())
                .put("value", signature.value());
        return signed;
    }

    /** Nothing covers what is beside the three. */
    private static boolean isSignature(JsonNode signature) {
        return signature.size() == 3
                && Stream.of("algorithm", "key", "value")
                        .allMatch(name -> signature.path(name).isTextual());
    }

    /** What is signed: the digest, in words that nothing else the key may ever sign begins with. */
    private static byte[] message(JsonNode document) {
        return "lastgood evidence signature 1\n%s\n"
                .formatted(document.path("digest").asText())
                .getBytes(StandardCharsets.UTF_8);
    }

    /** What the signature of a document is worth; of one without {@link #problems}, for its digest is what is signed. */
    public static Trust.Standing standing(JsonNode document, Trust trust) {
        JsonNode signature = document.path("signature");
        if (signature.isMissingNode()) {
            return trust.standing(message(document), null);
        }
        try {
            return trust.standing(
                    message(document),
                    new Manifest.Signature(
                            signature.path("algorithm").asText(),
                            signature.path("key").asText(),
                            signature.path("value").asText()));
        } catch (IllegalArgumentException e) {
            return Trust.Standing.WRONG_SIGNATURE;
        }
    }

    /** What is wrong with a document by itself, in lines; empty if nothing is. Whatever it is, this does not throw. */
    public static List<String> problems(JsonNode document) {
        if (!(document instanceof ObjectNode object)
                || !document.path("evidence").asText().equals("lastgood")) {
            return List.of("this is no evidence of lastgood");
        }
        int format = document.path("formatVersion").asInt();
        if (format != UNSIGNED && format != SIGNED) {
            return List.of("it is of a format this version does not know");
        }
        List<String> problems = new ArrayList<>();
        if (format == SIGNED && !document.has("signature")) {
            problems.add("it was signed, and its signature is gone");
        } else if (document.has("signature") && !(format == SIGNED && isSignature(document.get("signature")))) {
            problems.add("its signature is none that was made with it");
        }
        if (!digest(object).toString().equals(document.path("digest").asText())) {
            problems.add("its digest is not that of what it says");
        }
        List<Entry> before = entries(document.path("before"), false, problems);
        List<Entry> entries = entries(document.path("entries"), true, problems);
        List<String> datasets = new ArrayList<>();
        document.path("datasets").forEach(dataset -> datasets.add(dataset.asText()));
        try {
            Period period = period(document);
            ObjectNode summary = Summary.of(before, entries, datasets, period, made(document));
            if (!JsonValues.write(summary).equals(JsonValues.write(document.path("summary")))) {
                problems.add("its figures are not those of its entries");
            }
            boolean outside = !entries.isEmpty()
                    && !(period.holds(entries.get(0)) && period.holds(entries.get(entries.size() - 1)));
            if (outside || before.stream().anyMatch(period::holds)) {
                problems.add("its entries are of another period");
            }
        } catch (DateTimeException | IllegalArgumentException e) {
            problems.add("it has no period, or does not say when it was made");
        }
        return List.copyOf(problems);
    }

    private static Period period(JsonNode document) {
        return new Period(
                LocalDate.parse(document.path("from").asText()),
                LocalDate.parse(document.path("to").asText()));
    }

    private static Instant made(JsonNode document) {
        return Instant.parse(document.path("made").asText());
    }

    /** Whether it was made before its period was over, so that more may have come; of one without problems. */
    public static boolean isEarly(JsonNode document) {
        return made(document).isBefore(period(document).end());
    }

    /**
     * The entries as far as they can be read; what is wrong with them is added to the problems.
     *
     * @param chained whether each follows the one before it
     */
    private static List<Entry> entries(JsonNode nodes, boolean chained, List<String> problems) {
        List<Entry> entries = new ArrayList<>();
        Sha256 before = null;
        for (JsonNode node : nodes) {
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
                if (chained
                        && last != null
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
     * What a catalog says of a document.
     *
     * @param wrong where the document is not what the catalog says
     * @param open what keeps it from being the whole of its period
     */
    public record Compared(List<String> wrong, List<String> open) {
        public Compared {
            wrong = List.copyOf(wrong);
            open = List.copyOf(open);
        }
    }

    /** A document without {@link #problems}, compared with a catalog. */
    public static Compared compared(JsonNode document, List<Entry> catalog, String workspace) {
        List<String> wrong = new ArrayList<>();
        List<String> open = new ArrayList<>();
        if (!document.path("workspace").asText().equals(workspace)) {
            wrong.add("it is of workspace '%s', and this is '%s'"
                    .formatted(document.path("workspace").asText(), workspace));
        }
        Period period = period(document);
        List<Entry> expected = of(catalog, period);
        JsonNode entries = document.path("entries");
        compare(document.path("before"), before(catalog, period), wrong);
        compare(entries, expected.subList(0, Math.min(entries.size(), expected.size())), wrong);
        List<Entry> beyond = expected.subList(Math.min(entries.size(), expected.size()), expected.size());
        Instant made = made(document);
        long left = beyond.stream().filter(entry -> entry.at().isBefore(made)).count();
        if (left > 0) {
            wrong.add("the catalog has %d entries more of that period, written before it was made: they were left out"
                    .formatted(left));
        }
        if (beyond.size() > left) {
            open.add("the catalog has %d entries more of that period: make it again".formatted(beyond.size() - left));
        }
        if (isEarly(document)) {
            open.add("it was made at %s, before its period was over: make it again".formatted(made));
        }
        return new Compared(wrong, open);
    }

    private static void compare(JsonNode nodes, List<Entry> expected, List<String> wrong) {
        if (nodes.size() != expected.size()) {
            wrong.add("it has %d entries where the catalog has %d".formatted(nodes.size(), expected.size()));
        }
        for (int i = 0; i < Math.min(nodes.size(), expected.size()); i++) {
            Entry entry = expected.get(i);
            if (!Sha256.of(entry.bytes())
                    .toString()
                    .equals(nodes.get(i).path("digest").asText())) {
                wrong.add("entry %d is another one in the catalog".formatted(entry.number()));
            }
        }
    }
}
