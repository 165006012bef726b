package dev.lastgood.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastgood.SparkForTests;
import dev.lastgood.Workspaces;
import dev.lastgood.capture.SnapshotTaker;
import dev.lastgood.problem.InvalidInput;
import dev.lastgood.report.Report;
import dev.lastgood.rule.Severity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A file of 300 records of which a bug makes 100 wrong, 3 vanish and 1 appear; 5 were wrong all the time. */
@ExtendWith(SparkForTests.class)
class ReportJobTest {

    @TempDir
    static Path folder;

    private static Workplace workplace;
    private static AuditJob.Audit audit;

    @BeforeAll
    static void audited(SparkSession session) throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(folder.resolve("rules"));
        Files.writeString(folder.resolve("rules/orders.yaml"), """
            rules:
              - id: total-positive
                dataset: orders
                because: nobody pays <b>less</b> than nothing
                field: total
                min: 0
              - id: not-deleted
                dataset: orders
                no_delete: true
            """);
        Files.writeString(folder.resolve("data/orders.csv"), before());
        workplace = new Workplace(
                Workspaces.in(folder, """
                    format: 1
                    workspace: shop
                    store: store
                    rules: [rules/*.yaml]
                    sources:
                      here: {files: data}
                    datasets:
                      orders:
                        source: here
                        path: orders.csv
                        format: csv
                        schema: {id: int, total: 'decimal(10,2)', email: string, region: string}
                        key: [id]
                        explain: [region, email]
                        mask: {email: {keep_last: 4}, region: full}
                    """),
                Clock.fixed(Instant.parse("2026-11-22T11:30:00Z"), ZoneOffset.UTC),
                "tester",
                "local[2]",
                Map.of());
        SnapshotTaker taker = workplace.taker();
        AuditJob job = workplace.auditJob();
        taker.take(workplace.datasets(List.of()), job::verdict);
        Files.writeString(folder.resolve("data/orders.csv"), after());
        audit = job.run(workplace.datasets(List.of()), "latest", Severity.ERROR);
    }

    private static String before() {
        StringBuilder csv = new StringBuilder("id,total,email,region\n");
        for (int i = 0; i < 300; i++) {
            csv.append("%d,%s%d.50,u%d@secret.example,atlantis\n".formatted(i, i >= 295 ? "-" : "", i + 1, i));
        }
        return csv.toString();
    }

    private static String after() {
        StringBuilder csv = new StringBuilder("id,total,email,region\n");
        for (int i = 0; i < 301; i++) {
            if (i < 200 || i > 202) {
                boolean negative = i < 100 || (i >= 295 && i < 300);
                csv.append("%d,%s%d.50,u%d@secret.example,atlantis\n".formatted(i, negative ? "-" : "", i + 1, i));
            }
        }
        return csv.toString();
    }

    @Test
    @Tag("full")
    void the_report_of_a_million_findings_is_a_small_file_with_all_the_numbers(SparkSession session, @TempDir Path here)
            throws IOException {
        Files.createDirectories(here.resolve("rules"));
        Files.writeString(
                here.resolve("rules/r.yaml"), "rules:\n  - {id: positive, dataset: orders, field: total, min: 0}\n");
        String data = here.resolve("data/orders").toUri().toString();
        var records = session.range(0, 1_000_000, 1, 4);
        records.selectExpr("id", "id + 1 as total", "concat('c', id % 9) as region")
                .write()
                .parquet(data);
        Workplace large = new Workplace(
                Workspaces.in(here, """
                    format: 1
                    workspace: large
                    store: store
                    rules: [rules/*.yaml]
                    sources: {here: {files: data}}
                    datasets: {orders: {source: here, path: orders, format: parquet, key: [id]}}
                    """),
                Clock.fixed(Instant.parse("2026-11-22T11:30:00Z"), ZoneOffset.UTC),
                "tester",
                "local[2]",
                Map.of());
        large.taker().take(large.datasets(List.of()), captured -> dev.lastgood.rule.Verdict.PASS);
        records.selectExpr("id", "-id - 1 as total", "concat('c', id % 9) as region")
                .write()
                .mode("overwrite")
                .parquet(data);
        AuditJob.Audit found = large.auditJob().run(large.datasets(List.of()), "latest", Severity.ERROR);

        Path page = here.resolve("report.html");
        new ReportJob(large, "1.2.3").write(found.id(), Optional.empty(), Optional.of(page));

        assertThat(found.document().at("/rules/0/violations").asLong()).isEqualTo(1_000_000);
        System.err.printf("the report of a million findings has %,d bytes%n", Files.size(page));
        assertThat(page).content().hasSizeLessThan(1 << 20);
        org.jsoup.nodes.Document html = org.jsoup.Jsoup.parse(Files.readString(page));
        assertThat(html.select("#rules tbody tr td.number").eachText()).startsWith("1,000,000", "1,000,000");
        assertThat(html.select(".figures div").eachText()).contains("records in incidents 1,000,000");
        assertThat(html.select("#records details")).hasSizeLessThanOrEqualTo(200);
    }

    private static ReportJob job() {
        return new ReportJob(workplace, "1.2.3");
    }

    @Test
    void the_report_is_of_the_audit_in_the_store() {
        Report report = job().report("", Optional.empty());

        assertThat(report.audit().path("audit")).isEqualTo(audit.document().path("audit"));
        for (String part : List.of("verdict", "baseline", "datasets", "schema", "rules")) {
            assertThat(report.audit().path(part).toString())
                    .isEqualTo(audit.document().path(part).toString());
        }
        assertThat(report.classes())
                .containsExactly(
                        new Report.ClassCount("orders", "consistent", 1),
                        new Report.ClassCount("orders", "corrupt", 103),
                        new Report.ClassCount("orders", "pre-existing", 5));
        assertThat(report.fields()).containsExactly(new Report.FieldCount("orders", "total", "sign", "corrupt", 100));
        assertThat(report.samples())
                .extracting(
                        Report.Sample::incident,
                        Report.Sample::records,
                        sample -> sample.changes().size(),
                        sample -> sample.findings().size())
                .containsExactly(tuple("i1", 100L, 40, 40), tuple("i2", 3L, 3, 3), tuple("", 6L, 1, 5));
        assertThat(report.provenance().version()).isEqualTo("1.2.3");
        assertThat(report.provenance().by()).isEqualTo("tester");
        assertThat(report.provenance().baselines())
                .singleElement()
                .satisfies(baseline -> assertThat(baseline.capture()).isNotNull());
        assertThat(report.rules())
                .extracting(Report.Statement::id, rule -> rule.audited().keySet())
                .containsExactly(
                        tuple(
                                "total-positive",
                                java.util.Set.of(report.rules().get(0).hash())),
                        tuple(
                                "not-deleted",
                                java.util.Set.of(report.rules().get(1).hash())));
    }

    @Test
    void the_report_tells_what_the_audit_found_out_about_each_incident() throws IOException {
        Path out = folder.resolve("told.html");
        Document page = Jsoup.parse(Files.readString(Path.of(job().write("", Optional.empty(), Optional.of(out)))));
        JsonNode incident = audit.document().at("/incidents/0");

        Map<String, String> facts = new HashMap<>();
        page.expectFirst("#incidents article")
                .select("dl.facts > div")
                .forEach(fact ->
                        facts.put(fact.select("dt").text(), fact.select("dd").text()));
        assertThat(facts)
                .containsEntry("Records", "100")
                .containsEntry("Damaged fields", "total")
                .containsEntry("Written", "the dataset does not say when")
                .containsEntry("Last good capture", capture(incident.path("lastGood"), "none is known"))
                .containsEntry("First bad capture", capture(incident.path("firstBad"), "only the audit saw it"));
    }

    private static String capture(JsonNode capture, String none) {
        return capture.isNull()
                ? none
                : "%s captured by %s"
                        .formatted(
                                capture.path("snapshot").asText(),
                                capture.path("at").asText());
    }

    @Test
    void what_is_masked_stands_nowhere_in_it_and_not_in_what_it_is_made_from() throws IOException {
        Path out = folder.resolve("out.html");
        String html = Files.readString(Path.of(job().write("", Optional.empty(), Optional.of(out))));
        assertThat(audit.document().toString())
                .as("a signature is made of values, and audit.json is for people too")
                .contains("\"region\":\"***\"")
                .doesNotContain("atlantis");
        assertThat(html).doesNotContain("atlantis", "secret.example", "<b>").contains("***");
        Document page = Jsoup.parse(html);
        assertThat(page.expectFirst("#incidents article").text()).contains("region ***");
    }

    @Test
    void it_is_published_once_with_its_audit_and_once_with_each_plan() throws IOException {
        String location = job().write(audit.id(), Optional.empty(), Optional.empty());
        assertThat(location).endsWith("audits/" + audit.id() + "/report.html");
        byte[] published =
                workplace.store().read("audits/" + audit.id() + "/report.html").orElseThrow();
        assertThat(Jsoup.parse(new String(published, StandardCharsets.UTF_8))
                        .select("#verdict h1")
                        .text())
                .isEqualTo("✗ FAIL");

        ObjectNode plan = JsonNodeFactory.instance.objectNode().put("plan", "9f3c2b7a41de");
        Optional<Report.Restore> restore = Optional.of(new Report.Restore(plan, List.of(), List.of()));
        assertThat(job().write(audit.id(), restore, Optional.empty())).endsWith("/report-9f3c2b7a41de.html");

        ReportJob later = new ReportJob(workplace, "1.2.4");
        assertThatThrownBy(() -> later.write(audit.id(), Optional.empty(), Optional.empty()))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                    error: there is a report already: %s
                    hint: Open that one, or say with --out FILE where to write another.\
                    """.formatted(location));
        Path out = folder.resolve("again.html");
        assertThat(later.write(audit.id(), Optional.empty(), Optional.of(out))).isEqualTo(out.toString());
        later.write(audit.id(), Optional.empty(), Optional.of(out));
        assertThat(Files.readString(out))
                .as("a file that was named is replaced")
                .contains("lastgood 1.2.4");
    }

    @Test
    void there_must_be_an_audit_and_a_place() {
        assertThatThrownBy(() -> job().write("1999", Optional.empty(), Optional.empty()))
                .hasMessage("""
                    error: there is no audit '1999'
                    hint: The last one is %s.\
                    """.formatted(audit.id()));
        Path nowhere = folder.resolve("no/such/report.html");
        assertThatThrownBy(() -> job().write("", Optional.empty(), Optional.of(nowhere)))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("""
                        error: %s cannot be written: its folder is not there
                        hint: Name a file in a folder that is there and may be written to.\
                        """.formatted(nowhere));
    }
}
