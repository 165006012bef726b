package dev.lastgood.report;

import static dev.lastgood.report.Json.number;
import static dev.lastgood.report.Json.text;
import static dev.lastgood.report.Json.texts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Cell;
import dev.lastgood.report.Page.Column;
import dev.lastgood.report.Page.Comparison;
import dev.lastgood.report.Page.Fact;
import dev.lastgood.report.Page.IncidentCard;
import dev.lastgood.report.Page.Part;
import dev.lastgood.report.Page.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The incidents of an audit as cards. What the audit is silent about is not shown, be it that there is none, or that the
 * audit is of a version that did not look.
 */
final class IncidentCards {
    private IncidentCards() {}

    private static final int MOST_NAMES = 20;

    /** @param records id of the group with some of its records; empty: none are shown */
    static IncidentCard of(JsonNode incident, String records) {
        return new IncidentCard(
                text(incident, "id"),
                Shown.line(text(incident, "sentence")),
                facts(incident),
                Shown.line(text(incident, "check")),
                explanations(incident),
                comparison(incident),
                patterns(incident),
                affected(incident),
                records);
    }

    // ---- facts

    private static List<Fact> facts(JsonNode incident) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("Records", Cell.of(number(incident, "records"))));
        addCount(facts, "Suspects", number(incident, "suspects"), "match its signature and break no rule");
        facts.add(new Fact("Not recoverable", Cell.of(number(incident, "unrecoverable"))));
        addCount(facts, "Flapping", number(incident, "flapping"), "were damaged, good, and damaged again");
        facts.add(new Fact("Dataset", Cell.code(Shown.line(text(incident, "dataset")))));
        facts.add(new Fact("Rules", Cell.code(names(texts(incident, "rules")))));
        facts.add(new Fact("Fields that differ", Cell.code(names(texts(incident, "fields")))));
        if (!incident.path("damaged").isEmpty()) {
            facts.add(new Fact("Damaged fields", Cell.code(names(texts(incident, "damaged")))));
        }
        if (!incident.path("together").isEmpty()) {
            facts.add(new Fact("Changed together", Cell.code(together(incident))));
        }
        addMoments(facts, incident);
        addCapture(facts, "Last good capture", incident, "lastGood", "none is known");
        addCapture(facts, "First bad capture", incident, "firstBad", "only the audit saw it");
        JsonNode signature = incident.path("signature");
        facts.add(new Fact(
                "Signature",
                signature.isEmpty() ? Cell.of("nothing that most of them share") : Cell.code(Shown.line(signature))));
        return facts;
    }

    private static void addCount(List<Fact> facts, String name, long count, String note) {
        if (count > 0) {
            facts.add(new Fact(name, Cell.of(count).noted(note)));
        }
    }

    private static String together(JsonNode incident) {
        return Json.items(incident, "together")
                .map(one -> "%s in %s".formatted(names(texts(one, "fields")), Shown.number(number(one, "records"))))
                .collect(Collectors.joining("; "));
    }

    private static String names(List<String> names) {
        if (names.isEmpty()) {
            return "none";
        }
        String more =
                names.size() > MOST_NAMES ? " and %s more".formatted(Shown.number(names.size() - MOST_NAMES)) : "";
        return Shown.line(String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())))) + more;
    }

    private static void addMoments(List<Fact> facts, JsonNode incident) {
        if (text(incident, "from").isEmpty()) {
            facts.add(new Fact("Written", Cell.of("the dataset does not say when")));
            return;
        }
        // Before audits had windows, the two members were what "first" and "last" are now.
        boolean hasWindow = incident.has("first");
        if (hasWindow) {
            facts.add(new Fact("Window from", moment(incident, "from")));
            facts.add(new Fact("Window to", moment(incident, "to")));
        }
        facts.add(new Fact("First written", moment(incident, hasWindow ? "first" : "from")));
        facts.add(new Fact("Last written", moment(incident, hasWindow ? "last" : "to")));
    }

    private static Cell moment(JsonNode incident, String member) {
        return Cell.time(text(incident, member));
    }

    private static void addCapture(List<Fact> facts, String name, JsonNode incident, String member, String none) {
        JsonNode capture = incident.path(member);
        if (!capture.isMissingNode()) {
            facts.add(new Fact(
                    name,
                    capture.isNull()
                            ? Cell.of(none)
                            : Cell.code(Shown.line(text(capture, "snapshot")))
                                    .noted("captured by " + text(capture, "at"))));
        }
    }

    // ---- why

    private static @Nullable Table explanations(JsonNode incident) {
        JsonNode explanations = incident.path("explanations");
        if (explanations.isEmpty()) {
            return null;
        }
        return new Table(
                "What tells the records of %s from others".formatted(text(incident, "id")),
                List.of(
                        new Column("Values", false),
                        new Column("Corrupt of all", true),
                        new Column("Share", true),
                        new Column("Changed with them", true),
                        new Column("Corrupt elsewhere", true),
                        new Column("Ratio", true),
                        new Column("At least", true)),
                Json.items(incident, "explanations")
                        .limit(MOST_NAMES)
                        .map(one -> List.of(
                                Cell.code(Shown.line(one.get("values"))),
                                Cell.of("%s of %s"
                                        .formatted(
                                                Shown.number(number(one, "corrupt")), Shown.number(number(one, "of")))),
                                Cell.of(Shown.percent(one.path("share").asDouble())),
                                Cell.of(number(one, "changed")),
                                Cell.of(Shown.percent(one.path("elsewhere").asDouble())),
                                Cell.of(Shown.ratio(one.path("ratio").asDouble())),
                                Cell.of(Shown.ratio(one.path("atLeast").asDouble()))))
                        .toList(),
                Pages.cut(explanations.size(), MOST_NAMES, "explanation"));
    }

    /** How often a changed record is corrupt with the values of the best explanation, and without. */
    private static @Nullable Comparison comparison(JsonNode incident) {
        JsonNode best = incident.path("explanations").path(0);
        long changed = number(best, "changed");
        if (changed <= 0) {
            return null;
        }
        long corrupt = number(best, "corrupt");
        double with = (double) corrupt / changed;
        double elsewhere = best.path("elsewhere").asDouble();
        return new Comparison(
                "How many of the changed records are corrupt",
                List.of(
                        new Part(
                                "with",
                                Shown.line(best.get("values")),
                                "%s, %s of %s"
                                        .formatted(Shown.percent(with), Shown.number(corrupt), Shown.number(changed)),
                                Shown.perMille(with)),
                        new Part("elsewhere", "", Shown.percent(elsewhere), Shown.perMille(elsewhere))));
    }

    // ---- what

    private static @Nullable Table patterns(JsonNode incident) {
        JsonNode patterns = incident.path("patterns");
        if (patterns.isEmpty()) {
            return null;
        }
        List<Map.Entry<String, Long>> kinds = patterns.properties().stream()
                .map(kind -> Map.entry(kind.getKey(), kind.getValue().asLong()))
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .toList();
        long most = kinds.get(0).getValue();
        return new Table(
                "What happened to the fields of " + text(incident, "id"),
                List.of(
                        new Column("Pattern", false),
                        // Before audits named the field in a pattern, they counted fields.
                        new Column(incident.has("damaged") ? "Records" : "Fields", true),
                        new Column("Share", false)),
                kinds.stream()
                        .limit(MOST_NAMES)
                        .map(kind -> List.of(
                                Cell.of(Shown.line(kind.getKey())),
                                Cell.of(kind.getValue()),
                                Cell.bar(kind.getValue(), most)))
                        .toList(),
                Pages.cut(kinds.size(), MOST_NAMES, "pattern"));
    }

    private static @Nullable Table affected(JsonNode incident) {
        JsonNode affected = incident.path("affected");
        if (affected.isEmpty()) {
            return null;
        }
        return new Table(
                "In reach of the damage of %s: nothing says that they are damaged, and nothing is done about them"
                        .formatted(text(incident, "id")),
                List.of(
                        new Column("Dataset", false),
                        new Column("Records", true),
                        new Column("Same value", true),
                        new Column("How", false),
                        new Column("By rule", false)),
                Json.items(incident, "affected")
                        .limit(MOST_NAMES)
                        .map(one -> List.of(
                                Cell.code(Shown.line(text(one, "dataset"))),
                                Cell.of(number(one, "records")),
                                one.has("sameValue") ? Cell.of(number(one, "sameValue")) : Cell.of(""),
                                Cell.of(Shown.line(text(one, "how"))),
                                Cell.code(Shown.line(text(one, "rule")))))
                        .toList(),
                Pages.cut(affected.size(), MOST_NAMES, "row"));
    }
}
