package dev.lastgood.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Badge;
import dev.lastgood.report.Page.Card;
import dev.lastgood.report.Page.Cell;
import dev.lastgood.report.Page.Column;
import dev.lastgood.report.Page.FieldCard;
import dev.lastgood.report.Page.Table;
import dev.lastgood.report.Page.Tone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lines of JSON about records and steps as cards, one a record, with their values side by side. */
final class Cards {
    private Cards() {}

    static final int MOST_FIELDS = 50;
    static final int MOST_FINDINGS = 20;

    /** Records of a sample; a record that did not change and is accused has findings only. */
    static List<Card> ofRecords(Report.Sample sample, int most) {
        Map<String, JsonNode> changes = new LinkedHashMap<>();
        Map<String, List<JsonNode>> findings = new LinkedHashMap<>();
        for (String line : sample.findings()) {
            JsonNode finding = Lines.read(line);
            findings.computeIfAbsent(finding.path("key").toString(), key -> new ArrayList<>())
                    .add(finding);
        }
        List<Card> cards = new ArrayList<>();
        for (String line : sample.changes()) {
            JsonNode change = Lines.read(line);
            String key = change.path("key").toString();
            changes.putIfAbsent(key, change);
            if (cards.size() < most) {
                List<JsonNode> found = findings.getOrDefault(key, List.of());
                cards.add(ofRecord(change, found, cards.isEmpty()));
            }
        }
        findings.forEach((key, found) -> {
            if (!changes.containsKey(key) && cards.size() < most) {
                cards.add(ofRecord(found.get(0), found, cards.isEmpty()));
            }
        });
        return cards;
    }

    private static Card ofRecord(JsonNode line, List<JsonNode> findings, boolean isOpen) {
        String change = Json.text(line, "change");
        List<Badge> badges = new ArrayList<>();
        badges.add(new Badge(change.isEmpty() ? "unchanged" : change, Tone.PLAIN));
        String fault = Json.text(line, "class");
        if (!fault.isEmpty()) {
            badges.add(fault(fault));
        }
        JsonNode copies = line.path("copies");
        String about = copies.isObject()
                ? "%s with this key before, %s after"
                        .formatted(
                                Shown.count(Json.number(copies, "before"), "record"),
                                Shown.number(Json.number(copies, "after")))
                : "";
        List<FieldCard> fields = line.has("record") ? record(line.path("record"), change) : fields(line);
        return new Card(
                Json.text(line, "dataset"),
                key(line),
                badges,
                about,
                "Before",
                "After",
                fields.size() > MOST_FIELDS ? fields.subList(0, MOST_FIELDS) : fields,
                cut(fields.size(), MOST_FIELDS, "field"),
                findings.isEmpty() ? null : findings(findings),
                isOpen);
    }

    /** A key in one line; a record of a dataset without a key has none. */
    static String key(JsonNode line) {
        JsonNode key = line.path("key");
        return key.isNull() || key.isMissingNode() ? "without a key" : Shown.line(key);
    }

    private static String cut(int there, int most, String noun) {
        return there > most ? "Only the first %s are shown.".formatted(Shown.count(most, noun)) : "";
    }

    private static List<FieldCard> fields(JsonNode line) {
        return Json.items(line, "fields")
                .limit(MOST_FIELDS + 1L)
                .map(field -> {
                    Shown.Sides sides = Shown.sides(field.get("before"), field.get("after"));
                    String fault = Json.text(field, "class");
                    return new FieldCard(
                            Shown.line(Json.text(field, "path")),
                            Json.text(field, "kind"),
                            fault.isEmpty() ? null : fault(fault),
                            sides.before(),
                            sides.after());
                })
                .toList();
    }

    /** An added or removed record is there on one side only. */
    private static List<FieldCard> record(JsonNode record, String change) {
        boolean added = change.equals("added");
        return record.properties().stream()
                .limit(MOST_FIELDS + 1L)
                .map(member -> {
                    Page.Side there = Shown.side(member.getValue());
                    Page.Side absent = Shown.side(null);
                    return new FieldCard(
                            Shown.line(member.getKey()), "", null, added ? absent : there, added ? there : absent);
                })
                .toList();
    }

    private static Table findings(List<JsonNode> findings) {
        List<List<Cell>> rows = findings.stream()
                .limit(MOST_FINDINGS)
                .map(finding -> List.of(
                        Cell.code(Shown.line(Json.text(finding, "rule"))).noted(Json.text(finding, "severity")),
                        Cell.code(Shown.line(Json.text(finding, "expected"))),
                        Cell.code(Shown.line(Json.text(finding, "path"))),
                        Cell.of(Shown.line(finding.get("actual")))
                                .noted(Json.text(finding, "reason").equals("false") ? "" : reason(finding)),
                        Cell.of(Shown.line(finding.get("before"))),
                        Cell.of(
                                finding.path("preExisting").asBoolean()
                                        ? "before the baseline"
                                        : "since the baseline")))
                .toList();
        return new Table(
                "Rules it breaks",
                Stream.of("Rule", "Must be true", "Blames", "Found", "In the baseline", "Broken")
                        .map(name -> new Column(name, false))
                        .toList(),
                rows,
                cut(findings.size(), MOST_FINDINGS, "finding"));
    }

    private static String reason(JsonNode finding) {
        String reason = Json.text(finding, "reason");
        return switch (reason) {
            case "null" -> "a value is missing";
            case "error" -> "could not be evaluated";
            default -> reason;
        };
    }

    /** Of a record or field, what it was found to be. */
    static Badge fault(String fault) {
        return new Badge(
                fault,
                switch (fault) {
                    case "corrupt" -> Tone.BAD;
                    case "pre-existing", "unattributed" -> Tone.UNSURE;
                    default -> Tone.PLAIN;
                });
    }

    // ---- steps of a plan

    static List<Card> ofSteps(List<String> lines, int most) {
        List<Card> cards = new ArrayList<>();
        for (String line : lines) {
            if (cards.size() < most) {
                cards.add(ofStep(Lines.read(line), cards.isEmpty()));
            }
        }
        return cards;
    }

    private static Card ofStep(JsonNode line, boolean isOpen) {
        List<FieldCard> fields = Json.items(line, "fields")
                .limit(MOST_FIELDS + 1L)
                .map(Cards::stepField)
                .toList();
        return new Card(
                Json.text(line, "dataset"),
                key(line),
                List.of(new Badge(Json.text(line, "action").toLowerCase(java.util.Locale.ROOT), Tone.PLAIN)),
                about(line),
                "Live",
                "Desired",
                fields.size() > MOST_FIELDS ? fields.subList(0, MOST_FIELDS) : fields,
                cut(fields.size(), MOST_FIELDS, "field"),
                null,
                isOpen);
    }

    private static FieldCard stepField(JsonNode field) {
        Shown.Sides sides = Shown.sides(field.get("live"), field.get("desired"));
        return new FieldCard(Shown.line(Json.text(field, "path")), "", null, sides.before(), sides.after());
    }

    private static String about(JsonNode line) {
        List<String> about = new ArrayList<>();
        add(about, "because of ", String.join(", ", Json.texts(line, "reasons")));
        add(about, "good at ", Json.text(line, "goodAt"));
        add(
                about,
                "",
                Json.text(line, "proof").equals("proved") ? "proved to be the last value before the damage" : "");
        add(about, "only if still ", Json.text(line, "guard"));
        return String.join(" · ", about);
    }

    private static void add(List<String> about, String what, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            about.add(what + Shown.line(value));
        }
    }
}
