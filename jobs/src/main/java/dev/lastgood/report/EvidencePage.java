package dev.lastgood.report;

import static dev.lastgood.report.Json.items;
import static dev.lastgood.report.Json.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastgood.report.Page.Cell;
import dev.lastgood.report.Page.Column;
import dev.lastgood.report.Page.Fact;
import dev.lastgood.report.Page.Table;
import dev.lastgood.report.Page.Tone;
import dev.lastgood.rule.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the template of evidence shows: the figures of its document, in tables. Public for the compiled template only. */
public record EvidencePage(
        String title, String workspace, String from, String to, List<Fact> facts, List<Table> tables) {
    private static final int MOST_ROWS = 1000;

    static EvidencePage of(JsonNode document) {
        JsonNode summary = document.path("summary");
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("Made", Cell.time(text(document, "made"))));
        facts.add(new Fact("By version", Cell.of(text(document, "version"))));
        facts.add(new Fact(
                "Entries of the catalog", Cell.of(document.path("entries").size())));
        facts.add(new Fact("Longest restore", seconds(summary, "longestRestoreSeconds", "none")));
        facts.add(new Fact("Digest", Cell.code(text(document, "digest"))));
        if (document.has("signature")) {
            facts.add(new Fact("Signed with key", Cell.code(text(document.path("signature"), "key"))));
        }
        return new EvidencePage(
                "Evidence of %s, %s to %s"
                        .formatted(text(document, "workspace"), text(document, "from"), text(document, "to")),
                text(document, "workspace"),
                text(document, "from"),
                text(document, "to"),
                facts,
                List.of(datasets(summary), verifications(summary), audits(summary), restores(summary)));
    }

    private static Table datasets(JsonNode summary) {
        return table(
                "Snapshots: the longest gap is what could have been lost (recovery point), from the last snapshot before the"
                        + " period, or its start, to its end",
                List.of(
                        words("Dataset"),
                        number("Snapshots"),
                        number("Adopted"),
                        number("Records, last"),
                        number("Longest gap")),
                items(summary, "datasets")
                        .map(one -> List.of(
                                Cell.of(text(one, "dataset")),
                                Cell.of(one.path("snapshots").asLong()),
                                Cell.of(one.path("adopted").asLong()),
                                one.path("records").isNumber()
                                        ? Cell.of(one.path("records").asLong())
                                        : Cell.of(""),
                                seconds(one, "longestGapSeconds", "no snapshot"))));
    }

    private static Table verifications(JsonNode summary) {
        return table(
                "Snapshots tested, by the last verdict on each at each level; L5 is a restore for trial",
                List.of(
                        words("Dataset"),
                        words("Level"),
                        number("Verifications"),
                        number("Passed"),
                        number("Failed"),
                        number("Inconclusive"),
                        number("Damages")),
                items(summary, "verifications")
                        .map(one -> List.of(
                                Cell.of(text(one, "dataset")),
                                Cell.of(text(one, "level")),
                                Cell.of(one.path("verifications").asLong()),
                                Cell.of(one.path("PASS").asLong()),
                                Cell.of(one.path("FAIL").asLong()),
                                Cell.of(one.path("INCONCLUSIVE").asLong()),
                                Cell.of(one.path("damaged").asLong()))));
    }

    private static Table audits(JsonNode summary) {
        return table(
                "Audits",
                List.of(words("Audit"), words("When"), words("By"), words("Verdict")),
                items(summary, "audits")
                        .map(one -> List.of(
                                Cell.code(text(one, "audit")),
                                Cell.time(text(one, "at")),
                                Cell.of(text(one, "by")),
                                Cell.of(badge(text(one, "verdict"))))));
    }

    private static Table restores(JsonNode summary) {
        return table(
                "Restores, with the time from the first write to the end (recovery time)",
                List.of(words("Run"), words("Plan"), words("Started"), words("Ended"), number("Took"), words("Steps")),
                items(summary, "restores")
                        .map(one -> List.of(
                                Cell.code(text(one, "run")),
                                Cell.code(text(one, "plan")),
                                Cell.time(text(one, "started")),
                                Cell.of(
                                        text(one, "ended").isEmpty()
                                                ? "not ended"
                                                : text(one, "ended") + " " + text(one, "end")),
                                seconds(one, "seconds", "none"),
                                Cell.of(counts(one.path("counts"))))));
    }

    private static String counts(JsonNode counts) {
        List<String> said = new ArrayList<>();
        counts.properties().forEach(count -> said.add(count.getValue().asText() + " " + count.getKey()));
        return String.join(", ", said);
    }

    private static Page.Badge badge(String verdict) {
        return new Page.Badge(
                verdict,
                verdict.equals(Verdict.PASS.name())
                        ? Tone.GOOD
                        : verdict.equals(Verdict.FAIL.name()) ? Tone.BAD : Tone.UNSURE);
    }

    private static Cell seconds(JsonNode node, String member, String none) {
        JsonNode seconds = node.path(member);
        return Cell.of(seconds.isNumber() ? "%,d s".formatted(seconds.asLong()) : none);
    }

    private static Column words(String name) {
        return new Column(name, false);
    }

    private static Column number(String name) {
        return new Column(name, true);
    }

    private static Table table(String caption, List<Column> columns, Stream<List<Cell>> rows) {
        List<List<Cell>> all = rows.toList();
        return new Table(
                caption,
                columns,
                all.subList(0, Math.min(all.size(), MOST_ROWS)),
                all.isEmpty()
                        ? "None in this period."
                        : all.size() > MOST_ROWS
                                ? "The first %,d of %,d; the document has all.".formatted(MOST_ROWS, all.size())
                                : "");
    }
}
