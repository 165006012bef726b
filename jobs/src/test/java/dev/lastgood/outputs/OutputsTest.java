package dev.lastgood.outputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.lastgood.WorkspaceForTests;
import dev.lastgood.record.JsonValues;
import dev.lastgood.rule.Outcome;
import dev.lastgood.rule.Verdict;
import io.openlineage.client.OpenLineage.DataQualityAssertionsDatasetFacetAssertions;
import io.openlineage.client.OpenLineage.InputDataset;
import io.openlineage.client.OpenLineage.RunEvent;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.TestSuiteXmlParser;
import org.hawkular.agent.prometheus.text.TextPrometheusMetricsProcessor;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.hawkular.agent.prometheus.walkers.CollectorPrometheusMetricsWalker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What machines read, read by the readers that others have written for it. */
final class OutputsTest {
    private static final Run RUN = new Run("audit", "shop \"of\" all", Instant.parse("2026-11-22T02:00:03.5Z"), "1.2");

    /** A rule of every outcome, with and without a say; with characters that every format has to escape. */
    private static final String DOCUMENT = """
            {"formatVersion": 1, "audit": "20261122T020000Z-7f3a", "verdict": "FAIL", "failOn": "error",
             "datasets": [{"name": "orders", "before": 40, "after": 42, "added": 3, "removed": 1, "changed": 5, "unchanged": 34}],
             "rules": [
              {"id": "good", "dataset": "orders", "outcome": "PASS", "severity": "error", "examined": 42, "violations": 0, "reason": "", "decides": true},
              {"id": "bad", "dataset": "orders", "outcome": "FAIL", "severity": "error", "examined": 42, "violations": 7, "reason": "<a> & \\"b\\", 100 %\\n\\u0007c: \\\\d", "decides": true},
              {"id": "told", "dataset": "orders", "outcome": "FAIL", "severity": "warn", "examined": 42, "violations": 2, "reason": "", "decides": false},
              {"id": "empty", "dataset": "orders", "outcome": "SKIP", "severity": "error", "examined": 0, "violations": 0, "reason": "no record is inside of it", "decides": true},
              {"id": "may-be-empty", "dataset": "orders", "outcome": "SKIP", "severity": "error", "examined": 0, "violations": 0, "reason": "no record is inside of it", "decides": false},
              {"id": "broken", "dataset": "orders", "outcome": "ERROR", "severity": "error", "examined": 0, "violations": 0, "reason": "could not be evaluated", "decides": true}],
             "incidents": [{"id": "i1"}]}""";

    private static Checked checked() {
        return Checked.audit(
                RUN, WorkspaceForTests.json(DOCUMENT), Map.of("bad", new Checked.Written("shop/rules/a,b.yaml", 12)));
    }

    private static Checked nothing(Verdict verdict) {
        return Checked.audit(
                RUN,
                WorkspaceForTests.json("{\"verdict\": \"%s\", \"rules\": [], \"incidents\": []}".formatted(verdict)),
                Map.of());
    }

    // ---- JUnit

    @Test
    void junit_shows_as_passed_what_passed_and_nothing_else() throws Exception {
        List<ReportTestSuite> suites = suites(JUnitXml.of(checked()));

        assertThat(suites).hasSize(2);
        Map<String, String> endings = new TreeMap<>();
        for (ReportTestSuite suite : suites) {
            suite.getTestCases().forEach(one -> endings.put(one.getName(), ending(one)));
        }
        assertThat(endings)
                .isEqualTo(new TreeMap<>(Map.of(
                        "verdict", "failure FAIL",
                        "good", "passed",
                        "bad", "failure FAIL",
                        "told", "skipped",
                        "empty", "error SKIP",
                        "may-be-empty", "skipped",
                        "broken", "error ERROR")));
        ReportTestSuite orders = suites.get(1);
        assertThat(orders.getNumberOfTests()).isEqualTo(6);
        assertThat(orders.getNumberOfFailures()).isEqualTo(1);
        assertThat(orders.getNumberOfErrors()).isEqualTo(2);
        assertThat(orders.getNumberOfSkipped()).isEqualTo(2);
        assertThat(orders.getTestCases().get(1).getFailureMessage())
                .isEqualTo("FAIL, 7 of 42: <a> & \"b\", 100 %\n\uFFFDc: \\d");
    }

    @ParameterizedTest
    @EnumSource(Verdict.class)
    void junit_of_a_run_without_a_rule_has_a_case_that_says_the_verdict(Verdict verdict) throws Exception {
        List<ReportTestSuite> suites = suites(JUnitXml.of(nothing(verdict)));

        assertThat(suites).hasSize(1);
        assertThat(ending(suites.get(0).getTestCases().get(0)))
                .isEqualTo(
                        switch (verdict) {
                            case PASS -> "passed";
                            case FAIL -> "failure FAIL";
                            case INCONCLUSIVE -> "error INCONCLUSIVE";
                        });
    }

    private static List<ReportTestSuite> suites(String xml) throws Exception {
        var bytes = new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8));
        return new TestSuiteXmlParser(new NullConsoleLogger())
                .parse(new InputStreamReader(bytes, StandardCharsets.UTF_8));
    }

    private static String ending(ReportTestCase one) {
        return one.hasSkipped()
                ? "skipped"
                : one.hasFailure()
                        ? "failure " + one.getFailureType()
                        : one.hasError() ? "error " + one.getFailureType() : "passed";
    }

    // ---- Prometheus

    @Test
    void prometheus_reads_every_number_of_the_document() {
        Map<String, Double> samples = samples(PrometheusText.of(checked()));

        assertThat(samples)
                .containsEntry("lastgood_run_timestamp_seconds", 1795312803.0)
                .containsEntry("lastgood_verdict verdict=PASS", 0.0)
                .containsEntry("lastgood_verdict verdict=FAIL", 1.0)
                .containsEntry("lastgood_verdict verdict=INCONCLUSIVE", 0.0)
                .containsEntry("lastgood_checks outcome=PASS", 1.0)
                .containsEntry("lastgood_checks outcome=FAIL", 1.0)
                .containsEntry("lastgood_checks outcome=SKIP", 1.0)
                .containsEntry("lastgood_checks outcome=ERROR", 1.0)
                .containsEntry("lastgood_incidents", 1.0)
                .containsEntry("lastgood_dataset_records dataset=orders side=after", 42.0)
                .containsEntry("lastgood_dataset_changes change=removed dataset=orders", 1.0)
                .containsEntry("lastgood_check_violations check=bad dataset=orders decides=true severity=error", 7.0)
                .containsEntry("lastgood_check_violations check=told dataset=orders decides=false severity=warn", 2.0)
                .containsEntry(
                        "lastgood_check_outcome check=empty dataset=orders decides=true outcome=PASS severity=error",
                        0.0)
                .containsEntry(
                        "lastgood_check_outcome check=empty dataset=orders decides=true outcome=SKIP severity=error",
                        1.0);
        for (String check : List.of("good", "bad", "told", "empty", "may-be-empty", "broken")) {
            assertThat(samples.entrySet().stream()
                            .filter(one -> one.getKey().startsWith("lastgood_check_outcome check=%s ".formatted(check)))
                            .mapToDouble(Map.Entry::getValue)
                            .sum())
                    .as(check)
                    .isEqualTo(1);
        }
    }

    private static Map<String, Double> samples(String text) {
        var walker = new CollectorPrometheusMetricsWalker();
        new TextPrometheusMetricsProcessor(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), walker)
                .walk();
        Map<String, Double> samples = new TreeMap<>();
        for (MetricFamily family : walker.getAllMetricFamilies()) {
            family.getMetrics().forEach(metric -> {
                StringBuilder name = new StringBuilder(family.getName());
                new TreeMap<>(metric.getLabels())
                        .forEach((label, value) -> name.append(
                                label.equals("workspace") || label.equals("command")
                                        ? ""
                                        : " %s=%s".formatted(label, value)));
                assertThat(samples.put(name.toString(), ((Gauge) metric).getValue()))
                        .as("a second " + name)
                        .isNull();
            });
        }
        return samples;
    }

    // ---- verifications, tests of rules, and status

    /** In two portions: one snapshot told of twice, one that read files and does not know, one damaged before. */
    private static Checked verified() {
        return Checked.verification(RUN, WorkspaceForTests.json("""
                {"verdict": "FAIL",
                 "verifications": [
                  {"snapshot": "20261121T020000Z-aaaa", "dataset": "orders", "level": "L2", "verdict": "FAIL", "files": 8, "damages": [{"kind": "CORRUPT", "file": "a", "detail": "b"}]},
                  {"snapshot": "20261121T020000Z-aaaa", "dataset": "orders", "level": "L2", "verdict": "FAIL", "files": 9, "damages": [{"kind": "CORRUPT", "file": "a", "detail": "b"}]},
                  {"snapshot": "20261122T020000Z-bbbb", "dataset": "orders", "level": "L2", "verdict": "PASS", "files": 4, "damages": []},
                  {"snapshot": "20261122T020000Z-bbbb", "dataset": "orders", "level": "L4", "verdict": "INCONCLUSIVE", "files": 4, "damages": []},
                  {"snapshot": "20261122T020000Z-bbbb", "dataset": "items", "level": "L4", "verdict": "INCONCLUSIVE", "files": 0, "damages": []}],
                 "damaged": [
                  {"snapshot": "20261121T020000Z-aaaa", "dataset": "orders", "level": "L2"},
                  {"snapshot": "20261120T020000Z-cccc", "dataset": "orders", "level": "L1"}],
                 "coverage": [
                  {"level": "L0", "units": 4, "covered": 4, "damaged": 0},
                  {"level": "L2", "units": 40, "covered": 12, "damaged": 0}]}"""));
    }

    @Test
    void a_snapshot_is_told_as_it_was_found_last_and_one_known_to_be_damaged_is_named() {
        assertThat(verified().checks())
                .extracting(check -> check.dataset() + " " + check.id() + " " + check.said())
                .containsExactly(
                        "orders 20261121T020000Z-aaaa L2 FAIL, 1 of 9: CORRUPT a: b",
                        "orders 20261122T020000Z-bbbb L2 PASS, 0 of 4",
                        "orders 20261122T020000Z-bbbb L4 ERROR, 0 of 4",
                        "items 20261122T020000Z-bbbb L4 SKIP",
                        "orders 20261120T020000Z-cccc known FAIL: it was found damaged before, at L1",
                        " L0 of all PASS, 0 of 4",
                        " L2 of all SKIP, 0 of 40: 12 of 40 were looked at and are sound");
        assertThat(JsonValues.write(WebhookBody.SLACK.of(verified())))
                .contains("2 passed, 2 failed, 2 examined nothing, 1 could not")
                .contains("20261120T020000Z-cccc known");
    }

    @Test
    void prometheus_counts_snapshots_and_has_no_series_of_one() {
        String text = PrometheusText.of(verified());

        // No series is there twice: that is asserted where they are read.
        assertThat(samples(text))
                .containsEntry(
                        "lastgood_check_outcome check=L2 dataset=orders decides=true outcome=FAIL severity=", 1.0)
                .containsEntry(
                        "lastgood_check_outcome check=L2 dataset=orders decides=true outcome=PASS severity=", 1.0)
                .containsEntry("lastgood_check_examined check=L2 dataset=orders decides=true severity=", 13.0);
        assertThat(text).doesNotContain("aaaa", "bbbb", "cccc");
    }

    @Test
    void tests_of_rules_that_passed_are_counted_and_two_on_one_line_are_one_series() throws Exception {
        Checked good = Checked.tests(
                RUN,
                WorkspaceForTests.json("{\"verdict\": \"PASS\", \"tests\": 12, \"failures\": [], \"untested\": []}"),
                Path.of("/shop"));
        Checked bad = Checked.tests(RUN, WorkspaceForTests.json("""
                {"verdict": "FAIL", "tests": 12, "untested": ["none"], "failures": [
                 {"message": "a", "place": "/shop/rules/a.yaml:8:9"}, {"message": "b", "place": "/shop/rules/a.yaml:8:40"}]}"""), Path.of("/shop"));

        assertThat(samples(PrometheusText.of(good))).containsEntry("lastgood_checks outcome=PASS", 12.0);
        assertThat(JUnitXml.of(bad)).contains("FAIL: 10 checks passed, 2 failed");
        assertThat(samples(PrometheusText.of(bad)))
                .containsEntry(
                        "lastgood_check_outcome check=rules/a.yaml:8 dataset= decides=true outcome=FAIL severity=",
                        2.0);
    }

    @Test
    void a_status_says_what_is_due_and_when_the_last_snapshot_was_taken() {
        Checked status = Checked.status(RUN, WorkspaceForTests.json("""
                {"verdict": "INCONCLUSIVE", "datasets": [
                 {"name": "orders", "snapshots": 3, "latest": {"captured": "2026-11-21T02:00:00Z"}, "damaged": [], "due": [], "verdict": "PASS"},
                 {"name": "items", "snapshots": 0, "latest": null, "damaged": [], "due": ["a snapshot: there is none"], "verdict": "INCONCLUSIVE"}]}"""));

        assertThat(samples(PrometheusText.of(status)))
                .containsEntry("lastgood_snapshot_timestamp_seconds dataset=orders", 1795226400.0)
                .containsEntry("lastgood_snapshot_timestamp_seconds dataset=items", 0.0);
        assertThat(status.checks().get(1).said()).isEqualTo("SKIP: due: a snapshot: there is none");
        assertThat(JsonValues.write(WebhookBody.GENERIC.of(status))).contains("items backups");
    }

    @Test
    void a_section_of_slack_is_never_longer_than_it_takes() {
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            rules.append(i == 0 ? "" : ",").append("""
                    {"id": "%d-%s", "dataset": "orders", "outcome": "FAIL", "severity": "error", "examined": 9, "violations": 9, "reason": "", "decides": true}""".formatted(i, "&".repeat(i == 0 ? 4000 : 100)));
        }
        JsonNode body = WebhookBody.SLACK.of(Checked.audit(
                RUN,
                WorkspaceForTests.json("{\"verdict\": \"FAIL\", \"rules\": [%s], \"incidents\": []}".formatted(rules)),
                Map.of()));

        String list = body.at("/blocks/1/text/text").asText();
        assertThat(list.length()).isLessThanOrEqualTo(3000);
        assertThat(list).startsWith("FAIL 0-&amp;").containsPattern("FAIL 1-.*\\n(.*\\n)*and 2[0-9] more$");
    }

    // ---- OpenLineage

    @Test
    void openlineage_calls_a_success_what_passed_and_nothing_else() throws JsonProcessingException {
        JsonNode json = OpenLineage.of(
                checked(), Map.of("orders", new OpenLineage.Name("postgres://db1:5432", "shop.public.orders")));
        RunEvent event = JsonMapper.builder()
                .addModule(new JavaTimeModule())
                .build()
                .readValue(JsonValues.write(json), RunEvent.class);

        assertThat(event.getEventType()).isEqualTo(RunEvent.EventType.COMPLETE);
        assertThat(event.getEventTime().toInstant()).isEqualTo(RUN.at());
        assertThat(event.getRun().getRunId()).isNotNull();
        assertThat(event.getJob().getName()).isEqualTo("audit");
        InputDataset orders = event.getInputs().get(0);
        assertThat(orders.getNamespace() + " " + orders.getName()).isEqualTo("postgres://db1:5432 shop.public.orders");
        assertThat(orders.getInputFacets().getDataQualityMetrics().getRowCount())
                .isEqualTo(42);
        assertThat(orders.getInputFacets().getDataQualityAssertions().getAssertions())
                .extracting(
                        DataQualityAssertionsDatasetFacetAssertions::getAssertion,
                        DataQualityAssertionsDatasetFacetAssertions::getSuccess,
                        DataQualityAssertionsDatasetFacetAssertions::getActual,
                        DataQualityAssertionsDatasetFacetAssertions::getSeverity)
                .extracting(tuple -> tuple.toList().toString())
                .containsExactly(
                        "[good, true, PASS, error]",
                        "[bad, false, FAIL, error]",
                        "[told, false, FAIL, warn]",
                        "[empty, false, SKIP, error]",
                        "[may-be-empty, false, SKIP, warn]",
                        "[broken, false, ERROR, error]");
        assertThat(OpenLineage.of(nothing(Verdict.INCONCLUSIVE), Map.of())
                        .get("eventType")
                        .asText())
                .isEqualTo("FAIL");
    }

    // ---- GitHub

    @Test
    void github_is_pointed_at_the_line_of_the_rule() {
        assertThat(GitHubAnnotations.of(checked()))
                .containsExactly(
                        "::error file=shop/rules/a%2Cb.yaml,line=12,title=bad::FAIL, 7 of 42: <a> & \"b\", 100 %25%0A\u0007c: \\d",
                        "::warning title=told::FAIL, 2 of 42",
                        "::error title=empty::SKIP: no record is inside of it",
                        "::warning title=may-be-empty::SKIP: no record is inside of it",
                        "::error title=broken::ERROR: could not be evaluated",
                        "::error title=lastgood audit::FAIL");
        assertThat(GitHubAnnotations.of(nothing(Verdict.PASS))).containsExactly("::notice title=lastgood audit::PASS");
        assertThat(GitHubAnnotations.of(nothing(Verdict.INCONCLUSIVE)))
                .containsExactly("::error title=lastgood audit::INCONCLUSIVE");
    }

    // ---- bodies

    @ParameterizedTest
    @EnumSource(WebhookBody.class)
    void a_body_names_and_counts_all_trouble_and_gives_no_reason(WebhookBody form) {
        String body = JsonValues.write(form.of(checked()));

        assertThat(body)
                .contains("FAIL: lastgood audit of shop", "1 passed, 1 failed, 1 examined nothing, 1 could not")
                .contains("bad", "empty", "broken")
                .doesNotContain("told", "may-be-empty", "100 %", "no record");
    }

    @Test
    void a_run_that_came_to_no_end_is_trouble_everywhere() throws Exception {
        Checked failed = Checked.failed(RUN, "a source could not be read");

        assertThat(failed.deciding(Outcome.ERROR)).isEqualTo(1);
        assertThat(suites(JUnitXml.of(failed)))
                .allMatch(suite -> suite.getNumberOfErrors() == 1 && suite.getNumberOfTests() == 1);
        assertThat(samples(PrometheusText.of(failed))).containsEntry("lastgood_verdict verdict=INCONCLUSIVE", 1.0);
        assertThat(GitHubAnnotations.of(failed)).allMatch(line -> line.startsWith("::error "));
        assertThat(JsonValues.write(WebhookBody.SLACK.of(failed)))
                .contains("INCONCLUSIVE")
                .doesNotContain("a source");
    }
}
