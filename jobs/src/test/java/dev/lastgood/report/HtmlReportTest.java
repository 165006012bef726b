package dev.lastgood.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.groups.Tuple;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;

class HtmlReportTest {
    private static final HtmlReport HTML = new HtmlReport();

    private static Document page(Report report) {
        return Jsoup.parse(new String(HTML.html(report), StandardCharsets.UTF_8));
    }

    // ---- numbers

    @Test
    void every_count_is_the_documents() {
        Document page = page(Reports.shop());
        ObjectNode audit = Reports.shopAudit();

        assertThat(table(page, "#rules table"))
                .hasSize(audit.path("rules").size())
                .allSatisfy(row -> {
                    JsonNode rule = by(audit.path("rules"), "id", word(row, "Rule"));
                    assertThat(row.get("Outcome")).contains(rule.path("outcome").asText());
                    assertThat(row)
                            .containsEntry("Severity", rule.path("severity").asText());
                    assertThat(number(row, "Examined"))
                            .isEqualTo(rule.path("examined").asLong());
                    assertThat(number(row, "Violations"))
                            .isEqualTo(rule.path("violations").asLong());
                    assertThat(number(row, "Before the baseline"))
                            .isEqualTo(rule.path("preExisting").asLong());
                });
        assertThat(table(page, "#datasets table"))
                .hasSize(audit.path("datasets").size())
                .allSatisfy(row -> {
                    JsonNode dataset = by(audit.path("datasets"), "name", word(row, "Dataset"));
                    for (String name : List.of("Before", "After", "Added", "Removed", "Changed", "Unchanged")) {
                        assertThat(number(row, name))
                                .isEqualTo(dataset.path(name.toLowerCase(java.util.Locale.ROOT))
                                        .asLong());
                    }
                });
        assertThat(table(page, "#schema table"))
                .extracting(row -> row.get("Change"), row -> row.get("Type before"), row -> row.get("Type after"))
                .containsExactly(tuple("added", "", "string"), tuple("retyped", "decimal(10,2)", "decimal(12,2)"));
        assertThat(figures(page))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "incidents", 3L,
                        "records in incidents", 469L,
                        "not recoverable", 17L,
                        "records audited", 200_926L,
                        "changed", 1_684L,
                        "added", 742L,
                        "removed", 36L));
    }

    @Test
    void every_incident_is_the_documents() {
        Document page = page(Reports.shop());
        List<Element> shown = page.select("#incidents article");
        assertThat(shown).hasSize(3);
        int at = 0;
        for (JsonNode incident : Reports.shopAudit().path("incidents")) {
            Element article = shown.get(at++);
            assertThat(article.select("h3 > span:last-child").text())
                    .isEqualTo(incident.path("sentence").asText());
            Map<String, String> facts = facts(article);
            assertThat(number(facts, "Records"))
                    .isEqualTo(incident.path("records").asLong());
            assertThat(number(facts, "Not recoverable"))
                    .isEqualTo(incident.path("unrecoverable").asLong());
            assertThat(facts).containsEntry("Dataset", incident.path("dataset").asText());
            for (String name : List.of("Suspects", "Flapping")) {
                long count =
                        incident.path(name.toLowerCase(java.util.Locale.ROOT)).asLong();
                assertThat(facts.containsKey(name)).as(name).isEqualTo(count > 0);
                assertThat(count == 0 ? 0 : number(facts, name)).isEqualTo(count);
            }
            assertThat(tableOf(article, "What happened"))
                    .extracting(row -> tuple(row.get("Pattern"), number(row, "Records")))
                    .containsExactlyElementsOf(incident.path("patterns").properties().stream()
                            .map(kind -> tuple(kind.getKey(), kind.getValue().asLong()))
                            .toList());
            assertThat(tableOf(article, "What tells"))
                    .extracting(HtmlReportTest::explanation)
                    .containsExactlyElementsOf(Json.items(incident, "explanations")
                            .map(one -> List.of(
                                    (Object) Shown.line(one.path("values")),
                                    one.path("corrupt").asLong(),
                                    one.path("of").asLong(),
                                    one.path("changed").asLong(),
                                    one.path("share").asDouble(),
                                    one.path("elsewhere").asDouble(),
                                    Math.round(10 * one.path("ratio").asDouble()) / 10.0,
                                    Math.round(10 * one.path("atLeast").asDouble()) / 10.0))
                            .toList());
            assertThat(tableOf(article, "In reach"))
                    .extracting(row -> tuple(
                            row.get("Dataset"),
                            number(row, "Records"),
                            row.get("Same value"),
                            row.get("How"),
                            row.get("By rule")))
                    .containsExactlyElementsOf(Json.items(incident, "affected")
                            .map(one -> tuple(
                                    one.path("dataset").asText(),
                                    one.path("records").asLong(),
                                    one.path("sameValue").asText(),
                                    one.path("how").asText(),
                                    one.path("rule").asText()))
                            .toList());
            assertThat(article.select(".check code").text())
                    .isEqualTo(incident.path("check").asText());
        }
    }

    /** The numbers of a row as they stand in a document. */
    private static List<Object> explanation(Map<String, String> row) {
        String[] corrupt =
                java.util.Objects.requireNonNull(row.get("Corrupt of all")).split(" of ", 2);
        return List.of(
                row.getOrDefault("Values", ""),
                Long.valueOf(corrupt[0]),
                Long.valueOf(corrupt[1]),
                number(row, "Changed with them"),
                new BigDecimal(word(row, "Share")).movePointLeft(2).doubleValue(),
                new BigDecimal(word(row, "Corrupt elsewhere")).movePointLeft(2).doubleValue(),
                Double.parseDouble(word(row, "Ratio").replace(",", "")),
                Double.parseDouble(word(row, "At least").replace(",", "")));
    }

    @Test
    void what_is_known_of_an_incident_stands_on_its_card() {
        List<Element> cards = page(Reports.shop()).select("#incidents article");
        assertThat(facts(cards.get(0)))
                .containsExactly(
                        entry("Records", "409"),
                        entry("Suspects", "3 match its signature and break no rule"),
                        entry("Not recoverable", "17"),
                        entry("Flapping", "2 were damaged, good, and damaged again"),
                        entry("Dataset", "orders"),
                        entry("Rules", "total-is-sum"),
                        entry("Fields that differ", "total, lines[].amount"),
                        entry("Damaged fields", "total"),
                        entry("Window from", "2026-11-22T10:02:11Z"),
                        entry("Window to", "2026-11-22T10:47:53Z"),
                        entry("First written", "2026-11-22T07:31:09Z"),
                        entry("Last written", "2026-11-22T11:02:40Z"),
                        entry("Last good capture", "20261122T020000Z-7f3a captured by 2026-11-22T02:01:47Z"),
                        entry("First bad capture", "20261122T110000Z-b1c2 captured by 2026-11-22T11:01:30Z"),
                        entry("Signature", "app_version 4.2.1, region eu"));
        assertThat(facts(cards.get(1)))
                .containsEntry("Last good capture", "none is known")
                .containsEntry("First bad capture", "only the audit saw it");
        assertThat(cards.get(0).select("caption").eachText())
                .containsExactly(
                        "What tells the records of i1 from others",
                        "What happened to the fields of i1",
                        "In reach of the damage of i1: nothing says that they are damaged, and nothing is done about them");
        assertThat(cards.get(0).select(".check").text())
                .isEqualTo("True of what matches its cause, to check in live: app_version = '4.2.1' and region = 'eu'"
                        + " and changed_at between timestamp '2026-11-22T10:02:11Z' and timestamp"
                        + " '2026-11-22T10:47:53Z'");
    }

    @Test
    void what_there_is_nothing_of_is_not_shown() {
        Element card = page(Reports.shop()).select("#incidents article").get(2);
        assertThat(facts(card))
                .containsOnlyKeys(
                        "Records",
                        "Not recoverable",
                        "Dataset",
                        "Rules",
                        "Fields that differ",
                        "Written",
                        "Last good capture",
                        "First bad capture",
                        "Signature")
                .containsEntry("Written", "the dataset does not say when");
        assertThat(card.select("table, figure, .check")).isEmpty();
    }

    @Test
    void the_best_explanation_is_compared_with_all_else() {
        Document page = page(Reports.shop());
        assertThat(page.select("figure.comparison")).hasSize(1);
        Element comparison = page.expectFirst("#incidents article figure.comparison");
        assertThat(comparison.text())
                .isEqualTo("How many of the changed records are corrupt"
                        + " with app_version 4.2.1, region eu 97.33 %, 401 of 412 elsewhere 0.67 %");
        assertThat(comparison.select("rect[fill=currentColor]").eachAttr("width"))
                .containsExactly("97.4%", "0.7%");

        ObjectNode none = Reports.shopAudit();
        ((ObjectNode) none.at("/incidents/0/explanations/0")).put("changed", 0);
        assertThat(page(Reports.bare(none)).select("figure.comparison")).isEmpty();
    }

    @Test
    void the_timeline_shows_the_window_of_each_incident_all_its_records_and_the_captures_that_tell() {
        Element timeline = page(Reports.shop()).expectFirst("figure.timeline");
        assertThat(timeline.select("figcaption").text())
                .isEqualTo("When the records of each incident were written, from 2026-11-22T02:01:47Z to"
                        + " 2026-11-22T11:30:00Z. Bars: while they were most unusually often corrupt. Thin lines:"
                        + " from the first of them to the last. Dashed lines: the baseline was captured, and the audit."
                        + " ✓ the last good capture, ✗ the first bad one.");
        assertThat(timeline.select("desc").text())
                .isEqualTo("i1: 2026-11-22T10:02:11Z to 2026-11-22T10:47:53Z, first written 2026-11-22T07:31:09Z, last"
                        + " written 2026-11-22T11:02:40Z, last good capture 2026-11-22T02:01:47Z, first bad capture"
                        + " 2026-11-22T11:01:30Z; i2: 2026-11-22T08:15:00Z to 2026-11-22T11:20:41Z, first written"
                        + " 2026-11-22T08:15:00Z, last written 2026-11-22T11:20:41Z; baseline captured:"
                        + " 2026-11-22T02:01:47Z; audit: 2026-11-22T11:30:00Z");
        assertThat(timeline.select("rect.window"))
                .extracting(window -> tuple(window.attr("x"), window.attr("width")))
                .containsExactly(tuple("84.5%", "8.1%"), tuple("65.7%", "32.7%"));
        assertThat(timeline.select("line.extent"))
                .extracting(extent -> tuple(extent.attr("x1"), extent.attr("x2")))
                .containsExactly(tuple("58.0%", "95.2%"), tuple("65.7%", "98.4%"));
        assertThat(timeline.select("line.capture"))
                .extracting(capture ->
                        tuple(capture.attr("x1"), capture.select("title").text()))
                .containsExactly(
                        tuple("0.0%", "last good capture of i1: 2026-11-22T02:01:47Z"),
                        tuple("95.0%", "first bad capture of i1: 2026-11-22T11:01:30Z"));
        assertThat(timeline.select("text.capture"))
                .extracting(sign -> tuple(sign.text(), sign.attr("text-anchor")))
                .containsExactly(tuple("✓", "start"), tuple("✗", "start"));
        assertThat(List.of(0, 500, 1000))
                .extracting(
                        at -> new Page.Sign("", Page.Tone.GOOD, at).anchor(),
                        at -> new Page.Sign("", Page.Tone.BAD, at).anchor())
                .containsExactly(tuple("start", "start"), tuple("end", "start"), tuple("end", "end"));
    }

    @Test
    void an_audit_from_before_there_was_more_to_tell_is_shown_as_it_was() {
        Document page = page(Reports.bare(Reports.oldAudit()));
        assertThat(facts(page.expectFirst("#incidents article")))
                .containsExactly(
                        entry("Records", "409"),
                        entry("Not recoverable", "17"),
                        entry("Dataset", "orders"),
                        entry("Rules", "total-is-sum"),
                        entry("Fields that differ", "total, lines[].amount"),
                        entry("First written", "2026-11-22T10:02:11Z"),
                        entry("Last written", "2026-11-22T10:47:53Z"),
                        entry("Signature", "app_version 4.2.1, region eu"));
        assertThat(page.select("#incidents article caption").eachText())
                .containsExactly("What happened to the fields of i1", "What happened to the fields of i2");
        assertThat(page.select("#incidents article thead").get(0).text()).isEqualTo("Pattern Fields Share");
        assertThat(page.select(".comparison, .check, .extent, .capture")).isEmpty();
        assertThat(page.select("figure.timeline figcaption").text())
                .isEqualTo("When the records of each incident were written, from 2026-11-22T02:01:47Z to"
                        + " 2026-11-22T11:30:00Z. Dashed lines: the baseline was captured, and the audit.");
        assertThat(page.select("rect.window")).hasSize(2);
    }

    @Test
    void every_count_of_the_plan_is_its_documents() {
        Document page = page(Reports.shop());
        Map<String, String> facts = facts(page.expectFirst("#plan"));
        assertThat(facts)
                .containsEntry("Plan", "9f3c2b7a41de")
                .containsEntry("Steps", "433 2 insert, 431 update, 0 delete")
                .containsEntry("Records", "433")
                .containsEntry("Fields", "447 401 proved, 46 as of the capture")
                .containsEntry("Conflicts", "17")
                .containsEntry("Held back by a conflict elsewhere", "5")
                .containsEntry("Not recoverable", "18")
                .containsEntry("Healed already", "6")
                .containsEntry("Inserts without delete evidence", "1");
        assertThat(table(page, "#plan table"))
                .extracting(row -> word(row, "Type"), row -> number(row, "Conflicts"))
                .containsExactly(tuple("LATER_WRITE", 14L), tuple("RECREATED", 3L));
        assertThat(page.select("#plan table").stream()
                        .filter(table -> table.select("th").eachText().contains("As the damage left it"))
                        .flatMap(table -> table.select("tr").stream())
                        .map(Element::text))
                .as("what is good, bad and live beside each other")
                .containsExactly(
                        "Record Field Type Good As the damage left it Live Why",
                        "id 1033 orders total LATER_WRITE 19.50 1950.00 21.00 somebody wrote it after the damage",
                        "id 511, line 1 orders RECREATED the record is there again");
        assertThat(page.select("#plan .cut").eachText())
                .containsExactly(
                        "The first 2 of 17 conflicts are shown.",
                        "The first 2 of 433 steps are shown; 'lastgood restore show 9f3c2b7a41de' shows all.");
        assertThat(page.select("#next pre").eachText())
                .containsExactly(
                        "lastgood restore show 9f3c2b7a41de",
                        "lastgood restore approve 9f3c2b7a41de",
                        "lastgood restore apply 9f3c2b7a41de");
    }

    @Test
    void counts_by_field_and_class_are_those_given() {
        Document page = page(Reports.shop());
        assertThat(table(page, "#fields table"))
                .extracting(row -> word(row, "Field"), row -> row.get("Kind"), row -> number(row, "Changes"))
                .containsExactly(Reports.shop().fields().stream()
                        .map(field -> tuple(field.path(), field.kind(), field.changes()))
                        .toArray(Tuple[]::new));
        assertThat(table(page.select("#datasets .scroll").get(1), "table"))
                .extracting(row -> word(row, "Dataset"), row -> number(row, "Records"))
                .containsExactly(Reports.shop().classes().stream()
                        .map(one -> tuple(one.dataset(), one.records()))
                        .toArray(Tuple[]::new));
    }

    // ---- words

    @Test
    void the_verdict_is_said_in_one_sentence() {
        assertThat(page(Reports.shop()).select("#verdict h1").text()).isEqualTo("✗ FAIL");
        assertThat(sentence(Reports.shopAudit()))
                .isEqualTo("3 of 7 rules are broken. 469 records are corrupt, in 3 incidents.");
        assertThat(sentence(audit("PASS", "PASS", "PASS"))).isEqualTo("All 2 rules hold.");
        assertThat(sentence(audit("PASS", "PASS"))).isEqualTo("The one rule holds.");
        assertThat(sentence(audit("PASS", "PASS", "FAIL", "SKIP")))
                .isEqualTo("1 of 3 rules hold. 1 is broken, below the severity that fails an audit."
                        + " 1 was allowed to examine nothing, and did.");
        assertThat(sentence(audit("FAIL", "FAIL", "PASS")))
                .isEqualTo("1 of 2 rules is broken. There was no baseline to tell what changed.");
        assertThat(sentence(audit("INCONCLUSIVE", "ERROR", "SKIP", "SKIP", "PASS")))
                .isEqualTo("1 of 4 rules hold. 1 could not be evaluated. 2 had nothing to examine."
                        + " What was not looked at has not passed.");
        assertThat(sentence(audit("INCONCLUSIVE"))).isEqualTo("There is no rule, so nothing was proven.");
    }

    @Test
    void what_to_do_next_depends_on_what_was_found() {
        assertThat(commands(Reports.shop(null))).containsExactly("lastgood restore plan --audit 20261122T113000Z-04c1");
        assertThat(commands(Reports.bare(audit("PASS", "PASS")))).containsExactly("lastgood snapshot take");
        assertThat(commands(Reports.bare(audit("FAIL", "FAIL")))).containsExactly("lastgood snapshot list");
        assertThat(commands(Reports.bare(audit("INCONCLUSIVE", "SKIP"))))
                .containsExactly("lastgood rules check", "lastgood audit");
    }

    private static String sentence(ObjectNode audit) {
        return page(Reports.bare(audit)).select("#verdict .sentence").text();
    }

    private static List<String> commands(Report report) {
        return page(report).select("#next pre").eachText();
    }

    private static ObjectNode audit(String verdict, String... outcomes) {
        ObjectNode audit = Reports.json("{'audit':'20261122T113000Z-04c1'}").put("verdict", verdict);
        ArrayNode rules = audit.putArray("rules");
        for (String outcome : outcomes) {
            rules.addObject().put("id", "r" + rules.size()).put("outcome", outcome);
        }
        return audit;
    }

    // ---- values

    @Test
    void changed_characters_are_marked_and_what_is_no_value_is_said() {
        Element record = page(Reports.shop()).expectFirst("#records-i1 details");
        assertThat(record.expectFirst("tbody").select("tr").eachText())
                .containsExactly(
                        "total scaled ✗ corrupt 19.50 1950.00",
                        "note value ? unattributed leave with the neighbour, second floor leave with the neighbor, 2nd"
                                + " floor",
                        "lines[line_no=2].gift added ? unattributed absent true",
                        "coupon filled consistent null empty text");
        assertThat(record.select("del").eachText()).containsExactly(".50", "u", "seco");
        assertThat(record.select("ins").eachText()).containsExactly("50.00", "2", "true");
        assertThat(page(Reports.shop())
                        .select("#records-i1 details")
                        .get(1)
                        .select("tbody td")
                        .eachText())
                .containsExactly("7 text", "7 number");
        assertThat(page(Reports.shop())
                        .expectFirst("#records-i2 tbody")
                        .select("td em")
                        .eachText())
                .containsExactly("masked; the values differ", "masked; the values differ");
    }

    @Test
    void characters_without_a_look_of_their_own_are_named() {
        assertThat(Shown.visible("a\u0000b\u202Ec\u00A0d\u200Be\tf\uD800"))
                .isEqualTo("a⟨U+0000⟩b⟨U+202E⟩c⟨U+00A0⟩d⟨U+200B⟩e\tf⟨U+D800⟩");
        assertThat(Shown.visible("grüß 👩‍🚀 Gott")).isEqualTo("grüß 👩‍🚀 Gott");
    }

    @Test
    void a_long_value_is_cut_around_what_changed() {
        String same = "s".repeat(100_000);
        Shown.Sides sides = Shown.sides(text(same + "old" + same), text(same + "new" + same));
        assertThat(sides.before().parts().stream().map(TextDiff.Part::text))
                .containsExactly("…99,976 characters…", "s".repeat(24), "old", "s".repeat(24), "…99,976 characters…");
        assertThat(Shown.side(text(same)).parts().stream().map(TextDiff.Part::text))
                .containsExactly("s".repeat(400), "…99,600 characters…");
        assertThat(Shown.line("s".repeat(310))).isEqualTo("s".repeat(310));
        assertThat(Shown.line(same)).endsWith("sss… (99,700 more characters)");
    }

    private static JsonNode text(String text) {
        return JsonNodeFactory.instance.textNode(text);
    }

    @Test
    void a_share_is_as_exact_as_its_document() {
        assertThat(List.of(0.0, 0.0001, 0.003, 0.9804, 0.5, 0.9999, 1.0))
                .extracting(Shown::percent)
                .containsExactly("0 %", "0.01 %", "0.3 %", "98.04 %", "50 %", "99.99 %", "100 %");
        assertThat(List.of(-1.0, 0.0, 0.00001, 0.5, 1.0, 2.0))
                .extracting(Shown::perMille)
                .containsExactly(0, 0, 1, 500, 1000, 1000);
        assertThat(Shown.ratio(1204.46)).isEqualTo("1,204.5");
    }

    // ---- safety

    private static final String PLANTED = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'><b a=\"&lt;";

    @Test
    void whatever_stands_in_the_data_is_text() {
        Document page = page(planted(Reports.shop()));
        assertThat(page.select("script, img, b, iframe, object, style + style, link, form"))
                .isEmpty();
        Set<String> attributes = new TreeSet<>();
        page.getAllElements().forEach(element -> element.attributes().forEach(one -> attributes.add(one.getKey())));
        assertThat(attributes)
                .isSubsetOf(
                        "aria-hidden",
                        "aria-label",
                        "aria-labelledby",
                        "charset",
                        "class",
                        "content",
                        "datetime",
                        "fill",
                        "height",
                        "href",
                        "http-equiv",
                        "id",
                        "lang",
                        "name",
                        "open",
                        "role",
                        "scope",
                        "stroke",
                        "stroke-dasharray",
                        "stroke-opacity",
                        "tabindex",
                        "text-anchor",
                        "width",
                        "x",
                        "x1",
                        "x2",
                        "y",
                        "y1",
                        "y2",
                        "#doctype",
                        "publicid",
                        "systemid",
                        "pubsyskey");
        assertThat(page.title()).contains(PLANTED);
        Element incident = page.expectFirst("#incidents article");
        for (String table : List.of("What tells", "What happened", "In reach")) {
            assertThat(tableOf(incident, table)).as(table).isNotEmpty();
            assertThat(tableOf(incident, table).toString()).as(table).contains("<script>alert('x')</script>");
        }
        assertThat(incident.select(".check, .comparison").eachText())
                .hasSize(2)
                .allMatch(text -> text.contains("<script>alert('x')</script>"));
        for (String fact : List.of("Damaged fields", "Last good capture", "First bad capture")) {
            assertThat(facts(incident).get(fact)).as(fact).contains("<script>alert('x')</script>");
        }
        for (String section :
                List.of("incidents", "rules", "datasets", "schema", "fields", "records", "plan", "provenance")) {
            assertThat(page.select("#" + section).text()).as(section).contains("<script>alert('x')</script>");
        }
    }

    /** The same report with the text at the end of every text in it, save for those that this program chooses from. */
    private static Report planted(Report report) {
        Report.Provenance from = report.provenance();
        List<Report.Sample> samples = report.samples().stream()
                .map(one -> new Report.Sample(
                        one.dataset() + PLANTED,
                        one.incident().isEmpty() ? "" : one.incident() + PLANTED,
                        one.records(),
                        lines(one.changes()),
                        lines(one.findings())))
                .toList();
        Report.Restore restore = java.util.Objects.requireNonNull(report.restore());
        return new Report(
                (ObjectNode) planted(report.audit(), ""),
                new Report.Provenance(
                        from.workspace() + PLANTED,
                        from.version() + PLANTED,
                        from.audited(),
                        from.by() + PLANTED,
                        from.document(),
                        from.made(),
                        from.baselines().stream()
                                .map(one -> new Report.Baseline(one.dataset() + PLANTED, one.snapshot(), one.capture()))
                                .toList()),
                report.rules().stream()
                        .map(one -> new Report.Statement(
                                one.id() + PLANTED,
                                one.hash() + PLANTED,
                                new TreeMap<>(Map.of(PLANTED, 1L)),
                                one.sentence() + PLANTED,
                                one.because() + PLANTED))
                        .toList(),
                report.fields().stream()
                        .map(one -> new Report.FieldCount(
                                one.dataset() + PLANTED, one.path() + PLANTED, PLANTED, PLANTED, one.changes()))
                        .toList(),
                report.classes().stream()
                        .map(one -> new Report.ClassCount(one.dataset() + PLANTED, PLANTED, one.records()))
                        .toList(),
                samples,
                new Report.Restore(
                        (ObjectNode) planted(restore.plan(), ""), lines(restore.steps()), lines(restore.conflicts())));
    }

    private static List<String> lines(List<String> lines) {
        return lines.stream()
                .map(line -> planted(Lines.read(line), "").toString())
                .toList();
    }

    private static final Set<String> CHOSEN =
            Set.of("verdict", "outcome", "change", "from", "to", "first", "last", "at");

    private static JsonNode planted(JsonNode node, String member) {
        if (node.isTextual()) {
            return text(CHOSEN.contains(member) ? node.textValue() : node.textValue() + PLANTED);
        }
        if (node.isArray()) {
            ArrayNode items = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> items.add(planted(item, member)));
            return items;
        }
        if (node.isObject()) {
            ObjectNode members = JsonNodeFactory.instance.objectNode();
            boolean named = Set.of("patterns", "signature", "values", "record", "key", "conflicts", "actual")
                    .contains(member);
            node.properties()
                    .forEach(one -> members.set(
                            named ? one.getKey() + PLANTED : one.getKey(), planted(one.getValue(), one.getKey())));
            return members;
        }
        return node;
    }

    @Test
    void nothing_is_loaded_and_nothing_is_run() {
        String html = new String(HTML.html(Reports.shop()), StandardCharsets.UTF_8);
        Document page = Jsoup.parse(html);
        assertThat(page.select("meta[http-equiv=Content-Security-Policy]").attr("content"))
                .isEqualTo("default-src 'none'; style-src 'unsafe-inline'");
        assertThat(page.select("[src], link, script, iframe, object, embed, base, form, meta[http-equiv=refresh]"))
                .isEmpty();
        assertThat(page.select("[href]").eachAttr("href")).allMatch(href -> href.startsWith("#"));
        assertThat(page.select("style").html()).doesNotContain("url(", "@import", "expression(");
    }

    @Test
    void a_report_of_a_hundred_thousand_incidents_stays_small_and_says_so() {
        byte[] html = HTML.html(Reports.huge());

        assertThat(html).hasSizeLessThan(3 << 20);
        Document page = Jsoup.parse(new String(html, StandardCharsets.UTF_8));
        assertThat(page.select("#incidents article")).hasSize(50);
        assertThat(page.select("#incidents > .cut").text()).isEqualTo("The first 50 of 100,000 incidents are shown.");
        assertThat(page.expectFirst("#incidents article").select(".cut").eachText())
                .containsExactly(
                        "The first 20 of 1,000 explanations are shown.", "The first 20 of 1,000 rows are shown.");
        assertThat(page.expectFirst("#incidents article").select(".check code").text())
                .endsWith("ccc… (99,700 more characters)");
        assertThat(facts(page.expectFirst("#incidents article")).get("Damaged fields"))
                .endsWith("total, total and 980 more");
        assertThat(page.select("#rules .cut").text()).isEqualTo("The first 500 of 100,000 rules are shown.");
        assertThat(page.select("#records details")).hasSize(200);
        assertThat(page.select("#records > p").text()).startsWith("A sample: 200 of 40,900,000 records.");
        assertThat(page.expectFirst("#records details").select(".cut").text())
                .isEqualTo("Only the first 20 findings are shown.");
        assertThat(page.select("#fields .cut").text()).isEqualTo("The 200 most frequent are shown; there are more.");
        assertThat(page.select("#plan details")).hasSize(200);
        assertThat(figures(page))
                .containsEntry("incidents", 100_000L)
                .containsEntry("records in incidents", 40_900_000L);
    }

    // ---- everybody

    @Test
    void the_structure_can_be_heard() {
        Document page = page(Reports.shop());
        assertThat(page.select("html").attr("lang")).isEqualTo("en");
        assertThat(page.select("header, main, nav, footer")).hasSize(4);
        assertThat(page.select("h1")).hasSize(1);
        int last = 1;
        for (Element heading : page.select("h1, h2, h3, h4")) {
            int level = heading.tagName().charAt(1) - '0';
            assertThat(level).isLessThanOrEqualTo(last + 1);
            last = level;
        }
        assertThat(page.select("th:not([scope])")).isEmpty();
        assertThat(page.select("table:not(:has(caption))")).isEmpty();
        assertThat(page.select("tbody tr:not(:has(th[scope=row]))")).isEmpty();
        assertThat(page.select("details:not(:has(summary))")).isEmpty();
        assertThat(page.select("svg:not([aria-hidden]):not([aria-labelledby])")).isEmpty();
        assertThat(page.select(".badge").eachText()).noneMatch(String::isBlank);
        Set<String> ids = new HashSet<>();
        page.select("[id]")
                .eachAttr("id")
                .forEach(id -> assertThat(ids.add(id)).as(id).isTrue());
        for (String named : page.select("[aria-labelledby]").eachAttr("aria-labelledby")) {
            assertThat(ids).containsAll(List.of(named.split(" ")));
        }
        assertThat(page.select("a[href]").eachAttr("href")).allMatch(href -> ids.contains(href.substring(1)));
    }

    // ---- reading tables

    /** The rows of the table whose caption begins so; none if there is no such table. */
    private static List<Map<String, String>> tableOf(Element within, String caption) {
        return within.select("table").stream()
                .filter(table -> table.select("caption").text().startsWith(caption))
                .findFirst()
                .map(table -> table(table, "table"))
                .orElse(List.of());
    }

    private static List<Map<String, String>> table(Element within, String selector) {
        Element table = within.expectFirst(selector);
        List<String> names = table.select("thead th").eachText();
        List<Map<String, String>> rows = new ArrayList<>();
        for (Element row : table.select("tbody tr")) {
            Map<String, String> cells = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                cells.put(names.get(i), row.child(i).text());
            }
            rows.add(cells);
        }
        return rows;
    }

    private static Map<String, String> facts(Element within) {
        Map<String, String> facts = new LinkedHashMap<>();
        within.select("dl.facts > div")
                .forEach(fact ->
                        facts.put(fact.select("dt").text(), fact.select("dd").text()));
        return facts;
    }

    private static Map<String, Long> figures(Document page) {
        Map<String, Long> figures = new LinkedHashMap<>();
        page.select("dl.figures > div")
                .forEach(figure -> figures.put(
                        figure.select("dt").text(),
                        Long.valueOf(figure.select("dd").text().replace(",", ""))));
        return figures;
    }

    /** The first word of a cell: its note stands below. */
    private static String word(Map<String, String> row, String column) {
        return java.util.Objects.requireNonNull(row.get(column), column).split(" ", 2)[0];
    }

    private static long number(Map<String, String> row, String column) {
        return Long.parseLong(word(row, column).replace(",", ""));
    }

    private static JsonNode by(JsonNode nodes, String member, String value) {
        for (JsonNode node : nodes) {
            if (node.path(member).asText().equals(value)) {
                return node;
            }
        }
        throw new AssertionError("no " + member + " " + value);
    }
}
